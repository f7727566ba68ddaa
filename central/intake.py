"""Taking the kiosks' records: each once, whatever arrives how often, and never one in place of another.

A record that fits is ``stored``; the same bytes again are a ``duplicate``; another record under the same id or the same
place in the ledger, or one that contradicts its neighbours, is a ``conflict`` and goes into quarantine. What cannot be
read is kept as bytes, and the chain goes on through the hash that the next record states. A gap blocks nothing.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, select, update

from central import contiguity, devices, signatures
from central.database import Database, insert
from central.errors import Refused
from central.matter_rows import MATTER_COLUMNS, matter_of, same_record
from central.tables import kiosks, matters, quarantine, records, work
from central.voice import Voice
from kiosk.contract.acts import Genesis
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import Batch, BatchAnswer, ItemAnswer, Matter, Outcome, WireRecord
from kiosk.contract.numbers import KIOSK
from kiosk.contract.records import RECORD_TAG, Record
from kiosk.contract.sealing import NEWEST, suite

log = logging.getLogger("central.intake")

REGISTERS_ITSELF: Final = "demo"
"""The mode in which a kiosk is known from its genesis on. Any other is enrolled first."""


def take(database: Database, voice: Voice, batch: Batch, now: datetime) -> BatchAnswer:
    """Stores a batch, answers each of its records, in order, and says up to where its ledger is here.

    Raises Refused (unknown-kiosk, and as ``devices``).
    """
    read = [read_record(wire) for wire in batch.records]
    with database.writing() as connection:
        know(connection, batch, read[0], now)
        devices.demand_own(connection, batch)
        desk = Intake(connection, batch.kiosk, batch.ledger, now)
        desk.look_up([record for record in read if record is not None])
        answers = [desk.answer(wire, record) for wire, record in zip(batch.records, read, strict=True)]
        desk.write()
        database.announce(connection)
        last = contiguity.note(connection, batch.kiosk, batch.ledger, now)
    acknowledgement = voice.acknowledge(batch.kiosk, batch.ledger, last, now)
    return BatchAnswer(answers=tuple(answers), contiguous=last[0], acknowledgement=acknowledgement)


def demand_known(connection: Connection, kiosk: str) -> None:
    """Raises Refused (another-kiosk, unknown-kiosk) for a kiosk that does not speak itself, or is not known here."""
    signatures.demand_speaker(kiosk)
    found = KIOSK.fullmatch(kiosk) and connection.execute(select(kiosks.c.kiosk).where(kiosks.c.kiosk == kiosk)).first()
    if not found:
        raise Refused(403, "unknown-kiosk", "This kiosk is not known here")


def know(connection: Connection, batch: Batch, first: Record | None, now: datetime) -> None:
    """Registers a demonstration's kiosk at its genesis, and holds the kiosk's row: one batch of a kiosk at a time."""
    if first is not None and KIOSK.fullmatch(batch.kiosk):
        header = first.header
        if (header.kiosk, header.kind, header.mode) == (batch.kiosk, Genesis.kind, REGISTERS_ITSELF):
            connection.execute(
                insert(connection, kiosks)
                .values(kiosk=batch.kiosk, mode=header.mode, since=now)
                .on_conflict_do_nothing()
            )
    demand_known(connection, batch.kiosk)
    connection.execute(select(kiosks.c.since).where(kiosks.c.kiosk == batch.kiosk).with_for_update())


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What the answer to a record depends on."""

    ledger: str
    seq: int
    hash: bytes
    previous: bytes | None
    outcome: str
    matter: Matter | None = None


class Intake:
    """One batch within its transaction."""

    def __init__(self, connection: Connection, kiosk: str, ledger: str, now: datetime) -> None:
        self._connection = connection
        self._kiosk = kiosk
        self._ledger = ledger
        self._now = now
        self._at: dict[int, Stored] = {}
        self._of: dict[UUID, Stored] = {}
        self._records: list[dict[str, object]] = []
        self._work: list[dict[str, object]] = []

    def look_up(self, batch: Sequence[Record]) -> None:
        """Reads what is stored under the batch's ids, and at its places and the places beside them."""
        places = {record.header.seq + step for record in batch for step in (-1, 0, 1)} - {0, 2**63}
        ids = {record.header.id for record in batch}
        here = (records.c.kiosk == self._kiosk) & (records.c.ledger == self._ledger)
        for condition in (here & records.c.seq.in_(places), records.c.id.in_(ids)):
            for id_, stored in self._read(condition):
                if stored.ledger == self._ledger:
                    self._at.setdefault(stored.seq, stored)
                if id_ is not None:
                    self._of[id_] = stored

    def answer(self, wire: WireRecord, record: Record | None) -> ItemAnswer:
        """Stores or keeps one record, and says which."""
        if record is None:
            self._keep(wire, None, "unreadable", "header")
            return ItemAnswer(id=None, outcome="unreadable")
        header = record.header
        if (header.kiosk, header.ledger.hex()) != (self._kiosk, self._ledger):
            return self._keep(wire, record, "unreadable", "another ledger's record")
        twin = self._of.get(header.id) or self._at.get(header.seq)
        if twin is not None:
            if (twin.hash, twin.seq, twin.ledger) != (record.hash, header.seq, self._ledger):
                return self._keep(wire, record, "conflict", "another record has its id or its place")
            if twin.outcome == "unreadable" and record.intact and self._heal(record):
                return ItemAnswer(id=header.id, outcome="stored")
            return ItemAnswer(id=header.id, outcome="duplicate", matter=twin.matter)
        before, after = self._at.get(header.seq - 1), self._at.get(header.seq + 1)
        if before is not None and before.hash != header.previous:
            return self._keep(wire, record, "conflict", "names another record before it")
        if after is not None and after.previous not in {None, record.hash}:
            return self._keep(wire, record, "conflict", "the record after it names another")
        if before is None and header.seq > 1:
            self._fill(header.seq - 1, header.previous)
        return ItemAnswer(id=header.id, outcome=self._store(record))

    def write(self) -> None:
        """Writes what was taken, all at once."""
        for table, rows in ((records, self._records), (work, self._work)):
            if rows:
                self._connection.execute(insert(self._connection, table), rows)
                rows.clear()

    def _store(self, record: Record) -> Outcome:
        """A record takes its place; the opener is to look at it where its payload is the one that its header names."""
        header = record.header
        outcome: Outcome = "stored" if record.intact else "unreadable"
        self._records.append(row_of(record, self._ledger, outcome, self._now))
        if outcome == "stored":
            self._give_work(header.seq)
        else:
            log.warning("payload is not its header's: kiosk %s ledger %s seq %d", self._kiosk, self._ledger, header.seq)
        self._remember(
            header.id,
            Stored(ledger=self._ledger, seq=header.seq, hash=record.hash, previous=header.previous, outcome=outcome),
        )
        return outcome

    def _heal(self, record: Record) -> bool:
        """The right payload arrives after a damaged one: the header's hash says that it is the right one.

        False where it was not damaged: it is the right one and could not be opened all the same.
        """
        self.write()
        seq = record.header.seq
        place = (records.c.kiosk == self._kiosk) & (records.c.ledger == self._ledger) & (records.c.seq == seq)
        damaged = place & (records.c.sealed != record.sealed)
        healed = self._connection.execute(update(records).where(damaged).values(sealed=record.sealed, outcome="stored"))
        if not healed.rowcount:
            return False
        self._give_work(seq)
        stored = Stored(
            ledger=self._ledger, seq=seq, hash=record.hash, previous=record.header.previous, outcome="stored"
        )
        self._remember(record.header.id, stored)
        return True

    def _give_work(self, seq: int) -> None:
        self._work.append(
            {
                "kiosk": self._kiosk,
                "ledger": self._ledger,
                "seq": seq,
                "confirmed": False,
                "due_at": self._now,
                "tries": 0,
            }
        )

    def _fill(self, seq: int, stated: bytes) -> None:
        """An unreadable header takes the place before the record whose ``previous`` is its hash."""
        kept = self._connection.execute(
            select(quarantine).where(
                quarantine.c.kiosk == self._kiosk, quarantine.c.ledger == self._ledger, quarantine.c.hash == stated
            )
        ).first()
        if kept is None or kept.id is not None:
            return
        self._records.append(
            {
                "kiosk": self._kiosk,
                "ledger": self._ledger,
                "seq": seq,
                "id": None,
                "hash": kept.hash,
                "previous": None,
                "kind": None,
                "version": None,
                "mode": None,
                "sealing_key": None,
                "happened_at": None,
                "header": kept.header,
                "sealed": kept.sealed,
                "outcome": "unreadable",
                "stored_at": self._now,
            }
        )
        self._at[seq] = Stored(ledger=self._ledger, seq=seq, hash=kept.hash, previous=None, outcome="unreadable")

    def _keep(self, wire: WireRecord, record: Record | None, outcome: Outcome, why: str) -> ItemAnswer:
        """Into quarantine, once however often it arrives."""
        id_ = None if record is None else record.header.id
        level = logging.ERROR if outcome == "conflict" else logging.WARNING
        log.log(level, "%s (%s): kiosk %s ledger %s record %s", outcome, why, self._kiosk, self._ledger, id_)
        self._connection.execute(
            insert(self._connection, quarantine)
            .values(
                kiosk=self._kiosk,
                digest=hashlib.sha256(len(wire.header).to_bytes(4) + wire.header + wire.sealed).hexdigest(),
                ledger=self._ledger,
                id=id_,
                hash=suite(NEWEST).hash(RECORD_TAG + wire.header) if record is None else record.hash,
                header=wire.header,
                sealed=wire.sealed,
                outcome=outcome,
                why=why,
                arrived_at=self._now,
            )
            .on_conflict_do_nothing()
        )
        return ItemAnswer(id=id_, outcome=outcome)

    def _remember(self, id_: UUID, stored: Stored) -> None:
        self._at[stored.seq] = stored
        self._of[id_] = stored

    def _read(self, condition: ColumnElement[bool]) -> list[tuple[UUID | None, Stored]]:
        rows = self._connection.execute(
            select(
                records.c.ledger,
                records.c.seq,
                records.c.id,
                records.c.hash,
                records.c.previous,
                records.c.outcome,
                *MATTER_COLUMNS,
            )
            .select_from(records.outerjoin(matters, same_record(matters)))
            .where(condition)
        ).all()
        return [
            (
                row.id,
                Stored(
                    ledger=row.ledger,
                    seq=row.seq,
                    hash=row.hash,
                    previous=row.previous,
                    outcome=row.outcome,
                    matter=matter_of(row),
                ),
            )
            for row in rows
        ]


def row_of(record: Record, ledger: str, outcome: Outcome, now: datetime) -> dict[str, object]:
    """What the table of records keeps of it."""
    header = record.header
    return {
        "kiosk": header.kiosk,
        "ledger": ledger,
        "seq": header.seq,
        "id": header.id,
        "hash": record.hash,
        "previous": header.previous,
        "kind": header.kind,
        "version": header.version,
        "mode": header.mode,
        "sealing_key": header.sealing_key,
        "happened_at": header.happened_at,
        "header": record.header_bytes,
        "sealed": record.sealed,
        "outcome": outcome,
        "stored_at": now,
    }


def read_record(wire: WireRecord) -> Record | None:
    """The record, or None where its header cannot be read."""
    try:
        return Record.read(wire.header, wire.sealed)
    except ContractError:
        return None
