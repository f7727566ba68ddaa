"""Tier 1: SIGKILL at every durable system call of a life, and errors of the disk in its place.

Which calls there are is counted in a life that nobody disturbs, not listed by hand. A kiosk then lives several lives on
one disk, each ended at a call chosen among them, or at a byte of a receipt; the last one may deliver what is left.
"""

from __future__ import annotations

import random
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.faults import recovery
from tests.faults.ear import status_of
from tests.faults.lane import Lane, Life
from tests.faults.oracle import Verdict, files_lost
from tests.faults.recovery import Recovery

CALLS: Final = ("write", "pwrite64", "fdatasync", "fsync", "link", "rename", "unlink", "ftruncate", "sendto")
ERRORS: Final = {
    "write": ("EIO", "ENOSPC"),
    "pwrite64": ("EIO", "ENOSPC"),
    "fdatasync": ("EIO",),
    "fsync": ("EIO", "ENOSPC"),
    "link": ("EIO", "ENOSPC", "EPERM"),
    "rename": ("EIO", "ENOSPC"),
    "unlink": ("EIO",),
    "ftruncate": ("EIO", "ENOSPC"),
}
"""Not of what is sent: the event loop wakes itself by a socket, and a line that fails is ``line``'s."""
LIVES: Final = 5
"""Lives of one kiosk that are ended by force, before the one that may deliver."""
RECEIPT_OCTETS: Final = 1000
"""About as long is the receipt that a resident gets."""
_CALL: Final = re.compile(r'^(\d+) +(\w+)\((?:\d+<([^>]*)>|"([^"]*)")')

SCENARIOS: Final[dict[str, tuple[str, ...]]] = {
    "visit with receipt": ("contact", "visit self-paid", "drain"),
    "visits without a line, then sync": (
        "contact",
        "line down",
        "visit complaint",
        "visit rider-check-in",
        "line up",
        "drain",
    ),
    "catalogue and settings": ("contact", "published 1"),
    "central's keys are exchanged": ("contact", "visit complaint", "drain"),
    "dropping what central has": (
        "contact",
        "visit rider-check-in",
        "visit complaint",
        "drain",
        "tidy",
        "visit rider-check-in",
        "drain",
    ),
    **recovery.LIVES,
    "many kinds": ("contact", "visit home-care", "visit remote-care-filing", "drain"),
}


@dataclass(frozen=True, kw_only=True)
class Point:
    """The n-th call of one kind on one file ("": on a socket)."""

    call: str
    file: str
    n: int

    def __str__(self) -> str:
        return f"{self.call} {self.file or 'socket'} #{self.n}"


@dataclass
class Kills:
    """What tier 1 did in one lane."""

    lane: Lane
    rng: random.Random
    scenarios: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: SCENARIOS)
    errors_share: float = 0.2
    """Of lives that meet an error instead of a kill."""
    kills: int = 0
    errors: int = 0
    missed: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    points: dict[tuple[str, bool], list[Point]] = field(default_factory=dict)
    """Of each scenario, in a kiosk's first life and in a later one."""
    hit: set[tuple[str, bool, Point]] = field(default_factory=set)
    before: Recovery = field(init=False)

    def __post_init__(self) -> None:
        self.before = Recovery(self.lane, self.rng)

    def count(self) -> None:
        """Finds the points of each scenario in a life that nobody disturbs."""
        for name, steps in self.scenarios.items():
            plan = self.lane.plan(*steps)
            for first in (True, False):
                self.before.prepare(name, plan.kiosk, Path(plan.data))
                self.lane.line.set("up")
                life = self.lane.bear(plan)
                told = self.lane.folder / "calls"
                with traced(life, "-y", "-e", f"trace={','.join(CALLS)}", "-o", str(told)):
                    life.go()
                    status = life.end()
                self.points[name, first] = points_in(told.read_text(errors="replace"), Path(plan.data))
                heard = self.lane.heard(plan.kiosk)
                if status or not (heard.promised or heard.holds):
                    self.verdict.findings.append(f"{name}: an undisturbed life ends with {status}")
            self.verdict.add(self.before.judge(plan.kiosk, Path(plan.data)))

    def run(self, kills: int, until: float = float("inf")) -> None:
        """So many kills, every fifth life with an error of the disk instead."""
        goal = self.kills + kills
        while self.kills < goal and time.monotonic() < until and not self.verdict.bad and not self.lane.findings:
            self._one_kiosk(goal)

    def _one_kiosk(self, goal: int) -> None:
        plan = self.lane.plan()
        kiosk, data = plan.kiosk, Path(plan.data)
        told: list[str] = []
        for number in range(LIVES):
            name = self.before.choose(list(self.scenarios))
            told.append(self._one_life(name, kiosk, data, first=number == 0))
            if self.kills >= goal or self.verdict.bad:
                break
        self.lane.line.set("up")
        last = self.lane.live(self.lane.plan("contact", "drain", kiosk=kiosk, data=data))
        last.end()
        verdict = self.before.judge(kiosk, data)
        if verdict.bad or self.verdict.bad or self.lane.findings:
            verdict.findings.append(f"{kiosk} lived so: {'; '.join(told)}")
        self.verdict.add(verdict)

    def _one_life(self, name: str, kiosk: str, data: Path, *, first: bool) -> str:
        self.before.prepare(name, kiosk, data)
        self.lane.line.set("up")
        plan = self.lane.plan(*self.scenarios[name], kiosk=kiosk, data=data)
        if self.rng.random() < 0.1:
            return f"{name}, {self._killed_by_printer(self.lane.bear(plan))}"
        point = self._choose(name, first)
        life = self.lane.bear(plan)
        error = ""
        if point.call in ERRORS and self.rng.random() < self.errors_share:
            error = self.rng.choice(ERRORS[point.call])
        if error:
            how = f"inject={point.call}:error={error}:when={point.n}..{point.n + self.rng.choice((0, 0, 2))}"
        else:
            how = f"inject={point.call}:signal=KILL:when={point.n}"
        where = ("-P", str(data / point.file)) if point.file else ()
        with traced(life, *where, "-e", f"trace={point.call}", "-e", how, "-o", "/dev/null"):
            life.go()
            status = life.end()
        self._note(status, error)
        early = self.before.marked_early(kiosk, data)
        early += files_lost(kiosk, self.lane.heard(kiosk), data)
        self.verdict.lost += len(early)
        self.verdict.findings += early
        if not error and status == -9:
            self.hit.add((name, first, point))
        return f"{name}, {error or 'SIGKILL'} at {point}"

    def _choose(self, name: str, first: bool) -> Point:
        """Calls that were not met yet come first."""
        known = self.points[name, first]
        fresh = [point for point in known if (name, first, point) not in self.hit]
        return self.rng.choice(fresh or known)

    def _killed_by_printer(self, life: Life) -> str:
        octets = self.rng.randrange(1, RECEIPT_OCTETS)
        self.lane.printer.at_byte = (octets, life.kill)
        life.go()
        self._note(life.end(), "")
        self.lane.printer.at_byte = None
        return f"SIGKILL at byte {octets} of a receipt"

    def _note(self, status: int, error: str) -> None:
        if error:
            self.errors += 1
        elif status == -9:
            self.kills += 1
        else:
            self.missed += 1


@contextmanager
def traced(life: Life, *how: str) -> Iterator[None]:
    """Strace over a life that has not begun."""
    strace = attached(life.pid, *how)
    try:
        yield
    finally:
        try:
            strace.wait(10.0)
        except subprocess.TimeoutExpired:
            strace.kill()
            strace.wait()


def attached(pid: int, *how: str) -> subprocess.Popen[bytes]:
    """Strace over a process and all that it starts. Raises RuntimeError."""
    command = ["strace", "-f", "-qq", *how, "-p", str(pid)]
    strace = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 20
    while status_of(pid, "TracerPid") in ("0", ""):
        if strace.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"strace does not attach to {pid}")
        time.sleep(0.002)
    return strace


def points_in(told: str, data: Path) -> list[Point]:
    """The calls that strace told of: on files of the kiosk's, and on sockets as often as the thread that sends most."""
    files: Counter[tuple[str, str]] = Counter()
    sockets: Counter[str] = Counter()
    for line in told.splitlines():
        if (found := _CALL.match(line)) is None:
            continue
        thread, call, by_descriptor, by_name = found.groups()
        path = (by_descriptor or by_name or "").removesuffix("(deleted)")
        if call == "sendto":
            sockets[thread] += 1
        elif path == str(data) or path.startswith(f"{data}/"):
            files[call, path[len(str(data)) + 1 :] or "."] += 1
    return list(_numbered(files, max(sockets.values(), default=0)))


def _numbered(files: Counter[tuple[str, str]], sends: int) -> Iterator[Point]:
    for (call, file), count in sorted(files.items()):
        yield from (Point(call=call, file=file, n=n) for n in range(1, count + 1))
    yield from (Point(call="sendto", file="", n=n) for n in range(1, sends + 1))
