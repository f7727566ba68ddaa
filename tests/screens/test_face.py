"""What a machine can check of the face, over every kind of page, in both manners: sizes, contrast, room, limits."""

from __future__ import annotations

from itertools import combinations

import pytest

from screens.surface import Strip, Surface
from screens.text import Text
from screens.theme import HAN_HEIGHT, Colour, contrast
from screens.touch import Target
from screens.widgets import Key
from tests.screens.glass import Glass
from tests.screens.samples import SAMPLES

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOLERANCE = 1.5
"""Pixels lost to rounding."""


@pytest.fixture(params=[False, True], ids=["normal", "care"])
def care(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.mark.parametrize("name", SAMPLES)
async def test_the_face(glass: Glass, name: str, care: bool) -> None:
    """Every page of every kind keeps the table of the face."""
    await glass.sample(name, care=care)
    violations: list[str] = []
    while True:
        violations += _violations(glass, care)
        if "page:next" not in glass.finger.offered():
            break
        glass.clock.ahead += 1
        await glass.finger.press("page:next")
    assert violations == []


async def test_pages_within_pages(glass: Glass, care: bool) -> None:
    """Provinces, cities and the calendar keep it too."""
    violations: list[str] = []
    await glass.sample("place", care=care)
    for means in ("place:other", "province:海南省"):
        if means not in glass.finger.offered():
            await glass.finger.turn_to(means)
        await glass.finger.press(means)
        violations += _violations(glass, care)
    await glass.sample("day", care=care)
    await glass.finger.press("day:other")
    violations += _violations(glass, care)
    assert violations == []


def _violations(glass: Glass, care: bool) -> list[str]:
    texts = [w for w in glass.stage.walk() if isinstance(w, Text) and w.text]
    targets = [w for w in glass.stage.walk() if isinstance(w, Target)]
    look = texts[0].look
    mm = look.px_per_mm
    found: list[str] = []
    for text in texts:
        han = text.style.em * HAN_HEIGHT / mm
        if han < (12 if care else 8):
            found.append(f"{text.text!r} is {han:.1f} mm high")
        if any(text.measure(line) > text.width + TOLERANCE for line in text.lines):
            found.append(f"{text.text!r} is wider than its place")
        if text.height + TOLERANCE < len(text.lines) * text.style.line:
            found.append(f"{text.text!r} is higher than its place")
        ground, holder = _ground(text)
        if holder is not None and not _inside(text, holder):
            found.append(f"{text.text!r} leaves its surface")
        if not _inside(text, glass.stage):
            found.append(f"{text.text!r} leaves the panel")
        large = text.style.em >= look.style("heading").em
        least = (7.0 if large else 10.0) if care else (4.5 if large else 7.0)
        ratio = contrast(look.colour(text.ink), ground)
        if ratio < least:
            found.append(f"{text.text!r} has a contrast of {ratio:.1f}")
    found += [f"{a.text!r} lies on {b.text!r}" for a, b in combinations(texts, 2) if _overlap(a, b)]
    foot = min(w.top for w in glass.stage.walk() if isinstance(w, Strip))
    for target in targets:
        side = min(target.width, target.height) / mm
        least_side = (20 if care else 16) if isinstance(target, Key) or _is_day(target) else (28 if care else 20)
        if side < least_side - 0.3:
            found.append(f"{target.means!r} is {side:.1f} mm small")
        if target.y < foot < target.top - TOLERANCE:
            found.append(f"{target.means!r} hangs into the foot")
    for one, other in combinations(targets, 2):
        apart = max(one.x - other.right, other.x - one.right, one.y - other.top, other.y - one.top) / mm
        if apart < (8 if care else 4) - 0.3:
            found.append(f"{one.means!r} and {other.means!r} are {apart:.1f} mm apart")
    return found


def _is_day(target: Target) -> bool:
    from datetime import date

    return isinstance(target.means, date) and target.width < target.look.mm(50)


def _ground(text: Text) -> tuple[Colour, Surface | None]:
    """The colour that the text stands on, and the surface that holds it."""
    parent = text.parent
    while parent is not None:
        if isinstance(parent, Surface):
            return text.look.colour(parent.fill), parent
        if any(isinstance(child, Strip) for child in parent.children):
            return text.look.colour("card"), None
        parent = parent.parent if parent.parent is not parent else None
    return text.look.colour("paper"), None


def _inside(one: Text, other: Surface) -> bool:
    return bool(
        one.x >= other.x - TOLERANCE
        and one.right <= other.right + TOLERANCE
        and one.y >= other.y - TOLERANCE
        and one.top <= other.top + TOLERANCE
    )


def _overlap(one: Text, other: Text) -> bool:
    return bool(
        min(one.right, other.right) - max(one.x, other.x) > TOLERANCE
        and min(one.top, other.top) - max(one.y, other.y) > TOLERANCE
    )
