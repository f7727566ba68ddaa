"""``python -m central ledgers``: what central has of each kiosk's ledgers, and what there is to be salvaged.

A ledger is closed when the genesis of a later one names it: then it is known how far it went on its machine. What lies
between that and what is here is on a disk somewhere, or on a stick.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy import ColumnElement, Connection, func, select, true

from central import conflicts
from central.auditing import BEGUN
from central.command_line import AsJson, Url, served_before
from central.database import Database
from central.local_time import SHANGHAI
from central.tables import audit_events, quarantine, records
from central.tables import ledgers as table

Place = tuple[str, str]
"""Kiosk, and ledger in hexadecimal."""


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """Why a ledger begins, and what its genesis says of the one before it."""

    why: str
    previous_ledger: str | None = None
    previous_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """One ledger as central has it. Ranges of seq are inclusive; times are by central's clock."""

    kiosk: str
    ledger: str
    why: str | None
    """Why it began; None: its genesis is not here, or was not opened yet."""
    contiguous: int
    last: int
    gaps: tuple[tuple[int, int], ...] = ()
    """What is missing, its end too where a genesis says that there was more."""
    conflicts: int = 0
    unreadable: int = 0
    since: datetime | None = None
    heard_at: datetime | None = None
    closed: str | None = None
    """Why the next one began; None: it goes on, as far as is known here."""
    last_there: int | None = None
    """The last seq on its machine when it was closed, as far as that machine knew."""

    @property
    def is_well(self) -> bool:
        """Whether nobody has to do anything."""
        return not (self.gaps or self.conflicts or self.unreadable)


def read(database: Database, kiosk: str | None = None) -> list[Ledger]:
    """Every ledger, by kiosk, the oldest first; those at the end that are known by a genesis alone."""
    with database.reading() as connection:
        of_kiosk = true() if kiosk is None else table.c.kiosk == kiosk
        rows = connection.execute(select(table).where(of_kiosk).order_by(table.c.kiosk, table.c.since)).all()
        beginnings = _beginnings(connection, kiosk)
        gaps, last, aside = _gaps(connection, kiosk), _last(connection, kiosk), _aside(connection, kiosk)
    closed: dict[Place, Beginning] = {
        (place[0], begun.previous_ledger): begun for place, begun in beginnings.items() if begun.previous_ledger
    }
    known = {(row.kiosk, row.ledger): (row.contiguous, row.since, row.heard_at) for row in rows}
    found = []
    for place in [*known, *(place for place in closed if place not in known)]:
        contiguous, since, heard_at = known.get(place, (0, None, None))
        after = closed.get(place)
        end = max(last.get(place, 0), contiguous)
        missing = [*gaps[place]]
        if after is not None and (after.previous_seq or 0) > end:
            missing.append((end + 1, after.previous_seq or 0))
        found.append(
            Ledger(
                kiosk=place[0],
                ledger=place[1],
                why=beginnings[place].why if place in beginnings else None,
                contiguous=contiguous,
                last=end,
                gaps=tuple(missing),
                conflicts=aside[place]["conflict"],
                unreadable=aside[place]["unreadable"],
                since=since,
                heard_at=heard_at,
                closed=None if after is None else after.why,
                last_there=None if after is None else after.previous_seq,
            )
        )
    return found


def _beginnings(connection: Connection, kiosk: str | None) -> dict[Place, Beginning]:
    wanted = select(audit_events).where(audit_events.c.seq == 1, audit_events.c.event == BEGUN)
    rows = connection.execute(wanted.where(_of(audit_events.c.kiosk, kiosk)).order_by(audit_events.c.happened_at)).all()
    said = {(row.kiosk, row.ledger): json.loads(row.details) for row in rows}
    return {
        place: Beginning(
            why=details["why"],
            previous_ledger=details.get("previous_ledger"),
            previous_seq=details.get("previous_seq"),
        )
        for place, details in said.items()
    }


def _gaps(connection: Connection, kiosk: str | None) -> defaultdict[Place, list[tuple[int, int]]]:
    """What is missing below records that are here. Only what lies above ``contiguous`` is looked at."""
    its = (records.c.kiosk == table.c.kiosk) & (records.c.ledger == table.c.ledger)
    of_ledger = (records.c.kiosk, records.c.ledger)
    before = func.lag(records.c.seq).over(partition_by=of_ledger, order_by=records.c.seq)
    above = (
        select(*of_ledger, records.c.seq, func.coalesce(before, table.c.contiguous).label("before"))
        .select_from(records.join(table, its))
        .where(records.c.seq > table.c.contiguous, _of(table.c.kiosk, kiosk))
        .subquery()
    )
    holes = select(above).where(above.c.seq > above.c.before + 1).order_by(above.c.seq)
    found: defaultdict[Place, list[tuple[int, int]]] = defaultdict(list)
    for row in connection.execute(holes).all():
        found[row.kiosk, row.ledger].append((row.before + 1, row.seq - 1))
    return found


def _last(connection: Connection, kiosk: str | None) -> dict[Place, int]:
    its = (records.c.kiosk == table.c.kiosk) & (records.c.ledger == table.c.ledger)
    highest = select(func.max(records.c.seq)).where(its).scalar_subquery()
    rows = connection.execute(
        select(table.c.kiosk, table.c.ledger, highest.label("seq")).where(_of(table.c.kiosk, kiosk))
    )
    return {(row.kiosk, row.ledger): row.seq or 0 for row in rows}


def _aside(connection: Connection, kiosk: str | None) -> defaultdict[Place, dict[str, int]]:
    """Conflicts and what cannot be read: in quarantine, and payloads in their place that are not their header's."""
    found: defaultdict[Place, dict[str, int]] = defaultdict(lambda: {"conflict": 0, "unreadable": 0})
    in_quarantine = select(
        quarantine.c.kiosk, quarantine.c.ledger, quarantine.c.outcome, func.count().label("found")
    ).where(_of(quarantine.c.kiosk, kiosk), ~conflicts.is_taken())
    in_place = select(records.c.kiosk, records.c.ledger, records.c.outcome, func.count().label("found")).where(
        _of(records.c.kiosk, kiosk), records.c.outcome != "stored", records.c.id.is_not(None)
    )
    for counted, columns in ((in_quarantine, quarantine.c), (in_place, records.c)):
        for row in connection.execute(counted.group_by(columns.kiosk, columns.ledger, columns.outcome)).all():
            found[row.kiosk, row.ledger][row.outcome] += row.found
    return found


def _of(column: ColumnElement[str], kiosk: str | None) -> ColumnElement[bool]:
    return true() if kiosk is None else column == kiosk


def add_to(app: typer.Typer) -> None:
    """Adds the command to ``app``."""

    @app.command("ledgers")
    def show(
        db: Url = None,
        kiosk: Annotated[str | None, typer.Option(help="One kiosk; without it, all of them.")] = None,
        as_json: AsJson = False,
    ) -> None:
        """Say of each ledger up to where it is here, what is missing, in conflict or not to be read, and when its kiosk
        was heard last. Exit code 1: something is to be salvaged or looked into."""
        with served_before(db) as database:
            found = read(database, kiosk)
        typer.echo(
            json.dumps([_plain(ledger) for ledger in found], ensure_ascii=False, indent=2)
            if as_json
            else "\n".join(line for ledger in found for line in in_words(ledger))
        )
        if not all(ledger.is_well for ledger in found):
            raise typer.Exit(1)


def in_words(ledger: Ledger) -> Iterable[str]:
    """A ledger as lines for a terminal; times as the wall clock in Shanghai shows them."""
    heard = "never heard" if ledger.heard_at is None else f"heard {ledger.heard_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    began = f"  begun: {ledger.why}" if ledger.why else ""
    yield f"{ledger.kiosk:10} {ledger.ledger}  up to {ledger.contiguous}  {heard}{began}"
    if ledger.closed is not None:
        yield f"{'':10} closed: {ledger.closed}; its machine knew of it up to {ledger.last_there or 0}"
    for first, last in ledger.gaps:
        yield f"{'':10} missing: {first if first == last else f'{first} to {last}'}, to be salvaged"
    for count, what in ((ledger.conflicts, "in conflict"), (ledger.unreadable, "not to be read")):
        if count:
            yield f"{'':10} {what}: {count}, kept as they came{'' if what != 'in conflict' else ': central conflicts'}"


def _plain(ledger: Ledger) -> dict[str, object]:
    times = {"since": ledger.since, "heard_at": ledger.heard_at}
    return asdict(ledger) | {name: None if at is None else at.isoformat() for name, at in times.items()}
