"""For each column that can hold words or bytes it is said what it holds of people."""

from __future__ import annotations

from sqlalchemy import LargeBinary, String

from central.personal import IMPERSONAL, PERSONAL
from central.tables import metadata

COLUMNS = {
    f"{table.name}.{column.name}": column.name
    for table in metadata.tables.values()
    for column in table.columns
    if isinstance(column.type, String | LargeBinary)
}


def test_each_column_is_thought_about() -> None:
    """A new one says in central/personal.py what it holds of people, or bears a name that holds nothing."""
    assert [place for place, name in COLUMNS.items() if place not in PERSONAL and name not in IMPERSONAL] == []


def test_the_list_is_of_columns_that_there_are() -> None:
    assert PERSONAL.keys() <= COLUMNS.keys()
    assert {*COLUMNS.values()} >= IMPERSONAL


def test_bytes_of_people_are_sealed_or_digests() -> None:
    told = {
        place: shape
        for place, shape in PERSONAL.items()
        for table, _dot, column in [place.partition(".")]
        if isinstance(metadata.tables[table].c[column].type, LargeBinary) and column != "header"
    }
    assert {*told.values()} == {"sealed", "digest"}
