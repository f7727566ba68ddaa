"""Keeps one device at hand: searches for it, notices when it is lost, searches again. Nobody else reconnects.

    absent      this machine has no such device
    searching ──found──▶ ready ──lost──▶ lost ──found──▶ ready …

A device that nobody uses is greeted so often that the end of its line is known within a second, and its silence (three
misses, or three seconds) within three. All that blocks runs in one daemon thread, one piece after another, within the
driver's deadlines. Pauses between attempts grow, and go on growing over a device that is lost as soon as it is found.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from typing import Generic, Literal, Protocol, TypeVar

from devices.errors import DeviceError, Garbled, Lost, NotAtHand, NotFound, Refused, Silent
from devices.worker import Worker

State = Literal["absent", "searching", "ready", "lost"]
PAUSES = (0.25, 0.5, 1.0, 2.0)
"""Seconds between attempts to find the device; the last one goes on for ever. With an attempt that is under way (at
most OPEN_WITHIN) and the one that finds it, a device is back within five seconds of being there again."""
STEADY = 3.0
"""Seconds that a device must be held for the pauses to begin anew when it is lost."""
EVERY = 0.75
"""Seconds without a sign of life after which an idle device is greeted."""
MISSES = 3
PATIENCE = 0.1
"""Seconds after a failed greeting, so that one burst of noise does not make three misses."""
QUIET = 2.5
"""Seconds without a sign of life after which a greeting without an answer is a loss, however few there were: a driver's
greeting may take most of a second, and a device is missed within three."""
HANGS = 120.0
"""Seconds after which a driver is believed never to come back. The longest job of a slow printer takes half of it."""
CLOSE_WITHIN = 2.0
"""Seconds that closing a device may take before it is opened anew; a driver that takes longer has lost its thread."""
TOLD, CALM = 6, 60.0
"""How many changes of a device are told within so many seconds; then it is only told that it keeps changing, until it
has not changed for as long."""

_log = logging.getLogger(__name__)


class Device(Protocol):
    """What a driver must have to be supervised; all blocking, and `cancel` callable from any thread."""

    def hello(self) -> str | None:
        """Whether it is there; what hinders it at the moment (no paper), in the driver's words, or None."""

    def cancel(self) -> None: ...

    def close(self) -> None: ...


D = TypeVar("D", bound=Device)
T = TypeVar("T")


class Supervisor(Generic[D]):
    """One device. `connect` opens it (NotFound when it is not there); None says that this machine has none.

    `on_change` is called in the event loop after each change of `state`, `hindrance` or `health`.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], D] | None,
        on_change: Callable[[State], None] = lambda _state: None,
    ) -> None:
        self.name = name
        self.on_change = on_change
        self._connect = connect
        self._state: State = "absent" if connect is None else "searching"
        self._bond: _Bond[D] | None = None
        self._worker: Worker | None = None
        self._hindrance: str | None = None
        self._failures = 0
        self._in_vain = False
        self._told = _Told(name, lambda: self._state)

    @property
    def state(self) -> State:
        return self._state

    @property
    def health(self) -> State:
        """The state for whoever wants to know whether it can be used: lost is also what is hindered, and what has been
        looked for in vain since the start."""
        if self._state == "searching" and self._in_vain:
            return "lost"
        return "lost" if self.hindrance is not None else self._state

    @property
    def hindrance(self) -> str | None:
        """What keeps a device that is ready from its work, as it said when it was greeted last."""
        return self._hindrance if self._state == "ready" else None

    async def run(self) -> None:
        """Supervise until cancelled."""
        if self._connect is None:
            await asyncio.get_running_loop().create_future()
            return
        worker = self._worker = Worker(self.name)
        try:
            while True:
                worker, device, self._hindrance = await self._search(worker, self._connect)
                self._bond = bond = _Bond(device, worker, self._hear, hindered=self._hindrance is not None)
                found = asyncio.get_running_loop().time()
                try:
                    self._become("ready")
                    why = await bond.attend()
                finally:
                    self._bond = None
                    with suppress(DeviceError):  # a mistake in it changes nothing: what it should have ended is closed
                        _soundly(device.cancel)
                    worker.post(device.close)
                if asyncio.get_running_loop().time() - found >= STEADY:
                    self._failures = 0
                self._told.tell(logging.WARNING, "lost: %s", why)
                self._become("lost")
        finally:
            self._worker.close()
            self._told.end()
            self._state = "searching" if self._state == "ready" else self._state

    async def use(self, work: Callable[[D], T]) -> T:
        """The outcome of `work(device)`, done in the device's thread. NotAtHand when it is not ready and `work` was not
        begun; Lost when it makes a mistake."""
        if self._bond is None:
            raise NotAtHand(f"{self.name} is {self._state}")
        return await self._bond.use(work)

    async def _search(self, worker: Worker, connect: Callable[[], D]) -> tuple[Worker, D, str | None]:
        """A device that was found and greeted, and its thread. Lost a while after it was found, it is looked for at
        once."""
        while True:
            if self._failures:
                await asyncio.sleep(PAUSES[min(self._failures, len(PAUSES)) - 1])
            self._failures += 1
            worker = await self._free(worker)
            try:
                device, hindrance = await _open(worker, connect)
            except DeviceError as error:
                if not self._in_vain and self._state == "searching":
                    self._in_vain = True
                    self._told.tell(logging.WARNING, "not found: %s", error)
                    self.on_change(self._state)
            else:
                self._told.tell(logging.INFO, "ready")
                return worker, device, hindrance

    async def _free(self, worker: Worker) -> Worker:
        """The thread once it has closed the device of before; another one when it hangs in that."""
        try:
            async with asyncio.timeout(CLOSE_WITHIN):
                await worker.do(lambda: None)
        except TimeoutError:
            worker.close()
            self._told.tell(logging.WARNING, "does not close, and is left as it is")
            worker = self._worker = Worker(self.name)
        return worker

    def _become(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self.on_change(state)

    def _hear(self, hindrance: str | None) -> None:
        if hindrance != self._hindrance:
            self._hindrance = hindrance
            self._told.tell(logging.INFO, ": %s", hindrance or "nothing hinders it any more")
            self.on_change(self._state)


async def _open(worker: Worker, connect: Callable[[], D]) -> tuple[D, str | None]:
    """A device that was connected and greeted, and what hinders it; one that is not returned is ended and closed."""
    opened: list[D] = []
    given_up = False

    def connect_and_greet() -> tuple[D, str | None]:
        device = connect()
        opened.append(device)
        if given_up:
            raise Lost("nobody waits for it any more")
        return device, device.hello()

    def close_opened() -> None:
        for device in opened:
            device.close()

    try:
        return await _back_from(worker, connect_and_greet)
    except BaseException:
        given_up = True
        for device in opened:
            with suppress(DeviceError):  # a mistake in it changes nothing: what it should have ended is closed
                _soundly(device.cancel)
        worker.post(close_opened)  # after the attempt, which may still be running if nobody waits for it
        raise


async def _back_from(worker: Worker, work: Callable[[], T]) -> T:
    """What the driver's work comes to. One that never comes back is the loss of its device, and costs its thread."""
    try:
        async with asyncio.timeout(HANGS):
            return await worker.do(lambda: _soundly(work))
    except TimeoutError:
        raise Lost(f"driver does not come back within {HANGS:g} s") from None


def _soundly(work: Callable[[], T]) -> T:
    """A mistake in a driver is the loss of its device, not of the kiosk. The log gets what it was and where, which no
    data of a person is in; what it says of itself may hold some. An exit or a cancellation is one too: nobody but the
    driver asked for it."""
    try:
        return work()
    except DeviceError:
        raise
    except BaseException as mistake:
        where = traceback.extract_tb(mistake.__traceback__)[-1]
        raise Lost(f"driver failed: {type(mistake).__name__} in {where.filename}:{where.lineno}") from mistake


class _Told:
    """What the log is told of a device: each change once, unless it keeps changing."""

    def __init__(self, name: str, state: Callable[[], State]) -> None:
        self._name = name
        self._state = state
        self._recent: deque[float] = deque(maxlen=TOLD)
        self._untold = 0
        self._calm: asyncio.TimerHandle | None = None

    def tell(self, level: int, words: str, *details: object) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._calm is not None:
            self._untold += 1
            self._wait()
        elif len(self._recent) == TOLD and now - self._recent[0] < CALM:
            self._untold = 1
            self._wait()
            _log.warning("%s keeps coming and going; this is told again when it has kept still for a while", self._name)
        else:
            self._recent.append(now)
            _log.log(level, f"%s{'' if words.startswith(':') else ' '}{words}", self._name, *details)

    def end(self) -> None:
        if self._calm is not None:
            self._calm.cancel()
            self._calm = None

    def _wait(self) -> None:
        self.end()
        self._calm = asyncio.get_running_loop().call_later(CALM, self._kept_still)

    def _kept_still(self) -> None:
        self._calm = None
        _log.warning(
            "%s has kept still, %s, after %d changes that were not told", self._name, self._state(), self._untold
        )


class _Bond(Generic[D]):
    """A device from its being found to its loss."""

    def __init__(self, device: D, worker: Worker, heard: Callable[[str | None], None], *, hindered: bool) -> None:
        self._device = device
        self._worker = worker
        self._tell = heard
        self._heard = self._greeted = asyncio.get_running_loop().time()
        self._hindered = hindered
        self._misses = 0
        self._doubt = asyncio.Event()
        self._lost_by: DeviceError | None = None

    async def use(self, work: Callable[[D], T]) -> T:
        try:
            outcome = await _back_from(self._worker, lambda: work(self._device))
        except DeviceError as error:
            self._judge(error)
            raise
        self._is_alive()
        return outcome

    async def attend(self) -> DeviceError:
        """Greet the device whenever it was quiet for long, failed at something, or may be hindered no more; return why
        it is lost."""
        while (why := self._lost_by) is None:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._due()):
                    await self._doubt.wait()
            if self._lost_by is None:
                await self._greet()
        return why

    async def _greet(self) -> None:
        if not self._doubt.is_set() and asyncio.get_running_loop().time() < self._due():
            return  # somebody used it in the meantime
        self._greeted = asyncio.get_running_loop().time()
        try:
            hindrance = await _back_from(self._worker, self._device.hello)
        except DeviceError as error:
            self._judge(error)
            if isinstance(error, Refused) or (isinstance(error, Silent) and self._quiet() >= QUIET):
                self._lost_by = error
            elif self._lost_by is None:
                await asyncio.sleep(PATIENCE)
        else:
            self._is_alive()
            self._hindered = hindrance is not None
            self._tell(hindrance)

    def _due(self) -> float:
        """When to greet it next. What is used all the time tells only by a greeting that nothing hinders it."""
        return (self._greeted if self._hindered else self._heard) + EVERY

    def _quiet(self) -> float:
        return asyncio.get_running_loop().time() - self._heard

    def _is_alive(self) -> None:
        self._heard = asyncio.get_running_loop().time()
        self._misses = 0
        self._doubt.clear()

    def _judge(self, error: DeviceError) -> None:
        """A line that ended is the end; silence and garbage are misses; a refusal shows that somebody is there."""
        self._doubt.set()
        if isinstance(error, Silent | Garbled):
            self._misses += 1
            if self._misses < MISSES:
                return
        elif not isinstance(error, Lost | NotFound):
            return
        self._lost_by = copy(error)  # without the traceback: it holds what the caller did, and for whom
