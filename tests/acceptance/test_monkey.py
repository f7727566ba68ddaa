"""A short visit of the monkey (``make monkey`` is the long one)."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.contract.bookings import Booking
from kiosk.contract.certificates import CertificateFile
from kiosk.contract.lookups import Found, FoundPart
from kiosk.contract.status import MatterStatus
from kiosk.pages import SendPapers
from tests.acceptance.test_visits import to_papers
from tests.acceptance.whole import ROOT, Surroundings, whole_machine
from tests.monkey.hall import Hall
from tests.monkey.leftovers import (
    ENCODINGS,
    OF_A_VISIT,
    OF_NOBODY,
    Sought,
    of_kinds,
    set_apart_what_is_there,
    what_stays,
)
from tests.monkey.many import COUNTS, LOOKED, added_up, share

SMALL_SCREEN = ["xvfb-run", "--auto-servernum", "--server-args=-noreset -screen 0 270x552x24"]
"""Pages are laid out as on any glass, and drawn in a sixteenth of the time."""
TOUCHES = 600


def test_random_hands_find_nothing() -> None:
    """No exception, no dead end, nothing of the person before, which was looked for after wipes; new seeds with every
    run, at two kiosks at once."""
    monkey = subprocess.run(
        [*SMALL_SCREEN, sys.executable, "-m", "tests.monkey", "--touches", str(TOUCHES), "--hands", "2"],
        cwd=ROOT, env={name: value for name, value in os.environ.items() if name != "DISPLAY"},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    said = monkey.stdout
    assert said.endswith(" exceptions=0 dead_ends=0 leftovers=0\n"), f"{said}\n{monkey.stderr[-4000:]}"
    assert monkey.returncode == 0
    last = " ".join(said.splitlines()[-2:])
    counts = {name: int(count) for name, count in (each.split("=") for each in last.split())}
    assert counts["touches"] >= TOUCHES
    assert counts["wipes"] > 0
    assert counts["searched"] > 0


def test_a_run_that_has_only_so_much_time_ends_as_any_other() -> None:
    """Its last line says how far it came."""
    monkey = subprocess.run(
        [*SMALL_SCREEN, sys.executable, "-m", "tests.monkey", "--touches", "1000000", "--minutes", "0.01"],
        cwd=ROOT, env={name: value for name, value in os.environ.items() if name != "DISPLAY"},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    touches, *others = monkey.stdout.splitlines()[-1].split()
    assert others == ["exceptions=0", "dead_ends=0", "leftovers=0"]
    assert 0 < int(touches.removeprefix("touches=")) < 2000


def test_touches_are_shared_and_counts_added_up() -> None:
    """Every touch is somebody's; whoever ended without a last line counts for nothing."""
    assert [share(1000, 3, number) for number in range(3)] == [334, 333, 333]
    said = [
        "seed=7 wipes=2 searched=3 rate=9/s megabytes=300\ntouches=10 exceptions=0 dead_ends=1 leftovers=0\n",
        "seed 8\n",
        "seed=9 wipes=1 searched=1 rate=9/s megabytes=300\ntouches=7 exceptions=2 dead_ends=0 leftovers=0\n",
    ]
    assert added_up(said, COUNTS) == [17, 2, 1, 0]
    assert added_up(said, LOOKED) == [3, 4]


@pytest.mark.parametrize("held", [False, True], ids=["only by itself", "by somebody"])
async def test_what_only_holds_itself_is_collected_however_slow_the_look(held: bool) -> None:
    """A machine so busy that one look takes longer than anything may stay: what is collected has not stayed."""

    class Cycle:
        def __init__(self) -> None:
            self.itself = self

    class Times:
        now = 0.0

    def look(in_words: bool) -> list[str]:
        Times.now += 20
        return [f"there is a cycle, {in_words}" for thing in gc.get_objects() if type(thing) is Cycle]

    gc.disable()
    try:
        holder = [Cycle()]
        if not held:
            holder.clear()
        stays = await what_stays(look, lambda: False, within=15, now=lambda: Times.now)
    finally:
        gc.enable()
    assert stays == (["there is a cycle, True"] if held else [])


async def test_what_was_there_before_anybody_came_is_not_told_of() -> None:
    """Not even where something else stays, and what holds that is looked for among all."""

    @dataclass(frozen=True)
    class Thing:
        name: str

    def look(in_words: bool) -> list[str]:
        return [f"there is {thing.name}, {in_words}" for thing in of_kinds((Thing,)) if isinstance(thing, Thing)]

    earlier = Thing("one of before")
    set_apart_what_is_there()
    try:
        later = Thing("one of now")
        assert of_kinds((Thing,)) == [later]
        assert await what_stays(look, lambda: False, within=0.1) == ["there is one of now, True"]
        assert earlier != later
    finally:
        gc.unfreeze()


def test_what_the_contract_tells_of_a_person_is_looked_for() -> None:
    """Every model of it but those that are named; what is named is not looked for as a kind of another either."""
    assert {Booking, CertificateFile, Found, FoundPart, MatterStatus} <= {*OF_A_VISIT}
    assert not [model.__name__ for model in OF_NOBODY if issubclass(model, OF_A_VISIT)]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_bytes_are_read_as_whoever_sends_them_writes(encoding: str) -> None:
    """Names that are known and what was typed, on their way to central, to the printer, from a card."""
    sought = Sought(("林秀英",))
    sought.is_typed("号Q7弄")
    for told in ("林秀英", "号Q7弄"):
        assert sought.told_by(f"1. {told}。")
        assert sought.told_by(f"1. {told}。".encode(encoding))
    sought.forget_typed()
    assert not sought.told_by("1. 号Q7弄。".encode(encoding))


async def test_the_hall_s_telephone_sends_papers(around: Surroundings, tmp_path: Path) -> None:
    """A picture of each that the page asks for, and that this is all: the page goes on by itself."""
    hall = Hall(around.simulators["control"], around.central)
    async with whole_machine(around, tmp_path) as whole:
        await to_papers(whole, "lin-xiuying")  # a person gets ten codes an hour
        page = await whole.glass.see("send-papers")
        assert isinstance(page, SendPapers)
        await asyncio.to_thread(hall.papers(page, finished=True).do)
        await whole.glass.see("confirm-telephone")
