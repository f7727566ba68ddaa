"""Something to know, and what to do about it: a large icon, the sentence, the way on."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.pages import Notice
from screens.layout import Block, Column, Space
from screens.theme import Rect
from screens.view import Setting, View
from screens.widgets import MOODS, Notes, actions_block, headline, option_button
from screens.zones import zones


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
        return self._sentence(self.page.lines if self._lines_above else ())

    def _sentence(self, lines: Sequence[str]) -> Block:
        look, page = self.look, self.page
        icon, colour = MOODS[page.mood]
        words = [page.hint] if page.hint else []
        return headline(look, page.icon or icon, colour, page.question, [*words, *lines])

    @property
    def _lines_above(self) -> bool:
        """Whether the lines stand with the question, as below it the actions leave large words no room."""
        look, page = self.look, self.page
        if not (look.care and (look.low or look.landscape)):
            return False
        zone, buttons = zones(look, self._sentence(()), alone=True).answer, self._buttons()
        needed = Notes(look, page.lines).fit(zone.width) + look.size("gap")
        needed += buttons.fit(zone.width) if buttons is not None else 0
        return (look.low and len(page.actions) > 1) or needed > zone.height

    def answer(self, zone: Rect) -> Block:
        look, buttons = self.look, self._buttons()
        words = Notes(look, () if self._lines_above else self.page.lines, across="centre")
        below = [buttons] if buttons is not None else []
        if look.low:  # the question may need some of the lower half
            return Column([Space(grows=1), words, *below], gap=look.size("gap"))
        return Column([words, Space(grows=1), *below])

    def _buttons(self) -> Block | None:
        look, options = self.look, self.page.actions
        return actions_block(
            look,
            [option_button(look, self.gate, option, self.press(option)) for option in options if not option.primary],
            [option_button(look, self.gate, option, self.press(option)) for option in options if option.primary],
            width=look.panel.width - 2 * look.size("margin"),
        )
