"""A picture that somebody sent, made anew: whatever else the file held is gone, and what it shows stands upright.

Decoders are where strangers' bytes do harm, so each picture is made anew in a process of its own (``python -m
central.pictures``) that gets the bytes through a pipe, opens no file, and may take so much memory and time and no more.
What is not a picture, or too large a one, is refused by what the bytes are, whatever the file is called.
"""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
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
FROM_SCANNERS: Final = (*FROM_TELEPHONES, "TIFF")

HEIC: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
"""Brands of the format in which some telephones keep photographs (ISO/IEC 23008-12): no decoder of it is used here."""

MEMORY: Final = 1024 * 1024 * 1024
SECONDS: Final = 20

Reason = Literal["no-picture", "heic", "pdf", "too-large", "broken"]
REASONS: Final = get_args(Reason)
"""heic, pdf: what people send in good faith and is not taken · no-picture: it is something else · too-large: too many
bytes or pixels · broken: part of it is missing, or it cannot be decoded within bounds."""


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


def made_anew(content: bytes, formats: tuple[str, ...] = FROM_TELEPHONES) -> Picture:
    """The picture, from a process of its own. Blocks for a moment. Raises Refused."""
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
    size = int.from_bytes(done.stdout[:4])
    return Picture(content=done.stdout[4 : 4 + size], thumbnail=done.stdout[4 + size :])


def redrawn(content: bytes, formats: tuple[str, ...]) -> tuple[bytes, bytes]:
    """The picture and the same small, decoded in this process. Raises Refused."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content), formats=formats) as sent:
            if sent.width * sent.height > PIXELS[sent.format or ""]:
                raise Refused("too-large")
            sent.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(sent)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            if upright.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in upright.info:
                upright = upright.convert("RGBA")
                page = Image.new("RGB", upright.size, "white")
                page.paste(upright, mask=upright.getchannel("A"))
            else:
                page = upright.convert("RGB")
    except UnidentifiedImageError:
        raise Refused(something_else(content)) from None
    except MemoryError:
        raise Refused("too-large") from None
    except (OSError, SyntaxError, ValueError, ArithmeticError, LookupError, AttributeError):
        # what Pillow's decoders raise for files that are no good
        raise Refused("broken") from None
    page.info = {}
    small = page.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return as_jpeg(page), as_jpeg(small)


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
    """Reads a picture, writes it anew: the length of the large one in four bytes, it, the small one. Exit code 1: it
    was refused, and what is written is the reason."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # each format has a limit of its own
    keep_to_itself()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        large, small = redrawn(sys.stdin.buffer.read(OCTETS + 1), tuple(sys.argv[1:]))
    except Refused as refusal:
        sys.stdout.write(refusal.reason)
        return 1
    sys.stdout.buffer.write(len(large).to_bytes(4) + large + small)
    return 0


if __name__ == "__main__":
    sys.exit(main())
