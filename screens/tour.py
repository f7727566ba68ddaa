"""A finger that touches the glass, and a walk through pages with it: pictures for people, acceptance for machines.

``Finger`` sends mouse touches at window coordinates through kivy's own event loop, so everything from the window down is
what a person's touch goes through. ``walk`` answers page after page by what stands on the glass, turning the pages of
long lists and calendars as a person would. It knows pages and stage, and nothing of devices or journeys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from pathlib import Path
from typing import TypeVar

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.input.providers.mouse import MouseMotionEvent

from kiosk.pages import ChooseDay, ChoosePlace, Confirm, Digits, Search, Tick
from screens import choose_day, choose_place, confirm, digits, home, tick
from screens.stage import Shown, Stage
from screens.touch import DOUBLE_KEY

T = TypeVar("T")


KEY_PAUSE = DOUBLE_KEY * 1.1
"""Seconds between two keys, so that the same key twice is two digits."""


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
    """One walk: where its pictures go and how long it waits for anything (seconds)."""

    stage: Stage
    out: Path
    journey: str
    patience: float = 30.0
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
        """Saves what stands on the glass as ``NN-journey-name.png``."""
        path = self.out / f"{len(self.pictures) + 1:02}-{self.journey}-{name}.png"
        self.stage.picture(path)
        self.pictures.append(path)
        return path

    async def _within(self, wait: Awaitable[T], what: str) -> T:
        try:
            return await asyncio.wait_for(wait, self.patience)
        except TimeoutError:
            raise Stuck(f"{self.journey}: {what} did not come within {self.patience:g} s") from None


class Finger:
    """Touches what stands on the glass."""

    def __init__(self, stage: Stage, patience: float = 30.0) -> None:
        self.stage = stage
        self.patience = patience
        self._count = 0

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

    async def press(self, means: object) -> None:
        """Touches the target that means this. Raises Stuck when there is none."""
        for meaning, where in self.stage.targets():
            if meaning == means:
                await self.touch(where.x + where.width / 2, where.y + where.height / 2)
                return
        raise Stuck(f"{self._page_name()}: nothing on the glass means {means!r}")

    async def touch(self, x: float, y: float, *, until: tuple[float, float] | None = None) -> None:
        """A touch at window coordinates (pixels, from the lower left); lifted at ``until`` if that is elsewhere."""
        await self._until(lambda: self.stage.gate.open)
        finger = self.down(x, y)
        await next_frame()
        self.up(finger, *(until or (x, y)))

    def down(self, x: float, y: float) -> MouseMotionEvent:
        """A touch that begins."""
        self._count += 1
        touch = MouseMotionEvent(
            "finger", f"finger{self._count}", (*_share(x, y), "left"), is_touch=True, type_id="touch"
        )
        EventLoop.post_dispatch_input("begin", touch)
        return touch

    def up(self, touch: MouseMotionEvent, x: float, y: float) -> None:
        """The same touch, moved and lifted."""
        touch.move((*_share(x, y), "left"))
        EventLoop.post_dispatch_input("update", touch)
        touch.update_time_end()
        EventLoop.post_dispatch_input("end", touch)

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
            for means, _where in self.stage.targets():
                if means in wanted and means not in self.stage.ticked():
                    await self._press_and_settle(means)
            for means in self.stage.ticked():
                if means not in wanted:
                    await self._press_and_settle(means)
            if not self._has("page:next"):
                break
            await self._press_and_settle("page:next")
        await self.press(tick.ACTION)

    async def _place(self, page: ChoosePlace, value: object) -> None:
        if not self._has(value):
            if self._has(choose_place.OTHER):
                await self._press_and_settle(choose_place.OTHER)
            province = next((p for p in page.provinces if any(city.value == value for city in p.cities)), None)
            if province is None:
                raise Stuck(f"{page.name}: no province has {value!r}")
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
        if not self._has(value) and self._has(choose_day.OTHER):
            await self._press_and_settle(choose_day.OTHER)
        for turn in ("month:before", "month:next"):
            while not self._has(value) and self._has(turn):
                await self._press_and_settle(turn)
        await self.press(value)

    async def _search(self, page: Search, value: object) -> None:
        keys = next((keys for keys, option in page.entries if option.value == value), ())
        for letter in keys[0] if keys else "":
            if self._has(value):
                break
            await self._press_and_settle(f"key:{letter}")
        await self.press(value)

    async def _turn_to(self, means: object) -> None:
        """Turns the pages of a long list until the target is there."""
        for turn in ("page:next", "page:before"):
            while not self._has(means) and self._has(turn):
                await self._press_and_settle(turn)
        for _page in range(20):
            if self._has(means) or not self._has(home.MORE):
                return
            await self._press_and_settle(home.MORE)

    async def _press_and_settle(self, means: object) -> None:
        await asyncio.sleep(KEY_PAUSE)
        await self.press(means)
        shown = self.stage.shown
        await asyncio.wait_for(self.stage.drawn(after=shown.serial - 1 if shown is not None else 0), self.patience)

    def _has(self, means: object) -> bool:
        return any(meaning == means for meaning, _where in self.stage.targets())

    async def _until(self, condition: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(self.patience):
                while not condition():
                    await next_frame()
        except TimeoutError:
            raise Stuck(f"{self._page_name()}: touches were not taken for {self.patience:g} s") from None

    def _page_name(self) -> str:
        return self.stage.shown.page.name if self.stage.shown is not None else "nothing"


async def next_frame() -> None:
    """Waits for kivy's loop to come round."""
    done = asyncio.get_running_loop().create_future()
    Clock.schedule_once(lambda _dt: None if done.done() else done.set_result(None), 0)
    await done


def _share(x: float, y: float) -> tuple[float, float]:
    """Window coordinates as kivy's input has them: shares of the window."""
    return x / (Window.width - 1.0), y / (Window.height - 1.0)
