"""What there is before a remote-care filing is made: no insurance in order, a filing already, no need of one.

Each is said before anything else is asked, with what can be done about it: leave it, change what there is, go on.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from kiosk.contract.due import RENEW_WITHIN
from kiosk.contract.queries import Filing, Filings
from kiosk.dates import day_in_words, months_later
from kiosk.desk import Desk, Left
from kiosk.identity import Person, masked_name
from kiosk.pages import Choose, Notice, Option
from kiosk.regions import place_in_sentence, place_name
from kiosk.remote_care import KindOfFiling, RemoteCare
from kiosk.texts import _

Wish = Literal["new", "change", "withdraw"]


async def settle(desk: Desk, person: Person, before: Filings, rules: RemoteCare) -> tuple[Wish, Filing | None]:
    """What is wanted, and of which filing that there is. Raises Left where nothing is."""
    if not in_order(before) and await desk.ask(not_insured(person, before, rules)) == "leave":
        raise Left("cancelled")
    there = not_ended(before)
    if not there:
        return "new", None
    today = desk.now.date()
    changeable = tuple(filing for filing in there if can_change(filing, rules, today))
    match await desk.ask(filed_already(person, before, rules, today)):
        case "change":
            return "change", await _one_of(desk, changeable, _("改哪一条？"))
        case "withdraw":
            return "withdraw", await _one_of(desk, there, _("取消哪一条？"))
        case "go-on":
            return "new", None
        case _:
            raise Left("cancelled")


async def _one_of(desk: Desk, filings: tuple[Filing, ...], question: str) -> Filing:
    if len(filings) == 1:
        return filings[0]
    number = await desk.ask(which(filings, question))
    return next(filing for filing in filings if filing.number == number)


async def check_the_place(
    desk: Desk, before: Filings, kind: KindOfFiling, place: str, changes: Filing | None, rules: RemoteCare
) -> None:
    """A filing where none is needed, or for the same place twice, helps nobody: lets the person decide. Raises Left."""
    same = (filing for filing in not_ended(before) if filing.place == place)
    twice = next((filing for filing in same if changes is None or filing.number != changes.number), None)
    if twice is not None:
        page = filed_there(twice, before, rules, desk.now.date())
    elif rules.is_exempt(before.insured_place, place, kind):
        page = exempt(place)
    else:
        return
    if await desk.ask(page) == "leave":
        raise Left("cancelled")


def in_order(before: Filings) -> bool:
    """Whether the insurance is such that the hospital there settles by it."""
    return before.status == "1"


def not_ended(before: Filings) -> tuple[Filing, ...]:
    """Those that are in force or may be."""
    return tuple(filing for filing in before.filings if filing.state != "ended")


def can_change(filing: Filing, rules: RemoteCare, today: date) -> bool:
    """Whether the insured place takes a change of it by now."""
    locked = rules.kind(filing.filing).locked_months
    return filing.state == "in force" and (locked is None or months_later(filing.begin, locked) <= today)


def can_renew(filing: Filing, before: Filings, rules: RemoteCare, today: date) -> bool:
    """Whether it ends so soon that it is due (该办的事), and can have another time by now."""
    ends_soon = filing.end is not None and filing.end - today <= RENEW_WITHIN
    return ends_soon and in_order(before) and can_change(filing, rules, today)


# -- the pages -----------------------------------------------------------------------------------------------------


def not_insured(person: Person, before: Filings, rules: RemoteCare) -> Notice:
    """Whose insurance it is about, and what is wrong with it, is not read across the hall: no title says it."""
    if person.agent is None:
        nothing, not_in_order = _("没有查到您的基本医保。"), _("您的医保现在不是正常状态。")
    else:
        name = masked_name(person.name)
        nothing = _("没有查到{name}的基本医保。").format(name=name)
        not_in_order = _("{name}的医保现在不是正常状态。").format(name=name)
    return Notice(
        name="not-insured",
        icon="alert-circle-outline",
        question=_("备案前，请先看一下"),
        lines=(
            nothing if before.status is None else not_in_order,
            _("这时候备案，看病还是不能直接报销。请先打 {hotline} 问一下。").format(hotline=rules.hotline),
        ),
        actions=(
            Option(value="leave", label=_("先不办了"), icon="home", primary=True),
            Option(value="go-on", label=_("看已有的备案，或者再备案") if not_ended(before) else _("还是要备案")),
        ),
        personal=True,
    )


def filed_already(person: Person, before: Filings, rules: RemoteCare, today: date) -> Choose[str]:
    """All there are, and what can be done about them; what ends soon is best renewed."""
    there = not_ended(before)
    in_force = any(filing.state == "in force" for filing in there)
    renews = any(can_renew(filing, before, rules, today) for filing in there)
    changes = any(can_change(filing, rules, today) for filing in there)
    leave = _leave(before, renews=renews, primary=not renews)
    change = Option(
        value="change",
        label=_("续时间，或者改地方") if renews else _("改地方，或者改时间"),
        icon="map-marker-outline",
        primary=renews,
    )
    first = (change, leave) if renews else (leave, change) if changes else (leave,)
    asked = (_("要续时间、改地方，还是取消？") if renews else _("要改地方，还是取消？"),) if changes else ()
    if person.agent is None:
        valid = _("您已有一条有效备案") if in_order(before) else _("您有一条备案")
        question = valid if in_force else _("您有一条备案在等审核")
    else:
        valid = _("已有一条有效备案") if in_order(before) else _("有一条备案")
        question = valid if in_force else _("有一条备案在等审核")
    return Choose(
        name="filed-already",
        question=question,
        hint="" if person.agent is None else _("这是{name}的。").format(name=masked_name(person.name)),
        body=(*(line for filing in there for line in _what_there_is(filing, before, rules, today)), *asked),
        options=(
            *first,
            Option(value="withdraw", label=_("取消备案"), icon="close"),
            Option(value="go-on", label=_("再备一个别的地方"), icon="plus"),
        ),
        personal=True,
    )


def which(filings: tuple[Filing, ...], question: str) -> Choose[str]:
    return Choose(
        name="which-filing",
        question=question,
        options=tuple(
            Option(
                value=filing.number,
                label=place_name(filing.place),
                note=_("{day}起").format(day=day_in_words(filing.begin)),
                icon="map-marker-outline",
            )
            for filing in filings
        ),
        personal=True,
    )


def filed_there(filing: Filing, before: Filings, rules: RemoteCare, today: date) -> Notice:
    renews = can_renew(filing, before, rules, today)
    another_way = (_("快到期了。要续时间，请退回去选“续时间，或者改地方”。"),)  # from here a second one would be filed
    return Notice(
        name="filed-there",
        icon="map-marker-check-outline",
        mood="plain",
        question=_("这个地方已经备案过了") if filing.state == "in force" else _("这个地方已经提交过了"),
        lines=(_where_and_when(filing), *(another_way if renews else _what_it_means(filing, before, rules, today))),
        actions=(
            _leave(before, renews=renews, primary=True),
            Option(value="go-on", label=_("还是要再办一次")),
        ),
        personal=True,
    )


def exempt(place: str) -> Notice:
    return Notice(
        name="exempt",
        icon="check-circle-outline",
        mood="plain",
        question=_("去{place}看病，不用备案").format(place=place_in_sentence(place)),
        hint=_("省内临时看病，带社保卡或医保码直接去就行。"),
        actions=(
            Option(value="leave", label=_("知道了，不办了"), icon="home", primary=True),
            Option(value="go-on", label=_("还是要备案")),
        ),
    )


def _leave(before: Filings, *, renews: bool, primary: bool) -> Option[str]:
    """Nobody is told that nothing need be done where it need."""
    label = _("先不办了") if renews or not in_order(before) else _("不用再办了")
    return Option(value="leave", label=label, icon="home", primary=primary)


def _what_there_is(filing: Filing, before: Filings, rules: RemoteCare, today: date) -> tuple[str, ...]:
    """What the authority says of a filing, and why it cannot be changed yet, if that is so."""
    lines = (_where_and_when(filing), *_what_it_means(filing, before, rules, today))
    locked = rules.kind(filing.filing).locked_months
    if filing.state != "in force" or locked is None or can_change(filing, rules, today):
        return lines
    free = day_in_words(months_later(filing.begin, locked))
    return (*lines, _("备案后 {months} 个月内不能改，{day}起可以改。").format(months=locked, day=free))


def _where_and_when(filing: Filing) -> str:
    place, begin = place_in_sentence(filing.place), day_in_words(filing.begin)
    if filing.end is None:
        return _("{place}，{begin}起。").format(place=place, begin=begin)
    return _("{place}，{begin}起，到{end}。").format(place=place, begin=begin, end=day_in_words(filing.end))


def _what_it_means(filing: Filing, before: Filings, rules: RemoteCare, today: date) -> tuple[str, ...]:
    """That it need not be made again only where it is in force and stays so; nothing where the insurance is not in
    order, for then it is of no use as it is."""
    if filing.state != "in force":
        return (_("已经提交，等医保部门审核，先不用再办。"),)
    if not in_order(before):
        return ()
    if can_renew(filing, before, rules, today):
        return (_("快到期了。以后还要去，现在就可以续。"),)
    return (_("去这个地方看病，不用再办。"),)
