"""Reads the tables under ``assets/catalog``: services, places, words.

A table is a TOML file, its shape a frozen dataclass built on ``Table``. Whatever is wrong with a file is one line that
names the file, the entry and the field, because those who edit the tables are not those who wrote this.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from pydantic import ConfigDict, TypeAdapter, ValidationError

from kiosk.errors import Unusable

CATALOG = Path(__file__).parent.parent / "assets" / "catalog"

T = TypeVar("T")


class CatalogError(Unusable):
    """A table cannot be used. The message is one line: file, entry, field, what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A row of a table, or a whole one: a key that no field has is a mistake."""

    __pydantic_config__ = ConfigDict(extra="forbid", hide_input_in_errors=True)


def read_table(file: Path, shape: type[T]) -> T:
    """The table in ``file`` (TOML 1.0, UTF-8) as a ``shape``. Raises CatalogError."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise CatalogError(f"{file.name}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CatalogError(f"{file.name}: is not UTF-8 text (byte {error.start})") from error
    return parse_table(file.name, text, shape)


def parse_table(name: str, text: str, shape: type[T]) -> T:
    """The table that ``text`` is, of a file of that name. Raises CatalogError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{name}: is not TOML: {error}") from error
    try:
        return cast(T, _adapter(shape).validate_python(data))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise CatalogError(f"{name}: {_where(data, first['loc'])}: {first['msg']}") from error


def _adapter(shape: type[object]) -> TypeAdapter[object]:
    """Made once: that takes longer than to read a table with it."""
    if shape not in _adapters:
        _adapters[shape] = TypeAdapter(shape)
    return _adapters[shape]


_adapters: dict[type[object], TypeAdapter[object]] = {}


def _where(data: object, location: tuple[int | str, ...]) -> str:
    """``item "insurance-status", level`` for ("item", 1, "level"): an entry goes by its code, not by its place."""
    words: list[str] = []
    for step in location:
        if isinstance(data, list) and isinstance(step, int):
            data = data[step]
            named = data.get("code") if isinstance(data, dict) else None
            words[-1:] = [f"{words[-1] if words else 'entry'} {_quoted(named) if named else f'number {step + 1}'}"]
        else:
            data = data.get(step) if isinstance(data, dict) else None
            words.append(str(step))
    return ", ".join(words)


def _quoted(text: object) -> str:
    return f'"{text}"'
