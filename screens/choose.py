"""One of several, as a list or a grid; what does not fit on the glass is on the next page of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from kiosk.pages import Choose, Option
from screens.layout import Block, Column, Space
from screens.theme import Rect
from screens.view import Setting, View, low, low_room
from screens.widgets import Button, Card, ListRow, Notes, Pager, Tile, tile_grid

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
        self.group = 0

    def answer(self, zone: Rect) -> Block:
        look = self.look
        gap = look.size("gap")
        reading = Card(look, Notes(look, self.body), fill="sand") if self.body else None
        aside = self._aside()
        room = zone.height - sum(b.fit(zone.width) + gap for b in (reading, aside) if b is not None)
        groups = self._groups(zone.width, room)
        self.group = min(self.group, len(groups) - 1)
        blocks: list[Block] = []
        paged = look.size("button") + gap if len(groups) > 1 else 0
        taken = zone.height - room + paged
        blocks.append(self._list(groups[self.group], zone.width, low_room(look, zone) - taken))
        if aside is not None:
            blocks.append(aside)
        if len(groups) > 1:
            blocks.append(Pager(look, self.gate, self.group, len(groups), self._turn))
        if reading is None:
            return low(look, zone, blocks, gap=gap)
        taken = reading.height + gap
        below = Rect(x=zone.x, y=zone.y, width=zone.width, height=zone.height - taken)
        return Column([reading, Space(gap), low(look, below, blocks, gap=gap)])

    def _groups(self, width: float, room: float) -> list[Sequence[Option[object]]]:
        """As many options at a time as the face allows and the glass holds."""
        look, gap = self.look, self.look.size("gap")
        limit = look.grid_limit if self.layout == "grid" else look.list_limit
        columns = self._columns()
        heights = [self._block(option).fit((width - gap * (columns - 1)) / columns) for option in self.options]
        row = max(heights, default=1.0)
        pager = look.size("button") + gap
        if len(self.options) <= min(limit, _rows_in(room, row, gap) * columns):
            return [self.options]
        each = min(limit, _rows_in(room - pager, row, gap) * columns)
        return [self.options[start : start + each] for start in range(0, len(self.options), each)]

    def _columns(self) -> int:
        if self.layout == "list":
            return 1
        return 2 if len(self.options) <= 6 or self.look.care else 3

    def _block(self, option: Option[object]) -> Block:
        if self.layout == "list":
            return ListRow(self.look, self.gate, option, self.press(option), chosen=option.value == self.draft)
        return tile_grid(self.look, self.gate, [option], self.press, columns=1, large=self._large())

    def _large(self) -> bool:
        return len(self.options) <= self.look.grid_limit and self._columns() == 2

    def _list(self, options: Sequence[Option[object]], width: float, room: float) -> Block:
        """The options, a little larger where there is room: easier to hit, and calmer to look at."""
        look, gap = self.look, self.look.size("gap")
        if self.layout == "list":
            rows = Column([self._block(option) for option in options], gap=gap)
            more = (room - rows.fit(width)) / max(1, len(options))
            for row in rows.blocks:
                if isinstance(row, ListRow):
                    row.least_height = row.height + max(0.0, min(look.mm(ROW_STRETCH), more))
            return rows
        grid = tile_grid(
            look, self.gate, options, self.press, columns=self._columns(),
            chosen=() if self.draft is None else (self.draft,), large=self._large(),
        )  # fmt: skip
        more = (room - grid.fit(width)) / max(1, grid.rows)
        for tile in grid.blocks:
            if isinstance(tile, Tile):
                tile.least_height = tile.height + max(0.0, min(look.mm(TILE_STRETCH), more))
        return grid

    def _aside(self) -> Block | None:
        if self.aside is None:
            return None
        option = self.aside
        return Button(
            self.look, self.gate, option.value, self.press(option),
            label=option.label, icon=option.icon, note=option.note, fill="card",
        )  # fmt: skip

    def _turn(self, group: int) -> None:
        self.group = group
        self.setting.refresh()


def _rows_in(room: float, row: float, gap: float) -> int:
    return max(1, int((room + gap) // (row + gap)))
