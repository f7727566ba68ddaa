"""What a catalogue entry says of its filing (登记、申请): ``[item.filing]``, rules of the insured place, as data.

``kiosk.journeys.filing`` follows them. ``faults`` is what the loader of the catalogue checks between them and the rest
of the entry. Texts are the Chinese originals, for ``_()`` at use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field as Limits

from kiosk.contract.acts import PlaceCode
from kiosk.contract.filings import Authority
from kiosk.regions import UnknownPlace, city_name
from kiosk.remote_care import PromiseText
from kiosk.tables import Table

if TYPE_CHECKING:
    from kiosk.contract.filing_basis import InsuredRow
    from kiosk.items import Item, When

Code = Annotated[str, Limits(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]
Text = Annotated[str, Limits(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class Finding(Table):
    """What is told before anything is asked, where the authority has rows of insurance like this, or has none.

    ``where``: at the insured place that was chosen, at another, or anywhere. ``{place}`` in a line is where.
    """

    code: Code
    insutypes: Annotated[tuple[Text, ...], Limits(min_length=1)]
    statuses: tuple[Text, ...] = ("1",)
    where: Literal["here", "elsewhere", "anywhere"] = "here"
    by_employer: bool | None = None
    missing: bool = False
    """Told where there is no such row."""
    question: Text
    question_other: Text | None = None
    """The same of somebody whom another acts for, ``{name}``."""
    lines: Annotated[tuple[Text, ...], Limits(min_length=1)]
    go_on: str = ""
    """How somebody goes on all the same; nothing: there is no use in it."""

    def rows(self, place: str, rows: Iterable[InsuredRow]) -> tuple[InsuredRow, ...]:
        """Those that it speaks of."""
        return tuple(
            row
            for row in rows
            if row.insutype in self.insutypes
            and row.status in self.statuses
            and self.where in ("anywhere", "here" if row.place == place else "elsewhere")
            and self.by_employer in (None, row.by_employer)
        )


@dataclass(frozen=True, kw_only=True)
class ForAnother(Table):
    """Which answers to a field, the first that is asked, mean that it is for a child of the person's."""

    field: Code
    answers: Annotated[tuple[Code, ...], Limits(min_length=1)]
    ask_number: Text
    help_number: Text
    ask_name: Text


@dataclass(frozen=True, kw_only=True)
class FilingRules(Table):
    """The whole of ``[item.filing]``."""

    authority: Authority
    places: Annotated[tuple[PlaceCode, ...], Limits(min_length=1, max_length=6)]
    """The insured places (参保地) to which it goes from this centre."""
    ask_place: Text
    ask_place_other: Text | None = None
    """The same of somebody whom another acts for, ``{name}``."""
    elsewhere: Text
    """What to do for whom none of them is theirs."""
    hotline: Annotated[str, Limits(pattern=r"^[0-9-]{5,20}$")]
    decides: Text
    """What happens once it is there (由社保部门审核)."""
    after: tuple[Text, ...] = ()
    """What else has to be done, or is good to know."""
    urgent: Text
    """The way for whom it cannot wait until the network is back."""
    closing: tuple[Text, ...] = ()
    """The last words on paper."""
    finding: tuple[Finding, ...] = ()
    for_another: bool = False
    """Whether it is asked if they are here for another (替家人办)."""
    child: ForAnother | None = None
    relatives: tuple[Code, ...] = ()
    """Answers to the child's field that mean somebody else of the family, who has a card."""
    promise: PromiseText | None = None
    """The text that may stand for papers (承诺制)."""


def faults(item: Item) -> Iterator[tuple[str, str]]:
    """Field of the entry and what is wrong with it."""
    rules = item.filing
    if rules is None:
        if item.paper:
            yield "paper", "nobody asks for it: the item is not filed"
        return
    if item.level != 2:
        yield "level", "a filing needs 2"
    if item.offline != "queue":
        yield "offline", "a filing is recorded here: queue"
    for place in rules.places:
        try:
            city_name(place)
        except UnknownPlace:
            yield "filing", f'there is no place "{place}" in regions.toml'
    if (rules.for_another or rules.relatives) and not (
        rules.ask_place_other and all(each.question_other for each in rules.finding)
    ):
        yield "filing", "for another: ask_place_other and each finding's question_other say it of the other"
    if rules.promise is not None and not item.paper:
        yield "filing", "a promise stands for papers, and none are wanted"
    yield from _faults_of_fields(item, rules)
    for name, codes in (
        ("paper", [paper.code for paper in item.paper]),
        ("finding", [finding.code for finding in rules.finding]),
    ):
        if len(set(codes)) != len(codes):
            yield name, f"two of {name} have one code"


def _faults_of_fields(item: Item, rules: FilingRules) -> Iterator[tuple[str, str]]:
    for field in item.field:
        for choice in field.choices:
            for place in choice.places:
                if place not in rules.places:
                    yield "field", f'{field.code}: choice "{choice.code}" is of a place that is not among filing.places'
        for place in rules.places:
            if field.kind == "choice" and not field.offered(place):
                yield "field", f"{field.code}: no choice is offered at {place}"
    if rules.child is not None:
        first = item.field[0] if item.field else None
        codes = {choice.code for choice in first.choices} if first is not None else set()
        answers = (*rules.child.answers, *rules.relatives)
        if first is None or first.code != rules.child.field or not codes.issuperset(answers):
            yield "filing", "child: has to name the first field and choices of it"
        if rules.for_another:
            yield "filing", "for_another: the first field asks already for whom it is"
        if not item.paper:
            yield "filing", "child: somebody's child is proved by papers, and none are wanted"
    for paper in item.paper:
        yield from faults_of_when("paper", paper.code, paper.when, item)


def faults_of_when(name: str, code: str, when: When | None, item: Item) -> Iterator[tuple[str, str]]:
    """A condition names an earlier field and choices of it."""
    if when is None:
        return
    fields = {field.code: {choice.code for choice in field.choices} for field in item.field}
    earlier = list(fields)[: list(fields).index(code)] if name == "field" and code in fields else list(fields)
    if when.field not in earlier:
        yield name, f'{code}: when: there is no field "{when.field}" before it'
    elif not fields[when.field].issuperset(when.answers):
        yield name, f'{code}: when: "{when.field}" has no such choice'
