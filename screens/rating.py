"""好差评: five words with a face each, none of them favoured, and the way past them."""

from __future__ import annotations

from kiosk.pages import Rating
from screens.layout import Block, Column
from screens.theme import Rect
from screens.view import Setting, View, low
from screens.widgets import ListRow, option_button, tile_grid


class RatingView(View):
    """A list; where that is too high, or in care mode too long, tiles of which the last is the way past."""

    def __init__(self, setting: Setting, page: Rating) -> None:
        super().__init__(setting, page)
        self.page = page

    def answer(self, zone: Rect) -> Block:
        look, page, gap = self.look, self.page, self.look.size("gap")
        if len(page.options) <= look.list_limit:
            rows: list[Block] = [ListRow(look, self.gate, option, self.press(option)) for option in page.options]
            skip = option_button(look, self.gate, page.skip, self.press(page.skip))
            column = Column([*rows, skip], gap=gap)
            if column.fit(zone.width) <= zone.height:
                return low(look, zone, [column], gap=gap)
        choices = (*page.options, page.skip)
        tiles = tile_grid(look, self.gate, choices, self.press, columns=2)
        if tiles.fit(zone.width) > zone.height:
            tiles = tile_grid(look, self.gate, choices, self.press, columns=2, beside=True)
        return low(look, zone, [tiles], gap=gap)
