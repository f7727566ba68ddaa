"""Pages of somebody's records: the way back and home stay in the foot, whatever else may be done from here."""

from __future__ import annotations

import pytest

from kiosk.manner import Manner
from screens.gallery.samples import SAMPLES
from screens.widgets import NEXT_PAGE
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOOT = {"foot:back", "foot:aids", "foot:help", "foot:home"}


@pytest.mark.parametrize(
    "name", ["result", "result-nothing", "result-not-printed", "result-family", "table", "table-matters", "table-empty"]
)
@pytest.mark.parametrize("landscape", [False, True], ids=["low", "across"])
async def test_back_and_home_are_always_there(glass: Glass, name: str, landscape: bool) -> None:
    """In the foot, with the actions in the page."""
    page, head = SAMPLES[name]
    try:
        glass.on_panel(21.5, landscape=landscape)
        await glass.sample(name, manner=Manner(low=True))
        there = set(glass.finger.offered())
        assert FOOT - (set() if head.can_go_back else {"foot:back"}) <= there
        while NEXT_PAGE in glass.finger.offered():
            glass.clock.ahead += 0.31
            await glass.finger.press(NEXT_PAGE)
            there |= set(glass.finger.offered())
        assert {option.value for option in page.actions} <= there  # type: ignore[union-attr]
    finally:
        glass.on_panel(21.5)
