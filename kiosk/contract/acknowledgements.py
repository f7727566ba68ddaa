"""Central's word for what it has of a ledger: everything up to a place, and the hash of the record there.

A statement is one CBOR map with these integer keys, all of them present (deterministic CBOR, RFC 8949 §4.2); what is
signed, by the key that ``Keys.acknowledgement`` names, is ``"kiosk/acknowledged/1" 00 ‖ statement``:

==  ======  =======================================================================================================
 1  format  uint, 1
 2  suite   uint, number in ``sealing.SUITES``; says which signature
 3  kiosk   text
 4  ledger  16 bytes
 5  seq     uint, the last one without a gap below it; 0: central has nothing of this ledger
 6  hash    of the record there, zeroes where there is none
 7  at      uint, microseconds since 1970-01-01 UTC, by central's clock
==  ======  =======================================================================================================

It may fall: a central that was restored from a backup says what it has then, and is sent the rest once more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from kiosk.contract import canonical
from kiosk.contract.base import SigningKey
from kiosk.contract.canonical import Plain
from kiosk.contract.errors import ContractError, NotForHere
from kiosk.contract.sealing import suite
from kiosk.contract.signatures import SignedBytes

FORMAT: Final = 1
ACKNOWLEDGED_TAG: Final = b"kiosk/acknowledged/1\0"

BACKED_UP_WITHIN: Final = timedelta(days=7)
"""A backup of central is never older than this: no kiosk forgets sooner what central has."""


class SignedAcknowledgement(SignedBytes):
    """An acknowledgement, as it was signed."""

    @property
    def at(self) -> datetime:
        """Central's time when it said so, whether or not it was central. Raises ContractError."""
        return Acknowledgement.decode(self.statement).at

    def verified(self, keys: Iterable[SigningKey], *, kiosk: str, ledger: bytes) -> Acknowledgement:
        """What it says, if one of ``keys`` signed it and it is about this ledger of this kiosk.

        Raises BadSignature, NotForHere, and ContractError for what nobody signs.
        """
        said = self.read_as(Acknowledgement.decode, ACKNOWLEDGED_TAG, keys)
        if said.kiosk != kiosk:
            raise NotForHere("for another kiosk")
        if said.ledger != ledger:
            raise NotForHere("of another ledger")
        return said


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """What is signed."""

    suite: int
    kiosk: str
    ledger: bytes
    seq: int
    hash: bytes
    at: datetime

    def signed(self, key: str, private: bytes) -> SignedAcknowledgement:
        """Signed by the private half of ``key``, which is of this statement's suite."""
        statement = self.encode()
        signature = suite(self.suite).sign(ACKNOWLEDGED_TAG + statement, private)
        return SignedAcknowledgement(statement=statement, key=key, signature=signature)

    def encode(self) -> bytes:
        """The canonical bytes."""
        fields: dict[int, Plain] = {
            1: FORMAT,
            2: self.suite,
            3: self.kiosk,
            4: self.ledger,
            5: self.seq,
            6: self.hash,
            7: (self.at - _EPOCH) // _MICROSECOND,
        }
        return canonical.dumps(fields)

    @classmethod
    def decode(cls, data: bytes) -> Acknowledgement:
        """The statement whose canonical bytes are ``data``. Raises ContractError."""
        match canonical.loads(data):
            case {
                1: 1,
                2: int(number),
                3: str(kiosk),
                4: bytes(ledger),
                5: int(seq),
                6: bytes(hash_there),
                7: int(at),
                **rest,
            } if not rest and len(ledger) == 16 and 0 <= seq < 2**63 and (seq > 0) == any(hash_there) and at >= 0:
                try:
                    moment = _EPOCH + at * _MICROSECOND
                except OverflowError:
                    raise ContractError("acknowledged at no time") from None
                return cls(suite=number, kiosk=kiosk, ledger=ledger, seq=seq, hash=hash_there, at=moment)
            case _:
                raise ContractError("not an acknowledgement")


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
