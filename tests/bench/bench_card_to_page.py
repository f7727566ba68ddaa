"""How long after the last byte of a card the next page stands on the glass.

The kiosk runs as always, in a process and a window of its own; a finger walks it to the page that waits for a card, and
a card is laid on the simulated reader. Between reader and kiosk stands a relay that notes when it passes on the last
byte of the whole reading: that of the answer about the new address, which comes after the card itself. The page stands
when its frame's buffers have been swapped. All times are the system's monotonic clock.
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
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import main
from kiosk.command_line import Where
from tests.bench.kiosk_program import Place, Program, settled_place
from tests.bench.result import Bench, Result

if TYPE_CHECKING:
    from screens.stage import ShownPage, Stage

BAR = 50.0
CARDS = 16
"""For each errand."""
HAND = 0.5
"""Seconds that a hand takes from the page to the reader. It is found empty meanwhile: of a card that may have been left
there another page asks whose it is."""
PERSONS = ("chen-jianguo", "lin-xiuying", "ouyang")
ERRANDS = {
    "rider": ("rider-check-in", "by-card"),
    "insurance": ("social-insurance", "insurance-status"),
}
"""What is pressed on the way from the home page to the card."""
READ_NEW_ADDRESS = bytes.fromhex("3003")
"""The last request of a reading (devices/samv.py)."""


def measure() -> Result:
    """The median over the cards of all errands, in milliseconds."""
    took: dict[str, list[float]] = {errand: [] for errand in ERRANDS}
    with (
        settled_place() as place,
        relay(place.around.simulators["id_card"]) as wire,
        walking_kiosk(place.with_reader_at(wire.url)) as kiosk,
    ):
        for number in range(CARDS):
            for errand in ERRANDS:
                took[errand].append(one_card(kiosk, place, wire, PERSONS[number % len(PERSONS)]))
    every = [milliseconds for errand in took.values() for milliseconds in errand]
    value = statistics.median(every)
    medians = {errand: statistics.median(milliseconds) for errand, milliseconds in took.items()}
    return {"value": value, "bar": BAR, "ok": value <= BAR, "peers": {**medians, "worst": max(every)}}


BENCHES: dict[str, Bench] = {"card_to_page_ms": measure}


def one_card(kiosk: Program, place: Place, wire: Wire, person: str) -> float:
    """Lays a card on the reader when the kiosk waits for one, and lifts it on the page that follows. Milliseconds to
    that page."""
    next_page(kiosk)
    time.sleep(HAND)
    read_before = len(wire.last_bytes)
    place.around.control.present(person)
    drawn = next_page(kiosk)
    place.around.control.lift()
    if len(wire.last_bytes) != read_before + 1:
        raise RuntimeError(f"{len(wire.last_bytes) - read_before} readings for one card")
    return (drawn - wire.last_bytes[-1]) * 1000


def next_page(kiosk: Program) -> float:
    """When the next page of the walk stood on the glass."""
    while not (line := kiosk.line()).startswith("{"):
        pass
    return float(json.loads(line)["drawn"])


# ---- The wire --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Wire:
    """The relay's address, and when it passed on the last byte of each reading."""

    url: str
    last_bytes: list[float] = field(default_factory=list)


@contextmanager
def relay(reader: str) -> Iterator[Wire]:
    """Passes bytes between whoever connects and ``reader`` (``tcp://HOST:PORT``)."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        wire = Wire(url=f"tcp://127.0.0.1:{server.getsockname()[1]}")
        threading.Thread(target=_relay, args=(server, reader, wire), daemon=True).start()
        yield wire


def _relay(server: socket.socket, reader: str, wire: Wire) -> None:
    parts = urlsplit(reader)
    with suppress(OSError):  # the server is closed at the end
        while True:
            kiosk, _address = server.accept()
            with kiosk, socket.create_connection((parts.hostname, parts.port)) as device:
                for end in (kiosk, device):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with suppress(OSError):
                    _converse(kiosk, device, wire)


def _converse(kiosk: socket.socket, device: socket.socket, wire: Wire) -> None:
    """Requests and answers alternate: one request, one whole answer."""
    while request := kiosk.recv(4096):
        device.sendall(request)
        heard, passed_on = b"", 0.0
        while len(heard) < 7 or len(heard) < 7 + int.from_bytes(heard[5:7], "big"):
            part = device.recv(4096)
            if not part:
                return
            heard += part
            passed_on = time.monotonic()
            kiosk.sendall(part)
        if request[7:9] == READ_NEW_ADDRESS:
            wire.last_bytes.append(passed_on)


# ---- The kiosk -------------------------------------------------------------------------------------------------------


def walking_kiosk(place: Place, rest: float = 0.0) -> Program:
    """The kiosk with a finger on it, in a process of its own; says when the pages before and after a card stood. On the
    page after, the finger rests for so many seconds."""
    return Program(["-m", "tests.bench.bench_card_to_page", str(place.settings), str(place.data), str(rest)])


async def walk(_machine: main.Machine, stage: Stage, rest: float) -> int:
    """From the home page to the card, on to the page after it, and home again, errand after errand."""
    from screens.tour import Finger

    finger = Finger(stage)
    shown = await stage.drawn()
    while True:
        for errand in ERRANDS.values():
            while shown.page.name != "home":
                shown = await stage.drawn(shown.serial)
            for means in errand:
                await finger.answer(shown, means)
                shown = await stage.drawn(shown.serial)
            say_drawn(shown)
            shown = await stage.drawn(shown.serial)
            say_drawn(shown)
            await asyncio.sleep(rest)
            await finger.press("foot:home")
            shown = await stage.drawn(shown.serial)


def say_drawn(shown: ShownPage) -> None:
    """The page stands: whoever waits for a page goes on after its frame."""
    os.write(1, json.dumps({"page": shown.page.name, "drawn": time.monotonic()}).encode() + b"\n")


if __name__ == "__main__":
    settings, data = map(Path, sys.argv[1:3])
    walking = partial(walk, rest=float(sys.argv[3]))
    sys.exit(main._on_stage(Where(settings=settings, data=data), walking, dock=False))
