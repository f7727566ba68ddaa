"""How many people a kiosk may ask about: two in a visit, so many within an hour. One that asks about more is suspended.

Whoever has a kiosk's key can ask what the kiosk can. So that a stolen one tells of few people, each that central is
asked about is counted, once however much is asked of them: by central's reference, for an hour. The third of
a visit is not told of, nor is whoever comes above the hour's limit; from then on the kiosk is answered no question,
over restarts of central, until staff resume it. What it recorded goes on (``signatures.GOES_ON``): nothing is lost.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select, update

from central.database import Database
from central.house import House
from central.signatures import demand_speaker, suspended
from central.tables import asked, kiosks
from kiosk.contract.identity import PersonReference
from kiosk.contract.queries import PERSONS_A_VISIT, Inquiry, Presented

AN_HOUR: Final = timedelta(hours=1)

Why = Literal["persons-a-visit", "persons-an-hour"]
"""Which limit the kiosk went over."""

log = logging.getLogger("central.suspending")


class NotSuspended(Exception):
    """There is nothing to resume; the message says why."""


def demand_few(house: House, presented: Presented, query: Inquiry[Any]) -> None:
    """What is asked is asked by the kiosk that signed it, and about few people. Raises Refused (another-kiosk,
    suspended)."""
    demand_speaker(presented.kiosk)
    demand_few_people(house, presented.kiosk, presented.visit, query.about)


def demand_few_people(house: House, kiosk: str, visit: UUID, people: Collection[PersonReference]) -> None:
    """These are within what a kiosk may ask about. Raises Refused (suspended): they are not, and the kiosk is suspended
    now."""
    persons = {house.references.of(person) for person in people}
    with house.database.reading() as connection:
        if persons <= told_of(connection, kiosk, visit):
            return
    now = house.now()
    with house.database.writing() as connection:
        house.database.alone(connection, f"asked by {kiosk}")
        if is_suspended(connection, kiosk):
            raise suspended()
        fresh = persons - told_of(connection, kiosk, visit)
        why = too_many(connection, house.persons_an_hour, kiosk, visit, fresh, now)
        if why is None:
            for person in fresh:
                connection.execute(insert(asked).values(kiosk=kiosk, visit=visit, person=person, at=now))
            return
        suspend(connection, kiosk, why, now)
    log.error("kiosk %s is suspended, %s: nobody is told of until staff resume it", kiosk, why)
    raise suspended()


def told_of(connection: Connection, kiosk: str, visit: UUID) -> set[str]:
    """The persons whom a visit has asked about."""
    its = select(asked.c.person).where(asked.c.kiosk == kiosk, asked.c.visit == visit)
    return set(connection.execute(its).scalars())


def too_many(
    connection: Connection, an_hour: int, kiosk: str, visit: UUID, fresh: Collection[str], now: datetime
) -> Why | None:
    """Which limit ``fresh`` ones go over; None: they may be asked about."""
    if len(told_of(connection, kiosk, visit)) + len(fresh) > PERSONS_A_VISIT:
        return "persons-a-visit"
    others = (asked.c.kiosk == kiosk) & (asked.c.at > now - AN_HOUR) & asked.c.person.not_in(fresh)
    before: int = connection.execute(select(func.count(asked.c.person.distinct())).where(others)).scalar_one()
    return "persons-an-hour" if before + len(fresh) > an_hour else None


def suspend(connection: Connection, kiosk: str, why: Why, now: datetime) -> None:
    """No question of this kiosk is answered from here on."""
    connection.execute(update(kiosks).where(kiosks.c.kiosk == kiosk).values(suspended_at=now, suspended_why=why))


def is_suspended(connection: Connection, kiosk: str) -> bool:
    """Whether this kiosk waits for staff to resume it."""
    return connection.execute(select(kiosks.c.suspended_at).where(kiosks.c.kiosk == kiosk)).scalar() is not None


def resume(database: Database, kiosk: str) -> str:
    """The kiosk may ask again, and what it asked before counts no more; why it was suspended. Raises NotSuspended."""
    with database.writing() as connection:
        database.alone(connection, f"asked by {kiosk}")
        row = connection.execute(select(kiosks).where(kiosks.c.kiosk == kiosk)).one_or_none()
        if row is None:
            raise NotSuspended(f"there is no kiosk {kiosk}")
        if row.suspended_at is None:
            raise NotSuspended(f"kiosk {kiosk} is not suspended")
        connection.execute(delete(asked).where(asked.c.kiosk == kiosk))
        connection.execute(update(kiosks).where(kiosks.c.kiosk == kiosk).values(suspended_at=None, suspended_why=None))
    return str(row.suspended_why)


def sweep(database: Database, now: datetime) -> None:
    """Forgets who was asked about more than an hour ago."""
    with database.writing() as connection:
        connection.execute(delete(asked).where(asked.c.at <= now - AN_HOUR))
