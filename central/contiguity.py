"""Up to where central has a ledger without a gap: noted with each batch, and said to its kiosk.

A gap blocks nothing that follows it; what is said ends below it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select, update

from central.database import insert
from central.tables import ledgers, records
from central.voice import Last
from kiosk.contract.sealing import NEWEST, suite

AT_ONCE: Final = 1000
"""Records that are looked at in one query, where a gap has closed below many."""

HEARD_EVERY: Final = timedelta(minutes=1)
"""When a kiosk was heard last is noted no more often than this, unless it brings records."""

NOTHING: Final[Last] = (0, bytes(suite(NEWEST).hash_size))


def note(connection: Connection, kiosk: str, ledger: str, now: datetime) -> Last:
    """Up to where the ledger reaches without a gap, read on from where it was noted last, and noted."""
    here = (ledgers.c.kiosk == kiosk) & (ledgers.c.ledger == ledger)
    connection.execute(
        insert(connection, ledgers)
        .values(kiosk=kiosk, ledger=ledger, contiguous=0, since=now, heard_at=now)
        .on_conflict_do_nothing()
    )
    last: int = connection.execute(select(ledgers.c.contiguous).where(here)).scalar_one()
    its = (records.c.kiosk == kiosk) & (records.c.ledger == ledger)
    ahead = select(records.c.seq).where(its).order_by(records.c.seq).limit(AT_ONCE)
    goes_on = True
    while goes_on:
        found = connection.execute(ahead.where(records.c.seq > last)).scalars().all()
        # They are in order and no two the same: as long as there is no gap, the n-th is n places on.
        last = max((seq for place, seq in enumerate(found, last + 1) if seq == place), default=last)
        goes_on = len(found) == AT_ONCE and found[-1] == last
    connection.execute(update(ledgers).where(here).values(contiguous=last, heard_at=now))
    return _with_hash(connection, kiosk, ledger, last)


def heard(connection: Connection, kiosk: str, ledger: str) -> tuple[Last, datetime | None]:
    """Up to where the ledger reaches, and when its kiosk was heard last; None: this ledger is not known."""
    row = connection.execute(
        select(ledgers.c.contiguous, ledgers.c.heard_at).where(ledgers.c.kiosk == kiosk, ledgers.c.ledger == ledger)
    ).one_or_none()
    return (NOTHING, None) if row is None else (_with_hash(connection, kiosk, ledger, row.contiguous), row.heard_at)


def note_heard(connection: Connection, kiosk: str, ledger: str, now: datetime) -> None:
    """That the kiosk was there."""
    here = (ledgers.c.kiosk == kiosk) & (ledgers.c.ledger == ledger)
    connection.execute(update(ledgers).where(here).values(heard_at=now))


def _with_hash(connection: Connection, kiosk: str, ledger: str, seq: int) -> Last:
    if seq == 0:
        return NOTHING
    its = (records.c.kiosk == kiosk) & (records.c.ledger == ledger)
    return seq, connection.execute(select(records.c.hash).where(its, records.c.seq == seq)).scalar_one()
