"""A registration number by keys: what is entered, figures and letters below it, the action; or it is held to the
scanner, which the line above the keys says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kiosk.pages import EnterNumber
from screens.keyboard import DELETE, keyboard, least_height
from screens.layout import Block, Column, Row
from screens.text import Icon, Text
from screens.theme import Rect
from screens.view import Setting, View, low
from screens.widgets import Button, Problem
from screens.writing import Field

ACTION = "action"
LONGEST: Final = 32
"""A kiosk of sixteen letters, the year, six digits, five characters, three hyphens."""

USUAL: Final = "K001-26-000317-MMMMM"
"""A number of the usual length, in letters that are wide."""


class NumberView(View):
    """Types into ``entered``. What was refused stands there: one wrong letter is not typed all over again."""

    def __init__(self, setting: Setting, page: EnterNumber, draft: object) -> None:
        super().__init__(setting, page)
        self.page = page
        self.hint = "" if page.problem and self.look.care else page.hint  # what was refused shows how it looks
        self.entered = draft if isinstance(draft, str) and draft else page.refused or page.begins
        self.field: Field | None = None
        self.action: Button | None = None

    def unfinished(self) -> object:
        return self.entered

    def resume(self, unfinished: object) -> None:
        if isinstance(unfinished, str):
            self.entered = unfinished

    def question(self) -> Block:
        """Where the answers have little height, what went wrong stands with the question."""
        question = super().question()
        if not (self.page.problem and self._answers_are_low):
            return question
        return Column([question, Problem(self.look, self.page.problem)], gap=self.look.size("gap"))

    def answer(self, zone: Rect) -> Block:
        look, page, gap = self.look, self.page, self.look.size("gap")
        above: list[Block] = [Problem(look, page.problem)] if page.problem and not self._answers_are_low else []
        if page.by_scanner and not page.problem:
            above.append(Row([Icon(look, "qrcode-scan", "icon", "ink"), Text(look, page.by_scanner, grows=1)], gap=gap))
        action = self._action()
        field = self._field(zone.width)
        used = sum(block.fit(zone.width) + gap for block in (*above, field, action))
        if used + least_height(look, "number") <= zone.height:
            keys = self._keys(zone.width, zone.height - used)
            return low(look, zone, [*above, field, keys, action], gap=gap)
        # Where the zone is low the action stands beside what it carries.
        above = above if page.problem else []
        action = self._action()
        field = self._field(zone.width - gap - action.natural_width())
        field.grows = 1
        beside = Row([field, action], gap=gap)
        action.least_height = max(action.least_height, field.fit(zone.width))
        room = zone.height - sum(block.fit(zone.width) + gap for block in (*above, beside))
        return Column([*above, beside, self._keys(zone.width, room)], gap=gap)

    @property
    def _answers_are_low(self) -> bool:
        return self.look.landscape or self.look.low

    def _field(self, width: float) -> Field:
        """With room for the whole of a number: what cannot be seen is not compared with the receipt."""
        self.field = Field(self.look, 1, "")
        self.field.make_room_for(max(USUAL, self.entered, key=len), width)
        self.field.show(self.entered, "")
        return self.field

    def _keys(self, width: float, room: float) -> Block:
        return keyboard(self.look, self.gate, "number", self._typed, layers=("number",), width=width, room=room)

    def _typed(self, sign: str) -> Callable[[], None]:
        def press() -> None:
            if sign == DELETE:
                self.entered = self.entered[:-1]
            elif len(self.entered) < LONGEST:
                self.entered += sign
            if self.field is not None:
                self.field.show(self.entered, "")
            if self.action is not None:
                self.action.enable(self._complete)

        return press

    def _action(self) -> Button:
        look = self.look
        self.action = Button(
            look, self.gate, ACTION, lambda: self.setting.answer(self.entered),
            label=self.page.action, fill="red", style="strong", least=look.size("target"), enabled=self._complete,
        )  # fmt: skip
        return self.action

    @property
    def _complete(self) -> bool:
        """Whether it may be looked up: more than what stood there."""
        return len(self.entered) > len(self.page.begins)
