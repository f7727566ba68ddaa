"""The home page: what can be done here, as large as it goes (face/home.png, in care mode face/home-care.png)."""

from __future__ import annotations

from kiosk.pages import Banner, Home, Option
from kiosk.texts import _
from screens.layout import Block, Column, Grid, Row, Space
from screens.surface import Surface
from screens.text import Icon, Text
from screens.theme import Rect
from screens.touch import Target
from screens.view import Setting, View
from screens.widgets import ListRow, tile_grid

SMALL_COLUMNS = 4
CARE_COLUMNS = 2
LARGE_HEIGHT, SMALL_HEIGHT, SEARCH_HEIGHT, BANNER_HEIGHT = 74.0, 52.0, 29.0, 60.0
"""Millimetres, as drawn."""
MORE = "page:more"


class HomeView(View):
    """Two large tiles, small ones, the search line and the banner; in care mode six equal tiles at a time."""

    def __init__(self, setting: Setting, page: Home) -> None:
        super().__init__(setting, page)
        self.page = page
        self.group = 0

    def answer(self, zone: Rect) -> Block:
        return self._in_care(zone) if self.look.care else self._usual()

    def _usual(self) -> Block:
        look, page = self.look, self.page
        large = Grid([self._large(option) for option in page.large], columns=2, gap=look.size("gap"))
        blocks: list[Block] = [large]
        if page.small:
            small = tile_grid(look, self.gate, page.small, self.press, columns=SMALL_COLUMNS)
            for small_tile in small.blocks:
                if isinstance(small_tile, Target):
                    small_tile.least_height = look.mm(SMALL_HEIGHT)
            blocks.append(small)
        if page.search is not None:
            blocks.append(self._search(page.search))
        if page.banner is not None:
            blocks.append(self._banner(page.banner))
        return Column(blocks, gap=look.size("gap"))

    def _large(self, option: Option[str]) -> Target:
        look = self.look
        tile = Target(look, self.gate, option.value, self.press(option))
        words: list[Block] = []
        if option.icon:
            words += [Row([Icon(look, option.icon, "great icon", "red")]), Space(look.mm(4))]
        words.append(Text(look, option.label, "heading", "ink"))
        if option.note:
            words.append(Text(look, option.note, "body", "soft"))
        tile.least_height = look.mm(LARGE_HEIGHT)
        tile.hold(Column(words, gap=look.mm(2)))
        return tile

    def _banner(self, banner: Banner) -> Target:
        """Outlined in red, its action as the picture of a red button: the whole tile is what can be pressed."""
        look = self.look
        tile = Target(look, self.gate, banner.value, self.reply(banner.value))
        tile.outline, tile.thick = "red", True
        tile.pad_y = look.mm(6)
        tile.least_height = look.mm(BANNER_HEIGHT)
        button = Surface(look)
        button.fill, button.outline = "red", None
        button.pad_x, button.pad_y = look.mm(6), look.mm(4)
        button.least_height = look.size("button")
        button.hold(Text(look, banner.action, "strong", "white", across="centre"))
        words: list[Block] = [Text(look, banner.title, "heading", "ink")]
        words += [Text(look, line, "body", "soft") for line in banner.lines]
        icon = Icon(look, banner.icon, "huge icon", "red")
        tile.hold(Row([icon, Column(words, grows=1), button], gap=look.mm(8)))
        return tile

    def _search(self, option: Option[str]) -> Target:
        row = ListRow(self.look, self.gate, option, self.press(option))
        row.outline = "edge"
        row.least_height = self.look.mm(SEARCH_HEIGHT)
        words = Text(self.look, option.label, "body", "soft")
        row.remove_widget(row.content)
        row.hold(Row([Icon(self.look, option.icon or "magnify", "icon", "red"), words], gap=self.look.mm(6)))
        return row

    def _in_care(self, zone: Rect) -> Block:
        look = self.look
        options = [*self.page.large, *self.page.small]
        if self.page.banner is not None:
            banner = self.page.banner
            options.append(Option(value=banner.value, label=banner.title, icon=banner.icon))
        if self.page.search is not None:
            options.append(Option(value=self.page.search.value, label=_("找一找"), icon="magnify"))
        options += self.page.foot
        shown = [Option(value=o.value, label=o.label, icon=o.icon, enabled=o.enabled) for o in options]
        if len(shown) > look.grid_limit:
            each = look.grid_limit - 1
            groups = -(-len(shown) // each)
            start = self.group % groups * each
            shown = [*shown[start : start + each], Option(value=MORE, label=_("更多"), icon="view-grid")]
        grid = tile_grid(
            look, self.gate, shown, lambda o: self._more if o.value == MORE else self.press(o),
            columns=CARE_COLUMNS, row_limit=look.mm(95), grows=1, large=True,
        )  # fmt: skip
        return Column([grid])

    def _more(self) -> None:
        self.group += 1
        self.setting.refresh()
