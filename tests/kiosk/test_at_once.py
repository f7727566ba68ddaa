"""A live act at a real counter over real HTTP: nothing recorded where central is away, sent once, and its fate known or
asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import main
from kiosk import at_once
from kiosk.contract.acts import Act
from kiosk.contract.base import Message
from kiosk.contract.live import LiveAct
from kiosk.contract.messages import ItemAnswer, LiveRequest, Matter, MatterState, Outcome, Problem
from kiosk.contract.numbers import read_number
from kiosk.contract.records import Header, new_id
from kiosk.counter import Counter
from kiosk.desk import Filed
from kiosk.equipment import Guest
from kiosk.errors import NotKept, Unavailable
from kiosk.manner import Manner
from kiosk.outbox import OutboxStatus, outbox_status
from kiosk.settings import check_settings
from tests.acceptance.whole import Glass
from tests.kiosk.acts import card_loss, check_in
from tests.kiosk.central_double import CentralDouble
from tests.kiosk.hall import at_pace
from tests.kiosk.test_sync import FAST, until

STOPPED = Matter(state="decided", number="JS1", text="停用了", at=datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def central() -> Iterator[CentralDouble]:
    double = CentralDouble()
    double.matter = lambda act: STOPPED if isinstance(act, LiveAct) else Matter(state="sent", at=datetime.now(UTC))
    yield double
    double.stop()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits ten seconds here."""
    monkeypatch.setattr(at_once, "WITHIN", 0.4)
    monkeypatch.setattr(at_once, "ASKED_AGAIN_WITHIN", 0.4)


class Place:
    """A counter whose sync runs, and what lies in its outbox."""

    def __init__(self, folder: Path, central: CentralDouble) -> None:
        self.file = folder / "outbox.db"
        settings = check_settings({"central": {"url": central.url}}, "")
        with at_pace(FAST):
            self.machine = main.put_together(settings, folder, Glass())
        self.gear = self.machine.equipment
        reception = self.machine.reception
        self.counter = Counter(self.gear, reception.catalog.items[0], Guest(), Manner, reception._change)

    @property
    def status(self) -> OutboxStatus:
        return outbox_status(self.file)

    async def submit(self, act: Act | None = None) -> Filed:
        return await self.counter.submit(act or card_loss(), None, live=True)


@asynccontextmanager
async def open_place(folder: Path, central: CentralDouble, *, met: bool = True) -> AsyncIterator[Place]:
    place = Place(folder, central)
    await place.gear.outbox.start()
    running = asyncio.create_task(place.gear.sync.run())
    try:
        if met:
            await until(lambda: place.gear.sync.first_contact_done and place.gear.sync.online)
            assert await place.gear.sync.drain(5)
        yield place
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await main.close(place.machine)


def live_in(central: CentralDouble) -> int:
    return sum(isinstance(act, LiveAct) for act in central.acts)


async def test_it_is_sent_once_by_itself(tmp_path: Path, central: CentralDouble) -> None:
    """In the same chain as everything else, and its answer is the outcome."""
    async with open_place(tmp_path, central) as place:
        await place.gear.outbox.commit(check_in())
        filed = await place.submit()
        assert (filed.state, filed.matter) == ("decided", STOPPED)
        await place.gear.outbox.commit(check_in())
        assert await place.gear.sync.drain(5)
        status = place.status
    assert (status.pending, status.matters["decided"]) == (0, 1)
    assert (len(central.nonces), live_in(central)) == (1, 1)
    records = sorted(central.records.values(), key=lambda record: record.header.seq)
    assert [record.header.seq for record in records] == [1, 2, 3, 4]
    assert records[2].header.id == filed.id
    assert [after.header.previous for after in records[1:]] == [before.hash for before in records[:-1]]


async def test_offline_nothing_is_recorded(tmp_path: Path, central: CentralDouble) -> None:
    """A live act is never in the queue of a kiosk without network, whether it knows of that already or not."""
    async with open_place(tmp_path, central) as place:
        before = place.status
        central.stop()
        with pytest.raises(Unavailable):
            await place.submit()
        await until(lambda: not place.gear.sync.online)
        with pytest.raises(Unavailable) as caught:
            await place.submit()
        assert caught.value.reason == "offline"
        assert place.status == before
        central.start()
        await until(lambda: place.gear.sync.online)
        assert await place.gear.sync.drain(5)
    assert (central.nonces, live_in(central)) == ([], 0)


async def test_nobody_opens(tmp_path: Path, central: CentralDouble) -> None:
    """Central is there and would carry out nothing: nothing is recorded."""
    async with open_place(tmp_path, central) as place:
        before = place.status
        central.opener = "silent"
        with pytest.raises(Unavailable):
            await place.submit()
        assert place.status == before


async def test_a_disk_that_is_full(tmp_path: Path, central: CentralDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent that was not kept."""

    async def full(*_arguments: object, **_named: object) -> None:
        raise NotKept("full")

    async with open_place(tmp_path, central) as place:
        monkeypatch.setattr(place.gear.outbox, "commit", full)
        with pytest.raises(NotKept):
            await place.submit()
    assert central.nonces == []


@pytest.mark.parametrize("call", ["waiting", "matter"])
@pytest.mark.parametrize("how", ["fails", "hangs"])
async def test_a_disk_in_trouble_after_the_commit(
    tmp_path: Path, central: CentralDouble, monkeypatch: pytest.MonkeyPatch, call: str, how: str
) -> None:
    """What is on the disk is never told as not recorded, and nobody stands before a page that does not end."""
    monkeypatch.setattr(at_once, "COMMIT_WITHIN", 0.2)

    async def trouble(*_: object) -> None:
        if how == "hangs":
            await asyncio.sleep(60)
        raise NotKept("broken", "the disk fails")

    async with open_place(tmp_path, central) as place:
        monkeypatch.setattr(place.gear.outbox, call, trouble)
        async with asyncio.timeout(30):
            filed = await place.submit()
        monkeypatch.undo()
        assert filed.state == ("unsure" if call == "waiting" else "decided")
        assert filed.number


async def test_an_answer_that_is_lost_is_asked_for(tmp_path: Path, central: CentralDouble) -> None:
    """By the record's id; it is carried out once."""
    async with open_place(tmp_path, central) as place:
        central.lose_answers = 1
        filed = await place.submit()
        assert (filed.state, filed.matter) == ("decided", STOPPED)
    assert (len(central.nonces), live_in(central)) == (1, 1)


@pytest.mark.parametrize("state", ["kept", "unsure"])
async def test_what_is_not_known_is_unsure(tmp_path: Path, central: CentralDouble, state: MatterState) -> None:
    """Asked again at the person's wish, and nothing is sent again."""
    async with open_place(tmp_path, central) as place:
        central.matter = lambda _act: Matter(state=state, at=datetime.now(UTC))
        filed = await place.submit()
        assert (filed.state, filed.matter) == ("unsure", None)
        assert (await place.counter.ask_again(filed)).state == "unsure"
        assert place.status.matters["unsure"] == 1
        central.matter = lambda _act: STOPPED
        again = await place.counter.ask_again(filed)
        assert (again.state, again.matter, again.number) == ("decided", STOPPED, filed.number)
        assert place.status.matters == {"decided": 1}
    assert (len(central.nonces), live_in(central)) == (1, 1)


async def test_it_is_told_though_central_takes_no_batch(tmp_path: Path, central: CentralDouble) -> None:
    """What went by itself central may know of, whatever becomes of the other records."""
    async with open_place(tmp_path, central) as place:
        central.matter = lambda _act: Matter(state="unsure", at=datetime.now(UTC))
        central.refuse = lambda path: Problem(title="no", status=503, code="busy") if path == "/v1/records" else None
        filed = await place.submit()
        assert filed.state == "unsure"
        central.matter = lambda _act: STOPPED
        assert (await place.counter.ask_again(filed)).matter == STOPPED
    assert (len(central.nonces), live_in(central)) == (1, 1)


async def test_nobody_asks_and_it_becomes_known(tmp_path: Path, central: CentralDouble) -> None:
    """The person has gone, the machine was started anew: its fate is asked for all the same."""
    async with open_place(tmp_path, central) as place:
        central.matter = lambda _act: Matter(state="unsure", at=datetime.now(UTC))
        await place.submit()
    assert outbox_status(tmp_path / "outbox.db").matters == {"unsure": 1}
    central.matter = lambda _act: STOPPED
    async with open_place(tmp_path, central) as place:
        await until(lambda: place.status.matters == {"decided": 1})


async def test_cut_off_before_it_was_sent(tmp_path: Path, central: CentralDouble) -> None:
    """Committed, and then the power goes: it is sent with the others after the start, when central judges its time."""
    async with open_place(tmp_path, central) as place:
        with place.gear.sync.apart(new_id(datetime.now(UTC))) as chosen:
            kept = await place.gear.outbox.commit(card_loss(), id=chosen)
            await asyncio.sleep(0.1)
            assert live_in(central) == 0
            assert place.status.pending == 1
            assert await place.counter.recorded_here(read_number(kept.number)) == ("unsure", "at once")
    late = Matter(state="declined", text="没有办成", at=datetime.now(UTC) + timedelta(minutes=5))
    central.matter = lambda _act: late
    async with open_place(tmp_path, central) as place:
        await until(lambda: place.status.matters == {"declined": 1})
    assert (central.nonces, live_in(central)) == ([], 1)


async def test_a_refusal_leaves_it_open(tmp_path: Path, central: CentralDouble) -> None:
    """Central refuses the request: the record may still get there with the others, so nobody is told that it failed."""
    async with open_place(tmp_path, central) as place:
        central.refuse = lambda path: 500 if path == "/v1/live" else None
        filed = await place.submit()
        assert (filed.state, filed.matter) == ("decided", STOPPED), "it got there with the others, in time"
    assert (central.nonces, live_in(central)) == ([], 1)


@pytest.mark.parametrize("outcome", ["stored", "conflict"])
async def test_the_answer_says_nothing_of_the_record(
    tmp_path: Path, central: CentralDouble, monkeypatch: pytest.MonkeyPatch, outcome: Outcome
) -> None:
    """Nobody signed it: whoever answers in central's place takes no record away. It goes up with the others."""

    def lying(request: LiveRequest) -> tuple[int, Message]:
        central.nonces.append(request.nonce)
        return 200, ItemAnswer(id=Header.decode(request.record.header).id, outcome=outcome, matter=STOPPED)

    monkeypatch.setattr(central, "_carry_out", lying)
    async with open_place(tmp_path, central) as place:
        assert (await place.submit()).matter == STOPPED
        await until(lambda: live_in(central) == 1)
        assert await place.gear.sync.drain(5)
        await until(lambda: place.status.matters == {"decided": 1})
        assert (place.status.quarantined, len(central.nonces)) == (0, 1)


async def test_what_is_known_is_never_unsure_again(tmp_path: Path, central: CentralDouble) -> None:
    async with open_place(tmp_path, central) as place:
        filed = await place.submit()
        await place.gear.outbox.matter(filed.id, Matter(state="unsure", at=datetime.now(UTC)))
        assert place.status.matters == {"decided": 1}
