"""Central's keys under the signature of the root key, which is offline: what a kiosk that knows the root believes.

Kind ``keys`` of ``signed``, for all kiosks; its content is a map of these texts, the last two where they say something:

===============  ====================================================================================================
root             [id, suite, public]: the key that signs the statement. A kiosk knows its hash, not the key
sealing          the keys to seal to, the newest first, each [id, suite, public, microseconds since 1970 it holds until]
settings         the keys that sign what steers kiosks, each [id, suite, public]
acknowledgement  the keys by which central says what it has, each [id, suite, public]
authorities      certificates (DER, X.509) of which one has to stand above central's in TLS
minimum          [major, minor, patch]: the oldest version of the kiosk's program that may serve people
===============  ====================================================================================================

``hash of the root = H("kiosk/root/1" 00 ‖ canonical [suite, public])`` by the root's own suite, in hexadecimal.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import ValidationError

from kiosk.contract import canonical
from kiosk.contract.base import SigningKey
from kiosk.contract.canonical import Plain
from kiosk.contract.errors import BadSignature, ContractError
from kiosk.contract.messages import Keys, SealingKey
from kiosk.contract.sealing import suite
from kiosk.contract.signed import EVERYBODY, Signed, Statement

KIND: Final = "keys"
ROOT_TAG: Final = b"kiosk/root/1\0"


def root_hash(root: SigningKey) -> str:
    """What a machine is told of the root, in its settings or with its enrolment."""
    return suite(root.suite).hash(ROOT_TAG + canonical.dumps([root.suite, root.public])).hex()


def statement_of(keys: Keys, root: SigningKey, issued: datetime) -> Statement:
    """What the root says of ``keys``; their version is the statement's."""
    content: dict[str, Plain] = {
        "root": _signing(root),
        "sealing": [[*_signing(key), (key.not_after - _EPOCH) // _MICROSECOND] for key in keys.sealing],
        "settings": [_signing(key) for key in keys.settings],
        "acknowledgement": [_signing(key) for key in keys.acknowledgement],
    }
    if keys.authorities:
        content["authorities"] = list(keys.authorities)
    if any(keys.minimum):
        content["minimum"] = list(keys.minimum)
    return Statement(
        suite=root.suite, kind=KIND, target=EVERYBODY, version=keys.version, issued=issued, content=content
    )


def root_of(signed: Signed) -> SigningKey:
    """The root that the statement names, which nobody has to believe yet. Raises ContractError."""
    return _read(Statement.decode(signed.statement).content)[0]


def under_root(signed: Signed, root: str, *, above: int) -> Keys:
    """The keys that the root of that hash signed. Raises BadSignature, NotForHere, OutOfDate, ContractError."""
    key = root_of(signed)
    if root_hash(key) != root:
        raise BadSignature("signed by another root")
    statement = signed.verified([key], kind=KIND, kiosk=EVERYBODY, above=above)
    _, keys = _read(statement.content)
    return keys.model_copy(update={"version": statement.version, "rooted": signed})


def _read(content: Plain) -> tuple[SigningKey, Keys]:
    """The root that is named, and the keys, whose version stands beside them. Raises ContractError."""
    match content:
        case {
            "root": [*root],
            "sealing": [*sealing],
            "settings": [*settings],
            "acknowledgement": [*acknowledgement],
            **rest,
        } if rest.keys() <= {"authorities", "minimum"}:
            try:
                return _signing_of(root), Keys(
                    version=0,
                    sealing=tuple(map(_sealing_of, sealing)),
                    settings=tuple(map(_signing_of, settings)),
                    acknowledgement=tuple(map(_signing_of, acknowledgement)),
                    authorities=_certificates_of(rest.get("authorities", [])),
                    minimum=_version_of(rest.get("minimum", [0, 0, 0])),
                )
            except (ValidationError, OverflowError):
                pass
    raise ContractError("not keys")


def _signing(key: SigningKey | SealingKey) -> list[Plain]:
    return [key.id, key.suite, key.public]


def _signing_of(plain: Plain) -> SigningKey:
    match plain:
        case [str(name), int(number), bytes(public)]:
            return SigningKey(id=name, suite=number, public=public)
    raise ContractError("not a key")


def _sealing_of(plain: Plain) -> SealingKey:
    match plain:
        case [str(name), int(number), bytes(public), int(until)]:
            return SealingKey(id=name, suite=number, public=public, not_after=_EPOCH + until * _MICROSECOND)
    raise ContractError("not a key")


def _certificates_of(plain: object) -> tuple[bytes, ...]:
    match plain:
        case [*certificates]:
            return tuple(map(_certificate_of, certificates))
    raise ContractError("not certificates")


def _certificate_of(plain: object) -> bytes:
    match plain:
        case bytes(octets):
            return octets
    raise ContractError("not a certificate")


def _version_of(plain: object) -> tuple[int, int, int]:
    match plain:
        case [int(major), int(minor), int(patch)]:
            return major, minor, patch
    raise ContractError("not a version")


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
