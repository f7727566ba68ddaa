"""Files as telephones, scanners and ill-wishers send them. What they show nobody has seen."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, ImageDraw
from PIL.TiffImagePlugin import AppendingTiffWriter

ROTATED = 6
"""EXIF orientation: held upright, stored lying."""
SECRET = b"26.66N 119.55E Fictitious Phone 12"


def photograph(number: int = 1, size: tuple[int, int] = (400, 300), *, quality: int = 80) -> bytes:
    """A JPEG as a telephone makes it: lying on its side, with the place, the make and a comment in it."""
    picture = sheet(number, size)
    exif = Image.Exif()
    exif[0x0112] = ROTATED
    exif[0x010F] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, exif=exif, comment=SECRET)
    return out.getvalue()


def sheet(number: int, size: tuple[int, int]) -> Image.Image:
    """A sheet with its number: red above, white below, so that one sees which way it lies."""
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, size[0], size[1] // 4), fill="red")
    for line in range(number % 40 + 3):
        top = size[1] // 3 + line * 12
        draw.rectangle((size[0] // 10, top, size[0] // 2 + number * 3, top + 5), fill="black")
    return picture


def as_format(kind: str, size: tuple[int, int] = (800, 600)) -> bytes:
    """The same in another format; transparent where the format can be."""
    out = io.BytesIO()
    picture = sheet(1, size)
    if kind in ("PNG", "WEBP"):
        picture.putalpha(128)
    picture.save(out, kind)
    return out.getvalue()


def scan(pages: int = 3, size: tuple[int, int] = (800, 600)) -> bytes:
    """A TIFF as a scanner with a feeder makes it: several sheets in one file, the second one stored lying."""
    sheets = [sheet(number, size) for number in range(1, pages + 1)]
    lying = Image.Exif()
    lying[0x0112] = ROTATED
    out = io.BytesIO()
    with AppendingTiffWriter(out) as file:
        for number, page in enumerate(sheets, start=1):
            page.save(file, "TIFF", exif=lying if number == 2 else Image.Exif())
            file.newFrame()
    return out.getvalue()


def in_frames(kind: str) -> bytes:
    """A picture with another one behind it, as a telephone keeps a second view or what moves."""
    out = io.BytesIO()
    sheet(1, (800, 600)).save(out, kind, save_all=True, append_images=[Image.new("RGB", (800, 600), "black")])
    return out.getvalue()


def bomb(side: int = 12_000, *, says: int = 0) -> bytes:
    """A PNG of a hundred thousand bytes that would be more pixels than are taken; ``says`` is the side that it tells
    instead of its own."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", says or side, says or side, 8, 0, 0, 0, 0)
    packed = zlib.compress(bytes(1 + side) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def polyglot() -> bytes:
    """A JPEG that is a web page and an archive too."""
    page = b"<script>document.location='//evil.example'</script>"
    return photograph() + page + b"PK\x03\x04" + page


SAID_TO_BE = {"a PDF": "pdf", "a HEIC": "heic"}
"""What some of ``NO_PICTURES`` are called, because people send them in good faith."""

NO_PICTURES = {
    "a PDF": b"%PDF-1.7\n1 0 obj <<>> endobj\n%%EOF\n",
    "a web page": b"<!doctype html><script>alert(1)</script>",
    "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "an archive": b"PK\x03\x04" + bytes(200),
    "a program": b"\x7fELF" + bytes(200),
    "a GIF": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "an EPS, which Pillow would give to Ghostscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "a HEIC": b"\x00\x00\x00\x18ftypheic" + bytes(200),
    "nothing of sense": bytes(range(256)),
}
