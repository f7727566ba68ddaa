from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from devices import glyphs, wrapping
from devices.glyphs import FALLBACKS, FontMissing, Run, extract_sc_faces, font_file, has_glyph, in_box, runs, visible
from tests.devices.receipts import RARE_NAME

NOTO = glyphs.Font(name="Noto Sans CJK SC", path=glyphs.NOTO["regular"], face=glyphs.SC_FACE)


def fonts_of(text: str) -> list[tuple[str, str | None]]:
    return [(run.text, run.font.name if run.font else None) for run in runs(text)]


def test_usual_text_is_one_run_of_the_first_font() -> None:
    assert fonts_of("您好，￥20.00 ①②√\nK-001") == [("您好，￥20.00 ①②√\nK-001", "Noto Sans CJK SC")]
    assert runs("") == []


def test_each_character_goes_to_the_first_font_that_has_it() -> None:
    assert fonts_of("王𠮷䶮\U0002a6d0\U0002a6d1\U00031350") == [
        ("王𠮷䶮", "Noto Sans CJK SC"),
        ("\U0002a6d0\U0002a6d1", "HanaMinB"),
        ("\U00031350", "BabelStone Han"),
    ]


def test_a_character_without_a_glyph_is_a_run_of_its_own_with_its_code() -> None:
    missing = runs("王\U0002ebf0\U0002ebf1。")
    assert [run.font is None for run in missing] == [False, True, True, False]
    assert missing[1] == Run(text="\U0002ebf0", font=None)
    assert in_box("\U0002ebf0") == ("2EBF0", "")


@pytest.mark.parametrize("character", ["\ue000", "\U000f0000", "\x1b", "\x00", "\ud800"])
def test_private_use_and_control_codes_have_no_glyph_in_any_font(character: str) -> None:
    assert runs(character) == [Run(text=character, font=None)]
    assert not has_glyph(character)


def test_a_box_says_how_the_character_is_said_where_that_is_known() -> None:
    """Of a code for private use nothing is: pypinyin has a sound for what one standard once meant by it."""
    assert runs("\U00031f55") == [Run(text="\U00031f55", font=None)]
    assert in_box("\U00031f55") == ("31F55", "dāo")
    assert in_box("\ue863") == ("E863", "")
    assert in_box("\x1b") == ("1B", "")


def test_nothing_visible_is_dropped() -> None:
    text = "王" + RARE_NAME + "é\u0301\ue000≒¥✓・·"
    assert "".join(run.text for run in runs(text)) == text


HIDDEN = "\u202e\u202a\u2066\u2069\u200e\u200b\u200d\u2060\u00ad\ufe00\U000e0100\u034f\u3164\ufeff\U000e0041"
"""What turns the order round, parts or joins without ink, picks a form, or fills."""


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_has_no_ink_is_dropped(hidden: str) -> None:
    """In one place, for screens and paper: it moves, hides and parts nothing, and draws nothing by itself."""
    assert fonts_of(f"葛{hidden}城{hidden}") == [("葛城", "Noto Sans CJK SC")]
    assert visible(f"{hidden}𠮷{hidden}") == "𠮷"
    assert wrapping.printable(f"𠮷{hidden}䶮") == "𠮷䶮"


def test_letters_written_from_the_right_are_boxes_in_the_order_of_the_text() -> None:
    """HanaMinA has some of them; a run of them would be drawn from its end."""
    assert fonts_of("王\u05d0\u0627明") == [
        ("王", "Noto Sans CJK SC"),
        ("\u05d0", None),
        ("\u0627", None),
        ("明", "Noto Sans CJK SC"),
    ]


@pytest.mark.parametrize("font", [NOTO, *FALLBACKS], ids=lambda font: font.name)
def test_coverage_is_what_a_font_library_reads(font: glyphs.Font) -> None:
    with TTFont(font.path, fontNumber=font.face, lazy=True) as library:
        expected = set(library.getBestCmap())
    starts, ends = glyphs._coverage(font)
    covered = {code for start, end in zip(starts, ends, strict=True) for code in range(start, end + 1)}
    assert covered == expected


def test_the_first_font_has_what_is_taken_for_granted() -> None:
    granted = [chr(code) for code in range(0x20, 0x10000) if glyphs._surely_in_noto(chr(code))]
    assert len(granted) > 21_000
    assert [character for character in granted if not glyphs._covers(NOTO, character)] == []


def test_a_font_that_is_not_installed_has_no_character(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gone = glyphs.Font(name="gone", path=tmp_path / "gone.ttf")
    monkeypatch.setattr(glyphs, "FALLBACKS", (gone,))
    assert fonts_of("\U00031350") == [("\U00031350", None)]


@pytest.mark.parametrize("content", [b"", b"not a font at all", b"\0\1\0\0\0\xff" + bytes(6)])
def test_a_damaged_font_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.ttf"
    path.write_bytes(content)
    with pytest.raises(FontMissing, match=r"broken\.ttf"):
        glyphs._covers(glyphs.Font(name="broken", path=path), "王")


def test_faces_are_extracted_once_and_hold_the_simplified_forms(tmp_path: Path) -> None:
    paths = extract_sc_faces(tmp_path / "fonts")
    assert [path.name for path in paths] == ["NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf"]
    for path, weight in zip(paths, ("Regular", "Bold"), strict=True):
        with TTFont(path, lazy=True) as face:
            assert (face["name"].getDebugName(1), face["name"].getDebugName(2)) == ("Noto Sans CJK SC", weight)
    before = [path.stat().st_ino for path in paths]
    assert [path.stat().st_ino for path in extract_sc_faces(tmp_path / "fonts")] == before


def test_an_extracted_face_is_preferred_and_a_missing_one_says_how_to_make_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(glyphs, "EXTRACTED_FOLDER", tmp_path)
    with pytest.raises(FontMissing, match=r"make setup .*python -m devices\.glyphs"):
        font_file("bold")
    (tmp_path / "NotoSansCJKsc-Bold.otf").touch()
    assert font_file("bold") == tmp_path / "NotoSansCJKsc-Bold.otf"
    glyphs._primary.cache_clear()
    try:
        assert (glyphs.primary("bold").path, glyphs.primary("bold").face) == (font_file("bold"), 0)
        assert glyphs.primary("regular") == NOTO
    finally:
        glyphs._primary.cache_clear()


def test_the_command_says_what_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert glyphs.main([]) == 2
    assert capsys.readouterr().err.startswith("usage: ")
    (tmp_path / "file").touch()
    assert glyphs.main([os.fspath(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_neither_drawing_nor_printing_libraries_are_loaded() -> None:
    """Screens ask for runs at their start, and are not to wait for what they do not use."""
    script = (
        "import sys; from devices import glyphs; glyphs.runs('王𠮷'); "
        "sys.exit(str([name for name in ('PIL', 'escpos', 'fontTools', 'kivy') if name in sys.modules]))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert ended.stderr.strip() == "[]"
