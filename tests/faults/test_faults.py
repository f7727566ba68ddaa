"""A short run of each tier. ``make faults`` is the long one, and ``make mutants`` shows that it sees."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import blocks, disk
from tests.faults.blocks import Blocks
from tests.faults.cuts import Cuts
from tests.faults.disk import Disk
from tests.faults.kills import SCENARIOS, Kills
from tests.faults.lane import Lane
from tests.faults.line import Fault
from tests.faults.oracle import Verdict, compare
from tests.faults.recovery import DAMAGED, LIVES, ROLLED_BACK
from tests.faults.scenes import Stage, damaged_database, settle
from tests.faults.tampering import TAMPERINGS, tamper

VISIT = "visits without a line, then sync"


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    """One for all: a central and a zygote take seconds to start."""
    if not disk.why_not():
        disk.keep_mounts_apart()
    lane = Lane(tmp_path_factory.mktemp("faults") / "lane")
    yield lane
    lane.close()


def nothing_off(verdict: Verdict) -> None:
    assert not verdict.bad, verdict


@pytest.mark.skipif(shutil.which("strace") is None, reason="skipped, there is no strace")
def test_what_was_promised_survives_kills(lane: Lane) -> None:
    tier = Kills(lane, random.Random(1), {VISIT: SCENARIOS[VISIT]})
    tier.count()
    calls = {point.call for points in tier.points.values() for point in points}
    assert {"pwrite64", "fdatasync", "fsync", "rename", "unlink", "sendto", "write"} <= calls
    tier.run(6)
    nothing_off(tier.verdict)
    assert (tier.kills, tier.verdict.central) == (6, tier.verdict.promised)


@pytest.mark.skipif(bool(disk.why_not()), reason=f"skipped, {disk.why_not()}")
def test_what_was_promised_survives_power_cuts(lane: Lane, tmp_path: Path) -> None:
    drive = Disk(tmp_path / "drive")
    try:
        tier = Cuts(lane, drive, random.Random(1))
        tier.run(5)
    finally:
        drive.close()
    nothing_off(tier.verdict)
    assert tier.cuts >= 5


@pytest.mark.skipif(shutil.which("strace") is None, reason="skipped, there is no strace")
@pytest.mark.parametrize("name", [DAMAGED, ROLLED_BACK])
def test_what_was_promised_survives_kills_in_a_recovery(lane: Lane, name: str) -> None:
    tier = Kills(lane, random.Random(1), {name: LIVES[name]})
    tier.count()
    calls = {str(point) for point in tier.points[name, False]}
    if name == DAMAGED:
        assert {"link outbox.db #1", "unlink outbox.db #1", "rename outbox-damage.json.part #1"} <= calls
    tier.run(3)
    nothing_off(tier.verdict)
    assert lane.findings == []


@pytest.mark.skipif(bool(disk.why_not()), reason=f"skipped, {disk.why_not()}")
def test_what_was_promised_survives_power_cuts_in_a_recovery(lane: Lane, tmp_path: Path) -> None:
    drive = Disk(tmp_path / "drive")
    try:
        tier = Cuts(lane, drive, random.Random(1), scenarios={DAMAGED: LIVES[DAMAGED]})
        tier.run(4)
    finally:
        drive.close()
    nothing_off(tier.verdict)
    assert tier.before.damaged.total() > 0


@pytest.mark.skipif(bool(blocks.why_not()), reason=f"skipped, {blocks.why_not()}")
def test_what_was_promised_is_in_each_state_that_a_disk_may_be_left_in(lane: Lane, tmp_path: Path) -> None:
    tier = Blocks(lane, tmp_path / "blocks", random.Random(1))
    tier.run(8)
    nothing_off(tier.verdict)
    assert tier.states == 8


@pytest.mark.parametrize("fault", ["unanswered", "unauthorized"])
def test_a_line_that_lies_takes_nothing_away(lane: Lane, fault: Fault) -> None:
    lane.line.set("up")
    plan = lane.plan("contact", f"line {fault}", "visit complaint", "line up", "drain")
    assert lane.live(plan).end() == 0
    assert lane.line.counts[fault] > 0
    assert settle(lane) == []
    verdict = compare(plan.kiosk, lane.heard(plan.kiosk), lane.rows, lane.printer, Path(plan.data) / "outbox.db")
    nothing_off(verdict)
    assert (verdict.promised, verdict.central) == (1, 1)


def test_a_damaged_database_stops_nobody(lane: Lane) -> None:
    lane.line.set("up")
    stage = Stage(lane, random.Random(1))
    damaged_database(stage)
    stage.judge()
    nothing_off(stage.verdict)


def test_whoever_tampers_is_found(lane: Lane) -> None:
    found = tamper(lane.url, days=20)
    assert (found.found, found.unseen, found.false_alarms) == (len(TAMPERINGS), (), 0)


def test_a_kiosk_that_prints_before_it_notes_it_is_found(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness sees: a receipt whose bytes went out, and a journal that says that it was not printed."""
    monkeypatch.setattr(lane, "mutant", "print-before-sent")
    lane.line.set("up")
    plan = lane.plan("contact", "visit complaint", "drain")
    life = lane.bear(plan)
    lane.printer.at_byte = (500, life.kill)
    life.go()
    assert life.end() == -9
    lane.live(lane.plan("contact", "drain", kiosk=plan.kiosk, data=Path(plan.data))).end()
    verdict = compare(plan.kiosk, lane.heard(plan.kiosk), lane.rows, lane.printer, Path(plan.data) / "outbox.db")
    assert (verdict.lost, verdict.receipts_doubled) == (0, 1)
