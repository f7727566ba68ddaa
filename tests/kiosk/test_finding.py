"""Searching by what people write: the rules, and places. Services are tested with their tables (test_catalog.py)."""

from __future__ import annotations

import pytest

from kiosk.finding import Finder
from kiosk.journeys.places import choose_place
from kiosk.pages import Option
from kiosk.pinyin import dictionary
from kiosk.texts import spoken

PAGE = choose_place("place", "", "", ())
PLACES = [city for province in PAGE.provinces for city in province.cities]


@pytest.fixture(scope="module")
def places() -> Finder[str]:
    return Finder(PLACES, dictionary())


def found(finder: Finder[str], written: str, letters: str = "", count: int = 3) -> list[str]:
    return [option.label for option in finder.find(written, letters)[:count]]


@pytest.mark.parametrize(
    ("letters", "name"),
    [
        ("xm", "厦门市"), ("cq", "重庆市"), ("chongqing", "重庆市"), ("changsha", "长沙市"), ("luan", "六安市"),
        ("liuan", "六安市"), ("bengbu", "蚌埠市"), ("bozhou", "亳州市"), ("fjxm", "厦门市"), ("fujianxiamen", "厦门市"),
        ("yanbian", "延边朝鲜族自治州"), ("xsbn", "西双版纳傣族自治州"), ("hhht", "呼和浩特市"), ("ls'a", "拉萨市"),
        ("zhangjiak", "张家口市"), ("zjk", "张家口市"), ("qiqihaer", "齐齐哈尔市"), ("lvliang", "吕梁市"),
    ],
)  # fmt: skip
def test_a_place_is_found_by_first_letters_and_by_pinyin(places: Finder[str], letters: str, name: str) -> None:
    """However far it is written, with or without its province."""
    assert name in found(places, "", letters, count=9 if len(letters) < 4 else 3)


def test_every_place_is_found_by_its_characters_first(places: Finder[str]) -> None:
    """The short name is enough where no other begins so."""
    for place in PLACES:
        assert found(places, place.label)[0] == place.label
        assert place.label in found(places, place.label[:2], count=3)


def test_every_place_is_found_by_each_of_its_readings(places: Finder[str]) -> None:
    """All of the pinyin is typed: among the first three."""
    spelled = dictionary().spell(place.label for place in PLACES)
    for place in PLACES:
        assert place.label in found(places, "", "".join(readings[0] for readings in spelled[place.label]))


def test_in_english_a_place_is_found_by_both_names() -> None:
    """As it stands on the page, and as it is said."""
    with spoken("en"):
        page = choose_place("place", "", "", ())
        finder = Finder([city for province in page.provinces for city in province.cities], dictionary())
    assert found(finder, "", "hohhot")[0] == "Hohhot"
    assert found(finder, "", "huhehaote")[0] == "Hohhot"


OPTIONS = [
    Option(value="part", label="去社保局"),
    Option(value="begins", label="社保缴费"),
    Option(value="word", label="New card", words=("办 社保",)),
    Option(value="whole", label="社保"),
]


def test_the_whole_comes_before_the_beginning_before_a_part() -> None:
    """Whichever comes first in the list."""
    finder = Finder(OPTIONS, dictionary())
    order = ["whole", "begins", "word", "part"]
    assert [option.value for option in finder.find("社保")] == order
    assert [option.value for option in finder.find("", "sb")] == order
    assert [option.value for option in finder.find("社", "b")] == order
    assert [option.value for option in finder.find("", "newc")] == ["word"]
    assert [option.value for option in finder.find("")] == [option.value for option in OPTIONS]


def test_nothing_is_found_by_what_nothing_has() -> None:
    """Neither by letters that are no pinyin of it, nor by one character that is nowhere."""
    finder = Finder(OPTIONS, dictionary())
    assert finder.find("", "xyz") == []
    assert finder.find("猫") == []
    assert finder.find("猫和狗") == []
    assert [option.value for option in finder.find("大社保猫")] == ["whole"]
