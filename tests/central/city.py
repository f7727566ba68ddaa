"""A city of kiosks with one central, in one process and on virtual time: a day in seconds.

The kiosks' outboxes and syncs are the real ones, each on its own database; central's intake is the real one, on SQLite.
Between them is no HTTP but a line that takes its time, loses requests and answers, and is down now and then. What was
promised at a kiosk is noted here, and compared with what central has.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar
from unittest import mock
from uuid import UUID

from sqlalchemy import event, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from central import contiguity, intake
from central.database import Database
from central.tables import records
from central.voice import Voice
from kiosk import schema
from kiosk.contract.acts import Act
from kiosk.contract.messages import (
    Batch,
    BatchAnswer,
    Health,
    Heartbeat,
    HeartbeatAnswer,
    Keys,
    Matter,
    RecordStatus,
)
from kiosk.errors import Declined, Unavailable
from kiosk.outbox import Outbox
from kiosk.sync import Pace, Sync
from kiosk.timekeeper import Timekeeper
from kiosk.trust import Authorities, Trust
from tests.kiosk.acts import check_in, filing
from tests.kiosk.central_double import new_pair
from tests.kiosk.inline import Delays, inline
from tests.virtual_time import Clock, VirtualLoop

MIDNIGHT: Final = datetime(2026, 11, 23, tzinfo=UTC)
REFUSED: Final = 0.02
"""Seconds until it is known that nobody listens."""

T = TypeVar("T")
Span = tuple[float, float]
"""From when to when, seconds after midnight."""


@dataclass
class Weather:
    """How a line is: seconds there and back, the share of exchanges that are lost, and when it is cut."""

    latency: float = 0.05
    loss: float = 0.0
    cuts: list[Span] = field(default_factory=list)

    def is_cut(self, now: float) -> bool:
        return any(begin <= now < end for begin, end in self.cuts)


class SimulatedCentral:
    """What all lines lead to."""

    def __init__(self, database: Database, voice: Voice, clock: Clock) -> None:
        self.database = database
        self.voice = voice
        self.clock = clock
        self.down: list[Span] = []
        _, sealing = new_pair()
        self.keys = Keys(version=1, sealing=(sealing,), acknowledgement=(voice.key,))
        self.requests: Counter[int] = Counter()
        """By second."""
        self.greeted: dict[str, list[float]] = {}
        """When each kiosk greeted."""

    def now(self) -> datetime:
        return MIDNIGHT + timedelta(seconds=self.clock.now)

    def is_down(self) -> bool:
        return any(begin <= self.clock.now < end for begin, end in self.down)

    def arrived(self) -> dict[UUID, tuple[str, str, int]]:
        """Kiosk, ledger and seq of each record that is stored. A record that is there twice is an error."""
        wanted = select(records.c.id, records.c.kiosk, records.c.ledger, records.c.seq, records.c.outcome)
        with self.database.reading() as connection:
            rows = connection.execute(wanted).all()
        assert all(row.outcome == "stored" for row in rows)
        assert len({row.id for row in rows}) == len(rows)
        return {row.id: (row.kiosk, row.ledger, row.seq) for row in rows}


class Line:
    """The port ``kiosk.sync.Central`` of one kiosk."""

    def __init__(
        self, name: str, central: SimulatedCentral, weather: Weather, delays: Delays, chance: random.Random
    ) -> None:
        self._name = name
        self._central = central
        self._delays = delays
        self._chance = chance
        self.weather = weather
        self.trust = Trust(time=Timekeeper(wall=central.now, boot=lambda: central.clock.now))

    def time(self) -> None:
        asked_at = self.trust.time.boot()
        self.trust.time.heard(self._over(self._central.now, 3.0), asked_at)

    def health(self) -> Health:
        answer = self._over(lambda: Health(service="kiosk-central", time=self._central.now(), opener="awake"), 3.0)
        self._central.greeted.setdefault(self._name, []).append(self._central.clock.now)
        return answer

    def demand_under(self, authorities: Authorities | None) -> None:
        """There is no TLS on this line."""

    def heartbeat(self, beat: Heartbeat) -> HeartbeatAnswer:
        return self._over(lambda: self._acknowledge(beat.kiosk, beat.ledger), 3.0)

    def keys(self, *, from_anybody: bool = False) -> Keys:
        return self._over(lambda: self._central.keys, 5.0)

    def ready(self, batch: Batch) -> Batch:
        return batch

    def send(self, batch: Batch) -> BatchAnswer:
        central = self._central
        return self._over(lambda: intake.take(central.database, central.voice, batch, central.now()), 20.0)

    def status(self, id: UUID, within: float = 0.0) -> RecordStatus:  # noqa: A002 - the header's name
        return self._over(lambda: self._status(id), within + 1.0)

    def close(self) -> None:
        """No exchange is under way."""

    def _over(self, answer: Callable[[], T], within: float) -> T:
        """One exchange, which may be lost there or back: whoever waits does so for ``within`` seconds."""
        now, weather = self._central.clock.now, self.weather
        if weather.is_cut(now) or self._central.is_down():
            self._delays.add(REFUSED)
            raise Unavailable("offline")
        lost = self._chance.random() < weather.loss
        if lost and self._chance.random() < 0.5:
            self._delays.add(within)
            raise Unavailable("slow")
        self._central.requests[int(now)] += 1
        said = answer()
        if lost:
            self._delays.add(within)
            raise Unavailable("slow")
        self._delays.add(weather.latency * self._chance.uniform(0.5, 2.0))
        return said

    def _acknowledge(self, kiosk: str, ledger: str | None) -> HeartbeatAnswer:
        central, now = self._central, self._central.now()
        assert ledger is not None
        with central.database.reading() as connection:
            last, _ = contiguity.heard(connection, kiosk, ledger)
        said = central.voice.acknowledge(kiosk, ledger, last, now)
        return HeartbeatAnswer(service="kiosk-central", time=now, opener="awake", acknowledgement=said)

    def _status(self, id_: UUID) -> RecordStatus:
        with self._central.database.reading() as connection:
            if connection.execute(select(records.c.seq).where(records.c.id == id_)).first() is None:
                raise Declined("unknown-record", "There is no such record", 404)
        return RecordStatus(id=id_, matter=Matter(state="sent", at=self._central.now()))


@dataclass
class Kiosk:
    """One machine, what it promised in which order, and how its screen's head changed."""

    name: str
    outbox: Outbox
    sync: Sync
    line: Line
    promised: list[UUID] = field(default_factory=list)
    heads: list[tuple[float, bool]] = field(default_factory=list)


class City:
    """Kiosks and their central."""

    def __init__(self, folder: Path, central: SimulatedCentral, delays: Delays, seed: int) -> None:
        self.clock = central.clock
        self.central = central
        self.chance = random.Random(seed)
        self.kiosks: list[Kiosk] = []
        self._folder = folder
        self._delays = delays

    @asynccontextmanager
    async def kiosk(self, name: str, pace: Pace, weather: Weather) -> AsyncIterator[Kiosk]:
        """A kiosk at work."""
        outbox = Outbox(self._folder / name / "outbox.db", kiosk=name, mode="demo", now=self.central.now)
        await outbox.start()
        line = Line(name, self.central, weather, self._delays, self.chance)
        sync = Sync(
            outbox=outbox,
            central=line,
            keys_file=self._folder / name / "keys.json",
            pace=pace,
            jitter=self.chance.random,
        )
        kiosk = Kiosk(name=name, outbox=outbox, sync=sync, line=line)
        sync.on_change(lambda: kiosk.heads.append((self.clock.now, sync.online)))
        self.kiosks.append(kiosk)
        running = asyncio.create_task(sync.run())
        try:
            yield kiosk
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await outbox.close()

    async def day_at(self, kiosk: Kiosk, acts: int, opens: float, closes: float) -> None:
        """So many people come, at any time between; some of them wait for what becomes of their matter."""
        for at in sorted(self.chance.uniform(opens, closes) for _ in range(acts)):
            await asyncio.sleep(max(0.0, at - self.clock.now))
            act: Act = filing() if self.chance.random() < 0.3 else check_in()
            kept = await kiosk.outbox.commit(act, printing=self.chance.random() < 0.5)
            kiosk.promised.append(kept.id)
            if self.chance.random() < 0.5:
                await kiosk.sync.deliver(kept.id, 2.0)

    def check(self) -> None:
        """Everything that was promised is there, once, in the order in which it was promised, without a gap."""
        arrived = self.central.arrived()
        for kiosk in self.kiosks:
            places = [arrived[id_] for id_ in kiosk.promised]
            assert places == sorted(places, key=lambda place: place[2])
            assert {place[0] for place in places} <= {kiosk.name}
        ledgers: dict[tuple[str, str], list[int]] = {}
        for name, ledger, seq in arrived.values():
            ledgers.setdefault((name, ledger), []).append(seq)
        assert len(ledgers) == len(self.kiosks)
        assert all(sorted(seqs) == list(range(1, len(seqs) + 1)) for seqs in ledgers.values())


@contextmanager
def city(folder: Path, database: Database, voice: Voice, seed: int = 1) -> Iterator[tuple[City, asyncio.Runner]]:
    """An empty city at midnight, and what runs its day."""
    clock = Clock()
    event.listen(database._engine, "connect", without_syncs)
    database.close()
    pragmas = tuple(each.replace("synchronous=FULL", "synchronous=OFF") for each in schema._PRAGMAS)
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(schema, "_PRAGMAS", pragmas))  # power does not fail here
        delays = stack.enter_context(inline())
        runner = stack.enter_context(asyncio.Runner(loop_factory=lambda: VirtualLoop(clock)))
        yield City(folder, SimulatedCentral(database, voice, clock), delays, seed), runner
    event.remove(database._engine, "connect", without_syncs)
    database.close()


def without_syncs(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Power does not fail central here either."""
    assert isinstance(connection, sqlite3.Connection)
    connection.execute("PRAGMA synchronous=OFF").close()
