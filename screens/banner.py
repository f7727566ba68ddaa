"""The broad tile at the foot of the home page (小哥驿站)."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.pages import Banner
from screens.layout import Block, Column, Row
from screens.surface import Surface
from screens.text import Icon, Text
from screens.theme import Theme
from screens.touch import Gate, Target

HEIGHT = 60.0
"""Millimetres, as drawn."""


class BannerTile(Target):
    """Outlined in red, its action as the picture of a red button: the whole tile is what can be pressed."""

    def __init__(self, look: Theme, gate: Gate, banner: Banner, press: Callable[[], None]) -> None:
        super().__init__(look, gate, banner.value, press)
        self.outline, self.thick = "red", True
        self.pad_y = look.mm(6)
        self.least_height = look.mm(HEIGHT)
        button = Surface(look)
        button.fill, button.outline = "red", None
        button.pad_x, button.pad_y = look.mm(6), look.mm(4)
        button.least_height = look.size("button")
        button.hold(Text(look, banner.action, "strong", "white", across="centre"))
        words: list[Block] = [Text(look, banner.title, "heading", "ink")]
        words += [Text(look, line, "body", "soft") for line in banner.lines]
        icon = Icon(look, banner.icon, "huge icon", "red")
        picture = [] if look.landscape else [button]
        self.hold(Row([icon, Column(words, grows=1), *picture], gap=look.mm(8)))
