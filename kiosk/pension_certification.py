"""What is said of certifying a pensioner (领取养老待遇资格认证), from ``pension_certification.toml``.

Texts are the Chinese originals, for ``_()`` at use.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from kiosk.contract.acts import PlaceCode
from kiosk.tables import CATALOG, Table, read_table

Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class ByPhone(Table):
    """How somebody certifies themselves, and the public address that a telephone opens."""

    qr: Annotated[str, Field(pattern=r"^https://[a-z0-9./-]+$")]
    caption: Text
    steps: Annotated[tuple[Text, ...], Field(min_length=1, max_length=4)]


@dataclass(frozen=True, kw_only=True)
class AtDesk(Table):
    """How it goes with a worker."""

    steps: Annotated[tuple[Text, ...], Field(min_length=1, max_length=4)]


@dataclass(frozen=True, kw_only=True)
class Paused(Table):
    """When an insured place pays again."""

    place: PlaceCode
    resumes: Text


@dataclass(frozen=True, kw_only=True)
class PensionCertification(Table):
    """The whole table."""

    warning: Text
    reading: Text
    phone: ByPhone
    desk: AtDesk
    paused: tuple[Paused, ...] = ()

    def resumes(self, place: str) -> str:
        """When a place pays again; "": it promises nothing."""
        return next((row.resumes for row in self.paused if row.place == place), "")


def load_pension_certification(file: Path = CATALOG / "pension_certification.toml") -> PensionCertification:
    """Raises CatalogError, which names file, entry and field."""
    return read_table(file, PensionCertification)
