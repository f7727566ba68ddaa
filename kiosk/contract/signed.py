"""What central publishes to kiosks, signed: settings, catalogues, whatever steers a machine.

A statement is one CBOR map with these integer keys, all of them present (deterministic CBOR, RFC 8949 §4.2); what is
signed is ``"kiosk/signed/1" 00 ‖ statement``:

==  ========  =====================================================================================================
 1  format    uint, 1
 2  suite     uint, number in ``sealing.SUITES``; says which signature
 3  kind      text, what it is: a statement of one kind is none of another
 4  target    text, the kiosk that it is for, or ``*``
 5  version   uint ≥ 1, only grows within its kind, whomever it is for; going back is a new version with old content
 6  issued    uint, microseconds since 1970-01-01 UTC
 7  content   what the kind says
==  ========  =====================================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from kiosk.contract import canonical
from kiosk.contract.base import SigningKey
from kiosk.contract.canonical import Plain
from kiosk.contract.errors import ContractError, NotForHere, OutOfDate
from kiosk.contract.sealing import suite
from kiosk.contract.signatures import SignedBytes

FORMAT: Final = 1
EVERYBODY: Final = "*"
SIGNED_TAG: Final = b"kiosk/signed/1\0"


class Signed(SignedBytes):
    """A statement of this kind, as it was signed."""

    def verified(self, keys: Iterable[SigningKey], *, kind: str, kiosk: str, above: int) -> Statement:
        """What it says, if one of ``keys`` signed it, it is of this kind and for this kiosk, and newer than ``above``.

        Raises BadSignature, NotForHere, OutOfDate, and ContractError for what nobody signs.
        """
        statement = self.read_as(Statement.decode, SIGNED_TAG, keys)
        if statement.kind != kind:
            raise NotForHere(f"a {statement.kind}, not a {kind}")
        if statement.target not in (EVERYBODY, kiosk):
            raise NotForHere("for another kiosk")
        if statement.version <= above:
            raise OutOfDate(f"version {statement.version}, and {above} is here")
        return statement


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What is signed."""

    suite: int
    kind: str
    target: str
    version: int
    issued: datetime
    content: Plain

    def signed(self, key: str, private: bytes) -> Signed:
        """Signed by the private half of ``key``, which is of this statement's suite."""
        statement = self.encode()
        signature = suite(self.suite).sign(SIGNED_TAG + statement, private)
        return Signed(statement=statement, key=key, signature=signature)

    def encode(self) -> bytes:
        """The canonical bytes."""
        issued = (self.issued - _EPOCH) // _MICROSECOND
        fields: dict[int, Plain] = {
            1: FORMAT,
            2: self.suite,
            3: self.kind,
            4: self.target,
            5: self.version,
            6: issued,
            7: self.content,
        }
        return canonical.dumps(fields)

    @classmethod
    def decode(cls, data: bytes) -> Statement:
        """The statement whose canonical bytes are ``data``. Raises ContractError."""
        match canonical.loads(data):
            case {
                1: 1,
                2: int(number),
                3: str(kind),
                4: str(target),
                5: int(version),
                6: int(issued),
                7: content,
                **rest,
            } if not rest and version >= 1:
                try:
                    at = _EPOCH + issued * _MICROSECOND
                except OverflowError:
                    raise ContractError("issued at no time") from None
                return cls(suite=number, kind=kind, target=target, version=version, issued=at, content=content)
            case _:
                raise ContractError("not a statement")


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
