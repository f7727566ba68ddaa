"""The papers that came to the demonstration's authorities: for which filing, which paper, and the hash of its picture.

Nobody looks at them here, so nothing but that is kept. A filing for which papers were wanted is under review again as
soon as one has come.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from central.database import Database, insert
from central.people import References
from central.tables import demonstration_filings, demonstration_papers, demonstration_services
from central.upstream import NotGranted, NumberTaken, PaperSent

RECEIVED = "材料收到了，正在审核"


@dataclass(frozen=True, kw_only=True)
class DemonstrationPapers:
    """One authority's letter box for papers."""

    database: Database
    references: References
    now: Callable[[], datetime]

    def take(self, sent: PaperSent) -> None:
        """Raises NumberTaken, NotGranted."""
        self.note(sent, hashlib.sha256(sent.content).hexdigest())

    def note(self, sent: PaperSent, sha256: str) -> None:
        """The same of a picture that is known by its hash. Raises NumberTaken, NotGranted."""
        person = self.references.of(sent.person)
        with self.database.writing() as connection:
            its = [
                (table, (table.c.person == person) & (table.c.ours == sent.filed))
                for table in (demonstration_filings, demonstration_services)
            ]
            if not any(connection.execute(select(table.c.ours).where(here)).first() for table, here in its):
                raise NotGranted("没有这件事，材料没有收。")
            taken = connection.execute(
                insert(connection, demonstration_papers)
                .values(person=person, ours=sent.ours, filed=sent.filed, paper=sent.paper, sha256=sha256, at=self.now())
                .on_conflict_do_nothing()
                .returning(demonstration_papers.c.ours)
            ).first()
            if taken is None:
                raise NumberTaken
            for table, here in its:
                wanted = here & (table.c.state == "papers wanted")
                connection.execute(update(table).where(wanted).values(state="accepted", text=RECEIVED))
