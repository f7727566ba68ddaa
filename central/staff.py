"""``python -m central``'s commands for workers: papers from their scanner, work orders, evaluations to hand on,
what befell the machines."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from central import auditing, evaluations, scanned, work_orders
from central.command_line import AsJson, Url, fail, served_before
from central.local_time import SHANGHAI

FAILURES = (work_orders.NoSuchOrder, work_orders.NotSo, evaluations.BadCentre)

Number = Annotated[str, typer.Argument(help="The order's number, as the list has it.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to ``app``."""

    @app.command("work-orders")
    def list_orders(
        db: Url = None,
        as_json: AsJson = False,
        months: Annotated[bool, typer.Option("--months", help="The monthly sheets instead of the orders.")] = False,
    ) -> None:
        """List the work orders of one and two stars (差评整改), the one that is due first at the top."""
        with served_before(db, *FAILURES) as database:
            today = datetime.now(SHANGHAI).date()
            found: list[dict[str, object]] = (
                [asdict(month) for month in work_orders.by_month(database, today)]
                if months
                else [dict(row) for row in work_orders.read(database, today)]
            )
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else "\n".join(map(_line, found)))

    @app.command("work-order")
    def handle_order(
        number: Number,
        db: Url = None,
        answer: Annotated[str | None, typer.Option(help="What was found and done.")] = None,
        close: Annotated[bool, typer.Option("--close", help="Close what was answered.")] = False,
        called: Annotated[bool, typer.Option("--called", help="With --close: the person was called back.")] = False,
        telephone: Annotated[bool, typer.Option("--telephone", help="Show whom to call back.")] = False,
    ) -> None:
        """Answer a work order, close it, or show whom to call back."""
        now = datetime.now(UTC)
        with served_before(db, *FAILURES) as database:
            if telephone:
                typer.echo(work_orders.telephone_of(database, number) or "-")
            if answer is not None:
                work_orders.answer(database, number, answer, now)
            if close:
                work_orders.close(database, number, now, called_back=called)

    @app.command("papers")
    def attach_papers(
        number: Annotated[str, typer.Argument(help="The registration number (登记号) on the person's receipt.")],
        files: Annotated[
            list[Path], typer.Argument(help="What the scanner made: JPEG, PNG, WebP or TIFF (also of several pages).")
        ],
        db: Url = None,
    ) -> None:
        """Attach scanned papers to a matter, sealed, and hand them to its authority. Exit code 1: not all of them."""
        with served_before(db, *FAILURES) as database:
            try:
                done = scanned.attach(database, number, files, datetime.now(UTC))
            except scanned.NoMatter as error:
                fail(str(error))
        for attached in done:
            typer.echo(str(attached), err=attached.refused)
        if any(attached.refused for attached in done):
            raise typer.Exit(1)

    @app.command("evaluations")
    def export(
        since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day.")],
        until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day.")],
        db: Url = None,
        centre: Annotated[
            Path, typer.Option(help="Whoever is rated, in the province's codes (docs/upstreams.md).")
        ] = evaluations.BUILT_IN,
    ) -> None:
        """Print what people thought (好差评) in the fields of the province's platform, as a JSON list.

        What the platform does not take, one or two stars without a reason, is left out and counted on standard error.
        """
        with served_before(db, *FAILURES) as database:
            its_centre = evaluations.load_centre(centre)
            found = evaluations.given(database, since.date(), until.date())
        whole = [evaluations.as_standard(one, its_centre) for one in found if one.complete]
        typer.echo(json.dumps(whole, ensure_ascii=False, indent=2))
        if left := len(found) - len(whole):
            typer.echo(f"central: {left} without a reason, which the platform does not take", err=True)

    @app.command("audit")
    def list_events(
        db: Url = None,
        kiosk: Annotated[str | None, typer.Option(help="Of this machine alone.")] = None,
        last: Annotated[int, typer.Option(min=1, help="How many, the newest at the end.")] = 100,
        as_json: AsJson = False,
    ) -> None:
        """List what befell the machines, as their ledgers say. A ? behind the time: that clock may have been off."""
        with served_before(db, *FAILURES) as database:
            events = auditing.read(database, kiosk=kiosk, last=last)
        if as_json:
            typer.echo(json.dumps(events, ensure_ascii=False, indent=2))
        else:
            typer.echo("\n".join(map(auditing.line, events)))


def _line(row: dict[str, object]) -> str:
    return "  ".join("-" if value in (None, "", []) else _word(value) for value in row.values())


def _word(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
