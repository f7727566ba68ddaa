"""The authorities and the telephones behind central, as ports. An adapter per city implements them.

Every call may raise Unanswered: the other side gave no answer in time, and trying again is right. A filing goes out
under a number of ours that was kept before the first byte left, so that its fate can be asked for when an answer was
lost. Code values are those of the national platform (医保信息平台); an adapter translates what a city says otherwise.
``terminal`` is the kiosk that asks: authorities register each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol
from uuid import UUID

from central.credentials import CredentialVerifier, NotAuthorised
from kiosk.contract.acts import PersonReference, PlaceCode, RemoteCareMatter
from kiosk.contract.beforehand import Family, SocialCard
from kiosk.contract.filings import ServiceFiling
from kiosk.contract.live import FamilyAccount, RemoteCareWithdrawal, SocialCardLoss
from kiosk.contract.queries import Filing, Insurance

FateState = Literal["accepted", "papers wanted", "decided", "declined", "withdrawn", "changed"]


class Unanswered(Exception):
    """The other side did not answer. The message is for the log and holds nothing of a person."""

    def __init__(self, why: str, reason: Literal["slow", "server"] = "server") -> None:
        super().__init__(why)
        self.reason: Literal["slow", "server"] = reason


class NotGranted(Exception):
    """The authority answers that it will not do this. ``text`` is what it says, for the person and never for a log."""

    def __init__(self, text: str) -> None:
        super().__init__("the authority declined")
        self.text = text


class NotInsured(NotGranted):
    """The authority knows nothing of the person at that place."""


class NumberTaken(Exception):
    """Something was sent under this number before: ask what became of it."""


class NotOffered(Exception):
    """The authority, as its settings have it, has no such service to look up, and no form for such an item."""


@dataclass(frozen=True, kw_only=True)
class Insured:
    """One row of insurance and the place (参保地) that holds it. ``balance``: the personal account (个人账户), yuan."""

    place: PlaceCode
    row: Insurance
    balance: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What an authority says of a filing: its state, its number (受理号), its words, and who decides it.

    ``place`` is the insured place (参保地), whose time limits hold.
    """

    state: FateState
    number: str | None = None
    text: str | None = None
    place: str | None = None


@dataclass(frozen=True, kw_only=True)
class Settled:
    """How a live transaction ended at an authority: done (before as well: a card that was stopped already is stopped),
    or declined; its number, its words, and the last day of what ends by itself."""

    done: bool
    number: str | None = None
    text: str | None = None
    until: date | None = None


Row = Mapping[str, str]
"""What an authority lists once, column → value in the contract's one form (``kiosk.contract.lookups``)."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Services to look up together, at which place (参保地) where one was asked, with what the person answered."""

    services: tuple[str, ...]
    place: PlaceCode | None = None
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Looked:
    """Every row of each service. ``elsewhere``: the places that know the person where the asked one does not."""

    rows: Mapping[str, tuple[Row, ...]]
    elsewhere: tuple[PlaceCode, ...] = ()


class Listing(Protocol):
    """What both authorities can be asked alike. Any call may raise NotOffered."""

    def level_of(self, service: str) -> Literal[1, 2]:
        """2: only for whom a second factor was given."""

    def look_up(self, terminal: str, person: PersonReference, wanted: Wanted) -> Looked:
        """Every row that the services list of a person; none where they know nothing. Raises Unanswered, NotGranted."""


class TakesFilings(Protocol):
    """What both authorities do with the catalogue's items (登记、申请). Any call may raise Unanswered, NotGranted and
    NotOffered."""

    def file_service(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate:
        """Submits a filing under our number. Raises NumberTaken where one came under it before."""

    def service_fate(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate | None:
        """What became of the filing that went out under our number; None: nothing ever came under it."""


@dataclass(frozen=True, kw_only=True)
class CertificateWanted:
    """What a person asks for: a kind, where, and of the last ``months`` or a ``year``.

    ``request`` is ours: what comes again under it is the same request, which the authority counts once.
    """

    request: UUID
    kind: str
    place: PlaceCode
    months: int | None = None
    year: int | None = None


@dataclass(frozen=True, kw_only=True)
class Document:
    """An authority's file (PDF) as it came, its title, the number by which it is verified (验证码), its pages."""

    title: str
    number: str = field(repr=False)
    pages: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class PaperSent:
    """A picture of a paper for what was filed before: ``ours`` is its own number of ours, ``filed`` the filing's."""

    ours: str
    filed: str
    person: PersonReference
    paper: str
    """The catalogue's code: which paper it is."""
    content: bytes
    """JPEG."""


class TakesPapers(Protocol):
    """What both authorities do with papers (补材料). Any call may raise Unanswered, NotGranted and NotOffered."""

    def add_paper(self, terminal: str, sent: PaperSent) -> None:
        """Adds a paper to a filing. Raises NumberTaken where one came under its number before: it is there."""


class MedicalInsurance(Listing, TakesFilings, TakesPapers, Protocol):
    """The medical insurance authority (医保). Any call may raise Unanswered and NotGranted."""

    def insured(self, terminal: str, person: PersonReference) -> tuple[Insured, ...]:
        """Every row (insuinfo) of every place, nothing picked; none where the authority does not know the person."""

    def filings_of(self, terminal: str, person: PersonReference) -> tuple[Filing, ...]:
        """Remote-care filings (异地就医备案), the newest first."""

    def file(self, terminal: str, ours: str, filing: RemoteCareMatter) -> Fate:
        """Submits a filing under our number. Raises NumberTaken where one came under it before."""

    def change(self, terminal: str, ours: str, filing: RemoteCareMatter, number: str) -> Fate:
        """Submits a filing under our number in the place of the one that the authority has under ``number`` (备案变更),
        which ends with it. Raises NumberTaken as ``file`` does."""

    def fate(self, terminal: str, ours: str, filing: RemoteCareMatter) -> Fate | None:
        """What became of the filing or change that went out under our number; None: nothing ever came under it."""

    def withdraw(self, terminal: str, ours: str, act: RemoteCareWithdrawal) -> Settled:
        """Withdraws a filing (备案撤销) under our number. Raises NumberTaken."""

    def family_of(self, terminal: str, person: PersonReference) -> Family:
        """Who uses the personal account (家庭共济), or why nobody can, or that the city has no interface for it."""

    def family(self, terminal: str, ours: str, act: FamilyAccount) -> Settled:
        """Lets somebody use it, or not any more, under our number. Raises NumberTaken."""

    def settled(self, terminal: str, ours: str, act: RemoteCareWithdrawal | FamilyAccount) -> Settled | None:
        """How the live transaction ended that went out under our number; None: nothing ever came under it."""

    def certificate(self, terminal: str, person: PersonReference, wanted: CertificateWanted) -> Document:
        """A certificate. Raises NotInsured."""


class SocialSecurity(Listing, TakesFilings, TakesPapers, Protocol):
    """The social security authority (社保). Any call may raise Unanswered and NotGranted."""

    def status_of(self, terminal: str, person: PersonReference, place: PlaceCode) -> tuple[Insurance, ...]:
        """The rows that one place (参保地) holds; none where it knows nothing of the person."""

    def places_of(self, terminal: str, person: PersonReference) -> tuple[PlaceCode, ...]:
        """The places that hold rows of the person: none is never insured, another one is insured elsewhere."""

    def certificate(self, terminal: str, person: PersonReference, wanted: CertificateWanted) -> Document:
        """A certificate. Raises NotInsured."""

    def cards_of(self, terminal: str, person: PersonReference) -> tuple[SocialCard, ...]:
        """The person's social security cards (社保卡) and whether they are in use."""

    def card_loss(self, terminal: str, ours: str, act: SocialCardLoss) -> Settled:
        """Stops the card for some days (临时挂失), or lifts that (解挂), under our number. Raises NumberTaken."""

    def settled(self, terminal: str, ours: str, act: SocialCardLoss) -> Settled | None:
        """How the live transaction ended that went out under our number; None: nothing ever came under it."""


class Telephones(Protocol):
    """The telephones on record, and the way to them. Any call may raise Unanswered."""

    def on_record(self, person: PersonReference) -> str | None:
        """The number on record, in full. Only central sees it."""

    def send(self, key: str, to: str, text: str, link: str | None = None) -> None:
        """Sends a message, once per ``key`` however often it is called: central may die between the sending and its own
        note of it. ``link`` follows the text: the address of a page of ours, good once."""


@dataclass(frozen=True, kw_only=True)
class Upstreams:
    """Everything behind central, and for whom it is: records of another mode are not handed on."""

    mode: str
    institution: str
    """The twelve characters under which authorities know whoever runs central (定点机构编号): our numbers begin so."""
    medical: MedicalInsurance
    social: SocialSecurity
    telephones: Telephones
    credentials: CredentialVerifier = field(default_factory=NotAuthorised)
