"""How quickly the glass answers a finger, and whether its pages come in without a jerk.

One window of 1080 by 1920 that a processor draws, in a process of its own, with all the pages that the kiosk can show
(tests/face/pages.py). Fingers come from the X server, at any moment between two frames. What a frame shows is read from
its pixels; it counts as shown when the buffers have been swapped.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict, cast

from tests.bench.kiosk_program import Program
from tests.bench.result import Bench, Result
from tests.fingertip import Fingertip

if TYPE_CHECKING:
    from kiosk.pages import Head, Page
    from screens.gallery.samples import AnyPage
    from screens.stage import Stage
    from screens.touch import Target
    from tests.screens.glass import Glass

    Sample = tuple[str, Page[object], Head]

PRESSES, KEYS = 60, 60
FRAMES_BAR = 1.0
FRAME_BAR = 33.0
"""Milliseconds, of 99 frames in 100: at 30 a second a motion of 180 ms is still one."""
KEY_BAR = 100.0
"""Milliseconds, of nine keys in ten: what takes longer is felt as waiting."""
SEED = 4
"""Of the pages' order, and of where and when they are touched."""
END = "end"


def measure_presses() -> Result:
    """How many frames begun with the finger down it took to show it, at most; half of the pages are still coming in."""
    presses = told("presses")
    milliseconds = sorted(press["ms"] for press in presses)
    most = max(press["shown_by"] for press in presses)
    return {
        "value": most,
        "bar": FRAMES_BAR,
        "ok": most <= FRAMES_BAR and len(presses) == PRESSES,
        "peers": {"ms, median": statistics.median(milliseconds), "ms, worst": milliseconds[-1]},
    }


def measure_frames() -> Result:
    """Milliseconds from one frame to the next while a page comes in, of 99 in 100."""
    pages = told("frames")
    every = sorted(milliseconds for page in pages for milliseconds in page["intervals"])
    first = sorted(page["first"] for page in pages)
    work = sorted(milliseconds for page in pages for milliseconds in page["work"])
    value = percentile(every, 0.99)
    return {
        "value": value,
        "bar": FRAME_BAR,
        "ok": value <= FRAME_BAR,
        "peers": {
            "median": statistics.median(every),
            "worst": every[-1],
            "processor ms, median": statistics.median(work),
            "processor ms, 99 in 100": percentile(work, 0.99),
            "frames": len(every),
            "pages": len(pages),
            "first frame, median": statistics.median(first),
            "first frame, 99 in 100": percentile(first, 0.99),
        },
    }


def measure_keys() -> Result:
    """Milliseconds from lifting the finger off a digit or a tile with a tick until the glass shows it, of 9 in 10."""
    keys = told("keys")
    digits, ticks = (sorted(key["ms"] for key in keys if key["kind"] == kind) for kind in ("digit", "tick"))
    value = percentile(sorted(digits + ticks), 0.9)
    return {
        "value": value,
        "bar": KEY_BAR,
        "ok": value <= KEY_BAR and len(keys) == KEYS,
        "peers": {
            "digit, median": statistics.median(digits),
            "digit, worst": digits[-1],
            "tick, median": statistics.median(ticks),
            "tick, worst": ticks[-1],
        },
    }


BENCHES: dict[str, Bench] = {
    "press_frames": measure_presses,
    "frame_ms_p99": measure_frames,
    "key_ms_p90": measure_keys,
}


def percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[round(share * (len(ordered) - 1))]


class Told(TypedDict, total=False):
    """What is told of a page (name, first, intervals, work), of a press (shown_by, ms) or of a key (kind, ms)."""

    name: str
    first: float
    intervals: list[float]
    work: list[float]
    shown_by: int
    kind: Literal["digit", "tick"]
    ms: float


def told(what: str) -> list[Told]:
    """What the window's program tells, one object after the other."""
    every: list[Told] = []
    with Program(["-m", "tests.bench.bench_glass", what]) as program:
        while (line := program.line()) != END:
            if line.startswith("{"):
                every.append(cast("Told", json.loads(line)))
    return every


# ---- The window's program --------------------------------------------------------------------------------------------

BESIDE = 6
"""Pixels from the left edge of what is pressed to the finger: its fill, and nothing that stands on it."""
WITHIN = 5.0
AT_ONE = 6
"""Keys on each page of keys."""


async def run(what: str, data: Path) -> None:
    """Measures, and tells."""
    import main
    from tests.face.pages import real_pages
    from tests.screens.glass import open_glass

    pages = [(name, *sample) for name, sample in (await real_pages(data)).items()]
    random.Random(SEED).shuffle(pages)
    async with open_glass() as glass:
        await show(glass, pages[0])
        main._rest_the_collector()
        await {"presses": presses, "frames": frames, "keys": keys}[what](glass, pages)
        await glass.leave()
    os.write(1, END.encode() + b"\n")


async def frames(glass: Glass, pages: list[Sample]) -> None:
    """Each page comes in, from its first frame until it is at rest."""
    for number, page in enumerate(pages):
        if number % 20 == 0:
            gc.collect()
        with watch() as seen:
            asked = time.perf_counter()
            await show(glass, page, coming=True)
            while glass.stage._panes.slide.moves:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
        first = (seen.shown[0] - asked) * 1000
        tell({"name": page[0], "first": first, "intervals": steps(seen.shown), "work": steps(seen.spent)})


def steps(seconds: Sequence[float]) -> list[float]:
    """Milliseconds from one to the next."""
    return [(after - before) * 1000 for before, after in itertools.pairwise(seconds)]


async def presses(glass: Glass, pages: list[Sample]) -> None:
    """A press on something of each page, while it comes in and at rest by turns. None is carried out."""
    chance, finger = random.Random(SEED), Fingertip()
    for number, page in enumerate(itertools.islice(itertools.cycle(pages), PRESSES)):
        await show(glass, page, coming=number % 2 == 0)
        target = chance.choice(targets(glass))
        await asyncio.sleep(chance.uniform(0, 0.12))
        with watch(partial(looks_pressed, glass.stage, target)) as seen:
            took = await seen.since(finger.put_down(*place_on(target)))
        tell({"shown_by": seen.frames, "ms": took})
        with watch(partial(is_pressed, target, False)) as seen:
            await seen.since(finger.take_up(2, target.top))


async def keys(glass: Glass, pages: list[Sample]) -> None:
    """Digits are typed and deleted, tiles ticked and unticked."""
    from kiosk.pages import Digits, Tick

    chance, finger = random.Random(SEED), Fingertip()
    of_keys = [page for page in pages if isinstance(page[1], Digits | Tick)]
    for page in itertools.islice(itertools.cycle(of_keys), KEYS // AT_ONE):
        await show(glass, page)
        kind: Literal["digit", "tick"] = "digit" if isinstance(page[1], Digits) else "tick"
        for number in range(AT_ONE):
            if kind == "digit":
                means: object = "key:delete" if number % 3 == 2 else f"key:{number}"
            else:
                means = chance.choice([option.value for option in cast("Tick", page[1]).options if option.enabled])
            await asyncio.sleep(chance.uniform(0.31, 0.4))  # the same key again within 0.3 s is the same press
            target = next(one for one in targets(glass) if one.means == means)
            with watch(partial(is_pressed, target, True)) as seen:
                await seen.since(finger.put_down(*place_on(target)))
            with watch(partial(is_other_than, state_of(glass), glass)) as seen:
                took = await seen.since(finger.take_up(*place_on(target)))
            tell({"kind": kind, "ms": took})


def state_of(glass: Glass) -> object:
    """What has been entered or ticked."""
    from screens.digits import DigitsView

    view = glass.stage._view
    return view.entered if isinstance(view, DigitsView) else glass.stage.ticked()


def is_other_than(before: object, glass: Glass) -> bool:
    return state_of(glass) != before


def is_pressed(target: Target, wanted: bool) -> bool:
    return target.pressed == wanted


def targets(glass: Glass) -> list[Target]:
    from screens.touch import Target

    return [one for one in glass.stage.walk() if isinstance(one, Target) and one.enabled]


def place_on(target: Target) -> tuple[float, float]:
    """Where a finger meets its fill and nothing that stands on it, even if it still moves; from the top left."""
    from kivy.core.window import Window

    return target.x + BESIDE, Window.height - target.center_y


def looks_pressed(stage: Stage, target: Target) -> bool:
    """Whether the frame that has been drawn shows it pressed."""
    from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

    from screens.surface import PRESSED, ground_of

    aside = stage._panes.slide.aside if ground_of(target) is stage._panes.body else 0
    there = glReadPixels(int(target.x) + BESIDE + aside, int(target.center_y), 1, 1, GL_RGB, GL_UNSIGNED_BYTE)
    pressed = stage._look.colour(PRESSED[target.fill])
    return all(abs(one - 255 * other) < 3 for one, other in zip(there, pressed, strict=False))


@dataclass
class Watched:
    """When frames were shown, what processor time the program had spent by then, and how many frames there were when
    ``look`` first saw what it looks for."""

    look: Callable[[], bool]
    shown: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)
    frames: int = 0
    _seen: asyncio.Event = field(default_factory=asyncio.Event)

    def flips(self, _window: object) -> None:
        """Kivy's, with a frame that has been drawn and is not shown yet."""
        asyncio.get_running_loop().call_soon(self._is_shown, self.look())

    def _is_shown(self, sees: bool) -> None:
        self.shown.append(time.perf_counter())
        self.spent.append(time.process_time())
        if sees and not self.frames:
            self.frames = len(self.shown)
            self._seen.set()

    async def since(self, moment: float) -> float:
        """Milliseconds from that moment until it was shown. TimeoutError."""
        async with asyncio.timeout(WITHIN):
            await self._seen.wait()
        return (self.shown[self.frames - 1] - moment) * 1000


@contextmanager
def watch(look: Callable[[], bool] = lambda: False) -> Iterator[Watched]:
    """Watches every frame, with what ``look`` says of each."""
    from kivy.core.window import Window

    watched = Watched(look)
    Window.bind(on_flip=watched.flips)
    try:
        yield watched
    finally:
        Window.unbind(on_flip=watched.flips)


async def show(glass: Glass, page: Sample, *, coming: bool = False) -> None:
    await glass.show(cast("AnyPage", page[1]), page[2], coming=coming)


def tell(told: Told) -> None:
    os.write(1, json.dumps(told, ensure_ascii=False).encode() + b"\n")


if __name__ == "__main__":
    from screens.environment import prepare_environment

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        prepare_environment(Path(folder))
        asyncio.run(run(sys.argv[1], Path(folder)))
