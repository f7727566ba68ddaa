"""Fingers on the window's glass, as many at once as one likes: past the input provider, which knows one alone.

Importing this opens the window.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

from kivy.base import EventLoop, ExceptionManager
from kivy.input.motionevent import MotionEvent

_numbers = itertools.count(1)


class Touch(MotionEvent):  # type: ignore[misc]  # kivy has no types
    """A finger that is put down where it begins; places are in pixels of the window, from the lower left."""

    def __init__(self, x: float, y: float) -> None:
        super().__init__("monkey", next(_numbers), _of_window(x, y), is_touch=True, type_id="touch")
        self._dispatch("begin")

    def depack(self, args: tuple[float, float]) -> None:
        """Kivy's: what a place is made of."""
        self.sx, self.sy = args
        self.profile = ["pos"]
        super().depack(args)

    def slide(self, x: float, y: float) -> None:
        """The finger goes there."""
        self.move(_of_window(x, y))
        self._dispatch("update")

    def lift(self) -> None:
        """The finger leaves the glass where it is."""
        self._dispatch("end")

    def _dispatch(self, what: str) -> None:
        _as_the_loop_does(lambda: EventLoop.post_dispatch_input(what, self))


def tell_window(event: str, *how: object) -> None:
    """A key, or a mouse, as the window hears it."""
    _as_the_loop_does(lambda: EventLoop.window.dispatch(event, *how))


def _as_the_loop_does(dispatch: Callable[[], object]) -> None:
    """What fails goes where kivy's loop takes it."""
    try:
        dispatch()
    except Exception as error:  # as in kivy's loop
        if ExceptionManager.handle_exception(error) == ExceptionManager.RAISE:
            raise


def _of_window(x: float, y: float) -> tuple[float, float]:
    window = EventLoop.window
    return x / (window.width - 1.0), y / (window.height - 1.0)
