"""Every code that the authorities can send has its words at the kiosk."""

from __future__ import annotations

from typing import get_args

import pytest

from central.authorities.social import RESIDENTS_STATUS, SCHEMES, STATUS, InsuranceRow, insurance
from central.demonstration.register import InsuranceEntry, Register
from central.filings import ARROWS, MATTERS
from central.upstream import FateState, Unanswered
from kiosk.contract.messages import MatterState
from kiosk.insurance_words import InsuranceWords, load_insurance_words
from kiosk.receipts import state_in_words


@pytest.fixture(scope="module")
def words() -> InsuranceWords:
    return load_insurance_words()


def test_every_row_of_the_register_has_words(register: Register, words: InsuranceWords) -> None:
    """Kind and status by their own names, not by what stands in for an unknown code."""
    rows = [row for person in register.people for row in person.insurances]
    assert {row.status for row in rows} >= {"1", "2", "4"}
    for row in rows:
        assert row.insutype in words.schemes[row.scheme].insutype, row
        assert row.status in words.statuses, row


def test_every_status_that_may_come_has_words(words: InsuranceWords) -> None:
    """Of the national platform (psn_insu_stas), and what the two tables of social security come to."""
    national = set(get_args(InsuranceEntry.model_fields["status"].annotation))
    assert national == {"0", "1", "2", "3", "4"} == set(words.statuses)
    assert set(STATUS.values()) | set(RESIDENTS_STATUS.values()) <= national


def test_every_scheme_of_social_security_has_words(words: InsuranceWords) -> None:
    """By the first digit of AAE140."""
    assert set(SCHEMES.values()) == set(words.schemes)


@pytest.mark.parametrize(
    ("kind", "own", "residents", "status"),
    [("110", "1", "", "1"), ("110", "2", "", "2"), ("110", "3", "", "4"), ("170", "", "4", "4"), ("170", "", "0", "0")],
)
def test_ended_is_not_void(kind: str, own: str, residents: str, status: str) -> None:
    """AAC008 3 is ended, which is 4 on the national platform, where 3 is void; the residents' pension counts apart."""
    row = InsuranceRow(AAB301="350900", AAE140=kind, AAC008=own, CBState=residents)
    assert insurance(row).status == status


@pytest.mark.parametrize(
    ("kind", "own", "residents", "scheme", "status", "title", "label"),
    [
        ("110", "4", "", "pension", "AAC008:4", "职工养老保险", "状态代码 4"),
        ("170", "", "3", "pension", "CBState:3", "居民养老保险", "状态代码 3"),
        ("910", "1", "", "other", "1", "代码 910", "正常参保"),
    ],
)
def test_a_code_that_nobody_told_us_of_is_shown_as_what_it_is(
    words: InsuranceWords, kind: str, own: str, residents: str, scheme: str, status: str, title: str, label: str
) -> None:
    """The other rows are answered all the same; it is not guessed, though 4 is ended on the national platform and 3 is
    void there. The desk is asked."""
    row = insurance(InsuranceRow(AAB301="350900", AAE140=kind, AAC008=own, CBState=residents))
    assert (row.scheme, row.insutype, row.status) == (scheme, kind, status)
    assert (words.scheme(row), words.status(row).label) == (title, label)
    if ":" in status:
        assert words.status(row).meaning == "这个代码这台机器不认识，请到服务台问一下。"


@pytest.mark.parametrize(("kind", "own"), [("110", ""), ("", "1"), ("170", "1"), ("110", "陈建国"), ("1:0", "1")])
def test_what_is_no_code_is_no_answer(kind: str, own: str) -> None:
    """Nobody knows what it would say."""
    with pytest.raises(Unanswered):
        insurance(InsuranceRow(AAB301="350900", AAE140=kind, AAC008=own))


def test_every_state_of_a_filing_is_told_in_the_ledgers_words() -> None:
    """Each has a matter's state, and each of those has its words on page and paper."""
    assert set(ARROWS) == set(MATTERS) == {"sending", *get_args(FateState)}
    assert set(MATTERS.values()) <= set(get_args(MatterState))
    assert all(state_in_words(state) for state in MATTERS.values())
