"""One HTTP connection that can be cut off: by its deadline, or by whoever closes the kiosk.

requests' timeouts hold for each read, so a server that drips a byte now and then holds a call for ever. Here a timer
shuts the socket down when the time for the whole exchange is over, whatever the exchange is doing.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_FULL_STOP: Final = socket.SHUT_RDWR


class Wire:
    """The socket of the exchange under way. One exchange at a time; ``cut`` may come from any thread."""

    def __init__(self) -> None:
        self.closed = False
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._turn = 0
        self._late = False

    @contextmanager
    def exchange(self, within: float) -> Iterator[None]:
        """An exchange that is cut off after ``within`` seconds; ``late`` says afterwards whether it was."""
        with self._lock:
            self._turn += 1
            self._late = False
            timer = threading.Timer(within, self._expire, [self._turn])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    @property
    def late(self) -> bool:
        """Whether the deadline of the latest exchange cut it off."""
        return self._late

    def close(self) -> None:
        """Cuts off the exchange under way and every later one."""
        with self._lock:
            self.closed = True
            self._shut()

    def attach(self, connected: socket.socket) -> None:
        """The socket of a connection just made. A second handle on it: TLS takes the first one away."""
        with self._lock:
            if self._handle is not None:
                self._handle.close()
            self._handle = connected.dup()
            if self._late or self.closed:
                self._shut()

    def _expire(self, turn: int) -> None:
        with self._lock:
            if turn == self._turn:
                self._late = True
                self._shut()

    def _shut(self) -> None:
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(_FULL_STOP)
            self._handle.close()
            self._handle = None
