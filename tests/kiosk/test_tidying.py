"""What may go goes in small pieces, where nobody stands; and, after a day, in between what they do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

from kiosk.errors import NotKept
from kiosk.tidying import AT_THE_LATEST, LOOKS_EVERY, Tidying
from tests.virtual_time import Clock, virtual_time

KEEP = timedelta(days=35)


@dataclass
class Outbox:
    """One that has so many pieces to drop; ``fails`` as often at first."""

    pieces: int
    fails: int = 0
    dropped_at: list[float] = field(default_factory=list)

    async def drop(self, keep: timedelta) -> int:
        assert keep == KEEP
        if self.fails:
            self.fails -= 1
            raise NotKept("busy", "SQLITE_BUSY")
        if len(self.dropped_at) == self.pieces:
            return 0
        self.dropped_at.append(asyncio.get_running_loop().time())
        return 200


async def tidied(outbox: Outbox, seconds: float, *, empty_from: float = 0.0) -> None:
    """So many seconds of a hall that is empty from some time on."""
    loop = asyncio.get_running_loop()
    tidying = Tidying(outbox=outbox, keep=lambda: KEEP, hall_is_empty=lambda: loop.time() >= empty_from)
    running = asyncio.create_task(tidying.run())
    await asyncio.sleep(seconds)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def lived(clock: Clock, outbox: Outbox, seconds: float, *, empty_from: float = 0.0) -> list[float]:
    clock.run(tidied(outbox, seconds, empty_from=empty_from))
    return outbox.dropped_at


def test_all_goes_in_pieces_while_the_hall_is_empty() -> None:
    with virtual_time() as clock:
        times = lived(clock, Outbox(pieces=5), LOOKS_EVERY * 3)
    assert len(times) == 5
    assert times[0] >= LOOKS_EVERY
    assert all(later > earlier for earlier, later in pairwise(times))


def test_nothing_goes_while_somebody_stands_there() -> None:
    with virtual_time() as clock:
        times = lived(clock, Outbox(pieces=5), LOOKS_EVERY * 20, empty_from=LOOKS_EVERY * 10)
    assert len(times) == 5
    assert times[0] >= LOOKS_EVERY * 10


def test_after_a_day_it_goes_all_the_same() -> None:
    """Once a day, as long as the hall is never empty."""
    with virtual_time() as clock:
        times = lived(clock, Outbox(pieces=5), AT_THE_LATEST * 1.5, empty_from=float("inf"))
    assert len(times) == 5
    assert times[0] >= AT_THE_LATEST


def test_a_busy_disk_is_no_end() -> None:
    """The next look finds what this one left."""
    with virtual_time() as clock:
        times = lived(clock, Outbox(pieces=2, fails=2), LOOKS_EVERY * 5)
    assert len(times) == 2
    assert times[0] >= LOOKS_EVERY * 3
