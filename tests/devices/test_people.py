from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from devices.card_text import Kind, parse_card
from devices.simulated.people import (
    Foreigner,
    Foreigner2017,
    FromHongKongMacaoOrTaiwan,
    Resident,
    load_people,
)

IDS = [
    "chen-jianguo", "lin-xiuying", "ouyang", "rare", "long-name", "long-name-insured", "expired",
    "hong-kong", "foreigner-2017", "foreigner-2023", "minor", "deceased", "never-insured",
]  # fmt: skip
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def test_the_people_are_those_that_the_rest_of_the_house_knows() -> None:
    assert list(load_people()) == IDS


@pytest.mark.parametrize("person_id", IDS)
def test_a_card_says_what_the_file_says(person_id: str) -> None:
    person = load_people()[person_id]
    chip = person.card()
    assert (len(chip.text), len(chip.photo)) == (256, 1024)
    card = parse_card(chip.text)
    assert (card.kind, card.name, card.birth, card.number) == (person.kind, person.name, person.birth, person.number)
    assert (card.valid_from, card.valid_to) == (person.valid_from, person.valid_to)
    if isinstance(person, Resident | FromHongKongMacaoOrTaiwan):
        assert (card.address, card.issuer) == (person.address, person.issuer)
    if isinstance(person, Foreigner):
        assert (card.latin_name, card.nationality) == (person.latin_name, person.nationality)


@pytest.mark.parametrize("person_id", IDS)
def test_a_number_fits_its_person(person_id: str) -> None:
    """GB 11643: check character, birth, and a sequence that is odd for men. The number of 2017 says less, otherwise."""
    person = load_people()[person_id]
    number = person.number
    if isinstance(person, Foreigner2017):
        assert number[:3] == person.nationality
        assert number[7:13] == f"{person.birth:%y%m%d}"
        assert int(number[14]) == sum(int(c, 36) * (7, 3, 1)[at % 3] for at, c in enumerate(number[:14])) % 10
        return
    assert number[17] == "10X98765432"[sum(int(d) * w for d, w in zip(number[:17], WEIGHTS, strict=True)) % 11]
    assert number[6:14] == f"{person.birth:%Y%m%d}"
    assert int(number[16]) % 2 == int(person.sex) % 2


def test_the_people_differ_in_what_they_are_there_for() -> None:
    people = load_people()
    assert len(people["long-name"].name) == len(people["long-name-insured"].name) == 15
    assert any(ord(character) > 0xFFFF for character in people["rare"].name)
    assert people["ouyang"].number.endswith("X")
    assert people["expired"].valid_to is not None
    assert people["expired"].valid_to < date(2026, 1, 1)
    assert {person.kind for person in people.values()} == set(get_args(Kind))
    foreigners = [person for person in people.values() if isinstance(person, Foreigner)]
    assert [bool(person.chinese_name) for person in foreigners] == [False, True]
    assert len(foreigners[1].latin_name) > 35, "no name that goes on in a second field"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("name = 1", "name"),
        ("surname = '陈'", "surname"),
        ("number = '33990219920318001'", "number"),
        ("birth = 'yesterday'", "birth"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, line: str, says: str) -> None:
    file = tmp_path / "people.toml"
    key = line.partition(" ")[0]
    entry = load_people()["ouyang"].model_dump(exclude_none=True)
    rest = "\n".join(
        f"{name} = {value.isoformat() if isinstance(value, date) else repr(value)}"
        for name, value in entry.items()
        if name != key
    )
    file.write_text(f"[[person]]\n{rest}\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=says):
        load_people(file)


def test_an_id_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    from devices.simulated.people import PEOPLE

    file = tmp_path / "people.toml"
    file.write_text(PEOPLE.read_text(encoding="utf-8") * 2, encoding="utf-8")
    with pytest.raises(ValueError, match="twice"):
        load_people(file)
