"""One of several, as a list or a grid; what does not fit on the glass is on the next page of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from kiosk.pages import Choose, Option
from screens.layout import Block, Column
from screens.theme import Rect
from screens.view import Setting, View, low
from screens.widgets import Button, Card, ListRow, Notes, Pager, tile_grid

T = TypeVar("T")


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
        blocks: list[Block] = [reading] if reading is not None else []
        blocks.append(self._list(groups[self.group], room))
        if aside is not None:
            blocks.append(aside)
        if len(groups) > 1:
            blocks.append(Pager(look, self.gate, self.group, len(groups), self._turn))
        return low(look, zone, blocks, gap=gap)

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
        return tile_grid(self.look, self.gate, [option], self.press, columns=1)

    def _list(self, options: Sequence[Option[object]], room: float) -> Block:
        look, gap = self.look, self.look.size("gap")
        if self.layout == "list":
            return Column([self._block(option) for option in options], gap=gap)
        grid = tile_grid(
            look, self.gate, options, self.press, columns=self._columns(),
            chosen=() if self.draft is None else (self.draft,),
        )  # fmt: skip
        for tile in grid.blocks:
            tile.grows = 0
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
