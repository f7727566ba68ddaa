"""The fictitious people of people.toml, and what the chip of each one's card holds: one class for each kind of card."""

from __future__ import annotations

import tomllib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from devices.card_text import Kind
from devices.simulated.photo import photo_of

PEOPLE = Path(__file__).with_name("people.toml")

NewAddresses = Annotated[list[str], Field(max_length=4)]


class Person(BaseModel, ABC):
    """One entry of people.toml; the fields are described there."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    kind: Kind
    name: str
    about: str
    sex: Annotated[str, StringConstraints(pattern=r"^[0129]$")]
    birth: date
    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{17}[0-9X]$")]
    valid_from: date
    valid_to: date | None = None

    @abstractmethod
    def card(self) -> Card:
        """The chip of this person's card. ValueError when a text does not fit its field."""

    def validity(self) -> bytes:
        """32 bytes, in the same place on all cards."""
        return field(_day(self.valid_from), 16) + field(_day(self.valid_to) if self.valid_to else "长期", 16)


class Resident(Person):
    """居民身份证."""

    kind: Literal["resident"]
    ethnicity: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
    address: str
    issuer: str
    new_addresses: NewAddresses = []

    def card(self) -> Card:
        text = (
            field(self.name, 30),
            field(self.sex, 2),
            field(self.ethnicity, 4),
            field(_day(self.birth), 16),
            field(self.address, 70),
            field(self.number, 36),
            field(self.issuer, 30),
            self.validity(),
            field("", 36),
        )
        return _card(self.id, text, self.new_addresses)


class FromHongKongMacaoOrTaiwan(Person):
    """港澳台居民居住证."""

    kind: Literal["hmt"]
    address: str
    issuer: str
    permit_number: Annotated[str, StringConstraints(pattern=r"^[HM]?[0-9]{8}$")]
    new_addresses: NewAddresses = []

    def card(self) -> Card:
        text = (
            field(self.name, 30),
            field(self.sex, 2),
            field("", 4),
            field(_day(self.birth), 16),
            field(self.address, 70),
            field(self.number, 36),
            field(self.issuer, 30),
            self.validity(),
            field(self.permit_number, 18),
            field("01", 4),
            field("", 6),
            field("J", 8),
        )
        return _card(self.id, text, self.new_addresses)


class Foreigner(Person):
    """Of either year."""

    latin_name: str
    nationality: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

    @property
    def chinese_name(self) -> str:
        return self.name if self.name != self.latin_name else ""


class Foreigner2017(Foreigner):
    """外国人永久居留身份证 of 2017."""

    kind: Literal["foreigner-2017"]
    number: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}[0-9]{12}$")]

    def card(self) -> Card:
        text = (
            field(self.latin_name, 120),
            field(self.sex, 2),
            field(self.number, 30),
            field(self.nationality, 6),
            field(self.chinese_name, 30),
            self.validity(),
            field(_day(self.birth), 16),
            field("01", 4),
            field(self.number[3:7], 8),
            field("I", 8),
        )
        return _card(self.id, text)


class Foreigner2023(Foreigner):
    """外国人永久居留身份证 of 2023."""

    kind: Literal["foreigner-2023"]

    def card(self) -> Card:
        text = (
            field(self.chinese_name, 30),
            field(self.sex, 2),
            field("00", 4),
            field(_day(self.birth), 16),
            field(self.latin_name[:35], 70),
            field(self.number, 36),
            field("", 30),
            self.validity(),
            field(self.latin_name[35:], 22),
            field(self.nationality, 6),
            field("Y", 8),
        )
        return _card(self.id, text)


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a chip holds: 256 bytes of text, 1,024 of photo, up to four records of 70 bytes."""

    text: bytes
    photo: bytes
    new_addresses: tuple[bytes, ...] = ()


def load_people(path: Path = PEOPLE) -> dict[str, Person]:
    """The people of the file by id. ValueError names what is wrong."""
    found = _PeopleFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).person
    people: dict[str, Person] = {person.id: person for person in found}
    if len(people) != len(found):
        raise ValueError(f"{path.name}: an id occurs twice")
    return people


def field(value: str, size: int) -> bytes:
    """UTF-16LE, padded with spaces to `size` bytes."""
    encoded = value.encode("utf-16-le")
    if len(encoded) > size:
        raise ValueError(f"{value!r} does not fit {size} bytes")
    return encoded + b" \0" * ((size - len(encoded)) // 2)


def _card(person: str, text: tuple[bytes, ...], new_addresses: list[str] | None = None) -> Card:
    return Card(
        text=b"".join(text),
        photo=photo_of(person),
        new_addresses=tuple(field(address, 70) for address in new_addresses or ()),
    )


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"


_Anybody = Annotated[Resident | FromHongKongMacaoOrTaiwan | Foreigner2017 | Foreigner2023, Field(discriminator="kind")]


class _PeopleFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    person: list[_Anybody]
