"""A picture that somebody sent, made anew: whatever else the file held is gone, and what it shows stands upright.

Decoders are where strangers' bytes do harm, so each picture is made anew in a process of its own (``python -m
central.pictures``) that gets the bytes through a pipe, opens no file, and may take so much memory and time and no more.
What is not a picture, or too large a one, is refused by what the bytes are, whatever the file is called. A scanner's
TIFF may hold several pages, and all of them are made anew or none; of anything else the first picture counts, for what
a telephone puts behind it shows the same once more.
"""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from central.discreet import keep_to_itself

if TYPE_CHECKING:
    from PIL import Image

LONGEST_SIDE: Final = 2400
"""Pixels: an A4 page at 200 dots an inch, which can be read and printed."""

QUALITY: Final = 85
THUMBNAIL_SIDE: Final = 240

OCTETS: Final = 16 * 1024 * 1024
"""Of the file that comes: telephones make 3 to 12 million."""

PIXELS: Final = {"JPEG": 110_000_000, "MPO": 110_000_000, "PNG": 40_000_000, "WEBP": 40_000_000, "TIFF": 40_000_000}
"""By format: JPEG is made smaller while it is decoded, everything else first stands in memory whole."""

FROM_TELEPHONES: Final = ("JPEG", "PNG", "WEBP")
IN_PAGES: Final = "TIFF"
FROM_SCANNERS: Final = (*FROM_TELEPHONES, IN_PAGES)

PAGES: Final = 20
"""Of one file: each takes a fifth of a second of a processor."""

HEIC: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
"""Brands of the format in which some telephones keep photographs (ISO/IEC 23008-12): no decoder of it is used here."""

MEMORY: Final = 1024 * 1024 * 1024
SECONDS: Final = 20

Reason = Literal["no-picture", "heic", "pdf", "too-large", "too-many", "broken"]
REASONS: Final = get_args(Reason)
"""heic, pdf: what people send in good faith and is not taken · no-picture: it is something else · too-large: too many
bytes or pixels · too-many: pages · broken: part of it is missing, or it cannot be decoded within bounds."""


class Refused(Exception):
    """Not a picture that can be taken."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A JPEG that was made here, and the same small."""

    content: bytes
    thumbnail: bytes


def made_anew(content: bytes) -> Picture:
    """The picture that a telephone sent, from a process of its own. Blocks for a moment. Raises Refused."""
    (picture,) = _from_a_process(content, FROM_TELEPHONES)
    return picture


def pages_made_anew(content: bytes) -> list[Picture]:
    """Every page of a scanner's file, from a process of its own. Blocks for seconds. Raises Refused."""
    return _from_a_process(content, FROM_SCANNERS)


def _from_a_process(content: bytes, formats: tuple[str, ...]) -> list[Picture]:
    if len(content) > OCTETS:
        raise Refused("too-large")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "central.pictures", *formats],
            input=content,
            capture_output=True,
            timeout=SECONDS + 5,
            cwd=Path(__file__).parents[1],
            env={"PATH": os.environ.get("PATH", ""), "OMP_NUM_THREADS": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused("broken") from None
    if done.returncode != 0:
        said = done.stdout.decode("ascii", "replace")
        raise Refused(next((reason for reason in REASONS if reason == said), "broken"))
    parts = _parts(done.stdout)
    return [Picture(content=large, thumbnail=small) for large, small in zip(parts, parts, strict=True)]


def _parts(said: bytes) -> Iterator[bytes]:
    """What ``main`` wrote, each part behind its length."""
    at = 0
    while at < len(said):
        begin = at + 4
        at = begin + int.from_bytes(said[at:begin])
        yield said[begin:at]


def redrawn(content: bytes, formats: tuple[str, ...]) -> list[Picture]:
    """What is in a file, decoded in this process: each page where it has pages, else one picture. Raises Refused."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content), formats=formats) as sent:
            return [drawn(page) for page in turned(sent)]
    except UnidentifiedImageError:
        raise Refused(something_else(content)) from None
    except MemoryError:
        raise Refused("too-large") from None
    except (OSError, SyntaxError, ValueError, ArithmeticError, LookupError, AttributeError):
        # what Pillow's decoders raise for files that are no good
        raise Refused("broken") from None


def turned(sent: Image.Image) -> Iterator[Image.Image]:
    """The file at each of its pages. Raises Refused."""
    yield sent
    for number in range(1, PAGES + 1 if sent.format == IN_PAGES else 1):
        try:
            sent.seek(number)
        except EOFError:
            return
        if number == PAGES:
            raise Refused("too-many")
        yield sent


def drawn(sent: Image.Image) -> Picture:
    """The page at which a file stands, upright, on white, as large as it is kept and small. Raises Refused."""
    from PIL import Image, ImageOps

    if sent.width * sent.height > PIXELS[sent.format or ""]:
        raise Refused("too-large")
    sent.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(sent)
    if upright.mode == "1":
        upright = upright.convert("L")  # black and white alone is made smaller without its edges made smooth
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if upright.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        page = Image.new("RGB", upright.size, "white")
        page.paste(upright, mask=upright.getchannel("A"))
    else:
        page = upright.convert("RGB")
    page.info = {}
    small = page.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return Picture(content=as_jpeg(page), thumbnail=as_jpeg(small))


def something_else(content: bytes) -> Reason:
    """What it is that is no picture here, by its first bytes: whoever sent it is told what to do instead."""
    if content[4:8] == b"ftyp" and content[8:12] in HEIC:
        return "heic"
    return "pdf" if b"%PDF-" in content[:1024] else "no-picture"


def as_jpeg(page: Image.Image) -> bytes:
    """The bytes, with nothing beside what can be seen."""
    out = io.BytesIO()
    page.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def main() -> int:
    """Reads a file, writes its pictures anew: of each the large one and the small one, behind their lengths in four
    bytes. Exit code 1: it was refused, and what is written is the reason."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # each format has a limit of its own
    keep_to_itself()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        pictures = redrawn(sys.stdin.buffer.read(OCTETS + 1), tuple(sys.argv[1:]))
    except Refused as refusal:
        sys.stdout.write(refusal.reason)
        return 1
    for picture in pictures:
        for part in (picture.content, picture.thumbnail):
            sys.stdout.buffer.write(len(part).to_bytes(4) + part)
    return 0


if __name__ == "__main__":
    sys.exit(main())
