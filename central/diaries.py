"""The diaries behind appointments: which items of the catalogue have one, and what it says (``[item.appointment]``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kiosk.contract.diary import Diary

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
            table = tomllib.loads(file.read_text(encoding="utf-8"))
            items = _File.model_validate(table).item
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadDiary(f"{file.name}: cannot be read: {error}") from None
        except ValidationError as error:
            mistake = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part + 1) if isinstance(part, int) else part for part in mistake["loc"])
            raise BadDiary(f"{file.name}: {where}: {mistake['msg'].removeprefix('Value error, ')}") from None
        diaries |= {item.code: item.appointment for item in items if item.appointment is not None}
    return diaries
