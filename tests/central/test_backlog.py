"""A kiosk with a long backlog and the real central: nothing that befalls one record or central itself costs another."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from socket import create_server
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from central import intake
from central.api import create_app
from central.database import Database
from central.demonstration.register import Register
from central.house import demonstration
from central.keys import KeyFolder
from central.opening import Opening
from central.serving import Server
from central.tables import ledgers, records
from kiosk.central import CentralClient
from kiosk.contract.messages import Batch, BatchAnswer, SealingKey, WireRecord
from kiosk.contract.records import Record
from kiosk.keystore import FileKeyStore
from kiosk.outbox import Outbox, OutboxStatus, outbox_status
from kiosk.sync import Pace, Sync
from kiosk.trust import Trust
from tests.central.programs import Central
from tests.kiosk.acts import check_in
from tests.kiosk.backlog import fill

QUICK = Pace(heartbeat=0.5, first=0.05, most=0.2, refused=60.0, rest_most=0.2)
WITHIN = 120.0
LONG = int(os.environ.get("BACKLOG", "1000"))
"""Records of the long backlog: `make backlog` has 10,000."""

KILLED_AT = range(4, LONG // 100, 30)
"""Batches within which central dies."""


@pytest.mark.parametrize("how", ["damaged in memory", "central fails on it"])
async def test_one_poisoned_record_among_a_thousand(
    tmp_path: Path, sqlite_only: Database, register: Register, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """999 arrive, each once; the one stays on the kiosk's disk."""
    folder = KeyFolder(tmp_path / "keys")
    house = demonstration(sqlite_only, folder, register)
    Opening(
        database=house.database,
        folder=folder,
        references=house.references,
        upstreams=house.upstreams,
        now=house.now,
        places=house.places,
        public_url=house.public_url,
    ).publish_keys()
    app = create_app(house, wake=lambda: None, closing=lambda: False)
    with served(app) as url:
        ids = fill(tmp_path / "outbox.db", "K-001", newest_key(url), (check_in() for _ in range(1000)))
        poisoned = ids[637]
        if how == "central fails on it":
            monkeypatch.setattr(intake, "read_record", failing_on(poisoned))
        line = CentralClient if how == "central fails on it" else partial(Damaging, poisoned)
        async with syncing(tmp_path, line(url, trust_in(tmp_path))):
            await until(lambda: status_of(tmp_path).stored == 1000)
            status = status_of(tmp_path)
    assert (status.quarantined, status.pending) == ((1, 0) if how == "damaged in memory" else (0, 1))
    with sqlite_only.reading() as connection:
        arrived = connection.execute(select(records.c.id).where(records.c.outcome == "stored")).scalars().all()
    assert len(arrived) == len(set(arrived)) == 1000
    assert set(ids) - set(arrived) == {poisoned}


async def test_central_dies_within_a_batch(tmp_path: Path) -> None:
    """Killed while it takes a batch and started again: each record is there, once, in one chain."""
    url = f"sqlite:///{tmp_path}/central/central.db"
    running = Central("--db", url)
    port = str(urlsplit(running.url).port)
    ids = fill(tmp_path / "outbox.db", "K-001", newest_key(running.url), (check_in() for _ in range(LONG)))
    client = Mortal(running.url, trust_in(tmp_path))
    try:
        async with syncing(tmp_path, client) as sync:
            for batch in KILLED_AT:
                client.kill_at(batch, running.process.kill)
                await asyncio.to_thread(running.process.wait, WITHIN)
                running.close()
                running = await asyncio.to_thread(Central, "--db", url, "--port", port)
            assert await sync.drain(WITHIN)
            status = status_of(tmp_path)
    finally:
        running.close()
    assert client.killed == len(KILLED_AT)
    assert (status.stored, status.pending, status.quarantined) == (LONG + 1, 0, 0)
    database = Database(url)
    with database.reading() as connection:
        arrived = connection.execute(select(records.c.id).order_by(records.c.seq)).scalars().all()
        assert arrived[1:] == ids
        assert connection.execute(select(func.max(ledgers.c.contiguous))).scalar_one() == LONG + 1
    database.close()


def trust_in(folder: Path) -> Trust:
    """What a machine whose data is in ``folder`` speaks by."""
    return Trust(device=FileKeyStore(folder).device_key())


def newest_key(url: str) -> SealingKey:
    with closing(CentralClient(url)) as client:
        return client.keys().sealing[0]


class Damaging(CentralClient):
    """A machine in which a bit of one record's payload tips over, each time, before the batch is signed."""

    def __init__(self, record: UUID, url: str, trust: Trust) -> None:
        super().__init__(url, trust)
        self._record = record

    def send(self, batch: Batch, within: float = 20.0) -> BatchAnswer:
        damaged = {"records": tuple(map(self._damaged, batch.records)), "signature": None}
        return super().send(batch.model_copy(update=damaged), within)

    def _damaged(self, wire: WireRecord) -> WireRecord:
        if Record.read(wire.header, wire.sealed).header.id != self._record:
            return wire
        return WireRecord(header=wire.header, sealed=bytes([wire.sealed[0] ^ 1]) + wire.sealed[1:])


class Mortal(CentralClient):
    """A line to a central that dies a moment after a batch began to arrive."""

    killed = 0
    _count = 0
    _at: int | None = None
    _kill: Callable[[], None]

    def kill_at(self, batch: int, kill: Callable[[], None]) -> None:
        """Within the batch of that number, or the next one."""
        self._kill, self._at = kill, batch

    def send(self, batch: Batch, within: float = 20.0) -> BatchAnswer:
        self._count += 1
        if self._at is not None and self._count >= self._at:
            self._at = None
            self.killed += 1
            threading.Timer(0.01, self._kill).start()
        return super().send(batch, within)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a port, in a thread; its URL."""
    with create_server(("127.0.0.1", 0)) as listener:
        server = Server(app, listener)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@asynccontextmanager
async def syncing(folder: Path, client: CentralClient) -> AsyncIterator[Sync]:
    """A kiosk's outbox and its sync, at work."""
    outbox = Outbox(folder / "outbox.db", kiosk="K-001", mode="demo")
    await outbox.start()
    sync = Sync(outbox=outbox, central=client, keys_file=folder / "keys.json", pace=QUICK)
    running = asyncio.create_task(sync.run())
    try:
        yield sync
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        sync.close()
        await outbox.close()


def failing_on(record: UUID) -> Callable[[WireRecord], Record | None]:
    """Central's reading of records, with a mistake that only this one brings out."""
    read = intake.read_record

    def failing(wire: WireRecord) -> Record | None:
        found = read(wire)
        if found is not None and found.header.id == record:
            raise RuntimeError("a mistake in central")
        return found

    return failing


def status_of(folder: Path) -> OutboxStatus:
    return outbox_status(folder / "outbox.db")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN):
        while not holds():  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.02)
