"""What central publishes: whole, of its kind, for this kiosk, and newer, or it is not taken."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kiosk.contract import canonical
from kiosk.contract.catalog import FILES_AT_MOST, OCTETS_AT_MOST, checked, files_of
from kiosk.contract.errors import BadSignature, ContractError, NotForHere, OutOfDate
from kiosk.contract.sealing import NEWEST, suite
from kiosk.contract.signed import SIGNED_TAG, Signed, Statement
from tests.kiosk.published import ISSUED, KEY, PRIVATE, published

FILES = {"services.toml": "categories = []\n"}


def read(signed: Signed, *, kind: str = "catalog", kiosk: str = "K-001", above: int = 0) -> Statement:
    return signed.verified([KEY], kind=kind, kiosk=kiosk, above=above)


def test_what_was_signed_is_read() -> None:
    """For all kiosks or for this one; it survives the wire and the disk."""
    for target in ("*", "K-001"):
        signed = Signed.model_validate_json(published(FILES, 3, target=target).model_dump_json())
        statement = read(signed, above=2)
        assert (statement.version, statement.issued, statement.target) == (3, ISSUED, target)
        assert files_of(statement.content) == FILES


def test_a_changed_byte_is_noticed() -> None:
    """Wherever it is: in the statement or in its signature."""
    signed = published(FILES, 3)
    for at in range(0, len(signed.statement), 7):
        changed = bytearray(signed.statement)
        changed[at] ^= 1
        with pytest.raises(BadSignature):
            read(signed.model_copy(update={"statement": bytes(changed)}))
    for at in range(len(signed.signature)):
        changed = bytearray(signed.signature)
        changed[at] ^= 1
        with pytest.raises(BadSignature):
            read(signed.model_copy(update={"signature": bytes(changed)}))


def test_a_key_that_nobody_trusts_signs_nothing() -> None:
    """Neither another pair under the trusted name, nor a good pair under another name."""
    private, _public = suite(NEWEST).generate_signing()
    statement = Statement(suite=NEWEST, kind="catalog", target="*", version=1, issued=ISSUED, content={})
    for signed in (statement.signed(KEY.id, private), statement.signed("settings-2", PRIVATE)):
        with pytest.raises(BadSignature):
            read(signed)


def test_another_kind_and_another_kiosk_s_are_not_taken() -> None:
    """A signature over settings makes no catalogue, and what one kiosk is told steers no other."""
    with pytest.raises(NotForHere, match="a settings, not a catalog"):
        read(published(FILES, 3, kind="settings"))
    with pytest.raises(NotForHere):
        read(published(FILES, 3, target="K-002"))


@pytest.mark.parametrize("version", [1, 6, 7])
def test_versions_only_grow(version: int) -> None:
    with pytest.raises(OutOfDate):
        read(published(FILES, version), above=7)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        canonical.dumps({1: 2}),
        canonical.dumps({1: 1, 2: NEWEST, 3: "catalog", 4: "*", 5: 0, 6: 0, 7: {}}),
        canonical.dumps({1: 1, 2: NEWEST, 3: "catalog", 4: "*", 5: 1, 6: 2**62, 7: {}}),
        canonical.dumps({1: 1, 2: NEWEST, 3: "catalog", 4: "*", 5: 1, 6: 0, 7: {}, 8: None}),
        canonical.dumps({1: 1, 2: 99, 3: "catalog", 4: "*", 5: 1, 6: 0, 7: {}}),
    ],
    ids=["empty", "no CBOR", "another format", "version 0", "at no time", "a field too much", "another suite"],
)
def test_a_signature_does_not_make_sense_of_nonsense(content: bytes) -> None:
    signature = suite(NEWEST).sign(SIGNED_TAG + content, PRIVATE)
    with pytest.raises(ContractError):
        read(Signed(statement=content, key=KEY.id, signature=signature))


def test_the_tag_belongs_to_the_signature() -> None:
    """Bytes that were signed for something else are no statement."""
    statement = Statement(suite=NEWEST, kind="catalog", target="*", version=1, issued=ISSUED, content={}).encode()
    with pytest.raises(BadSignature):
        read(Signed(statement=statement, key=KEY.id, signature=suite(NEWEST).sign(statement, PRIVATE)))


def test_the_bytes_of_a_statement_never_change() -> None:
    """A vector: what was signed yesterday is read tomorrow."""
    at = datetime(2026, 11, 26, 1, 2, 3, tzinfo=UTC)
    statement = Statement(
        suite=1, kind="catalog", target="*", version=10_000, issued=at, content={"services.toml": "x"}
    )
    assert statement.encode().hex() == (
        "a7010102010367636174616c6f6704612a05192710061b000661237dd318c007a16d73657276696365732e746f6d6c6178"
    )
    assert Statement.decode(statement.encode()) == statement


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([], "map of files"),
        ({"services.toml": 1}, "are texts"),
        ({"../keys.json": ""}, "keys.json"),
        ({"services/a/b.toml": ""}, "a/b"),
        ({f"services/a{n}.toml": "" for n in range(FILES_AT_MOST + 1)}, "at most"),
        ({"services.toml": "x" * (OCTETS_AT_MOST + 1)}, "at most"),
    ],
    ids=["no map", "no text", "a way out", "a folder too deep", "too many", "too large"],
)
def test_only_a_catalogue_s_files_travel(content: canonical.Plain, says: str) -> None:
    with pytest.raises(ContractError, match=says):
        files_of(content)


def test_files_that_may_travel_are_the_same() -> None:
    assert checked(FILES) is FILES
