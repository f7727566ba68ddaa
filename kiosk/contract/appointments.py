"""Appointments (预约): the acts that take a time, wish for one, or give it back.

The kiosk books nothing by itself: central's diary does, once for each seat. Without central a time is only wished for,
and a worker calls.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from kiosk.contract.acts import Act, FieldAnswer, PersonReference, Telephone
from kiosk.contract.diary import Clock
from kiosk.contract.privacy import Personal

ItemCode = Annotated[str, Personal.SENSITIVE, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]
Centre = Annotated[str, Field(min_length=1, max_length=40)]
"""The centre's name: each has a diary of its own."""

RegistrationNumber = Annotated[str, Field(min_length=12, max_length=40)]


class Appointment(Act):
    """A time for a person, taken or (``wish``) wished for without having seen what is free.

    ``instead_of``: the registration number of the one that it replaces, which is given up once this one holds. Where
    this one says no telephone and has no answers, those of the other hold.
    """

    kind = "service.appointment"
    version = 1
    person: PersonReference
    item: ItemCode
    centre: Centre
    day: date
    begin: Clock
    end: Clock
    wish: bool = False
    telephone: Telephone | None = None
    answers: Annotated[tuple[FieldAnswer, ...], Field(max_length=20)] = ()
    instead_of: RegistrationNumber | None = None
    intent: str = Field(min_length=1, max_length=64)


class AppointmentCancellation(Act):
    """Gives an appointment back, by its registration number; only its own person can."""

    kind = "service.appointment-cancellation"
    version = 1
    person: PersonReference
    cancels: RegistrationNumber
