"""The receipt as it will be on paper, at a size that can be read, and the question whether to print it.

What stands on the sheet are the same blocks that the printer is sent (``devices.paper``), in the same order and weight
and about as many characters to a line; they are set as words of this page, so that they are as large, as dark and as
free of unknown characters as all others. A receipt in two languages stands there in the one of the visit.

A long receipt goes on on the next page of it. Where it would take more than a few, as large words do, what it is about
stands there alone, and how long the slip is: nobody turns twenty pages to have it printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from kivy.graphics import Color

from devices import paper
from kiosk.pages import ReceiptPreview, Row
from kiosk.pages import Sheet as PaperSheet
from kiosk.texts import _
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
PAGES = 3
"""On how many a receipt is shown whole."""
BETWEEN = paper.Space(1 / 4)
"""What stands on paper between things that are said in two languages, each thing in Chinese first (see
``kiosk.printing``)."""
LAST_HAN = re.compile(r"^.*[\u2e80-\u9fff]\s*")
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
        inner = width - 2 * sheet.pad_x
        room = zone.height - actions.fit(zone.width) - gap - 2 * sheet.pad_y
        whole = in_one_language(self.page.sheet.blocks)
        groups = self._pages(whole, inner, room)
        if len(groups) > PAGES:
            groups = self._pages(in_short(whole, lines_on_paper(self.page.sheet)), inner, room)
        at = self.paged.within(len(groups))
        sheet.hold(Column(groups[at]))
        sheet.wide = width
        side = (zone.width - width) // 2
        shown: list[Block] = [Beside([Space(across=side), sheet, Space(across=side)]) if side else sheet]
        if len(groups) > 1:
            shown.append(Pager(look, self.gate, at, len(groups), self.paged.turn))
        return Column([*shown, Column([Space(grows=1), actions], grows=1)], gap=gap)

    def _pages(self, blocks: Sequence[paper.Block], width: float, room: float) -> list[list[Block]]:
        """The lines of each page; where there are several, the pager takes its room."""
        lines = list(on_screen(self.look, blocks, width))
        groups = stack_pages(lines, width, room, 0)
        if len(groups) > 1:
            groups = stack_pages(lines, width, room - self.look.size("button") - self.look.size("gap"), 0)
        return groups

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


def in_one_language(blocks: Sequence[paper.Block]) -> list[paper.Block]:
    """What is said in two languages, in the second; as large and as heavy as in the first."""
    if BETWEEN not in blocks:
        return [*blocks]
    found: list[paper.Block] = []
    for apart, group in groupby(blocks, lambda block: block == BETWEEN or isinstance(block, paper.Rule)):
        together = [*group]
        if apart:
            found += [block for block in together if block != BETWEEN]
        else:
            found.append(_second(*together))
    return found


def _second(first: paper.Block, second: paper.Block | None = None) -> paper.Block:
    """``first`` alone: both stand in it."""
    match first, second:
        case paper.Text(), paper.Text():
            return replace(second, size=first.size, bold=first.bold)
        case paper.Pair(), None:
            return replace(first, label=LAST_HAN.sub("", first.label) or first.label)
        case paper.Qr(), None:
            return replace(first, caption=first.caption.rpartition("\n")[2])
    return second or first


def in_short(blocks: Sequence[paper.Block], lines: int) -> list[paper.Block]:
    """What a receipt is about: the centre, the title, the state, the number; and how long the slip is."""
    large = [block for block in blocks if isinstance(block, paper.Text) and block.size != "normal"]
    numbers = [block for block in blocks if isinstance(block, paper.Pair) and block.bold]
    length = paper.Text(_("打出来大约有 {n} 行。").format(n=lines))
    return [blocks[0], *large[:1], paper.Rule(), *large[1:], *numbers[:1], length]


def lines_on_paper(sheet: PaperSheet) -> int:
    """About how many lines of text it has: in large print a few more."""
    return sum(isinstance(line, paper.TextLine) for line in paper.layout(sheet.blocks, sheet.columns))


def on_screen(look: Theme, blocks: Sequence[paper.Block], width: float) -> Iterator[Block]:
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
