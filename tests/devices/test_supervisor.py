from __future__ import annotations

import asyncio
import gc
import logging
import os
import random
import threading
import time
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import TypeVar
from urllib.parse import urlsplit

import pytest

from devices import IdCardReader, open_driver, supervisor
from devices.card_text import IdCard
from devices.errors import Garbled, Lost, NotAtHand, NotFound, Refused, Silent
from devices.printer import EscposPrinter
from devices.samv import SamV
from devices.simulated.id_card import SimulatedReader
from devices.simulated.people import load_people
from devices.simulated.printer import SimulatedPrinter
from devices.simulated.wire import SimulatedDevice
from devices.supervisor import Device, State, Supervisor
from tests.devices.programs import Simulators, simulators
from tests.virtual_time import Wire, WireLine, virtual_time

D = TypeVar("D", bound=Device)


class Thing:
    """A device whose next greetings are written down: an error is raised, words are a hindrance, None is none."""

    def __init__(self, *greetings: Exception | str | None) -> None:
        self.greetings = list(greetings)
        self.greeted: list[float] = []
        self.cancelled = threading.Event()
        self.closed = threading.Event()

    def hello(self) -> str | None:
        self.greeted.append(time.monotonic())
        outcome = self.greetings.pop(0) if self.greetings else None
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def cancel(self) -> None:
        self.cancelled.set()

    def close(self) -> None:
        self.closed.set()

    def fail(self, error: Exception) -> None:
        raise error


class SlowThing(Thing):
    """Takes its time to be greeted, once it was found."""

    def hello(self) -> str | None:
        if self.greeted:
            time.sleep(0.05)
        return super().hello()


class Bench:
    """Things that are found one after another, None: nothing there; and what the supervisor said."""

    def __init__(self, *found: Thing | None) -> None:
        self.found = list(found)
        self.searched: list[float] = []
        self.states: list[State] = []
        self.supervisor = Supervisor("thing", self._connect, self.states.append)

    def _connect(self) -> Thing:
        self.searched.append(time.monotonic())
        thing = self.found.pop(0) if self.found else None
        if thing is None:
            raise NotFound("nothing there")
        return thing


@asynccontextmanager
async def running(of: Bench) -> AsyncIterator[Supervisor[Thing]]:
    task = asyncio.create_task(of.supervisor.run())
    try:
        yield of.supervisor
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool], within: float = 20.0) -> None:
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - a condition of another thread or process
            await asyncio.sleep(0.002)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PAUSES", (0.02, 0.04, 0.08))
    monkeypatch.setattr(supervisor, "EVERY", 0.05)
    monkeypatch.setattr(supervisor, "QUIET", 0.3)
    monkeypatch.setattr(supervisor, "PATIENCE", 0.01)


async def test_searches_until_the_device_is_there() -> None:
    bench = Bench(None, None, Thing())
    async with running(bench) as thing:
        assert thing.state == "searching"
        with pytest.raises(Lost):
            await thing.use(lambda _: None)
        await until(lambda: thing.state == "ready")
        assert await thing.use(lambda device: device.greetings) == []
    assert bench.states == ["searching", "ready"], "told that it is looked for in vain, and that it is there"


async def test_pauses_between_attempts_grow() -> None:
    bench = Bench(None, None, None, None, Thing())
    async with running(bench) as thing:
        await until(lambda: thing.state == "ready")
    pauses = [later - earlier for earlier, later in zip(bench.searched, bench.searched[1:], strict=False)]
    assert all(pause >= limit for pause, limit in zip(pauses, (0.02, 0.04, 0.08, 0.08), strict=True))


async def test_a_device_that_does_not_greet_is_not_ready_and_is_closed() -> None:
    dumb, broken, fine = Thing(Silent("")), Thing(Refused("self-test failed")), Thing()
    bench = Bench(dumb, broken, fine)
    async with running(bench) as thing:
        await until(lambda: thing.state == "ready")
        assert dumb.closed.wait(5)
        assert broken.closed.wait(5)
        assert not fine.closed.is_set()


async def test_a_device_that_is_lost_holds_nothing_of_what_was_done_with_it() -> None:
    """As long as it is away the reason is kept; not the stack in which it was found, and whoever stood there."""

    class Visitor:
        def use(self, device: Thing) -> None:
            device.fail(Lost("unplugged"))

    async def visit(thing: Supervisor[Thing]) -> weakref.ref[Visitor]:
        visitor = Visitor()
        with pytest.raises(Lost):
            await thing.use(visitor.use)
        return weakref.ref(visitor)

    bench = Bench(Thing())
    async with running(bench) as thing:
        await until(lambda: thing.state == "ready")
        visitor = await visit(thing)
        await until(lambda: thing.state == "lost")
        gc.collect()
        assert visitor() is None


async def test_a_line_that_ends_is_lost_at_once_and_the_search_begins() -> None:
    first, second = Thing(None, None, Lost("unplugged")), Thing()
    bench = Bench(first, second)
    async with running(bench) as thing:
        await until(lambda: bench.states == ["ready", "lost", "ready"])
        assert await thing.use(lambda device: device is second)
    assert len(first.greeted) == 3
    assert first.closed.wait(5)


@pytest.mark.parametrize("miss", [Silent("nothing"), Garbled("noise")])
async def test_two_misses_are_forgiven_and_three_are_a_loss(miss: Exception) -> None:
    forgiven = Bench(Thing(None, miss, miss, None, miss, miss))
    async with running(forgiven) as thing:
        await until(lambda: thing.state == "ready")
        device = await thing.use(lambda found: found)
        await until(lambda: len(device.greeted) >= 8)
        assert forgiven.states == ["ready"]
    missed = Bench(Thing(None, miss, miss, miss))
    async with running(missed):
        await until(lambda: missed.states == ["ready", "lost"])


async def test_a_device_silent_for_long_is_lost_with_fewer_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "MISSES", 100)
    device = SlowThing(None, *[Silent("")] * 99)
    bench = Bench(device)
    async with running(bench) as thing:
        await until(lambda: thing.state == "ready")
        started = time.monotonic()
        await until(lambda: thing.state == "lost")
        assert time.monotonic() - started < 1.0
    assert 2 < len(device.greeted) < 10


async def test_a_refused_greeting_is_a_loss() -> None:
    bench = Bench(Thing(None, Refused("not authorised")))
    async with running(bench):
        await until(lambda: bench.states == ["ready", "lost"])


async def test_a_lost_line_in_use_is_a_loss_and_is_told_to_the_user() -> None:
    bench = Bench(Thing(), Thing())
    async with running(bench) as thing:
        await until(lambda: thing.state == "ready")
        with pytest.raises(Lost, match="cable"):
            await thing.use(lambda device: device.fail(Lost("cable")))
        await until(lambda: bench.states == ["ready", "lost", "ready"])


async def test_a_refusal_in_use_is_no_loss() -> None:
    bench = Bench(Thing())
    async with running(bench) as thing:
        await until(lambda: thing.state == "ready")
        for _ in range(5):
            with pytest.raises(Refused):
                await thing.use(lambda device: device.fail(Refused("card read failed")))
        await until(lambda: len(bench.searched) == 1)
        assert bench.states == ["ready"]


async def test_a_mistake_in_the_work_is_a_loss() -> None:
    """It is the driver's, as far as anybody can tell: whoever prints or reads has an outcome to go on with."""
    bench = Bench(Thing(), Thing())
    async with running(bench) as thing:
        await until(lambda: thing.state == "ready")
        with pytest.raises(Lost, match=r"driver failed: ZeroDivisionError in .*test_supervisor\.py"):
            await thing.use(lambda _: 1 / 0)
        await until(lambda: bench.states == ["ready", "lost", "ready"])


async def test_a_device_in_use_is_not_greeted_on_top() -> None:
    device = Thing()
    bench = Bench(device)
    async with running(bench) as thing:
        await until(lambda: thing.state == "ready")
        began = time.monotonic()
        while time.monotonic() < began + 0.3:
            await thing.use(lambda _: None)
            await asyncio.sleep(0.005)
        assert len(device.greeted) == 1


async def test_an_idle_device_is_greeted_now_and_then() -> None:
    device = Thing()
    async with running(Bench(device)):
        await until(lambda: len(device.greeted) >= 4)
    pauses = [later - earlier for earlier, later in zip(device.greeted[1:], device.greeted[2:], strict=False)]
    assert min(pauses) > 0.03


async def test_logs_once_when_lost_and_once_when_back(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "devices.supervisor")
    bench = Bench(None, None, Thing(None, Lost("unplugged")), None, None, None, Thing())
    async with running(bench):
        await until(lambda: bench.states == ["searching", "ready", "lost", "ready"])
    assert [record.getMessage() for record in caplog.records] == [
        "thing not found: nothing there",
        "thing ready",
        "thing lost: unplugged",
        "thing ready",
    ]


async def test_a_device_that_keeps_flapping_is_told_a_few_times_and_then_that_it_has_kept_still(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "CALM", 0.2)
    monkeypatch.setattr(supervisor, "PAUSES", (0.001,))
    caplog.set_level(logging.INFO, "devices.supervisor")
    bench = Bench(*(Thing(None, Lost("loose plug")) for _ in range(12)), Thing())
    async with running(bench):
        await until(lambda: any("has kept still," in record.getMessage() for record in caplog.records))
    assert len(bench.states) == 25, "whoever looks at the state has missed nothing"
    assert [record.getMessage() for record in caplog.records] == [
        *["thing ready", "thing lost: loose plug"] * 3,
        "thing keeps coming and going; this is told again when it has kept still for a while",
        "thing has kept still, ready, after 19 changes that were not told",
    ]


async def test_pauses_grow_over_a_device_that_is_lost_as_soon_as_it_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that finds its device and loses it at once must not keep the machine busy."""
    monkeypatch.setattr(supervisor, "EVERY", 0.001)
    bench = Bench(*(Thing(None, Lost("loose plug")) for _ in range(5)))
    async with running(bench):
        await until(lambda: len(bench.searched) == 5)
    pauses = [later - earlier for earlier, later in zip(bench.searched, bench.searched[1:], strict=False)]
    assert all(pause >= limit for pause, limit in zip(pauses, (0.02, 0.04, 0.08, 0.08), strict=True))


async def test_a_device_held_for_a_while_is_looked_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PAUSES", (30.0,))
    monkeypatch.setattr(supervisor, "STEADY", 0.01)
    bench = Bench(Thing(None, None, Lost("unplugged")), Thing())
    async with running(bench):
        await until(lambda: bench.states == ["ready", "lost", "ready"])


@pytest.mark.parametrize("where", ["connect", "hello"])
async def test_a_mistake_in_a_driver_is_a_loss_and_is_told_without_its_words(
    where: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What a mistake says of itself may be personal; where it happened is not."""
    wrong, right = Thing(None, KeyError("陈建国")), Thing()
    bench = Bench(wrong, right)
    if where == "connect":
        wrong.greetings = [KeyError("陈建国")]
    async with running(bench) as thing:
        await until(lambda: bench.states[-1:] == ["ready"] and not bench.found)
        assert await thing.use(lambda device: device is right)
    assert wrong.closed.wait(5)
    (told,) = [message for message in caplog.messages if "KeyError" in message]
    assert "test_supervisor.py" in told
    assert "陈建国" not in caplog.text


@pytest.mark.parametrize("odd", [SystemExit(3), asyncio.CancelledError(), StopIteration()], ids=repr)
async def test_an_exit_or_a_cancellation_in_a_driver_is_a_loss_too(odd: BaseException) -> None:
    """A maker's library that ends "its" program does not end the kiosk."""

    def work(_device: Thing) -> None:
        raise odd

    bench = Bench(Thing(), Thing())
    async with running(bench) as thing:
        await until(lambda: thing.state == "ready")
        with pytest.raises(Lost, match=type(odd).__name__):
            await thing.use(work)
        await until(lambda: bench.states == ["ready", "lost", "ready"])


async def test_what_cannot_be_cancelled_is_closed_all_the_same() -> None:
    class Stubborn(Thing):
        def cancel(self) -> None:
            raise RuntimeError("not now")

    stubborn = Stubborn(None, Lost("the end"))
    bench = Bench(stubborn, Thing())
    async with running(bench):
        await until(lambda: bench.states == ["ready", "lost", "ready"])
        assert stubborn.closed.is_set()


async def test_a_driver_that_never_comes_back_is_lost_and_another_thread_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From its work, and from a greeting."""
    monkeypatch.setattr(supervisor, "HANGS", 0.2)
    monkeypatch.setattr(supervisor, "CLOSE_WITHIN", 0.1)
    monkeypatch.setattr(supervisor, "EVERY", 0.05)
    let_go = threading.Event()

    class Hanging(Thing):
        def hello(self) -> str | None:
            if self.greeted:
                let_go.wait(10)
            return super().hello()

    at_work, greeted, right = Thing(), Hanging(), Thing()
    bench = Bench(at_work, greeted, right)
    async with running(bench) as thing:
        await until(lambda: thing.state == "ready")
        with pytest.raises(Lost, match="does not come back"):
            await thing.use(lambda _device: let_go.wait(10))
        await until(lambda: bench.states == ["ready", "lost"] * 2 + ["ready"])
        assert await thing.use(lambda device: device is right)
    let_go.set()
    await until(lambda: all(thread.name != "thing" for thread in threading.enumerate()))


async def test_a_device_that_hangs_when_it_is_closed_costs_a_thread_and_not_the_device(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor, "CLOSE_WITHIN", 0.1)
    let_go = threading.Event()

    class Hanging(Thing):
        def close(self) -> None:
            let_go.wait(10)

    bench = Bench(Hanging(None, Lost("the end")), Hanging(Lost("at once")), Thing())
    async with running(bench) as thing:
        await until(lambda: thing.state == "ready" and not bench.found)
    let_go.set()
    await until(lambda: all(thread.name != "thing" for thread in threading.enumerate()))


async def test_ends_with_the_device_closed_and_no_thread_left() -> None:
    device = Thing()
    bench = Bench(device)
    async with running(bench) as thing:
        await until(lambda: thing.state == "ready")
    assert device.cancelled.is_set()
    assert await asyncio.to_thread(device.closed.wait, 5)
    await until(lambda: all(thread.name != "thing" for thread in threading.enumerate()))
    with pytest.raises(Lost):
        await bench.supervisor.use(lambda _: None)


async def test_ended_while_connecting_the_device_is_closed_all_the_same() -> None:
    device, connecting, go = Thing(), threading.Event(), threading.Event()

    def connect() -> Thing:
        connecting.set()
        go.wait(5)
        return device

    task = asyncio.create_task(Supervisor("thing", connect).run())
    await asyncio.to_thread(connecting.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go.set()
    assert await asyncio.to_thread(device.closed.wait, 5)


@pytest.mark.parametrize("how", ["hangs", "ended"])
async def test_a_device_that_hangs_when_it_is_greeted_first_is_cancelled(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its thread would hold the port for ever, and the device never be found again."""
    monkeypatch.setattr(supervisor, "HANGS", 0.2 if how == "hangs" else 60.0)

    class Hanging(Thing):
        def hello(self) -> str | None:
            super().hello()
            self.cancelled.wait(10)
            raise Lost("line cancelled")

    hanging = Hanging()
    bench = Bench(hanging, Thing())
    async with running(bench) as thing:
        await until(lambda: bool(hanging.greeted))
        if how == "hangs":
            await until(lambda: thing.state == "ready")
    assert await asyncio.to_thread(hanging.closed.wait, 5)
    await until(lambda: all(thread.name != "thing" for thread in threading.enumerate()))


async def test_what_nobody_waits_for_any_more_is_not_greeted() -> None:
    """It was opened too late to be cancelled."""
    device, connecting, go = Thing(), threading.Event(), threading.Event()

    def connect() -> Thing:
        connecting.set()
        go.wait(5)
        return device

    task = asyncio.create_task(Supervisor("thing", connect).run())
    await asyncio.to_thread(connecting.wait, 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    go.set()
    assert await asyncio.to_thread(device.closed.wait, 5)
    assert device.greeted == []


async def test_what_was_never_begun_is_told_from_what_was_lost_on_the_way() -> None:
    """Nothing came out of a printer that was not there; of one that was lost at its work nobody knows."""
    bench = Bench(Thing(None, Lost("unplugged")))
    async with running(bench) as thing:
        with pytest.raises(NotAtHand):
            await thing.use(lambda _device: None)
        await until(lambda: bench.states[-1:] == ["lost"])
        with pytest.raises(NotAtHand, match="thing is lost"):
            await thing.use(lambda _device: None)
        bench.found.append(Thing())
        await until(lambda: thing.state == "ready")
        with pytest.raises(Lost) as lost:
            await thing.use(lambda device: device.fail(Lost("cable")))
        assert not isinstance(lost.value, NotAtHand)


async def test_a_machine_without_the_device_has_it_absent() -> None:
    absent: Supervisor[Thing] = Supervisor("thing", None)
    task = asyncio.create_task(absent.run())
    await asyncio.sleep(0.01)
    assert not task.done()
    assert absent.state == "absent"
    with pytest.raises(Lost, match="thing is absent"):
        await absent.use(lambda _: None)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class TestWithTheReader:
    """The real paces, over a real line."""

    @pytest.fixture(autouse=True)
    def _quick(self) -> None:
        """Overrides the quick paces."""

    @pytest.fixture(params=["tcp://127.0.0.1:0", "pty://"])
    def rig(self, request: pytest.FixtureRequest) -> Iterator[Simulators]:
        with simulators("--id-card", str(request.param)) as running:
            yield running

    async def test_is_lost_and_back_with_the_plug(self, rig: Simulators) -> None:
        """Over a pty the port comes back under another name, as a serial adapter does: the line is named by-id."""
        states: list[State] = []
        port = urlsplit(rig.id_card).path
        async with supervised(reader_at(rig.id_card, states)) as reader:
            rig.control.present("ouyang")
            assert isinstance(await reader.use(lambda device: device.read()), IdCard)
            name = target(port)
            rig.control.unplug("id_card")
            await until(lambda: reader.state == "lost", 2.0)
            rig.control.plug("id_card")
            await until(lambda: reader.state == "ready", 6.0)
            assert (target(port) != name) == rig.id_card.startswith("serial:")
            rig.control.present("ouyang")
            assert isinstance(await reader.use(lambda device: device.read()), IdCard)
            assert states == ["ready", "lost", "ready"]

    async def test_a_power_failure_is_a_loss_within_three_seconds(
        self, reader_over_tcp: Simulators, scanner_over_tcp: Simulators
    ) -> None:
        """The connection stands half open: no end of it ever comes, and not even an acknowledgement. A reader is missed
        because it is asked; a line on which nobody asks finds out by itself."""
        scanner = Supervisor("scanner", lambda: open_driver("scanner", "scanner", scanner_over_tcp.scanner))
        async with supervised(reader_at(reader_over_tcp.id_card)) as reader, supervised(scanner):
            reader_over_tcp.control.cut("id_card")
            scanner_over_tcp.control.cut("scanner")
            await until(lambda: reader.state == "lost" and scanner.state == "lost", 3.0)
            reader_over_tcp.control.plug("id_card")
            scanner_over_tcp.control.plug("scanner")
            await until(lambda: reader.state == "ready" and scanner.state == "ready", 6.0)


def target(port: str) -> str:
    """What a link names; the path itself where there is none."""
    return os.path.realpath(port)


def reader_at(url: str, states: list[State] | None = None) -> Supervisor[IdCardReader]:
    told = [] if states is None else states
    return Supervisor("id_card", lambda: open_driver("id_card", "samv", url), told.append)


@asynccontextmanager
async def supervised(device: Supervisor[D]) -> AsyncIterator[Supervisor[D]]:
    """A real device that was found."""
    task = asyncio.create_task(device.run())
    try:
        await until(lambda: device.state == "ready", 6.0)
        yield device
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class TestInVirtualTime:
    """The real paces again, the drivers over devices in this process."""

    @pytest.fixture(autouse=True)
    def _quick(self) -> None:
        """Overrides the quick paces."""

    def test_silence_is_a_loss_within_three_seconds(self) -> None:
        reader = SimulatedReader(load_people(), sticky=True, on_change=lambda: None)

        async def silent(wire: Wire, supervisor: Supervisor[Device]) -> None:
            wire.silent = True
            await becomes(supervisor, "lost", 3.0)
            wire.silent = False
            await becomes(supervisor, "ready", 5.0)

        in_virtual_time(reader, SamV, silent)

    def test_a_printer_switched_off_is_lost_and_back_when_on(self) -> None:
        printer = SimulatedPrinter(48, lambda _ticket: None, lambda: None)

        async def switched(_wire: Wire, supervisor: Supervisor[Device]) -> None:
            printer.set_power(False)
            await becomes(supervisor, "lost", 3.0)
            printer.set_power(True)
            await becomes(supervisor, "ready", 5.0)

        in_virtual_time(printer, EscposPrinter, switched)

    def test_a_device_comes_back_a_thousand_times(self) -> None:
        """After any time of being there and of being away; and leaves no line open."""
        reader = SimulatedReader(load_people(), sticky=True, on_change=lambda: None)
        chance = random.Random(3)

        async def comes_and_goes(wire: Wire, supervisor: Supervisor[Device]) -> None:
            for _ in range(1000):
                await asyncio.sleep(chance.uniform(0, 8))
                wire.unplug()
                await becomes(supervisor, "lost", 1.0)
                await asyncio.sleep(chance.uniform(0, 12))
                wire.plug()
                await becomes(supervisor, "ready", 5.0)

        in_virtual_time(reader, SamV, comes_and_goes)


async def becomes(supervisor: Supervisor[Device], state: State, within: float) -> None:
    changed = asyncio.Event()
    supervisor.on_change = lambda _state: changed.set()
    async with asyncio.timeout(within):
        while supervisor.state != state:
            changed.clear()
            await changed.wait()


def in_virtual_time(
    device: SimulatedDevice,
    driver: Callable[[WireLine], Device],
    scenario: Callable[[Wire, Supervisor[Device]], Coroutine[object, object, None]],
) -> None:
    """Plays the scenario with a device that was found."""
    with virtual_time() as clock:
        wire = Wire(device, clock)

        async def play() -> None:
            async with supervised(Supervisor("device", lambda: driver(wire.open()))) as supervisor:
                await scenario(wire, supervisor)

        clock.run(play())
        assert wire.lines == 0


async def test_what_hinders_a_ready_device_is_known_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No paper is not a loss: the device stays ready, and whoever asks learns what is the matter."""
    monkeypatch.setattr(supervisor, "EVERY", 0.02)
    bench = Bench(Thing("no paper", "no paper", None))
    async with running(bench) as thing:
        await until(lambda: thing.hindrance == "no paper")
        assert thing.state == "ready"
        await until(lambda: thing.hindrance is None)
        assert bench.states == ["ready", "ready"], "told once more when it was over"


async def test_what_is_used_all_the_time_is_still_asked_whether_it_is_hindered_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor, "EVERY", 0.05)
    async with running(Bench(Thing("no PC/SC service", None))) as thing:
        await until(lambda: thing.hindrance is not None)
        async with asyncio.timeout(30):
            while thing.hindrance is not None:
                await thing.use(lambda _device: None)
                await asyncio.sleep(0.01)


async def test_what_is_looked_for_in_vain_counts_as_lost_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PAUSES", (0.2,))
    wrong, right = Thing(NotFound("no such port")), Thing()
    bench = Bench(wrong, right)
    async with running(bench) as thing:
        await until(lambda: thing.health == "lost")
        assert bench.states == ["searching"]
        await until(lambda: thing.health == "ready")
