"""Several monkeys at once, each at a kiosk of its own, whose touches count together.

One monkey keeps little more than half a core busy: a million touches take three of them two thirds of the time on two
cores. Each has a window, simulators, a central and a seed of its own; what each says goes to ``out/monkey-SEED.txt``.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

WINDOW: Final = "-noreset -screen 0 270x552x24"
LOOKS_EVERY: Final = 5.0
"""Seconds."""
LOOKED: Final = ("wipes", "searched")
COUNTS: Final = ("touches", "exceptions", "dead_ends", "leftovers")


def play_together(
    hands: int, touches: int, minutes: float, seed: int, out: Path, say: Callable[[str], None], *, broken: bool
) -> int:
    """Lets so many play until each is done; the last line adds up theirs. 1 where one found something or ended without
    its last line. ``broken``: the first then looks for what is broken on purpose."""
    out.mkdir(exist_ok=True)
    files = [out / f"monkey-{each}.txt" for each in range(seed, seed + hands)]
    monkeys = [
        _let_in(seed + number, share(touches, hands, number), minutes, file, broken=broken and number == 0)
        for number, file in enumerate(files)
    ]
    say(f"seeds {seed} to {seed + hands - 1}: {', '.join(map(str, files))}")
    told = ""
    while any(monkey.poll() is None for monkey in monkeys):
        time.sleep(LOOKS_EVERY)
        last = "; ".join(_last_line(file) for file in files)
        if last != told:
            say(last)
        told = last
    for monkey, file in zip(monkeys, files, strict=True):
        if monkey.returncode:
            say(f"{file} ended with {monkey.returncode}:\n{file.read_text(encoding='utf-8')}")
    told_by_all = [file.read_text(encoding="utf-8") for file in files]
    for counts in (LOOKED, COUNTS):
        totals = added_up(told_by_all, counts)
        say(" ".join(f"{count}={number}" for count, number in zip(counts, totals, strict=True)))
    return 1 if any(monkey.returncode for monkey in monkeys) else 0


def share(touches: int, hands: int, number: int) -> int:
    """How many of the touches are that one's."""
    return touches // hands + (number < touches % hands)


def added_up(said: list[str], counts: tuple[str, ...]) -> list[int]:
    """These counts of all that they said; who said nothing at the end counts for nothing."""
    ends_with = re.compile(" ".join(rf"{count}=(\d+)" for count in counts))
    ends = [found[-1] for text in said if (found := ends_with.findall(text))]
    return [sum(int(end[column]) for end in ends) for column in range(len(counts))]


def _let_in(seed: int, touches: int, minutes: float, file: Path, *, broken: bool) -> subprocess.Popen[bytes]:
    """One monkey at work."""
    playing = [sys.executable, "-m", "tests.monkey", "--seed", str(seed)]
    playing += ["--touches", str(touches), "--minutes", str(minutes), *(["--broken"] if broken else [])]
    with file.open("wb") as said, file.with_suffix(".log").open("wb") as log:
        return subprocess.Popen(
            ["xvfb-run", "--auto-servernum", f"--server-args={WINDOW}", *playing], stdout=said, stderr=log
        )


def _last_line(file: Path) -> str:
    lines = file.read_text(encoding="utf-8").splitlines()
    return lines[-1] if lines else "begins"
