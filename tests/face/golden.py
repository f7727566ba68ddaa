"""Golden pictures: how each page looked when somebody last looked at it and found it good.

``make golden`` takes them anew, small and in few colours (``tests/golden``); the tests and ``make face`` compare. What
differs is written to ``out/golden`` as a sheet: before, after, difference. Look at the sheets; if the page is meant to
look like that, take its picture anew and commit it with what changed it.

Two pictures differ where shapes do (a word, an icon, a button elsewhere), where hues do, or fills. Letters that another
version of a font's hinting draws a little lighter or darker are no difference.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PIL import Image, ImageChops, ImageFilter

from kiosk.pages import Head, Page
from screens.environment import prepare_environment
from tests.face.modes import REPRESENTATIVE, Mode, speaking
from tests.face.pictures import few_colours, picture

if TYPE_CHECKING:
    from screens.gallery.samples import AnyPage
    from tests.screens.glass import Glass

Pages = Mapping[str, tuple[Page[object], Head]]

ROOT = Path(__file__).parents[2]
GOLDEN, SHEETS = ROOT / "tests" / "golden", ROOT / "out" / "golden"
SHORT_SIDE = 270
"""Pixels of a golden picture: a quarter of the panel's."""
SHAPES, HUES, FILLS = 23, 8, 10
"""Of 255: differences from there on are seen. Another hinting makes at most 21, 7 and 8; another word of two characters
in the smallest type 25 of shapes, a missing icon 40, a dark green that turned black 10 of hues, the palest tint of a
tile 16 of fills."""


async def faults(glass: Glass, mode: Mode, pages: Pages) -> list[str]:
    """What looks otherwise than in its golden picture, or has none; the sheets are written."""
    wrong, there = [], set()
    async for name, seen in _pictures(glass, mode, pages):
        kept = _file(mode, name)
        there.add(kept)
        if not kept.is_file():
            wrong.append(f"{name} [{mode}] has no golden picture: make golden")
            continue
        difference = compare(Image.open(kept).convert("RGB"), seen)
        if difference.is_seen:
            sheet = SHEETS / kept.relative_to(GOLDEN)
            sheet.parent.mkdir(parents=True, exist_ok=True)
            difference.sheet().save(sheet)
            wrong.append(f"{name} [{mode}] looks otherwise ({difference}): {sheet.relative_to(ROOT)}")
    stale = sorted(set((GOLDEN / mode.file_name).glob("*.png")) - there)
    return [*wrong, *(f"{file.relative_to(ROOT)} is of no page: make golden" for file in stale)]


async def take(glass: Glass, mode: Mode, pages: Pages) -> int:
    """Takes the pictures of a mode anew, but leaves those that look the same; how many are new."""
    taken, there = 0, set()
    async for name, seen in _pictures(glass, mode, pages):
        kept = _file(mode, name)
        there.add(kept)
        if not kept.is_file() or compare(Image.open(kept).convert("RGB"), seen).is_seen:
            kept.parent.mkdir(parents=True, exist_ok=True)
            few_colours(seen).save(kept, optimize=True)
            taken += 1
    for stale in set((GOLDEN / mode.file_name).glob("*.png")) - there:
        stale.unlink()
    return taken


# ---- Comparing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Two pictures of one size, and by how much they differ where they differ most."""

    before: Image.Image
    after: Image.Image
    where: Image.Image
    shapes: int
    hues: int
    fills: int

    @property
    def is_seen(self) -> bool:
        """Whether somebody who looks would see it."""
        return self.shapes >= SHAPES or self.hues >= HUES or self.fills >= FILLS

    def sheet(self) -> Image.Image:
        """Before, after, and the difference in black on white, side by side."""
        sheet = Image.new("RGB", (3 * self.after.width + 20, self.after.height), "#808080")
        marks = self.where.point(lambda value: max(0, 255 - 6 * value)).convert("RGB")
        for number, part in enumerate((self.before, self.after, marks)):
            sheet.paste(part, (number * (self.after.width + 10), 0))
        return sheet

    def __str__(self) -> str:
        return f"shapes {self.shapes}, hues {self.hues}, fills {self.fills}"


def compare(before: Image.Image, after: Image.Image) -> Difference:
    """By how much the picture differs from the one before; of another size, it does so all over."""
    if before.size != after.size:
        everywhere = Image.new("L", after.size, 255)
        before = before.resize(after.size)
        return Difference(before=before, after=after, where=everywhere, shapes=255, hues=255, fills=255)
    where = _strongest(before.filter(_LETTERS), after.filter(_LETTERS)).filter(_STROKES)
    hues = _strongest(_hues(before), _hues(after))
    fills = _strongest(before.filter(_AREAS), after.filter(_AREAS))
    return Difference(
        before=before, after=after, where=where, shapes=_most(where), hues=_most(hues), fills=_most(fills)
    )


_LETTERS, _STROKES, _AREAS = ImageFilter.GaussianBlur(0.7), ImageFilter.BoxBlur(2), ImageFilter.BoxBlur(8)


def _strongest(one: Image.Image, other: Image.Image) -> Image.Image:
    """The difference of two pictures, pixel by pixel in the band in which it is greatest."""
    return reduce(ImageChops.lighter, ImageChops.difference(one, other).split())


def _hues(picture: Image.Image) -> Image.Image:
    """Its colours without their lightness."""
    light, *colours = picture.convert("YCbCr").split()
    return Image.merge("RGB", (light.point(lambda _value: 0), *colours)).filter(ImageFilter.BoxBlur(1))


def _most(difference: Image.Image) -> int:
    return max(value for value, pixels in enumerate(difference.histogram()) if pixels)


# ---- Which pages -----------------------------------------------------------------------------------------------------


async def _pictures(glass: Glass, mode: Mode, pages: Pages) -> AsyncIterator[tuple[str, Image.Image]]:
    """Each page as it comes, and from the home page that of aids, small."""
    from screens.aids import DONE
    from screens.foot import AIDS
    from screens.gallery.samples import MACHINES, Doing
    from tests.face.sweep import press

    with speaking(mode.language):
        glass.on_panel(mode.diagonal, landscape=mode.landscape)
        glass.stage.dress(mode.manner)
        for name in _names(mode, pages):
            page, head = pages[name]
            doing = MACHINES.get(name.removeprefix("sample/"), Doing())
            glass.stage.update_status(network=doing.network, printer=doing.printer)
            await glass.show(cast("AnyPage", page), head)
            yield name, picture(SHORT_SIDE)
            if name.endswith("/home") and press(glass.stage, AIDS):
                yield "aids", picture(SHORT_SIDE)
                press(glass.stage, DONE)
        await glass.leave()
        glass.stage.update_status(network=True, printer="ready")


def _names(mode: Mode, pages: Pages) -> Iterator[str]:
    """In Chinese the samples, which are of every kind; in other languages, which they do not speak, one of each of the
    kiosk's own pages."""
    is_sample = mode.language == "zh"
    return (name for name in pages if name.startswith("sample/") is is_sample and "#" not in name)


def _file(mode: Mode, name: str) -> Path:
    return GOLDEN / mode.file_name / f"{name.removeprefix('sample/').replace('/', '.')}.png"


# ---- make golden -----------------------------------------------------------------------------------------------------


async def _take_all(data: Path) -> None:
    from tests.face.sweep import pages_in
    from tests.screens.glass import open_glass

    async with open_glass() as glass:
        for mode in REPRESENTATIVE:
            taken = await take(glass, mode, await pages_in(mode.language, data / mode.file_name))
            sys.stdout.write(f"{mode}: {taken} taken anew\n")


def main() -> None:
    """Takes all golden pictures anew that look otherwise."""
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        prepare_environment(Path(folder))
        asyncio.run(_take_all(Path(folder)))


if __name__ == "__main__":
    main()
