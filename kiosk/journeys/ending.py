"""The end of a matter that was recorded: what became of it, what comes next, the paper, or what stands in for it."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk import receipts
from kiosk.contract.messages import MatterState
from kiosk.desk import Filed, Paper
from kiosk.identity import Person
from kiosk.journeys.paper import Offer, no_paper, take_away
from kiosk.pages import Done, Mood, Option, Row
from kiosk.texts import _


def end_of_matter(
    filed: Filed,
    *,
    state: str,
    person: Person,
    lines: Sequence[str],
    rows: Sequence[Row],
    next_steps: Sequence[str],
    paper: Paper | None,
    offer: Offer,
) -> Done:
    """The last page. ``state`` is the matter's in words; ``person`` is who stands here and showed something."""
    printed = paper is not None and paper.outcome == "printed"
    has_receipt = printed or (paper is not None and paper.copy > 0)
    return Done(
        name="done",
        question=state,
        mood=mood_of(filed.state),
        lines=tuple(lines),
        rows=(*rows, *receipts.numbers(filed)),
        next_steps=tuple(next_steps),
        paper=take_away(person) if printed else no_paper(paper, offer),
        paper_is_there=printed,
        qr="" if has_receipt else filed.code,
        qr_caption="" if has_receipt else _("登记号 {number}，请拍照保存").format(number=filed.number),
        actions=(*offer, Option(value="finish", label=_("办完了，清除我的信息"), icon="check", primary=True)),
    )


def mood_of(state: MatterState) -> Mood:
    """How a state looks."""
    match state:
        case "decided":
            return "done"
        case "declined" | "papers wanted":
            return "trouble"
        case "kept" | "sent" | "unsure":
            return "wait"
