"""Paper at the end of a service: offered where it can be printed, looked at first by whoever wants to, tried again
where nothing came out, and printed once more while the visit lives: seen before, and marked as a copy (补打).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kiosk import receipts
from kiosk.desk import NO_PAPER, NO_PRINTER, Desk, Filed, Paper
from kiosk.identity import Person
from kiosk.pages import Option, Page, ReceiptPreview
from kiosk.receipts import Receipt, in_both
from kiosk.texts import _

PRINT, COPY, LOOK, FAMILY = "print", "copy", "look", "family"
COPIES = 3
"""How many copies somebody may want in one visit."""

Offer = tuple[Option[str], ...]
"""The option that asks for paper; nothing where none can be had."""


async def with_paper(
    desk: Desk,
    page: Callable[[Paper | None, Offer], Page[str]],
    receipt: Callable[[], Receipt],
    *,
    label: str,
    of: Filed | None = None,
    look_first: bool = False,
    family: Callable[[], Receipt] | None = None,
) -> str:
    """Shows ``page`` until it is answered with something else than paper; that answer. Prints on the way.

    ``page`` is made of what became of the last paper and of what can be offered; ``label`` offers the first, and with
    ``look_first`` it can be looked at before. ``of`` is the filing whose receipt it is; ``family`` a second one for the
    family, offered once.
    """
    receipt = partial(in_both, receipt)
    paper = of.paper if of is not None else None
    copies = 0
    theirs: Paper | None = None
    while True:
        ways = offer(desk, paper, copies, label, look_first=look_first)
        if family is not None:
            ways += _offer_to_family(desk, theirs)
        answer = await desk.ask(page(paper, ways))
        if answer == FAMILY and family is not None:
            theirs = await desk.print(in_both(family))
            continue
        if answer not in (PRINT, COPY, LOOK):
            return answer
        copy = copies + (answer == COPY)
        if answer != PRINT and await desk.ask(preview(desk, receipt(), copy)) != PRINT:
            continue
        copies = copy
        paper = await desk.print(receipt(), of=of, copy=copies)


def preview(desk: Desk, receipt: Receipt, copy: int) -> ReceiptPreview:
    """The receipt before it is printed; of a copy, with its mark."""
    return ReceiptPreview(
        name="preview",
        question=_("要补打这一张吗？") if copy else _("要打这一张吗？"),
        sheet=desk.preview(receipt, copy=copy),
        actions=(
            Option(value="no", label=_("不用了"), icon="close"),
            Option(value=PRINT, label=_("打印"), icon="printer-outline", primary=True),
        ),
    )


def take_away(person: Person) -> str:
    """What is not to be left behind: what was shown to the machine, and the paper."""
    if person.agent is not None:
        return _("请取走证件和凭条")
    match person.shown:
        case "id-card":
            return _("请取走身份证和凭条")
        case "social-card":
            return _("请取走社保卡和凭条")
        case "code" | "worker" | "papers":
            return _("请取走凭条")


def no_paper(paper: Paper | None, offered: Offer) -> str:
    """Why there is no receipt of a filing, and what stands in for it."""
    if paper is None and offered:
        return _("要凭条可以打一张，也可以拍下登记号")
    if paper is not None and paper.copy:
        return receipts.paper_in_words(paper)
    if paper is not None and paper.outcome == "unknown":
        return _("凭条可能没有打全，请拍下登记号")
    if paper is not None and paper.reason == NO_PAPER:
        return _("打印机没有纸了，请记下或拍下登记号")
    return _("没有打出凭条，请记下或拍下登记号")


def offer(desk: Desk, paper: Paper | None, copies: int, label: str, *, look_first: bool = False) -> Offer:
    """What may have come out, in part or whole, is never printed again without its mark; what did not may be tried
    again, whatever hinders the printer at the moment: somebody may be loading paper.
    """
    if paper is not None and paper.outcome == "not printed":
        again = Option(value=PRINT, label=_("再打一次凭条"), icon="printer-outline")
        return () if paper.reason == NO_PRINTER else (again,)
    if not desk.can_print or copies == COPIES:
        return ()
    if paper is None:
        first = Option(value=PRINT, label=label, icon="printer-outline")
        return (first, Option(value=LOOK, label=_("先看看凭条"), icon="eye-outline")) if look_first else (first,)
    return (Option(value=COPY, label=_("补打一张"), icon="printer-outline"),)


def _offer_to_family(desk: Desk, theirs: Paper | None) -> Offer:
    """One for the family, which has no journal: what may have come out is not offered again."""
    if theirs is not None and theirs.outcome == "not printed":
        again = Option(value=FAMILY, label=_("给家里人的没打出来，再打"), icon="home-heart")
        return () if theirs.reason == NO_PRINTER else (again,)
    if theirs is not None or not desk.can_print:
        return ()
    return (Option(value=FAMILY, label=_("给家里人打一张"), icon="home-heart"),)
