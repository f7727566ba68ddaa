"""One worker of ``make face``: a process with a window, which looks at one mode after the other."""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.pages import Head, Page
from screens.environment import prepare_environment
from tests.face.modes import REPRESENTATIVE, TIGHT, Mode, Spoken

if TYPE_CHECKING:
    from tests.screens.glass import Glass

ALIKE = ("warned", "head")
"""States that are drawn alike on every page, so that their pixels are looked at once in a mode."""
WORDIEST = 4
"""Of pages that are alike, so many are looked at in modes that are neither looked at in pixels nor the tightest."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked of each mode. ``page`` is a part of the names of the pages wanted."""

    page: str = ""
    pictures: Path | None = None
    in_pixels: bool = True


@dataclass(kw_only=True)
class Found:
    """What was seen in a mode. ``violations`` are named by page and mode."""

    mode: Mode
    pages: set[str] = field(default_factory=set)
    texts: int = 0
    targets: int = 0
    questions: int = 0
    violations: list[str] = field(default_factory=list)


def prepare(folder: Path) -> None:
    """Settles the surroundings of this process, whose data goes below ``folder``, before kivy is imported."""
    _worker.data = Path(tempfile.mkdtemp(dir=folder))
    prepare_environment(_worker.data)


def examine(mode: Mode, wanted: Wanted) -> Found:
    """Looks at every page in a mode; in most modes, of pages that are alike, at those with the most words."""
    return _worker.loop.run_until_complete(_worker.examine(mode, wanted))


@dataclass
class Worker:
    """The window, opened with the first mode, and the pages in each language that was asked for."""

    data: Path = Path()
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    glass: Glass | None = None
    pages: dict[Spoken, dict[str, tuple[Page[object], Head]]] = field(default_factory=dict)
    open: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def examine(self, mode: Mode, wanted: Wanted) -> Found:
        from kivy.core.window import Window

        from tests.face import golden
        from tests.face.pixels import judge_pixels, look_at_glass
        from tests.face.reading import Reading
        from tests.face.sweep import Report, pages_in, sweep
        from tests.screens.glass import open_glass

        if self.glass is None:
            self.glass = await self.open.enter_async_context(open_glass())
            Window.flip = lambda: None  # nobody looks at this window, and showing it takes a third of the time
        if mode.language not in self.pages:
            self.pages[mode.language] = await pages_in(mode.language, self.data / mode.language)
        report, reading = Report(), Reading()
        pages = {name: sample for name, sample in self.pages[mode.language].items() if wanted.page in name}
        if mode not in (*REPRESENTATIVE, *TIGHT):
            pages = _wordiest(pages)
        if mode.larger and (mode.low or mode.landscape):
            # A plate of the gallery shows a widget by itself, which has no pages to turn where room is least.
            pages = {name: sample for name, sample in pages.items() if not name.startswith("sample/widget-")}
        stage, looked_at = self.glass.stage, set[str]()
        async for name in sweep(self.glass, mode, pages.items(), report):
            if wanted.in_pixels and mode in REPRESENTATIVE:
                reading.take(stage, name, mode)
                state = name.partition(" ")[2]
                if not (state in looked_at and state.startswith(ALIKE)):
                    faults = judge_pixels(stage, look_at_glass())
                    report.violations += [f"{name} [{mode}]: {fault}" for fault in faults]
                looked_at.add(state)
            if wanted.pictures:
                folder = wanted.pictures / mode.file_name
                folder.mkdir(parents=True, exist_ok=True)
                stage.picture(folder / f"{name.replace(' ', '-').replace('/', '-')}.png")
        if wanted.in_pixels and mode in REPRESENTATIVE and not wanted.page:
            report.violations += await golden.faults(self.glass, mode, self.pages[mode.language])
        if not wanted.page:
            report.violations += [f"[{mode}]: no page was {state}" for state in sorted(report.states_missed)]
            if wanted.in_pixels and mode in REPRESENTATIVE and not reading.questions:
                report.violations.append(f"[{mode}]: no question was read")
        misread = await reading.misread()
        return Found(
            mode=mode, pages=report.pages, texts=report.texts, targets=report.targets, questions=reading.questions,
            violations=[*report.violations, *misread],
        )  # fmt: skip


def _wordiest(pages: Mapping[str, tuple[Page[object], Head]]) -> dict[str, tuple[Page[object], Head]]:
    """Of pages that differ in a number at the end of their names, which are the same question with other words, those
    with the most words."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for name in pages:
        alike[name.partition("#")[0]].append(name)
    most = [sorted(names, key=lambda name: len(repr(pages[name])))[-WORDIEST:] for names in alike.values()]
    return {name: pages[name] for names in most for name in names}


_worker = Worker()
