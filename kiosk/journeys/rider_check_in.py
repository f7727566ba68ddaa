"""小哥驿站签到: one tap on a category picture counts a visit; a card is for who wants points or borrows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from kiosk import receipts
from kiosk.contract.acts import RiderCategory, RiderCheckIn, RiderCorrection
from kiosk.contract.queries import LastCheckInOf
from kiosk.desk import Desk, Filed, Paper
from kiosk.identity import address_form
from kiosk.journeys.paper import Offer, with_paper
from kiosk.pages import Choose, Done, Option, Row, Table, TableColumn, TableLine, Tick
from kiosk.station import Station
from kiosk.texts import _

_BY_CARD, _BOARD = "by-card", "board"
CLOSES, WITH_PAPER, LATEST = 3.0, 6.0, 20.0
"""Seconds until the last page closes: with one line, with paper to take, and however much it says."""
HAN, LETTER, LETTERS = 1 / 6, 1 / 18, 0x2E7F
"""Seconds in which a character and a letter are read, and the last sign that counts as a letter."""


async def rider_check_in(desk: Desk, station: Station) -> None:
    """At most three answers: the picture alone, or picture page, card and 签到."""
    counted: UUID | None = None
    while True:
        category = await desk.ask(choose_category(station))
        if category == _BOARD:
            await desk.ask(board(station, desk.now.month))
            continue
        if category == _BY_CARD:
            check_in = await _by_card(desk, station)
        else:
            check_in = RiderCheckIn(method="picture", category=RiderCategory(category))
        if counted is None and check_in.person is not None:  # twice within half an hour is one visit
            counted = await desk.lately(check_in.kind, check_in.person)
        act = RiderCorrection(corrects=counted, check_in=check_in) if counted else check_in
        filed = await desk.submit(act)
        if not await _said_wrong(desk, station, check_in, filed):
            return
        counted = counted or filed.id


async def _by_card(desk: Desk, station: Station) -> RiderCheckIn:
    person = await desk.identify()
    reference = person.reference
    last = await desk.find(LastCheckInOf(person=reference))
    services = await desk.ask(
        choose_services(station, address_form(person.name), last.services if last else (), desk.now.month)
    )
    assert person.shown != "worker" and person.shown != "papers", "nobody checks in without anything of theirs"  # noqa: PT018
    return RiderCheckIn(method=person.shown, person=reference, services=services)


async def _said_wrong(desk: Desk, station: Station, check_in: RiderCheckIn, filed: Filed) -> bool:
    """Shows that it is done; prints where paper is asked for. True: 不对，改一下."""
    answer = await with_paper(
        desk,
        partial(checked_in, station, check_in),
        partial(slip, station, check_in, filed),
        label=_("要张凭条"),
    )
    return answer == "change"


def choose_category(station: Station) -> Choose[str]:
    return Choose(
        name="category",
        question=_("您做哪一行？点一下就签到"),
        hint=_("不用身份证，点一下就好了。"),
        layout="grid",
        recorded=True,
        options=(
            *(Option(value=str(kind.code), label=_(kind.label), icon=kind.icon) for kind in station.categories),
            Option(value=_BOARD, label=_("有什么，在哪里"), icon="map-search-outline"),
        ),
        aside=Option(
            value=_BY_CARD,
            label=_("刷身份证签到"),
            icon="card-account-details-outline",
            note=_("要记积分、借雨具的点这里"),
        ),
    )


def board(station: Station, month: int) -> Table:
    """What there is and where; why, where there is none. Nothing that nobody measures."""
    notes = {service.code: service.note for service in station.board(month)}
    return Table(
        name="board",
        question=_("这里有什么，在哪里"),
        columns=(TableColumn(label=_("有什么")), TableColumn(label=_("在哪里"))),
        lines=tuple(
            TableLine(cells=(_(service.label), _(notes[service.code] or service.where))) for service in station.services
        ),
        personal=False,
        actions=(Option(value="back", label=_("知道了"), icon="check", primary=True),),
    )


def choose_services(station: Station, who: str, last: tuple[str, ...], month: int) -> Tick:
    board = station.board(month)
    offered = {service.code for service in board if service.available}
    chosen = tuple(code for code in last if code in offered)
    return Tick(
        name="services",
        question=_("{who}，您好。要用点什么？").format(who=who),
        hint=_("已按上次选好，直接点“签到”。") if chosen else _("用什么点什么，不选也能签到。"),
        options=tuple(
            Option(
                value=service.code,
                label=_(service.label),
                icon=service.icon,
                note=_(service.note) if service.note else "",
                enabled=service.available,
            )
            for service in board
        ),
        chosen=chosen,
        action=_("签到"),
        recorded=True,
    )


def checked_in(station: Station, check_in: RiderCheckIn, paper: Paper | None, offer: Offer) -> Done:
    change = Option(value="change", label=_("不对，改一下"), icon="pencil-outline")
    finish = Option(value="finish", label=_("好，走了"), icon="home", primary=True)
    lines = where_to_find(station, check_in) or (_("热水、插座、微波炉都在这边，随便用。"),)
    return Done(
        name="done",
        question=_("签到好了"),
        mood="done",
        lines=lines,
        paper=receipts.paper_in_words(paper) if paper else "",
        paper_is_there=paper is None or paper.outcome == "printed",
        actions=(change, *offer, finish),
        closes_after=min(LATEST, (WITH_PAPER if paper else CLOSES) + seconds_to_read(lines[1:])),
    )


def seconds_to_read(lines: Sequence[str]) -> float:
    """For somebody who does not read fast."""
    return sum(HAN if ord(sign) > LETTERS else LETTER for line in lines for sign in line)


def where_to_find(station: Station, check_in: RiderCheckIn) -> tuple[str, ...]:
    """``热饭在右手第二个柜子。`` for each service that was ticked and has a place."""
    return tuple(
        _("{service}在{where}。").format(service=_(service.label), where=_(service.where))
        for service in station.services
        if service.code in check_in.services and service.where
    )


def slip(station: Station, check_in: RiderCheckIn, filed: Filed) -> receipts.Receipt:
    used = [_(service.label) for service in station.services if service.code in check_in.services]
    rows = [Row(label=_("签到"), value=_("已记上"))]
    if check_in.category is not None:
        label = next(category.label for category in station.categories if category.code == check_in.category)
        rows.append(Row(label=_("行业"), value=_(label)))
    if used:
        rows.append(Row(label=_("用了"), value=_("、").join(used)))
    waits = (_("现在没有网络，联网后自动上报"),) if filed.state == "kept" else ()
    closing = (*waits, _("路上慢点，注意安全"))
    return receipts.plain(service=_("小哥驿站签到"), rows=rows, closing=closing, at=filed.at)
