"""The pinyin dictionary: cutting letters into syllables, candidates in the order of use, rare characters, no memory."""

from __future__ import annotations

import builtins
import copy
import sys
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.composing import Composer
from kiosk.pinyin import FILE, LONGEST, WAYS, Dictionary, dictionary, initials
from kiosk.regions import provinces, written_places

SYLLABLES = sorted(dictionary()._syllables)


def texts(typed: str, count: int = 10) -> list[str]:
    return [candidate.text for candidate in dictionary().candidates(typed)[:count]]


@pytest.mark.parametrize(
    ("typed", "text", "within"),
    [
        ("xian", "先", 1), ("xian", "西安", 3), ("xi'an", "西安", 1), ("fangan", "方案", 2), ("fangan", "反感", 2),
        ("shequ", "社区", 1), ("huanchenglu", "环城路", 1), ("lv", "绿", 3), ("nv", "女", 1), ("lve", "略", 1),
        ("lue", "略", 1), ("nve", "虐", 1), ("jv", "据", 20), ("ydjy", "异地就医", 1), ("sbk", "社保卡", 3),
        ("zhongg", "中国", 1), ("zhg", "中国", 3), ("zg", "中国", 5), ("sheqju", "社区居", 0),
        ("wulumuqi", "乌鲁木齐", 1), ("ouyang", "欧阳", 1), ("zhangwei", "张伟", 1), ("liuan", "六安", 1),
        ("luan", "六安", 3), ("luan", "乱", 2),
        ("fujianshengxiamenshi", "福建省厦门市", 1), ("wodeshebaokadiule", "我的社保卡丢了", 1),
        ("en", "嗯", 3),
    ],
)  # fmt: skip
def test_what_is_meant_stands_among_the_first(typed: str, text: str, within: int) -> None:
    """Words before prefixes before characters; 0: not offered, for there is no such word."""
    assert (text in texts(typed, within or 1000)) is (within > 0)


def test_all_of_the_letters_first_then_ever_fewer() -> None:
    """A candidate for more letters never stands behind one for fewer."""
    for typed in ("xiamenshi", "yidijiuyi", "zhg", "xianshi"):
        taken = [candidate.letters for candidate in dictionary().candidates(typed)]
        assert taken == sorted(taken, reverse=True)
        assert taken[0] == len(typed)


def test_letters_that_are_no_pinyin_offer_nothing() -> None:
    """And what is readable before them is offered."""
    assert texts("iii") == []
    assert dictionary().candidates("beijingvi")[0].letters == len("beijing")


@pytest.mark.parametrize(
    ("character", "reading"),
    [
        ("\U00020bb7", "ji"), ("䶮", "yan"), ("㐂", "xi"), ("玥", "yue"), ("喆", "zhe"), ("堃", "kun"), ("昇", "sheng"),
        ("珺", "jun"), ("淼", "miao"), ("犇", "ben"), ("翀", "chong"),
        ("\U0002aa58", "yan"), ("\U0002cb4e", "hong"), ("\U0002c029", "wei"),
    ],
)  # fmt: skip
def test_rare_characters_of_names_are_reached_by_their_pinyin(character: str, reading: str) -> None:
    """Those outside of the plane that old systems know, and those that have no reading but that of their usual form."""
    assert character in texts(reading, 10_000)


def test_every_character_of_the_dictionary_is_offered_for_its_syllable() -> None:
    """All 44,000 characters that have a reading, none twice."""
    reached: set[str] = set()
    for syllable in SYLLABLES:
        common, rare = dictionary()._characters[syllable]
        offered = texts(syllable, 10_000)
        assert len(offered) == len(set(offered))
        assert {*common.split()[::2], *rare} <= set(offered)
        reached |= {text for text in offered if len(text) == 1}
    assert len(reached) > 43_000
    assert sum(one > "\uffff" for one in reached) > 15_000


@given(st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=6))
def test_syllables_are_cut_as_they_were_put_together(syllables: list[str]) -> None:
    """With apostrophes there is no doubt; without, every way to cut is a way to read all of it."""
    found = dictionary()
    first = found.cut("'".join(syllables)[:LONGEST])[0]
    if len("'".join(syllables)) <= LONGEST:
        assert [token.letters for token in first] == syllables
        assert all(token.whole for token in first)
    letters = "".join(syllables)
    if len(letters) <= LONGEST:
        ways = found.cut(letters)
        assert 1 <= len(ways) <= WAYS
        for way in ways:
            assert "".join(token.letters for token in way) == letters
            assert [token.end for token in way] == list(accumulate(len(token.letters) for token in way))
        assert all(token.whole for token in ways[0])


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz'", max_size=40))
def test_whatever_is_typed_is_taken(typed: str) -> None:
    """No letters are too many, none are invented, no text comes twice."""
    candidates = dictionary().candidates(typed)
    assert len({candidate.text for candidate in candidates}) == len(candidates)
    assert all(0 < candidate.letters <= len(typed) and candidate.text for candidate in candidates)


PLACES = {
    "重庆市": "cq", "长沙市": "cs", "厦门市": "xm", "六安市": "la", "蚌埠市": "bb", "亳州市": "bz", "长治市": "cz",
    "朝阳市": "cy", "乐山市": "ls", "台州市": "tz", "丽水市": "ls", "儋州市": "dz", "吉林市": "jl", "东营市": "dy",
    "长春市": "cc", "宿州市": "sz", "泸州市": "lz", "漯河市": "lh", "濮阳市": "py", "衢州市": "qz", "临沧市": "lc",
    "嘉峪关市": "jyg", "巴彦淖尔市": "byne", "鄂尔多斯市": "eeds", "齐齐哈尔市": "qqhe", "大理白族自治州": "dl",
    "乐东黎族自治县": "ld", "澄迈县": "cm", "郴州市": "cz", "抚州市": "fz", "宜春市": "yc", "兴安盟": "xa",
    "阿坝藏族羌族自治州": "ab", "克孜勒苏柯尔克孜自治州": "kzls",
}  # fmt: skip


@pytest.mark.parametrize(("name", "letters"), PLACES.items())
def test_places_are_read_as_people_say_them(name: str, letters: str) -> None:
    """Also where one of their characters is mostly read otherwise."""
    spelled = dictionary().spell([name])[name]
    assert len(spelled) == len(name)
    for letter, readings in zip(letters, spelled, strict=False):
        assert any(reading.startswith(letter) for reading in readings)


FULL = {
    "重庆": "chongqing", "长沙": "changsha", "厦门": "xiamen", "六安": "luan", "蚌埠": "bengbu", "亳州": "bozhou",
    "长治": "changzhi", "朝阳": "chaoyang", "乐山": "leshan", "儋州": "danzhou", "宿州": "suzhou", "漯河": "luohe",
    "濮阳": "puyang", "衢州": "quzhou", "阿坝": "aba", "巴彦淖尔": "bayannaoer", "大理": "dali", "乐东": "ledong",
    "郴州": "chenzhou", "西藏": "xizang", "内蒙古": "neimenggu", "吐鲁番": "tulufan", "绥化": "suihua",
    "滁州": "chuzhou",
}  # fmt: skip


@pytest.mark.parametrize(("name", "typed"), FULL.items())
def test_places_are_written_by_their_pinyin(name: str, typed: str) -> None:
    """Among the first candidates of the keyboard, though a general dictionary lacks a third of them."""
    assert any(text.startswith(name) for text in texts(typed, 12))


def test_every_place_can_be_read() -> None:
    """No character of a province or city is unknown to the dictionary."""
    spelled = dictionary().spell(written_places())
    assert len(spelled) > 340 + len(provinces())
    assert all(reading.isascii() for readings in spelled.values() for one in readings for reading in one)
    assert initials(spelled["福建省"]) == "fjs"


# ---- Composing -------------------------------------------------------------------------------------------------------


def test_a_text_grows_word_by_word() -> None:
    """A candidate takes its letters, the rest goes on."""
    composer = composing(20)
    for letter in "huanchenglujiedao":
        composer.type(letter)
    composer.choose(next(one for one in composer.candidates if one.text == "环城路"))
    assert (composer.written, composer.letters) == ("环城路", "jiedao")
    composer.choose(composer.candidates[0])
    assert (composer.written, composer.letters, composer.candidates) == ("环城路街道", "", [])
    composer.put("1")
    composer.delete()
    composer.delete()
    assert composer.written == "环城路街"


@pytest.mark.parametrize(
    ("letters", "seen"),
    [
        ("fujiansheng", "fu jian sheng"), ("xi'an", "xi an"), ("zhg", "zh g"), ("jvzhu", "jv zhu"),
        ("beijingvi", "bei jing vi"), ("iii", "iii"),
    ],
)  # fmt: skip
def test_letters_are_shown_by_the_syllable(letters: str, seen: str) -> None:
    """A long row of letters cannot be read over."""
    composer = composing(20)
    for letter in letters:
        composer.type(letter)
    assert (composer.letters, composer.spaced) == (letters, seen)


def test_delete_takes_letters_before_characters() -> None:
    """As the eye expects: from the right."""
    composer = composing(20, "张")
    composer.type("w")
    composer.type("e")
    composer.delete()
    assert (composer.written, composer.letters) == ("张", "w")
    composer.delete()
    composer.delete()
    composer.delete()
    assert (composer.written, composer.letters) == ("", "")


def test_a_figure_settles_the_letters_before_it() -> None:
    """They become what they most likely are; nothing that was typed is lost in silence."""
    composer = composing(20)
    for letter in "shequ":
        composer.type(letter)
    composer.put("3")
    assert composer.written == "社区3"


def test_no_text_is_longer_than_asked_for() -> None:
    """Candidates that are too long are not offered."""
    composer = composing(2, "欧")
    for letter in "yangyang":
        composer.type(letter)
    assert composer.candidates
    assert all(len(candidate.text) == 1 for candidate in composer.candidates)
    composer.put("123")
    assert len(composer.written) == 2


@pytest.fixture
def written_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """What is opened for writing while the test runs."""
    opened: list[object] = []
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
            opened.append(arguments[0])

    sys.addaudithook(watch)  # there is no way to take one off again
    yield opened
    watching = False


def test_nothing_is_learnt_and_nothing_is_written(written_files: list[object]) -> None:
    """The dictionary after an afternoon of typing is the dictionary of the morning."""
    found = dictionary()
    before = copy.deepcopy(vars(found))
    first = texts("zhangwei")
    for _visit in range(3):
        composer = composing(20)
        for letter in "zhangwei":
            composer.type(letter)
        composer.choose(composer.candidates[2])
    assert texts("zhangwei") == first
    assert vars(found) == before
    assert written_files == []
    with builtins.open(Path(FILE).parent / "control", "w") as control:  # the watch is awake
        control.write("")
    Path(control.name).unlink()
    assert written_files


def test_without_a_dictionary_there_are_no_candidates() -> None:
    """Figures and Latin letters are written all the same."""
    composer = Composer(lambda: Dictionary({}, {}), 20)
    composer.type("x")
    assert composer.candidates == []
    composer.put("A")
    assert composer.written == "A"


def composing(longest: int, written: str = "") -> Composer:
    return Composer(dictionary, longest, written)
