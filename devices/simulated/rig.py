"""All simulated devices of one program, each on its end of a line, and whoever watches them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from devices.simulated.ends import End, PtyEnd, make_end, tcp_address
from devices.simulated.id_card import SimulatedReader
from devices.simulated.network import Relay
from devices.simulated.people import Person

if TYPE_CHECKING:
    from devices.simulated.paper_roll import Ticket
    from devices.simulated.printer import SimulatedPrinter

Json = dict[str, object]
DeviceName = Literal["id_card", "printer"]


class Unknown(Exception):
    """This program simulates no such device, or knows no such person."""


class Rig:
    """Devices are added before they are plugged in; `state()` has None for what was never added."""

    def __init__(self, people: dict[str, Person]) -> None:
        self.people = people
        self._reader: SimulatedReader | None = None
        self._printer: SimulatedPrinter | None = None
        self._ends: dict[DeviceName, End] = {}
        self._network: Relay | None = None
        self._watchers: set[asyncio.Queue[Json]] = set()
        self._last: Json = {}

    def add_reader(self, url: str, *, sticky: bool) -> None:
        """ValueError when the URL is none of a simulated line."""
        self._reader = SimulatedReader(self.people, sticky=sticky, on_change=self._changed)
        self._ends["id_card"] = make_end(url, self._reader, self._changed, "id_card")

    def add_printer(self, url: str, columns: int) -> None:
        """Loads what draws paper, which takes a moment."""
        from devices.simulated.printer import SimulatedPrinter

        self._printer = SimulatedPrinter(columns, self._printed, self._changed)
        self._ends["printer"] = make_end(url, self._printer, self._changed, "printer")

    def add_network(self, listen_and_target: str) -> None:
        """`http://127.0.0.1:PORT=http://HOST:PORT`."""
        listen, _, target = listen_and_target.partition("=")
        self._network = Relay(tcp_address(listen, "http"), tcp_address(target, "http"), self._changed)

    async def start(self) -> None:
        """Plug everything in. OSError when a port is taken."""
        for end in self._ends.values():
            await end.plug()
        if self._network is not None:
            await self._network.up()

    async def close(self) -> None:
        for end in self._ends.values():
            await (end.close() if isinstance(end, PtyEnd) else end.unplug())
        if self._network is not None:
            await self._network.down()

    def urls(self) -> dict[str, str | None]:
        """Where each device is reached; None for what is not simulated."""
        return {
            "id_card": self._ends["id_card"].url if "id_card" in self._ends else None,
            "printer": self._ends["printer"].url if "printer" in self._ends else None,
            "network": self._network.url if self._network else None,
        }

    def state(self) -> Json:
        def of(name: DeviceName, device: SimulatedReader | SimulatedPrinter | None) -> Json | None:
            if device is None:
                return None
            end = self._ends[name]
            return {"plugged": end.plugged, "connected": end.is_connected, **device.state()}

        return {
            "id_card": of("id_card", self._reader),
            "printer": of("printer", self._printer),
            "network": {"up": self._network.is_up} if self._network else None,
        }

    @contextmanager
    def watch(self) -> Iterator[asyncio.Queue[Json]]:
        """A queue of events for as long as the context lasts; who does not take them loses the oldest."""
        events: asyncio.Queue[Json] = asyncio.Queue(_KEPT_EVENTS)
        self._watchers.add(events)
        try:
            yield events
        finally:
            self._watchers.discard(events)

    def reader(self) -> SimulatedReader:
        if self._reader is None:
            raise Unknown("no id_card here")
        return self._reader

    def printer(self) -> SimulatedPrinter:
        if self._printer is None:
            raise Unknown("no printer here")
        return self._printer

    def network(self) -> Relay:
        if self._network is None:
            raise Unknown("no network here")
        return self._network

    def end(self, name: DeviceName) -> End:
        if name not in self._ends:
            raise Unknown(f"no {name} here")
        return self._ends[name]

    def known(self, person: str) -> str:
        if person not in self.people:
            raise Unknown(f"no such person; there are: {', '.join(self.people)}")
        return person

    def set_sticky(self, on: bool) -> None:
        self.reader().sticky = on
        self._changed()

    def fault(self, device: DeviceName, name: str, times: int | None) -> None:
        (self.reader() if device == "id_card" else self.printer()).fault(name, times)

    def clear(self, device: DeviceName) -> None:
        """No faults any more, and no more of what a fault is still sending."""
        self.end(device).hush()
        (self.reader() if device == "id_card" else self.printer()).clear()

    def _printed(self, ticket: Ticket) -> None:
        self._tell({"event": "printed", "text": ticket.text, "png": ticket.png})

    def _changed(self) -> None:
        state = self.state()
        if state != self._last:
            self._last = state
            self._tell({"event": "state", **state})

    def _tell(self, event: Json) -> None:
        for events in self._watchers:
            if events.full():
                events.get_nowait()
            events.put_nowait(event)


_KEPT_EVENTS = 256
