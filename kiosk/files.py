"""Small files that survive a power cut: written beside, synced, renamed, and their folder synced.

Without the last step the old content comes back after a cut (rename is only a promise until the directory is on disk).
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write_durably(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replaces ``path`` by ``content``: afterwards, and after any power cut, it holds the old bytes or these, whole.

    Makes the folder where it is missing. What root writes belongs to whoever owns the folder. Raises OSError; the old
    content is then still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            give_to_owner_of(path.parent, descriptor)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def read_if_there(path: Path) -> bytes | None:
    """The content of ``path``, or None where there is no such file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def give_to_owner_of(folder: Path, what: Path | int) -> None:
    """What root writes is for the kiosk's own user to read, where the file system knows owners. Others own theirs.

    ``what`` is a path or a descriptor.
    """
    if os.geteuid() == 0:
        with suppress(OSError):
            owner = folder.stat()
            os.chown(what, owner.st_uid, owner.st_gid, follow_symlinks=isinstance(what, int))


def sync_file(path: Path) -> None:
    """Makes the length of ``path``, and what was written to it, durable. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Makes renames and new names in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_system(path: Path) -> str:
    """The kind of file system that holds it, "" where the kernel does not say (proc(5), mountinfo)."""
    device = path.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields = line.split()
        if fields[2] == number:
            return fields[fields.index("-") + 1]
    return ""
