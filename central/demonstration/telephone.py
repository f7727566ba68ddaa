"""The demonstration's telephones: messages to the fictitious numbers on record are kept for a while and can be read.

Nothing of this exists beside real upstreams.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete

from central.database import Database, insert
from central.demonstration.register import Register
from central.tables import demonstration_messages as messages
from kiosk.contract.acts import PersonReference

KEPT: Final = timedelta(hours=24)
"""How long a telephone shows a message."""


class DemonstrationTelephones:
    """Telephones on record out of the register, and their screens."""

    def __init__(self, register: Register, database: Database, now: Callable[[], datetime]) -> None:
        self._register = register
        self._database = database
        self._now = now

    def on_record(self, person: PersonReference) -> str | None:
        resident = self._register.find(person.number)
        return resident.telephone if resident is not None else None

    def send(self, key: str, to: str, text: str, link: str | None = None) -> None:
        token = None if link is None else link.rpartition("/")[2]
        with self._database.writing() as connection:
            connection.execute(delete(messages).where(messages.c.at < self._now() - KEPT))
            connection.execute(
                insert(connection, messages)
                .values(key=key, to=to, text=text, token=token, at=self._now())
                .on_conflict_do_nothing(index_elements=["key"])
            )
