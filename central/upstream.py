"""The authorities and the telephones behind central, as ports. An adapter per city implements them.

Every call may raise Unanswered: the other side gave no answer in time, and trying again is right. ``file`` and ``send``
are idempotent by their key, because central may die between their success and its own note of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from central.credentials import CredentialVerifier, NotAuthorised
from kiosk.contract.acts import PersonReference, PlaceCode, RemoteCareFiling
from kiosk.contract.messages import Matter
from kiosk.contract.queries import Filings, InsuranceStatus


class Unanswered(Exception):
    """The other side did not answer. The message is for the log and holds nothing of a person."""


class MedicalInsurance(Protocol):
    """The medical insurance authority (医保)."""

    def filings_of(self, person: PersonReference) -> Filings:
        """Remote-care filings (异地就医备案) and what they rest on."""

    def file(self, record: UUID, filing: RemoteCareFiling) -> Matter:
        """Submits a filing, once per ``record`` however often it is called."""


class SocialInsurance(Protocol):
    """The social security authority (社保)."""

    def status_of(self, person: PersonReference, place: PlaceCode) -> InsuranceStatus:
        """What the insured place (参保地) knows of a person; no rows where nothing was found there."""


class Telephones(Protocol):
    """The telephones on record, and the way to them."""

    def on_record(self, person: PersonReference) -> str | None:
        """The number on record, in full. Only central sees it."""

    def send(self, key: str, to: str, text: str, token: str | None = None) -> None:
        """Sends a message, once per ``key`` however often it is called. ``token`` is a one-time link's secret."""


@dataclass(frozen=True, kw_only=True)
class Upstreams:
    """Everything behind central, and for whom it is: records of another mode are not handed on."""

    mode: str
    medical: MedicalInsurance
    social: SocialInsurance
    telephones: Telephones
    credentials: CredentialVerifier = field(default_factory=NotAuthorised)
