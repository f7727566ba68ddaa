"""Each night the whole outbox is looked through, in slices; what is amiss is found, told, and in nobody's way."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk import checkup
from kiosk.contract.audit import AcknowledgementRefused, AuditEvent, CentralFellBack, DatabaseSetAside, DiskFull
from kiosk.inspecting import INSPECTED, LOOKS_EVERY, Inspecting, last_inspection, last_night
from kiosk.outbox import Outbox
from kiosk.soundness import AT_A_TIME, Walk
from tests.kiosk.acts import check_in, filing
from tests.kiosk.outbox_writer import keys
from tests.kiosk.test_disk import fill, reserve_in
from tests.kiosk.test_disk import small_disk as small_disk  # noqa: PLC0414 - a fixture
from tests.kiosk.test_outbox import FaultyCommit, opened, records_in, set_aside_in
from tests.virtual_time import virtual_time

NOON = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)


def spoil(path: Path, statement: str) -> None:
    """Alters the database as no program of ours does."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER records_are_never_altered")
        db.execute(statement)
        db.commit()
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)


SPOILT = {
    "a payload": "UPDATE records SET sealed = zeroblob(400) WHERE seq = 3",
    "a header": "UPDATE records SET header = CAST(replace(CAST(header AS TEXT), 'demo', 'live') AS BLOB) WHERE seq = 3",
    "a hash": "UPDATE records SET hash = zeroblob(32) WHERE seq = 41",
    "an id": "UPDATE records SET id = zeroblob(16) WHERE seq = 3",
    "a place": "UPDATE records SET seq = 4000 WHERE seq = 41",
    "one is gone": "DELETE FROM records WHERE seq = 3",
}


async def filled(folder: Path, records: int = 40) -> None:
    async with opened(folder) as outbox:
        for _ in range(records):
            await outbox.commit(check_in())


async def walked(outbox: Outbox, walk: Walk) -> int:
    """How many slices it took."""
    slices = 1
    while await outbox.inspect(walk):
        slices += 1
    return slices


@pytest.mark.parametrize("what", SPOILT)
async def test_what_is_amiss_anywhere_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Older than what is looked at when the kiosk starts; the next record goes into another ledger."""
    monkeypatch.setattr("kiosk.soundness.LAST", 2)
    monkeypatch.setattr("kiosk.soundness.AT_ONCE", 1)
    await filled(tmp_path)
    spoil(tmp_path / "outbox.db", SPOILT[what])
    async with opened(tmp_path) as outbox:
        walk = Walk()
        await walked(outbox, walk)
        assert walk.damage.startswith("seq ") or "canonical" in walk.damage or walk.damage.startswith("not ")
        assert (await outbox.commit(filing())).seq == 2
        assert outbox.befallen.set_aside == (walk.damage,)
    assert len(set_aside_in(tmp_path)) == 1


async def test_an_index_that_lost_a_record_is_found(tmp_path: Path) -> None:
    """The record is there, and would not be found by its id."""
    await filled(tmp_path, 30)
    path = tmp_path / "outbox.db"
    with closing(sqlite3.connect(path)) as db:
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_records_1'").fetchone()[0]
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    identifier = records_in(path)[5].header.id.bytes
    place = content.index(identifier, (page - 1) * 4096)
    content[place + 15] ^= 1
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    path.write_bytes(content)
    async with opened(tmp_path) as outbox:
        walk = Walk()
        await walked(outbox, walk)
        assert walk.damage == "seq 6: is not found by its place"


async def test_a_slice_ends_when_its_time_is_over(tmp_path: Path) -> None:
    """And a commit comes in between: nobody waits for more than one piece beyond it."""
    await filled(tmp_path, 99)
    async with opened(tmp_path) as outbox:
        ticks = itertools.count()
        walk = Walk(within=2.0, clock=lambda: float(next(ticks)))
        assert await outbox.inspect(walk)
        assert walk.records == AT_A_TIME
        assert (await outbox.commit(filing())).seq == 101
        assert await walked(outbox, walk) == 6
        assert (walk.records, walk.damage) == (101, "")


async def test_what_was_dropped_is_not_missed(tmp_path: Path) -> None:
    await filled(tmp_path, 9)
    with closing(sqlite3.connect(tmp_path / "outbox.db")) as db:
        db.execute("DELETE FROM records WHERE seq IN (2, 3, 5)")
        db.execute("UPDATE ledgers SET dropped = 5")
        db.commit()
    async with opened(tmp_path) as outbox:
        walk = Walk()
        await walked(outbox, walk)
        assert (walk.records, walk.damage) == (7, "")


# -- the service -------------------------------------------------------------------------------------------------------


class Turns:
    """An outbox that counts how often it was looked through."""

    def __init__(self) -> None:
        self.failures, self.filled, self.disbelieved, self.fallen = 0, 0, 0, 0
        self.set_aside: tuple[str, ...] = ()
        self.walks = 0

    @property
    def befallen(self) -> Turns:
        return self

    async def inspect(self, walk: Walk) -> bool:
        self.walks += walk.records == 0
        walk.records += 1
        return walk.records < 3

    async def in_turn(self, work: Callable[[], object]) -> object:
        return work()


def served(outbox: Turns, folder: Path, *, hours: float, noted: list[AuditEvent], since: datetime = NOON) -> None:
    """So many hours of the service, from ``since`` on."""

    async def live() -> None:
        begun = asyncio.get_running_loop().time()

        def now() -> datetime:
            return since + timedelta(seconds=asyncio.get_running_loop().time() - begun)

        running = asyncio.create_task(Inspecting(outbox, folder / INSPECTED, noted.append, now).run())  # type: ignore[arg-type] # as the real one
        await asyncio.sleep(hours * 3600)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    with virtual_time() as clock:
        clock.run(live())


def test_it_looks_once_a_night_and_makes_up_for_one_that_it_slept(tmp_path: Path) -> None:
    outbox = Turns()
    served(outbox, tmp_path, hours=14, noted=[])
    assert outbox.walks == 1  # the night before
    found = last_inspection(tmp_path / INSPECTED)
    assert found is not None
    assert (found.records, found.damage) == (3, "")
    served(outbox, tmp_path, hours=14, noted=[], since=NOON + timedelta(hours=1))
    assert outbox.walks == 1
    served(outbox, tmp_path, hours=1, noted=[], since=NOON + timedelta(hours=15))
    assert outbox.walks == 2


def test_a_look_by_a_clock_that_was_far_ahead_is_none(tmp_path: Path) -> None:
    """One start in 2099, and the nights after it are looked at all the same."""
    outbox = Turns()
    served(outbox, tmp_path, hours=1, noted=[], since=datetime(2099, 1, 1, tzinfo=UTC))
    served(outbox, tmp_path, hours=1, noted=[])
    served(outbox, tmp_path, hours=1, noted=[], since=NOON + timedelta(hours=2))
    assert outbox.walks == 2
    served(outbox, tmp_path, hours=20, noted=[], since=NOON + timedelta(hours=4))
    assert outbox.walks == 3


def test_three_o_clock_is_three_o_clock_in_the_hall() -> None:
    assert last_night(datetime(2026, 11, 25, 19, 0, tzinfo=UTC)) == datetime(2026, 11, 25, 19, 0, tzinfo=UTC)
    assert last_night(datetime(2026, 11, 25, 18, 59, tzinfo=UTC)) == datetime(2026, 11, 24, 19, 0, tzinfo=UTC)


def test_an_error_of_the_disk_is_looked_into_at_once(tmp_path: Path) -> None:
    outbox = Turns()
    served(outbox, tmp_path, hours=0.1, noted=[])
    outbox.failures = 1
    served(outbox, tmp_path, hours=0.1, noted=[])
    assert outbox.walks == 2


def test_what_befell_the_database_is_told_once(tmp_path: Path) -> None:
    noted: list[AuditEvent] = []
    outbox = Turns()
    outbox.set_aside, outbox.filled = ("SQLITE_CORRUPT", "seq 7: another payload"), 3
    outbox.disbelieved, outbox.fallen = 2, 1
    served(outbox, tmp_path, hours=1, noted=noted)
    of_central = [AcknowledgementRefused(), CentralFellBack()]
    assert noted == [DatabaseSetAside(why="file"), DatabaseSetAside(why="chain"), DiskFull(), *of_central]


async def test_errors_of_the_disk_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path) as outbox:
        FaultyCommit(monkeypatch, takes_place=True)
        await outbox.commit(filing())
        assert outbox.befallen.failures == 1


async def test_a_disk_that_was_full_is_told(small_disk: Path) -> None:
    outbox = Outbox(small_disk / "outbox.db", kiosk="K-001", mode="demo", reserve=reserve_in(small_disk))
    await outbox.start(keys())
    fill(small_disk)
    for _ in range(5):
        await outbox.commit(filing())
    assert outbox.befallen.filled == 1
    await outbox.close()


async def test_the_doctor_knows_when_all_was_looked_through(tmp_path: Path) -> None:
    await filled(tmp_path, 3)
    assert checkup.outbox(tmp_path / "outbox.db").detail == ""
    served_outbox = Turns()
    await asyncio.to_thread(served, served_outbox, tmp_path, hours=2 * LOOKS_EVERY / 3600, noted=[])
    assert checkup.outbox(tmp_path / "outbox.db").detail == "looked through 2026-11-26 04:00 UTC: whole"
