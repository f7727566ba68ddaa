"""How long a device that was unplugged takes to be back once it is plugged in again, at worst; and what that leaves.

Real: the simulator programs, over TCP, a pty and a real pcscd, fifty times each, all at once. Virtual: a supervisor and
the driver over an in-process device, a thousand times each, unplugged or silent, for random times; their days pass in
seconds (tests/virtual_time.py). In the place of the process that owns PC/SC there are its words alone.

Back means ready, with nothing that hinders it. After a warm-up no thread, no descriptor and only 2 MB may be added.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import random
import statistics
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from devices import open_driver
from devices.control import DeviceName, SimulatorControl
from devices.pcsc_reader import PcscReader
from devices.printer import EscposPrinter
from devices.samv import SamV
from devices.scanner import Scanner
from devices.simulated.faults import Faults
from devices.simulated.id_card import SimulatedReader
from devices.simulated.people import load_people
from devices.simulated.printer import SimulatedPrinter
from devices.simulated.scanner import SimulatedScanner
from devices.simulated.wire import Move
from devices.supervisor import Device, Supervisor
from devices.worker import Worker
from tests.bench.result import Bench, Result
from tests.devices.programs import Simulators, simulators
from tests.virtual_time import Clock, Wire, WireLine, virtual_time

BAR = 5.0
MEMORY = 2.0
"""Megabytes."""
REAL, VIRTUAL, WARM_UP = 50, 1000, 5
WITHIN = 30.0


def measure() -> Result:
    """The worst of all, in seconds."""
    logging.getLogger("devices").setLevel(logging.CRITICAL)  # ten thousand losses
    try:
        took, grown = asyncio.run(replugged())
        virtual, grown_too = replugged_in_virtual_time()
    finally:
        logging.getLogger("devices").setLevel(logging.NOTSET)
    worst = max(max(times) for times in (*took.values(), *virtual.values()))
    grown = grown.and_also(grown_too)
    return {
        "value": worst,
        "bar": BAR,
        "ok": worst <= BAR and grown.little,
        "peers": {
            **{name: max(times) for name, times in took.items()},
            **{f"{name} median": statistics.median(times) for name, times in took.items()},
            **{f"{name} in virtual time": max(times) for name, times in virtual.items()},
            "threads more": grown.threads,
            "descriptors more": grown.descriptors,
            "MB more": grown.megabytes,
        },
    }


BENCHES: dict[str, Bench] = {"replug_worst_s": measure}


@dataclass(frozen=True, kw_only=True)
class Held:
    """What this process holds; or how much more it holds than before."""

    threads: int
    descriptors: int
    megabytes: float

    @classmethod
    def now(cls) -> Self:
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return cls(
            threads=threading.active_count(),
            descriptors=len(os.listdir("/proc/self/fd")),
            megabytes=pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        )

    def since(self, before: Held) -> Held:
        return Held(
            threads=self.threads - before.threads,
            descriptors=self.descriptors - before.descriptors,
            megabytes=self.megabytes - before.megabytes,
        )

    def and_also(self, other: Held) -> Held:
        return Held(
            threads=self.threads + other.threads,
            descriptors=self.descriptors + other.descriptors,
            megabytes=max(self.megabytes, other.megabytes),
        )

    @property
    def little(self) -> bool:
        return self.threads <= 0 and self.descriptors <= 0 and self.megabytes < MEMORY


# ---- Real devices ----------------------------------------------------------------------------------------------------


async def replugged() -> tuple[dict[str, list[float]], Held]:
    """Seconds from plugging in to being back, for each device; what was held more at the end than after the warm-up."""
    tcp = "tcp://127.0.0.1:0"
    with (
        simulators("--id-card", tcp, "--printer", tcp, "--scanner", tcp, "--social-card") as most,
        simulators("--id-card", "pty://") as over_pty,
    ):
        devices = [
            Plugged("id card tcp", "id_card", most, lambda: open_driver("id_card", "samv", most.id_card)),
            Plugged("id card pty", "id_card", over_pty, lambda: open_driver("id_card", "samv", over_pty.id_card)),
            Plugged("printer", "printer", most, lambda: open_driver("printer", "escpos", most.printer, columns=48)),
            Plugged("scanner", "scanner", most, lambda: open_driver("scanner", "scanner", most.scanner)),
            Plugged("social card", "social_card", most, lambda: open_driver("social_card", "pcsc", most.social_card)),
        ]
        async with running(devices):
            for cycle in range(WARM_UP):
                await asyncio.gather(*(device.replug(cycle) for device in devices))
            before = Held.now()
            took = [await asyncio.gather(*(device.replug(cycle) for device in devices)) for cycle in range(REAL)]
            grown = Held.now().since(before)
    return {device.name: list(times) for device, times in zip(devices, zip(*took, strict=True), strict=True)}, grown


class Plugged:
    """A supervised device, and the hand on its plug."""

    def __init__(self, name: str, device: DeviceName, at: Simulators, connect: Callable[[], Device]) -> None:
        self.name = name
        self._device = device
        self._control: SimulatorControl = at.control
        self._changed = asyncio.Event()
        self.supervisor: Supervisor[Device] = Supervisor(name, connect, lambda _state: self._changed.set())
        self.hand = Worker(f"hand at {name}")

    async def replug(self, cycle: int) -> float:
        """Seconds until it is back. Nobody waits long between two times, so that the search's pauses stay at their
        longest, but now and then."""
        await self._until(self._is_back)
        await asyncio.sleep(3.5 if cycle % 10 == 9 else 0.1 * (cycle % 3))
        await self.hand.do(lambda: self._control.unplug(self._device))
        await self._until(lambda: not self._is_back())
        await asyncio.sleep(0.4 * (cycle % 4))
        await self.hand.do(lambda: self._control.plug(self._device))
        plugged = asyncio.get_running_loop().time()
        await self._until(self._is_back)
        return asyncio.get_running_loop().time() - plugged

    def _is_back(self) -> bool:
        return self.supervisor.state == "ready" and self.supervisor.hindrance is None

    async def _until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN):
            while not is_so():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def running(devices: list[Plugged]) -> AsyncIterator[None]:
    supervising = [asyncio.create_task(device.supervisor.run()) for device in devices]
    try:
        yield
    finally:
        for task in supervising:
            task.cancel()
        await asyncio.gather(*supervising, return_exceptions=True)
        for device in devices:
            device.hand.close()


# ---- Virtual time ----------------------------------------------------------------------------------------------------


def replugged_in_virtual_time() -> tuple[dict[str, list[float]], Held]:
    took: dict[str, list[float]] = {}
    grown = Held(threads=0, descriptors=0, megabytes=0.0)
    for name, make in IN_PROCESS.items():
        virtual_days(make, VIRTUAL // 10)
        before = Held.now()
        took[name] = virtual_days(make, VIRTUAL)
        grown = grown.and_also(Held.now().since(before))
    return took, grown


def virtual_days(make: Make, cycles: int) -> list[float]:
    """Seconds from plugging in to being back, so many times; the same in every run."""
    with virtual_time() as clock:
        wire, connect = make(clock)
        took = clock.run(days(wire, connect, clock, cycles))
    if wire.lines:
        raise RuntimeError(f"{wire.lines} lines were left open")
    return took


def days(
    wire: Wire, connect: Callable[[WireLine], Device], clock: Clock, cycles: int
) -> Coroutine[object, object, list[float]]:
    chance = random.Random(cycles)
    changed = asyncio.Event()
    supervisor = Supervisor("device", lambda: connect(wire.open()), lambda _state: changed.set())

    async def until(state: str) -> None:
        async with asyncio.timeout(WITHIN):
            while supervisor.state != state:
                changed.clear()
                await changed.wait()

    async def cycle() -> float:
        await asyncio.sleep(chance.uniform(0, 8))
        if wire.is_asked and chance.random() < 0.5:
            wire.silent = True
        else:
            wire.unplug()
        await until("lost")
        await asyncio.sleep(chance.uniform(0, 40))
        wire.plug()
        plugged = clock.now
        await until("ready")
        return clock.now - plugged

    async def all_of_them() -> list[float]:
        supervising = asyncio.create_task(supervisor.run())
        await until("ready")
        took = [await cycle() for _ in range(cycles)]
        supervising.cancel()
        await asyncio.gather(supervising, return_exceptions=True)
        return took

    return all_of_them()


Make = Callable[[Clock], tuple[Wire, Callable[[WireLine], Device]]]


def _id_card(clock: Clock) -> tuple[Wire, Callable[[WireLine], Device]]:
    return Wire(SimulatedReader(load_people(), sticky=True, on_change=lambda: None), clock), SamV


def _printer(clock: Clock) -> tuple[Wire, Callable[[WireLine], Device]]:
    return Wire(SimulatedPrinter(48, lambda _ticket: None, lambda: None), clock), EscposPrinter


def _scanner(clock: Clock) -> tuple[Wire, Callable[[WireLine], Device]]:
    return Wire(SimulatedScanner(lambda: None), clock, is_asked=False), Scanner


class _PcscProcess:
    """What the process that owns PC/SC says while a reader is there and nobody has a card."""

    faults = Faults((), lambda: None)

    def state(self) -> dict[str, object]:
        return {}

    def connected(self) -> None: ...

    def receive(self, data: bytes) -> list[Move]:
        return [b'{"hindrance": null}\n' for _request in data.splitlines()]


class _ProcessLine:
    """The line to it, which begins with its being ready, and begins anew when it is replaced."""

    def __init__(self, line: WireLine) -> None:
        self._line = line
        self._said = _READY
        self.write, self.cancel, self.close = line.write, line.cancel, line.close

    def read(self, size: int, within: float) -> bytes:
        said, self._said = self._said, b""
        return said or self._line.read(size, within)

    def restart(self) -> None:
        self._said = _READY


_READY = b'{"event": "ready"}\n'


def _social_card(clock: Clock) -> tuple[Wire, Callable[[WireLine], Device]]:
    return Wire(_PcscProcess(), clock), lambda line: PcscReader(_ProcessLine(line))


IN_PROCESS: dict[str, Make] = {
    "id card": _id_card,
    "printer": _printer,
    "scanner": _scanner,
    "social card": _social_card,
}
