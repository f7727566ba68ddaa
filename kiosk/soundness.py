"""Whether the outbox's file is sound, and what can still be read of one that is not; not a byte of it is changed."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from kiosk import schema
from kiosk.acknowledging import believed
from kiosk.contract.base import Base64, Message
from kiosk.contract.errors import ChainBroken, ContractError
from kiosk.contract.records import PAYLOAD_TAG, RECORD_TAG, Record, check_chain
from kiosk.contract.sealing import Suite, suite

LAST: Final = 1000
"""Records whose chain is checked at each start, before the first one is written."""

AT_ONCE: Final = 20
"""Of them, those that are checked before the start is over."""

SLICE: Final = 0.015
"""Seconds that a look through the whole takes at a time: nobody waits longer for it than that, and one piece."""

AT_A_TIME: Final = 20

READS_WITHIN: Final = 1.0
"""Seconds that are spent on what can still be read of a damaged file: somebody waits."""

UNREADABLE: Final = {"SQLITE_IOERR_READ", "SQLITE_IOERR_CORRUPTFS"}
"""A sector that the disk does not give. For EIO it is the second, which within a statement SQLite calls CORRUPT."""

_DAMAGE: Final = {
    sqlite3.SQLITE_ERROR,  # its tables are not ours
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
}


class Damage(Message):
    """What is wrong with a file, and what it still says of its last ledger: the last whole record, and up to where
    central had it."""

    what: str
    ledger: Base64 | None = None
    seq: int | None = None
    hash: Base64 | None = None
    acknowledged: int | None = None


def examine(path: Path, found: str | None = None) -> Damage | None:
    """The damage, or None where the file is sound or empty. Header, tables and the chain of the newest records.

    ``found`` is damage that somebody met already, perhaps in a page that is not looked at here. Raises sqlite3.Error
    where the disk, a lock or a permission is in the way: that is no damage.
    """
    if found is not None:
        return _damaged(path, found)
    if not path.is_file():
        return Damage(what="not a file")
    try:
        return _damage(path, _check)
    except sqlite3.Error as error:
        if schema.code_of(error)[1] != "SQLITE_READONLY_ROLLBACK":
            raise
    _roll_back(path)
    return _damage(path, _check)


def _roll_back(path: Path) -> None:
    """The very first commit, which makes the database one with a write-ahead log, was cut off: as if it never began.

    Who only reads may not do that, and the file would stay as it is for ever. Raises sqlite3.Error.
    """
    with closing(sqlite3.connect(path, timeout=schema.BUSY_TIMEOUT)) as db:
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()


@contextmanager
def held_open(path: Path) -> Iterator[None]:
    """Somebody reads meanwhile: whoever closes the database is not the last, and moves no log into a file that may be
    damaged. Who only reads never does; but the log of a file without pages it deletes."""
    with ExitStack() as open_files:
        if path.is_file() and path.stat().st_size:
            with suppress(sqlite3.Error):
                db = open_files.enter_context(schema.open_to_read(path))
                db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield


def look_back(path: Path) -> Damage | None:
    """As ``examine``, over the last records' chain, beside whoever writes."""
    return _damage(path, lambda db: _check_chain(db, LAST))


@dataclass(kw_only=True)
class Walk:
    """A look through all records, from the oldest to the newest, as far as it has come."""

    records: int = 0
    damage: str = ""
    within: float = SLICE
    clock: Callable[[], float] = time.monotonic
    _at: int = 0
    _last: dict[int, Record] = field(default_factory=dict, repr=False)

    def go_on(self, db: Database) -> bool:
        """Looks on for as long as nobody notices; whether there is more. Raises sqlite3.Error, ContractError."""
        until = self.clock() + self.within
        ledgers: dict[int, bytes] = dict(db.execute("SELECT n, ledger FROM ledgers").fetchall())
        dropped = _dropped(db)
        while self.clock() < until:
            rows = db.execute(_IN_ORDER, [self._at, AT_A_TIME]).fetchall()
            for n, ledger, seq, identifier, header, sealed, stated in rows:
                record = Record.read(header, sealed)
                said = (ledgers.get(ledger), seq, identifier, stated or record.hash)
                if said != (record.header.ledger, record.header.seq, record.header.id.bytes, record.hash):
                    raise ChainBroken(seq, "stands in the place of another")
                if db.execute(_BY_INDEXES, [identifier, ledger, seq]).fetchone() != (n, n):
                    raise ChainBroken(seq, "is not found by its place")
                before = self._last.get(ledger)
                hole = before is not None and before.header.seq < seq - 1 <= dropped.get(ledger, 0)
                check_chain([record], None if hole else before)
                self._last[ledger] = record
                self._at = n
                self.records += 1
            if not rows:
                return False
        return True


_IN_ORDER: Final = (
    "SELECT n, ledger, seq, id, header, sealed, hash FROM records NOT INDEXED WHERE n > ? ORDER BY n LIMIT ?"
)
_BY_INDEXES: Final = """
    SELECT (SELECT n FROM records INDEXED BY sqlite_autoindex_records_1 WHERE id = ?),
           (SELECT n FROM records INDEXED BY sqlite_autoindex_records_2 WHERE ledger = ? AND seq = ?)
"""


def _damage(path: Path, check: Callable[[Database], None]) -> Damage | None:
    try:
        with schema.open_to_read(path) as db:
            check(db)
    except sqlite3.Error as error:
        code, name = schema.code_of(error)
        if code not in _DAMAGE:
            raise
        return _damaged(path, name)
    except ContractError as error:
        return _damaged(path, str(error))
    return None


def _check(db: Database) -> None:
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables <= {"_sqlite_migrations"}:
        _check_chain(db, AT_ONCE)


def _check_chain(db: Database, count: int) -> None:
    """Raises ContractError where one of the last ``count`` records does not stand whole in its place, or is missing
    and was never dropped.

    A hash of 32 bytes stands in a header only where it was written: looking for it there takes a thirtieth of the time
    of reading the header, and decides that all is well. That something is amiss, reading decides.
    """
    newest_first = "SELECT ledger, seq, header, sealed FROM records ORDER BY n DESC LIMIT ?"
    after: dict[int, tuple[int, bytes, bytes, Suite]] = {}
    dropped = _dropped(db)
    for ledger, seq, header, sealed in db.execute(newest_first, [count]):
        follower = after.get(ledger)
        if follower is not None:
            digest = follower[3].hash
            named = digest(PAYLOAD_TAG + sealed) in header and digest(RECORD_TAG + header) in follower[1]
            if named and seq == follower[0] - 1:
                after[ledger] = (seq, header, sealed, follower[3])
                continue
        record = Record.read(header, sealed)
        check_chain([record])
        if follower is not None and not seq < follower[0] - 1 <= dropped.get(ledger, 0):
            check_chain([Record.read(*follower[1:3])], record)
        after[ledger] = (seq, header, sealed, suite(record.header.suite))


def _dropped(db: Database) -> dict[int, int]:
    """Of each ledger, the highest seq that was ever dropped: below it, records may be missing."""
    if db.execute("SELECT 1 FROM pragma_table_info('ledgers') WHERE name = 'dropped'").fetchone() is None:
        return {}  # written by an older program, which dropped nothing
    return dict(db.execute("SELECT n, dropped FROM ledgers").fetchall())


def _damaged(path: Path, what: str) -> Damage:
    """The damage, and what can still be read: each by itself, for any page may be the one that is damaged."""
    found = Damage(what=what)
    with suppress(sqlite3.Error), schema.open_to_read(path) as db:
        newest = _row(db, "SELECT n, ledger FROM ledgers ORDER BY n DESC LIMIT 1")
        last = _last_whole(db)
        if last is not None and (newest is None or newest[0] == last[0]):
            n, record = last
            said = {"ledger": record.header.ledger, "seq": record.header.seq, "hash": record.hash}
        elif newest is not None:
            n, said = newest[0], {"ledger": newest[1]}
        else:
            return found
        found = found.model_copy(update=said)
        with suppress(sqlite3.Error, ContractError):
            acknowledged = believed(db, n)
            found = found.model_copy(update={"acknowledged": None if acknowledged is None else acknowledged.seq})
    return found


def _last_whole(db: Database) -> tuple[int, Record] | None:
    """The newest record that can be read and is what it was, with the place of its ledger; as far back as a start
    looks."""
    until = time.monotonic() + READS_WITHIN
    newest = max((row[0] or 0 for sql in _NEWEST if (row := _row(db, sql)) is not None), default=0)
    has_hashes = _row(db, "SELECT 1 FROM pragma_table_info('records') WHERE name = 'hash'") is not None
    for n in range(newest, max(newest - LAST, 0), -1):
        if time.monotonic() > until:
            break
        row = _row(db, _PLACE if has_hashes else _PLACE_BEFORE, n)
        if row is None or not (isinstance(row[2], bytes) and isinstance(row[3], bytes)):
            continue
        with suppress(ContractError):
            record = Record.read(row[2], row[3])
            if record.intact and record.header.seq == row[1] and row[4] in (None, record.hash):
                return row[0], record
    return None


_NEWEST: Final = (
    "SELECT max(n) FROM records NOT INDEXED",
    "SELECT n FROM records INDEXED BY sqlite_autoindex_records_2 ORDER BY ledger DESC, seq DESC LIMIT 1",
)
"""Where the last page of the records cannot be read, their index knows."""
_PLACE: Final = "SELECT ledger, seq, header, sealed, hash FROM records NOT INDEXED WHERE n = ?"
_PLACE_BEFORE: Final = "SELECT ledger, seq, header, sealed, NULL FROM records NOT INDEXED WHERE n = ?"
"""Written by an older program."""


def _row(db: Database, sql: str, *places: int) -> tuple[Any, ...] | None:
    try:
        row: tuple[Any, ...] | None = db.execute(sql, places).fetchone()
    except sqlite3.Error:
        return None
    return row
