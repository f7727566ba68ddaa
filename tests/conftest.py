"""What all tests share: tests that draw say so when there is nothing to draw on, those of real devices when no settings
name any, and a run that is ended from outside still ends what it started."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import settings

DRAWING = ("screens", "acceptance")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--hardware",
        metavar="FILE",
        type=Path,
        help="try the real devices that this kiosk.toml names, and nothing else; tells a person what to do meanwhile",
    )


def pytest_configure(config: pytest.Config) -> None:
    """End on SIGTERM as on Ctrl-C, with fixtures undone and the closing line: the Makefile ends a part that takes too
    long. SIGINT itself will not do, a shell without job control leaves it ignored."""
    signal.signal(signal.SIGTERM, _interrupt)
    config.addinivalue_line("markers", "hardware: needs a real device, and hands beside it")
    settings.register_profile("house", parent=settings.default, deadline=None)  # a busy machine is no wrong example
    settings.load_profile("house")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the tests of the drawing rooms without a display; `make test` gives them a screen in memory. Tests of real
    devices run when they are asked for, and then alone."""
    if config.getoption("hardware"):
        rest = [item for item in items if not item.get_closest_marker("hardware")]
        config.hook.pytest_deselected(items=rest)
        items[:] = [item for item in items if item.get_closest_marker("hardware")]
    else:
        needs_devices = pytest.mark.skip(reason="needs real devices: pytest --hardware kiosk.toml")
        for item in items:
            if item.get_closest_marker("hardware"):
                item.add_marker(needs_devices)
    if os.environ.get("DISPLAY"):
        return
    here = Path(__file__).parent
    needs_display = pytest.mark.skip(reason="needs a display: make test")
    for item in items:
        if item.path.is_relative_to(here) and item.path.relative_to(here).parts[0] in DRAWING:
            item.add_marker(needs_display)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
