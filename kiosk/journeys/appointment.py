"""预约: a day and a time of the item's diary, taken at once; without central only wished for, and a worker calls.

Runs every item with ``[item.appointment]``. What is free is asked when it is needed and may be gone a moment later:
then another time is offered, and nothing that was said before has to be said again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from kiosk import receipts
from kiosk.contract.appointments import Appointment
from kiosk.contract.bookings import FreeSlots, FreeSlotsOf
from kiosk.contract.diary import Diary, Slot
from kiosk.dates import day_of_the_week
from kiosk.desk import Desk, Filed, Left, Paper
from kiosk.identity import Person, grouped_phone, masked_phone
from kiosk.items import Guide, Item
from kiosk.journeys.applicant import who
from kiosk.journeys.ending import end_of_matter
from kiosk.journeys.fields import Answered, ask_fields
from kiosk.journeys.guide import HAND_OVER, read_guide
from kiosk.journeys.paper import Offer, with_paper
from kiosk.journeys.proxy_request import NO_TELEPHONE, Centre, proxy_request
from kiosk.journeys.telephone import a_telephone
from kiosk.pages import Choose, Confirm, Done, Notice, Option, Row
from kiosk.texts import _, sentences

BOOK, AGAIN = "book", "again"

Free = Mapping[date, Mapping[str, int]]
"""Day → begin of a slot → seats left."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is booked, for whom, and where. ``instead_of``: the number of the appointment that it replaces, of which all
    holds but the time."""

    person: Person
    item: Item
    diary: Diary
    centre: str
    answers: tuple[Answered, ...] = ()
    instead_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the person chose, before it is confirmed. ``wish``: nobody knows whether it is free."""

    wanted: Wanted
    day: date
    slot: Slot
    wish: bool
    telephone: str | None


async def appointment(desk: Desk, item: Item, diary: Diary, about: Guide, centre: Centre, name: str) -> None:
    """The guide, what the item asks, card, a time, telephone, confirm. ``name`` is the centre's. Raises Left."""
    answer = await read_guide(desk, item, about, centre, first=_to_book)
    if answer == HAND_OVER:
        return await proxy_request(desk, item, centre)
    if answer != BOOK:
        raise Left("cancelled")
    answers = tuple(await ask_fields(desk, item.field, centre.places))
    person = await desk.identify()
    wanted = Wanted(person=person, item=item, diary=diary, centre=name, answers=answers)
    return await take_a_time(desk, wanted, centre)


async def take_a_time(desk: Desk, wanted: Wanted, centre: Centre) -> None:
    """Until a time is taken or wished for, or the person leaves it. Raises Left."""
    telephone: str | None = None
    asked = wanted.instead_of is not None
    while True:
        free = await desk.find(FreeSlotsOf(item=wanted.item.code, centre=wanted.centre))
        seats = _seats(free) if free is not None else None
        if seats is not None and not seats:
            await desk.ask(nothing_free(centre.phone))
            raise Left("cancelled")
        day = await desk.ask(choose_day(wanted.diary, desk.now.date(), seats))
        slot = await desk.ask(choose_slot(wanted.diary, day, seats))
        if not asked:
            telephone, asked = await _telephone(desk), True
        draft = Draft(wanted=wanted, day=day, slot=slot, wish=seats is None, telephone=telephone)
        await desk.ask(confirm(draft))
        filed = await desk.submit(_act(desk, draft))
        if filed.state != "declined":
            break
        if await desk.ask(taken(filed, centre.phone)) != AGAIN:
            raise Left("cancelled")
    paper = await desk.print(receipts.in_both(partial(slip, draft, filed)), of=filed)
    filed = replace(filed, paper=paper)
    await with_paper(
        desk,
        partial(done, draft, filed),
        partial(slip, draft, filed),
        label=_("打一张凭条"),
        of=filed,
        family=partial(for_family, draft, filed),
    )


async def _telephone(desk: Desk) -> str | None:
    typed = await a_telephone(
        desk,
        hint=_("时间有变动，打这个电话告诉您。"),
        aside=Option(value=NO_TELEPHONE, label=_("没有手机"), icon="cellphone-off"),
    )
    return None if typed == NO_TELEPHONE else typed


def _act(desk: Desk, draft: Draft) -> Appointment:
    wanted = draft.wanted
    return Appointment(
        person=wanted.person.reference,
        item=wanted.item.code,
        centre=wanted.centre,
        day=draft.day,
        begin=draft.slot.begin,
        end=draft.slot.end,
        wish=draft.wish,
        telephone=draft.telephone,
        answers=tuple(answer.recorded for answer in wanted.answers),
        instead_of=wanted.instead_of,
        intent=f"{desk.now:%Y-%m-%d} {wanted.item.code}"[:64],
    )


def _seats(free: FreeSlots) -> Free:
    return {day.day: {slot.begin: slot.left for slot in day.slots} for day in free.days}


# -- the pages -----------------------------------------------------------------------------------------------------


def _to_book() -> Option[str]:
    return Option(value=BOOK, label=_("约个时间"), icon="calendar-clock", primary=True)


def choose_day(diary: Diary, today: date, free: Free | None) -> Choose[date]:
    """The days that have something free; all of the diary's, where nobody can say."""
    days = tuple(diary.days(today)) if free is None else tuple(free)
    return Choose(
        name="day",
        question=_("约哪一天？"),
        hint=_("现在查不到哪天有空，先选您想约的，工作人员打电话给您定。") if free is None else "",
        options=tuple(
            Option(
                value=day,
                label=day_of_the_week(day),
                note="" if free is None else _left(diary, *free[day].values()),
                icon="calendar-today",
            )
            for day in days
        ),
    )


def choose_slot(diary: Diary, day: date, free: Free | None) -> Choose[Slot]:
    slots = [slot for slot in diary.slots if free is None or slot.begin in free[day]]
    return Choose(
        name="slot",
        question=_("{day}，几点？").format(day=day_of_the_week(day)),
        options=tuple(
            Option(
                value=slot,
                label=in_words(slot),
                note="" if free is None else _left(diary, free[day][slot.begin]),
                icon="clock-outline",
            )
            for slot in slots
        ),
    )


def nothing_free(phone: str) -> Notice:
    return Notice(
        name="nothing-free",
        icon="calendar-remove",
        mood="plain",
        question=_("这些天都约满了"),
        hint=_("请过几天再来看，或者问服务台有没有人退。"),
        lines=(_("服务台电话：{phone}").format(phone=phone),),
        actions=(Option(value="home", label=_("知道了"), icon="home", primary=True),),
    )


def confirm(draft: Draft) -> Confirm:
    notes = (_("现在查不到哪天有空，先记下您想约的时间，工作人员打电话给您定。"),) if draft.wish else ()
    note = draft.wanted.diary.note
    return Confirm(
        name="confirm",
        question=_("请看一遍，都对吗？"),
        rows=(
            _of_the_matter(draft),
            *(answer.row for answer in draft.wanted.answers),
            *rows(draft, whole_telephone=True),
        ),
        notes=(*notes, *((_(note),) if note else ())),
        action=_("没错，先登记") if draft.wish else _("没错，就约这个时间"),
    )


def _of_the_matter(draft: Draft) -> Row:
    return Row(label=_("约的事"), value=_(draft.wanted.item.official))


def taken(filed: Filed, phone: str) -> Notice:
    """Somebody else was quicker; nothing was lost by it."""
    return Notice(
        name="taken",
        icon="calendar-remove",
        mood="wait",
        question=_("这个时间刚才约满了"),
        hint=_("再选一个时间，前面填的不用再填。"),
        lines=(_("服务台电话：{phone}").format(phone=phone),),
        actions=(
            Option(value="home", label=_("先不约了"), icon="home"),
            Option(value=AGAIN, label=_("再选一个时间"), icon="calendar-clock", primary=True),
        ),
    )


def done(draft: Draft, filed: Filed, paper: Paper | None, offer: Offer) -> Done:
    return end_of_matter(
        filed,
        state=receipts.appointment_in_words(filed.state),
        person=draft.wanted.person,
        lines=(what_next(draft, filed),),
        rows=(_of_the_matter(draft), *rows(draft)),
        next_steps=(
            (_("准备好：{things}。") if draft.wanted.diary.at_home else _("带上：{things}。")).format(
                things=_("、").join(_(thing) for thing in draft.wanted.diary.bring)
            ),
            *((_(draft.wanted.diary.note),) if draft.wanted.diary.note else ()),
            _("改时间、取消，在“我的办件”里。"),
        ),
        paper=paper,
        offer=offer,
    )


def slip(draft: Draft, filed: Filed) -> receipts.Receipt:
    return receipts.booked(
        service=draft.wanted.item.on_paper,
        rows=rows(draft),
        outcome=filed,
        next_steps=sentences((what_next(draft, filed), _("改时间、取消，在“我的办件”里。"))),
        parts=_to_bring(draft),
        at_home=draft.wanted.diary.at_home,
    )


def for_family(draft: Draft, filed: Filed) -> receipts.Receipt:
    """For whoever goes along: when, where, what to take."""
    diary = draft.wanted.diary
    return receipts.for_family(
        service=draft.wanted.item.on_paper,
        who=who(draft.wanted.person),
        outcome=filed,
        state=receipts.appointment_in_words(filed.state),
        next_steps=what_next(draft, filed),
        parts=(
            receipts.Part(
                title=_("想约的时间") if filed.state != "decided" else _("什么时候"),
                lines=(day_of_the_week(draft.day), in_words(draft.slot)),
            ),
            receipts.Part(title=_("在哪里"), lines=(_(diary.place),)),
            *_to_bring(draft),
        ),
    )


# -- in words ------------------------------------------------------------------------------------------------------


def rows(draft: Draft, *, whole_telephone: bool = False) -> tuple[Row, ...]:
    """What page and paper show alike. A number that was typed and has to be checked stands there whole."""
    telephone = _("没有留电话")
    if draft.telephone is not None:
        telephone = grouped_phone(draft.telephone) if whole_telephone else masked_phone(draft.telephone)
    elif draft.wanted.instead_of is not None:
        telephone = _("跟原来的一样")
    return (
        *who(draft.wanted.person),
        Row(label=_("想约哪天") if draft.wish else _("哪天"), value=day_of_the_week(draft.day)),
        Row(label=_("几点"), value=in_words(draft.slot)),
        Row(label=_("在哪里"), value=_(draft.wanted.diary.place)),
        Row(label=_("联系电话"), value=telephone),
    )


def what_next(draft: Draft, filed: Filed) -> str:
    """What happens now."""
    if filed.state == "decided":
        return _("请那天在家等，工作人员会上门。") if draft.wanted.diary.at_home else _("请按时到。")
    waits = _("联网后自动交给工作人员。") if filed.state == "kept" else ""
    if draft.wanted.instead_of is not None:
        return sentences((waits, _("新时间定下来以前，原来约的还算。过一两天在“我的办件”里看。")))
    if draft.telephone is None:
        return sentences((waits, _("您没有留电话，过一两天在“我的办件”里看，或者问服务台。")))
    return sentences((waits, _("工作人员会打电话给您定时间。")))


def in_words(slot: Slot) -> str:
    return _("{begin} 到 {end}").format(begin=slot.begin.removeprefix("0"), end=slot.end.removeprefix("0"))


def _left(diary: Diary, *seats: int) -> str:
    """What is left of a slot, or of all slots of a day: the same room at other times is no other room."""
    if diary.seats == "people":
        return _("还能约 {count} 位").format(count=sum(seats))
    return _("还有 {count} 间").format(count=seats[0]) if len(seats) == 1 else _("有空")


def _to_bring(draft: Draft) -> tuple[receipts.Part, ...]:
    """Nothing where the item's name, and so perhaps that, would tell of an illness."""
    diary = draft.wanted.diary
    note = (receipts.Part(title=_("请注意"), lines=(_(diary.note),)),) if diary.note else ()
    if draft.wanted.item.discreet:
        return ()
    title = _("请准备") if diary.at_home else _("要带什么")
    return (receipts.Part(title=title, lines=tuple(_(thing) for thing in diary.bring), mark="□ "), *note)
