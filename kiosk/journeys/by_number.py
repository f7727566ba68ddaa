"""What became of one matter, by its registration number (登记号): typed, or the receipt held to the scanner.

Central answers for every terminal; without it this machine answers for what it recorded itself, with the state alone.
Neither asks who it is: whoever holds the receipt may know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from kiosk import receipts
from kiosk.contract.errors import BadNumber
from kiosk.contract.messages import DeclineCode, MatterState, Sort
from kiosk.contract.numbers import Number, read_number
from kiosk.contract.status import StatusOf
from kiosk.dates import day_in_words
from kiosk.desk import Desk, Left
from kiosk.journeys.ending import mood_of
from kiosk.pages import NOT_A_RECEIPT, EnterNumber, Notice, Option, Result, Row, Section
from kiosk.texts import _

TRIES = 5
"""Numbers that nobody was given, in one visit: then the desk looks for the receipt's matter."""
ANOTHER = "another"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What could be found out. ``at``, the authority's number and ``why`` it was declined come from central alone."""

    number: Number
    state: MatterState
    sort: Sort
    why: DeclineCode | None = None
    at: datetime | None = None
    theirs: str | None = None


async def by_number(desk: Desk, *, begins: str, phone: str) -> None:
    """Asks until it has answered, or too many numbers were wrong. ``begins``: how this machine's numbers begin;
    ``phone``: the desk's. Raises Left."""
    wrong, problem, typed = 0, "", ""
    while wrong < TRIES:
        typed = await desk.ask(ask_number(begins, problem, typed))
        try:
            number = read_number(typed)
        except BadNumber:
            wrong, problem = wrong + 1, _not_a_number(typed)
            continue
        found = await _look_up(desk, number)
        if found == "refused":
            break
        if isinstance(found, Known):
            if await desk.ask(result(found, desk.now.tzinfo)) != ANOTHER:
                return
            wrong, problem, typed = 0, "", ""
        else:
            wrong, problem = wrong + 1, _not_found(answered=found == "unknown")
    await desk.ask(too_often(phone))
    raise Left("cancelled")


async def _look_up(desk: Desk, number: Number) -> Known | str:
    """What is known; else ``unknown`` to central and to this machine, ``refused`` by central for an hour, or ``away``:
    this machine does not know it, and central cannot be asked."""
    told = await desk.find(StatusOf(number=str(number)))
    if told is not None and told.outcome == "known":
        return Known(
            number=number,
            state=told.state,
            sort=told.sort,
            why=told.code,
            at=told.recorded_at,
            theirs=told.theirs,
        )
    here = await desk.recorded_here(number)
    if here is not None:
        state, sort = here
        return Known(number=number, state=state, sort=sort)
    return "away" if told is None else told.outcome


def _not_a_number(typed: str) -> str:
    if typed == NOT_A_RECEIPT:
        return _("这不是凭条上的码。请扫凭条下面的码，或者输登记号。")
    return _("这个号对不上，可能看错了一个字。请对着凭条再看一遍。")


def _not_found(*, answered: bool) -> str:
    if answered:
        return _("没有查到这个登记号。刚登记的要过一会儿才查得到；也可能看错了，请再看一遍。")
    return _("网络或对方系统没有回应，这台机器上没有这个号。请过一会儿再查，或者到登记的机器上查。")


# -- the pages -----------------------------------------------------------------------------------------------------


def ask_number(begins: str, problem: str = "", refused: str = "") -> EnterNumber:
    """``refused``: what was typed last, if nothing came of it."""
    return EnterNumber(
        name="number",
        question=_("请输入登记号"),
        hint=_("在凭条下面，像这样：{example}").format(example="K001-26-000317-7Q4X7"),
        begins=begins,
        by_scanner=_("也可以不输：把凭条上的码对着扫码口"),
        action=_("查一查"),
        problem=problem,
        refused=refused,
    )


def result(known: Known, here: tzinfo | None) -> Result:
    """The state in words; whose it is and what it was is not told."""
    recorded = () if known.at is None else (Row(label=_("登记的日子"), value=day_in_words(known.at.astimezone(here))),)
    theirs = () if not known.theirs else (Row(label=_("受理号"), value=known.theirs),)
    return Result(
        name="status",
        question=_("这件事办到这一步了"),
        sections=(
            Section(
                title=str(known.number),
                state=_in_words(known),
                mood=mood_of(known.state),
                rows=(*theirs, *recorded),
                meaning=_("办的是什么、要补什么，请放身份证在“我的办件”里看。"),
            ),
        ),
        notes=() if known.at is not None else (_("这是这台机器最后知道的，可能还有新的。"),),
        actions=(
            Option(value=ANOTHER, label=_("再查一个"), icon="magnify"),
            Option(value="finish", label=_("看好了"), icon="check", primary=True),
        ),
        personal=False,
    )


def _in_words(known: Known) -> str:
    if known.at is None:
        return receipts.last_known_in_words(known.sort, known.state)
    return receipts.sort_in_words(known.sort, known.state, known.why)


def too_often(phone: str) -> Notice:
    return Notice(
        name="too-often",
        icon="face-agent",
        mood="plain",
        question=_("还是没有查到，请到服务台问一下"),
        hint=_("把凭条拿给工作人员，他们能查到。"),
        lines=(_("服务台电话：{phone}").format(phone=phone),),
        actions=(Option(value="home", label=_("知道了"), icon="home", primary=True),),
    )
