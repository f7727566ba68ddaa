"""Hangs the exhibits up: one window, each page as the stage shows it, in one manner after the other.

In a window PgUp and PgDn go from one page to the next and M to the next manner. Pictures are made with a clock that
stands at one minute, so that two of them differ only in what was changed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import cast

from kivy.core.window import Window

from kiosk import texts
from kiosk.desk import Left
from kiosk.manner import Anew, Back, HelpAsked, Manner
from kiosk.pages import Head, Page
from screens.gallery.people import NOON
from screens.gallery.plates import PLATES, Plate, PlateView
from screens.gallery.questions import CENTRE
from screens.gallery.samples import MACHINES, SAMPLES, STATES, AnyPage, Doing
from screens.stage import Stage
from screens.touch import Target
from screens.view import Setting, View
from screens.views import make_view
from screens.window import KioskApp

PAGE_UP, PAGE_DOWN, NEXT_MANNER = 280, 281, ord("m")
"""Kivy's codes of the keys."""


@dataclass(frozen=True, kw_only=True)
class Mode:
    """How everything is drawn."""

    manner: Manner = field(default_factory=Manner)
    diagonal: float = 21.5
    landscape: bool = False


MODES: dict[str, Mode] = {
    "normal": Mode(),
    "larger": Mode(manner=Manner(larger=True)),
    "care": Mode(manner=Manner(care=True)),
    "care-larger": Mode(manner=Manner(care=True, larger=True)),
    "contrast": Mode(manner=Manner(contrast=True)),
    "care-contrast": Mode(manner=Manner(care=True, contrast=True)),
    "low": Mode(manner=Manner(low=True)),
    "listen": Mode(manner=Manner(listen=True)),
    "english": Mode(manner=Manner(language="en")),
    "english-care": Mode(manner=Manner(language="en", care=True)),
    "32-inch": Mode(diagonal=32.0),
    "landscape": Mode(landscape=True),
    "landscape-care": Mode(manner=Manner(care=True), landscape=True),
    "care-32-inch": Mode(manner=Manner(care=True), diagonal=32.0),
}


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """A page to hang up, and what is done to it first."""

    name: str
    page: Page[object]
    head: Head
    doing: Doing = field(default_factory=Doing)


def exhibits(only: str = "") -> list[Exhibit]:
    """All of them, or those with ``only`` in their name. LookupError when there is none."""
    found = [
        *(_sample(name, page, head) for name, (page, head) in SAMPLES.items()),
        *(_in_state(name, doing) for name, doing in STATES.items()),
        *(_plate(name, plate) for name, plate in PLATES.items()),
    ]
    chosen = [exhibit for exhibit in found if only in exhibit.name]
    if not chosen:
        raise LookupError(f"nothing has {only!r} in its name; there is {', '.join(one.name for one in found)}")
    return chosen


def _sample(name: str, page: AnyPage, head: Head) -> Exhibit:
    return Exhibit(name=name, page=cast("Page[object]", page), head=head, doing=MACHINES.get(name, Doing()))


def _in_state(name: str, doing: Doing) -> Exhibit:
    page, head = SAMPLES[doing.of]
    return Exhibit(name=name, page=cast("Page[object]", page), head=head, doing=doing)


def _plate(name: str, plate: Plate) -> Exhibit:
    return Exhibit(name=f"widget-{name}", page=cast("Page[object]", plate), head=Head(title=CENTRE))


async def keep(out: Path, only: str) -> int:
    """Saves every exhibit in every mode as DIR/name-mode.png, and DIR/index.html over them."""
    chosen = exhibits(only)
    async with _hall() as hall:
        for name, mode in MODES.items():
            for exhibit in chosen:
                await hall.hang(exhibit, mode)
                hall.stage.picture(out / picture_of(exhibit, name))
                await hall.take_down()
    (out / "index.html").write_text(index(chosen), "utf-8")
    return 0


async def hang(only: str) -> int:
    """Hangs the exhibits up in a window until it is closed."""
    chosen, modes, at, mode = exhibits(only), list(MODES.values()), 0, 0
    turned = asyncio.Event()

    def key(_window: object, code: int, *_more: object) -> None:
        nonlocal at, mode
        step = {PAGE_DOWN: 1, PAGE_UP: -1}.get(code, 0)
        at = (at + step) % len(chosen)
        mode = (mode + (code == NEXT_MANNER)) % len(modes)
        if step or code == NEXT_MANNER:
            turned.set()

    Window.bind(on_key_down=key)
    async with _hall() as hall:
        while not hall.closed.done():
            turned.clear()
            await hall.hang(chosen[at], modes[mode])
            turning = asyncio.create_task(turned.wait())
            await asyncio.wait((turning, hall.closed, hall.ended()), return_when=asyncio.FIRST_COMPLETED)
            turning.cancel()
            await hall.take_down()
    return 0


def picture_of(exhibit: Exhibit, mode: str) -> str:
    """The file's name."""
    return f"{exhibit.name}-{mode}.png"


def index(shown: list[Exhibit]) -> str:
    """A page of HTML with every picture, that needs nothing from anywhere else."""
    return "\n".join(_index(shown)) + "\n"


def _index(shown: list[Exhibit]) -> Iterator[str]:
    yield "<!doctype html><html lang=zh><meta charset=utf-8><title>Gallery</title>"
    yield "<style>body{font:16px sans-serif;background:#FBF7F0;color:#2A211C}div{display:flex;overflow-x:auto;gap:12px}"
    yield "figure{margin:0}img{height:480px;border:1px solid #CFC0A9}a{margin-right:1em}</style>"
    yield "<nav>" + "".join(f'<a href="#{escape(one.name)}">{escape(one.name)}</a>' for one in shown) + "</nav>"
    for exhibit in shown:
        yield f'<h2 id="{escape(exhibit.name)}">{escape(exhibit.name)}: {escape(exhibit.page.question)}</h2><div>'
        for mode in MODES:
            file = escape(picture_of(exhibit, mode))
            yield f'<figure><a href="{file}"><img loading=lazy alt="{file}" src="{file}"></a>'
            yield f"<figcaption>{escape(mode)}</figcaption></figure>"
        yield "</div>"


@dataclass(frozen=True, kw_only=True)
class Times:
    """Seconds, as in the settings of a kiosk."""

    warn_after: float = 60
    wipe_after: float = 15
    care_warn_after: float = 120
    care_wipe_after: float = 30
    attract_after: float = 180


@dataclass
class Clock:
    """``ahead`` of the real one by seconds."""

    ahead: float = 0.0

    def now(self) -> float:
        """Seconds, monotonic."""
        return time.monotonic() + self.ahead


def gallery_view(setting: Setting, page: Page[object], draft: object) -> View:
    """The kiosk's views, and the plates of the gallery."""
    return PlateView(setting, page) if isinstance(page, Plate) else make_view(setting, page, draft)


class Hall:
    """A stage in its window, with at most one exhibit on it."""

    def __init__(self, stage: Stage, clock: Clock, closed: asyncio.Task[None]) -> None:
        self.stage, self.clock, self.closed = stage, clock, closed
        self._showing: asyncio.Task[object] | None = None

    async def hang(self, exhibit: Exhibit, mode: Mode) -> None:
        """Returns when it is drawn, in the state that it is shown in."""
        stage, doing = self.stage, exhibit.doing
        texts.speak(mode.manner.language)
        width, height = Window.size
        if (width > height) != mode.landscape:
            Window.size = height, width
        if stage.diagonal_inches != mode.diagonal:
            stage.on_panel(mode.diagonal)
        stage.dress(mode.manner)
        stage.update_status(network=doing.network, printer=doing.printer)
        serial = stage.shown.serial if stage.shown is not None else 0
        self._showing = asyncio.create_task(stage.show(exhibit.page, exhibit.head))
        await stage.drawn(after=serial)
        for means in doing.presses:
            _press(stage, means)
        # In care mode everything takes twice as long.
        self.clock.ahead += doing.seconds * (2 if mode.manner.care else 1)
        stage.tick()
        await stage.drawn(after=serial)

    def ended(self) -> asyncio.Task[object]:
        """Ends when somebody answers the exhibit."""
        if self._showing is None:
            raise RuntimeError("nothing is hung up")
        return self._showing

    async def take_down(self) -> None:
        """Leaves the wall empty."""
        if self._showing is not None:
            self._showing.cancel()
            with suppress(asyncio.CancelledError, Left, Back, Anew, HelpAsked):
                await self._showing


def _press(stage: Stage, means: object) -> None:
    for target in stage.walk():
        if isinstance(target, Target) and target.means == means and target.enabled:
            target.press()
            return
    raise LookupError(f"nothing on the glass means {means!r}")


@asynccontextmanager
async def _hall() -> AsyncIterator[Hall]:
    clock = Clock()
    stage = Stage(
        centre=CENTRE,
        kiosk="K-001",
        diagonal_inches=MODES["normal"].diagonal,
        idle=Times(),
        monotonic=clock.now,
        wall=lambda: NOON,
        views=gallery_view,
    )
    failures: list[Exception] = []
    app = KioskApp(stage, failures.append)
    running = asyncio.create_task(app.run_until_closed())
    try:
        yield Hall(stage, clock, running)
    finally:
        app.stop()
        await asyncio.wait([running])
    if failures:
        raise failures[0]
