"""Something to know, and what to do about it: a large icon, the sentence, the way on."""

from __future__ import annotations

from kiosk.pages import Notice
from screens.layout import Block, Column, Space
from screens.theme import Rect
from screens.view import Setting, View
from screens.widgets import MOODS, Notes, actions_block, headline, option_button
from screens.zones import AROUND_ANSWER


class NoticeView(View):
    """Everything in the middle; the actions within reach, at the bottom of the answer zone."""

    def __init__(self, setting: Setting, page: Notice) -> None:
        super().__init__(setting, page)
        self.page = page

    @property
    def centred(self) -> bool:
        return True

    @property
    def alone(self) -> bool:
        return True

    def question(self) -> Block:
        look, page = self.look, self.page
        icon, colour = MOODS[page.mood]
        words = [page.hint] if page.hint else []
        if self._lines_above:
            words += page.lines
        return headline(look, page.icon or icon, colour, page.question, words)

    @property
    def _lines_above(self) -> bool:
        """Whether the lines stand with the question, as in the lower half the actions leave large words no room."""
        look, actions = self.look, self.page.actions
        if not (look.low and look.care):
            return False
        width = look.panel.width - 2 * look.size("margin")
        words = Notes(look, self.page.lines).fit(width)
        room = look.panel.height / 2 - look.size("foot") - look.mm(AROUND_ANSWER)
        return len(actions) > 1 or words + len(actions) * (look.size("gap") + look.size("button")) > room

    def answer(self, zone: Rect) -> Block:
        look = self.look
        options = self.page.actions
        buttons = actions_block(
            look,
            [option_button(look, self.gate, option, self.press(option)) for option in options if not option.primary],
            [option_button(look, self.gate, option, self.press(option)) for option in options if option.primary],
            width=zone.width,
        )
        words = Notes(look, () if self._lines_above else self.page.lines, across="centre")
        below = [buttons] if buttons is not None else []
        if look.low:  # the question may need some of the lower half
            return Column([Space(grows=1), words, *below], gap=look.size("gap"))
        return Column([words, Space(grows=1), *below])
