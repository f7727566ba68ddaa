"""A live transaction: at most once, in time or not at all, and what is said of it is what the authority did."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from central.api import create_app
from central.database import Database
from central.demonstration.register import Register
from central.filings import CLAIM
from central.house import INSTITUTION, House, demonstration
from central.keys import KeyFolder
from central.live import ARRIVES_WITHIN, IN_TIME, LOOKS, NOT_CHECKED, TOO_LATE, Held, advance, take
from central.opening import NONCES_KEPT, Opening
from central.tables import codes, filing_numbers, matters, nonces, openers, records, work
from central.tables import live as live_table
from central.upstream import NotGranted, NumberTaken, Settled, SocialSecurity, Unanswered
from kiosk.contract.live import LiveAct, SocialCardLoss
from kiosk.contract.messages import ItemAnswer, Matter, Problem
from kiosk.contract.queries import Matters
from kiosk.contract.records import Record
from tests.central.conftest import emptied
from tests.central.kiosks import CHEN, LIN, Clock, FakeKiosk, ending, filing, loss, outcomes, sharing, tap, withdrawal
from tests.central.test_filings import Cut, opener
from tests.central.wrapped import WrappedSocial

Manner = Literal["numbers", "states", "anything"]


@dataclass
class Wild(WrappedSocial):
    """An authority that does what the script says, one word for each call; when the script is over it is well.

    ``manner``: it knows its ``numbers`` and takes each once; it knows ``states`` alone, and refuses what is so already;
    or it does ``anything``, as often as it comes, and nothing is ever late there. What is ``late`` is under way for
    nearly ``ARRIVES_WITHIN``; ``crosses``: it arrives just after it was asked for.
    """

    inner: SocialSecurity
    manner: Manner
    clock: Clock
    script: list[str] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)
    declined: set[str] = field(default_factory=set)
    late: list[tuple[str, timedelta]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def card_loss(self, terminal: str, ours: str, act: SocialCardLoss) -> Settled:
        word = self.script.pop(0) if self.script else "well"
        if word == "cut before":
            raise Cut
        self.sent.append(ours)
        if word == "late" and self.manner != "anything":
            self.late.append((ours, timedelta(0)))
        if word in ("away", "late"):
            raise Unanswered("no answer", "slow")
        if word == "says taken":
            raise NumberTaken
        if word == "declines" and ours not in self.done:
            self.declined.add(ours)
            raise NotGranted("没有查到")
        if self.manner == "numbers" and ours in self.done:
            raise NumberTaken
        if self.manner == "states" and ours in self.done:
            raise NotGranted("已经停用了")
        self.done[ours] = self.done.get(ours, 0) + 1
        if word == "lost":
            raise Unanswered("the answer was lost")
        if word == "cut after":
            raise Cut
        return Settled(done=True, number=ours[-6:], text="停用了", until=date(2026, 11, 30))

    def settled(self, terminal: str, ours: str, act: SocialCardLoss) -> Settled | None:
        word = self.script.pop(0) if self.script else "well"
        if word in ("away", "lost"):
            raise Unanswered("no answer", "slow")
        if word == "declines":
            raise NotGranted("不给查")
        if word in ("cut before", "cut after"):
            raise Cut
        known = Settled(done=True, number=ours[-6:], text="停用了", until=date(2026, 11, 30))
        answer = known if ours in self.done else None
        if word == "crosses":
            self.arrive(timedelta(0))
        return answer

    def passes(self, by: timedelta) -> None:
        """Time passes: what was under way comes in, one after the other."""
        self.clock.move(by)
        under_way = [(ours, age + by) for ours, age in self.late]
        self.late = [(ours, age) for ours, age in under_way if age < ARRIVES_WITHIN * 0.9]
        for ours, age in under_way:
            if age >= ARRIVES_WITHIN * 0.9:
                self.done.setdefault(ours, 1)

    def arrive(self, after: timedelta) -> None:
        """What is under way for that long comes in now."""
        for ours, age in self.late:
            if age >= after:
                self.done.setdefault(ours, 1)
        self.late = [(ours, age) for ours, age in self.late if age < after]


WORDS = ("well", "away", "lost", "late", "crosses", "says taken", "declines", "cut before", "cut after")


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

    def work(self, who: int) -> None:
        """One of the openers works; cut off, another takes its place under another name."""
        try:
            self.openings[who].work_off()
        except Cut:
            self.openings[who] = opener(self.house, self.folder, f"after-{self.clock():%d%H%M%S}-{who}")


def staged(database: Database, folder: KeyFolder, register: Register, script: list[str], manner: Manner) -> Stage:
    emptied(database)
    clock = Clock()
    house = demonstration(database, folder, register, clock)
    wild = Wild(house.upstreams.social, manner, clock, script)
    house = replace(house, upstreams=replace(house.upstreams, social=wild))
    openings = [opener(house, folder, name) for name in ("one", "two")]
    app = create_app(house, wake=lambda: None, closing=lambda: False)
    kiosk = FakeKiosk(TestClient(app, base_url="http://central"), clock)
    kiosk.send()
    return Stage(house, clock, folder, wild, kiosk, openings)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    script=st.lists(st.sampled_from(WORDS), max_size=12),
    manner=st.sampled_from(["numbers", "states", "anything"]),
    by_batch=st.booleans(),
    arrives=st.integers(0, 80),
    steps=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 90)), min_size=3, max_size=10),
)
@example(script=["lost", "away"], manner="anything", by_batch=False, arrives=0, steps=[(0, 0), (1, 10), (0, 30)])
@example(script=["cut after"], manner="anything", by_batch=False, arrives=0, steps=[(0, 0), (1, 10), (0, 30)])
@example(script=["cut before"], manner="anything", by_batch=True, arrives=0, steps=[(0, 0), (1, 90), (0, 30)])
@example(script=["late"], manner="numbers", by_batch=False, arrives=0, steps=[(0, 0), (0, 55), (1, 50), (1, 30)])
@example(script=["late"], manner="numbers", by_batch=False, arrives=0, steps=[(0, 0), (0, 70), (1, 50), (0, 90)])
@example(script=["late", "well", "crosses"], manner="states", by_batch=False, arrives=0, steps=[(0, 0), (0, 5), (1, 9)])
@example(
    script=["late", "well", "declines"], manner="numbers", by_batch=False, arrives=0, steps=[(0, 0), (0, 5), (1, 90)]
)
def test_whatever_the_authority_does(
    sqlite_only: Database, one_folder: KeyFolder, register: Register, script: list[str], manner: Manner,
    by_batch: bool, arrives: int, steps: list[tuple[int, int]],
) -> None:  # fmt: skip
    """At most once; nothing leaves after its time; what the person is told in the end is what the authority did."""
    stage = staged(sqlite_only, one_folder, register, script, manner)
    records = []
    for person in (CHEN, LIN):
        stage.kiosk.visit = uuid4()
        stage.kiosk.prove(person)
        records.append(stage.kiosk.write(loss(person)))
    confirmed = stage.clock()
    stage.wild.passes(timedelta(seconds=arrives))
    for record in records:
        if by_batch:
            stage.kiosk.send(record)
        else:
            assert stage.kiosk.at_once(record).status_code == 202
    for who, seconds in steps:
        stage.wild.passes(timedelta(seconds=seconds))
        before = len(stage.wild.sent)
        stage.work(who)
        if stage.clock() - confirmed > IN_TIME:
            assert len(stage.wild.sent) == before, "it went out after its time"
        for record in records:
            matter = stage.kiosk.matter(record)
            assert matter is None or matter.state in ("kept", "unsure", "decided", "declined")
    stage.wild.script.clear()
    for _ in range(6):
        stage.wild.passes(LOOKS[1])
        stage.work(0)
    with sqlite_only.reading() as connection:
        rows = {row.id: row for row in connection.execute(select(live_table)).all()}
    for record in records:
        row, matter = rows[record.header.id], stage.kiosk.matter(record)
        assert matter is not None
        times = stage.wild.done.get(row.ours, 0)
        assert times <= 1, "carried out twice"
        assert (matter.state, row.state) == (("decided", "done") if times else ("declined", "declined"))
    assert stage.openings[0].work_off() == 0, "nothing is left to do"


# -- one thing at a time -----------------------------------------------------------------------------------------------


@pytest.fixture
def known(kiosk: FakeKiosk, opening: Opening) -> FakeKiosk:
    """A kiosk that central knows, with somebody at it whose code was right."""
    kiosk.send()
    opening.work_off()
    kiosk.prove(CHEN)
    return kiosk


@pytest.fixture
def hurried(house: House, opening: Opening, clock: Clock) -> Iterator[FakeKiosk]:
    """The same before an API whose opener works as soon as it is woken."""

    def wake() -> None:
        opening.work_off()

    app = create_app(house, wake=wake, closing=lambda: False)
    with TestClient(app, base_url="http://central") as http:
        kiosk = FakeKiosk(http, clock)
        kiosk.send()
        kiosk.prove(CHEN)
        yield kiosk


def matter_of(kiosk: FakeKiosk, record: Record) -> Matter:
    matter = kiosk.matter(record)
    assert matter is not None
    return matter


def test_the_answer_is_what_became_of_it(hurried: FakeKiosk) -> None:
    """200, with the authority's number and words, and the last day."""
    answer = hurried.at_once(hurried.write(loss()))
    assert answer.status_code == 200
    item = ItemAnswer.model_validate_json(answer.content)
    assert item.outcome == "stored"
    assert item.matter is not None
    assert (item.matter.state, item.matter.text) == ("decided", "这张卡的社保部分停用了")
    assert item.matter.until == date(2026, 11, 30)
    assert item.matter.number is not None


@pytest.mark.parametrize(
    ("act", "state", "words"),
    [
        (loss(CHEN, "lift"), "declined", "没有停用"),
        (sharing(LIN), "decided", "可以用"),
        (ending("JS0"), "declined", "没有找到"),
        (withdrawal("YD0", CHEN), "declined", "没有这条备案"),
    ],
)
def test_each_kind_has_its_authority(hurried: FakeKiosk, act: LiveAct, state: str, words: str) -> None:
    """Done, or declined with the authority's reason."""
    item = ItemAnswer.model_validate_json(hurried.at_once(hurried.write(act)).content)
    assert item.matter is not None
    assert item.matter.state == state
    assert words in (item.matter.text or "")


@pytest.mark.parametrize("name", ["social-cards", "family"])
def test_what_is_asked_before_needs_level_2_too(known: FakeKiosk, name: str) -> None:
    """A code that came back in this visit, of that person; nothing is told without."""
    assert known.ask(name, CHEN).status_code == 200
    answer = known.ask(name, LIN)
    assert (answer.status_code, answer.json()["code"]) == (403, "second-factor")
    known.visit = uuid4()
    assert known.ask(name, CHEN).status_code == 403


def test_not_known_yet(known: FakeKiosk, opening: Opening) -> None:
    """202, and what became of it is asked for by its id."""
    record = known.write(loss())
    answer = known.at_once(record)
    assert (answer.status_code, answer.json()["matter"]) == (202, None)
    opening.work_off()
    assert matter_of(known, record).state == "decided"


def test_a_request_is_taken_once(known: FakeKiosk, opening: Opening, clock: Clock, house: House) -> None:
    """Its nonce is kept for ten minutes; after that its time is long over."""
    record, nonce = known.write(loss()), secrets.token_hex(16)
    assert known.at_once(record, nonce).status_code == 202
    again = known.at_once(record, nonce)
    assert (again.status_code, Problem.model_validate_json(again.content).code) == (409, "replayed")
    opening.work_off()
    clock.move(NONCES_KEPT + timedelta(seconds=1))
    opening.say_awake()
    with house.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(nonces)).scalar_one() == 0
    late = ItemAnswer.model_validate_json(known.at_once(record, nonce).content)
    assert (late.outcome, late.matter) == ("duplicate", matter_of(known, record))


def test_only_live_acts_come_this_way(known: FakeKiosk) -> None:
    """Anything else has its own time, and a way that takes many."""
    for record in (known.write(tap()), known.write(filing())):
        answer = known.at_once(record)
        assert (answer.status_code, answer.json()["code"]) == (422, "not-live")


def test_a_kiosk_that_nobody_knows(api: TestClient, clock: Clock) -> None:
    """It is refused, and nothing is stored."""
    stranger = FakeKiosk(api, clock, name="K-999")
    answer = stranger.at_once(stranger.write(loss()))
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown-key")


@pytest.mark.parametrize("seconds", [-61, 61])
@pytest.mark.parametrize("by_batch", [True, False])
def test_what_does_not_come_in_time_is_not_carried_out(
    known: FakeKiosk, opening: Opening, clock: Clock, house: House, seconds: int, by_batch: bool
) -> None:
    """By whichever way it comes; the chain goes on all the same."""
    record = known.write(loss(), happened_at=clock() - timedelta(seconds=seconds))
    after = known.write(tap())
    if by_batch:
        assert known.send(record, after).contiguous == len(known.records)
    else:
        known.at_once(record)
        assert known.send(after).contiguous == len(known.records)
    opening.work_off()
    matter = matter_of(known, record)
    assert (matter.state, matter.code, matter.text) == ("declined", "too-late", TOO_LATE)
    assert house.upstreams.social.cards_of("K001", CHEN)[0].state == "in use"
    assert matter_of(known, after).state == "sent"


@pytest.mark.parametrize("went_out", [True, False])
def test_a_restored_central_asks_what_became_of_what_it_forgot(
    known: FakeKiosk, opening: Opening, clock: Clock, house: House, went_out: bool
) -> None:
    """The record comes again, too late to be carried out: whether it was, the authority knows by its number."""
    record = known.write(loss())
    known.at_once(record)
    if went_out:
        opening.work_off()
        assert matter_of(known, record).state == "decided"
    with house.database.writing() as connection:
        for table in (work, matters, live_table, filing_numbers, codes):
            connection.execute(delete(table).where(table.c.kiosk == known.name))
        connection.execute(delete(records).where(records.c.id == record.header.id))
    clock.move(timedelta(days=1))
    assert outcomes(known.send(record)) == ["stored"]
    opening.work_off()
    matter = matter_of(known, record)
    assert matter.state == ("decided" if went_out else "declined")
    assert house.upstreams.social.cards_of("K001", CHEN)[0].state == ("stopped" if went_out else "in use")


def test_the_time_is_central_s(known: FakeKiosk, opening: Opening, clock: Clock) -> None:
    """A clock that is wrong by what was measured is no reason to refuse."""
    fast = known.write(loss(), happened_at=clock() + timedelta(minutes=5), clock_offset=300_000)
    slow = known.write(loss(CHEN, "lift"), happened_at=clock() - timedelta(minutes=5), clock_offset=-300_000)
    known.send(fast, slow)
    opening.work_off()
    assert [matter_of(known, record).state for record in (fast, slow)] == ["decided", "decided"]


def test_who_was_not_checked_gets_nothing_done(known: FakeKiosk, opening: Opening, house: House) -> None:
    """Whatever the record says: central has to have seen the code; a worker's word is in the record."""
    record = known.write(loss(LIN))
    known.at_once(record)
    opening.work_off()
    assert (matter_of(known, record).state, matter_of(known, record).text) == ("declined", NOT_CHECKED)
    assert house.upstreams.social.cards_of("K001", LIN)[0].state == "in use"
    vouched = loss(LIN).model_dump() | {"check": "witness", "witness": {"worker": "w-1", "reason": "no-telephone"}}
    record = known.write(SocialCardLoss.model_validate(vouched))
    known.at_once(record)
    opening.work_off()
    assert matter_of(known, record).state == "decided"
    told = known.telephone()[-1]
    assert (told["to"], "社保卡的停用或恢复" in told["text"], "作证" in told["text"]) == ("13800000002", True, True)


def test_one_opener_has_it_in_hand(database: Database, known: FakeKiosk, clock: Clock) -> None:
    """Another gets it when the first has died, or said nothing for long; what is over nobody gets."""
    header = known.write(loss()).header

    def taken(holder: str) -> object:
        with database.writing() as connection:
            return take(connection, header, checked=True, institution=INSTITUTION, holder=holder, now=clock())

    with database.writing() as connection:
        for name in ("one", "two"):
            connection.execute(openers.insert().values(name=name, at=clock()))
    first = taken("one")
    assert isinstance(first, Held)
    assert (first.fresh, first.in_time) == (True, True)
    assert taken("two") is None
    assert isinstance(taken("one"), Held)
    clock.move(CLAIM)
    second = taken("two")
    assert isinstance(second, Held)
    assert (second.fresh, second.ours) == (False, first.ours)
    assert taken("one") is None
    with database.writing() as connection:
        connection.execute(openers.delete().where(openers.c.name == "two"))
    assert isinstance(taken("one"), Held)
    with database.writing() as connection:
        advance(connection, "K001", header.id, Settled(done=True), clock())
    assert taken("one") is None


def test_an_opener_that_stood_still_sends_nothing(known: FakeKiosk, house: House, clock: Clock, tmp_path: Path) -> None:
    """Between its note and the first byte another one may have taken it in hand."""

    class Stands(Clock):
        """Moves on by itself, from the third look on."""

        looks = 0

        def __call__(self) -> datetime:
            self.looks += 1
            return clock() + (CLAIM if self.looks > 5 else timedelta(0))

    record = known.write(loss())
    known.at_once(record)
    opener(replace(house, now=Stands()), KeyFolder(tmp_path / "keys"), "slow").work_off()
    assert house.upstreams.social.cards_of("K001", CHEN)[0].state == "in use"
    assert matter_of(known, record).state == "unsure"


def test_an_opener_that_was_away_too_long_sends_nothing(
    known: FakeKiosk, opening: Opening, clock: Clock, house: House
) -> None:
    """It came in time and nobody was there: the person has gone."""
    record = known.write(loss())
    known.at_once(record)
    clock.move(IN_TIME + timedelta(seconds=1))
    opening.work_off()
    assert matter_of(known, record).state == "declined"
    assert house.upstreams.social.cards_of("K001", CHEN)[0].state == "in use"


class Away(WrappedSocial):
    """Does not answer."""

    def card_loss(self, terminal: str, ours: str, act: SocialCardLoss) -> Settled:
        raise Unanswered("no answer within 3 s", "slow")


def test_what_is_not_known_is_unsure(
    known: FakeKiosk, house: House, clock: Clock, opening: Opening, tmp_path: Path
) -> None:
    """Not kept, in my matters neither: it may have been carried out. Once the authority answers, so does central."""
    record = known.write(loss())
    known.at_once(record)
    away = replace(house, upstreams=replace(house.upstreams, social=Away(house.upstreams.social)))
    opener(away, KeyFolder(tmp_path / "keys"), "away").work_off()
    assert matter_of(known, record).state == "unsure"
    assert known.at_once(record).status_code == 202
    listed = Matters.model_validate_json(known.ask("matters", CHEN).content)
    assert [line.matter.state for line in listed.lines] == ["unsure"]
    opener(house, KeyFolder(tmp_path / "keys"), "back")
    clock.move(timedelta(seconds=31))
    opening.work_off()
    assert matter_of(known, record).state == "decided"


def test_what_is_under_way_is_unsure_in_my_matters(known: FakeKiosk, house: House, tmp_path: Path) -> None:
    """Central may die between the note that something goes out and what became of it."""
    record = known.write(loss())
    known.at_once(record)

    class Dies(WrappedSocial):
        def card_loss(self, terminal: str, ours: str, act: SocialCardLoss) -> Settled:
            raise Cut

    dying = replace(house, upstreams=replace(house.upstreams, social=Dies(house.upstreams.social)))
    with pytest.raises(Cut):
        opener(dying, KeyFolder(tmp_path / "keys"), "dying").work_off()
    assert matter_of(known, record).state == "kept"
    listed = Matters.model_validate_json(known.ask("matters", CHEN).content)
    assert [line.matter.state for line in listed.lines] == ["unsure"]


def test_whoever_waits_goes_first(
    known: FakeKiosk, opening: Opening, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before everything that came earlier, and between two of them."""
    known.visit = uuid4()
    known.prove(LIN)
    earlier = [known.write(filing(LIN)) for _ in range(3)]
    known.send(*earlier)
    record = known.write(loss())
    known.at_once(record)
    monkeypatch.setattr("central.opening.AT_ONCE", 1)
    assert opening.work_off() == 1
    assert matter_of(known, record).state == "decided"
    assert known.matter(earlier[0]) is None
    monkeypatch.setattr("central.opening.AT_ONCE", 20)
    seen: list[str] = []
    late: list[Record] = []
    attend = opening._attend

    def attended(task: object) -> None:
        kind = task.record.header.kind  # type: ignore[attr-defined] # a Task
        seen.append(kind)
        attend(task)  # type: ignore[arg-type]
        if len(seen) == 1:
            late.append(known.write(loss(CHEN, "lift")))
            known.at_once(late[0])

    monkeypatch.setattr(opening, "_attend", attended)
    opening.work_off()
    assert seen == [filing().kind, loss().kind, filing().kind, filing().kind]
    assert matter_of(known, late[0]).state == "decided"


def test_what_the_authority_says_afterwards_makes_no_record_unreadable(
    known: FakeKiosk, house: House, database: Database, tmp_path: Path
) -> None:
    """The card is stopped: words that no database holds do not undo that."""

    class Rambling(WrappedSocial):
        def card_loss(self, terminal: str, ours: str, act: SocialCardLoss) -> Settled:
            return replace(super().card_loss(terminal, ours, act), text="停用了\0", number="9" * 65)

    record = known.write(loss())
    known.at_once(record)
    rambling = replace(house, upstreams=replace(house.upstreams, social=Rambling(house.upstreams.social)))
    opener(rambling, KeyFolder(tmp_path / "keys"), "opener").work_off()
    with database.reading() as connection:
        outcome = connection.execute(select(records.c.outcome).where(records.c.id == record.header.id)).scalar_one()
        left = connection.execute(select(func.count()).select_from(work)).scalar_one()
    assert (outcome, left) == ("stored", 1 if database.kind == "postgresql" else 0)
