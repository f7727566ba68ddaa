"""The life of the machine when nobody is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

import main
from kiosk.desk import Left
from kiosk.manner import Anew, Manner
from kiosk.pages import Attract
from kiosk.settings import check_settings
from tests.acceptance.whole import Glass


@pytest_asyncio.fixture
async def machine(tmp_path: Path) -> AsyncIterator[main.Machine]:
    """A reception that is open, on a machine without devices that has met its central."""
    machine = main.put_together(check_settings({"central": {"url": "http://127.0.0.1:1"}}, ""), tmp_path, Glass())
    machine.reception.trouble("first contact", None)
    await machine.equipment.outbox.start()
    running = asyncio.create_task(machine.reception.run())
    yield machine
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await main.close(machine)


@pytest.fixture
def glass(machine: main.Machine) -> Glass:
    """Its screens."""
    assert isinstance(machine.equipment.stage, Glass)
    return machine.equipment.stage


async def test_an_untouched_home_page_makes_way_for_a_still_one(glass: Glass) -> None:
    """It says where one is and what can be done; a touch leads home, without another wipe in between."""
    await glass.answer("home", Left("idle"))
    page = await glass.see("attract")
    assert isinstance(page, Attract)
    assert (page.place, page.offers[0].label) == ("环城路社区党群服务中心", "社保")
    wiped = glass.wipes
    await glass.answer("attract", None)
    await glass.see("home")
    assert glass.wipes == wiped


async def test_what_one_person_set_is_wiped_without_a_rest(glass: Glass) -> None:
    """Care mode on a home page that was left: the home page of the next comes, in the usual manner."""
    await glass.answer("home", Anew(Manner(care=True)))
    wiped = glass.wipes
    await glass.answer("home", Left("idle"))
    await glass.see("home")
    assert glass.wipes == wiped + 1
    assert "attract" not in [page.name for page in glass.shown]


async def test_trouble_is_told_to_an_empty_hall(machine: main.Machine, glass: Glass) -> None:
    """The still page does not hide that the machine is out of order."""
    await glass.answer("home", Left("idle"))
    await glass.see("attract")
    machine.reception.trouble("services", lambda: "机器出了点问题，正在自动恢复。")
    await glass.see("out-of-order")
