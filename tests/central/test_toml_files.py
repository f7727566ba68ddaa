"""The loader of TOML files: whatever is wrong with one is a line that names the file and the place."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import field_validator, model_validator

from central.evaluations import BadCentre, load_centre
from central.toml_files import Part, parse_toml, read_toml

CENTRAL = Path(__file__).parents[2] / "central"


class Wrong(Exception):
    """The file cannot be used."""


class Row(Part):
    id: str = ""
    size: int = 1

    @field_validator("size")
    @classmethod
    def _small(cls, size: int) -> int:
        if size > 9:
            raise ValueError("at most 9")
        return size


class Shelf(Part):
    name: str = ""
    row: tuple[Row, ...] = ()
    sizes: tuple[int, ...] = ()
    pair: tuple[int, int] = (1, 2)

    @model_validator(mode="after")
    def _is_no_attic(self) -> Shelf:
        if self.name == "attic":
            raise ValueError("an attic is no shelf")
        return self


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("colour = 1", "colour: Extra inputs are not permitted"),
        ("[[row]]\n[[row]]\nsize = 10", "row.2.size: at most 9"),
        ('[[row]]\n[[row]]\nid = "top"\nsize = 10', "row.top.size: at most 9"),
        ("[[row]]\nid = 5", "row.1.id: Input should be a valid string"),
        ('sizes = [1, "b"]', "sizes.2: Input should be a valid integer, unable to parse string as an integer"),
        ("pair = [1]", "pair.2: Field required"),
        ('name = "attic"', "an attic is no shelf"),
        ("name =", "is not TOML: Invalid value (at end of document)"),
        ('name = "a"\nname = "b"\n', "is not TOML: Cannot overwrite a value (at line 2, column 11)"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    """File, place, what: entries by their id or counted from 1, and of a whole file no place."""
    file = tmp_path / "shelf.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Wrong) as raised:
        read_toml(file, Shelf, Wrong)
    assert str(raised.value) == f"{file}: {says}"


@pytest.mark.parametrize("text", [f"sizes = [{'9' * 5000}]", f"sizes = {'[' * 5000}"], ids=["long", "deep"])
def test_what_the_parser_does_not_take_is_not_toml(text: str) -> None:
    """A number that is too long, lists too deep in each other: no errors of TOML to the parser."""
    with pytest.raises(Wrong, match=r"^shelf\.toml: is not TOML: "):
        parse_toml("shelf.toml", text, Shelf, Wrong)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "gbk.toml"
    file.write_bytes('name = "架"'.encode("gbk"))
    with pytest.raises(Wrong) as raised:
        read_toml(file, Shelf, Wrong)
    assert str(raised.value) == f"{file}: is not UTF-8 text (byte 8)"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Wrong) as raised:
        read_toml(tmp_path / "none.toml", Shelf, Wrong)
    assert str(raised.value) == f"{tmp_path / 'none.toml'}: cannot be read: No such file or directory"


@pytest.mark.parametrize(("text", "name"), [("", "given"), ('name = "said"', "said")])
def test_what_is_given_holds_where_the_file_says_nothing(text: str, name: str) -> None:
    assert parse_toml("shelf.toml", text, Shelf, Wrong, given={"name": "given"}).name == name


def test_a_mistake_about_whoever_is_rated(tmp_path: Path) -> None:
    """The one such file whose mistakes nobody else provokes."""
    file = tmp_path / "evaluations.toml"
    file.write_text('area_code = "x"', encoding="utf-8")
    with pytest.raises(BadCentre, match=r"^.*evaluations\.toml: area_code: String should match"):
        load_centre(file)


def test_it_is_the_one_loader() -> None:
    """Nothing else of central reads TOML."""
    texts = {str(file.relative_to(CENTRAL)): file.read_text(encoding="utf-8") for file in CENTRAL.rglob("*.py")}
    assert {name for name, text in texts.items() if "import tomllib" in text} == {"toml_files.py"}
