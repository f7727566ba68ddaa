"""How tiles stand beside each other: their icons in line, their names in one size, and as many columns as leave words
whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from screens.layout import Grid
from screens.text import Text
from screens.theme import Theme
from screens.touch import Target
from screens.zones import answer_width


class Level(Target):
    """A tile whose content begins as high as that of the others in its row: icons stand in line, whatever their words.

    ``in_row`` is the height of the highest content of the row, ``words`` what stands on it, the name first.
    """

    in_row = 0.0
    words: list[Text]

    def arrange(self) -> None:
        self.dress()
        if self.content is not None:
            spare = self.height - max(self.in_row, float(self.content.height))
            self.content.place(self.x + self.pad_x, self.top - spare / 2)

    def least_width(self, *, smaller: bool = False) -> float:
        """The width at which no word on it is written smaller, or, where it may be ``smaller``, none is cut."""
        widest = (words.least_width() if smaller else words.widest_word() for words in self.words)
        return 2 * self.pad_x + max(widest, default=0.0)


class Tiles(Grid):
    """A grid of tiles, level in each row; where one name has no room in its size, all are written smaller."""

    def height_for(self, width: float) -> float:
        height = super().height_for(width)
        names = [tile.words[0] for tile in self.blocks if isinstance(tile, Level)]
        smaller = [name.style for name in names if name.is_smaller]
        if not smaller:
            return height
        least = min(smaller, key=lambda style: style.em)
        for name in names:
            if name.style.em > least.em:
                name.style = least
        return super().height_for(width)

    def arrange(self) -> None:
        for start in range(0, len(self.blocks), self.columns):
            row = [block for block in self.blocks[start : start + self.columns] if isinstance(block, Level)]
            highest = max((float(tile.content.height) for tile in row if tile.content is not None), default=0.0)
            for tile in row:
                tile.in_row = highest
        super().arrange()


def whole_word_columns(look: Theme, tiles: Sequence[Level], columns: int, *, smaller: bool = False) -> int:
    """As many columns of the answer zone as leave every word whole, in its own size or in a smaller one; at least
    one."""
    gap, width = look.size("gap"), answer_width(look)
    least = max((tile.least_width(smaller=smaller) for tile in tiles), default=0.0)
    return max(1, min(columns, int((width + gap) // (max(1.0, least) + gap))))
