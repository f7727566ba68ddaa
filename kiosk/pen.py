"""Writes records onto the end of a ledger: sealed, chained, stored; and the genesis with which a ledger begins.

All of it within the caller's transaction: what is not committed was never written.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlite_utils import Database

from kiosk.contract.acts import Act, Genesis
from kiosk.contract.messages import SealingKey
from kiosk.contract.records import ClockFlags, Header, Mode, Record, new_id, seal
from kiosk.contract.sealing import suite

Place = tuple[int, bytes]
"""A ledger: its place in the database, and its name."""

Why = Literal["enrolled", "database damaged", "behind central", "conflict"]
"""Why a ledger begins."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Clock:
    """What is known of the clock when a record is written: milliseconds ahead of central, and flags."""

    offset: int | None = None
    flags: ClockFlags = ClockFlags.UNMEASURED


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An act to be recorded, with all that its header says of the moment."""

    act: Act
    id: UUID
    happened_at: datetime
    clock: Clock
    printing: bool = False
    sam: str | None = None
    notice: str | None = None


def genesis_after(why: Why, last: Record | None, acknowledged: int | None) -> Genesis:
    """What is known of the ledger before: its last record here, and up to where central has it."""
    return Genesis(
        why=why,
        previous_ledger=None if last is None else last.header.ledger,
        previous_seq=None if last is None else last.header.seq,
        previous_hash=None if last is None else last.hash,
        acknowledged_seq=acknowledged,
    )


@dataclass(frozen=True, kw_only=True)
class Pen:
    """What a kiosk's records are written with."""

    kiosk: str
    mode: Mode
    key: SealingKey

    def begin(self, db: Database, genesis: Genesis, now: datetime) -> Place:
        """Begins a ledger."""
        ledger = secrets.token_bytes(16)
        n = db.execute("INSERT INTO ledgers (kiosk, ledger) VALUES (?, ?)", [self.kiosk, ledger]).lastrowid
        assert n is not None
        self.write(db, Entry(act=genesis, id=new_id(now), happened_at=now, clock=Clock()), (n, ledger), None)
        _log.warning("ledger %s begins: %s", ledger.hex(), genesis.why)
        return n, ledger

    def write(self, db: Database, entry: Entry, place: Place, last: Record | None) -> Record | None:
        """Writes ``entry`` and its print intention after ``last``, the last record of that ledger. None: there is one
        of that id, and nothing was written."""
        n, ledger = place
        size = suite(self.key.suite).hash_size
        header = Header(
            suite=self.key.suite,
            kiosk=self.kiosk,
            ledger=ledger,
            seq=1 if last is None else last.header.seq + 1,
            id=entry.id,
            previous=bytes(size) if last is None else last.hash,
            kind=entry.act.kind,
            version=entry.act.version,
            happened_at=entry.happened_at,
            clock_offset=entry.clock.offset,
            clock_flags=entry.clock.flags,
            sealing_key=self.key.id,
            mode=self.mode,
            sam=entry.sam,
            notice=entry.notice,
            payload_hash=bytes(size),
        )
        record = seal(header, entry.act, self.key.public)
        matter = "kept" if entry.act.has_matter else None
        # sqlite3's own: sqlite-utils' looks whether a statement is a transaction by itself, and the caller's is open.
        written = db.conn.execute(
            "INSERT INTO records (ledger, seq, id, header, sealed, matter, hash) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING",
            [n, header.seq, entry.id.bytes, record.header_bytes, record.sealed, matter, record.hash],
        ).rowcount
        if not written:
            return None
        if entry.printing:
            db.conn.execute("INSERT INTO prints (record, state) VALUES (last_insert_rowid(), 'intended')")
        return record
