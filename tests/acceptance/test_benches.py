"""Benches that stand in for a person: what they take the place of may change, and they are seldom run."""

from __future__ import annotations

import subprocess
import sys

from tests.acceptance.whole import ROOT


def test_a_visitor_of_the_memory_bench_comes_to_the_end() -> None:
    """Of two services, one with a card."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bench_memory", "3"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == "end"
