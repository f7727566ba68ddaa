"""A place: the commonest cities first, then province and city, each a tile, or written; 返回 goes up a level first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kiosk.pages import ChoosePlace, Option, Province
from kiosk.texts import _
from screens.findings import Findings
from screens.layout import Block, Grid
from screens.theme import Rect
from screens.view import Paged, Setting, View, low, pages_of, rows_in
from screens.widgets import Button, Pager, tile_grid
from screens.writing import Unfinished

OTHER, WRITE = "place:other", "place:write"


def province_means(name: str) -> str:
    """What a province's tile means."""
    return f"province:{name}"


class ChoosePlaceView(View):
    """Three levels within one page: the commonest, the provinces, one province's cities."""

    def __init__(self, setting: Setting, page: ChoosePlace, draft: object) -> None:
        super().__init__(setting, page)
        self.page = page
        self.draft = draft
        self.province: Province | None = None
        self.among_all = not page.common
        self.findings: Findings[str] | None = None
        self.paged = Paged(setting.refresh)

    def unfinished(self) -> object:
        """The place of the province among all, for its name is another in another language; -1 where all are shown.
        What is being written, where the place is written."""
        if self.findings is not None:
            return self.findings.writing.unfinished()
        if self.province is not None:
            return self.page.provinces.index(self.province)
        return -1 if self.among_all else None

    def resume(self, unfinished: object) -> None:
        if isinstance(unfinished, int):
            self.among_all = True
            self.province = self.page.provinces[unfinished] if unfinished >= 0 else None
        elif isinstance(unfinished, Unfinished):
            self.findings = self._make_findings()
            self.findings.writing.resume(unfinished)

    def answer(self, zone: Rect) -> Block:
        if self.findings is not None:
            return self.findings.block(zone)
        if self.province is not None:
            return self._tiles(zone, self.province.cities, self.press)
        if self.among_all:
            write = Option(value=WRITE, label=_("写一写"))
            return self._tiles(zone, [write, *map(_option, self.page.provinces)], self._province)
        other = Button(
            self.look, self.gate, OTHER, self._all, label=_("别的城市"), icon="map-search", fill="card", style="strong",
            least=self.look.mm(28),
        )  # fmt: skip
        beside = Grid([other, self._write_button()], columns=2, gap=self.look.size("gap"))
        return self._tiles(zone, self.page.common, self.press, beside)

    def question(self) -> Block:
        page = self.page
        if self.findings is not None:
            self.question_words, self.hint = _("写一写是哪里"), _("例如“厦门”，按 X M，或写 xiamen。")
        elif self.province is not None:
            self.question_words, self.hint = _("是{province}的哪里？").format(province=self.province.name), page.hint
        elif self.among_all:
            self.question_words, self.hint = _("是哪个省？"), page.hint
        else:
            self.question_words, self.hint = page.question, page.hint
        return super().question()

    def back(self) -> bool:
        if self.findings is not None:
            self.findings = None
        elif self.province is not None:
            self.province = None
        elif self.among_all and self.page.common:
            self.among_all = False
        else:
            return False
        self.paged.at = 0
        return True

    @property
    def can_go_back(self) -> bool:
        return self.findings is not None or self.province is not None or self.among_all or self.head.can_go_back

    def _tiles(
        self, zone: Rect, options: Sequence[Option[str]], press: Callable[[Option[str]], Callable[[], None]],
        below: Block | None = None,
    ) -> Block:  # fmt: skip
        """As many tiles at a time as the face allows and the zone holds."""
        look, gap = self.look, self.look.size("gap")
        columns = 2 if look.care or len(options) <= 6 else 3
        chosen = (self.draft,) if isinstance(self.draft, str) else ()

        def grid(some: Sequence[Option[str]], columns: int, least: int) -> Grid:
            tiles = tile_grid(look, self.gate, some, press, columns=columns, chosen=chosen, long=True)
            for tile in tiles.blocks:
                tile.least_height = least
            return tiles

        rest = zone.height - (below.fit(zone.width) + gap if below is not None else 0.0)
        least = look.mm(40 if look.care else 34)
        longest = [*_longest(options), *(option for option in options if option.value in chosen)]
        sample = grid(longest, columns, least)
        limit = self._limit(zone.width, rest, sample, len(options))
        if limit < min(len(options), look.grid_limit):
            least = look.size("button")
            sample = grid(longest, columns, least)
            limit = self._limit(zone.width, rest, sample, len(options))
        groups = pages_of(options, limit)
        at = self.paged.within(len(groups))
        blocks: list[Block] = [grid(groups[at], sample.columns, least)]
        if below is not None:
            blocks.append(below)
        if len(groups) > 1:
            blocks.append(Pager(look, self.gate, at, len(groups), self.paged.turn))
        return low(look, zone, blocks, gap=gap)

    def _limit(self, width: float, room: float, sample: Grid, count: int) -> int:
        """How many of ``count`` tiles like the sample's there is room for, with a pager where it is not for all."""
        look, gap = self.look, self.look.size("gap")
        sample.fit(width)
        row = sample.blocks[0].height
        limit = rows_in(room, row, gap) * sample.columns
        if min(limit, look.grid_limit) < count:
            pager = Pager(look, self.gate, 1, 3, self.paged.turn).fit(width)
            limit = rows_in(room - pager - gap, row, gap) * sample.columns
        return min(limit, look.grid_limit)

    def _write_button(self) -> Button:
        return Button(
            self.look, self.gate, WRITE, self._write, label=_("写一写"), icon="keyboard", fill="card", style="strong",
            least=self.look.mm(28),
        )  # fmt: skip

    def _write(self) -> None:
        self.findings = self._make_findings()
        self.setting.refresh()

    def _make_findings(self) -> Findings[str]:
        page = self.page
        places = {
            city.value: replace(city, note=province.name) for province in page.provinces for city in province.cities
        }
        common = [places.get(city.value, city) for city in page.common]
        others = [city for city in places.values() if city not in common]
        provinces = [_option(province) for province in page.provinces if len(province.cities) > 1]
        return Findings(
            self.setting, [*provinces, *common, *others], self._found, at_first=common or provinces,
            nothing=_("没有找到这个地方。请看看写得对不对，或按“返回”去选。"), example=_("例如：厦门，或按 X M"),
        )  # fmt: skip

    def _found(self, option: Option[str]) -> Callable[[], None]:
        """A city answers; a province shows its cities."""
        if any(province_means(province.name) == option.value for province in self.page.provinces):
            return self._province(option)
        return self.press(option)

    def _all(self) -> None:
        self.among_all = True
        self.paged.turn(0)

    def _province(self, option: Option[str]) -> Callable[[], None]:
        if option.value == WRITE:
            return self._write
        province = next(p for p in self.page.provinces if province_means(p.name) == option.value)
        if len(province.cities) == 1:
            return self.press(province.cities[0])

        def press() -> None:
            self.province, self.findings = province, None
            self.paged.turn(0)

        return press


def _option(province: Province) -> Option[str]:
    return Option(value=province_means(province.name), label=province.name, words=province.words)


def _longest(options: Sequence[Option[str]]) -> list[Option[str]]:
    """The options whose tiles need most room: up, and across, where the longest word decides how many make a row."""
    up = max(options, key=lambda option: len(option.label))
    across = max(options, key=lambda option: max(map(len, option.label.split())))
    return [up, across]
