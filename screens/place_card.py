"""Asks for the card: a still drawing of this machine's reader, two frames at most (face/card.png)."""

from __future__ import annotations

from kivy.graphics import Color, Ellipse, Mesh, SmoothLine, SmoothRoundedRectangle

from kiosk.pages import PlaceCard
from screens.layout import Block, Column, Row, Space
from screens.text import Text
from screens.theme import ColourName, Rect, Theme
from screens.view import Setting, View
from screens.widgets import Problem

EDGE, PAPER, DESK, BOARD, SHADE = "#CFC0A9", "#FFFFFF", "#EDE3D5", "#F3ECE0", "#E7DDCB"
CARD, CARD_EDGE, CARD_INK, CARD_PALE = "#EAF2F0", "#8FA8B1", "#9FB5BD", "#B9CAD1"


class PlaceCardView(View):
    """Question, where, the drawing, and how. A problem with the last try stands above the drawing, in words."""

    def __init__(self, setting: Setting, page: PlaceCard) -> None:
        super().__init__(setting, page)
        self.page = page
        self.hint = page.where

    @property
    def centred(self) -> bool:
        return True

    def answer(self, zone: Rect) -> Block:
        look, page = self.look, self.page
        blocks: list[Block] = []
        if page.problem:
            blocks.append(Problem(look, page.problem))
        instruction = Text(look, page.instruction, "body", "ink", across="centre")
        used = sum(block.fit(zone.width) for block in (*blocks, instruction)) + look.mm(10) * 2
        scale = min(1.2, (zone.height - used) / look.mm(DRAWING_HEIGHT))
        blocks.append(Row([Reader(look, scale)], across="centre"))
        blocks.append(instruction)
        column = Column(blocks, gap=look.mm(8))
        spare = zone.height - column.fit(zone.width)
        return Column([Space(max(0, min(look.mm(12), spare / 3))), column])


DRAWING_WIDTH, DRAWING_HEIGHT = 166.0, 152.0


class Reader(Block):
    """The machine from the front, its reading field below the glass, and the card: above it, with an arrow."""

    def __init__(self, look: Theme, scale: float) -> None:
        super().__init__()
        self.look = look
        self.unit = look.mm(DRAWING_WIDTH) / DRAWING_WIDTH * scale

    def natural_width(self) -> float:
        return DRAWING_WIDTH * self.unit

    def height_for(self, width: float) -> float:
        return DRAWING_HEIGHT * self.unit

    def arrange(self) -> None:
        self.canvas.clear()
        with self.canvas:
            self._box(11, 44, 144, 108, EDGE, radius=9)
            self._box(12, 45, 142, 106, PAPER, radius=8)
            self._box(19, 52, 128, 90, BOARD, radius=3)
            self._desk()
            self._box(3, 0, 160, 4, SHADE, radius=2)
            self._field()
            self._card(51, 75)
            self._arrow()

    def _desk(self) -> None:
        corners = [(11.0, 44.0), (155.0, 44.0), (166.0, 9.0), (0.0, 9.0)]
        self._colour(DESK)
        points = [(self.x + x * self.unit, self.y + y * self.unit) for x, y in corners]
        vertices = [value for x, y in points for value in (x, y, 0, 0)]
        Mesh(vertices=vertices, indices=[0, 1, 2, 3], mode="triangle_fan")
        self._colour(EDGE)
        SmoothLine(points=[v for p in points for v in p], close=True, width=max(1.0, 0.5 * self.unit))

    def _field(self) -> None:
        self._box(45, 15, 76, 22, None, radius=4, colour="blue")
        self._box(46.4, 16.4, 73.2, 19.2, None, radius=3, colour="sky")

    def _card(self, x: float, y: float) -> None:
        self._box(x, y, 64, 41, CARD_EDGE, radius=4)
        self._box(x + 0.8, y + 0.8, 62.4, 39.4, CARD, radius=3.4)
        for left, up, long in ((6, 31, 24), (6, 23.5, 17), (6, 16, 30), (6, 6, 50)):
            self._box(x + left, y + up, long, 3.6, CARD_INK, radius=1.8)
        self._box(x + 42, y + 15, 16, 21, CARD_PALE, radius=1.5)

    def _arrow(self) -> None:
        stroke = 3.4
        self._colour_named("red")
        for points in (((83.0, 70.0), (83.0, 41.0)), ((73.5, 51.0), (83.0, 41.0), (92.5, 51.0))):
            flat = [v for x, y in points for v in (self.x + x * self.unit, self.y + y * self.unit)]
            SmoothLine(points=flat, width=stroke / 2 * self.unit)
            for x, y in points:
                side = stroke * self.unit
                Ellipse(pos=(self.x + x * self.unit - side / 2, self.y + y * self.unit - side / 2), size=(side, side))

    def _box(
        self, x: float, y: float, width: float, height: float, fill: str | None, *,
        radius: float, colour: ColourName | None = None,
    ) -> None:  # fmt: skip
        if colour is not None:
            self._colour_named(colour)
        elif fill is not None:
            self._colour(fill)
        SmoothRoundedRectangle(
            pos=(self.x + x * self.unit, self.y + y * self.unit),
            size=(width * self.unit, height * self.unit), radius=[radius * self.unit],
        )  # fmt: skip

    def _colour(self, value: str) -> None:
        red, green, blue = bytes.fromhex(value[1:])
        Color(red / 255, green / 255, blue / 255, 1)

    def _colour_named(self, name: ColourName) -> None:
        Color(*self.look.colour(name))
