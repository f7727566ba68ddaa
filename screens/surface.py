"""The piece of paper that everything lies on: a fill with round corners, an outline, and one block inside."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin

from kivy.graphics import Callback, Color, InstructionGroup, Line, Mesh, Rectangle, RenderContext, SmoothLine
from kivy.graphics.opengl import GL_BLEND, glDisable, glEnable
from kivy.uix.widget import Widget

from screens.layout import Block
from screens.theme import ColourName, Theme

FLAT = """
$HEADER$
void main(void) {
    gl_FragColor = frag_color;
}
"""
"""The fragment shader of flat colour (GLSL ES 1.00, after kivy's header)."""

CORNER_STEPS = 8
"""Slices of a round corner."""

PRESSED: dict[ColourName, ColourName] = {
    "card": "sand", "sand": "pressed", "paper": "sand", "blush": "pressed", "red": "pressed red",
}  # fmt: skip
"""What a surface turns to under the finger."""


class Ground(Block):
    """What surfaces lie on. Their fills are painted together, below everything that stands on them.

    ``fills`` belongs into a ``plain_paint``: a page is mostly flat colour, and a shader that looks up no texture fills
    it three times as fast where there is no graphics card.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fills = InstructionGroup()


def ground_of(widget: Widget) -> Ground | None:
    """The ground that a widget lies on, None on a bare window; it must have been laid there before it is placed."""
    parent = widget.parent
    while not isinstance(parent, Ground):
        if parent is None or parent.parent is parent:  # kivy's window is its own parent
            return None
        parent = parent.parent
    return parent


def lift(block: Block) -> None:
    """Takes a block, and the fills of what is on it, off its ground."""
    ground = ground_of(block)
    for widget in block.walk(restrict=True):
        if isinstance(widget, Surface) and ground is not None:
            widget.unpaint(ground.fills)
    block.parent.remove_widget(block)


def plain_paint() -> RenderContext:
    """What draws flat colours, and nothing else. One for the window: it compiles a shader."""
    return RenderContext(fs=FLAT, use_parent_projection=True, use_parent_modelview=True)


def opaque(paint: RenderContext) -> InstructionGroup:
    """``paint`` without a look at what it covers: a third of the time where there is no graphics card."""
    group = InstructionGroup()
    for instruction in (Callback(_blend_nothing), paint, Callback(_blend)):
        group.add(instruction)
    return group


def _blend_nothing(_instruction: Callback) -> None:
    glDisable(GL_BLEND)


def _blend(_instruction: Callback) -> None:
    glEnable(GL_BLEND)


class Surface(Block):
    """A surface in a fill and an outline, ``pad`` pixels around its content."""

    def __init__(self, look: Theme) -> None:
        super().__init__()
        self.look = look
        self.fill: ColourName = "card"
        self.outline: ColourName | None = "line"
        self.thick = False
        self.dashed = False
        self.least_height = 0.0
        self.pad_x = self.pad_y = float(look.size("pad"))
        self.content: Block | None = None
        self.pressed = False
        self._paint = InstructionGroup()
        self._painted = False

    def hold(self, content: Block) -> None:
        """Puts ``content`` on it."""
        self.content = content
        self.add_widget(content)

    def natural_width(self) -> float:
        inner = self.content.natural_width() if self.content is not None else 0.0
        return inner + 2 * self.pad_x

    def height_for(self, width: float) -> float:
        inner = self.content.fit(width - 2 * self.pad_x) if self.content is not None else 0.0
        return max(self.least_height, inner + 2 * self.pad_y)

    def fit(self, width: float, height: float | None = None) -> float:
        taken = super().fit(width, height)
        if self.content is not None:
            inner = self.content.fit(width - 2 * self.pad_x)
            if self.content.grows:
                self.content.fit(width - 2 * self.pad_x, max(inner, taken - 2 * self.pad_y))
        return taken

    def arrange(self) -> None:
        self.dress()
        if self.content is not None:
            spare = self.height - self.content.height
            self.content.place(self.x + self.pad_x, self.top - spare / 2)

    def dress(self, *, pressed: bool = False) -> None:
        """Draws fill and outline. Without an outline the edge is drawn in the fill's colour, to be smooth."""
        self.pressed = pressed
        fill = PRESSED.get(self.fill, self.fill) if pressed else self.fill
        radius = self.look.size("corner")
        border = self.look.size("thick border" if self.thick else "border")
        self._paint.clear()
        self._paint.add(Color(*self.look.colour(fill)))
        self._paint.add(
            rounded(
                self.x + border / 2, self.y + border / 2,
                self.width - border, self.height - border, radius - border / 2,
            )
        )  # fmt: skip
        before = self.canvas.before
        before.clear()
        ground = ground_of(self)
        if ground is None:  # in the dock, which has room for colour with textures
            before.add(self._paint)
        elif not self._painted:
            self._painted = True
            ground.fills.add(self._paint)
        with before:
            Color(*self.look.colour(self.outline or fill))
            if self.dashed:
                self._dashes(radius, max(1, border))
                return
            SmoothLine(
                rounded_rectangle=(
                    self.x + border / 2, self.y + border / 2,
                    self.width - border, self.height - border, radius - border / 2,
                ),
                width=max(1.0, border / 2),
            )  # fmt: skip

    def unpaint(self, fills: InstructionGroup) -> None:
        """Takes its fill out of its ground's."""
        fills.remove(self._paint)
        self._painted = False

    def _dashes(self, radius: float, border: float) -> None:
        """Straight edges as dashes, corners as arcs: what is there but cannot be had at the moment."""
        dash = self.look.mm(1.5)
        quads: list[tuple[float, float, float, float]] = []
        for start, length, flat in (
            (self.x + radius, self.width - 2 * radius, True),
            (self.y + radius, self.height - 2 * radius, False),
        ):
            count = max(1, round(length / (2 * dash)))
            step = length / count
            for number in range(count):
                at = start + number * step + step / 4
                if flat:
                    quads += [(at, y, step / 2, border) for y in (self.y, self.top - border)]
                else:
                    quads += [(x, at, border, step / 2) for x in (self.x, self.right - border)]
        rectangles(quads)
        for x, y, begin in (
            (self.right - radius, self.top - radius, 0),
            (self.right - radius, self.y + radius, 90),
            (self.x + radius, self.y + radius, 180),
            (self.x + radius, self.top - radius, 270),
        ):
            Line(circle=(x, y, radius - border / 2, begin + 15, begin + 75), width=border / 2)


def rectangles(quads: Sequence[tuple[float, float, float, float]]) -> Mesh:
    """Rectangles (x, y, width, height) as one instruction; hundreds of them take as long as all else on a page."""
    vertices: list[float] = []
    indices: list[int] = []
    for number, (x, y, width, height) in enumerate(quads):
        vertices += [x, y, 0, 0, x + width, y, 0, 0, x + width, y + height, 0, 0, x, y + height, 0, 0]
        indices += [4 * number + corner for corner in (0, 1, 2, 2, 3, 0)]
    return Mesh(vertices=vertices, indices=indices, mode="triangles")


def rounded(x: float, y: float, width: float, height: float, radius: float) -> Mesh:
    """A rounded rectangle as one strip of flat slices.

    Kivy's own is a fan of slivers around the middle, which costs a software renderer twice the time.
    """
    vertices: list[float] = []
    for step in range(2 * CORNER_STEPS + 2):
        upper = step > CORNER_STEPS
        turn = (step - upper) / CORNER_STEPS * pi / 2
        inset = radius * (1 - sin(turn))
        rise = height - radius - radius * cos(turn) if upper else radius - radius * cos(turn)
        vertices += [x + inset, y + rise, 0, 0, x + width - inset, y + rise, 0, 0]
    return Mesh(vertices=vertices, indices=range(len(vertices) // 4), mode="triangle_strip")


class Strip(Block):
    """A plain band of colour across the panel, with a line along one edge."""

    def __init__(self, look: Theme, fill: ColourName, line: ColourName, *, line_at: str, thickness: float) -> None:
        super().__init__()
        self.look = look
        self.fill = fill
        self.line = line
        self.line_at = line_at
        self.thickness = max(1, round(thickness))

    def arrange(self) -> None:
        y = self.y if self.line_at == "bottom" else self.top - self.thickness
        ground = ground_of(self)
        fills = self.canvas.before if ground is None else ground.fills
        fills.add(Color(*self.look.colour(self.fill)))
        fills.add(Rectangle(pos=self.pos, size=self.size))
        fills.add(Color(*self.look.colour(self.line)))
        fills.add(Rectangle(pos=(self.x, y), size=(self.width, self.thickness)))
