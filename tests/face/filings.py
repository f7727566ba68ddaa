"""The pages of what is filed from the catalogue: every branch of an entry, with the longest that can stand there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from kiosk.contract.filing_basis import FilingBasis, InsuredRow, OpenFiling
from kiosk.contract.identity import Agent, Witness
from kiosk.contract.lookups import Found, FoundPart
from kiosk.contract.messages import Matter
from kiosk.desk import Left
from kiosk.errors import Unavailable
from kiosk.filing_rules import FilingRules, Finding
from kiosk.identity import Person
from kiosk.items import Item
from kiosk.journeys.backing import papers_wanted
from tests.kiosk.journeys.test_guide import answer_to
from tests.kiosk.scripted import PRINTED

Script = list[tuple[str, object]]

GONE = Left("cancelled")
TELEPHONE = "138＊＊＊＊0000"
CHILD = "33990220261101122X"


def scripts(
    item: Item, person: Person, owed: Person, far: str, outcomes: Sequence[Matter | None]
) -> Iterator[tuple[str, Script, bool]]:
    """Item, script, whether there is paper. ``owed``: the same person without network; ``far``: a place elsewhere."""
    rules = item.filing
    assert rules is not None
    ways = [_way(item, rules, person.name, choice.code) for choice in item.field[0].choices]
    before, after = ways[0]
    wish: Script = [("wish-of-item", "otherwise")] if item.query is not None else []
    acting = replace(person, agent=Agent(person=person.reference, relation="child", shown="id-card"))
    myself: Script = [("for-whom", "self")] if rules.for_another else []

    def begun(before: Script, shown: Script) -> Script:
        """For whom it is stands before the card, where the first field says it."""
        first = before[:1] if rules.child is not None else []
        relative = first and first[0][1] in rules.relatives
        cards: Script = [("other", acting)] if relative else shown
        return [*wish, *first, *cards, *before[len(first) :]]

    card: Script = [*myself, ("card", person)]
    yield item.code, [*begun(before[:-1], card), ("insured-place", "elsewhere"), ("not-from-here", GONE)], True
    for finding in rules.finding:
        told: Script = [("filing-basis", _found(finding, rules, far)), (f"found-{finding.code}", GONE)]
        yield item.code, [*begun(before, card), *told], True
    lying = OpenFiling(number="K001-26-000317-7Q4XM", at=datetime(2026, 11, 22, tzinfo=UTC), state="papers wanted")
    again = FilingBasis(rows=(), open=(lying,))
    yield item.code, [*begun(before, card), ("filing-basis", again), ("filed-already", GONE)], True
    clear = FilingBasis(rows=_insured(rules), open=(), telephone=TELEPHONE)
    for number, (before, after) in enumerate(ways):
        for outcome in outcomes if number == 0 else outcomes[:1]:
            script: Script = [*begun(before, card), ("filing-basis", clear), *after, ("confirm-telephone", "keep")]
            yield item.code, [*script, ("confirm", None), ("submit", outcome), ("done", GONE)], True
    offline: Script = [*begun(before, [*myself, ("card", owed)]), ("filing-basis", Unavailable("offline")), *after]
    offline += [("telephone", "13800000000"), ("confirm", None), ("submit", None), ("done", GONE)]
    yield item.code, offline, True
    if rules.promise is not None or rules.for_another:
        other: Script = [("for-whom", "other")] if rules.for_another else []
        agent = Agent(person=owed.reference, relation="child", shown="id-card")
        shown: Script = [*other, ("other" if other else "card", replace(owed, agent=agent))]
        kept: Script = [("filing-basis", Unavailable("offline")), *after, ("telephone", "13800000000")]
        acted: Script = [*begun(before, shown), *kept]
        yield item.code, [*acted, ("confirm", None), ("submit", None), ("done", GONE)], True
    if rules.child is not None:
        before, after = next(way for way in ways if ("child-number", CHILD) in way[0])
        to_papers: Script = [("filing-basis", clear), *after[:-1]]
        nobody: Script = [("backing", "upload"), ("witness", None), ("backing", GONE)]
        yield item.code, [*begun(before, card), *to_papers, *nobody], True
        vouched = replace(person, check="witness", witness=Witness(worker="w01", reason="telephone-changed"))
        yield item.code, [*begun(before, [*myself, ("card", vouched)]), *to_papers, ("backing", GONE)], True


def payments(person: Person, at: datetime) -> Iterator[tuple[str, Script, bool]]:
    """Who has paid residents' medical insurance: some, all, not once, nobody known or asked; and how it is paid."""
    own = {"name": person.name, "number": "0011", "own": "1", "year": "2027", "state": "0", "amount": "400.00"}
    paid = own | {"own": "0", "state": "1", "paid-on": "2026-11-20"}
    unknown = own | {"state": "8"}
    past = own | {"year": "2023"}
    for rows in ((own, paid), (paid,), (unknown,), (paid, past), ()):
        part = FoundPart(service="resident-payments", rows=rows)
        found = Found(as_of=at, place=None, parts=(part,))
        yield "medical-payment", [("card", person), ("lookup", found), ("payments", GONE)], True
    asked: Script = [("card", person), ("lookup", Unavailable("offline")), ("payments", "pay")]
    printed: Script = [("how-to-pay", "print"), ("print", PRINTED)]
    yield "medical-payment", [*asked, *printed, ("how-to-pay", GONE)], True


def _way(item: Item, rules: FilingRules, name: str, branch: str) -> tuple[Script, Script]:
    """What is answered up to the insured place, and from there to the telephone; the first field is ``branch``."""
    said: dict[str, str] = {}
    answers: Script = []
    for field in item.field:
        if field.when is None or field.when.holds(said):
            said[field.code] = str(answer_to(item, field.code)) if said else branch
            answers.append((f"field-{field.code}", said[field.code]))
    place: Script = [("insured-place", rules.places[0])]
    backed: Script = [("backing", "desk")] if papers_wanted(item, said) else []
    if rules.child is None:
        return place, [*answers, *backed]
    child: Script = [("child-number", CHILD), ("child-name", name)] if branch in rules.child.answers else []
    return [answers[0], *child, *place], [*answers[1:], *backed]


def _found(finding: Finding, rules: FilingRules, far: str) -> FilingBasis:
    """What makes a page tell it."""
    place = far if finding.where == "elsewhere" else rules.places[0]
    row = InsuredRow(place=place, insutype=finding.insutypes[0], status="1", by_employer=bool(finding.by_employer))
    return FilingBasis(rows=() if finding.missing else (row,), open=())


def _insured(rules: FilingRules) -> tuple[InsuredRow, ...]:
    """Rows without which it would not go on."""
    return tuple(
        InsuredRow(place=rules.places[0], insutype=finding.insutypes[0], status="1", by_employer=False)
        for finding in rules.finding
        if finding.missing
    )
