"""The keyboard of this program's window as a line, for scanners that type what they see (keyboard wedge).

Whoever has the window hands over what is typed: `KEYBOARD.typed(text)`, with "\\r" for Enter. A driver on
`keyboard://` reads whole codes, each with its "\\r", as from a serial port. What is not typed in one go, as a scanner
does, is no code: a pause within it begins anew. So the wedge must be set to end with Enter, as it is on delivery,
and a hand on a forgotten keyboard says next to nothing. While no line is open, what is typed is lost.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from devices.errors import Lost

ENTER: Final = "\r"
PAUSE: Final = 0.25
"""Seconds between two characters after which the second begins anew. A wedge types one every few milliseconds, but the
window hands keys over once a frame, and a page that is being drawn holds them up for as long as 0.2 s."""
MOST: Final = 8192
"""Characters that are kept: more than any code has."""


class Keyboard:
    """What is typed in the window. At most one line listens; opening another ends the one before."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._line: KeyboardLine | None = None

    def typed(self, text: str) -> None:
        """Characters in their order, Enter as "\\r" or "\\n". From any thread; never waits."""
        line = self._line
        if line is not None:
            line.feed(text)

    def open_line(self) -> KeyboardLine:
        """The line on which it is heard from here on."""
        if self._line is not None:
            self._line.cancel()
        self._line = KeyboardLine(self._clock)
        return self._line


class KeyboardLine:
    """A Line: whole codes with their Enter, as UTF-8. What is written to it is nobody's."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._begun: list[str] = []
        self._begun_is_good = True
        self._last = float("-inf")
        self._waiting = bytearray()
        self._cancelled = False

    def feed(self, text: str) -> None:
        """What was typed. A code that grows beyond MOST, or finds no room beside those that wait, is not kept."""
        with self._changed:
            now = self._clock()
            if now - self._last > PAUSE:
                self._begin_anew()
            self._last = now
            for character in text:
                if character in "\r\n":
                    self._end()
                elif character.isprintable() and self._begun_is_good:
                    self._begun.append(character)
                    self._begun_is_good = len(self._begun) <= MOST
            self._changed.notify_all()

    def write(self, data: bytes, within: float) -> None:
        self._demand()

    def read(self, size: int, within: float) -> bytes:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._cancelled, max(0.0, within))
            self._demand()
            data = bytes(self._waiting[:size])
            del self._waiting[:size]
            return data

    def cancel(self) -> None:
        with self._changed:
            self._cancelled = True
            self._begin_anew()
            self._waiting.clear()
            self._changed.notify_all()

    def close(self) -> None:
        self.cancel()

    def _end(self) -> None:
        code = "".join(self._begun).encode("utf-8", "replace")
        if code and self._begun_is_good and not self._cancelled and len(self._waiting) + len(code) <= 4 * MOST:
            self._waiting += code + ENTER.encode()
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._begun.clear()
        self._begun_is_good = True

    def _demand(self) -> None:
        if self._cancelled:
            raise Lost("line cancelled")


KEYBOARD: Final = Keyboard()
"""There is one window, and so one keyboard, in a program."""
