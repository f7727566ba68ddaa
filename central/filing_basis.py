"""What speaks for or against a filing of an item, before a person fills it in: rows of insurance, and what lies there.

Whether it is granted stays the authority's answer. Rows are of every place that the authority tells: insured elsewhere
is the commonest reason why a filing is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter
from sqlalchemy import select, true

from central.authorities.asking import each, one_request
from central.house import House
from central.matter_rows import NUMBER_COLUMNS, registration_number, same_record
from central.people import masked, masked_telephone
from central.suspending import demand_few
from central.tables import matters, records
from central.upstream import Upstreams
from kiosk.contract.filing_basis import FilingBasis, FilingBasisOf, FilingBasisQuestion, InsuredRow, OpenFiling
from kiosk.contract.filings import ServiceFiling
from kiosk.contract.queries import Insurance

NOT_OVER: Final = ("kept", "sent", "papers wanted")


def routes(house: House) -> APIRouter:
    """``POST /v1/queries/filing-basis``. Raises Refused (another-kiosk, suspended), Unanswered, NotGranted."""
    router = APIRouter(prefix="/v1/queries", tags=["queries"])

    @router.post(f"/{FilingBasisOf.name}")
    def filing_basis(question: FilingBasisQuestion) -> FilingBasis:
        """What is known before a filing is filled in."""
        query, kiosk = question.query, question.presented.kiosk
        demand_few(house, question.presented, query)
        with one_request(2) as asked:
            on_record = asked.submit(house.upstreams.telephones.on_record, query.applicant or query.person)
            rows = asked.submit(ROWS[query.authority], house.upstreams, kiosk, query)
            telephone = on_record.result()
        return FilingBasis(
            rows=rows.result(),
            open=open_filings(house, query),
            telephone=None if telephone is None else masked_telephone(telephone),
        )

    return router


def medical_rows(upstreams: Upstreams, kiosk: str, query: FilingBasisOf) -> tuple[InsuredRow, ...]:
    """Every row of every place."""
    return tuple(as_row(held.place, held.row) for held in upstreams.medical.insured(kiosk, query.person))


def social_rows(upstreams: Upstreams, kiosk: str, query: FilingBasisOf) -> tuple[InsuredRow, ...]:
    """The rows of each place that knows the person. The place that was named is asked before it is known to be one of
    them, as it mostly is; where it is not, whatever it says does not count."""
    social, person = upstreams.social, query.person
    with one_request(2) as asked:
        places = asked.submit(social.places_of, kiosk, person)
        here = asked.submit(social.status_of, kiosk, person, query.place)

        def at(place: str) -> tuple[Insurance, ...]:
            return here.result() if place == query.place else social.status_of(kiosk, person, place)

        known = places.result()
        return tuple(as_row(place, row) for place, rows in zip(known, each(at, known), strict=True) for row in rows)


ROWS: Final[dict[str, Callable[[Upstreams, str, FilingBasisOf], tuple[InsuredRow, ...]]]] = {
    "medical": medical_rows,
    "social": social_rows,
}


def as_row(place: str, row: Insurance) -> InsuredRow:
    return InsuredRow(place=place, insutype=row.insutype, status=row.status, by_employer=row.unit is not None)


def open_filings(house: House, query: FilingBasisOf) -> tuple[OpenFiling, ...]:
    """What came from any kiosk for this person and item and is not over, the newest first. A child's is found under its
    guardian."""
    holder = query.applicant or query.person
    whom = matters.c.shown == masked(query.person) if query.applicant is not None else true()
    found = (
        select(*NUMBER_COLUMNS, matters.c.state)
        .select_from(matters.join(records, same_record(matters)))
        .where(
            matters.c.person == house.references.of(holder),
            whom,
            matters.c.summary == query.item,
            matters.c.state.in_(NOT_OVER),
            records.c.kind == ServiceFiling.kind,
        )
        .order_by(records.c.happened_at.desc())
        .limit(5)
    )
    with house.database.reading() as connection:
        rows = connection.execute(found).all()
    return tuple(OpenFiling(number=registration_number(row), at=row.happened_at, state=row.state) for row in rows)
