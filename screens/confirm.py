"""What is about to be recorded, in rows, and the one red action that records it."""

from __future__ import annotations

from kiosk.pages import Confirm
from screens.layout import Block, Column, Space
from screens.theme import Rect
from screens.view import Paged, Setting, View, stack_pages
from screens.widgets import Button, Card, FactRow, Notes, Pager, Rule

ACTION = "action"


class ConfirmView(View):
    """Everything is seen before it can be confirmed: where the rows take two pages, the action stands on the last."""

    def __init__(self, setting: Setting, page: Confirm) -> None:
        super().__init__(setting, page)
        self.page = page
        self.paged = Paged(setting.refresh)

    def answer(self, zone: Rect) -> Block:
        look, page = self.look, self.page
        gap = look.size("gap")
        action = Button(
            look, self.gate, ACTION, self.reply(None), label=page.action, fill="red", style="heading", least=look.mm(34)
        )
        inner = zone.width - 2 * look.size("pad")
        rows: list[Block] = [FactRow(look, row) for row in page.rows]
        notes = Notes(look, page.notes, colour="soft") if page.notes else None
        tail = action.fit(zone.width) + gap + (notes.fit(zone.width) + gap if notes is not None else 0)
        card_air = 2 * look.mm(3) + len(rows) * look.size("border")
        groups = stack_pages(rows, inner, zone.height - tail - card_air, 0)
        if len(groups) > 1:
            room = zone.height - card_air - look.size("button") - gap
            groups = stack_pages(rows, inner, room, 0)
            groups[-1:] = stack_pages(groups[-1], inner, room - tail, 0)
        at = self.paged.within(len(groups))
        lines: list[Block] = []
        for row in groups[at]:
            lines += [Rule(look), row] if lines else [row]
        card = Card(look, Column(lines))
        card.pad_y = look.mm(3)
        blocks: list[Block] = [card]
        last = at == len(groups) - 1
        if notes is not None and last:
            blocks.append(notes)
        if len(groups) > 1:
            blocks.append(Pager(look, self.gate, at, len(groups), self.paged.turn))
        if last:
            blocks.append(Column([Space(grows=1), action], grows=1))
        return Column(blocks, gap=gap)
