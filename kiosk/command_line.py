"""What the commands of ``main.py`` share: the common options, where a data folder keeps what, how a command fails."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import typer

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, kw_only=True)
class Where:
    """The common options: which settings (None: the demonstration's own), and where data is kept."""

    settings: Path | None
    data: Path

    @property
    def outbox(self) -> Path:
        """The records."""
        return self.data / "outbox.db"

    @property
    def keys(self) -> Path:
        """Central's keys, as they are pinned."""
        return self.data / "keys.json"

    @property
    def notes(self) -> Path:
        """The folder of what befell the machine and is not recorded yet."""
        return self.data / "notes"


def fail(code: int, line: str) -> NoReturn:
    """Ends the command: one line for whoever typed it, and the exit code."""
    typer.echo(line, err=True)
    raise typer.Exit(code)


def log_to_stderr() -> None:
    """Before kivy and escpos are imported, which set up logging of their own otherwise."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_worth_saying)
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, handlers=[handler])


def _worth_saying(record: logging.LogRecord) -> bool:
    """Kivy tells at length how it starts, and that its settings file is new each time."""
    if record.name != "kivy":
        return True
    return record.levelno >= logging.WARNING and not record.getMessage().startswith("Config:")
