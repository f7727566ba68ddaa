"""Whether the outbox gets slower with what waits in it: a week without a line is 100,000 records in a busy centre.

Two outboxes, one with a small and one with a large backlog, take turns; so do two of each other queue.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kiosk.outbox import Outbox
from kiosk.sync import BATCH
from tests.bench.outbox_peers import PEERS, Peer
from tests.bench.outbox_thread import ACT, begun, fill, finish, megabytes, put
from tests.bench.result import Bench, Result
from tests.bench.rounds import folder_on_disk
from tests.kiosk.outbox_writer import keys

SMALL: Final = 1_000
LARGE: Final = 100_000
BAR: Final = 1.15
START_BAR: Final = 1.5
MEMORY_BAR: Final = 4.0
"""Megabytes more: SQLite's own cache is full with the large one. All records together have sixty."""

TURNS: Final = 150
PUTS: Final = 8
"""Puts of each turn; a take is a whole batch."""

PEERS_TURNS: Final = 8
STARTS: Final = 80
FIRST_ACTS: Final = 10


def backlog_ratio() -> Result:
    """The dearer of put and take of a batch: the median of each at the large backlog against the small one."""
    with folder_on_disk() as folder:
        ledgers = [begun(place) for place in _two(folder, "outbox")]
        for ledger, backlog in zip(ledgers, (SMALL, LARGE), strict=True):
            fill(ledger, backlog)
        puts = _none_yet()
        takes = _none_yet()
        for turn in range(TURNS):
            for at in _in_turn(turn):
                puts[at].extend(_timed(lambda: put(ledgers[at])) for _ in range(PUTS))  # noqa: B023 - called at once
                takes[at].append(_timed(lambda: finish(ledgers[at])))  # noqa: B023
                fill(ledgers[at], BATCH - PUTS)
        for ledger in ledgers:
            ledger.close()
        small, large = (megabytes(folder / f"outbox-{backlog}") for backlog in (SMALL, LARGE))
        ratios = {"put": _ratio(puts), "take": _ratio(takes), "MB more": large - small}
        for name, peer in PEERS.items():
            ratios |= _peers_ratios(name, [peer(place) for place in _two(folder, name)])
    value = max(ratios["put"], ratios["take"])
    return {"value": value, "bar": BAR, "ok": value <= BAR and ratios["MB more"] <= MEMORY_BAR, "peers": ratios}


def start_backlog_ratio() -> Result:
    """Until the outbox takes acts, with the large backlog against one that holds its first record alone; beside it,
    until the first act is kept."""
    with folder_on_disk() as folder, asyncio.Runner() as runner:
        places = _two(folder, "outbox")
        for place, backlog in zip(places, (0, LARGE), strict=True):
            ledger = begun(place)
            if backlog:
                fill(ledger, backlog)
            ledger.close()
        starts = _none_yet()
        firsts = _none_yet()
        for turn in range(STARTS):
            for at in _in_turn(turn):
                starts[at].append(runner.run(_started(places[at]))[0])
        for turn in range(FIRST_ACTS):
            for at in _in_turn(turn):
                firsts[at].append(runner.run(_started(places[at], first=True))[1])
        peers = {"until the first act is kept": _ratio(firsts)}
        peers |= {f"ms with {name}": 1000 * statistics.median(starts[at]) for at, name in ((0, "none"), (1, "100,000"))}
    value = _ratio(starts)
    return {"value": value, "bar": START_BAR, "ok": value <= START_BAR, "peers": peers}


BENCHES: dict[str, Bench] = {"backlog_ratio": backlog_ratio, "start_backlog_ratio": start_backlog_ratio}


async def _started(place: Path, *, first: bool = False) -> tuple[float, float]:
    """Seconds until it takes acts, and until it has kept one."""
    began = time.perf_counter()
    outbox = Outbox(place / "outbox.db", kiosk="K-001", mode="demo")
    await outbox.start(keys())
    started = time.perf_counter() - began
    if first:
        await outbox.commit(ACT)
    kept = time.perf_counter() - began
    await outbox.close()
    return started, kept


def _peers_ratios(name: str, queues: list[Peer]) -> dict[str, float]:
    data = bytes(550)
    for queue, backlog in zip(queues, (SMALL, LARGE), strict=True):
        queue.fill(data, backlog)
    puts = _none_yet()
    takes = _none_yet()
    for turn in range(PEERS_TURNS):
        for at in _in_turn(turn):
            for _ in range(PUTS):
                puts[at].append(_timed(lambda: queues[at].put(data)))  # noqa: B023
                takes[at].append(_timed(queues[at].finish))
    return {f"{name} put": _ratio(puts), f"{name} take": _ratio(takes)}


def _two(folder: Path, name: str) -> list[Path]:
    places = [folder / f"{name}-{backlog}" for backlog in (SMALL, LARGE)]
    for place in places:
        place.mkdir()
    return places


def _in_turn(turn: int) -> tuple[int, int]:
    return (0, 1) if turn % 2 else (1, 0)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _ratio(taken: tuple[list[float], list[float]]) -> float:
    return statistics.median(taken[1]) / statistics.median(taken[0])


def _none_yet() -> tuple[list[float], list[float]]:
    """Seconds at the small and at the large backlog."""
    return [], []
