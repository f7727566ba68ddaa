"""A simulated receipt printer on a TCP port, in the engine's own process: what reached it is known here, whatever
becomes of the kiosk that sent it."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from devices.simulated.paper_roll import Ticket
from devices.simulated.printer import SimulatedPrinter
from devices.simulated.wire import HangUp, Pause

NUMBER: Final = re.compile(r"F\d{4}-\d\d-\d{6}-[0-9A-Z]{5}")
"""A registration number of a kiosk of the lane, as it stands on paper."""
COPY: Final = "补打"
KEPT: Final = 4096


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A receipt that came out: whose number stands on it, what sort it is, and whether it is marked as a copy."""

    number: str
    sort: str
    copy: bool


@dataclass
class PrinterEnd:
    """One printer, one connection at a time."""

    papers: list[Paper] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)
    """Numbers whose bytes came in, on paper yet or not."""
    at_byte: tuple[int, Callable[[], None]] | None = None
    """Called when so many more bytes of jobs have come."""

    def __post_init__(self) -> None:
        self._printer = SimulatedPrinter(48, self._printed, lambda: None)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, name="printer", daemon=True).start()

    def close(self) -> None:
        """Listens no more."""
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        self._printer.connected()
        tail = b""
        while data := connection.recv(128):
            tail = (tail + data)[-KEPT:]
            self.begun.update(NUMBER.findall(tail.decode("ascii", "replace")))
            self._count(len(data) if len(data.strip(b"\0")) > 8 else 0)  # else it asks, or clears
            for move in self._printer.receive(data):
                match move:
                    case bytes():
                        connection.sendall(move)
                    case Pause(seconds):
                        time.sleep(seconds)
                    case HangUp():
                        return

    def _count(self, octets: int) -> None:
        if self.at_byte is None or not octets:
            return
        left, call = self.at_byte
        self.at_byte = (left - octets, call) if left > octets else None
        if self.at_byte is None:
            call()

    def _printed(self, ticket: Ticket) -> None:
        if (found := NUMBER.search(ticket.text)) is not None:
            sort = "".join(ticket.text.split("\n")[1:3])
            self.papers.append(Paper(number=found[0], sort=sort, copy=COPY in ticket.text))
