"""Papers photographed with a telephone: from the code on the glass to the authority, with a browser's own requests."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import httpx2 as httpx

from kiosk.manner import Back
from kiosk.pages import Done, Page, SendPapers
from tests.acceptance.test_visits import to_papers
from tests.acceptance.whole import Surroundings, Whole, whole_machine
from tests.central.photographs import photograph
from tests.central.programs import until


def at_the_authority(around: Surroundings) -> int:
    with sqlite3.connect(around.database.removeprefix("sqlite:///")) as connection:
        count: int = connection.execute("SELECT count(*) FROM demonstration_papers").fetchone()[0]
    connection.close()
    return count


def send(http: httpx.Client, url: str, number: int) -> None:
    part = ("picture", (f"IMG_{number}.jpg", photograph(number), "image/jpeg"))
    assert http.post(f"{url}/papers/proof", files=[part]).status_code == 200


async def came(whole: Whole, count: int) -> SendPapers:
    """The page of the code, once it says that so many have come."""

    def says(page: Page[object]) -> bool:
        return isinstance(page, SendPapers) and sum(paper.count for paper in page.papers) == count

    page = await whole.glass.see("send-papers", says)
    assert isinstance(page, SendPapers)
    return page


async def test_pictures_go_from_a_telephone_to_the_authority(around: Surroundings, tmp_path: Path) -> None:
    """The page follows what the telephone does; going back keeps what came; 传好了 there goes on here; the authority
    has each picture once."""
    before = at_the_authority(around)
    async with whole_machine(around, tmp_path) as whole:
        await to_papers(whole)
        page = await came(whole, 0)
        assert page.qr.startswith(f"{around.public}/u/")
        with httpx.Client(follow_redirects=True, timeout=15) as telephone:
            await asyncio.to_thread(telephone.post, f"{page.qr}/begin")
            await whole.glass.see("send-papers", lambda page: isinstance(page, SendPapers) and page.news != "")
            await asyncio.to_thread(send, telephone, page.qr, 1)
            await came(whole, 1)
            await whole.glass.answer("send-papers", Back())
            await whole.glass.answer("proof", "upload")
            again = await came(whole, 0)
            assert again.qr != page.qr, "who chooses anew gets a code anew"
            await asyncio.to_thread(telephone.post, f"{again.qr}/begin")
            await asyncio.to_thread(send, telephone, again.qr, 2)
            await asyncio.to_thread(send, telephone, again.qr, 3)
            await came(whole, 2)
            await asyncio.to_thread(telephone.post, f"{again.qr}/done")
            await whole.glass.answer("confirm-telephone", Back())
            kept = await came(whole, 2)
            assert kept.qr == again.qr
            await asyncio.to_thread(telephone.post, f"{again.qr}/done")
        await whole.glass.walk(("confirm-telephone", "keep"), ("confirm", None))
        done = await whole.glass.see("done")
        assert isinstance(done, Done)
        assert ("材料", "手机传了 2 张") in [(row.label, row.value) for row in done.rows]
        await whole.rows("medical.remote-care-filing")
        await asyncio.to_thread(until, lambda: at_the_authority(around) >= before + 2)
        await whole.glass.answer("done", "finish")
    assert at_the_authority(around) == before + 2
