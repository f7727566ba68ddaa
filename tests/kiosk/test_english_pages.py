"""An English page is English: what stands in Chinese on one is a name, or what an authority wrote."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pytest

from kiosk import texts
from kiosk.pages import Attract, PlaceCard, ReceiptPreview, Sheet
from kiosk.settings import Site
from tests.face import live, papers
from tests.face.pages import _MATTERS, PERSON, UNIT, WORKERS, real_pages
from tests.kiosk.english import compiled_english

HOUSE = Path(__file__).parents[2]
CHINESE = re.compile("[〇㐀-鿿\u3000-\u303f\uff00-\uff09\uff0b-\uffef]")
"""Han characters and the marks of Chinese text; the star that hides a part of a name or number is none."""
NAMES = (
    Site().name,
    PERSON.name,
    PERSON.name.partition("·")[0],
    *WORKERS,
    UNIT,
    "社保缴费",
    "城乡居民医保",  # what the tax authority calls it, which is looked for
    "国家医保服务平台",  # an app, which is found under this name
    "卡丢了",  # what is looked for, as an example
    "这个人的参保已经结束。请家人带证件到窗口开。",  # what an authority wrote
    "本月已开过三次。下个月可以再开；着急用的，带身份证到参保地的窗口开。",
    "约在11月24日 09:00到11:30。",  # what central wrote of an appointment
    "存到手机",  # what stands on the key of the phone's page, which is Chinese
    live.BANK,
    "医保个人账户家庭共济",  # what is tapped in an app
    *(text + mark for text in (*live.AUTHORITY_SAYS, *papers.AUTHORITY_SAYS) for mark in ("。", "")),
    *(matter.text + mark for matter in _MATTERS if matter is not None and matter.text for mark in ("。", "")),
)


@pytest.fixture
def english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """English is spoken."""
    monkeypatch.setattr(texts, "LOCALES", compiled_english(tmp_path / "locale"))
    with texts.spoken("en"):
        yield


async def test_no_chinese_stands_on_an_english_page(english: None, tmp_path: Path) -> None:
    """Of every page of every journey with the longest that it can hold."""
    pages = await real_pages(tmp_path / "data")
    assert sum(isinstance(page, PlaceCard) for page, _head in pages.values()) > 1
    left = {
        f"{name}: {text}"
        for name, (page, head) in pages.items()
        for text in strings((without_paper(page), head))
        if CHINESE.search(bare(text)) and not (isinstance(page, Attract) and text in page.also)
    }
    assert sorted(left) == []


def test_every_chinese_text_of_the_code_passes_through_the_translation() -> None:
    """In kiosk/ and screens/ but for what is not for residents: dock, gallery, patterns and recordings."""
    left = {
        text
        for room in ("kiosk", "screens")
        for file in (HOUSE / room).rglob("*.py")
        if not {"dock", "gallery", "regions.py", "sentences.py"} & {*file.parts}
        for text in untranslated(ast.parse(file.read_text(encoding="utf-8")))
        if re.search("[〇㐀-鿿]", text)
    }
    assert left == {
        Site().name, "林芳", "郑明",  # names
        "中文",  # a language says its own name
        "姓名",  # in the lines that a worker's entry in the settings begins with
        "未参保",  # what no entry of the catalogue may call anybody
        "沈小满", "林秀英",  # whom the tour enrols, and lets use an account
        "\u3400", "\u9fff", "您0",  # not read by anybody
        "1234567890号楼室栋幢组村巷弄·-#/().",  # what keys write
        "一的了个是不这那",  # by which no character is told apart
    }  # fmt: skip


def without_paper(page: object) -> object:
    """A receipt is in both languages; on the page that shows it all else is in the visit's."""
    return replace(page, sheet=Sheet(blocks=())) if isinstance(page, ReceiptPreview) else page


def bare(text: str) -> str:
    for name in NAMES:
        text = text.replace(name, "")
    return text


def strings(value: object) -> Iterator[str]:
    """All texts of a page."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for inner in value:
            yield from strings(inner)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            if part.name != "words":  # by which an option is found; they are not shown
                yield from strings(vars(value)[part.name])


def untranslated(code: ast.Module) -> Iterator[str]:
    """Strings that are neither in ``_()`` nor a docstring."""
    fine = set()
    for node in ast.walk(code):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
            fine |= {id(inner) for inner in ast.walk(node)}
        elif isinstance(node, ast.Expr):
            fine.add(id(node.value))
    for node in ast.walk(code):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in fine:
            yield node.value
