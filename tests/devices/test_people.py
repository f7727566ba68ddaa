from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from devices.card_text import parse_card
from devices.simulated.people import load_people

IDS = ["chen-jianguo", "lin-xiuying", "ouyang", "rare", "long-name", "expired"]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def test_the_people_are_those_that_the_rest_of_the_house_knows() -> None:
    assert list(load_people()) == IDS


@pytest.mark.parametrize("person_id", IDS)
def test_a_card_says_what_the_file_says(person_id: str) -> None:
    person = load_people()[person_id]
    chip = person.card()
    assert (len(chip.text), len(chip.photo)) == (256, 1024)
    card = parse_card(chip.text)
    assert (card.name, card.birth, card.number) == (person.name, person.birth, person.number)
    assert (card.address, card.issuer) == (person.address, person.issuer)
    assert (card.valid_from, card.valid_to) == (person.valid_from, person.valid_to)


@pytest.mark.parametrize("person_id", IDS)
def test_a_number_fits_its_person(person_id: str) -> None:
    """GB 11643: check character, birth, and a sequence that is odd for men."""
    person = load_people()[person_id]
    number = person.number
    assert number[17] == "10X98765432"[sum(int(d) * w for d, w in zip(number[:17], WEIGHTS, strict=True)) % 11]
    assert number[6:14] == f"{person.birth:%Y%m%d}"
    assert int(number[16]) % 2 == int(person.sex) % 2


def test_the_people_differ_in_what_they_are_there_for() -> None:
    people = load_people()
    assert len(people["long-name"].name) == 15
    assert any(ord(character) > 0xFFFF for character in people["rare"].name)
    assert people["ouyang"].number.endswith("X")
    assert people["expired"].valid_to is not None
    assert people["expired"].valid_to < date(2026, 1, 1)


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
