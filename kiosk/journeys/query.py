"""查询: whatever an authority lists of a person, from an entry of the catalogue: card, place, result.

Nothing is queued and nothing old is shown: without central there is no result. What the usual answers do not show is
one key away on the result: another year, another place, what else may be wanted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from kiosk import receipts
from kiosk.code_words import CodeWords
from kiosk.contract.lookups import Found, Lookup
from kiosk.dates import months_later
from kiosk.desk import Desk, Onward, Paper
from kiosk.identity import Person, masked_name, tail
from kiosk.items import Item
from kiosk.journeys.found import in_every_row, rows_of, sections, slip_rows, table_columns, table_lines
from kiosk.journeys.paper import Offer, with_paper
from kiosk.journeys.places import ELSEWHERE, THERE, choose_place, known_elsewhere, to_places
from kiosk.pages import Choose, Option, Result, Row, Table
from kiosk.query_entry import Ask, Part, QueryEntry
from kiosk.regions import place_in_sentence, place_name
from kiosk.texts import _, sentences

FINISH: Final = "finish"
CHANGE, VIEW, ONWARD = "change:", "view:", "onward:"
"""Begin the answers of a result that carry a question, a part, an item."""
LOOK, OTHERWISE = "look", "otherwise"
KEYS_BESIDE_A_LOOK: Final = 2
"""Keys of a result beside which there is room to look at the slip before it is printed."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What every query reads by: codes in words, and the insured places that a centre sees most (six digits)."""

    words: CodeWords
    places: tuple[str, ...]


async def query(desk: Desk, item: Item, entry: QueryEntry, reading: Reading) -> None:
    """Raises Onward where the person goes on with another item."""
    person = await identified(desk, entry.level)
    answers = {ask.code: _usual(desk, ask) for ask in entry.ask}
    for ask in entry.ask:
        if ask.first:
            answers[ask.code] = await desk.ask(_question(desk, ask))
    place = await _ask_place(desk, entry, reading) if entry.place else None
    while True:
        found = await desk.query(lookup(person, entry, place, answers))
        wish = await _shown(desk, item, entry, reading, person, found)
        if wish == ELSEWHERE:
            place = await _ask_place(desk, entry, reading)
        elif wish.startswith(THERE):
            place = wish.removeprefix(THERE)
        elif wish.startswith(CHANGE):
            ask = next(ask for ask in entry.ask if ask.code == wish.removeprefix(CHANGE))
            answers[ask.code] = await desk.ask(_question(desk, ask))
        elif wish.startswith(ONWARD):
            raise Onward(wish.removeprefix(ONWARD))
        else:
            return


Journey = Callable[[Desk], Awaitable[None]]


async def query_or(desk: Desk, item: Item, entry: QueryEntry, look: Journey, otherwise: Journey) -> None:
    """An item that can be looked up and does something else besides: which of the two."""
    options = (
        Option(value=LOOK, label=_(entry.label), icon="magnify"),
        Option(value=OTHERWISE, label=_(entry.otherwise), icon=item.icon),
    )
    wish = await desk.ask(Choose(name="wish-of-item", question=_("要做什么？"), options=options))
    await (look if wish == LOOK else otherwise)(desk)


async def identified(desk: Desk, level: int) -> Person:
    """The person, with a second factor where the query needs one: what is owed later lets nobody see anything now.

    Raises Left, Unavailable.
    """
    return await (desk.identify() if level == 1 else desk.identify(level=2, at_once=True))


def lookup(person: Person, entry: QueryEntry, place: str | None, answers: Mapping[str, str]) -> Lookup:
    """The question to central."""
    return Lookup(
        person=person.reference,
        authority=entry.authority,
        services=tuple(part.code for part in entry.part),
        place=place,
        answers=dict(answers),
        witness=person.witness if person.check == "witness" else None,
    )


# -- what was found ------------------------------------------------------------------------------------------------


async def _shown(desk: Desk, item: Item, entry: QueryEntry, reading: Reading, person: Person, found: Found) -> str:
    """Shows the result, and its tables where somebody wants them, until it is answered with something else."""
    page = partial(result, entry, reading, found)
    if not entry.on_paper or found.nothing:
        wish = await desk.ask(page(None, ()))
    else:
        slip = partial(_slip, item, entry, reading, person, found)
        few = len(page(None, ()).actions) <= KEYS_BESIDE_A_LOOK
        wish = await with_paper(desk, page, slip, label=_("打一张凭条"), look_first=few)
    if not wish.startswith(VIEW):
        return wish
    part = next(part for part in entry.part if part.code == wish.removeprefix(VIEW))
    back = Option(value="back", label=_("回到前面"), icon="arrow-left", primary=True)
    await desk.ask(table(part, reading, found, _head(entry, found), "", (back,)))
    return await _shown(desk, item, entry, reading, person, found)


def result(entry: QueryEntry, reading: Reading, found: Found, paper: Paper | None, offer: Offer) -> Result | Table:
    """The first page of what was found: cards, or the table where there is nothing else."""
    finish = Option(value=FINISH, label=_("看好了"), icon="check", primary=True)
    elsewhere = Option(value=ELSEWHERE, label=_("换个地方查"), icon="map-marker-outline")
    changes = tuple(
        Option(value=f"{CHANGE}{ask.code}", label=_(ask.change), icon="calendar-search")
        for ask in entry.ask
        if ask.change
    )
    onwards = tuple(
        Option(value=f"{ONWARD}{onward.item}", label=_(onward.label), icon=onward.icon) for onward in entry.onwards
    )
    places = (elsewhere,) if entry.place else ()
    hint = receipts.paper_in_words(paper) if paper else ""
    if found.nothing:
        return Result(
            name="result",
            question=_nothing_at(found) if entry.place else _("没有查到"),
            sections=(),
            notes=(known_elsewhere(found.elsewhere) if found.elsewhere else _in_place(entry.nothing, found),),
            actions=(*to_places(found.elsewhere), *places, *changes, *onwards, finish),
        )
    cards = [part for part in entry.part if part.show == "cards"]
    if not cards:
        return table(
            entry.part[0], reading, found, _head(entry, found), hint, (*places, *changes, *onwards, *offer, finish)
        )
    views = tuple(
        Option(value=f"{VIEW}{part.code}", label=_(part.view), icon="format-list-numbered")
        for part in entry.part
        if part.show == "table" and rows_of(found, part)
    )
    return Result(
        name="result",
        question=_head(entry, found),
        hint=hint,
        sections=tuple(section for part in cards for section in sections(part, rows_of(found, part), reading.words)),
        notes=tuple(_(note) for note in entry.notes),
        actions=(*places, *views, *changes, *onwards, *offer, finish),
    )


def table(
    part: Part, reading: Reading, found: Found, question: str, hint: str, actions: tuple[Option[str], ...]
) -> Table:
    rows = rows_of(found, part)
    same = in_every_row(part, rows, reading.words)
    return Table(
        name="records",
        question=question,
        hint=sentences((hint, _("，").join(same.values()))),
        columns=table_columns(part, same),
        lines=table_lines(part, rows, reading.words, same),
        nothing=_("没有查到"),
        actions=actions,
    )


def _slip(item: Item, entry: QueryEntry, reading: Reading, person: Person, found: Found) -> receipts.Receipt:
    who = f"{masked_name(person.name)}  {tail(person.number)}"
    rows = [Row(label=_("姓名"), value=who)]
    if found.place is not None:
        rows.append(Row(label=_("参保地"), value=place_name(found.place)))
    hotline = _("社保的事可以打 12333 问") if entry.authority == "social" else _("医保的事可以打 12393 问")
    return receipts.plain(
        service=item.on_paper,
        rows=(*rows, *slip_rows(entry, found, reading.words)),
        closing=(_("这是查询结果，不是证明"), hotline),
        at=found.as_of,
    )


def _head(entry: QueryEntry, found: Found) -> str:
    return _in_place(entry.found, found)


def _in_place(text: str, found: Found) -> str:
    return _(text).format(place=place_in_sentence(found.place)) if found.place is not None else _(text)


def _nothing_at(found: Found) -> str:
    return _("在{place}没有查到").format(place=place_in_sentence(found.place or ""))


# -- what is asked -------------------------------------------------------------------------------------------------


async def _ask_place(desk: Desk, entry: QueryEntry, reading: Reading) -> str:
    return await desk.ask(
        choose_place("insured-place", _(entry.place), _(entry.place_help) if entry.place_help else "", reading.places)
    )


def _question(desk: Desk, ask: Ask) -> Choose[str]:
    options = tuple(Option(value=value, label=label) for value, label in _answers(desk, ask))
    return Choose(name=f"ask-{ask.code}", question=_(ask.ask), options=options)


def _usual(desk: Desk, ask: Ask) -> str:
    return _answers(desk, ask)[0][0]


def _answers(desk: Desk, ask: Ask) -> list[tuple[str, str]]:
    """What can be answered, and its words; the usual one first."""
    today = desk.now.date()
    match ask.kind:
        case "choice":
            return [(choice.code, _(choice.label)) for choice in ask.choices]
        case "months":
            return [
                (
                    f"{months_later(today, 1 - count):%Y-%m}/{today:%Y-%m}",
                    _("最近 {months} 个月").format(months=count),
                )
                for count in ask.months
            ]
        case "year":
            years = [str(today.year - back) for back in range(ask.years or 1)]
            return [(year, _("{year} 年").format(year=year)) for year in years]
