"""What pages have in common that show a person's records: amounts are covered until 按住看, the actions stand below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from kiosk.pages import Option, Page
from kiosk.texts import _
from screens.layout import Block, Column, Space
from screens.theme import Rect
from screens.view import Paged, Setting, View, stack_pages
from screens.widgets import Button, Pager, Record, actions_block, option_button

T = TypeVar("T")

HOLD = "hold"
ACTIONS_SHARE = 0.4
"""Of the answer zone's height, with the keys that turn pages."""


class Records(View):
    """Pages of something to read, the actions at the bottom. ``uncovered``: what is private can be read."""

    def __init__(self, setting: Setting, page: Page[T], actions: Sequence[Option[str]], *, private: bool) -> None:
        super().__init__(setting, page)
        self.paged = Paged(setting.refresh)
        self.actions = actions
        self.private, self.uncovered = private, False

    def groups(self, width: float, room: float, pager: float) -> list[list[Block]]:
        """What there is to read, in pages of at most that height, less the pager's where there are several."""
        raise NotImplementedError

    def answer(self, zone: Rect) -> Block:
        look = self.look
        gap = look.size("gap")
        actions = self._actions(hold=self.private)
        high = actions.fit(zone.width) + gap if actions is not None else 0.0
        pager = look.size("button") + gap
        groups = self.groups(zone.width, zone.height - high, pager)
        if actions is not None and not stand_together(groups, zone, high, pager, gap):
            return self._then_actions(zone, pager)
        shown = self._shown(groups)
        if actions is not None:
            shown.append(Column([Space(grows=1), actions], grows=1))
        return Column(shown, gap=gap)

    def _then_actions(self, zone: Rect, pager: float) -> Block:
        """Where the actions leave too little room beside them on every page, they stand at the end; 按住看 stays with
        figures: what is so long that it fills a page without it has none."""
        gap = self.look.size("gap")
        hold = Hold(self)
        actions = self._actions(hold=False)
        room = zone.height - pager - (hold.fit(zone.width) + gap if self.private else 0)
        groups = [
            [*group, hold] if any(map(_has_private, group)) else group for group in self.groups(zone.width, room, 0)
        ]
        return Column(self._shown(then(actions, groups, zone, pager, gap) if actions is not None else groups), gap=gap)

    def _shown(self, groups: list[list[Block]]) -> list[Block]:
        at = self.paged.within(len(groups))
        if len(groups) == 1:
            return [*groups[0]]
        return [*groups[at], Pager(self.look, self.gate, at, len(groups), self.paged.turn)]

    def _actions(self, *, hold: bool) -> Column | None:
        look = self.look
        made = [(option.primary, option_button(look, self.gate, option, self.press(option))) for option in self.actions]
        quiet = [button for primary, button in made if not primary]
        loud = [button for primary, button in made if primary]
        return actions_block(look, [Hold(self), *quiet] if hold else quiet, loud)


def stand_together(groups: Sequence[Sequence[Block]], zone: Rect, high: float, pager: float, gap: float) -> bool:
    """Whether actions of that height stand below each of the pages: below the only one where it has room beside them,
    below several where they leave each enough."""
    if len(groups) == 1 and sum(block.fit(zone.width) + gap for block in groups[0]) + high - gap <= zone.height:
        return True
    return high + pager <= zone.height * ACTIONS_SHARE


def then(
    actions: Column, groups: Sequence[list[Block]], zone: Rect, pager: float, gap: float
) -> list[list[Block]]:  # fmt: skip
    """The pages of something to read, and the actions at the end: on its last page where there is room for all."""
    room = zone.height - (pager if len(groups) > 1 else 0)
    if groups and sum(block.fit(zone.width) + gap for block in groups[-1]) + actions.fit(zone.width) <= room:
        return [*groups[:-1], [*groups[-1], actions]]
    return [*groups, *stack_pages(actions.taken_apart(), zone.width, zone.height - pager, gap)]


def _has_private(block: Block) -> bool:
    return any(isinstance(part, Record) and part.private for part in block.walk(restrict=True))


class Hold(Button):
    """按住看: private values can be read while the finger is on it, and not a moment longer."""

    def __init__(self, view: Records) -> None:
        super().__init__(view.look, view.gate, HOLD, lambda: None, label=_("按住看"), icon="eye", fill="card")
        self.view = view

    def show_pressed(self, down: bool) -> None:
        super().show_pressed(down)
        self.view.uncovered = down
        self.view.setting.refresh()
