"""Kiosk and central over a real line: whichever of the two goes back, everything is there once and each knows why."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from socket import create_server
from uuid import UUID

import pytest
from sqlalchemy import select

from central import ledgers
from central.api import create_app
from central.database import Database
from central.demonstration.register import Register
from central.house import demonstration
from central.keys import KeyFolder
from central.opening import Opening
from central.serving import Server
from central.tables import quarantine, records
from kiosk.central import CentralClient
from kiosk.keystore import FileKeyStore
from kiosk.outbox import Outbox, OutboxStatus, outbox_status
from kiosk.sync import Pace, Sync
from kiosk.trust import Trust
from tests.kiosk.acts import check_in

QUICK = Pace(heartbeat=0.1, first=0.02, most=0.1, matter_first=0.02, matter_most=0.1, refused=0.1, rest_most=0.1)
WITHIN = 30.0


class Central:
    """The real one over HTTP, on a port that stays; the test opens, and puts its database back where it was."""

    def __init__(self, folder: Path, empty: Database, register: Register) -> None:
        self._file, self._folder, self._register = folder / "central.db", folder, register
        with closing(sqlite3.connect(empty.url.database or "")) as one, closing(sqlite3.connect(self._file)) as other:
            one.backup(other)
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self.database = Database(f"sqlite:///{self._file}")
        keys = KeyFolder(self._folder / "keys")
        house = demonstration(self.database, keys, self._register)
        self._opening = Opening(
            database=house.database,
            folder=keys,
            references=house.references,
            upstreams=house.upstreams,
            now=house.now,
            places=house.places,
            public_url=house.public_url,
        )
        self._opening.publish_keys()
        listener = create_server(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        server = Server(create_app(house, wake=lambda: None, closing=lambda: False), listener)

        def serve() -> None:
            with listener:
                asyncio.run(server.serve())

        thread = threading.Thread(target=serve)
        thread.start()

        def stop() -> None:
            server.should_exit = True
            thread.join()
            self.database.close()

        self.stop = stop

    def back_up(self) -> Path:
        """A copy of the database as it is."""
        copy = self._folder / "yesterday.db"
        with closing(sqlite3.connect(self._file)) as one, closing(sqlite3.connect(copy)) as other:
            one.backup(other)
        return copy

    def restore(self, copy: Path) -> None:
        """The machine burns, and another one starts from the copy."""
        self.stop()
        for left in self._folder.glob("central.db*"):
            left.unlink()
        shutil.copy(copy, self._file)
        self.start()

    def work_off(self) -> None:
        while self._opening.work_off():
            pass

    def ids(self) -> list[UUID]:
        """Every record that is here, by ledger and seq."""
        with self.database.reading() as connection:
            ordered = select(records.c.id).order_by(records.c.ledger, records.c.seq)
            return list(connection.execute(ordered).scalars())

    def aside(self) -> set[UUID]:
        with self.database.reading() as connection:
            return set(connection.execute(select(quarantine.c.id)).scalars())

    def ledgers(self) -> list[ledgers.Ledger]:
        return ledgers.read(self.database)


class Machine:
    """A kiosk's outbox and sync over a data folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.promised: list[UUID] = []
        self.outbox = Outbox(folder / "outbox.db", kiosk="K-001", mode="demo")

    async def serve(self, count: int) -> list[UUID]:
        """So many people, each of whom is promised that it is recorded."""
        kept = [(await self.outbox.commit(check_in())).id for _ in range(count)]
        self.promised += kept
        return kept

    def status(self) -> OutboxStatus:
        return outbox_status(self.folder / "outbox.db")

    def ledger(self) -> str | None:
        return self.status().ledger


@asynccontextmanager
async def awake(folder: Path, central: Central, *, online: bool = True) -> AsyncIterator[Machine]:
    """A machine that runs; ``online``: until all that it had is with central."""
    machine = Machine(folder)
    client = CentralClient(central.url, Trust(device=FileKeyStore(folder).device_key()))
    sync = Sync(outbox=machine.outbox, central=client, keys_file=folder / "keys.json", pace=QUICK)
    await machine.outbox.start()
    await sync.start()
    running = asyncio.create_task(sync.run()) if online else None
    try:
        if online:
            await until(lambda: sync.online and sync.first_contact_done and not machine.status().pending)
        yield machine
    finally:
        if running is not None:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
        sync.close()
        await machine.outbox.close()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN):
        while not holds():  # noqa: ASYNC110 - another thread's doing
            await asyncio.sleep(0.01)


@pytest.fixture
def central(tmp_path: Path, sqlite_only: Database, register: Register) -> Iterator[Central]:
    standing = Central(tmp_path, sqlite_only, register)
    yield standing
    standing.stop()


async def test_a_central_from_yesterday_s_backup_gets_the_rest_again(tmp_path: Path, central: Central) -> None:
    """Each record once, and what became of it is asked for anew; nobody at the kiosk does anything."""
    async with awake(tmp_path / "kiosk", central) as kiosk:
        await kiosk.serve(4)
        await until(lambda: not kiosk.status().pending)
        central.work_off()
        await until(lambda: kiosk.status().matters == {"sent": 4})
        yesterday = await asyncio.to_thread(central.back_up)
        await kiosk.serve(3)
        await until(lambda: not kiosk.status().pending)
        central.work_off()
        await until(lambda: kiosk.status().matters == {"sent": 7})
        ledger = kiosk.ledger()
        await asyncio.to_thread(central.restore, yesterday)
        assert len(central.ids()) <= 8
        await until(lambda: len(central.ids()) == 8 and not kiosk.status().pending)
        await until(lambda: kiosk.status().matters == {"sent": 4, "kept": 3})
        central.work_off()
        await until(lambda: kiosk.status().matters == {"sent": 7})
        await kiosk.serve(1)
        await until(lambda: kiosk.status().acknowledged == 9)
        assert kiosk.ledger() == ledger
    assert central.ids()[1:] == kiosk.promised
    (found,) = central.ledgers()
    assert (found.contiguous, found.is_well, found.why) == (9, True, "enrolled")


async def test_a_damaged_disk_begins_a_ledger_that_says_how_far_the_old_one_went(
    tmp_path: Path, central: Central
) -> None:
    """Central names what is to be salvaged from the old one."""
    async with awake(tmp_path / "kiosk", central) as kiosk:
        await kiosk.serve(3)
        await until(lambda: not kiosk.status().pending)
        old = kiosk.ledger()
    async with awake(tmp_path / "kiosk", central, online=False) as kiosk:
        lost = await kiosk.serve(2)
    with closing(sqlite3.connect(tmp_path / "kiosk" / "outbox.db")) as db:
        db.execute("DROP TRIGGER records_are_never_altered")
        db.execute("UPDATE records SET sealed = x'00' WHERE seq = 5")
        db.commit()
    async with awake(tmp_path / "kiosk", central) as kiosk:
        assert kiosk.ledger() != old
        await kiosk.serve(1)
        await until(lambda: not kiosk.status().pending)
    central.work_off()
    closed, goes_on = sorted(central.ledgers(), key=lambda each: each.ledger != old)
    assert (closed.closed, closed.contiguous, closed.last_there) == ("database damaged", 4, 6)
    assert closed.gaps == ((5, 6),)
    assert (goes_on.contiguous, goes_on.why) == (2, "database damaged")
    assert not {*lost} & {*central.ids()}


async def test_a_disk_that_went_back_begins_a_ledger(tmp_path: Path, central: Central) -> None:
    """It is behind central: what was sent meanwhile is there, what comes next goes into another ledger."""
    async with awake(tmp_path / "kiosk", central) as kiosk:
        early = await kiosk.serve(2)
        await until(lambda: not kiosk.status().pending)
    shutil.copytree(tmp_path / "kiosk", tmp_path / "image")
    async with awake(tmp_path / "kiosk", central) as kiosk:
        meanwhile = await kiosk.serve(3)
        await until(lambda: not kiosk.status().pending)
        old = kiosk.ledger()
    async with awake(tmp_path / "image", central) as kiosk:
        await until(lambda: kiosk.ledger() != old)
        later = await kiosk.serve(2)
        await until(lambda: not kiosk.status().pending)
        assert kiosk.status().quarantined == 0
    central.work_off()
    closed, goes_on = sorted(central.ledgers(), key=lambda each: each.ledger != old)
    assert (closed.closed, closed.contiguous, closed.last_there) == ("behind central", 6, 3)
    assert (goes_on.why, goes_on.contiguous, goes_on.is_well) == ("behind central", 3, True)
    assert {*early, *meanwhile, *later} <= {*central.ids()}
    assert len(central.ids()) == 9


async def test_a_disk_that_went_back_and_was_served_from_before_it_was_known(tmp_path: Path, central: Central) -> None:
    """Both records of one place are kept, neither in place of the other, and the kiosk begins a ledger."""
    async with awake(tmp_path / "kiosk", central) as kiosk:
        await kiosk.serve(2)
        await until(lambda: not kiosk.status().pending)
    shutil.copytree(tmp_path / "kiosk", tmp_path / "image")
    async with awake(tmp_path / "kiosk", central) as kiosk:
        meanwhile = await kiosk.serve(2)
        await until(lambda: not kiosk.status().pending)
        old = kiosk.ledger()
    async with awake(tmp_path / "image", central, online=False) as kiosk:
        offline = await kiosk.serve(3)
    async with awake(tmp_path / "image", central) as kiosk:
        await until(lambda: kiosk.ledger() != old)
        later = await kiosk.serve(1)
        await until(lambda: not kiosk.status().pending)
        assert kiosk.status().quarantined == 3
    central.work_off()
    closed, goes_on = sorted(central.ledgers(), key=lambda each: each.ledger != old)
    assert (closed.conflicts, closed.contiguous, closed.closed) == (3, 5, "conflict")
    assert (goes_on.why, goes_on.contiguous) == ("conflict", 2)
    assert central.aside() == {*offline}
    assert {*meanwhile, *later} <= {*central.ids()}


async def test_a_cloned_machine_begins_a_ledger_of_its_own(tmp_path: Path, central: Central) -> None:
    """Both go on; nothing of either is lost or there twice."""
    async with awake(tmp_path / "kiosk", central) as first:
        await first.serve(2)
        await until(lambda: not first.status().pending)
    shutil.copytree(tmp_path / "kiosk", tmp_path / "clone")
    async with awake(tmp_path / "kiosk", central) as first, awake(tmp_path / "clone", central) as clone:
        await first.serve(2)
        await until(lambda: clone.ledger() != first.ledger())
        for _ in range(3):
            await first.serve(1)
            await clone.serve(1)
        await until(lambda: not first.status().pending and not clone.status().pending)
        assert len({first.ledger(), clone.ledger()}) == 2
        assert first.status().quarantined == clone.status().quarantined == 0
    assert {*first.promised, *clone.promised} <= {*central.ids()}
    assert len(central.ids()) == len({*central.ids()}) == 3 + 2 + 6 + 1
