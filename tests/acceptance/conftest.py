"""One central and one set of simulated devices for all machines of a test run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.whole import Surroundings, surroundings


@pytest.fixture(scope="session")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    with surroundings(Path(tmp_path_factory.mktemp("central"))) as started:
        yield started
