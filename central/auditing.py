"""What befell the machines: audit events and the beginnings of ledgers, kept once each, and listed by kiosk."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, true

from central.database import Database, insert
from central.local_time import SHANGHAI
from central.tables import audit_events
from kiosk.contract.acts import Genesis
from kiosk.contract.audit import AuditEvent
from kiosk.contract.records import ClockFlags, Header

BEGUN: Final = "ledger-begun"

Row = dict[str, str | int | dict[str, str | int]]


def keep(connection: Connection, header: Header, act: Genesis | AuditEvent) -> None:
    """Keeps it, however often it is opened."""
    connection.execute(
        insert(connection, audit_events)
        .values(
            kiosk=header.kiosk,
            ledger=header.ledger.hex(),
            seq=header.seq,
            event=BEGUN if isinstance(act, Genesis) else act.code,
            details=json.dumps(beginning(act) if isinstance(act, Genesis) else act.details, ensure_ascii=False),
            happened_at=header.happened_at,
            clock_flags=int(header.clock_flags),
        )
        .on_conflict_do_nothing()
    )


def beginning(act: Genesis) -> dict[str, str | int]:
    """Why a ledger begins, and what is known of the one before it, where there was one."""
    said = {
        "why": act.why,
        "previous_ledger": None if act.previous_ledger is None else act.previous_ledger.hex(),
        "previous_seq": act.previous_seq,
        "acknowledged_seq": act.acknowledged_seq,
    }
    return {name: value for name, value in said.items() if value is not None}


def read(database: Database, *, kiosk: str | None, last: int) -> list[Row]:
    """The ``last`` events of one kiosk or of all, the newest at the end.

    Keys: kiosk, ledger, seq, event, details, happened_at (ISO 8601, UTC), clock (flags of the kiosk's clock then).
    """
    wanted = (
        select(audit_events)
        .where(true() if kiosk is None else audit_events.c.kiosk == kiosk)
        .order_by(
            audit_events.c.happened_at.desc(),
            audit_events.c.kiosk,
            audit_events.c.ledger.desc(),
            audit_events.c.seq.desc(),
        )
        .limit(last)
    )
    with database.reading() as connection:
        rows = connection.execute(wanted).all()
    return [
        {
            "kiosk": row.kiosk,
            "ledger": row.ledger,
            "seq": row.seq,
            "event": row.event,
            "details": json.loads(row.details),
            "happened_at": row.happened_at.isoformat(),
            "clock": ClockFlags(row.clock_flags).name or "",
        }
        for row in reversed(rows)
    ]


def line(row: Row) -> str:
    """An event for a terminal; the time as the wall clock in Shanghai showed it, ``?`` where the kiosk's may be off."""
    at = datetime.fromisoformat(str(row["happened_at"])).astimezone(SHANGHAI)
    details = row["details"] if isinstance(row["details"], dict) else {}
    said = "  ".join(f"{name} {value}" for name, value in details.items())
    doubt = "?" if row["clock"] else " "
    return f"{at:%Y-%m-%d %H:%M:%S}{doubt} {row['kiosk']:10} {row['event']:22} {said}".rstrip()
