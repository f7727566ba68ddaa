"""The kiosk's ledger on disk: records appended and chained, their states, the print journal. Blocking, for one thread.

``outbox`` is what the rest of the kiosk uses. A database that is damaged is set aside untouched under another name, and
a ledger begins in a fresh one: whoever stands at the machine is served. After any error of the database the connection
is given up, and the next call opens and checks the file anew.
"""

from __future__ import annotations

import json
import logging
import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, TypeVar, cast
from uuid import UUID

from sqlite_utils import Database

from kiosk import schema, soundness
from kiosk.contract.acts import Act, Genesis
from kiosk.contract.messages import BatchAnswer, MatterState, SealingKey
from kiosk.contract.numbers import Number
from kiosk.contract.records import ClockFlags, Header, Mode, Record, new_id, seal
from kiosk.contract.registry import told
from kiosk.contract.sealing import suite
from kiosk.errors import NotKept
from kiosk.files import sync_folder
from kiosk.reserve import Reserve, demand_writable

PrintState = Literal["intended", "sent", "printed", "not printed", "unknown"]

WRAPS: Final = 1_000_000
"""Records after which the digits of a number begin again."""

T = TypeVar("T")

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


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A record that central does not have yet. ``n`` is its place in this database."""

    n: int
    kiosk: str
    ledger: bytes
    id: UUID
    header: bytes
    sealed: bytes


@dataclass
class Ledger:
    """The database behind the outbox. Every method belongs to one thread and may raise NotKept."""

    path: Path
    kiosk: str
    mode: Mode
    now: Callable[[], datetime]
    key: SealingKey | None = None
    reserve: Reserve | None = None
    _db: Database | None = field(default=None, init=False)
    _current: tuple[int, bytes] | None = field(default=None, init=False)
    _last: Record | None = field(default=None, init=False, repr=False)
    _damage: soundness.Damage | None = field(default=None, init=False, repr=False)
    _corrupt: str | None = field(default=None, init=False)

    # -- life ----------------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Checks the last records, sets a damaged database aside, and begins a ledger where there is none."""

        def look() -> None:
            with self._using():
                pass

        self.finish(look)
        if self.reserve is not None:
            with suppress(NotKept):  # whoever comes is told before they confirm
                self.reserve.hold()

    def look_back(self) -> None:
        """Checks the chain of the last records. Where it is broken, the next use sets the database aside."""
        with self._using():
            if (damage := soundness.look_back(self.path)) is not None:
                self._give_up()
                self._corrupt = damage.what

    def close(self) -> None:
        """Closes the database; the last connection to it moves the log into the file."""
        db, self._db = self._db, None
        self._current = self._last = None
        if db is not None:
            db.close()

    def use_key(self, key: SealingKey) -> None:
        """Seals to ``key`` from here on, and begins a ledger where there is none."""
        self.key = key
        with self._using() as db:
            self._begin_where_needed(db)

    def demand_room(self) -> None:
        """Whether a record could be kept now: room, a disk that takes it, and nobody who holds the database."""
        if self.key is None:
            raise NotKept("no keys")
        if self.reserve is not None:
            self.reserve.hold()
        demand_writable(self.path.parent)
        with self._using() as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")

    def finish(self, work: Callable[[], T]) -> T:
        """The outcome of ``work``, which is under way: the room that is kept back is given up for it."""
        try:
            return work()
        except NotKept as error:
            if not self._relieved(error):
                raise
            return work()

    # -- records -------------------------------------------------------------------------------------------------------

    def append(self, entry: Entry) -> Record:
        """Seals, chains and stores ``entry`` and its print intention in one commit.

        A second one of the same id gives the first. An error may come after the commit took place: the database is then
        opened anew and asked for the id. One that comes before it is met by a second try: a damaged file is then set
        aside. Where there is no room, what is kept back is given up.
        """
        if self.key is None:
            raise NotKept("no keys")
        last_try = False
        while True:
            committing = False
            try:
                with self._using() as db:
                    self._begin_where_needed(db)
                    db.execute("BEGIN IMMEDIATE")
                    known = _find(db, entry.id)
                    record = known or self._insert(db, entry, self.key)
                    committing = True
                    db.execute("COMMIT")
                    self._last = record if known is None else self._last
                    return record
            except NotKept as error:
                relieved = self._relieved(error)
                if committing and (found := self._after_commit_failed(entry, error)) is not None:
                    return found
                if not relieved and (committing or last_try or error.reason != "broken"):
                    raise
                last_try = not relieved

    def pending(self, limit: int, octets: int, without: Collection[int] = ()) -> list[Waiting]:
        """The oldest records that central does not have, of one ledger, in order; at least one if there is any.

        ``without`` are the places of records that are not asked for now.
        """
        with self._using() as db:
            rows = db.execute(_PENDING, [json.dumps(list(without)), limit]).fetchall()
        found: list[Waiting] = []
        for row in rows:
            waiting = _waiting(row)
            octets -= len(waiting.header) + len(waiting.sealed)
            if found and (octets < 0 or waiting.ledger != found[0].ledger):
                break
            found.append(waiting)
        return found

    def waiting(self, id: UUID) -> Waiting | None:  # noqa: A002 - the header's name
        """The record of that id if central does not have it."""
        with self._using() as db:
            row = db.execute(_PENDING_ID, [id.bytes]).fetchone()
        return None if row is None else _waiting(row)

    def count_pending(self) -> int:
        """How many records central does not have."""
        with self._using() as db:
            count: int = db.execute("SELECT count(*) FROM records WHERE state = 'pending'").fetchone()[0]
        return count

    def answered(self, batch: Sequence[Waiting], answer: BatchAnswer) -> None:
        """Central's answer to each record of ``batch``, in one commit. Raises ValueError where the two do not fit."""
        if len(answer.answers) != len(batch):
            raise ValueError("not an answer per record")
        pairs = list(zip(batch, answer.answers, strict=True))
        if any(
            item.id not in (waiting.id, None) or (item.id is None and item.outcome != "unreadable")
            for waiting, item in pairs
        ):
            raise ValueError("an answer to another record")
        with self._using() as db, schema.transaction(db):
            for waiting, item in pairs:
                _set_state(db, waiting, "stored" if item.outcome in ("stored", "duplicate") else "quarantined")
                if item.matter is not None:
                    _set_matter(db, waiting.id, item.matter.state)

    def quarantine(self, batch: Sequence[Waiting]) -> None:
        """Takes records that central refuses by themselves out of the way of the others. They stay on the disk."""
        with self._using() as db, schema.transaction(db):
            for waiting in batch:
                _set_state(db, waiting, "quarantined")

    def kept(self, limit: int) -> list[UUID]:
        """Records that central has and of whose matter it is not known what became, oldest first."""
        with self._using() as db:
            rows = db.execute(_OPEN, [limit]).fetchall()
        return [UUID(bytes=row[0]) for row in rows]

    def matter(self, id: UUID, state: MatterState) -> None:  # noqa: A002
        """What became of a matter. The state alone: the authority's text and number are about a person."""
        with self._using() as db, schema.transaction(db):
            _set_matter(db, id, state)

    def count_since(self, kind: str, since: datetime) -> int:
        """How many records of ``kind`` were made on this machine since then."""
        earliest = int(since.timestamp() * 1000).to_bytes(6, "big")  # ids begin with their time (RFC 9562 §5.7)
        with self._using() as db:
            rows = db.execute("SELECT header FROM records WHERE id >= ?", [earliest]).fetchall()
        return sum(Header.decode(row[0]).kind == kind for row in rows)

    def state_of(self, number: Number) -> MatterState | None:
        """The state of the matter of that number; None where this database has no such record, or it has no matter.

        The digits lead to at most one record in a million of each ledger; the whole number tells which.
        """
        with self._using() as db:
            last: int | None = db.execute("SELECT max(seq) FROM records").fetchone()[0]
            places = range(number.digits or WRAPS, (last or 0) + 1, WRAPS)
            rows = db.execute(_PLACES, [json.dumps(list(places))]).fetchall()
        for header, matter in rows:
            record = Header.decode(header)
            if record.number.key == number.key:
                return None if matter is None else told(record.kind, cast("MatterState", matter))
        return None

    # -- prints --------------------------------------------------------------------------------------------------------

    def mark_print(self, id: UUID, state: PrintState) -> None:  # noqa: A002
        """The state of the record's latest print; ``intended`` or ``sent`` after a finished one is a further print.

        Raises LookupError for an unknown record.
        """
        with self._using() as db, schema.transaction(db):
            row = db.execute("SELECT n FROM records WHERE id = ?", [id.bytes]).fetchone()
            if row is None:
                raise LookupError("no such record")
            last = db.execute(
                "SELECT n, state FROM prints WHERE record = ? ORDER BY n DESC LIMIT 1", [row[0]]
            ).fetchone()
            begun = ("intended", "sent")
            if last is None or (state in begun and last[1] not in begun):
                db.execute("INSERT INTO prints (record, state) VALUES (?, ?)", [row[0], state])
            else:
                db.execute("UPDATE prints SET state = ? WHERE n = ?", [state, last[0]])

    def settle_prints(self) -> None:
        """After a start: what was sent may be printed or not, what was only intended is not."""
        with self._using() as db:
            if db.execute("SELECT 1 FROM prints WHERE state IN ('intended', 'sent')").fetchone() is None:
                return
            with schema.transaction(db):
                db.execute("UPDATE prints SET state = 'unknown' WHERE state = 'sent'")
                db.execute("UPDATE prints SET state = 'not printed' WHERE state = 'intended'")

    # -- inside --------------------------------------------------------------------------------------------------------

    @contextmanager
    def _using(self) -> Iterator[Database]:
        """The open database. Its errors become NotKept, and the next use opens it anew."""
        try:
            if self._db is None:
                self._db = self._opened()
                self._begin_where_needed(self._db)
            yield self._db
        except sqlite3.Error as error:
            self._give_up()
            code, name = schema.code_of(error)
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                self._corrupt = name
            raise NotKept(_REASONS.get(code, "broken"), name) from error
        except OSError as error:
            self._give_up()
            raise NotKept("broken", error.strerror or "") from error
        except BaseException:
            if self._db is not None:
                self._db.rollback()
            raise

    def _opened(self) -> Database:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and (damage := soundness.examine(self.path, found=self._corrupt)) is not None:
            aside = soundness.set_aside(self.path, self.now())
            _log.error("database damaged (%s), set aside as %s", damage.what, aside.name)
            self._damage, self._corrupt = damage, None
        db = schema.open_to_write(self.path)
        sync_folder(self.path.parent)
        return db

    def _give_up(self) -> None:
        try:
            self.close()
        except sqlite3.Error as error:
            _log.warning("database does not close: %s", schema.code_of(error)[1])

    def _begin_where_needed(self, db: Database) -> None:
        """Finds the ledger that goes on, or begins one with its genesis, in one commit, once there is a key."""
        if self._current is not None or self.key is None:
            return
        row = db.execute(
            "SELECT n, ledger FROM ledgers WHERE kiosk = ? ORDER BY n DESC LIMIT 1", [self.kiosk]
        ).fetchone()
        if row is not None:
            self._current = (row[0], row[1])
            return
        ledger = secrets.token_bytes(16)
        before = None if self._damage is None else self._damage.last
        genesis = Genesis(
            why="enrolled" if self._damage is None else "database damaged",
            previous_ledger=None if before is None else before.header.ledger,
            previous_seq=None if before is None else before.header.seq,
            previous_hash=None if before is None else before.hash,
        )
        now = self.now()
        with schema.transaction(db):
            n = db.execute("INSERT INTO ledgers (kiosk, ledger) VALUES (?, ?)", [self.kiosk, ledger]).lastrowid
            assert n is not None
            self._current = (n, ledger)
            self._insert(db, Entry(act=genesis, id=new_id(now), happened_at=now, clock=Clock()), self.key)
        _log.warning("ledger %s begins: %s", ledger.hex(), genesis.why)

    def _insert(self, db: Database, entry: Entry, key: SealingKey) -> Record:
        assert self._current is not None
        n, ledger = self._current
        last = self._last or _last_of(db, n)  # the place is unique: a stale one fails and is read anew
        size = suite(key.suite).hash_size
        header = Header(
            suite=key.suite,
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
            sealing_key=key.id,
            mode=self.mode,
            sam=entry.sam,
            notice=entry.notice,
            payload_hash=bytes(size),
        )
        record = seal(header, entry.act, key.public)
        matter = "kept" if entry.act.has_matter else None
        db.execute(
            "INSERT INTO records (ledger, seq, id, header, sealed, matter) VALUES (?, ?, ?, ?, ?, ?)",
            [n, header.seq, entry.id.bytes, record.header_bytes, record.sealed, matter],
        )
        if entry.printing:
            db.execute("INSERT INTO prints (record, state) VALUES (last_insert_rowid(), 'intended')")
        return record

    def _relieved(self, error: NotKept) -> bool:
        return self.reserve is not None and self.reserve.give_up(error)

    def _after_commit_failed(self, entry: Entry, error: NotKept) -> Record | None:
        """The record if the commit took place after all. Raises NotKept (unsure) where nobody can tell."""
        _log.error("commit failed: %s", error.detail)
        damage = self._damage
        try:
            with self._using() as db:
                record = _find(db, entry.id)
        except NotKept as again:
            raise NotKept("unsure", again.detail) from error
        if record is None and self._damage is not damage:
            raise NotKept("unsure", error.detail)
        return record


_PENDING = """
    SELECT r.n, l.kiosk, l.ledger, r.id, r.header, r.sealed FROM records r JOIN ledgers l ON l.n = r.ledger
    WHERE r.state = 'pending' AND r.n NOT IN (SELECT value FROM json_each(?)) ORDER BY r.n LIMIT ?
"""
_PLACES = """
    SELECT r.header, r.matter FROM ledgers l JOIN records r ON r.ledger = l.n
    WHERE r.seq IN (SELECT value FROM json_each(?))
"""
_OPEN = "SELECT id FROM records WHERE state = 'stored' AND matter IN ('kept', 'unsure') ORDER BY n LIMIT ?"
_PENDING_ID = """
    SELECT r.n, l.kiosk, l.ledger, r.id, r.header, r.sealed FROM records r JOIN ledgers l ON l.n = r.ledger
    WHERE r.state = 'pending' AND r.id = ?
"""


def _last_of(db: Database, ledger: int) -> Record | None:
    row = db.execute(
        "SELECT header, sealed FROM records WHERE ledger = ? ORDER BY seq DESC LIMIT 1", [ledger]
    ).fetchone()
    return None if row is None else Record.read(*row)


def _find(db: Database, id: UUID) -> Record | None:  # noqa: A002
    row = db.execute("SELECT header, sealed FROM records WHERE id = ?", [id.bytes]).fetchone()
    return None if row is None else Record.read(*row)


def _waiting(row: tuple[int, str, bytes, bytes, bytes, bytes]) -> Waiting:
    n, kiosk, ledger, identifier, header, sealed = row
    return Waiting(n=n, kiosk=kiosk, ledger=ledger, id=UUID(bytes=identifier), header=header, sealed=sealed)


def _set_state(db: Database, waiting: Waiting, state: Literal["stored", "quarantined"]) -> None:
    db.execute("UPDATE records SET state = ? WHERE n = ? AND state = 'pending'", [state, waiting.n])


def _set_matter(db: Database, id: UUID, state: MatterState) -> None:  # noqa: A002
    """A matter never falls back to ``kept``, nor from what is known of it to ``unsure``: an answer may arrive late."""
    db.execute(
        "UPDATE records SET matter = :state WHERE id = :id AND matter IS NOT :state"
        " AND (:state NOT IN ('kept', 'unsure') OR matter IS NULL OR (:state = 'unsure' AND matter = 'kept'))",
        {"state": state, "id": id.bytes},
    )


_REASONS: dict[int, Literal["full", "busy"]] = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
}
