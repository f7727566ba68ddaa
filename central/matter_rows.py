"""A matter's row beside its record's: how they are joined, what became of the matter, and its registration number."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, Row, Table

from central.tables import matters, records
from kiosk.contract.messages import Matter
from kiosk.contract.numbers import number_of

MATTER_COLUMNS: Final = (
    matters.c.state,
    matters.c.code,
    matters.c.number,
    matters.c.text,
    matters.c.at,
    matters.c.until,
)
"""What ``matter_of`` needs of a row."""

NUMBER_COLUMNS: Final = (records.c.kiosk, records.c.happened_at, records.c.seq, records.c.id)
"""What ``registration_number`` needs of a row."""


def same_record(table: Table) -> ColumnElement[bool]:
    """What joins ``matters``, or another table whose ``id`` is the record's, to ``records``."""
    return (table.c.kiosk == records.c.kiosk) & (table.c.id == records.c.id)


def matter_of(row: Row[*tuple[object, ...]]) -> Matter | None:
    """What became of the matter; None where an outer join found none."""
    if row.state is None:
        return None
    return Matter(state=row.state, code=row.code, number=row.number, text=row.text, at=row.at, until=row.until)


def registration_number(row: Row[*tuple[object, ...]]) -> str:
    """The number on the receipt (登记号)."""
    return str(number_of(kiosk=row.kiosk, happened_at=row.happened_at, seq=row.seq, id=row.id))
