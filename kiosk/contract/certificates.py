"""Certificates (参保证明 and their like): a query that fetches one from the authority, and what becomes of it.

A certificate is the authority's. Central passes it on byte for byte, to the person's telephone by a one-time address
and to the kiosk's A4 printer, and keeps it for minutes, sealed by a secret that only the address holds. ``sha256`` lets
everybody tell that it is the same file everywhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Generic, Literal, Self, TypeVar

from pydantic import Field, model_validator

from kiosk.contract.acts import PlaceCode
from kiosk.contract.base import Base64, Message
from kiosk.contract.identity import Witness
from kiosk.contract.privacy import Personal
from kiosk.contract.queries import Inquiry, Presented, Query

Authority = Literal["social", "medical"]
"""Social security (社保) or medical insurance (医保)."""

Kind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
"""What an authority is asked for: ``insured-proof``, ``yearly-statement``; its settings say what it calls it."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

Token = Annotated[str, Personal.SENSITIVE, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""The secret of a one-time address: whoever has it has the certificate."""

Outcome = Literal["issued", "not insured", "too many", "refused"]
"""``not insured``: the authority knows nothing of the person there · ``too many``: as often as it may be this month ·
``refused``: the authority does not give it. The last three come with its words."""


class IssuedCertificate(Message):
    """A certificate that waits to be fetched: by telephone at ``url`` until ``until``, by this kiosk with ``token``."""

    title: Annotated[str, Field(min_length=1, max_length=60)]
    number: Annotated[str, Personal.SENSITIVE, Field(min_length=1, max_length=64)]
    """By which anybody can have it verified (验证码): the authority's."""
    pages: Annotated[int, Field(ge=1, le=100)]
    size: Annotated[int, Field(ge=1)]
    sha256: Sha256
    token: Token
    url: Annotated[str, Personal.SENSITIVE, Field(max_length=300)]
    until: datetime
    this_month: Annotated[int, Field(ge=1)]
    """How many of this kind the person has had this month at this place, this one included."""


class CertificateAnswer(Message):
    """What the authority says."""

    outcome: Outcome
    text: Annotated[str | None, Personal.SENSITIVE, Field(max_length=300)] = None
    issued: IssuedCertificate | None = None

    @model_validator(mode="after")
    def _issued_or_not(self) -> Self:
        if (self.outcome == "issued") != (self.issued is not None):
            raise ValueError("a certificate belongs to the outcome issued")
        return self


class CertificateOf(Query[CertificateAnswer]):
    """A certificate of one kind from one insured place (参保地): of the last ``months``, of a ``year``, or neither.

    Level 2: central saw the person's code in this visit, or ``witness`` vouches. Asked twice in one visit it is the
    same certificate, which counts once.
    """

    name = "certificate"
    answer = CertificateAnswer
    authority: Authority
    kind: Kind
    place: PlaceCode
    months: Annotated[int, Field(ge=1, le=600)] | None = None
    year: Annotated[int, Field(ge=1950, le=2200)] | None = None
    witness: Witness | None = None


class CertificateFile(Message):
    """The authority's file (PDF), byte for byte."""

    content: Annotated[Base64, Personal.SENSITIVE]


class CertificateFileOf(Inquiry[CertificateFile]):
    """The file, for the printer of the kiosk that asked for it. Takes nothing away from the telephone."""

    name = "certificate-file"
    answer = CertificateFile
    token: Token


class CertificateFetched(Message):
    """How often the telephone has fetched it; None: it is not there any more."""

    times: int | None


class CertificateFetchedOf(Inquiry[CertificateFetched]):
    """Whether the certificate has come to the person's telephone."""

    name = "certificate-fetched"
    answer = CertificateFetched
    token: Token


Q = TypeVar("Q", CertificateOf, CertificateFileOf, CertificateFetchedOf)


class CertificateQuestion(Message, Generic[Q]):
    """The body of ``POST /v1/queries/certificate`` and of the two about what came of it."""

    presented: Presented
    query: Q
