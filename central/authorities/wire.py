"""What an authority's fields look like: empty texts for what is not there, days in two forms, money as text.

Of its words stays what can be kept: no NUL, which no database holds, and an end.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

NUMBER: Final = 64
"""Characters of the longest number (受理号) that is one."""

WORDS: Final = 500
"""Characters of an authority's words that are kept."""


def nothing(value: object) -> object:
    """An empty text stands for what is not there."""
    return None if value == "" else value


def as_day(value: object) -> object:
    """yyyy-MM-dd or yyyyMMdd, a time behind it or not."""
    if not isinstance(value, str | int) or value == "":
        return nothing(value)
    text = str(value)
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if text[:8].isdigit() else text[:10]


def as_number(text: str) -> str:
    """Half of a number leads nowhere: what is too long to be one is none."""
    return text if len(text) <= NUMBER else ""


def as_words(text: str) -> str:
    """As much as is kept."""
    return text.strip()[:WORDS]


Day = Annotated[date | None, BeforeValidator(as_day)]
Money = Annotated[Decimal | None, BeforeValidator(nothing)]
Area = Annotated[str, Field(pattern=r"^\d{6}$")]
"""A place as authorities write it (医保区划, AAB301)."""
Number = Annotated[str, AfterValidator(as_number)]
Words = Annotated[str, AfterValidator(as_words)]


class Wire(BaseModel):
    """Anything that an authority says: what is not known here is let be, what is known has to fit."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nul(cls, said: object) -> object:
        return without_nul(said)


def without_nul(said: object) -> object:
    """The same without NUL in any text, however deep it lies."""
    match said:
        case str():
            return said.replace("\0", "")
        case dict():
            return {without_nul(name): without_nul(value) for name, value in said.items()}
        case list() | tuple():
            return [without_nul(value) for value in said]
    return said
