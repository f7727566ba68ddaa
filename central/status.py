"""What became of a matter, by its registration number (登记号) alone: for a kiosk, and for the page of a receipt.

Whoever holds the receipt may know its state; who it is about is neither asked nor told. A number is looked up whole:
its six digits say where the record lies and can be counted, its four random characters cannot be guessed, because for
each place only a few wrong ones an hour are looked at. A right one looks no different from a wrong one then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import Connection, case, delete, select

from central.database import Database, insert
from central.house import House
from central.matter_rows import NUMBER_COLUMNS, registration_number, same_record
from central.signatures import demand_speaker
from central.tables import appointments, kiosks, ledgers, matters, number_tries, quarantine, records
from kiosk.contract.errors import BadNumber
from kiosk.contract.messages import DeclineCode, MatterState, Sort
from kiosk.contract.numbers import Number, folded, read_number
from kiosk.contract.registry import ACTS, sort_of, told
from kiosk.contract.sealing import NEWEST, suite
from kiosk.contract.status import MatterStatus, StatusQuestion

WRONG_ONES: Final = 10
"""Wrong numbers an hour for one place of a kiosk's ledger: of a million, all would be tried in eleven years."""

AN_HOUR: Final = timedelta(hours=1)

WRAPS: Final = 1_000_000
"""Records of a ledger after which the six digits begin again."""

GIVEN_BACK: Final = ("cancelled", "moved")
"""States of an appointment that is none any more."""

WITHOUT_STATUS: Final = ("ledger.", "rider.", "audit.")
"""What nobody was given a number of."""


def status_of(database: Database, text: str, now: datetime) -> MatterStatus:
    """What is known of a number as it was scanned or typed."""
    try:
        number = read_number(text)
    except BadNumber:
        return MatterStatus(outcome="unknown")
    with database.reading() as connection:
        names = kiosks_of(connection, number)
        if not names:
            return MatterStatus(outcome="unknown")
        if _tried(connection, number, now) >= WRONG_ONES:
            return MatterStatus(outcome="refused")
        found = find(connection, number, names)
        sort = None if found is None else _sort_of(connection, found)
    if found is None or not _has_status(found.kind, found.version):
        _note_wrong(database, number, now)
        return MatterStatus(outcome="unknown")
    return MatterStatus(
        outcome="known",
        sort=sort or "filing",
        recorded_at=found.happened_at,
        state=found.state,
        code=found.code if found.code != "authority" else None,  # a state alone says as much
        theirs=found.theirs,
    )


@dataclass(frozen=True, kw_only=True)
class Found:
    """The record of a number, and what became of its matter; ``kept`` too where nobody opened it yet."""

    kiosk: str
    id: UUID
    kind: str
    version: int
    happened_at: datetime
    state: MatterState
    code: DeclineCode | None
    theirs: str | None


def kiosks_of(connection: Connection, number: Number) -> list[str]:
    """The kiosks that may have given the number."""
    names: Iterable[str] = connection.execute(select(kiosks.c.kiosk)).scalars()
    return [name for name in names if folded(name.upper()) == folded(number.kiosk)]


def find(connection: Connection, number: Number, names: Sequence[str]) -> Found | None:
    """The record of a number of one of these kiosks, whether it lies in a ledger or was taken beside one.

    The digits lead to at most one record in a million of each ledger of a kiosk; the whole number tells which.
    """
    its_ledgers = select(ledgers.c.ledger, ledgers.c.contiguous).where(ledgers.c.kiosk.in_(names))
    rows = connection.execute(its_ledgers).all()
    last = max((row.contiguous for row in rows), default=0)
    disputed = (quarantine.c.kiosk == records.c.kiosk) & (quarantine.c.id == records.c.id)
    beside = select(records.c.ledger).join(quarantine, disputed & (quarantine.c.hash == records.c.hash))
    places = {row.ledger for row in rows} | set(connection.scalars(beside.where(quarantine.c.kiosk.in_(names))))
    wanted = (
        select(*NUMBER_COLUMNS, records.c.kind, records.c.version, matters.c.state, matters.c.code, matters.c.number)
        .select_from(records.outerjoin(matters, same_record(matters)))
        .where(
            records.c.kiosk.in_(names),
            records.c.ledger.in_(places),
            records.c.seq.in_(range(number.digits or WRAPS, last + WRAPS + 1, WRAPS)),
            records.c.id.is_not(None),
        )
    )
    for row in connection.execute(wanted):
        if folded(registration_number(row)) == number.key:
            return Found(
                kiosk=row.kiosk,
                id=row.id,
                kind=row.kind,
                version=row.version,
                happened_at=row.happened_at,
                state=told(row.kind, row.state or "kept"),
                code=row.code,
                theirs=row.number,
            )
    return None


def _sort_of(connection: Connection, found: Found) -> Sort:
    its = (appointments.c.kiosk == found.kiosk) & (appointments.c.id == found.id)
    if connection.execute(select(appointments.c.state).where(its)).scalar() in GIVEN_BACK:
        return "cancelled"
    return sort_of(found.kind)


def _has_status(kind: str, version: int) -> bool:
    act = ACTS.get((kind, version))
    return (act is None or act.has_matter) and not kind.startswith(WITHOUT_STATUS)


# -- tries -------------------------------------------------------------------------------------------------------------


def _place(number: Number) -> str:
    """One, however the kiosk's name is spelt."""
    return f"{folded(number.kiosk)}-{number.digits:06d}"


def _tried(connection: Connection, number: Number, now: datetime) -> int:
    """How many wrong numbers were asked for at this place within the hour."""
    its = (number_tries.c.place == _place(number)) & (number_tries.c.since > now - AN_HOUR)
    return connection.execute(select(number_tries.c.wrong).where(its)).scalar() or 0


def _note_wrong(database: Database, number: Number, now: datetime) -> None:
    """The same one again is no guess: it may be on its way, and somebody looks whether it has come."""
    this = suite(NEWEST).hash(number.key.encode())
    wrong = case((number_tries.c.last == this, number_tries.c.wrong), else_=number_tries.c.wrong + 1)
    with database.writing() as connection:
        connection.execute(delete(number_tries).where(number_tries.c.since <= now - AN_HOUR))
        connection.execute(
            insert(connection, number_tries)
            .values(place=_place(number), since=now, wrong=1, last=this)
            .on_conflict_do_update(index_elements=["place"], set_={"wrong": wrong, "last": this})
        )


# -- who asks ----------------------------------------------------------------------------------------------------------


def kiosk_routes(house: House) -> APIRouter:
    """``POST /v1/queries/status``. Raises Refused (another-kiosk)."""
    router = APIRouter(prefix="/v1/queries", tags=["queries"])

    @router.post("/status", response_model_exclude_none=True)  # a kiosk may not know of every field yet
    def status(question: StatusQuestion) -> MatterStatus:
        """What became of a matter, by its number: 我的办件 without a card."""
        demand_speaker(question.presented.kiosk)
        return status_of(house.database, question.query.number, house.now())

    return router
