"""Many kiosks and one central, over days that are bad ones: nothing is lost, nobody starves, nothing flickers."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from central.database import Database
from central.keys import KeyFolder
from central.voice import Voice
from kiosk.sync import Pace
from tests.central.city import City, Kiosk, Weather, city

HOUR = 3600.0
DAY = 24 * HOUR
MANY = int(os.environ.get("KIOSKS", "20"))
"""On the bad day; more take as much longer."""
TOWN = 50
ACTS = 8
"""People at each kiosk."""

LAST_OUTAGE = 17.5 * HOUR
"""When it ends."""

CALM = Pace(heartbeat=1800.0)
"""A day without so many heartbeats: what it is about does not need them."""

Made = tuple[City, asyncio.Runner]


@pytest.fixture
def made(tmp_path: Path, sqlite_only: Database) -> Iterator[Made]:
    voice = Voice(KeyFolder(tmp_path / "keys").acknowledgement_pair(datetime.now(UTC)))
    with city(tmp_path / "kiosks", sqlite_only, voice) as there:
        yield there


def test_a_bad_day_in_the_city(made: Made) -> None:
    """Lines are slow, lose what they carry and are cut; central restarts and is away for long. Everything arrives, once
    and in order, and every kiosk has all of its day delivered within two minutes of the last outage."""
    town, runner = made
    central = town.central
    central.down = [
        (9 * HOUR, 9 * HOUR + 20),
        (11 * HOUR, 11 * HOUR + 1200),
        (14 * HOUR, 14 * HOUR + 40),
        (LAST_OUTAGE - 600, LAST_OUTAGE),
    ]

    async def day() -> dict[str, float]:
        async with AsyncExitStack() as stack:
            people = []
            for number in range(MANY):
                cut = town.chance.uniform(8 * HOUR, 16 * HOUR)
                cuts = [(cut, cut + town.chance.uniform(60, 1800)), *flapping(town, 10 * HOUR, 600.0)]
                weather = Weather(latency=town.chance.uniform(0.02, 1.0), loss=0.05, cuts=cuts)
                kiosk = await stack.enter_async_context(town.kiosk(f"K-{number:03}", CALM, weather))
                people.append(town.day_at(kiosk, ACTS, 8 * HOUR, LAST_OUTAGE))
            await asyncio.gather(*people)
            await asyncio.sleep(max(0.0, LAST_OUTAGE - town.clock.now))
            return dict(
                zip(
                    (kiosk.name for kiosk in town.kiosks), await asyncio.gather(*map(drained, town.kiosks)), strict=True
                )
            )

    took = runner.run(day())
    town.check()
    assert sum(len(kiosk.promised) for kiosk in town.kiosks) == MANY * ACTS
    assert max(took.values()) <= 120


@pytest.mark.parametrize("jitter", [True, False])
def test_kiosks_do_not_come_back_all_at_once(made: Made, jitter: bool) -> None:
    """Power comes back in the whole city in one instant, central some minutes later: they come one after another, in no
    second half of them. Without jitter it would be all."""
    town, runner = made
    town.central.down = [(0, 300)]

    async def morning() -> None:
        async with AsyncExitStack() as stack:
            for number in range(TOWN):
                kiosk = await stack.enter_async_context(town.kiosk(f"K-{number:03}", Pace(), Weather(latency=0.0)))
                kiosk.sync.jitter = kiosk.sync.jitter if jitter else lambda: 0.5
            await asyncio.sleep(310)

    runner.run(morning())
    assert len(town.central.greeted) == TOWN
    seconds = Counter(int(times[0]) for times in town.central.greeted.values())
    assert (max(seconds.values()) < TOWN // 2) is jitter


def test_a_line_that_loses_exchanges_does_not_flicker(made: Made) -> None:
    """An hour at the real pace on a line that loses one exchange in twenty: the head of the screen says at most twice
    that there is no network. A line that is cut is seen within ten seconds, and its end as soon."""
    town, runner = made
    ends = 2 * HOUR

    async def hours() -> Kiosk:
        async with town.kiosk("K-001", Pace(), Weather(loss=0.05)) as kiosk:
            await asyncio.sleep(HOUR)
            kiosk.line.weather = Weather(cuts=[(HOUR, ends)])
            await asyncio.sleep(HOUR + 60)
            return kiosk

    kiosk = runner.run(hours())
    flickers = [at for at, online in kiosk.heads if not online and at < HOUR]
    assert len(flickers) <= 2
    (cut, _), (back, _) = [head for head in kiosk.heads if head[0] > HOUR]
    assert cut - HOUR <= 10
    assert back - ends <= 10


async def drained(kiosk: Kiosk) -> float:
    """Seconds until nothing waits at a kiosk."""
    began = asyncio.get_running_loop().time()
    assert await kiosk.sync.drain(HOUR)
    return asyncio.get_running_loop().time() - began


def flapping(town: City, begin: float, seconds: float) -> list[tuple[float, float]]:
    """A line that is cut for a moment again and again."""
    cuts = []
    at = begin
    while at < begin + seconds:
        at += town.chance.uniform(1, 20)
        cuts.append((at, at + town.chance.uniform(0.5, 8)))
    return cuts
