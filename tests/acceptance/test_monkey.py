"""A short visit of the monkey (``make monkey`` is the long one)."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.acceptance.whole import ROOT

SMALL_SCREEN = ["xvfb-run", "--auto-servernum", "--server-args=-screen 0 270x552x24"]
"""Pages are laid out as on any glass, and drawn in a sixteenth of the time."""
TOUCHES = 600


def test_random_hands_find_nothing() -> None:
    """No exception, no dead end, nothing of the person before; a new seed with every run."""
    monkey = subprocess.run(
        [*SMALL_SCREEN, sys.executable, "-m", "tests.monkey", "--touches", str(TOUCHES)],
        cwd=ROOT, env={name: value for name, value in os.environ.items() if name != "DISPLAY"},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    last = monkey.stdout.splitlines()[-1] if monkey.stdout else ""
    assert last.endswith("exceptions=0 dead_ends=0 leftovers=0"), f"{monkey.stdout}\n{monkey.stderr[-4000:]}"
    assert monkey.returncode == 0
    assert int(last.split()[0].removeprefix("touches=")) >= TOUCHES
