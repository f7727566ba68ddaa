"""What a kiosk may ask central about a person, and the answers.

A query is bound to a visit (visit id, card kind, the reader's SAM id); its answer is drawn and forgotten. Code values
follow the national medical insurance platform (医保信息平台: insutype, psn_insu_stas) and stay codes here; the kiosk's
texts put them into words.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Final, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kiosk.contract.acts import FilingKind, PersonReference, PlaceCode
from kiosk.contract.base import Message
from kiosk.contract.messages import Matter
from kiosk.contract.privacy import Personal

A = TypeVar("A", bound=Message)

PERSONS_A_VISIT: Final = 2
"""About whom one visit may ask: whoever stands there, and one for whom they act. Central suspends a kiosk that asks
about more."""


class Inquiry(BaseModel, Generic[A]):
    """A question to central: ``POST /v1/queries/{name}`` with who presents it and itself, answered by ``answer``."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    name: ClassVar[str]
    answer: ClassVar[type[Message]]

    @property
    def about(self) -> tuple[PersonReference, ...]:
        """The people of whom something is told."""
        return ()


class Query(Inquiry[A]):
    """A question about a person."""

    person: PersonReference

    @property
    def about(self) -> tuple[PersonReference, ...]:
        """As the question's."""
        return (self.person,)


class Presented(Message):
    """The credential that the visit rests on."""

    visit: UUID
    kiosk: str
    card: str
    sam: str | None = None


class Insurance(Message):
    """One row of insuinfo: one kind of insurance with one employer or as a resident."""

    scheme: Literal["pension", "medical", "unemployment", "injury", "maternity", "other"]
    """other: ``insutype`` is a code of a table that central does not know."""
    insutype: str
    status: str
    """psn_insu_stas: 0 not insured · 1 normal · 2 suspended · 3 void · 4 ended; else a code that central does not know,
    after the name of its table: AAC008:4."""
    unit: Annotated[str | None, Personal.SENSITIVE] = None
    begin: date | None = None
    end: date | None = None


class InsuranceStatus(Message):
    """What the insured place knows of a person; no rows: nothing was found *there*, but perhaps ``elsewhere``."""

    place: PlaceCode
    as_of: datetime
    rows: tuple[Insurance, ...]
    elsewhere: Annotated[tuple[PlaceCode, ...], Personal.SENSITIVE] = ()


class InsuranceStatusOf(Query[InsuranceStatus]):
    """Insurance status (参保信息) at one insured place (参保地), asked and never guessed from the number."""

    name = "insurance-status"
    answer = InsuranceStatus
    place: PlaceCode


class Filing(Message):
    """A remote-care filing that the authority holds."""

    number: str
    filing: FilingKind
    place: PlaceCode
    begin: date
    end: date | None = None
    state: Literal["in force", "under review", "ended"]


class Filings(Message):
    """What must be known before a filing is asked for: is there insurance, is there a filing, is there a telephone."""

    insured_place: PlaceCode | None
    status: str | None
    """psn_insu_stas of the medical insurance, None where none was found."""
    filings: tuple[Filing, ...]
    telephone: Annotated[str | None, Personal.BASIC] = None
    """The telephone on record, masked by central (138＊＊＊＊0000). A filing that keeps it names no number."""


class FilingsOf(Query[Filings]):
    """The person's remote-care filings (异地就医备案) and what they rest on."""

    name = "filings"
    answer = Filings


class LastCheckIn(Message):
    """What a rider used last time, to be set beforehand; empty where nothing is known."""

    services: tuple[str, ...]


class LastCheckInOf(Query[LastCheckIn]):
    """The services of the person's last check-in at a rider station (小哥驿站)."""

    name = "last-check-in"
    answer = LastCheckIn


class MatterLine(Message):
    """One of a person's matters: what, when, our number (登记号), what became of it.

    ``item`` is the catalogue's code of what was handed to a worker or filed; None for other kinds.
    """

    kind: str
    item: Annotated[str | None, Personal.SENSITIVE] = None
    at: datetime
    number: str
    matter: Matter


class Matters(Message):
    """The person's matters, newest first, at most twenty."""

    lines: tuple[MatterLine, ...]


class MattersOf(Query[Matters]):
    """What became of the person's matters (我的办件), from whichever terminal they were recorded at."""

    name = "matters"
    answer = Matters


Q = TypeVar("Q", InsuranceStatusOf, FilingsOf, LastCheckInOf, MattersOf)


class Question(Message, Generic[Q]):
    """The body of ``POST /v1/queries/{name}``."""

    presented: Presented
    query: Q
