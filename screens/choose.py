"""One of several, as a list or a grid; what does not fit on the glass is on the next page of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from kiosk.pages import Choose, Option
from screens.layout import Block, Column, Space
from screens.text import Text
from screens.theme import Rect
from screens.tiles import Tiles, whole_word_columns
from screens.touch import Target
from screens.view import Paged, Setting, View, low, low_room
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
        self.columns = 1

    def answer(self, zone: Rect) -> Block:
        look, gap = self.look, self.look.size("gap")
        reading = Card(look, Notes(look, self.body), fill="sand") if self.body else None
        read = reading.fit(zone.width) + gap if reading is not None else 0.0
        aside = self._aside()
        beside = aside.fit(zone.width) + gap if aside is not None else 0.0
        targets = self._targets()
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
        look = self.look
        row = max((target.fit(self._cell(zone.width)) for target in targets), default=0.0)
        return zone.height - taken - look.size("button") - look.size("gap") >= row

    def _groups(self, targets: list[Target], width: float, room: float) -> list[list[Target]]:
        """All of them, or as many at a time as the face allows and the glass holds beside the keys that turn pages; in
        as few pages as it takes, and evenly, so that the last is not one lonely option."""
        columns = self.columns
        most = (self.look.list_limit if columns == 1 else self.look.grid_limit) // columns
        groups = self._packed(targets, width, room, most)
        if len(groups) == 1:
            return groups
        room -= self.look.size("button") + self.look.size("gap")
        pages, rows = len(self._packed(targets, width, room, most)), -(-len(targets) // columns)
        even = (self._packed(targets, width, room, limit) for limit in range(-(-rows // pages), most + 1))
        return next(groups for groups in even if len(groups) == pages)

    def _packed(self, targets: list[Target], width: float, room: float, limit: int) -> list[list[Target]]:
        """Row by row, that many at most: those of a grid all as high as the highest, each of a list as it needs."""
        gap, columns = self.look.size("gap"), self.columns
        groups: list[list[Target]] = [[]]
        heights: list[float] = []
        for start in range(0, len(targets), columns):
            row = targets[start : start + columns]
            heights.append(max(target.fit(self._cell(width)) for target in row))
            high = sum(heights) if columns == 1 else max(heights) * len(heights)
            if groups[-1] and (len(heights) > limit or high + gap * (len(heights) - 1) > room):
                groups.append([])
                heights = heights[-1:]
            groups[-1] += row
        return groups

    def _cell(self, width: float) -> float:
        return (width - self.look.size("gap") * (self.columns - 1)) // self.columns

    def _list(self, targets: list[Target], width: float, room: float) -> Block:
        """The options, a little larger where there is room: easier to hit, and calmer to look at."""
        look, columns, gap = self.look, self.columns, self.look.size("gap")
        in_grid = columns > 1
        block = Tiles(targets, columns=columns, gap=gap, closed=columns == 2) if in_grid else Column(targets, gap=gap)
        stretch = look.mm(TILE_STRETCH if in_grid else ROW_STRETCH)
        more = max(0.0, min(stretch, (room - block.fit(width)) / max(1, -(-len(targets) // columns))))
        for target in targets:
            target.least_height = target.height + more
        return block

    def _targets(self) -> list[Target]:
        """Rows of a list, or tiles: in fewer columns where a word is wider than one of so many."""
        look, options = self.look, self.options
        if self.layout == "list":
            return [
                ListRow(look, self.gate, option, self.press(option), chosen=self._is_chosen(option))
                for option in options
            ]
        flat = look.care and (look.low or look.landscape)
        few = len(options) <= (4 if look.landscape else 6)
        self.columns = 2 if few or look.care else 3
        tiles = self._tiles(flat=flat)
        self.columns = whole_word_columns(look, tiles, self.columns)
        return [*(tiles if flat or self.columns > 1 else self._tiles(flat=True))]

    def _tiles(self, *, flat: bool) -> list[Tile]:
        look = self.look
        large = self.columns == 2 and len(self.options) <= look.grid_limit and not flat
        tiles = [
            Tile(
                look, self.gate, option, self.press(option), chosen=self._is_chosen(option), large=large, beside=flat,
                long=True,
            )
            for option in self.options
        ]  # fmt: skip
        for tile in tiles:
            tile.least_height = look.size("button" if flat else "tile")
        return tiles

    def _is_chosen(self, option: Option[object]) -> bool:
        return self.draft is not None and option.value == self.draft

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
