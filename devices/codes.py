"""Codes on paper: QR codes and bar codes as modules and bars, and as dots."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


def qr_modules(data: str) -> list[bytearray]:
    """The QR code as rows of modules, 1 is black, without a quiet zone."""
    import segno

    return [bytearray(row) for row in segno.make_qr(data, error="m", boost_error=False, encoding="utf-8").matrix]


def code_128_bars(data: str) -> str:
    """The bars of Code 128 (ISO/IEC 15417), "1" is black, in code set B alone as a printer makes them of this data."""
    from barcode.charsets.code128 import CODES, START_CODES, STOP

    values = [START_CODES["B"], *(ord(character) - ord(" ") for character in data)]
    values.append(sum(max(place, 1) * value for place, value in enumerate(values)) % 103)
    bars: str = "".join(CODES[value] for value in values) + STOP + "11"
    return bars


def qr_dots(data: str, module: int, width: int) -> Image.Image:
    """The QR code in the middle of a strip of paper so many dots wide."""
    from PIL import Image

    rows = qr_modules(data)
    code = Image.new("L", (len(rows), len(rows)), 255)
    code.putdata([0 if cell else 255 for row in rows for cell in row])
    side = len(rows) * module
    return _in_the_middle(code.resize((side, side), Image.Resampling.NEAREST), width)


def bar_dots(bars: str, bar: int, height: int, width: int) -> Image.Image:
    """The bar code in the middle of a strip of paper so many dots wide."""
    from PIL import Image

    code = Image.new("L", (len(bars), 1), 255)
    code.putdata([0 if cell == "1" else 255 for cell in bars])
    return _in_the_middle(code.resize((len(bars) * bar, height), Image.Resampling.NEAREST), width)


def _in_the_middle(code: Image.Image, width: int) -> Image.Image:
    from PIL import Image

    canvas = Image.new("L", (width, code.height), 255)
    canvas.paste(code, ((width - code.width) // 2, 0))
    return canvas
