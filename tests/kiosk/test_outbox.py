"""The outbox: what commit returned for is on the disk, in one chain, whatever happens to the program, disk or file."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn
from uuid import UUID, uuid4

import pytest
from sqlite_utils import Database

from kiosk import rows, schema, soundness
from kiosk.contract.acts import Act, Genesis, Rating
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import BatchAnswer, ItemAnswer, Keys, Matter, MatterState, Outcome, SealingKey, Sort
from kiosk.contract.numbers import read_number
from kiosk.contract.records import Record, check_chain, new_id, open_sealed
from kiosk.errors import CannotKeep, NotKept
from kiosk.ledger import Ledger, Waiting
from kiosk.outbox import Outbox, OutboxStatus, outbox_status
from tests.kiosk.acts import SOMEBODY, card_loss, check_in, filing, handed_over
from tests.kiosk.keep_examples import EXAMPLES
from tests.kiosk.outbox_writer import PRIVATE, keys

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def opened(folder: Path, *, kiosk: str = "K-001", with_keys: bool = True) -> AsyncIterator[Outbox]:
    outbox = Outbox(folder / "outbox.db", kiosk=kiosk, mode="demo")
    await outbox.start(keys() if with_keys else None)
    try:
        yield outbox
    finally:
        await outbox.close()


def status_of(folder: Path) -> OutboxStatus:
    return outbox_status(folder / "outbox.db")


def records_in(path: Path) -> list[Record]:
    with schema.open_to_read(path) as db:
        return [Record.read(*row) for row in db.execute("SELECT header, sealed FROM records ORDER BY n")]


def set_aside_in(folder: Path, ending: str = ".db") -> list[Path]:
    return [path for path in folder.glob("outbox-damaged-*") if path.name.endswith(ending)]


def answers(batch: list[Waiting], *outcomes: Outcome, matter: Matter | None = None) -> BatchAnswer:
    items = [
        ItemAnswer(id=waiting.id, outcome=outcome, matter=matter)
        for waiting, outcome in zip(batch, outcomes, strict=True)
    ]
    return BatchAnswer(answers=tuple(items), contiguous=0)


# -- commit ------------------------------------------------------------------------------------------------------------


async def test_fresh_outbox_begins_with_a_genesis(tmp_path: Path) -> None:
    """The first record says why the ledger begins, under seal like every other."""
    async with opened(tmp_path):
        pass
    (record,) = records_in(tmp_path / "outbox.db")
    assert (record.header.seq, record.header.kind, record.header.previous) == (1, "ledger.genesis", bytes(32))
    assert open_sealed(record, PRIVATE) == Genesis(why="enrolled")


async def test_what_is_committed_can_be_opened_and_follows(tmp_path: Path) -> None:
    """Records chain without a gap; header and number are those of the moment."""
    moment = datetime(2026, 11, 22, 1, 46, tzinfo=UTC)
    async with opened(tmp_path) as outbox:
        kept = await outbox.commit(filing(), happened_at=moment, sam="05.03-1", notice="2026-1")
        for _ in range(5):
            await outbox.commit(check_in())
    records = records_in(tmp_path / "outbox.db")
    assert check_chain(records) == 7
    header = records[1].header
    assert (header.id, header.seq, header.happened_at) == (kept.id, 2, moment)
    assert (header.kiosk, header.mode, header.sam, header.notice) == ("K-001", "demo", "05.03-1", "2026-1")
    assert kept.number == str(header.number)
    assert re.fullmatch(r"K001-26-000002-[0-9A-Z]{5}", kept.number)
    assert open_sealed(records[1], PRIVATE) == filing()


async def test_a_first_start_that_was_cut_off_begins_again(tmp_path: Path) -> None:
    """In the middle of the commit that makes the database: its journal is there, and nobody has rolled it back."""
    with closing(sqlite3.connect(tmp_path / "begun.db", isolation_level=None)) as cut_off:
        cut_off.execute("PRAGMA cache_size=1")
        cut_off.execute("BEGIN")
        cut_off.execute("CREATE TABLE half (done BLOB)")
        cut_off.executemany("INSERT INTO half VALUES (?)", [(bytes(4096),)] * 20)
        for suffix in ("", "-journal"):
            shutil.copy(tmp_path / f"begun.db{suffix}", tmp_path / f"outbox.db{suffix}")
    assert (tmp_path / "outbox.db").stat().st_size > 0
    async with opened(tmp_path) as outbox:
        await outbox.commit(filing())
    assert [record.header.seq for record in records_in(tmp_path / "outbox.db")] == [1, 2]
    assert set_aside_in(tmp_path) == []


async def test_record_and_print_intention_are_one_commit(tmp_path: Path) -> None:
    """Either both are on the disk or neither: a failing journal takes the record with it."""
    async with opened(tmp_path) as outbox:
        await outbox.commit(filing(), printing=True)
        assert status_of(tmp_path).prints == {"intended": 1}
        with closing(sqlite3.connect(tmp_path / "outbox.db")) as other:
            other.execute("CREATE TRIGGER fault BEFORE INSERT ON prints BEGIN SELECT RAISE (ABORT, 'fault'); END")
        before = status_of(tmp_path)
        with pytest.raises(NotKept):
            await outbox.commit(filing(), printing=True)
        assert status_of(tmp_path) == before


async def test_nothing_about_a_person_is_on_the_disk(tmp_path: Path) -> None:
    """Name, number and telephone are nowhere in any file of the outbox."""
    async with opened(tmp_path) as outbox:
        kept = await outbox.commit(filing(), printing=True)
        await outbox.matter(kept.id, Matter(state="declined", number="3509-77", text="材料不全", at=datetime.now(UTC)))
        content = b"".join(path.read_bytes() for path in tmp_path.iterdir())  # noqa: ASYNC240
    assert kept.id.bytes in content
    for secret in (SOMEBODY.name, SOMEBODY.number, "13800000000", "3509-77", "材料不全"):
        for coding in ("utf-8", "utf-16-le", "gb18030"):
            assert secret.encode(coding) not in content


async def test_second_commit_of_an_id_keeps_the_first(tmp_path: Path) -> None:
    """Who is not sure whether a commit took place may commit again."""
    async with opened(tmp_path) as outbox:
        chosen = new_id(datetime.now(UTC))
        first = await outbox.commit(filing(), id=chosen)
        assert await outbox.commit(filing(), id=chosen) == first
        assert status_of(tmp_path).records == 2
        assert (await outbox.commit(filing())).seq == 3


async def test_act_that_fits_no_header_leaves_nothing_behind(tmp_path: Path) -> None:
    """A caller's mistake is an error of its own, and the next commit goes on."""
    async with opened(tmp_path) as outbox:
        with pytest.raises(ValueError, match="sam"):
            await outbox.commit(filing(), sam="\x00")
        assert (await outbox.commit(filing())).seq == 2


async def test_listeners_hear_of_each_commit(tmp_path: Path) -> None:
    """On the event loop, after the commit."""
    async with opened(tmp_path) as outbox:
        heard: list[int] = []
        outbox.on_commit(lambda: heard.append(status_of(tmp_path).records))
        await outbox.commit(check_in())
        await outbox.commit(check_in())
        assert heard == [2, 3]


async def test_the_state_of_a_matter_is_known_by_its_number(tmp_path: Path) -> None:
    """Of a record here, in any of its spellings; of nothing else, whatever the digits, and of no rating."""
    async with opened(tmp_path) as outbox:
        kept = await outbox.commit(filing())
        counted = await outbox.commit(Rating(service="insurance-status", stars=5))
        number = read_number(kept.number)
        assert await outbox.state_of(number) == ("kept", "filing")
        assert await outbox.state_of(read_number(kept.number.lower().replace("-", ""))) == ("kept", "filing")
        assert await outbox.state_of(replace(number, random="0000" if number.random != "0000" else "1111")) is None
        assert await outbox.state_of(replace(number, kiosk="K002")) is None
        assert await outbox.state_of(read_number(counted.number)) is None
        batch = await outbox.pending(10)
        decided = Matter(state="decided", number="YD1", at=datetime(2026, 11, 22, tzinfo=UTC))
        await outbox.answered(batch, answers(batch, *("stored",) * 3, matter=decided))
        assert await outbox.state_of(number) == ("decided", "filing")


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (handed_over(), ("kept", "handed over")),
        (card_loss(), ("unsure", "at once")),
        (EXAMPLES["appointment 1, with everything"], ("kept", "appointment")),
        (EXAMPLES["appointment cancellation 1"], ("kept", "cancelled")),
    ],
    ids=lambda value: value.kind if isinstance(value, Act) else "",
)
async def test_who_has_a_matter_is_known_by_its_number(
    tmp_path: Path, act: Act, told: tuple[MatterState, Sort]
) -> None:
    """From the record's kind, which lies open in its header."""
    async with opened(tmp_path) as outbox:
        kept = await outbox.commit(act)
        assert await outbox.state_of(read_number(kept.number)) == told


async def test_records_of_a_kind_are_counted_since_a_time(tmp_path: Path) -> None:
    """Today's check-ins: those of yesterday and records of other kinds do not count."""
    today = datetime(2026, 11, 21, 16, tzinfo=UTC)
    async with opened(tmp_path) as outbox:
        for hours in (-30, -1, 0, 1, 2):
            await outbox.commit(check_in(), happened_at=today + timedelta(hours=hours))
        await outbox.commit(filing(), happened_at=today + timedelta(hours=3))
        assert await outbox.count_since("rider.check-in", today) == 3
        assert await outbox.count_since("rider.check-in", today + timedelta(days=1)) == 0


async def test_commits_of_two_coroutines_stand_in_line(tmp_path: Path) -> None:
    """One writer: fifty at once make one chain."""
    async with opened(tmp_path) as outbox:
        kept = await asyncio.gather(*(outbox.commit(check_in()) for _ in range(50)))
    assert sorted(one.seq for one in kept) == list(range(2, 52))
    assert check_chain(records_in(tmp_path / "outbox.db")) == 51


async def test_two_programs_on_one_file_make_one_chain(tmp_path: Path) -> None:
    """Not meant to be; but what another writer added is seen before anything is chained to it."""
    async with opened(tmp_path) as one, opened(tmp_path) as other:
        kept = [await outbox.commit(check_in()) for outbox in (one, other, one, other, other, one)]
    assert [each.seq for each in kept] == [2, 3, 4, 5, 6, 7]
    assert check_chain(records_in(tmp_path / "outbox.db")) == 7


async def test_without_keys_nothing_is_kept(tmp_path: Path) -> None:
    """Before the first contact there is nobody to seal to; the ledger begins with the keys."""
    async with opened(tmp_path, with_keys=False) as outbox:
        with pytest.raises(NotKept) as caught:
            await outbox.commit(check_in())
        assert caught.value.reason == "no keys"
        assert status_of(tmp_path).records == 0
        await outbox.use_keys(keys())
        assert (await outbox.commit(check_in())).seq == 2


async def test_key_of_an_unknown_suite_is_passed_over(tmp_path: Path) -> None:
    """The newest key that this program can seal to is taken."""
    (ours,) = keys().sealing
    newer = SealingKey(id="key-9", suite=99, public=b"?", not_after=ours.not_after)
    async with opened(tmp_path, with_keys=False) as outbox:
        with pytest.raises(NotKept):
            await outbox.use_keys(Keys(version=9, sealing=(newer,)))
        await outbox.use_keys(Keys(version=9, sealing=(newer, ours)))
        await outbox.commit(check_in())
    assert records_in(tmp_path / "outbox.db")[-1].header.sealing_key == "key-1"


async def test_kiosk_of_another_name_begins_its_own_ledger(tmp_path: Path) -> None:
    """A ledger belongs to one kiosk; under the old name the old one goes on."""
    async with opened(tmp_path) as outbox:
        await outbox.commit(check_in())
    async with opened(tmp_path, kiosk="K-002") as outbox:
        assert (await outbox.commit(check_in())).seq == 2
    async with opened(tmp_path) as outbox:
        assert (await outbox.commit(check_in())).seq == 3
    assert status_of(tmp_path).records == 5
    assert set_aside_in(tmp_path) == []


# -- answers -----------------------------------------------------------------------------------------------------------


async def test_answers_move_records_on(tmp_path: Path) -> None:
    """stored and duplicate leave the queue, conflict and unreadable are quarantined; nothing is dropped.

    After a conflict the kiosk goes on in another ledger, whose genesis is all that is pending.
    """
    async with opened(tmp_path) as outbox:
        for _ in range(4):
            await outbox.commit(filing())
        batch = await outbox.pending(5)
        assert len(batch) == 5
        sent = Matter(state="sent", number="3509-1", at=datetime.now(UTC))
        await outbox.answered(batch[:2], answers(batch[:2], "stored", "duplicate", matter=sent))
        await outbox.answered(batch[2:], answers(batch[2:], "conflict", "unreadable", "stored"))
        (genesis,) = await outbox.pending(10)
        assert genesis.ledger != batch[0].ledger
        assert await outbox.kept(10) == [batch[4].id, batch[1].id, batch[0].id]
        assert await outbox.kept(2) == [batch[4].id, batch[1].id]
    status = status_of(tmp_path)
    assert (status.records, status.stored, status.quarantined, status.pending) == (6, 3, 2, 1)
    assert status.matters == {"kept": 3, "sent": 2}


@pytest.mark.parametrize("fault", ["too few", "another id", "no id"])
async def test_answers_that_do_not_fit_change_nothing(tmp_path: Path, fault: str) -> None:
    """An answer counts only as a whole."""
    async with opened(tmp_path) as outbox:
        await outbox.commit(filing())
        batch = await outbox.pending(5)
        good = answers(batch, "stored", "stored").answers
        wrong = {
            "too few": good[:1],
            "another id": (good[0], ItemAnswer(id=uuid4(), outcome="stored")),
            "no id": (good[0], ItemAnswer(id=None, outcome="stored")),
        }[fault]
        with pytest.raises(ValueError, match="answer"):
            await outbox.answered(batch, BatchAnswer(answers=wrong, contiguous=0))
        assert await outbox.pending(5) == batch


async def test_header_that_central_cannot_read_is_quarantined_by_place(tmp_path: Path) -> None:
    """Central knows no id then; the place in the batch says which record it was."""
    async with opened(tmp_path) as outbox:
        batch = await outbox.pending(5)
        await outbox.answered(batch, BatchAnswer(answers=(ItemAnswer(id=None, outcome="unreadable"),), contiguous=0))
        assert status_of(tmp_path).quarantined == 1


async def test_matter_never_falls_back(tmp_path: Path) -> None:
    """A late ``kept`` does not undo ``decided``."""
    async with opened(tmp_path) as outbox:
        kept = await outbox.commit(filing())
        await outbox.matter(kept.id, Matter(state="decided", at=datetime.now(UTC)))
        await outbox.matter(kept.id, Matter(state="kept", at=datetime.now(UTC)))
        assert status_of(tmp_path).matters == {"decided": 1}


async def test_batches_are_limited_in_bytes_and_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At least one record, at most so many bytes, never two ledgers."""
    async with opened(tmp_path) as outbox:
        for _ in range(9):
            await outbox.commit(filing())
        monkeypatch.setattr("kiosk.outbox.BATCH_OCTETS", 2000)
        assert 2 <= len(await outbox.pending(100)) <= 4
        monkeypatch.setattr("kiosk.outbox.BATCH_OCTETS", 1)
        first = await outbox.pending(100)
        assert len(first) == 1
        assert (await outbox.pending(100, [first[0].n]))[0].n == first[0].n + 1


async def test_what_has_an_earlier_name_goes_last(tmp_path: Path) -> None:
    """Central may refuse it from a machine that has another name by now: it stands in nobody's way."""
    async with opened(tmp_path) as outbox:
        await outbox.commit(filing())
    async with opened(tmp_path, kiosk="K-002") as outbox:
        for _ in range(3):
            ours = await outbox.pending(100)
            assert {waiting.kiosk for waiting in ours} == {"K-002"}
            others = await outbox.pending(100, [waiting.n for waiting in ours])
            assert {waiting.kiosk for waiting in others} == {"K-001"}
            await outbox.answered(ours, answers(ours, "stored"))
            assert await outbox.pending(100) == others
            await outbox.commit(check_in())


async def test_records_are_never_altered(tmp_path: Path) -> None:
    """Not even by whoever gets at the database with SQL by mistake."""
    async with opened(tmp_path) as outbox:
        await outbox.commit(filing())
    with closing(sqlite3.connect(tmp_path / "outbox.db")) as db:
        for column in ("seq", "id", "header", "sealed"):
            with pytest.raises(sqlite3.IntegrityError):
                db.execute(f"UPDATE records SET {column} = {column}")


def test_queue_is_read_by_its_index(tmp_path: Path) -> None:
    """Taking a batch never walks through what is stored already."""
    with closing(schema.open_to_write(tmp_path / "outbox.db")) as db:
        query = "SELECT id FROM records WHERE state = 'pending' ORDER BY n LIMIT 100"
        plan = " ".join(str(row) for row in db.execute(f"EXPLAIN QUERY PLAN {query}"))
        assert "records_pending" in plan
        plan = " ".join(
            str(row) for row in db.execute(f"EXPLAIN QUERY PLAN {rows.PENDING}", ["K-001", True, "[]", 100])
        )
        assert "records_pending" in plan
        assert "TEMP B-TREE" not in plan
        plan = " ".join(str(row) for row in db.execute(f"EXPLAIN QUERY PLAN {rows.OPEN}", [100]))
        assert "records_open" in plan
        assert "records_followed" in plan
        assert "TEMP B-TREE" not in plan


def test_pragmas_are_set(tmp_path: Path) -> None:
    """Durability does not rest on how SQLite was built."""
    with closing(schema.open_to_write(tmp_path / "outbox.db")) as db:
        found = {
            name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "temp_store")
        }
        assert found == {"journal_mode": "wal", "synchronous": 2, "temp_store": 2}
        assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1


# -- prints ------------------------------------------------------------------------------------------------------------


async def test_print_journal(tmp_path: Path) -> None:
    """intended → sent → printed; what is intended again is a further print."""
    async with opened(tmp_path) as outbox:
        kept = await outbox.commit(filing(), printing=True)
        await outbox.mark_print(kept.id, "sent")
        assert status_of(tmp_path).prints == {"sent": 1}
        await outbox.mark_print(kept.id, "printed")
        await outbox.mark_print(kept.id, "intended")
        await outbox.mark_print(kept.id, "sent")
        await outbox.mark_print(kept.id, "not printed")
        assert status_of(tmp_path).prints == {"printed": 1, "not printed": 1}
        with pytest.raises(LookupError):
            await outbox.mark_print(uuid4(), "sent")


async def test_prints_that_a_crash_interrupted_are_settled(tmp_path: Path) -> None:
    """What was sent is unknown, what was only intended is not printed; neither is printed again by itself."""
    async with opened(tmp_path) as outbox:
        await outbox.commit(filing(), printing=True)
        sent = await outbox.commit(filing(), printing=True)
        await outbox.mark_print(sent.id, "sent")
    async with opened(tmp_path):
        assert status_of(tmp_path).prints == {"not printed": 1, "unknown": 1}


# -- damage ------------------------------------------------------------------------------------------------------------


def overwrite(path: Path) -> None:
    path.write_bytes(os.urandom(40_000))


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(100))


def another_payload(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER records_are_never_altered")
        db.execute("UPDATE records SET sealed = (SELECT sealed FROM records WHERE seq = 2) WHERE seq = 4")
        db.commit()


def record_taken_out(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DELETE FROM records WHERE seq = 3")
        db.commit()


def anothers_file(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE notes (text)")
        db.commit()


def folder_in_its_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("damage", "readable"),
    [
        (overwrite, False),
        (cut_in_half, None),
        (empty_header, False),
        (another_payload, True),
        (record_taken_out, True),
        (anothers_file, False),
        (folder_in_its_place, False),
    ],
)
async def test_damaged_database_is_set_aside_untouched(
    tmp_path: Path, damage: Callable[[Path], None], readable: bool | None
) -> None:
    """Whoever comes next is served, in a new ledger that says why it begins and what came before, as far as known."""
    path = tmp_path / "outbox.db"
    async with opened(tmp_path) as outbox:
        for _ in range(20):
            await outbox.commit(filing())
    last = records_in(path)[-1]
    damage(path)
    before = None if path.is_dir() else path.read_bytes()
    began = time.monotonic()
    async with opened(tmp_path) as outbox:
        assert (await outbox.commit(filing())).seq == 2
    assert time.monotonic() - began < 5
    (aside,) = set_aside_in(tmp_path)
    assert before is None or aside.read_bytes() == before
    genesis = open_sealed(records_in(path)[0], PRIVATE)
    assert isinstance(genesis, Genesis)
    assert genesis.why == "database damaged"
    if readable is not None:
        assert genesis.previous_ledger == (last.header.ledger if readable else None)
        assert genesis.previous_hash == (last.hash if readable else None)
    assert records_in(path)[0].header.ledger != last.header.ledger


@pytest.mark.parametrize("damage", [another_payload, record_taken_out])
async def test_damage_further_back_is_met_before_the_first_commit(
    tmp_path: Path, damage: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The start does not wait for the look at the last thousand records; whoever commits does."""
    monkeypatch.setattr(soundness, "AT_ONCE", 3)
    async with opened(tmp_path) as outbox:
        for _ in range(8):
            await outbox.commit(filing())
    damage(tmp_path / "outbox.db")
    async with opened(tmp_path) as outbox:
        assert (await outbox.commit(filing())).seq == 2
    (aside,) = set_aside_in(tmp_path)
    with pytest.raises(ContractError):
        check_chain(records_in(aside))


async def test_log_beside_a_damaged_database_goes_with_it(tmp_path: Path) -> None:
    """Records that lie in the write-ahead log alone are set aside too, byte for byte."""
    async with opened(tmp_path) as outbox:
        for _ in range(300):
            await outbox.commit(check_in())
    writer = start_writer(tmp_path)
    wait_for_lines(writer, 10)
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    overwrite(tmp_path / "outbox.db")
    log = (tmp_path / "outbox.db-wal").read_bytes()
    assert len(log) > 10_000
    async with opened(tmp_path):
        pass
    (aside,) = set_aside_in(tmp_path, ".db-wal")
    assert aside.read_bytes() == log


def break_ids(path: Path) -> None:
    """Overwrites the page on which the index of the records' ids begins."""
    with closing(sqlite3.connect(path)) as db:
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_records_1'").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


async def test_damage_met_at_work_does_not_stop_the_person(tmp_path: Path) -> None:
    """A page that breaks while the kiosk runs: the commit goes into a fresh ledger."""
    async with opened(tmp_path) as outbox:
        for _ in range(300):
            await outbox.commit(check_in())
    async with opened(tmp_path) as outbox:
        break_ids(tmp_path / "outbox.db")
        assert (await outbox.commit(filing())).seq == 2
    assert len(set_aside_in(tmp_path)) == 1


async def test_answer_to_what_was_set_aside_is_about_no_other_record(tmp_path: Path) -> None:
    """Central has records of the old database while a new one begins: those in their places are still to be sent."""
    async with opened(tmp_path) as outbox:
        for _ in range(300):
            await outbox.commit(check_in())
    async with opened(tmp_path) as outbox:
        under_way = await outbox.pending(100)
        break_ids(tmp_path / "outbox.db")
        record = await outbox.commit(filing())
        fresh = await outbox.pending(100)
        assert {waiting.n for waiting in fresh} <= {waiting.n for waiting in under_way}
        await outbox.answered(under_way, answers(under_way, *("stored",) * 50, *("conflict",) * 50))
        assert [waiting.id for waiting in await outbox.pending(100)] == [waiting.id for waiting in fresh]
        assert record.id == fresh[-1].id


async def test_database_held_by_another_program_is_not_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is busy: that is said, nothing is set aside, and afterwards all goes on."""
    monkeypatch.setattr(schema, "BUSY_TIMEOUT", 0.2)
    async with opened(tmp_path) as outbox:
        with closing(sqlite3.connect(tmp_path / "outbox.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(NotKept) as caught:
                await outbox.commit(check_in())
            assert caught.value.reason == "busy"
            other.execute("ROLLBACK")
        assert (await outbox.commit(check_in())).seq == 2
    assert set_aside_in(tmp_path) == []


# -- the program dies, the disk fills ----------------------------------------------------------------------------------


def start_writer(folder: Path, *arguments: str, limit: int | None = None) -> subprocess.Popen[str]:
    def limited() -> None:
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        [sys.executable, "-m", "tests.kiosk.outbox_writer", str(folder), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=limited,  # noqa: PLW1509 - no threads run in this test that could hold a lock
    )


def wait_for_lines(writer: subprocess.Popen[str], count: int) -> list[str]:
    assert writer.stdout is not None
    return [writer.stdout.readline().strip() for _ in range(count)]


@pytest.mark.parametrize("after", [2, 3, 10, 40])
def test_killed_program_has_lost_nothing(tmp_path: Path, after: int) -> None:
    """SIGKILL at any moment: every record that was told of is there, and the chain holds."""
    writer = start_writer(tmp_path)
    told = wait_for_lines(writer, after)
    os.kill(writer.pid, signal.SIGKILL)
    told += (writer.communicate(timeout=10)[0]).split()

    async def again() -> None:
        async with opened(tmp_path) as outbox:
            await outbox.commit(check_in())

    asyncio.run(again())
    records = records_in(tmp_path / "outbox.db")
    assert {UUID(line) for line in told if line != "started"} <= {record.header.id for record in records}
    assert check_chain(records) == len(records)
    assert len({record.header.ledger for record in records}) == 1
    assert set_aside_in(tmp_path) == []


def test_shared_memory_lost_in_a_power_cut_is_no_damage(tmp_path: Path) -> None:
    """The log alone survives a cut, without its index: it is read again."""
    writer = start_writer(tmp_path)
    told = wait_for_lines(writer, 20)[1:]
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate(timeout=10)
    (tmp_path / "outbox.db-shm").unlink()

    async def again() -> None:
        async with opened(tmp_path):
            pass

    asyncio.run(again())
    assert {UUID(line) for line in told} <= {record.header.id for record in records_in(tmp_path / "outbox.db")}
    assert set_aside_in(tmp_path) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 KB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)], capture_output=True, check=False
        ).returncode
    )
    if not mounted:
        pytest.skip("needs root: a small disk is mounted")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_full_disk_is_told_and_mends(small_disk: Path) -> None:
    """The person hears that it was not kept; nothing half-written stays; with room again all goes on."""
    async with opened(small_disk) as outbox:
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free - 100_000))
        kept = 1

        async def fill() -> NoReturn:
            nonlocal kept
            while True:
                await outbox.commit(filing())
                kept += 1

        with pytest.raises(NotKept) as caught:
            await fill()
        assert caught.value.reason in ("full", "unsure")
        for _ in range(3):
            with pytest.raises(NotKept):
                await outbox.commit(filing())
        ballast.unlink()
        seq = (await outbox.commit(filing())).seq
        records = records_in(small_disk / "outbox.db")
        assert check_chain(records) == len(records) == seq
        assert seq in (kept + 1, kept + 2)  # a commit that was unsure may have taken place
    assert set_aside_in(small_disk) == []


def test_file_that_may_not_grow_is_told(tmp_path: Path) -> None:
    """A limit to the size of files (as a quota would set): the program says so and what it told of is there."""
    writer = start_writer(tmp_path, limit=300_000)
    out, _ = writer.communicate(timeout=60)
    *told, last = out.split("\n")[1:-1]
    assert last.startswith("not kept: ")
    assert writer.returncode == 1
    assert {UUID(line) for line in told} <= {record.header.id for record in records_in(tmp_path / "outbox.db")}


# -- errors from COMMIT ------------------------------------------------------------------------------------------------


class FaultyCommit:
    """A ledger whose next COMMIT reports an I/O error, before or after it took place."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, takes_place: bool) -> None:
        self.armed = True
        real = Database.execute

        def execute(db: Database, sql: str, parameters: object = None) -> sqlite3.Cursor:
            if sql == "COMMIT" and self.armed:
                self.armed = False
                if takes_place:
                    real(db, sql)
                self.fail()
            return real(db, sql, parameters)  # type: ignore[arg-type] # passed through as it came

        monkeypatch.setattr(Database, "execute", execute)

    def fail(self) -> NoReturn:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
        raise error


@pytest.mark.parametrize("takes_place", [True, False])
async def test_error_from_commit_is_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, takes_place: bool
) -> None:
    """An error says nothing about whether the commit took place: the database is opened anew and asked, once what it
    has is durable."""
    async with opened(tmp_path) as outbox:
        FaultyCommit(monkeypatch, takes_place=takes_place)
        if takes_place:
            assert (await outbox.commit(filing())).seq == 2
        else:
            with pytest.raises(NotKept) as caught:
                await outbox.commit(filing())
            assert caught.value.reason == "broken"
        assert (await outbox.commit(filing())).seq == (3 if takes_place else 2)
    assert check_chain(records_in(tmp_path / "outbox.db")) == (3 if takes_place else 2)


async def test_commit_that_cannot_be_looked_into_is_unsure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error came from COMMIT and the disk does not come back: whether it was kept is not known, and said so."""
    async with opened(tmp_path) as outbox:
        fault = FaultyCommit(monkeypatch, takes_place=True)
        monkeypatch.setattr(schema, "open_to_write", lambda _path: fault.fail())
        with pytest.raises(NotKept) as caught:
            await outbox.commit(filing())
        assert caught.value.reason == "unsure"
        monkeypatch.undo()
        assert (await outbox.commit(filing())).seq == 3


class LostSync(FaultyCommit):
    """A disk whose sync of the log fails at the next COMMIT. What it should have written is in memory, which shows it,
    and never gets to the disk, whatever is synced later: unless it is written once more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
        super().__init__(monkeypatch, takes_place=True)
        self._path, self._log = path, path.with_name(path.name + "-wal")
        self._from = self._log.stat().st_size

    def fail(self) -> NoReturn:
        self._lost = self._log.read_bytes()[self._from :]
        super().fail()

    def cut(self, folder: Path) -> Path:
        """The database as the disk has it."""
        folder.mkdir()
        log, end = self._log.read_bytes(), self._from + len(self._lost)
        if log[self._from : end] == self._lost:
            log = log[: self._from] + bytes(len(self._lost)) + log[end:]
        (folder / self._log.name).write_bytes(log)
        return Path(shutil.copy(self._path, folder))


@pytest.mark.parametrize("where", ["at a record", "at the print journal", "in a program that then was ended"])
async def test_what_a_failed_sync_should_have_written_is_written_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Whatever is told of after it outlasts a power cut, and so does what came before."""
    path = tmp_path / "outbox.db"
    async with AsyncExitStack() as stack:
        outbox = await stack.enter_async_context(opened(tmp_path))
        kept = [await outbox.commit(filing(), printing=True)]
        disk = LostSync(monkeypatch, path)
        if where == "at a record":
            kept.append(await outbox.commit(filing()))
        else:
            with pytest.raises(NotKept):
                await outbox.mark_print(kept[0].id, "sent")
        if where == "in a program that then was ended":
            outbox = await stack.enter_async_context(opened(tmp_path))
        kept += [await outbox.commit(check_in()) for _ in range(5)]
        left = disk.cut(tmp_path / "cut")
    assert soundness.examine(left) is None
    assert {each.id for each in kept} <= {record.header.id for record in records_in(left)}
    assert not path.with_suffix(".unsynced").exists()


async def test_where_it_cannot_be_written_once_more_nothing_is_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk takes no sync of the log: nobody knows, and nobody is told otherwise before it does."""

    def sync_file(_path: Path) -> NoReturn:
        raise OSError(errno.EIO, "Input/output error")

    async with opened(tmp_path) as outbox:
        FaultyCommit(monkeypatch, takes_place=True)
        with monkeypatch.context() as patched:
            patched.setattr(schema, "sync_file", sync_file)
            for reason in ("unsure", "broken"):
                with pytest.raises(NotKept) as caught:
                    await outbox.commit(filing())
                assert (caught.value.reason, caught.value.detail) == (reason, "Input/output error")
            with pytest.raises(CannotKeep):
                await outbox.demand_room()
        assert (await outbox.commit(filing())).seq == 3


async def test_while_somebody_reads_in_the_log_nothing_is_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is appended to a log that may have a hole is lost with it: another one has to begin first."""
    monkeypatch.setattr(schema, "BUSY_TIMEOUT", 0.05)
    async with opened(tmp_path) as outbox:
        await outbox.commit(filing())
        with schema.open_to_read(tmp_path / "outbox.db") as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM records").fetchone()
            FaultyCommit(monkeypatch, takes_place=True)
            for reason in ("unsure", "busy"):
                with pytest.raises(NotKept) as caught:
                    await outbox.commit(filing())
                assert (caught.value.reason, caught.value.detail) == (reason, "the log is in use")
            reader.execute("ROLLBACK")
        assert (await outbox.commit(filing())).seq == 4


async def test_disk_that_says_nothing_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person never waits for ever, and neither does the end of the program."""
    monkeypatch.setattr("kiosk.outbox.COMMIT_WITHIN", 0.2)
    async with opened(tmp_path) as outbox:
        monkeypatch.setattr(Ledger, "append", lambda _self, _entry: time.sleep(3))
        with pytest.raises(NotKept) as caught:
            await outbox.commit(filing())
        assert caught.value.reason == "unsure"
        began = time.monotonic()
        await outbox.close()
        assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("asked", ["mark_print", "count_since", "state_of", "demand_room"])
async def test_disk_that_hangs_after_the_commit_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """Each is asked while somebody stands there. What is noted of a print may come to be noted all the same."""
    async with opened(tmp_path) as outbox:
        kept = await outbox.commit(filing(), printing=True)
        number = read_number(kept.number)
        assert number is not None
        monkeypatch.setattr("kiosk.outbox.COMMIT_WITHIN", 0.1)
        monkeypatch.setattr(Ledger, asked, lambda _self, *_about: time.sleep(0.5))
        ask: dict[str, Callable[[], Awaitable[object]]] = {
            "mark_print": lambda: outbox.mark_print(kept.id, "sent"),
            "count_since": lambda: outbox.count_since("rider.check-in", datetime.now(UTC)),
            "state_of": lambda: outbox.state_of(number),
            "demand_room": outbox.demand_room,
        }
        with pytest.raises(NotKept) as caught:
            await ask[asked]()
        assert caught.value.reason == ("unsure" if asked == "mark_print" else "broken")
        assert caught.value.detail == "the disk does not answer"


# -- one sync, and a status --------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_each_commit_is_one_sync(tmp_path: Path) -> None:
    """Exactly one: fewer would promise too much, more would wear the flash."""
    counts = [syncs_of(tmp_path / str(commits), commits) for commits in (0, 40)]
    assert counts[1] - counts[0] == 40


def syncs_of(folder: Path, commits: int) -> int:
    folder.mkdir()
    trace = folder / "trace"
    writer = ["tests.kiosk.outbox_writer", str(folder), str(commits)]
    subprocess.run(
        ["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", str(trace), sys.executable, "-m", *writer],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=60,
    )
    return len(re.findall(r"\b(?:fsync|fdatasync)\(", trace.read_text()))


def test_status_of_nothing(tmp_path: Path) -> None:
    """No file: nothing in it, and none is made."""
    assert status_of(tmp_path) == OutboxStatus()
    assert list(tmp_path.iterdir()) == []


def test_status_of_a_file_that_is_no_outbox(tmp_path: Path) -> None:
    """Said, not guessed, and nothing is set aside by who only looks."""
    (tmp_path / "outbox.db").write_bytes(os.urandom(10_000))
    with pytest.raises(NotKept):
        status_of(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["outbox.db"]


async def test_status_beside_a_running_kiosk(tmp_path: Path) -> None:
    """Records, states and prints by their words; the ledger by its name."""
    async with opened(tmp_path) as outbox:
        await outbox.commit(filing(), printing=True)
        status = status_of(tmp_path)
        assert (status.records, status.pending, status.stored, status.quarantined) == (2, 2, 0, 0)
        assert (status.last_seq, status.prints, status.matters) == (2, {"intended": 1}, {"kept": 1})
        assert status.ledger == records_in(tmp_path / "outbox.db")[0].header.ledger.hex()
