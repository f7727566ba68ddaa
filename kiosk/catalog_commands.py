"""``python main.py catalog``: the services on offer, and whether a table of them is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kiosk.catalog import load_catalog
from kiosk.command_line import fail
from kiosk.settings import SettingsError, read_settings
from kiosk.station import load_station
from kiosk.tables import CatalogError


def add_to(app: typer.Typer) -> None:
    """Adds the command to ``app``."""

    @app.command("catalog")
    def list_catalog(
        context: typer.Context,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
        folder: Annotated[Path | None, typer.Option(help="Another catalogue than the one that is built in.")] = None,
    ) -> None:
        """List categories and items with journey, level and what runs offline. Exit code 2: a table is wrong."""
        from kiosk import listing

        try:
            file: Path | None = context.obj.settings
            of = load_catalog() if folder is None else load_catalog(folder)
            lines = listing.lines(of, read_settings(file) if file else None, load_station(), as_json=as_json)
        except (SettingsError, CatalogError) as error:
            fail(2, str(error))
        typer.echo("\n".join(lines))
