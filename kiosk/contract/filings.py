"""A matter of the catalogue that goes to an authority (登记、申请), and what is asked before anybody fills it in.

One act for all of them: which item, for whom, at which insured place, and the answers to the fields of the item's
entry. What each authority calls them is data of central's settings.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from kiosk.contract.acts import Act, FieldAnswer, PlaceCode, Promise, Telephone
from kiosk.contract.identity import PersonReference, Vouched
from kiosk.contract.messages import MatterState, Message
from kiosk.contract.privacy import Personal
from kiosk.contract.queries import Presented, Query

Authority = Literal["medical", "social"]
"""Who decides: medical insurance (医保) or social security (社保)."""

ItemCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]

Backing = Literal["promise", "desk", "upload", "none"]
"""What stands behind a filing: a promise, papers brought to the desk, papers sent by telephone, or nothing because the
item asks for nothing."""


class ServiceFiling(Vouched, Act):
    """A filing (登记、申请) for the person, who is someone else than its ``agent`` where there is one.

    ``telephone`` None: the one on record, which only central knows in full.
    """

    kind = "service.filing"
    version = 1
    person: PersonReference
    item: Annotated[ItemCode, Personal.SENSITIVE]
    authority: Authority
    insured_place: PlaceCode
    answers: Annotated[tuple[FieldAnswer, ...], Field(max_length=20)] = ()
    telephone: Telephone | None = None
    backing: Backing
    promise: Promise | None = None
    papers: Annotated[tuple[UUID, ...], Field(max_length=50)] = ()
    """The uploads that belong to it."""
    intent: str = Field(min_length=1, max_length=64)

    @model_validator(mode="after")
    def _backing_fits(self) -> Self:
        if (self.backing == "promise") != (self.promise is not None):
            raise ValueError("a promise needs its text, nothing else has one")
        if (self.backing == "upload") != bool(self.papers):
            raise ValueError("uploads belong to papers that were sent")
        if self.shown == "papers" and (self.agent is None or self.backing not in ("desk", "upload")):
            raise ValueError("whom only papers prove has papers, and somebody who brings them")
        return self

    @property
    def applicant(self) -> PersonReference:
        """Who stood at the kiosk, and whose check it is."""
        return self.person if self.agent is None else self.agent.person


class InsuredRow(Message):
    """One row of insurance as far as it speaks for or against a filing."""

    place: PlaceCode
    insutype: Annotated[str, Personal.SENSITIVE]
    status: Annotated[str, Personal.SENSITIVE]
    """psn_insu_stas."""
    by_employer: Annotated[bool, Personal.SENSITIVE]


class OpenFiling(Message):
    """A filing of the same item that central has and that is not over."""

    number: str
    at: datetime
    state: MatterState


class FilingBasis(Message):
    """What is known before a filing is filled in. ``rows``: of every place, as far as the authority tells."""

    rows: tuple[InsuredRow, ...]
    open: tuple[OpenFiling, ...]
    telephone: Annotated[str | None, Personal.BASIC] = None
    """The telephone on record of whoever stands at the kiosk, masked by central (138＊＊＊＊0000)."""


class FilingBasisOf(Query[FilingBasis]):
    """What speaks for or against a filing of an item; ``applicant``: who stands at the kiosk for another."""

    name = "filing-basis"
    answer = FilingBasis
    item: Annotated[ItemCode, Personal.SENSITIVE]
    authority: Authority
    place: PlaceCode
    applicant: PersonReference | None = None


class FilingBasisQuestion(Message):
    """The body of ``POST /v1/queries/filing-basis``."""

    presented: Presented
    query: FilingBasisOf
