"""The life of a live transaction (挂失, 家庭共济, 撤销): carried out while the person stands there, or not at all.

(nothing) ─▶ sending ─▶ done | declined
    └──▶ declined: its person was not checked

``sending`` is written, with our number, before the first byte leaves. An answer that does not come leaves the matter
``unsure``: the authority is asked by our number what became of it, and nothing is sent again unless it says that
nothing came and there is time left. When the time is over, nothing goes out any more, and what comes so late is only
asked for: it may have gone out before this database was restored from a backup. That nothing came is believed
once whatever was under way must have arrived.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, cast
from uuid import UUID

from sqlalchemy import Connection, or_, select, update

from central.database import insert
from central.filings import CLAIM, new_number
from central.tables import live as table
from central.tables import openers
from central.upstream import NotGranted, NumberTaken, Settled, Unanswered, Upstreams
from kiosk.contract.live import FamilyAccount, LiveAct, RemoteCareWithdrawal, SocialCardLoss
from kiosk.contract.messages import Matter
from kiosk.contract.records import Header

State = Literal["sending", "done", "declined"]

IN_TIME: Final = timedelta(seconds=60)
"""How long after the person confirmed it a transaction may go out, by central's clock: they are still there then. One
that seems to come out of the future by more than that is a clock's or somebody's lie, and does not go out either."""

ARRIVES_WITHIN: Final = timedelta(minutes=2)
"""What was sent this long ago and is not known to the authority never arrived."""

LOOKS: Final = (timedelta(seconds=1), timedelta(hours=1))
"""What became of a transaction is asked again after half its age, within these."""

TOO_LATE: Final = "没有办成：超过了办理时间。要办，请再来一次。"
NOT_CHECKED: Final = "没有办成：还没有核对是您本人。要办，请再来一次。"


@dataclass(frozen=True, kw_only=True)
class Held:
    """A transaction in our hands. ``fresh``: nothing ever went out under its number. ``in_time``: it may still go out.
    ``sent_at``: when it may have gone out last."""

    ours: str
    fresh: bool
    in_time: bool
    sent_at: datetime
    held_at: datetime


def take(
    connection: Connection, header: Header, *, checked: bool, institution: str, holder: str, now: datetime
) -> Held | Matter | None:
    """Takes a transaction in hand: ``Held``; what became of it where it goes out no more; None: another opener has it.

    What is refused is written too, so that an opener that was slow does not send it all the same.
    """
    here = (table.c.kiosk == header.kiosk) & (table.c.id == header.id)
    row = connection.execute(select(table).where(here).with_for_update()).one_or_none()
    if row is None:
        in_time = is_in_time(header, now)
        refused = in_time and not checked
        # One that comes late may have gone out before this database was restored, which takes longer than arriving: the
        # authority is asked by its number, and what it does not know never went out.
        ours = None if refused else new_number(connection, header.kiosk, header.id, institution, now)
        sent_at = now if in_time else now - ARRIVES_WITHIN
        values = {
            "ours": ours,
            "state": "declined" if refused else "sending",
            "since": now,
            "sent_at": None if refused else sent_at,
            "held_by": holder,
            "held_at": now,
        }
        made = connection.execute(
            insert(connection, table)
            .values(kiosk=header.kiosk, id=header.id, **values)
            .on_conflict_do_nothing()
            .returning(table.c.state)
        ).first()
        if made is None:
            return None
        if ours is None:
            return Matter(state="declined", code="not-checked", text=NOT_CHECKED, at=now)
        return Held(ours=ours, fresh=in_time, in_time=in_time, sent_at=sent_at, held_at=now)
    if row.ours is None:
        return Matter(state="declined", code="too-late", text=TOO_LATE, at=row.since)
    alive = select(openers.c.name).where(openers.c.name == table.c.held_by).exists()
    taken = connection.execute(
        update(table)
        .where(here, table.c.state == "sending", or_(table.c.held_by == holder, table.c.held_at <= now - CLAIM, ~alive))
        .values(held_by=holder, held_at=now)
        .returning(table.c.ours)
    ).first()
    if taken is None:
        return None
    return Held(ours=row.ours, fresh=False, in_time=is_in_time(header, now), sent_at=row.sent_at, held_at=now)


def is_in_time(header: Header, now: datetime) -> bool:
    """Whether the person confirmed it just now, by central's clock and what was measured of the kiosk's."""
    ahead = timedelta(milliseconds=header.clock_offset or 0)
    return abs(now - (header.happened_at - ahead)) <= IN_TIME


def carry_out(
    upstreams: Upstreams,
    kiosk: str,
    held: Held,
    act: LiveAct,
    now: Callable[[], datetime],
    sends: Callable[[], None],
) -> Settled | None:
    """What the authority says became of it; None: not known yet. ``sends`` notes that it goes out once more.

    Raises Unanswered, NotGranted: it does not say.
    """
    port = _port(upstreams, kiosk, held.ours, act)
    if not held.fresh:
        known = port.settled()
        if known is not None:
            return known
        if not held.in_time:
            arrived = now() - held.sent_at >= ARRIVES_WITHIN
            return Settled(done=False, text=TOO_LATE) if arrived else None
        sends()
    if now() - held.held_at >= CLAIM / 2:
        return None  # this process stood still: another one may have it in hand
    try:
        return port.send()
    except NotGranted as refusal:
        # What went out before may have arrived since, and made a second one impossible.
        known = None if held.fresh else port.settled()
        return known or Settled(done=False, text=refusal.text)
    except NumberTaken:
        known = port.settled()
        if known is None:
            raise Unanswered("it has our number and does not say what became of it") from None
        return known


def sends_again(connection: Connection, kiosk: str, record: UUID, now: datetime) -> None:
    """Written before the first byte of a further try leaves."""
    here = (table.c.kiosk == kiosk) & (table.c.id == record)
    connection.execute(update(table).where(here).values(sent_at=now))


def advance(connection: Connection, kiosk: str, record: UUID, settled: Settled | None, now: datetime) -> Matter:
    """Notes what the authority says, and what the person is to know of it. What is over stays as it is."""
    here = (table.c.kiosk == kiosk) & (table.c.id == record)
    if settled is None:
        return Matter(state="unsure", at=now)
    connection.execute(
        update(table).where(here & (table.c.state == "sending")).values(state="done" if settled.done else "declined")
    )
    return Matter(
        state="decided" if settled.done else "declined",
        code="too-late" if settled.text == TOO_LATE else None,
        number=settled.number,
        text=settled.text,
        until=settled.until,
        at=now,
    )


def look_again_after(connection: Connection, kiosk: str, record: UUID, now: datetime) -> timedelta | None:
    """When a transaction is to be asked about again; None: it is over."""
    here = (table.c.kiosk == kiosk) & (table.c.id == record)
    row = connection.execute(select(table.c.state, table.c.since).where(here)).one()
    if cast(State, row.state) != "sending":
        return None
    since: datetime = row.since
    return min(max((now - since) / 2, LOOKS[0]), LOOKS[1])


@dataclass(frozen=True, kw_only=True)
class _Port:
    """The two calls of an authority that one transaction takes."""

    send: Callable[[], Settled]
    settled: Callable[[], Settled | None]


def _port(upstreams: Upstreams, kiosk: str, ours: str, act: LiveAct) -> _Port:
    medical, social = upstreams.medical, upstreams.social
    match act:
        case SocialCardLoss():
            return _Port(
                send=lambda: social.card_loss(kiosk, ours, act), settled=lambda: social.settled(kiosk, ours, act)
            )
        case FamilyAccount():
            return _Port(
                send=lambda: medical.family(kiosk, ours, act), settled=lambda: medical.settled(kiosk, ours, act)
            )
        case RemoteCareWithdrawal():
            return _Port(
                send=lambda: medical.withdraw(kiosk, ours, act), settled=lambda: medical.settled(kiosk, ours, act)
            )
    raise TypeError(f"nobody carries out {act.kind}")
