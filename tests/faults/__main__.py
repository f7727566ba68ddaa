"""``make faults [KILLS=n] [CUTS=n] [SEED=s] [MUTANT=m]``: virtual residents at real kiosks, under kills, power cuts,
lines that lie, damage and tampering; what was promised is compared with what central and its authorities have.

The last line counts; anything but zeros (and ten of ten tamperings) is exit 1, with the seed and what happened before
it. ``--mutants`` breaks the product in each way of ``mutants`` and says which tier found it.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.faults import disk
from tests.faults.engine import Wanted, play
from tests.faults.mutants import MUTANTS

CAUGHT: Final = re.compile(r"^caught by (.+)$", re.MULTILINE)


def main() -> int:
    """The exit code."""
    options = parsed()
    if options.mutants:
        return try_mutants(options)
    seed = options.seed if options.seed is not None else random.randrange(10**9)
    print(f"seed {seed}", flush=True)
    began = time.monotonic()
    if not disk.why_not():
        disk.keep_mounts_apart()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        wanted = Wanted(
            kills=options.kills,
            cuts=options.cuts,
            states=options.cuts // 2,
            days=options.days,
            seed=seed,
            lanes=options.lanes,
            mutant=options.mutant,
            within=options.minutes * 60,
        )
        report = play(wanted, Path(folder), lambda line: print(line, flush=True))
    if report.caught_by:
        print(f"seed {seed}\ncaught by {', '.join(report.caught_by)}")
    print(f"took {time.monotonic() - began:.0f} s")
    print(report.last_line, flush=True)
    return 1 if report.bad else 0


def try_mutants(options: argparse.Namespace) -> int:
    """Each mutant has to be found; 1 where one is not."""
    unseen = []
    for name in MUTANTS:
        command = [sys.executable, "-m", "tests.faults", "--mutant", name, "--lanes", "1", "--days", "10"]
        command += ["--kills", str(options.kills), "--cuts", str(options.cuts), "--seed", str(options.seed or 1)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = CAUGHT.search(done.stdout)
        if done.returncode == 1 and found is not None:
            print(f"{name}: caught by {found[1]}", flush=True)
        else:
            unseen.append(name)
            print(
                f"{name}: NOT caught (exit {done.returncode})\n{done.stdout[-2000:]}{done.stderr[-2000:]}", flush=True
            )
    print(f"mutants={len(MUTANTS)} caught={len(MUTANTS) - len(unseen)}")
    return 1 if unseen else 0


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, help="SIGKILLs (1000; at most 120 for each mutant)")
    parser.add_argument("--cuts", type=int, help="power cuts (400; at most 80 for each mutant)")
    parser.add_argument("--days", type=int, default=1000, help="clean days (1000)")
    parser.add_argument("--seed", type=int, help="what decides; another one each time")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="as far as they come in so long (no end)")
    parser.add_argument("--lanes", type=int, default=2, help="how many at a time (2)")
    parser.add_argument("--mutant", default="", choices=["", *MUTANTS], help="break the product in this way")
    parser.add_argument("--mutants", action="store_true", help="break it in each way, one after the other")
    options = parser.parse_args()
    short = options.mutants or options.mutant
    options.kills = options.kills if options.kills is not None else 120 if short else 1000
    options.cuts = options.cuts if options.cuts is not None else 80 if short else 400
    return options


if __name__ == "__main__":
    sys.exit(main())
