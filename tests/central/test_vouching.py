"""A worker's word and whoever acts for another, as central takes them: counted, and told to the person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import select

from central.house import House
from central.opening import Opening
from central.tables import vouchers
from central.upstream import Telephones, Unanswered
from central.vouching import tell_the_person
from kiosk.contract.acts import FilingKind, Promise
from kiosk.contract.filings import ServiceFiling
from kiosk.contract.identity import Agent, Check, PersonReference, Witness
from kiosk.contract.remote_care import RemoteCareFiling2
from tests.central.kiosks import CHEN, LIN, RARE, Clock, FakeKiosk, service, withdrawal

WORD = Witness(worker="w01", reason="no-telephone")
FOR_LIN = Agent(person=CHEN, relation="child", shown="id-card")


def filing(
    person: PersonReference = LIN,
    *,
    check: Check = "code",
    witness: Witness | None = None,
    agent: Agent | None = None,
    place: str = "310000",
    changes: str | None = None,
) -> RemoteCareFiling2:
    return RemoteCareFiling2(
        person=person,
        filing=FilingKind.LONG_STAY,
        place=place,
        begin=date(2026, 12, 1),
        proof="promise" if agent is None else "desk",
        promise=Promise(version="1", sha256="ab" * 32) if agent is None else None,
        shown="id-card",
        check=check,
        witness=witness,
        agent=agent,
        changes=changes,
        intent="x",
    )


def test_a_worker_s_word_sends_a_filing_on_at_once(kiosk: FakeKiosk, opening: Opening, house: House) -> None:
    """No code was sent. It is kept with worker and reason, and the person hears of it by the telephone on record."""
    record = kiosk.write(filing(check="witness", witness=WORD))
    kiosk.send()
    opening.work_off()
    matter = kiosk.matter(record)
    assert matter is not None
    assert matter.state == "sent"
    with house.database.reading() as connection:
        (row,) = connection.execute(select(vouchers)).all()
    assert (row.id, row.proof, row.worker, row.reason, row.agent) == (
        record.header.id, "witness", "w01", "no-telephone", None,
    )  # fmt: skip
    (message,) = kiosk.telephone()
    assert "由工作人员作证" in message["text"]
    assert "12393" in message["text"]
    assert LIN.name not in message["text"]


def test_whoever_acts_for_another_is_kept_and_told_of(kiosk: FakeKiosk, opening: Opening, house: House) -> None:
    """The code went to the person's own telephone, which proves the person's yes; the agent is kept as a reference."""
    kiosk.send(kiosk.records[0])
    kiosk.prove(LIN)
    record = kiosk.write(filing(agent=FOR_LIN))
    kiosk.send()
    opening.work_off()
    matter = kiosk.matter(record)
    assert matter is not None
    assert matter.state == "sent"
    with house.database.reading() as connection:
        (row,) = connection.execute(select(vouchers)).all()
    assert (row.agent, row.relation, row.worker) == (house.references.of(CHEN), "child", None)
    assert "由家人代办" in kiosk.telephone()[-1]["text"]


def test_who_comes_alone_with_a_code_is_told_nothing_more(kiosk: FakeKiosk, opening: Opening, house: House) -> None:
    kiosk.send(kiosk.records[0])
    kiosk.prove(LIN)
    kiosk.write(filing())
    kiosk.send()
    opening.work_off()
    with house.database.reading() as connection:
        assert connection.execute(select(vouchers)).all() == []
    assert len(kiosk.telephone()) == 1


def test_a_code_that_central_never_saw_is_owed_whoever_acts(kiosk: FakeKiosk, opening: Opening) -> None:
    """What a record says of its check is a kiosk's word."""
    record = kiosk.write(filing(agent=FOR_LIN))
    kiosk.send()
    opening.work_off()
    matter = kiosk.matter(record)
    assert matter is not None
    assert matter.state == "kept"
    assert "确认" in kiosk.telephone()[-1]["text"]


FOR_A_CHILD = Agent(person=CHEN, relation="parent", shown="id-card")
BABY = PersonReference(number="33990220261101122X", name="沈小满")
OF_THE_CHILD = Witness(worker="w01", reason="child")


def of_a_child(
    child: PersonReference, *, check: Check = "code", witness: Witness | None = OF_THE_CHILD
) -> ServiceFiling:
    answers = {"who": "newborn"}
    act = service(child, "resident-enrolment", answers=answers, agent=FOR_A_CHILD, shown="papers", backing="desk")
    return act.model_copy(update={"check": check, "witness": witness})


@pytest.mark.parametrize(("check", "witness"), [("code", OF_THE_CHILD), ("witness", WORD)])
def test_a_guardian_is_told_of_a_word_whoever_it_was_about(
    kiosk: FakeKiosk, opening: Opening, house: House, check: Check, witness: Witness
) -> None:
    """The child has no telephone: without it nobody would hear of a word. It is named as far as a message may say it;
    and what is kept tells a word about the child from one about the guardian."""
    kiosk.send(kiosk.records[0])
    if check == "code":
        kiosk.prove(CHEN)
    before = len(kiosk.telephone())
    kiosk.write(of_a_child(BABY, check=check, witness=witness))
    kiosk.send()
    opening.work_off()
    (message,) = kiosk.telephone()[before:]
    assert message["to"] == "13800000001"
    assert message["text"] == (
        "【医保】自助终端上刚为沈＊＊登记了一件医保的事（由家人代办，由工作人员作证）。不是您的意思，请打 12393。"
    )
    with house.database.reading() as connection:
        (row,) = connection.execute(select(vouchers)).all()
    assert (row.shown, row.proof, row.worker, row.reason) == ("papers", check, "w01", witness.reason)
    assert (row.agent, row.relation) == (house.references.of(CHEN), "parent")


def test_whose_number_was_typed_hears_of_it_where_they_have_a_telephone(kiosk: FakeKiosk, opening: Opening) -> None:
    """It was another's number, or papers that prove nothing: the word comes to light at both telephones. Without one
    only theirs is told, for the guardian's own code was asked."""
    kiosk.send(kiosk.records[0])
    kiosk.prove(CHEN)
    before = len(kiosk.telephone())
    kiosk.write(of_a_child(LIN))
    kiosk.write(of_a_child(RARE, witness=None))
    kiosk.write(of_a_child(LIN, witness=None))
    kiosk.send()
    opening.work_off()
    told = [(message["to"], "林＊＊" in message["text"]) for message in kiosk.telephone()[before:]]
    assert told == [("13800000002", True), ("13800000001", True), ("13800000002", True)]


def test_one_telephone_of_both_is_told_once() -> None:
    phones = Listed({BABY.number: "13800000001", CHEN.number: "13800000001"})
    tell_the_person(cast(Telephones, phones), UUID(int=1), of_a_child(BABY))
    assert phones.sent == ["13800000001"]


@dataclass
class Listed:
    """Telephones of a list."""

    numbers: dict[str, str]
    sent: list[str] = field(default_factory=list)

    def on_record(self, person: PersonReference) -> str | None:
        return self.numbers.get(person.number)

    def send(self, key: str, to: str, text: str, link: str | None = None) -> None:
        self.sent.append(to)


def test_a_change_ends_the_earlier_filing_and_both_say_so(kiosk: FakeKiosk, opening: Opening, clock: Clock) -> None:
    """The earlier one was decided long ago, and nobody looked at it any more."""
    first = kiosk.write(filing(check="witness", witness=WORD))
    kiosk.send()
    opening.work_off()
    before = kiosk.matter(first)
    assert before is not None
    second = kiosk.write(filing(check="witness", witness=WORD, place="110000", changes=before.number))
    kiosk.send(second)
    opening.work_off()
    after = kiosk.matter(second)
    assert after is not None
    assert after.state == "sent"
    assert after.number != before.number
    clock.move(timedelta(seconds=1))
    opening.work_off()
    earlier = kiosk.matter(first)
    assert earlier is not None
    assert (earlier.state, earlier.text) == ("decided", "这条备案已经改了")


class Dead:
    """Telephones that do not answer."""

    def on_record(self, person: PersonReference) -> str | None:
        raise Unanswered("no answer")


def test_telephones_that_do_not_answer_keep_nothing_waiting(kiosk: FakeKiosk) -> None:
    record = kiosk.write(filing(check="witness", witness=WORD))
    act = filing(check="witness", witness=WORD)
    tell_the_person(cast(Telephones, Dead()), record.header.id, act)


def test_a_withdrawal_ends_the_filing_that_it_names(kiosk: FakeKiosk, opening: Opening, clock: Clock) -> None:
    """Both are told: the withdrawal, and the filing itself, which nobody looked at any more."""
    filed = kiosk.write(filing(check="witness", witness=WORD))
    kiosk.send()
    opening.work_off()
    before = kiosk.matter(filed)
    assert before is not None
    assert before.number is not None
    act = withdrawal(before.number, LIN).model_copy(update={"check": "witness", "witness": WORD})
    gone = kiosk.write(act)
    kiosk.send(gone)
    opening.work_off()
    after = kiosk.matter(gone)
    assert after is not None
    assert after.state == "decided"
    clock.move(timedelta(seconds=1))
    opening.work_off()
    earlier = kiosk.matter(filed)
    assert earlier is not None
    assert (earlier.state, earlier.text) == ("decided", "这条备案已经撤销")
