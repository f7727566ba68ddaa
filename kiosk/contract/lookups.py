"""A typed query of whatever an authority lists of a person: payments, cards, accounts, progress (查询).

Which services there are is data on both sides: the kiosk's catalogue says what to ask and how rows are shown, central's
settings how an authority says them. On the wire a row is column → value, values in one form whatever the authority's:
days ``2026-03-05``, months ``202603``, money in yuan ``1286.40``, codes as the authority has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from kiosk.contract.acts import PlaceCode
from kiosk.contract.base import Message
from kiosk.contract.identity import Witness
from kiosk.contract.privacy import Personal
from kiosk.contract.queries import Presented, Query

Authority = Literal["social", "medical"]
"""Social security (社保) or medical insurance (医保)."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
"""Of a service, a column, a question."""

Value = Annotated[str, Personal.SENSITIVE, Field(max_length=500)]
ROWS_AT_MOST = 2000


class FoundPart(Message):
    """What one service lists: every row, nothing picked. A column that says nothing of a row is left out of it."""

    service: Name
    rows: Annotated[tuple[Mapping[Name, Value], ...], Field(max_length=ROWS_AT_MOST)]


class Found(Message):
    """The answer, as of ``as_of``. ``place`` is the insured place (参保地) that was asked, None where none was.

    ``elsewhere``: where nothing was found, the places at which the authority does know the person.
    """

    as_of: datetime
    place: PlaceCode | None
    parts: Annotated[tuple[FoundPart, ...], Field(min_length=1)]
    elsewhere: Annotated[tuple[PlaceCode, ...], Personal.SENSITIVE] = ()

    @property
    def nothing(self) -> bool:
        """Whether no service lists anything."""
        return not any(part.rows for part in self.parts)


class Lookup(Query[Found]):
    """Services of one authority, asked together. ``answers``: what the person answered, by the name of the question:
    a year, a choice's code, months (``2025-12/2026-11``). ``witness``: the worker whose word is the second factor."""

    name = "lookup"
    answer = Found
    authority: Authority
    services: Annotated[tuple[Name, ...], Field(min_length=1, max_length=4)]
    place: PlaceCode | None = None
    answers: Mapping[Name, Annotated[str, Personal.SENSITIVE, Field(max_length=40)]] = Field(default_factory=dict)
    witness: Witness | None = None


class LookupQuestion(Message):
    """The body of ``POST /v1/queries/lookup``."""

    presented: Presented
    query: Lookup
