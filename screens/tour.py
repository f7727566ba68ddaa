"""A finger on the real screens: touches at window coordinates, page after page, a picture of each.

The touches go in where a mouse's or a panel's come in, at the window, so everything after that is what a person's
finger meets: the input provider, the guards against double touches, the targets. ``Finger`` knows how to give an answer
to each kind of page by what can be pressed on it, turning the pages of long lists and calendars as a person would; what
to answer is somebody else's business.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from kivy.clock import Clock
from kivy.core.window import Window

from kiosk.pages import (
    Attract,
    ChooseDay,
    ChoosePlace,
    Confirm,
    Digits,
    EnterNumber,
    Home,
    Notice,
    Page,
    PlaceCard,
    Search,
    Tick,
    Wait,
    Words,
)
from kiosk.pinyin import dictionary, initials
from screens import (
    attract,
    candidates,
    choose_day,
    choose_place,
    confirm,
    digits,
    home,
    keyboard,
    number,
    tick,
    words,
)
from screens.loop import hurry
from screens.stage import ShownPage, Stage
from screens.text import Text
from screens.theme import Rect
from screens.touch import Target
from screens.widgets import NEXT_PAGE, PAGE_BEFORE

WITHIN = 30.0
"""Seconds within which something must follow a touch: central may be slow, but it has its own deadlines."""


class Stuck(Exception):
    """The walk cannot go on: nothing on the glass answers as wanted, or nothing came in time. Says where."""


Answer = Callable[[Page[object], Collection[object]], Awaitable[object]]
"""The answer to a page on which these meanings can be pressed; ``foot:home`` and its like are answers too."""


@dataclass
class Walk:
    """One walk from the home page through a service and back to the home page.

    ``present`` is called on a page that waits for a card; ``answer`` may wait for what a person would wait for.
    ``within`` is how long it waits for another page (seconds). Pictures are saved as ``NN-name-page.png``.
    """

    stage: Stage
    name: str
    folder: Path
    answer: Answer
    present: Callable[[PlaceCard], Awaitable[None]]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    within: float = WITHIN
    pictures: list[Path] = field(default_factory=list)

    async def run(self) -> None:
        """Walks until the home page stands there again. Raises Stuck."""
        finger = Finger(self.stage)
        shown = await self._page(0)
        while not _is_home(shown):
            shown = await self._page(shown.serial)
        while True:
            self._save(shown.page.name)
            if isinstance(shown.page, PlaceCard):
                await self.present(shown.page)
            elif not _answers_itself(shown.page):
                await finger.answer(shown, await self.answer(shown.page, finger.offered()))
            shown = await self._page(shown.serial)
            if _is_home(shown):
                return

    async def _page(self, after: int) -> ShownPage:
        try:
            async with asyncio.timeout(self.within):  # wait_for would swallow a cancel that comes with the page
                return await self.stage.drawn(after)
        except TimeoutError:
            there = self.stage.shown
            stands = f"; there stands: {there.page.question} {there.page.hint}" if there else ""
            raise Stuck(f"{self.name}: no other page came within {self.within:g} s{stands}") from None

    def _save(self, page: str) -> None:
        file = self.folder / f"{next(self.numbers):02d}-{self.name}-{page}.png"
        self.stage.picture(file)
        self.pictures.append(file)


class Finger:
    """One finger on the glass."""

    def __init__(self, stage: Stage, patience: float = WITHIN) -> None:
        self.stage = stage
        self.patience = patience

    async def answer(self, shown: ShownPage, value: object) -> None:
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
            case Words():
                await self.write(str(value))
                await self.press(words.ACTION)
            case EnterNumber():
                for _sign in page.begins:
                    await self.press(f"key:{keyboard.DELETE}")
                for sign in str(value):
                    await self.press(f"key:{sign}")
                await self.press(number.ACTION)
            case Attract():
                await self.press(attract.WAKE)
            case Confirm():
                await self.turn_to(confirm.ACTION)
                await self.press(confirm.ACTION)
            case _:
                await self.turn_to(value)
                await self.press(value)

    def offered(self) -> list[object]:
        """What the things mean that can be pressed."""
        return [means for means, _where in self.stage.targets()]

    async def press(self, means: object) -> None:
        """Touches the middle of the target that means this, once it would count. Raises Stuck when there is none.

        Where the page is read aloud, the first touch only asks what it is.
        """
        where = self.find(means)
        x, y = where.x + where.width / 2, where.y + where.height / 2
        await self._until(lambda: self.stage.gate.open and self.stage.gate.would_admit(means))
        if not self.stage.focus.chooses(means):
            await self.touch(x, y)
            await self._until(lambda: self.stage.focus.chooses(means))
        await self.touch(x, y)

    def find(self, means: object) -> Rect:
        """Where the target is that means this. Raises Stuck when there is none."""
        for meaning, where in self.stage.targets():
            if meaning == means:
                return where
        raise Stuck(f"{self._name()}: nothing on the glass means {means!r}; there is {self.offered()}")

    async def touch(self, x: float, y: float, *, lift: tuple[float, float] | None = None) -> None:
        """Touches at window pixels, from the lower left, and lifts there or at ``lift``. Raises Stuck."""
        await self._until(lambda: self.stage.gate.open)
        await self.put_down(x, y)
        await self.take_up(*(lift or (x, y)))

    async def put_down(self, x: float, y: float) -> None:
        """The finger is on the glass."""
        Window.dispatch("on_mouse_down", x, Window.height - y, "left", ())
        await next_frame()

    async def take_up(self, x: float, y: float) -> None:
        """The finger has moved there, and leaves the glass."""
        Window.dispatch("on_mouse_move", x, Window.height - y, ())
        Window.dispatch("on_mouse_up", x, Window.height - y, "left", ())
        await next_frame()

    async def _digits(self, page: Digits, value: object) -> None:
        if page.aside is not None and value == page.aside.value:
            await self.press(value)
            return
        if not page.may_end_in_x:
            await self.press("key:clear")
        for digit in str(value):
            await self.press(f"key:{digit}")
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
            await self.turn_to(means)
            if len(province.cities) == 1:
                await self.press(means)
                return
            await self._press_and_settle(means)
            await self.turn_to(value)
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
        known = next((option.words for option in page.options if option.value == value), ())[:1]
        for letter in initials(dictionary().spell(known)[known[0]]) if known else "":
            if value in self.offered():
                break
            await self._press_and_settle(f"key:{letter}")
        await self.press(value)

    async def write(self, text: str) -> None:
        """Writes a text behind what stands there: Han characters by pinyin, the others as they are. Raises Stuck."""
        spelled = dictionary().spell(text)
        for character in text:
            for _layer in keyboard.LAYERS:
                here = self.offered()
                if f"key:{character}" in here and not character.islower():
                    await self.press(f"key:{character}")
                    break
                if "key:a" in here and spelled[character] != ((character.lower(),),):
                    for letter in spelled[character][0][0]:
                        await self.press(f"key:{letter}")
                    await self.choose(character)
                    break
                await self._press_and_settle(f"key:{keyboard.SWITCH}")
            else:
                raise Stuck(f"{self._name()}: {character!r} cannot be written")

    async def choose(self, text: str) -> None:
        """Presses the candidate with this text, however many pages of them it takes. Raises Stuck."""
        while True:
            for target in self.stage.walk():
                if isinstance(target, Target) and str(target.means).startswith("candidate:"):
                    said = [widget.text for widget in target.walk(restrict=True) if isinstance(widget, Text)]
                    if said == [text]:
                        await self.press(target.means)
                        return
            turn = next((turn for turn in (candidates.MORE, candidates.NEXT) if turn in self.offered()), None)
            if turn is None:
                raise Stuck(f"{self._name()}: {text!r} is no candidate")
            await self.press(turn)

    async def turn_to(self, means: object) -> None:
        """Turns the pages of a long list until the target is there."""
        for turn in (PAGE_BEFORE, NEXT_PAGE):
            while means not in self.offered() and turn in self.offered():
                await self._press_and_settle(turn)
        for _group in range(20):
            if means in self.offered() or home.MORE not in self.offered():
                return
            await self._press_and_settle(home.MORE)

    async def _press_and_settle(self, means: object) -> None:
        """Presses what changes the page in place, and waits until that is drawn."""
        await self.press(means)
        shown = self.stage.shown
        try:
            async with asyncio.timeout(self.patience):
                await self.stage.drawn(shown.serial - 1 if shown is not None else 0)
        except TimeoutError:
            raise Stuck(f"{self._name()}: nothing changed within {self.patience:g} s") from None

    async def _until(self, condition: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(self.patience):
                while not condition():
                    await next_frame()
        except TimeoutError:
            raise Stuck(f"{self._name()}: no touch was taken within {self.patience:g} s") from None

    def _name(self) -> str:
        return self.stage.shown.page.name if self.stage.shown is not None else "nothing"


def _answers_itself(page: Page[object]) -> bool:
    """Whether there is nothing to press but the foot: something is awaited."""
    return isinstance(page, Wait) or (isinstance(page, Notice) and not page.actions)


def _is_home(shown: ShownPage) -> bool:
    return isinstance(shown.page, Home)


async def next_frame() -> None:
    """Waits for kivy's loop to come round once: what was put in is dispatched then, and what it changed is drawn."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    Clock.schedule_once(lambda _dt: None if done.done() else done.set_result(None), 0)
    hurry()
    await done
