"""Paper at the end of a service: offered where it can be printed, tried again where nothing came out, and printed once
more while the visit lives, marked as a copy (补打).
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.desk import NO_PRINTER, Desk, Filed, Paper
from kiosk.pages import Option, Page
from kiosk.receipts import Receipt
from kiosk.texts import _

PRINT, COPY = "print", "copy"
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
) -> str:
    """Shows ``page`` until it is answered with something else than paper; that answer. Prints on the way.

    ``page`` is made of what became of the last paper and of what can be offered; ``label`` offers the first. ``of`` is
    the filing whose receipt it is.
    """
    paper = of.paper if of is not None else None
    copies = 0
    while True:
        answer = await desk.ask(page(paper, _offer(desk, paper, copies, label)))
        if answer not in (PRINT, COPY):
            return answer
        copies += answer == COPY
        paper = await desk.print(receipt(), of=of, copy=copies)


def _offer(desk: Desk, paper: Paper | None, copies: int, label: str) -> Offer:
    """What may have come out, in part or whole, is never printed again without its mark; what did not may be tried
    again, whatever hinders the printer at the moment: somebody may be loading paper.
    """
    if paper is not None and paper.outcome == "not printed":
        again = Option(value=PRINT, label=_("再打一次凭条"), icon="printer-outline")
        return () if paper.reason == NO_PRINTER else (again,)
    if not desk.can_print or copies == COPIES:
        return ()
    if paper is None:
        return (Option(value=PRINT, label=label, icon="printer-outline"),)
    return (Option(value=COPY, label=_("补打一张"), icon="printer-outline"),)
