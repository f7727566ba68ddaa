"""The table of places agrees with the standard's structure, and names are written as people write them."""

from __future__ import annotations

import re

import pytest

from kiosk.regions import ProvincePlaces, UnknownPlace, city_name, place_name, provinces

MUNICIPALITIES = {"110000", "120000", "310000", "500000"}

# Prefecture-level units per province as of 2023 (民政部), and county-level units under the province directly.
PREFECTURES = {
    "13": 11, "14": 11, "15": 12, "21": 14, "22": 9, "23": 13, "32": 13, "33": 11, "34": 16, "35": 9, "36": 11,
    "37": 16, "41": 17, "42": 13, "43": 14, "44": 21, "45": 14, "46": 4, "51": 21, "52": 9, "53": 16, "54": 7,
    "61": 10, "62": 14, "63": 8, "64": 5, "65": 14,
}  # fmt: skip
COUNTIES = {"41": 1, "42": 4, "46": 15, "65": 12}


def test_thirty_one_provinces_and_333_prefectures() -> None:
    """The counts are those that the ministry publishes."""
    assert len(provinces()) == 31
    assert sum(PREFECTURES.values()) == 333


@pytest.mark.parametrize("row", provinces(), ids=[row.name for row in provinces()])
def test_each_province_holds_what_the_standard_gives_it(row: ProvincePlaces) -> None:
    """Prefectures and direct county-level units, counted apart."""
    codes = [place.code for place in row.cities]
    if row.code in MUNICIPALITIES:
        assert codes == [row.code]
        return
    counties = [code for code in codes if code[2:4] == "90"]
    assert len(codes) - len(counties) == PREFECTURES[row.code[:2]]
    assert len(counties) == COUNTIES.get(row.code[:2], 0)
    assert codes == sorted(codes)


def test_codes_are_unique_six_digits_under_their_province() -> None:
    """First two digits are the province's; prefectures end in 00; no code and no place stands twice."""
    codes = [place.code for row in provinces() for place in row.cities]
    assert len(set(codes)) == len(codes)
    for row in provinces():
        assert re.fullmatch(r"[1-6]\d0000", row.code)
        assert len({place.name for place in row.cities}) == len(row.cities)
        for place in row.cities:
            assert re.fullmatch(r"\d{6}", place.code)
            assert place.code[:2] == row.code[:2]
            assert place.code.endswith("00") or place.code[2:4] == "90"
            assert re.fullmatch(r"[㐀-鿿]+(市|地区|盟|自治州|县|自治县|林区)", place.name), place


@pytest.mark.parametrize(
    ("code", "written", "city"),
    [
        ("350200", "福建省 厦门市", "厦门市"),
        ("310000", "上海市", "上海市"),
        ("350000", "福建省", "福建省"),
        ("653000", "新疆维吾尔自治区 克孜勒苏柯尔克孜自治州", "克孜勒苏柯尔克孜自治州"),
        ("429021", "湖北省 神农架林区", "神农架林区"),
    ],
)
def test_names_as_people_write_them(code: str, written: str, city: str) -> None:
    """Province, then city; a municipality once."""
    assert place_name(code) == written
    assert city_name(code) == city


@pytest.mark.parametrize("code", ["", "35", "350299", "999999", "福建"])
def test_an_unknown_code_is_named_or_shown(code: str) -> None:
    """``city_name`` refuses it by name; ``place_name`` keeps the page standing."""
    assert place_name(code) == code
    with pytest.raises(UnknownPlace) as refused:
        city_name(code)
    assert refused.value.code == code
