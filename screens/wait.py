"""Shown while something is awaited: still, in the middle; after two seconds it says what is awaited."""

from __future__ import annotations

from kiosk.pages import Wait
from screens.layout import Block, Column
from screens.text import Text
from screens.theme import Rect
from screens.view import Setting, View
from screens.widgets import headline

SLOW_AFTER = 2.0
"""Seconds."""


class WaitView(View):
    """The sentence, and later the reason."""

    def __init__(self, setting: Setting, page: Wait) -> None:
        super().__init__(setting, page)
        self.page = page
        self.slow = False

    @property
    def alone(self) -> bool:
        return True

    def question(self) -> Block:
        look, page = self.look, self.page
        return headline(look, "timer-sand", "amber", page.question, [page.hint] if page.hint else [])

    def answer(self, zone: Rect) -> Block:
        words = self.page.slow if self.slow else ""
        return Column([Text(self.look, words, "body", "ink", across="centre")] if words else [])

    def passed(self, seconds: float) -> None:
        if seconds >= SLOW_AFTER and self.page.slow and not self.slow:
            self.slow = True
            self.setting.refresh()
