"""What all tests share: the tests that draw say so when there is nothing to draw on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DRAWING = ("screens", "acceptance")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of the drawing rooms without a display; `make test` gives them a screen in memory."""
    if os.environ.get("DISPLAY"):
        return
    here = Path(__file__).parent
    needs_display = pytest.mark.skip(reason="needs a display: make test")
    for item in items:
        if item.path.is_relative_to(here) and item.path.relative_to(here).parts[0] in DRAWING:
            item.add_marker(needs_display)
