"""The window's loop in asyncio: it comes round when there is a reason, at most sixty times a second.

Kivy's own comes round all the time, though a kiosk mostly stands idle, and it asks for touches after it has drawn and
before it sleeps: a touch is shown by the second frame after it. This one rests until something is due on kivy's clock
or the window has something to say, and hears that before it draws.
"""

from __future__ import annotations

import asyncio
import ctypes

from kivy.base import EventLoop, ExceptionManager, stopTouchApp
from kivy.clock import Clock
from kivy.core.window import Window

FRAME = 1 / 60
"""Seconds from one turn to the next where something moves."""
REST = 0.1
"""Seconds after which it comes round in any case: what another part of the program changed on the glass waits no
longer to be drawn."""
ALREADY_QUEUED = 0
"""XEventsQueued's mode that reads nothing (Xlib.h, QueuedAlready)."""

_resting: set[asyncio.Future[None]] = set()


class Loop:
    """The loop of the one window that a program has. Kivy's clock must not wait by itself (``maxfps`` 0)."""

    def __init__(self) -> None:
        self._x11 = ctypes.CDLL("libX11.so.6")
        self._x11.XConnectionNumber.argtypes = [ctypes.c_void_p]
        self._x11.XEventsQueued.argtypes = [ctypes.c_void_p, ctypes.c_int]
        self._display = Window.get_window_info().display
        self._connection: int = self._x11.XConnectionNumber(self._display)

    async def run(self) -> None:
        """Until the window is closed; for kivy's ``EventLoop.async_mainloop``."""
        now = asyncio.get_running_loop().time
        while not EventLoop.quit and EventLoop.status == "started":
            began = now()
            try:
                Window.mainloop()
                EventLoop.idle()
            except BaseException as error:  # as in kivy's loop
                if ExceptionManager.handle_exception(error) == ExceptionManager.RAISE:
                    stopTouchApp()
                    raise
            await self._rest()
            await asyncio.sleep(max(0.0, began + FRAME - now()))
        EventLoop.close()

    async def _rest(self) -> None:
        due = min(REST, Clock.get_min_timeout() - Clock.time())
        said = self._x11.XEventsQueued(self._display, ALREADY_QUEUED)
        if due <= 0 or said or Window.canvas.needs_redraw:
            return
        loop = asyncio.get_running_loop()
        resting: asyncio.Future[None] = loop.create_future()
        _resting.add(resting)
        timer = loop.call_later(due, hurry)
        loop.add_reader(self._connection, hurry)
        try:
            await resting
        finally:
            _resting.discard(resting)
            loop.remove_reader(self._connection)
            timer.cancel()


def hurry() -> None:
    """Something was put on kivy's clock that is due at once: the loop does not rest."""
    for resting in _resting:
        if not resting.done():
            resting.set_result(None)
