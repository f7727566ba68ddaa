"""Words by a pinyin keyboard: what is written above, the candidates, the keys, and the action."""

from __future__ import annotations

from kiosk.pages import Words
from kiosk.texts import _
from screens.keyboard import LAYERS, least_height
from screens.layout import Block, Column, Row
from screens.theme import Rect
from screens.view import Setting, View, low
from screens.widgets import Button
from screens.writing import Writing

ACTION = "action"
LINES = 2
"""Of the field, where there is room."""


class WordsView(View):
    """An earlier answer stands there already."""

    def __init__(self, setting: Setting, page: Words, draft: object) -> None:
        super().__init__(setting, page)
        self.page = page
        self.writing = Writing(
            setting, longest=page.longest, changed=self._changed, written=draft if isinstance(draft, str) else "",
            layers=LAYERS, nothing=_("例如：{example}").format(example=page.example) if page.example else "",
        )  # fmt: skip
        self.action: Button | None = None

    def unfinished(self) -> object:
        return self.writing.unfinished()

    def resume(self, unfinished: object) -> None:
        self.writing.resume(unfinished)

    def answer(self, zone: Rect) -> Block:
        look, gap, writing = self.look, self.look.size("gap"), self.writing
        field, row, action = writing.field(LINES), writing.candidates(), self._action()
        around = sum(block.fit(zone.width) + gap for block in (field, row, action))
        if around + least_height(look) <= zone.height:
            keys = writing.keys(zone.width, zone.height - around)
            return low(look, zone, [field, row, keys, action], gap=gap)
        # Where the zone is low the action stands beside what it carries.
        field, row, action = writing.field(), writing.candidates(), self._action()
        field.grows = 1
        beside = Row([field, action], gap=gap)
        action.least_height = max(action.least_height, field.fit(zone.width))
        keys = writing.keys(zone.width, zone.height - beside.fit(zone.width) - row.fit(zone.width) - 2 * gap)
        return Column([beside, row, keys], gap=gap)

    def _action(self) -> Button:
        look = self.look
        self.action = Button(
            look, self.gate, ACTION, lambda: self.setting.answer(self.writing.text.strip()),
            label=self.page.action, fill="red", style="strong", least=look.size("target"), enabled=self._complete,
        )  # fmt: skip
        return self.action

    @property
    def _complete(self) -> bool:
        """Whether it can be answered: something is written, and no letters are left over."""
        return not self.writing.letters and (self.page.may_be_empty or bool(self.writing.text.strip()))

    def _changed(self) -> None:
        if self.action is not None:
            self.action.enable(self._complete)
