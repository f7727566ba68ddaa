"""A place on a page for something that changes while the rest of the page stands."""

from __future__ import annotations

from screens.layout import Block
from screens.surface import lift


class Slot(Block):
    """A place of fixed size for what changes."""

    def __init__(self, content: Block | None = None, height: float = 0.0) -> None:
        super().__init__()
        self.content, self._fixed = content, height

    def height_for(self, width: float) -> float:
        if not self._fixed and self.content is not None:
            self._fixed = self.content.fit(width)
        return self._fixed

    def arrange(self) -> None:
        self.show(self.content)

    def show(self, content: Block | None) -> None:
        """Puts ``content`` in place of what stood there."""
        for child in list(self.children):
            lift(child)
        self.content = content
        if content is not None:
            self.add_widget(content)
            content.fit(self.width, max(content.fit(self.width), self.height))
            content.place(self.x, self.top)
