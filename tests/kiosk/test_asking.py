"""What became of a matter is asked for until it is over: often at first, rarely once it is with its authority."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from kiosk.contract.messages import Matter, MatterState, RecordStatus
from kiosk.errors import Declined, NotCentral, Unavailable
from kiosk.outbox import Outbox, outbox_status
from kiosk.sync import Sync
from tests.kiosk.acts import filing
from tests.kiosk.central_double import CentralDouble
from tests.kiosk.inline import inline
from tests.kiosk.plain_central import PlainCentral
from tests.kiosk.test_sync import FAST, House, open_house, until
from tests.virtual_time import Clock, VirtualLoop

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
HOUR, DAY = 3600.0, 86_400.0


class Days:
    """One kiosk over many days, on virtual time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.central = PlainCentral(self.now)
        self._stack = ExitStack()
        self._stack.enter_context(inline())
        self.run = self._stack.enter_context(asyncio.Runner(loop_factory=lambda: VirtualLoop(self.clock))).run
        self.run(self.start())

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.clock.now)

    async def start(self) -> None:
        """Also again."""
        self.outbox = Outbox(self.folder / "outbox.db", kiosk="K-001", mode="demo", now=self.now)
        await self.outbox.start()
        keys = self.folder / "keys.json"
        self.sync = Sync(outbox=self.outbox, central=self.central, keys_file=keys, jitter=lambda: 0.5)
        await self.sync.start()
        await self.sync._turn()

    async def live(self, seconds: float) -> int:
        """How many questions were asked in that time."""
        before, end = self.central.asked["status"], self.clock.now + seconds
        while self.clock.now < end:
            pause = await self.sync._turn()
            self.clock.now = min(end, self.clock.now + max(pause, min(seconds / 50, HOUR / 2)))
        return self.central.asked["status"] - before

    async def commit(self, count: int) -> None:
        for _ in range(count):
            await self.outbox.commit(filing(), happened_at=self.now())

    def matters(self) -> dict[str, int]:
        return outbox_status(self.folder / "outbox.db").matters

    def close(self) -> None:
        self.run(self.outbox.close())
        self._stack.close()


@pytest.fixture
def days(tmp_path: Path) -> Iterator[Days]:
    days = Days(tmp_path)
    yield days
    days.close()


@pytest.mark.parametrize("said", [["sent", "decided"], ["sent", "papers wanted", "sent", "declined"]])
async def test_what_the_authority_says_later_reaches_the_kiosk(tmp_path: Path, said: list[MatterState]) -> None:
    """Also where it wants papers, and goes on when it has them."""
    central, state = CentralDouble(), said[0]
    central.matter = lambda _act: Matter(state=state, at=datetime.now(UTC))
    pace = replace(FAST, matter_first=0.01, matter_most=0.02)
    try:
        async with open_house(tmp_path, central, pace) as house:
            await house.commit(1, filing)
            for state in said:
                await until(partial(is_now, house, state))
    finally:
        central.stop()


def is_now(house: House, state: MatterState) -> bool:
    return house.status().matters == {state: 1}


def test_what_is_with_its_authority_is_asked_for_rarely_and_not_for_ever(days: Days) -> None:
    """After hours, then once a day; after three months no more."""
    days.run(days.commit(10))
    assert days.run(days.live(HOUR)) == 10
    assert days.matters() == {"sent": 10}
    assert days.run(days.live(2 * HOUR)) == 0
    assert days.run(days.live(2 * HOUR)) == 10
    assert days.run(days.live(6 * DAY)) <= 80
    assert 600 <= days.run(days.live(84 * DAY)) <= 850
    assert days.run(days.live(10 * DAY)) <= 10
    assert days.run(days.live(10 * DAY)) == 0


def test_a_start_asks_for_old_matters_little_by_little(days: Days) -> None:
    """Every machine of a county starts at the same time; what is young may be waited for."""
    days.run(days.commit(30))
    days.run(days.live(2 * DAY))
    days.run(days.commit(1))
    days.run(days.live(60.0))
    days.run(days.start())
    assert days.run(days.live(HOUR / 2)) == 1
    assert days.run(days.live(HOUR)) == 30


def test_a_central_that_has_forgotten_is_asked_soon(days: Days) -> None:
    """It was restored: what it takes as new is on its way once more."""
    before = days.central.backup()
    days.run(days.commit(1))
    days.run(days.live(2 * DAY))
    days.central.restore(before)
    days.central.faults = ["away"]
    assert days.run(days.live(HOUR / 2)) == 1
    assert days.matters() == {"sent": 1}


def test_what_nothing_is_known_of_goes_before_what_is_sent(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage of the authority leaves many of them; they are asked for each hour, whatever else there is."""
    answered = days.central.status

    def nothing_yet(id: object, within: float = 0.0) -> RecordStatus:  # noqa: A002
        status = answered(id, within)  # type: ignore[arg-type]
        return status.model_copy(update={"matter": Matter(state="kept", at=days.now())})

    days.run(days.commit(2))
    days.run(days.live(HOUR))
    monkeypatch.setattr(days.central, "status", nothing_yet)
    days.run(days.commit(2))
    days.run(days.live(HOUR))
    assert days.matters() == {"sent": 2, "kept": 2}
    assert 40 <= days.run(days.live(DAY)) <= 56
    assert days.run(days.outbox.kept(2)) == days.run(days.outbox.kept(4))[:2]
    monkeypatch.undo()
    days.run(days.live(HOUR))
    assert days.matters() == {"sent": 4}


@pytest.mark.parametrize(
    ("error", "at_most"),
    [
        (Unavailable("server", 60.0), 10),
        (Declined("too-many", "no", 429, 60.0), 10),
        (Unavailable("server"), 40),
        (Unavailable("slow"), 40),
        (NotCentral("it answers 404 as text/html"), 40),
    ],
    ids=["asks to wait", "too many", "fails", "slow", "not central"],
)
def test_questions_that_fail_have_their_own_patience(
    days: Days, monkeypatch: pytest.MonkeyPatch, error: Unavailable | Declined, at_most: int
) -> None:
    """Few are asked and nothing else is, nothing is written down of it, and records go up at once."""
    asked: list[float] = []

    def failing(_id: UUID, _within: float = 0.0) -> RecordStatus:
        asked.append(days.clock.now)
        raise error

    monkeypatch.setattr(days.central, "status", failing)
    days.run(days.commit(60))
    before = days.central.asked["keys"] + days.central.asked["health"]
    days.run(days.live(600.0))
    assert 5 <= len(asked) <= at_most
    assert days.central.asked["keys"] + days.central.asked["health"] == before
    assert not (days.folder / "held-off.json").exists()
    so_far = len(days.central.stored)
    days.run(days.commit(1))
    days.run(days.sync._turn())
    assert len(days.central.stored) == so_far + 1
    monkeypatch.undo()
    days.run(days.live(HOUR))
    assert days.matters() == {"sent": 61}


def test_a_question_that_central_fails_on_stops_no_other(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked again, when the others were."""
    answered, poisoned = days.central.status, list[UUID]()

    def failing(id: UUID, within: float = 0.0) -> RecordStatus:  # noqa: A002
        if id in poisoned:
            raise Unavailable("server")
        return answered(id, within)

    monkeypatch.setattr(days.central, "status", failing)
    days.run(days.commit(10))
    poisoned += [each.id for each in days.run(days.outbox.pending(3))]
    days.run(days.live(HOUR))
    assert days.matters() == {"sent": 7, "kept": 3}
    poisoned.clear()
    days.run(days.live(2 * HOUR))
    assert days.matters() == {"sent": 10}
