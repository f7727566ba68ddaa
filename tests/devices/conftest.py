from __future__ import annotations

from collections.abc import Iterator

import pytest

from devices.simulated.pcscd import Pcscd
from tests.devices.programs import Simulators, simulators


@pytest.fixture(scope="session")
def reader_over_tcp() -> Iterator[Simulators]:
    with simulators("--id-card", "tcp://127.0.0.1:0") as running:
        yield running


@pytest.fixture(scope="session")
def reader_over_pty() -> Iterator[Simulators]:
    with simulators("--id-card", "pty://") as running:
        yield running


@pytest.fixture(scope="session")
def scanner_over_tcp() -> Iterator[Simulators]:
    with simulators("--scanner", "tcp://127.0.0.1:0") as running:
        yield running


@pytest.fixture(scope="session")
def scanner_over_pty() -> Iterator[Simulators]:
    with simulators("--scanner", "pty://") as running:
        yield running


@pytest.fixture(scope="session")
def printer_over_tcp() -> Iterator[Simulators]:
    with simulators("--printer", "tcp://127.0.0.1:0") as running:
        yield running


@pytest.fixture(scope="session")
def social_cards() -> Iterator[Simulators]:
    """A real pcscd with a virtual reader; skipped where there can be none."""
    why_not = Pcscd.why_not()
    if why_not:
        pytest.skip(why_not)
    with simulators("--social-card") as running:
        yield running
