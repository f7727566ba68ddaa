"""The outbox's tables in SQLite, their migrations, and how the file is opened.

Records are append-only: a trigger refuses to alter the bytes of one. What changes beside them are three words: the
record's state (pending → stored | quarantined), the matter's (kept → sent → decided | declined | papers wanted) and the
paper's (intended → sent → printed | not printed | unknown). No column holds anything about a person in the clear.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlite_utils import Database, Migrations

from kiosk.files import sync_file

BUSY_TIMEOUT: Final = 5.0
"""Seconds to wait for another process that holds the database."""

_PRAGMAS: Final = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA wal_autocheckpoint=2000",
    "PRAGMA journal_size_limit=16777216",
)

migrations = Migrations("outbox")


@migrations()
def create_records(db: Database) -> None:
    """Ledgers, records and the print journal."""
    db.execute(
        """
        CREATE TABLE ledgers (
            n INTEGER PRIMARY KEY,
            kiosk TEXT NOT NULL,
            ledger BLOB NOT NULL UNIQUE
        ) STRICT
        """
    )
    db.execute(
        """
        CREATE TABLE records (
            n INTEGER PRIMARY KEY,
            ledger INTEGER NOT NULL REFERENCES ledgers (n),
            seq INTEGER NOT NULL,
            id BLOB NOT NULL UNIQUE,
            header BLOB NOT NULL,
            sealed BLOB NOT NULL,
            state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'stored', 'quarantined')),
            matter TEXT CHECK (matter IN ('kept', 'sent', 'decided', 'declined', 'papers wanted', 'unsure')),
            UNIQUE (ledger, seq)
        ) STRICT
        """
    )
    db.execute("CREATE INDEX records_pending ON records (n) WHERE state = 'pending'")
    db.execute("CREATE INDEX records_kept ON records (n) WHERE state = 'stored' AND matter = 'kept'")
    db.execute(
        """
        CREATE TRIGGER records_are_never_altered BEFORE UPDATE OF n, ledger, seq, id, header, sealed ON records
        BEGIN SELECT RAISE (ABORT, 'a record is never altered'); END
        """
    )
    db.execute(
        """
        CREATE TABLE prints (
            n INTEGER PRIMARY KEY,
            record INTEGER NOT NULL REFERENCES records (n),
            state TEXT NOT NULL CHECK (state IN ('intended', 'sent', 'printed', 'not printed', 'unknown'))
        ) STRICT
        """
    )
    db.execute("CREATE INDEX prints_record ON prints (record)")
    db.execute("CREATE INDEX prints_unfinished ON prints (n) WHERE state IN ('intended', 'sent')")


@migrations()
def ask_for_unsure_matters_too(db: Database) -> None:
    """What became of a live act may not be known for a while."""
    db.execute("DROP INDEX records_kept")
    db.execute("CREATE INDEX records_open ON records (n) WHERE state = 'stored' AND matter IN ('kept', 'unsure')")


@migrations()
def keep_what_central_acknowledges(db: Database) -> None:
    """The last acknowledgement of each ledger as it was signed, since when central has what, and what was dropped."""
    db.execute(
        """
        CREATE TABLE acknowledgements (
            ledger INTEGER PRIMARY KEY REFERENCES ledgers (n),
            statement BLOB NOT NULL,
            key TEXT NOT NULL,
            signature BLOB NOT NULL
        ) STRICT
        """
    )
    db.execute(
        """
        CREATE TABLE milestones (
            ledger INTEGER NOT NULL REFERENCES ledgers (n),
            at INTEGER NOT NULL, -- microseconds since 1970, by central's clock
            seq INTEGER NOT NULL, -- central has had everything up to it since then
            PRIMARY KEY (ledger, at)
        ) STRICT, WITHOUT ROWID
        """
    )
    db.execute("ALTER TABLE ledgers ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0")  # no seq above it is missing


@migrations()
def keep_each_record_s_hash(db: Database) -> None:
    """Beside the record: a damaged header is known for one though nothing follows it. Earlier records have none."""
    db.execute("ALTER TABLE records ADD COLUMN hash BLOB")
    db.execute("DROP TRIGGER records_are_never_altered")
    db.execute(
        """
        CREATE TRIGGER records_are_never_altered BEFORE UPDATE OF n, ledger, seq, id, header, sealed, hash ON records
        BEGIN SELECT RAISE (ABORT, 'a record is never altered'); END
        """
    )


@migrations()
def ask_for_sent_matters_too(db: Database) -> None:
    """The authority decides days later, or wants papers."""
    db.execute(
        "CREATE INDEX records_followed ON records (n) WHERE state = 'stored' AND matter IN ('sent', 'papers wanted')"
    )


def open_to_write(path: Path) -> Database:
    """The database, its tables up to date, every pragma set (defaults differ between builds). Raises sqlite3.Error."""
    db = Database(sqlite3.connect(path, timeout=BUSY_TIMEOUT), execute_plugins=False)
    try:
        db.enable_wal()
        for pragma in _PRAGMAS:
            db.execute(pragma)
        if migrations.pending(db):
            migrations.apply(db)
    except BaseException:
        db.close()
        raise
    return db


def begin_log_anew(db: Database, path: Path) -> bool:
    """Moves all that the log holds into the file, durably, and empties it. False: another program is in the way.

    Raises sqlite3.Error, OSError; the log is then as it was, and the next call moves all of it once more. The emptied
    log is synced by itself, which SQLite does not do: what a failed sync left of the old one on the disk would else be
    laid over the file after a power cut.
    """
    busy: int = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        return False
    sync_file(path.with_name(path.name + "-wal"))
    return True


@contextmanager
def open_to_read(path: Path) -> Iterator[Database]:
    """The database for reading alone: nothing is repaired, migrated or checkpointed. Raises sqlite3.Error."""
    db = Database(
        sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=BUSY_TIMEOUT),
        execute_plugins=False,
    )
    try:
        yield db
    finally:
        db.close()


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """One commit. IMMEDIATE: who reads first and writes then is not overtaken in between. Raises sqlite3.Error."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        try:
            db.rollback()
        except sqlite3.Error:
            pass  # the error that matters is the first one; whoever catches it opens the database anew
        raise


def code_of(error: sqlite3.Error) -> tuple[int, str]:
    """SQLite's primary result code and the full name; misuse of the module has none and counts as SQLITE_MISUSE."""
    try:
        return error.sqlite_errorcode & 0xFF, error.sqlite_errorname
    except AttributeError:
        return sqlite3.SQLITE_MISUSE, type(error).__name__
