"""The state of a matter by its number alone: for a kiosk, and for the page that a receipt's code opens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from central.database import Database
from central.house import House
from central.opening import Opening
from central.public import create_public
from central.status import AN_HOUR, WRAPS, WRONG_ONES, status_of
from central.status_page import NEVER_SENT, NEXT, WORDS, in_words
from central.tables import ledgers, matters, number_tries, records
from kiosk import receipts
from kiosk.contract.appointments import AppointmentCancellation
from kiosk.contract.numbers import ALPHABET, Number
from kiosk.contract.ratings import ReasonedRating
from kiosk.contract.records import Record
from kiosk.contract.status import MatterStatus
from tests.central.kiosks import CHEN, LIN, RARE, Clock, FakeKiosk, filing, handed_over, service, tap
from tests.central.test_appointments import wanted


@pytest.fixture
def phone(house: House) -> Iterator[TestClient]:
    with TestClient(
        create_public(house, wake=lambda: None), base_url="http://public", raise_server_exceptions=False
    ) as client:
        yield client


@pytest.fixture
def filed(kiosk: FakeKiosk, opening: Opening) -> Record:
    """A filing that an authority has."""
    kiosk.send()
    kiosk.prove(LIN)
    record = kiosk.write(filing(LIN))
    kiosk.send()
    opening.work_off()
    return record


def ask(kiosk: FakeKiosk, number: str) -> MatterStatus:
    presented = {"visit": str(kiosk.visit), "kiosk": kiosk.name, "card": "none"}
    answer = kiosk.http.post("/v1/queries/status", json={"presented": presented, "query": {"number": number}})
    assert answer.status_code == 200, answer.text
    return MatterStatus.model_validate_json(answer.content)


def wrong(number: Number, tries: int = 1) -> list[str]:
    """Numbers of the same place that were never given, each with the check that fits it."""
    others = [letter for letter in ALPHABET if letter != number.random[0]][:tries]
    return [
        str(Number(kiosk=number.kiosk, year=number.year, digits=number.digits, random=other + number.random[1:]))
        for other in others
    ]


def test_the_number_of_a_receipt_tells_the_state(kiosk: FakeKiosk, filed: Record) -> None:
    """As it is printed, and as somebody types it; with the authority's number and the day, nothing of the person."""
    for text in (str(filed.number), str(filed.number).lower().replace("-", " ")):
        status = ask(kiosk, text)
        assert (status.outcome, status.sort, status.state) == ("known", "filing", "sent")
        assert status.recorded_at == filed.header.happened_at
        assert status.theirs is not None


def test_what_was_handed_over_says_so(kiosk: FakeKiosk, opening: Opening) -> None:
    record = kiosk.write(handed_over())
    kiosk.send()
    assert (ask(kiosk, str(record.number)).state, ask(kiosk, str(record.number)).sort) == ("kept", "handed over")
    opening.work_off()
    assert ask(kiosk, str(record.number)).state == "sent"


def test_what_central_declined_itself_says_so(kiosk: FakeKiosk, opening: Opening, phone: TestClient) -> None:
    """Nobody could be asked, and nothing went to an authority: the page says no word of an examination."""
    record = kiosk.write(service(RARE, check="owed"))
    kiosk.send()
    opening.work_off()
    status = ask(kiosk, str(record.number))
    assert (status.state, status.code) == ("declined", "not-confirmed")
    said = phone.get(f"/s/{record.number}").text
    assert "没有提交" in said
    assert "这件事没有提交到对方部门。" in said
    assert "通过" not in said


def test_an_appointment_that_could_not_be_cancelled_was_examined_by_nobody(
    kiosk: FakeKiosk, opening: Opening, phone: TestClient
) -> None:
    another_s = kiosk.write(wanted(CHEN))
    record = kiosk.write(AppointmentCancellation(person=LIN, cancels=str(another_s.number)))
    kiosk.send()
    opening.work_off()
    opening.work_off()
    said = phone.get(f"/s/{record.number}").text
    assert ("没有取消成" in said, "通过" in said) == (True, False)


def test_a_kiosk_of_before_is_told_nothing_that_it_does_not_know(kiosk: FakeKiosk, filed: Record) -> None:
    """It is strict about unknown fields: what has nothing to say is not there."""
    presented = {"visit": str(kiosk.visit), "kiosk": kiosk.name, "card": "none"}
    question = {"presented": presented, "query": {"number": str(filed.number)}}
    answer = kiosk.http.post("/v1/queries/status", json=question)
    assert answer.json().keys() == {"outcome", "sort", "recorded_at", "state", "theirs"}


def test_what_nobody_was_given_a_number_of_is_not_known(kiosk: FakeKiosk, opening: Opening) -> None:
    """A ledger's first record, a check-in, a rating: their numbers can be computed, and say nothing."""
    kiosk.write(tap())
    kiosk.write(ReasonedRating(service="x", stars=5))
    kiosk.send()
    opening.work_off()
    assert {ask(kiosk, str(record.number)).outcome for record in kiosk.records} == {"unknown"}


@pytest.mark.parametrize("text", ["K001-26-000002-7Q4XM", "K999-26-000002-7Q4XA", "今天天气很好，我想问一下", "1" * 40])
def test_anything_else_is_unknown(kiosk: FakeKiosk, filed: Record, text: str) -> None:
    assert ask(kiosk, text) == MatterStatus(outcome="unknown")


def test_the_same_number_again_is_no_guess(kiosk: FakeKiosk, filed: Record) -> None:
    """A receipt whose record is on its way: somebody looks again and again whether it has come."""
    (number,) = wrong(filed.number)
    for _ in range(2 * WRONG_ONES):
        assert ask(kiosk, number).outcome == "unknown"
    assert ask(kiosk, str(filed.number)).outcome == "known"


def test_another_spelling_is_the_same_place(kiosk: FakeKiosk, filed: Record) -> None:
    """O for 0 and I for 1: what a person may mistake is no way to guess more often."""
    spellings = ("K001", "KO01", "K0O1", "KOO1", "K00I", "KO0I")
    guesses = wrong(filed.number, WRONG_ONES)
    for at, guess in enumerate(guesses):
        assert ask(kiosk, guess.replace("K001", spellings[at % len(spellings)])).outcome == "unknown"
    assert ask(kiosk, str(filed.number)).outcome == "refused"


def test_a_number_is_not_found_by_guessing(kiosk: FakeKiosk, filed: Record, clock: Clock, database: Database) -> None:
    """After some wrong ones of one place, the right one is refused too, for an hour; another place is not."""
    for number in wrong(filed.number, WRONG_ONES):
        assert ask(kiosk, number).outcome == "unknown"
    assert ask(kiosk, str(filed.number)).outcome == "refused"
    other = kiosk.write(handed_over())
    kiosk.send(other)
    assert ask(kiosk, str(other.number)).outcome == "known"
    clock.move(AN_HOUR + timedelta(seconds=1))
    assert ask(kiosk, str(filed.number)).outcome == "known"
    ask(kiosk, wrong(other.number)[0])
    with database.reading() as connection:
        rows = connection.execute(select(number_tries)).all()
    assert [row.wrong for row in rows] == [1], "what is over is forgotten"


def test_the_digits_begin_again_after_a_million(
    kiosk: FakeKiosk, opening: Opening, database: Database, clock: Clock
) -> None:
    """The record some millions further on has the same digits; the whole number tells which."""
    record = kiosk.write(handed_over())
    kiosk.send()
    opening.work_off()
    with database.writing() as connection:
        connection.execute(update(ledgers).values(contiguous=3 * WRAPS))
        here = (records.c.kiosk == kiosk.name) & (records.c.id == record.header.id)
        connection.execute(update(records).where(here).values(seq=record.header.seq + 3 * WRAPS))
    assert status_of(database, str(record.number), clock()).outcome == "known"


def test_the_page_says_the_state_and_no_more(phone: TestClient, filed: Record, database: Database) -> None:
    """In words; neither the person nor what it was, whatever the authority writes."""
    with database.writing() as connection:
        connection.execute(update(matters).values(state="papers wanted", text=f"{LIN.name}请补交诊断证明"))
    answer = phone.get(f"/s/{filed.number}")
    assert answer.status_code == 200
    assert "需要补材料" in answer.text
    assert str(filed.number) in answer.text
    assert "2026年11月23日" in answer.text
    for told in (LIN.name, LIN.number, "诊断", "备案"):
        assert told not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_page_of_a_number_that_is_not_there(phone: TestClient, filed: Record) -> None:
    """Kindly; and after some of them, that it can be tried later."""
    for number in wrong(filed.number, WRONG_ONES):
        assert phone.get(f"/s/{number}").status_code == 404
    answer = phone.get(f"/s/{filed.number}")
    assert (answer.status_code, "现在查不了" in answer.text) == (429, True)
    assert "没有查到这个登记号" in phone.get("/s/anything").text


def test_the_page_says_what_the_kiosk_says() -> None:
    """One state, one wording, on glass, paper and phone; and something to do for each."""
    for sort, of_sort in WORDS.items():
        assert NEXT[sort].keys() == of_sort.keys()
        for state, words in of_sort.items():
            assert words == receipts.sort_in_words(sort, state)
            assert NEXT[sort][state]
    for code in (*NEVER_SENT, "authority", None):
        words, next_steps = in_words(MatterStatus(outcome="known", state="declined", code=code))
        assert words == receipts.sort_in_words("filing", "declined", code)
        assert next_steps
