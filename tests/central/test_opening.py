"""What becomes of a record once it is opened: counted or filed once, whatever is cut off in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from central.api import create_app
from central.confirming import CONFIRM_WITHIN
from central.database import Database
from central.house import House
from central.keys import KeyFolder
from central.local_time import SHANGHAI
from central.opening import FIRST_PAUSE, Opening
from central.tables import check_ins, demonstration_filings, matters, ratings, records, work
from central.upstream import Fate, MedicalInsurance, Unanswered
from kiosk.contract.acts import (
    PersonReference,
    Rating,
    RemoteCareMatter,
    RiderCategory,
    RiderCheckIn,
    RiderCorrection,
)
from kiosk.contract.messages import Matter
from kiosk.contract.records import Record
from tests.central.kiosks import CHEN, LIN, OUYANG, Clock, FakeKiosk, filing, handed_over, tap
from tests.central.wrapped import Wrapped

YES = "/v1/demonstration/confirmations"
"""Where a telephone of the demonstration says it."""


def filings(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(demonstration_filings)).scalar_one()


def left_to_do(database: Database) -> int:
    """Filings that the authority has are not among it: they are only looked at again."""
    sent = select(matters.c.id).where(matters.c.state == "sent", matters.c.number.is_not(None))
    its = (records.c.kiosk == work.c.kiosk) & (records.c.ledger == work.c.ledger) & (records.c.seq == work.c.seq)
    left = select(func.count()).select_from(work.join(records, its)).where(records.c.id.not_in(sent))
    with database.reading() as connection:
        return connection.execute(left).scalar_one()


def matter_of(kiosk: FakeKiosk, record: Record) -> Matter:
    matter = kiosk.matter(record)
    assert matter is not None
    return matter


def again(house: House, folder: Path, medical: MedicalInsurance | None = None) -> Opening:
    """An opener that starts anew, perhaps with another authority behind it."""
    upstreams = house.upstreams if medical is None else replace(house.upstreams, medical=medical)
    opening = Opening(
        database=house.database,
        folder=KeyFolder(folder / "keys"),
        references=house.references,
        upstreams=upstreams,
        now=house.now,
        places=house.places,
        public_url=house.public_url,
    )
    opening.publish_keys()
    return opening


def test_a_check_in_is_counted(kiosk: FakeKiosk, opening: Opening, database: Database) -> None:
    """A tap and an identified check-in: both sent, neither with a number, the person only by reference."""
    tapped = kiosk.write(tap(RiderCategory.PARCELS))
    identified = kiosk.write(RiderCheckIn(method="id-card", person=CHEN, services=("热饭", "充电")))
    kiosk.send()
    opening.work_off()
    for record in (tapped, identified):
        assert (matter_of(kiosk, record).state, matter_of(kiosk, record).number) == ("sent", None)
    with database.reading() as connection:
        rows = connection.execute(select(check_ins).order_by(check_ins.c.category.is_(None))).all()
    assert [(row.method, row.category, row.person is None) for row in rows] == [
        ("picture", "parcels", True),
        ("id-card", None, False),
    ]
    assert CHEN.number not in str(rows)
    assert left_to_do(database) == 0


def test_a_correction_rewrites_what_it_corrects(kiosk: FakeKiosk, opening: Opening, database: Database) -> None:
    """One visit stays one check-in, whichever of the two is opened first."""
    wrong = kiosk.write(tap(RiderCategory.FOOD))
    right = kiosk.write(RiderCorrection(corrects=wrong.header.id, check_in=tap(RiderCategory.SANITATION)))
    genesis = kiosk.records[0]
    kiosk.send(genesis, right)
    opening.work_off()
    kiosk.send(wrong)
    opening.work_off()
    with database.reading() as connection:
        rows = connection.execute(select(check_ins.c.id, check_ins.c.category)).all()
    assert [(row.id, row.category) for row in rows] == [(wrong.header.id, "sanitation")]


def test_ratings_are_counted_by_the_day_and_of_nobody(
    kiosk: FakeKiosk, opening: Opening, house: House, tmp_path: Path, database: Database
) -> None:
    """Service and stars; neither a matter nor the record is named, and a record counts once, whoever opens it."""
    given = [kiosk.write(Rating(service="insurance-status", stars=stars)) for stars in (2, 5, 2)]
    kiosk.send()
    tasks = opening._take_up()
    for opener in (opening, again(house, tmp_path)):
        for task in tasks:
            opener._do(task)
    kiosk.send(given[0])
    opening.work_off()
    with database.reading() as connection:
        rows = connection.execute(select(ratings).order_by(ratings.c.stars)).all()
        about = connection.execute(select(func.count()).select_from(matters)).scalar_one()
    assert [(row.service, row.stars, row.given) for row in rows] == [
        ("insurance-status", 2, 2),
        ("insurance-status", 5, 1),
    ]
    assert {row.day for row in rows} == {given[0].header.happened_at.astimezone(SHANGHAI).date()}
    assert "id" not in ratings.c
    assert about == 0
    assert left_to_do(database) == 0


def test_a_filing_with_a_code_is_sent(kiosk: FakeKiosk, opening: Opening, database: Database) -> None:
    """The authority gives its number and its words; the record's status tells both."""
    kiosk.send()
    kiosk.prove(CHEN)
    record = kiosk.write(filing())
    kiosk.send(record)
    assert kiosk.matter(record) is None, "nobody has opened it yet"
    opening.work_off()
    matter = matter_of(kiosk, record)
    assert matter.state == "sent"
    assert matter.number is not None
    assert matter.number.startswith("YD35090020261123")
    assert matter.text == "等宁德市医保部门审核，办理期限到12月3日"
    assert filings(database) == 1


def test_what_the_authority_declines(kiosk: FakeKiosk, opening: Opening, database: Database) -> None:
    """With a suspended insurance there is no filing: the reason is told, and nobody asks again."""
    kiosk.send()
    kiosk.prove(OUYANG)
    record = kiosk.write(filing(OUYANG))
    kiosk.send(record)
    opening.work_off()
    matter = matter_of(kiosk, record)
    assert (matter.state, matter.code, matter.number) == ("declined", "authority", None)
    assert "没有在正常缴费" in (matter.text or "")
    assert filings(database) == 0
    with database.reading() as connection:
        assert connection.execute(select(work).where(work.c.seq == record.header.seq)).all() == []


def test_a_code_that_central_never_saw_counts_as_owed(kiosk: FakeKiosk, opening: Opening, database: Database) -> None:
    """A kiosk's word for the second factor is not enough: central asks the person."""
    record = kiosk.write(filing(LIN))
    kiosk.send()
    opening.work_off()
    assert matter_of(kiosk, record).state == "kept"
    assert filings(database) == 0
    assert kiosk.telephone()[-1]["to"] == "13800000002"


def test_a_wrong_code_proves_nothing(kiosk: FakeKiosk, opening: Opening) -> None:
    """Only a right answer counts."""
    kiosk.send()
    kiosk.ask_code(CHEN)
    wrong = "000000" if kiosk.last_code() != "000000" else "111111"
    assert not kiosk.check_code(wrong).right
    record = kiosk.write(filing())
    kiosk.send(record)
    opening.work_off()
    assert matter_of(kiosk, record).state == "kept"


def test_another_persons_code_proves_nothing(kiosk: FakeKiosk, opening: Opening) -> None:
    """Nor does a code of the same person at another kiosk."""
    kiosk.send()
    kiosk.prove(LIN)
    other = FakeKiosk(kiosk.http, name="K002")
    other.send()
    other.prove(CHEN)
    record = kiosk.write(filing(CHEN))
    kiosk.send(record)
    opening.work_off()
    assert matter_of(kiosk, record).state == "kept"


def test_an_owed_check_is_asked_by_telephone(
    kiosk: FakeKiosk, opening: Opening, api: TestClient, database: Database
) -> None:
    """The matter stays kept until the person says yes; saying it twice files once."""
    record = kiosk.write(filing(owed=True))
    kiosk.send()
    opening.work_off()
    assert matter_of(kiosk, record).state == "kept"
    message = kiosk.telephone()[-1]
    assert message["to"] == "13800000001"
    assert message["token"] not in message["text"]
    for _ in range(2):
        assert api.post(YES, json={"token": message["token"]}).json() == {"confirmed": True}
        opening.work_off()
    assert matter_of(kiosk, record).state == "sent"
    assert filings(database) == 1
    assert len(kiosk.telephone()) == 1
    assert left_to_do(database) == 0


def test_a_yes_that_comes_before_the_question_is_noted(
    kiosk: FakeKiosk, house: House, api: TestClient, database: Database, tmp_path: Path
) -> None:
    """Who answers within the moment between sending and noting it is heard all the same."""
    record = kiosk.write(filing(owed=True))
    kiosk.send()

    class Quick:
        """Telephones whose owner answers at once."""

        def on_record(self, person: PersonReference) -> str | None:
            return house.upstreams.telephones.on_record(person)

        def send(self, key: str, to: str, text: str, link: str | None = None) -> None:
            assert link is not None
            token = link.removeprefix(f"{house.public_url}/c/")
            assert api.post(YES, json={"token": token}).status_code == 200

    quick = Opening(
        database=database,
        folder=KeyFolder(tmp_path / "keys"),
        references=house.references,
        upstreams=replace(house.upstreams, telephones=Quick()),
        now=house.now,
        places=house.places,
        public_url=house.public_url,
    )
    quick.publish_keys()
    quick.work_off()
    quick.work_off()
    assert matter_of(kiosk, record).state == "sent"


def test_a_confirmation_that_nobody_waits_for(
    kiosk: FakeKiosk, opening: Opening, api: TestClient, clock: Clock
) -> None:
    """A token that was never sent is unknown, one that is too old has expired."""
    kiosk.write(filing(owed=True))
    kiosk.send()
    opening.work_off()
    unknown = api.post(YES, json={"token": "x" * 32})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no-confirmation")
    token = kiosk.telephone()[-1]["token"]
    clock.move(CONFIRM_WITHIN)
    late = api.post(YES, json={"token": token})
    assert (late.status_code, late.json()["code"]) == (410, "expired")


def test_a_filing_that_nobody_confirms_ends(
    kiosk: FakeKiosk, opening: Opening, api: TestClient, clock: Clock, database: Database
) -> None:
    """When the time is over the matter is declined with the reason; one that was confirmed is not."""
    waiting, confirmed = kiosk.write(filing(CHEN, owed=True)), kiosk.write(filing(LIN, owed=True))
    kiosk.send()
    opening.work_off()
    token = next(message["token"] for message in kiosk.telephone() if message["to"] == "13800000002")
    api.post(YES, json={"token": token})
    clock.move(CONFIRM_WITHIN - timedelta(seconds=1))
    opening.say_awake()
    assert matter_of(kiosk, waiting).state == "kept"
    clock.move(timedelta(seconds=1))
    opening.say_awake()
    found = matter_of(kiosk, waiting)
    assert (found.state, found.code) == ("declined", "not-confirmed")
    assert "没有提交" in (matter_of(kiosk, waiting).text or "")
    assert matter_of(kiosk, confirmed).state == "kept", "confirmed in time, the authority has yet to be asked"
    opening.work_off()
    assert matter_of(kiosk, confirmed).state == "sent"
    assert filings(database) == 1


class Cut(BaseException):
    """The power goes: no handler of the program sees it."""


class CutOff(Wrapped):
    """An authority that takes the filing, and central dies before it hears so."""

    def file(self, terminal: str, ours: str, filing: RemoteCareMatter) -> Fate:
        super().file(terminal, ours, filing)
        raise Cut


def test_cut_off_between_filing_and_its_note(
    kiosk: FakeKiosk, opening: Opening, house: House, clock: Clock, database: Database, tmp_path: Path
) -> None:
    """Filed once: the next opener asks again under the same record and gets the same number."""
    kiosk.send()
    opening.work_off()
    kiosk.prove(CHEN)
    record = kiosk.write(filing())
    kiosk.send(record)
    with pytest.raises(Cut):
        again(house, tmp_path, CutOff(house.upstreams.medical)).work_off()
    assert matter_of(kiosk, record).state == "kept"
    clock.move(FIRST_PAUSE)
    again(house, tmp_path).work_off()
    assert matter_of(kiosk, record).state == "sent"
    assert filings(database) == 1
    with database.reading() as connection:
        assert connection.execute(select(demonstration_filings.c.number)).scalar() == matter_of(kiosk, record).number


class Silent(Wrapped):
    """An authority that does not answer, the first times."""

    def __init__(self, inner: MedicalInsurance, times: int) -> None:
        super().__init__(inner)
        self._left = times

    def file(self, terminal: str, ours: str, filing: RemoteCareMatter) -> Fate:
        if self._left:
            self._left -= 1
            raise Unanswered("no answer within 4 s", "slow")
        return super().file(terminal, ours, filing)


def test_an_authority_that_does_not_answer_is_asked_again(
    kiosk: FakeKiosk, opening: Opening, house: House, clock: Clock, database: Database, tmp_path: Path
) -> None:
    """The pauses grow, the matter stays kept meanwhile, others go on, and nothing is lost."""
    kiosk.send()
    kiosk.prove(CHEN)
    record = kiosk.write(filing())
    kiosk.send(record)
    silent = again(house, tmp_path, Silent(house.upstreams.medical, times=3))
    silent.work_off()
    assert silent.work_off() == 0, "not before the pause is over"
    other = kiosk.write(tap())
    kiosk.send(other)
    silent.work_off()
    assert matter_of(kiosk, other).state == "sent"
    for pause in (FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE):
        assert matter_of(kiosk, record).state == "kept"
        clock.move(pause)
        assert silent.work_off() == 1
    assert matter_of(kiosk, record).state == "sent"
    assert filings(database) == 1


def test_a_lost_key_file_puts_records_off(
    kiosk: FakeKiosk, opening: Opening, house: House, clock: Clock, tmp_path: Path
) -> None:
    """Without its key a record is not called unreadable: the folder may come back from a backup."""
    record = kiosk.write(tap())
    kiosk.send()
    key = next((tmp_path / "keys").glob("sealing-*.json"))
    key.rename(tmp_path / "elsewhere.json")
    without = again(house, tmp_path)
    without.work_off()
    assert kiosk.matter(record) is None
    (tmp_path / "elsewhere.json").rename(key)
    clock.move(FIRST_PAUSE)
    again(house, tmp_path).work_off()
    assert matter_of(kiosk, record).state == "sent"


def test_a_kind_that_central_does_not_know_yet(
    kiosk: FakeKiosk, opening: Opening, database: Database, clock: Clock
) -> None:
    """A kiosk that is ahead of central is not told that its records are unreadable."""
    record = kiosk.write(tap())
    later = replace(record.header, version=2)
    kiosk.records[-1] = replace(record, header=later, header_bytes=later.encode())
    kiosk.send()
    opening.work_off()
    with database.reading() as connection:
        outcome = connection.execute(select(records.c.outcome).where(records.c.seq == 2)).scalar_one()
    assert outcome == "stored"
    assert left_to_do(database) == 1


def test_a_payload_that_does_not_open(kiosk: FakeKiosk, opening: Opening, database: Database) -> None:
    """Sealed for another record: unreadable, kept, and the next one is opened."""
    record = kiosk.write(tap())
    lie = replace(record.header, notice="another")
    kiosk.records[-1] = replace(record, header=lie, header_bytes=lie.encode())
    after = kiosk.write(tap())
    kiosk.send()
    opening.work_off()
    with database.reading() as connection:
        outcome = connection.execute(select(records.c.outcome).where(records.c.seq == 2)).scalar_one()
    assert outcome == "unreadable"
    assert {item.outcome for item in kiosk.send().answers} == {"duplicate"}, "it was not damaged on the way"
    assert matter_of(kiosk, after).state == "sent"
    assert left_to_do(database) == 0


def outcome_of(database: Database, record: Record) -> str:
    here = (records.c.kiosk == record.header.kiosk) & (records.c.id == record.header.id)
    with database.reading() as connection:
        outcome: str = connection.execute(select(records.c.outcome).where(here)).scalar_one()
    return outcome


def test_text_that_no_database_holds_is_unreadable(kiosk: FakeKiosk, opening: Opening, database: Database) -> None:
    """NUL in what a kiosk recorded: PostgreSQL does not take it, and never will."""
    record = kiosk.write(RiderCheckIn(method="picture", services=("热饭\0",)))
    kiosk.send()
    opening.work_off()
    assert outcome_of(database, record) == ("unreadable" if database.kind == "postgresql" else "stored")
    assert left_to_do(database) == 0


class Rambling(Wrapped):
    """An authority that files, and then says what no database holds."""

    def file(self, terminal: str, ours: str, filing: RemoteCareMatter) -> Fate:
        said = super().file(terminal, ours, filing)
        return replace(said, number="9" * 65, text="受理了\0")


def test_what_an_authority_says_makes_no_record_unreadable(
    kiosk: FakeKiosk, house: House, clock: Clock, database: Database, tmp_path: Path
) -> None:
    """It was filed: the record stays what it is, and what became of it is asked for again."""
    kiosk.send()
    kiosk.prove(CHEN)
    record = kiosk.write(filing())
    kiosk.send(record)
    opening = again(house, tmp_path, Rambling(house.upstreams.medical))
    opening.work_off()
    clock.move(timedelta(minutes=1))
    opening.work_off()
    assert outcome_of(database, record) == "stored"
    assert matter_of(kiosk, record).state == "sent"
    assert filings(database) == 1


@pytest.mark.parametrize("mode", ["live", "practice"])
def test_another_modes_records_go_to_no_authority(
    kiosk: FakeKiosk, opening: Opening, database: Database, mode: str
) -> None:
    """What was written for practice or for the real authorities does not reach the demonstration's."""
    kiosk.send()
    kiosk.prove(CHEN)
    record = kiosk.write(filing(), mode=mode)
    kiosk.send(record)
    opening.work_off()
    assert kiosk.matter(record) is None
    assert filings(database) == 0


def test_a_matter_for_a_worker_is_accepted(kiosk: FakeKiosk, opening: Opening, database: Database) -> None:
    """No authority is asked; what is noted is the item, of a person by reference; a second one names the first."""
    first, second = kiosk.write(handed_over()), kiosk.write(handed_over())
    kiosk.send()
    opening.work_off()
    for record in (first, second):
        assert (matter_of(kiosk, record).state, matter_of(kiosk, record).number) == ("sent", None)
    with database.reading() as connection:
        rows = connection.execute(select(matters).order_by(matters.c.like.is_not(None))).all()
    assert [(row.summary, row.like) for row in rows] == [("minimum", None), ("minimum", first.header.id)]
    assert not any(said in str(rows) for said in (CHEN.number, CHEN.name, "13800000000", "楼道灯不亮"))
    assert (filings(database), left_to_do(database)) == (0, 0)


def test_two_filings_that_may_be_one(kiosk: FakeKiosk, opening: Opening, database: Database) -> None:
    """The second of a person, kind and day names the first; another person's does not."""
    kiosk.send()
    first, second = kiosk.write(filing()), kiosk.write(filing())
    other = kiosk.write(filing(LIN))
    kiosk.send(first, second, other)
    opening.work_off()
    with database.reading() as connection:
        rows = connection.execute(select(matters.c.id, matters.c.like)).all()
    like = {row.id: row.like for row in rows}
    assert like == {first.header.id: None, second.header.id: first.header.id, other.header.id: None}


@pytest.mark.parametrize(("hours", "named"), [(1, True), (24, True), (25, False)])
def test_two_filings_that_may_be_one_arrive_the_wrong_way_round(
    api: TestClient, kiosk: FakeKiosk, opening: Opening, database: Database, clock: Clock, hours: int, named: bool
) -> None:
    """One kiosk was offline, the person filed again at another: the later by its own time names the earlier, whatever
    came first; another item, another person, and the day after that do not."""
    offline = FakeKiosk(api, clock, "K002")
    offline.write(handed_over())
    early = offline.records[-1]
    clock.move(timedelta(hours=hours))
    late, another, others = (kiosk.write(act) for act in (handed_over(), handed_over(item="lift"), handed_over(LIN)))
    kiosk.send()
    opening.work_off()
    offline.send()
    opening.work_off()
    opening.work_off()
    with database.reading() as connection:
        like = {row.id: row.like for row in connection.execute(select(matters.c.id, matters.c.like))}
    assert like == {
        early.header.id: None,
        late.header.id: early.header.id if named else None,
        another.header.id: None,
        others.header.id: None,
    }


def test_of_three_the_one_between_is_named_too(
    api: TestClient, kiosk: FakeKiosk, opening: Opening, database: Database, clock: Clock
) -> None:
    """What names one already goes on naming that."""
    offline = FakeKiosk(api, clock, "K002")
    first = kiosk.write(handed_over())
    clock.move(timedelta(hours=1))
    between = offline.write(handed_over())
    clock.move(timedelta(hours=1))
    last = kiosk.write(handed_over())
    for each in (kiosk, offline):
        each.send()
        opening.work_off()
    with database.reading() as connection:
        like = {row.id: row.like for row in connection.execute(select(matters.c.id, matters.c.like))}
    assert like == {first.header.id: None, between.header.id: first.header.id, last.header.id: first.header.id}


def test_waiting_for_a_matter(kiosk: FakeKiosk, opening: Opening, house: House) -> None:
    """Who waits gets the answer when it is there, and the state as it is when the time is over."""
    record = kiosk.write(tap())
    kiosk.send()
    assert kiosk.matter(record, within=0.05) is None
    opening.work_off()
    assert matter_of(kiosk, record).state == "sent"
    closing = TestClient(create_app(house, wake=lambda: None, closing=lambda: True), base_url="http://central")
    genesis, kiosk.http = kiosk.records[0], closing
    answer = kiosk.http.get(f"/v1/records/{genesis.header.id}", params={"within": 10})
    assert answer.json() == {"id": str(genesis.header.id), "matter": None}, "a server that ends keeps nobody waiting"


def test_codes_are_forgotten(kiosk: FakeKiosk, opening: Opening, clock: Clock, database: Database) -> None:
    """The opener's rounds clear what need not be kept."""
    kiosk.send()
    kiosk.prove(CHEN)
    clock.move(timedelta(days=41))
    opening.say_awake()
    record = kiosk.write(filing())
    kiosk.send(record)
    opening.work_off()
    assert matter_of(kiosk, record).state == "kept"
