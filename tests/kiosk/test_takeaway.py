"""Records that are carried to central by hand: what is written is whole and signed, what comes back is noted."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import main
from kiosk import takeaway
from kiosk.alone import alone_in
from kiosk.contract.acknowledgements import Acknowledgement, SignedAcknowledgement
from kiosk.contract.base import SigningKey
from kiosk.contract.messages import Batch, BatchAnswer, ItemAnswer, Keys, Outcome, WireRecord
from kiosk.contract.records import Header, Mode, Record
from kiosk.contract.sealing import SUITES
from kiosk.contract.signed import Signed
from kiosk.contract.takeaway import AnswerHead, AnswerLine, BadFile, Lines, Reading, TakeawayHead, read_line
from kiosk.keystore import FileKeyStore
from kiosk.outbox import Outbox
from tests.kiosk.acts import check_in, filing
from tests.kiosk.outbox_writer import keys
from tests.kiosk.test_disk import mount
from tests.kiosk.test_outbox import records_in, status_of

SUITE = SUITES[1]
NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
CENTRAL_PRIVATE, CENTRAL_PUBLIC = SUITE.generate_signing()
CENTRAL = SigningKey(id="central-1", suite=1, public=CENTRAL_PUBLIC)
KEPT = Path(__file__).parents[1] / "data" / "takeaway.jsonl"


def trusting() -> Keys:
    """The pinned keys of a kiosk that has met the central of these tests."""
    return keys().model_copy(update={"acknowledgement": (CENTRAL,)})


@asynccontextmanager
async def opened(folder: Path, kiosk: str = "K-001", mode: Mode = "demo") -> AsyncIterator[Outbox]:
    outbox = Outbox(folder / "outbox.db", kiosk=kiosk, mode=mode)
    await outbox.start(trusting())
    try:
        yield outbox
    finally:
        await outbox.close()


async def filled(folder: Path, records: int) -> None:
    """An outbox with so many records beside its genesis, and the pinned keys beside it."""
    async with opened(folder) as outbox:
        for _ in range(records):
            await outbox.commit(filing())
    (folder / "keys.json").write_text(trusting().model_dump_json(), "utf-8")


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and all that is said."""
    result = CliRunner().invoke(main.app, ["--data", str(folder), "outbox", *arguments])
    return result.exit_code, result.output


def batches_in(file: Path) -> list[Batch]:
    with file.open("rb") as opened_file:
        return [read_line(line, Batch) for line in Reading(opened_file, TakeawayHead).lines()]


def answer_to(
    file: Path,
    outcome: Outcome = "stored",
    *,
    kiosk: str = "K-001",
    key: SigningKey = CENTRAL,
    private: bytes = CENTRAL_PRIVATE,
    at: datetime = NOW,
    up_to: int = 1000,
    listed: Signed | None = None,
) -> Path:
    """What central would say of all records in ``file``, which are of one ledger; it has them ``up_to`` a seq."""
    with file.open("rb") as opened_file:
        reading = Reading(opened_file, TakeawayHead)
        lines = [read_line(line, Batch) for line in reading.lines()]
        head = AnswerHead(kiosk=kiosk, suite=1, made_at=NOW, of=reading.digest, keys=listed)
    out = file.with_name(file.name + ".ack")
    with out.open("wb") as written:
        answer = Lines(written, head, key, lambda message: SUITE.sign(message, private))
        last = lines[0].records[0]
        for batch in lines:
            ids = [Header.decode(wire.header).id for wire in batch.records]
            items = tuple(ItemAnswer(id=id_, outcome=outcome) for id_ in ids)
            last = next((each for each in reversed(batch.records) if Header.decode(each.header).seq <= up_to), last)
            told = BatchAnswer(answers=items, contiguous=0, acknowledgement=acknowledged(last, at, key, private))
            answer.add(AnswerLine(ledger=batch.ledger, answer=told))
        answer.end()
    return out


def acknowledged(last: WireRecord, at: datetime, key: SigningKey, private: bytes) -> SignedAcknowledgement:
    """That central has everything up to that record."""
    record = Record.read(last.header, last.sealed)
    header = record.header
    said = Acknowledgement(suite=1, kiosk=header.kiosk, ledger=header.ledger, seq=header.seq, hash=record.hash, at=at)
    return said.signed(key.id, private)


# -- taking away -------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two records in each."""
    monkeypatch.setattr(takeaway, "RECORDS_AT_ONCE", 2)


@pytest.mark.usefixtures("small_batches")
async def test_the_records_are_the_ones_that_were_committed(tmp_path: Path) -> None:
    """Byte for byte, in order, in signed batches; in the outbox nothing changes."""
    await filled(tmp_path, 4)
    before = (tmp_path / "outbox.db").read_bytes()
    code, said = run(tmp_path, "export", str(tmp_path / "away"))
    assert (code, said.splitlines()[0]) == (0, f"{tmp_path}/away: 5 records of kiosk K-001, in 1 ledgers")
    batches = batches_in(tmp_path / "away")
    carried = [(wire.header, wire.sealed) for batch in batches for wire in batch.records]
    assert carried == [(record.header_bytes, record.sealed) for record in records_in(tmp_path / "outbox.db")]
    assert [len(batch.records) for batch in batches] == [2, 2, 1]
    assert (tmp_path / "outbox.db").read_bytes() == before
    assert status_of(tmp_path).pending == 5
    assert not (tmp_path / "away.part").exists()


async def test_what_central_has_is_left_out(tmp_path: Path) -> None:
    """Unless everything is asked for, for a central that lost it; and no file says that there is nothing to carry."""
    await filled(tmp_path, 4)
    async with opened(tmp_path) as outbox:
        batch = await outbox.pending(3)
        items = tuple(ItemAnswer(id=waiting.id, outcome="stored") for waiting in batch)
        await outbox.answered(batch, BatchAnswer(answers=items, contiguous=3))
        assert run(tmp_path, "export", str(tmp_path / "rest"))[0] == 0  # beside a kiosk that runs
    assert [len(batch.records) for batch in batches_in(tmp_path / "rest")] == [2]
    assert run(tmp_path, "export", str(tmp_path / "all"), "--all")[0] == 0
    assert [len(batch.records) for batch in batches_in(tmp_path / "all")] == [5]
    assert run(tmp_path, "acknowledge", str(answer_to(tmp_path / "all"))) == (
        0, "stored 2, quarantined 0, not waiting here 3\n"
    )  # fmt: skip
    code, said = run(tmp_path, "export", str(tmp_path / "nothing"))
    assert (code, said) == (0, "nothing to carry: central has all of it\n")
    assert not (tmp_path / "nothing").exists()


async def test_each_name_of_a_kiosk_has_a_file_of_its_own(tmp_path: Path) -> None:
    await filled(tmp_path, 1)
    async with opened(tmp_path, "K-002") as outbox:
        await outbox.commit(check_in())
    code, said = run(tmp_path, "export", str(tmp_path / "away"))
    assert code == 0
    assert {batch.kiosk for batch in batches_in(tmp_path / "away")} == {"K-002"}
    assert said.endswith("not in it: 2 records of kiosk K-001; --kiosk K-001\n")
    assert run(tmp_path, "export", str(tmp_path / "earlier"), "--kiosk", "K-001")[0] == 0
    assert {batch.kiosk for batch in batches_in(tmp_path / "earlier")} == {"K-001"}
    assert run(tmp_path, "export", str(tmp_path / "third"), "--kiosk", "K-003")[0] == 1


async def test_what_is_there_already_is_left_alone(tmp_path: Path) -> None:
    await filled(tmp_path, 1)
    (tmp_path / "away").write_text("a letter")
    code, said = run(tmp_path, "export", str(tmp_path / "away"))
    assert (code, (tmp_path / "away").read_text()) == (2, "a letter")
    assert "is there already" in said


async def test_the_ledger_tells_of_it_or_it_is_not_done(tmp_path: Path) -> None:
    """What leaves the machine is noted first: where no note can be kept, nothing leaves it."""
    await filled(tmp_path, 2)
    (tmp_path / "notes").touch()
    code, said = run(tmp_path, "export", str(tmp_path / "stick"))
    assert (code, "is not done" in said) == (1, True)
    assert not (tmp_path / "stick").exists()
    (tmp_path / "notes").unlink()
    assert run(tmp_path, "export", str(tmp_path / "stick"))[0] == 0
    (note,) = (tmp_path / "notes").iterdir()
    assert json.loads(note.read_bytes())["details"] == {"what": "export"}


def test_nothing_recorded_is_said(tmp_path: Path) -> None:
    assert run(tmp_path, "export", str(tmp_path / "away")) == (1, "nothing was recorded here yet\n")
    assert run(tmp_path, "acknowledge", str(tmp_path / "away"))[0] == 1
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def stick(tmp_path: Path) -> Iterator[Path]:
    """A stick of 100 KB."""
    folder = tmp_path / "stick"
    folder.mkdir()
    if os.geteuid() != 0 or mount("-t", "tmpfs", "-o", "size=100k", "tmpfs", str(folder)):
        pytest.skip("needs root: a stick is mounted")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_stick_that_is_full_says_so(tmp_path: Path, stick: Path) -> None:
    """Nothing half-written stays on it."""
    await filled(tmp_path, 150)
    code, said = run(tmp_path, "export", str(stick / "away"))
    assert (code, said) == (4, f"{stick}/away: there is no room for it\n")
    assert os.listdir(stick) == []


async def test_a_stick_that_is_write_protected_says_so(tmp_path: Path, stick: Path) -> None:
    await filled(tmp_path, 1)
    assert mount("-o", "remount,ro", str(stick)) == 0
    code, said = run(tmp_path, "export", str(stick / "away"))
    assert (code, said) == (4, f"{stick}/away: is on a medium that is write-protected\n")


async def test_what_does_not_come_back_was_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stick that forgets: what is on it is compared with what was to be on it."""
    await filled(tmp_path, 3)
    real = os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.pwrite(descriptor, b"X", 2000)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fsync)
        code, said = run(tmp_path, "export", str(tmp_path / "away"))
    assert (code, said) == (4, f"{tmp_path}/away: what was written does not come back\n")
    assert not (tmp_path / "away").exists()


def test_a_long_export_takes_little_memory(tmp_path: Path) -> None:
    """What is kept of it is a hash for each batch."""

    def runs(batches: int) -> Iterator[takeaway.Run]:
        for _ in range(batches):
            yield takeaway.Run(kiosk="K-001", ledger=bytes(16), records=[(b"h" * 300, b"s" * 700)] * 20)

    device, out = FileKeyStore(tmp_path).device_key(), tmp_path / "away"
    tracemalloc.start()
    takeaway.write(out, runs(200), "K-001", device, NOW)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert out.stat().st_size > 5_000_000
    assert peak < 500_000


# -- what comes back ---------------------------------------------------------------------------------------------------


async def test_an_answer_is_noted_as_from_the_line(tmp_path: Path) -> None:
    """Stored, duplicate, conflict, unreadable; again does no harm; the queue of a kiosk that runs is shorter then."""
    async with opened(tmp_path) as outbox:
        for _ in range(3):
            await outbox.commit(filing())
        (tmp_path / "keys.json").write_text(trusting().model_dump_json(), "utf-8")
        assert run(tmp_path, "export", str(tmp_path / "away"))[0] == 0
        later = await outbox.commit(filing())
        code, said = run(tmp_path, "acknowledge", str(answer_to(tmp_path / "away")))
        assert (code, said) == (0, "stored 4, quarantined 0, not waiting here 0\n")
        assert [waiting.id for waiting in await outbox.pending(10)] == [later.id]
        code, said = run(tmp_path, "acknowledge", str(tmp_path / "away.ack"))
        assert (code, said) == (0, "stored 0, quarantined 0, not waiting here 4\n")
    status = status_of(tmp_path)
    assert (status.stored, status.pending) == (4, 1)


async def test_what_has_an_earlier_name_is_acknowledged_too(tmp_path: Path) -> None:
    """What ``export --kiosk`` carried away; the present name's records wait on. Another kiosk's answer is refused."""
    await filled(tmp_path, 3)
    async with opened(tmp_path, "K-002") as outbox:
        await outbox.commit(check_in())
    assert run(tmp_path, "export", str(tmp_path / "earlier"), "--kiosk", "K-001")[0] == 0
    code, said = run(tmp_path, "acknowledge", str(answer_to(tmp_path / "earlier")))
    assert (code, said) == (0, "stored 4, quarantined 0, not waiting here 0\n")
    assert (status_of(tmp_path).stored, status_of(tmp_path).pending) == (4, 2)
    code, said = run(tmp_path, "acknowledge", str(answer_to(tmp_path / "earlier", kiosk="K-003")))
    assert (code, said.strip().endswith("of kiosk K-003: this is kiosk K-002")) == (1, True)


async def test_the_name_that_a_kiosk_has_again_is_the_present_one(tmp_path: Path) -> None:
    """It goes on in its own ledger, which began before the other name's."""
    for name in ("K-001", "K-002", "K-001"):
        async with opened(tmp_path, name) as outbox:
            await outbox.commit(check_in())
    run(tmp_path, "export", str(tmp_path / "away"))
    assert {batch.kiosk for batch in batches_in(tmp_path / "away")} == {"K-001"}


async def test_a_ledger_that_begins_by_an_answer_has_the_kiosk_s_mode(tmp_path: Path) -> None:
    async with opened(tmp_path, mode="practice") as outbox:
        await outbox.commit(check_in())
    (tmp_path / "keys.json").write_text(trusting().model_dump_json(), "utf-8")
    run(tmp_path, "export", str(tmp_path / "away"))
    assert run(tmp_path, "acknowledge", str(answer_to(tmp_path / "away", "conflict")))[0] == 0
    genesis = records_in(tmp_path / "outbox.db")[-1].header
    assert (genesis.seq, genesis.kind, genesis.mode) == (1, "ledger.genesis", "practice")


async def test_what_central_cannot_read_is_quarantined(tmp_path: Path) -> None:
    await filled(tmp_path, 2)
    run(tmp_path, "export", str(tmp_path / "away"))
    code, said = run(tmp_path, "acknowledge", str(answer_to(tmp_path / "away", "unreadable")))
    assert (code, said) == (0, "stored 0, quarantined 3, not waiting here 0\n")
    assert status_of(tmp_path).quarantined == 3


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        ("signed by another", "the signature does not hold"),
        ("for another kiosk", "this is kiosk K-001"),
        ("cut off", "its end is missing"),
        ("a line less", "it is not what was signed"),
        ("a line of another", "it is not what was signed"),
        ("a word altered", "it is not what was signed"),
        ("something behind it", "something follows its end"),
        ("the takeaway itself", "it is a kiosk's takeaway, which central imports"),
        ("a letter", "it is no such file"),
        ("nothing", "it is empty"),
        ("not there", "No such file or directory"),
    ],
)
@pytest.mark.usefixtures("small_batches")
async def test_an_answer_that_is_not_central_s_changes_nothing(tmp_path: Path, harm: str, why: str) -> None:
    """Refused by name: whose it is, and why."""
    await filled(tmp_path, 4)
    run(tmp_path, "export", str(tmp_path / "away"))
    file = answer_to(
        tmp_path / "away",
        kiosk="K-002" if harm == "for another kiosk" else "K-001",
        private=SUITE.generate_signing()[0] if harm == "signed by another" else CENTRAL_PRIVATE,
    )
    lines = file.read_bytes().splitlines(keepends=True)
    match harm:
        case "cut off":
            file.write_bytes(b"".join(lines)[:-40])
        case "a line less":
            file.write_bytes(b"".join(lines[:1] + lines[2:]))
        case "a line of another":
            file.write_bytes(b"".join([*lines[:2], lines[1], *lines[3:]]))
        case "a word altered":
            file.write_bytes(b"".join(lines).replace(b'"stored"', b'"duplicate"', 1))
        case "something behind it":
            file.write_bytes(b"".join([*lines, lines[1]]))
        case "the takeaway itself":
            file = tmp_path / "away"
        case "a letter" | "nothing":
            file.write_bytes(b"" if harm == "nothing" else "您好\n".encode())
        case "not there":
            file = tmp_path / "nowhere"
    code, said = run(tmp_path, "acknowledge", str(file))
    assert code == 1
    assert said.startswith(f"{file}: ")
    assert why in said
    assert ("of kiosk K-00" in said) == (harm not in ("the takeaway itself", "a letter", "nothing", "not there"))
    assert status_of(tmp_path).pending == 5


async def test_a_kiosk_that_never_met_central_believes_no_answer(tmp_path: Path) -> None:
    await filled(tmp_path, 1)
    (tmp_path / "keys.json").unlink()
    run(tmp_path, "export", str(tmp_path / "away"))
    code, said = run(tmp_path, "acknowledge", str(answer_to(tmp_path / "away")))
    assert (code, said) == (1, "this kiosk has not met central yet: it cannot tell whose answer it is\n")


@pytest.mark.usefixtures("small_batches")
async def test_an_old_answer_settles_nothing_that_central_lost_since(tmp_path: Path) -> None:
    """Central was restored, and said so; what it had once said is still on some stick: not even its first line, which
    says less than is known, makes room for the later ones."""
    await filled(tmp_path, 4)
    run(tmp_path, "export", str(tmp_path / "old"))
    assert run(tmp_path, "acknowledge", str(answer_to(tmp_path / "old"))) == (
        0, "stored 5, quarantined 0, not waiting here 0\n"
    )  # fmt: skip
    run(tmp_path, "export", str(tmp_path / "new"), "--all")
    later = NOW + timedelta(days=1)
    assert run(tmp_path, "acknowledge", str(answer_to(tmp_path / "new", at=later, up_to=3)))[0] == 0
    assert (status_of(tmp_path).stored, status_of(tmp_path).pending) == (3, 2)
    code, said = run(tmp_path, "acknowledge", str(tmp_path / "old.ack"))
    assert (code, said.splitlines()) == (
        0,
        [
            "stored 0, quarantined 0, not waiting here 3",
            "sent again: 2 that central took then; it has not said since that it has them",
        ],
    )
    status = status_of(tmp_path)
    assert (status.stored, status.pending, status.acknowledged) == (3, 2, 3)
    run(tmp_path, "export", str(tmp_path / "rest"))
    run(tmp_path, "acknowledge", str(answer_to(tmp_path / "rest", at=later + timedelta(days=1))))
    assert (status_of(tmp_path).pending, status_of(tmp_path).acknowledged) == (0, 5)


async def test_what_no_acknowledgement_covers_is_sent_again(tmp_path: Path) -> None:
    """What central took above a gap, or says that it cannot read: it may lose that, and nobody would notice."""
    await filled(tmp_path, 4)
    run(tmp_path, "export", str(tmp_path / "away"))
    assert run(tmp_path, "acknowledge", str(answer_to(tmp_path / "away", up_to=2)))[0] == 0
    assert (status_of(tmp_path).stored, status_of(tmp_path).pending) == (2, 3)
    assert run(tmp_path, "acknowledge", str(answer_to(tmp_path / "away", "unreadable", up_to=2)))[0] == 0
    assert (status_of(tmp_path).quarantined, status_of(tmp_path).pending) == (0, 3)


@pytest.mark.parametrize("harm", ["another record", "this disk went back"])
async def test_beside_a_kiosk_that_runs_no_ledger_ends(tmp_path: Path, harm: str) -> None:
    """It would go on in the one that is over. Nothing is noted; once the kiosk is ended, all of it is."""
    await filled(tmp_path, 2)
    earlier = (tmp_path / "outbox.db").read_bytes()
    async with opened(tmp_path) as outbox:
        await outbox.commit(filing())
    run(tmp_path, "export", str(tmp_path / "away"))
    file = answer_to(tmp_path / "away", "conflict" if harm == "another record" else "stored")
    if harm == "this disk went back":
        (tmp_path / "outbox.db").write_bytes(earlier)
    before = status_of(tmp_path)
    with alone_in(tmp_path):
        code, said = run(tmp_path, "acknowledge", str(file))
    assert (code, said) == (1, f"{file}: of kiosk K-001: another ledger begins by it: end the kiosk, then once more\n")
    assert status_of(tmp_path) == before
    assert run(tmp_path, "acknowledge", str(file))[0] == 0
    after = status_of(tmp_path)
    assert (after.ledger != before.ledger, after.pending) == (True, 1)
    assert after.quarantined == (4 if harm == "another record" else 0)


async def test_beside_a_kiosk_that_runs_the_rest_is_noted(tmp_path: Path) -> None:
    await filled(tmp_path, 2)
    run(tmp_path, "export", str(tmp_path / "away"))
    with alone_in(tmp_path):
        assert run(tmp_path, "acknowledge", str(answer_to(tmp_path / "away")))[0] == 0
    assert status_of(tmp_path).stored == 3


# -- the format --------------------------------------------------------------------------------------------------------


def test_a_kept_example_can_be_read() -> None:
    """Files that are under way today are read by every later program."""
    with KEPT.open("rb") as file:
        reading = Reading(file, TakeawayHead)
        batches = [read_line(line, Batch) for line in reading.lines()]
        said = reading.verify([reading.head.device])
    assert (said.kiosk, said.lines, len(batches[0].records)) == ("K-001", 2, 3)
    octets = [(wire.header, wire.sealed) for wire in batches[0].records]
    assert batches[0].signature is not None
    batches[0].signature.verified(
        reading.head.device, kiosk="K-001", ledger=bytes.fromhex(batches[0].ledger), records=octets
    )


def test_a_kept_answer_can_be_read() -> None:
    """So are answers that are on their way back."""
    kept = json.loads(KEPT.with_name("takeaway-answer.json").read_text("utf-8"))
    reading = Reading(io.BytesIO("".join(f"{line}\n" for line in kept["lines"]).encode()), AnswerHead)
    (line,) = [read_line(line, AnswerLine) for line in reading.lines()]
    assert [item.outcome for item in line.answer.answers] == ["stored"] * 3
    reading.verify([SigningKey.model_validate_json(json.dumps(kept["key"]))])
    with KEPT.open("rb") as file:
        takeaway_itself = Reading(file, TakeawayHead)
        list(takeaway_itself.lines())
    assert reading.head.of == takeaway_itself.digest


def test_a_line_that_does_not_end_is_no_line() -> None:
    """However much follows, no more than a line is read."""
    with pytest.raises(BadFile, match="it is no text"):
        Reading(io.BytesIO(b"x" * (5 * 1024 * 1024)), TakeawayHead)
