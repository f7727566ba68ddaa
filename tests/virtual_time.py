"""Time that passes only when everybody waits: hours of a supervisor's life in a second, the same in every run.

    with virtual_time() as clock:                # drivers and supervisors that are made in it live by this clock
        clock.run(scenario())

The event loop's clock jumps to the next thing that is due as soon as nobody works: no callback is ready, and no driver
is busy in its thread. The threads are real ones, but they and the loop take turns. What blocks in a driver makes the
clock go on as long as it says it waits.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar
from unittest import mock

from devices.errors import Lost, NotFound
from devices.simulated.wire import HangUp, Pause, SimulatedDevice
from devices.worker import Worker

T = TypeVar("T")
MOMENT = 1e-6
"""Seconds by which the clock passes what is due, so that no rounding leaves it just before."""
DRIVERS = ("devices.samv", "devices.printer", "devices.scanner", "devices.json_lines", "devices.pcsc_reader")


class Clock:
    """Stands in for the module `time` in drivers."""

    def __init__(self) -> None:
        self.now = 0.0
        self.busy = 0
        """Pieces of work that are in a thread, or on their way there or back."""
        self.turn = threading.Lock()
        """Held by whoever runs: the loop, unless it waits for a thread, or a thread."""

    def monotonic(self) -> float:
        return self.now

    def run(self, scenario: Coroutine[object, object, T]) -> T:
        """The scenario's outcome, once all that was left to do is done."""

        async def whole() -> T:
            outcome = await scenario
            while self.busy:  # noqa: ASYNC110 - in virtual time one turn
                await asyncio.sleep(0.001)
            return outcome

        with self.turn, asyncio.Runner(loop_factory=lambda: VirtualLoop(self)) as runner:
            return runner.run(whole())


@contextmanager
def virtual_time() -> Iterator[Clock]:
    clock = Clock()
    with ExitStack() as patches:
        for driver in DRIVERS:
            patches.enter_context(mock.patch(f"{driver}.time", clock))
        patches.enter_context(mock.patch("devices.supervisor.Worker", lambda name: _CountedWorker(name, clock)))
        yield clock


class Wire:
    """A simulated device in this process, and the way to it: plugged in or not, or there without a word."""

    def __init__(self, device: SimulatedDevice, clock: Clock, *, is_asked: bool = True) -> None:
        self.device = device
        self.clock = clock
        self.is_asked = is_asked
        """Whether its driver ever expects an answer, so that it notices silence."""
        self.plugged = True
        self.silent = False
        self.lines = 0
        """Lines that were opened and not closed."""
        self.generation = 0

    def open(self) -> WireLine:
        if not self.plugged:
            raise NotFound("nothing there")
        self.device.connected()
        return WireLine(self)

    def unplug(self) -> None:
        self.plugged = False
        self.generation += 1

    def plug(self) -> None:
        self.plugged = True
        self.silent = False


class WireLine:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._generation = wire.generation
        self._waiting = b""
        self._open = True
        wire.lines += 1

    def write(self, data: bytes, within: float) -> None:
        self._check()
        if self._wire.silent:
            return
        for move in self._wire.device.receive(data):
            match move:
                case bytes():
                    self._waiting += move
                case Pause(seconds):
                    self._wire.clock.now += seconds
                case HangUp():
                    raise Lost("line ended")

    def read(self, size: int, within: float) -> bytes:
        self._check()
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        self._wire.clock.now += 0 if data else within
        return data

    def cancel(self) -> None:
        """Nobody waits in it."""

    def close(self) -> None:
        if self._open:
            self._open = False
            self._wire.lines -= 1

    def _check(self) -> None:
        if not self._open or self._wire.generation != self._generation:
            raise Lost("line ended")


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that lives by the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        super().__init__(_Selector(clock))
        self._clock_resolution = 0.0  # of time.monotonic: nothing is due before its time

    def time(self) -> float:
        return self._clock.now


class _Selector(selectors.DefaultSelector):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if events or (timeout is not None and timeout <= 0):
            return events
        if self._clock.busy:
            self._clock.turn.release()
            try:
                return super().select(None)  # a thread wakes the loop when it is done
            finally:
                self._clock.turn.acquire()
        if timeout is None:
            raise RuntimeError("everybody waits for ever")
        self._clock.now += timeout + MOMENT
        return []


class _CountedWorker(Worker):
    """A worker whose work is known to the clock until its outcome is back in the loop."""

    def __init__(self, name: str, clock: Clock) -> None:
        super().__init__(name)
        self._clock = clock
        self._loop = asyncio.get_running_loop()

    async def do(self, work: Callable[[], T]) -> T:
        def run() -> T:
            with self._clock.turn:
                return work()

        self._clock.busy += 1
        try:
            return await super().do(run)
        finally:
            self._clock.busy -= 1

    def post(self, work: Callable[[], object]) -> None:
        def run() -> None:
            try:
                with self._clock.turn:
                    work()
            finally:
                self._loop.call_soon_threadsafe(self._done)

        self._clock.busy += 1
        super().post(run)

    def _done(self) -> None:
        self._clock.busy -= 1
