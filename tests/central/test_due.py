"""What is due for a person, put together from whoever knows: on level 2, part by part, and kept by nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from central.due import everything
from central.house import House
from central.opening import Opening
from central.tables import filings, metadata
from central.upstream import Looked, NotGranted, Unanswered, Wanted
from kiosk.contract.acts import PersonReference
from kiosk.contract.due import Due, DueLine
from tests.central.kiosks import CHEN, LIN, Clock, FakeKiosk, filing
from tests.central.test_filings import decide, matter_of
from tests.central.wrapped import Wrapped


def due_of(kiosk: FakeKiosk, person: PersonReference) -> Due:
    answer = kiosk.ask("due", person)
    assert answer.status_code == 200, answer.text
    return Due.model_validate_json(answer.content)


def test_it_takes_a_second_factor(kiosk: FakeKiosk) -> None:
    """A card alone opens nothing of it; a worker's word does, as everywhere."""
    kiosk.send()
    refused = kiosk.ask("due", LIN)
    assert (refused.status_code, refused.json()["code"]) == (403, "second-factor")
    presented = {"visit": str(kiosk.visit), "kiosk": kiosk.name, "card": "none"}
    query = {"person": LIN.model_dump(), "witness": {"worker": "w01", "reason": "no-telephone"}}
    assert kiosk.http.post("/v1/queries/due", json={"presented": presented, "query": query}).status_code == 200


def test_everything_of_one_person(kiosk: FakeKiosk) -> None:
    """Her pension is certified until March, her filing has no end: both are said, neither is due."""
    kiosk.send()
    kiosk.prove(LIN)
    due = due_of(kiosk, LIN)
    assert due.unanswered == ()
    certified = DueLine(kind="certification", due=False, until=date(2027, 3, 15), place="350900")
    assert certified in due.lines
    assert DueLine(kind="filing", due=False, place="350200") in due.lines
    assert [line.due for line in due.lines] == sorted((line.due for line in due.lines), reverse=True)


def test_a_filing_that_ends_soon_is_due(kiosk: FakeKiosk, opening: Opening, house: House, clock: Clock) -> None:
    """Sixty days before its end, and not a day before."""
    kiosk.send(kiosk.records[0])
    kiosk.prove(CHEN)
    act = filing(CHEN).model_copy(update={"end": date(2027, 6, 1)})
    record = kiosk.write(act)
    kiosk.send(record)
    opening.work_off()
    decide(house, matter_of(kiosk, record).number, "decided")
    clock.time = clock.time.replace(year=2027, month=4, day=1)
    (early,) = [line for line in everything(house, "K", CHEN).lines if line.kind == "filing"]
    assert (early.due, early.until) == (False, date(2027, 6, 1))
    clock.move(timedelta(days=1))
    (due,) = [line for line in everything(house, "K", CHEN).lines if line.kind == "filing"]
    assert due.due


def test_papers_that_are_wanted_are_due_with_our_number(
    kiosk: FakeKiosk, opening: Opening, house: House, clock: Clock
) -> None:
    kiosk.send(kiosk.records[0])
    kiosk.prove(CHEN)
    record = kiosk.write(filing(CHEN))
    kiosk.send(record)
    opening.work_off()
    decide(house, matter_of(kiosk, record).number, "papers wanted", "请带居住证")
    clock.move(timedelta(minutes=2))
    opening.work_off()
    (line,) = [line for line in everything(house, "K", CHEN).lines if line.kind == "papers"]
    assert line.due
    assert line.number == str(record.number)
    with house.database.reading() as connection:
        assert line.until == connection.execute(select(filings.c.until)).scalar_one()
    assert line.until is not None


class Away(Wrapped):
    """A medical insurance authority that does not answer, or declines to."""

    error: Exception = Unanswered("no answer")

    def filings_of(self, terminal: str, person: PersonReference) -> tuple[()]:
        raise self.error

    def look_up(self, *_asked: object) -> None:  # type: ignore[override]
        raise self.error


@pytest.mark.parametrize("error", [Unanswered("no answer", "slow"), NotGranted("不给查")])
def test_what_does_not_answer_is_named_and_the_rest_is_told(house: House, error: Exception) -> None:
    """Half an answer says that it is half."""
    away = Away(house.upstreams.medical)
    away.error = error
    due = everything(replace(house, upstreams=replace(house.upstreams, medical=away)), "K", LIN)  # type: ignore[arg-type]
    assert set(due.unanswered) == {"contributions", "filing"}
    assert [line.kind for line in due.lines] == ["certification"]


class Unheard(Wrapped):
    """Either authority, where it answers with a state that is not in any table."""

    def places_of(self, terminal: str, person: PersonReference) -> tuple[str, ...]:
        return self.inner.places_of(terminal, person)  # type: ignore[attr-defined, no-any-return]

    def look_up(self, terminal: str, person: PersonReference, wanted: Wanted) -> Looked:
        looked = self.inner.look_up(terminal, person, wanted)
        rows = {service: tuple({**row, "state": "9"} for row in rows) for service, rows in looked.rows.items()}
        return replace(looked, rows=rows)


def test_of_a_state_that_nobody_knows_nothing_is_said(house: House) -> None:
    """Not that it need not be done, nor that it was."""
    upstreams = replace(
        house.upstreams,
        medical=Unheard(house.upstreams.medical),
        social=Unheard(house.upstreams.social),  # type: ignore[arg-type]
    )
    due = everything(replace(house, upstreams=upstreams), "K", LIN)
    assert set(due.unanswered) == {"certification", "contributions"}
    assert {line.kind for line in due.lines} == {"filing"}


def test_nothing_of_it_is_kept(kiosk: FakeKiosk, house: House) -> None:
    """No table has a row more for having been asked."""
    kiosk.send()
    kiosk.prove(LIN)

    def rows() -> dict[str, int]:
        with house.database.reading() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }

    before = rows()
    due_of(kiosk, LIN)
    assert rows() == before
