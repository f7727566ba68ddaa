"""``python -m central``: serves the API, lists what arrived."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from central import transactions as listing
from central.database import BadUrl, checked
from central.demonstration.register import BUILT_IN, BadRegister
from central.keys import BadKeys

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="The central API of the kiosks.")

Url = Annotated[
    str | None,
    typer.Option(
        "--db",
        envvar="CENTRAL_DB",
        help="sqlite:////folder/central.db or postgresql+psycopg://…; without it an SQLite file in "
        "$XDG_DATA_HOME/kiosk-central (~/.local/share/kiosk-central).",
    ),
]


@app.command(name="serve")
def run(
    db: Url = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8080,
    register: Annotated[
        Path, typer.Option(help="The fictitious people whom the demonstration's authorities know (docs/register.md).")
    ] = BUILT_IN,
    keys: Annotated[
        Path | None, typer.Option(help="Folder of the key files; without it, keys/ beside the SQLite file.")
    ] = None,
) -> None:
    """Serve the API until SIGTERM, SIGINT or the end of a piped standard input.

    Prints one line when it is ready: {"listening": "http://127.0.0.1:8080"}.
    """
    from central.serving import CannotServe, ServeSettings, serve

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        url = checked(db or default_url())
        if keys is None and url.get_backend_name() != "sqlite":
            raise BadUrl("a PostgreSQL database needs --keys FOLDER for the key files")
        asyncio.run(
            serve(
                ServeSettings(
                    db=url.render_as_string(hide_password=False),
                    keys=keys or Path(url.database or "").parent / "keys",
                    register=register,
                    host=host,
                    port=port,
                )
            )
        )
    except (BadUrl, BadKeys, BadRegister, CannotServe) as error:
        fail(str(error))


@app.command()
def transactions(
    db: Url = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list instead of a table.")] = False,
) -> None:
    """List what arrived, the newest last; persons only masked."""
    try:
        print(listing.listed(db or default_url(), as_json=as_json))
    except (BadUrl, listing.NoDatabase) as error:
        fail(str(error))


def default_url() -> str:
    """An SQLite file in a folder of central's own."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    return f"sqlite:///{(data / 'kiosk-central' / 'central.db').absolute()}"


def fail(why: str) -> None:
    """One line, exit code 2."""
    print(f"central: {why}", file=sys.stderr)
    raise typer.Exit(2)


if __name__ == "__main__":
    app()
