"""The work on one record: where its matter begins, what becomes of it, when it is looked at again, and its end.

For ``opening``, within its transactions: what is noted and the end of the work are one commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, select, update

from central.database import insert
from central.matter_rows import same_record
from central.people import References, masked
from central.submitting import WITH_ITEM
from central.tables import matters, records, work
from kiosk.contract.acts import PersonReference
from kiosk.contract.messages import Matter
from kiosk.contract.records import Record


@dataclass(frozen=True, kw_only=True)
class Task:
    """A record to be looked at, and where it lies here. ``confirmed``: the person answered central's question."""

    record: Record
    place: tuple[str, str, int]
    confirmed: bool


def note(
    connection: Connection,
    task: Task,
    *,
    person: PersonReference | None,
    references: References,
    summary: str,
    intent: str | None = None,
    whom: PersonReference | None = None,
) -> None:
    """A matter begins, as ``kept``; where the same person has one of that kind and day, the later of both names the
    earlier, whichever came here first. ``person`` finds it by their card; ``whom`` it is for, where that is somebody
    without one."""
    header = task.record.header
    reference = None if person is None else references.of(person)
    of = whom or person
    shown = None if of is None else masked(of)
    of_whom = shown if of != person else None
    connection.execute(
        insert(connection, matters)
        .values(
            kiosk=header.kiosk,
            id=header.id,
            state="kept",
            at=header.happened_at,
            person=reference,
            shown=shown,
            summary=summary,
            intent=intent,
            like=None if intent is None else _earlier_like(connection, task, reference, summary, of_whom),
        )
        .on_conflict_do_nothing()
    )
    if reference is not None:
        _name_it_in_later_ones(connection, task, reference, summary, shown)


_DAY: Final = timedelta(days=1)


def _earlier_like(
    connection: Connection, task: Task, person: str | None, summary: str, of_whom: str | None
) -> UUID | None:
    """A record of the same person, kind and item within a day before: perhaps the same matter, entered twice. Of one
    guardian's children each is ``of_whom``, as it is shown."""
    header = task.record.header
    alike = _alike(task, person, summary)
    if of_whom is not None:
        alike &= matters.c.shown == of_whom
    return connection.execute(
        select(matters.c.id)
        .select_from(matters.join(records, same_record(matters)))
        .where(
            alike,
            records.c.kind == header.kind,
            records.c.happened_at.between(header.happened_at - _DAY, header.happened_at),
        )
        .order_by(records.c.happened_at)
        .limit(1)
    ).scalar()


def _name_it_in_later_ones(connection: Connection, task: Task, person: str, summary: str, shown: str | None) -> None:
    """The same for those within a day after that were here first and name none: a kiosk that was offline brings what
    happened before them."""
    header = task.record.header
    later = select(records.c.id).where(
        same_record(matters),
        records.c.kind == header.kind,
        records.c.happened_at > header.happened_at,
        records.c.happened_at <= header.happened_at + _DAY,
    )
    names_none = (matters.c.shown == shown) & matters.c.intent.is_not(None) & matters.c.like.is_(None)
    connection.execute(
        update(matters)
        .where(_alike(task, person, summary), names_none, later.correlate(matters).exists())
        .values(like=header.id)
    )


def _alike(task: Task, person: str | None, summary: str) -> ColumnElement[bool]:
    header = task.record.header
    alike = (matters.c.person == person) & (matters.c.id != header.id)
    return alike & (matters.c.summary == summary) if header.kind in WITH_ITEM else alike


def settle(connection: Connection, task: Task, matter: Matter) -> None:
    """What became of a matter, and the end of the work, in one commit."""
    tell(connection, task, matter)
    done(connection, task)


def tell(connection: Connection, task: Task, matter: Matter) -> None:
    """What became of a matter, for whoever asks."""
    header = task.record.header
    code = (matter.code or "authority") if matter.state == "declined" else None
    connection.execute(
        update(matters)
        .where(matters.c.kiosk == header.kiosk, matters.c.id == header.id)
        .values(state=matter.state, code=code, number=matter.number, text=matter.text, until=matter.until, at=matter.at)
    )


def put_off(connection: Connection, task: Task, due_at: datetime) -> None:
    """The work goes on later, with its tries counted anew."""
    kiosk, ledger, seq = task.place
    here = (work.c.kiosk == kiosk) & (work.c.ledger == ledger) & (work.c.seq == seq)
    connection.execute(update(work).where(here & (work.c.confirmed == task.confirmed)).values(due_at=due_at, tries=0))


def look_now(connection: Connection, place: tuple[str, str, int], now: datetime, *, confirmed: bool = False) -> None:
    """The record at ``place`` is looked at at once, whether or not its work was over. ``confirmed``: the person
    answered central's question; that they did before stays."""
    kiosk, ledger, seq = place
    again: dict[str, object] = {"due_at": now, "tries": 0}
    if confirmed:
        again["confirmed"] = True
    connection.execute(
        insert(connection, work)
        .values({"kiosk": kiosk, "ledger": ledger, "seq": seq, "confirmed": False} | again)
        .on_conflict_do_update(index_elements=["kiosk", "ledger", "seq"], set_=again)
    )


def done(connection: Connection, task: Task) -> bool:
    """The work is over, unless the person confirmed meanwhile: that is further work under the same place. False: it
    was over already."""
    kiosk, ledger, seq = task.place
    here = (work.c.kiosk == kiosk) & (work.c.ledger == ledger) & (work.c.seq == seq)
    return connection.execute(delete(work).where(here & (work.c.confirmed == task.confirmed))).rowcount > 0
