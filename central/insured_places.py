"""Time limits of the insured places (参保地), from ``insured_places.toml``: without data nothing is promised."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kiosk.contract.acts import PlaceCode

BUILT_IN = Path(__file__).with_name("insured_places.toml")


class BadPlaces(Exception):
    """The file cannot be used: ``FILE: place: field: what is allowed``."""


class Entry(BaseModel):
    """Anything in the file: a key that is not known is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class InsuredPlace(Entry):
    """One place. Calendar days."""

    code: PlaceCode
    review_days: int = Field(ge=1, le=365)
    papers_days: int = Field(ge=1, le=365)


class InsuredPlaces(Entry):
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


def load_places(file: Path = BUILT_IN) -> InsuredPlaces:
    """Reads the file. Raises BadPlaces."""
    try:
        return InsuredPlaces.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadPlaces(f"{file}: cannot be read: {error}") from None
    except ValidationError as error:
        mistake = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part + 1) if isinstance(part, int) else part for part in mistake["loc"])
        raise BadPlaces(f"{file}: {where}: {mistake['msg'].removeprefix('Value error, ')}") from None
