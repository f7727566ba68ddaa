"""The suite port: each hash, seal, signature and key goes through a numbered suite, and what it is in names the number.

Suite 1 is SHA-256, Ed25519 (RFC 8032), and HPKE (RFC 9180, base mode) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and
ChaCha20-Poly1305. A further suite is a further line in ``SUITES``; records of older suites stay readable for as long as
theirs stands here.
"""

from __future__ import annotations

import hashlib
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from kiosk.contract.errors import BadPayload, BadSignature, UnknownSuite


class Suite(Protocol):
    """One choice of algorithms. Keys are raw bytes; what they mean is the suite's business."""

    number: int
    hash_size: int

    def hash(self, data: bytes) -> bytes:
        """The digest of ``data``, ``hash_size`` bytes."""

    def seal(self, plaintext: bytes, public: bytes, info: bytes) -> bytes:
        """``plaintext`` for the holder of the private key, bound to ``info``. Raises ValueError for a bad key."""

    def open(self, sealed: bytes, private: bytes, info: bytes) -> bytes:
        """The plaintext. Raises BadPayload when key, ``info`` or a byte of ``sealed`` differs."""

    def generate(self) -> tuple[bytes, bytes]:
        """A fresh pair (private, public) to seal to."""

    def public(self, private: bytes) -> bytes:
        """The public key that belongs to ``private``."""

    def generate_signing(self) -> tuple[bytes, bytes]:
        """A fresh pair (private, public) to sign by."""

    def sign(self, message: bytes, private: bytes) -> bytes:
        """The signature of ``message``. Raises ValueError for a bad key."""

    def verify(self, signature: bytes, message: bytes, public: bytes) -> None:
        """Raises BadSignature when key, message or a byte of the signature differs."""


class _X25519Suite:
    """Suite 1. Keys are the 32 raw bytes of RFC 7748 and of RFC 8032; a sealed payload is the encapsulated key and the
    ciphertext."""

    number: int = 1
    hash_size: int = 32

    def __init__(self) -> None:
        self._hpke = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)

    def hash(self, data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    def seal(self, plaintext: bytes, public: bytes, info: bytes) -> bytes:
        return self._hpke.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), info)

    def open(self, sealed: bytes, private: bytes, info: bytes) -> bytes:
        try:
            return self._hpke.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info)
        except (InvalidTag, ValueError) as error:
            raise BadPayload("the seal does not open") from error

    def generate(self) -> tuple[bytes, bytes]:
        key = X25519PrivateKey.generate()
        return key.private_bytes_raw(), key.public_key().public_bytes_raw()

    def public(self, private: bytes) -> bytes:
        return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()

    def generate_signing(self) -> tuple[bytes, bytes]:
        key = Ed25519PrivateKey.generate()
        return key.private_bytes_raw(), key.public_key().public_bytes_raw()

    def sign(self, message: bytes, private: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(private).sign(message)

    def verify(self, signature: bytes, message: bytes, public: bytes) -> None:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise BadSignature("the signature does not hold") from error


SUITES: Final[dict[int, Suite]] = {1: _X25519Suite()}
"""Every suite that this program speaks."""

NEWEST: Final = 1
"""The suite for keys that are made today."""


def suite(number: int) -> Suite:
    """The suite of that number. Raises UnknownSuite."""
    try:
        return SUITES[number]
    except KeyError:
        raise UnknownSuite(f"suite {number}") from None
