"""Tier 1 at central: SIGKILL of the process that answers kiosks, or of the opener, at one of its durable calls, while a
kiosk is served: before the answer is sent, between an authority's answer and its note."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from tests.faults.ear import is_alive
from tests.faults.kills import attached
from tests.faults.lane import Lane
from tests.faults.oracle import Verdict, compare
from tests.faults.scenes import settle

STEPS: Final = ("contact", "visit self-paid", "visit complaint", "visit remote-care-filing", "wait 1", "drain")
POINTS: Final = {
    ("server", "fdatasync"): 14,
    ("server", "sendto"): 60,
    ("opener", "fdatasync"): 13,
    ("opener", "sendto"): 9,
}
"""About how often each is called while a kiosk takes its steps."""


TRIES: Final = 4
"""For each kill, at most: about one in three kills nobody."""


@dataclass
class CentralKills:
    """What was done in one lane."""

    lane: Lane
    rng: random.Random
    kills: int = 0
    verdict: Verdict = field(default_factory=Verdict)

    def run(self, kills: int, until: float = float("inf")) -> None:
        """So many kills; a call that does not come in time kills nobody, and is tried again."""
        tries = 0
        while self.kills < kills and tries < TRIES * kills and time.monotonic() < until and not self.verdict.bad:
            tries += 1
            self._one()

    def _one(self) -> None:
        lane = self.lane
        lane.line.set("up")
        (who, call), most = self.rng.choice(list(POINTS.items()))
        n = self.rng.randrange(1, most + 1)
        pid = lane.central_pid if who == "server" else lane.opener_pid()
        how = ("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={n}", "-o", "/dev/null")
        plan = lane.plan(*STEPS)
        strace = attached(pid, *how)
        guard = threading.Thread(target=self._stand_by, args=(who, pid, strace), daemon=True)
        guard.start()
        life = lane.live(plan)
        life.end()
        strace.terminate()
        strace.wait()
        guard.join()
        lane.live(lane.plan("contact", "drain", kiosk=plan.kiosk, data=Path(plan.data))).end()
        doubled = settle(lane)
        heard = lane.heard(plan.kiosk)
        verdict = compare(plan.kiosk, heard, lane.rows, lane.printer, Path(plan.data) / "outbox.db")
        verdict.filings_doubled += len(doubled)
        verdict.findings += doubled
        if verdict.bad:
            verdict.findings.append(f"{plan.kiosk} was served while the {who} was killed at {call} #{n}")
        self.verdict.add(verdict)

    def _stand_by(self, who: Literal["server", "opener"], pid: int, strace: subprocess.Popen[bytes]) -> None:
        """Starts a server that was killed again, as systemd would; the opener is the server's to start."""
        while strace.poll() is None:
            time.sleep(0.05)
        if is_alive(pid):
            return
        self.kills += 1
        if who == "server":
            self.lane.stop_central()
            self.lane.start_central()
