"""Where the machine's programs may put something down for a moment: a folder in memory, this user's alone.

Python, the libraries and kivy write temporary files and caches, and nobody can promise what a version of them puts in
there. So the folder lies on tmpfs, is empty when the kiosk opens and gone when it closes, in the demonstration too.
A kiosk that was killed leaves it until it is opened again; a power cut takes it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kiosk.files import file_system

IN_MEMORY: Final = {"tmpfs", "ramfs"}
PLACES: Final = (Path("/run"), Path("/dev/shm"))
"""Where there is tmpfs on any machine, the better one first. Before them, what systemd made for the kiosk."""
KEPT: Final = "remembered"
"""What a kiosk that was killed finds again (``remembered``)."""

_log = logging.getLogger(__name__)


@contextmanager
def private_folder(data: Path, environ: Mapping[str, str] = os.environ) -> Iterator[Path]:
    """The folder of the kiosk that runs on ``data``; until it is left, it is where temporary files of this process and
    of what it starts go. Where nothing is in memory it lies on disk, and the log says so."""
    place = place_in_memory(environ)
    folder = _made(place, data) if place else None
    if folder is None:
        _log.warning("no folder in memory: temporary files go to the disk")
        folder = Path(tempfile.mkdtemp(prefix="kiosk-"))
    for old in folder.iterdir():
        if old.name != KEPT:
            _remove(old)
    temporary = folder / "tmp"
    temporary.mkdir(mode=0o700)
    before = {name: os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")}
    try:
        os.environ.update(dict.fromkeys(before, str(temporary)))
        tempfile.tempdir = None  # asked for anew
        yield folder
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        tempfile.tempdir = None
        _remove(folder)


def place_in_memory(environ: Mapping[str, str], places: tuple[Path, ...] = PLACES) -> Path | None:
    """The first place on tmpfs that can be written; None: there is none."""
    named = [Path(value) for name in ("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR") if (value := environ.get(name))]
    for place in (*named, *places):
        if place.is_dir() and os.access(place, os.W_OK | os.X_OK) and file_system(place) in IN_MEMORY:
            return place
    return None


def _made(place: Path, data: Path) -> Path | None:
    """The folder of that kiosk; None where somebody else has laid one under its name."""
    digest = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:12]
    folder = place / f"kiosk-{os.getuid()}-{digest}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        there = folder.lstat()
        if not stat.S_ISDIR(there.st_mode) or there.st_uid != os.getuid():
            return None
        folder.chmod(0o700)
    except OSError:
        return None
    return folder


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
