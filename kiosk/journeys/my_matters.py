"""我的办件: what became of one's matters, from whichever terminal they were recorded at.

With a card, all of them and what to do next; without one, or where central cannot be asked, one by its number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from kiosk import receipts
from kiosk.contract.acts import ProxyRequest, RemoteCareFiling
from kiosk.contract.appointments import Appointment
from kiosk.contract.bookings import Booking, BookingsOf
from kiosk.contract.live import FamilyAccount, RemoteCareWithdrawal, SocialCardLoss
from kiosk.contract.messages import MatterState
from kiosk.contract.papers import Papers
from kiosk.contract.queries import MatterLine, MattersOf
from kiosk.contract.registry import sort_of
from kiosk.contract.uploads import MattersInWantOf, PapersWanted
from kiosk.dates import day_in_words
from kiosk.desk import Desk, Left
from kiosk.identity import Person
from kiosk.items import Item
from kiosk.journeys.bring_papers import bring_papers
from kiosk.journeys.by_number import by_number
from kiosk.journeys.ending import mood_of
from kiosk.journeys.my_appointments import booking_in_words, can_be_changed, cancel, move, when
from kiosk.journeys.proxy_request import Centre
from kiosk.pages import Choose, Notice, Option, Result, Row, Section
from kiosk.texts import _, sentences
from kiosk.visit import Journey

BY_CARD, BY_NUMBER, AGAIN, FINISH, OTHERS, PAPERS = "card", "number", "again", "finish", "others", "papers"
DUE = "due"
MOVE, CANCEL = "move", "cancel-appointment"


@dataclass(frozen=True, kw_only=True)
class Here:
    """This machine: item's code → official name (the Chinese original), → the one that paper may say where it is
    another, and → the item where its times can be booked; the centre; its own name."""

    names: Mapping[str, str] = field(default_factory=dict)
    discreet: Mapping[str, str] = field(default_factory=dict)
    bookable: Mapping[str, Item] = field(default_factory=dict)
    centre: Centre
    kiosk: str
    due: Journey | None = None
    """今天该办的事, where this centre has it."""

    @property
    def phone(self) -> str:
        return self.centre.phone


async def my_matters(desk: Desk, here: Here) -> None:
    """How they are looked for, then the list, then one after the other. Raises Left."""
    way = await desk.ask(choose_way(with_due=here.due is not None))
    if way == BY_NUMBER:
        return await _by_receipt(desk, here)
    if way == DUE and here.due is not None:
        return await here.due(desk)
    return await _by_card(desk, here)


async def _by_card(desk: Desk, here: Here, *, first: str = "") -> None:
    """The list, then one after the other; with ``first``, the matter of that number before the list. Raises Left."""
    person = await desk.identify()
    found = await desk.find(MattersOf(person=person.reference))
    while found is None:
        answer = await desk.ask(no_answer(here.phone))
        if answer == BY_NUMBER:
            return await _by_receipt(desk, here)
        if answer != AGAIN:
            raise Left("cancelled")
        found = await desk.find(MattersOf(person=person.reference))
    if not found.lines:
        if await desk.ask(nothing()) == BY_NUMBER:
            await _by_receipt(desk, here)
        return None
    booked = await _booked(desk, found.lines, person)
    zone = desk.now.tzinfo
    chosen = first
    while True:
        if not any(line.number == chosen for line in found.lines):
            chosen = await desk.ask(matters_page(found.lines, here.names, zone, booked))
        line = next((line for line in found.lines if line.number == chosen), None)
        if line is None:
            return None
        booking, item = booked.get(line.number), here.bookable.get(line.item or "")
        wanted = await _papers_wanted(desk, person, line)
        changes = booking is not None and item is not None and can_be_changed(booking, desk)
        answer = await desk.ask(one_matter(line, here, zone, booking, changes=changes, papers=wanted is not None))
        if answer == PAPERS and wanted is not None:
            told = title_of(line, {**here.names, **here.discreet})
            title = title_of(line, here.names)
            return await bring_papers(desk, person, wanted, title, here.phone, on_paper=told)
        if booking is not None and item is not None:
            if answer == MOVE:
                return await move(desk, booking, item, person, here.centre)
            if answer == CANCEL and await cancel(desk, booking, item, person):
                return None
        if answer == FINISH:
            return None
        chosen = ""


async def my_matter(desk: Desk, here: Here, number: str) -> None:
    """One's own matter of that number at once; the others are a key away. Raises Left."""
    await _by_card(desk, here, first=number)


async def _by_receipt(desk: Desk, here: Here) -> None:
    await by_number(desk, begins=f"{here.kiosk.replace('-', '').upper()}-{desk.now:%y}-", phone=here.phone)


async def _papers_wanted(desk: Desk, person: Person, line: MatterLine) -> PapersWanted | None:
    """What a matter waits for, where papers can be sent for it from here."""
    if line.matter.state != "papers wanted":
        return None
    found = await desk.find(MattersInWantOf(person=person.reference))
    return next((matter for matter in found.lines if matter.number == line.number), None) if found else None


async def _booked(desk: Desk, lines: tuple[MatterLine, ...], person: Person) -> dict[str, Booking]:
    """Number → appointment, where there are any; none where central does not say."""
    if not any(line.kind == Appointment.kind for line in lines):
        return {}
    found = await desk.find(BookingsOf(person=person.reference))
    return {} if found is None else {booking.number: booking for booking in found.lines}


# -- the pages -----------------------------------------------------------------------------------------------------


def choose_way(*, with_due: bool = False) -> Choose[str]:
    due = Option(
        value=DUE, label=_("看看有没有该办的事"), icon="calendar-check", note=_("养老金认证、居民医保、备案到期")
    )
    return Choose(
        name="way",
        question=_("怎么查您办的事？"),
        options=(
            Option(value=BY_CARD, label=_("用身份证查"), icon="card-account-details", note=_("您的事都能看到")),
            Option(value=BY_NUMBER, label=_("用凭条查"), icon="receipt-text", note=_("没带证件，或者没有网络时用")),
            *((due,) if with_due else ()),
        ),
    )


def matters_page(
    lines: tuple[MatterLine, ...], names: Mapping[str, str], zone: tzinfo | None, booked: Mapping[str, Booking]
) -> Choose[str]:
    """A line each, the newest first: what it was, how far it is, and when."""
    return Choose(
        name="matters",
        question=_("您的办件"),
        hint=_("点一件，看详细的。"),
        options=tuple(
            Option(
                value=line.number,
                label=title_of(line, names),
                note=_note(line, zone, booked.get(line.number)),
                icon=_ICONS[line.matter.state],
            )
            for line in lines
        ),
        aside=Option(value=FINISH, label=_("看好了"), icon="check"),
        personal=True,
    )


def _note(line: MatterLine, zone: tzinfo | None, booking: Booking | None) -> str:
    """How far it is, and the day: of an appointment the one that it is for."""
    day = when(booking) if booking is not None else day_in_words(line.at.astimezone(zone))
    return _("{state} · {day}").format(state=state_of(line, booking), day=day)


def one_matter(
    line: MatterLine,
    here: Here,
    zone: tzinfo | None,
    booking: Booking | None = None,
    *,
    changes: bool = False,
    papers: bool = False,
) -> Result:
    """All that is known of one: the authority's words stand there as they came. ``changes``: it is an appointment that
    can be moved or given back; ``papers``: some can be sent."""
    item = here.bookable.get(line.item or "")
    where = () if booking is None or item is None or item.appointment is None else (item.appointment.place,)
    change = (
        Option(value=MOVE, label=_("改时间"), icon="calendar-edit"),
        Option(value=CANCEL, label=_("取消预约"), icon="calendar-remove"),
    )
    bring = Option(value=PAPERS, label=_("补材料"), icon="cellphone", primary=True)
    theirs = () if not line.matter.number else (Row(label=_("受理号"), value=line.matter.number),)
    return Result(
        name="matter",
        question=title_of(line, here.names),
        sections=(
            Section(
                title=_("办到哪了"),
                state=state_of(line, booking),
                mood=mood_of(line.matter.state),
                rows=(
                    *(() if booking is None else (Row(label=_("时间"), value=when(booking)),)),
                    *(Row(label=_("在哪里"), value=_(place)) for place in where),
                    Row(label=_("登记的日子"), value=day_in_words(line.at.astimezone(zone))),
                    Row(label=_("登记号"), value=line.number),
                    *theirs,
                ),
                meaning=sentences((_their_words(line), what_next(line, papers=papers))),
            ),
        ),
        notes=(_("服务台电话：{phone}").format(phone=here.phone),),
        actions=(
            *(change if changes else ()),
            Option(value=OTHERS, label=_("看别的办件"), icon="format-list-bulleted"),
            *((bring,) if papers else ()),
            Option(value=FINISH, label=_("看好了"), icon="check", primary=not papers),
        ),
    )


def nothing() -> Notice:
    return Notice(
        name="no-matters",
        icon="clipboard-text-search-outline",
        mood="plain",
        question=_("没有找到您的办件"),
        hint=_("刚登记的要过一会儿才看得到。"),
        actions=(
            Option(value=BY_NUMBER, label=_("用凭条查"), icon="receipt-text"),
            Option(value=FINISH, label=_("知道了"), icon="check", primary=True),
        ),
    )


def no_answer(phone: str) -> Notice:
    return Notice(
        name="no-answer",
        icon="wifi-off",
        question=_("现在查不了，网络或对方系统没有回应"),
        hint=_("有凭条的，可以用登记号查这台机器登记过的事。"),
        lines=(_("服务台电话：{phone}").format(phone=phone),),
        actions=(
            Option(value="home", label=_("先不查了"), icon="home"),
            Option(value=BY_NUMBER, label=_("用凭条查"), icon="receipt-text"),
            Option(value=AGAIN, label=_("再试一次"), icon="refresh", primary=True),
        ),
    )


# -- in words ------------------------------------------------------------------------------------------------------


def title_of(line: MatterLine, names: Mapping[str, str]) -> str:
    """What it was; one that was recorded at another terminal may be of no item here."""
    if line.kind in _TITLES:
        return _TITLES[line.kind]()
    if line.item is None or line.item not in names:
        return _("其他事项")
    if line.kind == ProxyRequest.kind:
        return _("{service}（请人代办）").format(service=_(names[line.item]))
    return _(names[line.item])


def state_of(line: MatterLine, booking: Booking | None = None) -> str:
    if booking is not None:
        return booking_in_words(booking.state)
    return receipts.sort_in_words(sort_of(line.kind), line.matter.state, line.matter.code)


def what_next(line: MatterLine, *, papers: bool = False) -> str:
    """What the person can do, or need not."""
    handed_over = line.kind == ProxyRequest.kind
    if line.kind == Appointment.kind:
        return _("工作人员会打电话给您定时间。") if line.matter.state in ("kept", "sent") else ""
    match line.matter.state:
        case "kept":
            return _("我们会替您提交，不用再办一次。")
        case "sent" if handed_over:
            return _("工作人员会跟着办，着急的请打服务台电话。")
        case "sent":
            return _("有了结果，这里看得到。")
        case "papers wanted" if papers:
            return _("按“补材料”用手机拍照，或者带材料到服务台。")
        case "papers wanted":
            return _("请带材料到服务台，工作人员帮您补上。")
        case "declined":
            return _("不明白的，请到服务台问一下，看还能怎么办。")
        case "unsure":
            return _("先不要再办一次，请到服务台问。")
        case "decided":
            return ""


def _their_words(line: MatterLine) -> str:
    return receipts.in_their_words(line.matter.text) if line.matter.text else ""


_TITLES: dict[str, Callable[[], str]] = {
    RemoteCareFiling.kind: lambda: _("异地就医备案"),
    RemoteCareWithdrawal.kind: lambda: _("撤销异地就医备案"),
    SocialCardLoss.kind: lambda: _("社保卡停用或恢复"),
    FamilyAccount.kind: lambda: _("家庭共济"),
    Papers.kind: lambda: _("补材料"),
}
"""What is of no item in particular."""
_ICONS: dict[MatterState, str] = {
    "kept": "clock-outline",
    "sent": "progress-clock",
    "decided": "check-circle-outline",
    "declined": "close-circle-outline",
    "papers wanted": "file-alert-outline",
    "unsure": "help-circle-outline",
}
