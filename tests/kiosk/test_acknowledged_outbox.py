"""What central says that it has: what the outbox believes of it, sends again, ends a ledger for, and drops."""

from __future__ import annotations

import logging
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk import acknowledging, schema
from kiosk.acknowledging import Here, OtherRecord, weigh
from kiosk.contract.acknowledgements import Acknowledgement, SignedAcknowledgement
from kiosk.contract.acts import Act, Genesis
from kiosk.contract.base import SigningKey
from kiosk.contract.errors import OutOfDate
from kiosk.contract.messages import BatchAnswer, ItemAnswer, Matter, MatterState, Outcome
from kiosk.contract.records import Record, open_sealed
from kiosk.contract.sealing import NEWEST, suite
from kiosk.ledger import Waiting
from kiosk.outbox import Kept, Outbox, OutboxStatus, outbox_status
from tests.kiosk.acts import check_in, filing
from tests.kiosk.outbox_writer import PRIVATE, keys

ACKNOWLEDGES, _public = suite(NEWEST).generate_signing()
KEY = SigningKey(id="acknowledgements-1", suite=NEWEST, public=_public)
KEEP = timedelta(days=35)
BEGIN = datetime(2026, 11, 1, 1, tzinfo=UTC)


@dataclass
class Clocks:
    """The kiosk's clock and central's."""

    kiosk: datetime = BEGIN
    central: datetime = BEGIN

    def go_on(self, by: timedelta) -> None:
        self.kiosk += by
        self.central += by


@dataclass
class House:
    """An outbox and the central that it talks to: one that has of a ledger what it was told to have."""

    outbox: Outbox
    file: Path
    clocks: Clocks
    has: dict[bytes, dict[int, Record]] = field(default_factory=dict)

    async def commit(self, count: int = 1, act: Callable[[], Act] = check_in, *, printing: bool = False) -> list[Kept]:
        return [await self.outbox.commit(act(), printing=printing) for _ in range(count)]

    async def send(
        self, *, outcome: Outcome = "stored", matter: MatterState | None = "sent", central_says: bool = True
    ) -> list[Waiting]:
        """All that is pending arrives, and is acknowledged."""
        sent: list[Waiting] = []
        while batch := await self.outbox.pending(100):
            items = []
            for waiting in batch:
                record = Record.read(waiting.header, waiting.sealed)
                its = None if record.header.kind == Genesis.kind else matter
                if outcome == "stored":
                    self.has.setdefault(waiting.ledger, {})[record.header.seq] = record
                said = None if its is None else Matter(state=its, at=self.clocks.central)
                items.append(ItemAnswer(id=waiting.id, outcome=outcome, matter=said))
            signed = self.says(batch[0].ledger) if central_says else None
            await self.outbox.answered(batch, BatchAnswer(answers=tuple(items), contiguous=0, acknowledgement=signed))
            sent += batch
        return sent

    def up_to(self, ledger: bytes) -> Acknowledgement:
        there = self.has.get(ledger, {})
        seq = 0
        while seq + 1 in there:
            seq += 1
        hash_there = there[seq].hash if seq else bytes(32)
        kiosk = there[seq].header.kiosk if seq else "K-001"
        return Acknowledgement(
            suite=NEWEST, kiosk=kiosk, ledger=ledger, seq=seq, hash=hash_there, at=self.clocks.central
        )

    def says(self, ledger: bytes) -> SignedAcknowledgement:
        return self.up_to(ledger).signed(KEY.id, ACKNOWLEDGES)

    async def hear(self, ledger: bytes | None = None, *, met_again: bool = False) -> bool:
        ledger = ledger or self.ledger
        return await self.outbox.acknowledged(ledger, self.says(ledger), met_again=met_again)

    async def drop(self) -> int:
        """Everything that may go."""
        total = 0
        while dropped := await self.outbox.drop(KEEP):
            total += dropped
        return total

    async def live(self, days: int, each: int = 0) -> None:
        """Days pass, with so many records each, all of which arrive."""
        for _ in range(days):
            self.clocks.go_on(timedelta(days=1))
            await self.commit(each)
            await self.send()
            await self.hear()

    @property
    def ledger(self) -> bytes:
        status = self.status()
        assert status.ledger is not None
        return bytes.fromhex(status.ledger)

    def status(self) -> OutboxStatus:
        return outbox_status(self.file)

    def records(self, ledger: bytes | None = None) -> list[Record]:
        with schema.open_to_read(self.file) as db:
            found = [Record.read(*row) for row in db.execute("SELECT header, sealed FROM records ORDER BY n")]
        return [record for record in found if ledger in (None, record.header.ledger)]

    def genesis(self) -> Genesis:
        """Of the ledger that goes on."""
        act = open_sealed(self.records(self.ledger)[0], PRIVATE)
        assert isinstance(act, Genesis)
        return act


@asynccontextmanager
async def house(folder: Path, clocks: Clocks | None = None, kiosk: str = "K-001") -> AsyncIterator[House]:
    clocks = clocks or Clocks()
    outbox = Outbox(folder / "outbox.db", kiosk=kiosk, mode="demo", now=lambda: clocks.kiosk)
    await outbox.start(keys().model_copy(update={"acknowledgement": (KEY,)}))
    try:
        yield House(outbox, folder / "outbox.db", clocks)
    finally:
        await outbox.close()


# -- what is believed --------------------------------------------------------------------------------------------------

SAID = Acknowledgement(suite=NEWEST, kiosk="K-001", ledger=bytes(16), seq=7, hash=b"\1" * 32, at=BEGIN)
LATER = BEGIN + timedelta(hours=1)


def test_what_an_acknowledgement_means() -> None:
    """Beside the one before it, and beside what lies here."""
    here = Here(last=9, hash=SAID.hash)
    assert weigh(SAID, None, here) == "rises"
    assert weigh(SAID, SAID, here) == "stands"
    assert weigh(replace(SAID, at=LATER), replace(SAID, seq=5), here) == "rises"
    assert weigh(SAID, replace(SAID, seq=9), here) == "falls"
    assert weigh(SAID, replace(SAID, seq=9, at=LATER), here) == "falls"
    for seq, verdict in ((5, "rises"), (7, "stands"), (9, "falls")):
        assert weigh(SAID, replace(SAID, seq=seq, at=BEGIN + timedelta(days=365)), here) == verdict
    assert weigh(SAID, SAID, Here(last=6, hash=None)) == "ahead"
    assert weigh(SAID, SAID, Here(last=9, hash=None)) == "stands"
    with pytest.raises(OtherRecord):
        weigh(SAID, None, Here(last=9, hash=b"\2" * 32))
    with pytest.raises(OtherRecord):
        weigh(SAID, replace(SAID, hash=b"\2" * 32), Here(last=9, hash=None))
    with pytest.raises(OutOfDate):
        weigh(SAID, replace(SAID, seq=5, at=LATER), here)
    with pytest.raises(OutOfDate):
        weigh(SAID, replace(SAID, at=LATER), here)


async def test_an_acknowledgement_is_kept_as_it_was_signed(tmp_path: Path) -> None:
    """With the answers of its batch, and over a restart."""
    async with house(tmp_path) as one:
        await one.commit(4)
        await one.send()
        ledger = one.ledger
    with schema.open_to_read(tmp_path / "outbox.db") as db:
        statement, key, signature = db.execute("SELECT statement, key, signature FROM acknowledgements").fetchone()
    kept = SignedAcknowledgement(statement=statement, key=key, signature=signature)
    assert kept.verified([KEY], kiosk="K-001", ledger=ledger).seq == 5
    async with house(tmp_path) as again:
        assert await again.outbox.ledgers() == [ledger]


@pytest.mark.parametrize("fault", ["another server's", "another kiosk", "another ledger", "another record", "no key"])
async def test_what_is_not_believed_changes_nothing(
    tmp_path: Path, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is dropped for it, nothing is sent again, no ledger ends; it is logged, once."""
    async with house(tmp_path) as one:
        await one.commit(3)
        await one.send(central_says=False)
        one.clocks.go_on(timedelta(days=100))
        said = one.up_to(one.ledger)
        signed = {
            "another server's": said.signed(KEY.id, suite(NEWEST).generate_signing()[0]),
            "another kiosk": replace(said, kiosk="K-002").signed(KEY.id, ACKNOWLEDGES),
            "another ledger": replace(said, ledger=bytes(16)).signed(KEY.id, ACKNOWLEDGES),
            "another record": replace(said, hash=b"\2" * 32).signed(KEY.id, ACKNOWLEDGES),
            "no key": said.signed("stranger", ACKNOWLEDGES),
        }[fault]
        before = one.status()
        for _ in range(3):
            assert not await one.outbox.acknowledged(one.ledger, signed, met_again=True)
        one.clocks.go_on(timedelta(days=100))
        assert await one.drop() == 0
        assert await one.outbox.ledgers() == []
        assert one.status() == before
        assert len([line for line in caplog.records if line.levelno == logging.ERROR]) == 1
        assert await one.hear(met_again=True) is False
        assert await one.outbox.ledgers() == [one.ledger]


async def test_a_ledger_of_an_earlier_name_is_acknowledged_under_that_name(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever brings the word. The ledger is dropped in its time; nobody asks about it over the line."""
    async with house(tmp_path) as one:
        await one.commit(3)
        clocks, old = one.clocks, one.ledger
    async with house(tmp_path, clocks, "K-002") as renamed:
        await renamed.commit(2)
        assert {waiting.kiosk for waiting in await renamed.send()} == {"K-001", "K-002"}
        assert renamed.status().pending == 0
        assert await renamed.outbox.ledgers() == [renamed.ledger]
        with schema.open_to_read(renamed.file) as db:
            assert acknowledging.believed(db, 1) == renamed.up_to(old)
        clocks.go_on(timedelta(days=36))
        assert not await renamed.hear(old)
        assert await renamed.drop() == 3
        assert renamed.outbox.befallen.disbelieved == 0
        other = replace(renamed.up_to(old), kiosk="K-002").signed(KEY.id, ACKNOWLEDGES)
        assert not await renamed.outbox.acknowledged(old, other)
        assert renamed.outbox.befallen.disbelieved == 1
    assert len([line for line in caplog.records if line.levelno == logging.ERROR]) == 1


async def test_a_conflict_under_an_earlier_name_ends_no_ledger(tmp_path: Path) -> None:
    """Nothing is written under it any more."""
    async with house(tmp_path) as one:
        await one.commit(2)
        clocks = one.clocks
    async with house(tmp_path, clocks, "K-002") as renamed:
        current = renamed.ledger
        await renamed.send(outcome="conflict", central_says=False)
        status = renamed.status()
        assert (status.quarantined, status.pending, status.ledger) == (4, 0, current.hex())


async def test_heartbeats_that_say_nothing_new_write_nothing(tmp_path: Path) -> None:
    """But once an hour: a disk of flash does not last for ever."""
    async with house(tmp_path) as one:
        await one.commit(3)
        await one.send()

        def noted() -> datetime:
            with schema.open_to_read(one.file) as db:
                said = acknowledging.believed(db, 1)
            assert said is not None
            return said.at

        for _ in range(100):
            one.clocks.go_on(timedelta(seconds=30))
            await one.hear()
            assert noted() == BEGIN
        one.clocks.go_on(timedelta(minutes=10))
        await one.hear()
        assert noted() == one.clocks.central


# -- falling and ahead -------------------------------------------------------------------------------------------------


async def test_what_a_restored_central_lost_is_sent_again(tmp_path: Path) -> None:
    """Records above what it has then are pending again, and what became of their matters is asked for anew."""
    async with house(tmp_path) as one:
        kept = await one.commit(6, filing)
        await one.send(matter="decided")
        for seq in range(4, 8):
            del one.has[one.ledger][seq]
        one.clocks.go_on(timedelta(minutes=1))
        assert await one.hear()
        status = one.status()
        assert (status.stored, status.pending, status.matters) == (3, 4, {"decided": 2, "kept": 4})
        assert [waiting.id for waiting in await one.send(matter=None)] == [each.id for each in kept[2:]]
        assert await one.outbox.kept(10) == [each.id for each in kept[2:]]
        assert not await one.hear()


async def test_a_central_that_lost_everything_gets_everything(tmp_path: Path) -> None:
    """It acknowledges nothing, with a hash of zeroes. What it refused is sent again as well."""
    async with house(tmp_path) as one:
        await one.commit(3)
        await one.send()
        await one.commit(1)
        await one.send(outcome="unreadable", matter=None)
        one.has.clear()
        assert await one.hear()
        assert one.status().pending == 5
        assert [Record.read(each.header, each.sealed).header.seq for each in await one.send()] == [1, 2, 3, 4, 5]


async def test_a_clock_that_was_set_back_does_not_hide_a_fall(tmp_path: Path) -> None:
    """Falling costs no more than sending again, so it counts whatever central's clock says."""
    async with house(tmp_path) as one:
        await one.commit(3)
        await one.send()
        one.clocks.central -= timedelta(days=10)
        one.has[one.ledger].pop(4)
        assert await one.hear()
        assert one.status().pending == 1


async def test_an_old_word_does_not_raise(tmp_path: Path) -> None:
    """What a central said before it was restored does not count after."""
    async with house(tmp_path) as one:
        await one.commit(3)
        await one.send()
        old = one.says(one.ledger)
        one.clocks.go_on(timedelta(minutes=1))
        one.has[one.ledger].pop(4)
        assert await one.hear()
        assert not await one.outbox.acknowledged(one.ledger, old)
        assert one.status().pending == 1
        with schema.open_to_read(one.file) as db:
            said = acknowledging.believed(db, 1)
        assert said is not None
        assert said.seq == 3


@pytest.mark.parametrize("lost", [0, 1])
async def test_a_central_whose_clock_was_a_year_ahead_is_believed_when_it_is_set_right(
    tmp_path: Path, lost: int, caplog: pytest.LogCaptureFixture
) -> None:
    """From its next word on, also where it lost a record meanwhile: all is dropped in its time, and none before."""
    async with house(tmp_path) as one:
        await one.commit(3)
        await one.send()
        one.clocks.go_on(timedelta(days=2))
        one.clocks.central += timedelta(days=365)
        await one.commit(3)
        await one.send()
        assert await one.drop() == 0
        one.clocks.central -= timedelta(days=365)
        one.clocks.go_on(timedelta(minutes=1))
        for seq in range(8 - lost, 8):
            del one.has[one.ledger][seq]
        assert await one.hear() == bool(lost)
        await one.commit(2)
        await one.send()
        with schema.open_to_read(one.file) as db:
            said = acknowledging.believed(db, 1)
            (latest,) = db.execute("SELECT max(at) FROM milestones").fetchone()
        assert said is not None
        assert (said.seq, said.at) == (9, one.clocks.central)
        assert latest <= one.clocks.central.timestamp() * 10**6
        await one.live(34, each=1)
        assert await one.drop() == 4
        await one.live(2, each=1)
        assert await one.drop() == 6
    assert not [line for line in caplog.records if line.levelno >= logging.ERROR]


async def test_what_lies_above_a_gap_is_sent_again_after_central_was_away(tmp_path: Path) -> None:
    """It is not acknowledged, so nothing would say that a restored central has lost it."""
    async with house(tmp_path) as one:
        await one.commit(2)
        await one.send()
        await one.commit(1)
        await one.outbox.quarantine(await one.outbox.pending(10))
        await one.commit(3)
        await one.send()
        assert one.up_to(one.ledger).seq == 3
        assert not await one.hear()
        assert one.status().pending == 0
        assert await one.hear(met_again=True)
        status = one.status()
        assert (status.pending, status.quarantined, status.matters) == (3, 1, {"sent": 5, "kept": 1})


async def test_a_record_that_central_takes_as_new_has_its_matter_asked_for(tmp_path: Path) -> None:
    """What became of it may be known here; a central that has forgotten it has to find out again."""
    async with house(tmp_path) as one:
        await one.commit(1)
        await one.send()
        await one.commit(1)
        await one.outbox.quarantine(await one.outbox.pending(10))
        await one.commit(2, filing)
        await one.send(matter="decided")
        assert await one.hear(met_again=True)
        await one.send(matter=None)
        assert one.status().matters == {"sent": 1, "kept": 3}


async def test_central_is_ahead_of_a_disk_that_went_back(tmp_path: Path) -> None:
    """The kiosk goes on in a ledger that says so; the record that somebody made in between is sent all the same."""
    (tmp_path / "backup").mkdir()
    async with house(tmp_path) as one:
        await one.commit(4)
        await one.send()
        await one.outbox.close()
        shutil.copy(one.file, tmp_path / "backup" / "outbox.db")
    async with house(tmp_path) as later:
        later.has = one.has
        await later.commit(5)
        await later.send()
    clocks = Clocks(kiosk=LATER, central=LATER)
    async with house(tmp_path / "backup", clocks) as restored:
        restored.has = later.has
        old, last = restored.ledger, restored.records()[-1]
        assert (last.header.seq, restored.up_to(old).seq) == (5, 10)
        assert await restored.hear()
        assert restored.ledger != old
        assert restored.genesis() == Genesis(
            why="behind central",
            previous_ledger=old,
            previous_seq=5,
            previous_hash=last.hash,
            acknowledged_seq=10,
        )
        (kept,) = await restored.commit(1)
        assert kept.seq == 2
        await restored.send()
        assert await restored.hear(old, met_again=True) is False
        assert len(await restored.outbox.ledgers()) == 2
        assert restored.status().pending == 0


async def test_a_conflict_ends_the_ledger(tmp_path: Path) -> None:
    """What central has another record in place of stays here, in quarantine; the kiosk goes on in another ledger."""
    async with house(tmp_path) as one:
        await one.commit(4)
        await one.send()
        old = one.ledger
        await one.commit(2)
        last = one.records()[-1]
        conflicting = await one.outbox.pending(100)
        items = tuple(ItemAnswer(id=waiting.id, outcome="conflict") for waiting in conflicting)
        await one.outbox.answered(conflicting, BatchAnswer(answers=items, contiguous=5, acknowledgement=one.says(old)))
        assert one.genesis() == Genesis(
            why="conflict", previous_ledger=old, previous_seq=7, previous_hash=last.hash, acknowledged_seq=5
        )
        await one.send()
        status = one.status()
        assert (status.stored, status.quarantined, status.pending) == (6, 2, 0)
    async with house(tmp_path) as again:
        (kept,) = await again.commit(1)
        assert kept.seq == 2


async def test_a_central_that_is_in_conflict_with_everything_is_not_told_of_ledger_after_ledger(tmp_path: Path) -> None:
    """A genesis in another's place ends nothing: the disk would fill with beginnings."""
    async with house(tmp_path) as one:
        ledger = one.ledger
        batch = await one.outbox.pending(10)
        items = tuple(ItemAnswer(id=waiting.id, outcome="conflict") for waiting in batch)
        await one.outbox.answered(batch, BatchAnswer(answers=items, contiguous=0))
        assert one.ledger == ledger
        assert (one.status().records, one.status().quarantined) == (1, 1)


# -- dropping ----------------------------------------------------------------------------------------------------------


async def test_records_are_dropped_when_central_has_had_them_long_enough(tmp_path: Path) -> None:
    """Not a day before; what is left is one chain, its last record among it, and survives a restart."""
    async with house(tmp_path) as one:
        await one.commit(10)
        await one.send()
        await one.live(34, each=1)
        assert await one.drop() == 0
        await one.live(1, each=1)
        assert await one.drop() == 11
        assert one.records()[0].header.seq == 12
        await one.live(60)
        assert await one.drop() == len(range(12, 46))
        assert [record.header.seq for record in one.records()] == [46]
    async with house(tmp_path, one.clocks) as again:
        (kept,) = await again.commit(1)
        assert kept.seq == 47
        await again.outbox.close()
        assert list(tmp_path.glob("*damaged*")) == []  # noqa: ASYNC240


async def test_what_is_not_acknowledged_is_never_dropped(tmp_path: Path) -> None:
    """However old it is: pending, in quarantine, above a gap, or fallen below."""
    async with house(tmp_path) as one:
        await one.commit(2)
        await one.send()
        await one.commit(1)
        await one.outbox.quarantine(await one.outbox.pending(10))
        await one.commit(3)
        await one.send()
        await one.commit(2)
        for _ in range(100):
            one.clocks.go_on(timedelta(days=1))
            await one.hear()
        assert await one.drop() == 3
        assert [record.header.seq for record in one.records()] == [4, 5, 6, 7, 8, 9]


async def test_a_fall_forgets_since_when_central_had_it(tmp_path: Path) -> None:
    """A central that was restored has it only since it came again."""
    async with house(tmp_path) as one:
        await one.commit(5)
        await one.send()
        await one.live(30)
        there = one.has[one.ledger]
        lost = {seq: there.pop(seq) for seq in (4, 5, 6)}
        await one.hear()
        await one.send()
        assert there.keys() == {1, 2, 3, *lost}
        await one.live(10)
        assert await one.drop() == 3
        await one.live(25)
        assert await one.drop() == 2


async def test_a_matter_that_is_asked_for_and_a_print_that_is_not_over_keep_their_record(tmp_path: Path) -> None:
    """The ones around them go; a start accepts the hole that they leave."""
    async with house(tmp_path) as one:
        await one.commit(2)
        (printing,) = await one.commit(1, printing=True)
        await one.commit(2)
        await one.send()
        (asked,) = await one.commit(1, filing)
        await one.send(matter=None)
        await one.commit(2)
        await one.send()
        await one.live(40)
        assert await one.drop() == 6
        assert [record.header.seq for record in one.records()] == [printing.seq, asked.seq, 9]
    async with house(tmp_path, one.clocks) as again:
        assert again.status().prints == {"not printed": 1}
        await again.outbox.matter(asked.id, Matter(state="declined", at=LATER))
        assert await again.drop() == 2
        assert [record.header.seq for record in again.records()] == [9]
        assert again.status().prints == {}


@pytest.mark.parametrize("ahead", [timedelta(days=10_000), timedelta(days=-10_000)])
async def test_a_kiosk_s_clock_that_jumps_drops_nothing_early(tmp_path: Path, ahead: timedelta) -> None:
    """Neither one that ran ahead since, nor one that was behind when the record was made."""
    async with house(tmp_path) as one:
        if ahead < timedelta():
            one.clocks.kiosk += ahead
        await one.commit(5)
        await one.send()
        if ahead > timedelta():
            one.clocks.kiosk += ahead
        await one.hear()
        assert await one.drop() == 0
        await one.live(34)
        assert await one.drop() == 0


async def test_a_central_s_clock_that_jumps_drops_nothing_early(tmp_path: Path) -> None:
    """What is young by this clock stays, whatever central says."""
    async with house(tmp_path) as one:
        await one.commit(5)
        await one.send()
        one.clocks.central += timedelta(days=1000)
        await one.hear()
        one.clocks.central += timedelta(hours=2)
        await one.hear()
        assert await one.drop() == 0


async def test_a_long_backlog_is_dropped_in_small_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of them keeps a commit waiting."""
    monkeypatch.setattr(acknowledging, "AT_ONCE", 7)
    async with house(tmp_path) as one:
        await one.commit(30)
        await one.send()
        await one.live(40)
        assert [await one.outbox.drop(KEEP) for _ in range(6)] == [7, 7, 7, 7, 2, 0]


async def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    """What is dropped makes room for what comes: after the first weeks the file stays as large as it is."""
    async with house(tmp_path) as one:
        sizes = []
        for _ in range(3):
            for _ in range(5):
                one.clocks.go_on(timedelta(days=10))
                await one.commit(10)
                await one.send()
                await one.drop()
            with schema.open_to_read(one.file) as db:
                sizes.append(db.execute("PRAGMA page_count").fetchone()[0])
        assert len(one.records()) <= 41
    assert sizes[2] <= sizes[1] * 1.1


async def test_a_record_that_was_taken_out_above_what_was_dropped_is_damage(tmp_path: Path) -> None:
    """Only what was dropped may be missing."""
    async with house(tmp_path) as one:
        await one.commit(10)
        await one.send()
        await one.live(36)
        assert await one.drop() == 10
        await one.commit(3)
        ledger, last = one.ledger, one.records()[-1]
    with closing(schema.open_to_write(tmp_path / "outbox.db")) as db:
        db.execute("DELETE FROM records WHERE seq = 13")
        db.conn.commit()
    async with house(tmp_path, one.clocks) as again:
        assert again.genesis() == Genesis(
            why="database damaged",
            previous_ledger=ledger,
            previous_seq=14,
            previous_hash=last.hash,
            acknowledged_seq=11,
        )
