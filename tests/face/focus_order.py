"""Focus goes as the eye does: by rows from the top, in a row from the left, question before answers before the foot.

The focus goes by the tree of the widgets; here only places count, but that of two groups side by side, and of the two
columns of a panel that lies across, the left one is read whole before the right one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from kivy.uix.widget import Widget

from screens.layout import Block, Row
from screens.stage import Stage
from screens.surface import Ground
from screens.touch import Target

TOLERANCE = 2.0
"""Pixels lost to rounding."""


def focus_order(stage: Stage) -> Iterator[str]:
    """What is wrong with the order of the page that stands there, in words."""
    stops = stage.focus.stops()
    there = [widget for widget in stage.walk() if isinstance(widget, Target) and widget.enabled]
    if missed := [target.means for target in there if target not in stops]:
        yield f"no key reaches {missed}"
    yield from (f"{after.means!r} comes after {before.means!r}" for before, after in wrong_way(stops))
    yield from (f"{target.means!r} says nothing" for target in stops if not stage.focus.words_of(target))


def wrong_way(stops: Sequence[Target]) -> Iterator[tuple[Target, Target]]:
    """Pairs in which the second stands before the first."""
    for before, after in pairwise(stops):
        above = after.y >= before.top - TOLERANCE
        beside = after.right <= before.x + TOLERANCE and not after.top <= before.y + TOLERANCE
        columns = before.look.landscape or isinstance(_around(before, after), Row | Ground)
        side_by_side = columns and after.x >= before.right - TOLERANCE
        if beside or (above and not side_by_side):
            yield before, after


def _around(one: Widget, other: Widget) -> Widget | None:
    """The nearest that both stand in."""
    around, above = [], one.parent
    while isinstance(above, Block):
        around.append(above)
        above = above.parent
    above = other.parent
    while isinstance(above, Block) and above not in around:
        above = above.parent
    return above if above in around else None
