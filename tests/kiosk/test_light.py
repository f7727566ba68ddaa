"""What the hall sees and hears of the machine: a light that says how it stands, and a tone for what just happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar, cast

import pytest

import main
from devices import open_driver
from devices.light import LAMPS, LightState
from devices.simulated.light import SimulatedLight
from devices.supervisor import Supervisor
from kiosk.attended import Attended
from kiosk.equipment import Equipment, show_help
from kiosk.light import Lamp, put_out
from kiosk.manner import Manner
from kiosk.pages import Done, Head, Home, Notice, Page, PlaceCard, Wait
from kiosk.settings import check_settings
from kiosk.staff import StaffMember
from kiosk.voice import Cue, Silent
from kiosk.witness import ask_pin, choose_worker
from screens.idle import patience
from tests.acceptance.whole import Glass
from tests.devices.test_light import plugged_in
from tests.screens.glass import Times

A = TypeVar("A")
HEAD = Head(title="社保")
HOME = Home(name="home", question="您好，今天想办什么？", large=(), small=())
CARD = PlaceCard(name="card", question="请放身份证", where="", instruction="")
TROUBLE = Notice(name="unavailable", question="现在没有网络，查不了", icon="wifi-off")
HELP = Notice(name="help", question="要人帮忙，请到服务台", icon="face-agent", mood="plain")
CLOSED = Notice(name="out-of-order", question="这台机器暂停服务", icon="wrench-clock")
DONE = Done(name="done", question="签到好了", mood="done", actions=())
DECLINED = Done(name="done", question="没有通过", mood="trouble", actions=())


@dataclass
class Hall(Silent):
    """Screens that are looked at for a moment, a voice and a light: what was shown, heard and seen."""

    seen: list[LightState] = field(default_factory=list)
    heard: list[Cue] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def cue(self, cue: Cue) -> None:
        self.heard.append(cue)

    def hush(self) -> None:
        self.shown.append("hushed")

    def forget(self) -> None:
        self.shown.append("forgotten")


class Lighting:
    def __init__(self, hall: Hall) -> None:
        self.hall = hall

    def show(self, state: LightState) -> None:
        self.hall.seen.append(state)


class Screens:
    unused_for = 0.0

    def __init__(self, hall: Hall) -> None:
        self.hall = hall

    async def show(self, page: Page[A], head: Head, draft: A | None = None) -> A:
        self.hall.shown.append(page.name)
        raise TimeoutError

    def dress(self, manner: Manner) -> None:
        self.hall.shown.append("dressed" if manner.care else "plain")

    def wipe(self) -> None:
        self.hall.shown.append("wiped")


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def show(hall: Hall) -> Callable[..., None]:
    attended = Attended(Screens(hall), hall, Lighting(hall))

    def each(*pages: Page[str] | Page[None]) -> None:
        for page in pages:
            with suppress(TimeoutError):
                asyncio.run(attended.show(page, HEAD))

    return each


def test_the_light_says_how_the_machine_stands(hall: Hall, show: Callable[..., None]) -> None:
    show(HOME, CARD, HELP, CARD, Wait(name="wait", question="正在查，请稍等"), TROUBLE, CLOSED, HOME)
    assert hall.seen == ["free", "busy", "help", "busy", "busy", "busy", "help", "free"]


def test_the_light_calls_the_worker_whose_word_is_needed(hall: Hall, show: Callable[..., None]) -> None:
    members = (StaffMember(code="w1", name="王慧", pin=""), StaffMember(code="w2", name="林军", pin=""))
    show(choose_worker(members), ask_pin(members[0]), CARD)
    assert hall.seen == ["help", "help", "busy"]


async def test_the_page_of_help_says_how_long_it_stays() -> None:
    """It is kept from the wipe until somebody can be there, and promises no more than that."""
    pages: list[Page[str]] = []

    class Glass:
        async def show(self, page: Page[str], _head: Head, _draft: str | None = None) -> str:
            pages.append(page)
            return "stay"

    await show_help(cast("Equipment", SimpleNamespace(stage=Glass(), site=SimpleNamespace(phone="12333"))), HEAD)
    [page] = pages
    assert isinstance(page, Notice)
    assert page.lines == ("这一页替您留五分钟。",)
    assert patience(page, Times(), care=False) == (5 * 60, 15)
    assert patience(page, Times(), care=True) == (5 * 60, 30)


def test_a_tone_goes_with_what_happened(hall: Hall, show: Callable[..., None]) -> None:
    show(HOME, CARD, DONE)
    assert hall.heard == ["done"]
    show(TROUBLE, HELP, CLOSED)
    assert hall.heard == ["done", "trouble"]
    show(HOME, CARD, DECLINED)
    assert hall.heard == ["done", "trouble", "trouble"]


def test_the_same_page_in_other_looks_sounds_once(hall: Hall, show: Callable[..., None]) -> None:
    moved = PlaceCard(name="card", question="请放身份证", where="", instruction="", problem="没有读到身份证。")
    show(CARD, moved, moved, CARD, moved, DONE, DONE)
    assert hall.heard == ["trouble", "trouble", "done"]


def test_what_is_said_of_a_page_ends_with_it(hall: Hall, show: Callable[..., None]) -> None:
    show(CARD, DONE)
    assert hall.shown == ["hushed", "card", "hushed", "done"]


def test_the_voice_forgets_before_the_screens_are_wiped(hall: Hall) -> None:
    attended = Attended(Screens(hall), hall, Lighting(hall))
    attended.dress(Manner(care=True))
    attended.wipe()
    assert hall.shown == ["dressed", "forgotten", "wiped"]


# ---- The lamp


@asynccontextmanager
async def kept(url: str) -> AsyncIterator[Lamp]:
    supervisor = Supervisor("status light", lambda: open_driver("light", "modbus", url))
    lamp = Lamp(supervisor)
    supervisor.on_change = lamp.changed
    tasks = [asyncio.create_task(supervisor.run()), asyncio.create_task(lamp.run())]
    yield lamp
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def lit(board: SimulatedLight, state: LightState) -> None:
    async with asyncio.timeout(30):
        while board.lamps != LAMPS[state]:  # noqa: ASYNC110 - the board is another thread's
            await asyncio.sleep(0.01)


async def test_what_was_asked_for_is_shown_when_the_light_is_there() -> None:
    board = SimulatedLight()
    with plugged_in(board, "tcp://127.0.0.1:0") as end:
        async with kept(end.url) as lamp:
            lamp.show("busy")
            lamp.show("free")
            await lit(board, "free")
            lamp.show("help")
            await lit(board, "help")
            board.lose_power()
            await lit(board, "help")
            board.faults.add("disconnect:1", 1)
            lamp.show("busy")
            await lit(board, "busy")
            assert lamp.lit


async def test_a_machine_that_ends_puts_its_light_out() -> None:
    board = SimulatedLight()
    with plugged_in(board, "tcp://127.0.0.1:0") as end:
        async with kept(end.url) as lamp:
            lamp.show("free")
            await lit(board, "free")
        await put_out(lambda: open_driver("light", "modbus", end.url))
    assert board.lamps == 0


async def test_a_light_that_is_gone_holds_no_end_up() -> None:
    async with asyncio.timeout(10):
        await put_out(lambda: open_driver("light", "modbus", "tcp://127.0.0.1:1"))


# ---- Put together


async def test_a_machine_is_put_together_with_its_light_and_voice(tmp_path: Path) -> None:
    board = SimulatedLight()
    with plugged_in(board, "tcp://127.0.0.1:0") as end:
        tables: dict[str, object] = {
            "central": {"url": "http://127.0.0.1:1"},
            "devices": {"light": {"line": end.url}, "sound": {"line": f"wav://{tmp_path}/hall"}},
        }
        settings = check_settings(tables, "")
        glass = Glass()
        machine = main.put_together(settings, tmp_path, glass, main._voice(settings, tmp_path))
        services = [asyncio.ensure_future(machine.services[name]()) for name in ("status light", "light")]
        showing = asyncio.create_task(machine.equipment.stage.show(HOME, HEAD))
        await lit(board, "free")
        showing.cancel()
        showing = asyncio.create_task(machine.equipment.stage.show(DONE, HEAD))
        await lit(board, "busy")
        machine.reception.screens.wipe()
        for task in (*services, showing):
            task.cancel()
        await asyncio.gather(*services, showing, return_exceptions=True)
        await main.close(machine)
    assert board.lamps == 0
    assert glass.wipes == 1
    assert [file.name for file in (tmp_path / "hall").iterdir()] == ["0001.wav"]


async def test_a_machine_without_them_has_no_service_for_them(tmp_path: Path) -> None:
    settings = check_settings({"central": {"url": "http://127.0.0.1:1"}}, "")
    machine = main.put_together(settings, tmp_path, Glass())
    assert not {"status light", "light"} & machine.services.keys()
    assert isinstance(machine.voice, Silent)
    await main.close(machine)
