"""Papers on their way to an authority: each goes once, none is lost, and only to the matter of whoever sent it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from central import uploads
from central.api import opener_is
from central.authorities.envelope import Output
from central.authorities.medical import NationalMedicalInsurance
from central.database import Database
from central.house import House
from central.keys import KeyFolder
from central.opening import Opening
from central.papers import AT_A_TIME, ENDED, HANDED, LOST, NO_MATTER, SOME_LOST
from central.pictures import Picture
from central.tables import demonstration_papers, papers
from central.uploads import CameWith
from central.upstream import Fate, FateState, MedicalInsurance, NotGranted, PaperSent, Unanswered
from kiosk.contract.acts import FilingKind, RemoteCareMatter
from kiosk.contract.filings import ServiceFiling
from kiosk.contract.identity import PersonReference
from kiosk.contract.messages import Matter
from kiosk.contract.papers import Papers
from kiosk.contract.records import Record
from kiosk.contract.remote_care import RemoteCareFiling3
from kiosk.contract.uploads import MattersInWant
from tests.central.kiosks import CHEN, LIN, OUYANG, Clock, FakeKiosk, filing, loss, service
from tests.central.spoken import LINS, TAKEN, spoken
from tests.central.wrapped import Wrapped

HONG_KONG = PersonReference(number="819901198402290022", name="黄咏诗")
"""Of whom the authority wants papers, as the register says."""


class Cut(BaseException):
    """The power goes."""


def sent_by_telephone(database: Database, kiosk: str, clock: Clock, count: int = 1) -> tuple[UUID, ...]:
    """Pictures that came for a visit and that nobody claimed yet."""
    upload = uuid4()
    ids: list[UUID] = []
    with database.writing() as connection:
        for number in range(count):
            content = b"picture %d of %s" % (number, upload.bytes)
            picture = Picture(content=content, thumbnail=b"small")
            came_with = CameWith(kiosk=kiosk, upload=upload, paper="residence")
            id_ = uploads.store(connection, came_with, content, picture, clock(), thumbnail=b"small")
            assert id_ is not None
            ids.append(id_)
    return tuple(ids)


def hashes(database: Database, pictures: Sequence[UUID]) -> list[str]:
    with database.reading() as connection:
        return sorted(connection.execute(select(papers.c.sha256).where(papers.c.id.in_(pictures))).scalars())


def at_the_authority(database: Database) -> list[str]:
    """The hashes of what came there, each as often as it came."""
    with database.reading() as connection:
        return sorted(connection.execute(select(demonstration_papers.c.sha256)).scalars())


def with_papers(pictures: tuple[UUID, ...], person: PersonReference = LIN) -> ServiceFiling:
    return service(person, "chronic", backing="upload", papers=pictures)


def remote_care(pictures: tuple[UUID, ...]) -> RemoteCareFiling3:
    return RemoteCareFiling3(
        person=LIN,
        filing=FilingKind.TEMPORARY,
        place="350200",
        begin=date(2026, 12, 1),
        proof="desk",
        shown="id-card",
        check="code",
        papers=pictures,
        intent="0" * 16,
    )


def matter_of(kiosk: FakeKiosk, record: Record) -> Matter:
    matter = kiosk.matter(record)
    assert matter is not None
    return matter


def wanting(kiosk: FakeKiosk, person: PersonReference) -> MattersInWant:
    answer = kiosk.ask("papers-wanted", person)
    assert answer.status_code == 200, answer.text
    return MattersInWant.model_validate_json(answer.content)


def work(opening: Opening) -> None:
    while opening.work_off():
        pass


def test_papers_of_a_filing_follow_it_once(
    database: Database, kiosk: FakeKiosk, opening: Opening, clock: Clock
) -> None:
    """The authority has exactly what was sent, however often the filing is looked at again."""
    kiosk.send()
    kiosk.prove(LIN)
    pictures = sent_by_telephone(database, kiosk.name, clock, 3)
    record = kiosk.write(with_papers(pictures))
    kiosk.send()
    work(opening)
    assert matter_of(kiosk, record).state == "sent"
    assert at_the_authority(database) == hashes(database, pictures)
    for _ in range(3):
        clock.move(timedelta(hours=7))
        work(opening)
    assert at_the_authority(database) == hashes(database, pictures)


def test_a_claimed_picture_is_not_deleted_with_the_unclaimed(
    database: Database, kiosk: FakeKiosk, opening: Opening, clock: Clock
) -> None:
    """A filing whose check is owed waits for days, and its papers with it; another picture of the visit does not."""
    kiosk.send()
    pictures = sent_by_telephone(database, kiosk.name, clock, 2)
    kiosk.write(with_papers(pictures[:1]).model_copy(update={"check": "owed"}))
    kiosk.send()
    work(opening)
    clock.move(timedelta(days=3))
    opening.say_awake()
    assert len(hashes(database, pictures)) == 1
    assert at_the_authority(database) == []


def test_what_the_authority_has_is_let_go_after_a_month(
    database: Database, kiosk: FakeKiosk, opening: Opening, clock: Clock
) -> None:
    kiosk.send()
    kiosk.prove(LIN)
    pictures = sent_by_telephone(database, kiosk.name, clock)
    kiosk.write(with_papers(pictures))
    kiosk.send()
    work(opening)
    clock.move(timedelta(days=29))
    opening.say_awake()
    assert len(hashes(database, pictures)) == 1
    clock.move(timedelta(days=2))
    opening.say_awake()
    assert hashes(database, pictures) == []


def test_what_never_went_out_is_let_go_after_two(
    database: Database, kiosk: FakeKiosk, opening: Opening, clock: Clock
) -> None:
    """The authority declined, and nobody needs the pictures any more."""
    kiosk.send()
    kiosk.prove(OUYANG)
    pictures = sent_by_telephone(database, kiosk.name, clock)
    record = kiosk.write(with_papers(pictures, OUYANG))
    kiosk.send()
    work(opening)
    assert matter_of(kiosk, record).state == "declined"
    assert at_the_authority(database) == []
    clock.move(timedelta(days=59))
    opening.say_awake()
    assert len(hashes(database, pictures)) == 1
    clock.move(timedelta(days=2))
    opening.say_awake()
    assert hashes(database, pictures) == []


def test_papers_that_are_wanted_move_the_matter(
    database: Database, kiosk: FakeKiosk, opening: Opening, clock: Clock
) -> None:
    """补正: the authority wants papers, they come, and the matter is under review again; both matters say so."""
    kiosk.send()
    kiosk.prove(HONG_KONG)
    record = kiosk.write(service(HONG_KONG))
    kiosk.send()
    work(opening)
    assert matter_of(kiosk, record).state == "papers wanted"
    line = wanting(kiosk, HONG_KONG).lines[0]
    assert (line.record, line.number) == (record.header.id, str(record.number))
    assert line.text
    pictures = sent_by_telephone(database, kiosk.name, clock, 2)
    brought = kiosk.write(Papers(person=HONG_KONG, record=record.header.id, pictures=pictures))
    kiosk.send()
    work(opening)
    assert matter_of(kiosk, record).state == "sent"
    assert (matter_of(kiosk, brought).state, matter_of(kiosk, brought).text) == ("sent", HANDED)
    assert at_the_authority(database) == hashes(database, pictures)
    assert wanting(kiosk, HONG_KONG).lines == ()


def test_one_that_is_refused_is_told_in_the_authority_s_words(
    database: Database, house: House, kiosk: FakeKiosk, clock: Clock, tmp_path: Path
) -> None:
    """What came with it is there; whoever brought it reads that this one is wanted again."""
    opening = opening_at(Wild(house.upstreams.medical, "well", "refuses"), house, clock, tmp_path)
    kiosk.send()
    kiosk.prove(HONG_KONG)
    record = kiosk.write(service(HONG_KONG))
    kiosk.send()
    work(opening)
    brought = Papers(
        person=HONG_KONG, record=record.header.id, pictures=sent_by_telephone(database, kiosk.name, clock, 3)
    )
    told = kiosk.write(brought)
    kiosk.send()
    work(opening)
    assert len(at_the_authority(database)) == 2
    matter = matter_of(kiosk, told)
    assert (matter.state, matter.text) == ("declined", "有一张没有收，请重新拍了再交：这张看不清")


def test_they_may_be_brought_at_another_kiosk(
    database: Database, kiosk: FakeKiosk, opening: Opening, clock: Clock
) -> None:
    """Also for a remote-care filing that the authority had thought to be complete."""
    kiosk.send()
    kiosk.prove(CHEN)
    record = kiosk.write(filing(CHEN))
    kiosk.send()
    work(opening)
    other = FakeKiosk(kiosk.http, clock, "K002")
    pictures = sent_by_telephone(database, "K002", clock)
    brought = other.write(Papers(person=CHEN, record=record.header.id, pictures=pictures))
    other.send()
    work(opening)
    assert matter_of(other, brought).state == "sent"
    assert at_the_authority(database) == hashes(database, pictures)


@pytest.mark.parametrize("whose", ["somebody else's", "nobody's"])
def test_papers_for_another_s_matter_go_nowhere(
    database: Database, kiosk: FakeKiosk, opening: Opening, clock: Clock, whose: str
) -> None:
    kiosk.send()
    kiosk.prove(CHEN)
    record = kiosk.write(filing(CHEN))
    target = record.header.id if whose == "somebody else's" else uuid4()
    brought = kiosk.write(Papers(person=LIN, record=target, pictures=sent_by_telephone(database, kiosk.name, clock)))
    kiosk.send()
    work(opening)
    assert (matter_of(kiosk, brought).state, matter_of(kiosk, brought).text) == ("declined", NO_MATTER)
    assert matter_of(kiosk, brought).code == "no-matter"
    assert at_the_authority(database) == []


def test_one_kiosk_cannot_name_another_s_pictures(
    database: Database, kiosk: FakeKiosk, opening: Opening, clock: Clock
) -> None:
    """Nor can any name one that was deleted: the person is told to send them again."""
    kiosk.send()
    kiosk.prove(CHEN)
    record = kiosk.write(filing(CHEN))
    pictures = sent_by_telephone(database, "K002", clock)
    brought = kiosk.write(Papers(person=CHEN, record=record.header.id, pictures=pictures))
    kiosk.send()
    work(opening)
    assert (matter_of(kiosk, brought).state, matter_of(kiosk, brought).text) == ("declined", LOST)
    assert matter_of(kiosk, brought).code == "papers-lost"
    assert at_the_authority(database) == []


def test_a_filing_whose_pictures_are_gone_goes_all_the_same(
    database: Database, kiosk: FakeKiosk, opening: Opening
) -> None:
    """Its day counts; its person is told, and the authority asks for what it lacks."""
    kiosk.send()
    kiosk.prove(LIN)
    record = kiosk.write(with_papers((uuid4(),)))
    kiosk.send()
    work(opening)
    matter = matter_of(kiosk, record)
    assert matter.state == "sent"
    assert matter.text is not None
    assert matter.text.endswith("。" + SOME_LOST.format(n=1))
    assert at_the_authority(database) == []


def test_pictures_that_are_gone_are_missed_until_others_are_brought(
    database: Database, kiosk: FakeKiosk, opening: Opening, clock: Clock
) -> None:
    """However often the filing is looked at."""
    kiosk.send()
    kiosk.prove(HONG_KONG)
    pictures = sent_by_telephone(database, kiosk.name, clock)
    record = kiosk.write(with_papers((*pictures, uuid4(), uuid4()), HONG_KONG))
    kiosk.send()
    for _ in range(3):
        work(opening)
        assert "有 2 张照片没有留住" in str(matter_of(kiosk, record).text)
        clock.move(timedelta(hours=7))
    brought = sent_by_telephone(database, kiosk.name, clock)
    kiosk.write(Papers(person=HONG_KONG, record=record.header.id, pictures=brought))
    kiosk.send()
    work(opening)
    assert "没有留住" not in str(matter_of(kiosk, record).text)
    assert at_the_authority(database) == hashes(database, (*pictures, *brought))


def test_what_the_authority_has_long_had_is_not_missed(
    database: Database, kiosk: FakeKiosk, opening: Opening, clock: Clock
) -> None:
    """It was let go here, and the filing is still under review."""
    kiosk.send()
    kiosk.prove(LIN)
    record = kiosk.write(with_papers(sent_by_telephone(database, kiosk.name, clock, 2)))
    kiosk.send()
    work(opening)
    clock.move(timedelta(days=31))
    opening.say_awake()
    work(opening)
    assert matter_of(kiosk, record).state == "sent"
    assert "没有留住" not in str(matter_of(kiosk, record).text)


def test_papers_for_a_matter_that_was_declined_wait_for_nothing(
    database: Database, kiosk: FakeKiosk, opening: Opening, clock: Clock
) -> None:
    """Whoever brings them is told so at once."""
    kiosk.send()
    kiosk.prove(OUYANG)
    record = kiosk.write(service(OUYANG))
    kiosk.send()
    work(opening)
    assert matter_of(kiosk, record).state == "declined"
    pictures = sent_by_telephone(database, kiosk.name, clock)
    brought = kiosk.write(Papers(person=OUYANG, record=record.header.id, pictures=pictures))
    kiosk.send()
    opening.work_off()
    assert (matter_of(kiosk, brought).state, matter_of(kiosk, brought).text) == ("declined", ENDED)
    assert opening.work_off() == 0
    assert at_the_authority(database) == []


class Changing(Wrapped):
    """An authority that declines what it had, from a moment on, and then forgets it."""

    state: FateState = "papers wanted"

    def service_fate(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate | None:
        return Fate(state=self.state, text="不行了")


@pytest.mark.parametrize("where", ["before they are claimed", "after"])
def test_papers_for_a_matter_that_is_declined_meanwhile(
    database: Database, house: House, kiosk: FakeKiosk, clock: Clock, tmp_path: Path, where: str
) -> None:
    """They were claimed while it was under review: it is declined when they are to go, and their own matter ends."""
    authority = Changing(house.upstreams.medical)
    opening = opening_at(authority, house, clock, tmp_path)
    kiosk.send()
    kiosk.prove(HONG_KONG)
    record = kiosk.write(service(HONG_KONG))
    kiosk.send()
    work(opening)
    authority.state = "declined"
    pictures = sent_by_telephone(database, kiosk.name, clock, 2)
    brought = kiosk.write(Papers(person=HONG_KONG, record=record.header.id, pictures=pictures))
    kiosk.send()
    if where == "before they are claimed":
        clock.move(timedelta(hours=7))
    work(opening)
    assert matter_of(kiosk, record).state == "declined"
    assert (matter_of(kiosk, brought).state, matter_of(kiosk, brought).text) == ("declined", ENDED)
    assert at_the_authority(database) == []


def test_cut_off_between_the_last_paper_and_its_note(
    database: Database, kiosk: FakeKiosk, opening: Opening, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever brought them is told when the filing is looked at next."""
    kiosk.send()
    kiosk.prove(HONG_KONG)
    record = kiosk.write(service(HONG_KONG))
    kiosk.send()
    work(opening)
    pictures = sent_by_telephone(database, kiosk.name, clock)
    brought = kiosk.write(Papers(person=HONG_KONG, record=record.header.id, pictures=pictures))
    kiosk.send()

    def cut(*_: object, **__: object) -> None:
        raise Cut

    with monkeypatch.context() as patched:
        patched.setattr("central.papers.tell", cut)
        with pytest.raises(Cut):
            work(opening)
    assert at_the_authority(database) == hashes(database, pictures)
    assert matter_of(kiosk, brought).state == "kept"
    clock.move(timedelta(hours=7))
    work(opening)
    assert (matter_of(kiosk, brought).state, matter_of(kiosk, brought).text) == ("sent", HANDED)


class Wild(Wrapped):
    """An authority at whose papers something goes wrong, one word for each call; afterwards it is well."""

    def __init__(self, inner: MedicalInsurance, *script: str) -> None:
        super().__init__(inner)
        self.script = list(script)

    def add_paper(self, terminal: str, sent: PaperSent) -> None:
        word = self.script.pop(0) if self.script else "well"
        if word == "cut before":
            raise Cut
        if word == "away":
            raise Unanswered("no answer", "slow")
        if word == "refuses":
            raise NotGranted("这张看不清")
        self.inner.add_paper(terminal, sent)
        if word == "lost":
            raise Unanswered("the answer was lost")
        if word == "cut after":
            raise Cut


def opening_at(medical: MedicalInsurance, house: House, clock: Clock, folder: Path) -> Opening:
    """An opener with another authority behind it."""
    opening = Opening(
        database=house.database,
        folder=KeyFolder(folder / "keys"),
        references=house.references,
        upstreams=replace(house.upstreams, medical=medical),
        now=clock,
        places=house.places,
        public_url=house.public_url,
        monotonic=lambda: clock().timestamp(),
    )
    opening.publish_keys()
    return opening


@pytest.mark.parametrize(
    "script",
    [
        ("away",),
        ("lost",),
        ("cut before",),
        ("cut after",),
        ("well", "lost", "cut after", "away", "well"),
        ("cut after", "cut after", "cut before", "lost", "lost"),
    ],
    ids=" ".join,
)
def test_whatever_goes_wrong_each_paper_comes_once(
    database: Database, house: House, kiosk: FakeKiosk, clock: Clock, tmp_path: Path, script: tuple[str, ...]
) -> None:
    """Cut off before a byte leaves and after the last came, by an opener that dies each time."""
    wild = replace(house.upstreams, medical=Wild(house.upstreams.medical, *script))
    kiosk.send()
    kiosk.prove(LIN)
    pictures = sent_by_telephone(database, kiosk.name, clock, 3)
    record = kiosk.write(with_papers(pictures))
    kiosk.send()
    for number in range(12):
        opening = Opening(
            database=database,
            folder=KeyFolder(tmp_path / "keys"),
            references=house.references,
            upstreams=wild,
            now=clock,
            places=house.places,
            public_url=house.public_url,
            name=f"opener {number}",
        )
        opening.publish_keys()
        try:
            work(opening)
        except Cut:
            pass
        clock.move(timedelta(hours=1))
    assert at_the_authority(database) == hashes(database, pictures)
    assert matter_of(kiosk, record).state == "sent"


def test_a_paper_that_is_not_taken_does_not_keep_the_others(
    database: Database, house: House, kiosk: FakeKiosk, clock: Clock, tmp_path: Path
) -> None:
    opening = opening_at(Wild(house.upstreams.medical, "refuses"), house, clock, tmp_path)
    kiosk.send()
    kiosk.prove(LIN)
    pictures = sent_by_telephone(database, kiosk.name, clock, 3)
    kiosk.write(with_papers(pictures))
    kiosk.send()
    work(opening)
    assert len(at_the_authority(database)) == 2


def test_what_arrives_is_what_was_made_here(
    database: Database, kiosk: FakeKiosk, opening: Opening, clock: Clock
) -> None:
    """Byte for byte: the authority's hash is that of the picture before it was sealed."""
    kiosk.send()
    kiosk.prove(LIN)
    (picture,) = sent_by_telephone(database, kiosk.name, clock)
    with database.reading() as connection:
        upload = connection.execute(select(papers.c.upload)).scalar_one()
    kiosk.write(with_papers((picture,)))
    kiosk.send()
    work(opening)
    assert at_the_authority(database) == [hashlib.sha256(b"picture 0 of %s" % upload.bytes).hexdigest()]


# -- many papers keep nobody waiting -----------------------------------------------------------------------------------


class Slow(Wrapped):
    """An authority that takes nine seconds for each paper; ``meanwhile`` happens while it has one in hand."""

    def __init__(self, inner: MedicalInsurance, clock: Clock, meanwhile: Callable[[int], None]) -> None:
        super().__init__(inner)
        self.clock = clock
        self.meanwhile = meanwhile
        self.taken = 0

    def add_paper(self, terminal: str, sent: PaperSent) -> None:
        self.taken += 1
        self.clock.move(timedelta(seconds=9))
        self.meanwhile(self.taken)
        self.inner.add_paper(terminal, sent)


def filed_with(database: Database, kiosk: FakeKiosk, clock: Clock, count: int) -> tuple[Record, tuple[UUID, ...]]:
    """A filing with so many photographs, and a check that was passed."""
    kiosk.visit = uuid4()
    kiosk.prove(LIN)
    pictures = sent_by_telephone(database, kiosk.name, clock, count)
    record = kiosk.write(with_papers(pictures))
    kiosk.send(record)
    return record, pictures


def test_whoever_stands_at_a_kiosk_waits_for_one_picture_at_most(
    database: Database, house: House, kiosk: FakeKiosk, clock: Clock, tmp_path: Path
) -> None:
    """A card is stopped while a filing's photographs are on their way: before the next of them."""
    lost: list[Record] = []
    states: list[str | None] = []

    def meanwhile(taken: int) -> None:
        if taken == 2:
            lost.append(kiosk.write(loss(CHEN)))
            kiosk.at_once(lost[0])
        elif taken > 2:
            matter = kiosk.matter(lost[0])
            states.append(None if matter is None else matter.state)

    opening = opening_at(Slow(house.upstreams.medical, clock, meanwhile), house, clock, tmp_path)
    kiosk.send()
    kiosk.prove(CHEN)
    _, pictures = filed_with(database, kiosk, clock, 5)
    work(opening)
    assert states == ["decided"] * 3
    assert at_the_authority(database) == hashes(database, pictures)


def test_the_opener_is_heard_of_while_it_hands_over_papers(
    database: Database, house: House, kiosk: FakeKiosk, clock: Clock, tmp_path: Path
) -> None:
    """A kiosk that believes it dead carries nothing out."""
    said: list[str] = []

    def meanwhile(_taken: int) -> None:
        with database.reading() as connection:
            said.append(opener_is(connection, clock()))

    opening = opening_at(Slow(house.upstreams.medical, clock, meanwhile), house, clock, tmp_path)
    opening.say_awake()
    kiosk.send()
    filed_with(database, kiosk, clock, 10)
    work(opening)
    assert said == ["awake"] * 10


def test_another_filing_does_not_wait_for_all_of_them(
    database: Database, house: House, kiosk: FakeKiosk, clock: Clock, tmp_path: Path
) -> None:
    """After a few pictures new ones have their turn; a matter that brought papers is told when all are there."""
    after: list[int] = []

    class Counting(Slow):
        def file(self, terminal: str, ours: str, filing: RemoteCareMatter) -> Fate:
            after.append(self.taken)
            return super().file(terminal, ours, filing)

    others: list[Record] = []
    told: list[str] = []
    brought: list[Record] = []

    def meanwhile(taken: int) -> None:
        told.append(matter_of(kiosk, brought[0]).state)
        if taken == 1:
            others.append(kiosk.write(filing(CHEN)))
            kiosk.send(others[0])

    opening = opening_at(Counting(house.upstreams.medical, clock, meanwhile), house, clock, tmp_path)
    kiosk.send()
    kiosk.prove(CHEN)
    kiosk.visit = uuid4()
    kiosk.prove(HONG_KONG)
    record = kiosk.write(service(HONG_KONG))
    kiosk.send(record)
    work(opening)
    pictures = sent_by_telephone(database, kiosk.name, clock, 8)
    brought.append(kiosk.write(Papers(person=HONG_KONG, record=record.header.id, pictures=pictures)))
    kiosk.send(brought[0])
    work(opening)
    assert after == [AT_A_TIME]
    assert told == ["kept"] * 8
    assert matter_of(kiosk, brought[0]).state == "sent"
    assert at_the_authority(database) == hashes(database, pictures)


def test_who_somebody_is_is_asked_once_for_all_of_them(
    database: Database, house: House, kiosk: FakeKiosk, clock: Clock, tmp_path: Path
) -> None:
    """Of medical insurance: two exchanges for each picture, and 1101 once in a task."""
    files: dict[str, Output | Exception] = {"9101": {"file_qury_no": "1"}, "90506": {}}
    envelopes = spoken({"1101": LINS, "90501": TAKEN, "90502": {"outinfo": []}} | files)
    medical = NationalMedicalInsurance(envelopes=envelopes)
    opening = opening_at(medical, house, clock, tmp_path)
    kiosk.send()
    kiosk.prove(LIN)
    filed = remote_care(sent_by_telephone(database, kiosk.name, clock, AT_A_TIME))
    record = kiosk.write(filed)
    kiosk.send(record)
    opening.work_off()
    assert matter_of(kiosk, record).state == "sent"
    assert envelopes.numbers == sorted(["1101", "90501", "90502", *["90506", "9101"] * AT_A_TIME])
