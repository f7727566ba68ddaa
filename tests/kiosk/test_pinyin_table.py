"""How setup makes the dictionary from what Debian has installed: on sources of a few lines."""

from __future__ import annotations

import bz2
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from kiosk.pinyin import read_dictionary

WORDS = """# Rime dictionary
---
name: pinyin_simp
...

先	xian	84326
县	xian	900
西	xi	500
西安	xi an	5095
喜爱	xi ai	9000
卖淫	mai yin	300
吉	ji	70
齐	qi	400
绿	lv	60
"""
READINGS = """# Unihan
U+5409\tkMandarin\tjí
U+9F50\tkHanyuPinyin\t10001.010:qí,jī
U+7384\tkTGHZ2013\t100.010:xián
U+4EDA\tkMandarin\txiān
U+20B9F\tkMandarin\txián
U+7EFF\tkMandarin\tlǜ
U+7565\tkXHC1983\t0745.030:lüè
U+3402\tkDefinition\t(J) non-standard form of U+5409, a joyful thing
"""
VARIANTS = "U+20BB7\tkSpoofingVariant\tU+5409\n"
STROKES = "U+20B9F\tkTotalStrokes\t9\nU+4EDA\tkTotalStrokes\t5 6\nU+20BB7\tkTotalStrokes\t6\nU+3402\tkTotalStrokes\t6\n"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program, with these sources."""
    file = Path(__file__).parents[2] / "packaging" / "pinyin.py"
    spec = importlib.util.spec_from_file_location("pinyin_table", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "pinyin_table", module)
    spec.loader.exec_module(module)
    (tmp_path / "words.yaml").write_text(WORDS, encoding="utf-8")
    for name, text in (("Readings", READINGS), ("Variants", VARIANTS), ("IRGSources", STROKES)):
        (tmp_path / f"Unihan_{name}.txt.bz2").write_bytes(bz2.compress(text.encode()))
    monkeypatch.setattr(module, "WORDS", tmp_path / "words.yaml")
    monkeypatch.setattr(module, "UNIHAN", tmp_path)
    return module


def test_the_common_first_then_the_rare_by_strokes(table: ModuleType, tmp_path: Path) -> None:
    """Words by how common they are; characters with their own reading, and those that borrow one."""
    file = tmp_path / "dictionary.txt"
    assert table.main([str(file)]) == 0
    found = read_dictionary(file)
    assert found._characters["xian"] == ("先 84326 县 900", "玄仚\U00020b9f")
    assert found._characters["ji"] == ("吉 70", "㐂\U00020bb7")
    assert found._characters["lv"] == ("绿 60", "")
    assert found._characters["lue"] == ("", "略")
    assert found._words == {"xa": "喜爱 xi'ai 9000 西安 xi'an 5095"}


def test_what_a_counter_does_not_offer_is_left_out(table: ModuleType, tmp_path: Path) -> None:
    """Neither a word, nor the old reading of a common character."""
    file = tmp_path / "dictionary.txt"
    table.main([str(file)])
    text = file.read_text(encoding="utf-8")
    assert "卖淫" not in text
    assert text.count("齐") == 1


def test_a_source_that_is_missing_is_named(
    table: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And what was there before is left alone."""
    file = tmp_path / "dictionary.txt"
    file.write_text("before", encoding="utf-8")
    (tmp_path / "words.yaml").unlink()
    assert table.main([str(file)]) == 1
    assert "words.yaml" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "before"
    assert table.main(["--help"]) == 2
