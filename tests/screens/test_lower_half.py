"""The largest words in the lower half of the glass, and across, where room is least: nothing lies on anything else, and
a page that is short of room gives up what it does not need.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kiosk.manner import Manner
from kiosk.pages import Done, EnterNumber, Notice, Option, Page, Row, Table, TableColumn, TableLine
from kiosk.texts import spoken
from screens.foot import HELP
from screens.records import HOLD
from screens.widgets import NEXT_PAGE, Button, Problem
from tests.face.modes import LARGE_LOW_ENGLISH, TIGHT
from tests.face.pixels import judge_pixels, look_at_glass
from tests.face.rules import judge
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG = "the bill is missing its stamp, and so is the list of what was paid, and by whom"
FINISH = Option(value="finish", label="Done", icon="check", primary=True)
WRONG = EnterNumber(
    name="number", question="Please enter the number of the receipt", hint="", begins="K001-26-", by_scanner="",
    action="Look it up", problem="This is not a receipt's code. Scan the receipt's, or type the number.",
)  # fmt: skip
GO_TO_THE_DESK = Notice(
    name="desk", icon="face-agent", mood="plain", question="Please go to the service desk", actions=(FINISH,),
    lines=("Please bring your ID card or social security card to the service desk", "Staff will certify you there",
           "It costs nothing. Nobody asks for your bank PIN or a code.", "Service desk: 000-00000000"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with spoken("en"):
        yield


@pytest.mark.parametrize("page", [WRONG, GO_TO_THE_DESK], ids=lambda page: page.name)
async def test_many_words_leave_room_for_what_is_pressed(glass: Glass, page: Page[str]) -> None:
    glass.stage.dress(LARGE_LOW_ENGLISH.manner)
    await glass.show(page)
    assert judge(glass.stage).violations == []


async def test_a_notice_that_lies_across_has_no_gap_to_spare(glass: Glass) -> None:
    """Four lines stand close below the sentence, where the place of the idle warning would push them into the foot."""
    try:
        glass.on_panel(21.5, landscape=True)
        glass.stage.dress(TIGHT[1].manner)
        await glass.show(replace(GO_TO_THE_DESK, lines=("One", "Two", "Three", "Four")))
        assert judge(glass.stage).violations == []
    finally:
        glass.on_panel(21.5)


async def test_what_went_wrong_stands_above_the_lower_half(glass: Glass) -> None:
    """With the question: the keys have the whole lower half, in usual type too."""
    glass.stage.dress(Manner(low=True))
    await glass.show(WRONG)
    (problem,) = [widget for widget in glass.stage.walk() if isinstance(widget, Problem)]
    assert problem.y >= glass.stage.height / 2


async def test_hold_to_see_stands_where_there_is_something_to_see(glass: Glass) -> None:
    """On the page with the amount; a long answer has the room of the button on its own."""
    glass.stage.dress(LARGE_LOW_ENGLISH.manner)
    columns = (TableColumn(label="Day"), TableColumn(label="Amount", private=True), TableColumn(label="Answer"))
    cells = (
        "28 December",
        "1,611.28 yuan",
        LONG,
    )
    page = Table(
        name="claims", question="Your claims", columns=columns, lines=(TableLine(cells=cells),), nothing="",
        actions=(Option(value="print", label="Print a statement of the year"), FINISH),
    )  # fmt: skip
    await glass.show(page)
    held = []
    while True:
        assert judge(glass.stage).violations == []
        held.append(HOLD in glass.finger.offered())
        if NEXT_PAGE not in glass.finger.offered():
            break
        glass.clock.ahead += 0.31
        await glass.finger.press(NEXT_PAGE)
    assert held[0]
    assert not held[1]


async def test_only_words_without_room_are_broken(glass: Glass) -> None:
    """Of the foot's buttons the longest; and its two lines stand within it, to the last descender."""
    glass.stage.dress(LARGE_LOW_ENGLISH.manner)
    end = Option(value="end", label="Saved, clear my details", primary=True)
    rows = (Row(label="Kept", value="until 08:00"),)
    await glass.show(Done(name="done", mood="done", question="Proof is ready", rows=rows, actions=(end,)))
    words = {b.means: b.words for b in glass.stage.walk() if isinstance(b, Button) and b.means in {HELP, "end"}}
    assert "\n" not in words[HELP].text
    assert "\n" in words["end"].text
    assert judge(glass.stage).violations == []
    assert judge_pixels(glass.stage, look_at_glass()) == []
