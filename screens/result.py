"""What was found: cards that say what it is and what it means, and what may be done with it."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.pages import Option, Result, Section
from kiosk.texts import _
from screens.foot import AIDS, HELP, foot_button
from screens.frame import FootButton, foot_holds
from screens.layout import Block, Column, Row, Space
from screens.text import Icon, Text
from screens.theme import ColourName, Rect
from screens.view import Paged, Setting, View, stack_pages
from screens.widgets import MOODS, Button, Card, FactRow, Notes, Pager, Rule, actions_block, option_button

HOLD = "hold"
ACTIONS_SHARE = 0.4
"""Of the answer zone's height, with the keys that turn pages."""


class ResultView(View):
    """Sections and notes, paged where they are many; the actions always at the bottom."""

    def __init__(self, setting: Setting, page: Result) -> None:
        super().__init__(setting, page)
        self.page = page
        self.paged = Paged(setting.refresh)
        self.in_foot: Sequence[Option[str]] = ()
        self.uncovered = False
        self.private = any(row.private for section in page.sections for row in section.rows)

    def answer(self, zone: Rect) -> Block:
        look = self.look
        gap = look.size("gap")
        actions = self._actions(hold=self.private)
        high = actions.fit(zone.width) + gap if actions is not None else 0.0
        pager = look.size("button") + gap
        if actions is not None and high + pager > zone.height * ACTIONS_SHARE:
            return self._then_actions(zone, pager)
        shown = self._shown(self._groups(zone.width, zone.height - high, pager))
        if actions is not None:
            shown.append(Column([Space(grows=1), actions], grows=1))
        return Column(shown, gap=gap)

    def _then_actions(self, zone: Rect, pager: float) -> Block:
        """Where the actions leave too little room beside them, they have the last page; 按住看 stays with figures."""
        gap = self.look.size("gap")
        hold: list[Block] = [Hold(self)] if self.private else []
        actions = self._actions(hold=False)
        room = zone.height - pager - sum(block.fit(zone.width) + gap for block in hold)
        groups = [[*group, *hold] for group in self._groups(zone.width, room, 0)]
        last = stack_pages(actions.taken_apart(), zone.width, zone.height - pager, gap) if actions is not None else []
        return Column(self._shown([*groups, *last]), gap=gap)

    def _groups(self, width: float, room: float, pager: float) -> list[list[Block]]:
        """Sections and notes in pages of at most that height, less the pager's where there are several."""
        look, gap = self.look, self.look.size("gap")
        blocks = [block for section in self.page.sections for block in self._cards(section, width, room - pager)]
        if self.page.notes:
            blocks.append(Notes(look, self.page.notes, colour="soft"))
        groups = stack_pages(blocks, width, room, gap)
        return groups if len(groups) == 1 else stack_pages(blocks, width, room - pager, gap)

    def _shown(self, groups: list[list[Block]]) -> list[Block]:
        at = self.paged.within(len(groups))
        if len(groups) == 1:
            return [*groups[0]]
        return [*groups[at], Pager(self.look, self.gate, at, len(groups), self.paged.turn)]

    def _cards(self, section: Section, width: float, room: float) -> list[Block]:
        """One card, or several where a section is higher than the glass."""
        look = self.look
        inner = width - 2 * look.size("pad")
        parts: list[Block] = [self._title(section)]
        parts += [FactRow(look, row, covered=not self.uncovered) for row in section.rows]
        if section.meaning:
            parts.append(Text(look, section.meaning, "body", "ink"))
        cards: list[Block] = []
        between = 2 * look.mm(1) + look.size("border")  # with the hairline
        for group in stack_pages(parts, inner, room - 2 * look.mm(5), between):
            lines: list[Block] = []
            for part in group:
                if isinstance(part, FactRow) and lines:
                    lines.append(Rule(look))
                lines.append(part)
            cards.append(Card(look, Column(lines, gap=look.mm(1))))
        return cards

    def _title(self, section: Section) -> Block:
        look = self.look
        title = Text(look, section.title, "strong", "ink")
        if not section.state:
            return title
        icon, colour = MOODS[section.mood]
        state: list[Block] = [Icon(look, icon, "icon", colour)] if section.mood != "plain" else []
        ink: ColourName = "green" if section.mood == "done" else "ink"
        state.append(Text(look, section.state, "strong" if section.mood != "plain" else "body", ink, grows=1))
        return TwoSides(title, Row(state, gap=look.mm(2)), look.mm(4))

    def foot(self, usual: Sequence[FootButton]) -> Sequence[FootButton]:
        """Where height is short, the last action stands where 首页 is on other pages, as at the end of a matter."""
        last, look = self.page.actions[-1:], self.look
        rest = [button for button in usual if button.means in {AIDS, HELP}]
        with_last = [*rest, *(foot_button(option, self.press(option)) for option in last)]
        if not last or not (look.low or look.landscape) or not foot_holds(look, self.gate, with_last):
            return usual
        self.in_foot = last
        return with_last

    def _actions(self, *, hold: bool) -> Column | None:
        look = self.look
        options = [option for option in self.page.actions if option not in self.in_foot]
        quiet = [option_button(look, self.gate, option, self.press(option)) for option in options if not option.primary]
        loud = [option_button(look, self.gate, option, self.press(option)) for option in options if option.primary]
        return actions_block(look, [Hold(self), *quiet] if hold else quiet, loud)


class Hold(Button):
    """按住看: private values can be read while the finger is on it, and not a moment longer."""

    def __init__(self, view: ResultView) -> None:
        super().__init__(view.look, view.gate, HOLD, lambda: None, label=_("按住看"), icon="eye", fill="card")
        self.view = view

    def show_pressed(self, down: bool) -> None:
        super().show_pressed(down)
        self.view.uncovered = down
        self.view.setting.refresh()


class TwoSides(Block):
    """One block on the left, one on the right; the right one below where both do not fit."""

    def __init__(self, left: Block, right: Block, gap: float) -> None:
        super().__init__()
        self.left_block, self.right_block, self.gap = left, right, gap
        self.add_widget(left)
        self.add_widget(right)
        self.stacked = False

    def height_for(self, width: float) -> float:
        left, right = self.left_block.natural_width(), self.right_block.natural_width()
        self.stacked = left + self.gap + right > width
        if self.stacked:
            return self.left_block.fit(width) + self.right_block.fit(width)
        return max(self.left_block.fit(left), self.right_block.fit(right))

    def arrange(self) -> None:
        self.left_block.place(self.x, self.top)
        if self.stacked:
            self.right_block.place(self.x, self.top - self.left_block.height)
        else:
            self.right_block.place(self.right - self.right_block.width, self.center_y + self.right_block.height / 2)
