"""The catalogue's items (登记、申请) at the demonstration's authorities: rules out of ``services.toml``, rows of
insurance and each person's fortune out of the register, and a memory of what was filed here.

Everything that is not refused gets a number (受理号) and waits for a review, which whoever shows the demonstration
decides (``decide``); for some people the register says at once what becomes of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal, cast

from pydantic import Field
from sqlalchemy import Row, select, update

from central.authorities.service_forms import ServiceForm
from central.database import Database, insert
from central.demonstration.register import InsuranceEntry, Register, Resident, birth_of
from central.local_time import SHANGHAI
from central.people import References
from central.tables import demonstration_services as held
from central.toml_files import Part, read_toml
from central.upstream import Fate, FateState, NotGranted, NotOffered, NumberTaken
from kiosk.contract.acts import PersonReference, PlaceCode
from kiosk.contract.filings import Authority, ItemCode, ServiceFiling

BUILT_IN: Final = Path(__file__).with_name("services.toml")


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """A filing as it lies on the authority's desk. ``answers``: in the catalogue's names and codes."""

    item: str
    person: PersonReference
    place: PlaceCode
    answers: Mapping[str, str]


class Refusal(Part):
    """Why a filing is refused: where all that it names holds."""

    answers: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    insutypes: tuple[str, ...] = ()
    where: Literal["here", "elsewhere", "anywhere"] = "anywhere"
    employer: bool | None = None
    missing: bool = False
    younger: int | None = None
    older: int | None = None
    older_days: int | None = None
    text: str = Field(min_length=1)

    def fits(self, filing: HandedIn, rows: tuple[InsuranceEntry, ...], birth: date | None, today: date) -> bool:
        """Whether the filing is refused for this."""
        if any(filing.answers.get(name) not in wanted for name, wanted in self.answers.items()):
            return False
        if self.insutypes and any(self._counts(row, filing.place) for row in rows) == self.missing:
            return False
        return self._age_fits(birth, today)

    def _counts(self, row: InsuranceEntry, place: str) -> bool:
        return (
            row.status == "1"
            and row.insutype in self.insutypes
            and self.where in ("anywhere", "here" if row.place == place else "elsewhere")
            and self.employer in (None, row.unit is not None)
        )

    def _age_fits(self, birth: date | None, today: date) -> bool:
        if self.younger is None and self.older is None and self.older_days is None:
            return True
        if birth is None:
            return False
        years = today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
        return (
            (self.younger is None or years < self.younger)
            and (self.older is None or years > self.older)
            and (self.older_days is None or (today - birth).days > self.older_days)
        )


class Service(Part):
    """One item at one authority."""

    item: ItemCode
    authority: Authority
    letters: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    file: str = Field(min_length=1)
    files: dict[str, dict[str, str]] = Field(default_factory=dict)
    fields: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    refusal: tuple[Refusal, ...] = ()

    @property
    def form(self) -> ServiceForm:
        """How it is written on the wire."""
        return ServiceForm(file=self.file, files=self.files, fields=self.fields, values=self.values)

    @property
    def transactions(self) -> tuple[str, ...]:
        """All of its transactions."""
        return (self.file, *(file for choices in self.files.values() for file in choices.values()))


class Services(Part):
    """The whole file."""

    service: tuple[Service, ...]

    def of(self, authority: Authority) -> tuple[Service, ...]:
        """What one authority takes."""
        return tuple(service for service in self.service if service.authority == authority)


@cache
def built_in() -> Services:
    """The file that comes with the program."""
    return read_toml(BUILT_IN, Services, ValueError)


class DemonstrationServices:
    """One authority's desk for the catalogue's items."""

    def __init__(
        self,
        authority: Authority,
        register: Register,
        database: Database,
        references: References,
        now: Callable[[], datetime],
        services: Services | None = None,
    ) -> None:
        self._authority = authority
        self._register = register
        self._database = database
        self._references = references
        self._now = now
        self._services = {service.item: service for service in (services or built_in()).of(authority)}

    def take(self, ours: str, filing: HandedIn) -> Fate:
        """Takes a filing in, or refuses it. Raises NumberTaken, NotGranted, NotOffered."""
        if self.fate(ours, filing.person) is not None:
            raise NumberTaken
        service = self._services.get(filing.item)
        if service is None:
            raise NotOffered(filing.item)
        resident = self._register.find(filing.person.number)
        self._demand(service, filing, resident)
        state, text = self._fortune(filing, resident)
        number = self._number(service, ours, filing.place)
        with self._database.writing() as connection:
            taken = connection.execute(
                insert(connection, held)
                .values(
                    person=self._references.of(filing.person),
                    ours=ours,
                    number=number,
                    authority=self._authority,
                    item=filing.item,
                    insured_place=filing.place,
                    at=self._now(),
                    state=state,
                    text=text,
                )
                .on_conflict_do_nothing()
                .returning(held.c.ours)
            ).first()
        if taken is None:
            raise NumberTaken
        return Fate(state=state, number=number, text=text, place=filing.place)

    def fate(self, ours: str, person: PersonReference) -> Fate | None:
        """What became of it; None: it never came, of this person."""
        mine = (held.c.person == self._references.of(person)) & (held.c.ours == ours)
        with self._database.reading() as connection:
            row = connection.execute(select(held).where(mine, held.c.authority == self._authority)).one_or_none()
        return None if row is None else as_fate(row)

    def decide(self, number: str, state: FateState, text: str) -> Fate | None:
        """What the person at the authority's desk does; None: there is no such filing."""
        with self._database.writing() as connection:
            row = connection.execute(
                update(held)
                .where(held.c.number == number, held.c.authority == self._authority)
                .values(state=state, text=text)
                .returning(*held.c)
            ).one_or_none()
        return None if row is None else as_fate(row)

    def _demand(self, service: Service, filing: HandedIn, resident: Resident | None) -> None:
        """Raises NotGranted with the reason of the first refusal that fits."""
        if resident is not None and resident.deceased is not None:
            raise NotGranted("这个人的参保已经结束，不能办。请家人到窗口问一问。")
        rows = () if resident is None else resident.insurances
        birth = birth_of(filing.person.number)
        today = self._now().astimezone(SHANGHAI).date()
        for refusal in service.refusal:
            if refusal.fits(filing, rows, birth, today):
                raise NotGranted(refusal.text)

    def _fortune(self, filing: HandedIn, resident: Resident | None) -> tuple[FateState, str]:
        """What becomes of it at once: of some people the register says so, of all others a review."""
        fortunes = () if resident is None else resident.fortunes
        known = next((fortune for fortune in fortunes if fortune.item == filing.item), None)
        if known is not None:
            return known.state, known.text
        office = "医保" if self._authority == "medical" else "社保"
        return "accepted", f"等{self._register.place_name(filing.place)}{office}部门审核"

    def _number(self, service: Service, ours: str, place: str) -> str:
        """Looks like one (受理号), the same for the same number of ours."""
        serial = int.from_bytes(hashlib.sha256(ours.encode()).digest()[:4]) % 1_000_000
        return f"{service.letters}{place}{self._now().astimezone(SHANGHAI):%Y%m%d}{serial:06d}"


def handed_in(filing: ServiceFiling) -> HandedIn:
    """A filing that needs no authority's names."""
    answers = {answer.field: answer.value for answer in filing.answers}
    return HandedIn(item=filing.item, person=filing.person, place=filing.insured_place, answers=answers)


def as_fate(row: Row[tuple[object, ...]]) -> Fate:
    return Fate(state=cast(FateState, row.state), number=row.number, text=row.text, place=row.insured_place)
