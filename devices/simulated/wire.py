"""What a simulated device does on its line, one move after another, and the device as its line and the rig see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from devices.simulated.faults import Faults


@dataclass(frozen=True)
class Pause:
    """Nothing is sent for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class HangUp:
    """The line ends: a network device closes the connection, a serial adapter is pulled and plugged in again."""


Move = bytes | Pause | HangUp


class Simulated(Protocol):
    """What the rig steers."""

    @property
    def faults(self) -> Faults:
        """The ways in which it fails at the moment."""

    def state(self) -> Mapping[str, object]:
        """What there is to know of it beside its line and its faults; JSON's own types."""


class SimulatedDevice(Simulated, Protocol):
    """A device on a line of its own. Another one joins with a class like this and a row in __main__.py."""

    def connected(self) -> None:
        """A line begins: what was half heard on the one before is forgotten."""

    def receive(self, data: bytes) -> Iterable[Move]:
        """What the device does on hearing these bytes."""


class SimulatedServer(Simulated, Protocol):
    """A device of the network, which several connect to at a time."""

    def ear(self) -> Callable[[bytes], Iterable[Move]]:
        """What hears one of its connections: bytes, and what the device does on hearing them."""
