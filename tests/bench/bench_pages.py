"""How soon the next page of a journey stands on the glass, from the moment the finger leaves the answer.

The kiosk's own program in its own window, which a processor draws; central stands behind an open door in the same
process (``tests.kiosk.hall``), a finger answers each page by its kind. Counted are steps from page to page that ask
nobody: a step that waits for central, for the outbox, for paper or for the wipe measures those. A page stands when its
frame's buffers have been swapped; a frame counts when it was begun after the finger left.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, cast
from unittest import mock

from tests.bench.kiosk_program import Program
from tests.bench.result import Bench, Result

if TYPE_CHECKING:
    import main
    from devices import ReceiptPrinter
    from devices.supervisor import Supervisor
    from kiosk.items import Item
    from kiosk.reception import Reception
    from screens.stage import ShownPage, Stage
    from tests.kiosk.hall import Door

FRAMES_BAR = 2.0
"""Of half of the steps."""
MILLISECONDS_BAR = 100.0
"""Of 99 steps in 100: what takes longer is felt as waiting."""
STEPS_AT_LEAST = 150
ROUNDS = 3
GUIDES = 6
"""Items that run from their guide, besides all that have a journey of their own."""
END = "end"


class Step(TypedDict):
    """From one page to the next."""

    of: str
    to: str
    frames: int
    ms: float
    work: float
    """Milliseconds of the processor."""


def measure_frames() -> Result:
    """Frames from the answer to the next page, in the median."""
    frames = sorted(step["frames"] for step in steps())
    value = float(statistics.median(frames))
    return {
        "value": value,
        "bar": FRAMES_BAR,
        "ok": value <= FRAMES_BAR and len(frames) >= STEPS_AT_LEAST,
        "peers": {"most": frames[-1], "steps": len(frames)},
    }


def measure_milliseconds() -> Result:
    """Milliseconds from the answer to the next page, of 99 steps in 100. The slowest pages are named."""
    by_time = sorted(steps(), key=lambda step: step["ms"])
    value = by_time[round(0.99 * (len(by_time) - 1))]["ms"]
    work = sorted(step["work"] for step in by_time)
    slowest = {f"{step['of']} → {step['to']}": step["ms"] for step in by_time[-3:]}
    return {
        "value": value,
        "bar": MILLISECONDS_BAR,
        "ok": value <= MILLISECONDS_BAR and len(by_time) >= STEPS_AT_LEAST,
        "peers": {
            "median": by_time[len(by_time) // 2]["ms"],
            "processor ms, median": work[len(work) // 2],
            "processor ms, 99 in 100": work[round(0.99 * (len(work) - 1))],
            "steps": len(by_time),
            **slowest,
        },
    }


BENCHES: dict[str, Bench] = {"page_frames_median": measure_frames, "page_ms_p99": measure_milliseconds}


@cache
def steps() -> list[Step]:
    """What the kiosk's program tells, once for both benches."""
    found: list[Step] = []
    with Program(["-m", "tests.bench.bench_pages"]) as program:
        while (line := program.line()) != END:
            if line.startswith("{"):
                found.append(cast("Step", json.loads(line)))
    return found


# ---- The kiosk's program ---------------------------------------------------------------------------------------------


class Flips:
    """When each page stood on the glass for the first time: the frame's number, the moment, the processor's time."""

    def __init__(self, stage: Stage) -> None:
        from kivy.core.window import Window

        self.count = 0
        self.stood: dict[int, tuple[int, float, float]] = {}
        self._stage = stage
        Window.bind(on_flip=self._flips)

    def _flips(self, _window: object) -> None:
        """Kivy's, with a frame that has been drawn and is not shown yet."""
        self.count += 1
        asyncio.get_running_loop().call_soon(self._is_shown, self.count)

    def _is_shown(self, count: int) -> None:
        self.stood.setdefault(self._stage._drawn_serial, (count, time.perf_counter(), time.process_time()))


async def walk_all(machine: main.Machine, stage: Stage, door: Door) -> int:
    """Every journey that has code of its own and some guides, step by step."""
    from kiosk.pages import Digits
    from screens.tour import Finger
    from tests.kiosk.hall import TirelessPrinter, Walk, answer_to

    class Lifted(Finger):
        """Notes when it left the glass last, and how many frames there had been."""

        at = work = 0.0
        frames = 0

        async def take_up(self, x: float, y: float) -> None:
            self.at, self.work, self.frames = time.perf_counter(), time.process_time(), flips.count
            await super().take_up(x, y)

    flips, finger = Flips(stage), Lifted(stage)
    gear = machine.equipment
    gear.printer = cast("Supervisor[ReceiptPrinter]", TirelessPrinter())
    papers: list[object] = []
    gear.on_paper = lambda blocks, _style: papers.append(blocks)
    while not gear.sync.first_contact_done:  # noqa: ASYNC110 - of another thread
        await asyncio.sleep(0.05)
    shown = await at_home(stage, await stage.drawn())
    for item in ROUNDS * some_of(machine.reception):
        walk, way = Walk(item.code, "none"), way_to(machine.reception, item)
        while True:
            asked = door.asked, len(papers)
            if (answer := next(way, None)) is None:
                is_code = isinstance(shown.page, Digits) and shown.page.name == "code"
                answer = await asyncio.to_thread(door.last_code) if is_code else answer_to(shown.page, walk)
                asked = door.asked, len(papers)
            before, of = shown.serial, shown.page.name
            await finger.answer(shown, answer)
            shown = await stage.drawn(before)
            await asyncio.sleep(0.02)  # whoever asks or prints behind the page has done so by then
            count, moment, work = flips.stood[shown.serial]
            alone = asked == (door.asked, len(papers)) and shown.serial == before + 1
            if alone and shown.page.name != "home":
                took, worked = (moment - finger.at) * 1000, (work - finger.work) * 1000
                frames = count - finger.frames
                tell({"of": of, "to": shown.page.name, "frames": frames, "ms": took, "work": worked})
            if shown.page.name == "home":
                break
            shown = await at_rest(stage, shown)
    os.write(1, END.encode() + b"\n")
    return 0


def some_of(reception: Reception) -> list[Item]:
    """What is walked."""
    from kiosk.items import GUIDE

    items = [item for item in reception.catalog.items if item.category is not None]
    own = [item for item in items if item.journey != GUIDE]
    return [*own, *[item for item in items if item.journey == GUIDE][:GUIDES]]


def way_to(reception: Reception, item: Item) -> Iterator[object]:
    """What is pressed on the home page and the lists under it."""
    yield item.category
    if item.group is not None:
        yield item.group
    yield item.code


async def at_rest(stage: Stage, shown: ShownPage) -> ShownPage:
    """The page once it has come in, or another that took its place: a page that waits gives way by itself."""
    from kiosk.pages import Wait

    while isinstance(shown.page, Wait):
        shown = await stage.drawn(shown.serial)
    await asyncio.sleep(0.25)
    return stage.shown or shown


async def at_home(stage: Stage, shown: ShownPage) -> ShownPage:
    while shown.page.name != "home":
        shown = await stage.drawn(shown.serial)
    return shown


def tell(step: Step) -> None:
    os.write(1, json.dumps(step, ensure_ascii=False).encode() + b"\n")


def run(folder: Path) -> int:
    """The kiosk, its central in the same process."""
    import main
    from kiosk.central import CentralClient
    from kiosk.command_line import Where
    from kiosk.settings import check_settings
    from kiosk.trust import Trust
    from screens.environment import prepare_environment
    from tests.kiosk.hall import central_behind, client_at, visitor_person

    settings = check_settings({"central": {"url": "http://central"}}, "the bench")
    (folder / "kiosk").mkdir()
    prepare_environment(folder / "kiosk")
    with ExitStack() as held:
        door = held.enter_context(central_behind(folder / "central"))

        def client(url: str, trust: Trust) -> CentralClient:
            return client_at(door, url, trust)

        async def person(_counter: object, wording: object = None) -> object:
            return visitor_person()

        held.enter_context(mock.patch("main.CentralClient", client))
        held.enter_context(mock.patch("kiosk.counter.person_shown", person))
        walking = lambda machine, stage: walk_all(machine, stage, door)  # noqa: E731 - it knows the door
        return asyncio.run(
            main._run(settings, Where(settings=None, data=folder / "kiosk"), folder, walking, closing=lambda: None)
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        sys.exit(run(Path(folder)))
