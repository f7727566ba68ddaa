"""What the commands of ``python -m central`` share: where database and keys are, and how a command fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from sqlalchemy.engine import URL

from central.database import BadUrl, Database, NoDatabase, checked, existing
from central.keys import BadKeys, KeyFolder

Url = Annotated[
    str | None,
    typer.Option(
        "--db",
        envvar="CENTRAL_DB",
        help="sqlite:////folder/central.db or postgresql+psycopg://…; without it an SQLite file in "
        "$XDG_DATA_HOME/kiosk-central (~/.local/share/kiosk-central).",
    ),
]
Keys = Annotated[Path | None, typer.Option(help="Folder of the key files; without it, keys/ beside the SQLite file.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]


def default_url() -> str:
    """An SQLite file in a folder of central's own."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    return f"sqlite:///{(data / 'kiosk-central' / 'central.db').absolute()}"


def where_things_are(db: str | None, keys: Path | None) -> tuple[URL, Path]:
    """The database and the folder of the key files. Raises BadUrl."""
    url = checked(db or default_url())
    if keys is None and url.get_backend_name() != "sqlite":
        raise BadUrl("a PostgreSQL database needs --keys FOLDER for the key files")
    return url, keys or Path(url.database or "").parent / "keys"


@contextmanager
def served_before(db: str | None, *failures: type[Exception]) -> Iterator[Database]:
    """The database, which has to be there. What is wrong with it, and ``failures``, are a line and exit code 2."""
    with told(BadUrl, NoDatabase, *failures), existing(db or default_url()) as database:
        yield database


@contextmanager
def things(db: str | None, keys: Path | None, *failures: type[Exception]) -> Iterator[tuple[Database, KeyFolder]]:
    """The database, made or brought up to date, and the key files; ``failures`` as in ``served_before``."""
    with told(BadUrl, BadKeys, *failures):
        url, folder = where_things_are(db, keys)
        database = Database(url.render_as_string(hide_password=False))
        database.migrate()
        yield database, KeyFolder(folder)
        database.close()


@contextmanager
def told(*failures: type[Exception]) -> Iterator[None]:
    """What went wrong is a line, exit code 2."""
    try:
        yield
    except failures as error:
        fail(str(error))


def fail(why: str, code: int = 2) -> NoReturn:
    """One line on standard error, and the exit code."""
    typer.echo(f"central: {why}", err=True)
    raise typer.Exit(code)
