"""Reader of resident identity cards (居民身份证): the SAM_V module's bytes, over a serial, network or USB line.

GA 450 as far as published: every frame is `AA AA AA 96 69 | length (2, big-endian) | body | checksum`; the length
counts body and checksum, the checksum is the XOR of length and body. A request's body is a command of two bytes, an
answer's is the card's status word (2), SAM_V's own status (SW3) and data. Requests and answers alternate and carry no
number, so input that is left over is thrown away before each request, and an answer is believed only if it fits the
request. One exchange has one deadline, however slowly the bytes drip.
"""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass, replace
from functools import reduce
from operator import xor
from typing import Final

from devices.card_text import UNKNOWN_TYPE, IdCard, parse_card, parse_new_address
from devices.errors import Garbled, Refused, Silent
from devices.lines import Line

PREAMBLE: Final = bytes.fromhex("AAAAAA9669")


@dataclass(frozen=True, kw_only=True)
class NoCard:
    """No card that can be read lies on the reader.

    `after_read`: a card was read, and none has been found since. Many readers keep a card that was read selected and
    do not find it again until it is lifted, so it may still lie there: nobody can tell. For a second reading ask the
    person to present the card again; never take this for "the card is gone".
    """

    after_read: bool = False


class SamV:
    """A card reader with a SAM_V module. Any call may raise Lost, Silent, Garbled or Refused.

    `Refused.reason` is one of the texts of REFUSALS; UNKNOWN_TYPE is said by the reader, or follows from the card's
    text. Tried against the simulated reader only.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._after_read = False
        self._sam: str | None = None

    def hello(self) -> None:
        """Return when the reader is there and works. Refused: "self-test failed" or "not authorised".

        The first greeting asks for the module's number as well, which every card that is read then carries. There are
        readers that refuse to tell it, or say nothing at all: they work all the same.
        """
        self._ask(_STATUS)
        if self._sam is None:
            try:
                self._sam = self.sam_id()
            except (Refused, Silent):
                self._sam = ""

    @property
    def sam(self) -> str:
        """The security module's number as the greeting found it; "" when not greeted yet, or when it does not tell."""
        return self._sam or ""

    def sam_id(self) -> str:
        """The security module's number as printed on it, such as 05.01-20200101-0001234567-0987654321."""
        kind, maker, date, first, second = struct.unpack("<HHIII", self._ask(_SAM_ID))
        return f"{kind:02d}.{maker:02d}-{date:08d}-{first:010d}-{second:010d}"

    def read(self) -> IdCard | NoCard:
        """One attempt: find, select, read the card and its new address.

        A card pulled away on the way is Refused with "card not selected" or "card read failed".
        """
        if not self._find():
            return NoCard(after_read=self._after_read)
        self._after_read = False
        self._ask(_SELECT)
        base = self._ask(_READ_BASE)
        self._after_read = True
        newer = self._new_address()
        text, photo = _text_and_photo(base)
        return replace(parse_card(text, photo=photo, new_address=newer), sam=self.sam)

    def cancel(self) -> None:
        """End the line from any thread."""
        self._line.cancel()

    def close(self) -> None:
        self._line.close()

    def _find(self) -> bool:
        """Asked twice: a first find after a card arrived is answered "none" by working readers."""
        for _ in range(2):
            try:
                self._ask(_FIND)
            except _Nothing:
                continue
            return True
        return False

    def _new_address(self) -> str:
        try:
            return parse_new_address(self._ask(_READ_NEW_ADDRESS))
        except _Nothing:
            return ""

    def _ask(self, request: _Request) -> bytes:
        """The data of the answer, of a size that the request can have; _Nothing when SW3 says there is none."""
        until = time.monotonic() + request.within
        self._drain(until)
        self._line.write(frame(request.command), request.within)
        body = self._receive(request.longest, until)
        sw3, data = body[2], body[3:]
        if sw3 == request.success and len(data) in request.sizes:
            return data
        if sw3 in request.nothing:
            raise _Nothing
        if sw3 in _GARBLED_ON_THE_WAY:
            raise Garbled(f"reader says: {_GARBLED_ON_THE_WAY[sw3]}")
        if sw3 in REFUSALS:
            raise Refused(REFUSALS[sw3])
        raise Garbled(f"answer {body[:3].hex()} with {len(data)} bytes to {request.command.hex()}")

    def _drain(self, until: float) -> None:
        """A line may give what it has by single packets, so bytes and time are counted, not readings."""
        left = _LEFT_OVER
        while left > 0 and time.monotonic() < until:
            stale = self._line.read(left, 0)
            if not stale:
                return
            left -= len(stale)
        raise Garbled("the line never stops sending")

    def _receive(self, longest: int, until: float) -> bytes:
        """The body of the next frame. Bytes before it are noise; a length beyond `longest` is not waited for."""
        heard = bytearray()
        skipped = 0
        while True:
            start = heard.find(PREAMBLE)
            if start < 0:  # keep what may be the beginning of a preamble
                start = max(0, len(heard) - len(PREAMBLE) + 1)
                whole = _HEADER
            elif len(heard) - start < _HEADER:
                whole = _HEADER
            else:
                length = int.from_bytes(heard[start + 5 : start + 7], "big")
                if not _SHORTEST <= length <= longest:
                    raise Garbled(f"answer of {length} bytes")
                whole = _HEADER + length
            del heard[:start]
            skipped += start
            if skipped > _NOISE:
                raise Garbled("nothing but noise")
            if len(heard) >= whole and whole > _HEADER:
                break
            begun = bool(heard or skipped)
            left = until - time.monotonic()
            more = self._line.read(whole - len(heard), min(left, _GAP) if begun else left) if left > 0 else b""
            if not more:
                raise Garbled("answer breaks off") if begun else Silent("reader does not answer")
            heard += more
        answer = bytes(heard[5:whole])
        if reduce(xor, answer) != 0:
            raise Garbled("wrong checksum")
        return answer[2:-1]


def is_there(line: Line) -> bool:
    """Whether a reader answers on this line, whatever it says of itself. Not waited for as long as by `hello`: at 9,600
    baud question and answer take 22 ms, and this is asked at one rate after another."""
    try:
        SamV(line)._ask(replace(_STATUS, within=0.3))  # noqa: SLF001 - of this module
    except Refused:
        return True
    except (Silent, Garbled):
        return False
    return True


def _text_and_photo(base: bytes) -> tuple[bytes, bytes]:
    """What a card's data consist of. There are readers that answer with the fingerprints behind the rest, for which the
    head has a third length; nobody here has a use for them, so they are let go at once."""
    head = ">HH" if len(base) == _BASE else ">HHH"
    sizes = struct.unpack_from(head, base)
    begin = struct.calcsize(head)
    if sizes[:2] != (256, 1024) or begin + sum(sizes) != len(base):
        raise Garbled(f"card that says its sizes are {sizes}")
    return base[begin : begin + 256], base[begin + 256 : begin + 1280]


def frame(body: bytes) -> bytes:
    """Preamble, length, body, checksum."""
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return PREAMBLE + counted + bytes([reduce(xor, counted)])


REFUSALS: Final = {
    0x21: "bad command",
    0x23: "no privilege",
    0x24: "unknown error",
    0x31: "card refused the reader",
    0x32: "reader refused the card",
    0x33: "card not verified",
    0x37: "fingerprint not verified",
    0x3F: "information length wrong",
    0x40: UNKNOWN_TYPE,
    0x41: "card read failed",
    0x47: "random number failed",
    0x60: "self-test failed",
    0x66: "not authorised",
    0x80: "no card",
    0x81: "card not selected",
    0x91: "no such item",
}
"""SW3 → reason. 60 and 66 concern the reader itself, 31 to 41 and 81 the card on it."""

_GARBLED_ON_THE_WAY: Final = {0x10: "checksum of the request wrong", 0x11: "length of the request wrong"}
_HEADER: Final = len(PREAMBLE) + 2
_SHORTEST: Final = 4
_NOISE: Final = 4096
_GAP: Final = 0.5
"""Seconds without a byte inside an answer after which nothing more will come."""
_LEFT_OVER: Final = 16384
"""Bytes that may wait on the line before a request."""


class _Nothing(Exception):
    """SW3 says that there is nothing to give, which is an answer like any other."""


@dataclass(frozen=True, kw_only=True)
class _Request:
    """A command, what answers it, and for how many seconds it may go on (what working integrations allow)."""

    command: bytes
    success: int = 0x90
    sizes: frozenset[int]
    nothing: frozenset[int] = frozenset()
    within: float

    @property
    def longest(self) -> int:
        return 4 + max(self.sizes)


_STATUS: Final = _Request(command=b"\x11\xff", sizes=frozenset({0}), within=0.5)
_SAM_ID: Final = _Request(command=b"\x12\xff", sizes=frozenset({16}), within=0.5)
_FIND: Final = _Request(command=b"\x20\x01", success=0x9F, sizes=frozenset({4}), nothing=frozenset({0x80}), within=0.5)
_SELECT: Final = _Request(command=b"\x20\x02", sizes=frozenset({8}), within=0.5)
_BASE: Final = 4 + 256 + 1024
_READ_BASE: Final = _Request(
    command=b"\x30\x01", sizes=frozenset({_BASE, *(_BASE + 2 + fingers for fingers in (0, 512, 1024))}), within=3.0
)
"""Without fingerprints, or with room for none, one or two."""
_READ_NEW_ADDRESS: Final = _Request(
    command=b"\x30\x03", sizes=frozenset({70, 140, 210, 280}), nothing=frozenset({0x21, 0x91}), within=1.5
)
"""Readers without the command answer 21: for them the printed address is the address."""
