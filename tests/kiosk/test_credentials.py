"""What is held before the scanner is told apart by its looks, and what is of no use is declined politely."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.contract.credentials import CredentialKind, NotVerifiedReason
from kiosk.contract.numbers import number_of
from kiosk.credentials import (
    STAFF_PREFIX,
    Credential,
    OwnReceipt,
    PaymentCode,
    Rubbish,
    StaffCode,
    declined_in_words,
    refusal_in_words,
    route,
)

NUMBER = number_of(kiosk="K-001", happened_at=datetime(2026, 3, 5, tzinfo=UTC), seq=317, id=UUID(int=0x1234567))
KINDS: tuple[CredentialKind, ...] = ("medical", "social")


@pytest.mark.parametrize(
    "text", ["4243669509084040896099330000", "424" + "0" * 25], ids=["the published example", "another"]
)
def test_a_medical_insurance_code(text: str) -> None:
    """424 and 25 digits."""
    assert route(text) == Credential(kind="medical", code=text)


@pytest.mark.parametrize("text", ["424" + "0" * 24, "424" + "0" * 26, "425" + "0" * 25, "424" + "٠" * 25])
def test_nothing_else_is_a_medical_insurance_code(text: str) -> None:
    """One digit more, one less, another prefix, digits of another script."""
    found = route(text)
    assert not isinstance(found, Credential) or found.kind == "social"


@pytest.mark.parametrize(
    ("text", "wallet"),
    [
        ("100000000000000000", "wechat"),
        ("134567890123456789", "wechat"),
        ("159999999999999999", "wechat"),
        ("250000000000000000", "alipay"),
        ("281234567890123456", "alipay"),
        ("309999999999999999", "alipay"),
    ],
)
def test_a_payment_code_is_known_and_refused(text: str, wallet: str) -> None:
    """Told so, and to put it away: it pays whoever scans it."""
    found = route(text)
    assert isinstance(found, PaymentCode)
    assert found.wallet == wallet
    assert "付款码" in refusal_in_words(found)


@pytest.mark.parametrize("text", ["160000000000000000", "240000000000000000", "310000000000000000"])
def test_other_prefixes_do_not_pay(text: str) -> None:
    assert not isinstance(route(text), PaymentCode)


@pytest.mark.parametrize("text", ["339902199203180011", "33990319680704059X", "33990319680704059x"])
def test_a_bare_identity_number_proves_nothing(text: str) -> None:
    """Anybody can print one. One of Beijing (11) or Tianjin (12) begins like a payment code."""
    assert route(text) == Rubbish(why="identity number")
    assert route("110105194912310021") == PaymentCode(wallet="wechat")  # a check digit that does not fit
    assert route("11010519491231002X") == Rubbish(why="identity number")


def test_our_receipt_leads_to_its_number() -> None:
    """The QR of a receipt holds the number as it is printed, alone or at the end of the address that phones open."""
    for text in (str(NUMBER), f"https://zj.example.com/s/{NUMBER}", f"http://127.0.0.1:8081/s/{NUMBER}"):
        assert route(text) == OwnReceipt(number=NUMBER)
    for text in (f"https://zj.example.com/t/{NUMBER}", f"https://zj.example.com/s/{NUMBER}/x", f"ftp://x/s/{NUMBER}"):
        assert not isinstance(route(text), OwnReceipt)


@pytest.mark.parametrize("text", [str(NUMBER).lower(), str(NUMBER).replace("-", ""), str(NUMBER)[:-1] + "I"])
def test_a_number_that_is_written_differently_is_no_receipt(text: str) -> None:
    """Typed numbers are read kindly; a QR is exact, lest a credential be taken for a receipt."""
    assert not isinstance(route(text), OwnReceipt)


def test_a_workers_badge() -> None:
    assert route(f"{STAFF_PREFIX}abcd1234_-X") == StaffCode(badge="abcd1234_-X")
    assert not isinstance(route(f"{STAFF_PREFIX}short"), StaffCode)


@pytest.mark.parametrize("text", ["9fQ2zLx-81kd_Ppw7mNQ2zLa", "A" * 16, "opc" + "1" * 40, "a+b/c==" * 10, "7" * 512])
def test_what_may_be_a_social_security_code_is_left_to_central(text: str) -> None:
    """Nothing is published of its looks."""
    assert route(text) == Credential(kind="social", code=text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("https://example.org/q?x=1", "web address"),
        ("WEIXIN://wxpay/bizpayurl?pr=abc", "web address"),
        ("wxp://f2f0abcdefghijklmnopqrstuvwxyz", "web address"),
        ("WIFI:T:WPA;S:hall;P:secret;;", "web address"),
        ("www.example.org/something", "web address"),
        ("6901234567892", "short"),
        ("A" * 15, "short"),
        ("x", "short"),
        ("A" * 513, "long"),
        ("环城路社区党群服务中心", "not a code"),
        ("two words and more of them", "not a code"),
        ("", "not a code"),
    ],
)
def test_what_is_of_no_use(text: str, why: str) -> None:
    found = route(text)
    assert isinstance(found, Rubbish)
    assert found.why == why


@given(st.text(max_size=600) | st.text(alphabet="0123456789ABCDEFX-", max_size=40))
@example("K001-26-000317-7Q4XM")
@example("１" * 18)
def test_any_text_is_something_and_shows_nothing_of_itself(text: str) -> None:
    """Every text has a kind; nothing that opens anything shows in a repr."""
    found = route(text)
    assert found == route(text)
    if isinstance(found, Credential | StaffCode):
        secret = found.code if isinstance(found, Credential) else found.badge
        assert secret not in repr(found)
    else:
        assert refusal_in_words(found)


def test_every_refusal_says_what_to_do() -> None:
    """One cause, one instruction: each text ends with what the person can do, in two sentences at most."""
    uses: list[OwnReceipt | StaffCode | PaymentCode | Rubbish] = [
        PaymentCode(wallet="wechat"),
        OwnReceipt(number=NUMBER),
        StaffCode(badge="abcd1234"),
        Rubbish(why="identity number"),
        Rubbish(why="web address"),
    ]
    words = [refusal_in_words(routed) for routed in uses]
    codes = (*get_args(NotVerifiedReason), "something newer")
    words += [declined_in_words(code, kind) for code in codes for kind in KINDS]
    assert len(set(words)) >= 10
    for text in words:
        assert text.count("。") <= 2
        assert re.search("请", text)
        assert "！" not in text


def test_where_scanning_is_not_authorised_the_card_is_asked_for() -> None:
    """The same for both kinds: nobody is sent round in a circle."""
    for code in ("not-authorised", "unknown-kiosk"):
        assert {declined_in_words(code, kind) for kind in KINDS} == {"这台机器还不能扫码。请用身份证或社保卡。"}
