"""Places of mainland China: provinces and cities with their six-digit codes (GB/T 2260), from ``regions.toml``.

They are there to choose from (``provinces``), to write on pages and receipts (``place_name``), and to check a code that
came from elsewhere (``city_name``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated

from pydantic import Field

from kiosk.tables import CATALOG, CatalogError, Table, read_table
from kiosk.texts import _, language


class UnknownPlace(LookupError):
    """No place of the table has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Place:
    """A city (or what stands for one), by its code and its name in the language of the visit."""

    code: str
    name: str
    words: tuple[str, ...] = ()
    """What people write for it, in Chinese: 厦门市, 福建省厦门市, 福建厦门市."""


@dataclass(frozen=True, kw_only=True)
class ProvincePlaces:
    """A province and the places to choose from in it, in the standard's order. A municipality holds itself."""

    code: str
    name: str
    cities: tuple[Place, ...]
    words: tuple[str, ...] = ()


def provinces() -> tuple[ProvincePlaces, ...]:
    """All provinces in the standard's order, names in the language of the visit."""
    return tuple(
        ProvincePlaces(
            code=row.code,
            name=_(row.name),
            cities=tuple(
                Place(code=code, name=_(name), words=_words(row.name, name)) for code, name in row.places.items()
            ),
            words=(row.name,),
        )
        for row in _rows()
    )


def _words(province: str, city: str) -> tuple[str, ...]:
    if city == province:
        return (city,)
    return tuple(dict.fromkeys((city, province + city, _SUFFIX.sub("", province) + city)))


def place_name(code: str) -> str:
    """``福建省 厦门市`` for 350200, ``上海市`` for 310000. An unknown code is shown as it is."""
    known = _names().get(code)
    return " ".join(_(name) for name in known) if known else code


def place_in_sentence(code: str) -> str:
    """The same without a blank: ``您在福建省厦门市的…``."""
    return place_name(code).replace(" ", "") if language() == "zh" else place_name(code)


def city_name(code: str) -> str:
    """``厦门市`` for 350200, ``福建省`` for 350000. Raises UnknownPlace."""
    known = _names().get(code)
    if known is None:
        raise UnknownPlace(code)
    return _(known[-1])


def written_places() -> tuple[str, ...]:
    """All names in Chinese as people write them, whole and short: 厦门市 and 厦门."""
    names = dict.fromkeys(name for row in _rows() for name in (row.name, *row.cities.values()))
    return tuple(dict.fromkeys(word for name in names for word in (name, _SUFFIX.sub("", name)) if len(word) > 1))


_PEOPLES = "维吾尔|哈萨克|柯尔克孜|蒙古|朝鲜|满|回|藏|羌|彝|苗|侗|壮|傣|白|黎|土家|布依|哈尼|景颇|傈僳"
_SUFFIX = re.compile(f"((({_PEOPLES})族?)*自治[区州县]|[省市盟县]|地区|林区)$")
"""What people leave out of a name: 市 of 厦门市, 傣族自治州 of 西双版纳傣族自治州."""

Code = Annotated[str, Field(pattern=r"^[1-6]\d{5}$")]


@dataclass(frozen=True, kw_only=True)
class _Province(Table):
    code: Code
    name: str
    cities: Mapping[Code, str] = field(default_factory=dict)

    @property
    def places(self) -> Mapping[str, str]:
        return self.cities or {self.code: self.name}


@dataclass(frozen=True, kw_only=True)
class _Regions(Table):
    province: tuple[_Province, ...]


@cache
def _rows() -> tuple[_Province, ...]:
    return read_table(CATALOG / "regions.toml", _Regions).province


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    """Every code with its names from the province down. Raises CatalogError where the table contradicts itself."""
    names: dict[str, tuple[str, ...]] = {}
    for row in _rows():
        for code, words in ((row.code, (row.name,)), *((code, (row.name, name)) for code, name in row.cities.items())):
            if code in names:
                raise CatalogError(f'regions.toml: province "{row.code}": {code} stands twice')
            if code[:2] != row.code[:2]:
                raise CatalogError(f'regions.toml: province "{row.code}": {code} belongs elsewhere')
            names[code] = words
    return names
