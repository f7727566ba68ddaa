"""A status light: a relay board that speaks Modbus RTU, with three lamps on its first relays, green, amber and red.

Over a serial line (RS-485) or a serial device server. Frames and functions 1 and 15 are those of "MODBUS Application
Protocol Specification V1.1b3", 6.1 and 6.11, and of "MODBUS over Serial Line V1.02", 2.5.1 and 6.2.2.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Final, Literal

from devices.errors import Garbled, Refused, Silent
from devices.lines import Line

LightState = Literal["free", "busy", "help", "off"]
"""``help``: somebody should come, because a person asked for it or the machine is out of order."""
LAMPS: Final[dict[LightState, int]] = {"free": 0b001, "busy": 0b010, "help": 0b100, "off": 0}
"""State → relays, the first in the lowest bit."""
WITHIN: Final = 0.5
"""Seconds for an answer: boards answer within 50 ms."""
LEFT_OVER: Final = 4096
"""Bytes that may wait on the line before a request."""
READ, WRITE = 0x01, 0x0F
EXCEPTION: Final = 0x80
REFUSALS: Final = {1: "illegal function", 2: "illegal address", 3: "illegal value", 4: "device failure"}
"""Exception code → Refused.reason; other codes are "code N"."""
ALL_RELAYS: Final = bytes([0, 0, 0, 3])
"""The first address, and how many."""


class ModbusLight:
    """The lamps on the board with this unit number. Any call may raise Lost, Silent, Garbled or Refused.

    Tried against a simulated board only.
    """

    def __init__(self, line: Line, *, unit: int = 1) -> None:
        self._line = line
        self._unit = unit
        self._shown: LightState | None = None

    def hello(self) -> None:
        """Return when the board answers. One that lost its power in between shows again what it was told to."""
        lit = self._ask(READ, ALL_RELAYS, 2)
        if lit[0] != 1:
            raise Garbled("an answer of another length")
        if self._shown is not None and lit[1] & 0b111 != LAMPS[self._shown]:
            self.show(self._shown)

    def show(self, state: LightState) -> None:
        """Light the one lamp of this state, and no other."""
        answer = self._ask(WRITE, ALL_RELAYS + bytes([1, LAMPS[state]]), 4)
        if answer != ALL_RELAYS:
            raise Garbled("an answer to something else")
        self._shown = state

    def cancel(self) -> None:
        """End the line from any thread."""
        self._line.cancel()

    def close(self) -> None:
        self._line.close()

    def _ask(self, function: int, data: bytes, answer_size: int) -> bytes:
        """The data of the answer to one request."""
        self._drain(time.monotonic() + WITHIN)
        self._line.write(framed(bytes([self._unit, function]) + data), WITHIN)
        until = time.monotonic() + WITHIN
        heard = b""
        while len(heard) < (wanted := 5 if heard[1:2] == bytes([function | EXCEPTION]) else 4 + answer_size):
            more = self._line.read(wanted - len(heard), max(0.0, until - time.monotonic()))
            if not more:
                raise Garbled("an answer that breaks off") if heard else Silent("no answer")
            heard += more
        if framed(heard[:-2]) != heard:
            raise Garbled("a wrong checksum")
        if heard[0] != self._unit:
            raise Garbled("an answer from another board")
        if heard[1] == function | EXCEPTION:
            raise Refused(REFUSALS.get(heard[2], f"code {heard[2]}"))
        if heard[1] != function:
            raise Garbled("an answer to another function")
        return heard[2:-2]

    def _drain(self, until: float) -> None:
        """What came late, or was noise, answers nothing. Bytes and time are counted: a line may never stop sending."""
        left = LEFT_OVER
        while left > 0 and time.monotonic() < until:
            stale = self._line.read(left, 0)
            if not stale:
                return
            left -= len(stale)
        raise Garbled("the line never stops sending")


def is_there(line: Line) -> bool:
    """Whether a board answers at this rate, whatever it says."""
    with suppress(Silent, Garbled):
        try:
            ModbusLight(line).hello()
        except Refused:
            pass
        return True
    return False


def framed(request: bytes) -> bytes:
    """With its checksum, the low byte first."""
    return request + crc(request).to_bytes(2, "little")


def crc(data: bytes) -> int:
    """CRC-16 of Modbus."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _bit in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value
