"""The diaries behind appointments: which items of the catalogue have one, and what it says (``[item.appointment]``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from central.toml_files import Part, parse_toml, read_toml
from kiosk.contract.catalog import files_of
from kiosk.contract.diary import Diary
from kiosk.contract.errors import ContractError
from kiosk.contract.signed import Statement

CATALOG: Final = Path(__file__).parents[1] / "assets" / "catalog" / "services"

Diaries = Mapping[str, Diary]
"""Item's code → its diary."""


class BadDiary(Exception):
    """A diary cannot be used: ``FILE: item: field: what is allowed``."""


class _Item(Part, extra="ignore"):
    code: str
    appointment: Diary | None = None


class _File(Part, extra="ignore"):
    """Of a category's file, what concerns appointments; the kiosk checks the rest."""

    item: tuple[_Item, ...] = ()

    @property
    def diaries(self) -> Diaries:
        """Its items' alone that have one."""
        return {item.code: item.appointment for item in self.item if item.appointment is not None}


@cache
def load_diaries(folder: Path = CATALOG) -> Diaries:
    """The diaries of all items in a catalogue's ``services`` folder, read once. Raises BadDiary."""
    diaries: dict[str, Diary] = {}
    for file in sorted(folder.glob("*.toml")):
        diaries |= read_toml(file, _File, BadDiary).diaries
    return diaries


def published_diaries(statement: bytes) -> Diaries:
    """The diaries of a catalogue that was published. Raises BadDiary."""
    try:
        files = files_of(Statement.decode(statement).content)
    except ContractError as error:
        raise BadDiary(f"a published catalogue: {error}") from None
    diaries: dict[str, Diary] = {}
    for name, text in sorted(files.items()):
        if name.startswith("services/"):
            diaries |= parse_toml(name, text, _File, BadDiary).diaries
    return diaries
