"""What the scripted person of a tour answers: one table for each service, by the names of its pages.

A service that has none runs from its entry in the catalogue: the person reads the guide and hands the matter over.

The tour drives the real screens (``screens.tour``) with the real devices of the settings; only the person is scripted.
They ask for the receipt wherever one is offered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kiosk.catalog import Catalog
from kiosk.items import APPOINTMENT, CERTIFICATE, FILING, GUIDE, QUERY, Item
from kiosk.pages import Choose, ChooseDay, ChoosePlace, Digits, Notice, Page, Rating, Words

TOURED = ("rider-check-in", "insurance-status", "remote-care-filing")
"""The services of a tour that names none, in this order."""

PERSONS = {
    "rider-check-in": "chen-jianguo",
    "family-account": "chen-jianguo",
    "self-paid": "never-insured",
    "rural-pension": "never-insured",
    "resident-enrolment": "never-insured",
}
DEFAULT_PERSON = "lin-xiuying"
"""Whose simulated card is presented, unless the command line says so."""

FIRST: Final = object()
"""The answer that is the first of whatever is offered."""

WHEREVER: Final[Mapping[str, object]] = {"still-you": True, "code-later": "later"}
"""Answers to what may be asked in any journey."""
WAYS: Mapping[str, Mapping[str, object]] = {
    "rider-check-in": {
        "home": "rider-check-in",
        "category": "by-card",
        "services": ("water", "charging"),
        "done": "finish",
    },
    "insurance-status": {
        "home": "social-insurance",
        "items": "insurance-status",
        "insured-place": "350900",
        "result": "finish",
    },
    "remote-care-filing": {
        "home": "medical-insurance",
        "items": "remote-care-filing",
        "for-whom": "self",
        "filed-already": "go-on",
        "not-insured": "go-on",
        "kind": "long-stay",
        "place": "350100",
        "filed-there": "go-on",
        "proof": "promise",
        "confirm-telephone": "keep",
        "telephone": "13900000000",
        "confirm": None,
        "done": "finish",
    },
    "hospitals-and-drugs": {
        "home": "medical-insurance",
        "items": "medical-insurance-family",
        "group": "hospitals-and-drugs",
        "list": "drugs",
        "no-list": "finish",
        "search": "X0012",
        "entry": "finish",
    },
    "pension-check": {
        "home": "social-insurance",
        "items": "pension-check",
        "insured-place": "350900",
        "ways": "phone",
        "result": "finish",
        "by-phone": "finish",
    },
    "medical-payment": {
        "home": "medical-insurance",
        "items": "medical-payment",
        "payments": "pay",
        "how-to-pay": "finish",
    },
    "card-lost": {
        "home": "social-insurance",
        "items": "card-lost",
        "stopped-already": "lift",
        "no-card": "leave",
        "confirm": None,
        "done": "finish",
    },
    "family-account": {
        "home": "medical-insurance",
        "items": "medical-insurance-family",
        "group": "family-account",
        "family": "add",
        "relation": "parent",
        "member-by": "number",
        "member-number": "339901195509260028",
        "member-name": "林秀英",
        "cannot-share": "leave",
        "by-app": "finish",
        "confirm": None,
        "done": "finish",
    },
    "my-matters": {
        "home": "my-matters",
        "way": "card",
        "matters": "finish",
        "no-matters": "finish",
    },
    "due": {
        "home": "my-matters",
        "way": "due",
        "consent": "look",
        "due": "finish",
    },
}
"""Service → page → answer."""


LOOKED_UP: Mapping[str, object] = {
    "wish-of-item": "look",
    "insured-place": "350900",
    "result": "finish",
    "records": "finish",
}


GIVEN: Mapping[str, object] = {
    "insured-place": "350900",
    "purpose": "house",
    "certificate": "finish",
}

HANDED_OVER: Mapping[str, object] = {
    "wish": "explain",
    "telephone": "13900000000",
    "call": "any",
    "confirm": None,
    "done": "finish",
}


FILED: Mapping[str, object] = {
    "for-whom": "self",
    "wish-of-item": "otherwise",
    "backing": "desk",
    "confirm-telephone": "keep",
    "telephone": "13900000000",
    "child-number": "33990220261101122X",
    "child-name": "沈小满",
    "filed-already": "go-on",
    "confirm": None,
    "done": "finish",
}
"""Of every item that its entry files; what speaks against it, and may be passed over, is."""


BOOKED: Mapping[str, object] = {
    "guide": "book",
    "day": FIRST,
    "slot": FIRST,
    "telephone": "13900000000",
    "confirm": None,
    "done": "finish",
}
"""Of every item whose times can be booked."""


def way_of(code: str, catalog: Catalog) -> Mapping[str, object]:
    """Page → answer for the item with this code. Raises KeyError where there is none, or nobody knows its way."""
    item = catalog.item(code)
    to_item: dict[str, object] = {"home": item.category, "items": item.group or code, "group": code}
    if item.journey == FILING:
        return {**to_item, **FILED, **_of_its_entry(item)}
    if item.query is not None:
        to_item |= LOOKED_UP
    if item.journey == QUERY:
        return to_item
    if item.journey == CERTIFICATE:
        return {**to_item, **GIVEN}
    if item.journey == APPOINTMENT:
        return {**to_item, **BOOKED}
    if item.journey != GUIDE:
        return WAYS[code]
    handed_over = item.guide is not None and item.guide.proxy
    return {**to_item, **HANDED_OVER, "guide": "hand-over"} if handed_over else {**to_item, "guide": "finish"}


def _of_its_entry(item: Item) -> dict[str, object]:
    """Its first place, and to go on past whatever is found that leaves a way."""
    if item.filing is None:
        return {}
    found = {f"found-{finding.code}": "go-on" if finding.go_on else "leave" for finding in item.filing.finding}
    return {"insured-place": item.filing.places[0], **found}


class NoAnswer(Exception):
    """The scripted person does not know what to do on this page, so the journey cannot finish."""


@dataclass(frozen=True, kw_only=True)
class Tour:
    """What the command line asked for."""

    journeys: tuple[str, ...]
    out: Path
    drain: float
    person: str | None

    def person_for(self, journey: str) -> str:
        """Whose simulated card is presented."""
        return self.person or PERSONS.get(journey, DEFAULT_PERSON)


@dataclass
class ScriptedPerson:
    """One walk through one service."""

    journey: str
    way: Mapping[str, object]
    printed: set[str] = field(default_factory=set)
    """On which papers: each is asked for once."""
    finished: bool = False

    def answer(self, page: Page[object], offered: Collection[object]) -> object:
        """The answer to ``page``, on which ``offered`` can be pressed. Raises NoAnswer."""
        for paper in ("on-a4", "print"):
            if paper in offered and paper not in self.printed:
                self.printed.add(paper)
                return paper
        if isinstance(page, ChooseDay):
            return page.likely[0].value
        if isinstance(page, Rating):
            return page.skip.value
        if page.name.startswith(("field-", "ask-")):
            return _to_a_field(page)
        if page.name in WHEREVER:
            return WHEREVER[page.name]
        if page.name in self.way:
            value = self.way[page.name]
            if value is FIRST and isinstance(page, Choose):
                return page.options[0].value
            self.finished = self.finished or value == "finish"
            return value
        if isinstance(page, Notice) and "home" in offered:
            return "home"
        raise NoAnswer(f"{self.journey}: no answer to the page {page.name}: {page.question}")


def _to_a_field(page: Page[object]) -> object:
    """The first that is offered, or what the example says."""
    match page:
        case Choose():
            return page.options[0].value
        case ChoosePlace():
            return page.common[0].value
        case Words():
            return page.example or "3"
        case Digits():
            return "13900000000" if page.shortest is None else "1"
        case _:
            raise NoAnswer(f"no answer to the field {page.name}: {page.question}")
