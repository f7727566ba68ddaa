"""``python -m central catalog`` and ``settings``: publishes what kiosks are told, and lists it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from central import publications
from central.command_line import Keys, Url, things, told
from central.publications import BadPublication, Publication
from kiosk.contract import catalog as of_catalogue
from kiosk.contract import settings as of_settings
from kiosk.contract.signed import EVERYBODY

Target = Annotated[str, typer.Option("--for", help="One kiosk; without it, all of them.")]
Above = Annotated[int, typer.Option(min=0, help="A version that kiosks have seen, where central has forgotten it.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to ``app``."""
    catalog = typer.Typer(add_completion=False, help="The catalogue that kiosks are told of.")
    app.add_typer(catalog, name="catalog")
    settings = typer.Typer(add_completion=False, help="What a centre has its kiosks go by.")
    app.add_typer(settings, name="settings")

    def publish(publication: Publication, db: str | None, keys: Path | None, target: str, above: int) -> None:
        with things(db, keys, BadPublication) as (database, folder):
            version = publications.publish(
                database, folder, publication, target=target, now=datetime.now(UTC), above=above
            )
        typer.echo(f"published: version {version} for {'all kiosks' if target == EVERYBODY else target}")

    def read(publication: Callable[[], Publication]) -> Publication:
        with told(BadPublication):
            return publication()

    @catalog.command("publish")
    def publish_catalog(
        folder: Annotated[Path, typer.Argument(help="Laid out as assets/catalog: services.toml, services/*.toml.")],
        db: Url = None,
        keys: Keys = None,
        target: Target = EVERYBODY,
        above: Above = 0,
    ) -> None:
        """Check a catalogue by the kiosk's own rules, sign it as the next version, and let kiosks have it.

        Going back is publishing the old one once more. Exit code 2: it cannot be used; file, entry and field are named.
        """
        publish(read(lambda: publications.read_catalog(folder)), db, keys, target, above)

    @catalog.command("list")
    def list_catalogues(db: Url = None, keys: Keys = None) -> None:
        """List what was published, the newest last."""
        with things(db, keys) as (database, _keys):
            typer.echo("\n".join(publications.published(database, of_catalogue.KIND)))

    @settings.command("publish")
    def publish_settings(
        file: Annotated[Path, typer.Argument(help="TOML, of the tables of kiosk.toml: what the centre says there.")],
        db: Url = None,
        keys: Keys = None,
        target: Target = EVERYBODY,
        above: Above = 0,
    ) -> None:
        """Check settings by the kiosk's own rules, sign them as the next version, and let kiosks have them.

        The newest that is for a kiosk counts, whole. Going back is publishing the old ones once more. Exit code 2: they
        cannot be used, or say what only the machine's own file says; the key is named.
        """
        publish(read(lambda: publications.read_settings(file)), db, keys, target, above)

    @settings.command("list")
    def list_settings(db: Url = None, keys: Keys = None) -> None:
        """List what was published, the newest last."""
        with things(db, keys) as (database, _keys):
            typer.echo("\n".join(publications.published(database, of_settings.KIND)))
