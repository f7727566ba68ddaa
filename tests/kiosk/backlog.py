"""A backlog without its syncs: many records in little time, for tests that need thousands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from kiosk.contract.acts import Act
from kiosk.contract.messages import SealingKey
from kiosk.contract.records import new_id
from kiosk.ledger import Clock, Ledger
from kiosk.pen import Entry


def fill(path: Path, kiosk: str, key: SealingKey, acts: Iterable[Act]) -> list[UUID]:
    """Adds ``acts`` to the outbox in ``path``, each sealed and in its place in the chain. Returns their ids."""
    ledger = Ledger(path, kiosk=kiosk, mode="demo", now=lambda: datetime.now(UTC))
    ledger.open()
    ledger.use_key(key)
    with ledger._using() as db:
        db.execute("PRAGMA synchronous=OFF")
    made = []
    for act in acts:
        moment = datetime.now(UTC)
        entry = Entry(act=act, id=new_id(moment), happened_at=moment, clock=Clock())
        made.append(ledger.append(entry).header.id)
    ledger.close()
    return made
