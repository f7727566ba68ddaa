"""Whose records they are: what a machine's key says of each batch and of each export.

The seal of a record authenticates nobody, so the machine signs ``"kiosk/batch/1" 00 ‖ statement``, where the statement
is one CBOR map with these integer keys, all of them present (deterministic CBOR, RFC 8949 §4.2):

==  ==========  ===================================================================================================
 1  format      uint, 1
 2  suite       uint, number in ``sealing.SUITES``; says which signature, and which hash makes the digest
 3  kiosk       text
 4  ledger      16 bytes
 5  first seq   uint, of the first record whose header can be read; 0 where none can
 6  last seq    uint, of the last one
 7  last hash   hash of that one; empty where there is none
 8  digest      of all records in their order
==  ==========  ===================================================================================================

``digest = H("kiosk/batch-records/1" 00 ‖ H(header) ‖ H(sealed) ‖ H(header) ‖ …)``: whoever writes a long export keeps
two hashes of each record, not the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from kiosk.contract import canonical
from kiosk.contract.base import SigningKey
from kiosk.contract.canonical import Plain
from kiosk.contract.errors import BadSignature, ContractError
from kiosk.contract.records import RECORD_TAG, Header
from kiosk.contract.sealing import suite
from kiosk.contract.signatures import SignedBytes

FORMAT: Final = 1
BATCH_TAG: Final = b"kiosk/batch/1\0"
RECORDS_TAG: Final = b"kiosk/batch-records/1\0"
KEY_TAG: Final = b"kiosk/device-key/1\0"

Octets = tuple[bytes, bytes]
"""A record as it was committed: header and sealed payload."""


class Signer(Protocol):
    """A machine's key. The private half stays where it is (``kiosk.keystore``)."""

    @property
    def id(self) -> str:
        """``key_id`` of the public half."""

    @property
    def suite(self) -> int: ...

    @property
    def public(self) -> bytes: ...

    def sign(self, message: bytes) -> bytes: ...


class BatchSignature(SignedBytes):
    """A machine's statement about records, as it was signed."""

    def verified(
        self, key: SigningKey, *, kiosk: str, ledger: bytes, records: Sequence[Octets], digest: bytes | None = None
    ) -> BatchStatement:
        """What it says, if ``key`` signed it and it is of exactly these records, in this order.

        ``digest`` is of records that are not all at hand; ``records`` are then the first and the last. Raises
        BadSignature, and ContractError for what nobody signs.
        """
        statement = self.read_as(BatchStatement.decode, BATCH_TAG, [key])
        if (statement.kiosk, statement.ledger) != (kiosk, ledger):
            raise BadSignature("signed for another ledger")
        if statement.digest != (digest_of(key.suite, records) if digest is None else digest):
            raise BadSignature("signed for other records")
        if (statement.first_seq, statement.last_seq, statement.last_hash) != _ends(records):
            raise BadSignature("signed for another run of records")
        return statement


@dataclass(frozen=True, kw_only=True)
class BatchStatement:
    """What is signed."""

    suite: int
    kiosk: str
    ledger: bytes
    first_seq: int
    last_seq: int
    last_hash: bytes
    digest: bytes

    def encode(self) -> bytes:
        """The canonical bytes."""
        fields: dict[int, Plain] = {
            1: FORMAT,
            2: self.suite,
            3: self.kiosk,
            4: self.ledger,
            5: self.first_seq,
            6: self.last_seq,
            7: self.last_hash,
            8: self.digest,
        }
        return canonical.dumps(fields)

    @classmethod
    def decode(cls, data: bytes) -> BatchStatement:
        """The statement whose canonical bytes are ``data``. Raises ContractError."""
        match canonical.loads(data):
            case {
                1: 1,
                2: int(number),
                3: str(kiosk),
                4: bytes(ledger),
                5: int(first),
                6: int(last),
                7: bytes(last_hash),
                8: bytes(digest),
                **rest,
            } if not rest:
                return cls(
                    suite=number,
                    kiosk=kiosk,
                    ledger=ledger,
                    first_seq=first,
                    last_seq=last,
                    last_hash=last_hash,
                    digest=digest,
                )
            case _:
                raise ContractError("not a statement about records")


def signature_of(
    signer: Signer, *, kiosk: str, ledger: bytes, records: Sequence[Octets], digest: bytes | None = None
) -> BatchSignature:
    """What ``signer`` says of these records. ``digest`` as in ``BatchSignature.verified``."""
    first_seq, last_seq, last_hash = _ends(records)
    statement = BatchStatement(
        suite=signer.suite,
        kiosk=kiosk,
        ledger=ledger,
        first_seq=first_seq,
        last_seq=last_seq,
        last_hash=last_hash,
        digest=digest_of(signer.suite, records) if digest is None else digest,
    ).encode()
    return BatchSignature(statement=statement, key=signer.id, signature=signer.sign(BATCH_TAG + statement))


def digest_of(number: int, records: Iterable[Octets]) -> bytes:
    """The digest of records in their order, by the hash of suite ``number``. Keeps two hashes of each."""
    chosen = suite(number)
    parts = [RECORDS_TAG]
    for header, sealed in records:
        parts += chosen.hash(header), chosen.hash(sealed)
    return chosen.hash(b"".join(parts))


def key_id(number: int, public: bytes) -> str:
    """The name of a machine's key, which says what it is: nobody can give it to another key."""
    return suite(number).hash(KEY_TAG + public).hex()[:32]


def _ends(records: Sequence[Octets]) -> tuple[int, int, bytes]:
    """First seq, last seq and last hash, as far as headers can be read: a damaged one stops no other record."""
    first = next((header for header in map(_header, records) if header is not None), None)
    for octets in reversed(records):
        last = _header(octets)
        if first is not None and last is not None:
            return first.seq, last.seq, suite(last.suite).hash(RECORD_TAG + octets[0])
    return 0, 0, b""


def _header(octets: Octets) -> Header | None:
    try:
        return Header.decode(octets[0])
    except ContractError:
        return None
