"""The rider station (小哥驿站) of the centre, from ``rider_station.toml``: categories of riders, and the services.

Nothing here is measured: a state is what a keeper has set, a rest what the calendar says.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from kiosk.contract.acts import RiderCategory
from kiosk.tables import CATALOG, CatalogError, Table, read_table
from kiosk.texts import _

Text = Annotated[str, Field(min_length=1)]
Month = Annotated[int, Field(ge=1, le=12)]


@dataclass(frozen=True, kw_only=True)
class StationCategory(Table):
    """The work of a rider, as on the category pictures. ``label`` is the Chinese original, for ``_()`` at use."""

    code: RiderCategory
    label: Text
    icon: Text


@dataclass(frozen=True, kw_only=True)
class YearlyRest(Table):
    """The months in which a service rests every year, and why (冬季停用)."""

    months: frozenset[Month]
    reason: Text


@dataclass(frozen=True, kw_only=True)
class StationService(Table):
    """One of the services. Texts are the Chinese originals, for ``_()`` at use."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    label: Text
    icon: Text
    where: str = ""
    """Completes 「热饭在…」: 右手第二个柜子."""
    state: Literal["available", "out", "closed"] = "available"
    reason: str = ""
    closed: YearlyRest | None = None
    tracked: Literal["comes-back", "runs-out"] | None = None
    """What a keeper has to look after: borrowed things come back, medicines run out."""


@dataclass(frozen=True, kw_only=True)
class OnBoard:
    """A service as the board shows it in a given month. ``note`` says why it is not there, else it is empty."""

    code: str
    label: str
    icon: str
    available: bool
    note: str


@dataclass(frozen=True, kw_only=True)
class Station:
    """The whole table."""

    categories: tuple[StationCategory, ...]
    services: tuple[StationService, ...]
    slogan: str

    def board(self, month: int) -> tuple[OnBoard, ...]:
        """What there is in ``month`` (1 to 12), in the order of the file."""
        return tuple(_on_board(service, month) for service in self.services)

    def welcome(self, visitors_today: int | None) -> tuple[str, ...]:
        """The lines of the home page's banner, final texts. None or 0 visitors: nothing is said of them."""
        lines = (_(self.slogan),)
        if visitors_today:
            return (*lines, _("今天来过 {count} 位小哥").format(count=visitors_today))
        return lines


def load_station(file: Path = CATALOG / "rider_station.toml") -> Station:
    """The station in ``file``. Raises CatalogError, which names file, entry and field."""
    table = read_table(file, _Station)
    for kind, codes in (
        ("category", [str(row.code) for row in table.category]),
        ("service", [row.code for row in table.service]),
    ):
        for place, code in enumerate(codes):
            if code in codes[:place]:
                raise CatalogError(f'{file.name}: {kind} "{code}", code: stands twice')
    for service in table.service:
        if service.state != "available" and not service.reason:
            raise CatalogError(f'{file.name}: service "{service.code}", reason: must say why it is {service.state}')
    return Station(categories=table.category, services=table.service, slogan=table.welcome)


def _on_board(service: StationService, month: int) -> OnBoard:
    note = service.reason if service.state != "available" else ""
    if not note and service.closed is not None and month in service.closed.months:
        note = service.closed.reason
    return OnBoard(code=service.code, label=service.label, icon=service.icon, available=not note, note=note)


@dataclass(frozen=True, kw_only=True)
class _Station(Table):
    welcome: Text
    category: tuple[StationCategory, ...]
    service: tuple[StationService, ...]
