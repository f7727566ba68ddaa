"""A damaged database is set aside whole, wherever that is cut off, and the ledger that follows says so, once."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from kiosk import setting_aside, soundness
from kiosk.carving import INDEX_LEAF
from kiosk.contract.acts import Genesis
from kiosk.contract.audit import DatabaseSetAside
from kiosk.contract.batches import Octets
from kiosk.contract.records import Record, new_id, open_sealed
from kiosk.errors import NotKept
from kiosk.ledger import Clock, Ledger
from kiosk.pen import Entry
from tests.kiosk.acts import filing
from tests.kiosk.outbox_writer import PRIVATE, keys
from tests.kiosk.test_outbox import ROOT, empty_header, opened, records_in, set_aside_in
from tests.kiosk.test_salvage import fill, salvaged

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def genesis_of(path: Path) -> Genesis:
    act = open_sealed(records_in(path)[0], PRIVATE)
    assert isinstance(act, Genesis)
    return act


def log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def entry() -> Entry:
    moment = datetime.now(UTC)
    return Entry(act=filing(), id=new_id(moment), happened_at=moment, clock=Clock())


# -- moved whole -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database whose third record is not what it was, and a log that holds half of it."""
    here, folder = tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("damaged")
    fill(here / "outbox.db", 6)
    with closing(fill_on(here / "outbox.db", 4)), closing(sqlite3.connect(here / "outbox.db")) as db:
        db.execute("DROP TRIGGER records_are_never_altered")
        db.execute("UPDATE records SET sealed = (SELECT sealed FROM records WHERE seq = 2) WHERE seq = 3")
        db.commit()
        for file in (here / "outbox.db", log_of(here / "outbox.db")):
            shutil.copy(file, folder)
    return folder


def fill_on(path: Path, records: int) -> Ledger:
    ledger = Ledger(path, kiosk="K-001", mode="demo", now=lambda: NOW)
    ledger.use_key(keys().sealing[0])
    for _ in range(records):
        ledger.append(entry())
    return ledger


class Cut(BaseException):
    """The power fails here."""


class Calls:
    """Calls that change names, of which the ``at``-th ends in ``error``; ``links``: whether the disk has any."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int, error: BaseException, *, links: bool) -> None:
        self.made = 0
        self._at, self._error, self._links = at, error, links
        for name in ("link", "unlink", "rename", "replace", "fsync"):
            monkeypatch.setattr(os, name, self._counted(name))

    def _counted(self, name: str) -> Callable[..., None]:
        real: Callable[..., None] = getattr(os, name)

        def call(*arguments: object, **more: object) -> None:
            self.made += 1
            if self.made == self._at:
                raise self._error
            if name == "link" and not self._links:
                raise OSError(errno.EPERM, "Operation not permitted")
            real(*arguments, **more)

        return call


def cut_at_each(damaged: Path, folder: Path, error: BaseException, *, links: bool) -> Iterator[Path]:
    """The database after a move that was cut off at each of its calls, and after one that was not."""
    at, ended = 0, False
    while not ended:
        at += 1
        path = folder / str(at) / "outbox.db"
        shutil.copytree(damaged, path.parent)
        with pytest.MonkeyPatch.context() as patched:
            calls = Calls(patched, at, error, links=links)
            try:
                setting_aside.make_way(path, NOW)
            except (Cut, OSError):
                pass
            ended = calls.made < at
        yield path
    assert at > 8


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("error", [Cut(), OSError(errno.ENOSPC, "No space left on device"), OSError(errno.EIO, "EIO")])
def test_a_move_that_is_cut_off_parts_nothing(damaged: Path, tmp_path: Path, error: BaseException, links: bool) -> None:
    """Database and log are together in their place or under one other name, at each moment; the next start goes on,
    and its ledger names the one before."""
    content = [file.read_bytes() for file in (damaged / "outbox.db", damaged / "outbox.db-wal")]
    last = records_in(damaged / "outbox.db")[-1]
    for beside in damaged.glob("*-shm"):
        beside.unlink()
    for path in cut_at_each(damaged, tmp_path, error, links=links):
        if path.exists():
            assert [path.read_bytes(), log_of(path).read_bytes()] == content
        ledger = Ledger(path, kiosk="K-001", mode="demo", now=lambda: NOW)
        ledger.use_key(keys().sealing[0])
        (aside,) = set_aside_in(path.parent)
        assert [aside.read_bytes(), log_of(aside).read_bytes()] == content
        genesis = genesis_of(path)
        assert (genesis.why, genesis.previous_hash) == ("database damaged", last.hash)
        assert ledger.set_aside == ("seq 3: another payload",)
        assert ledger.append(entry()).header.seq == 2
        ledger.close()


def test_a_damaged_file_that_was_never_moved_is_forgotten(damaged: Path, tmp_path: Path) -> None:
    """The note was written, the power failed, and what was amiss is not met again."""
    path = tmp_path / "outbox.db"
    fill(path, 3)
    with pytest.MonkeyPatch.context() as patched:
        Calls(patched, 4, Cut(), links=True)
        with pytest.raises(Cut):
            setting_aside.make_way(path, NOW, found="SQLITE_CORRUPT")
    assert setting_aside.noted(path) is not None
    ledger = Ledger(path, kiosk="K-001", mode="demo", now=lambda: NOW)
    ledger.use_key(keys().sealing[0])
    assert ledger.append(entry()).header.seq == 5
    assert (ledger.set_aside, setting_aside.noted(path), set_aside_in(tmp_path)) == ((), None, [])
    ledger.close()


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """A database whose newest records lie in its log alone."""
    here, path = tmp_path / "here" / "outbox.db", tmp_path / "outbox.db"
    fill(here, 300)
    with closing(fill_on(here, 5)):
        for name in ("outbox.db", "outbox.db-wal"):
            shutil.copy(here.with_name(name), tmp_path)
    return path


def break_page(path: Path, what: bytes) -> None:
    """The one on which that stands, in the file, beside whoever has it open."""
    page = path.read_bytes().index(what) // 4096
    with path.open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xff" * 4096)


def break_oldest(path: Path) -> None:
    """The page of the first records, which no start looks at."""
    break_page(path, records_in(path)[0].header_bytes)


def test_nothing_is_written_to_a_database_in_which_damage_is_met_at_work(crashed: Path) -> None:
    """Its log is not moved into it when it is given up: both are set aside as they were."""
    break_oldest(crashed)
    content = [file.read_bytes() for file in (crashed, log_of(crashed))]
    ledger = fill_on(crashed, 0)
    with pytest.raises(NotKept):
        ledger.pending(100, 1 << 20)
    assert ledger.append(entry()).header.seq == 2
    ledger.close()
    (aside,) = set_aside_in(crashed.parent)
    assert [aside.read_bytes(), log_of(aside).read_bytes()] == content


@pytest.mark.parametrize("damage", [empty_header, break_oldest, lambda _path: None])
def test_a_database_that_is_given_up_is_closed_as_it_is(crashed: Path, damage: Callable[[Path], None]) -> None:
    ledger = fill_on(crashed, 0)
    damage(crashed)
    content = [file.read_bytes() for file in (crashed, log_of(crashed))]
    ledger._give_up()
    assert [file.read_bytes() for file in (crashed, log_of(crashed))] == content


# -- named and told ----------------------------------------------------------------------------------------------------


async def test_a_cut_before_the_genesis_takes_nothing_from_it(tmp_path: Path) -> None:
    """A kiosk starts without keys: they come with the sync. Whatever happens in between, the genesis names the ledger
    before, and staff are told, once."""
    path = tmp_path / "outbox.db"
    async with opened(tmp_path) as outbox:
        for _ in range(20):
            await outbox.commit(filing())
    last = records_in(path)[-1]
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER records_are_never_altered")
        db.execute("UPDATE records SET sealed = zeroblob(400) WHERE seq = 12")
        db.commit()
    for _ in range(3):
        async with opened(tmp_path, with_keys=False) as outbox:
            assert outbox.befallen.set_aside == ("seq 12: another payload",)
    async with opened(tmp_path) as outbox:
        assert outbox.befallen.set_aside == ("seq 12: another payload",)
        genesis = genesis_of(path)
        assert (genesis.why, genesis.previous_ledger) == ("database damaged", last.header.ledger)
        assert (genesis.previous_seq, genesis.previous_hash) == (21, last.hash)
    async with opened(tmp_path) as outbox:
        assert outbox.befallen.set_aside == ("seq 12: another payload",)
        await outbox.commit(DatabaseSetAside(why="chain"))
    async with opened(tmp_path) as outbox:
        assert outbox.befallen.set_aside == ()
    assert len(set_aside_in(tmp_path)) == 1
    assert setting_aside.noted(path) is None


async def test_another_that_breaks_before_its_genesis_takes_nothing_from_it_either(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    fill(path, 5)
    last = records_in(path)[-1]
    path.write_bytes(path.read_bytes().replace(last.sealed, bytes(len(last.sealed))))
    async with opened(tmp_path, with_keys=False):
        pass
    path.write_bytes(bytes(5000))
    async with opened(tmp_path):
        genesis = genesis_of(path)
        assert (genesis.previous_ledger, genesis.previous_seq) == (last.header.ledger, 5)
    assert len(set_aside_in(tmp_path)) == 2


async def test_one_that_breaks_before_staff_were_told_is_another(tmp_path: Path) -> None:
    """The first is named already, and is not named again where nothing of the second can be read."""
    path = tmp_path / "outbox.db"
    fill(path, 5)
    sealed = records_in(path)[-1].sealed
    path.write_bytes(path.read_bytes().replace(sealed, bytes(len(sealed))))
    async with opened(tmp_path):
        assert genesis_of(path).previous_seq == 5
    for _ in range(2):
        path.write_bytes(bytes(5000))
        async with opened(tmp_path):
            assert genesis_of(path) == Genesis(why="database damaged")
    path.unlink()
    async with opened(tmp_path) as outbox:
        assert outbox.befallen.set_aside == ("missing",)
        assert genesis_of(path) == Genesis(why="database damaged")


def take_away(folder: Path) -> None:
    """The database and what belongs to it."""
    for file in folder.glob("outbox.db*"):
        file.unlink()


@pytest.mark.parametrize("size", [None, 0])
@pytest.mark.parametrize("starts", [0, 2])
async def test_a_database_that_is_gone_is_told(tmp_path: Path, size: int | None, starts: int) -> None:
    """From a machine that had a ledger; however often it starts before the genesis."""
    path = tmp_path / "outbox.db"
    async with opened(tmp_path):
        assert genesis_of(path).why == "enrolled"
    take_away(tmp_path)
    if size == 0:
        path.touch()
    for _ in range(starts):
        async with opened(tmp_path, with_keys=False):
            pass
    async with opened(tmp_path) as outbox:
        assert outbox.befallen.set_aside == ("missing",)
        genesis = genesis_of(path)
        assert (genesis.why, genesis.previous_ledger) == ("database damaged", None)
        await outbox.commit(DatabaseSetAside(why="file"))
    async with opened(tmp_path) as outbox:
        assert outbox.befallen.set_aside == ()


async def test_a_kiosk_that_meets_central_for_the_first_time_missed_nothing(tmp_path: Path) -> None:
    """Whatever lay there before a ledger began: also nothing but a file, which a full disk left."""
    for _ in range(2):
        async with opened(tmp_path, with_keys=False) as outbox:
            assert outbox.befallen.set_aside == ()
    take_away(tmp_path)
    (tmp_path / "outbox.db").touch()
    (tmp_path / "keys.json").write_text("{}")
    async with opened(tmp_path) as outbox:
        assert genesis_of(tmp_path / "outbox.db").why == "enrolled"
        assert outbox.befallen.set_aside == ()


@pytest.mark.parametrize("size", [None, 0])
def test_a_log_whose_database_is_gone_is_kept(damaged: Path, tmp_path: Path, size: int | None) -> None:
    """SQLite would delete it; records that were promised lie in it."""
    path = tmp_path / "outbox.db"
    shutil.copy(log_of(damaged / "outbox.db"), log_of(path))
    if size == 0:
        path.touch()
    log = log_of(path).read_bytes()
    for _ in range(2):
        ledger = Ledger(path, kiosk="K-001", mode="demo", now=lambda: NOW)
        ledger.open()
        ledger.close()
    (aside,) = set_aside_in(tmp_path, ".db-wal")
    assert aside.read_bytes() == log
    found, _missing = salvaged(aside.with_name(aside.name.removesuffix("-wal")))
    assert {Record.read(*octets).header.seq for octets in found} >= {8, 9, 10}


# -- what is still known -----------------------------------------------------------------------------------------------


def spoil_newest(path: Path, records: list[Octets]) -> int:
    """The payload of the newest record; the seq before it."""
    content = path.read_bytes()
    assert content.count(records[-1][1]) == 1
    path.write_bytes(content.replace(records[-1][1], bytes(len(records[-1][1]))))
    return len(records) - 1


def spoil_newest_header(path: Path, records: list[Octets]) -> int:
    content = path.read_bytes()
    path.write_bytes(content.replace(records[-1][0], records[-1][0].replace(b"ddemo", b"dlive")))
    return len(records) - 1


def spoil_last_page(path: Path, records: list[Octets]) -> int:
    """The page on which the newest records lie, whole; the newest seq that lies elsewhere."""
    content = bytearray(path.read_bytes())
    page = content.index(records[-1][0]) // 4096
    left = [n for n, (header, _) in enumerate(records, 1) if content.index(header) // 4096 != page]
    content[page * 4096 : (page + 1) * 4096] = b"\xff" * 4096
    path.write_bytes(content)
    return left[-1]


@pytest.mark.parametrize("damage", [spoil_newest, spoil_newest_header, spoil_last_page])
def test_the_last_record_that_is_whole_is_named(tmp_path: Path, damage: Callable[[Path, list[Octets]], int]) -> None:
    path = tmp_path / "outbox.db"
    fill(path, 60)
    records = records_in(path)
    seq = damage(path, [(record.header_bytes, record.sealed) for record in records])
    found = soundness.examine(path, found="met at work")
    assert found is not None
    assert (found.ledger, found.seq, found.hash) == (records[0].header.ledger, seq, records[seq - 1].hash)


def test_where_no_record_is_whole_the_ledger_is_named(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    fill(path, 4)
    name = records_in(path)[0].header.ledger
    with closing(sqlite3.connect(path)) as db:
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'records'").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    found = soundness.examine(path)
    assert found is not None
    assert (found.ledger, found.seq, found.hash) == (name, None, None)


# -- sectors that are not given ----------------------------------------------------------------------------------------


class BadSector:
    """What is asked for with ``word`` fails as for EIO from a read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
        real = Database.execute

        def execute(db: Database, sql: str, parameters: object = None) -> sqlite3.Cursor:
            if word in sql:
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorcode = sqlite3.SQLITE_IOERR_CORRUPTFS
                error.sqlite_errorname = "SQLITE_IOERR_CORRUPTFS"
                raise error
            return real(db, sql, parameters)  # type: ignore[arg-type] # passed through as it came

        monkeypatch.setattr(Database, "execute", execute)


def test_a_disk_that_takes_nothing_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not give a sector either: nothing is set aside."""
    path = tmp_path / "outbox.db"
    fill(path, 5)
    ledger = fill_on(path, 0)

    def fsync(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        BadSector(patched, "BEGIN IMMEDIATE")
        patched.setattr("kiosk.files.os.fsync", fsync)
        for _ in range(3):
            with pytest.raises(NotKept):
                ledger.append(entry())
    assert ledger.append(entry()).header.seq == 7
    ledger.close()
    assert set_aside_in(tmp_path) == []


def test_one_sector_once_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "outbox.db"
    fill(path, 5)
    ledger = fill_on(path, 0)
    clock = iter((0.0, 3600.0))
    monkeypatch.setattr("kiosk.setting_aside.time.monotonic", lambda: next(clock))
    for _ in range(2):
        with monkeypatch.context() as patched:
            BadSector(patched, "count(*)")
            with pytest.raises(NotKept):
                ledger.count_pending()
    assert ledger.count_pending() == 6
    ledger.close()
    assert set_aside_in(tmp_path) == []


def place_of_ids(path: Path) -> tuple[Path, int]:
    """Where the index of ids has the newest: each INSERT reads it, and no start."""
    content, identifier = path.read_bytes(), records_in(path)[-1].header.id.bytes
    pages = range(0, len(content), 4096)
    page = next(at for at in pages if content[at] == INDEX_LEAF and identifier in content[at : at + 4096])
    return path, content.index(identifier, page)


def place_of_newest(path: Path) -> tuple[Path, int]:
    """Where the newest records are: each start reads them."""
    return path, path.read_bytes().index(records_in(path)[-1].header_bytes)


def place_of_head(path: Path) -> tuple[Path, int]:
    return path, 0


def place_in_log(path: Path) -> tuple[Path, int]:
    """In the log, which is read before anything else."""
    return log_of(path), 6000


def place_of_log_head(path: Path) -> tuple[Path, int]:
    return log_of(path), 0


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")
@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (place_of_ids, errno.ENODATA),
        (place_of_ids, errno.EIO),  # SQLite itself calls that damage, within a statement
        (place_of_newest, errno.ENODATA),
        (place_of_head, errno.EIO),
        (place_in_log, errno.EIO),
        (place_of_log_head, errno.EIO),
    ],
)
def test_a_sector_that_is_never_given_stops_nobody_for_long(
    crashed: Path, bad: Callable[[Path], tuple[Path, int]], error: int
) -> None:
    """The file is set aside: by the person's own commit, or while the kiosk tries to start. All else of it can be
    salvaged."""
    if bad not in (place_in_log, place_of_log_head):
        fill_on(crashed, 0).close()
    before = {(record.header_bytes, record.sealed) for record in records_in(crashed)}
    file, place = bad(crashed)
    library = crashed.with_name("bad_sector.so")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, ROOT / "tests/faults/bad_sector.c"], check=True)
    from_ = place // 512 * 512
    sector = {"LD_PRELOAD": str(library), "BAD_SECTOR": f"{file.stat().st_ino} {from_} {from_ + 512} {error}"}
    for _ in range(2):
        command = [sys.executable, "-m", "tests.kiosk.outbox_writer", str(crashed.parent), "3"]
        done = subprocess.run(command, cwd=ROOT, env=os.environ | sector, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout.count("\n")) == (0, 4), done.stdout + done.stderr
    (aside,) = set_aside_in(crashed.parent)
    assert genesis_of(crashed).why == "database damaged"
    assert len(records_in(crashed)) == 7
    sought = f"""
from pathlib import Path
from tests.kiosk.test_salvage import salvaged
print(*[(header + sealed).hex() for header, sealed in salvaged(Path({str(aside)!r}))[0]])
"""
    command = [sys.executable, "-c", sought]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | sector, capture_output=True, text=True, check=True)
    found = {bytes.fromhex(word) for word in done.stdout.split()}
    assert found <= {header + sealed for header, sealed in before}
    assert len(before) - len(found) <= 2
