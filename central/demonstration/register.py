"""The register of fictitious people that the demonstration's authorities answer from: a TOML file, checked when read.

``docs/register.md`` explains every key. A mistake is one line that names the file, the entry and the field.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from central.toml_files import Part, read_toml
from kiosk.contract.acts import FilingKind, PlaceCode, Telephone
from kiosk.contract.filings import ItemCode
from kiosk.contract.identity import Name

BUILT_IN = Path(__file__).with_name("register.toml")

Month = Annotated[int, Field(ge=200001, le=210012)]
"""A month as authorities write it: 202601."""

Amount = Annotated[Decimal | None, Field(ge=0, decimal_places=2)]
"""Yuan."""

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class BadRegister(Exception):
    """The register cannot be used: ``FILE: entry: field: what is allowed``."""


class Place(Part):
    """An insured place or a place of treatment: a city."""

    code: PlaceCode
    name: str = Field(min_length=1, max_length=40)
    loss_days: int | None = Field(default=None, ge=1, le=60)
    """How long a loss report of a social security card (临时挂失) lasts there."""
    family: Literal["here", "app"] = "here"
    """Where the personal account is shared (家庭共济)."""


class Bank(Part):
    """A bank whose part of a social security card it stops itself."""

    name: str = Field(min_length=1, max_length=40)
    telephone: str = Field(pattern=r"^\d{3,12}$")


class PaidMonths(Part):
    """Months for which contributions were due, whether they arrived, and how much each month."""

    first: Month
    last: Month
    arrived: bool = True
    own: Amount = None
    employer: Amount = None


class InsuranceEntry(Part):
    """One row of insurance of one person, in one insured place."""

    place: PlaceCode
    scheme: Literal["pension", "medical", "unemployment", "injury", "maternity"]
    insutype: str = Field(pattern=r"^\d{3}$")
    status: Literal["0", "1", "2", "3", "4"]
    unit: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    begin: date | None = None
    end: date | None = None
    balance: Amount = None
    paid: tuple[PaidMonths, ...] = ()


class ChronicEntry(Part):
    """A recognised chronic or special outpatient disease (门诊慢特病)."""

    code: str = Field(min_length=1, max_length=30)
    name: str = Field(min_length=1, max_length=100)
    begin: date
    end: date | None = None


class TotalEntry(Part):
    """What was added up for a person in a year (人员累计信息)."""

    insutype: str = Field(pattern=r"^\d{3}$")
    year: int = Field(ge=2000, le=2100)
    code: str = Field(min_length=1, max_length=10)
    amount: Decimal = Field(decimal_places=2)


class FilingEntry(Part):
    """A remote-care filing that the authority already holds."""

    number: str = Field(min_length=1, max_length=64)
    filing: FilingKind
    place: PlaceCode
    begin: date
    end: date | None = None
    state: Literal["in force", "under review", "ended"]


class PensionEntry(Part):
    """Months of a pension, each paid on the same ``day`` of the month; ``state`` 0 to come, 1 paid, 2 sent back."""

    place: PlaceCode
    first: Month
    last: Month
    amount: Decimal = Field(ge=0, decimal_places=2)
    state: Literal["0", "1", "2"] = "1"
    day: int = Field(default=15, ge=1, le=28)
    bank: str = Field(min_length=1, max_length=40)
    account: str = Field(pattern=r"^\d{8,24}$")


class CertificationEntry(Part):
    """Whether a pensioner's entitlement is certified: 1 it is, 2 it is due, 3 payments are paused."""

    place: PlaceCode
    state: Literal["1", "2", "3"]
    until: date | None = None
    paused: Month | None = None
    resumes: str = Field(default="", max_length=100)
    words: str = Field(default="", max_length=100)


class CardInMaking(Part):
    """A social card that is being made: 1 applied for, 2 examined, 3 being made, 4 on its way, 5 ready, 6 given out."""

    stage: Literal["1", "2", "3", "4", "5", "6"]
    since: date
    where: str = Field(default="", max_length=60)


class CardEntry(Part):
    """A social security card: 0 not activated, 1 normal, 2 lost, 3 lost for a time, 4 given back."""

    number: str = Field(pattern=r"^[0-9A-Z]{9,19}$")
    state: Literal["0", "1", "2", "3", "4"]
    bank: str = Field(default="", max_length=40)
    issued: date | None = None
    until: date | None = None


class ReimbursementEntry(Part):
    """A claim for what was paid at a hospital: 0 under review, 1 granted, 2 refused, 3 papers wanted, 4 paid."""

    number: str = Field(min_length=1, max_length=30)
    received: date
    state: Literal["0", "1", "2", "3", "4"]
    words: str = Field(default="", max_length=100)
    amount: Amount = None
    paid_on: date | None = None


class PaymentEntry(Part):
    """A year of residents' medical insurance: of the person, or of somebody whom the person registered."""

    name: Name
    number: str = Field(pattern=r"^\d{17}[\dX]$")
    year: int = Field(ge=2000, le=2100)
    amount: Decimal = Field(ge=0, decimal_places=2)
    paid_on: date | None = None


class StandingEntry(Part):
    """What the medical authority knows of a person's standing (idetinfo): a household in need, a disability."""

    kind: str = Field(pattern=r"^[0-9A-Z]{1,3}$")
    grade: str = Field(default="", max_length=3)
    words: str = Field(min_length=1, max_length=100)
    begin: date
    end: date | None = None


class FortuneEntry(Part):
    """What becomes at once of a filing of an item of the catalogue."""

    item: ItemCode
    state: Literal["accepted", "papers wanted", "decided", "declined"]
    text: str = Field(min_length=1, max_length=200)


class Resident(Part):
    """A fictitious person."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    name: Name
    number: str = Field(pattern=r"^(\d{17}[\dX]|[A-Z]{3}\d{12})$")
    telephone: Telephone | None = None
    ethnicity: Annotated[str | None, Field(pattern=r"^\d{2}$")] = None
    deceased: date | None = None
    insurances: tuple[InsuranceEntry, ...] = ()
    filings: tuple[FilingEntry, ...] = ()
    chronic: tuple[ChronicEntry, ...] = ()
    totals: tuple[TotalEntry, ...] = ()
    pension: tuple[PensionEntry, ...] = ()
    certification: tuple[CertificationEntry, ...] = ()
    cards: tuple[CardEntry, ...] = ()
    making: tuple[CardInMaking, ...] = ()
    reimbursements: tuple[ReimbursementEntry, ...] = ()
    standings: tuple[StandingEntry, ...] = ()
    fortunes: tuple[FortuneEntry, ...] = ()
    payments: tuple[PaymentEntry, ...] = ()

    @model_validator(mode="after")
    def _number_is_right(self) -> Self:
        if check_character(self.number) != self.number[-1]:
            raise ValueError("the number's last character is not its check character (GB 11643, or 7-3-1)")
        return self

    @property
    def sex(self) -> Literal["1", "2", "9"]:
        """GB/T 2261.1, as far as the number says it."""
        if self.number[0].isalpha():
            return "9"
        return "1" if int(self.number[16]) % 2 else "2"

    @property
    def birth(self) -> date | None:
        return birth_of(self.number)


class Register(Part):
    """The whole file."""

    authority: str = Field(min_length=1, max_length=60)
    places: tuple[Place, ...] = Field(min_length=1)
    banks: tuple[Bank, ...] = ()
    people: tuple[Resident, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        codes = [place.code for place in self.places]
        for what, values in (
            ("places", codes),
            ("people", [person.id for person in self.people]),
            ("people", [person.number for person in self.people]),
        ):
            if len(values) != len(set(values)):
                raise ValueError(f"{what}: an id, a code or a number stands there twice")
        for person in self.people:
            places = [row.place for row in person.insurances] + [row.place for row in person.filings]
            places += [row.place for row in person.pension] + [row.place for row in person.certification]
            for place in places:
                if place not in codes:
                    raise ValueError(f"people.{person.id}: place {place} is not among the places")
        return self

    def find(self, number: str) -> Resident | None:
        """A person by number, never by name."""
        return next((person for person in self.people if person.number == number.upper()), None)

    def place(self, code: str | None) -> Place | None:
        """A place by its code."""
        return next((place for place in self.places if place.code == code), None)

    def bank_telephone(self, name: str) -> str | None:
        """Where a bank stops its part of a card."""
        return next((bank.telephone for bank in self.banks if bank.name == name), None)

    def place_name(self, code: str) -> str:
        """A place's name, or its code where the register does not know it."""
        return next((place.name for place in self.places if place.code == code), code)


def load(file: Path) -> Register:
    """Reads a register. Raises BadRegister."""
    return read_toml(file, Register, BadRegister)


def birth_of(number: str) -> date | None:
    """As far as a number says it: a foreigner's of 2017 leaves out the century."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14])) if number[0].isdigit() else None
    except ValueError:
        return None


def check_character(number: str) -> str:
    """The last character of a citizen identification number (GB 11643-1999, 6.2), or of a foreigner's of 2017: weights
    7 3 1 as in machine-readable travel documents, A is 10."""
    if number[:1].isalpha():
        return str(sum(int(sign, 36) * (7, 3, 1)[at % 3] for at, sign in enumerate(number[:14])) % 10)
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False)) % 11]
