"""The end of a matter: its first page has what to take, the number and what comes next, as somebody may turn none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.pages import Done, Option, Row
from screens.gallery.people import NUMBER
from screens.text import Text
from screens.widgets import NEXT_PAGE
from tests.face.modes import LARGE_LOW_ENGLISH
from tests.face.rules import judge
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")

COMES_NEXT = "接下来"


@pytest.fixture
def across(glass: Glass) -> Iterator[Glass]:
    """The same glass as a panel that lies across."""
    glass.on_panel(21.5, landscape=True)
    yield glass
    glass.on_panel(21.5)


def _read(glass: Glass) -> list[str]:
    return [text.text for text in glass.stage._panes.body.walk() if isinstance(text, Text)]


@pytest.mark.parametrize("name", ["done", "done-without-paper", "done-perhaps-printed", "done-unsure"])
async def test_the_first_page_tells_number_and_next_step(glass: Glass, name: str) -> None:
    """In care mode, where rows and actions are on pages that follow; the number may stand with the code."""
    await glass.sample(name, care=True)
    assert NEXT_PAGE in glass.finger.offered()
    read = _read(glass)
    assert any(NUMBER in text for text in read)
    assert COMES_NEXT in read


@pytest.mark.parametrize("name", ["done", "done-without-paper", "done-perhaps-printed", "done-unsure"])
async def test_across_what_to_take_stands_below_the_question(across: Glass, name: str) -> None:
    """Beside it number and next step, on the first page."""
    await across.sample(name)
    stage = across.stage
    assert any(NUMBER in text for text in _read(across))
    heading = next(text for text in stage.walk() if isinstance(text, Text) and text.text == COMES_NEXT)
    taken = [text for text in stage.walk() if isinstance(text, Text) and text.text.startswith("请取走")]
    assert all(text.right < heading.x for text in taken)
    assert bool(taken) == (name in {"done", "done-unsure"})


async def test_nothing_is_lost_between_pages(glass: Glass) -> None:
    """Each row, step and action is on one of them."""
    page = Done(
        name="done", mood="wait", question="已登记，还没有提交", paper="请取走凭条",
        rows=(
            *(Row(label=f"第 {n} 项", value=f"值 {n}") for n in range(9)),
            Row(label="登记号", value=NUMBER, leads=True),
        ),
        next_steps=tuple(f"第 {n} 步以后，再看一下结果。" for n in range(6)),
        actions=tuple(Option(value=str(n), label=f"做法 {n}", primary=n == 4) for n in range(5)),
    )  # fmt: skip
    glass.stage.dress(LARGE_LOW_ENGLISH.manner)
    await glass.show(page)
    read, offered = list[str](), set[object]()
    while True:
        assert judge(glass.stage).violations == []
        read += _read(glass)
        offered |= set(glass.finger.offered())
        if NEXT_PAGE not in glass.finger.offered():
            break
        glass.clock.ahead += 0.31
        await glass.finger.press(NEXT_PAGE)
    for row in page.rows:
        assert read.count(row.label) == 1
    assert all(read.count(step) == 1 for step in page.next_steps)
    assert {option.value for option in page.actions} <= offered
