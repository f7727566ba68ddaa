"""Lists that anybody may search (定点机构与药品目录): how each is asked for and shown, from ``directories.toml``.

Texts are the Chinese originals, for ``_()`` at use; the rows come from central (``kiosk.datasets``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from kiosk.code_words import CodeWords
from kiosk.query_entry import CODE, Column, Name, Part, Text
from kiosk.tables import CATALOG, CatalogError, Table, read_table


@dataclass(frozen=True, kw_only=True)
class Directory(Table):
    """One list. ``code`` is the dataset's name."""

    code: Name
    label: Text
    icon: Text
    ask: Text
    example: Text
    nothing: Text
    place: str = ""
    """The question for one of the places in the list; left out, it is the same everywhere."""
    by: tuple[Name, ...] = ()
    """Columns that a row is found by besides its name."""
    column: Annotated[tuple[Column, ...], Field(min_length=1)]

    @property
    def part(self) -> Part:
        """How a row is shown: a card under its own name."""
        return Part(code=self.code, title=self.label, column=(_NAME, *self.column))


_NAME = Column(code="name", role="title")


@dataclass(frozen=True, kw_only=True)
class _Directories(Table):
    directory: Annotated[tuple[Directory, ...], Field(min_length=1, max_length=7)]


def load_directories(words: CodeWords, file: Path = CATALOG / "directories.toml") -> tuple[Directory, ...]:
    """Raises CatalogError, which names file, entry and field."""
    directories = read_table(file, _Directories).directory
    for directory in directories:
        for column in directory.column:
            table = column.kind.removeprefix(CODE)
            if column.kind.startswith(CODE) and table not in words.tables:
                raise CatalogError(
                    f'{file.name}: directory "{directory.code}", column "{column.code}", kind: '
                    f'there is no code table "{table}"'
                )
    return directories
