"""Every item of the catalogue, whatever goes wrong: no cell leads to a dead end, and no word promises what is not so.

The rows are the catalogue's items, so that a new one is walked by itself; the columns are the troubles of ``hall``.
What a cell may do follows from its entry: its rule offline, the card it needs.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator

import pytest
import pytest_asyncio

from kiosk.items import Item
from kiosk.pages import Done, Notice, ReceiptPreview, Result, Table
from tests.kiosk.hall import Hall, Trouble, Walk, open_hall, pressable, texts_of
from tests.kiosk.receipts import PLAYS

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROMISES = ("受理", "办结", "通过", "有效")
"""Words that are the authority's: none of them stands on a page or a paper about what is only kept here."""
TROUBLE_PAGES = {
    "unavailable",
    "declined",
    "cannot-record",
    "not-recorded",
    "perhaps-recorded",
    "turned-away",
    "at-desk",
}
TELEPHONE = re.compile(r"\d{5}|\d{3}-\d{8}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    """One machine for all visitors, as in a centre."""
    async with open_hall(tmp_path_factory.mktemp("hall")) as hall:
        yield hall


def items(hall: Hall) -> tuple[Item, ...]:
    return hall.machine.reception.catalog.items


async def walked(
    hall: Hall,
    trouble: Trouble,
    faults: Callable[[Item, Walk], Iterator[str]],
    these: Iterable[Item] | None = None,
) -> None:
    """Walks every item, or these, and fails with all that is wrong, a line for each cell."""
    await hall.suffer(trouble)
    wrong: list[str] = []
    for item in items(hall) if these is None else these:
        walk = await hall.walk(item.code, trouble)
        way = " ".join(page.name for page in walk.pages)
        found = (*dead_ends(walk), *promises(walk), *faults(item, walk))
        wrong += [f"{item.code}, {trouble}: {fault} ({way})" for fault in found]
    assert not wrong, "\n" + "\n".join(wrong)


def dead_ends(walk: Walk) -> Iterator[str]:
    """Each page has something to press and a way home; a page of trouble says whom to ask."""
    if walk.stuck:
        yield walk.stuck
    for page, head in zip(walk.pages, walk.heads, strict=True):
        if not head.can_leave:
            yield f"there is no way home from {page.name}"
        if isinstance(page, Notice | Result | Table | Done | ReceiptPreview) and not pressable(page.actions):
            yield f"there is nothing to press on {page.name}"
        if page.name in TROUBLE_PAGES and not TELEPHONE.search(" ".join(texts_of(page))):
            yield f"{page.name} names no telephone"


def promises(walk: Walk) -> Iterator[str]:
    """What is only kept here is called so."""
    if walk.states != {"kept"}:
        return
    for shown in walk.after_filing:
        said = " ".join(texts_of(shown))
        for word in PROMISES:
            if word in said:
                yield f"{word} is said of what is only kept: {said[:120]}"


def names(walk: Walk) -> set[str]:
    return {page.name for page in walk.pages}


async def test_when_all_is_well_every_item_comes_to_its_end(hall: Hall) -> None:
    """A result, a table, a matter that went on its way, a guide: never a page of trouble."""

    def faults(_item: Item, walk: Walk) -> Iterator[str]:
        if trouble := names(walk) & TROUBLE_PAGES:
            yield f"trouble where there is none: {', '.join(trouble)}"
        if "kept" in walk.states:
            yield "what was recorded did not arrive"

    await walked(hall, "none", faults)


async def test_each_journey_that_prints_has_its_receipt_among_the_golden_ones(hall: Hall) -> None:
    """By the name of the journey; what is due, and what was filed before, lead on to others, whose paper it is."""
    await hall.suffer("none")
    printing = {item.journey for item in items(hall) if (await hall.walk(item.code)).papers}
    assert printing - {"due", "my-matters"} <= {name.partition(".")[0] for name in PLAYS}


async def test_offline_each_item_does_what_its_entry_says(hall: Hall) -> None:
    """queue: it is recorded and says so; cached: it can be read; never: nothing is recorded, and who can be asked."""

    def faults(item: Item, walk: Walk) -> Iterator[str]:
        if item.offline == "queue" and walk.states != {"kept"}:
            yield f"it waits for the network by its entry, and is {walk.states or 'not recorded'}"
        if item.offline == "cached" and names(walk) & TROUBLE_PAGES:
            yield "it can be read offline by its entry"
        if item.offline == "never" and item.guide is None and walk.filed:
            yield "it is never done offline by its entry"
        if item.way_out and not set(item.way_out) <= set(texts_of(walk.pages)):
            yield "nobody is told whom to call at once"
        if item.way_out and walk.filed and not (item.guide and item.guide.proxy):
            yield "what is carried out at once or not at all waits for the network"

    await walked(hall, "offline", faults)


@pytest.mark.parametrize("trouble", ["upstream", "slow"])
async def test_what_does_not_answer_costs_nobody_the_matter(hall: Hall, trouble: Trouble) -> None:
    """An authority, or central itself: the matter is kept, or it is said that nobody can tell, with a telephone."""

    def faults(_item: Item, walk: Walk) -> Iterator[str]:
        ended = {"decided", "declined"} & walk.states
        if ended and trouble == "slow":
            yield f"nobody answered, and it is {ended}"

    await walked(hall, trouble, faults)


async def test_without_a_printer_nothing_is_missing_but_paper(hall: Hall) -> None:
    """Nothing offers to print; the end of a matter has its number and a code to scan instead."""

    def faults(_item: Item, walk: Walk) -> Iterator[str]:
        if walk.papers:
            yield "something was printed"
        for page in walk.pages:
            if isinstance(page, Result | Table | Done) and "print" in pressable(page.actions):
                yield f"{page.name} offers to print"
            if isinstance(page, Done) and walk.filed and not page.qr and page.closes_after is None:
                yield f"{page.name} shows no code in the place of paper"

    await walked(hall, "no printer", faults)


async def test_nobody_confirms_what_a_full_disk_would_not_take(hall: Hall) -> None:
    """It is said before, in each journey; what only tells or shows something goes on."""

    def faults(item: Item, walk: Walk) -> Iterator[str]:
        if walk.filed:
            yield "something was recorded"
        if asked := [page.name for page in walk.pages if page.recorded]:
            yield f"{asked[0]} was asked in vain"
        if "cannot-record" in names(walk):
            told.add(item.journey)

    told: set[str] = set()
    journeys = {item.journey: item for item in reversed(items(hall))}
    await walked(hall, "disk", faults, journeys.values())
    assert told >= {"rider-check-in", "filing", "remote-care-filing", "appointment"}, told


async def test_a_card_that_cannot_be_used_leads_to_the_desk(hall: Hall) -> None:
    """What needs a card says so and records nothing; what needs none goes on."""

    def faults(item: Item, walk: Walk) -> Iterator[str]:
        if item.needs.id_card == "required" and ("turned-away" not in names(walk) or walk.filed):
            yield "it needs a card, and went on without one"

    await walked(hall, "card", faults)


async def test_whoever_goes_away_leaves_nothing_behind(hall: Hall) -> None:
    """On each page of each journey in turn: the home page comes, and nothing is recorded that was not confirmed."""
    await hall.suffer("none")
    journeys = {item.journey: item for item in reversed(items(hall)) if item.journey != "guide"}
    longest = max((item for item in items(hall) if item.journey == "guide"), key=lambda item: len(item.field))
    for item in (*journeys.values(), longest):
        whole = await hall.walk(item.code)
        until = next((n for n, page in enumerate(whole.pages) if isinstance(page, Done)), len(whole.pages) - 1)
        for at in range(1, until + 1):
            walk = await hall.walk(item.code, "idle", leaves_at=at)
            assert not walk.stuck, (item.code, at, walk.stuck)
            ended = any(isinstance(page, Done) for page in walk.pages)
            assert ended or not walk.filed, (item.code, at, walk.last.name)
