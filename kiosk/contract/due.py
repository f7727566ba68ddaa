"""今天不用办 / 该办的事: what is due for a person, as authorities and central itself know it, asked with consent.

Central puts it together and keeps nothing of it. A part that could not be asked is named, so that silence is never
taken for "nothing to do".
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, ClassVar, Final, Literal

from kiosk.contract.acts import PlaceCode
from kiosk.contract.base import Message
from kiosk.contract.identity import Witness
from kiosk.contract.privacy import Personal
from kiosk.contract.queries import Presented, Query

DueKind = Literal["certification", "contributions", "filing", "papers"]
"""领取养老待遇资格认证 · 居民医保缴费 · 异地就医备案到期 · 补材料."""


CERTIFY_WITHIN: Final = timedelta(days=30)
"""A certification that ends this soon is due, though it still holds: another one takes minutes."""

RENEW_WITHIN: Final = timedelta(days=60)
"""A filing that ends this soon is due: it takes some days to be decided."""


class DueLine(Message):
    """One thing that is due, or that was looked at and is not (``due`` False)."""

    kind: DueKind
    due: bool
    until: Annotated[date | None, Personal.SENSITIVE] = None
    """The last day: of a certification or a filing that holds, or by which something has to be done."""
    place: PlaceCode | None = None
    """Where a filing is for, or where a pension is drawn."""
    year: Annotated[str | None, Personal.SENSITIVE] = None
    family: Annotated[bool, Personal.SENSITIVE] = False
    """Whether it is somebody's whom the person registered."""
    number: str | None = None
    """Our registration number (登记号) of a matter that wants papers."""
    stopped: Annotated[bool, Personal.SENSITIVE] = False
    """Whether payments are paused until it is done."""


class Due(Message):
    """What is due first. ``unanswered``: what could not be asked."""

    as_of: datetime
    lines: tuple[DueLine, ...]
    unanswered: tuple[DueKind, ...]


class DueOf(Query[Due]):
    """Everything of this kind that can be looked up of a person. ``witness``: whose word is the second factor."""

    name: ClassVar[str] = "due"
    answer: ClassVar[type[Message]] = Due
    witness: Witness | None = None


class DueQuestion(Message):
    """The body of ``POST /v1/queries/due``."""

    presented: Presented
    query: DueOf
