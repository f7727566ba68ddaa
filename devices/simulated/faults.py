"""The faults of simulated devices: one scheme for all of them, `NAME[:VALUE][@MOMENT]`, so many times or until cleared.

    silence   no answer                          noise         rubbish before the answer
    half      the first half of the answer       disconnect:N  the line ends after N bytes of the answer
    slow[:S]  S seconds between bytes

These are every device's; a device names those of its own beside them, and what its moments are (a reader's commands).
Without @MOMENT a fault strikes whatever is done next.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from devices.simulated.wire import HangUp, Move, Pause


@dataclass(frozen=True, kw_only=True)
class FaultKind:
    """A way to fail: its value's form (none: ""), and what the value is, in words."""

    name: str
    form: str = ""
    takes: str = "no value"


_SECONDS = r"(?:[0-9]+(?:\.[0-9]+)?)?"
SILENCE = FaultKind(name="silence")
NOISE = FaultKind(name="noise")
HALF = FaultKind(name="half")
SLOW = FaultKind(name="slow", form=_SECONDS, takes="seconds between bytes, such as slow:0.01")
DISCONNECT = FaultKind(name="disconnect", form="[0-9]+", takes="a number of bytes, such as disconnect:20")
COMMON = (SILENCE, NOISE, HALF, SLOW, DISCONNECT)


@dataclass(kw_only=True, eq=False)
class Fault:
    """One fault that stands. `left` counts down what a device counts (bytes, lines), from the value on."""

    name: str
    kind: str
    value: str
    moment: str
    times: int | None
    left: int = 0

    def seconds(self, usual: float) -> float:
        """The value as seconds."""
        return float(self.value or usual)


class Faults:
    """The faults of one device. `on_change` is called whenever `names()` differs, `steered` before it when that was
    asked for from outside: what hindered the device may be over."""

    def __init__(
        self,
        kinds: Iterable[FaultKind],
        on_change: Callable[[], None],
        *,
        moments: Collection[str] = (),
        steered: Callable[[], object] = lambda: None,
    ) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        self._moments = moments
        self._on_change = on_change
        self._steered = steered
        self._standing: list[Fault] = []

    def add(self, name: str, times: int | None) -> None:
        """Fail in this way, so many times or until `clear`. ValueError for a fault that does not exist."""
        self._standing.append(self._parse(name, times))
        self._steered()
        self._on_change()

    def clear(self) -> None:
        self._standing.clear()
        self._steered()
        self._on_change()

    def names(self) -> list[str]:
        return [fault.name for fault in self._standing]

    def find(self, kind: str) -> Fault | None:
        """The fault of this kind that stands, not used up by being looked at."""
        return next((fault for fault in self._standing if fault.kind == kind), None)

    def strike(self, moment: str = "", among: Collection[str] | None = None) -> Fault | None:
        """The first fault that is due at this moment (and is among these kinds), used once more by that."""
        for fault in self._standing:
            if fault.moment in ("", moment) and (among is None or fault.kind in among):
                self.used(fault)
                return fault
        return None

    def used(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.remove(fault)

    def remove(self, fault: Fault) -> None:
        self._standing.remove(fault)
        self._on_change()

    def _parse(self, name: str, times: int | None) -> Fault:
        parts = re.fullmatch(r"([a-z0-9-]+)(?::([0-9a-fA-F.]+))?(?:@([a-z0-9-]+))?", name)
        kind = self._kinds.get(parts[1]) if parts else None
        if parts is None or kind is None:
            raise ValueError(f"no such fault; there are: {', '.join(self._kinds)}")
        value, moment = parts[2] or "", parts[3] or ""
        if moment and moment not in self._moments:
            raise ValueError(f"no such moment; there are: {', '.join(self._moments) or 'none'}")
        if not re.fullmatch(kind.form, value):
            raise ValueError(f"{kind.name} takes {kind.takes}")
        left = int(value) if value.isdecimal() else 0
        return Fault(name=name, kind=kind.name, value=value, moment=moment, times=times, left=left)


NOISE_BYTES = bytes.fromhex("00FF1381AA96690102E085107E") * 3


def spoil(answer: bytes, fault: Fault, *, noise: bytes = NOISE_BYTES, pause: float = 0.005) -> list[Move]:
    """What is sent in the answer's place by a device with one of the COMMON faults."""
    match fault.kind:
        case "silence":
            return []
        case "noise":
            return [noise + answer]
        case "half":
            return [answer[: len(answer) // 2]]
        case "slow":
            between = Pause(fault.seconds(pause))
            return list(itertools.chain.from_iterable((bytes([byte]), between) for byte in answer))
        case "disconnect":
            return [answer[: int(fault.value)], HangUp()]
        case _:
            raise AssertionError(fault.kind)
