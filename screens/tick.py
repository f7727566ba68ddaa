"""Any of several: tiles that keep a tick, and one red action that carries them (face/services.png)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.pages import Option, Tick
from kiosk.texts import _
from screens.layout import Block, Column, Grid, Space
from screens.theme import Rect
from screens.view import Paged, Setting, View, drop, pages_of
from screens.widgets import Button, Pager, tile_grid

ACTION = "action"
ACTION_HEIGHT = 40.0
TILE_LIMIT = 62.0
"""Millimetres; a tile is that high at most."""


class TickView(View):
    """Three tiles in a row, in care mode two; below them the action with what it will carry."""

    def __init__(self, setting: Setting, page: Tick, draft: object) -> None:
        super().__init__(setting, page)
        self.page = page
        chosen = draft if isinstance(draft, tuple) else page.chosen
        self.chosen = [option.value for option in page.options if option.value in chosen and option.enabled]
        self.paged = Paged(setting.refresh)

    def unfinished(self) -> object:
        return tuple(self.chosen)

    def resume(self, unfinished: object) -> None:
        if isinstance(unfinished, tuple):
            self.chosen = [option.value for option in self.page.options if option.value in unfinished]

    def answer(self, zone: Rect) -> Block:
        look = self.look
        gap = look.size("gap")
        action = self._action(zone.width)
        room = zone.height - action.fit(zone.width) - gap
        grid = self._grid(self.page.options)
        groups = pages_of(self.page.options, self._at_a_time(grid, zone.width, room))
        below: list[Block] = [action]
        if len(groups) > 1:
            at = self.paged.within(len(groups))
            grid = self._grid(groups[at])
            below.insert(0, Pager(look, self.gate, at, len(groups), self.paged.turn))
        room = zone.height - sum(block.fit(zone.width) + gap for block in below)
        needed = zone.height - room + grid.fit(zone.width, room)
        return Column([Space(drop(look, zone, needed)), Column([grid, *below], gap=gap, grows=1)])

    def _grid(self, options: Sequence[Option[str]]) -> Grid:
        look = self.look
        columns = 3 if not look.care or (look.landscape and not look.manner.larger) else 2
        return tile_grid(
            look, self.gate, options, self._toggle, columns=columns, chosen=self.chosen,
            row_limit=look.mm(TILE_LIMIT), grows=1, beside=look.care,
        )  # fmt: skip

    def _at_a_time(self, whole: Grid, width: float, room: float) -> int:
        """How many tiles: all of them, or as many as the face allows and the glass holds above the page keys."""
        look, count = self.look, len(self.page.options)
        if whole.fit(width) <= room and count <= look.grid_limit:
            return count
        rows = max(1, int((room - look.size("button")) // (whole.blocks[0].height + whole.gap)))
        return min(look.grid_limit, rows * whole.columns)

    def _action(self, width: float) -> Block:
        """With what it carries written small, or how many, where there is room for that."""
        look = self.look
        labels = [option.label for option in self.page.options if option.value in self.chosen]
        if look.care and (look.low or look.landscape):
            return self._action_button("", look.size("button"))
        button = self._action_button("　".join(labels), look.mm(ACTION_HEIGHT))
        if labels and button.natural_width() > width:
            return self._action_button(_("选了 {count} 样").format(count=len(labels)), look.mm(ACTION_HEIGHT))
        return button

    def _action_button(self, note: str, least: float) -> Button:
        return Button(
            self.look, self.gate, ACTION, lambda: self.setting.answer(tuple(self.chosen)),
            label=self.page.action, note=note, fill="red", style="heading", least=least,
        )  # fmt: skip

    def _toggle(self, option: Option[str]) -> Callable[[], None]:
        def press() -> None:
            if option.value in self.chosen:
                self.chosen.remove(option.value)
            else:
                self.chosen.append(option.value)
            self.setting.refresh()

        return press
