"""The page of a telephone's upload follows what central says, and goes on when the telephone says that this is all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

import pytest

from kiosk import sending
from kiosk.contract.queries import Presented
from kiosk.contract.uploads import Arrived, UploadOpened, UploadState, UploadStep, WantedPaper
from kiosk.errors import Unavailable
from kiosk.journeys.papers import AGAIN, DESK, FINISH
from kiosk.journeys.papers import sending as page_of
from kiosk.manner import Back
from kiosk.pages import SendPapers
from tests.acceptance.whole import Glass
from tests.kiosk.counters import Codes, at_the_counter

UPLOAD = UUID(int=1)
STATE = UploadState(id=UPLOAD, seconds=600, telephone=False, finished=False, closed=False, news=0, arrived=())
WANTED = (WantedPaper(code="proof", label="居住证"),)
PAGE = page_of(UploadOpened(url="https://zj.example.com/u/x", upload=STATE), WANTED)


def after(count: int, **more: object) -> UploadState:
    """The upload when so many pictures came."""
    arrived = tuple(Arrived(id=UUID(int=number + 10), paper="proof") for number in range(count))
    return STATE.model_copy(update={"telephone": True, "news": count + 1, "arrived": arrived, **more})


@dataclass
class Central:
    """What central says of the upload; None: it is away. ``again`` opens it again."""

    state: UploadState | None = STATE
    steps: list[str] = field(default_factory=list)

    def ask(self, query: UploadStep, presented: Presented) -> UploadState:
        assert query.upload == UPLOAD
        self.steps.append(query.step)
        if self.state is None:
            raise Unavailable("offline")
        if query.step == "again":
            self.state = self.state.model_copy(update={"seconds": 600, "closed": False, "finished": False})
        return self.state


@asynccontextmanager
async def asked(data: Path, central: Central) -> AsyncIterator[tuple[asyncio.Task[str], Glass]]:
    """The page before a person."""
    async with at_the_counter(data, Codes()) as (counter, glass):
        with (
            patch.object(counter.equipment.central, "ask", central.ask),
            patch.object(sending, "LOOKS_EVERY", 0.001),
        ):
            answer = asyncio.get_running_loop().create_task(counter.ask(PAGE, None))
            try:
                yield answer, glass
            finally:
                answer.cancel()
                await asyncio.wait([answer])


async def seen(glass: Glass, count: int) -> SendPapers:
    page = await glass.see(
        "send-papers",
        lambda page: isinstance(page, SendPapers) and sum(paper.count for paper in page.papers) == count,
    )
    assert isinstance(page, SendPapers)
    return page


async def test_each_picture_shows_the_page_anew(tmp_path: Path) -> None:
    """So the time that somebody may be still begins anew; while nothing comes, nothing is drawn."""
    central = Central()
    async with asked(tmp_path, central) as (answer, glass):
        await seen(glass, 0)
        for count in (1, 2):
            central.state = after(count)
            await seen(glass, count)
        shown = len(glass.shown)
        looks = len(central.steps)
        while len(central.steps) < looks + 5:  # noqa: ASYNC110 - a thread looks
            await asyncio.sleep(0)
        assert len(glass.shown) == shown
        await glass.answer("send-papers", FINISH)
        assert await answer == FINISH


async def test_it_goes_on_by_itself_when_the_telephone_says_so(tmp_path: Path) -> None:
    """But not when nothing came: then somebody pressed the wrong thing."""
    central = Central(after(0, finished=True))
    async with asked(tmp_path, central) as (answer, glass):
        await seen(glass, 0)
        central.state = after(2, finished=True)
        async with asyncio.timeout(30):
            assert await answer == FINISH


@pytest.mark.parametrize("before", [after(2, closed=True), after(2, finished=True), after(2, seconds=0)])
async def test_whoever_comes_back_to_it_finds_it_open(tmp_path: Path, before: UploadState) -> None:
    """With what came: going back loses nothing, and does not run on again at once."""
    central = Central(before)
    async with asked(tmp_path, central) as (answer, glass):
        page = await seen(glass, 2)
        assert page.seconds == 600
        assert central.steps[:2] == ["look", "again"]
        await glass.answer("send-papers", DESK)
        assert await answer == DESK


async def test_when_the_time_is_over_ten_more_minutes_can_be_had(tmp_path: Path) -> None:
    central = Central()
    async with asked(tmp_path, central) as (answer, glass):
        await seen(glass, 0)
        central.state = after(1, seconds=0)
        await seen(glass, 1)
        await glass.answer("send-papers", AGAIN)
        await glass.see("send-papers", lambda page: isinstance(page, SendPapers) and page.seconds == 600)
        assert not answer.done()


async def test_central_away_is_said_and_what_came_stays(tmp_path: Path) -> None:
    central = Central(after(1))
    async with asked(tmp_path, central) as (answer, glass):
        await seen(glass, 1)
        central.state = None
        await glass.see("send-papers", lambda page: isinstance(page, SendPapers) and page.mood == "wait")
        central.state = after(1)
        await seen(glass, 1)
        await glass.see("send-papers", lambda page: isinstance(page, SendPapers) and page.mood == "done")
        await glass.answer("send-papers", Back())
        with pytest.raises(Back):
            await answer
