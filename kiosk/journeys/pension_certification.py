"""领取养老待遇资格认证: first what the authority knows, for the commonest outcome is that nothing has to be done.

Reading a card here certifies nothing. What is due is done on a telephone, by a worker at the desk, or at home.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Final, Literal

from kiosk import receipts
from kiosk.code_words import CodeWords
from kiosk.contract.due import CERTIFY_WITHIN
from kiosk.contract.lookups import Found, Lookup
from kiosk.dates import day_in_words, month_in_words
from kiosk.desk import Desk, Paper
from kiosk.identity import Person, masked_name, tail
from kiosk.items import Item
from kiosk.journeys.paper import Offer, with_paper
from kiosk.journeys.places import ELSEWHERE, THERE, choose_place, known_elsewhere, to_places
from kiosk.journeys.proxy_request import Centre, proxy_request
from kiosk.pages import Choose, Done, Notice, Option, Result, Row, Section
from kiosk.pension_certification import PensionCertification
from kiosk.regions import place_in_sentence, place_name
from kiosk.texts import _, sentences

SERVICE: Final = "certification"
TABLE: Final = "certification_state"
CERTIFIED, DUE, PAUSED = "1", "2", "3"
OTHER_WAY: Final = "other-way"
Way = Literal["phone", "desk", "home", "finish"]


async def pension_certification(
    desk: Desk, item: Item, rules: PensionCertification, words: CodeWords, centre: Centre, *, place: str = ""
) -> None:
    """Card, place (unless it is known), and what the authority says; what is due leads to one of three ways."""
    person = await desk.identify()
    while True:
        place = place or await desk.ask(
            choose_place("insured-place", _("您的养老金在哪里领？"), _("在哪里办的退休，就选哪里。"), centre.places)
        )
        found = await desk.query(Lookup(person=person.reference, authority="social", services=(SERVICE,), place=place))
        rows = found.parts[0].rows
        due = tuple(row for row in rows if is_due(row, desk.now.date()))
        if due:
            await _certify(desk, item, rules, centre, most_urgent(due), place)
            return
        page = partial(standing, rules, words, found)
        slip = partial(_slip, item, person, found)
        certified = most_urgent(rows).get("state") == CERTIFIED
        wish = await (with_paper(desk, page, slip, label=_("打一张凭条")) if certified else desk.ask(page(None, ())))
        if wish != ELSEWHERE and not wish.startswith(THERE):
            return
        place = wish.removeprefix(THERE) if wish.startswith(THERE) else ""


def is_due(row: Mapping[str, str], today: date) -> bool:
    """Whether it is on the page of what is due: what still holds, where it ends soon."""
    until = _until(row)
    ends_soon = until is not None and until - today <= CERTIFY_WITHIN
    return row.get("state") in (DUE, PAUSED) or (row.get("state") == CERTIFIED and ends_soon)


def most_urgent(rows: tuple[Mapping[str, str], ...]) -> Mapping[str, str]:
    """Of several pensions the one that wants something done first, among equals the one that ends first; empty where
    none is drawn."""
    order = {PAUSED: 0, DUE: 1, CERTIFIED: 3}
    return min(rows, key=lambda row: (order.get(row.get("state", ""), 2), _until(row) or date.max), default={})


def _until(row: Mapping[str, str]) -> date | None:
    try:
        return date.fromisoformat(row.get("until", ""))
    except ValueError:
        return None


# -- nothing to do -------------------------------------------------------------------------------------------------


def standing(rules: PensionCertification, words: CodeWords, found: Found, paper: Paper | None, offer: Offer) -> Result:
    """What the authority says of each pension; or that it knows of none here."""
    finish = Option(value="finish", label=_("看好了"), icon="check", primary=True)
    elsewhere = Option(value=ELSEWHERE, label=_("换个地方查"), icon="map-marker-outline")
    rows = found.parts[0].rows
    if not rows:
        return Result(
            name="result",
            question=_("在{place}没有查到您在领养老金").format(place=place_in_sentence(found.place or "")),
            sections=(),
            notes=(
                known_elsewhere(found.elsewhere)
                if found.elsewhere
                else _("您可能在别的地方领：请换个地方再查，或打 12333。"),
                _(rules.warning),
            ),
            actions=(*to_places(found.elsewhere), elsewhere, finish),
        )
    row = most_urgent(rows)
    certified = row.get("state") == CERTIFIED
    return Result(
        name="result",
        question=_certified(row) if certified else _("您的认证情况"),
        hint=receipts.paper_in_words(paper) if paper else "",
        sections=tuple(_section(row, words) for row in rows),
        notes=(_(rules.warning),),
        actions=(elsewhere, *offer, finish),
    )


def _certified(row: Mapping[str, str]) -> str:
    """有效 is the authority's word: it is said with the day that came from there, and not without one."""
    until = _day(row.get("until", ""))
    if not until:
        return _("您已认证。今天不用办。")
    return _("您已认证，到 {day}有效。今天不用办。").format(day=until)


def _section(row: Mapping[str, str], words: CodeWords) -> Section:
    state = words.word(TABLE, row.get("state", "?"))
    until = _day(row.get("until", ""))
    return Section(
        title=_("养老金"),
        state=state.label,
        mood=state.mood,
        rows=(
            *((Row(label=_("到哪天"), value=until),) if until else ()),
            *((Row(label=_("上次认证"), value=row["words"]),) if "words" in row else ()),
        ),
        meaning=state.meaning,
    )


def _slip(item: Item, person: Person, found: Found) -> receipts.Receipt:
    who = f"{masked_name(person.name)}  {tail(person.number)}"
    until = _day(most_urgent(found.parts[0].rows).get("until", ""))
    return receipts.plain(
        service=item.on_paper,
        rows=(
            Row(label=_("姓名"), value=who),
            Row(label=_("参保地"), value=place_name(found.place or "")),
            Row(label=_("认证"), value=_("已认证")),
            *((Row(label=_("到哪天"), value=until),) if until else ()),
        ),
        closing=(_("这是查询结果，不是证明"), _("社保的事可以打 12333 问")),
        at=found.as_of,
    )


# -- something to do -----------------------------------------------------------------------------------------------


async def _certify(
    desk: Desk, item: Item, rules: PensionCertification, centre: Centre, row: Mapping[str, str], place: str
) -> None:
    way = await desk.ask(ways(rules, row, place))
    while way == "phone":
        page = partial(by_phone, rules)
        if await with_paper(desk, page, lambda: _leaflet(desk, item, rules), label=_("打一张带回家")) != OTHER_WAY:
            return
        way = await desk.ask(ways(rules, row, place))
    if way == "desk":
        await desk.ask(at_desk(rules, centre))
    elif way == "home":
        await proxy_request(desk, item, centre, wanted="home-visit")


def ways(rules: PensionCertification, row: Mapping[str, str], place: str) -> Choose[Way]:
    """What is due and by when, what ends soon, or that payments are paused and when they go on; and the three ways."""
    options: tuple[Option[Way], ...] = (
        Option(value="phone", label=_("用手机认证"), icon="cellphone", primary=True),
        Option(value="desk", label=_("到服务台认证"), icon="face-agent"),
        Option(value="home", label=_("走不动，请上门"), icon="home-account"),
    )
    later: Option[Way] = Option(value="finish", label=_("知道了，以后再办"), icon="check")
    if row.get("state") == PAUSED:
        since = _month(row.get("paused", ""))
        paused = _("{month}起停发。").format(month=since) if since else ""
        promised = rules.resumes(place)
        resumes = row.get("resumes") or (_(promised) if promised else "")
        question, body = _("养老金停发了，认证以后再发"), sentences((paused, resumes))
    elif row.get("state") == CERTIFIED:
        question = _("您的认证快到期了")
        body = _("到 {day}为止，现在就可以认证。").format(day=_day(row.get("until", "")))
    else:
        until = _day(row.get("until", ""))
        question = _("您该认证了")
        body = _("请在 {day}以前认证，过了会停发。").format(day=until) if until else _("过了日子不认证，会停发。")
    lines = (body, row.get("words", ""), _(rules.reading), _(rules.warning))
    return Choose(
        name="ways", question=question, body=tuple(line for line in lines if line), options=options, aside=later,
        personal=True,
    )


def by_phone(rules: PensionCertification, paper: Paper | None, offer: Offer) -> Done:
    return Done(
        name="by-phone",
        question=_("用手机认证"),
        mood="wait",
        lines=(_(rules.warning),),
        next_steps=tuple(_(step) for step in rules.phone.steps),
        paper=receipts.paper_in_words(paper) if paper else "",
        paper_is_there=paper is not None and paper.outcome == "printed",
        qr=rules.phone.qr,
        qr_caption=_(rules.phone.caption),
        actions=(
            Option(value=OTHER_WAY, label=_("换一种办法"), icon="arrow-left"),
            *offer,
            Option(value="finish", label=_("知道了"), icon="check", primary=True),
        ),
    )


def at_desk(rules: PensionCertification, centre: Centre) -> Notice:
    return Notice(
        name="certify-at-desk",
        icon="face-agent",
        mood="plain",
        question=_("请到服务台认证"),
        lines=(
            *(_(step) for step in rules.desk.steps),
            _(rules.warning),
            _("服务台电话：{phone}").format(phone=centre.phone),
        ),
        actions=(Option(value="finish", label=_("知道了"), icon="check", primary=True),),
    )


def _leaflet(desk: Desk, item: Item, rules: PensionCertification) -> receipts.Receipt:
    """How it is done, to take home: it names nobody."""
    made = receipts.leaflet(
        service=item.on_paper,
        parts=(receipts.Part(title=_("用手机认证"), lines=tuple(_(step) for step in rules.phone.steps), mark="· "),),
        closing=(_(rules.warning), _("这张凭条只告诉您怎么办，还没有办")),
        at=desk.now,
    )
    return replace(made, qr=rules.phone.qr, qr_caption=_(rules.phone.caption))


def _day(value: str) -> str:
    try:
        return day_in_words(date.fromisoformat(value)) if value else ""
    except ValueError:
        return value


def _month(value: str) -> str:
    if re.fullmatch(r"\d{4}(0[1-9]|1[0-2])", value) is None:
        return value
    return month_in_words(date(int(value[:4]), int(value[4:]), 1))
