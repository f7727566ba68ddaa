"""How much time is left, as a bar that shortens once a second: it stands still in between and never blinks."""

from __future__ import annotations

from kivy.graphics import Color, Rectangle

from screens.layout import Block
from screens.theme import Theme


class Countdown(Block):
    """The bar: ``left`` of ``of`` seconds. The words beside it say the figure."""

    def __init__(self, look: Theme) -> None:
        super().__init__()
        self.look = look
        self.left = self.of = 1

    def height_for(self, width: float) -> float:
        return self.look.mm(1.5)

    def count(self, left: int) -> None:
        """So many seconds are left; the first is the most there are."""
        self.of = max(self.of, left)
        self.left = left
        self.arrange()

    def arrange(self) -> None:
        self.canvas.clear()
        with self.canvas:
            Color(*self.look.colour("line"))
            Rectangle(pos=self.pos, size=self.size)
            Color(*self.look.colour("red"))
            Rectangle(pos=self.pos, size=(round(self.width * self.left / self.of), self.height))
