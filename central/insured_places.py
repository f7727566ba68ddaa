"""Time limits of the insured places (参保地), from ``insured_places.toml``: without data nothing is promised."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from central.toml_files import Part, read_toml
from kiosk.contract.acts import PlaceCode
from kiosk.contract.filings import ItemCode

BUILT_IN = Path(__file__).with_name("insured_places.toml")


class BadPlaces(Exception):
    """The file cannot be used: ``FILE: place: field: what is allowed``."""


class Limits(Part):
    """Within how many calendar days a place decides, and papers have to be there; whom to ask when they are over."""

    review_days: int = Field(ge=1, le=365)
    papers_days: int = Field(ge=1, le=365)
    hotline: str = Field(default="", pattern=r"^(\d{3,12})?$")


class ServiceLimits(Limits):
    """The limits of one item of the catalogue."""

    item: ItemCode


class CertificateLimit(Part):
    """How many certificates of one kind a person may have a month, and what the place says of one too many."""

    a_month: int = Field(ge=1, le=100)
    words: str = Field(min_length=1, max_length=200)


class InsuredPlace(Limits):
    """One place, with its limits for remote care, and those of other items."""

    code: PlaceCode
    service: tuple[ServiceLimits, ...] = ()
    certificates: CertificateLimit | None = None


class InsuredPlaces(Part):
    """The whole file."""

    hotline: str = Field(pattern=r"^\d{3,12}$")
    place: tuple[InsuredPlace, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        codes = [place.code for place in self.place]
        if len(codes) != len(set(codes)):
            raise ValueError("a place stands there twice")
        return self

    def find(self, code: str | None) -> InsuredPlace | None:
        """What is known of a place."""
        return next((place for place in self.place if place.code == code), None)

    def limits(self, code: str | None, item: str | None) -> Limits | None:
        """What a place promises for an item of the catalogue, None being remote care; None: it promises nothing."""
        place = self.find(code)
        if place is None:
            return None
        every: dict[str | None, Limits] = {None: place, **{service.item: service for service in place.service}}
        limits = every.get(item)
        return limits and limits.model_copy(update={"hotline": limits.hotline or self.hotline})

    def certificates(self, code: str) -> CertificateLimit | None:
        """A place's limit; None: it has none, or none that is known here."""
        place = self.find(code)
        return place.certificates if place is not None else None


def load_places(file: Path = BUILT_IN) -> InsuredPlaces:
    """Reads the file. Raises BadPlaces."""
    return read_toml(file, InsuredPlaces, BadPlaces)
