"""Codes of the authorities in plain words, from ``code_words.toml`` and ``insurance_words.toml``.

A code that no table has is shown as what it is, with whom to ask, and noted once in the log: an authority may add one
before the table does.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from kiosk.insurance_words import InsuranceWords
from kiosk.pages import Mood
from kiosk.tables import CATALOG, CatalogError, Table, read_table
from kiosk.texts import _

Text = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[0-9A-Z]{1,10}$")]

MEDICAL: Final = ("medical", "maternity")
"""Schemes whose kinds are insutype; those of the others are AAE140, and maternity may be either's."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Word:
    """A code as a page shows it. Of a table the Chinese originals, from ``CodeWords.word`` final texts."""

    label: str
    mood: Mood = "plain"
    meaning: str = ""
    of: Mapping[str, str] = field(default_factory=dict)
    """What it means in place of that for some kinds of insurance (insutype)."""


@dataclass(frozen=True, kw_only=True)
class CodeWords:
    """All tables, by their codes."""

    tables: Mapping[str, Mapping[str, Word]]
    _missed: set[tuple[str, str]] = field(default_factory=set, compare=False)

    def word(self, table: str, code: str, kind: str = "") -> Word:
        """What ``code`` is called, and what it means for the person, or for whoever has that ``kind`` of insurance.

        Raises KeyError where there is no such table."""
        known = self.tables[table].get(code)
        if known is not None:
            return Word(label=_(known.label), mood=known.mood, meaning=_(known.of.get(kind, known.meaning)))
        if (table, code) not in self._missed:
            self._missed.add((table, code))
            plain = code if re.fullmatch(r"\w{1,10}", code, re.ASCII) else "that is no code"
            _log.warning("code table %s has no words for a code: %s", table, plain)
        return Word(label=_("代码 {code}").format(code=code), meaning=_("这个代码这台机器不认识，请到服务台问一下。"))


def load_code_words(insurance: InsuranceWords, file: Path = CATALOG / "code_words.toml") -> CodeWords:
    """The tables in ``file``, and those that the words of insurance make. Raises CatalogError."""
    tables = _of_insurance(insurance)
    for table in read_table(file, _CodeWords).table:
        if table.code in tables:
            raise CatalogError(f'{file.name}: table "{table.code}", code: is taken already')
        for name, codes in (("moods", table.moods), ("meanings", table.meanings)):
            for code in codes:
                if code not in table.words:
                    raise CatalogError(f'{file.name}: table "{table.code}", {name}: there are no words for "{code}"')
        tables[table.code] = {
            code: Word(label=label, mood=table.moods.get(code, "plain"), meaning=table.meanings.get(code, ""))
            for code, label in table.words.items()
        }
    return CodeWords(tables=tables)


def _of_insurance(insurance: InsuranceWords) -> dict[str, Mapping[str, Word]]:
    kinds: dict[str, dict[str, Word]] = {"insutype": {}, "aae140": {}}
    for code, scheme in insurance.schemes.items():
        names = {kind: Word(label=name) for kind, name in scheme.insutype.items()}
        if code in MEDICAL:
            kinds["insutype"] |= names
        if code != "medical":
            kinds["aae140"] |= names
    statuses = {
        code: Word(
            label=row.label,
            mood=row.mood,
            meaning=row.meaning_of("medical", ""),
            of={kind: row.meaning_of("medical", kind) for kind in insurance.schemes["medical"].insutype},
        )
        for code, row in insurance.statuses.items()
    }
    return {**kinds, "psn_insu_stas": statuses}


@dataclass(frozen=True, kw_only=True)
class _Codes(Table):
    """One table."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    words: Annotated[Mapping[Code, Text], Field(min_length=1)]
    moods: Mapping[Code, Mood] = field(default_factory=dict)
    meanings: Mapping[Code, Text] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _CodeWords(Table):
    table: tuple[_Codes, ...]
