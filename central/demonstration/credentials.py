"""The demonstration's phones show electronic credentials of the fictitious people, and its platforms know them again.

A code holds when it was made and a keyed hash of that and of the person, so that nobody need remember it: processes
that serve the API keep no state. Medical codes look as the one published example does; the others look like nothing, as
the real ones do. Nothing of this exists beside real upstreams.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter
from pydantic import Field

from central.credentials import NotVerified
from central.demonstration.register import Register, Resident
from central.errors import Refused
from central.people import masked
from kiosk.contract.acts import PersonReference
from kiosk.contract.base import Message
from kiosk.contract.credentials import MEDICAL_CODE, CredentialHolder, CredentialKind
from kiosk.contract.privacy import Personal

LIFE: Final = timedelta(seconds=60)
"""How long a phone shows one code."""

SEXES: Final[dict[str, Literal["male", "female"]]] = {"1": "male", "2": "female"}
"""GB/T 2261.1; 9 is not said."""


class CodeWanted(Message):
    """``POST /v1/demonstration/credentials``: whose phone is to show a code, by the register's id, and which."""

    person: str = Field(max_length=40)
    kind: CredentialKind


class CodeShown(Message):
    """What the phone shows."""

    code: Annotated[str, Personal.SENSITIVE]
    expires_at: datetime


def phones(platform: DemonstrationCredentials) -> APIRouter:
    """What the fictitious people's phones show when they open their code."""
    router = APIRouter(tags=["demonstration"])

    @router.post("/v1/demonstration/credentials")
    def show_code(wanted: CodeWanted) -> CodeShown:
        """A code of one of the register's people, good for a minute."""
        return platform.show(wanted.person, wanted.kind)

    return router


class DemonstrationCredentials:
    """Both platforms, and the phones that show their codes."""

    def __init__(self, register: Register, key: bytes, now: Callable[[], datetime]) -> None:
        self._register = register
        self._key = hmac.digest(key, b"demonstration credentials", "sha256")
        self._now = now

    def show(self, resident: str, kind: CredentialKind) -> CodeShown:
        """Raises Refused (unknown-person)."""
        owner = next((person for person in self._register.people if person.id == resident), None)
        if owner is None:
            raise Refused(404, "unknown-person", "The register has no such person")
        made = int(self._now().timestamp())
        expires_at = datetime.fromtimestamp(made, UTC) + LIFE
        return CodeShown(code=self._code(kind, owner, made), expires_at=expires_at)

    def verify(self, kiosk: str, kind: CredentialKind, code: str) -> CredentialHolder:
        """Every kiosk of the demonstration may ask."""
        if (kind == "medical") != bool(re.fullmatch(MEDICAL_CODE, code)):
            raise NotVerified("wrong-kind")
        made = _made(kind, code)
        for owner in self._register.people:
            if made is not None and hmac.compare_digest(self._code(kind, owner, made), code):
                if not 0 <= self._now().timestamp() - made < LIFE.total_seconds():
                    raise NotVerified("expired")
                return _holder(owner)
        raise NotVerified("unknown")

    def _code(self, kind: CredentialKind, owner: Resident, made: int) -> str:
        mark = hmac.digest(self._key, f"{kind} {made} {owner.number}".encode(), "sha256")
        if kind == "medical":
            return f"424{made:010d}{int.from_bytes(mark[:8], 'big') % 10**9:09d}350000"
        return urlsafe_b64encode(made.to_bytes(5, "big") + mark[:13]).decode("ascii")


def _made(kind: CredentialKind, code: str) -> int | None:
    """When a code says that it was made; None when it says nothing of the kind."""
    if kind == "medical":
        return int(code[3:13])
    if not re.fullmatch(r"[A-Za-z0-9_-]{24}", code):
        return None
    return int.from_bytes(urlsafe_b64decode(code)[:5], "big")


def _holder(owner: Resident) -> CredentialHolder:
    """What the platform says of somebody: a foreigner's number of 2017 tells neither sex nor century."""
    person = PersonReference(number=owner.number, name=owner.name)
    return CredentialHolder(person=person, shown=masked(person), sex=SEXES.get(owner.sex), birth=owner.birth)
