"""What was found: cards that say what it is and what it means, and what may be done with it."""

from __future__ import annotations

from kiosk.pages import Result, Section
from screens.layout import Block, Column, Row
from screens.records import Records
from screens.text import Icon, Text
from screens.theme import ColourName
from screens.view import Setting, stack_pages
from screens.widgets import MOODS, Card, FactRow, Notes, Rule


class ResultView(Records):
    """Sections and notes, paged where they are many."""

    def __init__(self, setting: Setting, page: Result) -> None:
        private = any(row.private for section in page.sections for row in section.rows)
        super().__init__(setting, page, page.actions, private=private)
        self.page = page

    def groups(self, width: float, room: float, pager: float) -> list[list[Block]]:
        look, gap = self.look, self.look.size("gap")
        blocks = [block for section in self.page.sections for block in self._cards(section, width, room - pager)]
        blocks += [Notes(look, [note], colour="soft") for note in self.page.notes]
        groups = stack_pages(blocks, width, room, gap)
        return groups if len(groups) == 1 else stack_pages(blocks, width, room - pager, gap)

    def _cards(self, section: Section, width: float, room: float) -> list[Block]:
        """One card, or several where a section is higher than the glass."""
        look = self.look
        inner = width - 2 * look.size("pad")
        between = 2 * look.mm(1) + look.size("border")  # with the hairline
        title = self._title(section)
        parts: list[Block] = [title, *(FactRow(look, row, covered=not self.uncovered) for row in section.rows)]
        if section.meaning:  # which never leaves the title alone on a page
            parts += self._pieces(section.meaning, inner, room - 2 * look.mm(5) - title.fit(inner) - between)
        cards: list[Block] = []
        for group in stack_pages(parts, inner, room - 2 * look.mm(5), between):
            lines: list[Block] = []
            for part in group:
                if isinstance(part, FactRow) and lines:
                    lines.append(Rule(look))
                lines.append(part)
            cards.append(Card(look, Column(lines, gap=look.mm(1))))
        return cards

    def _pieces(self, words: str, width: float, room: float) -> list[Block]:
        """A paragraph; broken between lines where it is higher than a page."""
        look = self.look
        whole = Text(look, words)
        each = max(1, int(room // whole.style.line))
        if whole.fit(width) <= room:
            return [whole]
        lines = whole.lines
        return [Text(look, "\n".join(lines[start : start + each])) for start in range(0, len(lines), each)]

    def _title(self, section: Section) -> Block:
        look = self.look
        title = Text(look, section.title, "strong", "ink")
        if not section.state:
            return title
        icon, colour = MOODS[section.mood]
        state: list[Block] = [Icon(look, icon, "icon", colour)] if section.mood != "plain" else []
        ink: ColourName = "green" if section.mood == "done" else "ink"
        state.append(Text(look, section.state, "strong" if section.mood != "plain" else "body", ink, grows=1))
        return TwoSides(title, Row(state, gap=look.mm(2)), look.mm(4))


class TwoSides(Block):
    """One block on the left, one on the right; the right one below where both do not fit."""

    def __init__(self, left: Block, right: Block, gap: float) -> None:
        super().__init__()
        self.left_block, self.right_block, self.gap = left, right, gap
        self.add_widget(left)
        self.add_widget(right)
        self.stacked = False

    def height_for(self, width: float) -> float:
        left, right = self.left_block.natural_width(), self.right_block.natural_width()
        self.stacked = left + self.gap + right > width
        if self.stacked:
            return self.left_block.fit(width) + self.right_block.fit(width)
        return max(self.left_block.fit(left), self.right_block.fit(right))

    def arrange(self) -> None:
        self.left_block.place(self.x, self.top)
        if self.stacked:
            self.right_block.place(self.x, self.top - self.left_block.height)
        else:
            self.right_block.place(self.right - self.right_block.width, self.center_y + self.right_block.height / 2)
