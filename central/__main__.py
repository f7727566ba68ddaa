"""``python -m central``: serves the API, lists what arrived, runs the fictitious authorities."""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path
from typing import Annotated

import typer

from central import backup, conflicts, devices, key_commands, ledgers, publishing, staff, takeaway
from central import transactions as listing
from central.authorities.settings import BadAuthorities
from central.command_line import Keys, Url, default_url, fail, told, where_things_are
from central.database import BadUrl, NoDatabase
from central.demonstration.register import BUILT_IN, BadRegister
from central.discreet import keep_to_itself
from central.errors import keep_words_out
from central.house import PERSONS_AN_HOUR
from central.insured_places import BadPlaces
from central.keys import BadKeys

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The central API of the kiosks, and the pages that phones open.",
)

People = Annotated[
    Path, typer.Option(help="The fictitious people whom the demonstration's authorities know (docs/register.md).")
]


@app.command(name="serve")
def run(
    db: Url = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8080,
    public_host: Annotated[str, typer.Option(help="Address of the pages that phones open.")] = "127.0.0.1",
    public_port: Annotated[int, typer.Option(min=0, max=65535, help="Their port; 0 takes a free one.")] = 8081,
    public_url: Annotated[
        str | None,
        typer.Option(
            envvar="CENTRAL_PUBLIC_URL",
            help="Where phones reach those pages (https://…): it stands in the codes on screens and receipts. "
            "Without it, where they listen.",
        ),
    ] = None,
    register: People = BUILT_IN,
    keys: Keys = None,
    authorities: Annotated[
        Path | None,
        typer.Option(help="The authorities to ask (docs/upstreams.md); without it, fictitious ones in this process."),
    ] = None,
    persons_an_hour: Annotated[
        int,
        typer.Option(
            min=1,
            envvar="CENTRAL_PERSONS_AN_HOUR",
            help="About how many people a kiosk may ask within an hour; one that asks about more is suspended until "
            "staff resume it (kiosks --resume).",
        ),
    ] = PERSONS_AN_HOUR,
) -> None:
    """Serve the API and the public pages until SIGTERM, SIGINT or the end of a piped standard input.

    Prints one line when it is ready: {"listening": "http://127.0.0.1:8080", "public": "http://127.0.0.1:8081"}.
    """
    from central.serving import CannotServe, ServeSettings, serve

    keep_to_itself()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    keep_words_out()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        url, folder = where_things_are(db, keys)
        asyncio.run(
            serve(
                ServeSettings(
                    db=url.render_as_string(hide_password=False),
                    keys=folder,
                    register=register,
                    authorities=authorities,
                    host=host,
                    port=port,
                    public_host=public_host,
                    public_port=public_port,
                    public_url=checked_public(public_url),
                    persons_an_hour=persons_an_hour,
                )
            )
        )
    except (BadUrl, BadKeys, BadRegister, BadAuthorities, BadPlaces, CannotServe) as error:
        fail(str(error))


@app.command()
def demo(
    db: Url = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of 127.0.0.1; 0 takes a free one.")] = 0,
    register: People = BUILT_IN,
    keys: Keys = None,
) -> None:
    """Run the fictitious authorities alone until SIGTERM, SIGINT or the end of a piped standard input.

    Prints one line when they answer: {"listening": "http://127.0.0.1:8181", "key": "the file of the signing key"}.
    """
    from central.demonstration.alone import run_alone

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        url, folder = where_things_are(db, keys)
        run_alone(url.render_as_string(hide_password=False), folder, register, port)
    except (BadUrl, BadKeys, BadRegister, OSError) as error:
        fail(str(error))


@app.command()
def transactions(
    db: Url = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list instead of a table.")] = False,
) -> None:
    """List what arrived, the newest last; persons only masked."""
    with told(BadUrl, NoDatabase):
        typer.echo(listing.listed(db or default_url(), as_json=as_json))


def checked_public(url: str | None) -> str | None:
    """An address of the web without a slash at its end: the pages lie at its root. Raises BadUrl."""
    if url is None:
        return None
    if not re.fullmatch(r"https?://[^\s/?#@]+/?", url):
        raise BadUrl("--public-url is an address of the web without a path: https://zj.example.com")
    return url.rstrip("/")


for commands in (staff, devices, ledgers, conflicts, publishing, key_commands, takeaway, backup):
    commands.add_to(app)

if __name__ == "__main__":
    app()
