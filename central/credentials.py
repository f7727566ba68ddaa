"""Whose an electronic credential is (电子凭证): asked of the platform that issued it, through a port.

Decoding is a right that platforms grant to institutions one by one. Central without such a right says so, and the
person is asked for a real card; an adapter per platform takes its place behind the same port. A code stands in no log,
no database and no path.
"""

from __future__ import annotations

from typing import Final, Protocol

from central.errors import Refused
from kiosk.contract.credentials import CredentialCheck, CredentialHolder, CredentialKind, NotVerifiedReason


class NotVerified(Exception):
    """The platform does not say whose code it is."""

    def __init__(self, reason: NotVerifiedReason) -> None:
        super().__init__(reason)
        self.reason: NotVerifiedReason = reason


class CredentialVerifier(Protocol):
    """The platforms behind electronic credentials (医保电子凭证, 电子社保卡)."""

    def verify(self, kiosk: str, kind: CredentialKind, code: str) -> CredentialHolder:
        """Whose code it is. A code may be good for one question. Raises NotVerified, and Unanswered as every port."""


class NotAuthorised:
    """Nobody may ask: what central is without an adapter."""

    def verify(self, kiosk: str, kind: CredentialKind, code: str) -> CredentialHolder:
        raise NotVerified("not-authorised")


def holder_of(verifier: CredentialVerifier, check: CredentialCheck) -> CredentialHolder:
    """Whose code it is. Raises Refused with the contract's codes, Unanswered."""
    try:
        return verifier.verify(check.kiosk, check.kind, check.code)
    except NotVerified as error:
        raise Refused(_STATUS[error.reason], error.reason, _TITLES[error.reason]) from None


_STATUS: Final[dict[NotVerifiedReason, int]] = {
    "not-authorised": 403,
    "expired": 410,
    "unknown": 404,
    "wrong-kind": 409,
}
_TITLES: Final[dict[NotVerifiedReason, str]] = {
    "not-authorised": "This kiosk may not ask whose code this is",
    "expired": "The code's time is over",
    "unknown": "The platform does not know this code",
    "wrong-kind": "This is a code of the other kind",
}
