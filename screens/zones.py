"""Where the parts of a page stand on the panel: head and foot, the question, the answers, the idle warning.

Upright, one below the other. In low position (低位操作) the answers have the lower half, and the question stands on it.
On a panel that lies across, the question stands on the left and the answers beside it, so that both have room.
"""

from __future__ import annotations

from dataclasses import dataclass

from screens.layout import Block
from screens.theme import Rect, Theme

ABOVE_QUESTION, AROUND_ANSWER = 9.0, 8.0
WARNING = {
    (False, False): (30.0, 62.0),
    (False, True): (38.0, 76.0),
    (True, False): (46.0, 116.0),
    (True, True): (54.0, 98.0),
}
"""Care mode, larger text → millimetres: the idle warning's height, and where its button stands below its words."""
QUESTION_SHARE = 0.34
"""Of the width of a panel that lies across."""


@dataclass(frozen=True, kw_only=True)
class Zones:
    """Pixels of the window. ``question`` is as high as the question became."""

    head: Rect
    foot: Rect
    question: Rect
    answer: Rect
    warning: Rect

    def hold(self, answer: Block) -> bool:
        """Whether question and answers have the room that they need."""
        side_by_side = self.answer.x > self.question.x
        floor = self.answer.y if side_by_side else self.answer.top
        return self.question.y >= floor and answer.fit(self.answer.width) <= self.answer.height


def zones(look: Theme, question: Block, *, alone: bool = False) -> Zones:
    """The zones of a page with this question, which is given its width. ``alone``: it stands over the whole width."""
    panel, margin = look.panel, look.size("margin")
    head = Rect(x=panel.x, y=panel.top - look.size("head"), width=panel.width, height=look.size("head"))
    foot = Rect(x=panel.x, y=panel.y, width=panel.width, height=look.size("foot"))
    x, inner, gap = panel.x + margin, panel.width - 2 * margin, look.mm(AROUND_ANSWER)
    top, bottom = head.y - look.mm(ABOVE_QUESTION), foot.top + gap
    flat, stacked = WARNING[look.care, look.manner.larger]
    warning = look.mm(stacked if look.landscape and not alone else flat)
    if look.landscape and not alone:
        wide = answer_width(look)
        high = question.fit(inner - wide - 2 * gap)
        return Zones(
            head=head, foot=foot,
            question=Rect(x=x, y=top - high, width=question.width, height=high),
            answer=Rect(x=x + inner - wide, y=bottom, width=wide, height=top - bottom),
            warning=Rect(x=x, y=top - warning, width=question.width, height=warning),
        )  # fmt: skip
    high = question.fit(inner)
    if look.low:
        half = panel.y + round(panel.height / 2)
        top = min(top, half + gap + max(high, warning))
        answer_top = min(float(half), top - high - gap)
    else:
        answer_top = top - max(high, warning - gap / 2) - gap
    return Zones(
        head=head, foot=foot,
        question=Rect(x=x, y=top - high, width=inner, height=high),
        answer=Rect(x=x, y=bottom, width=inner, height=answer_top - bottom),
        warning=Rect(x=x, y=top - warning, width=inner, height=warning),
    )  # fmt: skip


def answer_width(look: Theme) -> int:
    """The width of the answer zone, unless the question stands alone."""
    inner = look.panel.width - 2 * look.size("margin")
    if look.landscape:
        return round(inner * (1 - QUESTION_SHARE)) - 2 * look.mm(AROUND_ANSWER)
    return round(inner)
