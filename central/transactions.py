"""The list of what arrived, for whoever runs central: persons masked, payloads unseen."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select

from central.database import existing
from central.local_time import SHANGHAI
from central.matter_rows import registration_number, same_record
from central.tables import matters, records

Row = dict[str, str | int | None]

COLUMNS: Final = {
    "registration": "REGISTRATION",
    "kind": "KIND",
    "happened_at": "HAPPENED",
    "outcome": "RECORD",
    "matter": "MATTER",
    "number": "NUMBER",
    "person": "PERSON",
    "summary": "SUMMARY",
}


def listed(url: str, *, as_json: bool) -> str:
    """The list as a table for a terminal, or as JSON. Raises BadUrl, NoDatabase."""
    rows = read(url)
    return json.dumps(rows, ensure_ascii=False, indent=2) if as_json else table(rows)


def read(url: str) -> list[Row]:
    """What arrived, in the order of arrival.

    Keys: id, kiosk, ledger, seq, kind, version, mode, happened_at, stored_at (ISO 8601, UTC), outcome (stored |
    unreadable), registration (登记号), matter (its state), code (why it was declined), number (受理号), text,
    matter_at, person (masked), summary, intent, like (the id of an earlier record that may mean the same).
    """
    wanted = (
        select(
            records.c.id,
            records.c.kiosk,
            records.c.ledger,
            records.c.seq,
            records.c.kind,
            records.c.version,
            records.c.mode,
            records.c.happened_at,
            records.c.stored_at,
            records.c.outcome,
            matters.c.state,
            matters.c.code,
            matters.c.number,
            matters.c.text,
            matters.c.at,
            matters.c.shown,
            matters.c.summary,
            matters.c.intent,
            matters.c.like,
        )
        .select_from(records.outerjoin(matters, same_record(matters)))
        .order_by(records.c.stored_at, records.c.kiosk, records.c.ledger, records.c.seq)
    )
    with existing(url) as database, database.reading() as connection:
        found = connection.execute(wanted).all()
    return [
        {
            "id": text_of(row.id),
            "kiosk": row.kiosk,
            "ledger": row.ledger,
            "seq": row.seq,
            "kind": row.kind,
            "version": row.version,
            "mode": row.mode,
            "happened_at": iso(row.happened_at),
            "stored_at": iso(row.stored_at),
            "outcome": row.outcome,
            "registration": None if row.id is None else registration_number(row),
            "matter": row.state,
            "code": row.code,
            "number": row.number,
            "text": row.text,
            "matter_at": iso(row.at),
            "person": row.shown,
            "summary": row.summary,
            "intent": row.intent,
            "like": text_of(row.like),
        }
        for row in found
    ]


def table(rows: Sequence[Row]) -> str:
    """The columns that fit a terminal; times as the wall clock in Shanghai shows them."""
    lines = [list(COLUMNS.values()), *([cell(row, column) for column in COLUMNS] for row in rows)]
    widths = [max(width(line[index]) for line in lines) for index in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(word + " " * (widths[index] - width(word)) for index, word in enumerate(line)).rstrip()
        for line in lines
    )


def cell(row: Row, column: str) -> str:
    value = row[column]
    if column == "happened_at" and isinstance(value, str):
        return f"{datetime.fromisoformat(value).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return "-" if value is None else str(value)


def width(text: str) -> int:
    """Columns that a text takes in a terminal: Chinese characters take two (UAX 11)."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def text_of(value: object) -> str | None:
    return None if value is None else str(value)


def iso(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
