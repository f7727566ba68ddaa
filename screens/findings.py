"""A search as it stands on a page: the field, what is found, the candidates for characters, the keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from kivy.clock import Clock

from kiosk.finding import Finder
from kiosk.pages import Option
from kiosk.pinyin import dictionary
from kiosk.texts import _, language
from screens.candidates import one_line
from screens.keyboard import least_height
from screens.layout import Block, Column, Row
from screens.slot import Slot
from screens.text import Text
from screens.theme import Rect
from screens.view import Setting, low
from screens.widgets import CLOSE, Button, ListRow
from screens.writing import LOADS_AFTER, Writing

T = TypeVar("T")

LONGEST = 20
"""Characters."""
OTHER = "found:other"
ROWS = 5
"""Of what is found, at once at most; care mode has fewer."""


class Findings(Generic[T]):
    """Searches ``options`` while somebody writes. ``press`` makes the press of one that was found.

    Before the first letter ``at_first`` is offered, or else the first of them.

    Where a page is too low for both, what is found has the place of the candidates.
    """

    def __init__(
        self, setting: Setting, options: Sequence[Option[T]], press: Callable[[Option[T]], Callable[[], None]], *,
        nothing: str, example: str, at_first: Sequence[Option[T]] = (),
    ) -> None:  # fmt: skip
        self.look, self.gate = setting.look, setting.gate
        self.options, self.press, self.nothing = options, press, nothing
        self.at_first = at_first or options
        self.writing = Writing(setting, longest=LONGEST, changed=self._changed, nothing=example)
        self._longest = {  # their rows are the highest: there may be hundreds, and each row takes a millisecond
            max(options, key=lambda option: len(option.label)),
            max(options, key=lambda option: len(option.note)),
        }
        self._finder: Finder[T] | None = None
        Clock.schedule_once(lambda _dt: self._prepare(), LOADS_AFTER)
        self._slot: Slot | None = None
        self._one_high = 0.0
        """Of the row of what is found, where there is room for one at a time; 0 where there are rows."""
        self._at = 0

    def block(self, zone: Rect) -> Block:
        """All of it, as high as the zone."""
        look, gap, writing = self.look, self.look.size("gap"), self.writing
        field, candidates, least = writing.field(), writing.candidates(), least_height(look)
        free = zone.height - field.fit(zone.width) - least - 2 * gap
        row = max(self._row(option).fit(zone.width) for option in self._longest)
        more = Text(look, _("还有别的，再写一点"), "body", "soft").fit(zone.width) + gap
        beside = candidates.fit(zone.width) + gap
        if free < row + more:
            return self._low(zone, field)
        self._one_high = 0.0
        composed = language() != "en" and free - beside >= row + more
        if composed:
            free -= beside
        # The keys may grow as long as there is room for three, and the field begins where a hand reaches it.
        keys = writing.keys(zone.width, least + max(0.0, free - 3 * (row + gap) - more))
        free += least - keys.fit(zone.width)
        self._slot = Slot(height=min(free, ROWS * (row + gap) + more))
        self._slot.content = self._rows(zone.width, self._slot.height_for(zone.width))
        blocks: list[Block] = [field, self._slot, *([candidates] if composed else []), keys]
        return low(look, zone, blocks, gap=gap)

    def _low(self, zone: Rect, field: Block) -> Block:
        """On a page that is low there is room for one of the found at a time, in as many lines as its name takes and
        the keys leave."""
        look, gap, close = self.look, self.look.size("gap"), self.look.mm(4)
        beside = self._other().natural_width() + gap
        needed = max(self._flat(option, option.label).fit(zone.width - beside) for option in self._longest)
        free = zone.height - field.height - close - gap
        keys = self.writing.keys(zone.width, free - needed)
        room = max(look.size("target"), free - keys.fit(zone.width))
        self._one_high = min(needed, room)
        self._slot = Slot(self._one(zone.width), room)
        return Column([Column([field, self._slot], gap=close), keys], gap=gap)

    def _row(self, option: Option[T]) -> ListRow:
        return ListRow(self.look, self.gate, option, self.press(option))

    def _one(self, width: float) -> Block:
        """One of the found, and the key that shows another."""
        look, gap = self.look, self.look.size("gap")
        options = self._found()
        if not options:
            return one_line(look, _("没有找到，请看看写得对不对。"), width)
        self._at %= len(options)
        others = [self._other()] if len(options) > 1 else []
        room = width - sum(other.natural_width() + gap for other in others)
        option = options[self._at]
        kept, row = len(option.label), self._flat(option, option.label)
        while row.fit(room) > self._one_high and kept > 2:
            kept -= 1
            row = self._flat(option, _shortened(option.label, kept))
        for block in (row, *others):
            block.least_height = self._one_high
        return Row([row, *others], gap=gap)

    def _other(self) -> Button:
        other = Button(
            self.look, self.gate, OTHER, self._another, label=_("换一个"), fill="card", least=self.look.size("target")
        )
        other.pad_y = self.look.mm(1)
        return other

    def _flat(self, option: Option[T], label: str) -> ListRow:
        """A row of its name alone, whose lines are close."""
        look, bare = self.look, replace(option, label=label, note="", icon="")
        row = ListRow(look, self.gate, bare, self.press(option), bare=True)
        row.pad_x, row.pad_y, row.least_height, row.grows = look.mm(4), look.mm(1), look.size("target"), 1
        row.label.style = replace(row.label.style, line=round(row.label.style.em * CLOSE))
        return row

    def _another(self) -> None:
        self._at += 1
        self._show()

    def _found(self) -> Sequence[Option[T]]:
        writing = self.writing
        if not writing.text and not writing.letters:
            return self.at_first
        return self._prepare().find(writing.text, writing.letters)

    def _prepare(self) -> Finder[T]:
        if self._finder is None:
            self._finder = Finder(self.options, dictionary())
        return self._finder

    def _changed(self) -> None:
        self._at = 0
        self._show()

    def _show(self) -> None:
        slot = self._slot
        if slot is not None:
            slot.show(self._one(slot.width) if self._one_high else self._rows(slot.width, slot.height))

    def _rows(self, width: float, room: float) -> Block:
        """As many of the found as there is room for."""
        look, gap = self.look, self.look.size("gap")
        options = self._found()
        if not options:
            return Text(look, self.nothing, "body", "ink")
        more = Text(look, _("还有别的，再写一点"), "body", "soft")
        beyond = gap + more.fit(width)
        rows: list[Block] = []
        used = 0.0
        for number, option in enumerate(options):
            row = self._row(option)
            needed = used + row.fit(width)
            last = number == len(options) - 1
            if needed + (0 if last else beyond) > room or len(rows) == min(ROWS, look.list_limit):
                rows.append(more)
                break
            rows.append(row)
            used = needed + gap
        return Column(rows, gap=gap)


def _shortened(name: str, kept: int) -> str:
    """So many of its characters, half of them from its end: in one district names begin alike."""
    at_end = kept // 2
    return f"{name[: kept - at_end].rstrip()}…{name[len(name) - at_end :].lstrip()}"
