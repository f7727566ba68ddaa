"""The end of a matter: its state in words, what was recorded, what comes next, what to take (face/done.png)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.pages import Done
from kiosk.pages import Row as Fact
from kiosk.texts import _
from screens.foot import AIDS, AIDS_ICON, HELP, foot_button
from screens.frame import FootButton, foot_holds
from screens.layout import Block, Column, Row, Space
from screens.qr_code import QrCode
from screens.records import stand_together, then
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


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """Parts of one card, which goes on upon another where a page ends. Without a ``fill`` they are cards themselves."""

    parts: Sequence[Block]
    fill: ColourName | None = None
    ruled: bool = False
    """Whether there are hairlines between them, as between rows."""

    def around(self, look: Theme) -> tuple[float, float]:
        """Pixels beside the parts, and above and below them."""
        return (look.size("pad"), look.mm(2.5 if self.ruled else 5)) if self.fill else (0, 0)

    def between(self, look: Theme) -> float:
        """Pixels between two parts."""
        return look.size("border") if self.ruled else look.mm(1)

    def card(self, look: Theme, parts: Sequence[Block]) -> Block:
        """The card with these of them."""
        if self.fill is None:
            return Column(parts)
        made = Card(look, ruled(look, parts) if self.ruled else Column(parts, gap=self.between(look)), fill=self.fill)
        made.pad_y = self.around(look)[1]
        return made


class DoneView(View):
    """Actions stand in the foot, around 找人帮忙: the last of them in the corner where 首页 is on other pages."""

    def __init__(self, setting: Setting, page: Done) -> None:
        super().__init__(setting, page)
        self.page = page
        self.paged = Paged(setting.refresh)
        self.in_foot: set[object] = set()
        self.code_side = CODE_SIDES[0]
        self.code_above = self.words_above = False
        """Whether the code, and what is to be taken away, stand below the question, where the answers have less room.
        """

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
        above = self._below(state)
        return state if above is None else Column([state, above], gap=look.size("gap"))

    def _below(self, state: Block) -> Block | None:
        """What is to be taken away, where there is room for it below the question; of a code with its words the code
        alone, where there is none for both, as the answers have no room for one beside its words."""
        look, gap = self.look, self.look.size("gap")
        self.code_above = self.words_above = False
        if not (look.landscape or look.low) or not (self.page.qr or self.page.paper):
            return None
        width, height = question_room(look)
        room = height - state.fit(width) - gap
        if not self.page.qr:
            paper = self._paper()
            self.words_above = paper.fit(width) <= room
            return paper if self.words_above else None
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
        groups = read(zone.width, zone.height - high, pager)
        if buttons is not None and not stand_together(groups, zone, high, pager, gap):
            groups = [group for group in read(zone.width, zone.height - pager, 0) if group]
            groups = then(buttons, groups, zone, pager, gap)
            buttons = None
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
            if len(with_larger) > len(groups) or len(with_larger[0]) < len(groups[0]):
                self.code_side = before
                break
            groups = with_larger
        return groups

    def _pages(self, width: float, room: float, pager: float) -> list[list[Block]]:
        """Pages of at most that height, less the pager's where there are several: then what is to be taken away stands
        on the first, with the number and what comes next, as somebody may turn no page."""
        page = self.page
        steps = self._steps(width, room - pager)
        groups = self._flow([self._lines(), self._facts(page.rows), steps, self._to_take()], width, room)
        if len(groups) == 1:
            return groups
        leading = [row for row in page.rows if row.leads and row.value not in page.qr_caption]
        others = [row for row in page.rows if row not in leading]
        first = [self._to_take(), self._facts(leading), self._lines(), self._steps(width, room - pager)]
        return self._flow([*first, self._facts(others)], width, room - pager)

    def _flow(self, chapters: Sequence[Chapter], width: float, room: float) -> list[list[Block]]:
        """Pages filled one after the other: a card goes on upon the next page where it has no room."""
        look, pages, left = self.look, list[list[Block]]([[]]), room
        for chapter in chapters:
            parts, between, (beside, air) = chapter.parts, chapter.between(look), chapter.around(look)
            while parts:
                held = stack_pages(parts, width - 2 * beside, left - 2 * air, between)[0]
                high = sum(part.height for part in held) + between * (len(held) - 1) + 2 * air
                if pages[-1] and high > left:
                    pages.append([])
                    left = room
                    continue
                pages[-1].append(chapter.card(look, held))
                left -= high + look.size("gap")
                parts = parts[len(held) :]
        return pages

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

    def _lines(self) -> Chapter:
        lines = self.page.lines if self._lines_below else ()
        return Chapter(parts=[Text(self.look, line) for line in lines], fill="card")

    def _steps(self, width: float, room: float) -> Chapter:
        """The first of them is not parted from the words above it, where there is room for both."""
        look, steps = self.look, self.page.next_steps
        if not steps:
            return Chapter(parts=[])
        heading, *rest = numbered(look, _("接下来"), steps)
        begun = Column([heading, *rest[:1]], gap=look.mm(1))
        whole = Chapter(parts=[begun, *rest[1:]], fill="sand")
        beside, air = whole.around(look)
        if begun.fit(width - 2 * beside) + 2 * air <= room:
            return whole
        return Chapter(parts=numbered(look, _("接下来"), steps), fill="sand")

    def _facts(self, rows: Sequence[Fact]) -> Chapter:
        return Chapter(parts=[FactRow(self.look, row) for row in rows], fill="card", ruled=True)

    def _to_take(self) -> Chapter:
        """The code, or the words of one that stands above, the number first as all may not fit; else the paper."""
        page = self.page
        if self.words_above or not (page.qr or page.paper):
            return Chapter(parts=[])
        if page.qr and self.code_above:
            return Chapter(parts=self._words_of_code()[::-1], fill="card")
        return Chapter(parts=[self._code(self.look.mm(self.code_side)) if page.qr else self._paper()])

    def _paper(self) -> Surface:
        """What to take, with a hand; or why there is nothing to take."""
        look, page = self.look, self.page
        colour: ColourName = "red" if page.paper_is_there else "amber"
        frame = Surface(look)
        frame.outline, frame.thick, frame.pad_y = colour, True, look.mm(6)
        icon = Icon(look, "hand-back-right" if page.paper_is_there else "printer-alert", "large icon", colour)
        style: StyleName = "heading" if page.paper_is_there and not look.landscape else "strong"
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
