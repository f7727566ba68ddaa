"""What is the same for everybody and changes seldom: hospitals, pharmacies, drugs (定点机构与药品目录).

``GET /v1/datasets/{name}``. The entity tag is the SHA-256 of the content, so that whoever keeps the content can say
which one it has. A kiosk keeps the last good one and works from it without a network; it says of what day it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Annotated, Final

from pydantic import Field, model_validator

from kiosk.contract.base import Message
from kiosk.contract.lookups import Name

OCTETS_AT_MOST: Final = 1_000_000
"""Of a dataset as JSON."""

Text = Annotated[str, Field(max_length=500)]


class Dataset(Message):
    """One list. A row is column → value and has at least ``code``, once in the list, and ``name``; it is about nobody.

    ``as_of`` is the day of the data, which stands on the page; ``note`` what has to be known about it.
    """

    name: Name
    as_of: date
    note: Text = ""
    rows: Annotated[tuple[Mapping[Name, Text], ...], Field(max_length=20_000)]

    @model_validator(mode="after")
    def _each_is_named_once(self) -> Dataset:
        codes = [row.get("code", "") for row in self.rows]
        if len(set(codes)) != len(codes) or "" in codes:
            raise ValueError("a row has no code, or another's")
        if not all(row.get("name") for row in self.rows):
            raise ValueError("a row has no name")
        return self


def tag_of(content: bytes) -> str:
    """The entity tag of a dataset's content, without its quotes."""
    return sha256(content).hexdigest()
