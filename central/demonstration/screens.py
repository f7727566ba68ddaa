"""The demonstration's telephones, over HTTP: what the dock draws, where the tour reads codes, and their owners' yes.

The links of messages lead real telephones to central's public pages; the dock presses them here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import select

from central import confirming
from central.database import Database
from central.errors import Refused
from central.tables import demonstration_messages as messages
from kiosk.contract.base import Message
from kiosk.contract.privacy import Personal


def screens(database: Database, wake: Callable[[], None], now: Callable[[], datetime]) -> APIRouter:
    """``GET /v1/demonstration/messages?after=N``: what the telephones received after message N, oldest first;
    ``POST /v1/demonstration/confirmations``: the yes to a link. Raises Refused (no-confirmation, expired)."""
    router = APIRouter(tags=["demonstration"])

    @router.get("/v1/demonstration/messages")
    def read_messages(after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0) -> list[TelephoneMessage]:
        """What the fictitious telephones received, at most a hundred at a time."""
        with database.reading() as connection:
            rows = connection.execute(
                select(messages).where(messages.c.id > after).order_by(messages.c.id).limit(100)
            ).all()
        return [TelephoneMessage(id=row.id, to=row.to, text=row.text, at=row.at, token=row.token) for row in rows]

    @router.post("/v1/demonstration/confirmations")
    def confirm(confirmation: Confirmation) -> Confirmed:
        """The person's yes by the link that went to the telephone on record; saying it twice does no harm."""
        match confirming.confirm(database, confirmation.token, now()):
            case "unknown":
                raise Refused(404, "no-confirmation", "Nothing waits for this confirmation")
            case "over":
                raise Refused(410, "expired", "The time to confirm is over")
        wake()
        return Confirmed(confirmed=True)

    return router


class Confirmation(Message):
    """The secret of a one-time link."""

    token: str = Field(min_length=16, max_length=64)


class Confirmed(Message):
    """The yes was noted; the matter goes on its way."""

    confirmed: bool


class TelephoneMessage(Message):
    """What a telephone received. ``token`` is the secret of a one-time link, where the message has one."""

    id: int
    to: Annotated[str, Personal.BASIC]
    text: Annotated[str, Personal.BASIC]
    at: datetime
    token: str | None = None
