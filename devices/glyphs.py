"""Which font has this character: text is cut into runs that one font each can draw, for paper and for screens alike.

Neither Kivy nor Pillow looks into a second font when the first one lacks a character, and a name may hold any Han
character that Unicode knows. So each character goes to the first of Noto Sans CJK SC, HanaMinA, HanaMinB and BabelStone
Han that has it; a character that none has becomes a run of its own without a font, to be drawn as a box with its code
and, where that is known, how it is said.

What has no ink is left out (``visible``): a name from a card may hold marks that turn its order round or hide a part of
it, and variation selectors, which no font here knows.

`python -m devices.glyphs FOLDER` takes the Simplified Chinese face out of the Noto collection, once, at setup: Kivy
opens the first face of a collection, and that one has the Japanese forms of 直, 骨 and 角.

Nothing here needs Pillow, Kivy or a printer.
"""

from __future__ import annotations

import os
import struct
import sys
import unicodedata
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

Weight = Literal["regular", "bold"]

FONTS = Path("/usr/share/fonts")
NOTO: dict[Weight, Path] = {
    "regular": FONTS / "opentype/noto/NotoSansCJK-Regular.ttc",
    "bold": FONTS / "opentype/noto/NotoSansCJK-Bold.ttc",
}
"""Debian's fonts-noto-cjk."""
SC_FACE, MONO_SC_FACE = 2, 7
"""Faces of the Noto collections: Simplified Chinese, and the same with Latin letters half as wide as Han ones."""
EXTRACTED: dict[Weight, str] = {"regular": "NotoSansCJKsc-Regular.otf", "bold": "NotoSansCJKsc-Bold.otf"}
EXTRACTED_FOLDER = Path(__file__).parent.parent / "assets" / "fonts"


class FontMissing(FileNotFoundError):
    """A font that must be there is not. The text says which command brings it."""


@dataclass(frozen=True, kw_only=True)
class Font:
    """A font file, and the face in it when it is a collection."""

    name: str
    path: Path
    face: int = 0


FALLBACKS = (
    Font(name="HanaMinA", path=FONTS / "truetype/hanazono/HanaMinA.ttf"),
    Font(name="HanaMinB", path=FONTS / "truetype/hanazono/HanaMinB.ttf"),
    Font(name="BabelStone Han", path=FONTS / "truetype/babelstone/BabelStoneHan.ttf"),
)
"""In the order they are asked. They have one weight; bold text borrows it. One that is not installed has nothing."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """Characters that one font draws; without a font it is a single character, drawn as a box: see `in_box`."""

    text: str
    font: Font | None

    @property
    def lighter(self) -> bool:
        """Whether it comes from a font that has one weight, that of a book: its strokes are to be drawn thicker."""
        return self.font in FALLBACKS


def runs(text: str, weight: Weight = "regular") -> list[Run]:
    """Cut `text` into runs of one font each, in reading order.

    Nothing visible is dropped. Combining marks stay with the character before them when its font has them.
    """
    first = primary(weight)
    if _surely_in_noto(text):
        return [Run(text=text, font=first)] if text else []
    fonts = (first, *FALLBACKS)
    cut: list[tuple[str, Font | None]] = []
    for character in visible(text):
        before = cut[-1][1] if cut else None
        if unicodedata.combining(character) and before is not None and _covers(before, character):
            font: Font | None = before
        else:
            font = _font_of(character, fonts)
        if cut and font is not None and font == cut[-1][1]:
            cut[-1] = (cut[-1][0] + character, font)
        else:
            cut.append((character, font))
    return [Run(text=run, font=font) for run, font in cut]


def has_glyph(character: str) -> bool:
    """Whether any of the fonts can draw this one character."""
    return _surely_in_noto(character) or _font_of(character, (primary("regular"), *FALLBACKS)) is not None


@lru_cache(maxsize=256)
def in_box(character: str) -> tuple[str, str]:
    """What stands in the box of a character without a glyph: its code in Unicode, as people look it up (2EBF0, of a
    control character 1B), and its pinyin (dāo), or "" where that is not known.

    A code for private use says nothing of the sound: each who uses it means something else.
    """
    code = f"{ord(character):0{2 if ord(character) < 0x100 else 4}X}"
    if not "\U00020000" <= character <= "\U0003fffd":
        return code, ""
    import pypinyin

    return code, "".join(said[0] for said in pypinyin.pinyin(character, errors="ignore"))


def visible(text: str) -> str:
    """``text`` without what has no ink: nothing in it moves, hides or parts the characters beside it."""
    return text if text.isascii() else "".join(character for character in text if not _has_no_ink(character))


def _has_no_ink(character: str) -> bool:
    """Format characters (joiners, direction marks, byte order mark, tags), variation selectors and fillers: what is
    "default ignorable" to Unicode. A font would draw a box for them, or nothing."""
    return unicodedata.category(character) == "Cf" or character in _IGNORABLE


_IGNORABLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    + "".join(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
)
"""DerivedCoreProperties.txt, Default_Ignorable_Code_Point, without the format characters."""


def primary(weight: Weight) -> Font:
    """Noto Sans CJK SC: the extracted face, or the face in Debian's collection. FontMissing when there is neither."""
    font = _primary(weight)
    if font is None:
        raise FontMissing(f"{NOTO[weight]} is missing: apt-get install fonts-noto-cjk")
    return font


def font_file(weight: Weight) -> Path:
    """The extracted face as a file of its own, which Kivy needs. FontMissing says how to make it."""
    path = EXTRACTED_FOLDER / EXTRACTED[weight]
    if not path.is_file():
        raise FontMissing(f"{path} is missing: make setup (or python -m devices.glyphs {EXTRACTED_FOLDER})")
    return path


def extract_sc_faces(folder: Path) -> tuple[Path, ...]:
    """Write the Simplified Chinese faces into `folder`, unless they are there and newer than the collection.

    Returns the paths of the regular and the bold face. FontMissing when Debian's fonts-noto-cjk is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(_extract(weight, folder / EXTRACTED[weight]) for weight in NOTO)


def _extract(weight: Weight, target: Path) -> Path:
    from fontTools.ttLib import TTFont

    source = NOTO[weight]
    if not source.is_file():
        raise FontMissing(f"{source} is missing: apt-get install fonts-noto-cjk")
    if target.is_file() and target.stat().st_mtime >= source.stat().st_mtime:
        return target
    part = target.with_suffix(".part")
    with TTFont(source, fontNumber=SC_FACE, lazy=True, recalcTimestamp=False) as face:
        name = face["name"].getDebugName(1)
        if name != "Noto Sans CJK SC":
            raise FontMissing(f"face {SC_FACE} of {source} is {name}, not Noto Sans CJK SC")
        face.save(part)
    part.replace(target)
    return target


@lru_cache(maxsize=2)
def _primary(weight: Weight) -> Font | None:
    extracted = EXTRACTED_FOLDER / EXTRACTED[weight]
    if extracted.is_file():
        return Font(name="Noto Sans CJK SC", path=extracted)
    if NOTO[weight].is_file():
        return Font(name="Noto Sans CJK SC", path=NOTO[weight], face=SC_FACE)
    return None


def _surely_in_noto(text: str) -> bool:
    """Whether GBK has all of `text`. Noto has all of GBK but one sign (a test compares), and asking the codec costs
    nothing: a screen without rare characters never waits for a font's table to be read."""
    try:
        text.encode("gbk")
    except UnicodeEncodeError:
        return False
    return all(character.isprintable() or character in "\n\t\u3000" for character in text) and "≒" not in text


@lru_cache(maxsize=4096)
def _font_of(character: str, fonts: tuple[Font, ...]) -> Font | None:
    """The first font that has it. Codes for private use mean something else in every font, so none has them; nor does
    one have letters that are written from the right, which would turn round what stands beside them."""
    if unicodedata.category(character) in {"Co", "Cs", "Cc"}:
        return fonts[0] if character in "\n\t" else None
    if unicodedata.bidirectional(character) in {"R", "AL", "AN"}:
        return None
    return next((font for font in fonts if _covers(font, character)), None)


def _covers(font: Font, character: str) -> bool:
    starts, ends = _coverage(font)
    code = ord(character)
    place = bisect_right(starts, code) - 1
    return place >= 0 and code <= ends[place]


@lru_cache(maxsize=8)
def _coverage(font: Font) -> tuple[array[int], array[int]]:
    """First and last codes of the font's ranges, ascending; none when the font is not installed.

    Read from the character map (OpenType `cmap`, format 12) without the rest of the font: 5 ms where a font library
    takes 200 to 400, and the caller may be the thread that draws. FontMissing when the file is no such font.
    """
    try:
        data = _character_map(font)
        offsets: list[int] = [
            struct.unpack_from(">I", data, 8 + 8 * place)[0] for place in range(struct.unpack_from(">H", data, 2)[0])
        ]
        offset = next(offset for offset in offsets if struct.unpack_from(">H", data, offset)[0] == 12)
        count: int = struct.unpack_from(">I", data, offset + 12)[0]
        groups = array("I", data[offset + 16 : offset + 16 + 12 * count])
    except FileNotFoundError:
        return array("I"), array("I")
    except (struct.error, ValueError, StopIteration) as error:
        raise FontMissing(f"{font.path} is damaged: install its package again") from error
    if sys.byteorder == "little":
        groups.byteswap()
    return groups[0::3], groups[1::3]


def _character_map(font: Font) -> bytes:
    """The bytes of the table `cmap` of a font file, or of one face of a collection (OpenType 1.9, font file)."""
    with font.path.open("rb") as file:
        start = 0
        if file.read(4) == b"ttcf":
            file.seek(12 + 4 * font.face)
            start = struct.unpack(">I", file.read(4))[0]
        file.seek(start)
        for _ in range(struct.unpack(">H", file.read(12)[4:6])[0]):
            tag, _checksum, offset, length = struct.unpack(">4sIII", file.read(16))
            if tag == b"cmap":
                file.seek(offset)
                return file.read(length)
    raise ValueError("no character map")


def main(arguments: list[str]) -> int:
    """`python -m devices.glyphs FOLDER`: write the faces and their paths. 0 done, 1 no font there, 2 usage."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write("usage: python -m devices.glyphs FOLDER\n")
        return 2
    try:
        paths = extract_sc_faces(Path(arguments[0]))
    except OSError as error:
        sys.stderr.write(f"fonts were not extracted: {error}\n")
        return 1
    sys.stdout.write("".join(f"{os.fspath(path)}\n" for path in paths))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
