"""The home page: what can be done here, as large as it goes (face/home.png, in care mode face/home-care.png)."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.pages import Home, Option
from kiosk.texts import _
from screens.banner import BannerTile
from screens.layout import Block, Column, Grid, Row, Space
from screens.text import Icon, Text
from screens.theme import Rect
from screens.touch import Target
from screens.view import Setting, View
from screens.widgets import ListRow, tile_grid

SMALL_COLUMNS = 4
LARGE_HEIGHT, SMALL_HEIGHT, SEARCH_HEIGHT = 74.0, 52.0, 29.0
"""Millimetres, as drawn."""
LEAST_TILE, CARE_LEAST_TILE = 40.0, 52.0
"""Millimetres: a tile where all are alike."""
MORE = "page:more"


class HomeView(View):
    """Two large tiles, small ones, the search line and the banner. In care mode, in low position and wherever the glass
    does not hold it, all of it as equal tiles, some at a time."""

    def __init__(self, setting: Setting, page: Home) -> None:
        super().__init__(setting, page)
        self.page = page
        self.group = 0

    def question(self) -> Block:
        """Beside the tiles of a panel that lies across, search line and banner stand below the question."""
        question = super().question()
        if not self.look.landscape or self._alike:
            return question
        return Column([question, Space(self.look.mm(4)), *self._below()], gap=self.look.size("gap"))

    def answer(self, zone: Rect) -> Block:
        if not self._alike:
            tiles = self._tiles()
            whole = tiles if self.look.landscape else Column([tiles, *self._below()], gap=self.look.size("gap"))
            if whole.fit(zone.width) <= zone.height:
                return whole
        return self._all_alike(zone)

    @property
    def _alike(self) -> bool:
        return self.look.care or self.look.low or (self.look.landscape and self.look.manner.larger)

    def _tiles(self) -> Block:
        look, page, gap = self.look, self.page, self.look.size("gap")
        blocks: list[Block] = [Grid([self._large(option) for option in page.large], columns=2, gap=gap)]
        if page.small:
            small = tile_grid(look, self.gate, page.small, self.press, columns=SMALL_COLUMNS)
            for small_tile in small.blocks:
                if isinstance(small_tile, Target):
                    small_tile.least_height = look.mm(SMALL_HEIGHT)
            blocks.append(small)
        return Column(blocks, gap=gap)

    def _below(self) -> list[Block]:
        page = self.page
        search: list[Block] = [self._search(page.search)] if page.search is not None else []
        if page.banner is None:
            return search
        return [*search, BannerTile(self.look, self.gate, page.banner, self.reply(page.banner.value))]

    def _large(self, option: Option[str]) -> Target:
        look = self.look
        tile = Target(look, self.gate, option.value, self.press(option))
        words: list[Block] = []
        if option.icon:
            words += [Row([Icon(look, option.icon, "great icon", "red")]), Space(look.mm(1 if look.landscape else 4))]
        words.append(Text(look, option.label, "heading", "ink"))
        if option.note:
            words.append(Text(look, option.note, "body", "soft"))
        tile.least_height = look.mm(LARGE_HEIGHT)
        tile.hold(Column(words, gap=look.mm(2)))
        return tile

    def _search(self, option: Option[str]) -> Target:
        row = ListRow(self.look, self.gate, option, self.press(option))
        row.outline = "edge"
        row.least_height = self.look.mm(SEARCH_HEIGHT)
        words = Text(self.look, option.label, "body", "soft", grows=1)
        row.remove_widget(row.content)
        row.hold(Row([Icon(self.look, option.icon or "magnify", "icon", "red"), words], gap=self.look.mm(6)))
        return row

    def _all_alike(self, zone: Rect) -> Block:
        look, gap = self.look, self.look.size("gap")
        options = [*self.page.large, *self.page.small]
        beside = look.landscape and not self._alike  # they stand below the question
        if self.page.banner is not None and not beside:
            banner = self.page.banner
            options.append(Option(value=banner.value, label=banner.title, icon=banner.icon))
        if self.page.search is not None and not beside:
            options.append(Option(value=self.page.search.value, label=_("找一找"), icon="magnify"))
        if look.care:
            options += self.page.foot
        shown: Sequence[Option[str]] = [
            Option(value=o.value, label=o.label, icon=o.icon, enabled=o.enabled) for o in options
        ]
        columns = 3 if look.landscape or not look.care else 2
        whole = self._grid(shown, columns)
        whole.fit(zone.width)
        rows = max(1, int((zone.height + gap) // (whole.blocks[0].height + gap)))
        limit = min(look.grid_limit, rows * columns)
        if len(shown) > limit:
            each = limit - 1
            start = self.group % -(-len(shown) // each) * each
            shown = [*shown[start : start + each], Option(value=MORE, label=_("更多"), icon="view-grid")]
        return Column([self._grid(shown, columns)])

    def _grid(self, options: Sequence[Option[str]], columns: int) -> Grid:
        look = self.look
        grid = tile_grid(
            look, self.gate, options, lambda o: self._more if o.value == MORE else self.press(o),
            columns=columns, row_limit=look.mm(95), grows=1, large=look.care, beside=look.care and look.low,
        )  # fmt: skip
        for tile in grid.blocks:
            if isinstance(tile, Target):
                tile.least_height = look.mm(CARE_LEAST_TILE if look.care and not look.low else LEAST_TILE)
        return grid

    def _more(self) -> None:
        self.group += 1
        self.setting.refresh()
