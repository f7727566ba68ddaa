"""Before a filing is filled in: where it goes, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo

from kiosk import receipts
from kiosk.contract.filing_basis import FilingBasis, InsuredRow, OpenFiling
from kiosk.dates import day_in_words
from kiosk.desk import Desk, Left
from kiosk.filing_rules import FilingRules, Finding
from kiosk.identity import Person, masked_name
from kiosk.pages import Choose, Notice, Option
from kiosk.regions import city_name, place_in_sentence
from kiosk.texts import _

ELSEWHERE = "elsewhere"


async def ask_insured_place(desk: Desk, rules: FilingRules, person: Person) -> str:
    """Asked and never guessed. Raises Left for whom it is none of them."""
    place = await desk.ask(choose_insured_place(rules, person))
    while place == ELSEWHERE:
        if await desk.ask(not_from_here(rules)) == "leave":
            raise Left("cancelled")
        place = await desk.ask(choose_insured_place(rules, person))
    return place


async def check_before_asking(desk: Desk, rules: FilingRules, place: str, basis: FilingBasis, person: Person) -> None:
    """Says what speaks against filing, and lets the person decide where it may be done all the same. Raises Left."""
    pages = [filed_already(basis.open[0], desk.now.tzinfo)] if basis.open else []
    for finding in rules.finding:
        rows = finding.rows(place, basis.rows)
        if bool(rows) != finding.missing:
            pages.append(found(finding, rules, rows, place, person))
            break
    for page in pages:
        if await desk.ask(page) == "leave":
            raise Left("cancelled")


# -- the pages -----------------------------------------------------------------------------------------------------


def choose_insured_place(rules: FilingRules, person: Person) -> Choose[str]:
    return Choose(
        name="insured-place",
        question=_of(person, rules.ask_place, rules.ask_place_other),
        options=tuple(
            Option(value=place, label=city_name(place), icon="map-marker-outline", primary=len(rules.places) == 1)
            for place in rules.places
        ),
        aside=Option(value=ELSEWHERE, label=_("在别的地方"), icon="map-search-outline"),
    )


def not_from_here(rules: FilingRules) -> Notice:
    return Notice(
        name="not-from-here",
        icon="map-search-outline",
        mood="plain",
        question=_("这台机器办不了那里的"),
        lines=(_(rules.elsewhere), _("也可以先打 {hotline} 问一问。").format(hotline=rules.hotline)),
        actions=(
            Option(value="leave", label=_("先不办了"), icon="home", primary=True),
            Option(value="choose", label=_("换个地方选"), icon="map-marker-outline"),
        ),
    )


def found(finding: Finding, rules: FilingRules, rows: Iterable[InsuredRow], place: str, person: Person) -> Notice:
    where = _("、").join(dict.fromkeys(place_in_sentence(row.place) for row in rows)) or place_in_sentence(place)
    leave = Option(value="leave", label=_("先不办了"), icon="home", primary=True)
    return Notice(
        name=f"found-{finding.code}",
        icon="information-outline",
        mood="plain",
        question=_of(person, finding.question, finding.question_other, place=where),
        lines=(
            *(_(line).format(place=where) for line in finding.lines),
            _("不清楚的，打 {hotline} 问一问。").format(hotline=rules.hotline),
        ),
        actions=(leave, Option(value="go-on", label=_(finding.go_on))) if finding.go_on else (leave,),
        personal=True,
    )


def filed_already(earlier: OpenFiling, here: tzinfo | None) -> Notice:
    return Notice(
        name="filed-already",
        icon="clipboard-check-outline",
        mood="plain",
        question=_("这件事已经在办了"),
        lines=(
            _("{day}登记的，{state}。").format(
                day=day_in_words(earlier.at.astimezone(here)), state=receipts.state_in_words(earlier.state)
            ),
            _("登记号 {number}").format(number=earlier.number),
            _("办到哪了，在“我的办件”里看，不用再办一次。"),
        ),
        actions=(
            Option(value="leave", label=_("不用再办了"), icon="home", primary=True),
            Option(value="go-on", label=_("还是要再办一次")),
        ),
        personal=True,
    )


def _of(person: Person, own: str, other: str | None, **places: str) -> str:
    """What is asked or said of whoever stands here, or of the one for whom they act."""
    if person.agent is None or other is None:
        return _(own).format(**places)
    return _(other).format(name=masked_name(person.name), **places)
