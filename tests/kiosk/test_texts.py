"""Every text has its English, and English is spoken for a block, a visit, or not at all."""

from __future__ import annotations

import logging
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from kiosk import texts
from kiosk.catalog import load_catalog
from kiosk.regions import place_name
from kiosk.texts import LANGUAGES, _, language, speak, spoken
from tests.face.pseudo import lengthened, spoken_pseudo
from tests.kiosk.english import compiled_english

HOUSE = Path(__file__).parents[2]


@pytest.fixture
def english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The English texts as setup compiles them."""
    monkeypatch.setattr(texts, "LOCALES", compiled_english(tmp_path / "locale"))
    yield
    speak("zh")


def test_every_text_of_code_and_tables_is_translated() -> None:
    """A new text needs its English: run packaging/texts.py, then write it into the file."""
    for wanted in set(LANGUAGES) - {"zh"}:
        assert (texts.LOCALES / wanted / "LC_MESSAGES" / "kiosk.po").is_file()
    check = subprocess.run(
        [sys.executable, HOUSE / "packaging" / "texts.py", "--check"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (check.returncode, check.stderr) == (0, "")


@pytest.mark.parametrize(
    ("found", "replaced", "fault"),
    [
        ('msgstr "My cases"', 'msgstr ""', "en: no translation: 我的办件"),
        ('msgid "我的办件"', 'msgid "没有人说的话"', "en: no text any more: 没有人说的话"),
        ("(reprint {n})", "(reprint)", "en: other slots: {sort}（补打第 {n} 次）"),
    ],
)
def test_what_is_wrong_with_the_translations_is_said(
    found: str,
    replaced: str,
    fault: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A text without its English, an English without its text, and one whose slots are others."""
    file = tmp_path / "en" / "LC_MESSAGES" / "kiosk.po"
    file.parent.mkdir(parents=True)
    written = (texts.LOCALES / "en" / "LC_MESSAGES" / "kiosk.po").read_text(encoding="utf-8")
    assert written.count(found) == 1
    file.write_text(written.replace(found, replaced), encoding="utf-8")
    program = runpy.run_path(str(HOUSE / "packaging" / "texts.py"))
    program["main"].__globals__["LOCALES"] = tmp_path
    monkeypatch.setattr(sys, "argv", ["texts.py", "--check"])
    assert program["main"]() == 1
    assert fault in capsys.readouterr().err.splitlines()


def test_tables_and_code_speak_english(english: None) -> None:
    """Texts of the tables are translated at use, so one loaded catalogue serves every language."""
    catalog = load_catalog()
    with spoken("en"):
        assert catalog.home(()).question == "Hello, how can we help?"
        assert catalog.item("my-matters").option.label == "My cases"
        assert place_name("350200") == "Fujian Xiamen"
        assert _("一句没有译文的话") == "一句没有译文的话"
        assert _("") == ""
        assert language() == "en"
    assert catalog.home(()).question == "您好，今天想办什么？"
    assert language() == "zh"


def test_without_its_file_a_language_stays_chinese_and_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Never a blank page."""
    monkeypatch.setattr(texts, "LOCALES", tmp_path)
    with caplog.at_level(logging.WARNING), spoken("en"):
        assert _("返回") == "返回"
    assert "make setup" in caplog.text


def test_there_is_a_language_with_longer_words(english: None) -> None:
    """English made 40 % longer, for the checks of the face; slots stay, and so does the number of words."""
    assert lengthened("Print {n} copies again") == "Printpr {n} copiesco againag"
    with spoken("zh"), spoken_pseudo():
        assert language() == "en"
        assert _("我的办件") == lengthened("My cases")
        with spoken("zh"):
            assert _("我的办件") == "我的办件"
        with spoken("en"):
            assert _("{months} 个月").format(months=6) == "6 monthsmo"
        assert _("一句没有译文的话") == "一句没有译文的话"
    with spoken("en"):
        assert _("我的办件") == "My cases"
    assert len(lengthened(LONG_ENGLISH)) >= 1.3 * len(LONG_ENGLISH)


LONG_ENGLISH = "When the network is back we text the phone on your insurance record. Once you confirm, we submit it."


def test_a_social_security_card_has_one_name() -> None:
    """In English too, but for the head of the screen, which has no room for it beside what else is wrong."""
    written = (texts.LOCALES / "en" / "LC_MESSAGES" / "kiosk.po").read_text(encoding="utf-8")
    assert re.findall(r"^.*\bsocial cards?\b.*$", written, re.IGNORECASE | re.MULTILINE) == ['msgstr "No social cards"']


def test_nobody_is_shouted_at() -> None:
    """No text has an exclamation mark, in no language."""
    for file in sorted(texts.LOCALES.glob("*/LC_MESSAGES/kiosk.po")):
        with file.open("rb") as lines:
            said = [str(text) for message in read_po(lines) if message.id for text in (message.id, message.string)]
        assert len(said) > 1000
        assert [text for text in said if "!" in text or "！" in text] == []
