"""Ways in which a database that nobody uses comes to harm. What is written is on the disk afterwards."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path


def zeroed_head(file: Path, _rng: random.Random) -> None:
    """Nothing can be read by SQLite, and all records are there."""
    with file.open("r+b", buffering=0) as database:
        database.write(bytes(100))
        os.fsync(database.fileno())


def overwritten_page(file: Path, rng: random.Random) -> None:
    """A page of the records, which the start reads."""
    _overwrite(file, rng, "records")


def overwritten_index(file: Path, rng: random.Random) -> None:
    """A page beside the records, without which the database cannot be used."""
    _overwrite(file, rng, "ledgers")


def cut_short(file: Path, rng: random.Random) -> None:
    """Its end is gone."""
    with file.open("r+b", buffering=0) as database:
        database.truncate(rng.randrange(1, file.stat().st_size // 4096) * 4096)
        os.fsync(database.fileno())


def _overwrite(file: Path, rng: random.Random, root_of: str) -> None:
    with closing(sqlite3.connect(file)) as db:
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [root_of]).fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    with file.open("r+b", buffering=0) as database:
        database.seek((root - 1) * size)
        database.write(rng.randbytes(size))
        os.fsync(database.fileno())
