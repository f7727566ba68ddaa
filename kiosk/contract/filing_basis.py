"""What is asked of central before anybody fills in a filing of the catalogue: what speaks for or against it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from kiosk.contract.acts import PlaceCode
from kiosk.contract.base import Message
from kiosk.contract.filings import Authority, ItemCode
from kiosk.contract.identity import PersonReference
from kiosk.contract.messages import MatterState
from kiosk.contract.privacy import Personal
from kiosk.contract.queries import Presented, Query


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
    """The telephone on record of the person, or the applicant, masked by central (138＊＊＊＊0000)."""


class FilingBasisOf(Query[FilingBasis]):
    """What speaks for or against a filing of an item; ``applicant``: whose check it is, if another's."""

    name = "filing-basis"
    answer = FilingBasis
    item: Annotated[ItemCode, Personal.SENSITIVE]
    authority: Authority
    place: PlaceCode
    applicant: PersonReference | None = None

    @property
    def about(self) -> tuple[PersonReference, ...]:
        """The person, and the applicant, whose telephone is told."""
        return (self.person,) if self.applicant is None else (self.person, self.applicant)


class FilingBasisQuestion(Message):
    """The body of ``POST /v1/queries/filing-basis``."""

    presented: Presented
    query: FilingBasisOf
