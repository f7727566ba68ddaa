"""The whole machine but for its glass: programs that simulate its devices, real central, real outbox and sync.

The person in front of it is the test: it sees each page as data and answers it. The glass itself is tried by the tour
(``test_tour.py``) and in tests/screens.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar, cast

import main
from devices.control import DeviceName, Printed, SimulatorControl, Watch
from kiosk.companions import demonstration_settings, start_central, start_simulators
from kiosk.keep import keep
from kiosk.manner import Manner
from kiosk.pages import Head, Page
from kiosk.settings import check_settings
from screens.dock.telephone import Telephone

A = TypeVar("A")
ROOT = Path(__file__).parent.parent.parent
SOON = 8.0


@dataclass
class Glass:
    """Screens that show nothing and hold the page until the test answers it."""

    page: Page[object] | None = None
    head: Head | None = None
    shown: list[Page[object]] = field(default_factory=list)
    wipes: int = 0
    manner: Manner = field(default_factory=Manner)
    network: bool | None = None
    printer: str = ""
    unreadable: str | None = None
    _answer: asyncio.Future[object] | None = None
    _turned: asyncio.Event = field(default_factory=asyncio.Event)

    async def show(self, page: Page[A], head: Head, draft: A | None = None) -> A:
        self.page, self.head = cast("Page[object]", page), head
        self.shown.append(self.page)
        self._answer = asyncio.get_running_loop().create_future()
        self._turn()
        try:
            return cast(A, await self._answer)
        finally:
            self.page = self._answer = None

    def dress(self, manner: Manner) -> None:
        self.manner = manner

    unused_for: float = inf
    """Nobody's hand is on them: what is to come between two visits comes at once."""

    def wipe(self) -> None:
        self.wipes += 1
        self._turn()

    def update_status(self, *, network: bool | None, printer: str, unreadable: str | None) -> None:
        self.network, self.printer, self.unreadable = network, printer, unreadable
        self._turn()

    def _turn(self) -> None:
        self._turned.set()
        self._turned = asyncio.Event()

    # -- the person ----------------------------------------------------------------------------------------------------

    async def until(self, true: Callable[[], bool], what: str) -> None:
        """Waits for something about the screens; says what stood there when it does not come."""
        try:
            async with asyncio.timeout(SOON):
                while not true():
                    await self._turned.wait()
        except TimeoutError:
            there = f"{self.page.name}: {self.page.question}" if self.page is not None else "none"
            raise AssertionError(f"{what} did not come; the page is {there}") from None

    async def see(self, name: str, like: Callable[[Page[object]], bool] = lambda _page: True) -> Page[object]:
        """The page of that name, once it stands there and is like that."""
        await self.until(lambda: self.page is not None and self.page.name == name and like(self.page), name)
        assert self.page is not None
        return self.page

    async def see_any(self, *names: str) -> Page[object]:
        """Whichever of these pages comes."""
        await self.until(lambda: self.page is not None and self.page.name in names, " or ".join(names))
        assert self.page is not None
        return self.page

    async def answer(self, name: str, value: object) -> Page[object]:
        """Answers the page of that name; an exception is another way out."""
        page = await self.see(name)
        assert self._answer is not None
        answer = self._answer
        if isinstance(value, Exception):
            answer.set_exception(value)
        else:
            answer.set_result(value)
        await asyncio.sleep(0)
        return page

    async def walk(self, *steps: tuple[str, object]) -> None:
        """Answers page after page."""
        for name, value in steps:
            await self.answer(name, value)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """The machine, what stands around it, and the person's view of it."""

    glass: Glass
    machine: main.Machine
    around: Surroundings
    kiosk: str
    control: SimulatorControl
    papers: Watch

    async def printed(self) -> Printed:
        """The next piece of paper."""
        return await asyncio.to_thread(self._next_paper)

    def _next_paper(self) -> Printed:
        while True:
            event = self.papers.next(SOON)
            if isinstance(event, Printed):
                return event

    def tickets(self) -> int:
        """How many pieces of paper have come out so far."""
        state = self.control.state()["printer"]
        assert state is not None
        return state["tickets"]

    async def transactions(self) -> list[dict[str, object]]:
        """What central has of this kiosk, as ``python -m central transactions`` says it."""
        command = [sys.executable, "-m", "central", "transactions", "--db", self.around.database, "--json"]
        done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, check=True, timeout=30)
        return [row for row in json.loads(done.stdout) if row["kiosk"] == self.kiosk]

    async def rows(self, kind: str, within: float = SOON) -> list[dict[str, object]]:
        """Central's rows of one kind, after the outbox has drained."""
        assert await self.machine.equipment.sync.drain(within)
        return [row for row in await self.transactions() if row["kind"] == kind]

    async def code(self) -> str:
        """The newest code that the demonstration's telephones received."""
        return await asyncio.to_thread(self._newest_code)

    def _newest_code(self) -> str:
        telephone = Telephone(self.around.central)
        try:
            return next(message.code for message in reversed(telephone.received(0)) if message.code)
        finally:
            telephone.close()


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What stands around every machine of a test run: one central and one set of simulated devices."""

    central: str
    public: str
    database: str
    simulators: Mapping[str, str]
    control: SimulatorControl

    @property
    def social_cards(self) -> bool:
        """Whether there can be a PC/SC service here."""
        return bool(self.simulators["social_card"])

    @property
    def devices(self) -> tuple[DeviceName, ...]:
        """The simulated devices."""
        return ("id_card", "scanner", "printer", *(("social_card",) if self.social_cards else ()))

    def tables(self, kiosk: str) -> dict[str, dict[str, object]]:
        """The settings of a machine of its own among them."""
        tables = cast("dict[str, dict[str, object]]", demonstration_settings(self.simulators, self.public))
        tables["site"]["kiosk"] = kiosk
        return tables

    def put_in_order(self) -> None:
        """As in the morning: no card anywhere, paper in, everything plugged in."""
        self.control.lift()
        if self.social_cards:
            self.control.service(True)
            self.control.remove()
        for device in self.devices:
            self.control.clear(device)
            self.control.plug(device)
        self.control.paper("ok")
        self.control.network(True)


_numbers = itertools.count(1)


@contextmanager
def surroundings(folder: Path) -> Iterator[Surroundings]:
    """Starts central and simulators, and ends them."""
    with (
        start_central(folder) as central,
        start_simulators(central.addresses["listening"], folder / "a4") as simulators,
    ):
        yield Surroundings(
            central=central.addresses["listening"],
            public=central.addresses["public"],
            database=f"sqlite:///{(folder / 'central.db').resolve()}",
            simulators=simulators.addresses,
            control=SimulatorControl(simulators.addresses["control"]),
        )


@asynccontextmanager
async def whole_machine(
    around: Surroundings,
    data: Path,
    *,
    without: Sequence[DeviceName] = (),
    lines: Mapping[DeviceName, str] = MappingProxyType({}),
    answer_within: float = 2.0,
    central: str | None = None,
) -> AsyncIterator[Whole]:
    """A machine of its own among the surroundings, at its home page."""
    around.put_in_order()
    kiosk = f"T-{next(_numbers):03}"
    tables = around.tables(kiosk)
    for device in without:
        tables["devices"].pop(device, None)
    for device, line in lines.items():
        cast("dict[str, object]", tables["devices"][device])["line"] = line
    tables["central"]["answer_within"] = answer_within
    tables["central"]["url"] = central or tables["central"]["url"]
    glass = Glass()
    machine = main.put_together(check_settings(dict(tables), "the test"), data, glass)
    await machine.equipment.outbox.start()
    with around.control.watch() as papers:
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(keep(name, make, lambda _name: None)) for name, make in machine.services.items()
                ]
                whole = Whole(
                    glass=glass, machine=machine, around=around, kiosk=kiosk, control=around.control, papers=papers
                )
                await glass.see("home")
                yield whole
                for task in tasks:
                    task.cancel()
        finally:
            await main.close(machine)
