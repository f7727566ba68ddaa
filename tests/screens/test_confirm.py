"""Before something is recorded: on a panel that lies across the way back to change it stands beside the action."""

from __future__ import annotations

import pytest

from screens.confirm import ACTION, CHANGE
from screens.widgets import NEXT_PAGE
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_across_both_answers_stand_side_by_side(glass: Glass) -> None:
    """On one page with all that is recorded."""
    try:
        glass.on_panel(21.5, landscape=True)
        await glass.sample("confirm")
        assert NEXT_PAGE not in glass.finger.offered()
        change, action = glass.finger.find(CHANGE), glass.finger.find(ACTION)
        assert change.x + change.width < action.x
        assert change.y == action.y
    finally:
        glass.on_panel(21.5)
