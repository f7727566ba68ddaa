"""Scenes: what no single call and no single cut brings about. A line that lies, a damaged database, a central that was
restored from its backup, a disk that went back in time, a machine that was cloned."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from tests.faults.carried import carry, salvage
from tests.faults.damages import cut_short, overwritten_index, overwritten_page, zeroed_head
from tests.faults.lane import Lane, Zygote
from tests.faults.line import FAULTS
from tests.faults.oracle import Verdict, compare, kept_in, marked_early

SETTLE_WITHIN: Final = 40.0
"""Seconds for central to look at what came, and to ask the authorities."""

Scene = Callable[["Stage"], None]


@dataclass
class Stage:
    """Where scenes are played: a lane, and what they found."""

    lane: Lane
    rng: random.Random
    verdict: Verdict = field(default_factory=Verdict)
    kiosks: list[tuple[str, Path]] = field(default_factory=list)

    def kiosk(self) -> tuple[str, Path]:
        """One that never was."""
        plan = self.lane.plan()
        self.kiosks.append((plan.kiosk, Path(plan.data)))
        return self.kiosks[-1]

    def live(self, kiosk: tuple[str, Path], *steps: str) -> None:
        """A life that ends by itself."""
        status = self.lane.live(self.lane.plan(*steps, kiosk=kiosk[0], data=kiosk[1])).end()
        early = marked_early(kiosk[0], self.lane.rows, kiosk[1] / "outbox.db")
        self.verdict.lost += len(early)
        self.verdict.findings += early
        if status:
            self.verdict.findings.append(f"{kiosk[0]}: a life ended with {status} ({' · '.join(steps)})")

    def judge(self) -> None:
        """What all kiosks of the scene promised, and what became of it."""
        settle(self.lane)
        for name, data in dict(self.kiosks).items():
            heard = self.lane.heard(name)
            self.verdict.add(compare(name, heard, self.lane.rows, self.lane.printer, data / "outbox.db"))
            if not heard.promised:
                self.verdict.findings.append(f"{name} promised nothing")
        self.kiosks.clear()


def settle(lane: Lane) -> Sequence[str]:
    """Waits until central has looked at everything; what the authorities did twice."""
    until = time.monotonic() + SETTLE_WITHIN
    while lane.rows.unfinished() and time.monotonic() < until:
        time.sleep(0.1)
    return lane.rows.doubled_filings()


def lying_line(stage: Stage) -> None:
    """Each fault of the line by itself, and all of them by chance."""
    faults = [*FAULTS, *(f"bad {stage.rng.random()}" for _ in range(3))]
    for fault in faults:
        if stage.verdict.bad:
            return
        kiosk = stage.kiosk()
        visits = ("visit complaint", "visit rider-check-in")
        stage.live(kiosk, "contact", f"line {fault}", *visits, "wait 0.3", "line up", "drain")


def damaged_database(stage: Stage) -> None:
    """Bytes of the database are overwritten between two lives: the next person is served in a new ledger."""
    for damage in (zeroed_head, overwritten_page, cut_short):
        kiosk = stage.kiosk()
        stage.live(kiosk, "contact", "visit complaint", "visit rider-check-in", "drain")
        damage(kiosk[1] / "outbox.db", stage.rng)
        stage.live(kiosk, "contact", "visit complaint", "drain")
        if not list(kiosk[1].glob("outbox-damaged-*.db")):
            stage.verdict.findings.append(f"{kiosk[0]}: a damaged database was not set aside")


def salvaged_database(stage: Stage) -> None:
    """Central had not yet what the damaged database holds: it is read page by page and carried there."""
    for damage in (zeroed_head, overwritten_index):
        kiosk = stage.kiosk()
        stage.live(kiosk, "contact", "visit complaint", "line down", "visit complaint", "visit rider-check-in")
        damage(kiosk[1] / "outbox.db", stage.rng)
        stage.live(kiosk, "line up", "contact", "visit rider-check-in", "drain")
        salvage(stage.lane, kiosk[1], stage.verdict)


def restored_central(stage: Stage) -> None:
    """Central comes back from yesterday's backup; today's records are sent once more, and filed no second time."""
    kiosk, lane = stage.kiosk(), stage.lane
    stage.live(kiosk, "contact", "visit self-paid", "drain")
    settle(lane)
    lane.stop_central()
    shutil.copy(lane.database, lane.folder / "backup.db")
    lane.start_central()
    stage.live(kiosk, "contact", "visit self-paid", "visit complaint", "visit rider-check-in", "drain")
    settle(lane)
    lane.stop_central()
    for file in lane.folder.glob("central.db*"):
        file.unlink()
    shutil.copy(lane.folder / "backup.db", lane.database)
    lane.start_central()
    stage.live(kiosk, "contact", "wait 1", "drain")


def rolled_back_disk(stage: Stage) -> None:
    """The kiosk's disk goes back to an earlier day, which central has seen the end of."""
    kiosk = stage.kiosk()
    stage.live(kiosk, "contact", "visit complaint", "drain")
    earlier = kiosk[1].parent / "earlier"
    shutil.copytree(kiosk[1], earlier)
    stage.live(kiosk, "contact", "visit complaint", "visit rider-check-in", "drain")
    shutil.rmtree(kiosk[1])
    earlier.rename(kiosk[1])
    stage.live(kiosk, "contact", "visit complaint", "wait 1", "visit rider-check-in", "drain")


def cloned_machine(stage: Stage) -> None:
    """Two machines go on from one disk, under one name."""
    kiosk = stage.kiosk()
    stage.live(kiosk, "contact", "visit complaint", "drain")
    clone = (kiosk[0], kiosk[1].parent / "clone")
    shutil.copytree(kiosk[1], clone[1])
    for _ in range(2):
        for machine in (kiosk, clone):
            stage.live(machine, "contact", "visit complaint", "visit rider-check-in", "drain")


def exchanged_keys(stage: Stage) -> None:
    """Central seals, steers and speaks by other keys: for a kiosk that sees each list of the root's, and for one that
    missed those between and comes back with records that are sealed to the oldest."""
    (sees, misses), lane = (stage.kiosk(), stage.kiosk()), stage.lane
    for kiosk in (sees, misses):
        stage.live(kiosk, "contact", "visit complaint", "drain", "line down", "visit complaint", "line up")
    for _ in range(3):
        lane.exchange_keys(voice=True)
        stage.live(sees, "contact", "visit complaint", "visit rider-check-in", "drain")
        lane.stop_central()
        lane.start_central()
        stage.live(sees, "contact", "visit complaint", "drain")
    stage.live(misses, "contact", "visit complaint", "drain")


def dropped_records(stage: Stage) -> None:
    """What central has leaves the kiosk's disk; the chain goes on from what is left."""
    kiosk, lane = stage.kiosk(), stage.lane
    stage.live(kiosk, "contact", "visit rider-check-in", "visit complaint", "drain", "tidy", "visit complaint")
    stage.live(kiosk, "contact", "visit rider-check-in", "drain", "tidy", "wait 0.5", "drain")
    settle(lane)
    if lane.heard(kiosk[0]).promised.keys() <= kept_in(kiosk[1] / "outbox.db").keys():
        stage.verdict.findings.append(f"{kiosk[0]}: what central has was not dropped")


def carried_by_hand(stage: Stage) -> None:
    """There is no line; what was recorded goes to central on a stick, and its answer back."""
    kiosk, lane = stage.kiosk(), stage.lane
    stage.live(kiosk, "contact", "line down", "visit complaint", "visit rider-check-in")
    carry(lane, stage.rng, kiosk[1], stage.verdict)
    waiting = [id_ for id_, state in kept_in(kiosk[1] / "outbox.db").items() if state == "pending"]
    if waiting:
        stage.verdict.findings.append(f"{kiosk[0]}: {len(waiting)} records wait, though they were carried")


def jumping_clock(stage: Stage) -> None:
    """The clock is set a day forward and back before and between visits; one kiosk starts in 1970."""
    lane, usual = stage.lane, stage.lane.zygote
    lane.zygote = Zygote(lane.clock.environment)
    try:
        for first, then in ((1, -1), (-1, 1), (-20_000, 0)):
            kiosk = stage.kiosk()
            stage.live(kiosk, "contact", "visit complaint", f"line clock {first}", "visit complaint", "drain")
            stage.live(kiosk, "contact", f"line clock {then}", "visit complaint", "visit rider-check-in", "drain")
            lane.clock.set(timedelta())
        lane.clock.set(timedelta(days=-20_000))
        kiosk = stage.kiosk()
        stage.live(kiosk, "contact", "visit complaint", "line clock 0", "visit complaint", "drain")
    finally:
        lane.clock.set(timedelta())
        lane.zygote.close()
        lane.zygote = usual


SCENES: Final[dict[str, Scene]] = {
    "a line that lies": lying_line,
    "a damaged database": damaged_database,
    "a damaged database is salvaged": salvaged_database,
    "central restored from its backup": restored_central,
    "the disk rolled back": rolled_back_disk,
    "the machine cloned": cloned_machine,
    "central's keys exchanged": exchanged_keys,
    "what central has is dropped": dropped_records,
    "carried by hand": carried_by_hand,
    "a clock that jumps": jumping_clock,
}


def play(lane: Lane, rng: random.Random, names: Sequence[str] = tuple(SCENES)) -> Verdict:
    """All of them, or some."""
    stage = Stage(lane, rng)
    for name in names:
        if stage.verdict.bad:
            break
        lane.line.set("up")
        before = len(stage.verdict.findings)
        SCENES[name](stage)
        stage.judge()
        stage.verdict.findings[before:] = [f"{name}: {finding}" for finding in stage.verdict.findings[before:]]
    return stage.verdict
