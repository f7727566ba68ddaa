"""The screens of the demonstration's telephones, over HTTP: what the dock draws and where the tour reads its codes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import select

from central.database import Database
from central.tables import demonstration_messages as messages
from kiosk.contract.base import Message
from kiosk.contract.privacy import Personal


def screens(database: Database) -> APIRouter:
    """``GET /v1/demonstration/messages?after=N``: what the telephones received after message N, oldest first."""
    router = APIRouter(tags=["demonstration"])

    @router.get("/v1/demonstration/messages")
    def read_messages(after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0) -> list[TelephoneMessage]:
        """What the fictitious telephones received, at most a hundred at a time."""
        with database.reading() as connection:
            rows = connection.execute(
                select(messages).where(messages.c.id > after).order_by(messages.c.id).limit(100)
            ).all()
        return [TelephoneMessage(id=row.id, to=row.to, text=row.text, at=row.at, token=row.token) for row in rows]

    return router


class TelephoneMessage(Message):
    """What a telephone received. ``token`` is the secret of a one-time link, where the message has one."""

    id: int
    to: Annotated[str, Personal.BASIC]
    text: Annotated[str, Personal.BASIC]
    at: datetime
    token: str | None = None
