"""What the kiosks may ask about a person, and what the demonstration's authorities answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from central.house import House
from central.insurance import counting
from central.opening import Opening
from central.upstream import Insured
from kiosk.contract.acts import PersonReference, RiderCheckIn
from kiosk.contract.queries import Filings, Insurance, InsuranceStatus, LastCheckIn, Matters
from tests.central.kiosks import CHEN, LIN, LONG_NAME, OUYANG, RARE, Clock, FakeKiosk, filing, handed_over


@pytest.fixture
def known(kiosk: FakeKiosk) -> FakeKiosk:
    kiosk.send()
    return kiosk


def status(kiosk: FakeKiosk, person: PersonReference, place: str) -> InsuranceStatus:
    answer = kiosk.ask("insurance-status", person, place=place)
    assert answer.status_code == 200, answer.text
    return InsuranceStatus.model_validate_json(answer.content)


def filings(kiosk: FakeKiosk, person: PersonReference) -> Filings:
    answer = kiosk.ask("filings", person)
    assert answer.status_code == 200, answer.text
    return Filings.model_validate_json(answer.content)


def test_every_row_of_insurance_is_shown(known: FakeKiosk) -> None:
    """Two medical rows of one person, the ended one too: nothing is picked for the person."""
    rows = status(known, CHEN, "350900").rows
    assert [(row.scheme, row.status) for row in rows[:2]] == [("medical", "4"), ("medical", "1")]
    assert {row.scheme for row in rows} == {"medical", "pension", "unemployment", "injury"}


def test_another_place_knows_nothing(known: FakeKiosk) -> None:
    """No rows means: not found there, and where else. The same person is found where the insurance is."""
    here = status(known, RARE, "350900")
    assert (here.rows, here.elsewhere) == ((), ("350200",))
    there = status(known, RARE, "350200")
    assert (len(there.rows), there.elsewhere) == (3, ())


def test_a_person_whom_nobody_knows(known: FakeKiosk) -> None:
    """Nothing found is an answer, not an error."""
    nothing = status(known, LONG_NAME, "350900")
    assert (nothing.rows, nothing.elsewhere) == ((), ())
    assert filings(known, LONG_NAME) == Filings(insured_place=None, status=None, filings=())


def test_a_person_is_found_by_number_not_by_name(known: FakeKiosk) -> None:
    """A rare character read differently, or a small x, changes nothing."""
    other = PersonReference(number=OUYANG.number.lower(), name="欧□文澜")
    assert filings(known, other).status == "2"


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        ([("310", "2"), ("510", "1"), ("410", "1")], 0),
        ([("330", "1"), ("310", "4"), ("390", "1")], 2),
        ([("320", "1"), ("390", "4"), ("310", "2")], 1),
        ([("510", "1"), ("392", "1")], None),
        ([], None),
    ],
)
def test_what_comes_on_top_is_no_insurance_to_file_with(rows: list[tuple[str, str]], counts: int | None) -> None:
    """生育, 长护, 大额 and the like never count, whatever their status."""
    held = tuple(
        Insured(place="350900", row=Insurance(scheme="medical", insutype=insutype, status=status))
        for insutype, status in rows
    )
    assert counting(held) == (None if counts is None else held[counts])


def test_whoever_is_insured_on_top_alone_is_told_so(
    known: FakeKiosk, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As somebody of whom nothing was found: no status, and no place that would have been guessed."""
    rows = (Insured(place="350900", row=Insurance(scheme="maternity", insutype="510", status="1")),)
    monkeypatch.setattr(house.upstreams.medical, "insured", lambda _terminal, _person: rows)
    found = filings(known, CHEN)
    assert (found.insured_place, found.status) == (None, None)


def test_a_filing_in_force(known: FakeKiosk) -> None:
    """What the authority holds, with the telephone masked."""
    found = filings(known, LIN)
    assert (found.insured_place, found.status, found.telephone) == ("350900", "1", "138＊＊＊＊0002")
    assert [(item.place, item.state) for item in found.filings] == [("350200", "in force"), ("350100", "ended")]


def test_what_was_filed_here_is_under_review(known: FakeKiosk, opening: Opening) -> None:
    """The next visit sees it before it asks again."""
    known.prove(CHEN)
    known.send(known.write(filing(place="310100")))
    opening.work_off()
    assert [(item.place, item.state) for item in filings(known, CHEN).filings] == [("310100", "under review")]
    assert filings(known, OUYANG).filings == ()


def test_the_last_check_in(known: FakeKiosk, opening: Opening, clock: Clock) -> None:
    """A rider's last choice, from whichever kiosk; nothing where nothing is known."""
    for services in (("雨具",), ("热饭", "充电")):
        clock.move(timedelta(hours=1))
        known.send(known.write(RiderCheckIn(method="id-card", person=CHEN, services=services)))
    opening.work_off()
    other = FakeKiosk(known.http, name="K002")
    other.send()
    answer = LastCheckIn.model_validate_json(other.ask("last-check-in", CHEN).content)
    assert answer.services == ("热饭", "充电")
    assert LastCheckIn.model_validate_json(other.ask("last-check-in", LIN).content).services == ()


def test_a_persons_matters(known: FakeKiosk, opening: Opening, clock: Clock) -> None:
    """The newest first, with the number that stands on the receipt; nobody else's."""
    known.prove(CHEN)
    records = []
    for act in (RiderCheckIn(method="id-card", person=CHEN), filing(), handed_over()):
        clock.move(timedelta(minutes=5))
        records.append(known.write(act))
    known.send(*records, known.write(filing(LIN)))
    opening.work_off()
    found = Matters.model_validate_json(known.ask("matters", CHEN).content)
    assert [line.number for line in found.lines] == [str(record.number) for record in reversed(records)]
    assert [(line.kind, line.item, line.matter.state) for line in found.lines] == [
        ("service.proxy-request", "minimum", "sent"),
        ("medical.remote-care-filing", None, "sent"),
        ("rider.check-in", None, "sent"),
    ]


@pytest.mark.parametrize("name", ["insurance-status", "filings", "last-check-in", "matters"])
def test_an_unknown_kiosk_may_ask_nothing(kiosk: FakeKiosk, name: str) -> None:
    """Before its genesis a kiosk is nobody."""
    more = {"place": "350900"} if name == "insurance-status" else {}
    answer = kiosk.ask(name, CHEN, **more)
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown-key")
