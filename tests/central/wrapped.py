"""An authority with another before it, for what goes wrong on the way: a call is handed on unless a test says else."""

from __future__ import annotations

from typing import Literal

from central.upstream import (
    CertificateWanted,
    Document,
    Fate,
    Insured,
    Looked,
    MedicalInsurance,
    PaperSent,
    Settled,
    SocialSecurity,
    Wanted,
)
from kiosk.contract.acts import PersonReference, PlaceCode, RemoteCareMatter
from kiosk.contract.beforehand import Family, SocialCard
from kiosk.contract.filings import ServiceFiling
from kiosk.contract.live import FamilyAccount, RemoteCareWithdrawal, SocialCardLoss
from kiosk.contract.queries import Filing, Insurance


class Wrapped:
    """Hands on."""

    def __init__(self, inner: MedicalInsurance) -> None:
        self.inner = inner

    def insured(self, terminal: str, person: PersonReference) -> tuple[Insured, ...]:
        return self.inner.insured(terminal, person)

    def filings_of(self, terminal: str, person: PersonReference) -> tuple[Filing, ...]:
        return self.inner.filings_of(terminal, person)

    def file(self, terminal: str, ours: str, filing: RemoteCareMatter) -> Fate:
        return self.inner.file(terminal, ours, filing)

    def change(self, terminal: str, ours: str, filing: RemoteCareMatter, number: str) -> Fate:
        return self.inner.change(terminal, ours, filing, number)

    def fate(self, terminal: str, ours: str, filing: RemoteCareMatter) -> Fate | None:
        return self.inner.fate(terminal, ours, filing)

    def file_service(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate:
        return self.inner.file_service(terminal, ours, filing)

    def service_fate(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate | None:
        return self.inner.service_fate(terminal, ours, filing)

    def withdraw(self, terminal: str, ours: str, act: RemoteCareWithdrawal) -> Settled:
        return self.inner.withdraw(terminal, ours, act)

    def family_of(self, terminal: str, person: PersonReference) -> Family:
        return self.inner.family_of(terminal, person)

    def family(self, terminal: str, ours: str, act: FamilyAccount) -> Settled:
        return self.inner.family(terminal, ours, act)

    def settled(self, terminal: str, ours: str, act: RemoteCareWithdrawal | FamilyAccount) -> Settled | None:
        return self.inner.settled(terminal, ours, act)

    def add_paper(self, terminal: str, sent: PaperSent) -> None:
        self.inner.add_paper(terminal, sent)

    def level_of(self, service: str) -> Literal[1, 2]:
        return self.inner.level_of(service)

    def look_up(self, terminal: str, person: PersonReference, wanted: Wanted) -> Looked:
        return self.inner.look_up(terminal, person, wanted)

    def certificate(self, terminal: str, person: PersonReference, wanted: CertificateWanted) -> Document:
        return self.inner.certificate(terminal, person, wanted)


class WrappedSocial:
    """The same before social security."""

    def __init__(self, inner: SocialSecurity) -> None:
        self.inner = inner

    def add_paper(self, terminal: str, sent: PaperSent) -> None:
        self.inner.add_paper(terminal, sent)

    def status_of(self, terminal: str, person: PersonReference, place: PlaceCode) -> tuple[Insurance, ...]:
        return self.inner.status_of(terminal, person, place)

    def places_of(self, terminal: str, person: PersonReference) -> tuple[PlaceCode, ...]:
        return self.inner.places_of(terminal, person)

    def cards_of(self, terminal: str, person: PersonReference) -> tuple[SocialCard, ...]:
        return self.inner.cards_of(terminal, person)

    def card_loss(self, terminal: str, ours: str, act: SocialCardLoss) -> Settled:
        return self.inner.card_loss(terminal, ours, act)

    def settled(self, terminal: str, ours: str, act: SocialCardLoss) -> Settled | None:
        return self.inner.settled(terminal, ours, act)

    def level_of(self, service: str) -> Literal[1, 2]:
        return self.inner.level_of(service)

    def look_up(self, terminal: str, person: PersonReference, wanted: Wanted) -> Looked:
        return self.inner.look_up(terminal, person, wanted)

    def file_service(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate:
        return self.inner.file_service(terminal, ours, filing)

    def service_fate(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate | None:
        return self.inner.service_fate(terminal, ours, filing)

    def certificate(self, terminal: str, person: PersonReference, wanted: CertificateWanted) -> Document:
        return self.inner.certificate(terminal, person, wanted)
