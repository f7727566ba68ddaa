"""``python main.py outbox status``: what is kept on this machine, what central has of it, what may be dropped."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from kiosk import takeaway_commands
from kiosk.acknowledging import KEEP_DAYS
from kiosk.command_line import SHANGHAI, Where, fail
from kiosk.errors import NotKept
from kiosk.outbox import OutboxStatus, outbox_status
from kiosk.settings import SettingsError, read_settings


def add_to(app: typer.Typer) -> None:
    """Adds the commands to ``app``, those of ``takeaway_commands`` among them."""
    outbox = typer.Typer(add_completion=False, help="What is kept on this machine.")
    app.add_typer(outbox, name="outbox")
    takeaway_commands.add_to(outbox)

    @outbox.command()
    def status(
        context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False
    ) -> None:
        """Say what is kept here, what central has of it, and what may be dropped. Reads beside a running kiosk."""
        where: Where = context.obj
        try:
            keep_days = read_settings(where.settings).outbox.keep_days if where.settings else KEEP_DAYS
            found = outbox_status(where.outbox, keep_days)
        except SettingsError as error:
            fail(2, str(error))
        except NotKept as error:
            fail(1, f"the outbox cannot be read: {error.reason} {error.detail}".rstrip())
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
