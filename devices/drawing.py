"""Ink: lines of text dot by dot, as a printer's head would set them, for pictures of receipts and for bitmap lines.

A dot is 1/8 mm (203 dpi). Characters stand in cells: a column is 12 dots wide and 24 high at normal size, so a drawn
line is exactly as wide as the same line set from the printer's own font.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from devices import glyphs
from devices.wrapping import Cluster

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

COLUMN, CELL = 12, 24
"""Dots: the width of a column and the height of a character at normal size (3 mm)."""
BASELINE = 21
"""Dots from the top of a cell: with it the ideographs of all fonts here sit in the middle."""
LETTER, LETTER_BASELINE = 23, 19
"""Dots: the type of letters that take one column, and where they stand, so that a g ends within its cell as a ROM's."""


def draw_line(canvas: Image.Image, left: int, top: int, places: list[Cluster], size: int, bold: bool) -> None:
    """Set one line on a picture of mode L, its first cell with the upper left corner at (left, top).

    `size` multiplies a cell in both directions. FontMissing when the fonts are not installed.
    """
    for place in places:
        canvas.paste(_cell(place, size, bold), (left, top))
        left += place.columns * COLUMN * size


@lru_cache(maxsize=1024)
def _cell(place: Cluster, size: int, bold: bool) -> Image.Image:
    """The cell of one character, with its ink."""
    from PIL import Image, ImageDraw

    cell = Image.new("L", (place.columns * COLUMN * size, CELL * size), 255)
    pen = ImageDraw.Draw(cell)
    if place.boxed:
        _draw_code(pen, cell.width, place.text, size, "bold" if bold else "regular")
    elif place.text not in {" ", "\u3000"}:
        _draw_glyph(pen, cell.width, place, size, "bold" if bold else "regular")
    return cell


def _draw_glyph(pen: ImageDraw.ImageDraw, width: int, place: Cluster, size: int, weight: glyphs.Weight) -> None:
    """One glyph in the middle of its cell; a Latin letter too wide for its column is set smaller."""
    run = glyphs.runs(place.text, weight)[0]
    font = run.font or glyphs.primary(weight)
    dots, baseline = CELL * size, BASELINE * size
    if place.columns == 1 and font == glyphs.primary(weight):
        font, dots, baseline = _mono(weight), LETTER * size, LETTER_BASELINE * size
    face = _face(font, dots)
    advance = face.getlength(place.text[0])
    if advance > width:
        face = _face(font, int(dots * width / advance))
        advance = width
    # The strokes of the fonts for rare characters are finer than those of their neighbours: drawn again a dot further.
    thicker = size // 2 + (weight == "bold") if run.lighter else 0
    for further in range(thicker + 1):
        at = ((width - advance) // 2 + further, baseline + further)
        pen.text(at, place.text, font=face, fill=0, anchor="ls")


def _draw_code(pen: ImageDraw.ImageDraw, width: int, character: str, size: int, weight: glyphs.Weight) -> None:
    """A frame with the character's code and sound: in one row, so that they are as large as the text beside it."""
    face = _face(_mono(weight), CELL * size)
    pen.rectangle((size, 0, width - size - 1, CELL * size - 1), outline=0, width=size)
    pen.text((width / 2, BASELINE * size), " ".join(glyphs.in_box(character)).rstrip(), font=face, fill=0, anchor="ms")


def _mono(weight: glyphs.Weight) -> glyphs.Font:
    return glyphs.Font(name="Noto Sans Mono CJK SC", path=glyphs.NOTO[weight], face=glyphs.MONO_SC_FACE)


@lru_cache(maxsize=24)
def _face(font: glyphs.Font, dots: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    try:
        return ImageFont.truetype(font.path, dots, index=font.face, layout_engine=ImageFont.Layout.BASIC)
    except OSError as error:
        raise glyphs.FontMissing(f"{font.path} cannot be opened: {error}") from error
