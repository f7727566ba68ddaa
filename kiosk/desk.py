"""The desk: all that a journey may do.

A journey is a function of the desk alone. Whatever it learns comes back from one of these calls, each of which the
visit records, so that going back is replaying.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar
from uuid import UUID

if TYPE_CHECKING:
    from kiosk.contract.acts import Act
    from kiosk.contract.base import Message
    from kiosk.contract.certificates import IssuedCertificate
    from kiosk.contract.identity import PersonReference, Witness
    from kiosk.contract.messages import DeclineCode, Matter, MatterState, Sort
    from kiosk.contract.numbers import Number
    from kiosk.contract.queries import Inquiry
    from kiosk.identity import Person
    from kiosk.pages import Page, Sheet
    from kiosk.receipts import Receipt

A = TypeVar("A")
Whom = Literal["self", "other", "relative"]
"""Whoever stands at the machine, another for whom they are here, or one of their family whom the matter names."""
M = TypeVar("M", bound="Message")


class Left(Exception):
    """The person left. Raised by ``ask``, ``identify``, ``query`` and ``find``, never by ``submit`` or ``print``."""

    def __init__(self, reason: Literal["cancelled", "idle", "card"]) -> None:
        super().__init__(reason)
        self.reason: Literal["cancelled", "idle", "card"] = reason


class Onward(Exception):
    """The person goes on with another item of the catalogue, as whom they are known already. Raised by a journey."""

    def __init__(self, item: str) -> None:
        super().__init__(item)
        self.item = item


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What became of a receipt. ``not printed`` may be tried again; ``unknown`` never by itself.

    ``copy`` is the number of the copy that it is (补打), 0 for the receipt itself.
    """

    outcome: Literal["printed", "not printed", "unknown"]
    reason: str = ""
    copy: int = 0


@dataclass(frozen=True, kw_only=True)
class Filed:
    """What became of a submitted act. ``number`` is ours (登记号), ``matter.number`` the authority's (受理号)."""

    id: UUID
    number: str
    at: datetime
    """When the person confirmed it."""
    state: MatterState
    matter: Matter | None = None
    paper: Paper | None = None
    page: str = ""
    """The address at which a phone sees what became of it; "" where there is none."""

    @property
    def code(self) -> str:
        """What its QR code holds: the address, or the number alone, which the staff scan."""
        return self.page or self.number

    @property
    def why_declined(self) -> DeclineCode | None:
        """Why it was declined, as far as central says so."""
        return None if self.matter is None else self.matter.code

    @property
    def never_sent(self) -> bool:
        """Whether central declined it itself: no authority ever had it."""
        return self.state == "declined" and self.why_declined not in (None, "authority")


NO_PRINTER: Final = "no printer"
"""The reason of a ``Paper`` on a machine that has none: trying again is of no use."""

NO_PAPER: Final = "no paper"
"""The reason of a ``Paper`` where the roll has ended: somebody may load another."""

Writer = Callable[[Filed], "Receipt"]
"""Writes the receipt of an act once its state is known (``receipts``)."""


class Desk(Protocol):
    """The counter that a journey stands behind."""

    @property
    def now(self) -> datetime:
        """When the journey began, Asia/Shanghai. Fixed, so that a replay cannot differ."""

    @property
    def can_print(self) -> bool:
        """Whether a receipt can be offered."""

    @property
    def can_print_documents(self) -> bool:
        """Whether there is an A4 printer, and nothing hinders it."""

    @property
    def can_vouch(self) -> bool:
        """Whether a worker of the centre can vouch for somebody at this machine."""

    async def ask(self, page: Page[A]) -> A:
        """Shows ``page`` and returns its answer. Raises Left."""

    async def identify(self, level: Literal[1, 2] = 1, *, whom: Whom = "self", at_once: bool = False) -> Person:
        """The visit's person; asks only for what the visit lacks. Raises Left.

        ``whom`` "other": the person for whom they are here (替家人办); the one who stands here is its ``agent``, and
        the level is the person's own. "relative": somebody else by their card or code, at level 1; nothing is done for
        them, and the visit's person stays who they are.

        Level 2 is a code sent by central to the telephone on record, or a worker's word. Where central cannot be
        asked, the person comes back with ``check="owed"``: the matter may be recorded; central asks the person before
        it is submitted. With ``at_once`` (before a live act) there is no owing: raises Unavailable, before anything is
        asked for.
        """

    async def witness(self, person: Person) -> Witness | None:
        """A worker's word that ``person``, for whom somebody acts, promised themselves; None: there is none. Raises
        Left."""

    async def vouch_for(self, person: PersonReference) -> Witness | None:
        """A worker's word on who ``person`` is, whose number was typed; None: there is none. Raises Left."""

    async def query(self, query: Inquiry[M]) -> M:
        """Central's answer. Raises Left, Unavailable and Declined."""

    async def find(self, query: Inquiry[M]) -> M | None:
        """Central's answer, or None when it cannot be asked. Raises Left."""

    async def lately(self, kind: str, person: PersonReference) -> UUID | None:
        """The record of that kind that this machine made for the person within half an hour (``remembered``), asking
        nobody. Never raises."""

    async def recorded_here(self, number: Number) -> tuple[MatterState, Sort] | None:
        """What this machine knows of the record of that number without asking anybody: the state, and who has it. None:
        it has no such record, or its outbox does not say. Never raises."""

    async def submit(self, act: Act, receipt: Writer | None = None, *, live: bool = False) -> Filed:
        """Records ``act`` durably, waits ``answer_within`` for central, then prints. Never raises Left.

        With ``live``, for acts that are so: carried out at once or not at all. Raises Unavailable where central cannot
        be reached, and has recorded nothing then; what became of it may be ``unsure``.
        """

    async def ask_again(self, filed: Filed) -> Filed:
        """What became of a live act that was ``unsure``, asked by its id. Sends nothing again, never raises Left."""

    def preview(self, receipt: Receipt, *, copy: int = 0) -> Sheet:
        """What ``print`` would put on paper."""

    async def print(self, receipt: Receipt, *, of: Filed | None = None, copy: int = 0) -> Paper:
        """Prints a receipt without a record of its own, or (``of``) the receipt of a filing. Never raises Left.

        ``copy`` is the number of the copy (补打), as the receipt says; 0 is the receipt itself.
        """

    async def print_document(self, issued: IssuedCertificate) -> Paper:
        """Puts a certificate on A4, byte for byte. Never raises Left. What may have come out is never printed again:
        an authority's file cannot be marked as a copy."""
