"""The fictitious people of people.toml, and what the chip of each one's card holds."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

PEOPLE = Path(__file__).with_name("people.toml")


class Person(BaseModel):
    """One entry of people.toml; the fields are described there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    name: str
    about: str
    sex: Annotated[str, StringConstraints(pattern=r"^[0129]$")]
    ethnicity: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
    birth: date
    address: str
    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{17}[0-9X]$")]
    issuer: str
    valid_from: date
    valid_to: date | None = None
    new_addresses: Annotated[list[str], Field(max_length=4)] = []

    def card(self) -> Card:
        """The chip of this person's resident card. ValueError when a text does not fit its field."""
        return Card(
            text=b"".join(
                (
                    field(self.name, 30),
                    field(self.sex, 2),
                    field(self.ethnicity, 4),
                    field(f"{self.birth:%Y%m%d}", 16),
                    field(self.address, 70),
                    field(self.number, 36),
                    field(self.issuer, 30),
                    field(f"{self.valid_from:%Y%m%d}", 16),
                    field(f"{self.valid_to:%Y%m%d}" if self.valid_to else "长期", 16),
                    field("", 36),
                )
            ),
            photo=bytes(1024),
            new_addresses=tuple(field(address, 70) for address in self.new_addresses),
        )


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a chip holds: 256 bytes of text, 1,024 of photo, up to four records of 70 bytes."""

    text: bytes
    photo: bytes
    new_addresses: tuple[bytes, ...] = ()


def load_people(path: Path = PEOPLE) -> dict[str, Person]:
    """The people of the file by id. ValueError names what is wrong."""
    found = _PeopleFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).person
    people = {person.id: person for person in found}
    if len(people) != len(found):
        raise ValueError(f"{path.name}: an id occurs twice")
    return people


def field(value: str, size: int) -> bytes:
    """UTF-16LE, padded with spaces to `size` bytes."""
    encoded = value.encode("utf-16-le")
    if len(encoded) > size:
        raise ValueError(f"{value!r} does not fit {size} bytes")
    return encoded + b" \0" * ((size - len(encoded)) // 2)


class _PeopleFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    person: list[Person]
