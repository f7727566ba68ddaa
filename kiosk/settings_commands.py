"""``main.py settings``: whether central may publish a settings file to kiosks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kiosk.errors import Unusable
from kiosk.settings import check_settings
from kiosk.steering import laid_over


def add_to(app: typer.Typer) -> None:
    """Adds the command to ``app``."""

    @app.command("settings")
    def check(
        file: Annotated[Path, typer.Argument(help="What a centre wants of its kiosks, as TOML.")],
    ) -> None:
        """Say whether this may be published to kiosks: known keys, and none that is the machine's own. Exit code 2."""
        own = check_settings({"central": {"url": "http://127.0.0.1:1"}}, "no machine")
        try:
            laid_over(own, file.read_text(encoding="utf-8"), file.name)
        except (OSError, UnicodeDecodeError) as error:
            typer.echo(f"{file.name}: cannot be read: {type(error).__name__}", err=True)
            sys.exit(2)
        except Unusable as error:
            typer.echo(str(error), err=True)
            sys.exit(2)
