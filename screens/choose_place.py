"""A place: the commonest cities first, then province and city, each a tile; 返回 goes up a level first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.pages import ChoosePlace, Option, Province
from kiosk.texts import _
from screens.layout import Block
from screens.theme import Rect
from screens.view import Paged, Setting, View, low
from screens.widgets import Button, Pager, tile_grid

OTHER = "place:other"


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
        self.paged = Paged(setting.refresh)

    def unfinished(self) -> object:
        """The place of the province among all, for its name is another in another language; -1 where all are shown."""
        if self.province is not None:
            return self.page.provinces.index(self.province)
        return -1 if self.among_all else None

    def resume(self, unfinished: object) -> None:
        if isinstance(unfinished, int):
            self.among_all = True
            self.province = self.page.provinces[unfinished] if unfinished >= 0 else None

    def answer(self, zone: Rect) -> Block:
        if self.province is not None:
            return self._tiles(zone, self.province.cities, self.press)
        if self.among_all:
            options = [Option(value=province_means(p.name), label=p.name) for p in self.page.provinces]
            return self._tiles(zone, options, self._province)
        other = Button(
            self.look, self.gate, OTHER, self._all, label=_("别的城市"), icon="map-search", fill="card", style="strong",
            least=self.look.mm(28),
        )  # fmt: skip
        return self._tiles(zone, self.page.common, self.press, other)

    def question(self) -> Block:
        page = self.page
        if self.province is not None:
            self.question_words, self.hint = _("是{province}的哪里？").format(province=self.province.name), page.hint
        elif self.among_all:
            self.question_words, self.hint = _("是哪个省？"), page.hint
        else:
            self.question_words, self.hint = page.question, page.hint
        return super().question()

    def back(self) -> bool:
        if self.province is not None:
            self.province = None
        elif self.among_all and self.page.common:
            self.among_all = False
        else:
            return False
        self.paged.at = 0
        return True

    @property
    def can_go_back(self) -> bool:
        return self.province is not None or self.among_all or self.head.can_go_back

    def _tiles(
        self, zone: Rect, options: Sequence[Option[str]], press: Callable[[Option[str]], Callable[[], None]],
        below: Block | None = None,
    ) -> Block:  # fmt: skip
        look = self.look
        limit = look.grid_limit
        groups = [options[start : start + limit] for start in range(0, len(options), limit)] or [options]
        at = self.paged.within(len(groups))
        columns = 2 if look.care or len(options) <= 6 else 3
        chosen = (self.draft,) if isinstance(self.draft, str) else ()
        grid = tile_grid(look, self.gate, groups[at], press, columns=columns, chosen=chosen)
        for tile in grid.blocks:
            tile.least_height = look.mm(34 if not look.care else 40)
        blocks: list[Block] = [grid]
        if below is not None:
            blocks.append(below)
        if len(groups) > 1:
            blocks.append(Pager(look, self.gate, at, len(groups), self.paged.turn))
        return low(look, zone, blocks, gap=look.size("gap"))

    def _all(self) -> None:
        self.among_all = True
        self.paged.turn(0)

    def _province(self, option: Option[str]) -> Callable[[], None]:
        province = next(p for p in self.page.provinces if province_means(p.name) == option.value)
        if len(province.cities) == 1:
            return self.press(province.cities[0])

        def press() -> None:
            self.province = province
            self.paged.turn(0)

        return press
