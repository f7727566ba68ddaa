"""``python main.py audit verify``: whether what was recorded on this machine is whole."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from kiosk.command_line import SHANGHAI, Where, fail
from kiosk.errors import NotKept
from kiosk.verifying import Verdict, set_aside, verify


def add_to(app: typer.Typer) -> None:
    """Adds the commands to ``app``."""
    audit = typer.Typer(add_completion=False, help="What befell this machine, and whether its ledgers are whole.")
    app.add_typer(audit, name="audit")

    @audit.callback()
    def of_audit() -> None:
        """What befell this machine, and whether its ledgers are whole."""

    @audit.command("verify")
    def verify_ledgers(
        context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False
    ) -> None:
        """Walk every ledger from its first record to its last. Exit code 1: it breaks, and where.

        Intact: each record follows the one before. Anchored: so far central's signed word holds, and nobody can have
        written it anew. Reads beside a running kiosk; a million records take a quarter of a minute.
        """
        from kiosk.pinning import acknowledgement_keys
        from kiosk.settings import SettingsError, read_settings

        where: Where = context.obj
        try:
            root = None if where.settings is None else read_settings(where.settings).central.root
            keys = acknowledgement_keys(where.keys, root)
            verdicts, aside = verify(where.outbox, keys), set_aside(where.outbox)
        except SettingsError as error:
            fail(2, str(error))
        except NotKept as error:
            said = {"ok": False, "error": f"the outbox cannot be read: {error.detail}"}
            typer.echo(json.dumps(said) if as_json else said["error"], err=not as_json)
            raise typer.Exit(1) from None
        ok = not any(verdict.broken for verdict in verdicts)
        if as_json:
            ledgers = [verdict.as_json() for verdict in verdicts]
            typer.echo(json.dumps({"ok": ok, "ledgers": ledgers, "set_aside": aside}))
        else:
            typer.echo("\n".join([*map(_words, verdicts), *(f"set aside: {name}" for name in aside)]) or "nothing yet")
        raise typer.Exit(0 if ok else 1)


def _words(verdict: Verdict) -> str:
    said = [
        f"ledger {verdict.ledger} of {verdict.kiosk}: {verdict.records} records, {verdict.events} of them events",
        f"  intact to {verdict.intact} of {verdict.last}",
    ]
    if verdict.anchored_at is not None:
        said.append(f"  anchored to {verdict.anchored}, {verdict.anchored_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}")
    else:
        said.append("  anchored nowhere: central's word is not here")
    if verdict.dropped:
        said.append(f"  dropped up to {verdict.dropped}, because central has it")
    if verdict.broken is not None:
        said.append(f"  BROKEN at {verdict.broken.seq}: {verdict.broken.what}")
    return "\n".join(said)
