"""``python main.py outbox status``: what is kept on this machine, what central has of it, what may be dropped."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

import typer

from kiosk.acknowledging import KEEP_DAYS
from kiosk.errors import NotKept
from kiosk.outbox import OutboxStatus, outbox_status
from kiosk.settings import SettingsError, read_settings

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Where(Protocol):
    """What ``main.py`` puts into the context."""

    @property
    def settings(self) -> Path | None: ...

    @property
    def data(self) -> Path: ...


def add_to(app: typer.Typer, outbox_in: Callable[[Path], Path]) -> None:
    """Adds the command to ``app``. ``outbox_in`` says where a data folder keeps the outbox."""

    @app.command()
    def status(
        context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False
    ) -> None:
        """Say what is kept here, what central has of it, and what may be dropped. Reads beside a running kiosk."""
        where: Where = context.obj
        try:
            keep_days = read_settings(where.settings).outbox.keep_days if where.settings else KEEP_DAYS
            found = outbox_status(outbox_in(where.data), keep_days)
        except SettingsError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from None
        except NotKept as error:
            typer.echo(f"the outbox cannot be read: {error.reason} {error.detail}".rstrip(), err=True)
            raise typer.Exit(1) from None
        typer.echo(json.dumps(asdict(found)) if as_json else "\n".join(in_words(found)))


def in_words(found: OutboxStatus) -> list[str]:
    """The status as lines for a terminal."""
    at = None if found.acknowledged_at is None else datetime.fromisoformat(found.acknowledged_at).astimezone(SHANGHAI)
    heard = "nothing yet" if at is None else f"up to seq {found.acknowledged}, at {at:%Y-%m-%d %H:%M}"
    lines = [
        f"records      {found.records}",
        f"  stored     {found.stored}",
        f"  pending    {found.pending}",
        f"  quarantined {found.quarantined}",
        f"ledger       {found.ledger or 'none yet'}  seq {found.last_seq}",
        f"acknowledged {heard}",
        f"kept for     {found.keep_days} days after that; to be dropped now: {found.to_be_dropped}",
    ]
    for name, states in (("matters", found.matters), ("paper", found.prints)):
        lines.append(f"{name:12} {', '.join(f'{state} {count}' for state, count in states.items()) or 'none'}")
    return lines
