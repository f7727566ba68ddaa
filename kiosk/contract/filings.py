"""A matter of the catalogue that goes to an authority (登记、申请).

One act for all of them: which item, for whom, at which insured place, and the answers to the fields of the item's
entry. What each authority calls them is data of central's settings.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from kiosk.contract.acts import Act, FieldAnswer, PlaceCode, Promise, Telephone
from kiosk.contract.identity import PersonReference, Vouched
from kiosk.contract.privacy import Personal

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
    papers: Annotated[tuple[UUID, ...], Field(max_length=60)] = ()
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
        """Whose check it is: the person's own, whoever acts for them; of a child whom papers prove, its guardian's."""
        return self.agent.person if self.shown == "papers" and self.agent is not None else self.person
