"""Every Han character that Unicode knows is drawn by some font or as a box with its code, never as an empty place."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from fontTools.ttLib import TTFont

from devices import glyphs
from devices.drawing import CELL, COLUMN, _cell
from devices.glyphs import FALLBACKS, Font, has_glyph, in_box, primary, runs
from devices.wrapping import clusters

BLOCKS = {
    "unified": (0x4E00, 0x9FFF, 20_992),
    "A": (0x3400, 0x4DBF, 6_592),
    "B": (0x20000, 0x2A6DF, 42_720),
    "C": (0x2A700, 0x2B73F, 4_154),
    "D": (0x2B740, 0x2B81F, 222),
    "E": (0x2B820, 0x2CEAF, 5_762),
    "F": (0x2CEB0, 0x2EBEF, 7_473),
    "I": (0x2EBF0, 0x2EE5F, 0),
    "G": (0x30000, 0x3134F, 3_045),
    "H": (0x31350, 0x323AF, 2_271),
    "J": (0x323B0, 0x3347F, 0),
    "compatibility": (0xF900, 0xFAFF, 472),
    "compatibility supplement": (0x2F800, 0x2FA1F, 542),
    "radicals": (0x2E80, 0x2EFF, 115),
    "Kangxi radicals": (0x2F00, 0x2FDF, 214),
}
"""First, last, and how many of them the fonts draw together. A later version of a font may draw more, never less."""

LEVEL_3 = [
    *range(0x4E00, 0x9FEF + 1),
    *range(0x3400, 0x4DB5 + 1),
    *range(0x20000, 0x2A6D6 + 1),
    *range(0x2A700, 0x2B734 + 1),
    *range(0x2B740, 0x2B81D + 1),
    *range(0x2B820, 0x2CEA1 + 1),
    *range(0x2CEB0, 0x2EBE0 + 1),
    *(0xFA0E, 0xFA0F, 0xFA11, 0xFA13, 0xFA14, 0xFA1F, 0xFA21, 0xFA23, 0xFA24, 0xFA27, 0xFA28, 0xFA29),
]
"""The Han characters of GB 18030-2022, implementation level 3."""


@pytest.mark.parametrize("name", BLOCKS)
def test_no_block_loses_a_glyph(name: str) -> None:
    first, last, drawn = BLOCKS[name]
    assert sum(has_glyph(chr(code)) for code in range(first, last + 1)) >= drawn


def test_all_of_gb_18030_of_2022_has_glyphs() -> None:
    assert len(LEVEL_3) == 87_887
    assert [hex(code) for code in LEVEL_3 if not has_glyph(chr(code))] == []


@pytest.mark.parametrize("weight", glyphs.NOTO)
def test_every_glyph_has_an_outline_and_every_other_character_is_a_box(weight: glyphs.Weight) -> None:
    """Of all Han blocks: no glyph is the font's sign for what it has not (.notdef), none is empty."""
    wrong, boxed = [], 0
    for code in _han():
        (run,) = runs(chr(code), weight)
        if run.font is None:
            boxed += 1
            (place,) = clusters(chr(code))
            assert place.boxed
        elif code not in _with_an_outline(run.font):
            wrong.append((hex(code), run.font.name))
    assert wrong == []
    assert boxed > 0


def test_glyphs_and_boxes_have_ink_on_paper() -> None:
    """A sample of each block, at the two sizes of small type."""
    for first, last, _drawn in BLOCKS.values():
        for code in range(first, last + 1, 211):
            (place,) = clusters(chr(code))
            for size in (1, 2):
                cell = _cell(place, size, False)
                assert cell.size == (place.columns * COLUMN * size, CELL * size)
                assert cell.point(lambda level: 255 * (level < 128)).getbbox(), f"nothing is drawn for U+{code:04X}"


@pytest.mark.parametrize("code", [0xE000, 0xE863, 0xF8FF, 0xF0000, 0xFFFFD, 0x100000, 0x10FFFD])
def test_a_code_for_private_use_is_a_box_with_that_code(code: int) -> None:
    """HanaMinA and BabelStone Han have thousands of glyphs at such codes, none of which is what a card means by it."""
    (run,) = runs(chr(code))
    assert (run.font, in_box(run.text)) == (None, (f"{code:04X}", ""))
    (place,) = clusters(chr(code))
    assert (place.boxed, place.columns) == (True, len(f"{code:X}") + 1)


def test_what_is_decided_of_a_character_is_kept_within_bounds() -> None:
    """A machine that runs for months meets many characters."""
    for code in _han():
        runs(chr(code))
    kept = glyphs._font_of.cache_info()
    assert kept.maxsize is not None
    assert kept.currsize <= kept.maxsize


def _han() -> Iterator[int]:
    for first, last, _drawn in BLOCKS.values():
        yield from range(first, last + 1)


@cache
def _with_an_outline(font: Font) -> set[int]:
    """The codes for which ``font`` has more than .notdef and more than an empty glyph."""
    with TTFont(font.path, fontNumber=font.face, lazy=True) as library:
        drawn = {code: name for code, name in library.getBestCmap().items() if library.getGlyphID(name) != 0}
        if "glyf" in library:
            places = library["loca"]
            numbers = {code: library.getGlyphID(name) for code, name in drawn.items()}
            return {code for code, number in numbers.items() if places[number] < places[number + 1]}
        outlines = library["CFF "].cff[0].CharStrings
        programs = outlines.charStringsIndex
        return {
            code
            for code, name in drawn.items()
            if len(programs[outlines.charStrings[name]].bytecode or "") > SHORT or outlines[name].calcBounds(None)
        }


SHORT = 12
"""Bytes of an outline in CFF: so few are looked at, for they may be a width and an end alone."""


def test_the_fonts_of_the_table_are_there() -> None:
    assert [font.path.is_file() for font in (primary("regular"), primary("bold"), *FALLBACKS)] == [True] * 5
