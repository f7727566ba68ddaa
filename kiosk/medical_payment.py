"""What is said of paying residents' medical insurance (居民医保缴费), from ``medical_payment.toml``.

Texts are the Chinese originals, for ``_()`` at use.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from kiosk.tables import CATALOG, Table, read_table

Text = Annotated[str, Field(min_length=1)]
Steps = Annotated[tuple[Text, ...], Field(min_length=1, max_length=4)]


@dataclass(frozen=True, kw_only=True)
class ByPhone(Table):
    """The tax authority's channel: the public address that a telephone opens."""

    qr: Annotated[str, Field(pattern=r"^https://[a-z0-9./-]+$")]
    caption: Text
    steps: Steps


@dataclass(frozen=True, kw_only=True)
class Elsewhere(Table):
    """Where else it is paid."""

    steps: Steps


@dataclass(frozen=True, kw_only=True)
class MedicalPayment(Table):
    """The whole table."""

    warning: Text
    deadline: Text
    hotline: Annotated[str, Field(pattern=r"^[0-9-]{5,20}$")]
    phone: ByPhone
    desk: Elsewhere


def load_medical_payment(file: Path = CATALOG / "medical_payment.toml") -> MedicalPayment:
    """Raises CatalogError, which names file, entry and field."""
    return read_table(file, MedicalPayment)
