"""The person's yes to a matter whose second check is owed: asked for by telephone, within a week.

The message carries a link to a page of ours (``confirm_page``); the token in it is all that leads to the matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import Connection, delete, func, select, update

from central.database import Database, insert
from central.matter_rows import registration_number, same_record
from central.tables import confirmations, matters, records
from central.tasks import look_now
from central.tokens import fresh, hashed

PATH: Final = "/c/"
"""Of the page, on the public pages' host; the token follows."""

CONFIRM_WITHIN: Final = timedelta(days=7)
TOKENS_KEPT: Final = timedelta(days=30)

_ITS_RECORD: Final = (
    (records.c.kiosk == confirmations.c.kiosk)
    & (records.c.ledger == confirmations.c.ledger)
    & (records.c.seq == confirmations.c.seq)
)


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


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question that was sent: of which record, and until when it can be answered. ``number``: 登记号."""

    number: str
    recorded_at: datetime
    expires_at: datetime
    confirmed: bool


def found(connection: Connection, token: str) -> Asked | None:
    """The question of this token; None: there is none, or no more."""
    row = connection.execute(
        select(confirmations, records.c.id, records.c.happened_at)
        .select_from(confirmations.join(records, _ITS_RECORD))
        .where(confirmations.c.token == hashed(token))
    ).one_or_none()
    if row is None:
        return None
    return Asked(
        number=registration_number(row),
        recorded_at=row.happened_at,
        expires_at=row.expires_at,
        confirmed=row.confirmed_at is not None,
    )


def confirm(database: Database, token: str, now: datetime) -> Literal["confirmed", "over", "unknown"]:
    """The person's yes: the matter is worked on again. Saying it twice does no harm."""
    with database.writing() as connection:
        row = connection.execute(
            select(confirmations).where(confirmations.c.token == hashed(token)).with_for_update()
        ).one_or_none()
        if row is None:
            return "unknown"
        if row.confirmed_at is None:
            if row.expires_at <= now:
                return "over"
            its = (confirmations.c.kiosk == row.kiosk) & (confirmations.c.token == row.token)
            connection.execute(update(confirmations).where(its).values(confirmed_at=now))
            look_now(connection, (row.kiosk, row.ledger, row.seq), now, confirmed=True)
            database.announce(connection)
    return "confirmed"


def end_unconfirmed(connection: Connection, now: datetime) -> None:
    """A matter that waits for a yes after the time for it is over was not filed, and is not going to be."""
    over = connection.execute(
        select(matters.c.kiosk, matters.c.id)
        .select_from(confirmations.join(records, _ITS_RECORD).join(matters, same_record(matters)))
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
