"""A virtual resident at a real kiosk without its glass: walks through services, one after the other, and says each
promise to an ear outside, where no kill and no power cut reaches.

The kiosk is what ``main.put_together`` makes: reception, counter, outbox, sync, printer. Only the card is known as soon
as it is asked for, and pages are answered by their kind (``tests.kiosk.hall``).
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import logging
import os
import re
import signal
import socket
import sys
import urllib.request
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeVar, cast
from unittest import mock

import main
from kiosk.desk import Filed
from kiosk.keep import keep
from kiosk.pages import Done, Head, Home, Page, Wait
from kiosk.settings import check_settings
from kiosk.sync import Pace
from tests.faults.mutants import mutated
from tests.faults.small_files import ROUNDS, small_files
from tests.kiosk.hall import Visitor, Walk, at_pace

A = TypeVar("A")

PACE: Final = Pace(heartbeat=0.3, first=0.03, most=0.3, matter_first=0.1, matter_most=1.0, refused=0.3, rest_most=0.3)
WALK_WITHIN: Final = 15.0
"""Seconds; a machine that is out of order serves nobody, and the resident goes."""
DRAIN_WITHIN: Final = 25.0
ANSWER_WITHIN: Final = 1.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One life of one kiosk: from a start of the program to its end, of its own or by force.

    ``steps``: ``contact`` waits until central said what it has, and for the printer · ``visit CODE`` · ``line WORD``
    has the line changed · ``drain`` waits until central has everything · ``tidy`` drops what central has, however new ·
    ``files`` and ``few files`` write small files · ``published SECONDS`` lets what central published come · ``wait
    SECONDS``.
    """

    kiosk: str
    data: str
    central: str
    telephone: str
    """Central's address for the person's own telephone, past every fault."""
    printer: str
    ear: str
    log: str
    steps: tuple[str, ...]
    mutant: str = ""

    def as_line(self) -> bytes:
        """One line of JSON."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def of_line(cls, line: bytes) -> Plan:
        """The plan in a line of JSON."""
        said: dict[str, str | list[str]] = json.loads(line)
        steps = tuple(said.pop("steps"))
        return cls(steps=steps, **cast("dict[str, str]", said))


class Mouth:
    """Tells the ear. Written with ``write``, so that counting what is sent does not count this."""

    def __init__(self, ear: str, kiosk: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(ear)
        self.ask(begins=kiosk, pid=os.getpid())

    def say(self, **said: object) -> None:
        """One event."""
        os.write(self._socket.fileno(), json.dumps(said).encode() + b"\n")

    def ask(self, **said: object) -> None:
        """One event, and waits until it is heard."""
        self.say(**said)
        os.read(self._socket.fileno(), 1)


class Resident(Visitor):
    """Answers pages, and tells what they promise."""

    def __init__(self, mouth: Mouth, telephone: str) -> None:
        super().__init__(lambda: newest_code(telephone))
        self._mouth = mouth
        self._promised: set[object] = set()

    async def show(self, page: Page[A], head: Head, draft: A | None = None) -> A:
        walk = self._walk
        if walk is not None and not isinstance(page, Home | Wait):
            for filed in walk.filed:
                if filed.id not in self._promised:
                    self._promised.add(filed.id)
                    self._mouth.say(promised=str(filed.id), number=filed.number, page=page.name)
        return await super().show(page, head, draft)

    def answers(self, page: Page[object], walk: Walk) -> object:
        """Who has what they came for goes home: no copies, no corrections."""
        if isinstance(page, Done) and any(option.value == "finish" for option in page.actions):
            return "finish"
        return super().answers(page, walk)

    def filed(self, filed: Filed) -> None:
        super().filed(filed)
        self._mouth.say(filed=str(filed.id), number=filed.number)


def newest_code(central: str) -> str:
    """The code that the demonstration's telephone received last. Blocking."""
    with urllib.request.urlopen(f"{central}/v1/demonstration/messages", timeout=10) as answer:
        texts = [message["text"] for message in json.load(answer)]
    return next(found[1] for text in reversed(texts) if (found := re.search(r"验证码 (\d{6})", text)))


def put_together(plan: Plan, resident: Resident) -> main.Machine:
    """The machine as it stands in a hall, in a hurry: its pauses are a tenth of the usual."""
    settings = check_settings(
        {
            "site": {"kiosk": plan.kiosk},
            "central": {"url": plan.central, "answer_within": ANSWER_WITHIN},
            "devices": {"printer": {"driver": "escpos", "line": plan.printer, "columns": 48}},
        },
        "the resident",
    )
    Path(plan.data).mkdir(parents=True, exist_ok=True)
    with at_pace(PACE):
        machine = main.put_together(settings, Path(plan.data), resident)
    gear = machine.equipment
    gear.on_filed, gear.on_paper = resident.filed, resident.paper
    return machine


async def live(plan: Plan, mouth: Mouth) -> None:
    """Runs the kiosk and takes its steps. Returns when all are taken and the kiosk is closed."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, say_where_tasks_stand)
    resident = Resident(mouth, plan.telephone)
    machine = put_together(plan, resident)
    await main._open_outbox(machine)
    with ExitStack() as patches:
        patches.enter_context(mock.patch("kiosk.counter.person_shown", resident.shows))
        patches.enter_context(mock.patch("kiosk.counter._WAIT_PAGE_AFTER", 5.0))
        patches.enter_context(mock.patch("main.OUTBOX_AGAIN", 0.2))
        patches.enter_context(mock.patch("kiosk.acknowledging.MILESTONES", timedelta()))
        async with asyncio.TaskGroup() as group:
            names = ("reception", "sync", "outbox", "receipt printer")
            tasks = [
                group.create_task(keep(name, machine.services[name], resident.failed), name=name) for name in names
            ]
            for step in plan.steps:
                await take(step, plan, machine, resident, mouth)
            for task in tasks:
                task.cancel()
    await main.close(machine)
    mouth.say(ended="well")


async def take(step: str, plan: Plan, machine: main.Machine, resident: Resident, mouth: Mouth) -> None:
    """One step; what does not come in time is told, and the next one is taken."""
    gear = machine.equipment
    word, _, rest = step.partition(" ")
    try:
        match word:
            case "contact":
                async with asyncio.timeout(WALK_WITHIN):
                    while not (gear.sync.welcome and gear.printer and gear.printer.state == "ready"):  # noqa: ASYNC110
                        await asyncio.sleep(0.005)
                pinned = gear.sync._ring.keys
                mouth.say(file="keys", holds=0 if pinned is None else pinned.version)
                mouth.say(contact=True)
            case "visit":
                walk = Walk(rest, "none")
                async with asyncio.timeout(WALK_WITHIN):
                    await resident.goes(walk)
                if walk.stuck:
                    mouth.say(stuck=f"{rest}: {walk.stuck}")
                mouth.say(visited=rest, filed=len(walk.filed))
            case "line":
                await asyncio.to_thread(mouth.ask, line=rest)
            case "drain":
                drained = await gear.sync.drain(DRAIN_WITHIN)
                mouth.say(drained=drained)
            case "tidy":
                dropped = 0
                while some := await gear.outbox.drop(timedelta(0)):
                    dropped += some
                mouth.say(dropped=dropped)
            case "files" | "few":
                rounds = ROUNDS if word == "files" else 5
                await asyncio.to_thread(small_files, Path(plan.data), mouth.say, rounds)
            case "published":
                machine.renewal.every, machine.renewal.proven_after = 0.2, 0.3
                with suppress(TimeoutError):
                    async with asyncio.timeout(float(rest)), asyncio.TaskGroup() as group:
                        group.create_task(machine.renewal.run())
                        group.create_task(tell_versions(machine, mouth))
            case "wait":
                await asyncio.sleep(float(rest))
            case _:
                raise ValueError(f"no step is called {word}")
    except TimeoutError:
        mouth.say(late=step, troubles=sorted(machine.reception.troubles))


def say_where_tasks_stand() -> None:
    """Into the log: for whoever ends a life that does not end."""
    for task in asyncio.all_tasks():
        task.print_stack(file=sys.stderr)


async def tell_versions(machine: main.Machine, mouth: Mouth) -> None:
    """Says each version that came, once it lies on the disk. For ever."""
    told: dict[str, int] = {}
    while True:
        for kind, shelf in machine.renewal.shelves.items():
            if shelf.version > told.get(kind, 0):
                told[kind] = shelf.version
                mouth.say(file=kind, holds=shelf.version)
        await asyncio.sleep(0.002)


def be_born(plan: Plan) -> None:
    """What a fork does to become a kiosk of its own: files, surroundings, mutant. Never returns."""
    code = 1
    try:
        os.setsid()
        log = os.open(plan.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ["HOME"] = os.environ["TMPDIR"] = str(Path(plan.data).parent)
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)
        faulthandler.register(signal.SIGUSR1, all_threads=True)
        mouth = Mouth(plan.ear, plan.kiosk)
        with mutated(plan.mutant):
            asyncio.run(live(plan, mouth))
        code = 0
    except BaseException as error:
        logging.getLogger("resident").exception("it does not live")
        if isinstance(error, AssertionError | ValueError):
            code = 2
    finally:
        os._exit(code)
