"""The photos of fictitious people, and their decoder: `python -m devices.simulated.photo` (see devices/photo.py).

How real photos are coded is not published. Ours say in their first bytes that they are no such thing, and then what to
draw: a mark of the person, from which come the colours of hair, clothes and wall. No other decoder makes sense of them,
and this one of no others.
"""

from __future__ import annotations

import hashlib
from typing import Final

from devices.photo import HEIGHT, WIDTH, WLT, serve

MAGIC: Final = b"NO WLT: SIMULATED"
_MARK: Final = 16


def photo_of(person: str) -> bytes:
    """What the chip of the person with this id holds in the photo's place."""
    mark = hashlib.blake2b(person.encode(), digest_size=_MARK).digest()
    return (MAGIC + mark).ljust(WLT, b"\0")


def decode(photo: bytes) -> bytes:
    """A portrait, BGR."""
    from PIL import Image, ImageDraw

    if not photo.startswith(MAGIC):
        raise SystemExit("not a simulated photo")
    mark = photo[len(MAGIC) : len(MAGIC) + _MARK]
    wall, clothes, hair = _WALLS[mark[0] % 3], tuple(40 + value // 2 for value in mark[1:4]), _HAIR[mark[4] % 4]
    fine = 8
    canvas = Image.new("RGB", (WIDTH * fine, HEIGHT * fine), wall)
    pen = ImageDraw.Draw(canvas)

    def at(*places: float) -> tuple[float, ...]:
        return tuple(place * fine for place in places)

    pen.ellipse(at(26, 12, 76, 74), fill=hair)
    pen.rounded_rectangle(at(7, 94, 95, 180), radius=29 * fine, fill=clothes)
    pen.polygon(at(41, 66, 61, 66, 64, 94, 51, 108, 38, 94), fill=_SHADOW)
    pen.ellipse(at(30, 22, 72, 82), fill=_SKIN)
    pen.chord(at(29, 14, 73, 62), 190, 350, fill=hair)
    for eye in (41, 61):
        pen.ellipse(at(eye - 2.5, 47, eye + 2.5, 51), fill=_INK)
    pen.arc(at(43, 58, 59, 72), 25, 155, fill=_INK, width=fine)
    return canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).tobytes("raw", "BGR")


_WALLS: Final = ((222, 232, 242), (240, 240, 238), (214, 226, 220))
_HAIR: Final = ((38, 34, 34), (66, 46, 38), (120, 118, 118), (206, 204, 200))
_SKIN, _SHADOW, _INK = (238, 207, 180), (214, 178, 150), (70, 52, 46)


if __name__ == "__main__":
    serve(decode)
