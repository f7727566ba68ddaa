"""``python -m central backup``: the database and the key files as they are at one moment, in a folder of their own.

Central goes on meanwhile. The copy holds what is there, and nothing that was deleted before: no free pages. The folder
has its name once all of it is on the medium.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.engine import URL

from central.command_line import Keys, Url, default_url, told, where_things_are
from central.database import BadUrl, Database, NoDatabase, existing
from central.keys import BadKeys, KeyFolder, sync


class NotBackedUp(Exception):
    """There is no backup; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Backup:
    """What a backup holds: the database's copy, and so many key files."""

    database: Path
    keys: int


def back_up(database: Database, keys: KeyFolder, folder: Path) -> Backup:
    """Writes both to ``folder``, which begins with it. Raises NotBackedUp, BadKeys; then there is no such folder."""
    part = folder.with_name(f"{folder.name}.part")
    if folder.exists():
        raise NotBackedUp(f"{folder}: is there already; each backup has a folder of its own")
    try:
        if part.exists():
            shutil.rmtree(part)  # of one that a power cut ended
        part.mkdir(mode=0o700, parents=True)
        try:
            copy = _copied(database, part)
            copied = keys.copy_to(part / "keys")  # after the database: nothing in it was sealed to a later key
            for path in (copy, part):
                sync(path)
            part.rename(folder)
            sync(folder.absolute().parent)
        except BaseException:  # Ctrl-C too leaves no half of one
            shutil.rmtree(part, ignore_errors=True)
            raise
    except OSError as error:
        raise NotBackedUp(f"{error.filename or folder}: {error.strerror}") from error
    return Backup(database=folder / copy.name, keys=copied)


def _copied(database: Database, folder: Path) -> Path:
    """One consistent view of the database, in a file that is its owner's alone."""
    copy = folder / ("central.db" if database.kind == "sqlite" else "central.dump")
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if database.kind == "sqlite":
        _copy_sqlite(Path(database.url.database or ""), copy)
    else:
        _dump_postgresql(database.url, copy)
    return copy


def _copy_sqlite(database: Path, to: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, isolation_level=None)) as source:
            source.execute("VACUUM INTO ?", (str(to),))
        with closing(sqlite3.connect(to)) as copy:
            (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        raise NotBackedUp(f"{database}: cannot be copied: {error}") from error
    if found != "ok":
        raise NotBackedUp(f"{database}: is damaged: {found}; keep the backups that there are")


def _dump_postgresql(url: URL, to: Path) -> None:
    """By ``pg_dump``, which is told the password where no other user sees it."""
    where = url.set(drivername="postgresql", password=None).render_as_string()
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    try:
        done = subprocess.run(
            ["pg_dump", "--format=custom", f"--file={to}", f"--dbname={where}"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise NotBackedUp("pg_dump is not installed: it comes with postgresql-client") from None
    if done.returncode:
        raise NotBackedUp(f"pg_dump: {done.stderr.strip()}")


def add_to(app: typer.Typer) -> None:
    """Adds the command to ``app``."""

    @app.command("backup")
    def write(
        folder: Annotated[Path, typer.Argument(help="Where it is written: a folder that is not there yet.")],
        db: Url = None,
        keys: Keys = None,
    ) -> None:
        """Copy the database and the key files, while central serves. At least once in seven days, to another disk."""
        with told(BadUrl, NoDatabase, BadKeys, NotBackedUp):
            _, key_folder = where_things_are(db, keys)
            with existing(db or default_url()) as database:
                if not key_folder.is_dir():
                    raise BadKeys(f"{key_folder}: there is no such folder; --keys says where the key files are")
                backup = back_up(database, KeyFolder(key_folder), folder)
        typer.echo(f"{backup.database}: {backup.database.stat().st_size / 1e6:.1f} MB, and {backup.keys} key files")
