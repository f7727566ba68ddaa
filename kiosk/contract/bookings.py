"""What a kiosk asks of central's diaries: which times are free, and which a person has taken."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from kiosk.contract.appointments import Centre, ItemCode, RegistrationNumber
from kiosk.contract.base import Message
from kiosk.contract.diary import Clock
from kiosk.contract.queries import Inquiry, Presented, Query


class FreeSlot(Message):
    """A time with so many seats left; at least one."""

    begin: Clock
    end: Clock
    left: int


class FreeDay(Message):
    """A day on which something is free."""

    day: date
    slots: Annotated[tuple[FreeSlot, ...], Field(min_length=1)]


class FreeSlots(Message):
    """What is free, as of ``as_of``; no days: nothing is, for as far ahead as one can book."""

    as_of: datetime
    days: tuple[FreeDay, ...]


class FreeSlotsOf(Inquiry[FreeSlots]):
    """What is free for an item of the catalogue at a centre. It is about nobody."""

    name: ClassVar[str] = "free-slots"
    answer: ClassVar[type[Message]] = FreeSlots
    item: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]
    centre: Centre


class FreeSlotsQuestion(Message):
    """The body of ``POST /v1/queries/free-slots``."""

    presented: Presented
    query: FreeSlotsOf


BookingState = Literal["booked", "full", "wished", "cancelled", "moved"]
"""``full``: asked for and not free; ``wished``: not free, and a worker calls; ``moved``: another took its place."""


class Booking(Message):
    """One appointment of a person, by the number of its receipt."""

    number: RegistrationNumber
    item: ItemCode
    centre: Centre
    day: date
    begin: Clock
    end: Clock
    state: BookingState


class Bookings(Message):
    """The person's latest appointments, and what became of them; at most twenty."""

    lines: tuple[Booking, ...]


class BookingsOf(Query[Bookings]):
    """The person's appointments."""

    name: ClassVar[str] = "bookings"
    answer: ClassVar[type[Message]] = Bookings


class BookingsQuestion(Message):
    """The body of ``POST /v1/queries/bookings``."""

    presented: Presented
    query: BookingsOf
