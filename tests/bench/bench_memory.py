"""What 10,000 journeys, one after the other in one process, leave behind: memory, threads, open files.

The kiosk's own program, whole: window, reception, counter, outbox, sync, over HTTP to a central in a process of its
own. Each item of the catalogue in turn; a visitor answers every page by its kind (``tests.kiosk.hall``). To draw them
all would take hours, so some are drawn on the glass and answered by a finger there; the others are answered as soon as
they are asked. Readers and printer are left out.
"""

from __future__ import annotations

import asyncio
import gc
import json
import math
import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast
from unittest import mock

from tests.bench.kiosk_program import Program
from tests.bench.result import Bench, Result

if TYPE_CHECKING:
    import main
    from devices import ReceiptPrinter
    from kiosk.settings import Settings
    from kiosk.voice import VoiceOfMachine
    from screens.stage import Stage

BAR = 5.0
JOURNEYS = 10_000
SETTLED = 500
"""Journeys after which everything has been there once."""
DRAWN_AT_FIRST, DRAWN = 7, 211
"""One in so many is drawn: at first each item once, so that the glass too has seen all by then. Neither shares a factor
with the number of items, or some would be drawn late, or never."""
LOOKS_EVERY = 100
WITHIN = 240.0
"""Seconds for so many journeys, on a machine that has other things to do."""
END = "end"
CURVE = Path("out/memory.jsonl")
"""Every look, a line each: what tells a leak from a step."""


def measure_memory() -> Result:
    """Growth of the resident memory in MB from the 500th journey to the last; threads and files are the same then."""
    looks = told(JOURNEYS)
    settled, last = looks[SETTLED], looks[JOURNEYS]
    value = last["mb"] - settled["mb"]
    same = all(settled[what] == last[what] for what in ("threads", "files"))
    return {
        "value": value,
        "bar": BAR,
        "ok": value <= BAR and same,
        "peers": {
            "MB at 500": settled["mb"],
            "MB in the middle": looks[JOURNEYS // 2]["mb"],
            "MB at the end": last["mb"],
            "threads more": last["threads"] - settled["threads"],
            "files more": last["files"] - settled["files"],
            "pages drawn": last["drawn"],
        },
    }


BENCHES: dict[str, Bench] = {"memory_growth_mb": measure_memory}


@cache
def told(journeys: int) -> dict[int, Mapping[str, float]]:
    """What the kiosk's program tells of itself, by the number of journeys."""
    looks: dict[int, Mapping[str, float]] = {}
    with Program(["-m", "tests.bench.bench_memory", str(journeys)]) as program:
        while (line := program.line(WITHIN)) != END:
            if line.startswith("{"):
                look = json.loads(line)
                looks[round(look["journeys"])] = look
                CURVE.parent.mkdir(parents=True, exist_ok=True)
                CURVE.write_text("".join(json.dumps(each) + "\n" for each in looks.values()))
    return looks


# ---- The kiosk's program ---------------------------------------------------------------------------------------------


async def look(journeys: int, drawn: int) -> dict[str, float]:
    """The process as it stands. Each exchange with central has a thread of its own that sees to its deadline: threads
    are counted between two."""
    gc.collect()
    threads = []
    for _ in range(20):
        threads.append(len(os.listdir("/proc/self/task")))
        await asyncio.sleep(0.01)
    return {
        "journeys": journeys,
        "mb": resident() / 1e6,
        "threads": min(threads),
        "files": len(os.listdir("/proc/self/fd")),
        "drawn": drawn,
    }


def resident() -> int:
    """Bytes of memory that are the process's own or shared, and not swapped out."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def run(folder: Path, journeys: int) -> int:
    """The kiosk, its central beside it."""
    import main
    from devices.supervisor import Supervisor
    from kiosk.command_line import Where
    from kiosk.companions import start_central
    from kiosk.manner import Manner
    from kiosk.pages import Attract, Head, Page, Wait
    from kiosk.settings import check_settings
    from screens.dock.telephone import Telephone
    from screens.environment import prepare_environment
    from tests.kiosk.hall import PACE, TirelessPrinter, Visitor, Walk, at_pace, visitor_person

    class GlassVisitor(Visitor):
        """A visitor before the window; what is not drawn is answered without it."""

        def __init__(self, stage: Stage, telephone: Telephone) -> None:
            from screens.tour import Finger

            super().__init__(lambda: next(one.code for one in reversed(telephone.received(0)) if one.code))
            self.stage = stage
            self.finger = Finger(stage)
            self.drawn = 0

        async def show(self, page: Page[object], head: Head, draft: object | None = None) -> object:  # type: ignore[override]
            walk = self._walk
            waits = isinstance(page, Wait | Attract)
            if waits and walk is not None and walk.drawn:
                return await self.stage.show(page, head, draft)
            standing = None if self.drawn else asyncio.ensure_future(self.stage.show(page, head, draft))
            try:
                answer = await super().show(page, head, draft)
            finally:
                if standing is not None:  # the first page, which the machine opens with
                    standing.cancel()
            if self._walk is None or not self._walk.drawn:
                return answer
            before = self.stage.shown.serial if self.stage.shown is not None else 0
            showing = asyncio.ensure_future(self.stage.show(page, head, draft))
            try:
                shown = await self.stage.drawn(before)
                self.drawn += 1
                await self.finger.answer(shown, answer)
                return await showing
            finally:
                showing.cancel()

        def wipe(self) -> None:
            super().wipe()
            self.stage.wipe()

        def dress(self, manner: Manner) -> None:
            self.stage.dress(manner)

    async def walk_all(machine: main.Machine, _stage: Stage) -> int:
        gear = machine.equipment
        gear.printer = cast("Supervisor[ReceiptPrinter]", TirelessPrinter())
        while not gear.sync.first_contact_done:  # noqa: ASYNC110 - of another thread
            await asyncio.sleep(0.05)
        items = [item.code for item in machine.reception.catalog.items]
        assert math.gcd(len(items), DRAWN_AT_FIRST * DRAWN) == 1
        visitor = visitors[0]
        for number in range(1, journeys + 1):
            drawn = number % (DRAWN_AT_FIRST if number <= SETTLED else DRAWN) == 0
            walk = Walk(items[number % len(items)], "none", drawn=drawn)
            async with asyncio.timeout(WITHIN):
                await visitor.goes(walk)
            if walk.stuck:
                raise RuntimeError(f"{walk.code}: {walk.stuck} ({' '.join(page.name for page in walk.pages)})")
            if number % LOOKS_EVERY == 0:
                assert await gear.sync.drain(WITHIN)
                os.write(1, json.dumps(await look(number, visitor.drawn)).encode() + b"\n")
        os.write(1, END.encode() + b"\n")
        return 0

    with ExitStack() as held:
        central = held.enter_context(start_central(folder / "central")).addresses["listening"]
        settings = check_settings({"central": {"url": central, "answer_within": 10.0}}, "the bench")
        (folder / "kiosk").mkdir()
        prepare_environment(folder / "kiosk")
        telephone, visitors = Telephone(central), list[GlassVisitor]()
        put_together = main.put_together

        def with_a_visitor(
            settings: Settings,
            data: Path,
            stage: Stage,
            voice: VoiceOfMachine | None,
            file: Path | None,
            private: Path | None,
        ) -> main.Machine:
            visitors.append(GlassVisitor(stage, telephone))
            with at_pace(PACE):
                return put_together(settings, data, visitors[0], voice, file, private)  # type: ignore[arg-type]

        async def person(_counter: object, wording: object = None) -> object:
            return visitor_person()

        held.enter_context(mock.patch("main.put_together", with_a_visitor))
        held.enter_context(mock.patch("kiosk.counter.person_shown", person))
        return asyncio.run(
            main._run(settings, Where(settings=None, data=folder / "kiosk"), folder, walk_all, closing=lambda: None)
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        sys.exit(run(Path(folder), int(sys.argv[1])))
