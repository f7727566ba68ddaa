"""What the demonstration's authorities carry out at once, and remember: loss reports, shared accounts, withdrawals.

They follow the rules that a person would meet. A deed comes under a number of central's, once; what was so already is
as good as done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from sqlalchemy import Row as Kept
from sqlalchemy import select

from central.database import Database, insert
from central.demonstration.register import CardEntry, Register, Resident
from central.local_time import SHANGHAI
from central.people import References, masked_name
from central.tables import demonstration_deeds as held
from central.upstream import NotGranted, NumberTaken, Row, Settled
from kiosk.contract.acts import PersonReference
from kiosk.contract.beforehand import Family, FamilyMember, SocialCard
from kiosk.contract.live import FamilyAccount, SocialCardLoss

Deed = Literal["report", "lift", "add", "remove", "withdraw", "again"]
"""``again``: it was so already."""
EMPLOYEES = "310"


@dataclass(frozen=True, kw_only=True)
class Deeds:
    """The authorities' memory."""

    database: Database
    references: References
    now: Callable[[], datetime]

    @property
    def today(self) -> date:
        return self.now().astimezone(SHANGHAI).date()

    def of(self, person: PersonReference, *deeds: Deed) -> list[Kept[tuple[object, ...]]]:
        """What was done of these, the newest first."""
        with self.database.reading() as connection:
            return list(
                connection.execute(
                    select(held)
                    .where(held.c.person == self.references.of(person), held.c.deed.in_(deeds))
                    .order_by(held.c.at.desc(), held.c.ours.desc())
                ).all()
            )

    def came(self, person: PersonReference, ours: str) -> Settled | None:
        """What came under this number."""
        with self.database.reading() as connection:
            row = connection.execute(
                select(held).where(held.c.person == self.references.of(person), held.c.ours == ours)
            ).one_or_none()
        return None if row is None else settled(row)

    def do(
        self, person: PersonReference, ours: str, deed: Deed, text: str, *, until: date | None = None,
        about: str | None = None, shown: str | None = None, relation: str | None = None,
    ) -> Settled:  # fmt: skip
        """Remembers it. Raises NumberTaken."""
        values = {
            "person": self.references.of(person),
            "ours": ours,
            "deed": deed,
            "number": deed_number(ours, self.today),
            "text": text,
            "at": self.now(),
            "until": until,
            "about": about,
            "shown": shown,
            "relation": relation,
        }
        with self.database.writing() as connection:
            row = connection.execute(
                insert(connection, held).values(**values).on_conflict_do_nothing().returning(*held.c)
            ).one_or_none()
        if row is None:
            raise NumberTaken
        return settled(row)


class CardDesk:
    """Social security cards (社保卡): the part of social security that is done at once."""

    def __init__(self, register: Register, deeds: Deeds) -> None:
        self._register = register
        self._deeds = deeds

    def cards_of(self, terminal: str, person: PersonReference) -> tuple[SocialCard, ...]:
        resident = self._register.find(person.number)
        cards = () if resident is None else resident.cards
        return tuple(self._state(person, resident, entry) for entry in cards if resident is not None)

    def card_loss(self, terminal: str, ours: str, act: SocialCardLoss) -> Settled:
        if self._deeds.came(act.person, ours) is not None:
            raise NumberTaken
        resident = self._register.find(act.person.number)
        cards = self.cards_of(terminal, act.person)
        usable = next((card for card in cards if card.state != "ended"), None)
        if resident is None or usable is None:
            raise NotGranted("没有查到您在用的社保卡，请打 12333 问一问。")
        if resident.deceased is not None:
            raise NotGranted("这张卡要由家人到社保窗口办。")
        if act.wish == "lift":
            if usable.state == "in use":
                raise NotGranted("这张卡没有停用，不用恢复。")
            return self._deeds.do(act.person, ours, "lift", "这张卡恢复使用了")
        if usable.state == "stopped":
            return self._deeds.do(act.person, ours, "report", "这张卡之前已经停用了", until=usable.until)
        until = self._deeds.today + timedelta(days=usable.days or 0)
        return self._deeds.do(act.person, ours, "report", "这张卡的社保部分停用了", until=until)

    def settled(self, terminal: str, ours: str, act: SocialCardLoss) -> Settled | None:
        return self._deeds.came(act.person, ours)

    def listed(self, person: PersonReference, rows: tuple[Row, ...]) -> tuple[Row, ...]:
        """The register's rows of cards, changed by what was done here."""
        listed = []
        for row, card in zip(rows, self.cards_of("", person), strict=True):
            if card.state == "stopped":
                row = {**row, "state": "3"}  # ``until`` stays: how long the card itself is good for
            elif card.state == "in use":
                row = {**row, "state": "1"}
            listed.append(row)
        return tuple(listed)

    def _state(self, person: PersonReference, resident: Resident, entry: CardEntry) -> SocialCard:
        """The register's, changed by what was done here."""
        places = (row.place for row in resident.insurances if row.scheme != "medical")
        place = self._register.place(next(places, None))
        stopped, until = entry.state == "3", entry.until
        newest = next(iter(self._deeds.of(person, "report", "lift")), None)
        if newest is not None:
            stopped, until = newest.deed == "report", newest.until
        if until is not None and until < self._deeds.today:
            stopped = False
        ended = entry.state not in ("1", "3")
        return SocialCard(
            ends=entry.number[-4:],
            state="ended" if ended else "stopped" if stopped else "in use",
            until=until if stopped and not ended else None,
            days=place.loss_days if place is not None else None,
            bank=entry.bank or None,
            bank_telephone=self._register.bank_telephone(entry.bank),
        )


class FamilyDesk:
    """Personal accounts and who shares them (家庭共济): the part of medical insurance that is done at once."""

    def __init__(self, register: Register, deeds: Deeds) -> None:
        self._register = register
        self._deeds = deeds

    def family_of(self, terminal: str, person: PersonReference) -> Family:
        resident = self._register.find(person.number)
        place = self._register.place(insured_place(resident))
        if place is not None and place.family == "app":
            return Family(by="app")
        balance = account_of(resident)
        if balance is None:
            return Family(by="here", why_not="没有查到您的职工医保个人账户，不能给家里人用。")
        gone = {row.about for row in self._deeds.of(person, "remove")}
        members = tuple(
            FamilyMember(
                entry=row.number,
                name=row.shown.split()[0],
                ends=row.shown.split()[-1],
                relation=row.relation,
                since=row.at.astimezone(SHANGHAI).date(),
            )
            for row in self._deeds.of(person, "add")
            if row.number not in gone
        )
        return Family(by="here", balance=balance, members=members)

    def family(self, terminal: str, ours: str, act: FamilyAccount) -> Settled:
        if self._deeds.came(act.person, ours) is not None:
            raise NumberTaken
        family = self.family_of(terminal, act.person)
        if family.by == "app":
            raise NotGranted("这里还没有开通，请用国家医保服务平台 App 办。")
        if family.why_not is not None:
            raise NotGranted(family.why_not)
        if act.member is None:
            if act.entry not in {member.entry for member in family.members}:
                raise NotGranted("没有找到这位家人，可能已经取消了。")
            return self._deeds.do(act.person, ours, "remove", "这位家人不再用您的医保钱", about=act.entry)
        resident = self._register.find(act.member.number)
        if act.member.number.upper() == act.person.number.upper():
            raise NotGranted("这是您自己的号码，不用加。")
        if resident is None or not is_insured(resident):
            raise NotGranted("没有查到这位家人的基本医保。先参保，再来加。")
        about = self._deeds.references.of(act.member)
        there = {row.number: row for row in self._deeds.of(act.person, "add")}
        if any(there[member.entry].about == about for member in family.members):
            return self._deeds.do(act.person, ours, "again", "这位家人之前已经在用了")
        shown = f"{masked_name(act.member.name)} {act.member.number[-4:].upper()}"
        text = "这位家人可以用您的医保钱了"
        return self._deeds.do(act.person, ours, "add", text, about=about, shown=shown, relation=act.relation)


def settled(row: Kept[tuple[object, ...]]) -> Settled:
    """A deed as central hears of it: whatever is remembered was done."""
    return Settled(done=True, number=row.number, text=row.text, until=row.until)


def insured_place(resident: Resident | None) -> str | None:
    """The place (参保地) of the medical insurance that counts."""
    rows = [] if resident is None else [row for row in resident.insurances if row.scheme == "medical"]
    return next((row.place for row in rows if row.status == "1"), rows[0].place if rows else None)


def account_of(resident: Resident | None) -> Decimal | None:
    """What is in the personal account of somebody who pays into the employees' insurance."""
    rows = () if resident is None or resident.deceased else resident.insurances
    return next((row.balance for row in rows if row.insutype == EMPLOYEES and row.status == "1"), None)


def is_insured(resident: Resident) -> bool:
    """Whether somebody may be given from an account: basic medical insurance in force."""
    return resident.deceased is None and any(
        row.scheme == "medical" and row.status == "1" for row in resident.insurances
    )


def deed_number(ours: str, day: date) -> str:
    """A number (受理号) that looks like one, the same for the same number of ours."""
    serial = int.from_bytes(hashlib.sha256(ours.encode()).digest()[:6]) % 10**10
    return f"JS{day:%Y%m%d}{serial:010d}"
