"""The face by machine: ``make face``. Every page is held against the table of the face (``rules``) in modes among which
every two values of what a mode is made of meet (``modes``); in four of them the glass itself is looked at: each text's
contrast and ink in its pixels, and the question of each page, which is read back by OCR.

The last line counts; anything that is wrong stands above it, and is exit 1. ``--pictures`` saves each page that was
asked for by a part of its name, in each mode.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.face.modes import REPRESENTATIVE, Mode, modes_to_look_at
from tests.face.work import Found, Wanted, examine, prepare


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="The face by machine.")
    parser.add_argument("--page", default="", help="only pages with this in their name")
    parser.add_argument("--mode", default="", help="only modes with these words in their name: 'zh care'")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="save a picture of each page in each mode")
    parser.add_argument("--only-tree", action="store_true", help="from the tree of widgets alone, without pixels")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="windows at a time")
    options = parser.parse_args()
    modes = [mode for mode in modes_to_look_at() if set(options.mode.split()) <= set(str(mode).split())]
    wanted = Wanted(page=options.page, pictures=options.pictures, in_pixels=not options.only_tree)
    found = []
    for seen in look(modes, wanted, options.processes):
        found.append(seen)
        print(*seen.violations, sep="\n", end="\n" if seen.violations else "", flush=True)
        print(f"{len(found)}/{len(modes)} {seen.mode}: {len(seen.violations)} violations", file=sys.stderr, flush=True)
    wrong = [violation for seen in found for violation in seen.violations]
    print(f"questions read: {sum(seen.questions for seen in found)}")
    print(
        f"pages={len(set().union(*(seen.pages for seen in found)))} modes={len(found)}"
        f" texts={sum(seen.texts for seen in found)} targets={sum(seen.targets for seen in found)}"
        f" violations={len(wrong)}"
    )
    return 1 if wrong else 0


def look(modes: Sequence[Mode], wanted: Wanted, processes: int) -> Iterator[Found]:
    """Looks at every page in every mode, in several windows at a time; yields what was found as it comes."""
    # What takes longest comes first, so that no process has much to do when the others are done.
    modes = sorted(modes, key=lambda mode: mode not in REPRESENTATIVE)
    with (
        tempfile.TemporaryDirectory(prefix="face-") as folder,
        ProcessPoolExecutor(
            processes, multiprocessing.get_context("spawn"), initializer=prepare, initargs=(Path(folder),)
        ) as workers,
    ):
        for done in as_completed([workers.submit(examine, mode, wanted) for mode in modes]):
            yield done.result()


if __name__ == "__main__":
    sys.exit(main())
