"""How much longer a query takes a person than central itself: from the touch that asks to the result on the glass.

The kiosk runs as always, in a process and a window of its own; a finger walks it to the payments of the person whose
card lies on the simulated reader, and asks for them again and again, at one place. Between kiosk and central stands a
relay that notes when a question leaves and when the last byte of its answer is passed on: that is central's own time,
the authority's included. The result stands when its frame's buffers have been swapped. All times are the system's
monotonic clock.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import main
from kiosk.command_line import Where
from tests.bench.kiosk_program import Place, Program, settled_place
from tests.bench.result import Bench, Result

if TYPE_CHECKING:
    from screens.stage import ShownPage, Stage

BAR = 100.0
QUERIES = 30
PERSON = "chen-jianguo"
TO_CARD = ("social-insurance", "payments")
"""What is pressed on the way from the home page to the card."""
INSURED_AT = "350900"
QUESTION = b"POST /v1/queries/lookup "


def measure() -> Result:
    """The median over the queries, in milliseconds beyond central's own time."""
    with (
        settled_place() as place,
        relay(str(place.around.tables("")["central"]["url"])) as line,
        asking_kiosk(place.with_central_at(line.url)) as kiosk,
    ):
        heard(kiosk, "card")
        place.around.control.present(PERSON)
        took: list[float] = []
        for _number in range(QUERIES):
            result = heard(kiosk, "records")
            took.append((result["drawn"] - result["pressed"]) * 1000)
    if len(line.exchanges) < QUERIES:
        raise RuntimeError(f"{len(line.exchanges)} answers of central for {QUERIES} results")
    central = [(exchange.ended - exchange.began) * 1000 for exchange in line.exchanges[:QUERIES]]
    beyond = [whole - own for whole, own in zip(took, central, strict=True)]
    value = statistics.median(beyond)
    peers = {"central": statistics.median(central), "whole": statistics.median(took), "worst": max(beyond)}
    return {"value": value, "bar": BAR, "ok": value <= BAR, "peers": peers}


BENCHES: dict[str, Bench] = {"query_overhead_ms": measure}


def heard(kiosk: Program, page: str) -> dict[str, float]:
    """What the kiosk says of the next page of that name."""
    while True:
        line = kiosk.line()
        if line.startswith("{") and (said := json.loads(line)).get("page") == page:
            return {name: float(value) for name, value in said.items() if name != "page"}


# ---- The line to central ---------------------------------------------------------------------------------------------


@dataclass
class Exchange:
    """A question, and when it left and the last byte of its answer was passed on."""

    began: float
    ended: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Line:
    """The relay's address, and the queries that went over it."""

    url: str
    exchanges: list[Exchange] = field(default_factory=list)


@contextmanager
def relay(central: str) -> Iterator[Line]:
    """Passes bytes between whoever connects and ``central`` (``http://HOST:PORT``)."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = Line(url=f"http://127.0.0.1:{server.getsockname()[1]}")
        threading.Thread(target=_accept, args=(server, central, line), daemon=True).start()
        yield line


def _accept(server: socket.socket, central: str, line: Line) -> None:
    parts = urlsplit(central)
    with suppress(OSError):  # the server is closed at the end
        while True:
            kiosk, _address = server.accept()
            far = socket.create_connection((parts.hostname, parts.port))
            for end in (kiosk, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            asked: list[Exchange] = []
            for work in (_questions, _answers):
                threading.Thread(target=work, args=(kiosk, far, asked, line), daemon=True).start()


def _questions(kiosk: socket.socket, far: socket.socket, asked: list[Exchange], line: Line) -> None:
    with suppress(OSError):
        while part := kiosk.recv(65536):
            if part.startswith(QUESTION):
                asked.append(Exchange(began=time.monotonic()))
                line.exchanges.append(asked[-1])
            far.sendall(part)
        far.shutdown(socket.SHUT_WR)


def _answers(kiosk: socket.socket, far: socket.socket, asked: list[Exchange], _line: Line) -> None:
    """The kiosk asks one question at a time over a connection: what comes belongs to the last one."""
    with suppress(OSError):
        while part := far.recv(65536):
            kiosk.sendall(part)
            if asked:
                asked[-1].ended = time.monotonic()
        kiosk.shutdown(socket.SHUT_WR)


# ---- The kiosk -------------------------------------------------------------------------------------------------------


def asking_kiosk(place: Place) -> Program:
    """The kiosk with a finger on it, in a process of its own; says when it asked and when the result stood."""
    return Program(["-m", "tests.bench.bench_query", str(place.settings), str(place.data)])


async def ask(_machine: main.Machine, stage: Stage) -> int:
    """From the home page to the card and the place, and from each result to the place once more."""
    from screens.tour import Finger

    finger = Finger(stage)
    shown = await stage.drawn()
    while shown.page.name != "home":
        shown = await stage.drawn(shown.serial)
    for means in TO_CARD:
        await finger.answer(shown, means)
        shown = await stage.drawn(shown.serial)
    say({"page": "card"})
    while shown.page.name != "insured-place":
        shown = await stage.drawn(shown.serial)
    while True:
        where = finger.find(INSURED_AT)
        while not (stage.gate.open and stage.gate.would_admit(INSURED_AT)):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        x, y = where.x + where.width / 2, where.y + where.height / 2
        await finger.put_down(x, y)
        pressed = time.monotonic()
        await finger.take_up(x, y)
        shown = await page_after(stage, shown, "records")
        say({"page": "records", "pressed": pressed, "drawn": time.monotonic()})
        await finger.answer(shown, "elsewhere")
        shown = await page_after(stage, shown, "insured-place")


async def page_after(stage: Stage, shown: ShownPage, name: str) -> ShownPage:
    """The next page of that name; what is awaited may have one of its own in between."""
    shown = await stage.drawn(shown.serial)
    while shown.page.name != name:
        shown = await stage.drawn(shown.serial)
    return shown


def say(said: dict[str, object]) -> None:
    os.write(1, json.dumps(said).encode() + b"\n")


if __name__ == "__main__":
    settings, data = map(Path, sys.argv[1:3])
    sys.exit(main._on_stage(Where(settings=settings, data=data), ask, dock=False))
