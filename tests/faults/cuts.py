"""Tier 2: power cuts. Data, HOME and TMPDIR of the kiosk lie on a disk whose power fails at a random moment; it is
mounted again, the kiosk starts, and what was promised has to be there."""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.faults.disk import Disk
from tests.faults.lane import Lane, Life
from tests.faults.oracle import Verdict, files_lost
from tests.faults.recovery import DAMAGED, LIVES, ROLLED_BACK, Recovery

CUTS_OF_ONE: Final = 4
"""Cuts in the lives of one kiosk, before it may deliver."""
WITHIN: Final = 6.0
"""Seconds for its words: without a line a kiosk that never met central has none."""

SCENARIOS: Final[dict[str, tuple[str, ...]]] = {
    "first contact and visits": ("contact", "visit self-paid", "visit rider-check-in", "line down", "visit complaint"),
    "visits without a line": ("line down", "contact", "visit rider-check-in", "visit complaint", "visit home-care"),
    "sync": ("line down", "visit rider-check-in", "visit rider-check-in", "line up", "drain"),
    "small files": ("files",),
    "catalogue and settings": ("contact", "published 2"),
    "central's keys are exchanged": ("contact", "visit rider-check-in", "drain"),
    DAMAGED: LIVES[DAMAGED],
    ROLLED_BACK: LIVES[ROLLED_BACK],
    "dropping what central has": ("contact", "visit rider-check-in", "drain", "tidy", "visit rider-check-in", "tidy"),
}
EVENTS: Final = {"small files": 60, "catalogue and settings": 4}
"""After how many words of the kiosk's the power fails at most; usually after a dozen."""


@dataclass
class Cuts:
    """What tier 2 did in one lane."""

    lane: Lane
    disk: Disk
    rng: random.Random
    cuts: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    scenarios: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: SCENARIOS)
    before: Recovery = field(init=False)

    def __post_init__(self) -> None:
        self.before = Recovery(self.lane, self.rng)

    def run(self, cuts: int, until: float = float("inf")) -> None:
        """So many cuts."""
        goal = self.cuts + cuts
        while self.cuts < goal and time.monotonic() < until and not self.verdict.bad:
            self._one_kiosk(goal)

    def _one_kiosk(self, goal: int) -> None:
        plan = self.lane.plan("contact", "drain")
        kiosk, data = plan.kiosk, self.disk.root / plan.kiosk / "kiosk"
        data.parent.mkdir()
        told: list[str] = []
        first = True
        for _ in range(CUTS_OF_ONE):
            name = "first contact and visits" if first else self.rng.choice(list(self.scenarios))
            first = False
            told.append(self._one_life(name, kiosk, data))
            if self.cuts >= goal or self.verdict.bad:
                break
        self.lane.line.set("up")
        if self.rng.random() < 0.4:  # for each tenth cut, one during the recovery
            told.append(self._one_life("recovery", kiosk, data))
        self.lane.live(self.lane.plan("contact", "drain", kiosk=kiosk, data=data)).end()
        verdict = self.before.judge(kiosk, data)
        if verdict.bad or self.verdict.bad or self.lane.findings:
            verdict.findings.append(f"{kiosk} lived so: {'; '.join(told)}")
        self.verdict.add(verdict)
        shutil.rmtree(data.parent, ignore_errors=True)

    def _one_life(self, name: str, kiosk: str, data: Path) -> str:
        """One life, cut off after some of its words, or a moment after one; the disk is mounted again."""
        self.before.prepare(name, kiosk, data)
        self.lane.line.set("up")
        steps = SCENARIOS.get(name, ("contact", "drain"))
        life = self.lane.bear(self.lane.plan(*steps, kiosk=kiosk, data=data))
        words = self.rng.randrange(0, EVENTS.get(name, 12 if name != "recovery" else 2))
        moment = self.rng.choice((0.0, 0.0, self.rng.random() * 0.3))
        self._cut_after(life, words, moment)
        early = self.before.marked_early(kiosk, data)
        self.verdict.lost += len(early)
        self.verdict.findings += early
        missing = files_lost(kiosk, self.lane.heard(kiosk), data)
        self.verdict.lost += len(missing)
        self.verdict.findings += missing
        return f"{name}, cut after {words} words and {moment:.2f} s"

    def _cut_after(self, life: Life, words: int, moment: float) -> None:
        heard = threading.Event()
        left = words

        def count(kiosk: str, _event: dict[str, object]) -> None:
            nonlocal left
            left -= 1
            if left <= 0:
                heard.set()

        self.lane.ear.on_event = count
        life.go()
        if words:
            heard.wait(WITHIN)
        time.sleep(moment)
        self.disk.cut()
        self.cuts += 1
        life.kill()
        life.end()
        self.lane.ear.on_event = lambda _kiosk, _event: None
        self.disk.unmount()
        self.disk.mount()
