"""How widgets are arranged: in one pass, before the first frame, from widths that are known.

``fit`` gives a block its width and returns the height it takes; ``place`` gives it its place and lets it draw. Pages
are frozen, so nothing is bound and nothing moves later: when something changes, the page's blocks are made anew. So
where a block stands are plain numbers: as kivy's properties they tell of each change, and of a page's eighty blocks
each is made and placed in a third of the time without them, with a quarter of the objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from kivy.uix.widget import Widget

Across = Literal["left", "centre", "right"]


class Block(Widget):
    """Something with a height for a width. ``grows`` is its share of what a column has to spare."""

    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0

    def __init__(self, *, grows: float = 0) -> None:
        # Kivy's rules go by the name of a class, and its own Button's are not for ours.
        super().__init__(__no_builder=True)
        self.grows = grows

    @property
    def pos(self) -> tuple[float, float]:
        """Its lower left corner, in pixels of the window."""
        return self.x, self.y

    @property
    def size(self) -> tuple[float, float]:
        return self.width, self.height

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def top(self) -> float:
        return self.y + self.height

    @property
    def center_x(self) -> float:
        return self.x + self.width / 2

    @property
    def center_y(self) -> float:
        return self.y + self.height / 2

    def natural_width(self) -> float:
        """The width it would take by itself; 0 when it takes what it is given."""
        return 0.0

    def fit(self, width: float, height: float | None = None) -> float:
        """Takes ``width``, and ``height`` where it is given; returns the height taken. Pixels."""
        taken = round(self.height_for(width) if height is None else height)
        self.width, self.height = round(width), taken
        return float(taken)

    def height_for(self, width: float) -> float:
        """The height it needs at ``width``."""
        return float(self.height)

    def place(self, x: float, top: float) -> None:
        """Puts its upper left corner there, and arranges and draws what is in it."""
        self.x, self.y = round(x), round(top - self.height)
        self.arrange()

    def arrange(self) -> None:
        """Places the children and draws; position and size are final."""


class Space(Block):
    """Nothing, of a height; or what is left, when it grows."""

    def __init__(self, height: float = 0, *, across: float = 0, grows: float = 0) -> None:
        super().__init__(grows=grows)
        self.least, self.across = height, across

    def natural_width(self) -> float:
        return self.across

    def height_for(self, width: float) -> float:
        return self.least


class Column(Block):
    """One below the other."""

    def __init__(self, blocks: Iterable[Block], *, gap: float = 0, grows: float = 0, middle: bool = False) -> None:
        super().__init__(grows=grows)
        self.blocks = list(blocks)
        self.gap = gap
        self.middle = middle
        for block in self.blocks:
            self.add_widget(block)

    def natural_width(self) -> float:
        return max((block.natural_width() for block in self.blocks), default=0.0)

    def fit(self, width: float, height: float | None = None) -> float:
        needed = self.height_for(width)
        if height is not None and height > needed:
            share = (height - needed) / (sum(block.grows for block in self.blocks) or 1)
            for block in self.blocks:
                if block.grows:
                    block.fit(width, block.height + share * block.grows)
        return super().fit(width, needed if height is None else height)

    def height_for(self, width: float) -> float:
        return sum(block.fit(width) for block in self.blocks) + self.gap * max(0, len(self.blocks) - 1)

    def arrange(self) -> None:
        top = self.top
        if self.middle:
            used = sum(block.height for block in self.blocks) + self.gap * max(0, len(self.blocks) - 1)
            top -= (self.height - used) / 2
        for block in self.blocks:
            block.place(self.x, top)
            top -= block.height + self.gap

    def taken_apart(self) -> list[Block]:
        """Its blocks, free to stand elsewhere."""
        self.clear_widgets()
        return self.blocks


class Row(Block):
    """Side by side, centred up and down. Those that grow share the width that the others leave."""

    def __init__(self, blocks: Iterable[Block], *, gap: float = 0, grows: float = 0, across: Across = "left") -> None:
        super().__init__(grows=grows)
        self.blocks = list(blocks)
        self.gap = gap
        self.across = across
        for block in self.blocks:
            self.add_widget(block)

    def natural_width(self) -> float:
        return sum(block.natural_width() for block in self.blocks) + self.gap * max(0, len(self.blocks) - 1)

    def height_for(self, width: float) -> float:
        fixed = sum(block.natural_width() for block in self.blocks if not block.grows)
        spare = max(0.0, width - fixed - self.gap * max(0, len(self.blocks) - 1))
        shares = sum(block.grows for block in self.blocks)
        for block in self.blocks:
            block.fit(spare * block.grows / shares if block.grows else block.natural_width())
        return max((float(block.height) for block in self.blocks), default=0.0)

    def arrange(self) -> None:
        used = sum(block.width for block in self.blocks) + self.gap * max(0, len(self.blocks) - 1)
        x = self.x + {"left": 0.0, "centre": (self.width - used) / 2, "right": self.width - used}[self.across]
        for block in self.blocks:
            block.place(x, self.top - (self.height - block.height) / 2)
            x += block.width + self.gap


class Grid(Block):
    """Equal cells in rows, from the upper left. Rows are as high as the highest cell needs, or share a height given.

    ``closed``: the last cell takes what is left of its row.
    """

    def __init__(
        self, blocks: Sequence[Block], *, columns: int, gap: float, row_limit: float = 0, grows: float = 0,
        closed: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(grows=grows)
        self.closed = closed
        self.blocks = list(blocks)
        self.columns = columns
        self.gap = gap
        self.row_limit = row_limit
        for block in self.blocks:
            self.add_widget(block)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return -(-len(self.blocks) // self.columns)

    def cell_width(self, width: float) -> float:
        """The width of a cell, in whole pixels so that no gap is smaller than it should be."""
        return (width - self.gap * (self.columns - 1)) // self.columns

    def fit(self, width: float, height: float | None = None) -> float:
        needed = self.height_for(width)
        if height is None or not self.rows:
            return super().fit(width, needed)
        cell = (height - self.gap * (self.rows - 1)) // self.rows
        if self.row_limit:
            cell = min(cell, max(self.row_limit, self.blocks[0].height))
        self._fit_cells(width, cell)
        return super().fit(width, self.rows * cell + self.gap * (self.rows - 1))

    def height_for(self, width: float) -> float:
        cell = self._fit_cells(width)
        self._fit_cells(width, cell)
        return self.rows * cell + self.gap * max(0, self.rows - 1)

    def _fit_cells(self, width: float, height: float | None = None) -> float:
        """Gives each cell its width, and this height; the highest."""
        cell, left = self.cell_width(width), -len(self.blocks) % self.columns
        last = cell + (left * (width + self.gap) // self.columns if self.closed else 0)
        widths = [*(cell for _block in self.blocks[1:]), last]
        return max((block.fit(own, height) for block, own in zip(self.blocks, widths, strict=False)), default=0.0)

    def arrange(self) -> None:
        step = (self.width + self.gap) / self.columns
        for number, block in enumerate(self.blocks):
            row, column = divmod(number, self.columns)
            block.place(self.x + column * step, self.top - row * (block.height + self.gap))
