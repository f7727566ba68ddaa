"""Outbox and sync without threads, on virtual time: many kiosks, or many days of one, in a second.

A worker's piece of work is done at once, and its outcome comes as much later as the line that it went over says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar
from unittest import mock

T = TypeVar("T")


class Delays:
    """What the piece of work in hand takes, in virtual seconds: whoever does it adds to it."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def add(self, seconds: float) -> None:
        self._seconds += seconds

    def taken(self) -> float:
        """What came together since it was last asked for."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds


@contextmanager
def inline() -> Iterator[Delays]:
    """While it lasts, outbox and sync do their work on the event loop."""
    delays = Delays()

    class Inline:
        """In place of ``devices.worker.Worker``."""

        def __init__(self, name: str) -> None:
            self._name = name

        async def do(self, work: Callable[[], T]) -> T:
            try:
                return work()
            finally:
                await asyncio.sleep(delays.taken())

        def post(self, work: Callable[[], object]) -> None:
            work()

        def close(self) -> None:
            """Nothing runs."""

    with ExitStack() as patches:
        for module in ("kiosk.outbox", "kiosk.sync"):
            patches.enter_context(mock.patch(f"{module}.Worker", Inline))
        yield delays
