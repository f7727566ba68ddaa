"""One-time links: a token that nobody guesses, of which the hash alone is kept."""

from __future__ import annotations

import hashlib
import secrets


def fresh() -> str:
    """192 random bits, as they stand in a link."""
    return secrets.token_urlsafe(24)


def hashed(token: str) -> bytes:
    """What is kept of a token: so many random bits need no key."""
    return hashlib.sha256(token.encode()).digest()
