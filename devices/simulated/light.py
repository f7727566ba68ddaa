"""The simulated relay board of a status light: answers functions 1 and 15 of Modbus RTU, and keeps its relays.

Faults are those of devices/simulated/faults.py, which spoil what is answered, and

    refuse:N   exception N in place of the answer       other   the answer of another board
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from devices.light import READ, WRITE, framed
from devices.simulated.faults import COMMON, Fault, FaultKind, Faults, spoil
from devices.simulated.wire import Move

REFUSE = FaultKind(name="refuse", form="[0-9]{1,3}", takes="the number of an exception, such as refuse:4")
FAULTS = (*COMMON, REFUSE, FaultKind(name="other"))


class SimulatedLight:
    """A board with this unit number; ``lamps`` has a bit for each relay. It hears nothing that is for another board."""

    def __init__(self, on_change: Callable[[], None] = lambda: None, *, unit: int = 1) -> None:
        self._on_change = on_change
        self._unit = unit
        self.faults = Faults(FAULTS, on_change)
        self.lamps = 0

    def lose_power(self) -> None:
        """What a short failure leaves: all relays open."""
        self.lamps = 0

    def state(self) -> Mapping[str, object]:
        return {"lamps": self.lamps}

    def connected(self) -> None:
        """It keeps nothing between two requests."""

    def receive(self, data: bytes) -> Iterable[Move]:
        """What it does on a whole request; to anything else, and to a wrong checksum, it is silent."""
        if len(data) < 8 or framed(data[:-2]) != data or data[0] != self._unit:
            return ()
        fault = self.faults.strike()
        if fault is not None and fault.kind == "refuse":
            return [self._answer(data[1] | 0x80, bytes([int(fault.value)]))]
        match data[1]:
            case 1 if data[2:6] == bytes([0, 0, 0, 3]):
                answer = self._answer(READ, bytes([1, self.lamps]))
            case 15 if data[2:7] == bytes([0, 0, 0, 3, 1]):
                self.lamps = data[7]
                self._on_change()
                answer = self._answer(WRITE, data[2:6])
            case _:
                return [self._answer(data[1] | 0x80, bytes([1]))]
        return self._perhaps_spoilt(answer, fault)

    def _perhaps_spoilt(self, answer: bytes, fault: Fault | None) -> Iterable[Move]:
        if fault is None:
            return [answer]
        if fault.kind == "other":
            return [framed(bytes([self._unit + 1]) + answer[1:-2])]
        return spoil(answer, fault)

    def _answer(self, function: int, data: bytes) -> bytes:
        return framed(bytes([self._unit, function]) + data)
