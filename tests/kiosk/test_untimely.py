"""Central's word from another time than the one it says it is: nothing rests on it, and what follows is not old."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk import acknowledging, schema
from kiosk.contract.acknowledgements import Acknowledgement
from tests.kiosk.central_double import CentralDouble
from tests.kiosk.test_sync import DEADLINE, House, greetings, open_house, until

YEAR = timedelta(days=365)
SOON = timedelta(minutes=1)


def believed(house: House) -> Acknowledgement:
    with schema.open_to_read(house.folder / "outbox.db") as db:
        said = acknowledging.believed(db, 1)
    assert said is not None
    return said


@pytest.mark.parametrize("away", [YEAR, -YEAR])
async def test_a_word_from_another_time_changes_nothing(
    tmp_path: Path, central: CentralDouble, away: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    """With a batch or a heartbeat, signed by the right key: the records are central's all the same."""
    async with open_house(tmp_path, central) as house:
        keeper, before = house.sync.central.trust.time, believed(house)
        central.said = lambda said: replace(said, at=said.at + away)
        await house.commit(3)
        assert await house.sync.drain(DEADLINE)
        heard = greetings(central)
        await until(lambda: greetings(central) > heard + 3)
        now = datetime.now(UTC)
        assert believed(house) == before
        assert keeper.floor < now + SOON
        assert abs(keeper.now() - now) < SOON
        assert house.outbox.befallen.disbelieved == 0
        assert len([line for line in caplog.records if line.levelno >= logging.ERROR]) == 1
        central.said = lambda said: said
        await house.commit()
        await until(lambda: believed(house).seq == 5)


async def test_a_central_that_was_a_year_ahead_is_believed_once_it_is_set_right(
    tmp_path: Path, central: CentralDouble
) -> None:
    """Nobody at the kiosk can tell who is wrong; but no word that follows is an old one."""
    central.ahead = YEAR
    async with open_house(tmp_path, central) as house:
        await house.commit(2)
        await until(lambda: believed(house).seq == 3)
        assert believed(house).at > datetime.now(UTC) + YEAR - SOON
        central.ahead = timedelta()
        await house.commit(2)
        await until(lambda: believed(house).seq == 5)
        assert believed(house).at < datetime.now(UTC) + SOON
        assert house.outbox.befallen.disbelieved == 0


@pytest.mark.parametrize("wrong", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)])
async def test_a_kiosk_whose_own_clock_is_wrong_believes_central(
    tmp_path: Path, central: CentralDouble, wrong: datetime
) -> None:
    """It was told the time before."""
    async with open_house(tmp_path, central, wall=lambda: wrong) as house:
        await house.commit()
        await until(lambda: believed(house).seq == 2)
