"""What the tests of the screens hold in their hands."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from kiosk.manner import Manner
from kiosk.pages import Head, Page
from kiosk.voice import Cue
from screens.environment import LONG_SIDE, SHORT_SIDE
from screens.gallery.questions import CENTRE
from screens.gallery.samples import SAMPLES, AnyPage

if TYPE_CHECKING:
    from screens.stage import ShownPage, Stage
    from screens.tour import Finger

PATIENCE = 30.0
"""Seconds to wait for a page or its answer: a slow machine draws slowly."""


@dataclass
class Clock:
    """The stage's clock: ``ahead`` of the real one by seconds, or ``frozen``."""

    ahead: float = 0.0
    frozen: float | None = None

    def now(self) -> float:
        """Seconds, monotonic."""
        return (time.monotonic() if self.frozen is None else self.frozen) + self.ahead

    def freeze(self) -> None:
        """Time passes only by moving it ahead."""
        self.frozen = time.monotonic()


@dataclass
class Recorder:
    """A voice that notes what it is to say: each saying is a list of texts; ``None`` stands for a hush."""

    said: list[list[str] | None] = field(default_factory=list)
    volume: int = 60

    def say(self, texts: Sequence[str]) -> None:
        self.said.append(list(texts))

    def hush(self) -> None:
        self.said.append(None)

    def cue(self, cue: Cue) -> None:
        """Tones are nobody's words."""

    def louder(self) -> None:
        self.volume += 10

    def softer(self) -> None:
        self.volume -= 10

    @property
    def last(self) -> list[str]:
        """What it said last."""
        return next((saying for saying in reversed(self.said) if saying is not None), [])


@dataclass(frozen=True)
class Times:
    """The idle times of the face."""

    warn_after: float = 60
    wipe_after: float = 15
    care_warn_after: float = 120
    care_wipe_after: float = 30
    attract_after: float = 180


@asynccontextmanager
async def open_glass() -> AsyncIterator[Glass]:
    """The window with a stage in it; one in a process, whose surroundings have been prepared."""
    from screens.gallery.hall import gallery_view
    from screens.stage import Stage
    from screens.tour import Finger
    from screens.window import KioskApp

    clock, voice = Clock(), Recorder()
    stage = Stage(
        centre=CENTRE,
        kiosk="K-001",
        diagonal_inches=21.5,
        idle=Times(),
        monotonic=clock.now,
        wall=lambda: datetime(2026, 3, 5, 1, 41, tzinfo=UTC),
        voice=voice,
        views=gallery_view,
    )
    glass = Glass(stage=stage, clock=clock, finger=Finger(stage, patience=PATIENCE), voice=voice, failures=[])
    app = KioskApp(stage, glass.failures.append)
    running = asyncio.create_task(app.run_until_closed())
    stage.update_status(network=True, printer="ready")
    yield glass
    running.cancel()
    await asyncio.wait([running])


@dataclass
class Glass:
    """A stage in a window, the finger, and what is being shown."""

    stage: Stage
    clock: Clock
    finger: Finger
    voice: Recorder
    failures: list[Exception]
    showing: asyncio.Task[object] | None = field(default=None)

    async def show(
        self, page: AnyPage, head: Head | None = None, draft: object = None, *, coming: bool = False
    ) -> ShownPage:
        """Shows ``page`` and returns when it is drawn and at rest, or still ``coming`` in. Its answer comes from
        ``answer``."""
        await self.leave()
        before = self.stage.shown.serial if self.stage.shown is not None else 0
        show = self.stage.show(cast("Page[object]", page), head or Head(title="办事"), draft)
        self.showing = asyncio.create_task(show)
        async with asyncio.timeout(PATIENCE):
            shown = await self.stage.drawn(after=before)
        if not coming:
            self.stage.settle()
        return shown

    async def sample(
        self, name: str, *, care: bool = False, listen: bool = False, manner: Manner | None = None
    ) -> ShownPage:
        """Shows a sample page, in care mode, read aloud, or in another manner."""
        self.stage.dress(manner or Manner(care=care, listen=listen))
        page, head = SAMPLES[name]
        return await self.show(page, head)

    async def answer(self) -> object:
        """What the page was answered; raises what it ended with."""
        assert self.showing is not None
        async with asyncio.timeout(PATIENCE):
            return await asyncio.shield(self.showing)

    async def leave(self) -> None:
        """Takes the page away as a card does."""
        if self.showing is not None:
            self.showing.cancel()
            await asyncio.wait([self.showing])
            self.showing = None

    def on_panel(self, diagonal_inches: float, *, landscape: bool = False) -> None:
        """The same glass as a panel of another size, whose millimetres are other pixels, or as one that lies across.

        The window may then be wider than the screen: what is read of it does not go by what of it can be seen.
        """
        from kivy.core.window import Window

        size = (LONG_SIDE, SHORT_SIDE) if landscape else (SHORT_SIDE, LONG_SIDE)
        if tuple(Window.size) != size:
            Window.size = size
            type(Window).flip(Window)  # what is drawn is as large as the window was at the last flip
        self.stage.on_panel(diagonal_inches)

    @property
    def answered(self) -> bool:
        """Whether the page has ended."""
        return self.showing is not None and self.showing.done()
