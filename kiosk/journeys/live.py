"""What is carried out at once, or not at all: read once more, done, and what became of it said as it is known.

Where it is not known, the page says so, asks again at the person's wish, and names who can be asked by telephone. What
each matter is and says is its ``Deed``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from kiosk import receipts
from kiosk.contract.live import LiveAct
from kiosk.dates import day_in_words
from kiosk.desk import Desk, Filed, Paper
from kiosk.identity import Person, masked_name, tail
from kiosk.items import Item
from kiosk.journeys.ending import end_of_matter
from kiosk.journeys.paper import Offer, with_paper
from kiosk.pages import Confirm, Done, Option, Row
from kiosk.texts import _, sentences

AGAIN = "again"


class Deed(Protocol):
    """What is to be carried out. Its texts are in the language that is spoken when they are asked for."""

    @property
    def item(self) -> Item: ...

    @property
    def person(self) -> Person: ...

    @property
    def act(self) -> LiveAct: ...

    def question(self) -> str:
        """Asked before it is done."""

    def action(self) -> str:
        """What the one key says that does it."""

    def rows(self) -> tuple[Row, ...]:
        """What page and paper show alike: surnames and the last four of numbers."""

    def to_check(self) -> tuple[Row, ...]:
        """The same with what was typed, whole."""

    def notes(self) -> tuple[str, ...]:
        """What is to be known before."""

    def once_done(self) -> tuple[str, ...]:
        """What the person does, or need not do, when it is carried out."""

    def telephones(self) -> tuple[str, ...]:
        """Who is asked where it was not done, or nobody knows."""


async def at_once(desk: Desk, deed: Deed) -> None:
    """Confirm, and the end. Raises Unavailable before anything is recorded."""
    await desk.ask(confirm(deed))
    filed = await desk.submit(deed.act, receipt=partial(slip, deed), live=True)
    first = filed.state
    while True:
        answer = await with_paper(
            desk,
            partial(done, deed, filed, changed=filed.state != first),
            partial(slip, deed, filed),
            label=_("打一张凭条"),
            of=filed,
            family=partial(for_family, deed, filed),
        )
        if answer != AGAIN:
            return
        filed = await desk.ask_again(filed)


# -- the pages -----------------------------------------------------------------------------------------------------


def confirm(deed: Deed) -> Confirm:
    return Confirm(
        name="confirm",
        question=deed.question(),
        rows=deed.to_check(),
        notes=deed.notes(),
        action=deed.action(),
    )


def done(deed: Deed, filed: Filed, paper: Paper | None, offer: Offer, *, changed: bool = False) -> Done:
    """``changed``: something else was known when the first paper was printed."""
    page = end_of_matter(
        filed,
        state=receipts.at_once_in_words(filed.state),
        person=deed.person,
        lines=(*what_became(filed), *_at_once_by_telephone(deed, filed)),
        rows=(*deed.rows(), *until(filed)),
        next_steps=steps(deed, filed),
        paper=paper,
        offer=offer,
    )
    if changed and paper is not None and paper.outcome == "printed" and not paper.copy:
        page = replace(page, paper=_("刚才那张凭条还不知道结果，可以补打一张"))
    if filed.state != "unsure":
        return page
    again = Option(value=AGAIN, label=_("再问一次"), icon="refresh")
    return replace(page, actions=(again, *page.actions))


def slip(deed: Deed, filed: Filed) -> receipts.Receipt:
    return receipts.at_once(
        service=deed.item.on_paper,
        rows=(*deed.rows(), *until(filed)),
        outcome=filed,
        next_steps=_in_sentences(deed, filed),
    )


def for_family(deed: Deed, filed: Filed) -> receipts.Receipt:
    """For whoever looks after the person: until when it holds, and what is still to be done."""
    return receipts.for_family(
        service=deed.item.on_paper,
        who=(*deed.rows(), *until(filed)),
        outcome=filed,
        state=receipts.at_once_in_words(filed.state),
        next_steps=_in_sentences(deed, filed),
    )


def _in_sentences(deed: Deed, filed: Filed) -> str:
    return sentences((*what_became(filed), *_at_once_by_telephone(deed, filed), *steps(deed, filed)))


def what_became(filed: Filed) -> tuple[str, ...]:
    """The authority's words as they came; of what is not known, that it is not."""
    if filed.state == "unsure":
        return (_("对方系统没有回音，还不知道办成没有。我们会一直问下去。"),)
    text = filed.matter.text if filed.matter is not None else None
    return (receipts.in_their_words(text),) if text else ()


def _at_once_by_telephone(deed: Deed, filed: Filed) -> tuple[str, ...]:
    """Whom to call first where nobody knows: it stands before everything else, for it may not wait."""
    return deed.telephones()[:1] if filed.state == "unsure" else ()


def until(filed: Filed) -> tuple[Row, ...]:
    """The last day of what ends by itself."""
    if filed.matter is None or filed.matter.until is None:
        return ()
    return (Row(label=_("停用到"), value=day_in_words(filed.matter.until)),)


def steps(deed: Deed, filed: Filed) -> tuple[str, ...]:
    """What the person can do from here, in order."""
    match filed.state:
        case "decided":
            return deed.once_done()
        case "declined":
            return deed.telephones()
        case _:
            return (
                _("先不要再办一次。"),
                *deed.telephones()[1:],
                _("结果在任何一台自助终端“我的办件”里看。"),
            )


# -- what deeds share ----------------------------------------------------------------------------------------------


def holder(label: str, person: Person) -> Row:
    """Surname and the last four of the number."""
    return Row(label=label, value=f"{masked_name(person.name)}  {tail(person.number)}")


def ways_out(item: Item) -> tuple[str, ...]:
    """Who can be asked instead, as the entry says it."""
    return in_lines(item.way_out)


def in_lines(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(_(line) for line in lines)
