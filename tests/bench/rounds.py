"""What benches share that compare ways of doing one thing: a folder on a disk, and rounds in which each way has a turn.

On a machine that does other things too, a figure is only worth something beside another that was taken in the same
second. Each round runs every way once, each time in another order, and a result is the median over rounds.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_IN_MEMORY = {"tmpfs", "ramfs", "overlay"}


@contextmanager
def folder_on_disk() -> Iterator[Path]:
    """An empty folder in a file system that syncs. RuntimeError where the checkout lies in memory."""
    Path("out").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="out", prefix="bench-") as folder:
        path = Path(folder).absolute()
        if (kind := _kind_of(path)) in _IN_MEMORY:
            raise RuntimeError(f"{path} is on {kind}: what a durable commit costs is measured on a disk")
        yield path


def rounds(count: int, ways: Mapping[str, Callable[[], None]]) -> list[dict[str, float]]:
    """Seconds by way, for each round. The first round, in which everything is cold, is left out."""
    names = list(ways)
    order = random.Random(count)
    taken = []
    for _ in range(count + 1):
        took = {}
        order.shuffle(names)  # what comes after another on one disk is not what it is alone
        for name in names:
            began = time.perf_counter()
            ways[name]()
            took[name] = time.perf_counter() - began
        taken.append(took)
    return taken[1:]


def median_ratio(taken: list[dict[str, float]], above: str, below: str) -> float:
    """How many times as long one way takes as another, in the median round."""
    return statistics.median(took[above] / took[below] for took in taken)


def median_of(taken: list[dict[str, float]], way: str) -> float:
    """Seconds of the median round."""
    return statistics.median(took[way] for took in taken)


def _kind_of(path: Path) -> str:
    """The type of the file system that holds ``path``."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    holding = [(mount[1], mount[2]) for mount in mounts if path.is_relative_to(mount[1].replace("\\040", " "))]
    return max(holding, key=lambda mount: len(mount[0]))[1]
