"""What the glass really shows, against what the tree of widgets says: each text must stand there in ink that can be
read, on the ground it is said to stand on, and whole.

The contrast is measured between the ground, the colour that most of the text's place has, and the ink, the colour that
differs most from it. How much ink there must be is known from the font: a word that something lies on has less, and one
that something shows through has more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import cast

from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels
from PIL import Image, ImageDraw, ImageFont, ImageStat

from devices.glyphs import Font, primary, runs
from screens.stage import Stage
from screens.text import Text, _file, _glyphs, _pieces, _runs
from screens.theme import Colour, Style, contrast
from screens.writing import Field
from tests.face.rules import ground_of_text, least_contrast, visible

Rgb = tuple[int, int, int]

INK = 0.1
"""Share of a word's inked pixels that are taken for full ink; the rest are its soft edges."""
LINE_INK, WORD_INK = 0.1, 0.2
"""By how much a line, and a word or character of it, may have more or less ink than the font gives it."""


@dataclass(frozen=True)
class Glass:
    """The pixels of the window, the lowest row first, as the window counts them."""

    pixels: Image.Image

    def part(self, x: float, y: float, right: float, top: float) -> Image.Image:
        """That part of them; what lies beside the glass is black."""
        return self.pixels.crop((round(x), round(y), max(round(right), round(x) + 1), max(round(top), round(y) + 1)))


def look_at_glass() -> Glass:
    """Draws the window once more, because what a flip leaves behind is undefined, and reads it."""
    Window.dispatch("on_draw")
    width, height = Window.size
    return Glass(Image.frombytes("RGB", (width, height), glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)))


def judge_pixels(stage: Stage, glass: Glass) -> list[str]:
    """What is wrong with the texts that stand there."""
    texts = [widget for widget in visible(stage) if isinstance(widget, Text) and widget.text]
    return [fault for text in texts for fault in _faults(text, glass)]


def _faults(text: Text, glass: Glass) -> Iterator[str]:
    look = text.look
    ink, ground = _rgb(look.colour(text.ink)), _rgb(ground_of_text(text))
    for number, line in enumerate(text.lines):
        top = text.top - number * text.style.line
        words = list(_words(text, line))
        if not words:
            continue
        place = glass.part(words[0].x, top - text.style.line, words[-1].right, top)
        seen = measure(place)
        mostly_ink = not (_far(seen.ground, ink) or _far(seen.ink, ground))  # a dot that hides a figure fills its place
        if _far(seen.ground, ground) and not mostly_ink:
            yield f"{line!r} stands on {_hex(seen.ground)}, not on {_hex(ground)}"
        if seen.ratio < least_contrast(text):
            yield f"{line!r} has a contrast of {seen.ratio:.1f} on the glass"
            continue
        in_one_font = all(run.font == primary(text.style.weight) for run in runs(line, text.style.weight))
        if isinstance(text.parent, Field):
            continue  # what is being composed is underlined, and the bar of the next letter stands in it
        if in_one_font:
            yield from _missing(line, coverage(place, ink, ground), sum(word.ink for word in words), LINE_INK)
        for word in words:
            part = glass.part(word.x, top - text.style.line, word.right, top)
            yield from _missing(word.text, coverage(part, ink, ground), word.ink, WORD_INK)


def _missing(words: str, there: float, wanted: float, allowed: float) -> Iterator[str]:
    if wanted and abs(there / wanted - 1) > allowed:
        yield f"{words!r} has {there / wanted:.0%} of its ink on the glass"


# ---- Measuring -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The ground of a piece of the glass, its ink, and the contrast of the two."""

    ground: Rgb
    ink: Rgb
    ratio: float


def measure(place: Image.Image) -> Measured:
    """Ground and ink of a piece of glass with words on it."""
    colours = cast("list[tuple[int, Rgb]]", place.getcolors(place.width * place.height))
    ground = max(colours)[1]
    inked = sorted(((_ratio(rgb, ground), rgb, count) for count, rgb in colours), reverse=True)
    drawn = sum(count for ratio, _, count in inked if ratio > 1.5)
    passed = 0
    for ratio, rgb, count in inked:
        passed += count
        if passed >= INK * drawn:
            return Measured(ground=ground, ink=rgb, ratio=ratio)
    return Measured(ground=ground, ink=ground, ratio=1.0)


def coverage(place: Image.Image, ink: Rgb, ground: Rgb) -> float:
    """How many pixels' worth of ink there is, by the channel in which ink and ground differ most."""
    channel = max(range(3), key=lambda number: abs(ink[number] - ground[number]))
    mean = ImageStat.Stat(place.getchannel(channel)).mean[0]
    return (mean - ground[channel]) / (ink[channel] - ground[channel]) * place.width * place.height


@dataclass(frozen=True, kw_only=True)
class _Word:
    """A Han character, or what stands between two spaces: where it is, and how many pixels' worth of ink it has."""

    text: str
    x: float
    right: float
    ink: float


def _words(text: Text, line: str) -> Iterator[_Word]:
    """The words of a line, where its letters are drawn together; of characters without a glyph, whose box is nobody's
    font, none. How much ink those have that another font draws, which are made to look as heavy as their neighbours, is
    not known: 0."""
    pieces = _pieces(line, text.style)
    spare = text.width - sum(piece.width for piece in pieces)
    x = text.x + {"left": 0.0, "centre": spare / 2, "right": spare}[text.across]
    for (run, _), piece in zip(_runs(line, text.style.weight), pieces, strict=True):
        if run.font is not None:
            known = run.font == primary(text.style.weight)
            file, begun = _file(run.font.path, text.style.weight), 0
            for part in _parts(run.text):
                ended = begun + len(part)
                if part.strip():
                    ink = sum(_ink(c, run.font, text.style) for c in part) if known else 0.0
                    left, right = (x + _extent(run.text[:to], file, text.style.em) for to in (begun, ended))
                    yield _Word(text=part, x=left, right=min(right, x + piece.width), ink=ink)
                begun = ended
        x += piece.width


def _extent(text: str, file: str, em: int) -> float:
    """Pixels that the letters take, drawn together: less than one by one, where two of them stand closer."""
    return float(_glyphs(file, em).get_extents(text)[0]) if text else 0.0


def _parts(text: str) -> Iterator[str]:
    """Han characters one by one, other characters together, spaces apart."""
    word = ""
    for character in text:
        if character.isspace() or character >= "\u2e80":
            if word:
                yield word
            word = ""
            yield character
        else:
            word += character
    if word:
        yield word


@cache
def _ink(character: str, font: Font, style: Style) -> float:
    """Pixels' worth of ink of one character."""
    drawn = Image.new("L", (3 * style.em, 3 * style.em))
    face = _face(_file(font.path, style.weight), style.em)
    ImageDraw.Draw(drawn).text((style.em, style.em), character, font=face, fill=255)
    return ImageStat.Stat(drawn).sum[0] / 255


@cache
def _face(path: str, em: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, em)


@cache
def _ratio(one: Rgb, other: Rgb) -> float:
    return contrast(_colour(one), _colour(other))


def _colour(rgb: Rgb) -> Colour:
    red, green, blue = (part / 255 for part in rgb)
    return red, green, blue, 1.0


def _rgb(colour: Colour) -> Rgb:
    red, green, blue = (round(part * 255) for part in colour[:3])
    return red, green, blue


def _far(one: Rgb, other: Rgb) -> bool:
    return any(abs(a - b) > 4 for a, b in zip(one, other, strict=True))


def _hex(rgb: Rgb) -> str:
    return "#" + bytes(rgb).hex().upper()
