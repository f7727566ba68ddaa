from __future__ import annotations

from tests.garbage import look_less


def pytest_collection_finish() -> None:
    look_less()
