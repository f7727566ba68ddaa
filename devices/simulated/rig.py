"""All simulated devices of one program, each on its end of a line, and whoever watches them.

The rig knows no kind of device: it plugs and unplugs, lets fail and tells the state. What one kind alone can do (a card
is presented, paper runs out) the control port asks of the device itself: `rig.device(name, kind)`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar, get_args

from devices.control import DeviceName
from devices.simulated.ends import End, make_end, tcp_address
from devices.simulated.network import Relay
from devices.simulated.people import Person
from devices.simulated.wire import Simulated, SimulatedDevice

Json = dict[str, object]
D = TypeVar("D")
NAMES: tuple[DeviceName, ...] = get_args(DeviceName)


class Unknown(Exception):
    """This program simulates no such device, or knows no such person."""


class Rig:
    """Devices are added before they are plugged in; `state()` has None for what was never added."""

    def __init__(self, people: dict[str, Person]) -> None:
        self.people = people
        self._devices: dict[DeviceName, _Simulated] = {}
        self._network: Relay | None = None
        self._watchers: set[asyncio.Queue[Json]] = set()
        self._last: Json = {}

    def add(self, name: DeviceName, url: str, device: SimulatedDevice) -> None:
        """On the end of a line that `url` names; ValueError when it names none."""
        self.add_on(name, device, make_end(url, device, self.changed, name))

    def add_on(self, name: DeviceName, device: Simulated, end: End) -> None:
        """On an end of its own kind."""
        self._devices[name] = _Simulated(device, end)

    def add_network(self, listen_and_target: str) -> None:
        """`http://127.0.0.1:PORT=http://HOST:PORT`."""
        listen, _, target = listen_and_target.partition("=")
        self._network = Relay(tcp_address(listen, "http"), tcp_address(target, "http"), self.changed)

    async def start(self) -> None:
        """Plug everything in. OSError when a port is taken."""
        for simulated in self._devices.values():
            await simulated.end.plug()
        if self._network is not None:
            await self._network.up()

    async def close(self) -> None:
        for simulated in self._devices.values():
            await simulated.end.close()
        if self._network is not None:
            await self._network.down()

    def urls(self) -> dict[str, str | None]:
        """Where each device is reached; None for what is not simulated."""
        ends: dict[str, str | None] = {
            name: self._devices[name].end.url if name in self._devices else None for name in NAMES
        }
        return {**ends, "network": self._network.url if self._network else None}

    def state(self) -> Json:
        devices: Json = {name: self._devices[name].state() if name in self._devices else None for name in NAMES}
        return {**devices, "network": {"up": self._network.is_up} if self._network else None}

    @contextmanager
    def watch(self) -> Iterator[asyncio.Queue[Json]]:
        """A queue of events for as long as the context lasts; who does not take them loses the oldest."""
        events: asyncio.Queue[Json] = asyncio.Queue(_KEPT_EVENTS)
        self._watchers.add(events)
        try:
            yield events
        finally:
            self._watchers.discard(events)

    def device(self, name: DeviceName, kind: type[D]) -> D:
        """The device itself. Unknown when it is not simulated."""
        device = self._simulated(name).device
        if not isinstance(device, kind):
            raise Unknown(f"{name} is no {kind.__name__}")
        return device

    def network(self) -> Relay:
        if self._network is None:
            raise Unknown("no network here")
        return self._network

    def end(self, name: DeviceName) -> End:
        return self._simulated(name).end

    def known(self, person: str) -> str:
        if person not in self.people:
            raise Unknown(f"no such person; there are: {', '.join(self.people)}")
        return person

    def fault(self, name: DeviceName, fault: str, times: int | None) -> None:
        """Let a device fail so many times or until it is cleared. ValueError for a fault it does not know."""
        self._simulated(name).device.faults.add(fault, times)

    def clear(self, name: DeviceName) -> None:
        """No faults any more, and no more of what a fault is still sending."""
        self.end(name).hush()
        self._simulated(name).device.faults.clear()

    def changed(self) -> None:
        """Something about a device may be different: who watches is told, if it is."""
        state = self.state()
        if state != self._last:
            self._last = state
            self.tell({"event": "state", **state})

    def tell(self, event: Json) -> None:
        """Something came out of a device."""
        for events in self._watchers:
            if events.full():
                events.get_nowait()
            events.put_nowait(event)

    def _simulated(self, name: DeviceName) -> _Simulated:
        if name not in self._devices:
            raise Unknown(f"no {name} here")
        return self._devices[name]


@dataclass(frozen=True)
class _Simulated:
    """A device on its end of a line."""

    device: Simulated
    end: End

    def state(self) -> Json:
        return {**self.end.state(), "faults": self.device.faults.names(), **self.device.state()}


_KEPT_EVENTS = 256
