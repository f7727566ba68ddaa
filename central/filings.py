"""The life of a filing at an authority: under which number it goes out, what may become of it, and by when.

kept ─▶ sending ─▶ accepted ⇄ papers wanted ─▶ decided | declined | withdrawn | changed
          └──▶ declined

``kept`` has no row here: nothing went out. ``sending`` is written, with our number, before the first byte leaves; from
then on nobody knows whether it arrived until the authority says so, and it is asked by that number before anything is
sent again. A filing that is not over is looked at again until it is.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Final, Literal, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, or_, select, update

from central.authorities.numbers import FILINGS, message_number
from central.database import insert
from central.insured_places import InsuredPlaces, Limits
from central.local_time import SHANGHAI
from central.matter_rows import same_record
from central.tables import filing_numbers, openers, records
from central.tables import filings as table
from central.tasks import look_now
from central.upstream import Fate, FateState
from kiosk.contract.messages import Matter, MatterState

log = logging.getLogger("central.opener")

State = Literal["sending"] | FateState

ARROWS: Final[Mapping[State, frozenset[State]]] = {
    "sending": frozenset({"accepted", "papers wanted", "decided", "declined", "withdrawn", "changed"}),
    "accepted": frozenset({"papers wanted", "decided", "declined", "withdrawn", "changed"}),
    "papers wanted": frozenset({"accepted", "decided", "declined", "withdrawn", "changed"}),
    "decided": frozenset({"withdrawn", "changed"}),
    "declined": frozenset(),
    "withdrawn": frozenset(),
    "changed": frozenset(),
}
OVER: Final = frozenset({"decided", "declined", "withdrawn", "changed"})
"""States in which nobody looks again: a filing in force that ends later is found by the query of filings."""

MATTERS: Final[Mapping[State, MatterState]] = {
    "sending": "kept",
    "accepted": "sent",
    "papers wanted": "papers wanted",
    "decided": "decided",
    "declined": "declined",
    "withdrawn": "decided",
    "changed": "decided",
}
"""The ledger's words: a matter that was withdrawn or changed is settled, and its text says how."""

CLAIM: Final = timedelta(seconds=30)
"""How long a filing is in the hands of an opener that died without a word: several exchanges with an authority."""

LOOKS: Final = (timedelta(minutes=1), timedelta(hours=6))
"""A filing under review is looked at again after half its age, within these."""

DERIVED: Final = 100
"""Numbers that are tried for a record before chance decides."""

OLDEST, AHEAD = timedelta(days=400), timedelta(days=1)
"""How old a record may be, and how far in the future, whose own time stands in its number."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Held:
    """A filing in our hands. ``fresh``: nothing ever went out under its number."""

    ours: str
    state: State
    fresh: bool


def take(
    connection: Connection, *, kiosk: str, record: UUID, institution: str, holder: str, now: datetime
) -> Held | None:
    """Takes a filing in hand, with a number of ours from the first time on; None: another opener has it in hand."""
    here = (table.c.kiosk == kiosk) & (table.c.id == record)
    row = connection.execute(select(table).where(here).with_for_update()).one_or_none()
    if row is None:
        ours = new_number(connection, kiosk, record, institution, now)
        values = {"ours": ours, "state": "sending", "since": now, "held_by": holder, "held_at": now}
        made = connection.execute(
            insert(connection, table)
            .values(kiosk=kiosk, id=record, **values)
            .on_conflict_do_nothing()
            .returning(table.c.ours)
        ).first()
        return None if made is None else Held(ours=ours, state="sending", fresh=True)
    alive = select(openers.c.name).where(openers.c.name == table.c.held_by).exists()
    taken = connection.execute(
        update(table)
        .where(here, or_(table.c.held_by == holder, table.c.held_at <= now - CLAIM, ~alive))
        .values(held_by=holder, held_at=now)
        .returning(table.c.ours)
    ).first()
    return None if taken is None else Held(ours=row.ours, state=cast(State, row.state), fresh=False)


def state_of(connection: Connection, kiosk: str, record: UUID) -> State | None:
    """How far it is; None: nothing of it went out."""
    here = (table.c.kiosk == kiosk) & (table.c.id == record)
    return cast("State | None", connection.execute(select(table.c.state).where(here)).scalar())


def began(connection: Connection, kiosk: str, record: UUID) -> bool:
    """Whether it went out, or was about to."""
    return state_of(connection, kiosk, record) is not None


def arrived(kiosk: ColumnElement[str], record: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether the authority has it: those are only looked at again, and wait behind what is new."""
    its = (table.c.kiosk == kiosk) & (table.c.id == record) & (table.c.state != "sending")
    return select(table.c.id).where(its).exists()


def advance(
    connection: Connection,
    *,
    kiosk: str,
    record: UUID,
    fate: Fate,
    places: InsuredPlaces,
    now: datetime,
    item: str | None = None,
) -> Matter | None:
    """Notes what the authority says; the matter, where the person is to know it. Moves only along the arrows.

    ``item``: the catalogue's, by which time limits go; None: remote care.
    """
    here = (table.c.kiosk == kiosk) & (table.c.id == record)
    row = connection.execute(select(table).where(here).with_for_update()).one()
    before = cast(State, row.state)
    moves = fate.state != before
    if moves and fate.state not in ARROWS[before]:
        log.warning("filing %s: the authority says %s after %s", record, fate.state, before)
        return None
    limits = places.limits(fate.place, item)
    until = day_until(fate, limits, now) if moves else row.until
    number = fate.number or row.number
    connection.execute(
        update(table)
        .where(here)
        .values(state=fate.state, number=number, until=until, since=now if moves else row.since)
    )
    at = now if moves else row.since
    return Matter(state=MATTERS[fate.state], number=number, text=words(fate, until, limits, now), at=at)


def look_again_after(connection: Connection, kiosk: str, record: UUID, now: datetime) -> timedelta | None:
    """When a filing is to be looked at again; None: it is over."""
    here = (table.c.kiosk == kiosk) & (table.c.id == record)
    row = connection.execute(select(table.c.state, table.c.since).where(here)).one()
    if row.state in OVER:
        return None
    since: datetime = row.since
    return min(max((now - since) / 2, LOOKS[0]), LOOKS[1])


def look_again(connection: Connection, number: str, now: datetime) -> None:
    """The filing that the authority has under ``number`` is looked at again, though it was over: another one took its
    place, or it was withdrawn. Nothing where it never came from here."""
    place = (records.c.kiosk, records.c.ledger, records.c.seq)
    open_to_change = [state for state, next_ones in ARROWS.items() if next_ones and state != "sending"]
    for row in connection.execute(
        select(*place)
        .select_from(table.join(records, same_record(table)))
        .where(table.c.number == number, table.c.state.in_(open_to_change))
    ).all():
        look_now(connection, (row.kiosk, row.ledger, row.seq), now)


def new_number(connection: Connection, kiosk: str, record: UUID, institution: str, now: datetime) -> str:
    """A number of ours that nothing else ever goes out under.

    It follows from the record, and would be the same another time: a central that was restored from its backup, and is
    sent the record once more, hands nothing in that the authority has.
    """
    made_at = _made_at(record, now)
    for turn in count():
        if turn < DERIVED:
            digest = hashlib.sha256(f"{kiosk} {record} {turn}".encode()).digest()
            ours = message_number(institution, made_at, FILINGS[int.from_bytes(digest[:8]) % len(FILINGS)])
        else:  # a second in which very much was filed
            ours = message_number(institution, now, secrets.choice(FILINGS))
        made = connection.execute(
            insert(connection, filing_numbers)
            .values(ours=ours, kiosk=kiosk, id=record)
            .on_conflict_do_nothing()
            .returning(filing_numbers.c.ours)
        ).first()
        its = filing_numbers.c.kiosk == kiosk, filing_numbers.c.id == record
        mine = select(filing_numbers.c.ours).where(filing_numbers.c.ours == ours, *its)
        if made is not None or connection.execute(mine).first() is not None:
            return ours
    raise AssertionError("it counts for ever")


def _made_at(record: UUID, now: datetime) -> datetime:
    """When the record was made, as its id says (RFC 9562 §5.7); ``now`` where it says nothing that can be."""
    if record.version != 7:
        return now
    since_1970 = timedelta(milliseconds=record.int >> 80)
    long_ago = (now - _EPOCH) - since_1970 > OLDEST
    return now if long_ago or since_1970 > now - _EPOCH + AHEAD else _EPOCH + since_1970


def day_until(fate: Fate, limits: Limits | None, now: datetime) -> date | None:
    """The day by which something has to happen, where the insured place says so."""
    days = {"accepted": limits.review_days, "papers wanted": limits.papers_days}.get(fate.state) if limits else None
    return None if days is None else now.astimezone(SHANGHAI).date() + timedelta(days=days)


def words(fate: Fate, until: date | None, limits: Limits | None, now: datetime) -> str | None:
    """The authority's words, and the time limit of its place; only an authority that is late has something added."""
    if until is None or limits is None or fate.state not in ("accepted", "papers wanted"):
        return fate.text or ENDS.get(fate.state)
    day = f"{until.month}月{until.day}日"
    if fate.state == "papers wanted":
        limit = f"请在{day}前补齐"
    elif now.astimezone(SHANGHAI).date() > until:
        limit = f"已经过了{day}的办理期限，可以打 {limits.hotline} 问一下"
    else:
        limit = f"办理期限到{day}"
    return "，".join(part for part in ((fate.text or "").rstrip("。"), limit) if part)


ENDS: Final[Mapping[State, str]] = {
    "withdrawn": "已经撤销",
    "changed": "已经改了，以后来的为准",
}
"""What is said of an end that the authority has no words for."""
