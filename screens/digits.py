"""Digits by a number pad: the places of the number above, twelve large keys, and the action once it is complete."""

from __future__ import annotations

from collections.abc import Callable

from kivy.graphics import Color, Rectangle

from kiosk.pages import Digits
from kiosk.texts import _
from screens.layout import Block, Column, Grid, Row, Space
from screens.text import Text
from screens.theme import Rect, StyleName, Theme
from screens.view import Setting, View, low
from screens.widgets import Button, Field, Key, Problem

ACTION = "action"
LEAST_KEY, CARE_LEAST_KEY = 16.0, 20.0
"""Millimetres."""
STYLE: StyleName = "strong"
"""Of a figure that was typed."""


class DigitsView(View):
    """Types into ``entered``. An earlier answer stands there already, unless it was just refused."""

    def __init__(self, setting: Setting, page: Digits, draft: object) -> None:
        super().__init__(setting, page)
        self.page = page
        kept = isinstance(draft, str) and _is_number(draft) and self._is_complete(draft) and not page.problem
        self.entered = str(draft) if kept else ""
        self.field = Places(self.look, page.length, page.groups, secret=page.secret)
        self.action: Button | None = None
        if self.look.care and page.problem:
            self.hint = ""  # large type leaves room for one of them, and the hint has been read

    def unfinished(self) -> object:
        return None if self.page.secret else self.entered or None

    def resume(self, unfinished: object) -> None:
        if isinstance(unfinished, str):
            self.entered = unfinished[: self.page.length]

    def question(self) -> Block:
        """Where the answers have little height, what went wrong stands with the question."""
        question = super().question()
        if not self._problem_above:
            return question
        return Column([question, Problem(self.look, self.page.problem)], gap=self.look.size("gap"))

    def answer(self, zone: Rect) -> Block:
        look, page = self.look, self.page
        gap, key_gap = look.size("gap"), look.size("key gap")
        least = look.mm(CARE_LEAST_KEY if look.care else LEAST_KEY)
        above: list[Block] = [Problem(look, page.problem)] if page.problem and not self._problem_above else []
        for air, side_by_side in ((5.0, False), (5.0, True), (2.0, True)):
            blocks, below = [*above, self._box(air)], self._below(zone.width, side_by_side=side_by_side)
            used = sum(block.fit(zone.width) + gap for block in (*blocks, *below))
            if used + self._pad(least, key_gap).fit(zone.width) <= zone.height:
                height = max(least, min(look.size("key"), (zone.height - used - 3 * key_gap) // 4))
                pad = self._pad(height, key_gap)
                return Column([*blocks, low(look, _rest(zone, blocks, gap), [pad, *below], gap=gap)], gap=gap)
        half = (zone.width - gap) / 2
        box = self._box(2.0)
        used = sum(block.fit(zone.width) + gap for block in (*above, box))
        height = max(least, min(look.size("key"), (zone.height - used - 3 * key_gap) // 4))
        figures = [self._figure(digit, height) for digit in range(1, 10)]
        pad = Grid([*figures, self._x() or Space(), self._figure(0, height)], columns=3, gap=key_gap)
        corrections = Grid([self._clear(icon=""), self._delete(icon="")], columns=2, gap=key_gap)
        beside = Column([corrections, *self._below(half, side_by_side=False)], gap=gap, grows=1)
        return Column([*above, box, Row([beside, Column([pad], grows=1)], gap=gap)], gap=gap)

    @property
    def _problem_above(self) -> bool:
        return bool(self.page.problem) and (self.look.low or self.look.landscape)

    def _box(self, air: float) -> Field:
        """The field, with that many millimetres above and below."""
        look = self.look
        self.field = Places(look, self.page.length, self.page.groups, secret=self.page.secret)
        self.field.fill = self.entered
        return Field(look, self.field, pad_y=air)

    def _below(self, width: float, *, side_by_side: bool) -> list[Block]:
        """The action, and the other way out: below it, or to its left where both have room."""
        look, action = self.look, self._action()
        if self.page.aside is None:
            return [action]
        aside = self.page.aside
        other = Button(look, self.gate, aside.value, self.press(aside), label=aside.label, icon=aside.icon, fill="card")
        other.least_height = action.least_height
        if not side_by_side:
            return [action, other]
        gap = look.size("gap")
        if action.natural_width() > (width - gap) / 2 or other.natural_width() > (width - gap) / 2:
            action.grows = 1
            return [Row([other, action], gap=gap)]
        return [Grid([other, action], columns=2, gap=gap)]

    def _pad(self, height: float, gap: float) -> Grid:
        keys: list[Key] = [self._figure(digit, height) for digit in range(1, 10)]
        keys += [self._x() or self._clear(), self._figure(0, height), self._delete()]
        for key in keys:
            key.least_height = height
        return Grid(keys, columns=3, gap=gap)

    def _figure(self, digit: int, height: float) -> Key:
        key = self._key(str(digit))
        key.least_height = height
        return key

    def _x(self) -> Key | None:
        """In the place of 重填, where identity numbers have it on every pad."""
        return self._key("X") if self.page.may_end_in_x else None

    def _clear(self, icon: str = "close") -> Key:
        return self._key("clear", label=_("重填"), icon=icon)

    def _delete(self, icon: str = "backspace") -> Key:
        return self._key("delete", label=_("删除"), icon=icon)

    def _key(self, what: str, *, label: str = "", icon: str = "") -> Key:
        return Key(self.look, self.gate, f"key:{what}", self._typed(what), label=label or what, icon=icon)

    def _typed(self, what: str) -> Callable[[], None]:
        def press() -> None:
            if what == "clear":
                self.entered = ""
            elif what == "delete":
                self.entered = self.entered[:-1]
            elif len(self.entered) < self.page.length and (what != "X" or len(self.entered) == self.page.length - 1):
                self.entered += what
            self.field.fill = self.entered
            self.field.draw()
            if self.action is not None:
                self.action.enable(self._is_complete(self.entered))

        return press

    def _action(self) -> Button:
        complete = self._is_complete(self.entered)
        self.action = Button(
            self.look, self.gate, ACTION, lambda: self.setting.answer(self.entered),
            label=self.page.action, fill="red", style="strong", least=self.look.mm(28), enabled=complete,
        )  # fmt: skip
        return self.action

    def _is_complete(self, digits: str) -> bool:
        page = self.page
        return (page.length if page.shortest is None else page.shortest) <= len(digits) <= page.length


def _is_number(draft: str) -> bool:
    return draft.removesuffix("X").isdigit()


def _rest(zone: Rect, blocks: list[Block], gap: float) -> Rect:
    return Rect(x=zone.x, y=zone.y, width=zone.width, height=zone.height - sum(b.height + gap for b in blocks))


class Places(Block):
    """A place for each digit, with a line below it; the next one's line is red. Places stand in groups; what is secret
    is a dot. What is typed is somebody's: no figure is larger than other text, to be read across the hall."""

    def __init__(self, look: Theme, length: int, groups: tuple[int, ...], *, secret: bool = False) -> None:
        super().__init__()
        self.look, self.length, self.secret = look, length, secret
        self.fill = ""
        self.breaks: set[int] = set()
        at = 0
        for group in groups[:-1]:
            at += group
            self.breaks.add(at)

    def height_for(self, width: float) -> float:
        return self.look.style(STYLE).line + self.look.mm(6)

    def arrange(self) -> None:
        self.draw()

    def draw(self) -> None:
        """Draws what has been entered."""
        look = self.look
        between = look.mm(6)
        room = (self.width - between * len(self.breaks)) / self.length
        place = min(room, look.mm(24))
        used = place * self.length + between * len(self.breaks)
        x = self.x + (self.width - used) / 2
        self.clear_widgets()
        self.canvas.clear()
        for number in range(self.length):
            if number in self.breaks:
                x += between
            with self.canvas:
                Color(*look.colour("red" if number == len(self.fill) else "edge"))
                Rectangle(pos=(round(x + place * 0.12), self.y), size=(round(place * 0.76), look.mm(0.8)))
            if number < len(self.fill):
                digit = Text(look, "●" if self.secret else self.fill[number], STYLE, "ink", across="centre")
                digit.fit(place)
                digit.place(x, self.top - look.mm(1))
                self.add_widget(digit)
            x += place
