"""JSON objects over a line, one a line: what the control port and the child that owns PC/SC are spoken with."""

from __future__ import annotations

import json
import time

from devices.errors import Garbled, Silent
from devices.lines import Line


class JsonLines:
    """A conversation over a line, which stays its owner's to cancel and to close. `longest` is in bytes."""

    def __init__(self, line: Line, longest: int = 1 << 26) -> None:
        self._line = line
        self._longest = longest
        self._heard = bytearray()

    def say(self, what: dict[str, object], within: float) -> None:
        self._line.write(json.dumps(what).encode() + b"\n", within)

    def hear(self, within: float) -> dict[str, object]:
        """The next object. Silent when none comes within so many seconds, Garbled for a line that is none."""
        until = time.monotonic() + within
        while (end := self._heard.find(b"\n")) < 0:
            left = until - time.monotonic()
            more = self._line.read(65536, left) if left > 0 else b""
            if not more:
                raise Silent(f"no answer within {within:g} s")
            self._heard += more
            if len(self._heard) > self._longest:
                raise Garbled("a line without an end")
        words = bytes(self._heard[:end])
        del self._heard[: end + 1]
        try:
            answer = json.loads(words)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise Garbled("a line that is no JSON object")
        return answer

    def forget(self) -> None:
        """What was half heard is not the next speaker's."""
        self._heard.clear()
