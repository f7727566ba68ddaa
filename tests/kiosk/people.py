"""Fictitious people of the kiosk's tests; their numbers pass GB 11643 and belong to nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kiosk.identity import Person

CHEN = Person(
    name="陈建国",
    number="440524188001010014",
    sex="male",
    birth=date(1880, 1, 1),
    card="resident",
    valid_to=None,
    level=1,
)
LIN = Person(
    name="林秀英",
    number="11010519491231002X",
    sex="female",
    birth=date(1949, 12, 31),
    card="resident",
    valid_to=None,
    level=2,
    check="code",
)
LIN_OWED = replace(LIN, level=1, check="owed")
