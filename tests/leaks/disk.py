"""A disk of its own for a kiosk: ext4 in a file, mounted through a loop device. Needs root."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.private import place_in_memory

MEGABYTES = 128
"""Of which a file that is kept back takes some."""


def why_not() -> str:
    """Why there can be none here; "": there can."""
    if os.geteuid() != 0:
        return "skipped, needs root"
    if not Path("/dev/loop-control").exists():
        return "skipped, needs loop devices"
    return ""


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """For images: what is synced on such a disk does not wait for a real one."""
    place = place_in_memory({})
    folder = Path(tempfile.mkdtemp(prefix="leaks-", dir=place))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def mounted(image: Path, folder: Path) -> Iterator[Path]:
    """An empty disk at ``folder``; afterwards ``image`` holds all that ever lay on it."""
    with image.open("wb") as file:
        file.truncate(MEGABYTES << 20)
    folder.mkdir(parents=True, exist_ok=True)
    _do("mkfs.ext4", "-q", "-m", "0", str(image))
    _do("mount", "-o", "loop", str(image), str(folder))
    try:
        yield folder
    finally:
        _do("umount", str(folder))


def _do(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)
