"""What can be printed: a receipt is a list of blocks, laid out once in columns, for the printer and for the screen.

    blocks = [
        Text("环城路社区党群服务中心", align="center"),
        Text("异地就医备案", size="large", bold=True, align="center"),
        Rule(),
        Pair("类型", "长期住在外地"),
        Qr("K001-26-000317", caption="扫码查进度"),
    ]
    printer.print(to_escpos(blocks, columns=48))
    to_picture(blocks, columns=48).save("receipt.png")

Both read the same layout, so what the screen shows is what the paper says, line by line. Text that the printer's font
ROM holds goes out as text, any other line as a bitmap.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from devices import codes, wrapping
from devices.drawing import CELL, COLUMN, draw_line
from devices.models import MODELS, Model

if TYPE_CHECKING:
    from PIL import Image

Align = Literal["left", "center", "right"]
Size = Literal["normal", "large", "huge"]
"""normal is 3 mm high, large 6 mm, huge 9 mm. In large print normal is 6 mm and large 9 mm where two lines
hold it."""


@dataclass(frozen=True)
class Text:
    """A paragraph, wrapped where it must be; line ends in it stay. Large and centred text wraps into even lines.

    A ``mark`` (□, ·) stands before it; its further lines stand under the first.
    """

    text: str
    size: Size = "normal"
    bold: bool = False
    align: Align = "left"
    mark: str = ""


@dataclass(frozen=True)
class Pair:
    """Label left, value right: 类型 … 长期住在外地. A value that does not fit beside its label wraps or goes below.

    A number that is wider than the paper in large print is narrower there: it is dictated on the telephone.
    """

    label: str
    value: str
    bold: bool = False
    """The value's weight; labels are never bold."""


@dataclass(frozen=True)
class Rule:
    """A dashed line across the paper."""


@dataclass(frozen=True)
class Qr:
    """A QR code (ISO/IEC 18004, model 2, level M) in the middle, and under it what it opens. 1 to 512 bytes of text."""

    data: str
    caption: str = ""

    def __post_init__(self) -> None:
        if not self.data.isprintable() or not 1 <= len(self.data.encode("utf-8", "surrogatepass")) <= 512:
            raise ValueError("a QR code holds 1 to 512 bytes of text without control characters")


@dataclass(frozen=True)
class Space:
    """Empty paper, in lines of normal text or parts of one."""

    lines: float = 1

    def __post_init__(self) -> None:
        if not 0 <= self.lines <= 50:
            raise ValueError("a space is 0 to 50 lines high")


@dataclass(frozen=True)
class Barcode:
    """A bar code (Code 128) in the middle, with its characters under it: 1 to 40 of ASCII, if the paper has the width.

    A narrow bar is 2 dots (1/4 mm), so 21 characters fit on 80 mm paper and 12 on 58 mm.
    """

    data: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[ -~]{1,40}", self.data):
            raise ValueError("a bar code holds 1 to 40 printable characters of ASCII")


Block = Text | Pair | Rule | Qr | Barcode | Space


# ---- The layout: what stands on which line, in columns and dots ----------------------------------------------------


@dataclass(frozen=True)
class Span:
    """`printable` text of one weight."""

    text: str
    bold: bool = False


@dataclass(frozen=True, kw_only=True)
class TextLine:
    """One line. `size` multiplies the cell of 12 × 24 dots; `pitch` is the way to the next line, in dots."""

    spans: tuple[Span, ...]
    size: int = 1
    tall: bool = False
    """As high as the next size: what would be too wide in that."""
    align: Align = "left"
    pitch: int

    @property
    def text(self) -> str:
        """The characters of the line, from its first column on."""
        return "".join(span.text for span in self.spans)

    @property
    def high(self) -> int:
        """By what the height of the cell is multiplied."""
        return self.size + self.tall


@dataclass(frozen=True, kw_only=True)
class QrLine:
    """A QR code of so many dots a module, in the middle."""

    data: str
    module: int


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Dots of empty paper."""

    dots: int


@dataclass(frozen=True, kw_only=True)
class BarcodeLine:
    """A bar code in the middle: its bars as "1" and "0", each of BAR dots; `data` is what they say, in code set B."""

    data: str
    bars: str


Line = TextLine | QrLine | BarcodeLine | Gap

PITCH = {1: 32, 2: 62, 3: 90}
"""Dots from line to line by size: 1.3 times the type."""
ABOVE_LARGE = 8
"""Dots above a large paragraph: a line's own space is below it."""
SIZES: dict[Size, int] = {"normal": 1, "large": 2, "huge": 3}
PAIR_GAP = 2
"""Columns of normal size that label and value keep between them at least."""
QR_MARGIN = 12
BAR, BARS_HIGH, BARS_QUIET = 2, 64, 10
"""Dots of a narrow bar and of the bars' height (8 mm); bars that stay empty on both sides."""
QR_WIDTH = {False: 168, True: 240}
"""Dots that a QR code is wide at most, as long as its modules keep 3 dots: 21 mm, in large print 30 mm."""


def layout(blocks: Sequence[Block], columns: int, *, large_print: bool = False) -> list[Line]:
    """Set `blocks` on paper of so many columns (32 on 58 mm, 48 on 80 mm): the one truth of bytes and picture."""
    if not 32 <= columns <= 64:
        raise ValueError("paper has 32 to 64 columns")
    lines: list[Line] = []
    for block in blocks:
        match block:
            case Text():
                lines += _paragraph(block, columns, large_print)
            case Pair():
                lines += _pair(block, columns, 2 if large_print else 1)
            case Rule():
                lines.append(_line("-" * columns, size=1, bold=True))
            case Qr():
                lines += _code(block, columns, large_print)
            case Barcode():
                lines += _bars(block, columns, large_print)
            case Space():
                lines.append(Gap(dots=round(block.lines * PITCH[1])))
    return lines


def _paragraph(block: Text, columns: int, large_print: bool) -> list[Line]:
    text = wrapping.printable(block.text)
    size = SIZES[block.size]
    if large_print:
        size = min(size + 1, 3)
        if block.size == "large" and not _fits(text, columns // size):
            size = 2
    even = block.size != "normal" or block.align == "center" or bool(block.mark)
    wrap = wrapping.balanced if even else wrapping.wrap
    lines: list[Line] = [Gap(dots=ABOVE_LARGE)] if block.size != "normal" else []
    indent = wrapping.columns_of(block.mark)
    head = block.mark
    for paragraph in text.split("\n"):
        for line in wrap(paragraph, columns // size - indent):
            lines.append(_line(head + line, size=size, bold=block.bold, align=block.align))
            head = " " * indent
    return lines


def _fits(title: str, columns: int) -> bool:
    """Whether a title stands in at most two lines that tear no word."""
    rows = title.split("\n")
    return (
        max(wrapping.widest_part(row) for row in rows) <= columns
        and sum(len(wrapping.balanced(row, columns)) for row in rows) <= 2
    )


def _pair(block: Pair, columns: int, size: int) -> list[Line]:
    """Beside each other where that takes no more lines than the value alone and tears no word; else below."""
    gap = max(1, PAIR_GAP // size)
    label, value = (wrapping.printable(text).replace("\n", " ") for text in (block.label, block.value))
    across, taken, widest = columns // size, wrapping.columns_of(label), wrapping.widest_part(value)
    room = across - taken - gap
    small = size if widest <= across else max(1, size - 1)
    below = wrapping.wrap(value, columns // small)
    beside = wrapping.wrap(value, room) if widest <= room else []
    if not 1 <= len(beside) <= len(below):
        return [
            *(_line(line, size=size) for line in wrapping.wrap(label, across)),
            *(
                TextLine(
                    spans=(Span(line, block.bold),), size=small, tall=small < size, align="right", pitch=PITCH[size]
                )
                for line in below
            ),
        ]
    # Lines of a long value begin under each other, and the longest of them ends at the edge of the paper.
    indent = across - max(wrapping.columns_of(line) for line in beside)
    heads = [label + " " * (indent - taken)] + [" " * indent] * (len(beside) - 1)
    return [
        TextLine(spans=(Span(head), Span(line, block.bold)), size=size, pitch=PITCH[size])
        for head, line in zip(heads, beside, strict=True)
    ]


def _line(text: str, *, size: int, bold: bool = False, align: Align = "left") -> TextLine:
    return TextLine(spans=(Span(text, bold),), size=size, align=align, pitch=PITCH[size])


def _code(block: Qr, columns: int, large_print: bool) -> list[Line]:
    modules = len(codes.qr_modules(block.data))
    module = max(3, min(QR_WIDTH[large_print], columns * COLUMN) // modules)
    lines: list[Line] = [Gap(dots=QR_MARGIN), QrLine(data=block.data, module=module), Gap(dots=QR_MARGIN)]
    if block.caption:
        lines += _paragraph(Text(block.caption, align="center"), columns, large_print)
    return lines


def _bars(block: Barcode, columns: int, large_print: bool) -> list[Line]:
    bars = codes.code_128_bars(block.data)
    if (len(bars) + 2 * BARS_QUIET) * BAR > columns * COLUMN:
        raise ValueError(f"a bar code of {len(block.data)} characters is wider than the paper")
    lines: list[Line] = [Gap(dots=QR_MARGIN), BarcodeLine(data=block.data, bars=bars), Gap(dots=QR_MARGIN)]
    return lines + _paragraph(Text(block.data, align="center"), columns, large_print)


# ---- To the printer ------------------------------------------------------------------------------------------------


USUAL = MODELS["generic-80"]


def to_escpos(blocks: Sequence[Block], columns: int, *, large_print: bool = False, model: Model = USUAL) -> bytes:
    """A whole job in ESC/POS: reset, the lines of `layout`, feed and cut. Text never becomes a command."""
    job = _Job(columns, model)
    for line in layout(blocks, columns, large_print=large_print):
        match line:
            case TextLine() if wrapping.in_rom(line.text, model.repertoire):
                job.text(line)
            case TextLine():
                job.bitmap(_line_dots(line, columns * COLUMN))
                job.feed(line.pitch - CELL * line.high)
            case QrLine() if model.qr == "native":
                job.qr(line)
            case QrLine():
                job.bitmap(codes.qr_dots(line.data, line.module, columns * COLUMN))
            case BarcodeLine() if model.barcode == "native":
                job.barcode(line)
            case BarcodeLine():
                job.bitmap(codes.bar_dots(line.bars, BAR, BARS_HIGH, columns * COLUMN))
            case Gap():
                job.feed(line.dots)
    return job.end()


class _Job:
    """Bytes for the printer: python-escpos makes the commands, text and bitmaps are made here.

    Its `text` prints ? for ￥ and for every line without a Han character (and a sequence of four bytes, garbage on most
    printers, for others), and its `image` writes to stdout.
    """

    def __init__(self, columns: int, model: Model) -> None:
        from devices.escpos import dummy_printer

        self._model = model
        self._printer = dummy_printer()
        self._printer.hw("INIT")
        self._raw(b"\x1c&")  # FS &: characters of two bytes
        self._style: tuple[Align, bool, int, int] = ("left", False, 1, 1)
        self._pitch = 0

    def text(self, line: TextLine) -> None:
        if line.pitch != self._pitch:
            self._printer.line_spacing(line.pitch)
            self._pitch = line.pitch
        for span in line.spans:
            self._set(line.align, span.bold, line.size, line.high)
            self._raw(wrapping.encoded(span.text))
        self._raw(b"\n")

    def bitmap(self, dots: Image.Image) -> None:
        """GS v 0, as wide as there is ink, from the left edge; in strips, so that no command is longer than LONGEST."""
        from PIL import ImageOps

        self._set("left", *self._style[1:])
        ink = ImageOps.invert(dots.convert("L")).getbbox()
        width = -(-(ink[2] if ink else 1) // 8)
        bits = dots.crop((0, 0, width * 8, dots.height)).point(lambda level: 255 if level < INK else 0).convert("1")
        for top in range(0, dots.height, STRIP):
            strip = bits.crop((0, top, bits.width, min(top + STRIP, dots.height)))
            size = width.to_bytes(2, "little") + strip.height.to_bytes(2, "little")
            self._raw(b"\x1dv0\x00" + size + _without_real_time_commands(strip.tobytes()))

    def qr(self, line: QrLine) -> None:
        self._set("center", *self._style[1:])
        self._printer.qr(line.data, ec=1, size=line.module, native=True)

    def barcode(self, line: BarcodeLine) -> None:
        """GS k: bars without characters, all in code set B, in which { is written twice. The library prints to stdout
        at this."""
        self._set("center", *self._style[1:])
        data = b"{B" + line.data.replace("{", "{{").encode("ascii")
        self._raw(b"\x1dh" + bytes([BARS_HIGH]) + b"\x1dw" + bytes([BAR]) + b"\x1dH\0")
        self._raw(b"\x1dkI" + bytes([len(data)]) + data)

    def feed(self, dots: int) -> None:
        """ESC J: print and feed."""
        while dots > 0:
            self._raw(b"\x1bJ" + bytes([min(dots, 255)]))
            dots -= 255

    def end(self) -> bytes:
        self._printer.line_spacing(PITCH[1])
        self._printer.print_and_feed(self._model.feed)
        if self._model.cut != "none":
            self._raw(CUTS[self._model.cut])
        return self._printer.output

    def _set(self, align: Align, bold: bool, wide: int, high: int) -> None:
        """Send what differs from the state of the printer."""
        was_align, was_bold, *was_size = self._style
        if align != was_align:
            self._printer.set(align=align)
        if bold != was_bold:
            self._printer.set(bold=bold)
        if [wide, high] != was_size:
            self._printer.set(custom_size=True, width=wide, height=high)
        self._style = (align, bold, wide, high)

    def _raw(self, data: bytes) -> None:
        self._printer._raw(data)  # noqa: SLF001 - the library's own way to send bytes as they are


CUTS = {"partial": b"\x1dV\x01", "full": b"\x1dV\x00"}
STRIP = 24
"""Rows of a bitmap that go out in one command."""
LONGEST = 2400
"""Bytes of the longest command of a job: a strip across 64 columns. So many of nothing end any that was cut short."""
INK = 160
"""Grey levels below this become a dot: fine strokes of the serif fallback fonts keep their ink."""


def _without_real_time_commands(bits: bytes) -> bytes:
    """A printer obeys DLE EOT, DLE ENQ and DLE DC4 even in the middle of a bitmap: one more dot makes them none."""
    for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
        bits = bits.replace(command, b"\x18" + command[1:])
    return bits


# ---- To a picture --------------------------------------------------------------------------------------------------

MARGIN = 24
"""Dots of empty paper above and below."""


def to_picture(blocks: Sequence[Block], columns: int, *, large_print: bool = False) -> Image.Image:
    """The same receipt as a picture of mode L, a pixel a dot: 576 wide for 48 columns, 384 for 32."""
    from PIL import Image

    width = columns * COLUMN
    parts: list[tuple[int, Image.Image]] = []
    below = MARGIN
    for line in layout(blocks, columns, large_print=large_print):
        match line:
            case TextLine():
                parts.append((below, _line_dots(line, width)))
                below += line.pitch
            case QrLine():
                parts.append((below, codes.qr_dots(line.data, line.module, width)))
                below += parts[-1][1].height
            case BarcodeLine():
                parts.append((below, codes.bar_dots(line.bars, BAR, BARS_HIGH, width)))
                below += BARS_HIGH
            case Gap():
                below += line.dots
    picture = Image.new("L", (width, below + MARGIN), 255)
    for top, dots in parts:
        picture.paste(dots, (0, top))
    return picture


def _line_dots(line: TextLine, width: int) -> Image.Image:
    from PIL import Image

    canvas = Image.new("L", (width, CELL * line.size), 255)
    unused = width - wrapping.columns_of(line.text) * COLUMN * line.size
    left = {"left": 0, "center": unused // 2, "right": unused}[line.align]
    for span in line.spans:
        places = wrapping.clusters(span.text)
        draw_line(canvas, left, 0, places, line.size, span.bold)
        left += sum(place.columns for place in places) * COLUMN * line.size
    return canvas.resize((width, CELL * line.high), Image.Resampling.NEAREST) if line.tall else canvas


# ---- From plain text -----------------------------------------------------------------------------------------------


def from_text(text: str) -> list[Block]:
    """Plain text as blocks, a paragraph a line; for `python -m devices print`. Form feeds and a last line end go."""
    return [Text(text.replace("\f", "\n").removesuffix("\n"))]
