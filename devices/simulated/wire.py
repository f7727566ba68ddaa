"""What a simulated device does on its line, one move after another, and the device as its line sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Pause:
    """Nothing is sent for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class HangUp:
    """The line ends: a network device closes the connection, a serial adapter is pulled and plugged in again."""


Move = bytes | Pause | HangUp


class SimulatedDevice(Protocol):
    def connected(self) -> None:
        """A line begins: what was half heard on the one before is forgotten."""

    def receive(self, data: bytes) -> Iterable[Move]:
        """What the device does on hearing these bytes."""
