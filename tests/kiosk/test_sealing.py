"""The suite port: seals open for their key and info alone, keys are raw bytes, unknown numbers have their own error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.contract.errors import BadPayload, BadSignature, UnknownSuite
from kiosk.contract.sealing import NEWEST, SUITES, Suite, suite


@pytest.fixture(params=sorted(SUITES), ids=lambda number: f"suite {number}")
def each(request: pytest.FixtureRequest) -> Suite:
    """Every suite goes through the same tests."""
    return SUITES[request.param]


@given(st.binary(max_size=500), st.binary(max_size=300))
def test_seal_opens(plaintext: bytes, info: bytes) -> None:
    """Any plaintext, bound to any info."""
    for each in SUITES.values():
        private, public = each.generate()
        assert each.open(each.seal(plaintext, public, info), private, info) == plaintext


def test_seal_never_repeats(each: Suite) -> None:
    """The same plaintext sealed twice looks different."""
    _, public = each.generate()
    assert each.seal(b"x", public, b"") != each.seal(b"x", public, b"")


def test_seal_opens_for_nothing_else(each: Suite) -> None:
    """Another key, another info, a byte changed, a byte less, nothing at all."""
    private, public = each.generate()
    sealed = each.seal(b"payload", public, b"info")
    other, _ = each.generate()
    for attempt in (
        (sealed, other, b"info"),
        (sealed, private, b"inf0"),
        (sealed[:-1] + bytes([sealed[-1] ^ 1]), private, b"info"),
        (bytes([sealed[0] ^ 1]) + sealed[1:], private, b"info"),
        (sealed[:-1], private, b"info"),
        (b"", private, b"info"),
    ):
        with pytest.raises(BadPayload):
            each.open(*attempt)


def test_public_key_follows_from_the_private_one(each: Suite) -> None:
    """A key file needs to hold the private half alone."""
    private, public = each.generate()
    assert each.public(private) == public


@pytest.mark.parametrize("key", [b"", b"short", bytes(32)], ids=["empty", "short", "zeroes"])
def test_bad_public_key_is_refused(key: bytes, each: Suite) -> None:
    """A key that no secret can be agreed on seals nothing."""
    with pytest.raises(ValueError, match="key"):
        each.seal(b"x", key, b"")


def test_signature_holds_for_its_key_and_message_alone(each: Suite) -> None:
    """Another key, another message, a byte less, no key at all."""
    private, public = each.generate_signing()
    signature = each.sign(b"message", private)
    each.verify(signature, b"message", public)
    _, other = each.generate_signing()
    for attempt in (
        (signature, b"message", other),
        (signature, b"messag3", public),
        (signature[:-1], b"message", public),
        (signature, b"message", b"short"),
    ):
        with pytest.raises(BadSignature):
            each.verify(*attempt)


def test_numbers_of_suites() -> None:
    """Each suite answers to its number; the newest is one of them; an unknown one is named."""
    assert all(suite(number).number == number for number in SUITES)
    assert NEWEST in SUITES
    with pytest.raises(UnknownSuite):
        suite(0)
