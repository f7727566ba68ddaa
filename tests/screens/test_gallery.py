"""The gallery hangs every kind of page and every widget, in every manner, speaks as the kiosk does, and needs nothing
from outside.
"""

from __future__ import annotations

import inspect
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from kiosk import pages, readers
from kiosk.contract.numbers import read_number
from kiosk.identification import _page
from kiosk.identity import Shown
from screens import banner, countdown, qr_code, receipt_preview, stepper, table, widgets
from screens.gallery import hall, plates, questions
from screens.gallery.people import NUMBER
from screens.gallery.samples import SAMPLES, Doing
from screens.layout import Block
from tests.screens.glass import Glass

HOUSE = Path(__file__).parents[2]
HAN = re.compile("[〇㐀-鿿]")
SENTENCE = re.compile(r"[^。\n]+。?")
OF_NOBODY = re.compile(
    r"(欧阳|林|𠮷)＊＊  尾号 \d{3}[\dX](，.*起)?|福建省 (宁德|厦门)市|新疆维吾尔自治区 ?巴音郭楞.*|阿依古丽.*|𠮷䶮.*"
    r"|宁德示范银行|闽东快送服务部|环城路社区.*|\d{4}年\d+月(\d+日)?(起|到\d{4}年\d+月)?|[\d,.]+ 元"
    r"|热饭在右手第二个柜子。|\d 次|第 \d 项|(一二三四五六七八九十)+|本人知道：承诺不实的.*"
)
"""People, places, amounts and days, and what makes a page as long as it can be."""


def gallery(*options: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", "--data", str(data), "gallery", *options],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_saves_a_picture_in_every_manner_and_an_index(tmp_path: Path) -> None:
    """The index shows all of them, and only what lies beside it."""
    done = gallery("--out", str(tmp_path / "g"), "--only", "widget-key", data=tmp_path / "data")
    assert done.returncode == 0, done.stderr
    index = (tmp_path / "g" / "index.html").read_text("utf-8")
    named = set(re.findall(r'(?:src|href)="([^"#]+)"', index))
    assert named == {file.name for file in (tmp_path / "g").glob("*.png")}
    assert len(named) == len(hall.MODES)
    assert "//" not in index
    pictures = {file.read_bytes() for file in (tmp_path / "g").glob("*.png")}
    assert len(pictures) > len(named) / 2, "the manners can be told from each other"


def test_a_name_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = gallery("--out", str(tmp_path / "g"), "--only", "no-such-page", data=tmp_path / "data")
    assert done.returncode == 2
    assert "no-such-page" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_kind_of_page_hangs_there() -> None:
    kinds = {kind for kind in vars(pages).values() if isinstance(kind, type) and issubclass(kind, pages.Page)}
    shown = {type(exhibit.page) for exhibit in hall.exhibits()}
    assert kinds - shown == {pages.Page}


@pytest.mark.asyncio(loop_scope="session")
async def test_every_widget_hangs_there(glass: Glass) -> None:
    """Each class that draws one, on a plate; what others are made of draws nothing itself."""
    drawn: set[str] = set()
    for plate in plates.PLATES.values():
        await glass.show(plate)
        drawn |= {type(widget).__name__ for widget in glass.stage.walk()}
    missing = {
        kind.__name__
        for home in (widgets, banner, countdown, qr_code, receipt_preview, stepper, table)
        for kind in vars(home).values()
        if inspect.isclass(kind) and issubclass(kind, Block) and kind.__module__ == home.__name__
        if not kind.__subclasses__()
    } - drawn
    assert missing == set()


def test_the_gallery_speaks_as_the_kiosk_does() -> None:
    """Every word of a sample is one of the kiosk's code or tables, but for whom and what it is about."""
    program = runpy.run_path(str(HOUSE / "packaging" / "texts.py"))
    texts = {text for _file, text in program["texts"]()}
    texts |= {sentence for text in texts for sentence in SENTENCE.findall(text)}
    known = [
        re.compile(re.sub(r"\\\{.*?\\\}", "[^，。]+", re.escape(text)))
        for text in texts
        if len(HAN.findall(re.sub(r"\{.*?\}", "", text))) > 1 and "{" in text
    ]

    def is_known(text: str) -> bool:
        return text in texts or OF_NOBODY.fullmatch(text) is not None or any(one.fullmatch(text) for one in known)

    strange = {
        f"{name}: {text}"
        for name, (page, head) in SAMPLES.items()
        for text in words_of((page, head))
        if HAN.search(text) and not is_known(text) and not all(map(is_known, SENTENCE.findall(text)))
    }
    assert sorted(strange) == []


def words_of(value: object) -> Iterator[str]:
    """What stands on the glass."""
    match value:
        case str():
            yield value
        case tuple():
            for inner in value:
                yield from words_of(inner)
        case _ if is_dataclass(value) and not isinstance(value, type):
            for part in fields(value):
                # By ``words`` an option is found; its value is what it answers.
                if part.name != "words" and not (part.name == "value" and isinstance(value, pages.Option)):
                    yield from words_of(vars(value)[part.name])


def test_registration_numbers_are_whole() -> None:
    """With the five characters by which they are looked up."""
    found = {number for page in SAMPLES.values() for text in words_of(page) for number in re.findall(r"K001-\S+", text)}
    found = {number for number in found if HAN.search(number) is None} | {NUMBER}
    assert len(found) > 2
    for number in found - {"K001-26-"}:
        assert str(read_number(number)) == number


def test_a_card_is_asked_for_as_the_kiosk_asks() -> None:
    """With the other ways, after a failure too; and without network, where a code was shown."""
    ways: list[Shown] = ["id-card", "social-card", "code"]
    without_network = readers.Problem(words=questions.CODE_OFFLINE.problem)
    for sample, problem in (
        (questions.CARD, readers.NOTHING),
        (questions.CARD_AGAIN, readers.not_read()),
        (questions.SLOT, readers.social_card_not_read()),
        (questions.PHONE_CODE, readers.NOTHING),
        (questions.CODE_OFFLINE, without_network),
    ):
        assert sample == _page(ways, sample.way, problem)


def test_a_sample_of_trouble_stands_on_a_machine_that_has_it() -> None:
    """The head says what the page says."""
    doing = {exhibit.name: exhibit.doing for exhibit in hall.exhibits()}
    assert doing["result-not-printed"].printer == doing["done-without-paper"].printer == "lost"
    assert not doing["card-without-network"].network
    assert not doing["notice"].network
    assert doing["card"] == Doing()
