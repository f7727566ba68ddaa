"""What a machine's key says of its records: of these, in this order, of this ledger, and of no others."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.contract.base import SigningKey
from kiosk.contract.batches import BATCH_TAG, BatchSignature, BatchStatement, Octets, digest_of, key_id, signature_of
from kiosk.contract.errors import BadSignature, ContractError
from kiosk.contract.records import Record
from kiosk.contract.sealing import SUITES
from kiosk.keystore import DeviceKey
from tests.kiosk.test_records import chain

SUITE = SUITES[1]
EXAMPLE = Path(__file__).parents[1] / "data" / "batch.json"
LEDGER = bytes(16)


def device(private: bytes, public: bytes) -> DeviceKey:
    return DeviceKey(id=key_id(1, public), suite=1, public=public, signs=lambda message: SUITE.sign(message, private))


KEY = device(*SUITE.generate_signing())
TRUSTED = SigningKey(id=KEY.id, suite=KEY.suite, public=KEY.public)


def octets(records: list[Record]) -> list[Octets]:
    return [(record.header_bytes, record.sealed) for record in records]


def test_a_kept_example_stays_what_it_was() -> None:
    """The same records, signed by the same key: the same bytes, today and later."""
    example = json.loads(EXAMPLE.read_text("utf-8"))
    private, public = bytes.fromhex(example["private"]), bytes.fromhex(example["public"])
    records = [(bytes.fromhex(header), bytes.fromhex(sealed)) for header, sealed in example["records"]]
    ledger = bytes.fromhex(example["ledger"])
    signature = signature_of(device(private, public), kiosk=example["kiosk"], ledger=ledger, records=records)
    assert signature.key == example["key"]
    assert signature.statement.hex() == example["statement"]
    assert signature.signature.hex() == example["signature"]


def test_what_it_says() -> None:
    """First and last place and the last hash, so that records that are missing at the end are missed."""
    records = chain(3)
    signature = signature_of(KEY, kiosk="K-001", ledger=LEDGER, records=octets(records))
    read = BatchSignature.model_validate_json(signature.model_dump_json())
    statement = read.verified(TRUSTED, kiosk="K-001", ledger=LEDGER, records=octets(records))
    assert (statement.first_seq, statement.last_seq, statement.last_hash) == (1, 3, records[-1].hash)


def test_of_an_export_that_is_not_all_at_hand() -> None:
    """The digest is made as the records go by; the ends and the digest are enough on both sides."""
    records = octets(chain(5))
    digest, ends = digest_of(1, iter(records)), [records[0], records[-1]]
    signature = signature_of(KEY, kiosk="K-001", ledger=LEDGER, records=ends, digest=digest)
    assert signature == signature_of(KEY, kiosk="K-001", ledger=LEDGER, records=records)
    signature.verified(TRUSTED, kiosk="K-001", ledger=LEDGER, records=ends, digest=digest)


def test_a_statement_that_its_records_contradict() -> None:
    """Signed by the right key all the same: it says another run than it carries."""
    records = octets(chain(2))
    honest = BatchStatement.decode(signature_of(KEY, kiosk="K-001", ledger=LEDGER, records=records).statement)
    for lie in (
        replace(honest, first_seq=2),
        replace(honest, last_seq=9),
        replace(honest, last_hash=bytes(32)),
        replace(honest, suite=2),
    ):
        data = lie.encode()
        signature = BatchSignature(statement=data, key=KEY.id, signature=KEY.sign(BATCH_TAG + data))
        with pytest.raises(BadSignature):
            signature.verified(TRUSTED, kiosk="K-001", ledger=LEDGER, records=records)


def test_a_signature_over_something_else_is_none() -> None:
    """Without the tag that says what is signed, or over bytes that are no statement."""
    records = octets(chain(1))
    data = signature_of(KEY, kiosk="K-001", ledger=LEDGER, records=records).statement
    with pytest.raises(BadSignature):
        BatchSignature(statement=data, key=KEY.id, signature=KEY.sign(data)).verified(
            TRUSTED, kiosk="K-001", ledger=LEDGER, records=records
        )
    with pytest.raises(ContractError):
        BatchSignature(statement=b"\xa0", key=KEY.id, signature=KEY.sign(BATCH_TAG + b"\xa0")).verified(
            TRUSTED, kiosk="K-001", ledger=LEDGER, records=records
        )
