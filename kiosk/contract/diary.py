"""The diary of an item whose times can be booked (``[item.appointment]`` of the catalogue), for kiosk and central."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A time of day in Shanghai, 09:30."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Slot(_Entry):
    """From when to when."""

    begin: Clock
    end: Clock

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.end <= self.begin:
            raise ValueError("ends before it begins")
        return self


class Diary(_Entry):
    """``[item.appointment]`` of the catalogue: on which days, at which times, how many at once, and where.

    ``first`` and ``last`` count days from today. Public holidays are central's to know.
    """

    first: int = Field(default=1, ge=0, le=60)
    last: int = Field(ge=0, le=90)
    closed: tuple[Weekday, ...] = ("sat", "sun")
    days_off: tuple[date, ...] = ()
    open_on_holidays: bool = False
    slots: Annotated[tuple[Slot, ...], Field(min_length=1, max_length=12)]
    capacity: int = Field(ge=1, le=200)
    """Seats in each slot."""
    seats: Literal["people", "rooms"] = "people"
    """What a seat is."""
    place: str = Field(min_length=1, max_length=60)
    at_home: bool = False
    """Whether a worker comes to the person."""
    bring: Annotated[tuple[str, ...], Field(min_length=1)]
    note: str = ""
    """What to know before going (空腹, 提前十分钟)."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.last < self.first:
            raise ValueError("last lies before first")
        begins = [slot.begin for slot in self.slots]
        if begins != sorted(set(begins)):
            raise ValueError("slots stand in order, each once")
        if set(self.closed) == set(WEEK):
            raise ValueError("it is never open")
        return self

    def open_on(self, day: date) -> bool:
        """Whether ``day`` is one of its days, as far as the entry says."""
        return WEEK[day.weekday()] not in self.closed and day not in self.days_off

    def days(self, today: date) -> Iterator[date]:
        """The days that can be asked for."""
        for ahead in range(self.first, self.last + 1):
            if self.open_on(day := today + timedelta(days=ahead)):
                yield day

    def slot(self, begin: str) -> Slot | None:
        """The slot that begins then."""
        return next((slot for slot in self.slots if slot.begin == begin), None)
