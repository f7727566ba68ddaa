"""The disk that benches of the outbox are measured on: one whose sync takes as long as that of a kiosk's.

A kiosk has flash without a capacitor, and waits for it: a fast one of today takes some 0.9 ms to sync 16 KB
(M. Callaghan, "SSDs, power loss protection and fsync latency", January 2026: Samsung 990 Pro), others several. The disk
of a virtual machine often says after a tenth of that what its host alone remembers: on it a bench measures the
processor, and a queue that syncs three times pays for one (docs/decisions/0041).

``python -m tests.bench.flash MODULE NAME`` measures in the program itself, and says the result in JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, cast

from tests.bench.result import Bench, Result

SYNC_TAKES: Final = 0.001
"""Seconds, at least. The kernel's and the real disk's own time is part of it."""

WITHIN: Final = 600.0
_LIBRARY: Final = Path(__file__).with_name("flash.c")


def on_flash(bench: Bench) -> Bench:
    """``bench`` on such a disk; what it is on this machine's own stands beside it."""

    def both() -> Result:
        here = bench()
        program = [sys.executable, "-m", "tests.bench.flash", bench.__module__, bench.__name__]
        with tempfile.TemporaryDirectory(prefix="flash-") as folder:
            environment = os.environ | slow_syncs(Path(folder))
            done = subprocess.run(
                program, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=WITHIN
            )
        there = cast(Result, json.loads(done.stdout.splitlines()[-1]))
        return {**there, "peers": there["peers"] | {"on this disk": here["value"]}}

    return both


def slow_syncs(folder: Path) -> dict[str, str]:
    """The environment of a program whose syncs take so long; what it needs is made in ``folder``."""
    library = folder / "flash.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, _LIBRARY], check=True, timeout=60)
    return {"LD_PRELOAD": str(library), "FLASH_SYNC": str(round(SYNC_TAKES * 1e9))}


if __name__ == "__main__":
    measured: Bench = getattr(importlib.import_module(sys.argv[1]), sys.argv[2])
    sys.stdout.write(json.dumps(measured()) + "\n")
