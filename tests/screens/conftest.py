"""One real window for all tests of the screens, a finger on it, and a clock that can be moved on."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio

from screens.environment import prepare_environment
from tests.screens.glass import Clock, Glass, Times
from tests.screens.samples import CENTRE

if os.environ.get("DISPLAY"):
    _data = tempfile.TemporaryDirectory(prefix="screens")
    prepare_environment(Path(_data.name))
else:
    # Importing a view opens kivy's window, which cannot be done without a display.
    collect_ignore_glob = ["test_face.py", "test_pages.py", "test_stage.py", "test_idle.py", "test_text.py"]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def window() -> AsyncIterator[Glass]:
    """The window, running for the whole session."""
    from screens.stage import Stage
    from screens.tour import Finger
    from screens.window import KioskApp

    clock = Clock()
    stage = Stage(
        centre=CENTRE,
        kiosk="K-001",
        diagonal_inches=21.5,
        idle=Times(),
        monotonic=clock.now,
        wall=lambda: datetime(2026, 3, 5, 1, 41, tzinfo=UTC),
    )
    glass = Glass(stage=stage, clock=clock, finger=Finger(stage, patience=5), failures=[])
    app = KioskApp(stage, glass.failures.append)
    running = asyncio.create_task(app.run_until_closed())
    stage.update_status(network=True, printer="ready")
    yield glass
    running.cancel()
    await asyncio.wait([running])


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
    assert failures == []
