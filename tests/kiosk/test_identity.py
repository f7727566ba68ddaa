"""Identity numbers by the standards' own samples, and names as paper and boards may show them."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devices.card_text import IdCard, parse_card
from devices.simulated.people import Person as SimulatedPerson
from devices.simulated.people import load_people
from kiosk.identity import (
    STAR,
    Doubt,
    IdCardKind,
    NotANumber,
    NumberKind,
    Person,
    Sex,
    address_form,
    check_number,
    doubts_of,
    grouped,
    grouped_phone,
    is_mobile,
    masked_name,
    masked_phone,
    number_kind,
    surname,
    tail,
)

PEOPLE = list(load_people().values())


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


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.id)
def test_the_fictitious_people_have_sound_numbers(person: SimulatedPerson) -> None:
    """A region that was never given out is no doubt: the place is the one at the time of issue."""
    assert number_kind(person.number) == person.kind
    assert check_number(person.number) == ()


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


def card(
    *,
    kind: IdCardKind = "resident",
    number: str = "11010519491231002X",
    sex: Sex = "female",
    birth: date = date(1949, 12, 31),
    valid_from: date = date(2020, 1, 1),
    valid_to: date | None = None,
) -> IdCard:
    """The sample of the standard on a card that adds up."""
    return IdCard(kind=kind, name="张三", number=number, sex=sex, birth=birth, valid_from=valid_from, valid_to=valid_to)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.id)
def test_the_cards_of_the_fictitious_people_add_up(person: SimulatedPerson) -> None:
    """All four kinds, an expired one, and regions that were never given out."""
    assert doubts_of(parse_card(person.card().text)) == ()


@pytest.mark.parametrize(
    ("seen", "doubts"),
    [
        (card(), ()),
        (card(sex="unknown"), ()),
        (card(sex="unstated"), ()),
        (card(sex="male"), ("printed sex",)),
        (card(birth=date(1949, 12, 30)), ("printed birth",)),
        (card(number="110105194912310021"), ("check digit",)),
        (card(number="999999194912310021"), ("no number",)),
        (card(number="?"), ("no number",)),
        (card(number="110105491231002"), ("number of another kind",)),
        (card(kind="hmt", valid_to=date(2025, 1, 1)), ("number of another kind",)),
        (card(number="CAN110049123110", sex="male"), ("check digit", "number of another kind")),
        (card(number="11010519490230002X"), ("birth date", "check digit", "printed birth")),
        (card(valid_to=date(2040, 1, 1)), ("validity",)),
        (card(valid_from=date(1949, 12, 30)), ("validity",)),
        (card(number="?", valid_to=date(2019, 1, 1)), ("no number", "validity")),
    ],
)
def test_what_does_not_add_up_on_a_card_is_a_doubt(seen: IdCard, doubts: tuple[Doubt, ...]) -> None:
    """Number, printed birth, printed sex and kind against each other."""
    assert doubts_of(seen) == doubts


BIRTH = date(2000, 3, 15)
ISSUES = [
    (date(2016, 3, 14), date(2021, 3, 14), True),  # fifteen: five years
    (date(2016, 3, 15), date(2026, 3, 15), True),  # sixteen to twenty-five: ten
    (date(2016, 3, 16), date(2021, 3, 16), True),  # applied for with fifteen
    (date(2016, 9, 16), date(2021, 9, 16), False),
    (date(2020, 2, 29), date(2030, 2, 28), True),
    (date(2020, 2, 29), date(2030, 3, 1), True),
    (date(2020, 6, 1), date(2030, 5, 31), True),
    (date(2020, 6, 1), date(2030, 6, 2), False),
    (date(2020, 6, 1), date(2040, 6, 1), False),
    (date(2020, 6, 1), None, False),
    (date(2030, 6, 1), date(2050, 6, 1), True),  # twenty-six to forty-five: twenty
    (date(2030, 6, 1), date(2040, 6, 1), False),
    (date(2046, 3, 15), None, True),  # from forty-six: for good
    (date(2046, 3, 15), date(2066, 3, 15), True),
    (date(2050, 3, 15), date(2070, 3, 15), False),
    (date(9999, 12, 31), date(9999, 12, 31), False),
]


@pytest.mark.parametrize(("valid_from", "valid_to", "right"), ISSUES)
def test_a_card_is_valid_as_long_as_its_holders_age_says(valid_from: date, valid_to: date | None, right: bool) -> None:
    """Resident Identity Card Law, article 5, by the age when it was applied for."""
    found = doubts_of(card(number="110105200003150023", birth=BIRTH, valid_from=valid_from, valid_to=valid_to))
    assert ("validity" not in found) == right


@pytest.mark.parametrize(
    ("kind", "number", "years"),
    [
        ("hmt", "810000199001010019", {5}),
        ("foreigner-2017", "CAN110090010110", {5, 10}),
        ("foreigner-2023", "932682199001010010", {5, 10}),
    ],
)
def test_the_other_kinds_have_terms_of_their_own(kind: IdCardKind, number: str, years: set[int]) -> None:
    """The birth dates fit; whether the check digits do is another matter here."""
    for term in (5, 10, 20):
        found = doubts_of(
            card(
                kind=kind,
                number=number,
                sex="male",
                birth=date(1990, 1, 1),
                valid_from=date(2024, 5, 1),
                valid_to=date(2024 + term, 4, 30),
            )
        )
        assert set(found) - {"check digit"} == (set() if term in years else {"validity"})


@given(
    st.sampled_from(get_args(IdCardKind)),
    st.one_of(st.text(min_size=1, max_size=18), st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True)),
    st.sampled_from(get_args(Sex)),
    st.dates(),
    st.dates(),
    st.none() | st.dates(),
)
@example("resident", "11010519491231002X", "male", date.min, date.min, date.max)
@example("foreigner-2017", "CAN110049123110", "male", date.max, date.max, None)
def test_any_card_has_doubts_and_nothing_worse(
    kind: IdCardKind, number: str, sex: Sex, birth: date, valid_from: date, valid_to: date | None
) -> None:
    """Words of a list, none of them the card's own."""
    found = doubts_of(card(kind=kind, number=number, sex=sex, birth=birth, valid_from=valid_from, valid_to=valid_to))
    assert set(found) <= set(get_args(Doubt))


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
    assert is_mobile("13800000000")
    assert not any(map(is_mobile, ("12800000000", "23800000000", "1380000000", "138000000000", "1380000000a")))
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
