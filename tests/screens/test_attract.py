"""The page of an empty hall: still, drawn once a minute, told of trouble, and gone at the first touch."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest

from screens import attract
from screens.gallery.questions import CENTRE
from screens.text import Text
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _words(glass: Glass) -> list[str]:
    return [text.text for text in glass.stage.walk() if isinstance(text, Text)]


@pytest.mark.parametrize("where", ["foot", "middle", "head"])
async def test_any_touch_wakes_and_presses_nothing_beneath(glass: Glass, where: str) -> None:
    """Wherever it falls; the home page that follows is not pressed by the same hand's second tap."""
    await glass.sample("attract")
    stage = glass.stage
    place = stage.width / 3, {"foot": 40.0, "middle": stage.height / 2, "head": stage.height - 20.0}[where]
    glass.clock.freeze()
    await glass.finger.touch(*place)
    assert await glass.answer() is None
    await glass.sample("home")
    await glass.finger.put_down(*place)
    await glass.finger.take_up(*place)
    assert not glass.answered


async def test_nothing_but_the_minute_draws_it_anew(glass: Glass, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of a second changes nothing; a minute changes the time, and everything stands a little elsewhere."""
    moment = datetime(2026, 3, 5, 1, 41, tzinfo=UTC)
    monkeypatch.setattr(glass.stage, "_wall", lambda: moment)
    await glass.sample("attract")
    view = glass.stage._view
    assert isinstance(view, attract.AttractView)
    laid_out = mock.Mock(wraps=view.answer)
    monkeypatch.setattr(view, "answer", laid_out)
    for _quarter in range(8):
        moment += timedelta(seconds=0.25)
        glass.stage.tick()
    assert laid_out.call_count == 0
    assert not glass.stage._panes.dirty
    before = next(text.y for text in glass.stage.walk() if isinstance(text, Text) and text.text == CENTRE)
    moment += timedelta(seconds=58)
    glass.stage.tick()
    await asyncio.sleep(0)
    assert laid_out.call_count == 1
    assert "09:42" in _words(glass)
    after = next(text.y for text in glass.stage.walk() if isinstance(text, Text) and text.text == CENTRE)
    assert abs(after - before) >= glass.stage._look.mm(4)


async def test_a_lost_network_is_told(glass: Glass) -> None:
    """Though there is no head: in words, as soon as it is known."""
    await glass.sample("attract")
    assert "网络正常" in _words(glass)
    glass.stage.update_status(network=False, printer="ready")
    glass.stage.tick()
    assert "没有网络" in _words(glass)
    glass.stage.update_status(network=True, printer="ready")


async def test_head_and_foot_come_back(glass: Glass) -> None:
    """The page that follows has both."""
    await glass.sample("attract")
    assert glass.finger.offered() == [attract.WAKE]
    await glass.sample("choose-list")
    assert "foot:help" in glass.finger.offered()
    assert "09:41" in _words(glass)
