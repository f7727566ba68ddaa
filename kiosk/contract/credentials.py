"""Electronic credentials (电子凭证): a kiosk hands on a code from a person's phone, central says whose it is.

``POST /v1/credentials``. Neither side can read such a code: only the platform that issued it can, and only for an
institution that it has authorised. Where it does not say whose it is, the problem's code is a NotVerifiedReason.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kiosk.contract.acts import PersonReference
from kiosk.contract.base import Message
from kiosk.contract.privacy import Personal

CredentialKind = Literal["medical", "social"]
"""医保电子凭证 of the national medical insurance platform; 电子社保卡 of the national social security card platform."""

NotVerifiedReason = Literal["not-authorised", "expired", "unknown", "wrong-kind"]
"""This kiosk may not ask: a real card is needed. A minute has passed: show a new one. No such code. It is a code of the
other kind."""

MEDICAL_CODE = r"^424[0-9]{25}$"
"""What a QR of a medical insurance code looks like, as far as anything was published: good for routing, no more. Of the
other kind nothing at all is published, neither a prefix nor a length."""


class CredentialCheck(Message):
    """A code as it was scanned, with the visit that it is to open."""

    visit: UUID
    kiosk: str
    kind: CredentialKind
    code: Annotated[str, Personal.SENSITIVE, Field(min_length=1, max_length=7089, repr=False)]


class CredentialHolder(Message):
    """Whose code it is, as the platform says it; what it does not say is None."""

    person: PersonReference
    shown: Annotated[str, Personal.BASIC]
    """Masked by central: 欧阳＊＊ 尾号 112X."""
    sex: Annotated[Literal["male", "female"] | None, Personal.BASIC] = None
    birth: Annotated[date | None, Personal.SENSITIVE] = None
