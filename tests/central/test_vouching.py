"""A worker's word and whoever acts for another, as central takes them: counted, and told to the person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast

from sqlalchemy import select

from central.house import House
from central.opening import Opening
from central.tables import vouchers
from central.upstream import Telephones, Unanswered
from central.vouching import tell_the_person
from kiosk.contract.acts import FilingKind, Promise
from kiosk.contract.identity import Agent, Check, PersonReference, Witness
from kiosk.contract.remote_care import RemoteCareFiling2
from tests.central.kiosks import CHEN, LIN, Clock, FakeKiosk, withdrawal

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
