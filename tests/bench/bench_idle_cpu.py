"""What the idle kiosk costs: its home page with all devices polled and central greeted, in CPU times of a bare window.

The bare window runs under asyncio at sixty turns a second, the most that the kiosk makes. Both stand there at once and
are read at the same moments, so that whatever else the machine does touches both alike; a whole minute, because the
kiosk's clock shows minutes.
"""

from __future__ import annotations

import itertools
import os
import time
from pathlib import Path

from tests.bench.kiosk_program import HOME_DRAWN, settled_place
from tests.bench.result import Bench, Result

BAR = 1.5
SETTLE = 8.0
"""Seconds after the start: central is greeted, the devices are found, what is prepared aside is prepared."""
SLICES = 6
SLICE = 10.0


def measure() -> Result:
    """The CPU time of the kiosk's process over that of the bare window's, in the same minute."""
    with settled_place() as place, place.kiosk() as kiosk, place.bare_window("--under-asyncio") as window:
        kiosk.wait_for(HOME_DRAWN)
        window.wait_for("drawn")
        time.sleep(SETTLE)
        read = [(cpu_seconds(kiosk.pid), cpu_seconds(window.pid))]
        for _ in range(SLICES):
            time.sleep(SLICE)
            read.append((cpu_seconds(kiosk.pid), cpu_seconds(window.pid)))
    slices = [(after[0] - before[0], after[1] - before[1]) for before, after in itertools.pairwise(read)]
    ours, bare = sum(ours for ours, _ in slices), sum(bare for _, bare in slices)
    ratios = [ours / bare for ours, bare in slices]
    percent = 100 / (SLICES * SLICE)
    return {
        "value": ours / bare,
        "bar": BAR,
        "ok": ours / bare <= BAR,
        "peers": {
            "kiosk %": ours * percent,
            "bare window %": bare * percent,
            "best slice": min(ratios),
            "worst slice": max(ratios),
        },
    }


BENCHES: dict[str, Bench] = {"idle_cpu_ratio": measure}


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far, its threads included (proc(5), fields 14 and 15 of ``stat``)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
