"""Digits by a number pad: the places of the number above, twelve large keys, and the action once it is complete."""

from __future__ import annotations

from collections.abc import Callable

from kivy.graphics import Color, Rectangle

from kiosk.pages import Digits
from kiosk.texts import _
from screens.layout import Block, Column, Grid
from screens.surface import Surface
from screens.text import Text
from screens.theme import Rect, Theme
from screens.view import Setting, View, low
from screens.widgets import Button, Key, Problem

ACTION = "action"
LEAST_KEY, CARE_LEAST_KEY = 16.0, 20.0
"""Millimetres."""


class DigitsView(View):
    """Types into ``entered``. An earlier answer stands there already, unless it was just refused."""

    def __init__(self, setting: Setting, page: Digits, draft: object) -> None:
        super().__init__(setting, page)
        self.page = page
        kept = isinstance(draft, str) and draft.isdigit() and len(draft) == page.length and not page.problem
        self.entered = str(draft) if kept else ""
        self.field = Places(self.look, page.length, page.groups)
        self.action: Button | None = None
        if self.look.care and page.problem:
            self.hint = ""  # large type leaves room for one of them, and the hint has been read

    def answer(self, zone: Rect) -> Block:
        look, page = self.look, self.page
        gap = look.size("gap")
        self.field = Places(look, page.length, page.groups)
        self.field.fill = self.entered
        box = Surface(look)
        box.outline = "edge"
        box.pad_y = look.mm(5)
        box.hold(self.field)
        blocks: list[Block] = [Problem(look, page.problem)] if page.problem else []
        blocks.append(box)
        below: list[Block] = [self._action()]
        if page.aside is not None:
            aside = page.aside
            below.append(
                Button(look, self.gate, aside.value, self.press(aside), label=aside.label, icon=aside.icon, fill="card")
            )
        key_gap = look.size("key gap")
        least = look.mm(CARE_LEAST_KEY if look.care else LEAST_KEY)
        used = sum(block.fit(zone.width) + gap for block in (*blocks, *below))
        if used + self._pad(least, key_gap).fit(zone.width) > zone.height and len(below) > 1:
            below = [Grid(below[::-1], columns=2, gap=gap)]
            used = sum(block.fit(zone.width) + gap for block in (*blocks, *below))
        height = max(least, min(look.size("key"), (zone.height - used - 3 * key_gap) // 4))
        pad = self._pad(height, key_gap)
        return Column([*blocks, low(look, _below(zone, blocks, gap), [pad, *below], gap=gap)], gap=gap)

    def _pad(self, height: float, gap: float) -> Grid:
        keys: list[Key] = [self._key(str(digit)) for digit in range(1, 10)]
        keys.append(self._key("clear", label=_("重填"), icon="close"))
        keys.append(self._key("0"))
        keys.append(self._key("delete", label=_("删除"), icon="backspace"))
        for key in keys:
            key.least_height = height
        return Grid(keys, columns=3, gap=gap)

    def _key(self, what: str, *, label: str = "", icon: str = "") -> Key:
        return Key(self.look, self.gate, f"key:{what}", self._typed(what), label=label or what, icon=icon)

    def _typed(self, what: str) -> Callable[[], None]:
        def press() -> None:
            if what == "clear":
                self.entered = ""
            elif what == "delete":
                self.entered = self.entered[:-1]
            elif len(self.entered) < self.page.length:
                self.entered += what
            self.field.fill = self.entered
            self.field.draw()
            if self.action is not None:
                self.action.enable(len(self.entered) == self.page.length)

        return press

    def _action(self) -> Button:
        complete = len(self.entered) == self.page.length
        self.action = Button(
            self.look, self.gate, ACTION, lambda: self.setting.answer(self.entered),
            label=self.page.action, fill="red", style="strong", least=self.look.mm(28), enabled=complete,
        )  # fmt: skip
        return self.action


def _below(zone: Rect, blocks: list[Block], gap: float) -> Rect:
    return Rect(x=zone.x, y=zone.y, width=zone.width, height=zone.height - sum(b.height + gap for b in blocks))


class Places(Block):
    """A place for each digit, with a line below it; the next one's line is red. Places stand in groups."""

    def __init__(self, look: Theme, length: int, groups: tuple[int, ...]) -> None:
        super().__init__()
        self.look, self.length = look, length
        self.fill = ""
        self.breaks: set[int] = set()
        at = 0
        for group in groups[:-1]:
            at += group
            self.breaks.add(at)

    def height_for(self, width: float) -> float:
        return self.look.style("title").line + self.look.mm(3)

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
                digit = Text(look, self.fill[number], "title", "ink", across="centre")
                digit.fit(place)
                digit.place(x, self.top)
                self.add_widget(digit)
            x += place
