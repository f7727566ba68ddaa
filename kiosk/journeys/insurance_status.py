"""社保 参保信息查询: card, insured place, and what each line means in plain words."""

from __future__ import annotations

from functools import partial

from kiosk import receipts
from kiosk.contract.queries import Insurance, InsuranceStatus, InsuranceStatusOf
from kiosk.dates import month_in_words
from kiosk.desk import Desk, Paper
from kiosk.identity import Person, masked_name, tail
from kiosk.insurance_words import InsuranceWords
from kiosk.journeys.paper import Offer, with_paper
from kiosk.journeys.places import ELSEWHERE, THERE, choose_place, known_elsewhere, to_places
from kiosk.pages import Option, Result, Row, Section
from kiosk.regions import place_in_sentence, place_name
from kiosk.texts import _


async def insurance_status(desk: Desk, words: InsuranceWords, places: tuple[str, ...]) -> None:
    """Card and place: the place is asked and never guessed from the number. Offline there is no result."""
    person = await desk.identify()
    reference = person.reference
    place = ""
    while True:
        place = place or await desk.ask(
            choose_place("insured-place", _("您的社保在哪里交？"), _("在哪里交社保，就选哪里。"), places)
        )
        found = await desk.query(InsuranceStatusOf(person=reference, place=place))
        wish = await _shown(desk, found, words, person)
        if wish != ELSEWHERE and not wish.startswith(THERE):
            return
        place = wish.removeprefix(THERE) if wish.startswith(THERE) else ""


async def _shown(desk: Desk, found: InsuranceStatus, words: InsuranceWords, person: Person) -> str:
    def slip() -> receipts.Receipt:
        who = f"{masked_name(person.name)}  {tail(person.number)}"
        rows = [Row(label=_("姓名"), value=who), Row(label=_("参保地"), value=place_name(found.place))]
        rows += [Row(label=words.scheme(row), value=words.status(row).label) for row in found.rows]
        return receipts.plain(
            service=_("参保信息查询"),
            rows=rows,
            closing=(_("这是查询结果，不是证明"), _("社保的事可以打 12333 问")),
            at=found.as_of,
        )

    if not found.rows:
        return await desk.ask(result(found, words, None, ()))
    return await with_paper(desk, partial(result, found, words), slip, label=_("打一张凭条"), look_first=True)


def result(found: InsuranceStatus, words: InsuranceWords, paper: Paper | None, offer: Offer) -> Result:
    elsewhere = Option(value=ELSEWHERE, label=_("换个地方查"), icon="map-marker-outline")
    finish = Option(value="finish", label=_("看好了"), icon="check", primary=True)
    if not found.rows:
        return Result(
            name="result",
            question=_("在{place}没有查到您的参保记录").format(place=place_in_sentence(found.place)),
            sections=(),
            notes=(
                known_elsewhere(found.elsewhere)
                if found.elsewhere
                else _("您可能在别的地方参保：请换个地方再查，或打 12333。"),
            ),
            actions=(*to_places(found.elsewhere), elsewhere, finish),
        )
    return Result(
        name="result",
        question=_("您在{place}的参保情况").format(place=place_in_sentence(found.place)),
        hint=receipts.paper_in_words(paper) if paper else "",
        sections=tuple(_section(row, words) for row in found.rows),
        actions=(elsewhere, *offer, finish),
    )


def _section(row: Insurance, words: InsuranceWords) -> Section:
    status = words.status(row)
    rows = [Row(label=_("单位"), value=row.unit)] if row.unit else []
    if row.begin is not None:
        begin = month_in_words(row.begin)
        until = month_in_words(row.end) if row.end is not None else ""
        span = _("{begin}到{end}").format(begin=begin, end=until) if until else _("{begin}起").format(begin=begin)
        rows.append(Row(label=_("时间"), value=span))
    return Section(
        title=words.scheme(row), state=status.label, mood=status.mood, rows=tuple(rows), meaning=status.meaning
    )
