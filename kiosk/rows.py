"""Single rows of the outbox's tables: read, found, moved on. For ``ledger``, within its transactions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from sqlite_utils import Database

from kiosk.contract.messages import MatterState
from kiosk.contract.records import Record

PENDING: Final = """
    SELECT r.n, l.kiosk, l.ledger, r.id, r.header, r.sealed FROM records r JOIN ledgers l ON l.n = r.ledger
    WHERE r.state = 'pending' AND r.n NOT IN (SELECT value FROM json_each(?)) ORDER BY r.n LIMIT ?
"""
PENDING_ID: Final = """
    SELECT r.n, l.kiosk, l.ledger, r.id, r.header, r.sealed FROM records r JOIN ledgers l ON l.n = r.ledger
    WHERE r.state = 'pending' AND r.id = ?
"""
PLACES: Final = """
    SELECT r.header, r.matter FROM ledgers l JOIN records r ON r.ledger = l.n
    WHERE r.seq IN (SELECT value FROM json_each(?))
"""
OPEN: Final = "SELECT id FROM records WHERE state = 'stored' AND matter IN ('kept', 'unsure') ORDER BY n LIMIT ?"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A record that central does not have yet. ``n`` is its place in this database."""

    n: int
    kiosk: str
    ledger: bytes
    id: UUID
    header: bytes
    sealed: bytes


def waiting(row: tuple[int, str, bytes, bytes, bytes, bytes]) -> Waiting:
    """A row of PENDING."""
    n, kiosk, ledger, identifier, header, sealed = row
    return Waiting(n=n, kiosk=kiosk, ledger=ledger, id=UUID(bytes=identifier), header=header, sealed=sealed)


def last_of(db: Database, ledger: int) -> Record | None:
    """The last record of a ledger."""
    row = db.execute(
        "SELECT header, sealed FROM records WHERE ledger = ? ORDER BY seq DESC LIMIT 1", [ledger]
    ).fetchone()
    return None if row is None else Record.read(*row)


def find(db: Database, id: UUID) -> Record | None:  # noqa: A002 - the header's name
    """The record of that id."""
    row = db.execute("SELECT header, sealed FROM records WHERE id = ?", [id.bytes]).fetchone()
    return None if row is None else Record.read(*row)


def set_state(db: Database, batch: Iterable[Waiting], state: Literal["stored", "quarantined"]) -> None:
    """What became of records that were pending."""
    places = [(state, each.n) for each in batch]
    db.conn.executemany("UPDATE records SET state = ? WHERE n = ? AND state = 'pending'", places)


def set_matter(db: Database, id: UUID, state: MatterState) -> None:  # noqa: A002
    """A matter never falls back to ``kept``, nor from what is known of it to ``unsure``: an answer may arrive late."""
    db.execute(
        "UPDATE records SET matter = :state WHERE id = :id AND matter IS NOT :state"
        " AND (:state NOT IN ('kept', 'unsure') OR matter IS NULL OR (:state = 'unsure' AND matter = 'kept'))",
        {"state": state, "id": id.bytes},
    )


def ask_anew(db: Database, id: UUID) -> None:  # noqa: A002
    """Central takes a record as one that it never saw: what it knew of its matter, it has forgotten."""
    db.execute("UPDATE records SET matter = 'kept' WHERE id = ? AND matter NOT IN ('kept', 'unsure')", [id.bytes])
