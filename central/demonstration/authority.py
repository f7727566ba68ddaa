"""The demonstration's authorities: they answer from the register, and remember what was filed here.

They follow the rules that a person would meet: no insurance, no filing; a suspended insurance is declined with the
reason; everything else gets an acceptance number (受理号) and waits for a review, which whoever shows the demonstration
decides. The sandbox (``sandbox``) says the same over HTTP, in the authorities' own forms.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Final, Literal, cast

from sqlalchemy import Row, select, update

from central.authorities.remote_care import agent_of, pictures_of
from central.authorities.services import built_in
from central.database import Database, insert
from central.demonstration import listings
from central.demonstration.certificates import certificate
from central.demonstration.deeds import CardDesk, Deeds, FamilyDesk
from central.demonstration.papers import DemonstrationPapers
from central.demonstration.register import Register
from central.demonstration.services import DemonstrationServices, handed_in
from central.insurance import counting
from central.local_time import SHANGHAI
from central.people import References, masked_name
from central.tables import demonstration_filings as held
from central.upstream import (
    CertificateWanted,
    Document,
    Fate,
    FateState,
    Insured,
    Looked,
    NotGranted,
    NotOffered,
    NumberTaken,
    PaperSent,
    Settled,
    Wanted,
)
from kiosk.contract.acts import FilingKind, PersonReference, PlaceCode, RemoteCareMatter
from kiosk.contract.filings import ServiceFiling
from kiosk.contract.identity import Relation
from kiosk.contract.live import FamilyAccount, RemoteCareWithdrawal
from kiosk.contract.queries import Filing, Insurance

CARDS: Final = "card"
MEDICAL: Final = listings.MEDICAL_SCHEME
RELATIONS: Final[dict[Relation, str]] = {
    "child": "子女",
    "spouse": "配偶",
    "parent": "父母",
    "relative": "亲属",
    "carer": "照料人",
    "worker": "工作人员",
}
OF_REGISTER: Final = "register:"
"""Begins what stands for a number of ours in filings that never came from a kiosk."""


class DemonstrationMedicalInsurance(FamilyDesk):
    """Medical insurance (医保) out of the register."""

    def __init__(
        self, register: Register, database: Database, references: References, now: Callable[[], datetime], deeds: Deeds
    ) -> None:
        super().__init__(register, deeds)
        self._database = database
        self._references = references
        self._now = now
        self.services = DemonstrationServices("medical", register, database, references, now)
        self.papers = DemonstrationPapers(database=database, references=references, now=now)

    def file_service(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate:
        return self.services.take(ours, handed_in(filing))

    def service_fate(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate | None:
        return self.services.fate(ours, filing.person)

    def add_paper(self, terminal: str, sent: PaperSent) -> None:
        self.papers.take(sent)

    def insured(self, terminal: str, person: PersonReference) -> tuple[Insured, ...]:
        resident = self._register.find(person.number)
        rows = () if resident is None else resident.insurances
        return tuple(
            Insured(
                place=row.place,
                row=Insurance(**row.model_dump(exclude={"place", "balance", "paid"})),
                balance=row.balance,
            )
            for row in rows
            if row.scheme == MEDICAL
        )

    def filings_of(self, terminal: str, person: PersonReference) -> tuple[Filing, ...]:
        resident = self._register.find(person.number)
        here = self.filed_here(person)
        moved = {row.number for row in here}
        entries = () if resident is None else resident.filings
        known = [Filing(**entry.model_dump()) for entry in entries if entry.number not in moved]
        today = self._now().astimezone(SHANGHAI).date()
        return (*(as_line(row, today) for row in here), *known)

    def file(self, terminal: str, ours: str, filing: RemoteCareMatter) -> Fate:
        if self.fate(terminal, ours, filing) is not None:
            raise NumberTaken
        return self._accept(ours, filing)

    def change(self, terminal: str, ours: str, filing: RemoteCareMatter, number: str) -> Fate:
        if self.fate(terminal, ours, filing) is not None:
            raise NumberTaken
        earlier = next((row for row in self.filings_of(terminal, filing.person) if row.number == number), None)
        if earlier is None or earlier.state == "ended":
            raise NotGranted("没有这条备案，或者已经取消了，改不了。")
        self._remember(filing.person, number)
        return self._accept(ours, filing, number)

    def _accept(self, ours: str, filing: RemoteCareMatter, changes: str = "") -> Fate:
        """Takes a filing, and ends the one that it changes. Raises NotGranted, NumberTaken."""
        place = self._insured(filing.person).place
        number = acceptance_number(ours, place, self._now().astimezone(SHANGHAI).date())
        with self._database.writing() as connection:
            taken = connection.execute(
                insert(connection, held)
                .values(
                    person=self._references.of(filing.person),
                    ours=ours,
                    number=number,
                    filing=filing.filing.value,
                    place=filing.place,
                    begin=filing.begin,
                    end=filing.end,
                    at=self._now(),
                    state="accepted",
                    text=f"等{self._register.place_name(place)}医保部门审核{brought(filing)}",
                    insured_place=place,
                )
                .on_conflict_do_nothing()
                .returning(held.c.ours)
            ).first()
            if taken is not None and changes:
                its = (held.c.person == self._references.of(filing.person)) & (held.c.number == changes)
                connection.execute(update(held).where(its).values(state="changed", text="这条备案已经改了"))
        fate = self.fate("", ours, filing)
        if taken is None or fate is None:
            raise NumberTaken
        return fate

    def fate(self, terminal: str, ours: str, filing: RemoteCareMatter) -> Fate | None:
        return next((as_fate(row) for row in self.filed_here(filing.person) if row.ours == ours), None)

    def withdraw(self, terminal: str, ours: str, act: RemoteCareWithdrawal) -> Settled:
        if self._deeds.came(act.person, ours) is not None:
            raise NumberTaken
        self._remember(act.person, act.entry)
        listed = {filing.number: filing for filing in self.filings_of(terminal, act.person)}
        if act.entry not in listed or listed[act.entry].state == "ended":
            raise NotGranted("没有这条备案，或者已经撤销了。")
        settled = self._deeds.do(act.person, ours, "withdraw", "这条备案已经撤销", about=act.entry)
        self.decide(act.entry, "withdrawn", "这条备案已经撤销")
        return settled

    def settled(self, terminal: str, ours: str, act: RemoteCareWithdrawal | FamilyAccount) -> Settled | None:
        return self._deeds.came(act.person, ours)

    def decide(self, number: str, state: FateState, text: str) -> Fate:
        """What the person at the authority's desk does. Raises NotGranted: there is no such filing."""
        with self._database.writing() as connection:
            row = connection.execute(
                update(held).where(held.c.number == number).values(state=state, text=text).returning(*held.c)
            ).one_or_none()
        if row is None:
            raise NotGranted("没有这条备案。")
        return as_fate(row)

    def level_of(self, service: str) -> Literal[1, 2]:
        if service not in listings.MEDICAL:
            raise NotOffered(service)
        return built_in().medical[service].level

    def look_up(self, terminal: str, person: PersonReference, wanted: Wanted) -> Looked:
        today = self._now().astimezone(SHANGHAI).date()
        return listings.look_up(listings.MEDICAL, self._register.find(person.number), wanted, today)

    def certificate(self, terminal: str, person: PersonReference, wanted: CertificateWanted) -> Document:
        return certificate(self._register, "medical", person, wanted, self._now())

    def filed_here(self, person: PersonReference) -> list[Row[tuple[object, ...]]]:
        """What came from kiosks, the newest first."""
        with self._database.reading() as connection:
            return list(
                connection.execute(
                    select(held)
                    .where(held.c.person == self._references.of(person))
                    .order_by(held.c.at.desc(), held.c.ours.desc())
                ).all()
            )

    def _remember(self, person: PersonReference, number: str) -> None:
        """What becomes of a filing of the register is remembered as of those that came from kiosks."""
        resident = self._register.find(person.number)
        entry = next((entry for entry in resident.filings if entry.number == number), None) if resident else None
        if entry is None or entry.state == "ended":
            return
        insured = counting(self.insured("", person))
        with self._database.writing() as connection:
            connection.execute(
                insert(connection, held)
                .values(
                    person=self._references.of(person),
                    ours=f"{OF_REGISTER}{number}"[:40],
                    number=number,
                    filing=entry.filing.value,
                    place=entry.place,
                    begin=entry.begin,
                    end=entry.end,
                    at=datetime.combine(entry.begin, time(), SHANGHAI),
                    state="decided" if entry.state == "in force" else "accepted",
                    text="",
                    insured_place=insured.place if insured is not None else entry.place,
                )
                .on_conflict_do_nothing()
            )

    def _insured(self, person: PersonReference) -> Insured:
        """The row that lets a person file. Raises NotGranted with the reason."""
        resident = self._register.find(person.number)
        row = counting(self.insured("", person))
        if row is None:
            raise NotGranted("没有查到基本医疗保险参保记录，不能备案。您可能在别的地方参保，请打 12393 问一问。")
        if resident is not None and resident.deceased is not None:
            raise NotGranted("这个人的参保已经结束，不能备案。请家人到医保窗口问一问。")
        if row.row.status != "1":
            raise NotGranted("您的基本医疗保险没有在正常缴费，不能备案。接上缴费以后可以再来办。")
        return row


class DemonstrationSocialSecurity(CardDesk):
    """Social security (社保) out of the register."""

    def __init__(
        self, register: Register, database: Database, references: References, now: Callable[[], datetime], deeds: Deeds
    ) -> None:
        super().__init__(register, deeds)
        self._now = now
        self.services = DemonstrationServices("social", register, database, references, now)
        self.papers = DemonstrationPapers(database=database, references=references, now=now)

    def file_service(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate:
        return self.services.take(ours, handed_in(filing))

    def service_fate(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate | None:
        return self.services.fate(ours, filing.person)

    def add_paper(self, terminal: str, sent: PaperSent) -> None:
        self.papers.take(sent)

    def level_of(self, service: str) -> Literal[1, 2]:
        if service not in listings.SOCIAL:
            raise NotOffered(service)
        return built_in().social[service].level

    def look_up(self, terminal: str, person: PersonReference, wanted: Wanted) -> Looked:
        if wanted.place is None and any(self._needs_a_place(service) for service in wanted.services):
            raise NotOffered("without a place")
        looked = listings.look_up(listings.SOCIAL, self._register.find(person.number), wanted, date.min)
        if CARDS in looked.rows:
            looked = replace(looked, rows={**looked.rows, CARDS: self.listed(person, looked.rows[CARDS])})
        places = self.places_of(terminal, person)
        return looked if wanted.place in (None, *places) else replace(looked, elsewhere=places)

    def _needs_a_place(self, service: str) -> bool:
        return service in listings.SOCIAL and built_in().social[service].by == "personal-number"

    def status_of(self, terminal: str, person: PersonReference, place: PlaceCode) -> tuple[Insurance, ...]:
        resident = self._register.find(person.number)
        rows = () if resident is None else resident.insurances
        return tuple(
            Insurance(**row.model_dump(exclude={"place", "balance", "paid"}))
            for row in rows
            if row.place == place and row.scheme != MEDICAL
        )

    def places_of(self, terminal: str, person: PersonReference) -> tuple[PlaceCode, ...]:
        resident = self._register.find(person.number)
        rows = () if resident is None else resident.insurances
        return tuple(dict.fromkeys(row.place for row in rows if row.scheme != MEDICAL))

    def certificate(self, terminal: str, person: PersonReference, wanted: CertificateWanted) -> Document:
        return certificate(self._register, "social", person, wanted, self._now())


def brought(filing: RemoteCareMatter) -> str:
    """Who came with a filing for somebody else, and how many pictures it has: the end of the authority's words."""
    agent, pictures = agent_of(filing), pictures_of(filing)
    said = [f"{RELATIONS[agent.relation]}{masked_name(agent.person.name)}代办"] if agent is not None else []
    said += [f"材料 {pictures} 张"] if pictures else []
    return f"（{'，'.join(said)}）" if said else ""


def as_fate(row: Row[tuple[object, ...]]) -> Fate:
    return Fate(state=cast(FateState, row.state), number=row.number, text=row.text, place=row.insured_place)


def as_line(row: Row[tuple[object, ...]], today: date) -> Filing:
    over = row.end is not None and row.end < today
    return Filing(
        number=row.number,
        filing=FilingKind(row.filing),
        place=row.place,
        begin=row.begin,
        end=row.end,
        state="under review"
        if row.state in ("accepted", "papers wanted")
        else "in force"
        if row.state == "decided" and not over
        else "ended",
    )


def acceptance_number(ours: str, place: str, day: date) -> str:
    """A number (受理号) that looks like one, the same for the same number of ours."""
    serial = int.from_bytes(hashlib.sha256(ours.encode()).digest()[:4]) % 1_000_000
    return f"YD{place}{day:%Y%m%d}{serial:06d}"
