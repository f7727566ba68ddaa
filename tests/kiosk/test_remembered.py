"""What is remembered of a person for half an hour: in memory, under a key of the day, and gone with either."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from kiosk.contract.acts import RiderCheckIn
from kiosk.equipment import Guest
from kiosk.files import file_system
from kiosk.private import KEPT, place_in_memory, private_folder
from kiosk.remembered import WITHIN, Remembered
from tests.kiosk.counters import Codes, at_the_counter
from tests.kiosk.people import CHEN, LIN

KIND = "rider.check-in"
RECORD, OTHER = UUID(int=1), UUID(int=2)


@dataclass
class Clock:
    day: date = date(2026, 11, 26)
    now: float = 1000.0

    def remembers(self, folder: Path | None) -> Remembered:
        return Remembered(folder, today=lambda: self.day, now=lambda: self.now)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    if place_in_memory({}) is None:
        pytest.skip("needs a tmpfs: /run or /dev/shm")
    with private_folder(tmp_path, {}) as private:
        yield private


@pytest.mark.parametrize("minutes", [0, 29])
def test_for_half_an_hour(clock: Clock, minutes: int) -> None:
    remembered = clock.remembers(None)
    remembered.note(KIND, CHEN.number, RECORD)
    clock.now += minutes * 60
    assert remembered.last(KIND, CHEN.number) == RECORD
    assert remembered.last(KIND, LIN.number) is None
    assert remembered.last("another.kind", CHEN.number) is None
    clock.now += WITHIN
    assert remembered.last(KIND, CHEN.number) is None


def test_a_program_that_was_killed_finds_it_again(clock: Clock, folder: Path) -> None:
    clock.remembers(folder).note(KIND, CHEN.number, RECORD)
    again = clock.remembers(folder)
    assert again.last(KIND, CHEN.number) == RECORD
    again.note(KIND, CHEN.number, OTHER)
    assert clock.remembers(folder).last(KIND, CHEN.number) == OTHER


def test_with_the_day_goes_the_key(clock: Clock, folder: Path) -> None:
    """What was kept under yesterday's says nothing any more."""
    remembered = clock.remembers(folder)
    remembered.note(KIND, CHEN.number, RECORD)
    yesterday = json.loads((folder / KEPT).read_text())
    clock.day += timedelta(days=1)
    assert remembered.last(KIND, CHEN.number) is None
    remembered.note(KIND, CHEN.number, OTHER)
    today = json.loads((folder / KEPT).read_text())
    assert today["key"] != yesterday["key"]
    assert [made[0] for made in today["made"]] != [made[0] for made in yesterday["made"]]


def test_nobody_can_be_read_from_it(clock: Clock, folder: Path) -> None:
    clock.remembers(folder).note(KIND, CHEN.number, RECORD)
    kept = (folder / KEPT).read_text()
    assert not any(CHEN.number[at : at + 6] in kept for at in range(13))
    assert (folder / KEPT).stat().st_mode & 0o077 == 0


def test_on_a_disk_nothing_is_kept(clock: Clock, tmp_path: Path) -> None:
    """Where a machine has no folder in memory, the key would lie beside what it hides."""
    if file_system(tmp_path) == "tmpfs":
        pytest.skip("needs a disk")
    remembered = clock.remembers(tmp_path)
    remembered.note(KIND, CHEN.number, RECORD)
    assert remembered.last(KIND, CHEN.number) == RECORD
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "kept", ["", "{", "[]", '{"day": 1, "key": "zz", "made": []}', '{"day": "", "key": "", "made": [1]}']
)
def test_what_is_no_memory_is_none(clock: Clock, folder: Path, kept: str) -> None:
    (folder / KEPT).write_text(kept)
    remembered = clock.remembers(folder)
    assert remembered.last(KIND, CHEN.number) is None
    remembered.note(KIND, CHEN.number, RECORD)
    assert clock.remembers(folder).last(KIND, CHEN.number) == RECORD


async def test_a_check_in_is_remembered_by_the_machine(tmp_path: Path) -> None:
    """Offline too, and at the next visitor's counter; one without a card is nobody's."""
    async with at_the_counter(tmp_path, Codes(), online=False) as (counter, _glass):
        counter.equipment.answer_within = 0.0
        await counter.submit(RiderCheckIn(method="picture"), None)
        assert await counter.lately(KIND, CHEN.reference) is None
        filed = await counter.submit(RiderCheckIn(method="id-card", person=CHEN.reference), None)
        the_next = replace(counter, guest=Guest())
        assert await the_next.lately(KIND, CHEN.reference) == filed.id
        assert await the_next.lately(KIND, LIN.reference) is None
