"""The piece of paper that everything lies on: a fill with round corners, an outline, and one block inside."""

from __future__ import annotations

from kivy.graphics import Color, Line, Rectangle, RoundedRectangle, SmoothLine, SmoothRoundedRectangle

from screens.layout import Block
from screens.theme import ColourName, Theme

PRESSED: dict[ColourName, ColourName] = {
    "card": "sand", "sand": "pressed", "paper": "sand", "blush": "pressed", "red": "pressed red",
}  # fmt: skip
"""What a surface turns to under the finger."""


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
        """Draws fill and outline."""
        self.pressed = pressed
        fill = PRESSED.get(self.fill, self.fill) if pressed else self.fill
        radius = self.look.size("corner")
        border = self.look.size("thick border" if self.thick else "border")
        before = self.canvas.before
        before.clear()
        with before:
            Color(*self.look.colour(fill))
            if self.outline is None:
                SmoothRoundedRectangle(pos=self.pos, size=self.size, radius=[radius])
                return
            # The fill stays a pixel inside the outline, whose soft edge covers the fill's hard one.
            RoundedRectangle(
                pos=(self.x + border / 2, self.y + border / 2),
                size=(self.width - border, self.height - border),
                radius=[radius - border / 2],
            )
            Color(*self.look.colour(self.outline))
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

    def _dashes(self, radius: float, border: float) -> None:
        """Straight edges as dashes, corners as arcs: what is there but cannot be had at the moment."""
        dash = self.look.mm(1.5)
        for start, length, flat in (
            (self.x + radius, self.width - 2 * radius, True),
            (self.y + radius, self.height - 2 * radius, False),
        ):
            count = max(1, round(length / (2 * dash)))
            step = length / count
            for number in range(count):
                at = start + number * step + step / 4
                if flat:
                    Rectangle(pos=(at, self.y), size=(step / 2, border))
                    Rectangle(pos=(at, self.top - border), size=(step / 2, border))
                else:
                    Rectangle(pos=(self.x, at), size=(border, step / 2))
                    Rectangle(pos=(self.right - border, at), size=(border, step / 2))
        for x, y, begin in (
            (self.right - radius, self.top - radius, 0),
            (self.right - radius, self.y + radius, 90),
            (self.x + radius, self.y + radius, 180),
            (self.x + radius, self.top - radius, 270),
        ):
            Line(circle=(x, y, radius - border / 2, begin + 15, begin + 75), width=border / 2)


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
        self.canvas.clear()
        with self.canvas:
            Color(*self.look.colour(self.fill))
            Rectangle(pos=self.pos, size=self.size)
            Color(*self.look.colour(self.line))
            y = self.y if self.line_at == "bottom" else self.top - self.thickness
            Rectangle(pos=(self.x, y), size=(self.width, self.thickness))
