"""Writing on the glass: pinyin and its candidates, figures, searching for a service and for a place."""

from __future__ import annotations

import gc
from dataclasses import replace

import pytest

from kiosk.manner import Manner
from kiosk.pages import Head, Option
from kiosk.pinyin import dictionary
from kiosk.texts import Language, spoken
from screens.candidates import BEFORE, LESS, MORE, NEXT
from screens.choose_place import ChoosePlaceView
from screens.findings import OTHER
from screens.gallery.questions import ADDRESS, NAME, PLACE, SEARCH
from screens.search import SearchView
from screens.text import Text
from screens.theme import Rect, Theme
from screens.touch import Target
from screens.view import Setting
from screens.widgets import ListRow
from screens.words import WordsView
from tests.face.pseudo import spoken_pseudo
from tests.face.rules import judge
from tests.monkey.leftovers import Sought, _texts_from
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEAD = Head(title="办事")


async def write(glass: Glass, letters: str) -> None:
    """Presses the keys of these letters or figures."""
    for letter in letters:
        await glass.finger.press(f"key:{letter}")


def said(target: Target) -> str:
    return next(widget.text for widget in target.walk(restrict=True) if isinstance(widget, Text))


def seen(glass: Glass) -> str:
    """All that stands on the glass."""
    return " ".join(widget.text for widget in glass.stage.walk() if isinstance(widget, Text))


@pytest.mark.parametrize("manner", [Manner(), Manner(care=True, larger=True)], ids=["normal", "largest"])
async def test_an_address_is_written_with_words_figures_and_letters(glass: Glass, manner: Manner) -> None:
    """Pinyin for words, 123 for figures and 号, ABC for letters; and it is the answer."""
    glass.stage.dress(manner)
    await glass.show(ADDRESS, HEAD)
    await write(glass, "huanchenglu")
    await glass.finger.choose("环城路")
    await glass.finger.press("key:switch")
    await write(glass, "12号3")
    await glass.finger.press("key:delete")
    await glass.finger.press("key:switch")
    await write(glass, "B")
    await glass.finger.press("key:switch")
    await write(glass, "zuo")
    await glass.finger.choose("座")
    await glass.finger.press("action")
    assert await glass.answer() == "环城路12号B座"


async def test_the_finger_writes_what_the_tour_wants(glass: Glass) -> None:
    """Character by character, by what stands on the glass."""
    shown = await glass.show(ADDRESS, HEAD)
    await glass.finger.answer(shown, "西街5号A座")
    assert await glass.answer() == "西街5号A座"


async def test_a_name_with_rare_characters_is_written_by_pinyin(glass: Glass) -> None:
    """𠮷 has no reading but that of 吉, 㐂 none but that of 喜; each is drawn by a font that has it."""
    await glass.show(NAME, HEAD)
    for reading, character in (("ouyang", "欧阳"), ("ji", "\U00020bb7"), ("xi", "㐂")):
        await write(glass, reading)
        await glass.finger.choose(character)
    assert "欧阳\U00020bb7㐂" in seen(glass)
    await glass.finger.press("key:switch")
    await write(glass, "·")
    await glass.finger.press("action")
    assert await glass.answer() == "欧阳\U00020bb7㐂·"


async def test_nothing_is_answered_while_letters_are_left(glass: Glass) -> None:
    """Or while nothing is written: the action waits."""
    await glass.show(NAME, HEAD)
    assert "action" not in glass.finger.offered()
    await write(glass, "zhangs")
    assert "action" not in glass.finger.offered()
    await glass.finger.choose("张")
    assert "action" not in glass.finger.offered()
    await glass.finger.press("key:delete")
    await glass.finger.press("action")
    assert await glass.answer() == "张"


async def test_an_earlier_answer_stands_there(glass: Glass) -> None:
    """Back shows what was written."""
    await glass.show(NAME, HEAD, draft="王小明")
    assert "王小明" in seen(glass)
    await glass.finger.press("key:delete")
    await glass.finger.press("action")
    assert await glass.answer() == "王小"


async def test_what_was_written_stands_there_after_a_change_of_manner(glass: Glass) -> None:
    """The text, the letters and the kind of keys; where a place was being written, that too."""
    await glass.show(ADDRESS, HEAD)
    await write(glass, "xijie")
    await glass.finger.choose("西街")
    await write(glass, "xi")
    glass.stage._resized(None, 0, 0)
    assert "西街" in seen(glass)
    assert "西" in shown_candidates(glass)
    await glass.show(PLACE, HEAD)
    await glass.finger.press("place:write")
    await write(glass, "qz")
    glass.stage._resized(None, 0, 0)
    assert "福建省泉州市" in glass.finger.offered()


async def test_candidates_are_paged_there_and_back(glass: Glass) -> None:
    """更多字 lays them over the keys from the first on; no page is empty, none repeats another; the keys come back."""
    await glass.show(NAME, HEAD)
    await write(glass, "yi")
    row = shown_candidates(glass)
    await glass.finger.press(MORE)
    first = shown_candidates(glass)
    assert first[: len(row)] == row
    assert len(first) >= 24
    assert "key:a" not in glass.finger.offered()
    assert BEFORE not in glass.finger.offered()
    await glass.finger.press(NEXT)
    second = shown_candidates(glass)
    assert second
    assert not set(first) & set(second)
    await glass.finger.press(BEFORE)
    assert shown_candidates(glass) == first
    await glass.finger.press(LESS)
    assert shown_candidates(glass) == row
    await write(glass, "n")
    assert "因" in shown_candidates(glass)


def shown_candidates(glass: Glass) -> list[str]:
    targets = [one for one in glass.stage.walk() if isinstance(one, Target) and str(one.means).startswith("candidate:")]
    return [said(target) for target in sorted(targets, key=lambda target: (-target.y, target.x))]


async def test_a_key_changes_only_what_it_must(glass: Glass) -> None:
    """The page is not laid out again with each letter: the keys are the same widgets."""
    await glass.show(ADDRESS, HEAD)
    before = {id(one) for one in glass.stage.walk() if isinstance(one, Target) and str(one.means).startswith("key:")}
    await write(glass, "xi")
    after = {id(one) for one in glass.stage.walk() if isinstance(one, Target) and str(one.means).startswith("key:")}
    assert before == after
    assert "西" in shown_candidates(glass)


async def test_a_service_is_found_by_letters_and_by_characters(glass: Glass) -> None:
    """The example of the home page, 卡丢了, both ways."""
    await glass.show(SEARCH, HEAD)
    await write(glass, "kdl")
    await glass.finger.press("lost")
    assert await glass.answer() == "lost"
    await glass.show(SEARCH, HEAD)
    await write(glass, "gaoxueya")
    await glass.finger.choose("高血压")
    await glass.finger.press("chronic")
    assert await glass.answer() == "chronic"


async def test_what_is_not_found_is_said(glass: Glass) -> None:
    """And taking a letter back finds again."""
    await glass.show(SEARCH, HEAD)
    await write(glass, "kdq")
    assert SEARCH.nothing in seen(glass)
    await glass.finger.press("key:delete")
    assert "lost" in glass.finger.offered()


@pytest.mark.parametrize("larger", [False, True], ids=["care", "larger"])
async def test_a_name_found_alone_has_two_lines(glass: Glass, larger: bool) -> None:
    """Where what is found stands one at a time, and one line does not hold it."""
    office = Option(value="office", label="厦门市湖里区禾山街道社区卫生服务中心")
    glass.stage.dress(Manner(care=True, low=True, larger=larger))
    await glass.show(replace(SEARCH, options=(office, replace(office, value="other"))), HEAD)
    (row,) = (one for one in glass.stage.walk() if isinstance(one, ListRow) and one.means == "office")
    assert said(row) == office.label
    assert len(row.label.lines) == 2
    assert judge(glass.stage).violations == []


async def test_of_a_name_without_room_both_ends_are_shown(glass: Glass) -> None:
    """Where two lines do not hold it: offices of one district differ at the end."""
    begins = "新疆维吾尔自治区巴音郭楞蒙古自治州和静县巴音布鲁克镇社区卫生服务中心"
    offices = [Option(value=which, label=f"{begins}第{which}服务站") for which in "一二"]
    glass.stage.dress(Manner(care=True, low=True))
    await glass.show(replace(SEARCH, options=tuple(offices)), HEAD)
    shown = set()
    for office in offices:
        assert office.value in glass.finger.offered()
        (row,) = (one for one in glass.stage.walk() if isinstance(one, ListRow) and one.means == office.value)
        beginning, end = said(row).split("…")
        assert len(row.label.lines) == 2
        assert len(beginning) >= 8
        assert begins.startswith(beginning)
        assert office.label.endswith(end)
        shown.add(end)
        await glass.finger.press(OTHER)
    assert len(shown) == len(offices)
    assert judge(glass.stage).violations == []


@pytest.mark.parametrize("care", [False, True], ids=["normal", "care"])
async def test_a_place_is_found_by_writing_it(glass: Glass, care: bool) -> None:
    """City at once, or province and then its cities; 返回 leads back to the tiles."""
    glass.stage.dress(Manner(care=care))
    await glass.show(PLACE, HEAD)
    await glass.finger.press("place:write")
    await write(glass, "qz")
    await glass.finger.press("福建省泉州市")
    assert await glass.answer() == "福建省泉州市"
    await glass.show(PLACE, HEAD)
    await glass.finger.press("place:write")
    await write(glass, "hns")
    await glass.finger.press("province:海南省")
    assert "海南省三沙市" in glass.finger.offered()
    await glass.show(PLACE, HEAD)
    await glass.finger.press("place:write")
    await glass.finger.press("foot:back")
    assert "place:other" in glass.finger.offered()


async def test_nothing_typed_is_left_after_the_wipe(glass: Glass) -> None:
    """No text that can be reached from the glass or from the dictionary has what was written or composed."""
    await glass.show(ADDRESS, HEAD)
    await write(glass, "wangjinqiao")
    await glass.finger.choose("网")
    assert leftover(glass), "the search finds what stands there"
    await glass.leave()
    glass.stage.wipe()
    gc.collect()
    assert not leftover(glass)


def leftover(glass: Glass) -> list[str | bytes]:
    typed = Sought(("jinqiao", "wangjin", "jin qiao"))
    return [text for text, _holder in _texts_from([glass.stage, dictionary()]) if typed.told_by(text)]


ZONES = [(280, 177), (280, 155), (280, 149), (240, 192), (240, 184), (370, 300)]
"""Millimetres of answer zones: across and in low position, in each text size, and the largest panel's."""


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("care", [False, True], ids=["normal", "care"])
async def test_they_fit_where_the_answers_have_little_height(glass: Glass, care: bool, language: Language) -> None:
    """Fewer of the found, the action beside the field, broad rows of keys: never more than the zone."""
    with spoken(language):
        for larger in (False, True):
            panel = Rect(x=0, y=0, width=1920, height=1080)
            look = Theme(panel, 21.5, Manner(care=care, larger=larger, language=language))
            setting = Setting(
                look=look, gate=glass.stage.gate, head=HEAD, answer=lambda _value: None, refresh=lambda: None,
                now=glass.stage._now, status=lambda: glass.stage._status,
            )  # fmt: skip
            for width, height in ZONES:
                zone = Rect(x=0, y=0, width=look.mm(width), height=look.mm(height))
                place = ChoosePlaceView(setting, PLACE, None)
                place._write()
                for view in (WordsView(setting, ADDRESS, None), SearchView(setting, SEARCH), place):
                    needed = view.answer(zone).fit(zone.width)
                    assert needed <= zone.height + 1, (type(view).__name__, width, height, larger)


@pytest.mark.parametrize("larger", [False, True], ids=["usual", "larger"])
async def test_words_on_keys_have_room_however_long_they_are(glass: Glass, larger: bool) -> None:
    """The longer of two words takes what the other spares; where both are long they have a row of their own."""
    glass.stage.dress(Manner(language="en", larger=larger))
    with spoken_pseudo():
        for sample in (ADDRESS, NAME):
            await glass.show(sample, HEAD)
            for _layer in range(3):
                assert not [fault for fault in judge(glass.stage).violations if "leaves its surface" in fault]
                await glass.finger.press("key:switch")
