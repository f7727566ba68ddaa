"""A list of records as a table: words from the left, figures from the right, a rule between the lines.

Where the columns do not fit, those of the highest rank stand in words below their line; where not even two are left,
each record is a card. What does not fit on the glass is on the next page of it, under the same heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.pages import Row, Table, TableColumn, TableLine
from screens.layout import Block, Column
from screens.records import Records
from screens.text import Text
from screens.theme import StyleName, Theme
from screens.view import Setting, stack_pages
from screens.widgets import Card, FactRow, Notes, Record, Rule

LEAST_WORDS = 8
"""Characters of a cell that are never broken into lines."""
COVERED = "＊＊＊＊"


class TableView(Records):
    """The records, and at the bottom what may be done next."""

    def __init__(self, setting: Setting, page: Table) -> None:
        private = any(column.private for column in page.columns)
        super().__init__(setting, page, page.actions, private=private)
        self.page = page

    def groups(self, width: float, room: float, pager: float) -> list[list[Block]]:
        look, page = self.look, self.page
        if not page.lines:
            return [[Notes(look, (page.nothing,))]]
        inner = width - 2 * look.size("pad")
        widths = column_widths(look, page, inner)
        if widths:
            rows: list[Block] = [TableRow(look, page.columns, self._seen(line), widths) for line in page.lines]
            around = self._around(widths, inner)
            sheets = stack_pages(rows, inner, room - around, look.size("border"))
            if len(sheets) > 1:
                sheets = stack_pages(rows, inner, room - pager - around, look.size("border"))
            if max(row.height for row in rows) <= room - pager - around:  # else one alone is too high for this glass
                return [self._sheet(widths, sheet) for sheet in sheets]
        cards = [card for line in page.lines for card in self._cards(line, width, room - pager)]
        together = stack_pages(cards, width, room, look.size("gap"))
        return together if len(together) == 1 else stack_pages(cards, width, room - pager, look.size("gap"))

    def _around(self, widths: dict[int, float], inner: float) -> float:
        """The height of the card without lines."""
        look = self.look
        return TableHead(look, self.page.columns, widths).fit(inner) + look.size("border") + 2 * look.mm(3)

    def _sheet(self, widths: dict[int, float], lines: Sequence[Block]) -> list[Block]:
        """The heads and these lines on one card."""
        look = self.look
        blocks: list[Block] = [TableHead(look, self.page.columns, widths)]
        for line in lines:
            blocks += [Rule(look), line]
        card = Card(look, Column(blocks))
        card.pad_y = look.mm(3)
        return [card]

    def _cards(self, line: TableLine, width: float, room: float) -> list[Block]:
        """One record as a card, or as several where it is higher than the glass."""
        look = self.look
        parts: list[Block] = []
        for at, (column, cell) in enumerate(zip(self.page.columns, line.cells, strict=True)):
            if at == 0 and not column.private:
                parts.append(Text(look, cell, "strong", "ink"))
            elif cell:
                fact = Row(label=column.label, value=cell, private=column.private)
                parts.append(FactRow(look, fact, covered=not self.uncovered))
        if line.note:
            parts.append(Text(look, line.note, "body", "ink"))
        inner, air = width - 2 * look.size("pad"), 2 * look.mm(5)
        groups = stack_pages(parts, inner, room - air, look.mm(1))
        return [Card(look, Column(group, gap=look.mm(1))) for group in groups]

    def _seen(self, line: TableLine) -> TableLine:
        columns = zip(self.page.columns, line.cells, strict=True)
        cells = tuple(COVERED if column.private and cell and not self.uncovered else cell for column, cell in columns)
        return replace(line, cells=cells)


def column_widths(look: Theme, page: Table, width: float) -> dict[int, float]:
    """The width of each column that stands in the table, by its place; none: there is no room for a table."""
    gap, kept = look.mm(6), list(range(len(page.columns)))
    wanted = {at: _natural(look, page, at) for at in kept}
    while len(kept) > 1:
        room = width - gap * (len(kept) - 1)
        least = {at: _least(look, page, at, wanted[at]) for at in kept}
        if sum(least.values()) <= room:
            return _shared(page, {at: wanted[at] for at in kept}, least, room)
        dropped = max(kept[1:], key=lambda at: (page.columns[at].rank, at))
        if page.columns[dropped].rank == 0:
            break
        kept.remove(dropped)
    return {}


def _natural(look: Theme, page: Table, at: int) -> float:
    """Width at which nothing in the column is wrapped."""
    column = page.columns[at]
    texts = [column.label, *(line.cells[at] for line in page.lines), *([COVERED] if column.private else [])]
    style: StyleName = "strong" if at == 0 else "body"
    return max(Text(look, text, style).natural_width() for text in texts)


def _least(look: Theme, page: Table, at: int, wanted: float) -> float:
    """Figures are never wrapped; words keep a few characters a line, and stay whole."""
    if page.columns[at].number:
        return wanted
    style: StyleName = "strong" if at == 0 else "body"
    texts = [page.columns[at].label, *(line.cells[at] for line in page.lines)]
    longest = max(Text(look, text, style).widest_word() for text in texts)
    return min(wanted, max(longest, LEAST_WORDS * look.style("body").em))


def _shared(page: Table, wanted: dict[int, float], least: dict[int, float], room: float) -> dict[int, float]:
    """What is left over the least goes to those that want more, in proportion; then to the columns of words alike."""
    more = {at: wanted[at] - least[at] for at in wanted}
    spare, wish = room - sum(least.values()), sum(more.values())
    share = min(1.0, spare / wish) if wish else 0.0
    widths = {at: least[at] + share * more[at] for at in wanted}
    rest = room - sum(widths.values())
    words = [at for at in wanted if not page.columns[at].number] or list(wanted)
    return {at: float(int(widths[at] + (rest / len(words) if at in words else 0))) for at in wanted}


class TableRow(Record):
    """A line of the table: its cells beside each other, and below them what has no column here, and what it means."""

    def __init__(self, look: Theme, columns: Sequence[TableColumn], line: TableLine, widths: dict[int, float]) -> None:
        super().__init__()
        self.look, self.widths = look, widths
        self.private = any(column.private and cell for column, cell in zip(columns, line.cells, strict=True))
        self.cells = {
            at: Text(
                look, line.cells[at], "strong" if at == 0 else "body", "ink",
                across="right" if columns[at].number else "left",
            )
            for at in widths
        }  # fmt: skip
        rest = [f"{columns[at].label} {cell}" for at, cell in enumerate(line.cells) if at not in widths and cell]
        width = sum(widths.values()) + look.mm(6) * (len(widths) - 1)
        self.below = [Text(look, words, "body", "soft") for words in (*_packed(look, rest, width), line.note) if words]
        self.air = look.mm(3)
        for text in (*self.cells.values(), *self.below):
            self.add_widget(text)

    def height_for(self, width: float) -> float:
        high = max(text.fit(self.widths[at]) for at, text in self.cells.items())
        return high + sum(text.fit(width) for text in self.below) + 2 * self.air

    def arrange(self) -> None:
        x, top = float(self.x), self.top - self.air
        for at, text in self.cells.items():
            text.place(x, top)
            x += self.widths[at] + self.look.mm(6)
        top -= max(text.height for text in self.cells.values())
        for text in self.below:
            text.place(self.x, top)
            top -= text.height


def _packed(look: Theme, parts: Sequence[str], width: float) -> list[str]:
    """As many beside each other as a line holds: a label is not parted from its value."""
    lines: list[str] = []
    for part in parts:
        both = f"{lines[-1]}　　{part}" if lines else part
        if lines and Text(look, both).natural_width() <= width:
            lines[-1] = both
        else:
            lines.append(part)
    return lines


class TableHead(TableRow):
    """The columns' names, in a quieter voice."""

    def __init__(self, look: Theme, columns: Sequence[TableColumn], widths: dict[int, float]) -> None:
        super().__init__(look, columns, TableLine(cells=tuple(column.label for column in columns)), widths)
        for text in self.below:
            self.remove_widget(text)
        self.below = []
        for text in self.cells.values():
            text.style, text.ink = look.style("body"), "soft"
