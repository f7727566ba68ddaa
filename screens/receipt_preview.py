"""The receipt as it will be on paper, at a size that can be read, and the question whether to print it.

What stands on the sheet are the same blocks that the printer is sent (``devices.paper``), in the same order and weight
and about as many characters to a line; they are set as words of this page, so that they are as large, as dark and as
free of unknown characters as all others. A long receipt goes on on the next page of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from kivy.graphics import Color

from devices import paper
from kiosk.pages import ReceiptPreview, Row
from screens.layout import Across, Block, Column, Grid, Space
from screens.layout import Row as Beside
from screens.lines import break_lines
from screens.qr_code import QrCode
from screens.surface import Surface, rectangles
from screens.text import Text
from screens.theme import Rect, StyleName, Theme
from screens.view import Paged, Setting, View, stack_pages
from screens.widgets import FactRow, Pager, actions_block, option_button

QR_SIDE = 40.0
"""Millimetres."""
ACROSS: dict[paper.Align, Across] = {"left": "left", "center": "centre", "right": "right"}


class ReceiptPreviewView(View):
    """A white sheet in the middle, as wide as its paper's columns; below it 打印 and 不用了."""

    def __init__(self, setting: Setting, page: ReceiptPreview) -> None:
        super().__init__(setting, page)
        self.page = page
        self.paged = Paged(setting.refresh)

    def answer(self, zone: Rect) -> Block:
        look, gap = self.look, self.look.size("gap")
        actions = self._actions(zone.width)
        sheet = Sheet(look, Space())
        width = min(zone.width, self.page.sheet.columns / 2 * look.style("body").em + 2 * sheet.pad_x)
        room = zone.height - actions.fit(zone.width) - gap - 2 * sheet.pad_y
        lines = list(on_screen(look, self.page.sheet.blocks, width - 2 * sheet.pad_x))
        groups = stack_pages(lines, width - 2 * sheet.pad_x, room, 0)
        if len(groups) > 1:
            room -= look.size("button") + gap
            groups = stack_pages(lines, width - 2 * sheet.pad_x, room, 0)
        at = self.paged.within(len(groups))
        sheet.hold(Column(groups[at]))
        sheet.wide = width
        side = (zone.width - width) // 2
        shown: list[Block] = [Beside([Space(across=side), sheet, Space(across=side)]) if side else sheet]
        if len(groups) > 1:
            shown.append(Pager(look, self.gate, at, len(groups), self.paged.turn))
        return Column([*shown, Column([Space(grows=1), actions], grows=1)], gap=gap)

    def _actions(self, width: float) -> Block:
        """Beside each other where their words fit: the sheet has the room."""
        look, gap = self.look, self.look.size("gap")
        buttons = [option_button(look, self.gate, option, self.press(option)) for option in self.page.actions]
        if all(button.natural_width() <= (width - gap) / 2 for button in buttons):
            return Grid(buttons, columns=2, gap=gap)
        return actions_block(look, buttons, []) or Space()


class Sheet(Surface):
    """A piece of receipt paper."""

    def __init__(self, look: Theme, content: Block) -> None:
        super().__init__(look)
        self.wide = 0.0
        self.outline = "edge"
        self.pad_x, self.pad_y = float(look.size("pad")), float(look.mm(6))
        self.hold(content)

    def natural_width(self) -> float:
        return self.wide

    def hold(self, content: Block) -> None:
        """Instead of what it held."""
        if self.content is not None:
            self.remove_widget(self.content)
        super().hold(content)


def on_screen(look: Theme, blocks: tuple[paper.Block, ...], width: float) -> Iterator[Block]:
    """The blocks of a receipt as widgets, paragraphs line by line, so that a page can end between any two."""
    for block in blocks:
        match block:
            case paper.Text():
                style: StyleName = "heading" if block.size != "normal" else "strong" if block.bold else "body"
                across = ACROSS[block.align]
                whole = Text(look, block.text, style, "ink", across=across)
                for line in break_lines(block.text, width, whole.measure):
                    yield Text(look, line, style, "ink", across=across)
            case paper.Pair():
                row = FactRow(look, Row(label=block.label, value=block.value), strong=block.bold)
                row.air = 0
                yield row
            case paper.Rule():
                yield DashedRule(look)
            case paper.Qr():
                yield Beside([QrCode(look, block.data, look.mm(QR_SIDE))], across="centre")
                if block.caption:
                    yield from on_screen(look, (paper.Text(block.caption, align="center"),), width)
            case paper.Barcode():
                yield from on_screen(look, (paper.Text(block.data, align="center"),), width)
            case paper.Space():
                yield Space(look.style("body").line * block.lines)


class DashedRule(Block):
    """A dashed line across the paper, with a little air."""

    def __init__(self, look: Theme) -> None:
        super().__init__()
        self.look = look

    def height_for(self, width: float) -> float:
        return self.look.mm(5)

    def arrange(self) -> None:
        dash, thick = self.look.mm(2), self.look.size("border")
        count = int(self.width // (2 * dash))
        self.canvas.clear()
        with self.canvas:
            Color(*self.look.colour("soft"))
            rectangles([(self.x + 2 * dash * number, self.center_y, dash, thick) for number in range(count)])
