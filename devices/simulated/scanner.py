"""The simulated QR scanner: says what is held before it, with CR at its end, and hears nothing.

Faults are those of devices/simulated/faults.py, which spoil what is said, and

    no-end    nothing is set at its end      flood     64 KiB without an end in its place
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from devices.simulated.faults import COMMON, FaultKind, Faults, spoil
from devices.simulated.wire import Move

FAULTS = (*COMMON, FaultKind(name="no-end"), FaultKind(name="flood"))
END = b"\r"


class SimulatedScanner:
    """A scanner. `on_change` is called whenever `state()` differs, which never says what was scanned."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self.faults = Faults(FAULTS, on_change)
        self._scans = 0

    def scan(self, text: str) -> Iterable[Move]:
        """What is said of a code with this text."""
        self._scans += 1
        fault = self.faults.strike()
        self._on_change()
        code = text.encode()
        match fault and fault.kind:
            case None:
                return [code + END]
            case "no-end":
                return [code]
            case "flood":
                return [b"7" * 4096] * 16
            case _:
                assert fault is not None
                return spoil(code + END, fault)

    def state(self) -> Mapping[str, object]:
        return {"scans": self._scans}

    def connected(self) -> None:
        """It keeps nothing of what it hears."""

    def receive(self, data: bytes) -> Iterable[Move]:
        """It is not asked anything, and says nothing to that."""
        return ()
