"""Somebody who sees nothing, at the whole kiosk: presses three keys, hears what the voice is told to say, and knows no
more than that.

    python -m tests.acceptance.by_ear SETTINGS DATA

Walks two services from the home page to the end; exit 1 says on stderr what was heard last.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import main
from devices.control import SimulatorControl
from kiosk.command_line import Where
from kiosk.pages import Home
from kiosk.voice import Cue

if TYPE_CHECKING:
    from screens.stage import Stage

PATIENCE = 20.0
"""Seconds in which something must be said."""
ROUND = 60
"""Targets: no page has more."""


@dataclass
class Ear:
    """What the voice was told to say, in its order."""

    heard: list[list[str]] = field(default_factory=list)
    volume: int = 60
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, texts: Sequence[str]) -> None:
        self.heard.append([*texts])
        self._more.set()

    def hush(self) -> None:
        """What was heard was heard."""

    def cue(self, cue: Cue) -> None:
        """A tone says nothing of the page."""

    def louder(self) -> None:
        """It is loud enough."""

    softer = louder

    async def until(self, words: str, after: int) -> None:
        """Waits until that is said, beyond the first ``after`` sayings."""
        async with asyncio.timeout(PATIENCE):
            while not any(words in text for saying in self.heard[after:] for text in saying):
                self._more.clear()
                await self._more.wait()


class Listener:
    """One hand on the keys 下一个, 确定 and 再听一遍."""

    def __init__(self, ear: Ear) -> None:
        from tests.screens import keyboard  # opens the window

        self.ear = ear
        self.keys = keyboard
        self.since = 0

    async def hears(self, words: str) -> None:
        """Listens until that is said of the page that comes."""
        await self.ear.until(words, self.since)

    async def chooses(self, words: str) -> None:
        """Goes on from target to target until that is said, and chooses it."""
        for _target in range(ROUND):
            before = len(self.ear.heard)
            await self.keys.press("tab")
            if any(words in text for saying in self.ear.heard[before:] for text in saying):
                self.since = len(self.ear.heard)
                await asyncio.sleep(0.35)  # a hand does not choose at once
                await self.keys.press("enter")
                return
        raise AssertionError(f"{words} is nowhere on the way round; said last: {self.ear.heard[-5:]}")


async def act(machine: main.Machine, stage: Stage) -> int:
    """Walks; the exit code."""
    ear = Ear()
    stage.focus._voice = stage.focus._reader._voice = ear
    simulators = machine.settings.simulators
    assert simulators is not None
    control = SimulatorControl(simulators.control)
    person = Listener(ear)
    try:
        await comes(person, stage)
        await a_rider(person)
        await comes(person, stage)
        await insured(person, control)
        await comes(person, stage)
    except (AssertionError, TimeoutError) as error:
        sys.stderr.write(f"{error!r}; heard last: {ear.heard[-6:]}\n")
        return 1
    return 0


async def comes(person: Listener, stage: Stage) -> None:
    """A person comes up when nobody else is there, and presses the key for listening."""
    after = 0
    while not isinstance((shown := await stage.drawn(after)).page, Home):
        after = shown.serial
    await person.keys.press("f2")
    await person.hears("“下一个”")


async def a_rider(person: Listener) -> None:
    """小哥签到: one choice, and the sentence that it is done."""
    await person.chooses("小哥驿站")
    await person.hears("点一下就签到")
    await person.chooses("外卖")
    await person.hears("签到好了")
    await person.chooses("好，走了")


async def insured(person: Listener, control: SimulatorControl) -> None:
    """参保信息查询, to the receipt in the hand."""
    await person.chooses("社保")
    await person.hears("要办哪一件")
    await person.chooses("查参保情况")
    await person.hears("请把身份证放到读卡区")
    control.present("lin-xiuying")
    await person.hears("在哪里交")
    await person.chooses("宁德")
    await person.hears("的参保情况")
    await person.chooses("打一张凭条")
    await person.hears("请取走凭条")
    control.lift()
    await person.chooses("看好了")
    await person.hears("打个分")
    await person.chooses("不打了")


if __name__ == "__main__":
    settings, data = Path(sys.argv[1]), Path(sys.argv[2])
    sys.exit(main._on_stage(Where(settings=settings, data=data), act, dock=False))
