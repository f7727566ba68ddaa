"""Tells the audit when a device is lost, back, or hindered: once each, from what its supervisor says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, get_args

from devices.supervisor import State
from kiosk.contract.audit import AuditEvent, Device, DeviceBack, DeviceHindered, DeviceLost

By = Literal["no paper", "cover open", "overheated", "cutter jammed", "printer error", "offline", "something else"]
_BY: Final[dict[str, By]] = {by: by for by in get_args(By)}


class Supervised(Protocol):
    """What is asked of ``devices.supervisor.Supervisor``."""

    @property
    def state(self) -> State: ...

    @property
    def health(self) -> State: ...

    @property
    def hindrance(self) -> str | None: ...


@dataclass
class Watching:
    """What was told of each device last."""

    devices: Mapping[Device, Supervised]
    note: Callable[[AuditEvent], None]
    _told: dict[Device, Literal["well", "lost", "hindered"]] = field(default_factory=dict)

    def look(self) -> None:
        """After each change of any of them. A device that is well from the start is no event."""
        for name, device in self.devices.items():
            hindrance = device.hindrance
            if hindrance is not None:
                self._tell(name, "hindered", DeviceHindered(device=name, by=_BY.get(hindrance, "something else")))
            elif device.health == "lost":
                self._tell(name, "lost", DeviceLost(device=name))
            elif device.health == "ready":
                self._tell(name, "well", DeviceBack(device=name) if name in self._told else None)

    def _tell(self, name: Device, what: Literal["well", "lost", "hindered"], event: AuditEvent | None) -> None:
        if self._told.get(name) != what:
            self._told[name] = what
            if event is not None:
                self.note(event)
