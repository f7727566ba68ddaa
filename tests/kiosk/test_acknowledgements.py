"""Central's word for what it has: signed by its key, about this ledger of this kiosk, or it is not believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kiosk.contract import canonical
from kiosk.contract.acknowledgements import ACKNOWLEDGED_TAG, Acknowledgement, SignedAcknowledgement
from kiosk.contract.base import SigningKey
from kiosk.contract.errors import BadSignature, ContractError, NotForHere
from kiosk.contract.sealing import NEWEST, suite
from kiosk.contract.signed import SIGNED_TAG

PRIVATE, PUBLIC = suite(NEWEST).generate_signing()
KEY = SigningKey(id="acknowledgements-1", suite=NEWEST, public=PUBLIC)
LEDGER = bytes(range(16))
SAID = Acknowledgement(
    suite=NEWEST, kiosk="K-001", ledger=LEDGER, seq=7, hash=b"\xaa" * 32, at=datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
)
NOTHING = replace(SAID, seq=0, hash=bytes(32))


def read(signed: SignedAcknowledgement) -> Acknowledgement:
    return signed.verified([KEY], kiosk="K-001", ledger=LEDGER)


@pytest.mark.parametrize("said", [SAID, NOTHING], ids=["seven records", "none"])
def test_what_was_said_is_read(said: Acknowledgement) -> None:
    """It survives the wire and the disk."""
    signed = SignedAcknowledgement.model_validate_json(said.signed(KEY.id, PRIVATE).model_dump_json())
    assert read(signed) == said


def test_released_bytes_are_read_for_ever() -> None:
    """The canonical form is what kiosks in the field keep: it never changes."""
    kept = (
        "a70101020103654b2d3030310450000102030405060708090a0b0c0d0e0f0507"
        "065820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa071b00066123767e4400"
    )
    assert SAID.encode() == bytes.fromhex(kept)
    assert Acknowledgement.decode(bytes.fromhex(kept)) == SAID


def test_a_changed_byte_is_noticed() -> None:
    """Wherever it is: in the statement or in its signature."""
    signed = SAID.signed(KEY.id, PRIVATE)
    for field in ("statement", "signature"):
        whole: bytes = signed.model_dump()[field]
        for at in range(0, len(whole), 5):
            changed = bytearray(whole)
            changed[at] ^= 1
            with pytest.raises(BadSignature):
                read(signed.model_copy(update={field: bytes(changed)}))


def test_another_server_s_word_counts_for_nothing() -> None:
    """Neither another pair under the trusted name, nor a good pair under another name."""
    private, _ = suite(NEWEST).generate_signing()
    for signed in (SAID.signed(KEY.id, private), SAID.signed("acknowledgements-2", PRIVATE)):
        with pytest.raises(BadSignature):
            read(signed)


def test_it_is_about_one_ledger_of_one_kiosk() -> None:
    with pytest.raises(NotForHere, match="another kiosk"):
        read(replace(SAID, kiosk="K-002").signed(KEY.id, PRIVATE))
    with pytest.raises(NotForHere, match="another ledger"):
        read(replace(SAID, ledger=bytes(16)).signed(KEY.id, PRIVATE))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        canonical.dumps({1: 2}),
        replace(SAID, ledger=b"short").encode(),
        replace(SAID, seq=0).encode(),
        replace(NOTHING, seq=1).encode(),
        SAID.encode() + b"\0",
        canonical.dumps({1: 1, 2: NEWEST, 3: "K-001", 4: LEDGER, 5: 1, 6: b"\1" * 32, 7: 2**62}),
        canonical.dumps({1: 1, 2: NEWEST, 3: "K-001", 4: LEDGER, 5: 1, 6: b"\1" * 32, 7: 0, 8: None}),
        replace(SAID, suite=99).encode(),
    ],
    ids=["empty", "format", "ledger", "hash at 0", "no hash", "trailing", "no time", "a field too much", "suite"],
)
def test_a_signature_does_not_make_sense_of_nonsense(content: bytes) -> None:
    signature = suite(NEWEST).sign(ACKNOWLEDGED_TAG + content, PRIVATE)
    with pytest.raises(ContractError):
        read(SignedAcknowledgement(statement=content, key=KEY.id, signature=signature))


def test_the_tag_belongs_to_the_signature() -> None:
    """Bytes that were signed for something else acknowledge nothing."""
    signature = suite(NEWEST).sign(SIGNED_TAG + SAID.encode(), PRIVATE)
    with pytest.raises(BadSignature):
        read(SignedAcknowledgement(statement=SAID.encode(), key=KEY.id, signature=signature))
