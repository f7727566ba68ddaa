"""What is about to be recorded, in rows, the one red action that records it, and the quiet way back to change it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.pages import Confirm
from kiosk.texts import _
from screens.frame import FootButton
from screens.layout import Block, Column, Space
from screens.theme import Rect
from screens.view import Paged, Setting, View, stack_pages
from screens.widgets import Button, Card, FactRow, Notes, Pager, actions_block, ruled

ACTION, CHANGE, BACK = "action", "change", "foot:back"
AIR = 3.0
"""Millimetres above and below the rows on their card."""


class ConfirmView(View):
    """Everything is seen before it can be confirmed: where the rows take two pages, the action stands on the last."""

    def __init__(self, setting: Setting, page: Confirm) -> None:
        super().__init__(setting, page)
        self.page = page
        self.paged = Paged(setting.refresh)
        self._back: Callable[[], None] | None = None

    def foot(self, usual: Sequence[FootButton]) -> Sequence[FootButton]:
        """返回 is there for the answer that something is wrong, too."""
        self._back = next((button.press for button in usual if button.means == BACK), None)
        return usual

    def answer(self, zone: Rect) -> Block:
        look, gap = self.look, self.look.size("gap")
        buttons = self._buttons(self._change())
        pages = self._pages(zone, buttons)
        if len(fewer := self._pages(zone, alone := self._buttons([]))) < len(pages):
            # Nobody turns a page for the way back alone, which is in the foot too.
            pages, buttons = fewer, alone
        at = self.paged.within(len(pages))
        blocks = [*pages[at]]
        if len(pages) > 1:
            blocks.append(Pager(look, self.gate, at, len(pages), self.paged.turn))
        if at == len(pages) - 1:
            blocks.append(Column([Space(grows=1), buttons], grows=1))
        return Column(blocks, gap=gap)

    def _pages(self, zone: Rect, buttons: Block) -> list[list[Block]]:
        """The rows, then the notes; the last of them has room for the buttons."""
        look, page, gap = self.look, self.page, self.look.size("gap")
        rows: list[Block] = [FactRow(look, row) for row in page.rows]
        notes: list[Block] = [Notes(look, [note], colour="soft") for note in page.notes]
        action = buttons.fit(zone.width) + gap
        tail = action + sum(note.fit(zone.width) + gap for note in notes)
        inner = zone.width - 2 * look.size("pad")
        air = 2 * look.mm(AIR) + len(rows) * look.size("border")
        if sum(row.fit(inner) for row in rows) + air + tail <= zone.height:
            return [[self._card(rows), *notes]]
        room = zone.height - look.size("button") - gap
        groups = stack_pages(rows, inner, room - air, 0)
        groups[-1:] = stack_pages(groups[-1], inner, room - air - tail, 0)
        pages: list[list[Block]] = [[self._card(group)] for group in groups]
        if sum(row.height for row in groups[-1]) + air + tail <= room:
            pages[-1] += notes
            return pages
        pages += stack_pages(notes, zone.width, room, gap) if notes else []
        used = sum(note.height + gap for note in pages[-1]) if notes else room
        return pages if used + action <= room else [*pages, []]

    def _card(self, rows: Sequence[Block]) -> Card:
        card = Card(self.look, ruled(self.look, rows))
        card.pad_y = self.look.mm(AIR)
        return card

    def _buttons(self, change: Sequence[Button]) -> Block:
        """The action, and the other answer above it; beside it on a panel that lies across."""
        return actions_block(self.look, change, [self._action()]) or Space()

    def _change(self) -> list[Button]:
        """The other answer: back to the question before, where there is one."""
        if self._back is None:
            return []
        look, label = self.look, _("不对，回上一步")
        return [Button(look, self.gate, CHANGE, self._back, label=label, fill="card", least=look.size("target"))]

    def _action(self) -> Button:
        look = self.look
        least = look.size("button") if look.landscape else look.mm(34)
        return Button(
            look, self.gate, ACTION, self.reply(None), label=self.page.action, fill="red", style="heading", least=least
        )
