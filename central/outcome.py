"""What is known of a record, and waiting for it to be known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final
from uuid import UUID

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import select

from central.database import Database
from central.errors import Refused
from central.matter_rows import MATTER_COLUMNS, matter_of, same_record
from central.signatures import speaker
from central.tables import matters, records
from kiosk.contract.messages import Matter, RecordStatus

WAITS_AT_MOST: Final = 10.0
"""Seconds that anybody waits here."""

OPEN: Final = frozenset({"kept", "unsure"})
"""States of a matter that may be over in a moment."""


async def settled_within(
    database: Database, record: UUID, within: float, request: Request, closing: Callable[[], bool]
) -> RecordStatus:
    """What became of a record's matter; waits up to ``within`` seconds while it is open. Raises Refused (no-record)."""
    loop = asyncio.get_running_loop()
    until, pause = loop.time() + within, 0.02
    while True:
        status = await run_in_threadpool(status_of, database, record)
        left = until - loop.time()
        if is_settled(status.matter) or left <= 0 or closing() or await request.is_disconnected():
            return status
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.4, 0.25)


def is_settled(matter: Matter | None) -> bool:
    """Whether it is known what became of it."""
    return matter is not None and matter.state not in OPEN


def status_of(database: Database, record: UUID) -> RecordStatus:
    """What is known of a record of the kiosk that asks. Raises Refused (no-record)."""
    there = records.outerjoin(matters, same_record(matters))
    found = select(*MATTER_COLUMNS).select_from(there).where(records.c.id == record)
    if (kiosk := speaker()) is not None:
        found = found.where(records.c.kiosk == kiosk)
    with database.reading() as connection:
        row = connection.execute(found.limit(1)).first()
    if row is None:
        raise Refused(404, "no-record", "There is no such record")
    return RecordStatus(id=record, matter=matter_of(row))
