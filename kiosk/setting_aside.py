"""A damaged database is moved to a name of its own, and noted until the ledger that follows has said so.

Every cut leaves either the whole old database in its place, with its log, or all of it under the other name. The note
is durable before anything moves: whoever starts next goes on under the same name, and the new ledger's genesis names
the old one, however often the power fails in between. Where the database is gone from a machine that had a ledger,
that is noted too.
"""

from __future__ import annotations

import errno
import logging
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from sqlite_utils import Database

from kiosk import rows, soundness
from kiosk.contract.acts import Genesis
from kiosk.contract.audit import DatabaseSetAside
from kiosk.contract.base import Message
from kiosk.errors import NotKept
from kiosk.files import sync_folder, write_durably
from kiosk.pen import Pen, Place
from kiosk.reserve import demand_writable
from kiosk.soundness import Damage

BEGUN: Final = "begun"
"""Ends the name of an empty file beside the database: where it is, this machine had a ledger."""

AGAIN_WITHIN: Final = 600.0
"""Seconds in which a second sector that cannot be read is no accident."""

_NO_LINKS: Final = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}
"""What a file system says that has none, or of a folder."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_log = logging.getLogger(__name__)


class Noted(Message):
    """What was amiss, and the name of the file from then on; None: there was none any more."""

    damage: Damage
    aside: str | None = None
    named: bool = False
    """Whether the genesis that names it is on the disk. Until then it stands for what is damaged after it."""


def make_way(path: Path, now: datetime, found: str | None = None) -> None:
    """What is opened at ``path`` next is sound, or fresh. ``found`` is damage that was met already.

    Raises sqlite3.Error where it cannot be looked at, OSError where it cannot be moved: the next call goes on.
    """
    before = noted(path)
    if before is not None and before.aside is not None and _is_halfway(path, path.with_name(before.aside)):
        _move(path, path.with_name(before.aside))
        _log.error("the damaged database is set aside as %s at last", before.aside)
        return
    unnamed = before is not None and not before.named
    damage = _damage(path, found, is_noted=unnamed)
    if damage is None:
        return
    if before is not None and unnamed and damage.ledger is None:  # none had begun in it
        damage = before.damage.model_copy(update={"what": damage.what})
    aside = _free_name(path, now, before) if path.exists() or _size(_log_of(path)) else None
    note = Noted(damage=damage, aside=None if aside is None else aside.name)
    _note(path, note)
    if aside is not None:
        _move(path, aside)
    _log.error("database damaged (%s), set aside as %s", damage.what, note.aside or "nothing")


def noted(path: Path) -> Noted | None:
    """What is noted of the database that was here before. Raises OSError."""
    if not _file(path).exists():  # asked at each opening, and where no file can be opened SQLite says so
        return None
    try:
        return Noted.model_validate_json(_file(path).read_bytes())
    except ValidationError:
        return Noted(damage=Damage(what="unknown"))


@dataclass
class Before:
    """What was at ``path`` before, as far as it matters to whoever writes what is there now."""

    path: Path
    amiss: tuple[str, ...] = ()
    """With each that was set aside, or is not known to be told of."""
    _heeded: tuple[Damage, str | None] | None = None
    _unread_at: float = float("-inf")

    def heed(self, db: Database) -> None:
        """What is noted counts as set aside, after a start too, until a ledger has begun and one of its records tells
        of it; or where nothing was moved. And that a ledger has begun is noted for good."""
        note, begun = noted(self.path), _begun(self.path)
        if note is None and begun.exists():
            return
        has_ledger = db.execute("SELECT 1 FROM ledgers").fetchone() is not None
        if has_ledger and not begun.exists():
            with suppress(OSError):  # the next start writes it
                write_durably(begun, b"")
        if note is None:
            return
        with suppress(OSError):  # it is looked at again at the next start
            if has_ledger and self._is_done(db, note):
                _file(self.path).unlink()
                return
            if has_ledger and not note.named:
                _note(self.path, note.model_copy(update={"named": True}))
        if (note.damage, note.aside) != self._heeded:
            self._heeded = (note.damage, note.aside)
            self.amiss += (note.damage.what,)

    def begin(self, db: Database, pen: Pen, now: datetime) -> Place:
        """Begins a ledger, the first in a fresh database or a kiosk's of another name. Within the caller's
        transaction."""
        note = noted(self.path)
        if note is None or note.named or db.execute("SELECT 1 FROM ledgers").fetchone() is not None:
            return pen.begin(db, Genesis(why="enrolled"), now)
        damage = note.damage
        genesis = Genesis(
            why="database damaged",
            previous_ledger=damage.ledger,
            previous_seq=damage.seq,
            previous_hash=damage.hash,
            acknowledged_seq=damage.acknowledged,
        )
        return pen.begin(db, genesis, now)

    def stays_unreadable(self) -> bool:
        """Whether a sector that was not given is this file's and not the disk's: the second within minutes, after a
        fresh open, in a folder that takes writes. Else whatever needs it would fail for ever."""
        before, self._unread_at = self._unread_at, time.monotonic()
        if self._unread_at - before > AGAIN_WITHIN:
            return False
        try:
            demand_writable(self.path.parent, in_doubt=True)
        except NotKept:
            return False
        self._unread_at = float("-inf")
        return True

    def _is_done(self, db: Database, note: Noted) -> bool:
        never_moved = note.aside is not None and not self.path.with_name(note.aside).exists()
        return never_moved or rows.count_since(db, DatabaseSetAside.kind, _EPOCH) > 0


# -- inside ------------------------------------------------------------------------------------------------------------


def _damage(path: Path, found: str | None, *, is_noted: bool) -> Damage | None:
    """SQLite deletes the log of a database without pages: such a one is not opened."""
    if path.is_dir() or _size(path):
        return soundness.examine(path, found)
    if _size(_log_of(path)):
        return Damage(what="a log alone")
    if _begun(path).exists() and not is_noted:
        return Damage(what="missing")
    return None


def _is_halfway(path: Path, aside: Path) -> bool:
    """Whether that move was begun and not ended."""
    log, its_log = _log_of(path), _log_of(aside)
    if not aside.exists() or (log.exists() and its_log.exists() and not log.samefile(its_log)):
        return False
    return path.samefile(aside) if path.exists() else log.exists()


def _move(path: Path, aside: Path) -> None:
    """Both names first, then the old ones go; a second call goes on. The shared memory is worth nothing.

    A database without its log looks sound and would use places again; a log without its database does not. So where
    there are no links the database is renamed first.
    """
    both = [(path, aside), (_log_of(path), _log_of(aside))]
    try:
        for old, new in both:
            with suppress(FileNotFoundError, FileExistsError):
                os.link(old, new)
        sync_folder(path.parent)
        for old, _ in both:
            old.unlink(missing_ok=True)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        for old, new in both:
            _rename(old, new)
            sync_folder(path.parent)
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    sync_folder(path.parent)


def _rename(old: Path, new: Path) -> None:
    if not old.exists():
        return
    if new.exists() and old.samefile(new):  # rename(2) leaves both names of one file
        old.unlink()
    else:
        old.rename(new)


def _free_name(path: Path, now: datetime, before: Noted | None) -> Path:
    """The one that was noted before a move that never began, or another."""
    if before is not None and before.aside is not None and _is_free(path.with_name(before.aside)):
        return path.with_name(before.aside)
    stem = f"{path.stem}-damaged-{now:%Y%m%dT%H%M%SZ}"
    aside = path.with_name(stem + path.suffix)
    count = 1
    while not _is_free(aside):
        count += 1
        aside = path.with_name(f"{stem}-{count}{path.suffix}")
    return aside


def _is_free(aside: Path) -> bool:
    return not (aside.exists() or _log_of(aside).exists())


def _note(path: Path, note: Noted) -> None:
    write_durably(_file(path), note.model_dump_json().encode())


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _begun(path: Path) -> Path:
    return path.with_suffix(f".{BEGUN}")


def _file(path: Path) -> Path:
    return path.with_name(f"{path.stem}-damage.json")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
