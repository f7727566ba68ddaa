"""Identity numbers by the standards' own samples, and names as paper and boards may show them."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.identity import (
    STAR,
    NotANumber,
    NumberKind,
    Person,
    address_form,
    check_number,
    grouped,
    grouped_phone,
    masked_name,
    masked_phone,
    number_kind,
    surname,
    tail,
)

PEOPLE = tomllib.loads(
    (Path(__file__).parents[2] / "devices" / "simulated" / "people.toml").read_text(encoding="utf-8")
)["person"]


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("11010519491231002X", "resident"),  # samples of GB 11643-1999
        ("440524188001010014", "resident"),
        ("34052419800101001X", "resident"),
        ("810000199001010019", "hmt"),  # constructed by the standard's rule
        ("820000199001010010", "hmt"),
        ("830000199001010012", "hmt"),
        ("932682198501010017", "foreigner-2023"),  # samples of the 2023 rules
        ("911124198108030024", "foreigner-2023"),
        ("CAN110081080310", "foreigner-2017"),
        ("440524800101001", "resident-15"),
    ],
)
def test_numbers_of_every_kind_pass_without_a_doubt(number: str, kind: NumberKind) -> None:
    """Each kind is told by its shape, and its check fits."""
    assert number_kind(number) == kind
    assert check_number(number) == ()


@pytest.mark.parametrize("person", PEOPLE, ids=[person["id"] for person in PEOPLE])
def test_the_fictitious_people_have_sound_numbers(person: dict[str, str]) -> None:
    """A region that was never given out is no doubt: the place is the one at the time of issue."""
    assert number_kind(person["number"]) == person["kind"]
    assert check_number(person["number"]) == ()


@pytest.mark.parametrize(
    "number", ["11010519491231002X", "932682198501010017", "810000199001010019", "CAN110081080310"]
)
def test_any_other_check_digit_is_a_doubt(number: str) -> None:
    """One of the eleven (ten for the card of 2017) fits, no other."""
    signs = "0123456789" if number[0] == "C" else "0123456789X"
    fitting = [sign for sign in signs if check_number(number[:-1] + sign) == ()]
    assert fitting == [number[-1]]
    wrong = number[:-1] + next(sign for sign in signs if sign != number[-1])
    assert check_number(wrong) == ("check digit",)


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_mistyped_digit_is_always_noticed(place: int, by: int) -> None:
    """ISO 7064 MOD 11-2 finds every single wrong digit."""
    number = "11010519491231002X"
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    try:
        assert "check digit" in check_number(wrong)
    except NotANumber:
        assert place < 2


@pytest.mark.parametrize(
    "number", ["110105194913310025", "11010519490230002X", "440524801301001", "CAN110081133110", "110105000012310020"]
)
def test_a_day_that_never_was_is_a_doubt(number: str) -> None:
    """Noted, not refused."""
    assert "birth date" in check_number(number)


def test_a_leap_day_of_either_century_is_a_day() -> None:
    """Six digits of a birth date say no century: 000229 was a day in 2000."""
    assert "birth date" not in check_number("CAN110000022910")


@pytest.mark.parametrize(
    "number",
    [
        "",
        "1",
        "1101051949123100",  # sixteen characters
        "11010519491231002x",
        "110105194912310O21",
        "１１０１０５１９４９１２３１００２X",
        "160105194912310021",  # no province 16
        "000000000000000000",
        "9992198501010017",
        "999682198501010017",  # no province 99
        "CAN160081080310",
        "can110081080310",
        "11010519491231002X\n",
    ],
)
def test_what_is_no_number_is_refused_without_repeating_it(number: str) -> None:
    """Shape and province are the wall; the error keeps the number to itself."""
    with pytest.raises(NotANumber) as refused:
        check_number(number)
    assert not number or number not in str(refused.value)


@given(st.text(max_size=24))
def test_any_text_is_judged_or_refused(text: str) -> None:
    """Nothing but NotANumber comes out of rubbish."""
    try:
        check_number(text)
    except NotANumber:
        return
    assert text.isascii()


@pytest.mark.parametrize(
    ("name", "masked", "called"),
    [
        ("王", "王＊", "王"),
        ("王芳", "王＊", "王"),
        ("王小明", "王＊＊", "王"),
        ("王小明华", "王＊＊", "王"),
        ("欧阳", "欧＊", "欧"),  # two characters: surname 欧
        ("欧阳锋", "欧阳＊", "欧阳"),
        ("欧阳文澜", "欧阳＊＊", "欧阳"),
        ("諸葛亮", "諸葛＊", "諸葛"),
        ("爱新觉罗启明", "爱新觉罗＊＊", "爱新觉罗"),
        ("贺兰英", "贺＊＊", "贺"),
        ("阿依·买买提", "阿依＊＊", "阿依"),
        ("阿依•买买提", "阿依＊＊", "阿依"),
        ("阿卜杜克热木江·阿卜杜热西提江", "阿卜杜克热木江＊＊", "阿卜杜克热木江"),
        ("SMITH, JOHN ALEXANDER", "S＊＊", "SMITH"),
        ("Élise Martin", "É＊＊", "Élise"),
        ("Иванов Пётр", "И＊＊", "Иванов"),
        ("禤𠮷䶮", "禤＊＊", "禤"),
        ("𠮷田", "𠮷＊", "𠮷"),
        ("𠮷" * 15, "𠮷＊＊", "𠮷"),
        ("葛\U000e0100明", "葛\U000e0100＊", "葛\U000e0100"),
        ("\ue863林", "\ue863＊", "\ue863"),  # a private-use character, as older cards hold them
        ("张三   ", "张＊", "张"),
        ("", "", ""),
    ],
)
def test_names_are_masked_and_people_addressed(name: str, masked: str, called: str) -> None:
    """The masking table; a rare surname stays as it is."""
    assert masked_name(name) == masked
    assert surname(name) == called


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=2, max_size=46))
def test_a_masked_name_never_shows_the_whole(name: str) -> None:
    """It ends in one or two stars, and what stands before them is the beginning of the name, never all of it."""
    shown = masked_name(name).removesuffix(STAR).removesuffix(STAR)
    assert masked_name(name).endswith(STAR)
    assert name.startswith(shown)


def test_what_goes_with_a_name() -> None:
    """How a rider is greeted, and the digits that paper and page may show."""
    assert address_form("陈建国") == "陈师傅"
    assert address_form("欧阳文澜") == "欧阳师傅"
    assert tail("33990319680704112X") == "尾号 112X"
    assert grouped("11010519491231002X") == "1101 0519 4912 31002X"
    assert grouped("440524800101001") == "4405 2480 0101 001"
    assert masked_phone("13800000000") == "138＊＊＊＊0000"
    assert masked_phone("05930000012") == "059＊＊＊＊0012"
    assert masked_phone("12345") == "＊＊＊＊45"


def test_a_person_keeps_silent_in_logs() -> None:
    """``repr`` is what ends in a traceback: no name, number or birth date in it."""
    person = Person(
        name="王小明",
        number="11010519491231002X",
        sex="female",
        birth=date(1949, 12, 31),
        card="resident",
        valid_to=date(2026, 11, 22),
    )
    assert not any(word in repr(person) for word in ("王", "1101", "1949", "2026"))
    assert person.reference.number == "11010519491231002X"
    assert not person.expired(date(2026, 11, 22))
    assert person.expired(date(2026, 11, 23))


def test_a_telephone_to_be_checked_stands_in_groups() -> None:
    assert grouped_phone("13900000000") == "139 0000 0000"
