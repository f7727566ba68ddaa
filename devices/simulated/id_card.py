"""The simulated SAM_V reader: bytes in, moves out, with a card that comes and goes and faults on demand.

Its order is the real one: a card is found only while it lies there, selected only after it was found, read only after
it was selected. `sticky` readers do not find a card again that they have read, until it is lifted.

Faults are those of devices/simulated/faults.py, whose moments are the commands below, and

    truncated      a correct frame that holds half of its data  checksum  a wrong checksum
    oversized      a length of 65,535                           pulled    the card is lifted just before the command
    sw3:HH         this status and no data
    fingerprint:HHHH   no failure, a habit of some readers: the card comes with so many bytes of fingerprints
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from operator import xor
from typing import TypedDict

from devices.simulated.faults import COMMON, Fault, FaultKind, Faults, spoil
from devices.simulated.people import Card, Person
from devices.simulated.wire import Move

COMMANDS = {
    b"\x10\xff": "reset",
    b"\x11\xff": "status",
    b"\x12\xff": "sam-id",
    b"\x20\x01": "find",
    b"\x20\x02": "select",
    b"\x30\x01": "read",
    b"\x30\x03": "address",
}
FAULTS = (
    *COMMON,
    FaultKind(name="truncated"),
    FaultKind(name="checksum"),
    FaultKind(name="oversized"),
    FaultKind(name="pulled"),
    FaultKind(name="sw3", form="[0-9a-fA-F]{2}", takes="two hexadecimal digits, such as sw3:41"),
    FaultKind(name="fingerprint", form="0000|0200|0400", takes="0000, 0200 or 0400 bytes, such as fingerprint:0400"),
)
_FAILURES = {kind.name for kind in FAULTS} - {"fingerprint"}
SAM_ID = bytes.fromhex("05000100A53A340187D61200B168DE3A")


class ReaderState(TypedDict):
    person: str | None
    sticky: bool
    cards_read: int


class SimulatedReader:
    """A reader with at most one card on it. `on_change` is called whenever `state()` differs."""

    def __init__(self, people: dict[str, Person], *, sticky: bool, on_change: Callable[[], None]) -> None:
        self.sticky = sticky
        self._people = people
        self._on_change = on_change
        self.faults = Faults(FAULTS, on_change, moments=COMMANDS.values())
        self._heard = bytearray()
        self._person: str | None = None
        self._card: Card | None = None
        self._found = self._selected = self._was_read = False
        self._cards_read = 0

    def receive(self, data: bytes) -> Iterable[Move]:
        """What is sent for these bytes; each whole request gets one answer."""
        self._heard += data
        moves: list[Move] = []
        while (request := self._next_request()) is not None:
            moves += self._answer(request)
        return moves

    def connected(self) -> None:
        self._heard.clear()

    def present(self, person: str) -> None:
        """Lay this person's card on the reader, in place of any other. KeyError when nobody has this id."""
        self.present_card(self._people[person].card(), person)

    def present_card(self, card: Card, person: str = "somebody") -> None:
        self._leave()
        self._card, self._person = card, person
        self._on_change()

    def lift(self) -> None:
        self._leave()
        self._on_change()

    def state(self) -> ReaderState:
        return {"person": self._person, "sticky": self.sticky, "cards_read": self._cards_read}

    def _answer(self, request: bytes) -> list[Move]:
        if len(request) < 3:
            return [_frame(b"\0\0\x11")]
        if reduce(xor, len(request).to_bytes(2, "big") + request) != 0:
            return [_frame(b"\0\0\x10")]
        command = COMMANDS.get(request[:2], "unknown")
        fault = self.faults.strike(command, _FAILURES | {"fingerprint"} if command == "read" else _FAILURES)
        if fault is not None and fault.kind == "pulled":
            self.lift()
            fault = None
        if fault is not None and fault.kind == "sw3":
            return [_frame(b"\0\0" + bytes.fromhex(fault.value))]
        body = self._obey(command)
        if fault is not None and fault.kind == "fingerprint":
            return [_frame(_with_fingerprints(body, bytes.fromhex(fault.value)))]
        return [_frame(body)] if fault is None else _spoil(body, fault)

    def _obey(self, command: str) -> bytes:
        card = self._card
        match command:
            case "reset":
                self._found = self._selected = self._was_read = False
                return b"\0\0\x90"
            case "status":
                return b"\0\0\x90"
            case "sam-id":
                return b"\0\0\x90" + SAM_ID
            case "find":
                self._selected = False
                self._found = card is not None and not (self.sticky and self._was_read)
                return b"\0\0\x9f" + bytes(4) if self._found else b"\0\0\x80"
            case "select":
                self._selected = card is not None and self._found
                return b"\0\0\x90" + bytes(8) if self._selected else b"\0\0\x81"
            case "read":
                if card is None or not self._selected:
                    return b"\0\0\x41"
                self._was_read = True
                self._cards_read += 1
                self._on_change()
                return b"\0\0\x90" + bytes.fromhex("01000400") + card.text + card.photo
            case "address":
                if card is None or not self._selected:
                    return b"\0\0\x41"
                return b"\0\0\x90" + b"".join(card.new_addresses) if card.new_addresses else b"\0\0\x91"
            case _:
                return b"\0\0\x21"

    def _leave(self) -> None:
        self._card = self._person = None
        self._found = self._selected = self._was_read = False

    def _next_request(self) -> bytes | None:
        """Body and checksum of the next request that has arrived whole; bytes that belong to none are dropped."""
        start = self._heard.find(_PREAMBLE)
        if start < 0:
            del self._heard[: max(0, len(self._heard) - len(_PREAMBLE) + 1)]
            return None
        del self._heard[:start]
        if len(self._heard) < 7:
            return None
        length = int.from_bytes(self._heard[5:7], "big")
        if length > _LONGEST_REQUEST:
            del self._heard[:7]
            return b""
        if len(self._heard) < 7 + length:
            return None
        request = bytes(self._heard[7 : 7 + length])
        del self._heard[: 7 + length]
        return request


_PREAMBLE = bytes.fromhex("AAAAAA9669")
_LONGEST_REQUEST = 16


_NOISE = bytes.fromhex("00FF13AAAA55AAAAAA96AA7E96690102") * 3


def _with_fingerprints(body: bytes, size: bytes) -> bytes:
    """The answer to "read" as ReadBaseFPMsg has it; of a card that is not there it is no other."""
    if len(body) < 3 + 4:
        return body
    return body[:7] + size + body[7:] + b"F" * int.from_bytes(size, "big")


def _spoil(body: bytes, fault: Fault) -> list[Move]:
    whole = _frame(body)
    match fault.kind:
        case "truncated":
            return [_frame(body[: 3 + len(body[3:]) // 2])]
        case "checksum":
            return [whole[:-1] + bytes([whole[-1] ^ 0x55])]
        case "oversized":
            return [whole[:5] + b"\xff\xff" + whole[7:]]
        case _:
            return spoil(whole, fault, noise=_NOISE)


def _frame(body: bytes) -> bytes:
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return _PREAMBLE + counted + bytes([reduce(xor, counted)])
