"""Codes go only to the telephone on record, hold five minutes and five tries, and cannot be asked for at will."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Barrier, BrokenBarrierError
from uuid import uuid4

import pytest
from sqlalchemy import Connection, select

import central.codes
from central.codes import HOLDS, PER_HOUR, PER_VISIT, TRIES, count_within_limits
from central.database import Database
from central.tables import codes
from kiosk.contract.acts import PersonReference
from kiosk.contract.messages import CodeRequest
from tests.central.kiosks import CHEN, LIN, LONG_NAME, RARE, Clock, FakeKiosk


@pytest.fixture
def known(kiosk: FakeKiosk) -> FakeKiosk:
    kiosk.send()
    return kiosk


def wrong(kiosk: FakeKiosk) -> str:
    return f"{(int(kiosk.last_code()) + 1) % 10**6:06d}"


def test_a_code_goes_to_the_telephone_on_record(known: FakeKiosk) -> None:
    """The kiosk learns where it went only masked."""
    answer = known.ask_code(CHEN)
    assert answer.json() == {"telephone": "138＊＊＊＊0001", "seconds": 300, "digits": 6}
    message = known.telephone()[-1]
    assert message["to"] == "13800000001"
    assert message["token"] is None
    assert known.last_code().isdigit()
    assert known.last_code() not in answer.text


def test_a_right_code(known: FakeKiosk) -> None:
    """It stays right while it holds: a lost answer can be asked for again."""
    known.ask_code(CHEN)
    for _ in range(2):
        checked = known.check_code(known.last_code())
        assert (checked.right, checked.tries_left) == (True, TRIES)


def test_two_persons_of_one_visit(known: FakeKiosk, clock: Clock) -> None:
    """Who acts for a parent: each gets a code of their own, on their own telephone."""
    known.prove(CHEN)
    clock.move(timedelta(minutes=1))
    known.prove(LIN)
    assert [message["to"] for message in known.telephone()] == ["13800000001", "13800000002"]


def test_tries_are_limited(known: FakeKiosk) -> None:
    """After five wrong ones the right one is wrong too."""
    known.ask_code(CHEN)
    assert [known.check_code(wrong(known)).tries_left for _ in range(TRIES)] == [4, 3, 2, 1, 0]
    checked = known.check_code(known.last_code())
    assert (checked.right, checked.tries_left) == (False, 0)


def test_a_code_expires(known: FakeKiosk, clock: Clock) -> None:
    """Five minutes, and not a second more."""
    known.ask_code(CHEN)
    clock.move(HOLDS - timedelta(seconds=1))
    assert known.check_code(known.last_code()).right
    clock.move(timedelta(seconds=1))
    assert not known.check_code(known.last_code()).right


def test_only_the_last_code_of_a_visit_counts(known: FakeKiosk, clock: Clock) -> None:
    """Asked for again (没收到，再发一次), the earlier one is void."""
    known.ask_code(CHEN)
    first = known.last_code()
    clock.move(timedelta(seconds=60))
    known.ask_code(CHEN)
    assert known.check_code(known.last_code()).right
    if first != known.last_code():
        assert not known.check_code(first).right


def test_a_code_belongs_to_its_visit(known: FakeKiosk) -> None:
    """Neither another visit nor another kiosk can use it."""
    known.ask_code(CHEN)
    code = known.last_code()
    check = {"visit": str(uuid4()), "kiosk": known.name, "code": code}
    assert known.http.post("/v1/codes/check", json=check).json()["code"] == "no-code"
    other = FakeKiosk(known.http, name="K002")
    other.send()
    check = {"visit": str(known.visit), "kiosk": other.name, "code": code}
    assert other.http.post("/v1/codes/check", json=check).json()["code"] == "no-code"
    assert known.http.post("/v1/codes/check", json=check).json()["code"] == "another-kiosk"


@pytest.mark.parametrize("person", [RARE, LONG_NAME], ids=["no telephone", "not known at all"])
def test_without_a_telephone_on_record(known: FakeKiosk, person: PersonReference) -> None:
    """Whoever has none is told so, the same way whether the authority knows the person or not."""
    answer = known.ask_code(person)
    assert (answer.status_code, answer.json()["code"]) == (409, "no-telephone")
    assert known.telephone() == []


def test_codes_are_limited_by_visit_and_by_person(known: FakeKiosk, clock: Clock) -> None:
    """Nobody's telephone can be flooded; after an hour it is over."""
    for _ in range(PER_VISIT):
        assert known.ask_code(CHEN).status_code == 200
    refused = known.ask_code(CHEN)
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-codes")
    assert refused.headers["retry-after"] == "3600"
    for _ in range(PER_HOUR - PER_VISIT):
        assert known.ask_code(CHEN, visit=uuid4()).status_code == 200
    assert known.ask_code(CHEN, visit=uuid4()).status_code == 429
    assert len(known.telephone()) == PER_HOUR
    clock.move(timedelta(hours=1))
    assert known.ask_code(CHEN, visit=uuid4()).status_code == 200


@pytest.mark.parametrize(("before", "visits", "left"), [(0, 1, PER_VISIT), (PER_HOUR - 1, 12, 1)])
def test_who_asks_at_the_same_moment_gets_no_more(
    known: FakeKiosk, monkeypatch: pytest.MonkeyPatch, before: int, visits: int, left: int
) -> None:
    """In one visit, or in several: nobody counts while another has counted and not yet written."""
    for _ in range(before):
        assert known.ask_code(CHEN, visit=uuid4()).status_code == 200
    both_have_counted = Barrier(2)

    def counted(connection: Connection, person: str, request: CodeRequest, now: datetime) -> int:
        found = count_within_limits(connection, person, request, now)
        with suppress(BrokenBarrierError):
            both_have_counted.wait(0.5)
        return found

    monkeypatch.setattr(central.codes, "count_within_limits", counted)
    asked = [uuid4() for _ in range(visits)] * (12 // visits)
    with ThreadPoolExecutor(12) as pool:
        answers = Counter(pool.map(lambda visit: known.ask_code(CHEN, visit).status_code, asked))
    assert answers == {200: left, 429: 12 - left}
    assert len(known.telephone()) == before + left


def test_a_code_is_kept_as_a_keyed_hash(known: FakeKiosk, database: Database) -> None:
    """Neither the code nor the person's number stands in the table."""
    known.ask_code(CHEN)
    with database.reading() as connection:
        row = connection.execute(select(codes)).one()
    assert known.last_code().encode() not in row.code
    assert CHEN.number not in str(tuple(row))
    assert len(row.code) == 32


def test_an_unknown_kiosk_gets_no_codes(kiosk: FakeKiosk) -> None:
    """Before its genesis a kiosk may ask nothing."""
    answer = kiosk.ask_code(CHEN)
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown-key")


def test_whose_matter_somebody_else_does_is_told_so(known: FakeKiosk) -> None:
    """The code is the person's yes: the message says what it is asked for, and by whom."""
    request = {"visit": str(known.visit), "kiosk": known.name, "person": LIN.model_dump(), "by_another": True}
    assert known.http.post("/v1/codes", json=request).status_code == 200
    assert "有人在自助终端上替您办事" in known.telephone()[-1]["text"]
    known.ask_code(CHEN)
    assert "您正在自助终端上办事" in known.telephone()[-1]["text"]
