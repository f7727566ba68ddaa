"""Room on the disk that is kept back for what is under way when everything else is full.

A file of fixed size, allocated in earnest. It is given up when a record or the journal of a print finds no room, so
that the person who stands there is served to the end; until it is there again nobody else gets as far as to confirm.
"""

from __future__ import annotations

import errno
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.errors import NotKept
from kiosk.files import sync_folder, write_durably

OCTETS: Final = 16 * 1024 * 1024
"""Thousands of records, and the log that grows until it is moved into the database."""

LOW: Final = 256 * 1024
"""Bytes below which a failure of the disk is taken for want of room: SQLite does not say so of its shared memory."""

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

_log = logging.getLogger(__name__)


@dataclass
class Reserve:
    """The file at ``path``. Blocking; every method belongs to the thread that owns the database beside it."""

    path: Path
    octets: int = OCTETS
    told: bool = False
    """Whether the log has heard that it cannot be made, so that it hears it once."""
    given_up: int = 0
    """How often it was."""

    @property
    def held(self) -> bool:
        """Whether it is there, with all its blocks."""
        try:
            found = self.path.stat()
        except OSError:
            return False
        return found.st_size == self.octets and found.st_blocks * 512 >= self.octets

    def hold(self) -> None:
        """Makes it where it is not there. Raises NotKept (full, broken)."""
        if self.held:
            return
        part = self.path.with_name(self.path.name + ".part")
        try:
            self.path.unlink(missing_ok=True)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self.octets)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            part.replace(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            _forget(part)
            if not self.told:
                self.told = True
                _log.error("no room is kept back: %s", error.strerror)
            raise NotKept("full" if error.errno in _FULL else "broken", error.strerror or "") from error
        if self.told:
            _log.warning("room is kept back again")
        self.told = False

    def give_up(self, error: NotKept) -> bool:
        """Makes room, once, where ``error`` came for want of it. Whether another try may succeed."""
        if not self.held or not (error.reason == "full" or self._is_low()):
            return False
        if not _forget(self.path):
            return False
        _log.error("the disk is full: what was kept back for this is given up")
        self.given_up += 1
        return True

    def _is_low(self) -> bool:
        try:
            found = os.statvfs(self.path.parent)
        except OSError:
            return False
        return found.f_bavail * found.f_frsize < LOW


def demand_writable(folder: Path, *, in_doubt: bool) -> None:
    """Raises NotKept where the file system takes nothing: the kernel mounts one read-only when it meets errors.

    ``in_doubt``: it failed when something was written last, and is tried in earnest.
    """
    try:
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            raise NotKept("broken", "read-only")
        if in_doubt:
            write_durably(folder / "trial", bytes(4096))
            _forget(folder / "trial")
    except OSError as error:
        raise NotKept("full" if error.errno in _FULL else "broken", error.strerror or "") from error


def _forget(file: Path) -> bool:
    """Whether it is gone."""
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("%s stays: %s", file.name, error.strerror)
        return False
    return True
