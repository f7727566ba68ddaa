"""The modes in which the face is looked at are few, and leave no two values of a mode's parts apart."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

from kiosk import texts
from tests.face.modes import DIAGONALS, LANGUAGES, REPRESENTATIVE, TIGHT, all_pairs, every_mode, modes_to_look_at
from tests.face.rules import HIGHEST_EDGE

MANUAL = Path("docs/manual.zh-CN.md")
VALUES: dict[str, tuple[object, ...]] = {
    "language": LANGUAGES, "care": (False, True), "larger": (False, True), "contrast": (False, True),
    "low": (False, True), "landscape": (False, True), "listen": (False, True), "diagonal": DIAGONALS,
}  # fmt: skip


def test_every_two_values_meet_in_a_mode() -> None:
    """Each allowed pair; a panel that lies across has no low position."""
    modes = [vars(mode) for mode in modes_to_look_at()]
    for one, other in combinations(VALUES, 2):
        for first in VALUES[one]:
            for second in VALUES[other]:
                met = any(mode[one] == first and mode[other] == second for mode in modes)
                assert met is not ((one, first, other, second) == ("low", True, "landscape", True)), (one, other)


def test_every_text_size_meets_every_layout() -> None:
    """Four text sizes upright, in low position and across, where millimetres are fewest."""
    smallest = (mode for mode in modes_to_look_at() if mode.diagonal == min(DIAGONALS))
    met = {(mode.care, mode.larger, mode.low, mode.landscape) for mode in smallest}
    assert met == {(mode.care, mode.larger, mode.low, mode.landscape) for mode in every_mode()}
    assert len(met) == 12


def test_the_modes_are_few() -> None:
    """A score at most, the same in every run; no mode twice; each part changes in one that is looked at in pixels."""
    modes = modes_to_look_at()
    assert len(set(modes)) == len(modes) <= 20
    assert modes == modes_to_look_at() == all_pairs(every_mode(), first=(*REPRESENTATIVE, *TIGHT))
    parts = [name for name in VALUES if name not in ("diagonal", "listen")]
    assert all(len({vars(mode)[name] for mode in REPRESENTATIVE}) == 2 for name in parts)
    assert {mode.language for mode in REPRESENTATIVE} == set(texts.LANGUAGES)


def test_the_manual_says_how_high_a_panel_may_hang() -> None:
    """What the rule on reach goes by."""
    rows = re.findall(r"- ([\d.]+) 寸：竖着装 (\d+) 厘米，横着装 (\d+) 厘米", MANUAL.read_text(encoding="utf-8"))
    said = {(float(inches), across): 10.0 * float(edge[across]) for inches, *edge in rows for across in (False, True)}
    assert said == HIGHEST_EDGE
