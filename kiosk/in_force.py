"""The catalogue and the settings in force on this machine: its own, under what central published, each from its shelf.

What reception serves from is made of both, anew when either changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.catalog import Catalog, catalog_of, load_catalog
from kiosk.contract import catalog as of_catalogue
from kiosk.contract import settings as of_settings
from kiosk.contract.canonical import Plain
from kiosk.renewal import Kind
from kiosk.shelf import Shelf
from kiosk.staff import StaffMember
from kiosk.steering import laid_over

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiosk.contract.base import SigningKey
    from kiosk.equipment import Equipment
    from kiosk.renewal import Shelf as AnyShelf
    from kiosk.serving import Serving
    from kiosk.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What reception serves from: the catalogue, and its journeys, made when they are first asked for."""

    catalog: Catalog
    serving: Callable[[], Serving]
    settings: Settings


class InForce:
    """Both shelves in ``data``. ``own`` are the machine's settings; ``serving`` makes the journeys of a catalogue."""

    def __init__(
        self,
        own: Settings,
        data: Path,
        *,
        keys: Iterable[SigningKey],
        serving: Callable[[Catalog, Settings], Serving],
    ) -> None:
        self._serving = serving
        self._program = load_catalog()
        kiosk = own.site.kiosk
        self.settings: Shelf[Settings] = Shelf(
            data / "settings.json", kind=of_settings.KIND, kiosk=kiosk, own=own, make=partial(_settings_of, own)
        )
        self.catalog: Shelf[Catalog] = Shelf(
            data / "catalog.json", kind=of_catalogue.KIND, kiosk=kiosk, own=self._program, make=self._catalog_of
        )
        self._own = own
        for shelf in (self.settings, self.catalog):
            shelf.trust(keys)

    @property
    def shelves(self) -> dict[Kind, AnyShelf]:
        """Each kind's."""
        return {"catalog": self.catalog, "settings": self.settings}

    def open(self) -> Offer:
        """What to serve from after a start of the machine. Raises CatalogError for the machine's own settings."""
        self.settings.open()
        self.catalog.open()
        known = {item.code for shelf in (self._program, self.catalog.current) for item in shelf.items}
        self._program.without([code for code in self._own.services.off if code not in known], "settings: services.off")
        return self.offer()

    def offer(self) -> Offer:
        """What to serve from: the catalogue without what the centre does not offer."""
        settings, catalog = self.settings.current, self.catalog.current
        offered = catalog.without({*settings.services.off} & {item.code for item in catalog.items})
        return Offer(catalog=offered, serving=cache(partial(self._serving, offered, settings)), settings=settings)

    def _catalog_of(self, content: Plain) -> Catalog:
        """An entry that no journey can run is found here, not when somebody chooses it."""
        catalog = catalog_of(of_catalogue.files_of(content))
        self._serving(catalog, self.settings.current)
        return catalog


def _settings_of(own: Settings, content: Plain) -> Settings:
    return laid_over(own, of_settings.text_of(content))


def apply(settings: Settings, equipment: Equipment) -> None:
    """The equipment goes by these settings from here on. Wrong PINs stay counted."""
    equipment.site = settings.site
    equipment.answer_within = settings.central.answer_within
    equipment.staff = replace(equipment.staff, members=members_of(settings))


def members_of(settings: Settings) -> tuple[StaffMember, ...]:
    """Who may vouch."""
    return tuple(
        StaffMember(code=entry.code, name=entry.name, pin=entry.pin, card=entry.card) for entry in settings.staff
    )
