"""A PostgreSQL server of the tests' own: in a folder of its own, reached by a socket in it, gone with the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

USER = "postgres"


class Postgres:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = (f"central_{number}" for number in count(1))

    def fresh(self) -> str:
        """The URL of an empty database."""
        name = next(self._names)
        with psycopg.connect(f"postgresql:///postgres?host={self._folder}&user={USER}", autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"postgresql+psycopg:///{name}?host={self._folder}&user={USER}"


@contextmanager
def postgres() -> Iterator[Postgres | None]:
    """A server, or None where none is installed. PostgreSQL refuses root, so root starts it as its user."""
    programs = programs_folder()
    if programs is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="central-pg-"))
    other: str | None = None
    if os.getuid() == 0:
        other = USER
        account = pwd.getpwnam(USER)
        os.chown(folder, account.pw_uid, account.pw_gid)
    data = str(folder / "data")
    try:
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            user=other,
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )
        quick = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=50"
        control = [str(programs / "pg_ctl"), "-D", data, "-w", "-t", "30"]
        log = ["-l", str(folder / "log")]
        subprocess.run(
            [*control, *log, "-o", quick, "start"],
            user=other,
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )
        try:
            yield Postgres(folder)
        finally:
            subprocess.run(
                [*control, "-m", "immediate", "stop"],
                user=other,
                cwd="/",
                check=True,
                stdout=subprocess.DEVNULL,
                timeout=60,
            )
    finally:
        shutil.rmtree(folder)


def programs_folder() -> Path | None:
    """Where the server's programs are: Debian keeps them out of PATH."""
    if os.getuid() == 0 and USER not in {account.pw_name for account in pwd.getpwall()}:
        return None
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    return next((file.parent for file in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None)
