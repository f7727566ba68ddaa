"""The demonstration's authorities: they answer from the register, and remember what was filed here.

They follow the rules that a person would meet: no insurance, no filing; a suspended insurance is declined with the
reason; everything else gets an acceptance number (受理号) and waits for a review that never comes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from central.database import Database, insert
from central.demonstration.register import Register
from central.people import References, masked_telephone
from central.tables import demonstration_filings as held
from kiosk.contract.acts import FilingKind, PersonReference, PlaceCode, RemoteCareFiling
from kiosk.contract.messages import Matter
from kiosk.contract.queries import Filing, Filings, Insurance, InsuranceStatus

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


class DemonstrationMedicalInsurance:
    """Medical insurance (医保) out of the register."""

    def __init__(
        self, register: Register, database: Database, references: References, now: Callable[[], datetime]
    ) -> None:
        self._register = register
        self._database = database
        self._references = references
        self._now = now

    def filings_of(self, person: PersonReference) -> Filings:
        resident = self._register.find(person.number)
        medical = resident.medical() if resident is not None else None
        known = [] if resident is None else [Filing(**entry.model_dump()) for entry in resident.filings]
        telephone = resident.telephone if resident is not None else None
        return Filings(
            insured_place=medical.place if medical is not None else None,
            status=medical.status if medical is not None else None,
            filings=(*self._filed_here(person), *known),
            telephone=masked_telephone(telephone) if telephone is not None else None,
        )

    def file(self, record: UUID, filing: RemoteCareFiling) -> Matter:
        resident = self._register.find(filing.person.number)
        medical = resident.medical() if resident is not None else None
        if medical is None:
            return self._declined("没有查到基本医疗保险参保记录，不能备案。您可能在别的地方参保，请打 12393 问一问。")
        if medical.status != "1":
            return self._declined("您的基本医疗保险没有在正常缴费，不能备案。接上缴费以后可以再来办。")
        at = self._now()
        number = acceptance_number(record, medical.place, at.astimezone(SHANGHAI).date())
        with self._database.writing() as connection:
            connection.execute(
                insert(connection, held)
                .values(
                    person=self._references.of(filing.person),
                    record=record,
                    number=number,
                    filing=filing.filing.value,
                    place=filing.place,
                    begin=filing.begin,
                    end=filing.end,
                    at=at,
                )
                .on_conflict_do_nothing()
            )
            row = connection.execute(select(held.c.number, held.c.at).where(held.c.record == record)).one()
        authority = f"{self._register.place_name(medical.place)}医保部门"
        return Matter(state="sent", number=row.number, text=f"等{authority}审核", at=row.at)

    def _declined(self, text: str) -> Matter:
        return Matter(state="declined", text=text, at=self._now())

    def _filed_here(self, person: PersonReference) -> list[Filing]:
        under_review: Literal["under review"] = "under review"
        with self._database.reading() as connection:
            rows = connection.execute(
                select(held).where(held.c.person == self._references.of(person)).order_by(held.c.at.desc())
            ).all()
        return [
            Filing(
                number=row.number,
                filing=FilingKind(row.filing),
                place=row.place,
                begin=row.begin,
                end=row.end,
                state=under_review,
            )
            for row in rows
        ]


class DemonstrationSocialInsurance:
    """Social security (社保) out of the register."""

    def __init__(self, register: Register, now: Callable[[], datetime]) -> None:
        self._register = register
        self._now = now

    def status_of(self, person: PersonReference, place: PlaceCode) -> InsuranceStatus:
        resident = self._register.find(person.number)
        rows = () if resident is None else tuple(row for row in resident.insurances if row.place == place)
        return InsuranceStatus(
            place=place, as_of=self._now(), rows=tuple(Insurance(**row.model_dump(exclude={"place"})) for row in rows)
        )


def acceptance_number(record: UUID, place: str, day: date) -> str:
    """A number (受理号) that looks like one, the same for the same record."""
    serial = int.from_bytes(hashlib.sha256(record.bytes).digest()[:4]) % 10_000
    return f"YD{place}{day:%Y%m%d}{serial:04d}"
