"""The runner of the benches: a missed bar is seen, in the table, in the file and in the exit code."""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path

import pytest

from tests.bench import __main__ as runner
from tests.bench.flash import SYNC_TAKES, on_flash
from tests.bench.result import Bench, Result

KEPT = Result(value=12.3456, bar=50, ok=True, peers={"bare window": 9.5})
MISSED = Result(value=61, bar=50, ok=False, peers={})


def broken() -> Result:
    raise OSError("no screen")


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(runner, "REPORT", tmp_path / "out" / "bench.json")
    return runner.REPORT


def offer(monkeypatch: pytest.MonkeyPatch, **benches: Bench) -> None:
    monkeypatch.setattr(runner, "found", lambda: benches)


def test_kept_bars_end_with_0(
    report: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table names value, bar and peers; the file has the figures as they were measured."""
    offer(monkeypatch, card_to_page_ms=lambda: KEPT)
    assert runner.main([]) == 0
    assert json.loads(report.read_text()) == {"card_to_page_ms": KEPT}
    row = capsys.readouterr().out.splitlines()[1]
    assert row.split() == ["card_to_page_ms", "12.3", "50", "ok", "bare", "window", "9.5"]


def test_a_missed_bar_ends_with_1(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CI must not be able to overlook it."""
    offer(monkeypatch, kept=lambda: KEPT, missed=lambda: MISSED)
    assert runner.main([]) == 1
    assert json.loads(report.read_text())["missed"]["ok"] is False


def test_a_bench_that_fails_leaves_the_others_alone(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no figure, and that is not a kept bar."""
    offer(monkeypatch, broken=broken, kept=lambda: KEPT)
    assert runner.main([]) == 1
    assert list(json.loads(report.read_text())) == ["kept"]


def test_only_what_was_asked_for_is_measured(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make bench ONLY=name`."""
    offer(monkeypatch, kept=lambda: KEPT, broken=broken)
    assert runner.main(["kept"]) == 0


def test_an_unknown_name_is_a_mistake_in_usage(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It measures nothing and says which there are."""
    offer(monkeypatch, kept=lambda: KEPT)
    assert runner.main(["nothing"]) == 2
    assert not report.exists()


def a_sync() -> Result:
    """How long one takes at least."""
    with tempfile.TemporaryFile(dir=".") as file:
        began = time.monotonic()
        os.fsync(file.fileno())
        return Result(value=time.monotonic() - began, bar=1, ok=True, peers={"itself": 1.0})


def test_on_flash_a_sync_takes_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what this machine's own disk does stands beside it."""
    root = str(Path(__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", root)
    monkeypatch.chdir(tmp_path)
    found = on_flash(a_sync)()
    assert found["value"] >= SYNC_TAKES
    assert found["peers"].keys() == {"itself", "on this disk"}
