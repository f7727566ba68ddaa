"""The suite port: each hash, MAC, seal, signature and key goes through a numbered suite, and what it is in names the
number.

Suite 1 is SHA-256, Ed25519 (RFC 8032), and HPKE (RFC 9180, base mode) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and
ChaCha20-Poly1305. Suite 2 is for keys that live in a chip, which seldom knows other curves: SHA-256, ECDSA with P-256
(FIPS 186-5), and HPKE with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM. The MAC of both is HMAC-SHA-256.
A further suite is a further line in ``SUITES``; records of older suites stay readable for as long as theirs stands
here. All hashes of one chain have one length.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.contract.errors import BadPayload, BadSignature, UnknownSuite


class Suite(Protocol):
    """One choice of algorithms. Keys are raw bytes; what they mean is the suite's business."""

    number: int
    hash_size: int

    def hash(self, data: bytes) -> bytes:
        """The digest of ``data``, ``hash_size`` bytes."""

    def mac(self, key: bytes, data: bytes) -> bytes:
        """What only a holder of the secret ``key`` can say of ``data``, ``hash_size`` bytes."""

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


class _Sha256:
    """What both suites have in common."""

    hash_size: int = 32

    def hash(self, data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    def mac(self, key: bytes, data: bytes) -> bytes:
        return hmac.digest(key, data, "sha256")


class _X25519Suite(_Sha256):
    """Suite 1. Keys are the 32 raw bytes of RFC 7748 and of RFC 8032; a sealed payload is the encapsulated key and the
    ciphertext."""

    number: int = 1

    def __init__(self) -> None:
        self._hpke = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)

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


class _P256Suite(_Sha256):
    """Suite 2. A private key is the scalar in 32 bytes, a public one the uncompressed point in 65 (SEC 1 §2.3.3); a
    signature is r and s in 32 bytes each, as RFC 9421 and JOSE have it."""

    number: int = 2

    def __init__(self) -> None:
        self._hpke = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
        self._curve = ec.SECP256R1()

    def seal(self, plaintext: bytes, public: bytes, info: bytes) -> bytes:
        return self._hpke.encrypt(plaintext, self._public_key(public), info)

    def open(self, sealed: bytes, private: bytes, info: bytes) -> bytes:
        try:
            return self._hpke.decrypt(sealed, self._private_key(private), info)
        except (InvalidTag, ValueError) as error:
            raise BadPayload("the seal does not open") from error

    def generate(self) -> tuple[bytes, bytes]:
        key = ec.generate_private_key(self._curve)
        private = key.private_numbers().private_value.to_bytes(_SCALAR)
        return private, self.public(private)

    def public(self, private: bytes) -> bytes:
        point = self._private_key(private).public_key()
        return point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def generate_signing(self) -> tuple[bytes, bytes]:
        return self.generate()

    def sign(self, message: bytes, private: bytes) -> bytes:
        r, s = decode_dss_signature(self._private_key(private).sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(_SCALAR) + s.to_bytes(_SCALAR)

    def verify(self, signature: bytes, message: bytes, public: bytes) -> None:
        if len(signature) != 2 * _SCALAR:
            raise BadSignature("the signature does not hold")
        r, s = (int.from_bytes(part) for part in (signature[:_SCALAR], signature[_SCALAR:]))
        try:
            self._public_key(public).verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
        except (InvalidSignature, ValueError) as error:
            raise BadSignature("the signature does not hold") from error

    def _private_key(self, private: bytes) -> ec.EllipticCurvePrivateKey:
        if len(private) != _SCALAR:
            raise ValueError("a private key has 32 bytes")
        return ec.derive_private_key(int.from_bytes(private), self._curve)

    def _public_key(self, public: bytes) -> ec.EllipticCurvePublicKey:
        if len(public) != 1 + 2 * _SCALAR:
            raise ValueError("a public key has 65 bytes")
        return ec.EllipticCurvePublicKey.from_encoded_point(self._curve, public)


_SCALAR: Final = 32

SUITES: Final[dict[int, Suite]] = {1: _X25519Suite(), 2: _P256Suite()}
"""Every suite that this program speaks."""

NEWEST: Final = 1
"""The suite for keys that are made today."""


def suite(number: int) -> Suite:
    """The suite of that number. Raises UnknownSuite."""
    try:
        return SUITES[number]
    except KeyError:
        raise UnknownSuite(f"suite {number}") from None
