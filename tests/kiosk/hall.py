"""A whole hall in one process: reception, counter, outbox and sync as they are, central behind an open door instead of
a network, and a visitor who answers every page by its kind alone, so that a new item of the catalogue is walked by
itself.

Glass and readers are left out: pages are data here, and a card is known as soon as it is asked for. What goes wrong is
a ``Trouble``.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter as Count
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache, partial
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NoReturn, TypeVar, cast
from unittest import mock

from fastapi.testclient import TestClient

import main
from central.api import create_app
from central.database import Database
from central.demonstration.register import BUILT_IN, load
from central.house import House, demonstration
from central.keys import KeyFolder
from central.opening import Opening
from central.upstream import Unanswered
from devices import ReceiptPrinter
from devices.paper import Block
from devices.printer import Printed
from devices.supervisor import Supervisor
from kiosk.catalog import SEARCH
from kiosk.central import CentralClient
from kiosk.companions import PERSONS_AN_HOUR
from kiosk.contract.messages import MatterState
from kiosk.contract.refusals import Asked
from kiosk.counter import Counter
from kiosk.desk import Filed, Left
from kiosk.errors import Unavailable
from kiosk.exchange import Answer, Certificate, Exchanges
from kiosk.identification import Wording
from kiosk.identity import Person
from kiosk.keep import keep
from kiosk.manner import Manner
from kiosk.pages import (
    Attract,
    Choose,
    ChooseDay,
    ChoosePlace,
    Confirm,
    Digits,
    Done,
    EnterNumber,
    Head,
    Home,
    Notice,
    Option,
    Page,
    PlaceCard,
    Rating,
    ReceiptPreview,
    Result,
    Search,
    SendPapers,
    Table,
    Tick,
    Wait,
    Words,
)
from kiosk.printing import Style
from kiosk.reserve import OCTETS, Reserve
from kiosk.settings import check_settings
from kiosk.sync import Pace, Sync
from kiosk.trust import Trust
from tests.central.kiosks import SignedBy

A = TypeVar("A")

Trouble = Literal["none", "offline", "upstream", "slow", "no printer", "card", "disk", "idle"]
"""What goes wrong: nothing; no network; the authority does not answer; central does not; no printer; the card cannot be
used; the disk has no room; the visitor goes away on the page that would be answered last."""

PACE = Pace(heartbeat=0.05, first=0.01, most=0.02, matter_first=0.01, matter_most=0.2, refused=0.05, rest_most=0.02)
PAGES_AT_MOST = 60
NO_DISK_HAS = 1 << 60
"""Bytes."""
WITHIN = 60.0
PATIENT, IMPATIENT = 10.0, 0.2
"""Seconds for central's answer to what was recorded: where it comes, and where it does not."""


@dataclass
class Walk:
    """What one visitor saw, from the home page to the home page."""

    code: str
    trouble: Trouble
    leaves_at: int | None = None
    drawn: bool = False
    """Whether its pages are shown to anybody: a hall has no glass, a program may have one."""
    pages: list[Page[object]] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)
    filed: list[Filed] = field(default_factory=list)
    papers: list[list[Block]] = field(default_factory=list)
    after_filing: list[object] = field(default_factory=list)
    """Pages and papers since something was recorded."""
    stuck: str = ""
    taken: Count[tuple[str, object]] = field(default_factory=Count)

    @property
    def states(self) -> set[MatterState]:
        return {filed.state for filed in self.filed}

    @property
    def last(self) -> Page[object]:
        """The page before the home page came again, but for the question how it was."""
        return next(page for page in reversed(self.pages) if not isinstance(page, Rating) and page.name != "rating")


@dataclass
class Hall:
    """The machine, the door to central, and who is in the hall."""

    machine: main.Machine
    door: Door
    visitor: Visitor
    printer: Supervisor[ReceiptPrinter]
    reserve: Reserve

    async def suffer(self, trouble: Trouble) -> None:
        """From here on this goes wrong. Slow is what was there: one that was away comes back first."""
        gear = self.machine.equipment
        self.door.trouble = "none" if trouble == "slow" else trouble
        gear.answer_within = PATIENT if trouble in ("none", "no printer") else IMPATIENT
        gear.printer = None if trouble == "no printer" else self.printer
        self.reserve.octets = NO_DISK_HAS if trouble == "disk" else OCTETS
        async with asyncio.timeout(WITHIN):
            while gear.sync.online == (trouble == "offline"):
                gear.sync.nudge()
                await asyncio.sleep(0.005)
        self.door.trouble = trouble
        if trouble in ("none", "no printer"):
            assert await gear.sync.drain(WITHIN)

    async def walk(self, code: str, trouble: Trouble = "none", *, leaves_at: int | None = None) -> Walk:
        """One visitor, through one service, until the home page stands again."""
        walk = Walk(code, trouble, leaves_at)
        async with asyncio.timeout(WITHIN):
            await self.visitor.goes(walk)
        return walk


def at_pace(pace: Pace) -> AbstractContextManager[object]:
    """Machines that are put together meanwhile carry their records in another pace than in a hall."""
    return mock.patch("main.Sync", partial(Sync, pace=pace))


@asynccontextmanager
async def open_hall(
    folder: Path,
    visitors: Callable[[Callable[[], str]], Visitor] | None = None,
    tables: Mapping[str, object] = MappingProxyType({}),
) -> AsyncIterator[Hall]:
    """A hall that has met its central, with the demonstration's authorities and people behind it. ``tables``: what else
    its settings say."""
    with central_behind(folder / "central") as door:
        visitor = (visitors or Visitor)(door.last_code)
        settings = check_settings({**tables, "central": {"url": "http://central"}}, "the hall")
        with mock.patch("main.CentralClient", partial(client_at, door)), at_pace(PACE):
            machine = main.put_together(settings, folder / "kiosk", visitor)
        gear = machine.equipment
        gear.on_filed, gear.on_paper = visitor.filed, visitor.paper
        (folder / "kiosk").mkdir(exist_ok=True)
        await gear.outbox.start()
        with (
            mock.patch("kiosk.counter.person_shown", visitor.shows),
            mock.patch("kiosk.counter._WAIT_PAGE_AFTER", 5.0),
            mock.patch("central.codes.PER_HOUR", 1000),  # one visitor does all that there is in a minute
        ):
            async with asyncio.TaskGroup() as group:

                def serve(name: str) -> asyncio.Task[None]:
                    return group.create_task(keep(name, machine.services[name], visitor.failed), name=name)

                tasks = [serve(name) for name in ("reception", "sync", "outbox")]
                printer = cast("Supervisor[ReceiptPrinter]", TirelessPrinter())
                reserve = gear.outbox._ledger.reserve
                assert reserve is not None
                hall = Hall(machine, door, visitor, printer, reserve)
                await hall.suffer("none")
                async with asyncio.timeout(WITHIN):
                    while not gear.sync.first_contact_done:  # noqa: ASYNC110 - of another thread
                        await asyncio.sleep(0.005)
                tasks.append(serve("datasets"))
                async with asyncio.timeout(WITHIN):
                    while any(machine.datasets.current(name) is None for name in machine.datasets.names):  # noqa: ASYNC110
                        await asyncio.sleep(0.005)
                with mock.patch("kiosk.reception.gc"):  # what stands here is central's too, and large to look through
                    yield hall
                for task in tasks:
                    task.cancel()
        await main.close(machine)


# -- central -----------------------------------------------------------------------------------------------------------


class Door:
    """Central's API without a network between: what ``Exchanges`` is to a client. From any thread."""

    def __init__(self, api: TestClient, without_authorities: TestClient) -> None:
        self._api, self._without = api, without_authorities
        self.trouble: Trouble = "none"
        self.asked = 0
        """How often somebody came for more than to say hello."""

    def exchange(self, trust: Trust, method: str, path: str, body: bytes | None) -> Answer:
        if self.trouble == "offline":
            raise Unavailable("offline")
        hello = path == "/v1/health" or path.startswith("/v1/time?")
        if self.trouble == "slow" and not hello and path != "/v1/keys":
            raise Unavailable("slow")
        self.asked += not hello
        api = self._without if self.trouble == "upstream" else self._api
        assert trust.device is not None
        auth = SignedBy(trust.device, trust.now)
        answer = api.request(method, path, content=body, headers={"content-type": "application/json"}, auth=auth)
        kind = answer.headers.get("content-type", "").partition(";")[0]
        asked = Asked(method=method, target=path, signature=answer.request.headers["signature"])
        return Answer(status=answer.status_code, kind=kind, content=answer.content, after=0.0, asked=asked)

    def last_code(self) -> str:
        """The code on the demonstration's telephone."""
        texts = [message["text"] for message in self._api.get("/v1/demonstration/messages").json()]
        return next(found[1] for text in reversed(texts) if (found := re.search(r"验证码 (\d{6})", text)))


@dataclass(frozen=True)
class Way:
    """One client's way through the door."""

    door: Door
    trust: Trust

    def exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        within: float,
        *,
        again: bool,
        known: str | None = None,
        on: Certificate = "valid",
        ready: None = None,
    ) -> Answer:
        return self.door.exchange(self.trust, method, path, body)

    def ready(self, method: str, path: str, body: bytes | None) -> None:
        """It is made as it goes through the door."""

    def close(self) -> None:
        """It is the hall's."""


def client_at(door: Door, url: str, trust: Trust) -> CentralClient:
    """A client that goes through the door."""
    client = CentralClient(url, trust)
    client._exchanges = cast("Exchanges", Way(door, trust))
    return client


class Silent:
    """An authority that answers nothing."""

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        def unanswered(*_arguments: object, **_named: object) -> NoReturn:
            raise Unanswered("silent")

        return unanswered


@contextmanager
def central_behind(folder: Path) -> Iterator[Door]:
    """Central with the demonstration's authorities; its opener works whenever it is called."""
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{folder}/central.db")
    database.migrate()
    house = demonstration(database, KeyFolder(folder / "keys"), load(BUILT_IN), persons_an_hour=PERSONS_AN_HOUR)
    silent = replace(house, upstreams=replace(house.upstreams, medical=Silent(), social=Silent()))
    with apis(house, folder) as api, apis(silent, folder) as without:
        yield Door(api, without)
    database.close()


@contextmanager
def apis(house: House, folder: Path) -> Iterator[TestClient]:
    opening = Opening(
        database=house.database,
        folder=KeyFolder(folder / "keys"),
        references=house.references,
        upstreams=house.upstreams,
        now=house.now,
        places=house.places,
        public_url=house.public_url,
    )
    opening.publish_keys()

    opening.say_awake()

    def work() -> None:
        opening.say_awake()
        while opening.work_off():
            pass

    app = create_app(house, wake=work, closing=lambda: False)
    with TestClient(app, base_url="http://central", raise_server_exceptions=False) as client:
        yield client


# -- the visitor -------------------------------------------------------------------------------------------------------


@cache
def visitor_person(code: str = "lin-xiuying") -> Person:
    """Somebody of the register, as a resident card shows them; by default a woman who is insured and has a telephone on
    record."""
    resident = next(person for person in load(BUILT_IN).people if person.id == code)
    assert resident.birth is not None
    return Person(
        name=resident.name, number=resident.number, sex="female", birth=resident.birth, card="resident", valid_to=None
    )


class Visitor:
    """Screens with somebody before them who answers at once, by the kind of the page: what was not tried on a page goes
    first, and what leads away goes last."""

    def __init__(self, last_code: Callable[[], str]) -> None:
        """``last_code`` looks at the telephone. Blocking."""
        self.person = visitor_person()
        self._last_code = last_code
        self._comes: asyncio.Queue[Walk] = asyncio.Queue()
        self._walk: Walk | None = None
        self._gone = asyncio.Event()
        self._wiped = 0

    async def goes(self, walk: Walk) -> None:
        self._gone.clear()
        self._comes.put_nowait(walk)
        await self._gone.wait()

    async def show(self, page: Page[A], head: Head, draft: A | None = None) -> A:
        if isinstance(page, Home):
            if self._walk is not None:
                self._walk = None
                self._gone.set()
            comes = self._walk = await self._comes.get()
            return cast(A, self.answers(cast("Page[object]", page), comes))
        if isinstance(page, Attract):
            return cast(A, None)
        walk = self._walk
        if isinstance(page, Wait) or walk is None:
            await asyncio.get_running_loop().create_future()
        assert walk is not None
        seen = cast("Page[object]", page)
        walk.pages.append(seen)
        walk.heads.append(head)
        if walk.filed:
            walk.after_filing.append(seen)
        if len(walk.pages) > PAGES_AT_MOST:
            walk.stuck = f"{PAGES_AT_MOST} pages, and no end"
            raise Left("idle")
        if walk.leaves_at == len(walk.pages):
            raise Left("idle")
        if isinstance(page, Digits) and page.name == "code":
            return cast(A, await asyncio.to_thread(self._last_code))
        answer = self.answers(seen, walk)
        if answer is STUCK:
            walk.stuck = f"nothing to press on {page.name}: {page.question}"
            raise Left("idle")
        return cast(A, answer)

    def answers(self, page: Page[object], walk: Walk) -> object:
        """What is answered; STUCK: nothing."""
        return answer_to(page, walk)

    async def shows(self, counter: Counter, beside: Person | None = None, wording: Wording | None = None) -> Person:
        """Holds the card to the reader, or one of the family's, or finds that it cannot be used."""
        if self._walk is not None and self._walk.trouble == "card":
            await counter.turn_away("没有读到身份证", "请到服务台办，工作人员马上帮您。")
        return self.person if beside is None else visitor_person("chen-jianguo")

    def filed(self, filed: Filed) -> None:
        if self._walk is not None:
            self._walk.filed.append(filed)

    def paper(self, blocks: list[Block], _style: Style) -> None:
        if self._walk is not None:
            self._walk.papers.append(blocks)
            if self._walk.filed:
                self._walk.after_filing.append(blocks)

    def failed(self, name: str | None) -> None:
        if name is not None and self._walk is not None:
            self._walk.stuck = f"{name} keeps failing"

    def wipe(self) -> None:
        self._wiped += 1

    unused_for = inf

    def dress(self, manner: Manner) -> None:
        """Whatever they wear."""

    def update_status(self, *, network: bool | None, printer: str, unreadable: str | None) -> None:
        """Seen by nobody."""


STUCK = object()
UNKNOWN_NUMBER = "K001-26-000317-7Q4X7"
"""The number of a matter that nobody recorded here."""
AWAY = ("home", "leave", "foot:home", "cancel", "finish", "back", "at-desk")


def answer_to(page: Page[object], walk: Walk) -> object:
    """By the kind of the page; STUCK where all was tried."""
    match page:
        case Home():
            return SEARCH
        case Search():
            values = [option.value for option in page.options]
            return walk.code if walk.code in values else untried(page, walk, tuple(values))
        case Rating():
            return page.skip.value
        case Confirm() | PlaceCard():
            return None
        case Digits():
            known = {11: "13900000000", 18: "33990220261101122X"}
            tries = (known.get(page.length, "1" * (page.shortest or page.length)),)
            return untried(page, walk, (*tries, *((page.aside.value,) if page.aside else ())))
        case EnterNumber():
            return UNKNOWN_NUMBER
        case Words():
            return untried(page, walk, (page.example or "三", "张三"))
        case Tick():
            return tuple(option.value for option in page.options if option.enabled)[:1]
        case ChooseDay():
            return page.likely[0].value
        case ChoosePlace():
            return untried(page, walk, tuple(option.value for option in page.common))
        case Choose():
            return untried(page, walk, pressable((*page.options, *((page.aside,) if page.aside else ()))))
        case Result() | Table() | Done() | Notice() | ReceiptPreview() | SendPapers():
            return untried(page, walk, pressable(page.actions))
        case _:
            return STUCK


def pressable(options: tuple[Option[A], ...]) -> tuple[object, ...]:
    """What can be pressed: what is to be done next first, ways out last."""
    there = [option for option in options if option.enabled]
    there.sort(key=lambda option: (option.value in AWAY, not option.primary))
    return tuple(option.value for option in there)


def untried(page: Page[A], walk: Walk, answers: tuple[object, ...]) -> object:
    """The first of the answers that was not given to this page twice."""
    for most in (0, 1):
        for answer in answers:
            if walk.taken[page.name, answer] <= most:
                walk.taken[page.name, answer] += 1
                return answer
    return STUCK


class TirelessPrinter:
    """A printer that is there and prints."""

    state = health = "ready"
    hindrance = None

    async def use(self, _work: object) -> Printed:
        return Printed()


def texts_of(shown: object) -> Iterator[str]:
    """Every text on a page or a paper."""
    if isinstance(shown, str):
        yield shown
    elif isinstance(shown, list | tuple):
        for each in shown:
            yield from texts_of(each)
    elif is_dataclass(shown):
        for each in fields(shown):
            yield from texts_of(getattr(shown, each.name))
