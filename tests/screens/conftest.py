"""One real window for all tests of the screens, a finger on it, and a clock that can be moved on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from screens.environment import prepare_environment
from tests.screens.glass import Glass, open_glass

if os.environ.get("DISPLAY"):
    _data = tempfile.TemporaryDirectory(prefix="screens")
    prepare_environment(Path(_data.name))
else:
    # Importing a view opens kivy's window, which cannot be done without a display.
    collect_ignore_glob = ["test_[!dw]*.py"]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def window() -> AsyncIterator[Glass]:
    """The window, running for the whole session."""
    async with open_glass() as glass:
        yield glass


@pytest_asyncio.fixture(loop_scope="session")
async def glass(window: Glass) -> AsyncIterator[Glass]:
    """The window, wiped after each test; no callback may have failed."""
    yield window
    await window.leave()
    window.stage.wipe()
    window.clock.frozen = None
    window.clock.ahead += 10
    failures = list(window.failures)
    window.failures.clear()
    window.voice.said.clear()
    assert failures == []
