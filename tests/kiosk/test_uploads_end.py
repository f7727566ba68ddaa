"""Photographs that came for nothing: whoever leaves before anything is recorded leaves none at central."""

from __future__ import annotations

import asyncio
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

import pytest

from kiosk.contract.uploads import OpenUpload, UploadOpened, UploadState, UploadStep, WantedPaper
from kiosk.counter import Counter
from kiosk.errors import Unavailable
from tests.kiosk.acts import check_in
from tests.kiosk.counters import Codes, at_the_counter

UPLOAD = UUID(int=7)
OPENED = UploadOpened(
    url="https://zj.example.com/u/x",
    upload=UploadState(id=UPLOAD, seconds=600, telephone=False, finished=False, closed=False, news=0, arrived=()),
)
OPEN = OpenUpload(wanted=(WantedPaper(code="proof", label="居住证"),))


class Central:
    """Answers to an upload, and remembers what it was asked."""

    def __init__(self, *, away: bool = False) -> None:
        self.dropped: list[tuple[UUID, UUID]] = []
        self.away = away

    def ask(self, query: object, presented: object) -> object:
        if isinstance(query, OpenUpload):
            return OPENED
        assert isinstance(query, UploadStep)
        assert query.step == "drop"
        if self.away:
            raise Unavailable("offline")
        self.dropped.append((query.upload, presented.visit))  # type: ignore[attr-defined]
        return OPENED.upload


async def visit(folder: Path, central: Central, *, recorded: bool, opened: bool = True) -> UUID:
    """Opens an upload, perhaps records something, and is over."""
    async with at_the_counter(folder, Codes()) as (counter, _glass):
        with patch.object(counter.equipment.central, "ask", central.ask):
            if opened:
                await counter.query(OPEN)
            if recorded:
                await counter.submit(check_in(), None)
            counter.forget_upload()
            counter.forget_upload()
            await done(counter)
            return counter.guest.visit


async def done(counter: Counter) -> None:
    """Whatever goes on behind the visit has ended."""
    await asyncio.sleep(0)
    await counter.equipment.asking.do(lambda: None)
    await asyncio.sleep(0)


async def test_what_nobody_recorded_is_dropped(tmp_path: Path) -> None:
    central = Central()
    number = await visit(tmp_path, central, recorded=False)
    assert central.dropped == [(UPLOAD, number)]


async def test_what_an_act_names_stays(tmp_path: Path) -> None:
    central = Central()
    await visit(tmp_path, central, recorded=True)
    assert central.dropped == []


async def test_whoever_sent_nothing_asks_for_nothing(tmp_path: Path) -> None:
    central = Central()
    await visit(tmp_path, central, recorded=False, opened=False)
    assert central.dropped == []


async def test_central_away_keeps_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    await visit(tmp_path, Central(away=True), recorded=False)
    assert "photographs of nothing wait at central" in caplog.text
