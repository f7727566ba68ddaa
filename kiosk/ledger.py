"""The kiosk's ledger on disk: records appended and chained, their states, the print journal. Blocking, for one thread.

``outbox`` is what the rest of the kiosk uses. A database that is damaged is set aside untouched under another name, and
a ledger begins in a fresh one: whoever stands at the machine is served. After any error of the database the connection
is given up, and the next call opens and checks the file anew. After one of the disk nothing that the log holds counts
as durable before all of it was moved into the file and another log begun.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar
from uuid import UUID

from sqlite_utils import Database

from kiosk import acknowledging, rows, schema, setting_aside, soundness
from kiosk.acknowledging import Heard
from kiosk.contract.acknowledgements import SignedAcknowledgement
from kiosk.contract.base import SigningKey
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import BatchAnswer, MatterState, SealingKey, Sort
from kiosk.contract.numbers import Number
from kiosk.contract.records import Mode, Record
from kiosk.errors import NotKept
from kiosk.files import sync_folder
from kiosk.pen import Clock as Clock  # noqa: PLC0414 - what a ledger takes
from kiosk.pen import Entry, Pen, Place, Why, genesis_after
from kiosk.reserve import Reserve, demand_writable
from kiosk.rows import PrintState as PrintState  # noqa: PLC0414 - what a ledger notes
from kiosk.rows import Waiting as Waiting  # noqa: PLC0414 - what a ledger gives
from kiosk.rows import Whose

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass
class Ledger:
    """The database behind the outbox. Every method belongs to one thread and may raise NotKept."""

    path: Path
    kiosk: str
    mode: Mode
    now: Callable[[], datetime]
    key: SealingKey | None = None
    reserve: Reserve | None = None
    failures: int = field(default=0, init=False)
    """Errors of the disk so far."""
    disbelieved: int = field(default=0, init=False)
    """Acknowledgements that were not believed, each once while it is repeated."""
    fallen: int = field(default=0, init=False)
    """How often central had less than before."""
    _db: Database | None = field(default=None, init=False)
    _current: Place | None = field(default=None, init=False)
    _last: Record | None = field(default=None, init=False, repr=False)
    _before: setting_aside.Before = field(init=False, repr=False)
    _corrupt: str | None = field(default=None, init=False)
    _failing: bool = field(default=False, init=False)
    _unsynced: bool = field(default=False, init=False)
    """Whether the log may hold what is in memory alone, for a sync of it may have failed."""
    _trusted: tuple[SigningKey, ...] = field(default=(), init=False)
    _doubt: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self._before = setting_aside.Before(self.path)

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

    def inspect(self, walk: soundness.Walk) -> bool:
        """Goes on with a look through everything; whether there is more. Where something is amiss, the walk says it,
        and the next use sets the database aside."""
        try:
            with self._using() as db:
                if walk.go_on(db):
                    return True
                self._before.heed(db)
        except ContractError as error:
            self._give_up()
            walk.damage = self._corrupt = str(error)
        except NotKept:
            if self._corrupt is None:
                raise
            walk.damage = self._corrupt
        return False

    def close(self) -> None:
        """Closes the database; the last connection to it moves the log into the file."""
        db, self._db = self._db, None
        self._current = self._last = None
        if db is not None:
            db.close()

    def use_key(self, key: SealingKey, trusted: tuple[SigningKey, ...] = ()) -> None:
        """Seals to ``key`` from here on, and begins a ledger where there is none. ``trusted`` sign acknowledgements."""
        self.key, self._trusted = key, trusted
        with self._using() as db:
            self._begin_where_needed(db)

    def demand_room(self) -> None:
        """Whether a record could be kept now: room, a disk that takes it, and nobody who holds the database."""
        if self.key is None:
            raise NotKept("no keys")
        if self.reserve is not None:
            self.reserve.hold()
        demand_writable(self.path.parent, in_doubt=self._failing)
        with self._using() as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
        self._failing = False

    def finish(self, work: Callable[[], T]) -> T:
        """The outcome of ``work``, which is under way: the room that is kept back is given up for it."""
        try:
            return work()
        except NotKept as error:
            if not self._relieved(error):
                raise
            return work()

    @property
    def set_aside(self) -> tuple[str, ...]:
        """What was amiss with each database that was set aside, or was and is not known to be told of."""
        return self._before.amiss

    @property
    def filled(self) -> int:
        """How often the disk had no room left."""
        return 0 if self.reserve is None else self.reserve.given_up

    # -- records -------------------------------------------------------------------------------------------------------

    def append(self, entry: Entry) -> Record:
        """Seals, chains and stores ``entry`` and its print intention in one commit.

        A second one of the same id gives the first. An error may come after the commit took place: the database is then
        opened anew, and asked for the id once all that it holds is durable. One that comes before it is met by a second
        try, and a third where that one found damage: the file is then set aside. Where there is no room, what is kept
        back is given up, once.
        """
        if self.key is None:
            raise NotKept("no keys")
        tries, given_up = 0, False
        while True:
            committing = False
            try:
                with self._using() as db:
                    self._begin_where_needed(db)
                    db.execute("BEGIN IMMEDIATE")
                    written = self._append(db, entry, self.key)
                    record = written or rows.find(db, entry.id)
                    committing = True
                    db.execute("COMMIT")
                    assert record is not None, "written, or there before"
                    self._last = written or self._last
                    return record
            except NotKept as error:
                relieved = not given_up and self._relieved(error)
                given_up = given_up or relieved
                if committing and (found := self._after_commit_failed(entry, error)) is not None:
                    return found
                tries += not relieved
                if not relieved and (committing or error.reason != "broken" or tries > 1 + (self._corrupt is not None)):
                    raise

    def pending(self, limit: int, octets: int, without: Collection[int] = (), whose: Whose = "all") -> list[Waiting]:
        """The oldest records that central does not have, of one ledger, in order; at least one if there is any.

        ``without`` are the places of records that are not asked for now. What was recorded under an earlier name of
        this kiosk comes last: central may take it by hand alone.
        """
        except_those = json.dumps(list(without))
        oldest: list[tuple[Any, ...]] = []
        with self._using() as db:
            for ours in _OURS[whose]:
                oldest = oldest or db.execute(rows.PENDING, [self.kiosk, ours, except_those, limit]).fetchall()
        found: list[Waiting] = []
        for row in oldest:
            waiting = rows.waiting(row)
            octets -= len(waiting.header) + len(waiting.sealed)
            if found and (octets < 0 or waiting.ledger != found[0].ledger):
                break
            found.append(waiting)
        return found

    def waiting(self, id: UUID) -> Waiting | None:  # noqa: A002 - the header's name
        """The record of that id if central does not have it."""
        with self._using() as db:
            row = db.execute(rows.PENDING_ID, [id.bytes]).fetchone()
        return None if row is None else rows.waiting(row)

    def count_pending(self) -> int:
        """How many records central does not have."""
        with self._using() as db:
            count: int = db.execute("SELECT count(*) FROM records WHERE state = 'pending'").fetchone()[0]
        return count

    def answered(self, batch: Sequence[Waiting], answer: BatchAnswer) -> None:
        """Central's answer to each record of ``batch``, of one ledger, and what it has of that ledger, in one commit.

        Where central has another record in place of one of them, the ledger ends; not where it is its genesis: chance
        gives no ledger's name twice, and a central that says so would be told of one ledger after the other. Raises
        ValueError where the two do not fit.
        """
        pairs = rows.paired(batch, answer)
        taken = [waiting for waiting, item in pairs if item.outcome in ("stored", "duplicate")]
        others = [waiting for waiting, item in pairs if item.outcome in ("conflict", "unreadable")]
        anew = [waiting for waiting, item in pairs if item.outcome == "stored" and item.matter is None]
        with self._using() as db:
            heard = self._hear(db, batch[0].ledger, answer.acknowledgement)
            with schema.transaction(db):
                rows.set_state(db, taken, "stored")
                rows.set_state(db, others, "quarantined")
                rows.ask_anew(db, anew)
                rows.set_matters(db, [(waiting.id, it.matter.state) for waiting, it in pairs if it.matter is not None])
                if heard is not None:
                    heard.note(db)
                conflict = any(item.outcome == "conflict" and waiting.seq > 1 for waiting, item in pairs)
                begun = self._begin_after(db, batch[0].ledger, heard, conflict=conflict)
            self._go_on_in(begun)

    def acknowledged(self, ledger: bytes, signed: SignedAcknowledgement, *, met_again: bool = False) -> bool:
        """What central has of a ledger of ours, said outside a batch; whether there is something to send now.

        ``met_again``: central may have been restored; what it took above a gap is sent again then.
        """
        with self._using() as db:
            heard = self._hear(db, ledger, signed)
            if heard is None:
                return False
            again = met_again and heard.leaves_some(db)
            if not (heard.is_news or again):
                return False
            with schema.transaction(db):
                heard.note(db)
                if again:
                    heard.send_rest_anew(db)
                begun = self._begin_after(db, ledger, heard)
            self._go_on_in(begun)
        return begun is not None or again or heard.verdict == "falls"

    def ledgers(self) -> list[bytes]:
        """The ledgers of which central has something that is still here, the one that goes on first."""
        with self._using() as db:
            return acknowledging.ledgers_of(db, self.kiosk)

    def drop(self, keep: timedelta) -> int:
        """Drops some of what central has had for ``keep`` and nobody asks for any more, in one commit; how many."""
        with self._using() as db:
            return acknowledging.drop(db, keep=keep, now=self.now())

    def quarantine(self, batch: Sequence[Waiting]) -> None:
        """Takes records that central refuses by themselves out of the way of the others. They stay on the disk."""
        with self._using() as db, schema.transaction(db):
            rows.set_state(db, batch, "quarantined")

    def kept(self, limit: int) -> list[UUID]:
        """Records that central has and of whose matter it is not known what became, oldest first."""
        with self._using() as db:
            found = db.execute(rows.OPEN, [limit]).fetchall()
        return [UUID(bytes=row[0]) for row in found]

    def matter(self, id: UUID, state: MatterState) -> None:  # noqa: A002
        """What became of a matter. The state alone: the authority's text and number are about a person."""
        with self._using() as db, schema.transaction(db):
            rows.set_matters(db, [(id, state)])

    def count_since(self, kind: str, since: datetime) -> int:
        """How many records of ``kind`` were made on this machine since then."""
        with self._using() as db:
            return rows.count_since(db, kind, since)

    def state_of(self, number: Number) -> tuple[MatterState, Sort] | None:
        """The state of the matter of that number, and who has it; None where this database has no such record, or no
        matter of it.

        The digits lead to at most one record in a million of each ledger; the whole number tells which.
        """
        with self._using() as db:
            return rows.state_of(db, number)

    # -- prints --------------------------------------------------------------------------------------------------------

    def mark_print(self, id: UUID, state: PrintState) -> None:  # noqa: A002
        """The state of the record's latest print; ``intended`` or ``sent`` after a finished one is a further print.

        Raises LookupError for an unknown record.
        """
        with self._using() as db, schema.transaction(db):
            rows.mark_print(db, id, state)

    def settle_prints(self) -> None:
        """After a start: what was sent may be printed or not, what was only intended is not."""
        with self._using() as db:
            if rows.has_unfinished_print(db):
                with schema.transaction(db):
                    rows.settle_prints(db)

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
            damaged = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
            if damaged or (name in soundness.UNREADABLE and self._before.stays_unreadable()):
                self._corrupt = name
            self.failures += code == sqlite3.SQLITE_IOERR
            if code == sqlite3.SQLITE_IOERR:
                self._failing = self._unsynced = True
                with suppress(OSError):
                    self._unsynced_note.touch()
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
        setting_aside.make_way(self.path, self.now(), found=self._corrupt)
        self._corrupt = None
        db = schema.open_to_write(self.path)
        try:
            sync_folder(self.path.parent)
            self._sync_in_earnest(db)
            self._before.heed(db)
        except BaseException:
            with soundness.held_open(self.path):
                db.close()
            raise
        return db

    def _sync_in_earnest(self, db: Database) -> None:
        """A sync that succeeds after one that failed says nothing of what that one was to write: Linux may have dropped
        it, and shows it until the power fails. What is written once more is synced in earnest."""
        if not (self._unsynced or self._unsynced_note.exists()):
            return
        if not schema.begin_log_anew(db, self.path):
            raise NotKept("busy", "the log is in use")
        self._unsynced_note.unlink(missing_ok=True)
        self._unsynced = False

    @property
    def _unsynced_note(self) -> Path:
        """Lies there for the next program, which may meet the same memory; after a power cut it is worth nothing."""
        return self.path.with_suffix(".unsynced")

    def _give_up(self) -> None:
        """Closes it as it is: the log is not moved into a file that may be damaged."""
        try:
            with soundness.held_open(self.path):
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
        with schema.transaction(db):
            begun = self._before.begin(db, self._pen(self.key), self.now())
        self._go_on_in(begun)
        self._before.heed(db)

    def _begin_after(self, db: Database, ledger: bytes, heard: Heard | None, *, conflict: bool = False) -> Place | None:
        """Begins a ledger where central has more of ours than lies here, or another record in place of one of them."""
        ahead = heard is not None and heard.verdict == "ahead"
        if not (ahead or conflict) or self.key is None or self._current is None or ledger != self._current[1]:
            return None
        n = self._current[0]
        said = heard.said if heard is not None and ahead else acknowledging.believed(db, n)
        acknowledged = None if said is None else said.seq
        why: Why = "behind central" if ahead else "conflict"
        genesis = genesis_after(why, rows.last_of(db, n), acknowledged)
        return self._pen(self.key).begin(db, genesis, self.now())

    def _go_on_in(self, begun: Place | None) -> None:
        """From here on records go into a ledger that has begun, once that is committed."""
        if begun is not None:
            self._current, self._last = begun, None

    def _hear(self, db: Database, ledger: bytes, signed: SignedAcknowledgement | None) -> Heard | None:
        """What central says of a ledger that is here; None where it says nothing, or nothing that is believed."""
        if signed is None:
            return None
        try:
            heard = acknowledging.hear(db, ledger, signed, self._trusted)
        except ContractError as error:
            self.disbelieved += self._doubts(f"an acknowledgement is not believed: {error}")
            return None
        if heard.verdict == "ahead":
            self._doubts(f"central has ledger {ledger.hex()} up to {heard.said.seq}, this disk does not")
        elif heard.verdict == "falls":
            self.fallen += 1
            _log.warning("central has ledger %s up to %d only: the rest is sent again", ledger.hex(), heard.said.seq)
        else:
            self._doubt = ""
        return heard

    def _doubts(self, words: str) -> bool:
        """Says it once, and not at each heartbeat; whether it was said now."""
        if words == self._doubt:
            return False
        self._doubt = words
        _log.error("%s", words)
        return True

    def _append(self, db: Database, entry: Entry, key: SealingKey) -> Record | None:
        assert self._current is not None
        # The place is unique: where the last record that is known is not the last, that fails, and it is read anew.
        return self._pen(key).write(db, entry, self._current, self._last or rows.last_of(db, self._current[0]))

    def _pen(self, key: SealingKey) -> Pen:
        return Pen(kiosk=self.kiosk, mode=self.mode, key=key)

    def _relieved(self, error: NotKept) -> bool:
        return self.reserve is not None and self.reserve.give_up(error)

    def _after_commit_failed(self, entry: Entry, error: NotKept) -> Record | None:
        """The record if the commit took place after all, and is durable by now. Raises NotKept (unsure) where nobody
        can tell."""
        _log.error("commit failed: %s", error.detail)
        aside = self.set_aside
        try:
            with self._using() as db:
                record = rows.find(db, entry.id)
        except NotKept as again:
            raise NotKept("unsure", again.detail) from error
        if record is None and self.set_aside != aside:
            raise NotKept("unsure", error.detail)
        return record


_OURS: dict[Whose, tuple[bool, ...]] = {"ours": (True,), "others": (False,), "all": (True, False)}
_REASONS: dict[int, Literal["full", "busy"]] = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
}
