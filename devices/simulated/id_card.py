"""The simulated SAM_V reader: bytes in, moves out, with a card that comes and goes and faults on demand.

Its order is the real one: a card is found only while it lies there, selected only after it was found, read only after
it was selected. `sticky` readers do not find a card again that they have read, until it is lifted.

Faults are named `NAME[:VALUE][@COMMAND]`; without @COMMAND they strike at the next command, whatever it is:

    silence        no answer                        noise         rubbish before the answer, parts of a preamble in it
    half           the first half of the answer     truncated     a correct frame that holds half of its data
    checksum       a wrong checksum                 oversized     a length of 65,535
    slow[:S]       S seconds (0.005) between bytes  disconnect:N  the line ends after N bytes of the answer
    sw3:HH         this status and no data          pulled        the card is lifted just before the command
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import TypedDict

from devices.simulated.people import Card, Person
from devices.simulated.wire import HangUp, Move, Pause

COMMANDS = {
    b"\x10\xff": "reset",
    b"\x11\xff": "status",
    b"\x12\xff": "sam-id",
    b"\x20\x01": "find",
    b"\x20\x02": "select",
    b"\x30\x01": "read",
    b"\x30\x03": "address",
}
FAULTS = ("silence", "noise", "half", "truncated", "checksum", "oversized", "slow", "disconnect", "sw3", "pulled")
SAM_ID = bytes.fromhex("05000100A53A340187D61200B168DE3A")


class ReaderState(TypedDict):
    person: str | None
    sticky: bool
    cards_read: int
    faults: list[str]


class SimulatedReader:
    """A reader with at most one card on it. `on_change` is called whenever `state()` differs."""

    def __init__(self, people: dict[str, Person], *, sticky: bool, on_change: Callable[[], None]) -> None:
        self.sticky = sticky
        self._people = people
        self._on_change = on_change
        self._faults: list[_Fault] = []
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

    def fault(self, name: str, times: int | None) -> None:
        """Fail in this way, so many times or until `clear`. ValueError for a name that does not exist."""
        self._faults.append(_Fault.parse(name, times))
        self._on_change()

    def clear(self) -> None:
        self._faults.clear()
        self._on_change()

    def state(self) -> ReaderState:
        faults = [fault.name for fault in self._faults]
        return {"person": self._person, "sticky": self.sticky, "cards_read": self._cards_read, "faults": faults}

    def _answer(self, request: bytes) -> list[Move]:
        if len(request) < 3:
            return [_frame(b"\0\0\x11")]
        if reduce(xor, len(request).to_bytes(2, "big") + request) != 0:
            return [_frame(b"\0\0\x10")]
        command = COMMANDS.get(request[:2], "unknown")
        fault = self._strike(command)
        if fault is not None and fault.kind == "pulled":
            self.lift()
            fault = None
        if fault is not None and fault.kind == "sw3":
            return [_frame(b"\0\0" + bytes.fromhex(fault.value))]
        body = self._obey(command)
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

    def _strike(self, command: str) -> _Fault | None:
        for fault in self._faults:
            if fault.command in ("", command):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                    self._on_change()
                return fault
        return None

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


@dataclass(kw_only=True)
class _Fault:
    name: str
    kind: str
    value: str
    command: str
    times: int | None

    @classmethod
    def parse(cls, name: str, times: int | None) -> _Fault:
        parts = re.fullmatch(r"([a-z0-9]+)(?::([0-9a-fA-F.]+))?(?:@([a-z-]+))?", name)
        if parts is None or parts[1] not in FAULTS:
            raise ValueError(f"no such fault; there are: {', '.join(FAULTS)}")
        kind, value, command = parts[1], parts[2] or "", parts[3] or ""
        if command and command not in COMMANDS.values():
            raise ValueError(f"no such command; there are: {', '.join(COMMANDS.values())}")
        form, example = _VALUES.get(kind, ("", "no value"))
        if not re.fullmatch(form, value):
            raise ValueError(f"{kind} takes {example}")
        return cls(name=name, kind=kind, value=value, command=command, times=times)


_VALUES = {
    "slow": (r"(?:[0-9]+(?:\.[0-9]+)?)?", "seconds between bytes, such as slow:0.01"),
    "disconnect": (r"[0-9]+", "a number of bytes, such as disconnect:20"),
    "sw3": (r"[0-9a-fA-F]{2}", "two hexadecimal digits, such as sw3:41"),
}
_NOISE = bytes.fromhex("00FF13AAAA55AAAAAA96AA7E96690102") * 3


def _spoil(body: bytes, fault: _Fault) -> list[Move]:
    whole = _frame(body)
    match fault.kind:
        case "silence":
            return []
        case "noise":
            return [_NOISE + whole]
        case "half":
            return [whole[: len(whole) // 2]]
        case "truncated":
            return [_frame(body[: 3 + len(body[3:]) // 2])]
        case "checksum":
            return [whole[:-1] + bytes([whole[-1] ^ 0x55])]
        case "oversized":
            return [whole[:5] + b"\xff\xff" + whole[7:]]
        case "slow":
            pause = Pause(float(fault.value or "0.005"))
            return list(itertools.chain.from_iterable((bytes([byte]), pause) for byte in whole))
        case "disconnect":
            return [whole[: int(fault.value)], HangUp()]
        case _:
            raise AssertionError(fault.kind)


def _frame(body: bytes) -> bytes:
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return _PREAMBLE + counted + bytes([reduce(xor, counted)])
