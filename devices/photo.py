"""The photo on a card: 1,024 bytes in the WLT form, which only closed decoders can read, and what is shown without one.

A decoder is a library of a reader's maker, and such a library may hang or crash. So it runs in a process of its own, a
new one for each photo, which forgets it with its end: `python -m MODULE` reads the 1,024 bytes from stdin and writes
102 × 126 pixels to stdout, three bytes each (blue, green, red), row by row from the top. `serve` makes such a module:

    import ctypes
    from devices.photo import PIXELS, serve

    def decode(wlt: bytes) -> bytes:
        picture = ctypes.create_string_buffer(PIXELS)
        if ctypes.CDLL("libwltdecode.so").unpack(wlt, picture, 0) != 1: raise SystemExit("not decoded")
        return picture.raw

    serve(decode)

What has no picture has a silhouette, a value of its own kind: nobody can take it for somebody's face by mistake.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, Protocol

from devices.child import ChildLine
from devices.discreet import keep_to_itself
from devices.errors import DeviceError, Silent
from devices.lines import Line

if TYPE_CHECKING:
    from PIL import Image

WIDTH, HEIGHT = 102, 126
PIXELS: Final = WIDTH * HEIGHT * 3
WLT: Final = 1024

WhyNot = Literal["no photo decoder is installed", "the card holds no photo", "decoder is too slow", "decoder failed"]


@dataclass(frozen=True, kw_only=True)
class Photo:
    """The picture of a person: PIXELS bytes, BGR."""

    bgr: bytes = field(repr=False)

    def png(self) -> bytes:
        from PIL import Image

        return _png(Image.frombytes("RGB", (WIDTH, HEIGHT), self.bgr, "raw", "BGR"))


@dataclass(frozen=True, kw_only=True)
class Silhouette:
    """The picture of nobody, and why there is no other."""

    why: WhyNot

    def drawing(self) -> bytes:
        """A PNG of a photo's size."""
        return _silhouette()


class PhotoDecoder(Protocol):
    def decode(self, wlt: bytes) -> Photo | Silhouette:
        """The picture of IdCard.photo. Raises nothing: a card is good without its photo."""


class NoDecoder:
    """What a machine has that no decoder came with."""

    def decode(self, wlt: bytes) -> Photo | Silhouette:
        return Silhouette(why="no photo decoder is installed")


class ModuleDecoder:
    """A decoder that is a Python module, such as the one above, each photo within so many seconds."""

    def __init__(self, module: str, within: float = 3.0) -> None:
        self._module = module
        self._within = within

    def decode(self, wlt: bytes) -> Photo | Silhouette:
        if len(wlt) != WLT:
            return Silhouette(why="the card holds no photo")
        until = time.monotonic() + self._within
        try:
            with closing(ChildLine(self._module)) as child:
                child.write(wlt, self._within)
                return Photo(bgr=_read_all(child, PIXELS, until))
        except Silent:
            return Silhouette(why="decoder is too slow")
        except DeviceError:
            return Silhouette(why="decoder failed")


def _read_all(line: Line, size: int, until: float) -> bytes:
    data = b""
    while len(data) < size:
        more = line.read(size - len(data), max(0.0, until - time.monotonic()))
        if not more:
            raise Silent(f"{len(data)} of {size} bytes")
        data += more
    return data


def serve(decode: Callable[[bytes], bytes]) -> None:
    """All that a decoder's module does. What a library prints goes to stderr: stdout is the picture's alone."""
    keep_to_itself()
    answer = os.dup(1)
    os.dup2(2, 1)
    wlt = sys.stdin.buffer.read(WLT)
    with open(answer, "wb") as out:
        out.write(decode(wlt))


# ---- Drawing ---------------------------------------------------------------------------------------------------------

_FINE: Final = 8
"""Drawn so many times larger, for smooth edges."""


@cache
def _silhouette() -> bytes:
    """Head and shoulders, in two greys that no photo has."""
    from PIL import Image, ImageDraw

    paper, shade = (236, 237, 239), (176, 181, 188)
    canvas = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE), paper)
    pen = ImageDraw.Draw(canvas)

    def at(*places: float) -> tuple[float, ...]:
        return tuple(place * _FINE for place in places)

    pen.rounded_rectangle(at(7, 94, 95, 180), radius=29 * _FINE, fill=shade)
    pen.polygon(at(41, 66, 61, 66, 62, 90, 74, 98, 28, 98, 40, 90), fill=shade)
    pen.ellipse(at(30, 20, 72, 80), fill=shade)
    pen.ellipse(at(27, 44, 33, 58), fill=shade)
    pen.ellipse(at(69, 44, 75, 58), fill=shade)
    return _png(canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS))


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
