"""The demonstration's telephones: messages to the fictitious numbers on record are kept for a while and can be read.

The dock shows them as a telephone would, and the tour reads its codes there. Nothing of this exists beside real
upstreams.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query
from sqlalchemy import delete, select

from central.database import Database, insert
from central.demonstration.register import Register
from central.tables import demonstration_messages as messages
from kiosk.contract.acts import PersonReference
from kiosk.contract.messages import Message
from kiosk.contract.privacy import Personal

KEPT: Final = timedelta(hours=24)
"""How long a telephone shows a message."""


class TelephoneMessage(Message):
    """What a telephone received. ``token`` is the secret of a one-time link, where the message has one."""

    id: int
    to: Annotated[str, Personal.BASIC]
    text: Annotated[str, Personal.BASIC]
    at: datetime
    token: str | None = None


class DemonstrationTelephones:
    """Telephones on record out of the register, and their screens."""

    def __init__(self, register: Register, database: Database, now: Callable[[], datetime]) -> None:
        self._register = register
        self._database = database
        self._now = now

    def on_record(self, person: PersonReference) -> str | None:
        resident = self._register.find(person.number)
        return resident.telephone if resident is not None else None

    def send(self, key: str, to: str, text: str, token: str | None = None) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(messages).where(messages.c.at < self._now() - KEPT))
            connection.execute(
                insert(connection, messages)
                .values(key=key, to=to, text=text, token=token, at=self._now())
                .on_conflict_do_nothing(index_elements=["key"])
            )


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
