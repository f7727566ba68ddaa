"""Whether the outbox's file is sound, looked at without changing a byte of it, and setting aside one that is not."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from kiosk import schema
from kiosk.contract.errors import ContractError
from kiosk.contract.records import Record, check_chain
from kiosk.files import sync_folder

LAST: Final = 1000
"""Records whose chain is checked at each start."""

_DAMAGE: Final = {
    sqlite3.SQLITE_ERROR,  # its tables are not ours
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CANTOPEN,
}
_SUFFIXES: Final = ("", "-wal", "-shm")


@dataclass(frozen=True, kw_only=True)
class Damage:
    """What is wrong with a file, and the last record that can still be read in it."""

    what: str
    last: Record | None


def examine(path: Path, found: str | None = None) -> Damage | None:
    """The damage, or None where the file is sound or empty. Header, tables and the chain of the last records.

    ``found`` is damage that somebody met already, perhaps in a page that is not looked at here. Raises sqlite3.Error
    where the disk, a lock or a permission is in the way: that is no damage.
    """
    if found is not None:
        return Damage(what=found, last=_last_readable(path))
    if not path.is_file():
        return Damage(what="not a file", last=None)
    try:
        with schema.open_to_read(path) as db:
            _check(db)
    except sqlite3.Error as error:
        code, name = schema.code_of(error)
        if code not in _DAMAGE:
            raise
        return Damage(what=name, last=_last_readable(path))
    except ContractError as error:
        return Damage(what=str(error), last=_last_readable(path))
    return None


def set_aside(path: Path, now: datetime) -> Path:
    """Renames the database and what belongs to it; returns its name from here on. Raises OSError."""
    stem = f"{path.stem}-damaged-{now:%Y%m%dT%H%M%SZ}"
    aside = path.with_name(stem + path.suffix)
    count = 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{stem}-{count}{path.suffix}")
    for suffix in reversed(_SUFFIXES):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    sync_folder(path.parent)
    return aside


def _check(db: Database) -> None:
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if tables <= {"_sqlite_migrations"}:
        return
    rows = db.execute(
        """
        SELECT * FROM (
            SELECT r.n, r.ledger, r.header, r.sealed FROM records r JOIN ledgers l ON l.n = r.ledger
            ORDER BY r.n DESC LIMIT ?
        ) ORDER BY n
        """,
        [LAST],
    )
    last: dict[int, Record] = {}
    for _, ledger, header, sealed in rows:
        record = Record.read(header, sealed)
        check_chain([record], last.get(ledger))
        last[ledger] = record


def _last_readable(path: Path) -> Record | None:
    try:
        with schema.open_to_read(path) as db:
            row = db.execute("SELECT header, sealed FROM records ORDER BY n DESC LIMIT 1").fetchone()
            return None if row is None else Record.read(*row)
    except (sqlite3.Error, ContractError):
        return None
