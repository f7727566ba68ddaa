"""``audit verify``: whatever was changed in what was recorded is found, and nothing is found where nothing was."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import main
from kiosk.contract.acknowledgements import Acknowledgement
from kiosk.contract.acts import Genesis
from kiosk.contract.audit import DeviceLost, MachineStarted
from kiosk.contract.messages import Keys
from kiosk.contract.records import Header, Record, new_id, seal
from kiosk.contract.sealing import NEWEST
from kiosk.files import write_durably
from kiosk.outbox import Outbox
from kiosk.verifying import Break, Verdict, verify
from tests.kiosk.acts import check_in
from tests.kiosk.outbox_writer import keys
from tests.kiosk.published import KEY, PRIVATE

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LAST, ANCHORED = 12, 8
TRUSTED: Keys = keys().model_copy(update={"acknowledgement": (KEY,)})


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve records, three of them events; central has the first eight."""
    folder = tmp_path_factory.mktemp("recorded")

    async def record() -> None:
        outbox = Outbox(folder / "outbox.db", kiosk="K-001", mode="demo")
        await outbox.start(TRUSTED)
        for act in (MachineStarted(before="first"), *[check_in()] * 4, DeviceLost(device="printer"), *[check_in()] * 4):
            await outbox.commit(act)
        await outbox.commit(DeviceLost(device="scanner"))
        await outbox.close()

    asyncio.run(record())
    write_durably(folder / "keys.json", TRUSTED.model_dump_json().encode())
    with sqlite3.connect(folder / "outbox.db") as db:
        acknowledge(db, ANCHORED)
        db.execute("DROP TRIGGER records_are_never_altered")  # whoever holds the disk does not ask
        db.commit()
    db.close()
    return folder


@pytest.fixture
def folder(recorded: Path, tmp_path: Path) -> Path:
    for name in ("outbox.db", "keys.json"):
        shutil.copy(recorded / name, tmp_path / name)
    return tmp_path


def records(db: sqlite3.Connection) -> list[Record]:
    return [Record.read(*row) for row in db.execute("SELECT header, sealed FROM records ORDER BY seq").fetchall()]


def acknowledge(db: sqlite3.Connection, seq: int, hash_: bytes | None = None) -> None:
    """Central's word, by its own key."""
    there = records(db)[seq - 1]
    said = Acknowledgement(
        suite=NEWEST, kiosk="K-001", ledger=there.header.ledger, seq=seq, hash=hash_ or there.hash, at=AT
    ).signed(KEY.id, PRIVATE)
    db.execute(
        "INSERT OR REPLACE INTO acknowledgements VALUES (1, ?, ?, ?)", [said.statement, said.key, said.signature]
    )


def found(folder: Path) -> Verdict:
    (verdict,) = verify(folder / "outbox.db", [KEY])
    return verdict


def tampered(folder: Path, change: Callable[[sqlite3.Connection], object]) -> Verdict:
    with sqlite3.connect(folder / "outbox.db") as db:
        change(db)
        db.commit()
    db.close()
    return found(folder)


def test_what_nobody_touched_is_whole(folder: Path) -> None:
    """To its end by itself, so far as central knows by central's word."""
    verdict = found(folder)
    assert (verdict.records, verdict.events, verdict.last, verdict.broken) == (LAST, 3, LAST, None)
    assert (verdict.intact, verdict.anchored, verdict.anchored_at) == (LAST, ANCHORED, AT)


# -- tampering ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["header", "sealed"])
@pytest.mark.parametrize("seq", range(1, LAST + 1))
def test_one_bit_anywhere_is_found_where_it_is(folder: Path, seq: int, column: str) -> None:
    """Of header or payload, of the first record or the last; a header's at the next at the latest."""

    def flip(db: sqlite3.Connection) -> None:
        (content,) = db.execute(f"SELECT {column} FROM records WHERE seq = ?", [seq]).fetchone()
        changed = bytearray(content)
        changed[len(changed) // 2] ^= 1
        db.execute(f"UPDATE records SET {column} = ? WHERE seq = ?", [bytes(changed), seq])

    verdict = tampered(folder, flip)
    assert verdict.broken is not None
    assert verdict.broken.seq in ((seq, seq + 1) if column == "header" else (seq,))
    assert verdict.intact == verdict.broken.seq - 1
    assert verdict.anchored == 0


@pytest.mark.parametrize("seq", range(1, LAST))
def test_a_record_that_is_gone_is_named(folder: Path, seq: int) -> None:
    verdict = tampered(folder, lambda db: db.execute("DELETE FROM records WHERE seq = ?", [seq]))
    assert verdict.broken == Break(seq=seq, what=f"missing: {seq}")


def test_two_that_changed_places(folder: Path) -> None:
    def swap(db: sqlite3.Connection) -> None:
        db.execute("UPDATE records SET seq = -seq WHERE seq IN (4, 5)")
        db.execute("UPDATE records SET seq = CASE seq WHEN -4 THEN 5 ELSE 4 END WHERE seq < 0")

    assert tampered(folder, swap).broken == Break(seq=4, what="a record that belongs elsewhere")


def test_a_payload_moved_between_records(folder: Path) -> None:
    moved = "UPDATE records SET sealed = (SELECT sealed FROM records WHERE seq = 3) WHERE seq = 4"
    assert tampered(folder, lambda db: db.execute(moved)).broken == Break(seq=4, what="another payload")


def test_an_end_cut_below_central_s_word(folder: Path) -> None:
    """The chain by itself would be whole."""
    verdict = tampered(folder, lambda db: db.execute("DELETE FROM records WHERE seq > 6"))
    assert verdict.broken == Break(seq=7, what="the end is cut off: central has it up to 8")


def test_an_end_cut_above_it_is_central_s_to_find(folder: Path) -> None:
    """What nobody has but this machine cannot be missed here: it is shown that nothing anchors the end."""
    verdict = tampered(folder, lambda db: db.execute("DELETE FROM records WHERE seq > 9"))
    assert (verdict.broken, verdict.last, verdict.anchored) == (None, 9, ANCHORED)


def rewritten(db: sqlite3.Connection, begin: int) -> None:
    """From ``begin`` on another story is told, each record chained and sealed as it should be."""
    whole = records(db)
    before = whole[begin - 2] if begin > 1 else None
    for old in whole[begin - 1 :]:
        act = Genesis(why="enrolled") if old.header.seq == 1 else check_in()
        header: Header = old.header
        told = seal(
            Header(
                suite=header.suite, kiosk=header.kiosk, ledger=header.ledger, seq=header.seq, id=new_id(AT),
                previous=bytes(32) if before is None else before.hash, kind=act.kind, version=act.version,
                happened_at=AT, clock_offset=None, clock_flags=header.clock_flags, sealing_key=header.sealing_key,
                mode="demo", sam=None, notice=None, payload_hash=bytes(32),
            ),
            act,
            TRUSTED.sealing[0].public,
        )  # fmt: skip
        db.execute(
            "UPDATE records SET header = ?, sealed = ?, id = ? WHERE seq = ?",
            [told.header_bytes, told.sealed, told.header.id.bytes, header.seq],
        )
        before = told


@pytest.mark.parametrize("begin", [1, 2, ANCHORED])
def test_a_story_told_anew_is_not_central_s(folder: Path, begin: int) -> None:
    """Whoever holds the disk can write a whole chain; central has another record where its word stands."""
    verdict = tampered(folder, lambda db: rewritten(db, begin))
    assert verdict.broken == Break(seq=ANCHORED, what="central has another record there")


def test_a_word_that_is_not_central_s(folder: Path) -> None:
    """A signature that does not hold, and a word for another ledger."""
    verdict = tampered(folder, lambda db: db.execute("UPDATE acknowledgements SET signature = zeroblob(64)"))
    assert verdict.broken is not None
    assert verdict.broken.what.startswith("central's word is not central's")


def test_what_was_dropped_is_missing_by_right(folder: Path) -> None:
    """Up to the place that is noted; beyond it a gap is a gap. A matter that is still asked for keeps its record."""

    def drop(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM records WHERE seq IN (1, 2, 4, 5)")
        db.execute("UPDATE ledgers SET dropped = 5")

    verdict = tampered(folder, drop)
    assert (verdict.broken, verdict.records, verdict.dropped) == (None, LAST - 4, 5)
    assert (verdict.intact, verdict.anchored) == (LAST, ANCHORED)
    assert tampered(folder, lambda db: db.execute("DELETE FROM records WHERE seq = 7")).broken == Break(
        seq=7, what="missing: 7"
    )


def test_a_database_without_acknowledgements_is_read_too(folder: Path) -> None:
    """From before they were kept."""

    def older(db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE acknowledgements")
        db.execute("ALTER TABLE ledgers DROP COLUMN dropped")

    verdict = tampered(folder, older)
    assert (verdict.broken, verdict.intact, verdict.anchored) == (None, LAST, 0)


# -- the command -------------------------------------------------------------------------------------------------------


def run(folder: Path, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(main.app, ["--data", str(folder), "audit", "verify", *options])
    return done.exit_code, done.output


def test_the_command_says_how_far(folder: Path) -> None:
    code, said = run(folder)
    assert code == 0
    assert said.splitlines()[1:] == ["  intact to 12 of 12", "  anchored to 8, 2026-11-23 10:00:00"]
    (folder / "outbox-damaged-20261123T020000Z.db").touch()
    code, said = run(folder, "--json")
    assert (code, json.loads(said)["ok"]) == (0, True)
    assert json.loads(said)["set_aside"] == ["outbox-damaged-20261123T020000Z.db"]


def test_the_command_ends_with_1_and_the_place(folder: Path) -> None:
    tampered(folder, lambda db: db.execute("DELETE FROM records WHERE seq = 5"))
    code, said = run(folder)
    assert (code, said.splitlines()[-1]) == (1, "  BROKEN at 5: missing: 5")
    code, said = run(folder, "--json")
    assert (code, json.loads(said)["ledgers"][0]["broken"]) == (1, {"seq": 5, "what": "missing: 5"})


def test_what_cannot_be_read_is_not_whole(folder: Path, tmp_path: Path) -> None:
    """And where nothing was recorded yet, nothing is wrong."""
    content = bytearray((folder / "outbox.db").read_bytes())
    content[4096:] = b"\xaa" * (len(content) - 4096)
    (folder / "outbox.db").write_bytes(content)
    assert run(folder)[0] == 1
    assert run(tmp_path / "elsewhere") == (0, "nothing yet\n")
