"""居民医保缴费: who has paid and who has not, for oneself and for those one registered; and where it is paid.

The terminal takes no money. What cannot be asked at the moment is said so, and the way to pay is shown all the same.
Years before this one are shown and are not due: whether they can still be paid is for the hotline to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Final

from kiosk import receipts
from kiosk.contract.lookups import Found, Lookup
from kiosk.dates import day_in_words
from kiosk.desk import Desk, Paper
from kiosk.identity import masked_name, tail
from kiosk.items import Item
from kiosk.journeys.paper import Offer, with_paper
from kiosk.medical_payment import MedicalPayment
from kiosk.pages import Done, Option, Result, Row, Section
from kiosk.texts import _

SERVICE: Final = "resident-payments"
PAID, UNPAID = "1", "0"
PAY, BACK, FINISH = "pay", "back", "finish"


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One year of one person, as the authority has it. ``number``: its last four. ``past``: the year is before this
    one."""

    name: str
    number: str
    own: bool
    year: str
    past: bool
    state: str
    amount: str
    paid_on: str

    @property
    def due(self) -> bool:
        """Whether it is to be paid, by the same rule as on the page of what is due."""
        return self.state == UNPAID and not self.past


async def medical_payment(desk: Desk, item: Item, rules: MedicalPayment) -> None:
    """Card, and the list; the way to pay is one key away."""
    person = await desk.identify()
    found = await desk.find(Lookup(person=person.reference, authority="medical", services=(SERVICE,)))
    payments = None if found is None else read(found, desk.now.year)
    while await desk.ask(standing(rules, payments)) == PAY:
        page = partial(how_to_pay, rules)
        if await with_paper(desk, page, lambda: leaflet(desk, item, rules), label=_("打一张带回家")) != BACK:
            return


def read(found: Found, this_year: int) -> tuple[Payment, ...]:
    """Oneself first, what is due before the rest, the newest year first."""
    rows = [_payment(row, this_year) for part in found.parts for row in part.rows]
    rows.sort(key=lambda row: row.year, reverse=True)
    return tuple(sorted(rows, key=lambda row: (not row.own, not row.due)))


def _payment(row: Mapping[str, str], this_year: int) -> Payment:
    return Payment(
        name=row.get("name", ""),
        number=row.get("number", ""),
        own=row.get("own") == "1",
        year=row.get("year", ""),
        past="" < row.get("year", "") < str(this_year),
        state=row.get("state", ""),
        amount=row.get("amount", ""),
        paid_on=row.get("paid-on", ""),
    )


# -- the pages -----------------------------------------------------------------------------------------------------


def standing(rules: MedicalPayment, payments: tuple[Payment, ...] | None) -> Result:
    """Who has paid. None: nobody can be asked at the moment."""
    due = payments is None or any(payment.due for payment in payments)
    pay = Option(value=PAY, label=_("怎么交"), icon="qrcode", primary=due)
    finish = Option(value=FINISH, label=_("看好了"), icon="check", primary=not due)
    if payments is None:
        question, note = _("现在查不到交了没有"), _("连不上医保那边。怎么交，可以先看。")
    elif not payments:
        question = _("没有查到要交的居民医保")
        note = _("没有登记的要先登记。有单位交医保的，不用交这个。也可以打 12393 问。")
    elif due:
        question, note = _("还有没交的居民医保"), _(rules.deadline)
    elif any(payment.state not in (PAID, UNPAID) for payment in payments):
        question, note = _("查到了，有的看不明白"), ""
    elif any(payment.state == UNPAID for payment in payments):
        question, note = _("没有查到现在要交的居民医保"), ""
    else:
        question, note = _("居民医保都交了"), ""
    return Result(
        name="payments",
        question=question,
        hint=note,
        sections=tuple(_section(payment) for payment in payments or ()),
        notes=(_(rules.warning),),
        actions=(pay, finish),
    )


def _section(payment: Payment) -> Section:
    who = _("您自己") if payment.own else f"{masked_name(payment.name)}  {tail(payment.number)}"
    rows = [Row(label=_("哪一年的"), value=_("{year} 年").format(year=payment.year))] if payment.year else []
    if payment.amount:
        rows.append(Row(label=_("多少钱"), value=_("{yuan} 元").format(yuan=payment.amount), private=True))
    if payment.paid_on:
        rows.append(Row(label=_("哪天交的"), value=_day(payment.paid_on)))
    match payment.state:
        case "1":
            return Section(title=who, state=_("已缴"), mood="done", rows=tuple(rows))
        case "0" if payment.past:
            late = _("过去的年份还能不能补交，请打 12393 问一下。")
            return Section(title=who, state=_("未缴"), rows=tuple(rows), meaning=late)
        case "0":
            return Section(
                title=who, state=_("未缴"), mood="wait", rows=tuple(rows), meaning=_("交了才能报销。请看“怎么交”。")
            )
        case code:
            unknown = _("这个代码这台机器不认识。请打 12393 问一下。")
            return Section(title=who, state=_("代码 {code}").format(code=code), rows=tuple(rows), meaning=unknown)


def how_to_pay(rules: MedicalPayment, paper: Paper | None, offer: Offer) -> Done:
    return Done(
        name="how-to-pay",
        question=_("用手机交，扫这个码"),
        mood="plain",
        lines=(_(rules.warning), *(_(step) for step in rules.desk.steps)),
        next_steps=tuple(_(step) for step in rules.phone.steps),
        paper=receipts.paper_in_words(paper) if paper else "",
        paper_is_there=paper is not None and paper.outcome == "printed",
        qr=rules.phone.qr,
        qr_caption=_(rules.phone.caption),
        actions=(
            Option(value=BACK, label=_("回到前面"), icon="arrow-left"),
            *offer,
            Option(value=FINISH, label=_("知道了"), icon="check", primary=True),
        ),
    )


def leaflet(desk: Desk, item: Item, rules: MedicalPayment) -> receipts.Receipt:
    """How it is paid, to take home: it names nobody."""
    made = receipts.leaflet(
        service=item.on_paper,
        parts=(
            receipts.Part(title=_("用手机交"), lines=tuple(_(step) for step in rules.phone.steps), mark="· "),
            receipts.Part(title=_("别的办法"), lines=tuple(_(step) for step in rules.desk.steps), mark="· "),
            receipts.Part(title=_("什么时候交"), lines=(_(rules.deadline),)),
        ),
        closing=(_(rules.warning), _("缴费的事可以打 {hotline} 问").format(hotline=rules.hotline)),
        at=desk.now,
    )
    return replace(made, qr=rules.phone.qr, qr_caption=_(rules.phone.caption))


def _day(value: str) -> str:
    try:
        return day_in_words(date.fromisoformat(value))
    except ValueError:
        return value
