"""Appointments: what is free, each seat given once, changed and given back by its own person alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from central.appointments import Desk, book, free_slots
from central.database import Database
from central.diaries import BadDiary, load_diaries
from central.house import House
from central.keys import KeyFolder
from central.opening import Opening
from central.publications import of_files, publish
from central.status import status_of
from central.tables import seats
from central.working_days import load_working_days
from kiosk.contract.acts import PersonReference
from kiosk.contract.appointments import Appointment, AppointmentCancellation
from kiosk.contract.bookings import Bookings, FreeSlots, FreeSlotsOf
from kiosk.contract.diary import Diary, Slot
from kiosk.contract.messages import Matter
from kiosk.contract.records import Record
from tests.central.kiosks import CHEN, LIN, OUYANG, Clock, FakeKiosk
from tests.kiosk.published import own_files

HALL = "环城路社区党群服务中心"
ITEM = "vaccine"
TUESDAY = date(2026, 11, 24)
"""The day after the test's clock."""
DIARIES = load_diaries()
CAPACITY, FIRST = DIARIES[ITEM].capacity, DIARIES[ITEM].slots[0]


def wanted(person: PersonReference = CHEN, *, wish: bool = False, **changes: date | str) -> Appointment:
    fields: dict[str, object] = {
        "person": person,
        "item": ITEM,
        "centre": HALL,
        "day": TUESDAY,
        "begin": FIRST.begin,
        "end": FIRST.end,
        "wish": wish,
        "intent": "x",
    }
    return Appointment.model_validate(fields | changes)


def somebody(number: int) -> PersonReference:
    return PersonReference(number=f"33990219920318{number:04}", name="某某")


def ask(kiosk: FakeKiosk, opening: Opening, act: Appointment | AppointmentCancellation) -> tuple[Record, Matter]:
    """The record, and what became of it."""
    record = kiosk.write(act)
    kiosk.send(kiosk.records[0], record)
    opening.work_off()
    matter = kiosk.matter(record)
    assert matter is not None
    return record, matter


def free(kiosk: FakeKiosk, centre: str = HALL, item: str = ITEM) -> FreeSlots:
    presented = {"visit": str(kiosk.visit), "kiosk": kiosk.name, "card": "none"}
    question = {"presented": presented, "query": {"item": item, "centre": centre}}
    answer = kiosk.http.post("/v1/queries/free-slots", json=question)
    assert answer.status_code == 200, answer.text
    return FreeSlots.model_validate_json(answer.content)


def left(kiosk: FakeKiosk, centre: str = HALL) -> int:
    """Seats left in the first slot of Tuesday."""
    day = next(day for day in free(kiosk, centre).days if day.day == TUESDAY)
    return next((slot.left for slot in day.slots if slot.begin == FIRST.begin), 0)


def bookings(kiosk: FakeKiosk, person: PersonReference) -> Bookings:
    return Bookings.model_validate_json(kiosk.ask("bookings", person).content)


@pytest.fixture
def known(kiosk: FakeKiosk) -> FakeKiosk:
    kiosk.send()
    return kiosk


def test_a_time_that_is_free_is_booked(known: FakeKiosk, opening: Opening) -> None:
    """One seat less; it stands among the person's matters and appointments, and nobody else's."""
    before = left(known)
    record, matter = ask(known, opening, wanted())
    assert (matter.state, matter.text) == ("decided", f"约在11月24日 {FIRST.begin}到{FIRST.end}")
    assert left(known) == before - 1 == CAPACITY - 1
    (booking,) = bookings(known, CHEN).lines
    assert (booking.number, booking.day, booking.state) == (str(record.number), TUESDAY, "booked")
    assert bookings(known, LIN).lines == ()
    (line,) = known.ask("matters", CHEN).json()["lines"]
    assert line["item"] == ITEM


def test_no_seat_is_given_twice(known: FakeKiosk, opening: Opening) -> None:
    """Who comes when it is full is told so; who only wished is called by a worker; another centre has its own diary."""
    for number in range(CAPACITY):
        assert ask(known, opening, wanted(somebody(number)))[1].state == "decided"
    assert left(known) == 0
    assert ask(known, opening, wanted(LIN))[1].code == "full"
    wish = ask(known, opening, wanted(OUYANG, wish=True))[1]
    assert (wish.state, "工作人员打电话" in str(wish.text)) == ("sent", True)
    assert left(known, "另一个中心") == CAPACITY


def test_a_record_that_is_opened_twice_has_one_seat(known: FakeKiosk, opening: Opening) -> None:
    record = known.write(wanted())
    known.send()
    (task,) = (task for task in opening._take_up() if task.record.header.id == record.header.id)
    opening._do(task)
    opening._do(task)
    assert left(known) == CAPACITY - 1


def test_many_at_one_moment_get_one_seat_each(known: FakeKiosk, database: Database, clock: Clock) -> None:
    """Openers side by side, on either database: as many get a seat as there are, and no two the same."""
    desk = Desk(diaries=DIARIES, working_days=load_working_days())
    records = [known.write(wanted(somebody(number))) for number in range(3 * CAPACITY)]

    def opened(record: Record, number: int) -> str:
        with database.writing() as connection:
            act = wanted(somebody(number))
            return book(connection, record.header, act, f"person {number}", desk, clock()).state

    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(opened, records, range(len(records))))
    assert states.count("decided") == CAPACITY
    assert states.count("declined") == 2 * CAPACITY
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(seats)).scalar_one() == CAPACITY


def test_it_is_moved_to_another_time(known: FakeKiosk, opening: Opening, database: Database, clock: Clock) -> None:
    """The new seat first, then the old one is given up; the old receipt's number says so."""
    old, _ = ask(known, opening, wanted())
    later = DIARIES[ITEM].slots[1]
    _, matter = ask(known, opening, wanted(begin=later.begin, end=later.end, instead_of=str(old.number)))
    assert matter.state == "decided"
    assert left(known) == CAPACITY
    assert [booking.state for booking in bookings(known, CHEN).lines] == ["booked", "moved"]
    assert status_of(database, str(old.number), clock()).sort == "cancelled"


def test_it_stays_where_the_other_time_is_full(known: FakeKiosk, opening: Opening) -> None:
    later = DIARIES[ITEM].slots[1]
    for number in range(CAPACITY):
        ask(known, opening, wanted(somebody(number), begin=later.begin, end=later.end))
    old, _ = ask(known, opening, wanted())
    change = wanted(begin=later.begin, end=later.end, instead_of=str(old.number))
    assert ask(known, opening, change)[1].state == "declined"
    assert [booking.state for booking in bookings(known, CHEN).lines] == ["full", "booked"]


def test_a_seat_is_not_given_up_for_a_wish(known: FakeKiosk, opening: Opening) -> None:
    """Said offline, of a time that is full by then: a worker calls, and until then the seat that there is holds. One
    wish takes the place of another."""
    later, latest = DIARIES[ITEM].slots[1:3]
    for number in range(CAPACITY):
        ask(known, opening, wanted(somebody(number), begin=later.begin, end=later.end))
        ask(known, opening, wanted(somebody(number), begin=latest.begin, end=latest.end))
    old, _ = ask(known, opening, wanted())
    wish, matter = ask(known, opening, wanted(begin=later.begin, end=later.end, wish=True, instead_of=str(old.number)))
    assert matter is not None
    assert matter.state == "sent"
    assert [booking.state for booking in bookings(known, CHEN).lines] == ["wished", "booked"]
    ask(known, opening, wanted(begin=latest.begin, end=latest.end, wish=True, instead_of=str(wish.number)))
    assert [booking.state for booking in bookings(known, CHEN).lines] == ["wished", "moved", "booked"]


def test_it_is_given_back(known: FakeKiosk, opening: Opening) -> None:
    """Its seat is free again, its own matter says so; saying it twice does no harm."""
    record, _ = ask(known, opening, wanted())
    _, matter = ask(known, opening, AppointmentCancellation(person=CHEN, cancels=str(record.number)))
    assert (matter.state, matter.text) == ("decided", f"11月24日 {FIRST.begin}的预约取消了")
    _, again = ask(known, opening, AppointmentCancellation(person=CHEN, cancels=str(record.number)))
    assert again == matter
    assert left(known) == CAPACITY
    assert known.matter(record) == replace_at(known.matter(record), text=matter.text)
    assert [booking.state for booking in bookings(known, CHEN).lines] == ["cancelled"]
    assert len(known.ask("matters", CHEN).json()["lines"]) == 1, "the cancellation is no matter of its own"


def replace_at(matter: Matter | None, *, text: str | None) -> Matter:
    assert matter is not None
    return matter.model_copy(update={"text": text, "state": "decided"})


def test_what_was_cancelled_is_not_booked_again_by_an_opener_that_was_slow(known: FakeKiosk, opening: Opening) -> None:
    """It took the appointment up, another one booked it, and its person gave it back meanwhile."""
    record = known.write(wanted())
    known.send()
    (stale,) = (task for task in opening._take_up() if task.record.header.id == record.header.id)
    opening._do(stale)
    ask(known, opening, AppointmentCancellation(person=CHEN, cancels=str(record.number)))
    opening._do(stale)
    assert left(known) == CAPACITY
    assert [booking.state for booking in bookings(known, CHEN).lines] == ["cancelled"]
    matter = known.matter(record)
    assert matter is not None
    assert "取消了" in str(matter.text)


def test_only_its_own_person_can_change_it_or_give_it_back(known: FakeKiosk, opening: Opening) -> None:
    record, _ = ask(known, opening, wanted())
    stranger = AppointmentCancellation(person=LIN, cancels=str(record.number))
    assert ask(known, opening, stranger)[1].state == "declined"
    later = DIARIES[ITEM].slots[1]
    ask(known, opening, wanted(LIN, begin=later.begin, end=later.end, instead_of=str(record.number)))
    assert [booking.state for booking in bookings(known, CHEN).lines] == ["booked"]


def test_a_cancellation_that_comes_before_its_appointment_waits(
    known: FakeKiosk, opening: Opening, clock: Clock
) -> None:
    """From another kiosk, whose network came back first."""
    appointment = known.write(wanted())
    other = FakeKiosk(known.http, clock, name="K002")
    _, matter = ask_of(other, opening, AppointmentCancellation(person=CHEN, cancels=str(appointment.number)))
    assert matter is None
    known.send()
    opening.work_off()
    clock.move(timedelta(minutes=1))
    opening.work_off()
    assert left(known) == CAPACITY


def ask_of(kiosk: FakeKiosk, opening: Opening, act: AppointmentCancellation) -> tuple[Record, Matter | None]:
    record = kiosk.write(act)
    kiosk.send()
    opening.work_off()
    return record, kiosk.matter(record)


@pytest.mark.parametrize(
    "change",
    [
        {"day": date(2026, 11, 29)},  # a Sunday
        {"day": date(2027, 1, 1)},  # a holiday
        {"day": date(2026, 11, 20)},  # over
        {"begin": "03:00", "end": "04:00"},
        {"item": "lift"},
    ],
    ids=["closed", "holiday", "over", "no such time", "no diary"],
)
def test_what_the_diary_does_not_have_cannot_be_booked(
    known: FakeKiosk, opening: Opening, change: dict[str, date | str]
) -> None:
    assert ask(known, opening, wanted(CHEN, wish=False, **change))[1].state == "declined"


def test_what_is_free_leaves_out_closed_days_holidays_and_what_is_over(
    sqlite_only: Database,
) -> None:
    """Over 元旦 2027; today from now on."""
    diary = Diary(first=0, last=4, slots=(Slot(begin="08:00", end="09:00"), Slot(begin="15:00", end="16:00")),
                  capacity=1, place="x", bring=("x",))  # fmt: skip
    desk = Desk(diaries={"x": diary}, working_days=load_working_days())
    now = datetime(2026, 12, 31, 2, 0, tzinfo=UTC)  # a Thursday, ten in the morning
    found = free_slots(sqlite_only, FreeSlotsOf(item="x", centre=HALL), desk, now)
    assert [(day.day, [slot.begin for slot in day.slots]) for day in found.days] == [
        (date(2026, 12, 31), ["15:00"]),
        (date(2027, 1, 4), ["08:00", "15:00"]),
    ]
    open_always = replace(desk, diaries={"x": diary.model_copy(update={"open_on_holidays": True})})
    assert len(free_slots(sqlite_only, FreeSlotsOf(item="x", centre=HALL), open_always, now).days) == 3
    assert free_slots(sqlite_only, FreeSlotsOf(item="y", centre=HALL), desk, now).days == ()


def test_a_published_catalogue_says_what_can_be_booked(
    known: FakeKiosk, opening: Opening, house: House, key_folder: KeyFolder
) -> None:
    """From the moment that it is there, at the API and at the opener; for the kiosks it is published for."""
    files = dict(own_files())
    name = "services/health.toml"
    files[name] = files[name].replace(f'begin = "{FIRST.begin}"', 'begin = "08:05"')
    publish(house.database, key_folder, of_files(files), target="K-other", now=house.now())
    assert ask(known, opening, wanted())[1].state == "decided"
    publish(house.database, key_folder, of_files(files), target="*", now=house.now())
    assert {day.slots[0].begin for day in free(known).days} == {"08:05"}
    assert ask(known, opening, wanted(LIN))[1].state == "declined"
    assert ask(known, opening, wanted(LIN, begin="08:05"))[1].state == "decided"


def test_a_published_catalogue_without_diaries_that_can_be_used(
    known: FakeKiosk, house: House, key_folder: KeyFolder, caplog: pytest.LogCaptureFixture
) -> None:
    """The program's own hold, and the log says why, once."""
    publish(house.database, key_folder, of_files({"services/health.toml": "item = 3"}), target="*", now=house.now())
    assert left(known) == left(known) == CAPACITY
    assert [record.levelname for record in caplog.records if "diaries" in record.message] == ["WARNING"]


def test_a_mistake_in_a_diary_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('[[item]]\ncode = "a"\n[item.appointment]\nlast = 3\n', encoding="utf-8")
    with pytest.raises(BadDiary, match=r"x\.toml: item\.1\.appointment\.slots"):
        load_diaries(tmp_path)


def test_the_items_that_can_be_booked() -> None:
    assert {"home-care", "childcare", "vaccine", "family-doctor", "legal-aid", "rooms"} <= DIARIES.keys()
