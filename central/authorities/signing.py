"""How requests to an authority are signed (cainfo, signtype): a port, for authorities ask for different things.

The default signs with HMAC-SHA256 under a key that both sides hold. The national platform recommends SM2 and SM3; a
signer of those needs a certified module behind this port, never a hand-written cipher.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

UNSIGNED: Final = ("cainfo", "signtype")
"""The fields of an envelope that are about the signature and not under it."""


class Signer(Protocol):
    """Makes the signature of a message and says how it is made."""

    @property
    def signtype(self) -> str:
        """At most ten characters: SM2, SM3, HS256."""

    def sign(self, content: bytes) -> str:
        """The signature of what ``signed_content`` made, at most 1024 characters (cainfo)."""


@dataclass(frozen=True, kw_only=True)
class HmacSigner:
    """HMAC-SHA256 under a shared key, in hexadecimal digits."""

    key: bytes = field(repr=False)
    signtype: str = "HS256"

    def sign(self, content: bytes) -> str:
        return hmac.digest(self.key, content, "sha256").hex()


def signed_content(envelope: Mapping[str, object]) -> bytes:
    """What is signed: the envelope without its signature, as JSON in one form: keys in order, no blanks, UTF-8."""
    rest = {name: value for name, value in envelope.items() if name not in UNSIGNED}
    return json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
