"""What many of the kiosk's tests stand on: a central that plays its part, and a glass that remembers its pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.whole import Glass
from tests.garbage import look_less
from tests.kiosk.central_double import CentralDouble


def pytest_collection_finish() -> None:
    look_less()


@pytest.fixture
def central() -> Iterator[CentralDouble]:
    double = CentralDouble()
    yield double
    double.stop()


@pytest.fixture
def glass() -> Glass:
    return Glass()
