"""A disk that is full, read-only or held by another: told before anybody confirms, nothing lost, and it mends."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk import schema
from kiosk.contract.records import check_chain, new_id
from kiosk.errors import CannotKeep, NotKept
from kiosk.ledger import Ledger
from kiosk.outbox import Outbox
from kiosk.pen import Clock, Entry
from kiosk.reserve import Reserve
from tests.kiosk.acts import filing
from tests.kiosk.outbox_writer import keys
from tests.kiosk.test_outbox import FaultyCommit, records_in, set_aside_in

KEPT_BACK = 200_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0 or mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)):
        pytest.skip("needs root: a small disk is mounted")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def mount(*arguments: str) -> int:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode


def reserve_in(folder: Path) -> Reserve:
    return Reserve(folder / "reserve", octets=KEPT_BACK)


@asynccontextmanager
async def opened(folder: Path, reserve: Reserve | None = None) -> AsyncIterator[Outbox]:
    outbox = Outbox(folder / "outbox.db", kiosk="K-001", mode="demo", reserve=reserve or reserve_in(folder))
    try:
        await outbox.start(keys())
        yield outbox
    finally:
        await outbox.close()


def fill(folder: Path) -> Path:
    """Leaves no block of the disk free."""
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(folder).free))
    assert shutil.disk_usage(folder).free == 0
    return ballast


def test_what_is_kept_back_takes_its_room(small_disk: Path) -> None:
    """Allocated in earnest, made anew where it was cut short, and not made at all where there is no room for it."""
    reserve = reserve_in(small_disk)
    free = shutil.disk_usage(small_disk).free
    reserve.hold()
    assert shutil.disk_usage(small_disk).free <= free - KEPT_BACK
    os.truncate(reserve.path, 10)
    assert not reserve.held
    reserve.hold()
    assert reserve_in(small_disk).held
    with pytest.raises(NotKept) as caught:
        Reserve(small_disk / "reserve", octets=10_000_000).hold()
    assert caught.value.reason == "full"
    assert list(small_disk.iterdir()) == []


async def test_who_stands_there_is_served_on_a_full_disk_and_the_next_is_told(small_disk: Path) -> None:
    """The record, the mark before the first byte and the outcome find room; whoever comes then confirms nothing."""
    async with opened(small_disk) as outbox:
        await outbox.demand_room()
        ballast = fill(small_disk)
        kept = [await outbox.commit(filing(), printing=True) for _ in range(5)]
        await outbox.mark_print(kept[-1].id, "sent")
        await outbox.mark_print(kept[-1].id, "printed")
        assert not reserve_in(small_disk).held
        with pytest.raises(CannotKeep) as caught:
            await outbox.demand_room()
        assert caught.value.reason == "full"
        ballast.unlink()
        await outbox.demand_room()
        assert reserve_in(small_disk).held
        assert (await outbox.commit(filing())).seq == 7
    assert check_chain(records_in(small_disk / "outbox.db")) == 7
    assert set_aside_in(small_disk) == []


async def test_a_print_is_journalled_on_a_full_disk(small_disk: Path) -> None:
    """What fills the disk between record and paper keeps nobody from their receipt."""
    async with opened(small_disk) as outbox:
        kept = await outbox.commit(filing(), printing=True)
        fill(small_disk)
        for _ in range(10):
            await outbox.mark_print(kept.id, "sent")
            await outbox.mark_print(kept.id, "printed")


@pytest.mark.parametrize("held", [True, False])
async def test_a_full_disk_is_no_damage_at_a_start(small_disk: Path, held: bool) -> None:
    """With what is kept back it opens; without, it says so; the database stays where it is."""
    reserve = reserve_in(small_disk) if held else Reserve(small_disk / "reserve", octets=10_000_000)
    async with opened(small_disk, reserve) as outbox:
        await outbox.commit(filing())
    ballast = fill(small_disk)
    if held:
        async with opened(small_disk, reserve) as outbox:
            assert (await outbox.commit(filing())).seq == 3
    else:
        with pytest.raises(NotKept):
            async with opened(small_disk, reserve):
                pass
    assert set_aside_in(small_disk) == []
    ballast.unlink()
    async with opened(small_disk) as outbox:
        assert (await outbox.commit(filing())).seq == 3 + held


async def test_a_read_only_disk_is_told_and_mends(small_disk: Path) -> None:
    """As the kernel leaves one that it met errors on. Nothing is set aside."""
    async with opened(small_disk) as outbox:
        await outbox.commit(filing())
    assert mount("-o", "remount,ro", str(small_disk)) == 0
    outbox = Outbox(small_disk / "outbox.db", kiosk="K-001", mode="demo", reserve=reserve_in(small_disk))
    with pytest.raises(NotKept):
        await outbox.start(keys())
    with pytest.raises(CannotKeep):
        await outbox.demand_room()
    with pytest.raises(NotKept):
        await outbox.commit(filing())
    assert mount("-o", "remount,rw", str(small_disk)) == 0
    await outbox.start(keys())
    await outbox.demand_room()
    assert (await outbox.commit(filing())).seq == 3
    await outbox.close()
    assert set_aside_in(small_disk) == []


@pytest.mark.parametrize("is_said_to_help", [False, True])
async def test_a_disk_that_is_full_and_read_only_is_told(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, is_said_to_help: bool
) -> None:
    """What is kept back cannot be given up there. Whatever is said of it, nobody tries for ever."""
    async with opened(small_disk) as outbox:
        await outbox.commit(filing())
    fill(small_disk)
    assert mount("-o", "remount,ro", str(small_disk)) == 0
    reserve = reserve_in(small_disk)
    assert reserve.held
    ledger = Ledger(
        small_disk / "outbox.db", kiosk="K-001", mode="demo", now=lambda: datetime.now(UTC), reserve=reserve
    )
    ledger.key = keys().sealing[0]
    now = datetime.now(UTC)
    helps = iter([True] * 5 + [False] * 5)
    if is_said_to_help:
        monkeypatch.setattr(Reserve, "give_up", lambda _self, _error: next(helps))
    with pytest.raises(NotKept) as caught:
        ledger.append(Entry(act=filing(), id=new_id(now), happened_at=now, clock=Clock()))
    assert caught.value.reason == "broken"
    assert (reserve.held, reserve.given_up) == (True, 0)
    assert len(list(helps)) == 10 - is_said_to_help
    assert mount("-o", "remount,rw", str(small_disk)) == 0


async def test_a_disk_that_failed_is_tried_before_somebody_confirms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock can be taken on a disk that takes nothing else: after an error something is written in earnest."""
    async with opened(tmp_path) as outbox:
        FaultyCommit(monkeypatch, takes_place=False)
        with pytest.raises(NotKept):
            await outbox.commit(filing())

        def fsync(_descriptor: int) -> None:
            raise OSError(errno.EIO, "Input/output error")

        with monkeypatch.context() as patched:
            patched.setattr("kiosk.files.os.fsync", fsync)
            for _ in range(2):
                with pytest.raises(CannotKeep) as caught:
                    await outbox.demand_room()
                assert (caught.value.reason, caught.value.detail) == ("broken", "Input/output error")
        await outbox.demand_room()
        assert not (tmp_path / "trial").exists()
        assert (await outbox.commit(filing())).seq == 2


async def test_a_database_that_is_held_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "BUSY_TIMEOUT", 0.05)
    async with opened(tmp_path) as outbox:
        with closing(sqlite3.connect(tmp_path / "outbox.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(CannotKeep) as caught:
                await outbox.demand_room()
            assert caught.value.reason == "busy"
            other.execute("ROLLBACK")
        await outbox.demand_room()
        assert (await outbox.commit(filing())).seq == 2


async def test_a_database_that_may_not_grow_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept back does not help there: it is told, nothing half-written stays, and it goes on with room."""
    with monkeypatch.context() as patched:
        patched.setattr(schema, "_PRAGMAS", (*schema._PRAGMAS, "PRAGMA max_page_count=25"))
        async with opened(tmp_path) as outbox:
            kept = 1
            with pytest.raises(NotKept) as caught:  # noqa: PT012 - it is one of them
                while True:
                    await outbox.commit(filing(), printing=True)
                    kept += 1
            assert caught.value.reason == "full"
            assert not reserve_in(tmp_path).held
    async with opened(tmp_path) as outbox:
        assert (await outbox.commit(filing())).seq == kept + 1
    assert check_chain(records_in(tmp_path / "outbox.db")) == kept + 1
    assert set_aside_in(tmp_path) == []


async def test_a_database_that_cannot_be_opened_is_not_damaged(tmp_path: Path) -> None:
    """Too many files are open, or somebody changed a permission: it is not set aside, and mends."""
    async with opened(tmp_path) as outbox:
        await outbox.commit(filing())
    ledger = Ledger(tmp_path / "outbox.db", kiosk="K-001", mode="demo", now=lambda: datetime.now(UTC))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1, hard))
    try:
        with pytest.raises(NotKept) as caught:
            ledger.count_pending()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert caught.value.detail == "SQLITE_CANTOPEN"
    assert ledger.count_pending() == 2
    ledger.close()
    assert set_aside_in(tmp_path) == []


async def test_nobody_confirms_before_the_first_contact(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db", kiosk="K-001", mode="demo")
    await outbox.start()
    with pytest.raises(CannotKeep) as caught:
        await outbox.demand_room()
    assert caught.value.reason == "no keys"
    await outbox.close()
