"""Central's rows, read as somebody who took its database: what a person told stands where the list allows it, only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from central.personal import PERSONAL


def clear_in(file: Path, told: set[str]) -> Iterator[str]:
    """Each column in which a word that was told can be read, though ``central.personal`` says otherwise."""
    words = sorted(word for word in told if len(word) > 2)
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            rows = database.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in rows.description]
            allowed = {name for name in columns if PERSONAL.get(f"{table}.{name}") in ("readable", "fictitious")}
            found = set[str]()
            for row in rows:
                for name, value in zip(columns, row, strict=True):
                    if name not in allowed | found and (word := _first(value, words)):
                        found.add(name)
                        yield f"{table}.{name}: {word}"


def _first(value: object, words: list[str]) -> str:
    if isinstance(value, bytes):
        return next((word for word in words if word.encode() in value), "")
    return next((word for word in words if word in str(value)), "")
