"""The engine: shares the work out between lanes and adds up what they found."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.faults import blocks, disk
from tests.faults.blocks import Blocks
from tests.faults.central_kills import CentralKills
from tests.faults.cuts import Cuts
from tests.faults.disk import Disk
from tests.faults.kills import Kills
from tests.faults.lane import Lane
from tests.faults.mutants import MUTANTS, Part
from tests.faults.oracle import Verdict
from tests.faults.scenes import play as play_scenes
from tests.faults.scenes import settle
from tests.faults.tampering import TAMPERINGS, tamper

CENTRAL_SHARE: Final = 40
"""Of so many kills one is central's."""
KILLS_TAKE, CUTS_TAKE = 0.6, 0.8
"""Until which part of the time that there is."""
STATES_OF_ONE: Final = 100
"""Crash states that are made of one recorded life."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How much of each."""

    kills: int
    cuts: int
    states: int
    days: int
    seed: int
    lanes: int
    mutant: str = ""
    within: float = float("inf")
    """Seconds in which kills and cuts have to be done, as far as they come; the rest is done in any case."""


@dataclass
class Report:
    """What was done, and what is off."""

    kills: int = 0
    cuts: int = 0
    tampered: int = 0
    false_alarms: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    caught_by: list[str] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        """Whether anything is off."""
        return self.verdict.bad or self.tampered < len(TAMPERINGS) or self.false_alarms > 0

    @property
    def last_line(self) -> str:
        """All of it in numbers."""
        found = self.verdict
        return (
            f"kills={self.kills} cuts={self.cuts} promised={found.promised} central={found.central} lost={found.lost} "
            f"receipts_doubled={found.receipts_doubled} filings_doubled={found.filings_doubled} "
            f"tampered={self.tampered}/{len(TAMPERINGS)} false_alarms={self.false_alarms}"
        )


def play(wanted: Wanted, folder: Path, say: Callable[[str], None]) -> Report:
    """Everything, in so many lanes at a time."""
    report = Report()
    with ThreadPoolExecutor(wanted.lanes) as pool:
        works = [pool.submit(_one_lane, wanted, folder / f"lane-{n}", n, report, say) for n in range(wanted.lanes)]
        for work in works:
            work.result()
    return report


def _one_lane(wanted: Wanted, folder: Path, number: int, report: Report, say: Callable[[str], None]) -> None:
    rng = random.Random(f"{wanted.seed} {number}")
    lane = Lane(folder, mutant=wanted.mutant)
    try:
        for name, work in _parts(wanted, lane, number, rng, report):
            if wanted.mutant and report.caught_by:
                return
            began, lane.findings[:] = time.monotonic(), []
            done, verdict = work()
            verdict.findings += lane.findings
            doubled = settle(lane)
            verdict.filings_doubled += len(doubled)
            verdict.findings += [each for each in doubled if each not in verdict.findings]
            report.verdict.add(verdict)
            say(f"lane {number}, {TIERS[name]}{name}: {done}, {time.monotonic() - began:.0f} s")
            for finding in verdict.findings:
                say(f"  {finding}")
            if verdict.bad or done.startswith(_MISSED):
                report.caught_by.append(f"{TIERS[name]}{name}")
    finally:
        lane.close()


TIERS: Final[dict[Part, str]] = {
    "kills": "tier 1, ",
    "kills of central": "tier 1, ",
    "power cuts": "tier 2, ",
    "block log": "tier 3, ",
    "tampering": "",
    "scenes": "",
}
_MISSED: Final = "NOT all found"
Work = Callable[[], tuple[str, Verdict]]


def _parts(wanted: Wanted, lane: Lane, number: int, rng: random.Random, report: Report) -> list[tuple[Part, Work]]:
    """What one lane does: kills and cuts are shared out, the rest is one lane's."""

    def share(whole: int) -> int:
        return whole // wanted.lanes + (number < whole % wanted.lanes)

    began = time.monotonic()

    def kills() -> tuple[str, Verdict]:
        tier = Kills(lane, rng)
        tier.count()
        tier.run(share(wanted.kills) - share(wanted.kills // CENTRAL_SHARE), began + KILLS_TAKE * wanted.within)
        report.kills += tier.kills
        points = sum(len(points) for points in tier.points.values())
        return (
            f"{tier.kills} kills at {len(tier.hit)} of {points} calls and at bytes of receipts, "
            f"{tier.errors} errors of the disk or the line, {tier.missed} missed",
            tier.verdict,
        )

    def central() -> tuple[str, Verdict]:
        tier = CentralKills(lane, rng)
        tier.run(share(wanted.kills // CENTRAL_SHARE))
        report.kills += tier.kills
        return f"{tier.kills} kills of central's processes", tier.verdict

    def cuts() -> tuple[str, Verdict]:
        if reason := disk.why_not():
            return f"skipped, {reason}", Verdict()
        drive = Disk(lane.folder / "drive")
        try:
            tier = Cuts(lane, drive, rng)
            tier.run(share(wanted.cuts), began + CUTS_TAKE * wanted.within)
        finally:
            drive.close()
        report.cuts += tier.cuts
        return f"{tier.cuts} cuts", tier.verdict

    def states() -> tuple[str, Verdict]:
        if reason := blocks.why_not():
            return f"skipped, {reason}", Verdict()
        verdict, done = Verdict(), 0
        while done < wanted.states and not verdict.bad:
            tier = Blocks(lane, lane.folder / f"blocks-{done}", rng)
            tier.run(min(STATES_OF_ONE, wanted.states - done))
            done += tier.states
            verdict.add(tier.verdict)
        return f"{done} states of a disk", verdict

    def scenes() -> tuple[str, Verdict]:
        return "all played", play_scenes(lane, rng)

    def tampering() -> tuple[str, Verdict]:
        found = tamper(lane.url, wanted.days)
        report.tampered, report.false_alarms = found.found, found.false_alarms
        if found.unseen or found.false_alarms:
            return f"{_MISSED}: {', '.join(found.unseen)}, {found.false_alarms} false alarms", Verdict()
        return f"{found.found} of {len(TAMPERINGS)} found, none in {wanted.days} clean days", Verdict()

    parts: list[tuple[Part, Work]] = [("kills", kills), ("power cuts", cuts)]
    if wanted.kills >= CENTRAL_SHARE:
        parts.append(("kills of central", central))
    if number == wanted.lanes - 1:
        parts += [("tampering", tampering), ("scenes", scenes)]
    if number == 0:
        parts.append(("block log", states))
    if wanted.mutant:
        likely = MUTANTS[wanted.mutant][1]
        parts.sort(key=lambda part: part[0] != likely)
    return parts
