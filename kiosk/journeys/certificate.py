"""开证明: an authority's certificate, from an entry of the catalogue: to the telephone, and on A4 where that can be.

Nothing is composed here: what the person gets is the authority's file, byte for byte. The paper of the receipt printer
says so: it is no certificate. Without central, or with the second check owed, there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from kiosk import receipts
from kiosk.certificate_entry import CertificateEntry, Kind
from kiosk.contract.certificates import CertificateAnswer, CertificateFetchedOf, CertificateOf, IssuedCertificate
from kiosk.desk import NO_PRINTER, Desk, Paper
from kiosk.identity import Person, masked_name, tail
from kiosk.items import Item
from kiosk.journeys.paper import COPY, PRINT, Offer, offer, preview
from kiosk.journeys.places import choose_place
from kiosk.journeys.proxy_request import Centre
from kiosk.journeys.query import identified
from kiosk.pages import FETCHED, Choose, ChoosePlace, Done, Notice, Option, Result, Row
from kiosk.regions import place_in_sentence, place_name
from kiosk.texts import _

FINISH: Final = "finish"
ELSEWHERE, NOT_INSURED = "elsewhere", "not-insured"
ON_A4: Final = "on-a4"


@dataclass(frozen=True, kw_only=True)
class Span:
    """The last so many months, or one year; neither, where a certificate is of no span."""

    months: int | None = None
    year: int | None = None


async def certificate(desk: Desk, item: Item, entry: CertificateEntry, centre: Centre) -> None:
    """Person, place, purpose, span; then the authority's answer. Raises Left, Unavailable."""
    person = await identified(desk, 2)
    place = await desk.ask(_place(entry, centre))
    kind = await _kind(desk, entry)
    span = await _span(desk, kind)
    while True:
        wanted = CertificateOf(
            person=person.reference,
            authority=entry.authority,
            kind=kind.code,
            place=place,
            months=span.months,
            year=span.year,
            witness=person.witness,
        )
        answer = await desk.query(wanted)
        if answer.issued is not None:
            return await _handed_out(desk, item, kind, person, wanted, answer.issued)
        if answer.outcome != "not insured":
            await desk.ask(_refused(answer, kind, entry, centre))
            return None
        match await desk.ask(_nothing_there(answer, place, entry, kind)):
            case "elsewhere":
                place = await desk.ask(_place(entry, centre))
            case "not-insured" if entry.not_insured is not None:
                kind = entry.kind_of(entry.not_insured)
                span = await _span(desk, kind)
            case _:
                return None


async def _kind(desk: Desk, entry: CertificateEntry) -> Kind:
    """Which certificate, by what it is needed for: people know for whom it is, not what it is called."""
    if len(entry.purpose) == 1:
        return entry.kind_of(entry.purpose[0].kind)
    options = tuple(
        Option(value=purpose.code, label=_(purpose.label), note=_(entry.kind_of(purpose.kind).name), icon=purpose.icon)
        for purpose in entry.purpose
    )
    chosen = await desk.ask(Choose(name="purpose", question=_("这份证明给谁看？"), options=options))
    return entry.kind_of(next(purpose.kind for purpose in entry.purpose if purpose.code == chosen))


async def _span(desk: Desk, kind: Kind) -> Span:
    """What it is to be of, where its kind is of a span."""
    if kind.months:
        options = tuple(Option(value=count, label=_last_months(count)) for count in kind.months)
        months = await desk.ask(Choose(name="ask-months", question=_("要最近多久的？"), options=options))
        return Span(months=months)
    if kind.years is not None:
        last = desk.now.year - 1
        ended = tuple(Option(value=last - ago, label=_year(last - ago)) for ago in range(kind.years))
        year = await desk.ask(Choose(name="ask-year", question=_("要哪一年的？"), options=ended))
        return Span(year=year)
    return Span()


async def _handed_out(
    desk: Desk, item: Item, kind: Kind, person: Person, wanted: CertificateOf, issued: IssuedCertificate
) -> None:
    """The code for the telephone, the A4 printer, the slip: in whatever order, until the person is done."""
    slip: Paper | None = None
    sheet: Paper | None = None
    on_phone = False
    copies = 0
    while True:
        offers = (*_on_a4(desk, sheet), *offer(desk, slip, copies, _("打一张凭条")))
        answer = await desk.ask(issued_page(desk, kind, wanted, issued, sheet, slip, offers, on_phone=on_phone))
        if answer == ON_A4:
            sheet = await desk.print_document(issued)
        elif answer == FETCHED:
            on_phone = True
        elif answer in (PRINT, COPY):
            copy = copies + (answer == COPY)
            fetched = await desk.find(CertificateFetchedOf(token=issued.token))
            on_phone = on_phone or (fetched is not None and bool(fetched.times))
            receipt = partial(slip_of, desk, item, kind, person, wanted, issued, sheet, on_phone=on_phone)
            if copy and await desk.ask(preview(desk, receipts.in_both(receipt), copy)) != PRINT:
                continue
            copies = copy
            slip = await desk.print(receipts.in_both(receipt), copy=copies)
        else:
            return


# -- pages and paper -----------------------------------------------------------------------------------------------


def issued_page(
    desk: Desk,
    kind: Kind,
    wanted: CertificateOf,
    issued: IssuedCertificate,
    sheet: Paper | None,
    slip: Paper | None,
    offers: Offer,
    *,
    on_phone: bool = False,
) -> Done:
    """The code, until when it is good, and by what the file can be told: its first figures stand on the phone too. The
    code stays when the file is on a telephone: not everybody finds again what they fetched."""
    until = _clock(desk, issued)
    title = _(kind.name)
    said = (*((_sheet_in_words(sheet),) if sheet else ()), *((receipts.paper_in_words(slip),) if slip else ()))
    return Done(
        name="certificate",
        mood="done",
        question=(_("{title}已发到您的手机") if on_phone else _("{title}开好了")).format(title=title),
        lines=said,
        rows=(
            Row(label=_("参保地"), value=place_name(wanted.place)),
            *_span_rows(wanted),
            Row(label=_("核对码"), value=in_groups(issued.sha256)),
            Row(label=_("这个月开过"), value=_("{n} 次").format(n=issued.this_month)),
        ),
        next_steps=(
            *(() if on_phone else (_("用手机扫码，点“存到手机”。"),)),
            _("手机上的核对码跟这里一样，就是同一份。"),
            _("过了时间就删掉了，还要的话得再开一次。"),
        ),
        paper=_("用手机扫这个码"),
        paper_is_there=False,
        qr=issued.url,
        qr_caption=_("请在 {until} 以前存好，不要给不认识的人扫。").format(until=until),
        actions=(*offers, Option(value=FINISH, label=_("存好了，清除我的信息"), icon="check", primary=True)),
        fetches="" if on_phone else issued.token,
    )


def slip_of(
    desk: Desk,
    item: Item,
    kind: Kind,
    person: Person,
    wanted: CertificateOf,
    issued: IssuedCertificate,
    sheet: Paper | None,
    *,
    on_phone: bool,
) -> receipts.Receipt:
    """What was given and where it is. It is no certificate, and says so in its largest words. Whoever reads it
    does not stand before the code on the screen any more."""
    title = _(kind.name)
    if on_phone:
        where = _("{title}已发到您的手机").format(title=title)
    elif sheet is not None and sheet.outcome == "printed":
        where = _("{title}已打在 A4 纸上").format(title=title)
    else:
        where = _("{title}开好了。离开前没有存到手机的，要再开一次。").format(title=title)
    who = f"{masked_name(person.name)}  {tail(person.number)}"
    slip = receipts.plain(
        service=item.on_paper if kind.name == item.official else title,
        rows=(
            Row(label=_("姓名"), value=who),
            Row(label=_("参保地"), value=place_name(wanted.place)),
            *_span_rows(wanted),
            Row(label=_("核对码"), value=in_groups(issued.sha256)),
        ),
        at=desk.now,
    )
    return replace(slip, state=_("这张凭条不是证明"), next_steps=where)


def _nothing_there(answer: CertificateAnswer, place: str, entry: CertificateEntry, kind: Kind) -> Result:
    """Nobody is called uninsured on one authority's word; who needs that in writing can have it, from the authority."""
    other = None if entry.not_insured in (None, kind.code) else entry.kind_of(entry.not_insured or "")
    proof = () if other is None else (
        Option(value=NOT_INSURED, label=_("开{title}").format(title=_(other.name)), icon="file-outline"),
    )  # fmt: skip
    return Result(
        name="nothing-there",
        question=_("在{place}没有查到您的参保记录").format(place=place_in_sentence(place)),
        sections=(),
        notes=(_("您可能在别的地方参保：请换个地方再开，或打 {hotline}。").format(hotline=entry.hotline),),
        actions=(
            Option(value=ELSEWHERE, label=_("换个地方开"), icon="map-marker-outline"),
            *proof,
            Option(value=FINISH, label=_("知道了"), icon="check", primary=True),
        ),
    )


def _refused(answer: CertificateAnswer, kind: Kind, entry: CertificateEntry, centre: Centre) -> Notice:
    """What the authority says, in its words, and who can be asked."""
    again = answer.outcome == "too many"
    title = _(kind.name)
    return Notice(
        name="certificate-refused",
        icon="calendar-clock" if again else "alert-circle-outline",
        mood="wait" if again else "trouble",
        question=(_("这个月不能再开{title}了") if again else _("这次没有开出{title}")).format(title=title),
        hint=receipts.in_their_words(answer.text) if answer.text else "",
        lines=(_("可以打 {hotline} 问，服务台 {phone}").format(hotline=entry.hotline, phone=centre.phone),),
        actions=(Option(value=FINISH, label=_("知道了"), icon="check", primary=True),),
        personal=True,
    )


def _on_a4(desk: Desk, sheet: Paper | None) -> Offer:
    """The A4 printer: for what has not come out. What may have, in part or whole, is not printed again."""
    if sheet is None and desk.can_print_documents:
        return (Option(value=ON_A4, label=_("打在 A4 纸上"), icon="printer"),)
    if sheet is not None and sheet.outcome == "not printed" and sheet.reason != NO_PRINTER:
        return (Option(value=ON_A4, label=_("再打一次"), icon="printer"),)
    return ()


def _sheet_in_words(sheet: Paper) -> str:
    match sheet.outcome:
        case "printed":
            return _("A4 纸打好了，请到打印机取走。")
        case "unknown":
            return _("A4 纸可能没有打全，请到打印机看一看，或者请服务台帮您。")
        case _:
            return _("A4 纸没有打出来，打印机现在用不了。请先用手机存。")


def _span_rows(wanted: CertificateOf) -> tuple[Row, ...]:
    """What it is of, as a row."""
    if wanted.months is not None:
        return (Row(label=_("时间范围"), value=_last_months(wanted.months)),)
    return (Row(label=_("时间范围"), value=_year(wanted.year)),) if wanted.year is not None else ()


def _last_months(count: int) -> str:
    years, months = divmod(count, 12)
    return _("最近 {n} 个月").format(n=count) if months or years == 1 else _("最近 {n} 年").format(n=years)


def _year(year: int) -> str:
    return _("{year} 年").format(year=year)


def _clock(desk: Desk, issued: IssuedCertificate) -> str:
    """Until when it can be fetched, as the clock on the wall shows it."""
    return f"{issued.until.astimezone(desk.now.tzinfo):%H:%M}"


def in_groups(sha256: str) -> str:
    """The first figures of a file's hash, as a person compares them; the phone's page shows the same."""
    return f"{sha256[:4]} {sha256[4:8]}"


def _place(entry: CertificateEntry, centre: Centre) -> ChoosePlace:
    return choose_place("insured-place", _(entry.ask_place), _("在哪里参保，就选哪里。"), centre.places)
