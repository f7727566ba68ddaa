"""A QR code on the glass."""

from __future__ import annotations

from kivy.graphics import Color, Rectangle

from screens.layout import Block
from screens.surface import rectangles
from screens.theme import Theme


class QrCode(Block):
    """Dark squares on light in every manner: telephones do not read the reverse. ``side`` is the whole side in pixels;
    of the quiet zone of four modules it has what the surface under it does not have."""

    def __init__(self, look: Theme, content: str, side: float) -> None:
        super().__init__()
        self.look, self.content, self.side = look, content, side

    def natural_width(self) -> float:
        return self.side

    def height_for(self, width: float) -> float:
        return self.side

    def arrange(self) -> None:
        import segno

        rows = [bytes(row) for row in segno.make(self.content, error="m", micro=False).matrix]
        on_light = self.look.colour("card") == self.look.colour("code ground")
        module = int(self.side // (len(rows) + (2 if on_light else 8)))
        x, y = self.x + (self.width - module * len(rows)) // 2, self.y + (self.height - module * len(rows)) // 2
        bars: list[tuple[float, float, float, float]] = []
        for number, row in enumerate(reversed(rows)):
            start = 0
            while (start := row.find(1, start)) >= 0:
                end = row.find(0, start)
                end = len(row) if end < 0 else end
                bars.append((x + start * module, y + number * module, (end - start) * module, module))
                start = end
        self.canvas.clear()
        with self.canvas:
            Color(*self.look.colour("code ground"))
            Rectangle(pos=self.pos, size=self.size)
            Color(*self.look.colour("code"))
            rectangles(bars)
