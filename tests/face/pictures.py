"""Pictures of the glass that are kept: small, and in few colours, of which the commonest are exact."""

from __future__ import annotations

from PIL import Image

COLOURS, APART = 192, 8
"""How many colours, and by how much each differs from every other in some band, of 255."""


def picture(short_side: int) -> Image.Image:
    """What stands on the glass, its shorter side of that many pixels, a whole part of the panel's."""
    from tests.face.pixels import look_at_glass

    seen = look_at_glass().pixels.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return seen.reduce(min(seen.size) // short_side)


def few_colours(picture: Image.Image) -> Image.Image:
    """The picture in its commonest colours. Pillow's own choices of a palette tint the paper or lose a green word."""
    colours: list[tuple[int, ...]] = []
    for _count, colour in sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True):
        if isinstance(colour, tuple) and all(_apart(colour, other) for other in colours):
            colours.append(colour)
            if len(colours) == COLOURS:
                break
    palette = Image.new("P", (1, 1))
    palette.putpalette([band for colour in colours for band in colour])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def _apart(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return any(abs(a - b) >= APART for a, b in zip(one, other, strict=True))
