"""QR scanner: it says what it sees, unasked, as text with CR, LF or both at its end, or with a pause after it.

A serial or network scanner and a keyboard wedge (devices/keyboard.py) say the same. Nothing is asked of a
scanner, which would not answer: it is there as long as its line is. What it sees while nobody asks is forgotten.

What was scanned opens an insurance account for as long as a minute: it stands in no log, no error and no `repr`.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Final

from devices.errors import Garbled
from devices.lines import Line, never_asks

LONGEST: Final = 7089
"""Bytes: the most that a QR code holds, as digits in version 40-L (ISO/IEC 18004)."""
QUIET: Final = 0.05
"""Seconds without a byte after which a code is whole, where a scanner sets nothing at its end."""
GRACE: Final = 1.0
"""Seconds beyond the limit for a code that has begun."""


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What was scanned: printable text, not empty, without what ends it."""

    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class NoScan:
    """Nothing was scanned in time."""


class Scanner:
    """A scanner on a line. Any call may raise Lost or Garbled. Tried against the simulated scanner only.

    A scanner that was seen to set an end to its codes is held to it: a code that then breaks off is Garbled, not half a
    code taken for a whole one.
    """

    def __init__(self, line: Line) -> None:
        never_asks(line)
        self._line = line
        self._heard = bytearray()
        self._skipping = False
        self._sets_end = False

    def hello(self) -> None:
        """Return when the line stands. What was scanned since the last reading is forgotten."""
        self.forget()

    def forget(self) -> None:
        """Whatever was scanned until now is not for whoever asks next."""
        self._heard.clear()
        for _ in range(_DRAINS):
            if not self._line.read(_AT_ONCE, 0):
                self._skipping = False
                return
        self._skipping = True
        raise Garbled("the line never stops sending")

    def read(self, within: float) -> Scan | NoScan:
        """The next code that comes within so many seconds; one that has begun is given a second more."""
        until = time.monotonic() + within
        looked = False
        while True:
            if (code := self._next_ended()) is not None:
                return Scan(text=_text(code))
            begun = bool(self._heard) or self._skipping
            left = until - time.monotonic()
            if looked and left < (-GRACE if begun else 0):
                if self._skipping:
                    raise Garbled("a code that never ends")
                return NoScan()
            looked = True
            more = self._line.read(_AT_ONCE, QUIET if begun else max(0.0, left))
            if more:
                self._hear(more)
            elif not begun:
                return NoScan()
            elif (code := self._broken_off()) is not None:
                return Scan(text=_text(code))

    def cancel(self) -> None:
        """End the line from any thread."""
        self._line.cancel()

    def close(self) -> None:
        self._heard.clear()
        self._line.close()

    def _hear(self, more: bytes) -> None:
        """Keeps what was heard, but for a code that is too long, of which the rest is left out as well."""
        self._heard += more
        end = _END.search(self._heard)
        length = end.start() if end else len(self._heard)
        too_long = length > LONGEST
        if self._skipping or too_long:
            del self._heard[:length]
            self._skipping = end is None
        if too_long:
            raise Garbled("longer than any code")

    def _next_ended(self) -> bytes | None:
        """The next code that has an end; None when there is none. An end without a code is none."""
        while (end := _END.search(self._heard)) is not None:
            code = bytes(self._heard[: end.start()])
            del self._heard[: end.end()]
            if code:
                self._sets_end = True
                return code
        return None

    def _broken_off(self) -> bytes | None:
        """What was heard when the line fell quiet; None when that was the rest of a code that was too long."""
        code = bytes(self._heard)
        self._heard.clear()
        if self._skipping:
            self._skipping = False
            return None
        if self._sets_end:
            self._sets_end = False  # what looked like an end may have been noise: the next code is judged anew
            raise Garbled("a code breaks off")
        return code


def _text(code: bytes) -> str:
    try:
        text = code.decode("utf-8")
    except UnicodeDecodeError:
        raise Garbled("a code that is no text") from None
    if not text.isprintable():
        raise Garbled("a code with characters that nobody can read")
    return text


_ENDS: Final = b"\r\n"
_END: Final = re.compile(rb"[\r\n]+")
_AT_ONCE: Final = 4096
_DRAINS: Final = 16
