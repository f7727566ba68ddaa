"""The sync over real HTTP: all arrives once, whatever central does, and the head of the screen tells the truth."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock
from uuid import UUID

import pytest

from kiosk import held_off
from kiosk.central import CentralClient
from kiosk.contract.acts import Act, Genesis
from kiosk.contract.audit import AuditEvent
from kiosk.contract.base import SigningKey
from kiosk.contract.messages import Batch, BatchAnswer, Keys, Matter, Problem
from kiosk.contract.records import ClockFlags, Header
from kiosk.contract.sealing import NEWEST, suite
from kiosk.errors import Declined, NotKept, Unavailable
from kiosk.keystore import FileKeyStore
from kiosk.outbox import Kept, Outbox, OutboxStatus, outbox_status
from kiosk.rows import Waiting
from kiosk.sync import BATCH, Pace, Sync
from kiosk.timekeeper import Timekeeper, wall_clock
from kiosk.trust import Trust
from tests.kiosk.acts import check_in, filing
from tests.kiosk.central_double import ACKNOWLEDGES, CentralDouble, Poison, new_pair

FAST = Pace(heartbeat=0.1, first=0.02, most=0.1, matter_first=0.02, matter_most=0.2, refused=0.1, rest_most=0.1)
DEADLINE = 40.0


class House:
    """Outbox, sync and central together."""

    def __init__(
        self,
        folder: Path,
        central: CentralDouble,
        pace: Pace = FAST,
        wall: Callable[[], datetime] = wall_clock,
        ca: Path | None = None,
        root: str | None = None,
    ) -> None:
        self.folder = folder
        self.central = central
        self.outbox = Outbox(folder / "outbox.db", kiosk="K-001", mode="demo")
        keeper = Timekeeper(folder / "clock.json", wall=wall)
        trust = Trust(device=FileKeyStore(folder).device_key(), ca=ca, time=keeper)
        self.told: list[AuditEvent] = []
        self.sync = Sync(
            outbox=self.outbox,
            central=CentralClient(central.url, trust),
            keys_file=folder / "keys.json",
            pace=pace,
            root=root,
            note=self.told.append,
        )
        self.seen: list[bool] = []
        self.sync.on_change(lambda: self.seen.append(self.sync.online))

    def status(self) -> OutboxStatus:
        return outbox_status(self.folder / "outbox.db")

    def pinned(self) -> Keys | None:
        file = self.folder / "keys.json"
        return Keys.model_validate_json(file.read_bytes()) if file.exists() else None

    async def commit(self, count: int = 1, act: Callable[[], Act] = check_in) -> list[Kept]:
        return [await self.outbox.commit(act()) for _ in range(count)]


@asynccontextmanager
async def open_house(
    folder: Path,
    central: CentralDouble,
    pace: Pace = FAST,
    *,
    met: bool = True,
    wall: Callable[[], datetime] = wall_clock,
    ca: Path | None = None,
    root: str | None = None,
) -> AsyncIterator[House]:
    """A running house; ``met``: waits for the first contact, and until nothing is pending."""
    house = House(folder, central, pace, wall, ca, root)
    await house.outbox.start()
    running = asyncio.create_task(house.sync.run())
    try:
        if met:
            await until(lambda: house.sync.first_contact_done and house.sync.online)
            assert await house.sync.drain(DEADLINE)
        yield house
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        house.sync.close()
        await house.outbox.close()


def greetings(central: CentralDouble) -> int:
    """How often central was asked whether it is there, and what it has."""
    return central.requests["GET /v1/health"] + central.requests["POST /v1/heartbeat"]


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def until(holds: Callable[[], bool]) -> None:
    """Waits for a condition, at most DEADLINE seconds."""
    end = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < end, "did not come about in time"
        await asyncio.sleep(0.005)


async def test_first_contact_pins_the_keys_and_begins_the_ledger(tmp_path: Path, central: CentralDouble) -> None:
    """Central's keys lie on the disk, and the first record that arrives is the genesis."""
    async with open_house(tmp_path, central):
        pass
    assert Keys.model_validate_json((tmp_path / "keys.json").read_bytes()) == central.keys
    assert [type(act) for act in central.acts] == [Genesis]
    assert [record.header.seq for record in central.records.values()] == [1]


async def test_before_the_first_contact_nothing_can_be_kept(tmp_path: Path, central: CentralDouble) -> None:
    """Without a key to seal to there is no record: the machine is out of order and says why."""
    central.stop()
    async with open_house(tmp_path, central, met=False) as house:
        with pytest.raises(NotKept) as caught:
            await house.commit()
        assert caught.value.reason == "no keys"
        assert not house.sync.first_contact_done
        central.start()
        await until(lambda: house.sync.first_contact_done)
        await house.commit()


async def test_pinned_keys_serve_without_central(tmp_path: Path, central: CentralDouble) -> None:
    """After a first contact the kiosk starts and records offline."""
    async with open_house(tmp_path, central):
        pass
    central.stop()
    async with open_house(tmp_path, central, met=False) as house:
        await until(lambda: house.sync.first_contact_done)
        await house.commit(3)
        assert house.status().pending >= 3
        assert not house.sync.online


async def test_what_is_committed_arrives_once_and_in_order(tmp_path: Path, central: CentralDouble) -> None:
    """A backlog goes up in batches, by seq."""
    async with open_house(tmp_path, central) as house:
        await house.commit(250)
        assert await house.sync.drain(DEADLINE)
        assert house.status().stored == 251
    assert [record.header.seq for record in central.records.values()] == list(range(1, 252))
    assert max(central.batches) <= 100


async def test_person_learns_what_became_of_the_matter(tmp_path: Path, central: CentralDouble) -> None:
    """``deliver`` answers as soon as the authority has."""
    async with open_house(tmp_path, central) as house:
        (kept,) = await house.commit(1, filing)
        matter = await house.sync.deliver(kept.id, within=5.0)
        assert matter is not None
        assert (matter.state, matter.number) == ("sent", "3509-1")
        await until(lambda: house.status().matters == {"sent": 1})
    assert b"3509-1" not in everything_in(tmp_path)


async def test_person_does_not_wait_longer_than_said(tmp_path: Path, central: CentralDouble) -> None:
    """An authority that takes its time: the answer comes later, without the person."""
    central.matter = lambda _act: Matter(state="kept", at=datetime.now(UTC))
    async with open_house(tmp_path, central) as house:
        (kept,) = await house.commit(1, filing)
        began = time.monotonic()
        matter = await house.sync.deliver(kept.id, within=0.3)
        assert time.monotonic() - began < 3
        assert matter is None or matter.state == "kept"
        assert house.status().matters == {"kept": 1}
        central.matter = lambda _act: Matter(state="decided", at=datetime.now(UTC))
        await until(lambda: house.status().matters == {"decided": 1})


async def test_person_is_told_at_once_that_central_is_away(tmp_path: Path, central: CentralDouble) -> None:
    """A refused connection is no reason to wait two seconds."""
    async with open_house(tmp_path, central) as house:
        central.stop()
        (kept,) = await house.commit(1, filing)
        began = time.monotonic()
        assert await house.sync.deliver(kept.id, within=5.0) is None
        assert time.monotonic() - began < 3
        assert house.status().pending == 1


async def test_person_is_told_at_once_where_central_does_not_say(tmp_path: Path, central: CentralDouble) -> None:
    """The question fails, the records go up all the same."""
    async with open_house(tmp_path, central, replace(FAST, first=20.0, rest_most=20.0)) as house:
        central.refuse = lambda path: 503 if path.startswith("/v1/records/") else None
        (kept,) = await house.commit(1, filing)
        began = time.monotonic()
        assert await house.sync.deliver(kept.id, within=8.0) is None
        assert time.monotonic() - began < 3
        await house.commit(2)
        assert await house.sync.drain(3.0)
        assert house.sync.online
        central.refuse = lambda _path: None
        (kept,) = await house.commit(1, filing)
        matter = await house.sync.deliver(kept.id, within=5.0)
        assert matter is not None, "whoever comes next is asked for, though others wait"


async def test_person_goes_before_a_backlog(tmp_path: Path, central: CentralDouble) -> None:
    """Whoever stands there is not kept waiting by what a long outage left behind."""
    async with open_house(tmp_path, central):
        pass
    central.stop()
    async with open_house(tmp_path, central, met=False) as house:
        await until(lambda: house.sync.first_contact_done)
        await house.commit(300)
        (kept,) = await house.commit(1, filing)
        delivery = asyncio.create_task(house.sync.deliver(kept.id, within=0.0001))
        assert await delivery is None
        waiting = asyncio.create_task(_answer(house, kept.id))
        await asyncio.sleep(0)
        central.start()
        assert await waiting
        arrived = list(central.records)
        assert arrived.index(kept.id) < 10


async def _answer(house: House, id_: UUID) -> bool:
    """Asks again and again, as long as central is away."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if await house.sync.deliver(id_, within=2.0) is not None:
            return True
    return False


async def test_lost_answers_double_nothing(tmp_path: Path, central: CentralDouble) -> None:
    """Central took a batch and the line broke: the batch goes again, and is a duplicate."""
    async with open_house(tmp_path, central) as house:
        central.lose_answers = 5
        await house.commit(20)
        assert await house.sync.drain(DEADLINE)
        assert house.status().stored == 21
    assert central.lose_answers == 0
    assert len(central.acts) == 21


async def test_answers_are_noted_while_the_next_batch_is_on_its_way(tmp_path: Path, central: CentralDouble) -> None:
    """A disk that takes its time does not hold up the line; the records go up once each all the same."""
    async with open_house(tmp_path, central) as house:
        central.stop()
        await until(lambda: not house.sync.online)
        kept = await house.commit(3 * BATCH)
        noted, so_far = house.outbox.answered, len(central.batches)

        async def slow(batch: Sequence[Waiting], answer: BatchAnswer) -> None:
            if batch[0].id == kept[0].id:
                await until(lambda: len(central.batches) >= so_far + 2)
            await noted(batch, answer)

        with mock.patch.object(house.outbox, "answered", slow):
            central.start()
            assert await house.sync.drain(DEADLINE)
        assert central.batches[so_far:] == [BATCH] * 3
        assert list(central.records)[-3 * BATCH :] == [each.id for each in kept]


async def test_answers_that_the_disk_does_not_take_are_asked_for_again(tmp_path: Path, central: CentralDouble) -> None:
    """Also where the next batch was on its way already."""
    async with open_house(tmp_path, central) as house:
        central.stop()
        await until(lambda: not house.sync.online)
        await house.commit(2 * BATCH)
        noted, failures = house.outbox.answered, [NotKept("broken"), NotKept("full")]

        async def failing(batch: Sequence[Waiting], answer: BatchAnswer) -> None:
            if failures:
                raise failures.pop()
            await noted(batch, answer)

        with mock.patch.object(house.outbox, "answered", failing):
            central.start()
            assert await house.sync.drain(DEADLINE)
        assert failures == []
        assert (house.status().pending, house.status().stored) == (0, 2 * BATCH + 1)
    assert len(central.acts) == 2 * BATCH + 1


async def test_a_slow_line_carries_less_at_once(tmp_path: Path, central: CentralDouble) -> None:
    """And more again when it goes; a record that takes too long all by itself lets the others go first."""
    async with open_house(tmp_path, central, replace(FAST, rest_most=3.0)) as house:
        central.stop()
        await until(lambda: not house.sync.online)
        kept = await house.commit(60)
        send, stuck = house.sync.central.send, {kept[7].id}

        def slow(batch: Batch) -> BatchAnswer:
            ids = {Header.decode(wire.header).id for wire in batch.records}
            if len(ids) > 10 or ids & stuck:
                raise Unavailable("slow")
            return send(batch)

        with mock.patch.object(house.sync.central, "send", slow):
            central.start()
            await until(lambda: house.status().pending == 1)
            stuck.clear()
            assert await house.sync.drain(DEADLINE)
    assert len(central.acts) == 61


async def test_what_lies_above_a_gap_is_not_carried_for_ever(tmp_path: Path, central: CentralDouble) -> None:
    """Once when central was away, for it may have been restored; not at each return of a line that comes and goes."""
    async with open_house(tmp_path, central, replace(FAST, refused=60.0)) as house:
        central.stop()
        await until(lambda: not house.sync.online)
        kept = await house.commit(12)
        central.poison[kept[0].id] = "500"
        sent: list[int] = []
        for _ in range(4):
            before = sum(central.batches)
            await house.commit()
            central.start()
            await until(lambda: house.status().stored == 13 + len(sent) and house.status().pending == 1)
            sent.append(sum(central.batches) - before)
            central.stop()
            await until(lambda: not house.sync.online)
        assert sent[1] >= 12 > max(sent[2:])


async def test_the_time_of_nobody_s_acknowledgement_has_not_passed(tmp_path: Path, central: CentralDouble) -> None:
    """Whoever stands in the line could move the floor of the clock for ever, or stop the sync by rubbish."""
    async with open_house(tmp_path, central) as house:
        keeper = house.sync.central.trust.time
        central.acknowledges = suite(NEWEST).generate_signing()[0]
        central.said = lambda said: replace(said, at=datetime(2090, 1, 1, tzinfo=UTC))
        heard = greetings(central)
        await until(lambda: greetings(central) > heard + 3)
        assert keeper.floor < datetime(2090, 1, 1, tzinfo=UTC)
        assert house.sync.online
        central.acknowledges, central.said = ACKNOWLEDGES, lambda said: said
        await house.commit()
        assert await house.sync.drain(DEADLINE)


async def test_central_away_and_back(tmp_path: Path, central: CentralDouble) -> None:
    """What was kept meanwhile arrives; the screen is told once of each change."""
    async with open_house(tmp_path, central) as house:
        await house.commit(2)
        assert await house.sync.drain(DEADLINE)
        central.stop()
        await until(lambda: not house.sync.online)
        await house.commit(5)
        assert not await house.sync.drain(0.2)
        central.start()
        await until(lambda: house.sync.online)
        assert await house.sync.drain(DEADLINE)
        assert house.seen[-3:] == [True, False, True]
    assert len(central.acts) == 8


async def test_one_lost_exchange_does_not_flicker(tmp_path: Path, central: CentralDouble) -> None:
    """A single failed greeting is not yet 没有网络."""
    async with open_house(tmp_path, central) as house:
        told = len(house.seen)
        failed = 0

        def once_in_a_while(path: str) -> int | None:
            nonlocal failed
            if path in ("/v1/health", "/v1/heartbeat") and greetings(central) % 3 == 0:
                failed += 1
                return 503
            return None

        central.refuse = once_in_a_while
        await until(lambda: failed >= 5)
        assert house.sync.online
        assert len(house.seen) == told


@pytest.mark.parametrize("how", ["unreadable", "conflict", "422", "500"])
async def test_one_poisoned_record_stops_no_other(tmp_path: Path, central: CentralDouble, how: Poison) -> None:
    """Of 120 records one cannot be taken: 119 arrive, and the one stays on the disk.

    Where central has another in its place, the genesis of the next ledger arrives too.
    """
    more = 1 if how == "conflict" else 0
    async with open_house(tmp_path, central) as house:
        central.stop()
        kept = await house.commit(120)
        central.poison[kept[37].id] = how
        central.start()
        await until(lambda: house.status().stored == 120 + more)
        status = house.status()
        assert (status.quarantined, status.pending) == ((0, 1) if how == "500" else (1, 0))
        if how == "500":
            central.poison.clear()
            await until(lambda: house.status().pending == 0)
    assert len(central.acts) == (121 if how == "500" else 120 + more)


async def test_poisoned_record_alone_is_not_given_up(tmp_path: Path, central: CentralDouble) -> None:
    """A refusal of everything there is may be central's fault: nothing is quarantined until another record passes."""
    async with open_house(tmp_path, central) as house:
        central.refuse = lambda path: Problem(title="no", status=422, code="invalid") if path == "/v1/records" else None
        await house.commit(8)
        await until(lambda: central.requests["POST /v1/records"] > 20)
        assert house.status().quarantined == 0
        refusals = [house.sync.refusal]
        assert house.sync.online
        central.refuse = lambda _path: None
        assert await house.sync.drain(DEADLINE)
        refusals.append(house.sync.refusal)
    assert refusals == ["invalid", None]
    assert len(central.acts) == 9


@pytest.mark.parametrize("status", [403, 500])
async def test_central_that_takes_nothing_is_not_pressed(tmp_path: Path, central: CentralDouble, status: int) -> None:
    """It is there, so the screen does not flicker; pauses grow; nothing is lost."""
    pace = Pace(heartbeat=0.1, first=0.05, most=0.1, rest_most=5.0)
    async with open_house(tmp_path, central, pace) as house:
        assert await house.sync.drain(DEADLINE)
        told = len(house.seen)
        sent = central.requests["POST /v1/records"]
        central.refuse = lambda path: (
            Problem(title="no", status=status, code="unknown-kiosk") if path == "/v1/records" else None
        )
        await house.commit(1)
        greeted = greetings(central)
        await until(lambda: greetings(central) > greeted + 10)
        assert central.requests["POST /v1/records"] - sent < 8
        assert house.sync.online
        assert len(house.seen) == told
        assert house.status().pending == 1


async def test_an_answer_that_another_signed_takes_no_record_away(tmp_path: Path, central: CentralDouble) -> None:
    """Somebody in between may take records and say that they are stored: they stay, and go to central."""
    async with open_house(tmp_path, central) as house:
        central.acknowledges = suite(NEWEST).generate_signing()[0]
        (kept,) = await house.commit()
        await until(lambda: kept.id in central.records)
        assert not await house.sync.drain(0.3)
        assert (house.status().pending, house.status().stored) == (1, 1)
        central.records.pop(kept.id)  # it never was central's
        central.acknowledges = ACKNOWLEDGES
        assert await house.sync.drain(DEADLINE)
    assert kept.id in central.records


async def test_another_central_is_not_trusted(tmp_path: Path, central: CentralDouble) -> None:
    """A server with other keys than the pinned ones gets nothing, and the pinned keys stay."""
    async with open_house(tmp_path, central):
        pass
    own = central.keys
    _, stranger = new_pair("key-1")
    central.keys = Keys(version=7, sealing=(stranger,))
    async with open_house(tmp_path, central, met=False) as house:
        await until(lambda: central.requests["GET /v1/keys"] >= 4)
        await house.commit(1)
        assert not house.sync.online
        assert house.status().pending == 1
    assert Keys.model_validate_json((tmp_path / "keys.json").read_bytes()) == own


async def test_keys_may_be_renewed_in_sight_of_the_old_one(tmp_path: Path, central: CentralDouble) -> None:
    """A newer list that still has the pinned key follows it; an older list never does."""
    async with open_house(tmp_path, central):
        pass
    old = central.keys
    central.private, fresh = new_pair("key-2")
    central.keys = Keys(version=2, sealing=(fresh, old.sealing[0]))
    async with open_house(tmp_path, central) as house:
        (kept,) = await house.commit(1)
        await until(lambda: kept.id in central.records)
        assert central.records[kept.id].header.sealing_key == "key-2"
    central.keys = old
    async with open_house(tmp_path, central):
        pass
    assert Keys.model_validate_json((tmp_path / "keys.json").read_bytes()).version == 2


async def test_keys_that_could_harm_stay_as_they_were_first_seen(tmp_path: Path, central: CentralDouble) -> None:
    """Those that sign settings or acknowledgements: whoever answers in central's place exchanges neither."""
    async with open_house(tmp_path, central):
        pass
    own = central.keys
    stranger = SigningKey(id="stranger", suite=own.settings[0].suite, public=bytes(32))
    _, fresh = new_pair("key-2")
    central.keys = Keys(version=2, sealing=(fresh, own.sealing[0]), settings=(stranger,), acknowledgement=(stranger,))
    async with open_house(tmp_path, central) as house:
        await until(lambda: (pinned := house.pinned()) is not None and pinned.version == 2)
        assert house.pinned() == central.keys.model_copy(
            update={"settings": own.settings, "acknowledgement": own.acknowledgement}
        )


async def test_damaged_keys_are_pinned_anew(tmp_path: Path, central: CentralDouble) -> None:
    """A file that cannot be read is no key, and no reason to stop."""
    (tmp_path / "keys.json").write_bytes(b"\x00" * 100)
    async with open_house(tmp_path, central) as house:
        await house.commit(1)


async def test_clock_is_measured_at_each_exchange(tmp_path: Path, central: CentralDouble) -> None:
    """A record says how far its kiosk's clock was ahead of central's."""
    central.ahead = timedelta(seconds=-90)
    async with open_house(tmp_path, central) as house:
        (kept,) = await house.commit(1)
        await until(lambda: kept.id in central.records)
    header = central.records[kept.id].header
    assert header.clock_offset is not None
    assert abs(header.clock_offset - 90_000) < 2_000
    assert not header.clock_flags


async def test_kiosk_that_starts_again_carries_on(tmp_path: Path, central: CentralDouble) -> None:
    """What was pending at the end is sent at the next start, in the same ledger."""
    async with open_house(tmp_path, central) as house:
        central.stop()
        await house.commit(4)
    central.start()
    async with open_house(tmp_path, central) as house:
        assert house.status().last_seq == 5
    assert len({record.header.ledger for record in central.records.values()}) == 1


async def test_kiosk_ends_while_central_says_nothing(tmp_path: Path, central: CentralDouble) -> None:
    """Closing cuts the exchange off; nobody waits for its deadline."""
    async with open_house(tmp_path, central) as house:
        central.matter = lambda _act: Matter(state="kept", at=datetime.now(UTC))
        (kept,) = await house.commit(1, filing)
        waiting = asyncio.create_task(house.sync.deliver(kept.id, within=9.0))
        await until(lambda: central.requests[f"GET /v1/records/{kept.id}"] > 0)
        waiting.cancel()
        began = time.monotonic()
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("wrong", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)])
async def test_a_machine_of_another_century_works(tmp_path: Path, central: CentralDouble, wrong: datetime) -> None:
    """It asks for the time first; its records say how far its clock is off, and the floor is kept over a restart."""
    began = datetime.now(UTC)

    def wall() -> datetime:
        return wrong + (datetime.now(UTC) - began)

    async with open_house(tmp_path, central, wall=wall) as house:
        assert abs(house.sync.central.trust.now() - datetime.now(UTC)) < timedelta(seconds=5)
        kept = (await house.commit())[0]
        assert await house.sync.drain(DEADLINE)
    header = central.records[kept.id].header
    below = ClockFlags.BELOW_FLOOR if wrong.year == 1970 else ClockFlags(0)
    assert header.clock_flags == below
    assert header.clock_offset is not None
    assert abs(timedelta(milliseconds=header.clock_offset) - (wrong - began)) < timedelta(seconds=5)
    assert Timekeeper(tmp_path / "clock.json").floor >= began


async def test_a_clock_that_is_set_while_the_machine_runs(tmp_path: Path, central: CentralDouble) -> None:
    """A record between two exchanges says so; the next exchange measures it."""
    ahead = timedelta()
    async with open_house(tmp_path, central, wall=lambda: datetime.now(UTC) + ahead) as house:
        central.stop()
        await until(lambda: not house.sync.online)
        ahead = timedelta(days=1)
        jumped = (await house.commit())[0]
        central.start()
        assert await house.sync.drain(DEADLINE)
        measured = (await house.commit())[0]
        assert await house.sync.drain(DEADLINE)
    before, after = (central.records[kept.id].header for kept in (jumped, measured))
    assert before.clock_flags == ClockFlags.JUMPED
    assert before.clock_offset is not None
    assert abs(before.clock_offset) < 2_000
    assert after.clock_flags == ClockFlags(0)
    assert after.clock_offset is not None
    assert abs(after.clock_offset - 86_400_000) < 2_000


async def test_a_stale_refusal_makes_it_ask_for_the_time(tmp_path: Path, central: CentralDouble) -> None:
    """Its idea of the time was wrong, or central's clock was set."""
    async with open_house(tmp_path, central) as house:
        asked = central.requests["GET /v1/time"]
        assert asked == 1
        central.refuse = lambda path: Problem(title="no", status=401, code="stale") if path == "/v1/records" else None
        await house.commit()
        await until(lambda: central.requests["GET /v1/time"] > asked)
        central.refuse = lambda _path: None
        assert await house.sync.drain(DEADLINE)


@pytest.mark.parametrize(("after", "least"), [(1, 1.0), (10**9, 300.0)])
async def test_central_s_patience_is_kept(tmp_path: Path, central: CentralDouble, after: int, least: float) -> None:
    """A pause that central asks for (Retry-After), with a little more, and never above five minutes."""
    house = House(tmp_path, central)
    for error in (Unavailable("server", after), Declined("too-many", "no", 429, after)):
        pause = house.sync._failed(error)
        assert least <= pause <= least * 1.25
        house.sync._rests(error)
        wait = house.sync._rest.due - asyncio.get_running_loop().time()
        assert least - 0.1 <= wait <= least * 1.25
    house.sync.close()
    await house.outbox.close()


async def test_patience_is_kept_over_a_restart(tmp_path: Path, central: CentralDouble) -> None:
    """A machine that is started again does not come back sooner; but whoever stands there is not kept waiting."""
    async with open_house(tmp_path, central) as house:
        house.sync._failed(Unavailable("server", 120))
        await house.sync._worker.do(lambda: None)
    asked = central.requests.total()
    async with open_house(tmp_path, central, met=False) as again:
        await until(lambda: again.sync._held_until > 0)
        assert 100 < again.sync._held_until - asyncio.get_running_loop().time() <= 150
        kept = (await again.commit())[0]
        await asyncio.sleep(0.2)  # turns that a commit would have had
        assert central.requests.total() == asked
        await again.sync.deliver(kept.id, DEADLINE)
        assert central.requests.total() > asked


def test_a_pause_that_is_worth_it_is_kept(tmp_path: Path) -> None:
    """From a minute on; no clock makes more of it than it was."""
    file, now = tmp_path / "held-off.json", datetime(2026, 11, 26, tzinfo=UTC)
    held_off.keep(file, 59, now)
    assert not file.exists()
    held_off.keep(file, 120, now)
    for seconds, least in ((0, 120), (50, 70), (120, 0), (10**6, 0), (-(10**6), 375)):
        assert held_off.left(file, now + timedelta(seconds=seconds), at_most=375) == least
    file.write_bytes(b"{")
    assert held_off.left(file, now, at_most=375) == 0
