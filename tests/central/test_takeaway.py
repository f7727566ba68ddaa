"""What is carried to central by hand: taken as from the line, answered in a file, refused by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from typer.testing import CliRunner

import main
from central import roots
from central import takeaway as here
from central.__main__ import app
from central.database import Database
from central.house import House
from central.keys import KeyFolder
from central.opening import Opening
from central.tables import records
from kiosk import takeaway
from kiosk.contract.base import SigningKey
from kiosk.contract.messages import Batch, BatchAnswer, Keys, WireRecord
from kiosk.contract.records import Header, Record, new_id
from kiosk.contract.takeaway import AnswerHead, AnswerLine, Lines, Reading, TakeawayHead, read_line
from kiosk.errors import NotCentral
from kiosk.files import write_durably
from kiosk.ledger import Ledger
from kiosk.outbox import Outbox, outbox_status
from kiosk.pen import Clock as RecordClock
from kiosk.pen import Entry
from kiosk.pinning import read_pinned
from tests.central.kiosks import CHEN, Clock, FakeKiosk, handed_over, loss, new_device, outcomes, tap


def carried(kiosk: FakeKiosk, file: Path, these: Sequence[Record] | None = None) -> Path:
    """A takeaway of these records of the kiosk, or of all; in batches of two."""
    taken = [(kiosk.ledger, (record.header_bytes, record.sealed)) for record in these or kiosk.records]
    runs = list(takeaway.in_batches(kiosk.name, taken))
    takeaway.write(file, runs, kiosk.name, kiosk.device, kiosk.now())
    return file


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takeaway, "RECORDS_AT_ONCE", 2)


def taken(house: House, file: Path) -> here.Taken:
    return here.take(house.database, house.voice, file, house.now)


def pinned(folder: Path, keys: Keys) -> takeaway.Pinned:
    return takeaway.Pinned(file=folder / "keys.json", keys=keys)


def count(database: Database) -> int:
    with database.reading() as connection:
        number: int = connection.execute(select(func.count()).select_from(records)).scalar_one()
    return number


def head_of(file: Path) -> AnswerHead:
    with file.open("rb") as opened:
        return Reading(opened, AnswerHead).head


def answers(file: Path) -> list[AnswerLine]:
    with file.open("rb") as opened:
        return [read_line(line, AnswerLine) for line in Reading(opened, AnswerHead).lines()]


async def test_there_and_back(house: House, api: TestClient, opening: Opening, tmp_path: Path, clock: Clock) -> None:
    """A kiosk without a line: what it committed goes on its way, and the kiosk learns of it, by a stick alone."""
    keys = Keys.model_validate_json(api.get("/v1/keys").content)
    outbox = Outbox(tmp_path / "outbox.db", kiosk="K001", mode="demo", now=clock)
    await outbox.start(keys)
    for _ in range(4):
        await outbox.commit(handed_over(CHEN), happened_at=clock.time)
    device = new_device()
    file = tmp_path / "away"
    takeaway.write(file, takeaway.runs_in(tmp_path / "outbox.db", "K001", everything=False), "K001", device, clock.time)
    assert taken(house, file).outcomes == {"stored": 5}
    opening.work_off()
    assert taken(house, file).outcomes == {"duplicate": 5}
    ledger = Ledger(tmp_path / "outbox.db", kiosk="K001", mode="demo", now=clock)
    noted = takeaway.acknowledge(tmp_path / "away.ack", ledger, pinned(tmp_path, keys), alone=False)
    ledger.close()
    assert (noted.stored, noted.quarantined, noted.elsewhere) == (5, 0, 0)
    assert await outbox.count_pending() == 0
    assert "陈建国" not in (tmp_path / "away.ack").read_text("utf-8")
    assert outbox_status(tmp_path / "outbox.db").matters == {"sent": 4}
    await outbox.close()


async def test_keys_that_are_exchanged_reach_a_kiosk_without_a_line(
    tmp_path: Path, sqlite_only: Database, house: House, key_folder: KeyFolder, opening: Opening, clock: Clock
) -> None:
    """By the stick alone, command by command: the answer is by a key that it never met, and what it records next is
    sealed to one that it never met either, and comes up and is opened."""
    if house.database.kind != "sqlite":
        pytest.skip("once is enough")
    root = roots.make_root(tmp_path / "root.json", clock())
    before = ceremony(sqlite_only, key_folder, tmp_path / "root.json", clock)
    settings, data, stick = tmp_path / "kiosk.toml", tmp_path / "kiosk", tmp_path / "stick"
    settings.write_text(f'[central]\nurl = "http://127.0.0.1:1"\nroot = "{root}"\n')
    stick.mkdir()
    write_durably(data / "keys.json", before.model_dump_json().encode())

    async def record() -> str:
        """What is recorded after a start; the key that it is sealed to."""
        outbox = Outbox(data / "outbox.db", kiosk="K001", mode="demo", now=clock)
        await outbox.start(read_pinned((data / "keys.json").read_bytes(), root))
        await outbox.commit(handed_over(CHEN), happened_at=clock.time)
        (*_, last) = await outbox.pending(100)
        await outbox.close()
        return Header.decode(last.header).sealing_key

    def by_stick(name: str, *more: str) -> list[str]:
        """There and back; what is said at either end."""
        kiosk = ["--settings", str(settings), "--data", str(data), "outbox"]
        options = ["--db", sqlite_only.url.render_as_string(hide_password=False), "--keys", str(tmp_path / "keys")]
        said = []
        for program, command in (
            (main.app, [*kiosk, "export", str(stick / name), *more]),
            (app, ["import", str(stick / name), *options]),
            (main.app, [*kiosk, "acknowledge", str(stick / f"{name}.ack")]),
        ):
            result = CliRunner().invoke(program, command)
            assert result.exit_code == 0, result.output
            said.append(result.output)
        return said[1:]

    assert await record() == before.sealing[0].id
    clock.move(timedelta(minutes=1))
    gone = [key.id for key in before.sealing] + [key.id for key in (*before.settings, *before.acknowledgement)]
    made = key_folder.make_sealing(clock())
    key_folder.make_signing("settings", clock())
    key_folder.make_signing("acknowledgements", clock())
    after = ceremony(sqlite_only, key_folder, tmp_path / "root.json", clock, without=gone)
    assert not set(before.acknowledgement) & set(after.acknowledgement)
    imported, acknowledged = by_stick("first")
    assert imported.startswith("kiosk K001: stored 2\n")
    assert acknowledged.splitlines() == [
        "stored 2, quarantined 0, not waiting here 0",
        "keys of version 2 came with it: what is recorded next is sealed to them",
    ]
    assert read_pinned((data / "keys.json").read_bytes(), root) == after
    assert await record() == made.id
    imported, acknowledged = by_stick("second")
    assert imported.startswith("kiosk K001: stored 1\n")
    assert acknowledged == "stored 1, quarantined 0, not waiting here 0\n"
    clock.time = datetime.now(UTC)  # by which the command took them
    opening.work_off()
    assert by_stick("third", "--all")[1] == "stored 0, quarantined 0, not waiting here 3\n"
    became = [item.matter for line in answers(stick / "third.ack") for item in line.answer.answers]
    assert [None if matter is None else matter.state for matter in became] == [None, "sent", "sent"]


def ceremony(database: Database, folder: KeyFolder, root: Path, clock: Clock, without: Sequence[str] = ()) -> Keys:
    """Shown, signed, taken: what kiosks are to believe from here on."""
    shown = roots.to_sign(database, folder, clock(), without=without)
    roots.take(database, folder, roots.sign(shown, root, clock()), clock())
    keys = roots.newest(database)
    assert keys is not None
    return keys


def test_an_answer_brings_the_list_that_it_is_believed_by(
    kiosk: FakeKiosk, house: House, key_folder: KeyFolder, clock: Clock, tmp_path: Path
) -> None:
    """The newest; none where the root signed none, or where this process still speaks by a key that is gone."""
    file = carried(kiosk, tmp_path / "away")
    taken(house, file)
    assert head_of(tmp_path / "away.ack").keys is None
    assert b"keys" not in (tmp_path / "away.ack").read_bytes()
    roots.make_root(tmp_path / "root.json", clock())
    for _ in range(2):
        newest = ceremony(house.database, key_folder, tmp_path / "root.json", clock)
        taken(house, file)
        assert head_of(tmp_path / "away.ack").keys == newest.rooted
    clock.move(timedelta(minutes=1))
    key_folder.make_signing("acknowledgements", clock())
    ceremony(house.database, key_folder, tmp_path / "root.json", clock, without=[house.voice.key.id])
    taken(house, file)
    assert head_of(tmp_path / "away.ack").keys is None


class OnTheLine:
    """What a client does, that signs by the kiosk's key."""

    def __init__(self, kiosk: FakeKiosk) -> None:
        self.kiosk = kiosk

    def keys(self) -> Keys:
        return Keys.model_validate_json(self.kiosk.http.get("/v1/keys").content)

    def send(self, batch: Batch) -> BatchAnswer:
        answer = self.kiosk.post_batch(batch.signed_by(self.kiosk.device))
        assert answer.status_code == 200, answer.text
        return BatchAnswer.model_validate_json(answer.content)


def test_what_was_salvaged_is_sent_over_the_line(kiosk: FakeKiosk, api: TestClient, tmp_path: Path) -> None:
    """However often; and to no other central than the one whose keys are pinned."""
    for _ in range(4):
        kiosk.write(tap())
    whole = [(kiosk.ledger, (each.header_bytes, each.sealed)) for each in kiosk.records if each.header.seq != 3]
    line = OnTheLine(kiosk)
    pinned = line.keys()
    assert takeaway.send(line, pinned, takeaway.in_batches(kiosk.name, whole)) == {"stored": 4}
    assert takeaway.send(line, pinned, takeaway.in_batches(kiosk.name, whole)) == {"duplicate": 4}
    stranger = pinned.sealing[0].model_copy(update={"id": "another"})
    with pytest.raises(NotCentral):
        takeaway.send(line, pinned.model_copy(update={"sealing": (stranger,)}), [])


def test_a_ledger_that_ends_by_an_answer_is_followed_by_another(
    house: House, api: TestClient, kiosk: FakeKiosk, tmp_path: Path, clock: Clock
) -> None:
    """Central has another record in a place of ours: at once. A kiosk that runs would not hear of it: beside one,
    nothing is noted. What no acknowledgement with our hash covers stays to be sent."""
    keys = Keys.model_validate_json(api.get("/v1/keys").content)
    ledger = Ledger(tmp_path / "outbox.db", kiosk="K001", mode="demo", now=clock)
    ledger.use_key(keys.sealing[0], keys.acknowledgement)
    (genesis,) = ledger.pending(10, 10_000)
    kiosk.ledger, kiosk.records = genesis.ledger, [Record.read(genesis.header, genesis.sealed)]
    kiosk.write(tap())
    kiosk.send()
    ledger.append(Entry(act=tap(), id=new_id(clock.time), happened_at=clock.time, clock=RecordClock()))
    runs = takeaway.runs_in(tmp_path / "outbox.db", "K001", everything=False)
    takeaway.write(tmp_path / "away", runs, "K001", kiosk.device, clock.time)
    assert taken(house, tmp_path / "away").outcomes == {"duplicate": 1, "conflict": 1}
    with pytest.raises(takeaway.NotTaken, match=r"of kiosk K001: .* end the kiosk, then once more"):
        takeaway.acknowledge(tmp_path / "away.ack", ledger, pinned(tmp_path, keys), alone=False)
    assert len(ledger.pending(10, 10_000)) == 2
    noted = takeaway.acknowledge(tmp_path / "away.ack", ledger, pinned(tmp_path, keys), alone=True)
    assert (noted.stored, noted.quarantined, noted.left) == (0, 1, 1)
    first, after = ledger.pending(10, 10_000, ()), ledger.pending(10, 10_000, [genesis.n])
    assert [waiting.id for waiting in first] == [genesis.id]
    assert [(waiting.ledger != genesis.ledger, waiting.seq) for waiting in after] == [(True, 1)]
    ledger.close()


def test_what_the_line_brought_meanwhile_is_a_duplicate(kiosk: FakeKiosk, house: House, tmp_path: Path) -> None:
    for _ in range(3):
        kiosk.write(tap())
    file = carried(kiosk, tmp_path / "away")
    kiosk.send(*kiosk.records[:2])
    assert taken(house, file).outcomes == {"duplicate": 2, "stored": 2}
    assert outcomes(kiosk.send()) == ["duplicate"] * 4


def test_the_answer_says_what_the_line_would(kiosk: FakeKiosk, house: House, tmp_path: Path) -> None:
    """Per record, in order, with the acknowledgement of each batch, signed as a whole."""
    for _ in range(3):
        kiosk.write(tap())
    taken(house, carried(kiosk, tmp_path / "away"))
    said = answers(tmp_path / "away.ack")
    assert [item.id for line in said for item in line.answer.answers] == [each.header.id for each in kiosk.records]
    assert said[-1].answer.acknowledgement is not None
    told = said[-1].answer.acknowledgement.verified([house.voice.key], kiosk=kiosk.name, ledger=kiosk.ledger)
    assert (told.seq, told.hash) == (4, kiosk.records[-1].hash)
    with (tmp_path / "away.ack").open("rb") as file:
        reading = Reading(file, AnswerHead)
        assert len(list(reading.lines())) == 2
        reading.verify([house.voice.key])


def test_a_gap_is_named_and_blocks_nothing(kiosk: FakeKiosk, house: House, tmp_path: Path) -> None:
    for _ in range(6):
        kiosk.write(tap())
    found = taken(house, carried(kiosk, tmp_path / "away", kiosk.records[:2] + kiosk.records[4:]))
    assert found.outcomes == {"stored": 5}
    assert found.gaps == [f"ledger {kiosk.ledger.hex()}: seq 3 to 4"]


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        ("cut off", "its end is missing"),
        ("cut between lines", "its end is missing"),
        ("a batch less", "it is not what was signed"),
        ("batches exchanged", "it is not what was signed"),
        ("a byte altered", "a signature"),
        ("unsigned", "not signed"),
        ("of another kiosk", "it holds records of kiosk K002"),
        ("signed by a stranger", "the signature does not hold"),
        ("under another's name", "signed by another machine"),
        ("the answer", "it is central's answer"),
        ("a letter", "it is no such file"),
    ],
)
def test_what_is_not_the_kiosk_s_own_is_refused_by_name(
    kiosk: FakeKiosk, house: House, tmp_path: Path, harm: str, why: str
) -> None:
    """Nothing of it is taken, and nothing is answered."""
    kiosk.send()
    for _ in range(5):
        kiosk.write(tap())
    if harm == "under another's name":
        kiosk.device = new_device()
    file = carried(kiosk, tmp_path / "away")
    lines = file.read_bytes().splitlines(keepends=True)
    match harm:
        case "cut off":
            file.write_bytes(b"".join(lines)[:-1])
        case "cut between lines":
            file.write_bytes(b"".join(lines[:-1]))
        case "a batch less":
            file.write_bytes(b"".join(lines[:1] + lines[2:]))
        case "batches exchanged":
            file.write_bytes(b"".join([lines[0], lines[2], lines[1], *lines[3:]]))
        case "a byte altered":
            file.write_bytes(b"".join([lines[0], lines[1].replace(b'"sealed":"', b'"sealed":"AAAA', 1), *lines[2:]]))
        case "the answer":
            taken(house, file)
            file = tmp_path / "away.ack"
        case "a letter":
            file.write_bytes("您好\n".encode())
        case "unsigned" | "of another kiosk" | "signed by a stranger":
            rewritten(file, kiosk, harm)
    before = count(house.database)
    with pytest.raises(here.NotTaken) as caught:
        taken(house, file)
    assert ("of kiosk K001: " in str(caught.value)) == (harm not in ("the answer", "a letter"))
    assert why in str(caught.value) or (harm == "a byte altered" and "signed for other records" in str(caught.value))
    assert count(house.database) == before
    assert list(tmp_path.glob("*.ack")) == ([file] if harm == "the answer" else [])


def rewritten(file: Path, kiosk: FakeKiosk, harm: str) -> None:
    """The file made anew by somebody who can sign, but not as this kiosk, or not each part of it."""
    stranger = new_device()
    batch = kiosk.batch(*(WireRecord(header=each.header_bytes, sealed=each.sealed) for each in kiosk.records))
    if harm == "of another kiosk":
        batch = batch.model_copy(update={"kiosk": "K002"}).signed_by(kiosk.device)
    elif harm == "signed by a stranger":
        batch = batch.signed_by(replace(stranger, id=kiosk.device.id))
    signer = kiosk.device if harm != "signed by a stranger" else stranger
    key = SigningKey(id=kiosk.device.id, suite=1, public=kiosk.device.public)
    with file.open("wb") as opened:
        head = TakeawayHead(kiosk=kiosk.name, suite=1, made_at=kiosk.now(), device=key)
        lines = Lines(opened, head, key, signer.sign)
        lines.add(batch)
        lines.end()


def test_a_kiosk_that_is_not_known_is_refused_by_name(kiosk: FakeKiosk, house: House, tmp_path: Path) -> None:
    """Its genesis, which makes it known, is not in the file."""
    kiosk.write(tap())
    with pytest.raises(here.NotTaken, match=r"of kiosk K001: This kiosk is not known here \(unknown-kiosk\)"):
        taken(house, carried(kiosk, tmp_path / "away", kiosk.records[1:]))
    assert count(house.database) == 0
    assert not (tmp_path / "away.ack").exists()


def test_a_live_act_that_comes_by_hand_comes_too_late(
    kiosk: FakeKiosk, house: House, opening: Opening, tmp_path: Path, clock: Clock
) -> None:
    """It is recorded, and not carried out: the person has gone."""
    record = kiosk.write(loss())
    file = carried(kiosk, tmp_path / "away")
    clock.move(timedelta(hours=5))
    taken(house, file)
    opening.work_off()
    found = kiosk.matter(record)
    assert found is not None
    assert found.state == "declined"


def test_the_command(tmp_path: Path, sqlite_only: Database, house: House, kiosk: FakeKiosk) -> None:
    """Says what became of the records and where the answer is; a file that is none is a line and exit code 1."""
    if house.database.kind != "sqlite":
        pytest.skip("once is enough")
    url = sqlite_only.url.render_as_string(hide_password=False)
    kiosk.write(tap())
    file = carried(kiosk, tmp_path / "away")
    options = ["--db", url, "--keys", str(tmp_path / "keys")]
    result = CliRunner().invoke(app, ["import", str(file), *options])
    assert (result.exit_code, result.output.splitlines()[0]) == (0, "kiosk K001: stored 2")
    result = CliRunner().invoke(app, ["import", str(tmp_path / "away.ack"), *options])
    assert result.exit_code == 1
    assert "it is central's answer" in result.output


def test_the_answer_is_signed_by_a_key_that_the_root_signed(
    tmp_path: Path, sqlite_only: Database, house: House, key_folder: KeyFolder, kiosk: FakeKiosk, clock: Clock
) -> None:
    """Not by the oldest one here: that may have been withdrawn, and its file be there still."""
    if house.database.kind != "sqlite":
        pytest.skip("once is enough")
    old = key_folder.acknowledgement_pair(clock())
    clock.move(timedelta(minutes=1))
    made = key_folder.make_signing("acknowledgements", clock())
    roots.make_root(tmp_path / "root.json", clock())
    shown = roots.to_sign(sqlite_only, key_folder, clock(), without=[old.id])
    roots.take(sqlite_only, key_folder, roots.sign(shown, tmp_path / "root.json", clock()), clock())
    kiosk.write(tap())
    file = carried(kiosk, tmp_path / "away")
    options = ["--db", sqlite_only.url.render_as_string(hide_password=False), "--keys", str(tmp_path / "keys")]
    assert CliRunner().invoke(app, ["import", str(file), *options]).exit_code == 0
    trusted = roots.newest(sqlite_only)
    assert trusted is not None
    assert head_of(tmp_path / "away.ack").keys == trusted.rooted
    with (tmp_path / "away.ack").open("rb") as opened:
        reading = Reading(opened, AnswerHead)
        (line,) = [read_line(each, AnswerLine) for each in reading.lines()]
        reading.verify(trusted.acknowledgement)
    assert line.answer.acknowledgement is not None
    assert (line.answer.acknowledgement.key, made.id != old.id) == (made.id, True)
