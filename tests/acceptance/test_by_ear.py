"""From the home page to the receipt without seeing anything: three keys, and what the voice is told to say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from devices.control import Printed
from tests.acceptance.test_tour import outbox_status, settings_file
from tests.acceptance.whole import ROOT, Surroundings


def test_two_services_by_ear(around: Surroundings, tmp_path: Path) -> None:
    """A rider is counted; somebody insured hears what was found, and holds the receipt in the hand."""
    around.put_in_order()
    settings = settings_file(around, tmp_path, "A-020")
    command = [sys.executable, "-m", "tests.acceptance.by_ear", str(settings), str(tmp_path / "data")]
    with around.control.watch() as papers:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        assert any(isinstance(event, Printed) for event in iter(lambda: papers.next(5), None))
    assert outbox_status(tmp_path)["records"] >= 1
