"""What the table of the face asks of a page, looked up on the page itself: sizes, contrast, whole words, targets, room,
limits, and the order of the keys.

A page is judged as it stands on the glass, from the tree of its widgets. What is wrong is said in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations, pairwise

from kivy.graphics import Rectangle
from kivy.uix.widget import Widget

from kiosk.pages import EnterNumber
from screens.digits import Places
from screens.frame import faults, several_faults
from screens.layout import Grid
from screens.stage import Stage
from screens.surface import PRESSED, Strip, Surface
from screens.text import Icon, Text
from screens.theme import HAN_HEIGHT, Colour, contrast
from screens.tiles import Tiles
from screens.touch import Target
from screens.widgets import Key, ListRow, Tile
from screens.writing import Field
from tests.face.focus_order import focus_order

TOLERANCE = 1.5
"""Pixels lost to rounding."""
NEARLY = 0.3
"""Millimetres lost to rounding."""
BODY = {(False, False): 8.0, (False, True): 10.0, (True, False): 12.0, (True, True): 14.0}
"""Millimetres at least, in care mode and without it, in each of its two text sizes."""
TARGET, KEY, GAP = (20.0, 28.0), (16.0, 20.0), (4.0, 8.0)
"""Millimetres at least, normal and in care mode; KEY is of a pad's keys and a calendar's days."""
CONTRAST, LARGE_CONTRAST = (7.0, 10.0), (4.5, 7.0)
LATIN = "[A-Za-z\u00c0-\u024f]"
NOT_OF_CODE = rf"(?<![0-9@#&_+./:%＊])(?<!{LATIN}){{}}(?!{LATIN}|[0-9@#&_+%＊]|[./:]\w)"
"""A word of letters, that does not stand in an address or a code."""
ROWS, TILES = (7, 4), (12, 6)
"""Choices in one list and in one grid."""

REACH = 1220.0
"""Millimetres from the floor, for whoever sits."""
HIGHEST_EDGE = {
    (21.5, False): 830.0, (23.8, False): 790.0, (27.0, False): 730.0, (32.0, False): 640.0,
    (21.5, True): 950.0, (23.8, True): 920.0, (27.0, True): 880.0, (32.0, True): 820.0,
}  # fmt: skip
"""Inches, whether it lies across → millimetres from the floor to the panel's lower edge at most: the manual's table."""


@dataclass
class Judged:
    """How much was looked at, and what is wrong."""

    texts: int = 0
    targets: int = 0
    violations: list[str] = field(default_factory=list)


def judge(stage: Stage) -> Judged:
    """Everything about the page that stands there."""
    seen = list(visible(stage))
    texts = [widget for widget in seen if isinstance(widget, Text) and widget.text]
    targets = [widget for widget in seen if isinstance(widget, Target)]
    found = [
        *_sizes(texts), *_drawn([*texts, *(widget for widget in seen if isinstance(widget, Icon))]), *_colours(texts),
        *_words(texts), *_faults_told(stage, texts), *_typed(stage, texts), *_rooms(stage, seen, texts),
        *_targets(targets), *_low(targets), *_reach(targets), *_limits(seen), *focus_order(stage),
    ]  # fmt: skip
    return Judged(texts=len(texts), targets=len(targets), violations=found)


def _sizes(texts: Sequence[Text]) -> Iterator[str]:
    """Letters as high as they must be, and room for all lines; only the head may cut a name."""
    for text in texts:
        look = text.look
        han = text.style.em * HAN_HEIGHT / look.px_per_mm
        larger = look.manner.larger and not _was_stepped_down(text)
        if han < BODY[look.care, larger]:
            yield f"{text.text!r} is {han:.1f} mm high"
        if text.height + TOLERANCE < len(text.lines) * text.style.line:
            yield f"{text.text!r} is higher than its place"
        if "…" in text.text and not _is_on_strip(text) and not _may_be_short(text):
            yield f"{text.text!r} is cut"


def _typed(stage: Stage, texts: Sequence[Text]) -> Iterator[str]:
    """A number that is typed stands there whole; and no figure of what is somebody's is to be read across the hall."""
    number = stage.shown is not None and isinstance(stage.shown.page, EnterNumber)
    for text in texts:
        if number and text.text.startswith("…"):
            yield f"{text.text!r} is cut at its beginning"
        if isinstance(text.parent, Places) and text.style.em > text.look.style("strong").em:
            yield f"{text.text!r} is somebody's, and larger than the text of the page"


def _drawn(widgets: Sequence[Text | Icon]) -> Iterator[str]:
    """What is drawn of each, texture by texture, lies between the sides of its place.

    A texture of letters is higher than their line, as the font leaves air; whether ink is lost the pixels tell.
    """
    for widget in widgets:
        if not _textures(widget):
            yield f"{_named(widget)} is not drawn"
            continue
        left, right = _sides(widget)
        beyond = max(widget.x - left, right - widget.right)
        if beyond > TOLERANCE:
            yield f"{_named(widget)} is drawn {beyond:.0f} px beyond its place"


def _colours(texts: Sequence[Text]) -> Iterator[str]:
    """On what a text stands, and on what that turns to under the finger; gold is for no text, red and amber for none
    that is read in one go."""
    for text in texts:
        if text.ink == "gold" or (text.ink in ("red", "amber") and text.style.em < text.look.style("heading").em):
            yield f"{text.text!r} is written in {text.ink}"
        ink, holder = text.look.colour(text.ink), _ground(text)[1]
        ratio = contrast(ink, ground_of_text(text))
        if ratio < least_contrast(text):
            yield f"{text.text!r} has a contrast of {ratio:.1f}"
        if isinstance(holder, Target) and holder.enabled:
            ratio = contrast(ink, text.look.colour(PRESSED.get(holder.fill, holder.fill)))
            if ratio < least_contrast(text):
                yield f"{text.text!r} has a contrast of {ratio:.1f} while it is pressed"


def _words(texts: Sequence[Text]) -> Iterator[str]:
    """No Latin word is split between two lines; numbers, addresses and codes may be, and a word after its hyphen."""
    for text in texts:
        for before, after in pairwise(text.lines):
            begins, goes_on = re.search(f"{LATIN}+$", before), re.match(f"{LATIN}+", after)
            if begins and goes_on and re.search(NOT_OF_CODE.format(begins[0] + goes_on[0]), text.text):
                yield f"a Latin word is split: {begins[0]} / {goes_on[0]}"


def _faults_told(stage: Stage, texts: Sequence[Text]) -> Iterator[str]:
    """What does not work stands in the head in words: each by itself, or, in large type, that there are several."""
    if any(_is_on_strip(text) for text in texts):
        said = {text.text for text in texts}
        unsaid = [words for words in faults(stage._status) if words not in said]
        if not (several_faults() in said and len(unsaid) > 1 and (stage._look.care or stage._look.manner.larger)):
            yield from (f"the head does not say {words!r}" for words in unsaid)


def least_contrast(text: Text) -> float:
    """What the table of the face asks of this text."""
    large = text.style.em >= text.look.style("heading").em
    return (LARGE_CONTRAST if large else CONTRAST)[text.look.care]


def ground_of_text(text: Text) -> Colour:
    """The colour that the text stands on."""
    return _ground(text)[0]


def _rooms(stage: Stage, seen: Sequence[Widget], texts: Sequence[Text]) -> Iterator[str]:
    """Nothing leaves what holds it, nothing lies on anything else, and head and foot are the foot's and the head's."""
    for text in texts:
        holder = _ground(text)[1]
        if holder is not None and not _inside(text, holder):
            yield f"{text.text!r} leaves its surface"
    for widget in seen:
        if isinstance(widget, Text | Icon | Surface) and not _inside(widget, stage):
            yield f"{_named(widget)} leaves the panel"
    words = [*texts, *(widget for widget in seen if isinstance(widget, Icon))]
    yield from (f"{_named(a)} lies on {_named(b)}" for a, b in combinations(words, 2) if _overlap(a, b))
    surfaces = [widget for widget in seen if isinstance(widget, Surface)]
    for one, other in combinations(surfaces, 2):
        if _overlap(one, other) and not _holds(one, other) and not _holds(other, one):
            yield f"{_named(one)} lies on {_named(other)}"
    strips = [widget for widget in seen if isinstance(widget, Strip)]
    # The page of an empty hall has the whole glass, without head and foot.
    foot = min((strip.top for strip in strips), default=stage.y)
    head = max((strip.y for strip in strips), default=stage.top)
    for widget in (*words, *surfaces):
        if widget.y < foot - TOLERANCE and widget.top > foot + TOLERANCE:
            yield f"{_named(widget)} hangs into the foot"
        if widget.y < head - TOLERANCE and widget.top > head + TOLERANCE:
            yield f"{_named(widget)} sticks into the head"
    for surface in surfaces:
        for word in words:
            if _overlap(surface, word) and not _holds(surface, word):
                yield f"{_named(word)} lies on {_named(surface)}, which does not hold it"


def _targets(targets: Sequence[Target]) -> Iterator[str]:
    for target in targets:
        look = target.look
        side = min(target.width, target.height) / look.px_per_mm
        if side < (KEY if _is_key(target) else TARGET)[look.care] - NEARLY:
            yield f"{target.means!r} is {side:.1f} mm small"
    for one, other in combinations(targets, 2):
        apart = max(one.x - other.right, other.x - one.right, one.y - other.top, other.y - one.top)
        if apart / one.look.px_per_mm < GAP[one.look.care] - NEARLY:
            yield f"{one.means!r} and {other.means!r} are {apart / one.look.px_per_mm:.1f} mm apart"


def _low(targets: Sequence[Target]) -> Iterator[str]:
    """低位操作: all that can be pressed stands in the lower half of the panel; but for 再看一会儿, which stands in the
    question's place: a touch anywhere beside the answers does the same; and for what is the whole panel."""
    for target in targets:
        panel = target.look.panel
        if target.means == "stay" or target.height >= panel.height:
            continue
        above = target.top - panel.y - panel.height / 2
        if target.look.low and target.enabled and above > TOLERANCE:
            yield f"{target.means!r} stands {above / target.look.px_per_mm:.0f} mm above the middle"


def _reach(targets: Sequence[Target]) -> Iterator[str]:
    """Nothing to press stands above 1,220 mm from the floor where a panel hangs as high as the manual allows."""
    for target in targets:
        look, panel = target.look, target.look.panel
        edge = HIGHEST_EDGE.get((look.diagonal, look.landscape))
        if edge is None or not target.enabled or target.means == "stay" or target.height >= panel.height:
            continue
        above = edge + (target.top - panel.y) / look.px_per_mm - REACH
        if above > NEARLY:
            yield f"{target.means!r} stands {above:.0f} mm out of reach"


def _limits(seen: Sequence[Widget]) -> Iterator[str]:
    """Lists and grids of choices; keys of a pad are no choices."""
    rows = [widget for widget in seen if isinstance(widget, ListRow)]
    if rows and len(rows) > ROWS[rows[0].look.care]:
        yield f"{len(rows)} choices in a list"
    for grid in (widget for widget in seen if isinstance(widget, Grid)):
        tiles = [tile for tile in grid.blocks if isinstance(tile, Tile)]
        if tiles and len(tiles) > TILES[tiles[0].look.care]:
            yield f"{len(tiles)} choices in a grid"


def _may_be_short(text: Text) -> bool:
    """An example in a field; and in care mode a row of a list that is in several lines already and still has its end:
    what letters found, one at a time."""
    parent = text.parent
    both_ends = text.look.care and len(text.lines) > 1 and not text.text.endswith("…")
    while parent is not None and parent.parent is not parent:
        if isinstance(parent, Field) or (both_ends and isinstance(parent, ListRow)):
            return True
        parent = parent.parent
    return False


def _was_stepped_down(text: Text) -> bool:
    """Whether a word has no room at the height that it was to have: its own, or one of the tiles beside it."""
    parent = text.parent
    while parent is not None and not isinstance(parent, Tiles):
        parent = parent.parent if parent.parent is not parent else None
    beside = [text] if parent is None else [widget for widget in parent.walk(restrict=True) if isinstance(widget, Text)]
    return any(_is_wide(other) for other in beside)


def _is_wide(text: Text) -> bool:
    look = text.look
    enlarge = BODY[look.care, True] * look.px_per_mm / (text.style.em * HAN_HEIGHT)
    return any(text.measure(word) * enlarge > text.width for word in re.findall(rf"{LATIN}+\S*", text.text))


def _is_key(target: Target) -> bool:
    """A key of a pad, or a day of a calendar."""
    return isinstance(target, Key) or (isinstance(target.means, date) and not isinstance(target, ListRow))


def visible(widget: Widget) -> Iterator[Widget]:
    """What is drawn: the idle warning hides the question under it."""
    if widget.opacity:
        yield widget
        for child in widget.children:
            yield from visible(child)


def _ground(text: Text) -> tuple[Colour, Surface | None]:
    """The colour that the text stands on, and the surface that holds it."""
    parent = text.parent
    while parent is not None:
        if isinstance(parent, Surface):
            fill = PRESSED.get(parent.fill, parent.fill) if parent.pressed else parent.fill
            return text.look.colour(fill), parent
        if any(isinstance(child, Strip) for child in parent.children):
            return text.look.colour("card"), None
        parent = parent.parent if parent.parent is not parent else None
    return text.look.colour("paper"), None


def _is_on_strip(text: Text) -> bool:
    """Whether it stands on the head or on the foot."""
    return text.parent is not None and any(isinstance(child, Strip) for child in text.parent.children)


def _holds(surface: Surface, widget: Widget) -> bool:
    """Whether it stands on that surface."""
    parent = widget.parent
    while parent is not None and parent.parent is not parent:
        if parent is surface:
            return True
        parent = parent.parent
    return False


def _named(widget: Widget) -> str:
    match widget:
        case Text():
            return repr(widget.text)
        case Icon():
            return f"the icon {widget.name}"
        case Target():
            return f"the target {widget.means!r}"
        case _:
            return f"a {type(widget).__name__}"


def _inside(one: Widget, other: Widget) -> bool:
    return bool(
        one.x >= other.x - TOLERANCE
        and one.right <= other.right + TOLERANCE
        and one.y >= other.y - TOLERANCE
        and one.top <= other.top + TOLERANCE
    )


def _overlap(one: Widget, other: Widget) -> bool:
    if min(one.top, other.top) - max(one.y, other.y) <= TOLERANCE:
        return False
    (left, right), (its_left, its_right) = _sides(one), _sides(other)
    return min(right, its_right) - max(left, its_left) > TOLERANCE


def _sides(widget: Widget) -> tuple[float, float]:
    """Where it begins and ends from left to right: letters and icons as they are drawn, the rest as it is placed."""
    drawn = _textures(widget) if isinstance(widget, Text | Icon) else []
    if not drawn:
        return widget.x, widget.right
    return min(part.pos[0] for part in drawn), max(part.pos[0] + part.size[0] for part in drawn)


def _textures(widget: Text | Icon) -> list[Rectangle]:
    return [part for part in widget.canvas.children if isinstance(part, Rectangle)]
