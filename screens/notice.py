"""Something to know, and what to do about it: a large icon, the sentence, the way on."""

from __future__ import annotations

from kiosk.pages import Notice
from screens.layout import Block, Column, Row, Space
from screens.text import Icon, Text
from screens.theme import Rect
from screens.view import Setting, View
from screens.widgets import MOODS, Button, Notes


class NoticeView(View):
    """Everything in the middle; the actions within reach, at the bottom of the answer zone."""

    def __init__(self, setting: Setting, page: Notice) -> None:
        super().__init__(setting, page)
        self.page = page

    @property
    def centred(self) -> bool:
        return True

    def question(self) -> Block:
        look, page = self.look, self.page
        icon = Icon(look, page.icon or MOODS[page.mood][0], "huge icon", MOODS[page.mood][1])
        blocks: list[Block] = [
            Space(look.mm(30 if not look.care else 14)),
            Row([icon], across="centre"),
            Space(look.mm(5)),
        ]
        blocks.append(Text(look, page.question, "title", "ink", across="centre"))
        if page.hint:
            blocks.append(Text(look, page.hint, "body", "soft", across="centre"))
        return Column(blocks, gap=look.mm(1))

    def answer(self, zone: Rect) -> Block:
        look = self.look
        blocks: list[Block] = [Notes(look, self.page.lines, across="centre"), Space(grows=1)]
        buttons: list[Block] = [
            Button(
                look, self.gate, option.value, self.press(option), label=option.label, icon=option.icon,
                note=option.note, fill="red" if option.primary else "card",
                style="strong" if option.primary else "body", enabled=option.enabled,
            )
            for option in self.page.actions
        ]  # fmt: skip
        blocks.append(Column(buttons, gap=look.size("gap")))
        return Column(blocks)
