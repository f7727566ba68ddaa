"""The one motion of the face: a page's question and answer come in from the side, head and foot stand still.

The way is as long as the margin is wide, so nothing leaves the panel, and the first frame has the whole page to read.
Only what is drawn is moved: what can be pressed is from the first frame on where it comes to rest.
"""

from __future__ import annotations

from collections.abc import Callable

from kivy.clock import Clock, ClockEvent
from kivy.graphics import InstructionGroup, PopMatrix, PushMatrix, Translate

from kiosk.pages import Page, Wait
from screens.loop import FRAME, hurry
from screens.surface import Ground

LASTS = 0.18
"""Seconds."""

ON, BACK, STILL = 1, -1, 0
"""Which way the next page comes: from the right, as reading goes on, from the left, or it just stands there."""


class Slide:
    """Moves what is drawn of ``ground`` and on it. ``fills`` are the ground's, for the painter of flat colours."""

    def __init__(self, ground: Ground, now: Callable[[], float]) -> None:
        self._now = now
        self._began = 0.0
        self._from = 0
        self._step: ClockEvent | None = None
        self._moves = (Translate(0, 0), Translate(0, 0))
        self.fills = InstructionGroup()
        for instruction in (PushMatrix(), self._moves[0], ground.fills, PopMatrix()):
            self.fills.add(instruction)
        ground.canvas.before.add(PushMatrix())
        ground.canvas.before.add(self._moves[1])
        ground.canvas.after.add(PopMatrix())

    @property
    def aside(self) -> int:
        """How far the page is from where it comes to rest, in pixels; to the right of it, or (below 0) to the left."""
        return int(self._moves[0].x)

    @property
    def moves(self) -> bool:
        """Whether the page is still coming in."""
        return self._step is not None

    def put_aside(self, pixels: int) -> None:
        """Draws the page so far from where it comes to rest, until it comes in."""
        self.settle()
        self._from = pixels
        self._move(pixels)

    def come_in(self) -> None:
        """Begins the motion; call when the page stands on the glass. The next frame follows at once, and is to differ
        from it."""
        if self._from:
            self._began = self._now() - FRAME
            self._step = Clock.schedule_interval(lambda _dt: self._go_on(), 0)
            hurry()

    def settle(self) -> None:
        """The page is where it comes to rest."""
        if self._step is not None:
            self._step.cancel()
            self._step = None
        self._from = 0
        self._move(0)

    def _go_on(self) -> None:
        """Fast first and then gently; in whole pixels, for letters between two of them are not sharp."""
        left = 1 - (self._now() - self._began) / LASTS
        if left <= 0:
            self.settle()
        else:
            self._move(round(self._from * left**2))

    def _move(self, pixels: int) -> None:
        if pixels != self.aside:
            for move in self._moves:
                move.x = pixels


class Trail:
    """The names of the pages that led here, which tell on from back."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self.goes_back = False
        """Whether the person asked for the page before."""

    def lead_to(self, page: Page[object]) -> int:
        """Which way ``page`` comes. The same question again does not move, nor does a page that only waits: the one
        after it does."""
        back, self.goes_back = self.goes_back, False
        if isinstance(page, Wait):
            return STILL
        names, before = self._names, self._names[-1:]
        if page.name in names:
            back = True
            del names[names.index(page.name) + 1 :]
        else:
            names.append(page.name)
        if before in ([], [page.name]):
            return STILL
        return BACK if back else ON

    def forget(self) -> None:
        """Whoever comes next begins anew."""
        self._names.clear()
        self.goes_back = False
