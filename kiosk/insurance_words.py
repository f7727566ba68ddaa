"""Insurance codes in plain words, and the insured places of this centre's people, from ``insurance_words.toml``.

A code that the table does not know is shown as what it is: an authority may add one before the table does.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field

from kiosk.contract.acts import PlaceCode
from kiosk.contract.queries import Insurance
from kiosk.pages import Mood
from kiosk.regions import UnknownPlace, city_name
from kiosk.tables import CATALOG, CatalogError, Table, read_table
from kiosk.texts import _

Scheme = Literal["pension", "medical", "unemployment", "injury", "maternity"]
Text = Annotated[str, Field(min_length=1)]
KindCode = Annotated[str, Field(pattern=r"^\d{3}$")]
"""insutype, or AAE140."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class StatusWords:
    """A status as a page shows it: final texts."""

    label: str
    mood: Mood
    meaning: str


@dataclass(frozen=True, kw_only=True)
class InsuranceWords:
    """The whole table."""

    insured_places: tuple[str, ...]
    """Six-digit codes, the centre's own place first."""
    schemes: Mapping[Scheme, SchemeRow]
    statuses: Mapping[str, StatusRow]

    def scheme(self, row: Insurance) -> str:
        """What kind of insurance ``row`` is (职工医保), a final text."""
        if row.scheme == "other":
            return _("代码 {code}").format(code=row.insutype)
        scheme = self.schemes[row.scheme]
        return _(scheme.insutype.get(row.insutype, scheme.name))

    def status(self, row: Insurance) -> StatusWords:
        """What the row's psn_insu_stas is called and what it means for the person; of another table only the code."""
        code = row.status
        known = self.statuses.get(code)
        if known is None:
            plain = code if re.fullmatch(r"(\w{1,10}:)?\w{1,10}", code, re.ASCII) else "that is no code"
            _log.warning("there are no words for a status of insurance: %s", plain)
            return StatusWords(
                label=_("状态代码 {code}").format(code=code.rpartition(":")[2]),
                mood="plain",
                meaning=_("这个代码这台机器不认识，请到服务台问一下。"),
            )
        return StatusWords(label=_(known.label), mood=known.mood, meaning=_(known.meaning_of(row.scheme, row.insutype)))


def load_insurance_words(file: Path = CATALOG / "insurance_words.toml") -> InsuranceWords:
    """The words in ``file``. Raises CatalogError, which names file, entry and field."""
    table = read_table(file, _InsuranceWords)
    schemes = {row.code: row for row in table.scheme}
    for code in get_args(Scheme):
        if code not in schemes:
            raise CatalogError(f'{file.name}: scheme "{code}": is missing')
    for status in table.status:
        for each in status.of:
            for kind in each.insutype:
                if kind not in schemes[each.scheme].insutype:
                    raise CatalogError(f'{file.name}: status "{status.code}", of: {each.scheme} has no kind "{kind}"')
    for place in table.insured_places:
        try:
            city_name(place)
        except UnknownPlace as error:
            raise CatalogError(f'{file.name}: insured_places: there is no place "{place}" in regions.toml') from error
    return InsuranceWords(
        insured_places=table.insured_places, schemes=schemes, statuses={row.code: row for row in table.status}
    )


@dataclass(frozen=True, kw_only=True)
class SchemeRow(Table):
    """One of the five insurances with its kinds (insutype → name)."""

    code: Scheme
    name: Text
    insutype: Mapping[KindCode, Text]


@dataclass(frozen=True, kw_only=True)
class MeaningOf(Table):
    """What a status means in one scheme, or in some of its kinds alone: what to do then, or whom to ask, is another."""

    scheme: Scheme
    insutype: tuple[KindCode, ...] = ()
    meaning: Text

    def fits(self, scheme: str, insutype: str) -> bool:
        """Whether it is said of that kind of insurance."""
        return scheme == self.scheme and (not self.insutype or insutype in self.insutype)


@dataclass(frozen=True, kw_only=True)
class StatusRow(Table):
    """One value of psn_insu_stas. Texts are the Chinese originals."""

    code: Annotated[str, Field(pattern=r"^\d$")]
    label: Text
    mood: Mood
    meaning: Text
    of: tuple[MeaningOf, ...] = ()

    def meaning_of(self, scheme: str, insutype: str) -> str:
        """What it means for whoever has that kind of insurance."""
        return next((each.meaning for each in self.of if each.fits(scheme, insutype)), self.meaning)


@dataclass(frozen=True, kw_only=True)
class _InsuranceWords(Table):
    insured_places: Annotated[tuple[PlaceCode, ...], Field(min_length=1, max_length=6)]
    scheme: tuple[SchemeRow, ...]
    status: tuple[StatusRow, ...]
