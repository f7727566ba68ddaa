"""What every kind of page's view has in common: it lays a page out in the answer zone and says what was answered.

A view is made for one page, in one look, and thrown away. When something in it changes (a tick, another page of a list)
it is laid out anew; only what changes with every touch of a pad is redrawn in place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from kiosk.pages import Head, Option, Page
from screens.frame import FootButton, QuestionZone, Status
from screens.layout import Block, Column, Space
from screens.theme import Rect, Theme
from screens.touch import Gate

T = TypeVar("T")

REACH = 0.815
"""Of an upright panel's height: 1,220 mm from the floor where it hangs as high as the manual allows."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a view is given: the look, the gate of touches, how to answer, to be laid out again, to open the page of
    aids."""

    look: Theme
    gate: Gate
    head: Head
    answer: Callable[[object], None]
    refresh: Callable[[], None]
    now: Callable[[], datetime]
    """The time here (Asia/Shanghai)."""
    status: Callable[[], Status]
    """What the head tells of the machine, for a view without a head."""
    aids: Callable[[], None] = lambda: None


class View:
    """Draws one kind of page. ``question`` and ``answer`` give the blocks of the two zones."""

    def __init__(self, setting: Setting, page: Page[T]) -> None:
        self.look = setting.look
        self.gate = setting.gate
        self.head = setting.head
        self.setting = setting
        self.question_words, self.hint = page.question, page.hint

    def question(self) -> Block:
        """The question zone. Beside the answers the largest words leave no room for a hint under what was just done."""
        look, notice = self.look, self.head.notice
        full = look.landscape and look.care and look.manner.larger and notice
        hint = "" if full else self.hint
        return QuestionZone(look, question=self.question_words, hint=hint, notice=notice, centred=self.centred)

    def answer(self, zone: Rect) -> Block:
        """The answer zone, at most as high as ``zone``."""
        raise NotImplementedError

    def foot(self, usual: Sequence[FootButton]) -> Sequence[FootButton]:
        """The foot's buttons, asked for before the zones; ``usual`` is 返回 · 看和听 · 找人帮忙 · 首页."""
        return usual

    def unfinished(self) -> object:
        """What has been entered so far and is no answer yet; None for nothing. It stands there again when the page
        comes back after help, or in another manner."""
        return None

    def resume(self, unfinished: object) -> None:
        """Takes up what was entered in a view of the same page."""

    def passed(self, seconds: float) -> None:
        """Told several times a second how long the page has stood."""

    def back(self) -> bool:
        """Goes back within the page; False when there is nothing to go back to."""
        return False

    @property
    def whole(self) -> bool:
        """Whether the answer zone is the whole glass: no head, no question, no foot."""
        return False

    @property
    def centred(self) -> bool:
        """Whether question and hint stand in the middle."""
        return False

    @property
    def alone(self) -> bool:
        """Whether the question stands over the whole width of a panel that lies across too."""
        return False

    @property
    def can_go_back(self) -> bool:
        """Whether 返回 leads anywhere."""
        return self.head.can_go_back

    def reply(self, value: object) -> Callable[[], None]:
        """A press that answers the page."""
        return lambda: self.setting.answer(value)

    def press(self, option: Option[T]) -> Callable[[], None]:
        """A press that answers with the option's value."""
        return self.reply(option.value)


def low(look: Theme, zone: Rect, blocks: Sequence[Block], *, gap: float) -> Column:
    """Choices begin in the lower two thirds of an upright panel where they fit there, and higher where they do not."""
    column = Column(blocks, gap=gap)
    return Column([Space(drop(look, zone, column.fit(zone.width) + gap)), column])


def drop(look: Theme, zone: Rect, needed: float, *, below: float = 2 / 3) -> float:
    """How far below the zone's upper edge choices begin that need that height, to stand ``below`` that share of an
    upright panel's height."""
    if look.landscape:
        return 0.0
    highest = look.panel.y + look.panel.height * below
    return min(max(0.0, zone.top - highest), max(0.0, zone.height - needed))


def in_reach(look: Theme, zone: Rect, block: Block, needed: float) -> Column:
    """Under the question, as drawn, unless that is too high for whoever sits before a large panel."""
    return Column([Space(drop(look, zone, needed, below=REACH)), block])


def low_room(look: Theme, zone: Rect) -> float:
    """The height of the zone's part in the lower two thirds of an upright panel."""
    if look.landscape:
        return zone.height
    return min(zone.height, look.panel.height * 2 / 3 - (zone.y - look.panel.y))


def rows_in(room: float, row: float, gap: float) -> int:
    """How many rows of that height there is room for; at least one."""
    return max(1, int((room + gap) // (row + gap)))


def pages_of(options: Sequence[Option[T]], limit: int) -> list[Sequence[Option[T]]]:
    """Options in groups of at most ``limit``; evenly, so that the last group is not one lonely option."""
    if len(options) <= limit:
        return [options]
    count = -(-len(options) // limit)
    return [options[number * limit : (number + 1) * limit] for number in range(count)]


def stack_pages(blocks: Sequence[Block], width: float, room: float, gap: float) -> list[list[Block]]:
    """Blocks one below the other, in groups that fit ``room``. One that alone is too high has a group of its own."""
    groups: list[list[Block]] = [[]]
    used = 0.0
    for block in blocks:
        height = block.fit(width)
        if groups[-1] and used + gap + height > room:
            groups.append([])
            used = 0.0
        used += height + (gap if groups[-1] else 0)
        groups[-1].append(block)
    return groups


class Paged:
    """Which page of something long is shown. Turning lays the view out again."""

    def __init__(self, refresh: Callable[[], None]) -> None:
        self._refresh = refresh
        self.at = 0

    def turn(self, page: int) -> None:
        """Shows that page, counted from 0."""
        self.at = page
        self._refresh()

    def within(self, pages: int) -> int:
        """The page shown, of that many."""
        self.at = max(0, min(self.at, pages - 1))
        return self.at
