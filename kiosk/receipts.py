"""What each receipt says (凭条). Plain data: how it is set on paper is ``kiosk.printing``'s business.

A receipt carries the surname and the last four of the number, no more, and no illness. What it says of the state
follows from the matter's state alone: 受理, 办结, 通过 and 有效 come from the authority or not at all.

Paper is read by the staff too, so it says everything in Chinese; of a visit in another language it says it in that one
as well (``in_both``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.contract.messages import DeclineCode, MatterState, Sort
from kiosk.desk import NO_PAPER, Filed, Paper
from kiosk.items import Item
from kiosk.pages import Row
from kiosk.texts import _, language, spoken


@dataclass(frozen=True, kw_only=True)
class Part:
    """A heading and the lines under it. ``mark`` begins each: 「□ 」 where things are to be ticked off. Lines that are
    none of these stand below, in ``rest``."""

    title: str
    lines: tuple[str, ...]
    mark: str = ""
    rest: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One receipt, in the order of the paper: service, kind, rows, parts, state, what happens next, number, QR."""

    service: str
    sort: str
    """登记凭条 · 提交回执 · 办理结果 · 凭条 · 办事指南."""
    rows: tuple[Row, ...]
    parts: tuple[Part, ...] = ()
    state: str = ""
    next_steps: str = ""
    numbers: tuple[Row, ...] = ()
    qr: str = ""
    qr_caption: str = ""
    closing: tuple[str, ...] = ()
    large: bool = False
    """Large print, whatever the manner of the visit: for eyes that are not here."""
    at: datetime
    beside: Receipt | None = None
    """The same in the language of the visit, where that is not Chinese."""


def in_both(make: Callable[[], Receipt]) -> Receipt:
    """The receipt that ``make`` makes, in Chinese, and in the language of the visit ``beside`` it.

    ``make`` may depend on nothing but what it is made of and the language that is spoken.
    """
    with spoken("zh"):
        chinese = make()
    return chinese if language() == "zh" else replace(chinese, beside=make())


def filed(
    *,
    service: str,
    rows: Sequence[Row],
    parts: Sequence[Part] = (),
    outcome: Filed,
    next_steps: str,
    closing: Sequence[str] = (),
) -> Receipt:
    """The receipt of a matter that goes to an authority. ``parts``: what is to be brought."""
    return Receipt(
        service=service,
        sort=sort_of(outcome),
        rows=tuple(rows),
        parts=tuple(parts),
        state=state_in_words(outcome.state, outcome.why_declined),
        next_steps=next_steps,
        numbers=numbers(outcome),
        qr=outcome.code,
        qr_caption=code_caption(outcome),
        closing=tuple(closing),
        at=outcome.at,
    )


def at_once(*, service: str, rows: Sequence[Row], outcome: Filed, next_steps: str) -> Receipt:
    """The receipt of what was carried out at once, or was not, or of which that is not known."""
    receipt = filed(service=service, rows=rows, outcome=outcome, next_steps=next_steps)
    return replace(receipt, state=at_once_in_words(outcome.state))


def numbers(outcome: Filed) -> tuple[Row, ...]:
    """Our number, and the authority's once there is one."""
    ours = Row(label=_("登记号"), value=outcome.number, leads=True)
    if outcome.matter is None or not outcome.matter.number:
        return (ours,)
    return (ours, Row(label=_("受理号"), value=outcome.matter.number))


def code_caption(outcome: Filed) -> str:
    """What the code on the receipt opens."""
    return _("用手机扫一扫，看办到哪一步了") if outcome.page else _("工作人员扫这个码，就能查到")


def plain(*, service: str, rows: Sequence[Row], closing: Sequence[str] = (), at: datetime) -> Receipt:
    """A slip without a matter behind it: a check-in, the result of a query."""
    return Receipt(service=service, sort=_("凭条"), rows=tuple(rows), closing=tuple(closing), at=at)


def leaflet(*, service: str, parts: Sequence[Part], closing: Sequence[str] = (), at: datetime) -> Receipt:
    """What to know about a service, to take along: about nobody."""
    return Receipt(service=service, sort=_("办事指南"), rows=(), parts=tuple(parts), closing=tuple(closing), at=at)


def handed_over(*, service: str, rows: Sequence[Row], outcome: Filed, next_steps: str) -> Receipt:
    """The receipt of a matter that a worker of the centre takes on. What it is stays a registration: whatever an
    authority says of it later has a receipt of its own."""
    return Receipt(
        service=service,
        sort=_("登记凭条"),
        rows=tuple(rows),
        state=handed_over_in_words(outcome.state),
        next_steps=next_steps,
        numbers=numbers(outcome),
        qr=outcome.code,
        qr_caption=code_caption(outcome),
        closing=(_("请留好凭条，来问时报登记号"),),
        at=outcome.at,
    )


def booked(
    *, service: str, rows: Sequence[Row], outcome: Filed, next_steps: str, parts: Sequence[Part], at_home: bool
) -> Receipt:
    """The receipt of an appointment: when, where, what to bring, or to have ready where a worker comes."""
    return Receipt(
        service=service,
        sort=_("预约凭条") if outcome.state == "decided" else _("登记凭条"),
        rows=tuple(rows),
        parts=tuple(parts),
        state=appointment_in_words(outcome.state),
        next_steps=next_steps,
        numbers=numbers(outcome),
        qr=outcome.code,
        qr_caption=code_caption(outcome),
        closing=(_("那天不在家，请早点改时间或取消") if at_home else _("去不了，请早点改时间或取消"),),
        at=outcome.at,
    )


def for_family(
    *, service: str, who: Sequence[Row], outcome: Filed, state: str, next_steps: str, parts: Sequence[Part] = ()
) -> Receipt:
    """A second receipt, for the family: what was done, in plain words and large print, and where to see what becomes of
    it. It says no more of the person than the receipt itself: ``who`` as there. ``parts``: when, where, what to bring.
    """
    return Receipt(
        service=service,
        sort=_("给家里人的一张"),
        rows=tuple(who),
        parts=tuple(parts),
        state=state,
        next_steps=next_steps,
        numbers=numbers(outcome),
        qr=outcome.code,
        qr_caption=code_caption(outcome),
        closing=(_("有事打服务台电话，报登记号"),),
        large=True,
        at=outcome.at,
    )


def to_bring(item: Item) -> tuple[Part, ...]:
    """What the guide says is to be brought; nothing where its name, and so perhaps that, would tell of an illness."""
    if item.guide is None or item.discreet:
        return ()
    return (listed(_("要带什么"), item.guide.bring, "□ "),)


def listed(title: str, lines: Sequence[str], mark: str) -> Part:
    """What a guide of the catalogue lists: what is no thing and no condition bears no mark."""
    said, nothing = tuple(map(_, lines)), {_("具体条件以服务台为准"), _("其他材料以服务台为准"), _("不用带东西")}
    things = tuple(line for line in said if line not in nothing)
    return Part(title=title, lines=things, mark=mark, rest=tuple(line for line in said if line in nothing))


def paper_in_words(paper: Paper) -> str:
    """What a page says of the paper: to take it, or why there is none and what to do instead."""
    match paper.outcome:
        case "printed":
            return _("请取走凭条")
        case "not printed" if paper.reason == NO_PAPER:
            return _("没有打出凭条，打印机没有纸了")
        case "not printed" if paper.copy:
            return _("没有补打出来，打印机现在用不了")
        case "not printed":
            return _("没有打出凭条，打印机现在用不了")
        case "unknown":
            return _("凭条可能没有打全，需要的话请到服务台")


def sort_of(outcome: Filed) -> str:
    """The kind of receipt that an outcome makes: a result is an authority's."""
    match outcome.state:
        case "kept" | "unsure":
            return _("登记凭条")
        case "declined" if outcome.never_sent:
            return _("登记凭条")
        case "sent":
            return _("提交回执")
        case "decided" | "declined" | "papers wanted":
            return _("办理结果")


def outcome_without_words(state: MatterState, authority: str) -> str:
    """What became of a matter, where the authority says no more than that."""
    office = _("医保部门") if authority == "medical" else _("社保部门")
    match state:
        case "decided":
            return _("{office}已经办好了。").format(office=office)
        case "declined":
            return _("{office}没有同意。").format(office=office)
        case _:
            return _("{office}还要看一些材料。").format(office=office)


def in_their_words(text: str) -> str:
    """An authority's words as they came, ended as a sentence; who does not read Chinese is told what they are."""
    words = text if text[-1] in "。！？.!?" else f"{text}。"
    return words if language() == "zh" else _("对方的中文原话：{words}").format(words=words)


def state_in_words(state: MatterState, why: DeclineCode | None = None) -> str:
    """The state of a matter as pages and paper say it. ``why`` it was declined; None: an authority did."""
    match state:
        case "kept":
            return _("已登记，还没有提交")
        case "sent":
            return _("已提交，等审核")
        case "decided":
            return _("已办结")
        case "declined":
            return _declined_in_words(why)
        case "papers wanted":
            return _("需要补材料")
        case "unsure":
            return _("还不确定有没有办成")


def _declined_in_words(why: DeclineCode | None) -> str:
    """An authority examines, and lets pass or not; what central declined has reached none."""
    match why:
        case "authority" | None:
            return _("没有通过")
        case "not-confirmed":
            return _("没有提交")
        case "no-matter" | "papers-lost":
            return _("材料没有交上去")
        case "too-late" | "not-checked" | "full" | "no-appointment":
            return _("没有办成")


def handed_over_in_words(state: MatterState) -> str:
    """The state of a matter that a worker takes on: at the centre's desk nothing is examined."""
    return _("已转给工作人员") if state == "sent" else state_in_words(state)


def at_once_in_words(state: MatterState) -> str:
    """The state of what is carried out at once: it waits nowhere, and whoever declines it examined nothing."""
    match state:
        case "kept" | "unsure":
            return _("还不确定有没有办成")
        case "declined":
            return _("没有办成")
        case "sent" | "decided" | "papers wanted":
            return state_in_words(state)


def appointment_in_words(state: MatterState) -> str:
    """The state of an appointment: a diary decides, and no authority."""
    match state:
        case "kept":
            return _("已登记，还没有约好")
        case "sent":
            return _("已转给工作人员，等电话")
        case "decided":
            return _("已约好")
        case "declined":
            return _("没有约上")
        case "papers wanted" | "unsure":
            return state_in_words(state)


def last_known_in_words(sort: Sort, state: MatterState) -> str:
    """The state as a machine without central knows it, which is not told who declined a filing."""
    if (sort, state) == ("filing", "declined"):
        return _("没有办成")
    return sort_in_words(sort, state)


def sort_in_words(sort: Sort, state: MatterState, why: DeclineCode | None = None) -> str:
    """The state in the words of whoever has the matter."""
    match sort:
        case "filing":
            return state_in_words(state, why)
        case "handed over":
            return handed_over_in_words(state)
        case "appointment":
            return appointment_in_words(state)
        case "at once":
            return at_once_in_words(state)
        case "cancelled":
            match state:
                case "decided":
                    return _("已取消")
                case "declined":
                    return _("没有取消成")
                case _:
                    return _("已登记，还没有取消")
