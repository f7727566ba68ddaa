"""A number to be made larger or smaller: − 3 +. How far a journey has come is told in the head, in words."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.texts import _
from screens.layout import Block, Row
from screens.text import Text
from screens.theme import Theme
from screens.touch import Gate
from screens.widgets import Button, Field

LESS, MORE = "stepper:less", "stepper:more"


class Stepper(Row):
    """Less, the number with its unit, more. At its ends a side cannot be pressed. ``turn`` hears the next number."""

    def __init__(
        self, look: Theme, gate: Gate, value: int, *, least: int, most: int, unit: str, turn: Callable[[int], None]
    ) -> None:
        def side(means: str, label: str, icon: str, to: int) -> Button:
            return Button(
                look, gate, means, lambda: turn(to), label=label, icon=icon, fill="card", enabled=least <= to <= most
            )

        box = Field(look, Text(look, f"{value} {unit}".rstrip(), "heading", "ink", across="centre"), pad_y=2)
        box.grows = 1
        sides: tuple[Block, Block] = (
            side(LESS, _("少一点"), "minus", value - 1),
            side(MORE, _("多一点"), "plus", value + 1),
        )
        super().__init__([sides[0], box, sides[1]], gap=look.size("gap"))
