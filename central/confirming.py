"""The person's yes to a matter whose second check is owed: asked for by telephone, within a week."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, func, select, update

from central.database import insert
from central.tables import confirmations, matters, records
from central.tokens import fresh, hashed

CONFIRM_WITHIN: Final = timedelta(days=7)
TOKENS_KEPT: Final = timedelta(days=30)


def asked(connection: Connection, place: tuple[str, str, int], now: datetime) -> str:
    """The token of the question about the record in that place, which goes to the person's telephone alone."""
    token = fresh()
    kiosk, ledger, seq = place
    connection.execute(
        insert(connection, confirmations).values(
            kiosk=kiosk,
            ledger=ledger,
            seq=seq,
            token=hashed(token),
            sent_at=now,
            expires_at=now + CONFIRM_WITHIN,
        )
    )
    return token


def end_unconfirmed(connection: Connection, now: datetime) -> None:
    """A matter that waits for a yes after the time for it is over was not filed, and is not going to be."""
    place = (confirmations.c.kiosk, confirmations.c.ledger, confirmations.c.seq)
    its_record = (records.c.kiosk == place[0]) & (records.c.ledger == place[1]) & (records.c.seq == place[2])
    its_matter = (matters.c.kiosk == records.c.kiosk) & (matters.c.id == records.c.id)
    over = connection.execute(
        select(matters.c.kiosk, matters.c.id)
        .select_from(confirmations.join(records, its_record).join(matters, its_matter))
        .where(matters.c.state == "kept")
        .group_by(matters.c.kiosk, matters.c.id)
        .having((func.max(confirmations.c.expires_at) <= now) & (func.count(confirmations.c.confirmed_at) == 0))
    ).all()
    text = "您没有在手机上确认，这件事没有提交。要办，请再来一次。"
    for row in over:
        connection.execute(
            update(matters)
            .where(matters.c.kiosk == row.kiosk, matters.c.id == row.id)
            .values(state="declined", code="not-confirmed", text=text, at=now)
        )


def forget(connection: Connection, now: datetime) -> None:
    """Deletes questions whose time has long been over."""
    connection.execute(delete(confirmations).where(confirmations.c.expires_at < now - TOKENS_KEPT))
