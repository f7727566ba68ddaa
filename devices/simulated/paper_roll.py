"""The simulated printer's paper: 203 dots an inch, drawn line by line, and torn off as a ticket.

Letters come from the fonts in devices.glyphs, in cells of 12 × 24 dots a column as in a font ROM; how they are set is
this module's own doing, so that it can be compared with the pictures that receipts make of themselves.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import segno
from barcode.charsets.code128 import CODES, START_CODES, STOP, B
from PIL import Image, ImageChops, ImageDraw, ImageFont

from devices import glyphs

Align = Literal["left", "center", "right"]
USUAL_SPACING = 30
MARGIN = 24
"""Dots of paper above and below what is printed, in the picture of a ticket."""


@dataclass(frozen=True, kw_only=True)
class PrintedLine:
    """One line as it stands on the paper: its characters (or what a bitmap or a code is), and where it begins."""

    text: str
    kind: Literal["text", "bitmap", "qr", "bars"] = "text"
    align: Align = "left"
    size: tuple[int, int] = (1, 1)
    bold: str = ""
    """The characters that are bold."""
    top: int
    """Dots from the start of the ticket."""


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """A piece of paper that came out."""

    text: str
    lines: tuple[PrintedLine, ...]
    picture: Image.Image

    @cached_property
    def png(self) -> bytes:
        file = io.BytesIO()
        self.picture.save(file, "PNG")
        return file.getvalue()


@dataclass(frozen=True)
class _Cell:
    character: str
    columns: int
    wide: int
    high: int
    bold: bool


class PaperRoll:
    """The paper under the head, and how the next characters are set."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._dots = columns * 12
        self._line: list[_Cell] = []
        self._parts: list[tuple[int, Image.Image]] = []
        self._lines: list[PrintedLine] = []
        self._below = 0
        self._end_of_bitmap = -1
        self.reset()

    def reset(self) -> None:
        """Settings as after switching on; a line that was begun is gone."""
        self.align: Align = "left"
        self.bold = False
        self.wide = self.high = 1
        self.spacing = USUAL_SPACING
        self._line = []

    def put(self, character: str, columns: int) -> bool:
        """Set a character; whether a full line was printed before it."""
        full = self._width() + columns * 12 * self.wide > self._dots
        if full:
            self.line_feed()
        self._line.append(_Cell(character, columns, self.wide, self.high, self.bold))
        return full

    def line_feed(self) -> None:
        cells, self._line = self._line, []
        high = 24 * max((cell.high for cell in cells), default=1)
        width = sum(cell.columns * 12 * cell.wide for cell in cells)
        picture = Image.new("L", (max(width, 1), high), 255)
        left = 0
        for cell in cells:
            glyph = _glyph(cell)
            picture.paste(glyph, (left, high - glyph.height))
            left += glyph.width
        self._lines.append(
            PrintedLine(
                text="".join(cell.character for cell in cells),
                align=self.align,
                size=(cells[0].wide, cells[0].high) if cells else (1, 1),
                bold="".join(cell.character for cell in cells if cell.bold),
                top=self._below,
            )
        )
        self._place(picture)
        self._below += max(self.spacing, high)

    def flush(self) -> bool:
        """Print a line that was begun; whether there was one."""
        begun = bool(self._line)
        if begun:
            self.line_feed()
        return begun

    def feed(self, dots: int) -> None:
        self._below += dots

    def bitmap(self, width: int, height: int, bits: bytes) -> None:
        """Dots; a strip right below another one is more of the same picture."""
        self.flush()
        picture = ImageChops.invert(Image.frombytes("1", (width, height), bits).convert("L"))
        above = 0
        if self._lines and self._below == self._end_of_bitmap:
            above = self._below - self._lines.pop().top
        self._picture(picture, f"[bitmap {width}x{above + height}]", "bitmap", above)
        self._end_of_bitmap = self._below

    def qr(self, data: str, module: int, level: str) -> None:
        self.flush()
        file = io.BytesIO()
        segno.make_qr(data or " ", error=level, boost_error=False).save(file, kind="png", scale=module, border=0)
        self._picture(Image.open(file).convert("L"), f"[QR {data}]", "qr")

    def bars(self, data: str, width: int, height: int) -> None:
        """Code 128, in code set B."""
        self.flush()
        values = [START_CODES["B"], *(B[character] for character in data)]
        check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
        drawn = "".join(CODES[value] for value in (*values, check)) + STOP + "11"
        picture = Image.new("L", (len(drawn) * width, height), 255)
        pen = ImageDraw.Draw(picture)
        for place, bar in enumerate(drawn):
            if bar == "1":
                pen.rectangle((place * width, 0, (place + 1) * width - 1, height), fill=0)
        self._picture(picture, f"[bars {data}]", "bars")

    def tear_off(self) -> Ticket | None:
        """The paper as far as it is printed; None when nothing is on it."""
        self.flush()
        lines, parts, below = tuple(self._lines), self._parts, self._below
        self._lines, self._parts, self._below, self._end_of_bitmap = [], [], 0, -1
        if not parts:
            return None
        picture = Image.new("L", (self._dots, below + 2 * MARGIN), 255)
        for top, part in parts:
            picture.paste(part, (0, top + MARGIN))
        text = "\n".join(self._as_text(line) for line in lines)
        return Ticket(text=text, lines=lines, picture=picture)

    def _picture(self, picture: Image.Image, text: str, kind: Literal["bitmap", "qr", "bars"], above: int = 0) -> None:
        self._lines.append(PrintedLine(text=text, kind=kind, align=self.align, top=self._below - above))
        self._place(picture)
        self._below += picture.height

    def _place(self, picture: Image.Image) -> None:
        """Onto a strip as wide as the paper: what is wider is cut off, as at the head."""
        strip = Image.new("L", (self._dots, picture.height), 255)
        strip.paste(picture, (self._left(picture.width, self.align), 0))
        self._parts.append((self._below, strip))

    def _left(self, width: int, align: Align) -> int:
        return {"left": 0, "center": (self._dots - width) // 2, "right": self._dots - width}[align]

    def _width(self) -> int:
        return sum(cell.columns * 12 * cell.wide for cell in self._line)

    def _as_text(self, line: PrintedLine) -> str:
        """With spaces in front that show where the line stands."""
        width = sum(1 if character.isascii() else 2 for character in line.text) * line.size[0]
        return " " * max(0, self._left(width * 12, line.align) // 12) + line.text


@lru_cache(maxsize=2048)
def _glyph(cell: _Cell) -> Image.Image:
    """A character of the font ROM in its cell, stretched as GS ! asks."""
    large = min(cell.wide, cell.high)
    weight: glyphs.Weight = "bold" if cell.bold else "regular"
    face, dots, baseline = (glyphs.MONO_SC_FACE, 23, 19) if cell.columns == 1 else (glyphs.SC_FACE, 24, 21)
    font = _font(weight, face, dots * large)
    picture = Image.new("L", (cell.columns * 12 * large, 24 * large), 255)
    pen = ImageDraw.Draw(picture)
    pen.text((picture.width / 2, baseline * large), cell.character, font=font, fill=0, anchor="ms")
    return picture.resize((cell.columns * 12 * cell.wide, 24 * cell.high), Image.Resampling.NEAREST)


@lru_cache(maxsize=16)
def _font(weight: glyphs.Weight, face: int, dots: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(glyphs.NOTO[weight], dots, index=face, layout_engine=ImageFont.Layout.BASIC)
