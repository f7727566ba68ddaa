"""今天不用办 / 该办的事: what is due for a person, put together from both authorities and from central's own matters.

The authorities are asked side by side, each as far as it answers: what could not be asked is named in the answer. None
of it is kept. It takes a second factor, for one page tells more of a person than any of its parts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from fastapi import APIRouter
from sqlalchemy import select

from central.authorities.asking import one_request
from central.house import House
from central.local_time import SHANGHAI
from central.lookups import demand_second_factor
from central.matter_rows import NUMBER_COLUMNS, registration_number, same_record
from central.suspending import demand_few
from central.tables import filings, matters, records
from central.upstream import NotGranted, NotOffered, Unanswered, Upstreams, Wanted
from kiosk.contract.acts import PersonReference
from kiosk.contract.due import CERTIFY_WITHIN, RENEW_WITHIN, Due, DueKind, DueLine, DueOf, DueQuestion

Part = Callable[[Upstreams, str, PersonReference, date], tuple[DueLine, ...]]


def routes(house: House) -> APIRouter:
    """``POST /v1/queries/due``. Raises Refused (another-kiosk, suspended, second-factor)."""
    router = APIRouter(prefix="/v1/queries", tags=["queries"])

    @router.post(f"/{DueOf.name}")
    def due(question: DueQuestion) -> Due:
        """What is due for a person, what is not, and what could not be asked."""
        kiosk, query = question.presented.kiosk, question.query
        demand_few(house, question.presented, query)
        demand_second_factor(house, question.presented, query)
        return everything(house, kiosk, query.person)

    return router


def everything(house: House, terminal: str, person: PersonReference) -> Due:
    """All parts, what is due first; each authority in its own thread, for each may take seconds."""
    now = house.now()
    today = now.astimezone(SHANGHAI).date()
    lines: list[DueLine] = list(papers_wanted(house, person))
    unanswered: list[DueKind] = []
    with one_request(len(PARTS)) as threads:
        asked = {kind: threads.submit(part, house.upstreams, terminal, person, today) for kind, part in PARTS.items()}
        for kind, answer in asked.items():
            try:
                lines += answer.result()
            except (Unanswered, NotGranted, NotOffered):
                unanswered.append(kind)
    lines.sort(key=lambda line: (not line.due, line.until or date.max))
    return Due(as_of=now, lines=tuple(lines), unanswered=tuple(unanswered))


def certification(upstreams: Upstreams, terminal: str, person: PersonReference, today: date) -> tuple[DueLine, ...]:
    """Of every pension (领取养老待遇资格认证), wherever the authority says that one is drawn."""
    wanted = [
        (place, row)
        for place in upstreams.social.places_of(terminal, person)
        for row in upstreams.social.look_up(terminal, person, Wanted(services=("certification",), place=place)).rows[
            "certification"
        ]
    ]
    lines = tuple(
        DueLine(
            kind="certification",
            due=row.get("state") in (DUE, PAUSED) or (until is not None and until - today <= CERTIFY_WITHIN),
            until=until,
            place=place,
            stopped=row.get("state") == PAUSED,
        )
        for place, row in wanted
        if row.get("state") in CERTIFICATION
        for until in (_day(row.get("until")),)
    )
    return known(lines, of=len(wanted))


def contributions(upstreams: Upstreams, terminal: str, person: PersonReference, today: date) -> tuple[DueLine, ...]:
    """Of medical insurance as a resident (居民医保), each year that the authority lists from this one on: the person's
    own, and of those whom they registered."""
    looked = upstreams.medical.look_up(terminal, person, Wanted(services=("resident-payments",)))
    wanted = [row for row in looked.rows["resident-payments"] if row.get("year", "") >= str(today.year)]
    lines = tuple(
        DueLine(
            kind="contributions",
            due=row.get("state") == UNPAID,
            year=row.get("year"),
            family=row.get("own") != OWN,
        )
        for row in wanted
        if row.get("state") in CONTRIBUTIONS
    )
    return known(lines, of=len(wanted))


def known(lines: tuple[DueLine, ...], *, of: int) -> tuple[DueLine, ...]:
    """The lines, where something is due or each of so many rows has a state that is known here. Raises Unanswered: of a
    state that nobody here knows it cannot be said that nothing is to be done."""
    if len(lines) < of and not any(line.due for line in lines):
        raise Unanswered("a state that is not known here")
    return lines


def remote_care(upstreams: Upstreams, terminal: str, person: PersonReference, today: date) -> tuple[DueLine, ...]:
    """Remote-care filings in force; one without an end is never due."""
    return tuple(
        DueLine(
            kind="filing",
            due=filing.end is not None and filing.end - today <= RENEW_WITHIN,
            until=filing.end,
            place=filing.place,
        )
        for filing in upstreams.medical.filings_of(terminal, person)
        if filing.state == "in force"
    )


PARTS: Final[dict[DueKind, Part]] = {
    "certification": certification,
    "contributions": contributions,
    "filing": remote_care,
}
"""What authorities are asked for."""
DUE, PAUSED = "2", "3"
CERTIFICATION: Final = frozenset({"1", DUE, PAUSED})
"""States of a certification; 1 is certified."""
UNPAID, OWN = "0", "1"
CONTRIBUTIONS: Final = frozenset({UNPAID, "1"})
"""States of a year's contributions; 1 is paid."""


def papers_wanted(house: House, person: PersonReference) -> tuple[DueLine, ...]:
    """The person's matters that wait for papers (补正), by when the authority wants them where it says so."""
    wanted = (
        select(*NUMBER_COLUMNS, filings.c.until)
        .select_from(matters.join(records, same_record(matters)).outerjoin(filings, same_record(filings)))
        .where(matters.c.person == house.references.of(person), matters.c.state == "papers wanted")
        .order_by(records.c.happened_at)
    )
    with house.database.reading() as connection:
        rows = connection.execute(wanted).all()
    return tuple(DueLine(kind="papers", due=True, until=row.until, number=registration_number(row)) for row in rows)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
