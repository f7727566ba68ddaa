"""Work orders from one or two stars (差评整改): somebody looks into it within 15 working days and says what was done.

open ─▶ answered ─▶ closed

An order that comes with a telephone is closed only once its person was called back, and forgets the number then. It
names the service, the terminal and the day of the rating, as the rating does, and nobody.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Final, Literal, cast
from uuid import UUID

from sqlalchemy import Connection, select, update
from sqlalchemy import Row as RowOfTable

from central.database import Database, insert
from central.local_time import SHANGHAI
from central.people import masked_telephone
from central.tables import evaluations
from central.tables import work_orders as table
from central.working_days import WorkingDays
from kiosk.contract.numbers import ALPHABET

WORKING_DAYS: Final = 15
"""Within which it is answered (GB/T 39734, chapter 9)."""

State = Literal["open", "answered", "closed"]
Row = dict[str, str | int | bool | list[str] | None]


class NoSuchOrder(Exception):
    """There is no work order of that number."""


class NotSo(Exception):
    """The order is not in the state for that; the message says what is missing."""


def open_order(
    connection: Connection, *, kiosk: str, evaluation: UUID, on: date, telephone: str | None, days: WorkingDays
) -> str:
    """Makes the order of an evaluation given ``on`` that day; its number."""
    while True:
        number = f"{on:%Y%m%d}-{''.join(secrets.choice(ALPHABET) for _ in range(4))}"
        made = connection.execute(
            insert(connection, table)
            .values(
                number=number,
                kiosk=kiosk,
                evaluation=evaluation,
                opened_on=on,
                due_on=days.after(on, WORKING_DAYS),
                state="open",
                wants_call=telephone is not None,
                telephone=telephone,
            )
            .on_conflict_do_nothing()
            .returning(table.c.number)
        ).first()
        if made is not None:
            return number


def answer(database: Database, number: str, text: str, now: datetime) -> None:
    """Notes what was found and done; a later answer takes the place of an earlier one. Raises NoSuchOrder, NotSo."""
    with database.writing() as connection:
        if _state(connection, number) == "closed":
            raise NotSo("that cannot be done: it is closed")
        its = table.c.number == number
        connection.execute(update(table).where(its).values(state="answered", answer=text, answered_at=now))


def close(database: Database, number: str, now: datetime, *, called_back: bool) -> None:
    """Closes what was answered and, where a telephone was left, called back; forgets it. Raises NoSuchOrder, NotSo."""
    with database.writing() as connection:
        if _state(connection, number) != "answered":
            raise NotSo("that cannot be done: it has no answer, or is closed")
        its = table.c.number == number
        wants_call = connection.execute(select(table.c.wants_call).where(its)).scalar_one()
        if wants_call and not called_back:
            raise NotSo("that cannot be done: its person wants to be called back")
        connection.execute(
            update(table)
            .where(its)
            .values(state="closed", telephone=None, called_back_at=now if wants_call else None, closed_at=now)
        )


def _state(connection: Connection, number: str) -> State:
    state = connection.execute(select(table.c.state).where(table.c.number == number).with_for_update()).scalar()
    if state is None:
        raise NoSuchOrder(f"there is no work order {number}")
    return cast(State, state)


# -- what there is ---------------------------------------------------------------------------------------------------


def read(database: Database, today: date) -> list[Row]:
    """All orders, the one that is due first at the top, closed ones last; telephones masked."""
    its_evaluation = (evaluations.c.kiosk == table.c.kiosk) & (evaluations.c.id == table.c.evaluation)
    wanted = (
        select(table, evaluations.c.service, evaluations.c.stars, evaluations.c.reasons, evaluations.c.words)
        .select_from(table.join(evaluations, its_evaluation))
        .order_by(table.c.state == "closed", table.c.due_on, table.c.number)
    )
    with database.reading() as connection:
        rows = connection.execute(wanted).all()
    return [
        {
            "number": row.number,
            "state": row.state,
            "opened_on": row.opened_on.isoformat(),
            "due_on": row.due_on.isoformat(),
            "late": row.state == "open" and today > row.due_on,
            "kiosk": row.kiosk,
            "service": row.service,
            "stars": row.stars,
            "reasons": json.loads(row.reasons),
            "words": row.words,
            "wants_call": row.wants_call,
            "telephone": None if row.telephone is None else masked_telephone(row.telephone),
            "answer": row.answer,
        }
        for row in rows
    ]


def telephone_of(database: Database, number: str) -> str | None:
    """The whole number, for whoever calls back; None where none was left or the order is closed. Raises
    NoSuchOrder."""
    with database.reading() as connection:
        row = connection.execute(select(table.c.telephone).where(table.c.number == number)).first()
    if row is None:
        raise NoSuchOrder(f"there is no work order {number}")
    return cast("str | None", row.telephone)


@dataclass(frozen=True, kw_only=True)
class Month:
    """The monthly sheet: of the orders of one month, how many were answered, in time or late, and called back."""

    month: str
    opened: int = 0
    answered: int = 0
    late: int = 0
    """Answered after the limit, or not yet answered though it is over."""
    wanted_calls: int = 0
    called_back: int = 0
    closed: int = 0


def by_month(database: Database, today: date) -> list[Month]:
    """The sheets, the newest month first."""
    with database.reading() as connection:
        rows = connection.execute(select(table).order_by(table.c.opened_on.desc())).all()
    return [_sheet(month, list(its), today) for month, its in groupby(rows, key=lambda row: f"{row.opened_on:%Y-%m}")]


def _sheet(month: str, its: Sequence[RowOfTable[tuple[object, ...]]], today: date) -> Month:
    return Month(
        month=month,
        opened=len(its),
        answered=sum(row.answered_at is not None for row in its),
        late=sum((_day(row.answered_at) or today) > row.due_on for row in its),
        wanted_calls=sum(row.wants_call for row in its),
        called_back=sum(row.called_back_at is not None for row in its),
        closed=sum(row.state == "closed" for row in its),
    )


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.astimezone(SHANGHAI).date()
