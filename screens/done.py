"""The end of a matter: its state in words, what was recorded, what comes next, what to take (face/done.png)."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.pages import Done
from kiosk.texts import _
from screens.foot import AIDS, AIDS_ICON, HELP, foot_button
from screens.frame import FootButton, foot_holds
from screens.layout import Block, Column, Row, Space
from screens.qr_code import QrCode
from screens.surface import Surface
from screens.text import Icon, Text
from screens.theme import ColourName, Rect, StyleName, Theme
from screens.view import Paged, Setting, View, stack_pages
from screens.widgets import (
    MOODS,
    Button,
    Card,
    FactRow,
    Notes,
    Pager,
    actions_block,
    headline,
    numbered,
    option_button,
    ruled,
)
from screens.zones import ABOVE_QUESTION, AROUND_ANSWER, answer_width

CODE_SIDES = (44.0, 60.0, 72.0)
"""Millimetres of a code, the largest for which there is room: an old telephone has to see it. The least is for where a
card of the next has none."""
LARGEST_CODE = 90.0
"""Millimetres of a code with its words below the question."""
ACTIONS_SHARE = 0.4
"""Of the answer zone's height, with the keys that turn pages."""


class DoneView(View):
    """Actions stand in the foot, around 找人帮忙: the last of them in the corner where 首页 is on other pages."""

    def __init__(self, setting: Setting, page: Done) -> None:
        super().__init__(setting, page)
        self.page = page
        self.paged = Paged(setting.refresh)
        self.in_foot: set[object] = set()
        self.code_side = CODE_SIDES[0]
        self.code_above = self.words_above = False
        """Whether the code, and what is said of it, stand below the question, where the answers have less room."""

    @property
    def brief(self) -> bool:
        """Whether there is nothing to read but the sentence (a check-in): then it stands in the middle, large."""
        return not (self.page.rows or self.page.next_steps or self.page.qr)

    def question(self) -> Block:
        look, page = self.look, self.page
        name, colour = MOODS[page.mood]
        if self.brief:
            return headline(look, name, colour, page.question, [page.hint] if page.hint else [])
        words: list[Block] = [Text(look, page.question, "title", "ink")]
        if page.hint:
            words.append(Text(look, page.hint, "body", "soft"))
        if not self._lines_below:
            words += [Text(look, line, "body", "soft") for line in page.lines]
        icon = Icon(look, name, "large icon", colour)
        state = Row([icon, Column(words, gap=look.mm(1), grows=1)], gap=look.mm(8))
        above = self._code_below(state)
        return state if above is None else Column([state, above], gap=look.size("gap"))

    def _code_below(self, state: Block) -> Block | None:
        """The code with its words, where there is room for both below the question; else the code alone, as the answers
        have no room for one beside its words."""
        look, gap = self.look, self.look.size("gap")
        self.code_above = self.words_above = False
        if not self.page.qr or not (look.landscape or look.low):
            return None
        width, height = question_room(look)
        room = height - state.fit(width) - gap
        for side in range(look.mm(LARGEST_CODE), look.mm(CODE_SIDES[1]) - 1, -look.mm(2)):
            code = self._code(side, below=look.landscape)
            if code.fit(width) <= room:
                self.code_above = self.words_above = True
                return code
        alone = min(room - 2 * look.mm(5), look.mm(CODE_SIDES[-1]))
        if alone < look.mm(CODE_SIDES[0]):
            return None
        self.code_above = True
        return Card(look, Row([QrCode(look, self.page.qr, alone)], across="centre"))

    @property
    def _lines_below(self) -> bool:
        """Whether the lines stand with the facts, as large words leave them no room beside the question."""
        look = self.look
        return look.care and (look.low or look.landscape or look.manner.larger) and not self.brief

    def answer(self, zone: Rect) -> Block:
        look, gap = self.look, self.look.size("gap")
        buttons = actions_block(look, self._in_page(), [])
        high = buttons.fit(zone.width) + gap if buttons is not None else 0.0
        pager = look.size("button") + gap
        read = self._few_words if self.brief else self._groups
        if buttons is not None and high + pager > zone.height * ACTIONS_SHARE:
            # They leave too little room beside them, and have the last page.
            last = stack_pages(buttons.taken_apart(), zone.width, zone.height - pager, gap)
            groups = [*(group for group in read(zone.width, zone.height - pager, 0) if group), *last]
            buttons = None
        else:
            groups = read(zone.width, zone.height - high, pager)
        at = self.paged.within(len(groups))
        shown = [*groups[at]]
        if len(groups) > 1:
            shown.append(Pager(look, self.gate, at, len(groups), self.paged.turn))
        if buttons is not None:
            shown.append(buttons)
        return Column(shown, gap=gap)

    def _groups(self, width: float, room: float, pager: float) -> list[list[Block]]:
        """What there is to read, in pages, with the largest code for which there need not be more of them."""
        look = self.look
        code_here = bool(self.page.qr) and not self.code_above
        least, *larger = CODE_SIDES
        if code_here and self._code(look.mm(larger[0])).fit(width) <= room - pager:
            least, *larger = larger
        self.code_side = least
        groups = self._pages(width, room, pager)
        for side in larger if code_here else ():
            before, self.code_side = self.code_side, side
            with_larger = self._pages(width, room, pager)
            if len(with_larger) > len(groups):
                self.code_side = before
                break
            groups = with_larger
        return groups

    def _pages(self, width: float, room: float, pager: float) -> list[list[Block]]:
        """Pages of at most that height, less the pager's where there are several."""
        gap = self.look.size("gap")
        groups = stack_pages(self._cards(width, room), width, room, gap)
        if len(groups) == 1:
            return groups
        blocks = self._cards(width, room - pager)
        if not self.words_above if self.page.qr else self.page.paper:
            # What is to be taken away stands on the first page, whatever comes on the next one.
            blocks = [*blocks[-1:], *blocks[:-1]]
        return stack_pages(blocks, width, room - pager, gap)

    def _few_words(self, width: float, room: float, pager: float) -> list[list[Block]]:
        """The same of lines and paper, which stand in the middle."""
        look, page = self.look, self.page
        lines: list[Block] = [Text(look, line, "body", "ink", across="centre") for line in page.lines]
        paper: list[Block] = [self._paper()] if page.paper else []
        room -= look.size("gap")
        between, apart = look.mm(2), [Space(look.mm(4))] if paper else []
        groups = stack_pages([*lines, *apart, *paper], width, room, between)
        if len(groups) > 1:
            groups = stack_pages([*paper, *lines], width, room - pager, between)
        return [[Column(group, gap=between), Space(grows=1)] for group in groups]

    def _cards(self, width: float, room: float) -> list[Block]:
        """Rows and steps are one card each, or several where they are higher than the glass."""
        look, page = self.look, self.page
        blocks: list[Block] = []
        inner, air = width - 2 * look.size("pad"), look.mm(2.5)
        lines: list[Block] = [Text(look, line) for line in page.lines] if self._lines_below else []
        notes = stack_pages(lines, inner, room - 2 * look.mm(5), look.mm(1)) if lines else []
        blocks += [Card(look, Column(group, gap=look.mm(1))) for group in notes]
        facts: list[Block] = [FactRow(look, row) for row in page.rows]
        for group in stack_pages(facts, inner, room - 2 * air, look.size("border")) if facts else []:
            card = Card(look, ruled(look, group))
            card.pad_y = air
            blocks.append(card)
        steps = numbered(look, _("接下来"), page.next_steps) if page.next_steps else []
        between = look.mm(1)
        chapters = stack_pages(steps, inner, room - 2 * look.mm(5), between) if steps else []
        blocks += [Card(look, Column(chapter, gap=between), fill="sand") for chapter in chapters]
        if page.qr and not self.code_above:
            blocks.append(self._code(look.mm(self.code_side)))
        elif page.qr and not self.words_above:
            blocks.append(Card(look, Column(self._words_of_code(), gap=look.mm(2))))
        elif page.paper and not page.qr:
            blocks.append(self._paper())
        return blocks

    def _paper(self) -> Surface:
        """What to take, with a hand; or why there is nothing to take."""
        look, page = self.look, self.page
        colour: ColourName = "red" if page.paper_is_there else "amber"
        frame = Surface(look)
        frame.outline, frame.thick, frame.pad_y = colour, True, look.mm(6)
        icon = Icon(look, "hand-back-right" if page.paper_is_there else "printer-alert", "large icon", colour)
        style: StyleName = "heading" if page.paper_is_there else "strong"
        frame.hold(Row([icon, Text(look, page.paper, style, grows=1)], gap=look.mm(8)))
        return frame

    def foot(self, usual: Sequence[FootButton]) -> Sequence[FootButton]:
        actions = self.page.actions
        if not actions:
            return usual
        last = [
            *(button for button in usual if button.means == HELP),
            foot_button(actions[-1], self.press(actions[-1])),
        ]
        with_aids = [*(button for button in usual if button.means == AIDS), *last]
        whole = [foot_button(actions[0], self.press(actions[0])), *with_aids] if len(actions) > 1 else with_aids
        held = next((some for some in (whole, with_aids) if foot_holds(self.look, self.gate, some)), last)
        self.in_foot = {button.means for button in held}
        return held

    def _in_page(self) -> list[Button]:
        """The actions, and 看和听, that the foot had no room for."""
        look, actions = self.look, self.page.actions
        buttons = [
            option_button(look, self.gate, option, self.press(option))
            for option in actions if option.value not in self.in_foot
        ]  # fmt: skip
        if actions and AIDS not in self.in_foot:
            label = _("看和听")
            buttons.append(Button(look, self.gate, AIDS, self.setting.aids, label=label, icon=AIDS_ICON, fill="card"))
        return buttons

    def _code(self, side: float, *, below: bool = False) -> Card:
        """The code, and beside it or ``below`` it what it is for."""
        look = self.look
        code, words = QrCode(look, self.page.qr, side), self._words_of_code()
        if below:
            return Card(look, Column([Row([code], across="centre"), *words], gap=look.mm(2)))
        return Card(look, Row([code, Column(words, gap=look.mm(2), grows=1)], gap=look.mm(8)))

    def _words_of_code(self) -> list[Block]:
        look, page = self.look, self.page
        words: list[Block] = [Text(look, page.paper, "strong")] if page.paper else []
        return [*words, *([Notes(look, [page.qr_caption], colour="soft")] if page.qr_caption else [])]


def question_room(look: Theme) -> tuple[float, float]:
    """Width and height that a question can have, where that stands beside the answers or above the lower half."""
    inner, around = look.panel.width - 2 * look.size("margin"), look.mm(AROUND_ANSWER)
    head = look.size("head") + look.mm(ABOVE_QUESTION)
    if look.landscape:
        width = inner - answer_width(look) - 2 * around
        return width, look.panel.height - head - look.size("foot") - around
    return inner, look.panel.height / 2 - head - around
