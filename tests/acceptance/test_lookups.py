"""Queries and lists by the whole machine: card, code, central and its authorities over HTTP, and none of them."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import cast

from kiosk.pages import Notice, Result, Search, Table
from tests.acceptance.test_visits import to_card
from tests.acceptance.whole import SOON, Surroundings, whole_machine

NOWHERE = "http://127.0.0.1:9"


async def test_a_pension_from_card_and_code_to_the_table(around: Surroundings, tmp_path: Path) -> None:
    """Amounts covered; no record and no paper is left of it."""
    async with whole_machine(around, tmp_path) as whole:
        before = whole.tickets()
        await to_card(whole, "social-insurance", "pension-paid")
        whole.control.present("lin-xiuying")
        await whole.glass.see("code")
        await whole.glass.answer("code", await whole.code())
        await whole.glass.answer("insured-place", "350900")
        page = cast(Table, await whole.glass.see("records"))
        assert page.lines[0].cells[:3] == ("2026年11月", "226.40 元", "还没有发")
        assert page.columns[1].private
        await whole.glass.answer("records", "finish")
        assert whole.tickets() == before
        kinds = [str(row["kind"]) for row in await whole.transactions()]
        assert [kind for kind in kinds if not kind.startswith("audit.")] == ["ledger.genesis"]


async def test_an_item_leads_on_to_another_without_the_card(around: Surroundings, tmp_path: Path) -> None:
    """From the medical insurance to paying it: the same guest, and nobody is asked for the card again."""
    async with whole_machine(around, tmp_path) as whole:
        await whole.glass.walk(("home", "medical-insurance"), ("items", "medical-insurance-join"))
        await whole.glass.answer("group", "medical-status")
        await whole.glass.see("card")
        whole.control.present("chen-jianguo")
        page = cast(Result, await whole.glass.see("result"))
        assert [section.state for section in page.sections] == ["已停保", "正常参保"]
        shown = len(whole.glass.shown)
        await whole.glass.answer("result", "onward:medical-payment")
        await whole.glass.until(lambda: whole.glass.page is not None and whole.glass.page.name != "result", "the next")
        assert whole.glass.head is not None
        assert whole.glass.head.title == "居民医保缴费"
        assert "card" not in [page.name for page in whole.glass.shown[shown:]]


async def test_lists_are_searched_after_a_restart_without_a_network(around: Surroundings, tmp_path: Path) -> None:
    """What came once is on the disk; a machine that never had it says so."""
    first, later, new = (tmp_path / name for name in ("first", "later", "new"))
    async with whole_machine(around, first) as whole:
        datasets = whole.machine.datasets
        async with asyncio.timeout(SOON):
            while not all(datasets.current(name) for name in datasets.names):  # noqa: ASYNC110 - nobody is told
                await asyncio.sleep(0.05)
    for folder in (later, new):
        folder.mkdir()
        shutil.copy(first / "keys.json", folder)
    shutil.copytree(first / "datasets", later / "datasets")
    to_list = (("home", "medical-insurance"), ("items", "medical-insurance-family"), ("group", "hospitals-and-drugs"))
    async with whole_machine(around, later, central=NOWHERE) as whole:
        await whole.glass.walk(*to_list, ("list", "drugs"))
        search = cast(Search, await whole.glass.see("search"))
        assert "2026年11月1日" in search.hint
        await whole.glass.answer("search", "X0012")
        assert cast(Result, await whole.glass.see("entry")).sections[0].title == "二甲双胍片"
    async with whole_machine(around, new, central=NOWHERE) as whole:
        await whole.glass.walk(*to_list, ("list", "drugs"))
        assert isinstance(await whole.glass.see("no-list"), Notice)
