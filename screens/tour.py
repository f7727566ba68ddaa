"""A finger on the real screens: touches at window coordinates, page after page, a picture of each.

The touches go in where a mouse's or a panel's come in, at the window, so everything after that is what a person's
finger meets: the input provider, the guards against double touches, the targets. ``Finger`` knows how to give an answer
to each kind of page by what can be pressed on it, turning the pages of long lists and calendars as a person would; what
to answer is somebody else's business.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from pathlib import Path
from typing import TypeVar

from kivy.clock import Clock
from kivy.core.window import Window

from kiosk.pages import ChooseDay, ChoosePlace, Confirm, Digits, Search, Tick
from screens import choose_day, choose_place, confirm, digits, home, tick
from screens.stage import Shown, Stage
from screens.theme import Rect
from screens.touch import DOUBLE_KEY
from screens.widgets import NEXT_PAGE, PAGE_BEFORE

KEY_PAUSE = DOUBLE_KEY * 1.2
"""Seconds between two keys, so that the same key twice is two digits."""

T = TypeVar("T")


class Stuck(Exception):
    """The walk cannot go on: nothing on the glass answers as wanted, or nothing came in time. Says where."""


class Hands(Enum):
    """What a walker does instead of answering."""

    WAIT = "wait"
    """The page answers itself, or something other than a touch does (a card)."""
    STOP = "stop"
    """The walk ends with this page on the glass."""


Script = Callable[[Shown], Awaitable[object]]
"""What to answer to a page: an answer's value, what a target of the foot means (``foot:home``), or one of ``Hands``."""


def script_of(answers: Mapping[str, object]) -> Script:
    """A script from page names to answers. The walk stops at a page that is not named."""

    async def answer(shown: Shown) -> object:
        return answers.get(shown.page.name, Hands.STOP)

    return answer


@dataclass
class Walk:
    """One walk: where its pictures go (``NN-journey-page.png``) and how long it waits for anything (seconds)."""

    stage: Stage
    out: Path
    journey: str
    patience: float = 30.0
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    pictures: list[Path] = field(default_factory=list)
    serial: int = 0

    async def go(self, script: Script) -> Shown:
        """Answers pages until the script stops, and returns the page it stopped at. Raises Stuck."""
        finger = Finger(self.stage, self.patience)
        while True:
            shown = await self._within(self.stage.drawn(after=self.serial), "another page")
            self.serial = shown.serial
            self.save(shown.page.name)
            wanted = await script(shown)
            if wanted is Hands.STOP:
                return shown
            if wanted is not Hands.WAIT:
                await finger.answer(shown, wanted)

    def save(self, name: str) -> Path:
        """Saves what stands on the glass."""
        path = self.out / f"{next(self.numbers):02}-{self.journey}-{name}.png"
        self.stage.picture(path)
        self.pictures.append(path)
        return path

    async def _within(self, wait: Awaitable[T], what: str) -> T:
        try:
            return await asyncio.wait_for(wait, self.patience)
        except TimeoutError:
            raise Stuck(f"{self.journey}: {what} did not come within {self.patience:g} s") from None


class Finger:
    """One finger on the glass."""

    def __init__(self, stage: Stage, patience: float = 30.0) -> None:
        self.stage = stage
        self.patience = patience

    async def answer(self, shown: Shown, value: object) -> None:
        """Gives ``value`` as the answer to the page, by the targets that a person would use. Raises Stuck."""
        page = shown.page
        if isinstance(value, str) and value.startswith("foot:"):
            await self.press(value)
            return
        match page:
            case Digits():
                await self._digits(page, value)
            case Tick():
                await self._ticks(value)
            case ChoosePlace():
                await self._place(page, value)
            case ChooseDay():
                await self._day(page, value)
            case Search():
                await self._search(page, value)
            case Confirm():
                await self._turn_to(confirm.ACTION)
                await self.press(confirm.ACTION)
            case _:
                await self._turn_to(value)
                await self.press(value)

    def offered(self) -> list[object]:
        """What the things mean that can be pressed."""
        return [means for means, _where in self.stage.targets()]

    async def press(self, means: object) -> None:
        """Touches the middle of the target that means this. Raises Stuck when there is none."""
        where = self.find(means)
        await self.touch(where.x + where.width / 2, where.y + where.height / 2)

    def find(self, means: object) -> Rect:
        """Where the target is that means this. Raises Stuck when there is none."""
        for meaning, where in self.stage.targets():
            if meaning == means:
                return where
        raise Stuck(f"{self._name()}: nothing on the glass means {means!r}; there is {self.offered()}")

    async def touch(self, x: float, y: float, *, lift: tuple[float, float] | None = None) -> None:
        """Touches at window pixels, from the lower left, and lifts there or at ``lift``. Raises Stuck."""
        try:
            async with asyncio.timeout(self.patience):
                while not self.stage.gate.open:
                    await next_frame()
        except TimeoutError:
            raise Stuck(f"{self._name()}: no touch was taken within {self.patience:g} s") from None
        await self.put_down(x, y)
        await self.take_up(*(lift or (x, y)))

    async def put_down(self, x: float, y: float) -> None:
        """The finger is on the glass."""
        Window.dispatch("on_mouse_down", x, Window.height - y, "left", ())
        await next_frame()
        await next_frame()

    async def take_up(self, x: float, y: float) -> None:
        """The finger has moved there, and leaves the glass."""
        Window.dispatch("on_mouse_move", x, Window.height - y, ())
        Window.dispatch("on_mouse_up", x, Window.height - y, "left", ())
        await next_frame()
        await next_frame()

    async def _digits(self, page: Digits, value: object) -> None:
        if page.aside is not None and value == page.aside.value:
            await self.press(value)
            return
        await self.press("key:clear")
        for digit in str(value):
            await self.press(f"key:{digit}")
            await asyncio.sleep(KEY_PAUSE)
        await self.press(digits.ACTION)

    async def _ticks(self, value: object) -> None:
        wanted = set(value) if isinstance(value, tuple) else set()
        while True:
            ticked = set(self.stage.ticked())
            here = set(self.offered())
            for means in (ticked - wanted) | (wanted & here - ticked):
                await self._press_and_settle(means)
            if NEXT_PAGE not in here:
                break
            await self._press_and_settle(NEXT_PAGE)
        await self.press(tick.ACTION)

    async def _place(self, page: ChoosePlace, value: object) -> None:
        if value not in self.offered():
            province = next((p for p in page.provinces if any(city.value == value for city in p.cities)), None)
            if province is None:
                raise Stuck(f"{page.name}: no province has {value!r}")
            if choose_place.OTHER in self.offered():
                await self._press_and_settle(choose_place.OTHER)
            means = choose_place.province_means(province.name)
            await self._turn_to(means)
            if len(province.cities) == 1:
                await self.press(means)
                return
            await self._press_and_settle(means)
            await self._turn_to(value)
        await self.press(value)

    async def _day(self, page: ChooseDay, value: object) -> None:
        if not isinstance(value, date):
            raise Stuck(f"{page.name}: {value!r} is no day")
        if value not in self.offered() and choose_day.OTHER in self.offered():
            await self._press_and_settle(choose_day.OTHER)
        for turn in (choose_day.MONTH_BEFORE, choose_day.NEXT_MONTH):
            while value not in self.offered() and turn in self.offered():
                await self._press_and_settle(turn)
        await self.press(value)

    async def _search(self, page: Search, value: object) -> None:
        keys = next((keys for keys, option in page.entries if option.value == value), ())
        for letter in keys[0] if keys else "":
            if value in self.offered():
                break
            await self._press_and_settle(f"key:{letter}")
        await self.press(value)

    async def _turn_to(self, means: object) -> None:
        """Turns the pages of a long list until the target is there."""
        for turn in (PAGE_BEFORE, NEXT_PAGE):
            while means not in self.offered() and turn in self.offered():
                await self._press_and_settle(turn)
        for _group in range(20):
            if means in self.offered() or home.MORE not in self.offered():
                return
            await self._press_and_settle(home.MORE)

    async def _press_and_settle(self, means: object) -> None:
        """Presses what changes the page in place, and waits until that is drawn and a next press of it would count."""
        await self.press(means)
        try:
            async with asyncio.timeout(self.patience):
                while not self.stage.gate.would_admit(means):
                    await next_frame()
                shown = self.stage.shown
                await self.stage.drawn(shown.serial - 1 if shown is not None else 0)
        except TimeoutError:
            raise Stuck(f"{self._name()}: nothing changed within {self.patience:g} s") from None

    def _name(self) -> str:
        return self.stage.shown.page.name if self.stage.shown is not None else "nothing"


async def next_frame() -> None:
    """Waits for kivy's loop to come round."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    Clock.schedule_once(lambda _dt: None if done.done() else done.set_result(None), 0)
    await done
