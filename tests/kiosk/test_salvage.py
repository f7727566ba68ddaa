"""A damaged outbox: every record that is whole is found, none that is not, and what is missing is named."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import main
from kiosk import schema
from kiosk.carving import Carver
from kiosk.contract.batches import Octets
from kiosk.contract.records import Record, new_id
from kiosk.ledger import Clock, Ledger
from kiosk.pen import Entry
from kiosk.salvage import Missing, Salvage
from tests.kiosk.acts import filing
from tests.kiosk.outbox_writer import keys
from tests.kiosk.test_takeaway import batches_in

PAGE = 4096


def fill(path: Path, records: int, *, close: bool = True) -> Ledger:
    """So many records beside the genesis; each seventeenth is longer than a page."""
    moment = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
    ledger = Ledger(path, kiosk="K-001", mode="demo", now=lambda: moment)
    ledger.use_key(keys().sealing[0])
    for number in range(records):
        moment += timedelta(seconds=1)
        act = filing().model_copy(update={"intent": "x" * 5000}) if number % 17 == 5 else filing()
        ledger.append(Entry(act=act, id=new_id(moment), happened_at=moment, clock=Clock(), printing=True))
    if close:
        ledger.close()
    return ledger


def octets_in(path: Path) -> list[Octets]:
    with schema.open_to_read(path) as db:
        return [(header, sealed) for header, sealed in db.execute("SELECT header, sealed FROM records ORDER BY seq")]


def salvaged(path: Path) -> tuple[list[Octets], list[Missing]]:
    with Carver(path) as carver:
        found = Salvage(carver)
        return [octets for kiosk in found.kiosks() for _ledger, octets in found.records(kiosk)], list(found.missing())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[Octets]]:
    """The bytes of a sound outbox, and its records."""
    path = tmp_path_factory.mktemp("whole") / "outbox.db"
    fill(path, 60)
    return path.read_bytes(), octets_in(path)


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes, list[Octets]]:
    """One whose records lie in the log, as after a power cut: database, log, records."""
    path = tmp_path_factory.mktemp("logged") / "outbox.db"
    with closing(fill(path, 12, close=False)):
        return path.read_bytes(), path.with_name("outbox.db-wal").read_bytes(), octets_in(path)


def test_a_sound_file_gives_all_of_it(tmp_path: Path, whole: tuple[bytes, list[Octets]]) -> None:
    """Long records too, in order, and nothing is missing."""
    (tmp_path / "a.db").write_bytes(whole[0])
    assert salvaged(tmp_path / "a.db") == (whole[1], [])


def test_what_lies_in_the_log_is_found(tmp_path: Path, logged: tuple[bytes, bytes, list[Octets]]) -> None:
    database, log, records = logged
    (tmp_path / "a.db").write_bytes(database)
    (tmp_path / "a.db-wal").write_bytes(log)
    assert salvaged(tmp_path / "a.db") == (records, [])
    (tmp_path / "a.db").unlink()
    assert salvaged(tmp_path / "a.db") == (records, [])


def test_what_was_never_committed_is_not_found(tmp_path: Path) -> None:
    """The pages of a commit that did not take place lie in the log all the same, without the word that ends one."""
    ledger = fill(tmp_path / "a.db", 5, close=False)
    log = tmp_path / "a.db-wal"
    before = log.stat().st_size
    records = octets_in(tmp_path / "a.db")
    moment = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
    ledger.append(Entry(act=filing(), id=new_id(moment), happened_at=moment, clock=Clock(), printing=True))
    content = log.read_bytes()
    assert len(content) - before > 2 * PAGE
    (tmp_path / "b.db").write_bytes((tmp_path / "a.db").read_bytes())
    (tmp_path / "b.db-wal").write_bytes(content[: -PAGE - 24])
    ledger.close()
    assert salvaged(tmp_path / "b.db")[0] == records


DAMAGES: dict[str, Callable[[random.Random, bytearray], bytes]] = {
    "a bit": lambda at, data: _set(data, place := at.randrange(len(data)), bytes([data[place] ^ 1 << at.randrange(8)])),
    "a sector": lambda at, data: _set(data, at.randrange(len(data) // 512) * 512, bytes(512)),
    "a page": lambda at, data: _set(data, at.randrange(len(data) // PAGE) * PAGE, at.randbytes(PAGE)),
    "the head": lambda at, data: _set(data, 0, at.randbytes(PAGE)),
    "the end": lambda at, data: bytes(data[: at.randrange(len(data))]),
    "many bits": lambda at, data: _flip(at, data, 200),
}


def _set(data: bytearray, place: int, content: bytes) -> bytes:
    data[place : place + len(content)] = content
    return bytes(data)


def _flip(at: random.Random, data: bytearray, count: int) -> bytes:
    for place in at.sample(range(len(data)), count):
        data[place] ^= 1 << at.randrange(8)
    return bytes(data)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_anywhere(tmp_path: Path, whole: tuple[bytes, list[Octets]], damage: str) -> None:
    """Never an error, never another record than was committed; each that lies whole in one page is found, and as many
    are named as missing as there are, where anything says so."""
    path, records = tmp_path / "a.db", set(whole[1])
    chance = random.Random(damage)
    for _ in range(6):
        data = DAMAGES[damage](chance, bytearray(whole[0]))
        path.write_bytes(data)
        found, missing = salvaged(path)
        assert len(found) == len(set(found))
        assert set(found) <= records
        lost = records - set(found)
        assert not [header for header, sealed in lost if header + sealed in data and attested(header, data)]
        named = {seq for gap in missing for seq in range(gap.first, gap.last + 1)}
        gone = {Record.read(*octets).header.seq for octets in lost}
        assert {
            seq for seq in named if seq <= len(records)
        } <= gone  # flipped bits may look like a record that followed
        if damage in ("a bit", "a sector"):
            assert named == gone


def attested(header: bytes, data: bytes) -> bool:
    """Whether the file still says that this header is the one that was committed."""
    return data.count(Record.read(header, b"").hash) > 0


@pytest.mark.parametrize("damage", ["a bit", "a sector", "the end", "many bits"])
def test_damage_in_the_log(tmp_path: Path, logged: tuple[bytes, bytes, list[Octets]], damage: str) -> None:
    """The same of records that lie in the log alone."""
    database, log, records = logged
    (tmp_path / "a.db").write_bytes(database)
    chance = random.Random(damage)
    lost = []
    for _ in range(6):
        (tmp_path / "a.db-wal").write_bytes(DAMAGES[damage](chance, bytearray(log)))
        found, _missing = salvaged(tmp_path / "a.db")
        assert set(found) <= set(records)
        lost.append(len(records) - len(found))
    if damage in ("a bit", "a sector"):
        assert max(lost) <= 4


def test_a_header_that_was_altered_is_not_taken_though_nothing_follows_it(tmp_path: Path) -> None:
    """Its payload is whole, and the hash beside it is another one."""
    fill(tmp_path / "a.db", 3)
    *_, (header, sealed) = octets_in(tmp_path / "a.db")
    data = (tmp_path / "a.db").read_bytes()
    assert data.count(header) == 1
    altered = header.replace(b"ddemo", b"dlive")
    (tmp_path / "a.db").write_bytes(data.replace(header, altered))
    found, missing = salvaged(tmp_path / "a.db")
    assert Record.read(altered, sealed).intact
    assert len(found) == 3
    assert [(gap.first, gap.last) for gap in missing] == [(4, 4)]


def test_a_file_from_before_hashes_were_kept_gives_all_of_it(tmp_path: Path) -> None:
    """Its records are known by the ones that follow; the last is taken as it is."""
    fill(tmp_path / "a.db", 6)
    records = octets_in(tmp_path / "a.db")
    with closing(sqlite3.connect(tmp_path / "a.db")) as db:
        db.execute("DROP TRIGGER records_are_never_altered")
        db.execute("UPDATE records SET hash = NULL")
        db.commit()
    assert salvaged(tmp_path / "a.db") == (records, [])


def test_what_the_disk_does_not_give_costs_nothing_else(
    tmp_path: Path, whole: tuple[bytes, list[Octets]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sector that cannot be read."""
    (tmp_path / "a.db").write_bytes(whole[0])
    bad = whole[0].index(whole[1][20][0]) // 512 * 512

    class Failing:
        def __init__(self, file: object) -> None:
            self.file = file

        def seek(self, place: int) -> None:
            self.place = place
            self.file.seek(place)  # type: ignore[attr-defined] # a file

        def read(self, size: int) -> bytes:
            if self.place <= bad < self.place + size:
                raise OSError(5, "Input/output error")
            content: bytes = self.file.read(size)  # type: ignore[attr-defined]
            return content

        def close(self) -> None:
            self.file.close()  # type: ignore[attr-defined]

    with Carver(tmp_path / "a.db") as carver:
        monkeypatch.setattr(carver, "_database", Failing(carver._database))
        found = Salvage(carver)
        assert 0 < found.kiosks()["K-001"] < len(whole[1])
        assert found.kiosks()["K-001"] >= len(whole[1]) - 2


# -- the command -------------------------------------------------------------------------------------------------------


def run(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(main.app, ["--data", str(folder), "outbox", "salvage", *arguments])
    return result.exit_code, result.output.splitlines()


def test_what_is_found_is_carried_like_an_export(tmp_path: Path) -> None:
    """The old file is not touched; doing it again gives the same."""
    fill(tmp_path / "old.db", 12)
    records = octets_in(tmp_path / "old.db")
    for beside in tmp_path.glob("old.db-*"):  # which reading it by SQLite left
        beside.unlink()
    data = bytearray((tmp_path / "old.db").read_bytes())
    place = data.index(records[5][1])
    data[place + 10] ^= 1
    (tmp_path / "old.db").write_bytes(data)
    code, said = run(tmp_path, str(tmp_path / "old.db"), "--out", str(tmp_path / "away"))
    ledger = Record.read(*records[0]).header.ledger.hex()
    assert (code, said[:3]) == (
        0,
        [
            "kiosk K-001: 12 records are whole",
            f"  missing  kiosk K-001 ledger {ledger}: seq 6",
            f"{tmp_path}/away: 12 records of kiosk K-001",
        ],
    )
    carried = [(wire.header, wire.sealed) for batch in batches_in(tmp_path / "away") for wire in batch.records]
    assert carried == records[:5] + records[6:]
    assert run(tmp_path, str(tmp_path / "old.db"), "--out", str(tmp_path / "again"))[0] == 0
    assert (tmp_path / "old.db").read_bytes() == data
    assert not list(tmp_path.glob("old.db-*"))


def test_where_nothing_can_be_read_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "old.db").write_bytes(os.urandom(20_000))
    assert run(tmp_path, str(tmp_path / "old.db")) == (1, [f"{tmp_path}/old.db: nothing can be read"])
    assert run(tmp_path, str(tmp_path / "none.db"))[0] == 1
    assert run(tmp_path, str(tmp_path / "old.db"), "--send")[0] == 2
