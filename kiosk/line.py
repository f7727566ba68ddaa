"""What the sync needs of the line to central: what can be asked of it, at what pace, and whose word an answer is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from kiosk.contract.base import SigningKey
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import (
    Batch,
    BatchAnswer,
    Health,
    Heartbeat,
    HeartbeatAnswer,
    Keys,
    Matter,
    RecordStatus,
)
from kiosk.errors import Declined, NotCentral, Unavailable
from kiosk.trust import Authorities, Trust


class Central(Protocol):
    """What the sync asks of ``central.CentralClient``. Blocking."""

    @property
    def trust(self) -> Trust: ...

    def time(self) -> None: ...

    def health(self) -> Health: ...

    def heartbeat(self, beat: Heartbeat) -> HeartbeatAnswer: ...

    def keys(self, *, from_anybody: bool = False) -> Keys: ...

    def demand_under(self, authorities: Authorities | None) -> None: ...

    def ready(self, batch: Batch) -> Batch: ...

    def send(self, batch: Batch) -> BatchAnswer: ...

    def status(self, id: UUID, within: float = 0.0) -> RecordStatus: ...  # noqa: A002 - the header's name

    def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Seconds: between greetings when idle; between looks for newer keys; first and longest pause between tries, and
    between questions for a matter; before a record that central fails on is tried again; longest pause while central
    takes nothing; between two times that what it took above a gap is sent to it once more."""

    heartbeat: float = 6.0
    keys: float = 3600.0
    first: float = 0.5
    most: float = 5.0
    matter_first: float = 1.0
    matter_most: float = 3600.0
    refused: float = 60.0
    rest_most: float = 30.0
    above_gaps: float = 3600.0


@dataclass
class Person:
    """Somebody who waits for what becomes of a record, until ``until`` on the loop's clock."""

    id: UUID
    until: float
    answer: asyncio.Future[Matter | None]
    sent: bool = False
    """Whether central may have had the record by itself."""

    def tell(self, matter: Matter | None) -> None:
        if not self.answer.done():
            self.answer.set_result(matter)


def demand_signed(batch: Batch, answer: BatchAnswer, trusted: Iterable[SigningKey]) -> None:
    """Whoever answers in its place could say of records that nobody has that they are stored. Raises NotCentral."""
    if answer.acknowledgement is None:
        raise NotCentral("it signs nothing")
    try:
        answer.acknowledgement.verified(trusted, kiosk=batch.kiosk, ledger=bytes.fromhex(batch.ledger))
    except ContractError as error:
        raise NotCentral(f"it is not central that signs: {error}") from None


def in_words(error: Unavailable | Declined) -> str:
    """What went wrong, for the log."""
    if isinstance(error, Declined):
        return f"refused, {error.code}"
    return f"{error.reason}, {error.detail}" if isinstance(error, NotCentral) else error.reason
