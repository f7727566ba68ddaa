"""The page of a certificate's code goes on by itself as soon as a telephone has fetched the file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from unittest.mock import patch

import pytest

from kiosk import fetching
from kiosk.contract.certificates import CertificateFetched, CertificateFetchedOf
from kiosk.contract.queries import Presented
from kiosk.errors import Unavailable
from kiosk.pages import FETCHED, Done, Option
from tests.kiosk.counters import Codes, at_the_counter

TOKEN = "A" * 43
PAGE = Done(
    name="certificate",
    mood="done",
    question="参保证明开好了",
    qr=f"http://public/d/{TOKEN}",
    actions=(Option(value="finish", label="存好了"),),
    fetches=TOKEN,
)


class Central:
    """What central says, one answer after another; the last one again and again. None: it is away."""

    def __init__(self, *times: int | None) -> None:
        self.times = [*times]
        self.asked = 0

    def ask(self, query: CertificateFetchedOf, presented: Presented) -> CertificateFetched:
        assert query.token == TOKEN
        self.asked += 1
        times = self.times.pop(0) if len(self.times) > 1 else self.times[0]
        if times is None:
            raise Unavailable("offline")
        return CertificateFetched(times=times)


async def test_it_goes_on_when_the_telephone_has_the_file(tmp_path: Path) -> None:
    """Though central was away in between."""
    central = Central(0, None, 0, 1)
    async with at_the_counter(tmp_path, Codes()) as (counter, _glass):
        with patch.object(counter.equipment.central, "ask", central.ask), patch.object(fetching, "LOOKS_EVERY", 0.001):
            async with asyncio.timeout(30):
                assert await counter.ask(PAGE, None) == FETCHED
    assert central.asked == 4


@pytest.mark.parametrize("times", [0, None])
async def test_until_then_it_is_answered_by_hand(tmp_path: Path, times: int | None) -> None:
    """And nobody asks any more when it was."""
    central = Central(times)
    async with at_the_counter(tmp_path, Codes()) as (counter, glass):
        with patch.object(counter.equipment.central, "ask", central.ask), patch.object(fetching, "LOOKS_EVERY", 0.001):
            answer = asyncio.get_running_loop().create_task(counter.ask(PAGE, None))
            await glass.see("certificate")
            while central.asked < 3:  # noqa: ASYNC110 - a thread asks
                await asyncio.sleep(0)
            await glass.answer("certificate", "finish")
            async with asyncio.timeout(30):
                assert await answer == "finish"
