"""The scripted person of the tour knows the way through every item of the catalogue, from the home page to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import pytest_asyncio

from kiosk.items import Item
from kiosk.pages import Option, Page
from kiosk.tour import DEFAULT_PERSON, PERSONS, NoAnswer, ScriptedPerson, way_of
from tests.kiosk.hall import STUCK, Hall, Visitor, Walk, open_hall, visitor_person

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Tourist(Visitor):
    """Answers by the tour's tables alone."""

    def __init__(self, last_code: Callable[[], str]) -> None:
        super().__init__(last_code)
        self.script = ScriptedPerson("", {})

    def answers(self, page: Page[object], walk: Walk) -> object:
        try:
            return self.script.answer(page, [*pressable_on(page)])
        except NoAnswer as reason:
            walk.stuck = str(reason)
            return STUCK


def pressable_on(page: object) -> Iterator[object]:
    """What every option on the page means."""
    for value in vars(page).values():
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Option) and each.enabled:
                yield each.value


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    async with open_hall(tmp_path_factory.mktemp("hall"), Tourist) as hall:
        yield hall


async def test_every_item_is_walked_to_its_end_with_its_paper(hall: Hall) -> None:
    """The pages of each come one after the other as its way says, and what can be printed is printed."""
    await hall.suffer("none")
    catalog = hall.machine.reception.catalog
    wrong: list[str] = []
    for item in catalog.items:
        walk, finished = await toured(hall, item)
        way = " ".join(page.name for page in walk.pages)
        if walk.stuck or not finished:
            wrong.append(f"{item.code}: {walk.stuck or 'did not come to its end'} ({way})")
        if item.needs.printer == "required" and not walk.papers:
            wrong.append(f"{item.code}: nothing was printed ({way})")
    assert not wrong, "\n" + "\n".join(wrong)


async def toured(hall: Hall, item: Item) -> tuple[Walk, bool]:
    """One item, and whether the person is done with it."""
    tourist = hall.visitor
    assert isinstance(tourist, Tourist)
    tourist.person = visitor_person(PERSONS.get(item.code, DEFAULT_PERSON))
    tourist.script = ScriptedPerson(item.code, way_of(item.code, hall.machine.reception.catalog))
    return await hall.walk(item.code), tourist.script.finished
