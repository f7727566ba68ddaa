"""The ring around what is focused: thick, in a colour of its own, over everything and in nobody's way."""

from __future__ import annotations

from kivy.graphics import Color, InstructionGroup, SmoothLine
from kivy.uix.widget import Widget

from screens.theme import Theme
from screens.touch import Target

RING, APART = 2.4, 0.8
"""Millimetres: how thick the ring is, and how far from what it surrounds. Targets are 4 mm apart."""
TEXT_RING, TEXT_APART = 1.2, 1.2
"""The same of a text, which has no edge of its own."""


class Ring:
    """``drawing`` belongs above all else. It is empty while nothing is focused."""

    def __init__(self) -> None:
        self.drawing = InstructionGroup()

    def draw(self, widget: Widget | None, look: Theme) -> None:
        """Surrounds that widget, and nothing else."""
        self.drawing.clear()
        if widget is None:
            return
        target = isinstance(widget, Target)
        thick = look.mm(RING if target else TEXT_RING)
        out = look.mm(APART if target else TEXT_APART) + thick / 2
        self.drawing.add(Color(*look.colour("focus")))
        self.drawing.add(
            SmoothLine(
                rounded_rectangle=(
                    widget.x - out, widget.y - out, widget.width + 2 * out, widget.height + 2 * out,
                    look.size("corner") + out,
                ),
                width=thick / 2,
            )
        )  # fmt: skip
