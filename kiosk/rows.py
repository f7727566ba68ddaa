"""Single rows of the outbox's tables: read, found, moved on. For ``ledger``, within its transactions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlite_utils import Database

from kiosk.contract.messages import BatchAnswer, ItemAnswer, MatterState, Sort
from kiosk.contract.numbers import Number
from kiosk.contract.records import Header, Record
from kiosk.contract.registry import sort_of, told

WRAPS: Final = 1_000_000
"""Records after which the digits of a number begin again."""

PrintState = Literal["intended", "sent", "printed", "not printed", "unknown"]

Whose = Literal["ours", "others", "all"]
"""Records under the present name of this kiosk, under an earlier one, or those and then these."""

PENDING: Final = """
    SELECT r.n, l.kiosk, l.ledger, r.id, r.header, r.sealed FROM records r CROSS JOIN ledgers l ON l.n = r.ledger
    WHERE (l.kiosk = ?) = ? AND r.state = 'pending' AND r.n NOT IN (SELECT value FROM json_each(?)) ORDER BY r.n LIMIT ?
"""
"""CROSS: the records come first, by the index of those that wait."""
PENDING_ID: Final = """
    SELECT r.n, l.kiosk, l.ledger, r.id, r.header, r.sealed FROM records r JOIN ledgers l ON l.n = r.ledger
    WHERE r.state = 'pending' AND r.id = ?
"""
PLACES: Final = """
    SELECT r.header, r.matter FROM ledgers l JOIN records r ON r.ledger = l.n
    WHERE r.seq IN (SELECT value FROM json_each(?))
"""
OPEN: Final = """
    SELECT id FROM (SELECT id FROM records WHERE state = 'stored' AND matter IN ('kept', 'unsure') ORDER BY n LIMIT ?1)
    UNION ALL SELECT id FROM (
        SELECT id FROM records WHERE state = 'stored' AND matter IN ('sent', 'papers wanted') ORDER BY n DESC LIMIT ?1
    ) LIMIT ?1
"""
"""Matters of which nothing is known, the oldest first; then those that are with their authority, the newest first."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A record that central does not have yet. ``n`` is its place in this database."""

    n: int
    kiosk: str
    ledger: bytes
    id: UUID
    header: bytes
    sealed: bytes

    @property
    def seq(self) -> int:
        """Its place in its ledger."""
        return Header.decode(self.header).seq


Answered = list[tuple[Waiting, ItemAnswer]]


def paired(batch: Sequence[Waiting], answer: BatchAnswer) -> Answered:
    """Each record with central's answer to it. Raises ValueError where the two do not fit."""
    if len(answer.answers) != len(batch):
        raise ValueError("not an answer per record")
    pairs = list(zip(batch, answer.answers, strict=True))
    if any(
        item.id not in (waiting.id, None) or (item.id is None and item.outcome != "unreadable")
        for waiting, item in pairs
    ):
        raise ValueError("an answer to another record")
    return pairs


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


def count_since(db: Database, kind: str, since: datetime) -> int:
    """See ``Ledger.count_since``. SQLite looks for the kind's bytes in the headers: few others are decoded."""
    earliest = int(since.timestamp() * 1000).to_bytes(6, "big")  # ids begin with their time (RFC 9562 §5.7)
    found = db.execute("SELECT header FROM records WHERE id >= ? AND instr(header, ?)", [earliest, kind.encode()])
    return sum(Header.decode(header).kind == kind for (header,) in found)


def set_state(db: Database, batch: Iterable[Waiting], state: Literal["stored", "quarantined"]) -> None:
    """What became of records that were pending. One that was taken from a database set aside since is not here."""
    places = [(state, each.n, each.id.bytes) for each in batch]
    db.conn.executemany("UPDATE records SET state = ? WHERE n = ? AND id = ? AND state = 'pending'", places)


def set_matters(db: Database, states: Iterable[tuple[UUID, MatterState]]) -> None:
    """A matter never falls back to ``kept``, nor from what is known of it to ``unsure``: an answer may arrive late."""
    db.conn.executemany(
        "UPDATE records SET matter = :state WHERE id = :id AND matter IS NOT :state"
        " AND (:state NOT IN ('kept', 'unsure') OR matter IS NULL OR (:state = 'unsure' AND matter = 'kept'))",
        [{"state": state, "id": id.bytes} for id, state in states],  # noqa: A001
    )


def ask_anew(db: Database, batch: Iterable[Waiting]) -> None:
    """Central takes records as ones that it never saw: what it knew of their matters, it has forgotten."""
    places = [(each.n, each.id.bytes) for each in batch]
    db.conn.executemany(
        "UPDATE records SET matter = 'kept' WHERE n = ? AND id = ? AND matter NOT IN ('kept', 'unsure')", places
    )


def state_of(db: Database, number: Number) -> tuple[MatterState, Sort] | None:
    """See ``Ledger.state_of``."""
    last: int | None = db.execute("SELECT max(seq) FROM records").fetchone()[0]
    places = range(number.digits or WRAPS, (last or 0) + 1, WRAPS)
    for header, matter in db.execute(PLACES, [json.dumps(list(places))]).fetchall():
        record = Header.decode(header)
        if record.number.key == number.key:
            return None if matter is None else (told(record.kind, matter), sort_of(record.kind))
    return None


# -- prints ------------------------------------------------------------------------------------------------------------


def mark_print(db: Database, id: UUID, state: PrintState) -> None:  # noqa: A002
    """See ``Ledger.mark_print``."""
    row = db.execute("SELECT n FROM records WHERE id = ?", [id.bytes]).fetchone()
    if row is None:
        raise LookupError("no such record")
    last = db.execute("SELECT n, state FROM prints WHERE record = ? ORDER BY n DESC LIMIT 1", [row[0]]).fetchone()
    begun = ("intended", "sent")
    if last is None or (state in begun and last[1] not in begun):
        db.execute("INSERT INTO prints (record, state) VALUES (?, ?)", [row[0], state])
    else:
        db.execute("UPDATE prints SET state = ? WHERE n = ?", [state, last[0]])


def has_unfinished_print(db: Database) -> bool:
    """Whether a print was intended or sent, and it is not known what came of it."""
    return db.execute("SELECT 1 FROM prints WHERE state IN ('intended', 'sent')").fetchone() is not None


def settle_prints(db: Database) -> None:
    """What was sent may be printed or not, what was only intended is not."""
    db.execute("UPDATE prints SET state = 'unknown' WHERE state = 'sent'")
    db.execute("UPDATE prints SET state = 'not printed' WHERE state = 'intended'")
