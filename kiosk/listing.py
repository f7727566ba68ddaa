"""The catalogue as a list on a console: categories and items with journey, level and offline rule."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kiosk.catalog import Catalog
from kiosk.items import Category, Item
from kiosk.serving import serving
from kiosk.settings import Services, Settings, Site
from kiosk.station import Station
from kiosk.texts import _


def lines(catalog: Catalog, settings: Settings | None, station: Station, *, as_json: bool) -> list[str]:
    """Everything that ``catalog`` has, with what this centre switches off. All its tables are read on the way.

    Raises CatalogError.
    """
    services = settings.services if settings is not None else Services()
    catalog.without(services.off, "settings: services.off")
    serving(catalog, station, settings.site if settings is not None else Site(), services)
    if as_json:
        return [json.dumps(_plain(catalog, services.off), ensure_ascii=False)]
    return list(_in_words(catalog, services.off))


def _plain(catalog: Catalog, off: tuple[str, ...]) -> dict[str, object]:
    return {
        "categories": [{"code": category.code, "label": category.label} for category in catalog.categories],
        "items": [
            {
                "code": item.code,
                "category": item.category,
                "label": item.label,
                "official": item.official,
                "journey": item.journey,
                "level": item.level,
                "offline": item.offline,
                "off": item.code in off,
            }
            for item in catalog.items
        ],
    }


def _in_words(catalog: Catalog, off: tuple[str, ...]) -> Iterator[str]:
    places: tuple[Category | None, ...] = (None, *catalog.categories)
    for category in places:
        yield f"{category.code}  {category.label}" if category is not None else f"home  {_('首页')}"
        for item in catalog.items:
            if item.category == (category.code if category is not None else None):
                yield _line(item) + ("  off" if item.code in off else "")


def _line(item: Item) -> str:
    return f"  {item.code:22} {item.journey:20} level {item.level}  {item.offline:7} {item.official}"
