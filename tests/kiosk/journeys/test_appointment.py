"""预约 as its scripts say, for any item with a diary; and what can be done with one from 我的办件."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import cast

import pytest

from kiosk.catalog import load_catalog
from kiosk.contract.appointments import Appointment, AppointmentCancellation
from kiosk.contract.bookings import Booking, Bookings, BookingState, FreeDay, FreeSlot, FreeSlots
from kiosk.contract.diary import Diary, Slot
from kiosk.contract.messages import Matter
from kiosk.contract.queries import MatterLine, Matters
from kiosk.desk import NO_PRINTER, Left, Paper
from kiosk.errors import Unavailable
from kiosk.items import Guide, Item, Needs
from kiosk.journeys.appointment import appointment
from kiosk.journeys.my_matters import Here, my_matters
from kiosk.journeys.proxy_request import Centre
from kiosk.pages import Choose, Confirm, Done, Result
from kiosk.visit import Journey
from tests.kiosk.people import LIN
from tests.kiosk.scripted import ENGLISH, PRINTED, ScriptedCounter, played

HALL = "环城路社区党群服务中心"
CENTRE = Centre(phone="000-00000000")
CATALOGUE = load_catalog()
ITEM = CATALOGUE.item("vaccine")
OFFLINE = Unavailable("offline")
AT = datetime(2026, 11, 22, 1, 46, tzinfo=UTC)
TUESDAY = date(2026, 11, 24)
MORNING, NOON = Slot(begin="08:30", end="10:00"), Slot(begin="10:00", end="11:30")
FREE = FreeSlots(
    as_of=AT,
    days=(
        FreeDay(day=TUESDAY, slots=(FreeSlot(begin="08:30", end="10:00", left=2),)),
        FreeDay(
            day=date(2026, 11, 25),
            slots=(FreeSlot(begin="08:30", end="10:00", left=1), FreeSlot(begin="10:00", end="11:30", left=6)),
        ),
    ),
)
BOOKED = Matter(state="decided", text="约在11月24日 08:30到10:00", at=AT)
FULL = Matter(state="declined", text="11月24日 08:30约满了", at=AT)
Script = list[tuple[str, object]]
TO_TIME: Script = [("guide", "book"), ("field-for", "child"), ("card", LIN)]
TUESDAY_MORNING: Script = [("free-slots", FREE), ("day", TUESDAY), ("slot", MORNING)]
TO_CONFIRM: Script = [*TO_TIME, *TUESDAY_MORNING, ("telephone", "13900000000"), ("confirm", None)]


def journey(item: Item, about: Guide | None = None) -> Journey:
    assert item.appointment is not None
    return partial(
        appointment,
        item=item,
        diary=item.appointment,
        about=about or CATALOGUE.guide(item),
        centre=CENTRE,
        name=HALL,
    )


async def walked(*script: tuple[str, object], can_print: bool = True) -> ScriptedCounter:
    return await played(journey(ITEM), script, can_print=can_print)


async def booked(*more: tuple[str, object]) -> ScriptedCounter:
    """To the end, with a receipt, and whatever is wanted there."""
    return await walked(*TO_CONFIRM, ("submit", BOOKED), ("print", PRINTED), *more, ("done", "finish"))


async def wished_for() -> ScriptedCounter:
    """Without central."""
    chosen: Script = [("day", TUESDAY), ("slot", NOON), ("telephone", "13900000000"), ("confirm", None)]
    end: Script = [("submit", None), ("print", PRINTED), ("done", "finish")]
    return await walked(*TO_TIME, ("free-slots", OFFLINE), *chosen, *end)


async def given_back() -> ScriptedCounter:
    """From 我的办件, with a slip."""
    asked: Script = [("matter", "cancel-appointment"), ("really", True)]
    matter = Matter(state="decided", text="11月24日 08:30的预约取消了", at=AT)
    return await looked_at(*asked, ("submit", matter), ("done", "print"), ("print", PRINTED), ("done", "finish"))


def choice(counter: ScriptedCounter, name: str) -> Choose[object]:
    page = counter.page(name)
    assert isinstance(page, Choose)
    return page


async def test_a_free_time_is_booked_and_printed() -> None:
    """What is free with how many seats; the act has all that central needs; the paper says when, where, what."""
    counter = await booked()
    assert [(option.label, option.note) for option in choice(counter, "day").options] == [
        ("11月24日周二", "还能约 2 位"),
        ("11月25日周三", "还能约 7 位"),
    ]
    assert [(option.label, option.note) for option in choice(counter, "slot").options] == [
        ("8:30 到 10:00", "还能约 2 位")
    ]
    (act,) = counter.acts
    assert isinstance(act, Appointment)
    assert (act.item, act.centre, act.day, act.begin, act.end) == ("vaccine", HALL, TUESDAY, "08:30", "10:00")
    assert (act.wish, act.telephone, act.answers[0].value) == (False, "13900000000", "child")
    done = counter.page("done")
    assert isinstance(done, Done)
    assert (done.question, done.mood) == ("已约好", "done")
    (receipt,) = counter.receipts
    assert (receipt.sort, receipt.state) == ("预约凭条", "已约好")
    assert [row.value for row in receipt.rows] == [
        "林＊＊  尾号 002X",
        "11月24日周二",
        "8:30 到 10:00",
        "社区医院接种门诊",
        "139＊＊＊＊0000",
    ]
    assert receipt.parts[0].lines == ("身份证", "孩子的接种本")


async def test_offline_a_wish_is_recorded_and_a_worker_calls() -> None:
    """Every day of the diary can be wished for; nothing says that it is booked, or free."""
    counter = await wished_for()
    (act,) = counter.acts
    assert isinstance(act, Appointment)
    assert act.wish
    assert {option.note for option in choice(counter, "day").options} == {""}
    confirm = counter.page("confirm")
    assert isinstance(confirm, Confirm)
    assert (confirm.action, "工作人员打电话" in confirm.notes[0]) == ("没错，先登记", True)
    done = counter.page("done")
    assert isinstance(done, Done)
    assert (done.question, done.mood) == ("已登记，还没有约好", "wait")
    assert done.lines == ("联网后自动交给工作人员。工作人员会打电话给您定时间。",)
    assert counter.receipts[0].sort == "登记凭条"
    assert "想约哪天" in [row.label for row in counter.receipts[0].rows]


async def test_a_time_that_was_taken_meanwhile_leads_to_another() -> None:
    """What is free is asked anew; telephone and answers are not; nothing is printed for what was not booked."""
    counter = await walked(
        *TO_CONFIRM, ("submit", FULL), ("taken", "again"),
        ("free-slots", FREE), ("day", date(2026, 11, 25)), ("slot", NOON), ("confirm", None),
        ("submit", BOOKED), ("print", PRINTED), ("done", "finish"),
    )  # fmt: skip
    first, second = counter.acts
    assert isinstance(first, Appointment)
    assert isinstance(second, Appointment)
    assert (first.begin, second.begin, second.telephone) == ("08:30", "10:00", "13900000000")
    assert len(counter.receipts) == 1
    with pytest.raises(Left):
        await walked(*TO_CONFIRM, ("submit", FULL), ("taken", "home"))


async def test_nothing_free_says_so() -> None:
    with pytest.raises(Left):
        await walked(*TO_TIME, ("free-slots", FreeSlots(as_of=AT, days=())), ("nothing-free", "home"))


async def test_central_that_is_slow_leaves_it_open() -> None:
    """It was asked for, and nobody knows yet: not booked, and said so, without the words of a booking."""
    counter = await walked(*TO_CONFIRM, ("submit", None), ("print", PRINTED), ("done", "finish"))
    assert counter.page("done").question == "已登记，还没有约好"
    assert "已约好" not in str(counter.receipts)


async def test_without_a_telephone_the_person_looks_for_themselves() -> None:
    script: Script = [*TO_TIME, *TUESDAY_MORNING, ("telephone", "no-telephone"), ("confirm", None)]
    counter = await walked(*script, ("submit", None), ("print", PRINTED), ("done", "finish"))
    done = counter.page("done")
    assert isinstance(done, Done)
    assert "您没有留电话" in done.lines[0]


async def test_a_printer_that_stops_after_the_slip_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slip used up the roll, and the last page is wanted in English: it is shown anew, nothing is printed again."""
    printers = [True]
    monkeypatch.setattr(ScriptedCounter, "can_print", property(lambda _: printers[-1], lambda *_: None), raising=False)
    printed = ScriptedCounter.print

    async def last_of_the_roll(counter: ScriptedCounter, *job: object) -> Paper:
        printers.append(False)
        return await printed(counter, *job)  # type: ignore[arg-type]

    monkeypatch.setattr(ScriptedCounter, "print", last_of_the_roll)
    counter = await walked(*TO_CONFIRM, ("submit", BOOKED), ("print", PRINTED), ("done", ENGLISH), ("done", "finish"))
    assert len(counter.receipts) == 1


async def test_without_a_printer_the_end_shows_number_and_code() -> None:
    none = Paper(outcome="not printed", reason=NO_PRINTER)
    counter = await walked(*TO_CONFIRM, ("submit", BOOKED), ("print", none), ("done", "finish"), can_print=False)
    done = counter.page("done")
    assert isinstance(done, Done)
    assert done.qr
    failed = Paper(outcome="not printed", reason="no paper")
    counter = await walked(
        *TO_CONFIRM, ("submit", BOOKED), ("print", failed), ("done", "print"), ("print", PRINTED), ("done", "finish")
    )
    assert counter.copies == [0, 0], "what did not come out is no copy"


async def test_the_family_gets_one_with_when_where_and_what() -> None:
    script: Script = [("submit", BOOKED), ("print", PRINTED), ("done", "family"), ("print", PRINTED)]
    counter = await walked(*TO_CONFIRM, *script, ("done", "finish"))
    receipt = counter.receipts[-1]
    assert receipt.large
    said = [line for part in receipt.parts for line in part.lines]
    assert said[:4] == ["11月24日周二", "8:30 到 10:00", "社区医院接种门诊", "身份证"]


async def test_a_worker_can_do_it_and_the_guide_can_be_read() -> None:
    counter = await walked(
        ("guide", "hand-over"), ("field-for", "child"), ("card", LIN), ("wish", "explain"),
        ("telephone", "13900000000"), ("call", "any"), ("confirm", None), ("submit", None), ("done", "finish"),
    )  # fmt: skip
    guide = counter.page("guide")
    assert isinstance(guide, Result)
    assert [option.label for option in guide.actions if option.primary] == ["约个时间"]
    with pytest.raises(Left):
        await walked(("guide", "finish"))


async def test_an_entry_is_all_that_a_new_item_needs() -> None:
    """No code: a diary, a guide, and the journey runs it."""
    diary = Diary(last=3, closed=(), slots=(MORNING,), capacity=1, place="理发室", bring=("什么都不用带",))
    item = replace(
        ITEM, code="haircut", label="理发", official="义务理发预约", field=(), appointment=diary, needs=Needs()
    )
    about = Guide(what="老人理发不要钱。", who=("老人",), bring=("不用带",), where="本中心", when="周一到周五")
    script: Script = [("guide", "book"), ("card", LIN), *TUESDAY_MORNING, ("telephone", "13900000000")]
    counter = await played(
        journey(item, about),
        [*script, ("confirm", None), ("submit", BOOKED), ("print", PRINTED), ("done", "finish")],
    )
    assert "理发室" in str(counter.receipts)


async def test_in_english_the_paper_is_in_both() -> None:
    counter = await walked(("guide", ENGLISH), *TO_CONFIRM, ("submit", BOOKED), ("print", PRINTED), ("done", "finish"))
    (receipt,) = counter.receipts
    assert receipt.beside is not None
    assert "Tuesday 24 November" in [row.value for row in receipt.beside.rows]


# -- from 我的办件 --------------------------------------------------------------------------------------------------

NUMBER = "K001-26-000317-7Q4X7"
HERE = Here(names={"vaccine": ITEM.official}, bookable={"vaccine": ITEM}, centre=CENTRE, kiosk="K-001")


def booking(state: BookingState = "booked", day: date = TUESDAY) -> Booking:
    return Booking(number=NUMBER, item="vaccine", centre=HALL, day=day, begin="08:30", end="10:00", state=state)


async def looked_at(*script: tuple[str, object], of: Booking | None = None) -> ScriptedCounter:
    line = MatterLine(kind=Appointment.kind, item="vaccine", at=AT, number=NUMBER, matter=BOOKED)
    found: Script = [
        ("way", "card"), ("card", LIN), ("matters", Matters(lines=(line,))),
        ("bookings", Bookings(lines=(of or booking(),))), ("matters", NUMBER),
    ]  # fmt: skip
    return await played(partial(my_matters, here=HERE), [*found, *script])


def actions(counter: ScriptedCounter) -> list[str]:
    page = counter.page("matter")
    assert isinstance(page, Result)
    return [option.label for option in page.actions]


async def test_an_appointment_is_shown_with_its_time_and_place() -> None:
    counter = await looked_at(("matter", "finish"))
    page = counter.page("matter")
    assert isinstance(page, Result)
    assert choice(counter, "matters").options[0].note == "已约好 · 11月24日周二 8:30 到 10:00", "the day that it is for"
    (section,) = page.sections
    assert section.state == "已约好"
    assert [row.value for row in section.rows][:2] == ["11月24日周二 8:30 到 10:00", "社区医院接种门诊"]
    assert actions(counter) == ["改时间", "取消预约", "看别的办件", "看好了"]


@pytest.mark.parametrize(
    "of", [booking("cancelled"), booking("moved"), booking("full"), booking(day=date(2026, 11, 21))]
)
async def test_what_is_over_cannot_be_changed(of: Booking) -> None:
    assert actions(await looked_at(("matter", "finish"), of=of)) == ["看别的办件", "看好了"]


async def test_it_is_moved() -> None:
    """Another time is taken in the place of the old one; central gives that up. Nothing else is asked again."""
    counter = await looked_at(
        ("matter", "move"), *TUESDAY_MORNING, ("confirm", None), ("submit", BOOKED), ("print", PRINTED),
        ("done", "finish"),
    )  # fmt: skip
    (act,) = counter.acts
    assert isinstance(act, Appointment)
    assert (act.instead_of, act.telephone, act.answers) == (NUMBER, None, ())
    for page in (counter.page("confirm"), counter.page("done")):
        assert isinstance(page, Confirm | Done)
        assert ("联系电话", "跟原来的一样") in [(row.label, row.value) for row in page.rows]


async def test_moved_to_a_time_of_which_nobody_knows_the_old_one_holds() -> None:
    counter = await looked_at(
        ("matter", "move"), ("free-slots", OFFLINE), ("day", TUESDAY), ("slot", MORNING),
        ("confirm", None), ("submit", None), ("print", PRINTED), ("done", "finish"),
    )  # fmt: skip
    assert "新时间定下来以前，原来约的还算。" in "".join(cast(Done, counter.page("done")).lines)


async def test_it_is_cancelled_once_that_is_confirmed() -> None:
    cancelled = Matter(state="decided", text="11月24日 08:30的预约取消了", at=AT)
    counter = await looked_at(
        ("matter", "cancel-appointment"), ("really", False),
        ("matters", NUMBER), ("matter", "cancel-appointment"), ("really", True), ("submit", cancelled),
        ("done", "print"), ("print", PRINTED), ("done", "finish"),
    )  # fmt: skip
    assert counter.acts == [AppointmentCancellation(person=LIN.reference, cancels=NUMBER)]
    first, last = (page for page in counter.pages if isinstance(page, Done))
    assert (first.question, first.paper) == ("已取消", "要凭条可以打一张，也可以拍下登记号")
    assert last.paper == "请取走身份证和凭条"
    assert counter.receipts[0].state == "已取消"


async def test_offline_a_cancellation_says_that_it_waits() -> None:
    counter = await looked_at(("matter", "cancel-appointment"), ("really", True), ("submit", None), ("done", "finish"))
    assert counter.page("done").question == "已登记，还没有取消"
