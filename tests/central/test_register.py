"""The register of fictitious people: a mistake is one line with file, entry and field."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from central.demonstration import register as module
from central.demonstration.register import BUILT_IN, BadRegister, Register, load
from central.toml_files import Part

ROOT = Path(__file__).parents[2]

RIGHT = """
authority = "某市医保局"
[[places]]
code = "350900"
name = "宁德市"
[[people]]
id = "chen"
name = "陈建国"
number = "339902199203180011"
[[people.insurances]]
place = "350900"
scheme = "medical"
insutype = "310"
status = "1"
"""

MISTAKES = {
    "a key that is not known": (RIGHT + 'colour = "red"\n', "people.chen.insurances.1.colour"),
    "a key that is missing": (RIGHT.replace('insutype = "310"\n', ""), "people.chen.insurances.1.insutype"),
    "a status that does not exist": (RIGHT.replace('status = "1"', 'status = "7"'), "people.chen.insurances.1.status"),
    "a wrong check character": (RIGHT.replace("180011", "180012"), "people.chen: .*GB 11643"),
    "a foreigner's": (RIGHT.replace("339902199203180011", "XAA339988041711"), "people.chen: .*7-3-1"),
    "a telephone": (RIGHT.replace("[[people.ins", 'telephone = "12345"\n[[people.ins'), "people.chen.telephone"),
    "a place that is not there": (RIGHT.replace('place = "350900"', 'place = "350200"'), "people.chen: place 350200"),
    "a person twice": (RIGHT + RIGHT[RIGHT.index("[[people]]") :], "people: .*twice"),
    "a type": (RIGHT.replace('"某市医保局"', "5"), "authority"),
    "no TOML": ("authority = ?", "is not TOML.*line 1"),
    "nothing": ("", "authority"),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_one_line(tmp_path: Path, what: str) -> None:
    """File, entry (people by their id, rows counted from 1) and field."""
    content, says = MISTAKES[what]
    file = tmp_path / "register.toml"
    file.write_text(content)
    with pytest.raises(BadRegister) as raised:
        load(file)
    assert re.match(re.escape(f"{file}: ") + says, str(raised.value)), str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Said with its name."""
    with pytest.raises(BadRegister, match=r"nowhere\.toml: cannot be read"):
        load(tmp_path / "nowhere.toml")


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    """GBK by mistake is common."""
    file = tmp_path / "gbk.toml"
    file.write_bytes(RIGHT.encode("gbk"))
    with pytest.raises(BadRegister, match=r"gbk\.toml: is not UTF-8 text \(byte"):
        load(file)


def test_the_built_in_people_are_those_of_the_simulated_reader() -> None:
    """The same numbers and names as on the cards; one of them is found nowhere."""
    cards = tomllib.loads((ROOT / "devices/simulated/people.toml").read_text())["person"]
    on_cards = {card["id"]: (card["name"], card["number"], card.get("ethnicity")) for card in cards}
    known = {person.id: (person.name, person.number, person.ethnicity) for person in load(BUILT_IN).people}
    assert known.items() < on_cards.items()
    assert on_cards.keys() - known.keys() == {"long-name"}


def test_the_built_in_people_show_every_case() -> None:
    """A demonstration of each answer: several rows, a filing in force, suspended, another place, no telephone, never
    insured, deceased, a child, no ethnicity, a name of fifteen characters (and another of them, found nowhere)."""
    people = {person.id: person for person in load(BUILT_IN).people}
    assert len(people["chen-jianguo"].insurances) > 3
    assert any(entry.state == "in force" for entry in people["lin-xiuying"].filings)
    assert {row.status for row in people["ouyang"].insurances} == {"2"}
    assert {row.place for row in people["rare"].insurances} == {"350200"}
    assert people["rare"].telephone is None
    assert len(people["long-name-insured"].name) == 15
    assert people["never-insured"].insurances == ()
    assert people["deceased"].deceased is not None
    minor = people["minor"].birth
    assert minor is not None
    assert minor.year > 2026 - 16
    assert [people[who].ethnicity for who in ("hong-kong", "foreigner-2017", "foreigner-2023")] == [None] * 3
    assert (people["foreigner-2017"].birth, people["foreigner-2017"].sex) == (None, "9")
    medical = {row.place for person in people.values() for row in person.insurances if row.scheme == "medical"}
    assert len(medical) >= 3


def test_every_key_is_explained() -> None:
    """docs/register.md names each key of each table, and its example can be loaded."""
    text = (ROOT / "docs/register.md").read_text()
    models = [model for model in vars(module).values() if isinstance(model, type) and issubclass(model, Part)]
    keys = {key for model in models for key in model.model_fields}
    assert {key for key in keys if f"`{key}`" not in text} == set()


def test_the_example_of_the_explanation(tmp_path: Path) -> None:
    """What the page shows is a register."""
    text = (ROOT / "docs/register.md").read_text()
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example is not None
    file = tmp_path / "example.toml"
    file.write_text(example[1])
    assert isinstance(load(file), Register)
    assert issubclass(Register, Part)
