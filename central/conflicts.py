"""``python -m central conflicts``: records of which central has another in their place, and taking one all the same.

A disk that went back, or a machine that was cloned, writes a second record to a place that has one. Both are what
somebody was promised; which is which, a person looks at. A record that is taken lies beside its ledger, in a branch of
its own, and its matter goes on its way. One whose id is another record's is an altered resend, and is never taken.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from sqlalchemy import ColumnElement, select, true

from central.command_line import AsJson, Url, served_before
from central.database import Database, insert
from central.intake import row_of
from central.local_time import SHANGHAI
from central.tables import quarantine, records, work
from kiosk.contract.errors import ContractError
from kiosk.contract.records import Record

FORK_TAG: Final = b"kiosk/fork/1\0"

Row = dict[str, str | int | None]


class NotTaken(Exception):
    """Nothing was taken; the message says why."""


def is_taken() -> ColumnElement[bool]:
    """Whether the record in quarantine has its place among the others by now."""
    its = (records.c.kiosk == quarantine.c.kiosk) & (records.c.id == quarantine.c.id)
    return select(records.c.id).where(its, records.c.hash == quarantine.c.hash).exists()


def read(database: Database, kiosk: str | None = None) -> list[Row]:
    """What is in conflict and was not taken, in the order in which it came.

    Keys: digest, kiosk, ledger, seq, id, kind, happened_at and arrived_at (ISO 8601, UTC), why.
    """
    here = true() if kiosk is None else quarantine.c.kiosk == kiosk
    wanted = select(quarantine).where(quarantine.c.outcome == "conflict", ~is_taken(), here)
    with database.reading() as connection:
        rows = connection.execute(wanted.order_by(quarantine.c.arrived_at, quarantine.c.digest)).all()
    found: list[Row] = []
    for row in rows:
        header = Record.read(row.header, row.sealed).header
        found.append(
            {
                "digest": row.digest,
                "kiosk": row.kiosk,
                "ledger": row.ledger,
                "seq": header.seq,
                "id": str(header.id),
                "kind": header.kind,
                "happened_at": header.happened_at.isoformat(),
                "arrived_at": row.arrived_at.isoformat(),
                "why": row.why,
            }
        )
    return found


def take(database: Database, digest: str, now: datetime) -> str:
    """Takes the record whose digest begins so, once; the registration number (登记号). Raises NotTaken."""
    with database.writing() as connection:
        like = quarantine.c.digest.startswith(digest, autoescape=True)
        rows = connection.execute(select(quarantine).where(like, quarantine.c.outcome == "conflict").limit(2)).all()
        if len(rows) != 1:
            raise NotTaken("there is no such conflict" if not rows else "more than one begins so; give more of it")
        (row,) = rows
        try:
            record = Record.read(row.header, row.sealed)
        except ContractError as error:
            raise NotTaken(f"it cannot be read: {error}") from None
        if not record.intact:
            raise NotTaken("its payload is not the one that its header names")
        header = record.header
        branch = hashlib.sha256(FORK_TAG + header.ledger + record.hash).hexdigest()[:32]
        there = set(connection.scalars(select(records.c.hash).where(records.c.id == header.id)))
        if there - {record.hash}:
            raise NotTaken("another record has its id: an altered resend, or another kiosk's")
        if not there:
            connection.execute(insert(connection, records).values(**row_of(record, branch, "stored", now)))
            to_do = {"kiosk": header.kiosk, "ledger": branch, "seq": header.seq}
            connection.execute(
                insert(connection, work).values(**to_do, confirmed=False, due_at=row.arrived_at, tries=0)
            )
            database.announce(connection)
    return str(record.number)


def add_to(app: typer.Typer) -> None:
    """Adds the command to ``app``."""

    @app.command("conflicts")
    def show(
        db: Url = None,
        kiosk: Annotated[str | None, typer.Option(help="One kiosk; without it, all of them.")] = None,
        chosen: Annotated[
            str | None, typer.Option("--take", help="Take the record whose digest begins so: its matter goes its way.")
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """List records of which central has another in their place, or take one of them beside it."""
        with served_before(db, NotTaken) as database:
            if chosen is not None:
                typer.echo(f"taken: {take(database, chosen, datetime.now(UTC))}")
                return
            found = read(database, kiosk)
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else "\n".join(map(_line, found)))


def _line(row: Row) -> str:
    at = datetime.fromisoformat(str(row["happened_at"])).astimezone(SHANGHAI)
    place = f"{row['kiosk']:10} seq {row['seq']}  {at:%Y-%m-%d %H:%M}"
    return f"{str(row['digest'])[:12]}  {place}  {row['kind']}  {row['why']}"
