"""How long the kiosk takes from the start of its process to its first home page, in starts of a bare window of kivy's.

Both are started in turn, beside running simulators and a central whose keys the kiosk has pinned before. The kiosk's
home page stands when its log says so; the bare window's label, when its program does. Both say it after the buffers
were swapped.
"""

from __future__ import annotations

import statistics

from tests.bench.kiosk_program import HOME_DRAWN, Place, settled_place
from tests.bench.result import Bench, Result

BAR = 2.5
PAIRS = 7


def measure() -> Result:
    """The median of the pairs' ratios."""
    with settled_place() as place:
        pairs = [(start_of_kiosk(place), start_of_bare_window(place)) for _ in range(PAIRS)]
    ratios = [kiosk / bare for kiosk, bare in pairs]
    value = statistics.median(ratios)
    return {
        "value": value,
        "bar": BAR,
        "ok": value <= BAR,
        "peers": {
            "kiosk s": statistics.median(kiosk for kiosk, _ in pairs),
            "bare window s": statistics.median(bare for _, bare in pairs),
            "best": min(ratios),
            "worst": max(ratios),
        },
    }


BENCHES: dict[str, Bench] = {"start_ratio": measure}


def start_of_kiosk(place: Place) -> float:
    with place.kiosk() as kiosk:
        return kiosk.wait_for(HOME_DRAWN)


def start_of_bare_window(place: Place) -> float:
    with place.bare_window() as window:
        return window.wait_for("drawn")
