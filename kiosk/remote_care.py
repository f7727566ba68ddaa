"""The rules of remote-care filing (异地就医备案), from ``remote_care.toml``: kinds, places, promise, hotline.

They are the insured place's, so they are data; the journey only follows them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from pydantic import Field

from kiosk.contract.acts import FilingKind, PlaceCode
from kiosk.regions import UnknownPlace, city_name
from kiosk.tables import CATALOG, CatalogError, Table, read_table

Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class KindOfFiling(Table):
    """One of the five kinds, in people's words. Texts are the Chinese originals, for ``_()`` at use."""

    code: FilingKind
    label: Text
    example: Text
    official: Text
    """The name in the authority's list (异地长期居住人员)."""
    icon: Text
    may_promise: bool
    """Whether a promise may stand for papers (承诺制)."""
    needs_proof: bool = True
    """Whether the kind asks for any proof at all."""
    papers: Text
    """What proves it, for those who have it."""
    min_months: Annotated[int, Field(ge=1, le=24)] | None = None
    """The shortest time; None: open-ended, a start only."""
    begin_within_days: Annotated[int, Field(ge=0, le=366)]
    locked_months: Annotated[int, Field(ge=1, le=24)] | None = None
    """How long after its begin a filing of this kind cannot be changed; None: at any time."""


@dataclass(frozen=True, kw_only=True)
class Exemption(Table):
    """Where nobody has to file: from a province (the first two digits of its code) to another, or the same."""

    insured: Annotated[str, Field(pattern=r"^\d{2}$")]
    care: Annotated[str, Field(pattern=r"^\d{2}$")]
    kinds: Annotated[tuple[FilingKind, ...], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class PromiseText(Table):
    """The text that a person may agree to instead of papers. What counts is the Chinese original."""

    version: Text
    paragraphs: Annotated[tuple[Text, ...], Field(min_length=1)]

    @property
    def sha256(self) -> str:
        """Of the paragraphs in UTF-8, joined by line feeds: hexadecimal, as records carry it."""
        return sha256("\n".join(self.paragraphs).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class RemoteCare:
    """The whole table. ``places``: the insured places (参保地), by city, whose rules these are."""

    places: tuple[str, ...]
    kinds: tuple[KindOfFiling, ...]
    common_places: tuple[str, ...]
    """Six-digit codes of the places where this centre's people go, commonest first."""
    promise: PromiseText
    hotline: str
    exempt: tuple[Exemption, ...] = ()

    def at(self, insured_place: str | None) -> RemoteCare:
        """As they hold for somebody insured there: of another place nobody here knows what it lets promise, or for how
        long a filing is fixed. None: it is not known, and the commonest is taken."""
        if insured_place is None or any(insured_place[:4] == place[:4] for place in self.places):
            return self
        return replace(self, kinds=tuple(replace(kind, may_promise=False, locked_months=None) for kind in self.kinds))

    def is_exempt(self, insured_place: str | None, place: str, kind: KindOfFiling) -> bool:
        """Whether a filing of this kind is of no use there."""
        return insured_place is not None and any(
            insured_place.startswith(rule.insured) and place.startswith(rule.care) and kind.code in rule.kinds
            for rule in self.exempt
        )

    def kind(self, code: str) -> KindOfFiling:
        """The kind with this code. Raises KeyError."""
        return self._by_code[FilingKind(code)]

    @cached_property
    def _by_code(self) -> dict[FilingKind, KindOfFiling]:
        return {kind.code: kind for kind in self.kinds}


def load_remote_care(file: Path = CATALOG / "remote_care.toml") -> RemoteCare:
    """The rules in ``file``. Raises CatalogError, which names file, entry and field."""
    table = read_table(file, _RemoteCare)
    codes = [kind.code for kind in table.kind]
    for code in FilingKind:
        if codes.count(code) != 1:
            raise CatalogError(f'{file.name}: kind "{code}": must stand there once, not {codes.count(code)} times')
    for where, places in (("places", table.places), ("common_places", table.common_places)):
        for place in places:
            try:
                city_name(place)
            except UnknownPlace as error:
                raise CatalogError(f'{file.name}: {where}: there is no place "{place}" in regions.toml') from error
    return RemoteCare(
        places=table.places,
        kinds=table.kind,
        common_places=table.common_places,
        promise=table.promise,
        hotline=table.hotline,
        exempt=table.exempt,
    )


@dataclass(frozen=True, kw_only=True)
class _RemoteCare(Table):
    hotline: Annotated[str, Field(pattern=r"^[0-9-]{5,20}$")]
    places: Annotated[tuple[PlaceCode, ...], Field(min_length=1)]
    common_places: Annotated[tuple[PlaceCode, ...], Field(max_length=6)]
    kind: tuple[KindOfFiling, ...]
    promise: PromiseText
    exempt: tuple[Exemption, ...] = ()
