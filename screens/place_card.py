"""Asks for a card or a code: a still drawing of what is shown where, and what would do as well (face/card.png)."""

from __future__ import annotations

from kivy.graphics import Color, Ellipse, Mesh, SmoothLine, SmoothRoundedRectangle

from kiosk.identity import Shown
from kiosk.pages import PlaceCard
from kiosk.texts import _
from screens.layout import Block, Column, Grid, Row, Space
from screens.surface import ground_of, rounded
from screens.text import Text
from screens.theme import ColourName, Rect, Theme
from screens.view import Setting, View
from screens.widgets import Button, Problem

EDGE, PAPER, DESK, BOARD, SHADE = "#CFC0A9", "#FFFFFF", "#EDE3D5", "#F3ECE0", "#E7DDCB"
CARD, CARD_EDGE, CARD_INK, CARD_PALE = "#EAF2F0", "#8FA8B1", "#9FB5BD", "#B9CAD1"
SLOT, CHIP, CHIP_LINE, INK = "#3A4A52", "#D9B961", "#A98A3A", "#3A4A52"


class PlaceCardView(View):
    """Question, where, the drawing, and how. A problem with the last try stands above the drawing, in words."""

    def __init__(self, setting: Setting, page: PlaceCard) -> None:
        super().__init__(setting, page)
        self.page = page
        self.hint = "" if page.problem and self.look.care else page.where  # read before, and the drawing shows it

    @property
    def centred(self) -> bool:
        return True

    def question(self) -> Block:
        """In low position, where the answers have little height, what went wrong stands with the question."""
        question = super().question()
        if not self._problem_above:
            return question
        return Column([question, Problem(self.look, self.page.problem)], gap=self.look.size("gap"))

    def answer(self, zone: Rect) -> Block:
        look, page = self.look, self.page
        gap = look.mm(8)
        instruction = Text(look, page.instruction, "body", "ink", across="centre")
        problem: list[Block] = [Problem(look, page.problem)] if page.problem and not self._problem_above else []
        if look.landscape:
            room = zone.height - sum(block.fit(zone.width) + gap for block in problem)
            half = (zone.width - gap) / 2
            beside = Column([instruction, *self._others(half)], gap=gap, grows=1, middle=True)
            drawing = self._drawing(min(room / look.mm(DRAWING_HEIGHT), half / look.mm(DRAWING_WIDTH)))
            if drawing and beside.fit(half) <= room:
                return Column([*problem, Row([Column(drawing, grows=1), beside], gap=gap)], gap=gap)
            problem = [Problem(look, page.problem)] if problem else []
            instruction = Text(look, page.instruction, "body", "ink", across="centre")
        below = self._others(zone.width, heading=not look.landscape)
        reading: list[Block] = [*problem, instruction]
        if sum(block.fit(zone.width) + gap for block in (*reading, *below)) > zone.height:
            below = self._others(zone.width, heading=False)
        if problem and sum(block.fit(zone.width) + gap for block in (*reading, *below)) > zone.height:
            reading = problem  # which says what to do as well
        used = sum(block.fit(zone.width) + gap for block in (*reading, *below))
        drawn = self._drawing((zone.height - used) / look.mm(DRAWING_HEIGHT))
        column = Column([*problem, *drawn, *reading[len(problem) :]], gap=gap)
        spare = zone.height - column.fit(zone.width) - sum(block.height + gap for block in below)
        above = max(0.0, spare if self._problem_above else min(look.mm(12), spare / 3))
        return Column([Space(above), column, Space(max(0.0, spare - above)), *below], gap=0)

    @property
    def _problem_above(self) -> bool:
        return bool(self.page.problem) and self.look.low

    def _drawing(self, scale: float) -> list[Block]:
        """Nothing where it would be too small to be of help."""
        if scale < LEAST_SCALE:
            return []
        return [Row([_DRAWINGS[self.page.way](self.look, min(MOST_SCALE, scale))], across="centre")]

    def _others(self, width: float, *, heading: bool = True) -> list[Block]:
        """What would do as well, at the foot of the page, where the hand is."""
        if not self.page.others:
            return []
        look = self.look
        buttons = [
            Button(
                look, self.gate, other.value, self.press(other),
                label=other.label, icon=other.icon, fill="card",
            )
            for other in self.page.others
        ]  # fmt: skip
        gap = look.size("gap")
        room = (width - gap * (len(buttons) - 1)) / len(buttons)
        beside = look.landscape and width > look.panel.width / 2  # there their words may take two lines
        columns = len(buttons) if beside or all(button.natural_width() <= room for button in buttons) else 1
        grid = Grid(buttons, columns=columns, gap=gap)
        above: list[Block] = [Text(look, _("也可以用"), "body", "soft", across="centre")] if heading else []
        return [Column([*above, grid], gap=look.mm(4))]


DRAWING_WIDTH, DRAWING_HEIGHT = 166.0, 152.0
LEAST_SCALE, MOST_SCALE = 0.3, 1.2
"""Kivy's smooth shapes write past their memory at sizes below nothing: a drawing has a least size."""


class Drawing(Block):
    """The machine from the front, in millimetres from the lower left; what is shown to it is each drawing's own."""

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
        self._sheet(11, 44, 144, 108, EDGE, radius=9)
        self._sheet(12, 45, 142, 106, PAPER, radius=8)
        self._sheet(19, 52, 128, 90, BOARD, radius=3)
        self._desk()
        with self.canvas:
            self._box(3, 0, 160, 4, SHADE, radius=2)
            self.show()

    def show(self) -> None:
        """What is shown, where, and the arrow between."""
        raise NotImplementedError

    def _desk(self) -> None:
        corners = [(11.0, 44.0), (155.0, 44.0), (166.0, 9.0), (0.0, 9.0)]
        points = [(self.x + x * self.unit, self.y + y * self.unit) for x, y in corners]
        vertices = [value for x, y in points for value in (x, y, 0, 0)]
        self._paint(DESK, Mesh(vertices=vertices, indices=[0, 1, 2, 3], mode="triangle_fan"))
        with self.canvas:
            Color(*_rgb(EDGE))
            SmoothLine(points=[v for p in points for v in p], close=True, width=max(1.0, 0.5 * self.unit))

    def _sheet(self, x: float, y: float, width: float, height: float, fill: str, *, radius: float) -> None:
        """A box so large that it is painted with the fills of its ground: a texture costs several times as much."""
        left, bottom, radius = self.x + x * self.unit, self.y + y * self.unit, radius * self.unit
        across, up = width * self.unit, height * self.unit
        self._paint(fill, rounded(left, bottom, across, up, radius))
        with self.canvas:
            Color(*_rgb(fill))
            SmoothLine(rounded_rectangle=(left, bottom, across, up, radius), width=1)

    def _paint(self, fill: str, shape: Mesh) -> None:
        ground = ground_of(self)
        fills = self.canvas.before if ground is None else ground.fills
        fills.add(Color(*_rgb(fill)))
        fills.add(shape)

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
            Color(*_rgb(fill))
        SmoothRoundedRectangle(
            pos=(self.x + x * self.unit, self.y + y * self.unit),
            size=(width * self.unit, height * self.unit), radius=[radius * self.unit],
        )  # fmt: skip

    def _colour_named(self, name: ColourName) -> None:
        Color(*self.look.colour(name))


def _rgb(value: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(value[1:])
    return red / 255, green / 255, blue / 255


class IdCardOnReader(Drawing):
    """An identity card above the reading field below the glass."""

    def show(self) -> None:
        self._box(45, 15, 76, 22, None, radius=4, colour="blue")
        self._box(46.4, 16.4, 73.2, 19.2, None, radius=3, colour="sky")
        x, y = 51.0, 75.0
        self._box(x, y, 64, 41, CARD_EDGE, radius=4)
        self._box(x + 0.8, y + 0.8, 62.4, 39.4, CARD, radius=3.4)
        for left, up, long in ((6, 31, 24), (6, 23.5, 17), (6, 16, 30), (6, 6, 50)):
            self._box(x + left, y + up, long, 3.6, CARD_INK, radius=1.8)
        self._box(x + 42, y + 15, 16, 21, CARD_PALE, radius=1.5)
        self._arrow()


class SocialCardInSlot(Drawing):
    """A social security card upright before the slot below the glass, its chip at the end that goes in."""

    def show(self) -> None:
        self._box(40, 18, 86, 14, None, radius=4, colour="blue")
        self._box(41.4, 19.4, 83.2, 11.2, None, radius=3, colour="sky")
        self._box(50, 23.2, 66, 3.6, SLOT, radius=1.8)
        x, y = 62.5, 72.0
        self._box(x, y, 41, 64, CARD_EDGE, radius=4)
        self._box(x + 0.8, y + 0.8, 39.4, 62.4, CARD, radius=3.4)
        self._box(x + 13.5, y + 7, 14, 12, CHIP, radius=2)
        for up in (11, 15):
            self._box(x + 13.5, y + up - 0.25, 14, 0.5, CHIP_LINE, radius=0.2)
        self._box(x + 20.2, y + 7, 0.6, 12, CHIP_LINE, radius=0.2)
        for up, long in ((52, 20), (44, 29), (36, 24)):
            self._box(x + 6, y + up, long, 3.6, CARD_INK, radius=1.8)
        self._arrow()


class PhoneBeforeScanner(Drawing):
    """A phone with a code on it, above the window of the scanner."""

    def show(self) -> None:
        self._box(55, 15, 56, 22, None, radius=4, colour="blue")
        self._box(56.4, 16.4, 53.2, 19.2, None, radius=3, colour="sky")
        self._box(68, 24.6, 30, 2.8, None, radius=1.4, colour="red")
        x, y = 60.0, 73.0
        self._box(x, y, 46, 68, CARD_EDGE, radius=6)
        self._box(x + 1.6, y + 1.6, 42.8, 64.8, PAPER, radius=4.6)
        self._code(x + 8, y + 16)
        self._box(x + 16, y + 6, 14, 2.6, CARD_PALE, radius=1.3)
        self._arrow()

    def _code(self, x: float, y: float) -> None:
        """Like a QR code, and none: nobody is to scan the drawing."""
        for left, up in ((0, 20), (20, 20), (0, 0)):
            self._box(x + left, y + up, 10, 10, INK, radius=1)
            self._box(x + left + 2, y + up + 2, 6, 6, PAPER, radius=0.6)
            self._box(x + left + 3.6, y + up + 3.6, 2.8, 2.8, INK, radius=0.4)
        dots = ((13, 26), (13, 18), (16, 22), (13, 12), (18, 14), (24, 12), (20, 8), (26, 4), (15, 4), (21, 0))
        for left, up in dots:
            self._box(x + left, y + up, 3, 3, INK, radius=0.4)


_DRAWINGS: dict[Shown, type[Drawing]] = {
    "id-card": IdCardOnReader,
    "social-card": SocialCardInSlot,
    "code": PhoneBeforeScanner,
}
