"""All text on the screen goes through ``Text``: lines are broken here, and each run is drawn by a font that has it.

Kivy's text has one font and no second; so a line becomes pieces (``devices.glyphs.runs``), each its own texture on a
common baseline, and a character that no font has becomes a box with its code. There is no markup anywhere, so nothing
that a person's name contains can be taken for an instruction. A plain line is one piece, and one
more for each mark that stands close to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import get_args

from kivy.core.text import Label as Glyphs
from kivy.graphics import Color, Line, Rectangle

from devices.glyphs import Run, Weight, font_file, in_box, runs, visible
from screens.icons import FONT as ICON_FONT
from screens.icons import icon_character
from screens.layout import Across, Block
from screens.lines import break_lines, squeezed, whole_words
from screens.theme import ColourName, SizeName, Style, StyleName, Theme

BASELINE = 0.88
"""From the top of a Han character's square down to the baseline, of the em."""
CODE_BOX, CODE, BESIDE_CODE = 1.25, 0.5, 0.3
"""Least width of a box with a code, size of the type in it, and what the box takes beside it, of the em."""
SQUEEZE = 0.5
"""What a mark gives up before another one, of the em."""
THICKER: dict[Weight, float] = {"regular": 0.02, "bold": 0.03}
"""What the strokes of the fonts for rare characters gain to look like their neighbours', of the em."""


class Text(Block):
    """A text in one style and colour, broken into lines for its width. ``text`` and ``lines`` are what can be read.

    Where a word of letters is wider than that, the text is set in a smaller size of the face: nobody reads half words.
    """

    def __init__(
        self,
        look: Theme,
        text: str,
        style: StyleName = "body",
        colour: ColourName = "ink",
        *,
        across: Across = "left",
        grows: float = 0,
    ) -> None:
        super().__init__(grows=grows)
        self.look = look
        self.text = text
        self.ink: ColourName = colour
        self.across = across
        self.lines: list[str] = []
        self.style = look.style(style)

    @property
    def style(self) -> Style:
        """The style that it is set in; for another width it may be that which was given, again."""
        return self._style

    @style.setter
    def style(self, style: Style) -> None:
        self._given = self._style = style
        self._broken_at = self._natural_width = self._widest_word = -1.0

    @property
    def is_smaller(self) -> bool:
        """Whether it is set in a smaller style than was given."""
        return self._style is not self._given

    def natural_width(self) -> float:
        if self._natural_width < 0:
            self._natural_width = max(_measure(line, self._given) for line in self.text.split("\n")) + 1
        return self._natural_width

    def widest_word(self) -> float:
        """The width of the word of letters that needs most, in the style that was given; 0 where there is none."""
        if self._widest_word < 0:
            self._widest_word = _widest_word(visible(self.text), self._given)
        return self._widest_word

    def least_width(self) -> float:
        """The width of that word in the smallest size of the face: where there is less, it is cut."""
        ems = _ems_below(self.look, self._given.em)
        return self.widest_word() * (ems[-1] / self._given.em if ems else 1)

    def height_for(self, width: float) -> float:
        if width != self._broken_at:
            self._style = self._given if self.widest_word() <= width else self._smaller(width)
            self.lines = break_lines(visible(self.text), width, self.measure)
            self._broken_at = width
        return len(self.lines) * self.style.line

    def _smaller(self, width: float) -> Style:
        """The largest smaller size in which no word is wider than that; at least body text before it is enlarged."""
        given = self._given
        for em in _ems_below(self.look, given.em):
            style = replace(given, em=em, line=round(given.line * em / given.em))
            if _widest_word(visible(self.text), style) <= width:
                return style
        return given

    def arrange(self) -> None:
        self.draw()

    def draw(self) -> None:
        """Draws the lines where the block stands."""
        self.canvas.clear()
        baseline = self.top - (self.style.line - self.style.em) / 2 - BASELINE * self.style.em
        with self.canvas:
            Color(*self.look.colour(self.ink))
            for line in self.lines:
                pieces = _pieces(line, self.style)
                spare = self.width - sum(piece.width for piece in pieces)
                x = self.x + {"left": 0.0, "centre": spare / 2, "right": spare}[self.across]
                for piece in pieces:
                    piece.draw(round(x), round(baseline))
                    x += piece.width
                baseline -= self.style.line

    def recolour(self, colour: ColourName) -> None:
        """The same text in another colour."""
        self.ink = colour
        self.draw()

    def say(self, text: str) -> None:
        """Another text at the same width; it is drawn when it is placed again."""
        self.text = text
        self.style = self._given
        self.fit(self.width)

    def measure(self, text: str) -> float:
        """The width of a piece of text in this style, in pixels."""
        return _measure(text, self.style)


class Icon(Block):
    """A Material Design icon. Never without words near it."""

    def __init__(self, look: Theme, name: str, size: SizeName = "icon", colour: ColourName = "red") -> None:
        super().__init__()
        self.look = look
        self.name = name
        self.ink: ColourName = colour
        self.side = look.size(size)

    def natural_width(self) -> float:
        return self.side

    def height_for(self, width: float) -> float:
        return self.side

    def arrange(self) -> None:
        self.draw()

    def draw(self) -> None:
        """Draws the icon in the middle of its block."""
        texture = _texture(icon_character(self.name), str(ICON_FONT), self.side)
        self.canvas.clear()
        with self.canvas:
            Color(*self.look.colour(self.ink))
            Rectangle(
                texture=texture,
                pos=(round(self.center_x - texture.width / 2), round(self.center_y - texture.height / 2)),
                size=texture.size,
            )

    def recolour(self, colour: ColourName) -> None:
        """The same icon in another colour."""
        self.ink = colour
        self.draw()


class _Run:
    """Characters that one font draws."""

    def __init__(self, text: str, font: str, style: Style, thicker: int = 0) -> None:
        """``thicker`` is how many pixels its strokes gain."""
        glyphs = Glyphs(text=text, font_name=font, font_size=style.em)
        glyphs.refresh()
        self._texture = glyphs.texture
        self._descent = _descent(font, style.em)
        steps = [*range(0, thicker, 2), thicker] if thicker else [0]
        shifts = product(steps, steps) if thicker > 1 else zip(steps, steps, strict=True)
        self._shifts = [(x - thicker // 2, y - thicker // 2) for x, y in shifts]
        self.width = float(self._texture.width) if text else 0.0

    def draw(self, x: float, baseline: float) -> None:
        for right, up in self._shifts:
            Rectangle(texture=self._texture, pos=(x + right, baseline - self._descent + up), size=self._texture.size)


class _CodeBox:
    """A character without a glyph: a box in its place, in it two rows: its code, or that and how it is said."""

    def __init__(self, character: str, style: Style) -> None:
        code, sound = in_box(character)
        half = -(-len(code) // 2)
        self.rows = (code, sound) if sound else (code[:half], code[half:])
        small = Style(em=round(style.em * CODE), line=style.line, weight=style.weight)
        font = str(font_file(style.weight))
        self.drawn_rows = [_Run(row, font, small) for row in self.rows]
        self._em = style.em
        self.width = max(CODE_BOX * style.em, max(run.width for run in self.drawn_rows) + BESIDE_CODE * style.em)

    def draw(self, x: float, baseline: float) -> None:
        em, bottom = self._em, baseline - (1 - BASELINE) * self._em
        thin = max(1.0, em / 40)
        Line(rectangle=(x + 0.07 * em, bottom + 0.02 * em, self.width - 0.14 * em, 0.96 * em), width=thin)
        for number, run in enumerate(self.drawn_rows):
            run.draw(round(x + (self.width - run.width) / 2), round(bottom + em * (0.51 - 0.42 * number)))


def _pieces(line: str, style: Style) -> list[_Run | _CodeBox]:
    pieces: list[_Run | _CodeBox] = []
    for run, is_squeezed in _runs(line, style.weight):
        if run.font is None:
            pieces.append(_CodeBox(run.text, style))
        else:
            thicker = max(1, round(style.em * THICKER[style.weight])) if run.lighter else 0
            piece = _Run(run.text, _file(run.font.path, style.weight), style, thicker)
            piece.width -= SQUEEZE * style.em * is_squeezed
            pieces.append(piece)
    return pieces


def _runs(line: str, weight: Weight) -> Iterator[tuple[Run, bool]]:
    """What one font draws together, and whether it ends with a mark that gives way to the next."""
    for run in runs(line, weight):
        parts = squeezed(run.text)
        for number, part in enumerate(parts, 1):
            yield replace(run, text=part), number < len(parts)


def _file(path: Path, weight: Weight) -> str:
    """Kivy opens the first face of a collection, the Japanese one: the extracted face draws for the collection."""
    return str(font_file(weight) if path.suffix == ".ttc" else path)


def _texture(text: str, font: str, size: int):  # type: ignore[no-untyped-def]  # a kivy texture has no type
    glyphs = Glyphs(text=text, font_name=font, font_size=size)
    glyphs.refresh()
    return glyphs.texture


def _measure(text: str, style: Style) -> float:
    tight = len(squeezed(text)) - 1
    return sum(_advance(character, style.em, style.weight) for character in text) - tight * SQUEEZE * style.em


def _widest_word(text: str, style: Style) -> float:
    return max((_measure(word, style) for word in whole_words(text)), default=0.0)


def _ems_below(look: Theme, em: int) -> list[int]:
    """The sizes of type that are smaller, the largest first, with body text as it is when it is not enlarged."""
    usual = Theme(look.panel, look.diagonal, replace(look.manner, larger=False))
    ems = {look.style(name).em for name in get_args(StyleName)} | {usual.style("body").em}
    return sorted((size for size in ems if size < em), reverse=True)


def _advance(character: str, em: int, weight: Weight) -> float:
    """A Han character is one em wide in every font, and there are too many of them to ask each."""
    if "\u3400" <= character <= "\u9fff" or "\u3000" <= character <= "\u303f" or "\uff00" <= character <= "\uff5f":
        return em
    return _measured(character, em, weight)


def warm(look: Theme) -> Iterator[None]:
    """Opens one font at one size with each step: the first text of a size takes 10 ms longer than the next."""
    for style in {look.style(name) for name in get_args(StyleName)}:
        _Run("您0", str(font_file(style.weight)), style)
        yield
    for side in {look.size(name) for name in get_args(SizeName) if name.endswith("icon")}:
        _texture(icon_character("home"), str(ICON_FONT), side)
        yield


@lru_cache(maxsize=4096)
def _measured(character: str, em: int, weight: Weight) -> float:
    width = 0.0
    for run in runs(character, weight):
        if run.font is None:
            width += _CodeBox(run.text, Style(em=em, line=em, weight=weight)).width
        else:
            width += float(_glyphs(_file(run.font.path, weight), em).get_extents(run.text)[0])
    return width


@cache
def _descent(font: str, em: int) -> int:
    return abs(int(_glyphs(font, em).get_descent()))


@cache
def _glyphs(font: str, em: int) -> Glyphs:
    return Glyphs(font_name=font, font_size=em)
