"""Random hands on a real kiosk: ``make monkey [TOUCHES=n] [MINUTES=m] [SEED=s] [HANDS=n]`` (``hands`` says what they do
and look for, ``many`` lets several in at once).

The last line counts what was found; anything but 0 is exit 1, with the seed and the last steps. With ``--broken`` the
kiosk is then broken in several ways, and each has to be found (``broken``).
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import math
import os
import random
import sys
import tempfile
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import main
from kiosk.command_line import Where
from kiosk.pages import Home
from tests.monkey.broken import BREAKS
from tests.monkey.hands import Errors, Monkey, Stuck
from tests.monkey.many import play_together
from tests.monkey.voice import make_voice

if TYPE_CHECKING:
    from screens.stage import Stage

TOUCHES = 100_000
PORTION = 10_000
"""Touches after which it says how far it is, and how large the kiosk is by then."""
BETWEEN_LOOKS_AT_THE_CLOCK = 500
"""Touches."""
BROKEN_TOUCHES = 10_000
"""Within which each break is to be found."""


async def act(options: argparse.Namespace, machine: main.Machine, stage: Stage) -> int:
    """Lets the monkey at the kiosk; the exit code."""
    logging.getLogger().setLevel(logging.WARNING)
    after = 0
    while not isinstance((shown := await stage.drawn(after)).page, Home):
        after = shown.serial
    del shown  # the monkey would find it
    print(f"seed {options.seed}", flush=True)
    monkey = Monkey(machine, stage, random.Random(options.seed))
    Errors(monkey.findings).listen()
    await monkey.set_apart()
    began = time.monotonic()
    await played(monkey, options.touches, minutes=options.minutes)
    took = time.monotonic() - began
    wipes, searched = monkey.wipes, monkey.searched
    pages = ", ".join(f"{name} {count}" for name, count in monkey.pages.most_common())
    found = monkey.findings
    if found.any:
        print(f"seed {options.seed}, the last steps:", *monkey.steps, sep="\n")
        print(*found.exceptions, *found.dead_ends, *found.leftovers, sep="\n")
    unseen = 0 if found.any or not options.broken else await unseen_breaks(monkey)
    print(f"pages: {pages}")
    print(
        f"seed={options.seed} wipes={wipes} searched={searched} rate={monkey.touches / took:.0f}/s"
        f" megabytes={megabytes():.0f}\n"
        f"touches={monkey.touches} exceptions={len(found.exceptions)} dead_ends={len(found.dead_ends)}"
        f" leftovers={len(found.leftovers)}", flush=True,
    )  # fmt: skip
    return 1 if found.any or unseen else 0


async def played(monkey: Monkey, touches: int, *, minutes: float = math.inf) -> None:
    """Plays until so much is touched or so much time is over, and leaves; a kiosk that does not follow any more ends
    it."""
    end, began, told = monkey.touches + touches, time.monotonic(), monkey.touches
    with suppress(Stuck):
        while monkey.touches < end and not monkey.findings.any:
            if (so_far := (time.monotonic() - began) / 60) >= minutes:
                break
            if monkey.touches >= told + PORTION:
                told = monkey.touches
                print(f"{told} touches, {so_far:.0f} minutes, {megabytes():.0f} MB", flush=True)
            await monkey.play(min(BETWEEN_LOOKS_AT_THE_CLOCK, end - monkey.touches))
        if not monkey.findings.any:
            await monkey.leave()


def megabytes() -> float:
    """The memory that kiosk and monkey, which are one process, have at the moment (proc(5), statm)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def unseen_breaks(monkey: Monkey) -> int:
    """How many ways to break the kiosk the monkey does not find."""
    unseen, found, touches = 0, monkey.findings, monkey.touches
    monkey.gone_within = 2.0
    for name, (kind, break_it) in BREAKS.items():
        before = monkey.touches
        await monkey.put_in_order()
        with break_it(monkey.machine, monkey.stage):
            await played(monkey, BROKEN_TOUCHES)
        seen = {"exceptions": found.exceptions, "dead_ends": found.dead_ends, "leftovers": found.leftovers}[kind]
        unseen += not seen
        said = f"found after {monkey.touches - before} touches: {seen[0]}" if seen else "NOT FOUND"
        print(f"{name}: {said}", flush=True)
        monkey.machine.reception.start_over()
        await asyncio.sleep(0.5)
        await monkey.forget()
    monkey.touches = touches
    return unseen


def command_line() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Random hands on a real kiosk.")
    parser.add_argument("--touches", type=int, default=TOUCHES)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--broken", action="store_true", help="then break the kiosk, to see that it is found")
    parser.add_argument("--minutes", type=float, default=math.inf, help="end then, however much was touched")
    parser.add_argument("--hands", type=int, default=1, help="so many at once, each at a kiosk of its own")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.randrange(1_000_000)
    if options.hands > 1:
        say = partial(print, flush=True)
        return play_together(
            options.hands, options.touches, options.minutes, options.seed, Path("out"), say, broken=options.broken
        )
    with tempfile.TemporaryDirectory(prefix="monkey-") as folder, mock.patch("main.make_voice", make_voice):
        where = Where(settings=None, data=Path(folder))
        return main._on_stage(where, partial(act, options), dock=False)


if __name__ == "__main__":
    sys.exit(command_line())
