"""Appointments: what is free, and each seat given once, whoever asks for it at the same moment.

A seat is a row whose key is centre, item, day, time and seat: the database lets one in, and a second opener that wants
the same one waits for the first and takes the next. A record has at most one seat, however often it is opened.

booked ─▶ cancelled | moved          full          wished ─▶ cancelled | moved
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, update

from central import publications, status
from central.database import Database, insert
from central.diaries import BadDiary, Diaries, load_diaries, published_diaries
from central.house import House
from central.local_time import SHANGHAI
from central.matter_rows import registration_number, same_record
from central.signatures import demand_speaker
from central.suspending import demand_few
from central.tables import appointments as table
from central.tables import matters, records, seats
from central.working_days import WorkingDays, load_working_days
from kiosk.contract import catalog as of_catalogue
from kiosk.contract.appointments import Appointment, AppointmentCancellation
from kiosk.contract.bookings import (
    Booking,
    Bookings,
    BookingsOf,
    BookingsQuestion,
    BookingState,
    FreeDay,
    FreeSlot,
    FreeSlots,
    FreeSlotsOf,
    FreeSlotsQuestion,
)
from kiosk.contract.diary import Diary
from kiosk.contract.errors import BadNumber
from kiosk.contract.messages import Matter, MatterState
from kiosk.contract.numbers import read_number
from kiosk.contract.records import Header

log = logging.getLogger("central.appointments")

LINES: Final = 20

MATTERS: Final[dict[BookingState, MatterState]] = {
    "booked": "decided",
    "full": "declined",
    "wished": "sent",
    "cancelled": "decided",
    "moved": "decided",
}
"""The ledger's words: what was given back or moved is settled."""


class NotHere(Exception):
    """The appointment that a cancellation names has not arrived yet."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Who keeps the diaries: what they say, and which days are worked."""

    diaries: Diaries
    working_days: WorkingDays

    def is_open(self, diary: Diary, day: date) -> bool:
        """Whether the diary takes anybody on that day, holidays among them."""
        return diary.open_on(day) and (diary.open_on_holidays or day not in self.working_days.off)


class Desks:
    """The desk of each kiosk: its diaries are those of the newest catalogue that was published for it, else of the one
    that came with the program. Remembers no more than what it has read. Raises BadDiary, BadHolidays."""

    def __init__(self) -> None:
        self._built_in = Desk(diaries=load_diaries(), working_days=load_working_days())
        self._published: dict[bytes, Desk] = {}

    def of(self, connection: Connection, kiosk: str) -> Desk:
        """The desk of a kiosk."""
        found = publications.newest(connection, of_catalogue.KIND, kiosk)
        if found is None:
            return self._built_in
        version, signature = found
        known = self._published.get(signature)
        if known is None:
            try:
                diaries = published_diaries(publications.statement_of(connection, version))
            except BadDiary as error:
                log.warning("catalogue %d has no diaries to be used, those of the program hold: %s", version, error)
                diaries = self._built_in.diaries
            known = self._published[signature] = replace(self._built_in, diaries=diaries)
        return known


def book(connection: Connection, header: Header, act: Appointment, person: str, desk: Desk, now: datetime) -> Matter:
    """Takes a seat, or says that there is none; a seat that it is to replace is given up only for another. What became
    of the appointment, for whoever asks."""
    state = _booked(connection, header, act, person, desk, now)
    connection.execute(
        insert(connection, table)
        .values(
            kiosk=header.kiosk,
            id=header.id,
            person=person,
            item=act.item,
            centre=act.centre,
            day=act.day,
            begin=act.begin,
            end=act.end,
            state=state,
        )
        .on_conflict_do_nothing()
    )
    if state in ("booked", "wished") and act.instead_of is not None:
        before = _of_number(connection, act.instead_of)
        holds = before is not None and before.state == "booked" and state == "wished"
        if before is not None and not holds and before.person == person and before.id != header.id:
            _give_back(connection, before, "moved", f"改到{_when(act.day, act.begin)}", now)
    texts: dict[BookingState, str] = {
        "booked": f"约在{_when(act.day, act.begin)}到{act.end}",
        "full": f"{_when(act.day, act.begin)}约满了",
        "wished": f"{_when(act.day, act.begin)}约满了，工作人员打电话给您另定时间",
    }
    return Matter(state=MATTERS[state], code="full" if state == "full" else None, text=texts[state], at=now)


def _booked(
    connection: Connection, header: Header, act: Appointment, person: str, desk: Desk, now: datetime
) -> BookingState:
    none_left: BookingState = "wished" if act.wish else "full"
    diary = desk.diaries.get(act.item)
    slot = None if diary is None else diary.slot(act.begin)
    today = now.astimezone(SHANGHAI).date()
    if diary is None or slot is None or slot.end != act.end or act.day < today or not desk.is_open(diary, act.day):
        return none_left
    return "booked" if _take_seat(connection, header, act, diary.capacity) else none_left


def _take_seat(connection: Connection, header: Header, act: Appointment, capacity: int) -> bool:
    """One seat of those that are free, if any; a record that has one keeps it."""
    its = (seats.c.kiosk == header.kiosk) & (seats.c.id == header.id)
    if connection.execute(select(seats.c.seat).where(its)).first() is not None:
        return True
    there = _at(act.centre, act.item, act.day) & (seats.c.begin == act.begin)
    taken = set(connection.execute(select(seats.c.seat).where(there)).scalars())
    for seat in (number for number in range(1, capacity + 1) if number not in taken):
        made = connection.execute(
            insert(connection, seats)
            .values(
                centre=act.centre,
                item=act.item,
                day=act.day,
                begin=act.begin,
                seat=seat,
                kiosk=header.kiosk,
                id=header.id,
            )
            .on_conflict_do_nothing()
            .returning(seats.c.seat)
        ).first()
        if made is not None:
            return True
    return False


def cancel(connection: Connection, act: AppointmentCancellation, person: str, now: datetime) -> Matter:
    """Gives an appointment back. Raises NotHere where its record has not arrived."""
    before = _of_number(connection, act.cancels)
    if before is None:
        raise NotHere(act.cancels)
    if before.person != person or before.state == "full":
        return Matter(state="declined", code="no-appointment", text="没有找到您的这个预约", at=now)
    if before.state in ("booked", "wished"):
        _give_back(connection, before, "cancelled", f"{_when(before.day, before.begin)}的预约取消了", now)
    return Matter(state="decided", text=f"{_when(before.day, before.begin)}的预约取消了", at=now)


def _give_back(
    connection: Connection, before: Row[tuple[object, ...]], state: BookingState, text: str, now: datetime
) -> None:
    connection.execute(delete(seats).where(seats.c.kiosk == before.kiosk, seats.c.id == before.id))
    its = (table.c.kiosk == before.kiosk) & (table.c.id == before.id)
    connection.execute(update(table).where(its).values(state=state))
    connection.execute(
        update(matters)
        .where(matters.c.kiosk == before.kiosk, matters.c.id == before.id)
        .values(state=MATTERS[state], text=text, at=now)
    )


def _of_number(connection: Connection, text: str) -> Row[tuple[object, ...]] | None:
    """The appointment of a registration number, held until the end of the transaction."""
    try:
        number = read_number(text)
    except BadNumber:
        return None
    found = status.find(connection, number, status.kiosks_of(connection, number))
    if found is None:
        return None
    its = (table.c.kiosk == found.kiosk) & (table.c.id == found.id)
    return connection.execute(select(table).where(its).with_for_update()).one_or_none()


def _at(centre: str, item: str, day: date) -> ColumnElement[bool]:
    return (seats.c.centre == centre) & (seats.c.item == item) & (seats.c.day == day)


def _when(day: date, begin: str) -> str:
    return f"{day.month}月{day.day}日 {begin}"


# -- who asks ----------------------------------------------------------------------------------------------------------


def free_slots(database: Database, query: FreeSlotsOf, desk: Desk, now: datetime) -> FreeSlots:
    """What is free for an item at a centre; nothing for an item without a diary."""
    diary = desk.diaries.get(query.item)
    if diary is None:
        return FreeSlots(as_of=now, days=())
    days = [day for day in diary.days(now.astimezone(SHANGHAI).date()) if desk.is_open(diary, day)]
    here = (seats.c.centre == query.centre) & (seats.c.item == query.item) & seats.c.day.in_(days)
    counted = select(seats.c.day, seats.c.begin, func.count().label("taken")).where(here)
    with database.reading() as connection:
        rows = connection.execute(counted.group_by(seats.c.day, seats.c.begin)).all()
    taken = Counter({(row.day, row.begin): row.taken for row in rows})
    free: list[FreeDay] = []
    for day in days:
        slots = tuple(
            FreeSlot(begin=slot.begin, end=slot.end, left=left)
            for slot in diary.slots
            if (left := diary.capacity - taken[day, slot.begin]) > 0 and not _is_over(day, slot.begin, now)
        )
        if slots:
            free.append(FreeDay(day=day, slots=slots))
    return FreeSlots(as_of=now, days=tuple(free))


def _is_over(day: date, begin: str, now: datetime) -> bool:
    return f"{day} {begin}" <= f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def bookings_of(database: Database, person: str) -> Bookings:
    """The person's latest appointments, the one that comes last at the top."""
    wanted = (
        select(table, records.c.seq, records.c.happened_at)
        .select_from(table.join(records, same_record(table)))
        .where(table.c.person == person)
        .order_by(table.c.day.desc(), table.c.begin.desc())
        .limit(LINES)
    )
    with database.reading() as connection:
        rows = connection.execute(wanted).all()
    return Bookings(
        lines=tuple(
            Booking(
                number=registration_number(row),
                item=row.item,
                centre=row.centre,
                day=row.day,
                begin=row.begin,
                end=row.end,
                state=row.state,
            )
            for row in rows
        )
    )


def state_of(connection: Connection, kiosk: str, record: UUID) -> BookingState | None:
    """The state of the appointment that a record made."""
    its = (table.c.kiosk == kiosk) & (table.c.id == record)
    state: BookingState | None = connection.execute(select(table.c.state).where(its)).scalar()
    return state


def routes(house: House, desks: Desks) -> APIRouter:
    """``POST /v1/queries/free-slots`` and ``bookings``. Raises Refused (another-kiosk, suspended)."""
    router = APIRouter(prefix="/v1/queries", tags=["queries"])

    @router.post(f"/{FreeSlotsOf.name}")
    def free(question: FreeSlotsQuestion) -> FreeSlots:
        """What can be booked for an item of the catalogue."""
        demand_speaker(question.presented.kiosk)
        with house.database.reading() as connection:
            desk = desks.of(connection, question.presented.kiosk)
        return free_slots(house.database, question.query, desk, house.now())

    @router.post(f"/{BookingsOf.name}")
    def bookings(question: BookingsQuestion) -> Bookings:
        """A person's appointments, to be changed or cancelled."""
        demand_few(house, question.presented, question.query)
        return bookings_of(house.database, house.references.of(question.query.person))

    return router
