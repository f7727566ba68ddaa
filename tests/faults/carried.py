"""Records carried by hand, with kills at the calls that make an export durable: a stick holds a whole export or none,
and nothing on it or off it is lost."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.faults.lane import ROOT, Lane
from tests.faults.oracle import Verdict

WRITING: Final = {"fsync": 2, "rename": 1, "write": 4}
"""Calls of an export, and about how many of them there are."""
KILLS: Final = 3


def carry(lane: Lane, rng: random.Random, data: Path, verdict: Verdict) -> None:
    """Exports, with kills first; central takes it, twice; the kiosk hears the answer."""
    stick = data.parent / "stick"
    stick.mkdir()
    for number in range(KILLS):
        file, call = stick / f"killed-{number}", rng.choice(list(WRITING))
        n = rng.randrange(1, WRITING[call] + 1)
        how = ("-P", str(file), "-P", f"{file}.part", "-P", str(stick), "-e", f"trace={call}")
        command = ["strace", "-f", "-qq", "-o", "/dev/null", *how, "-e", f"inject={call}:signal=KILL:when={n}"]
        _run(*command, *_kiosk(data, "export", file))
        if file.exists():
            _taken(lane, file, verdict)
    file = stick / "export"
    done = _run(*_kiosk(data, "export", file))
    if done.returncode or not file.exists():
        verdict.findings.append(f"nothing was exported: {done.returncode} {done.stdout}{done.stderr}")
        return
    for _ in range(2):
        _taken(lane, file, verdict)
    done = _run(*_kiosk(data, "acknowledge", Path(f"{file}.ack")))
    if done.returncode:
        verdict.findings.append(f"central's answer was not taken: {done.returncode} {done.stdout}{done.stderr}")


def salvage(lane: Lane, data: Path, verdict: Verdict) -> None:
    """What is whole of each database that was set aside goes to central on a stick."""
    for number, aside in enumerate(sorted(data.glob("outbox-damaged-*.db"))):
        file = data.parent / f"salvaged-{number}"
        done = _run(*_kiosk(data, "salvage", aside, "--out", str(file)))
        if done.returncode:
            verdict.findings.append(f"nothing was salvaged: {done.returncode} {done.stdout}{done.stderr}")
        else:
            _taken(lane, file, verdict)


def _taken(lane: Lane, file: Path, verdict: Verdict) -> None:
    """Central takes what lies on the stick."""
    database = f"sqlite:///{lane.database}"
    done = _run(sys.executable, "-m", "central", "import", str(file), "--db", database, "--keys", str(lane.keys))
    if done.returncode:
        verdict.findings.append(f"{file.name} was not taken: {done.returncode} {done.stdout}{done.stderr}")


def _kiosk(data: Path, what: str, file: Path, *more: str) -> tuple[str, ...]:
    return (sys.executable, "main.py", "--data", str(data), "outbox", what, str(file), *more)


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
