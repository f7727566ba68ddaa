"""One of several, as a list or a grid; what does not fit on the glass is on the next page of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from kiosk.pages import Choose, Option
from screens.layout import Block, Column, Grid, Space
from screens.text import Text
from screens.theme import Rect
from screens.touch import Target
from screens.view import Paged, Setting, View, low, low_room, rows_in
from screens.widgets import Button, Card, ListRow, Notes, Pager, Tile

T = TypeVar("T")


ROW_STRETCH, TILE_STRETCH = 9.0, 30.0
"""Millimetres by which rows and tiles may be higher than they need."""


class ChooseView(View):
    """Paragraphs to read, the options, the aside. The answer given before is marked."""

    def __init__(self, setting: Setting, page: Choose[T], draft: object) -> None:
        super().__init__(setting, page)
        self.options: Sequence[Option[object]] = page.options  # type: ignore[assignment]  # an option is only read
        self.layout, self.body = page.layout, page.body
        self.aside: Option[object] | None = page.aside  # type: ignore[assignment]
        self.draft = draft
        self.paged = Paged(setting.refresh)

    def answer(self, zone: Rect) -> Block:
        look, gap = self.look, self.look.size("gap")
        reading = Card(look, Notes(look, self.body), fill="sand") if self.body else None
        read = reading.fit(zone.width) + gap if reading is not None else 0.0
        aside = self._aside()
        beside = aside.fit(zone.width) + gap if aside is not None else 0.0
        targets = [self._target(option) for option in self.options]
        if aside is not None and not self._holds(targets, zone, read + beside):
            targets.append(aside)
            aside, beside = None, 0.0
        groups = self._groups(targets, zone.width, zone.height - read - beside)
        if reading is None or len(groups) == 1:
            return self._choices(zone, groups, 0, reading, aside)
        # Too long to stand above the options: read first, page by page, then choose.
        chapters = self._chapters(zone)
        groups = self._groups(targets, zone.width, zone.height - beside - look.size("button") - gap)
        at = self.paged.within(len(chapters) + len(groups))
        if at >= len(chapters):
            return self._choices(zone, groups, len(chapters), None, aside)
        pager = Pager(look, self.gate, at, len(chapters) + len(groups), self.paged.turn)
        return Column([Card(look, Notes(look, chapters[at]), fill="sand"), Space(grows=1), pager], gap=gap)

    def _choices(
        self, zone: Rect, groups: list[list[Target]], before: int, reading: Block | None, aside: Block | None
    ) -> Block:
        look, gap = self.look, self.look.size("gap")
        pages = before + len(groups)
        at = self.paged.within(pages)
        pager = Pager(look, self.gate, at, pages, self.paged.turn) if pages > 1 else None
        others = [block for block in (aside, pager) if block is not None]
        room = low_room(look, zone) - sum(block.fit(zone.width) + gap for block in others)
        if reading is None:
            return low(look, zone, [self._list(groups[at - before], zone.width, room), *others], gap=gap)
        below = Rect(x=zone.x, y=zone.y, width=zone.width, height=zone.height - reading.height - gap)
        room = min(room, below.height - sum(block.height + gap for block in others))
        choices = low(look, below, [self._list(groups[at - before], zone.width, room), *others], gap=gap)
        return Column([reading, choices], gap=gap)

    def _holds(self, targets: list[Target], zone: Rect, taken: float) -> bool:
        """Whether at least one row has room beside the aside and the keys that turn pages."""
        look, gap, columns = self.look, self.look.size("gap"), self._columns
        row = max((target.fit((zone.width - gap * (columns - 1)) // columns) for target in targets), default=0.0)
        return zone.height - taken - look.size("button") - gap >= row

    def _groups(self, targets: list[Target], width: float, room: float) -> list[list[Target]]:
        """As many at a time as the face allows and the glass holds."""
        look, gap, columns = self.look, self.look.size("gap"), self._columns
        limit = look.grid_limit if self.layout == "grid" else look.list_limit
        row = max((target.fit((width - gap * (columns - 1)) // columns) for target in targets), default=1.0)
        if len(targets) <= min(limit, rows_in(room, row, gap) * columns):
            return [targets]
        each = min(limit, rows_in(room - look.size("button") - gap, row, gap) * columns)
        return [targets[start : start + each] for start in range(0, len(targets), each)]

    def _list(self, targets: list[Target], width: float, room: float) -> Block:
        """The options, a little larger where there is room: easier to hit, and calmer to look at."""
        look = self.look
        grid = None
        if self.layout == "grid":
            grid = Grid(targets, columns=self._columns, gap=look.size("gap"), closed=self._columns == 2)
        block: Grid | Column = grid if grid is not None else Column(targets, gap=look.size("gap"))
        rows = grid.rows if grid is not None else len(targets)
        stretch = look.mm(TILE_STRETCH if grid is not None else ROW_STRETCH)
        more = max(0.0, min(stretch, (room - block.fit(width)) / max(1, rows)))
        for target in targets:
            target.least_height = target.height + more
        return block

    def _target(self, option: Option[object]) -> Target:
        chosen = self.draft is not None and option.value == self.draft
        if self.layout == "list":
            return ListRow(self.look, self.gate, option, self.press(option), chosen=chosen)
        large = self._columns == 2 and len(self.options) <= self.look.grid_limit
        look = self.look
        flat = look.care and (look.low or look.landscape)
        tile = Tile(look, self.gate, option, self.press(option), chosen=chosen, large=large and not flat, beside=flat)
        tile.least_height = look.size("button" if flat else "tile")
        return tile

    @property
    def _columns(self) -> int:
        if self.layout == "list":
            return 1
        few = len(self.options) <= (4 if self.look.landscape else 6)
        return 2 if few or self.look.care else 3

    def _aside(self) -> Button | None:
        if self.aside is None:
            return None
        option = self.aside
        return Button(
            self.look, self.gate, option.value, self.press(option),
            label=option.label, icon=option.icon, note=option.note, fill="card",
        )  # fmt: skip

    def _chapters(self, zone: Rect) -> list[list[str]]:
        """The paragraphs in pages that fit, broken between lines where a paragraph is longer than a page."""
        look = self.look
        card = Card(look, Space())
        line, between = look.style("body").line, look.mm(2)
        room = zone.height - 2 * card.pad_y - look.size("button") - 2 * look.size("gap")
        chapters: list[list[str]] = [[]]
        used = 0.0
        for paragraph in self.body:
            text = Text(look, paragraph)
            text.fit(zone.width - 2 * card.pad_x)
            rest = text.lines
            while rest:
                fits = int((room - used) // line)
                if fits < min(2, len(rest)) and chapters[-1]:
                    chapters.append([])
                    used = 0.0
                    continue
                taken, rest = rest[: max(1, fits)], rest[max(1, fits) :]
                chapters[-1].append("\n".join(taken))
                used += len(taken) * line + between
        return chapters
