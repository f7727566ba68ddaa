"""The life of the machine: when nobody is there, and when somebody is done."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

import main
from kiosk import pages
from kiosk.catalog import ALL, CHANGED, SEARCH
from kiosk.contract.ratings import ReasonedRating
from kiosk.contract.records import Record, open_sealed
from kiosk.desk import Desk, Left
from kiosk.ledger import Ledger
from kiosk.manner import Anew, HelpAsked, Manner
from kiosk.pages import Attract, Notice
from kiosk.serving import Serving
from kiosk.settings import check_settings
from kiosk.sync import Sync
from tests.acceptance.whole import Glass
from tests.kiosk.outbox_writer import PRIVATE, keys


@pytest_asyncio.fixture
async def machine(tmp_path: Path, glass: Glass) -> AsyncIterator[main.Machine]:
    """A reception that is open, on a machine without devices that has met its central."""
    machine = main.put_together(check_settings({"central": {"url": "http://127.0.0.1:1"}}, ""), tmp_path, glass)
    machine.reception.trouble("first contact", None)
    await machine.equipment.outbox.start(keys())
    running = asyncio.create_task(machine.reception.run())
    yield machine
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await main.close(machine)


async def test_an_untouched_home_page_makes_way_for_a_still_one(glass: Glass, machine: main.Machine) -> None:
    """It says where one is and what can be done; a touch leads home, without another wipe in between."""
    await glass.answer("home", Left("idle"))
    page = await glass.see("attract")
    assert isinstance(page, Attract)
    assert (page.place, page.offers[0].label) == ("环城路社区党群服务中心", "社保")
    assert machine.reception.hall_is_empty
    wiped = glass.wipes
    await glass.answer("attract", None)
    await glass.see("home")
    assert glass.wipes == wiped
    assert not machine.reception.hall_is_empty


async def test_home_stands_though_the_disk_hangs(
    glass: Glass, machine: main.Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how many came today only where that is known."""
    before = await glass.see("home")
    monkeypatch.setattr("kiosk.outbox.COMMIT_WITHIN", 0.1)
    let_go = threading.Event()
    monkeypatch.setattr(Ledger, "count_since", lambda _self, _kind, _since: let_go.wait(10))
    try:
        await glass.answer("home", Left("cancelled"))
        await glass.see("home", lambda page: page is not before)
    finally:
        let_go.set()


async def test_a_program_that_is_too_old_serves_nobody(glass: Glass, machine: main.Machine) -> None:
    """As the root key says it; who is being served is served to the end."""
    await glass.see("home")
    sync = machine.equipment.sync
    assert isinstance(sync, Sync)
    sync._ring.keys = keys().model_copy(update={"minimum": (99, 0, 0)})
    sync._introduce()
    sync._say_changed()
    page = await glass.see("out-of-order")
    assert isinstance(page, Notice)
    assert "程序要先更新" in page.hint
    sync._ring.keys = keys()
    sync._say_changed()
    await glass.see("home")


@pytest.mark.usefixtures("machine")
async def test_a_key_on_the_still_page_leads_home_in_another_manner(glass: Glass) -> None:
    """Whoever listens cannot see that the home page does not stand there."""
    await glass.answer("home", Left("idle"))
    await glass.answer("attract", Anew(Manner(listen=True)))
    await glass.see("home")
    assert glass.manner == Manner(listen=True)


@pytest.mark.usefixtures("machine")
async def test_what_one_person_set_is_wiped_without_a_rest(glass: Glass) -> None:
    """Care mode on a home page that was left: the home page of the next comes, in the usual manner."""
    await glass.answer("home", Anew(Manner(care=True)))
    wiped = glass.wipes
    await glass.answer("home", Left("idle"))
    await glass.see("home")
    assert glass.wipes == wiped + 1
    assert "attract" not in [page.name for page in glass.shown]


async def test_what_changed_is_two_touches_from_home(machine: main.Machine, glass: Glass) -> None:
    """全部事项, 最近有变化的, and the matter."""
    reception = machine.reception
    today = reception.clock().date()
    items = tuple(replace(item, changed=today if item.code == "lift" else None) for item in reception.catalog.items)
    reception.catalog = replace(reception.catalog, items=items)
    await glass.walk(("home", ALL), ("categories", CHANGED), ("changed", "lift"))
    page = await glass.see("guide")
    assert isinstance(page, pages.Result)


async def test_trouble_is_told_to_an_empty_hall(machine: main.Machine, glass: Glass) -> None:
    """The still page does not hide that the machine is out of order."""
    await glass.answer("home", Left("idle"))
    await glass.see("attract")
    machine.reception.trouble("services", lambda: "机器出了点问题，正在自动恢复。")
    await glass.see("out-of-order")


async def test_out_of_order_nothing_of_a_person_stays(machine: main.Machine, glass: Glass) -> None:
    """What somebody set about the screens before it is wiped when they have gone; help comes and leads back."""
    machine.reception.trouble("services", lambda: "机器出了点问题，正在自动恢复。")
    await glass.answer("out-of-order", HelpAsked())
    page = await glass.see("help")
    assert isinstance(page, pages.Notice)
    assert [action.value for action in page.actions] == ["stay"], "there is nothing to leave"
    await glass.answer("help", "stay")
    await glass.answer("out-of-order", Anew(Manner(care=True, language="en")))
    await glass.see("out-of-order", lambda page: page.question != "这台机器暂停服务")
    wipes = glass.wipes
    await glass.answer("out-of-order", Left("idle"))
    await glass.see("out-of-order", lambda page: page.question == "这台机器暂停服务")
    assert (machine.reception.manner, glass.wipes) == (Manner(), wipes + 1)


async def _end_of(machine: main.Machine, glass: Glass, code: str) -> None:
    """Home, and a service whose journey asks nothing."""

    async def nothing(_desk: Desk) -> None: ...

    items = machine.reception.catalog.items
    machine.reception.serving = lambda: Serving(journeys={item.code: nothing for item in items}, guides={})
    await glass.answer("home", "search")
    await glass.answer("search", code)


async def test_the_end_asks_how_it_was_and_records_it_of_nobody(machine: main.Machine, glass: Glass) -> None:
    """Sealed and chained as all records; it holds the service and the stars, and goes to no authority."""
    await _end_of(machine, glass, "insurance-status")
    page = await glass.answer("rating", 4)
    assert isinstance(page, pages.Rating)
    assert [option.label for option in page.options] == ["非常不满意", "不满意", "基本满意", "满意", "非常满意"]
    await glass.see("home")
    genesis, waiting = await machine.equipment.outbox.pending(10)
    record = Record.read(waiting.header, waiting.sealed)
    assert open_sealed(record, PRIVATE) == ReasonedRating(service="insurance-status", stars=4)
    assert record.header.previous == Record.read(genesis.header, genesis.sealed).hash
    assert glass.wipes


async def test_one_star_is_recorded_with_its_reason(machine: main.Machine, glass: Glass) -> None:
    """Once, at the end of what is asked, and of whoever walks away too."""
    await _end_of(machine, glass, "insurance-status")
    await glass.answer("rating", 1)
    await glass.answer("rating-reason", "110")
    await glass.answer("rating-call-back", Left("idle"))
    await glass.answer("rating-heard", Left("idle"))
    await glass.see("home")
    _genesis, waiting = await machine.equipment.outbox.pending(10)
    given = open_sealed(Record.read(waiting.header, waiting.sealed), PRIVATE)
    assert given == ReasonedRating(service="insurance-status", stars=1, reasons=("110",))


@pytest.mark.parametrize("gone", [0, Left("idle"), Left("cancelled")], ids=["skipped", "gone", "home"])
async def test_nobody_has_to_say_how_it_was(machine: main.Machine, glass: Glass, gone: object) -> None:
    await _end_of(machine, glass, "insurance-status")
    await glass.answer("rating", gone)
    await glass.see("home")
    assert len(await machine.equipment.outbox.pending(10)) == 1, "the ledger's first record alone"


@pytest.mark.parametrize("code", ["rider-check-in", "my-matters"])
async def test_a_check_in_and_a_look_at_ones_matters_are_not_rated(
    machine: main.Machine, glass: Glass, code: str
) -> None:
    await _end_of(machine, glass, code)
    await glass.see("home")
    assert "rating" not in [page.name for page in glass.shown]


@pytest.mark.parametrize("code", ["senior-card", "minimum"])
async def test_what_the_search_finds_is_never_a_dead_end(machine: main.Machine, glass: Glass, code: str) -> None:
    """A service without a journey of its own: its guide, and home again. Reading is not rated."""
    await glass.answer("home", SEARCH)
    search = await glass.answer("search", code)
    assert isinstance(search, pages.Search)
    assert code in [option.value for option in search.options]
    page = await glass.answer("guide", "finish")
    assert isinstance(page, pages.Result)
    assert machine.settings.site.phone in " ".join(page.notes)
    await glass.see("home")
    assert "rating" not in [page.name for page in glass.shown]
