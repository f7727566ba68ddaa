"""The diaries behind appointments: which items of the catalogue have one, and what it says (``[item.appointment]``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kiosk.contract.catalog import files_of
from kiosk.contract.diary import Diary
from kiosk.contract.errors import ContractError
from kiosk.contract.signed import Statement

CATALOG: Final = Path(__file__).parents[1] / "assets" / "catalog" / "services"

Diaries = Mapping[str, Diary]
"""Item's code → its diary."""


class BadDiary(Exception):
    """A diary cannot be used: ``FILE: item: field: what is allowed``."""


class _Item(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)
    code: str
    appointment: Diary | None = None


class _File(BaseModel):
    """Of a category's file, what concerns appointments; the kiosk checks the rest."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)
    item: tuple[_Item, ...] = Field(default=())


@cache
def load_diaries(folder: Path = CATALOG) -> Diaries:
    """The diaries of all items in a catalogue's ``services`` folder, read once. Raises BadDiary."""
    diaries: dict[str, Diary] = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadDiary(f"{file.name}: cannot be read: {error}") from None
        diaries |= _in_file(file.name, text)
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
            diaries |= _in_file(name, text)
    return diaries


def _in_file(name: str, text: str) -> Diaries:
    """Raises BadDiary."""
    try:
        items = _File.model_validate(tomllib.loads(text)).item
    except tomllib.TOMLDecodeError as error:
        raise BadDiary(f"{name}: cannot be read: {error}") from None
    except ValidationError as error:
        mistake = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part + 1) if isinstance(part, int) else part for part in mistake["loc"])
        raise BadDiary(f"{name}: {where}: {mistake['msg'].removeprefix('Value error, ')}") from None
    return {item.code: item.appointment for item in items if item.appointment is not None}
