"""A finger where a panel's touches come from: the X server, which tells the window as it tells any program."""

from __future__ import annotations

import ctypes
import time


class Fingertip:
    """Touches the X server's screen by its test extension (XTEST 2.2); the pixels are the screen's, from the top left.

    OSError when the library is missing; xdotool brings it.
    """

    def __init__(self) -> None:
        x11, self._xtst = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XSync.argtypes = [ctypes.c_void_p, ctypes.c_int]
        self._x11 = x11
        self._display = ctypes.c_void_p(x11.XOpenDisplay(None))
        self._xtst.XTestFakeMotionEvent.argtypes = [ctypes.c_void_p, *[ctypes.c_int] * 3, ctypes.c_ulong]
        self._xtst.XTestFakeButtonEvent.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]

    def put_down(self, x: float, y: float) -> float:
        """The moment (time.perf_counter) from which on the server has it."""
        self._xtst.XTestFakeMotionEvent(self._display, -1, round(x), round(y), 0)
        self._xtst.XTestFakeButtonEvent(self._display, 1, 1, 0)
        self._x11.XSync(self._display, 0)
        return time.perf_counter()

    def take_up(self, x: float, y: float) -> float:
        """The finger has moved there, and leaves the glass; from which moment on."""
        self._xtst.XTestFakeMotionEvent(self._display, -1, round(x), round(y), 0)
        self._xtst.XTestFakeButtonEvent(self._display, 1, 0, 0)
        self._x11.XSync(self._display, 0)
        return time.perf_counter()
