"""Reader of social security cards over PC/SC: asks the child process that owns it (devices/pcsc.py), and outlives it.

A card that never answers costs its child: it is killed after PATIENCE and the next attempt has another one.
"""

from __future__ import annotations

import time
from typing import Final, Protocol

from devices.errors import Garbled, Lost, Refused, Silent
from devices.json_lines import JsonLines
from devices.lines import Line
from devices.samv import NoCard
from devices.social_card import NO_NUMBER, NOT_SOCIAL, Records, SocialCard, parse_records

PATIENCE: Final = 5.0
"""Seconds that a card may take to be read. The slowest, at 9,600 baud, needs about one and a half."""


class ChildsLine(Line, Protocol):
    def restart(self) -> None: ...


class PcscReader:
    """A card reader of PC/SC, contact or contactless. Any call may raise Lost, Silent, Garbled or Refused.

    `Refused.reason` is one of REFUSALS. Tried with pcscd and a virtual card only.
    """

    def __init__(self, line: ChildsLine, *, patience: float = PATIENCE) -> None:
        self._line = line
        self._talk = JsonLines(line, _LONGEST)
        self._patience = patience
        self._ready = False

    def hello(self) -> str | None:
        """Return what hinders reading (READER_REFUSALS, or the code that PC/SC gives), or None."""
        match self._ask({"do": "hello"}, _ANSWER_WITHIN):
            case {"hindrance": str() | None as hindrance}:
                return hindrance
        raise Garbled("greeting of another form")

    def read(self, within: float = 0.0, *, again: bool = False) -> SocialCard | NoCard:
        """The card that is there, or comes within so many seconds.

        A card is read once: as long as it stays this waits for another, and ends with NoCard(after_read=True). `again`
        reads it once more. A card of another kind is Refused once, and then counts as read too.
        """
        match self._ask({"do": "read", "within": float(within), "again": again}, within + _ANSWER_WITHIN):
            case {"no_card": bool(after_read)}:
                return NoCard(after_read=after_read)
            case {"records": dict(records)}:
                return parse_records(_records(records))
        raise Garbled("card of another form")

    def uid(self, within: float = 0.0) -> str | NoCard:
        """The number of the contactless card that is there or comes in time, in hexadecimal digits; see read_uid."""
        match self._ask({"do": "uid", "within": float(within)}, within + _ANSWER_WITHIN):
            case {"no_card": bool()}:
                return NoCard()
            case {"uid": str(uid)}:
                return uid.upper()
        raise Garbled("number of another form")

    def cancel(self) -> None:
        """End the line from any thread."""
        self._line.cancel()

    def close(self) -> None:
        self._line.close()

    def _ask(self, request: dict[str, object], within: float) -> dict[str, object]:
        """The child's answer. A child that gives none is replaced, and what it might still have said goes with it."""
        until = time.monotonic() + within + self._patience
        try:
            if not self._ready:
                self._listen(_START_WITHIN)
                self._ready = True
            self._talk.say(request, _ANSWER_WITHIN)
            answer = self._listen(within)
        except Silent as error:
            self._start_again()
            raise Silent(f"PC/SC does not answer: {error}") from None
        while answer.get("event") == "card":  # one that went again at once is followed by another
            try:
                answer = self._listen(min(self._patience, until - time.monotonic()))
            except Silent:
                self._start_again()
                raise Refused(NO_ANSWER) from None
        match answer:
            case {"refused": str(reason)}:
                raise Refused(reason)
            case {"garbled": str(what)}:
                raise Garbled(what)
        return answer

    def _listen(self, within: float) -> dict[str, object]:
        try:
            return self._talk.hear(within)
        except Garbled as error:
            raise Lost(f"the process that owns PC/SC sends {error}") from None

    def _start_again(self) -> None:
        self._ready = False
        self._talk.forget()
        self._line.restart()


def _records(said: dict[str, object]) -> Records:
    records: Records = {}
    try:
        for tag, value in said.items():
            match value:
                case "absent" | "locked" | "blank" | "damaged":
                    records[int(tag, 16)] = value
                case str():
                    records[int(tag, 16)] = bytes.fromhex(value)
    except ValueError:
        raise Garbled("records of another form") from None
    return records


_LONGEST: Final = 131072
"""Bytes: far more than the records of any card, in hexadecimal digits."""
_START_WITHIN: Final = 5.0
_ANSWER_WITHIN: Final = 1.0
NO_SERVICE: Final = "no PC/SC service"
NO_READER: Final = "no card reader"
NO_ACCESS: Final = "PC/SC service refuses this user"
READER_REFUSALS: Final = (NO_SERVICE, NO_READER, NO_ACCESS)
"""Of the reader itself."""
NO_ANSWER: Final = "card does not answer"
PULLED: Final = "card pulled away"
IN_USE: Final = "card in use by another program"
REFUSALS: Final = (*READER_REFUSALS, NO_ANSWER, PULLED, IN_USE, NOT_SOCIAL, NO_NUMBER)
"""What `Refused.reason` may be; beside the reader's own it is the card."""
