"""A filing goes to the authority once, is never lost, and moves only along the arrows, whatever the authority does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from central.api import create_app
from central.authorities.numbers import FILINGS, QUERIES
from central.database import Database
from central.demonstration.register import Register
from central.filings import ARROWS, CLAIM, LOOKS, OVER, advance, new_number, take
from central.house import INSTITUTION, House, demonstration
from central.insured_places import InsuredPlaces, load_places
from central.keys import KeyFolder
from central.opening import LONGEST_PAUSE, Opening
from central.tables import codes, demonstration_filings, filing_numbers, filings, matters, openers, records, work
from central.upstream import Fate, FateState, MedicalInsurance, NotGranted, NumberTaken, Unanswered
from kiosk.contract.acts import RemoteCareMatter
from kiosk.contract.filings import ServiceFiling
from kiosk.contract.messages import Matter
from kiosk.contract.records import Record, new_id
from tests.central.conftest import emptied
from tests.central.kiosks import CHEN, LIN, Clock, FakeKiosk, filing, service
from tests.central.wrapped import Wrapped

RECORD = UUID(int=7)


class Cut(BaseException):
    """The power goes."""


@dataclass
class Entry:
    """A filing as the wild authority holds it."""

    state: FateState = "accepted"
    number: str = ""


@dataclass
class Wild(Wrapped):
    """An authority that does what the script says, one word for each call; when the script is over it is well.

    ``dedupes``: it takes a number once, as real ones do. One that does not takes whatever comes, and a filing that came
    twice is then there twice.
    """

    inner: MedicalInsurance
    dedupes: bool
    script: list[str] = field(default_factory=list)
    held: dict[str, list[Entry]] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    declined: set[str] = field(default_factory=set)

    def file(self, terminal: str, ours: str, filing: RemoteCareMatter | ServiceFiling) -> Fate:
        word = self.script.pop(0) if self.script else "well"
        if word == "cut before":
            raise Cut
        if word == "late" and self.dedupes:
            self.late.append(ours)
        if word in ("away", "late"):
            raise Unanswered("no answer", "slow")
        if word == "says taken":
            raise NumberTaken
        if word == "declines" and ours not in self.held:
            self.declined.add(ours)
            raise NotGranted("没有在正常缴费")
        self._take(ours)
        if word == "lost":
            raise Unanswered("the answer was lost")
        if word == "cut after":
            raise Cut
        return self._tell(ours)

    def fate(self, terminal: str, ours: str, filing: RemoteCareMatter | ServiceFiling) -> Fate | None:
        word = self.script.pop(0) if self.script else "well"
        if word in ("away", "lost"):
            raise Unanswered("no answer", "slow")
        if word == "declines":
            raise NotGranted("不给查")
        if word in ("cut before", "cut after"):
            raise Cut
        return self._tell(ours) if ours in self.held else None

    def file_service(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate:
        return self.file(terminal, ours, filing)

    def service_fate(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate | None:
        return self.fate(terminal, ours, filing)

    def arrive(self) -> None:
        """What was under way for long comes in."""
        for ours in self.late:
            if ours not in self.held:
                self.held[ours] = [Entry(number=f"YD{len(self.held)}")]
        self.late.clear()

    def _take(self, ours: str) -> None:
        if self.dedupes and ours in self.held:
            raise NumberTaken
        self.held.setdefault(ours, []).append(Entry(number=f"YD{len(self.held)}"))

    def _tell(self, ours: str) -> Fate:
        entry = self.held[ours][0]
        return Fate(state=entry.state, number=entry.number, text="看过了", place="350900")


WORDS = ("well", "away", "lost", "late", "says taken", "declines", "cut before", "cut after")
STATES: tuple[FateState, ...] = ("accepted", "papers wanted", "decided", "declined", "withdrawn", "changed")


@pytest.fixture(scope="module")
def one_folder(tmp_path_factory: pytest.TempPathFactory) -> KeyFolder:
    return KeyFolder(tmp_path_factory.mktemp("keys"))


@dataclass
class Stage:
    """Central with a wild authority and two openers, either of which may do what is due."""

    house: House
    clock: Clock
    folder: KeyFolder
    wild: Wild
    kiosk: FakeKiosk
    openings: list[Opening]
    seen: dict[UUID, str] = field(default_factory=dict)

    def work(self, who: int) -> None:
        """One of the openers works; cut off, another takes its place under another name."""
        try:
            self.openings[who].work_off()
        except Cut:
            self.openings[who] = opener(self.house, self.folder, f"after-{self.clock():%d%H%M%S}-{who}")
        self.look()

    def look(self) -> None:
        """Every filing moved along the arrows only."""
        with self.house.database.reading() as connection:
            rows = connection.execute(select(filings.c.id, filings.c.state)).all()
        for row in rows:
            before = self.seen.get(row.id, "sending")
            assert row.state == before or row.state in ARROWS[before], f"{before} to {row.state}"  # type: ignore[index]
            self.seen[row.id] = row.state
        assert all(len(entries) == 1 for entries in self.wild.held.values()), "filed twice"


def opener(house: House, folder: KeyFolder, name: str) -> Opening:
    made = Opening(
        database=house.database,
        folder=folder,
        references=house.references,
        upstreams=house.upstreams,
        now=house.now,
        places=house.places,
        public_url=house.public_url,
        name=name,
    )
    made.publish_keys()
    made.say_awake()
    return made


def staged(database: Database, folder: KeyFolder, register: Register, script: list[str], *, dedupes: bool) -> Stage:
    emptied(database)
    clock = Clock()
    house = demonstration(database, folder, register, clock)
    wild = Wild(house.upstreams.medical, dedupes, script)
    house = replace(house, upstreams=replace(house.upstreams, medical=wild))
    openings = [opener(house, folder, name) for name in ("one", "two")]
    app = create_app(house, wake=lambda: None, closing=lambda: False)
    kiosk = FakeKiosk(TestClient(app, base_url="http://central"), clock)
    kiosk.send()
    return Stage(house, clock, folder, wild, kiosk, openings)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    script=st.lists(st.sampled_from(WORDS), max_size=12),
    dedupes=st.booleans(),
    steps=st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 90), st.sampled_from([None, None, *STATES])),
        min_size=4,
        max_size=12,
    ),
)
@example(script=["lost"], dedupes=False, steps=[(0, 0, None), (1, 10, None), (0, 30, None), (1, 60, None)])
@example(script=["cut after"], dedupes=False, steps=[(0, 0, None), (1, 10, None), (0, 30, None), (1, 60, None)])
@example(script=["late", "well"], dedupes=True, steps=[(0, 0, None), (0, 10, None), (1, 30, None), (1, 60, None)])
def test_whatever_the_authority_does(
    sqlite_only: Database, one_folder: KeyFolder, register: Register, script: list[str], dedupes: bool,
    steps: list[tuple[int, int, FateState | None]],
) -> None:  # fmt: skip
    """Never two accepted filings for one record, never a lost one, states only along the arrows."""
    stage = staged(sqlite_only, one_folder, register, script, dedupes=dedupes)
    records = []
    for act in (filing(CHEN), service(LIN)):
        stage.kiosk.visit = uuid4()
        stage.kiosk.prove(act.person)
        records.append(stage.kiosk.write(act))
    stage.kiosk.send(*records)
    for who, seconds, decision in steps:
        stage.clock.move(timedelta(seconds=seconds))
        stage.wild.arrive()
        if decision is not None:
            for entries in stage.wild.held.values():
                entries[0].state = decision
        stage.work(who)
    stage.wild.script.clear()
    for _ in range(4):
        stage.clock.move(LONGEST_PAUSE)
        stage.wild.arrive()
        stage.work(0)
    with sqlite_only.reading() as connection:
        rows = {row.id: row for row in connection.execute(select(filings)).all()}
    assert rows.keys() == {record.header.id for record in records}, "each went out"
    assert len({row.ours for row in rows.values()}) == 2
    for record in records:
        row = rows[record.header.id]
        if row.ours in stage.wild.held:
            assert row.number == stage.wild.held[row.ours][0].number
        else:
            assert (row.state, row.ours in stage.wild.declined) == ("declined", True), "lost"
        matter = stage.kiosk.matter(record)
        assert matter is not None
        assert matter.state != "kept"


# -- one thing at a time -----------------------------------------------------------------------------------------------


@pytest.fixture
def sent(kiosk: FakeKiosk, opening: Opening) -> Record:
    """A filing that the demonstration's authority has accepted."""
    kiosk.send()
    kiosk.prove(CHEN)
    record = kiosk.write(filing())
    kiosk.send(record)
    opening.work_off()
    return record


def matter_of(kiosk: FakeKiosk, record: Record) -> Matter:
    matter = kiosk.matter(record)
    assert matter is not None
    return matter


def decide(house: House, number: str | None, state: FateState, text: str = "") -> None:
    from central.demonstration.authority import DemonstrationMedicalInsurance

    medical = house.upstreams.medical
    assert isinstance(medical, DemonstrationMedicalInsurance)
    assert number is not None
    medical.decide(number, state, text)


@pytest.mark.parametrize(
    ("state", "matter", "text"),
    [
        ("papers wanted", "papers wanted", "请带居住证，请在12月8日前补齐"),
        ("decided", "decided", "请带居住证"),
        ("declined", "declined", "请带居住证"),
        ("withdrawn", "decided", "请带居住证"),
        ("changed", "decided", "请带居住证"),
    ],
)
def test_what_became_of_it_is_found_out(
    kiosk: FakeKiosk,
    opening: Opening,
    house: House,
    clock: Clock,
    sent: Record,
    state: FateState,
    matter: str,
    text: str,
) -> None:
    """The authority is asked now and then; nobody looks again at what is over."""
    number = matter_of(kiosk, sent).number
    decide(house, number, state, "请带居住证")
    assert opening.work_off() == 0
    clock.move(LOOKS[0])
    assert opening.work_off() == 1
    found = matter_of(kiosk, sent)
    assert (found.state, found.number, found.text) == (matter, number, text)
    clock.move(LOOKS[1])
    assert opening.work_off() == (0 if state in OVER else 1)


def test_an_end_without_words_is_told(
    kiosk: FakeKiosk, opening: Opening, house: House, clock: Clock, sent: Record
) -> None:
    """A matter that is settled because it was withdrawn says so."""
    decide(house, matter_of(kiosk, sent).number, "withdrawn")
    clock.move(LOOKS[0])
    opening.work_off()
    assert matter_of(kiosk, sent).text == "已经撤销"


def test_an_authority_that_is_late(
    kiosk: FakeKiosk, opening: Opening, house: House, clock: Clock, sent: Record
) -> None:
    """The time limit is the insured place's; past it the person is told whom to ask, and what was said stays."""
    assert matter_of(kiosk, sent).text == "等宁德市医保部门审核，办理期限到12月3日"
    accepted = matter_of(kiosk, sent).at
    clock.move(timedelta(days=10, hours=15))
    opening.work_off()
    found = matter_of(kiosk, sent)
    assert found.text == "等宁德市医保部门审核，已经过了12月3日的办理期限，可以打 12393 问一下"
    assert (found.state, found.at) == ("sent", accepted)


def test_what_is_new_goes_first(
    kiosk: FakeKiosk, opening: Opening, clock: Clock, sent: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long others have waited to be looked at again."""
    clock.move(LOOKS[1])
    kiosk.prove(LIN)
    record = kiosk.write(filing(LIN))
    kiosk.send(record)
    monkeypatch.setattr("central.opening.AT_ONCE", 1)
    assert opening.work_off() == 1
    assert matter_of(kiosk, record).state == "sent"


def test_a_place_without_data_promises_nothing(database: Database, clock: Clock) -> None:
    """Nothing is said of a time that nobody gave."""
    held = taken(database, clock, "one")
    assert held is not None
    nobody = InsuredPlaces(hotline="12393")
    fate = Fate(state="accepted", number="YD1", text="等审核", place="310000")
    for places in (nobody, load_places()):
        with database.writing() as connection:
            matter = advance(connection, kiosk="K001", record=RECORD, fate=fate, places=places, now=clock())
        assert matter is not None
        assert matter.text == "等审核"


def test_a_step_back_is_not_taken(database: Database, clock: Clock) -> None:
    """What was decided is not under review again, whoever says so."""
    taken(database, clock, "one")
    told: list[str | None] = []
    for state in ("decided", "accepted", "withdrawn", "decided"):
        fate = Fate(state=state, number="YD1", text=state)
        with database.writing() as connection:
            matter = advance(connection, kiosk="K001", record=RECORD, fate=fate, places=load_places(), now=clock())
        told.append(None if matter is None else matter.text)
    assert told == ["decided", None, "withdrawn", None]


def taken(database: Database, clock: Clock, holder: str) -> object:
    with database.writing() as connection:
        return take(connection, kiosk="K001", record=RECORD, institution=INSTITUTION, holder=holder, now=clock())


def awake(database: Database, clock: Clock, *names: str) -> None:
    with database.writing() as connection:
        for name in names:
            connection.execute(openers.insert().values(name=name, at=clock()))


def test_one_opener_has_it_in_hand(database: Database, clock: Clock) -> None:
    """Another gets it when the first has died, or said nothing for long."""
    awake(database, clock, "one", "two")
    assert taken(database, clock, "one") is not None
    assert taken(database, clock, "two") is None
    assert taken(database, clock, "one") is not None
    clock.move(CLAIM)
    assert taken(database, clock, "two") is not None
    assert taken(database, clock, "one") is None
    with database.writing() as connection:
        connection.execute(openers.delete().where(openers.c.name == "two"))
    assert taken(database, clock, "one") is not None


def test_numbers_are_given_once(database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even when two records of one second would have the same; and never one of those that questions have."""
    assert not {*FILINGS} & {*QUERIES}
    monkeypatch.setattr("central.filings.FILINGS", range(5, 7))
    with database.writing() as connection:
        first = new_number(connection, "K001", RECORD, INSTITUTION, clock())
        second = new_number(connection, "K001", UUID(int=8), INSTITUTION, clock())
    assert {first[-4:], second[-4:]} == {"0005", "0006"}
    assert len(first) == 30


def test_a_second_may_be_full(database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then chance finds a number in the present one."""
    monkeypatch.setattr("central.filings.FILINGS", range(5, 6))
    ids = [new_id(clock()), new_id(clock())]
    with database.writing() as connection:
        first = new_number(connection, "K001", ids[0], INSTITUTION, clock())
        clock.move(timedelta(hours=1))
        second = new_number(connection, "K001", ids[1], INSTITUTION, clock())
    assert (first[-10:-4], second[-10:-4]) == ("100000", "110000")


@pytest.mark.parametrize("off", [timedelta(days=-20_000), timedelta(days=10_000)])
def test_a_kiosk_whose_clock_is_wrong_gives_no_number_its_time(
    database: Database, clock: Clock, off: timedelta
) -> None:
    with database.writing() as connection:
        ours = new_number(connection, "K001", new_id(clock() + off), INSTITUTION, clock())
    assert ours[12:26] == "20261123100000"


def test_a_central_restored_from_its_backup_files_nothing_twice(
    kiosk: FakeKiosk, opening: Opening, clock: Clock, sent: Record, database: Database
) -> None:
    """It is sent the record once more; the authority has the number, and says what became of it. Nobody is asked for a
    yes again, though the code that they typed is forgotten too."""
    before, told = matter_of(kiosk, sent), len(kiosk.telephone())
    with database.writing() as connection:
        for table in (filings, filing_numbers, work, matters, records, codes):
            connection.execute(delete(table))
    clock.move(timedelta(days=1))
    kiosk.send()
    while opening.work_off():
        pass
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(demonstration_filings)).scalar_one() == 1
    after = matter_of(kiosk, sent)
    assert (after.state, after.number) == (before.state, before.number)
    assert len(kiosk.telephone()) == told


def test_a_filing_that_the_authority_does_not_know_any_more(
    kiosk: FakeKiosk, opening: Opening, house: House, clock: Clock, sent: Record, database: Database
) -> None:
    """What was accepted is not sent again, whatever the authority has forgotten."""
    before = matter_of(kiosk, sent)
    with database.writing() as connection:
        connection.execute(update(demonstration_filings).values(ours="forgotten"))
    clock.move(LOOKS[0])
    assert opening.work_off() == 1
    assert matter_of(kiosk, sent) == before
    with database.reading() as connection:
        assert len(connection.execute(select(demonstration_filings)).all()) == 1
