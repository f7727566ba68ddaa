"""Ways to break a kiosk, each of which the monkey must find: what tells whether its eyes are open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeVar
from unittest import mock

from kiosk.catalog import Catalog
from kiosk.contract.base import Message
from kiosk.contract.queries import Inquiry
from kiosk.counter import Counter
from kiosk.desk import Desk, Whom
from kiosk.identity import Person
from kiosk.items import Category
from kiosk.pages import Choose, EnterNumber, Notice, Words
from kiosk.visit import Journey, Visit

if TYPE_CHECKING:
    import main
    from screens.stage import Stage

M = TypeVar("M", bound=Message)
Kind = Literal["exceptions", "dead_ends", "leftovers"]
Break = Callable[["main.Machine", "Stage"], AbstractContextManager[object]]


def a_page_without_actions(_machine: main.Machine, _stage: Stage) -> AbstractContextManager[object]:
    whole = Catalog.list_page

    def bare(catalog: Catalog, category: Category, phone: str) -> Choose[str] | Notice:
        page = whole(catalog, category, phone)
        return replace(page, options=(), aside=None) if isinstance(page, Choose) else page

    return mock.patch.object(Catalog, "list_page", bare)


@contextmanager
def a_page_without_a_way_out(_machine: main.Machine, stage: Stage) -> Iterator[object]:
    def no_foot(*_how: object, **_more: object) -> list[object]:
        return []

    with mock.patch("screens.stage.usual_foot", no_foot), mock.patch.object(stage, "tick"):
        yield None


@contextmanager
def a_wipe_that_keeps_the_drafts(_machine: main.Machine, _stage: Stage) -> Iterator[object]:
    kept: list[object] = []
    run = Visit.run

    async def keeping(visit: Visit, journey: Journey) -> None:
        kept.append(visit.drafts)
        await run(visit, journey)

    with mock.patch.object(Visit, "run", keeping):
        yield None
    kept.clear()


@contextmanager
def a_place_to_keep_in(machine: main.Machine) -> Iterator[list[object]]:
    """A list that reception has, and that no wipe empties."""
    kept = vars(machine.reception)["kept"] = []
    yield kept
    kept.clear()
    del vars(machine.reception)["kept"]


@contextmanager
def a_wipe_that_keeps_a_name(machine: main.Machine, _stage: Stage) -> Iterator[object]:
    identify = Counter.identify

    async def keeping(counter: Counter, level: Literal[1, 2], *, whom: Whom = "self", at_once: bool = False) -> Person:
        person = await identify(counter, level, whom=whom, at_once=at_once)
        kept.append(person.name)
        return person

    with a_place_to_keep_in(machine) as kept, mock.patch.object(Counter, "identify", keeping):
        yield None


@contextmanager
def a_wipe_that_keeps_a_result(machine: main.Machine, _stage: Stage) -> Iterator[object]:
    query = Counter.query

    async def keeping(counter: Counter, asked: Inquiry[M]) -> M:
        answer = await query(counter, asked)
        kept.append(answer)
        return answer

    with a_place_to_keep_in(machine) as kept, mock.patch.object(Counter, "query", keeping):
        yield None


@contextmanager
def a_wipe_that_keeps_words(machine: main.Machine, stage: Stage) -> Iterator[object]:
    end = stage._end

    def keeping(value: object) -> None:
        if stage.shown is not None and isinstance(stage.shown.page, Words | EnterNumber):
            kept.append(value)
        end(value)

    with a_place_to_keep_in(machine) as kept, mock.patch.object(stage, "_end", keeping):
        yield None


def a_wipe_that_leaves_the_volume(machine: main.Machine, _stage: Stage) -> AbstractContextManager[object]:
    return mock.patch.object(machine.voice, "forget", machine.voice.hush)


def a_wipe_that_leaves_the_manner(machine: main.Machine, _stage: Stage) -> AbstractContextManager[object]:
    return mock.patch.object(machine.reception, "_wipe", machine.reception.screens.wipe)


def a_callback_that_raises(_machine: main.Machine, stage: Stage) -> AbstractContextManager[object]:
    return mock.patch.object(stage, "_back", mock.Mock(side_effect=ArithmeticError("broken on purpose")))


def a_journey_that_raises(machine: main.Machine, _stage: Stage) -> AbstractContextManager[object]:
    async def failing(desk: Desk) -> None:
        raise ArithmeticError("broken on purpose")

    serving = machine.reception.serving()
    broken: Mapping[str, Callable[[Desk], Awaitable[None]]] = dict.fromkeys(serving.journeys, failing)
    return mock.patch.object(machine.reception, "serving", return_value=replace(serving, journeys=broken))


BREAKS: dict[str, tuple[Kind, Break]] = {
    "a page without actions": ("dead_ends", a_page_without_actions),
    "a page without a way out": ("dead_ends", a_page_without_a_way_out),
    "a wipe that keeps the drafts": ("leftovers", a_wipe_that_keeps_the_drafts),
    "a wipe that keeps a name": ("leftovers", a_wipe_that_keeps_a_name),
    "a wipe that keeps a result": ("leftovers", a_wipe_that_keeps_a_result),
    "a wipe that keeps words": ("leftovers", a_wipe_that_keeps_words),
    "a wipe that leaves the manner": ("leftovers", a_wipe_that_leaves_the_manner),
    "a wipe that leaves the volume": ("leftovers", a_wipe_that_leaves_the_volume),
    "a callback that raises": ("exceptions", a_callback_that_raises),
    "a journey that raises": ("exceptions", a_journey_that_raises),
}
