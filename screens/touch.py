"""What can be pressed. A touch begins and ends on its target and its page; the same press within 300 ms counts once.

``Gate`` keeps the time between touches for the whole screen, because a page made anew has other widgets but the finger
is the same: a second tap meant for the page before must not answer the next one.
"""

from __future__ import annotations

from collections.abc import Callable

from kivy.input.motionevent import MotionEvent

from screens.surface import Surface
from screens.theme import Theme

DOUBLE_TOUCH = 0.3
"""Seconds within which a second touch is the same touch."""
DOUBLE_KEY = 0.12
"""The same for a key of a pad, where 11 is typed by two quick touches: long enough for a bouncing panel."""


class Gate:
    """Says which touches count. ``now`` is a monotonic clock in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._shut_until = float("-inf")
        self._last: object = None
        self._again_at = float("-inf")
        self.page = 0
        """Which page stands there: a finger that was down before it came presses nothing on it."""

    def now(self) -> float:
        """Seconds, monotonic."""
        return self._now()

    @property
    def open(self) -> bool:
        """Whether a touch that begins counts."""
        return self._now() >= self._shut_until

    def shut(self) -> None:
        """A touch brought something else under the finger, another page or others' targets: nothing counts for a
        moment."""
        self._shut_until = self._now() + DOUBLE_TOUCH

    def admits(self, means: object, apart: float) -> bool:
        """Whether this press is another one than the last. It is the last one from here on."""
        if not self.would_admit(means):
            return False
        self._last, self._again_at = means, self._now() + apart
        return True

    def would_admit(self, means: object) -> bool:
        """Whether a press that means this would count."""
        return means != self._last or self._now() >= self._again_at

    def forget(self) -> None:
        """The next touch is somebody else's."""
        self._last = None


class Target(Surface):
    """A surface to press. ``means`` says what pressing it means: an answer's value, or ``foot:back`` and its like."""

    def __init__(
        self, look: Theme, gate: Gate, means: object, press: Callable[[], None], *, apart: float = DOUBLE_TOUCH
    ) -> None:
        super().__init__(look)
        self.gate = gate
        self.means = means
        self.press = press
        self.apart = apart
        self.enabled = True
        self.ticked = False
        self._finger: object = None
        self._page = 0
        self._down = False

    def on_touch_down(self, touch: MotionEvent) -> bool:
        if not self.collide_point(*touch.pos):
            return False
        if self.enabled and self.gate.open:
            # A finger that the panel never lifted does not keep the next one off.
            self._finger, self._page = touch.uid, self.gate.page
            touch.grab(self)
            self._show(down=True)
        return True

    def key_down(self) -> None:
        """A key goes down on it, as a finger would."""
        if self.enabled and self.gate.open:
            self._page = self.gate.page
            self._show(down=True)

    def key_up(self) -> None:
        """The key comes up: a press, where a finger's would be one."""
        self._lift(counts=True)

    def on_touch_move(self, touch: MotionEvent) -> bool:
        if touch.grab_current is not self or touch.uid != self._finger:
            return False
        self._show(down=self.collide_point(*touch.pos))
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        if touch.uid != self._finger:
            return True
        self._finger = None
        self._lift(counts=self.collide_point(*touch.pos))
        return True

    def _lift(self, *, counts: bool) -> None:
        if self._down:
            self._show(down=False)
            if counts and self._page == self.gate.page and self.gate.admits(self.means, self.apart):
                self.press()

    def _show(self, *, down: bool) -> None:
        if down != self._down:
            self._down = down
            self.show_pressed(down)

    def show_pressed(self, down: bool) -> None:
        """Shows within the frame that the finger is on it."""
        self.dress(pressed=down)
