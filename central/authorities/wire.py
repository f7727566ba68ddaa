"""What an authority's fields look like: empty texts for what is not there, days in two forms, money as text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def nothing(value: object) -> object:
    """An empty text stands for what is not there."""
    return None if value == "" else value


def as_day(value: object) -> object:
    """yyyy-MM-dd or yyyyMMdd, a time behind it or not."""
    if not isinstance(value, str | int) or value == "":
        return nothing(value)
    text = str(value)
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if text[:8].isdigit() else text[:10]


Day = Annotated[date | None, BeforeValidator(as_day)]
Money = Annotated[Decimal | None, BeforeValidator(nothing)]
Area = Annotated[str, Field(pattern=r"^\d{6}$")]
"""A place as authorities write it (医保区划, AAB301)."""


class Wire(BaseModel):
    """Anything that an authority says: what is not known here is let be, what is known has to fit."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, coerce_numbers_to_str=True)
