"""The code that a telephone scans to send papers, what has come of each, how long it is open, and what else one can do.

The code is as large as the zone allows; everything that changes while somebody photographs stands beside it or below.
"""

from __future__ import annotations

from kiosk.pages import Option, SendPapers
from kiosk.pages import Row as Fact
from kiosk.texts import _
from screens.layout import Block, Column, Row, Space
from screens.qr_code import QrCode
from screens.surface import Surface
from screens.text import Icon, Text
from screens.theme import Rect
from screens.view import Paged, Setting, View, stack_pages
from screens.widgets import MOODS, Button, Card, FactRow, Pager, actions_block, option_button, ruled

LARGEST_CODE, SMALLEST_CODE = 110.0, 40.0
"""Millimetres."""
CODE_BELOW, CARE_CODE_BELOW = 78.0, 56.0


class SendPapersView(View):
    """Counts the minutes itself; it is made anew when something comes."""

    def __init__(self, setting: Setting, page: SendPapers) -> None:
        super().__init__(setting, page)
        self.page = page
        self.minutes = minutes_in(page.seconds)
        self.paged = Paged(setting.refresh)

    @property
    def centred(self) -> bool:
        return True

    def question(self) -> Block:
        """On a panel that lies across the code stands below the question, where the answers have no room to spare."""
        question = super().question()
        if not self._code_in_question:
            return question
        side = self.look.mm(CARE_CODE_BELOW if self.look.care else CODE_BELOW)
        return Column([question, self._code(side)], gap=self.look.size("gap"))

    @property
    def _code_in_question(self) -> bool:
        return self.look.landscape and self.page.seconds > 0

    def passed(self, seconds: float) -> None:
        minutes = minutes_in(self.page.seconds - seconds)
        if minutes != self.minutes:
            self.minutes = minutes
            self.setting.refresh()

    def answer(self, zone: Rect) -> Block:
        look, page, gap = self.look, self.page, self.look.size("gap")
        buttons = actions_block(
            look,
            [self._button(option) for option in page.actions if not option.primary],
            [self._button(option) for option in page.actions if option.primary],
            width=zone.width,
        )
        assert buttons is not None
        high = buttons.fit(zone.width) + gap
        whole = self._whole(zone.width, zone.height - high)
        if whole is not None:
            return Column([whole, Space(grows=1), buttons])
        pager = look.size("button") + 2 * gap
        room, last = zone.height - pager - high, [buttons]
        tallest = max(block.fit(zone.width) for block in self._parts(room))
        if room < tallest or (self._code_here and room < look.mm(SMALLEST_CODE)):
            room, last = zone.height - pager, []  # the actions have the last page
        groups = stack_pages(self._parts(min(room, zone.width)), zone.width, room, gap)
        if not last:
            groups += stack_pages(buttons.taken_apart(), zone.width, room, gap)
        at = self.paged.within(len(groups))
        turn = Pager(look, self.gate, at, len(groups), self.paged.turn)
        return Column([*groups[at], Space(grows=1), turn, *last], gap=gap)

    def _whole(self, width: float, room: float) -> Block | None:
        """Everything on one page, the code above or beside the rest; None: there is no room for that."""
        look, gap = self.look, self.look.size("gap")
        if not self._code_here:
            all_told = Column(self._told(), gap=gap)
            return all_told if all_told.fit(width) <= room else None
        if not look.low:
            told = self._told()
            used = sum(block.fit(width) + gap for block in told)
            side = min(room - used, width, look.mm(LARGEST_CODE))
            if side >= look.mm(SMALLEST_CODE):
                above = Space(max(0.0, room - used - side) / 3)
                return Column([above, Column([self._code(side), *told], gap=gap)])
        side = min(room, width * 0.45, look.mm(LARGEST_CODE))
        while side >= look.mm(SMALLEST_CODE):
            told = self._told()
            rest = Column(told, gap=gap, grows=1, middle=True)
            if rest.fit(width - side - look.mm(8)) <= room:
                return Row([QrCode(look, self.page.qr, side), rest], gap=look.mm(8))
            side -= look.mm(10)
        return None

    @property
    def _code_here(self) -> bool:
        """Whether the code is one of the answers; when the time is over it is of no use."""
        return self.page.seconds > 0 and not self._code_in_question

    def _parts(self, room: float) -> list[Block]:
        """The same one below the other, what is new before all else."""
        codes = [self._code(min(room, self.look.mm(LARGEST_CODE)))] if self._code_here else []
        card, *rest = self._told()
        return [*rest, *codes, card] if self.page.news else [*codes, card, *rest]

    def _code(self, side: float) -> Block:
        return Row([QrCode(self.look, self.page.qr, side)], across="centre")

    def _button(self, option: Option[str]) -> Button:
        return option_button(self.look, self.gate, option, self.press(option))

    def _told(self) -> list[Block]:
        look, page = self.look, self.page
        facts = [
            FactRow(look, Fact(label=paper.label, value=counted(paper.count)), strong=paper.count > 0)
            for paper in page.papers
        ]
        card = Card(look, ruled(look, facts))
        card.pad_y = look.mm(2.5)
        if page.news:
            return [card, self._news()]
        return [card, Text(look, time_left(self.minutes), "body", "soft", across="centre")]

    def _news(self) -> Block:
        look, page = self.look, self.page
        name, colour = MOODS[page.mood]
        frame = Surface(look)
        frame.outline, frame.pad_y = colour, look.mm(4)
        words: list[Block] = [Text(look, page.news, "body", "ink")]
        if self.minutes and page.seconds:
            words.append(Text(look, time_left(self.minutes), "body", "soft"))
        frame.hold(Row([Icon(look, name, "icon", colour), Column(words, gap=look.mm(1), grows=1)], gap=look.mm(4)))
        return frame


def minutes_in(seconds: float) -> int:
    """Whole minutes, the begun one counted; 0: it is over."""
    return max(0, -(-int(seconds) // 60))


def time_left(minutes: int) -> str:
    """How long the code holds."""
    return _("这个码还能用 {n} 分钟").format(n=minutes)


def counted(count: int) -> str:
    """How many pictures of a paper have come."""
    return _("已传 {n} 张").format(n=count) if count else _("还没有")
