"""The kiosks' questions about a person, and who answers them."""

from __future__ import annotations

import json

from fastapi import APIRouter
from sqlalchemy import select

from central.house import House
from central.insurance import filings_and_basis, status_at
from central.matter_rows import MATTER_COLUMNS, NUMBER_COLUMNS, registration_number, same_record
from central.submitting import WITH_ITEM
from central.suspending import demand_few
from central.tables import check_ins, matters, records
from kiosk.contract.messages import Matter
from kiosk.contract.queries import (
    Filings,
    FilingsOf,
    InsuranceStatus,
    InsuranceStatusOf,
    LastCheckIn,
    LastCheckInOf,
    MatterLine,
    Matters,
    MattersOf,
    Question,
)
from kiosk.contract.registry import told

LINES = 20


def routes(house: House) -> APIRouter:
    """``POST /v1/queries/{name}``. Raises Refused (another-kiosk, suspended), Unanswered, NotGranted."""
    router = APIRouter(prefix="/v1/queries", tags=["queries"])
    database, upstreams, references = house.database, house.upstreams, house.references

    @router.post(f"/{InsuranceStatusOf.name}")
    def insurance_status(question: Question[InsuranceStatusOf]) -> InsuranceStatus:
        """What an insured place (参保地) knows of a person."""
        demand_few(house, question.presented, question.query)
        query = question.query
        return status_at(upstreams, question.presented.kiosk, query.person, query.place, house.now())

    @router.post(f"/{FilingsOf.name}")
    def filings(question: Question[FilingsOf]) -> Filings:
        """A person's remote-care filings (异地就医备案) and what they rest on."""
        demand_few(house, question.presented, question.query)
        return filings_and_basis(upstreams, question.presented.kiosk, question.query.person)

    @router.post(f"/{LastCheckInOf.name}")
    def last_check_in(question: Question[LastCheckInOf]) -> LastCheckIn:
        """What a rider used last time."""
        demand_few(house, question.presented, question.query)
        person = references.of(question.query.person)
        with database.reading() as connection:
            services = connection.execute(
                select(check_ins.c.services)
                .where(check_ins.c.person == person)
                .order_by(check_ins.c.happened_at.desc())
                .limit(1)
            ).scalar()
        return LastCheckIn(services=tuple(json.loads(services or "[]")))

    @router.post(f"/{MattersOf.name}")
    def matters_of(question: Question[MattersOf]) -> Matters:
        """What became of a person's matters (我的办件), the newest first."""
        demand_few(house, question.presented, question.query)
        newest = (
            select(*NUMBER_COLUMNS, records.c.kind, matters.c.summary, *MATTER_COLUMNS)
            .select_from(matters.join(records, same_record(matters)))
            .where(matters.c.person == references.of(question.query.person))
            .order_by(records.c.happened_at.desc())
            .limit(LINES)
        )
        with database.reading() as connection:
            rows = connection.execute(newest).all()
        return Matters(
            lines=tuple(
                MatterLine(
                    kind=row.kind,
                    item=row.summary if row.kind in WITH_ITEM else None,
                    at=row.happened_at,
                    number=registration_number(row),
                    matter=Matter(
                        state=told(row.kind, row.state),
                        code=row.code,
                        number=row.number,
                        text=row.text,
                        at=row.at,
                        until=row.until,
                    ),
                )
                for row in rows
            )
        )

    return router
