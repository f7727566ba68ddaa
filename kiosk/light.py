"""The status light: seen from across the hall, it says whether the machine is free, in use, or needs somebody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing, suppress
from typing import NoReturn, Protocol

from devices import StatusLight
from devices.errors import DeviceError
from devices.light import LightState
from devices.supervisor import State, Supervisor
from devices.worker import Worker
from kiosk.pages import Attract, Home, Notice, Page

OUT_WITHIN = 1.5
CALLS_SOMEBODY = {"help", "out-of-order"}
"""Pages that want somebody to come."""


class Light(Protocol):
    """What the kiosk asks of a status light; it returns at once."""

    def show(self, state: LightState) -> None: ...


class NoLight:
    """The light of a machine that has none."""

    def show(self, state: LightState) -> None:
        pass


class Lamp:
    """A light that a supervisor keeps. What it should show is shown as soon as it is there; only the newest counts."""

    def __init__(self, supervisor: Supervisor[StatusLight]) -> None:
        self._supervisor = supervisor
        self._wanted: LightState = "off"
        self._news = asyncio.Event()
        self.lit = False
        """Whether it ever showed anything."""

    def show(self, state: LightState) -> None:
        if state != self._wanted:
            self._wanted = state
            self._news.set()

    def changed(self, state: State) -> None:
        """The light was found, or lost: whichever is found shows nothing yet."""
        if state == "ready":
            self._news.set()

    async def run(self) -> NoReturn:
        """Tells the light what to show."""
        while True:
            await self._news.wait()
            self._news.clear()
            with suppress(DeviceError):  # the supervisor tells of it, and of its return
                await self._supervisor.use(self._show)

    def _show(self, light: StatusLight) -> None:
        light.show(self._wanted)
        self.lit = True


async def put_out(connect: Callable[[], StatusLight]) -> None:
    """The machine ends: a light that goes on saying that it is free would lie. Gives up after OUT_WITHIN seconds."""

    def off() -> None:
        with closing(connect()) as light:
            light.show("off")

    worker = Worker("light out")
    try:
        async with asyncio.timeout(OUT_WITHIN):
            while True:
                with suppress(DeviceError):  # perhaps its line is still being closed
                    return await worker.do(off)
                await asyncio.sleep(0.1)
    except TimeoutError:
        return None
    finally:
        worker.close()


def state_of(page: object) -> LightState:
    """How the machine stands while this page does."""
    if isinstance(page, Home | Attract):
        return "free"
    calls = isinstance(page, Notice) and page.name in CALLS_SOMEBODY
    return "help" if calls or (isinstance(page, Page) and page.awaits_staff) else "busy"
