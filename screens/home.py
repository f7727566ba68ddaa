"""The home page: what can be done here, as large as it goes (face/home.png, in care mode face/home-care.png)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.pages import Home, Option
from kiosk.texts import _
from screens.banner import BannerTile
from screens.layout import Block, Column, Row, Space
from screens.text import Icon, Text
from screens.theme import Rect
from screens.tiles import Level, Tiles, whole_word_columns
from screens.touch import Target
from screens.view import Setting, View, in_reach
from screens.widgets import ListRow, tile_grid

SMALL_COLUMNS = 4
LARGE_HEIGHT, SMALL_HEIGHT, SEARCH_HEIGHT = 74.0, 52.0, 29.0
"""Millimetres, as drawn."""
LEAST_TILE, CARE_LEAST_TILE = 40.0, 52.0
"""Millimetres: a tile where all are alike."""
TILE_LIMIT, ROW_LIMIT = 95.0, 45.0
"""Millimetres: no tile is higher than that, and none that is a row by itself."""
MORE = "page:more"
"""On the last of its screens it leads back to the first, and says so."""


class HomeView(View):
    """Two large tiles, small ones, the search line and the banner. In care mode, in low position and wherever the glass
    does not hold it whole, all of it as equal tiles, some at a time: in care mode first what the catalogue says."""

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
        look = self.look
        if not self._alike:
            tiles = self._tiles()
            if tiles is not None:
                whole = tiles if look.landscape else Column([tiles, *self._below()], gap=look.size("gap"))
                needed = whole.fit(zone.width)
                if needed <= zone.height:
                    return in_reach(self.look, zone, whole, needed)
        return self._all_alike(zone)

    @property
    def _alike(self) -> bool:
        return self.look.care or self.look.low or (self.look.landscape and self.look.manner.larger)

    def _tiles(self) -> Block | None:
        """As drawn; None: a word has no room in one of them."""
        look, page, gap = self.look, self.page, self.look.size("gap")
        large = [self._large(option) for option in page.large]
        small = tile_grid(look, self.gate, page.small, self.press, columns=SMALL_COLUMNS)
        few = [tile for tile in small.blocks if isinstance(tile, Level)]
        if whole_word_columns(look, large, 2) < 2 or whole_word_columns(look, few, SMALL_COLUMNS) < SMALL_COLUMNS:
            return None
        for tile in few:
            tile.least_height = look.mm(SMALL_HEIGHT)
        return Column([Tiles(large, columns=2, gap=gap), *([small] if few else [])], gap=gap)

    def _below(self) -> list[Block]:
        page = self.page
        search: list[Block] = [self._search(page.search)] if page.search is not None else []
        if page.banner is None:
            return search
        return [*search, BannerTile(self.look, self.gate, page.banner, self.reply(page.banner.value))]

    def _large(self, option: Option[str]) -> Level:
        look = self.look
        tile = Level(look, self.gate, option.value, self.press(option))
        tile.words = [Text(look, option.label, "heading", "ink")]
        if option.note:
            tile.words.append(Text(look, option.note, "body", "soft"))
        above: list[Block] = []
        if option.icon:
            above += [Row([Icon(look, option.icon, "great icon", "red")]), Space(look.mm(1 if look.landscape else 4))]
        tile.least_height = look.mm(LARGE_HEIGHT)
        tile.hold(Column([*above, *tile.words], gap=look.mm(2)))
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
        look = self.look
        shown = self._options()
        usual = 3 if look.landscape or not look.care else 2
        more = Option(value=MORE, label=_("更多"), icon="view-grid")
        first = Option(value=MORE, label=_("回到第一页"), icon="page-first")
        columns, limit = self._at_a_time(shown, usual, zone)
        if limit < len(shown):
            columns, limit = self._at_a_time([*shown, more, first], usual, zone)
            in_rows = self._at_a_time([*shown, more, first], 1, zone)
            columns, limit = in_rows if in_rows[1] > limit else (columns, limit)
        if len(shown) > limit:
            each = max(1, limit - 1)
            screens = -(-len(shown) // each)
            at = self.group % screens
            shown = [*shown[at * each : (at + 1) * each], more if at < screens - 1 else first]
        grid = self._grid(shown, columns)
        return in_reach(self.look, zone, grid, grid.fit(zone.width, zone.height))

    def _at_a_time(self, options: Sequence[Option[str]], columns: int, zone: Rect) -> tuple[int, int]:
        """In how many columns they can stand, of that many at most, and how many the zone holds of them."""
        look, gap = self.look, self.look.size("gap")
        whole = self._grid(options, columns)
        whole.fit(zone.width)
        rows = max(1, int((zone.height + gap) // (whole.blocks[0].height + gap)))
        return whole.columns, min(look.list_limit if whole.columns == 1 else look.grid_limit, rows * whole.columns)

    def _options(self) -> list[Option[str]]:
        """Everything, what is wanted most first."""
        look, page = self.look, self.page
        options = [*page.care, *page.large, *page.foot] if look.care else [*page.large]
        beside = look.landscape and not self._alike  # search line and banner stand below the question
        if page.search is not None and not beside:
            options.append(Option(value=page.search.value, label=_("找一找"), icon="magnify"))
        options += page.small
        if page.banner is not None and not beside:
            options.append(Option(value=page.banner.value, label=page.banner.title, icon=page.banner.icon))
        shown: dict[str, Option[str]] = {}
        for each in options:
            shown.setdefault(each.value, replace(each, note=""))
        return list(shown.values())

    def _grid(self, options: Sequence[Option[str]], columns: int) -> Tiles:
        look = self.look
        grid = tile_grid(
            look, self.gate, options, lambda o: self._more if o.value == MORE else self.press(o),
            columns=columns, row_limit=look.mm(TILE_LIMIT), grows=1, large=look.care, beside=look.care and look.low,
            fewer=True,
        )  # fmt: skip
        if grid.columns == 1:
            grid.row_limit = look.mm(ROW_LIMIT)
        else:
            for tile in grid.blocks:
                if isinstance(tile, Target):
                    tile.least_height = look.mm(CARE_LEAST_TILE if look.care and not look.low else LEAST_TILE)
        return grid

    def _more(self) -> None:
        self.group += 1
        self.setting.refresh()
