"""Colours, type and spacing, all in one place, as the face wants them: in millimetres on the glass.

A ``Theme`` turns millimetres into pixels for one panel on one window, in one manner. Nothing else in screens/ knows a
colour's value or multiplies by a scale. Tables first; care mode (关怀模式), high contrast (高对比) and the larger text
sizes change entries of the same tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, hypot
from typing import Literal

from devices.glyphs import Weight
from kiosk.manner import Manner

Colour = tuple[float, float, float, float]
ColourName = Literal[
    "paper", "card", "sand", "line", "edge", "ink", "soft", "red", "blush", "pressed red", "pressed", "gold",
    "green", "amber", "white", "blue", "sky", "focus", "clear", "code", "code ground",
]  # fmt: skip
StyleName = Literal["title", "heading", "strong", "body", "key"]
SizeName = Literal[
    "margin", "gap", "corner", "pad", "target", "button", "tile", "key", "key gap", "border", "thick border",
    "head", "foot", "icon", "list icon", "large icon", "great icon", "huge icon",
]  # fmt: skip

USUAL = Manner()

COLOURS: dict[ColourName, str] = {
    "paper": "#FBF7F0",
    "card": "#FFFFFF",
    "sand": "#F3ECE0",
    "line": "#E7DDCD",
    "edge": "#CFC0A9",
    "ink": "#2A211C",
    "soft": "#574B42",
    "red": "#A6281E",
    "blush": "#FDF2EF",
    "pressed red": "#7E1B14",
    "pressed": "#E7DDCD",
    "gold": "#C9A24B",
    "green": "#2F5540",
    "amber": "#7A4600",
    "white": "#FFFFFF",
    "blue": "#3A7DB0",
    "sky": "#DCE8F2",
    "focus": "#0B5394",
    "clear": "#00000000",
    "code": "#2A211C",
    "code ground": "#FFFFFF",
}
"""``red`` is the thing to do next, ``white`` what is written on it. ``code`` is a QR code's, in high contrast too: few
telephones read one that is white on black."""
CARE_COLOURS: dict[ColourName, str] = {
    "line": "#2A211C",
    "edge": "#2A211C",
    "soft": "#2A211C",
    "red": "#7E1B14",
    "pressed red": "#551009",
    "green": "#1F3D2B",
    "amber": "#5C3500",
}
"""What care mode darkens: secondary text is ink, and every tile has an outline that can be seen."""
HIGH_CONTRAST: dict[ColourName, str] = {
    "paper": "#000000",
    "card": "#000000",
    "sand": "#1C1C1C",
    "line": "#FFFFFF",
    "edge": "#FFFFFF",
    "ink": "#FFFFFF",
    "soft": "#FFFFFF",
    "red": "#FFD60A",
    "blush": "#3A3000",
    "pressed red": "#D9B400",
    "pressed": "#3A3A3A",
    "gold": "#FFD60A",
    "green": "#7CFFB2",
    "amber": "#FFC24B",
    "white": "#000000",
    "blue": "#6FC3FF",
    "sky": "#10344D",
    "focus": "#6FC3FF",
}
"""White on black, for eyes that the glare of paper hurts; the thing to do next is yellow, with black on it."""

TYPE: dict[StyleName, tuple[float, Weight]] = {
    "title": (14.0, "bold"),
    "heading": (11.5, "bold"),
    "strong": (8.6, "bold"),
    "body": (8.0, "regular"),
    "key": (12.0, "regular"),
}
"""Height of a Han character in millimetres, and weight. Few sizes: each keeps a font open."""
CARE_TYPE: dict[StyleName, tuple[float, Weight]] = {
    "title": (18.0, "bold"),
    "heading": (14.5, "bold"),
    "strong": (12.0, "bold"),
    "body": (12.0, "regular"),
    "key": (14.5, "regular"),
}
LARGER_TYPE: dict[StyleName, float] = {"title": 16.0, "heading": 13.0, "strong": 10.6, "body": 10.0, "key": 13.0}
LARGER_CARE_TYPE: dict[StyleName, float] = {"title": 20.0, "heading": 16.5, "strong": 14.0, "body": 14.0, "key": 16.0}
"""Heights in the larger text size of each: body text is 8, 10, 12 or 14 mm high."""

SIZES: dict[SizeName, float] = {
    "margin": 14.0,
    "gap": 6.0,
    "corner": 6.0,
    "pad": 8.0,
    "target": 20.0,
    "button": 24.0,
    "tile": 40.0,
    "key": 26.0,
    "key gap": 4.0,
    "border": 0.4,
    "thick border": 1.0,
    "head": 38.0,
    "foot": 36.0,
    "icon": 10.0,
    "list icon": 14.0,
    "large icon": 18.0,
    "great icon": 24.0,
    "huge icon": 30.0,
}
CARE_SIZES: dict[SizeName, float] = {
    "gap": 8.0,
    "target": 28.0,
    "button": 30.0,
    "tile": 60.0,
    "key": 28.0,
    "key gap": 8.0,
    "border": 0.75,
    "head": 50.0,
    "foot": 46.0,
    "icon": 13.0,
    "list icon": 18.0,
    "large icon": 26.0,
    "great icon": 30.0,
    "huge icon": 36.0,
}
LARGER_SIZES: dict[SizeName, float] = {"head": 44.0, "icon": 11.5}
LARGER_CARE_SIZES: dict[SizeName, float] = {"head": 56.0, "icon": 15.0, "button": 31.0}
LANDSCAPE_TYPE: dict[StyleName, float] = {"title": 18.0}
LANDSCAPE_SIZES: dict[SizeName, float] = {"head": 24.0, "foot": 32.0}
LANDSCAPE_CARE_SIZES: dict[SizeName, float] = {"head": 31.0, "foot": 40.0}
"""A panel that lies across has little height, and room for the head in one row."""
CONTRAST_SIZES: dict[SizeName, float] = {"border": 0.75, "thick border": 1.6}

LINE_SPACING, CARE_LINE_SPACING = 1.4, 1.6
"""Of the em."""
TITLE_SPACING = 1.25
"""Titles are so large that the rows of two lines belong together at less."""
HAN_HEIGHT = 0.92
"""Height of a Han character's ink in Noto Sans CJK SC, of the em (海: 0.913 regular, 0.932 bold)."""

LIST_LIMIT, CARE_LIST_LIMIT = 7, 4
GRID_LIMIT, CARE_GRID_LIMIT = 12, 6


@dataclass(frozen=True, kw_only=True)
class Style:
    """A kind of text in pixels: ``em`` is the font size, ``line`` the height of a row of text."""

    em: int
    line: int
    weight: Weight


@dataclass(frozen=True, kw_only=True)
class Rect:
    """Pixels of the window; y grows upwards, as Kivy has it."""

    x: float
    y: float
    width: float
    height: float

    @property
    def top(self) -> float:
        """The upper edge."""
        return self.y + self.height

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width


class Theme:
    """The face on one panel, in one manner: every size in pixels, every colour ready for the canvas."""

    def __init__(self, panel: Rect, diagonal_inches: float, manner: Manner = USUAL) -> None:
        self.panel = panel
        self.diagonal = diagonal_inches
        self.manner = manner
        self.care = care = manner.care
        self.landscape = panel.width > panel.height
        self.low = manner.low and not self.landscape
        self.px_per_mm = hypot(panel.width, panel.height) / (diagonal_inches * 25.4)
        self.list_limit = CARE_LIST_LIMIT if care else LIST_LIMIT
        self.grid_limit = CARE_GRID_LIMIT if care else GRID_LIMIT
        colours = COLOURS | (CARE_COLOURS if care else {}) | (HIGH_CONTRAST if manner.contrast else {})
        self._colours = {name: _rgba(value) for name, value in colours.items()}
        sizes = SIZES | (CARE_SIZES if care else {}) | (CONTRAST_SIZES if manner.contrast else {})
        heights: dict[StyleName, float] = {}
        if manner.larger:
            sizes |= LARGER_CARE_SIZES if care else LARGER_SIZES
            heights = LARGER_CARE_TYPE if care else LARGER_TYPE
        if self.landscape:
            heights = heights | LANDSCAPE_TYPE if care else heights
            sizes |= LANDSCAPE_CARE_SIZES if care else LANDSCAPE_SIZES
        self._sizes = {name: self.mm(value) for name, value in sizes.items()}
        self._styles = {
            name: self._style(name, heights.get(name, height), weight)
            for name, (height, weight) in (CARE_TYPE if care else TYPE).items()
        }

    def mm(self, millimetres: float) -> int:
        """Millimetres on the glass as whole pixels, at least one."""
        return max(1, round(millimetres * self.px_per_mm))

    def colour(self, name: ColourName) -> Colour:
        """Red, green, blue and alpha, 0 to 1."""
        return self._colours[name]

    def size(self, name: SizeName) -> int:
        """A spacing or size in pixels."""
        return self._sizes[name]

    def style(self, name: StyleName) -> Style:
        """A kind of text in pixels."""
        return self._styles[name]

    def _style(self, name: StyleName, height: float, weight: Weight) -> Style:
        em = max(1, ceil(height * self.px_per_mm / HAN_HEIGHT))
        spacing = TITLE_SPACING if name == "title" else CARE_LINE_SPACING if self.care else LINE_SPACING
        return Style(em=em, line=round(em * spacing), weight=weight)


def panel_in(width: float, height: float) -> Rect:
    """The largest 9:16 rectangle in a window, centred; 16:9 in a window that lies across."""
    wide, high = (16, 9) if width > height else (9, 16)
    scale = min(width / wide, height / high)
    across, up = round(wide * scale), round(high * scale)
    return Rect(x=(width - across) // 2, y=(height - up) // 2, width=across, height=up)


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio of two colours (WCAG 2.2, relative luminance), 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgba(value: str) -> Colour:
    red, green, blue, *alpha = bytes.fromhex(value.removeprefix("#"))
    return red / 255, green / 255, blue / 255, (alpha[0] if alpha else 255) / 255
