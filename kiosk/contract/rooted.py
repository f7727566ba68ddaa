"""Central's keys under the signature of the root key, which is offline: what a kiosk that knows the root believes.

Kind ``keys`` of ``signed``, for all kiosks; its content is a map of these texts, all of them present:

===============  ====================================================================================================
root             [id, suite, public]: the key that signs the statement. A kiosk knows its hash, not the key
sealing          the keys to seal to, the newest first, each [id, suite, public, microseconds since 1970 it holds until]
settings         the keys that sign what steers kiosks, each [id, suite, public]
acknowledgement  the keys by which central says what it has, each [id, suite, public]
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
    return Statement(
        suite=root.suite, kind=KIND, target=EVERYBODY, version=keys.version, issued=issued, content=content
    )


def root_of(signed: Signed) -> SigningKey:
    """The root that the statement names, which nobody has to believe yet. Raises ContractError."""
    return _keys_in(Statement.decode(signed.statement).content)[0]


def under_root(signed: Signed, root: str, *, above: int) -> Keys:
    """The keys that the root of that hash signed. Raises BadSignature, NotForHere, OutOfDate, ContractError."""
    key = root_of(signed)
    if root_hash(key) != root:
        raise BadSignature("signed by another root")
    statement = signed.verified([key], kind=KIND, kiosk=EVERYBODY, above=above)
    _, sealing, settings, acknowledgement = _keys_in(statement.content)
    try:
        return Keys(
            version=statement.version,
            sealing=sealing,
            settings=settings,
            acknowledgement=acknowledgement,
            rooted=signed,
        )
    except ValidationError:
        raise ContractError("not keys") from None


_Parts = tuple[SigningKey, tuple[SealingKey, ...], tuple[SigningKey, ...], tuple[SigningKey, ...]]


def _keys_in(content: Plain) -> _Parts:
    match content:
        case {
            "root": [*root],
            "sealing": [*sealing],
            "settings": [*settings],
            "acknowledgement": [*acknowledgement],
            **rest,
        } if not rest:
            try:
                return (
                    _signing_of(root),
                    tuple(map(_sealing_of, sealing)),
                    tuple(map(_signing_of, settings)),
                    tuple(map(_signing_of, acknowledgement)),
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


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
