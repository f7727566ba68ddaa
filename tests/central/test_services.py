"""Filings of the catalogue's items: to which authority, after whose check, and what a kiosk is told of them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from central.database import Database
from central.house import House
from central.insured_places import load_places
from central.opening import Opening
from central.tables import demonstration_services, filings, matters, work
from kiosk.contract.filing_basis import FilingBasis
from kiosk.contract.identity import Agent, PersonReference, Witness
from kiosk.contract.messages import Matter
from kiosk.contract.queries import Matters
from kiosk.contract.records import Record
from tests.central.authority_contracts import HONG_KONG, MINOR, NEVER
from tests.central.kiosks import CHEN, LIN, LONG_NAME, OUYANG, RARE, Clock, FakeKiosk, service

BABY = PersonReference(number="33990220261101122X", name="沈小满")


@pytest.fixture
def known(kiosk: FakeKiosk) -> FakeKiosk:
    kiosk.send()
    return kiosk


def matter_of(kiosk: FakeKiosk, record: Record) -> Matter:
    matter = kiosk.matter(record)
    assert matter is not None
    return matter


def basis(
    kiosk: FakeKiosk, person: PersonReference, item: str, authority: str, applicant: PersonReference | None = None
) -> FilingBasis:
    query = {"person": person.model_dump(), "item": item, "authority": authority, "place": "350900"}
    query |= {} if applicant is None else {"applicant": applicant.model_dump()}
    presented = {"visit": str(uuid4()), "kiosk": kiosk.name, "card": "resident"}
    answer = kiosk.http.post("/v1/queries/filing-basis", json={"presented": presented, "query": query})
    assert answer.status_code == 200, answer.text
    return FilingBasis.model_validate_json(answer.content)


@pytest.mark.parametrize(
    ("person", "item", "number", "text"),
    [
        (LIN, "chronic", "MT350900", "等宁德市医保部门审核，办理期限到12月13日"),
        (OUYANG, "self-paid", "LH350900", "等宁德市社保部门审核，办理期限到11月28日"),
    ],
)
def test_each_goes_to_its_authority(
    known: FakeKiosk, opening: Opening, person: PersonReference, item: str, number: str, text: str
) -> None:
    """With the authority's number and words, and the time limit of the place for that item."""
    known.prove(person)
    record = known.write(service(person, item))
    known.send(record)
    opening.work_off()
    matter = matter_of(known, record)
    assert matter.state == "sent"
    assert matter.number is not None
    assert matter.number.startswith(number)
    assert matter.text == text


def test_what_an_authority_says_at_once(known: FakeKiosk, opening: Opening) -> None:
    """Declined with its reason, papers wanted with the day, decided."""
    cases = [
        (CHEN, "rural-pension", "declined", "您正在交职工养老保险，不能同时参加居民养老保险。"),
        (HONG_KONG, "chronic", "papers wanted", "诊断证明要医院盖章，请补一份，请在12月23日前补齐"),
        (NEVER, "self-paid", "decided", "登记好了，从下个月开始交"),
    ]
    for person, item, state, text in cases:
        known.visit = uuid4()
        known.prove(person)
        record = known.write(service(person, item))
        known.send(record)
        opening.work_off()
        found = matter_of(known, record)
        assert (found.state, found.text) == (state, text)


def test_an_item_is_asked_after_until_it_is_over(
    known: FakeKiosk, opening: Opening, house: House, clock: Clock
) -> None:
    """As remote care is."""
    known.prove(LIN)
    record = known.write(service(LIN))
    known.send(record)
    opening.work_off()
    from central.demonstration.authority import DemonstrationMedicalInsurance

    medical = house.upstreams.medical
    assert isinstance(medical, DemonstrationMedicalInsurance)
    medical.services.decide(matter_of(known, record).number or "", "decided", "从12月1日起")
    clock.move(timedelta(minutes=1))
    opening.work_off()
    assert (matter_of(known, record).state, matter_of(known, record).text) == ("decided", "从12月1日起")


def test_a_guardian_s_code_stands_behind_what_is_filed_for_a_child(
    known: FakeKiosk, opening: Opening, database: Database
) -> None:
    """The child has neither telephone nor card: the guardian finds the matter, and it is shown as the child's."""
    known.prove(CHEN)
    agent = Agent(person=CHEN, relation="parent", shown="id-card")
    act = service(BABY, "resident-enrolment", answers={"who": "newborn"}, agent=agent, shown="papers", backing="desk")
    record = known.write(act)
    known.send(record)
    opening.work_off()
    assert matter_of(known, record).state == "sent"
    with database.reading() as connection:
        assert len(connection.execute(select(demonstration_services)).all()) == 1
        assert connection.execute(select(matters.c.shown)).scalars().all() == ["沈＊＊ 尾号 122X"]
    (line,) = Matters.model_validate_json(known.ask("matters", CHEN).content).lines
    assert (line.item, line.number) == ("resident-enrolment", str(record.number))
    for child, lying in ((BABY, 1), (MINOR, 0)):
        assert len(basis(known, child, "resident-enrolment", "medical", applicant=CHEN).open) == lying


def test_an_owed_check_asks_the_person_whoever_stood_there(known: FakeKiosk, opening: Opening) -> None:
    """Nothing is done behind anybody's back; and the message, which may be read over a shoulder, names no illness."""
    agent = Agent(person=CHEN, relation="child", shown="id-card")
    record = known.write(service(LIN, agent=agent, check="owed"))
    known.send(record)
    opening.work_off()
    assert matter_of(known, record).state == "kept"
    message = known.telephone()[-1]
    assert message["to"] == "13800000002"
    assert "有人在自助终端替您登记了一件医保的事" in message["text"]


def test_an_owed_check_of_a_child_asks_the_guardian(known: FakeKiosk, opening: Opening) -> None:
    """Whom papers prove has no telephone."""
    agent = Agent(person=CHEN, relation="parent", shown="id-card")
    answers = {"who": "newborn"}
    act = service(
        BABY, "resident-enrolment", answers=answers, agent=agent, shown="papers", backing="desk", check="owed"
    )
    known.send(known.write(act))
    opening.work_off()
    message = known.telephone()[-1]
    assert message["to"] == "13800000001"
    assert message["text"].startswith("【医保】您在自助终端登记了一件医保的事")


def test_of_whom_nobody_can_be_asked_nothing_is_sent(known: FakeKiosk, opening: Opening) -> None:
    """The check is owed by somebody without a telephone on record: it is over, and can be done again with a witness."""
    record = known.write(service(RARE, check="owed"))
    known.send(record)
    opening.work_off()
    found = matter_of(known, record)
    assert (found.state, found.code) == ("declined", "not-confirmed")
    assert "没有提交" in (found.text or "")
    assert basis(known, RARE, "chronic", "medical").open == (), "nothing keeps it from being filed again"


def test_a_worker_s_word_stands_for_the_code(known: FakeKiosk, opening: Opening) -> None:
    """Named, with the reason, in the act."""
    witness = Witness(worker="w01", reason="no-telephone")
    record = known.write(service(LIN, check="witness", witness=witness))
    known.send(record)
    opening.work_off()
    assert matter_of(known, record).state == "sent"


def test_an_item_without_a_transaction_waits(known: FakeKiosk, opening: Opening, database: Database) -> None:
    """Nothing that a person decided is declined or lost because a table is missing; others go on."""
    known.prove(LIN)
    lost, found = known.write(service(LIN, "bicycles")), known.write(service(LIN))
    known.send(lost, found)
    opening.work_off()
    assert matter_of(known, lost).state == "kept"
    assert matter_of(known, found).state == "sent"
    with database.reading() as connection:
        rows = connection.execute(select(filings.c.id, filings.c.state)).all()
        left = connection.execute(select(work)).all()
    assert (lost.header.id, "sending") in [(row.id, row.state) for row in rows]
    assert lost.header.seq in [row.seq for row in left]


def test_two_of_one_item_may_be_one_and_of_two_items_not(
    known: FakeKiosk, opening: Opening, database: Database
) -> None:
    first, other, second = (known.write(service(LIN, item)) for item in ("chronic", "rural-pension", "chronic"))
    known.send(first, other, second)
    opening.work_off()
    with database.reading() as connection:
        rows = connection.execute(select(matters.c.id, matters.c.like)).all()
    like = {row.id: row.like for row in rows}
    assert like == {first.header.id: None, other.header.id: None, second.header.id: first.header.id}


def test_my_matters_name_the_item(known: FakeKiosk, opening: Opening) -> None:
    known.prove(LIN)
    known.send(known.write(service(LIN)))
    opening.work_off()
    (line,) = Matters.model_validate_json(known.ask("matters", LIN).content).lines
    assert (line.kind, line.item, line.matter.state) == ("service.filing", "chronic", "sent")


def test_the_basis_of_a_filing(known: FakeKiosk) -> None:
    """Rows of every place, of the authority that decides, and the telephone on record, masked."""
    found = basis(known, CHEN, "self-paid", "social")
    assert [(row.place, row.insutype, row.by_employer) for row in found.rows] == [
        ("350900", "110", True), ("350900", "210", True), ("350900", "410", True),
    ]  # fmt: skip
    assert found.telephone == "138＊＊＊＊0001"
    elsewhere = basis(known, RARE, "resident-enrolment", "medical")
    assert [(row.place, row.insutype, row.status) for row in elsewhere.rows] == [("350200", "310", "1")]
    assert elsewhere.telephone is None
    assert basis(known, LONG_NAME, "chronic", "medical") == FilingBasis(rows=(), open=())


def test_the_telephone_is_that_of_the_guardian(known: FakeKiosk) -> None:
    found = basis(known, MINOR, "resident-enrolment", "medical", applicant=CHEN)
    assert found.telephone == "138＊＊＊＊0001"


def test_what_lies_there_already(known: FakeKiosk, opening: Opening) -> None:
    """Of the same item, as long as it is not over; another item's does not count."""
    known.prove(LIN)
    record = known.write(service(LIN))
    known.send(record)
    opening.work_off()
    (open_filing,) = basis(known, LIN, "chronic", "medical").open
    assert (open_filing.number, open_filing.state) == (str(record.number), "sent")
    assert basis(known, LIN, "resident-enrolment", "medical").open == ()


def test_a_place_may_promise_one_item_and_not_another() -> None:
    """Its own hotline, or the one of all."""
    places = load_places()
    limits = places.limits("350900", "rural-pension")
    assert limits is not None
    assert (limits.review_days, limits.hotline) == (5, "12333")
    remote = places.limits("350900", None)
    assert remote is not None
    assert (remote.review_days, remote.hotline) == (10, "12393")
    assert places.limits("350200", "chronic") is None
    assert places.limits("310000", None) is None
