"""``python -m central catalog``: publishes what kiosks are told of, and lists it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.engine import URL

from central import publications
from central.database import BadUrl, Database
from central.keys import BadKeys, KeyFolder

Url = Annotated[str | None, typer.Option("--db", envvar="CENTRAL_DB", help="As for serve.")]
Keys = Annotated[Path | None, typer.Option(help="As for serve.")]


def add_to(app: typer.Typer, where_things_are: Callable[[str | None, Path | None], tuple[URL, Path]]) -> None:
    """Adds the commands to ``app``."""
    catalog = typer.Typer(add_completion=False, help="The catalogue that kiosks are told of.")
    app.add_typer(catalog, name="catalog")

    @contextmanager
    def things(db: str | None, keys: Path | None) -> Iterator[tuple[Database, Path]]:
        """The migrated database, and the folder of the key files. What is wrong with them is a line, exit code 2."""
        try:
            url, folder = where_things_are(db, keys)
            database = Database(url.render_as_string(hide_password=False))
            database.migrate()
            yield database, folder
            database.close()
        except (BadUrl, BadKeys, publications.BadCatalog) as error:
            typer.echo(f"central: {error}", err=True)
            raise typer.Exit(2) from None

    @catalog.command()
    def publish(
        folder: Annotated[Path, typer.Argument(help="Laid out as assets/catalog: services.toml, services/*.toml.")],
        db: Url = None,
        keys: Keys = None,
        target: Annotated[str, typer.Option("--for", help="One kiosk; without it, all of them.")] = "*",
        above: Annotated[
            int, typer.Option(min=0, help="A version that kiosks have seen, where central has forgotten it.")
        ] = 0,
    ) -> None:
        """Check a catalogue by the kiosk's own rules, sign it as the next version, and let kiosks have it.

        Going back is publishing the old one once more. Exit code 2: it cannot be used; file, entry and field are named.
        """
        with things(db, keys) as (database, key_folder):
            files, now = publications.read_catalog(folder), datetime.now(UTC)
            version = publications.publish(database, KeyFolder(key_folder), files, target=target, now=now, above=above)
        typer.echo(f"published: version {version} for {'all kiosks' if target == '*' else target}")

    @catalog.command("list")
    def list_published(db: Url = None, keys: Keys = None) -> None:
        """List what was published, the newest last."""
        with things(db, keys) as (database, _keys):
            typer.echo("\n".join(publications.published(database)))
