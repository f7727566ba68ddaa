"""What can be done with an appointment from 我的办件: another time, or none."""

from __future__ import annotations

from functools import partial

from kiosk import receipts
from kiosk.contract.appointments import AppointmentCancellation
from kiosk.contract.bookings import Booking, BookingState
from kiosk.contract.diary import Slot
from kiosk.dates import day_of_the_week
from kiosk.desk import Desk, Filed, Paper
from kiosk.identity import Person
from kiosk.items import Item
from kiosk.journeys.applicant import who
from kiosk.journeys.appointment import Wanted, in_words, take_a_time
from kiosk.journeys.ending import end_of_matter
from kiosk.journeys.paper import Offer, with_paper
from kiosk.journeys.proxy_request import Centre
from kiosk.pages import Choose, Done, Option, Row
from kiosk.texts import _


async def move(desk: Desk, booking: Booking, item: Item, person: Person, centre: Centre) -> None:
    """Another time, and nothing else: the old one is given up once the new one holds. Raises Left."""
    assert item.appointment is not None
    wanted = Wanted(person=person, item=item, diary=item.appointment, centre=booking.centre, instead_of=booking.number)
    await take_a_time(desk, wanted, centre)


async def cancel(desk: Desk, booking: Booking, item: Item, person: Person) -> bool:
    """Gives it back, once that is confirmed; False: it stays. Raises Left."""
    if not await desk.ask(really(booking, item)):
        return False
    filed = await desk.submit(AppointmentCancellation(person=person.reference, cancels=booking.number))
    await with_paper(
        desk,
        partial(cancelled, booking, item, person, filed),
        partial(slip, booking, item, person, filed),
        label=_("打一张凭条"),
        of=filed,
    )
    return True


def can_be_changed(booking: Booking, desk: Desk) -> bool:
    """Whether it is still to come, and holds."""
    return booking.state in ("booked", "wished") and booking.day >= desk.now.date()


def booking_in_words(state: BookingState) -> str:
    """The state of an appointment among one's matters."""
    match state:
        case "booked":
            return _("已约好")
        case "full":
            return _("没有约上")
        case "wished":
            return _("已转给工作人员，等电话")
        case "cancelled":
            return _("已取消")
        case "moved":
            return _("已改时间")


def when(booking: Booking) -> str:
    """The day and the time."""
    slot = Slot(begin=booking.begin, end=booking.end)
    return _("{day} {time}").format(day=day_of_the_week(booking.day), time=in_words(slot))


# -- the pages -----------------------------------------------------------------------------------------------------


def really(booking: Booking, item: Item) -> Choose[bool]:
    return Choose(
        name="really",
        recorded=True,
        question=_("要取消这个预约吗？"),
        body=(_(item.official), when(booking)),
        options=(
            Option(value=False, label=_("不取消，留着"), icon="calendar-check", primary=True),
            Option(value=True, label=_("取消"), icon="calendar-remove"),
        ),
    )


def cancelled(booking: Booking, item: Item, person: Person, filed: Filed, paper: Paper | None, offer: Offer) -> Done:
    return end_of_matter(
        filed,
        state=receipts.sort_in_words("cancelled", filed.state),
        person=person,
        lines=(_what_next(filed),),
        rows=(Row(label=_("约的事"), value=_(item.official)), Row(label=_("时间"), value=when(booking))),
        next_steps=(_("想再约，随时来。"),),
        paper=paper,
        offer=offer,
    )


def slip(booking: Booking, item: Item, person: Person, filed: Filed) -> receipts.Receipt:
    return receipts.Receipt(
        service=item.on_paper,
        sort=_("取消预约凭条"),
        rows=(
            *who(person),
            Row(label=_("原来约的"), value=when(booking)),
        ),
        state=receipts.sort_in_words("cancelled", filed.state),
        next_steps=_what_next(filed),
        numbers=receipts.numbers(filed),
        qr=filed.code,
        qr_caption=receipts.code_caption(filed),
        at=filed.at,
    )


def _what_next(filed: Filed) -> str:
    if filed.state == "decided":
        return _("位子让出来了，谢谢您说一声。")
    if filed.state == "declined":
        return _("没有找到这个预约，请到服务台问一下。")
    return _("机器联网以后就取消。急的话，请打服务台电话。")
