"""Papers that were brought to the desk: a worker's scanner makes files of them, a command attaches them to a matter.

They are made anew and sealed as a telephone's are, and go to the authority with the same care. A file may hold several
pages (TIFF): each is a picture of its own, and all of them are attached or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, select

from central import filings, uploads
from central.database import Database
from central.filings import OVER
from central.pictures import OCTETS, PAGES, Reason, Refused, pages_made_anew
from central.status import find, kiosks_of
from central.tables import filings as filings_table
from central.tables import records
from central.tasks import look_now
from kiosk.contract.errors import BadNumber
from kiosk.contract.numbers import read_number

PAPER: Final = "scanned"
"""Which paper it is: the worker has looked, and the authority will."""


class NoMatter(Exception):
    """The papers cannot be attached to what the number names; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Attached:
    """What became of a file: attached, there already, or refused for a reason. As text: the line for the worker."""

    file: Path
    outcome: str
    pages: int = 1

    def __str__(self) -> str:
        return f"{self.file}: {self.outcome}" + (f", {self.pages} pages" if self.pages > 1 else "")

    @property
    def refused(self) -> bool:
        return self.outcome not in (ATTACHED, THERE)


ATTACHED, THERE = "attached", "is there already"
WHY: Final[dict[Reason, str]] = {
    "no-picture": "is no JPEG, PNG, WebP or TIFF",
    "heic": "is HEIC; save it as JPEG",
    "pdf": "is PDF; scan to JPEG or TIFF",
    "too-large": f"is too large (at most {OCTETS // 2**20} MiB)",
    "too-many": f"holds more than {PAGES} pages; scan to several files",
    "broken": "cannot be read to its end",
}


def attach(database: Database, number: str, files: Sequence[Path], now: datetime) -> list[Attached]:
    """Attaches each file that is a picture to the matter of a registration number (登记号), and has it handed over.

    The same file twice is attached once. Raises NoMatter.
    """
    with database.reading() as connection:
        place = matter_of(connection, number)
    done = [_attach_one(database, place, file, now + at * FILE_BY_FILE) for at, file in enumerate(files)]
    if any(attached.outcome == ATTACHED for attached in done):
        with database.writing() as connection:
            look_now(connection, (place.kiosk, place.ledger, place.seq), now)
            database.announce(connection)
    return done


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a matter's record is."""

    kiosk: str
    ledger: str
    seq: int
    record: UUID


def matter_of(connection: Connection, text: str) -> Place:
    """The matter of a number, if an authority has it and has not decided. Raises NoMatter."""
    try:
        number = read_number(text)
    except BadNumber:
        raise NoMatter("this is no registration number (登记号), or one with a slip in it") from None
    found = find(connection, number, kiosks_of(connection, number))
    if found is None:
        raise NoMatter("nothing was recorded under this number")
    if not filings.began(connection, found.kiosk, found.id):
        raise NoMatter("no authority has this matter yet")
    here = (filings_table.c.kiosk == found.kiosk) & (filings_table.c.id == found.id)
    if connection.execute(select(filings_table.c.state).where(here)).scalar_one() in OVER:
        raise NoMatter("this matter is over")
    its = (records.c.kiosk == found.kiosk) & (records.c.id == found.id)
    row = connection.execute(select(records.c.ledger, records.c.seq).where(its)).one()
    return Place(kiosk=found.kiosk, ledger=row.ledger, seq=row.seq, record=found.id)


def _attach_one(database: Database, place: Place, file: Path, now: datetime) -> Attached:
    try:
        content = file.read_bytes()
        pages = pages_made_anew(content)
    except OSError as error:
        return Attached(file=file, outcome=error.strerror or "cannot be opened")
    except Refused as refusal:
        return Attached(file=file, outcome=WHY[refusal.reason])
    came_with = uploads.CameWith(kiosk=place.kiosk, upload=place.record, paper=PAPER)
    with database.writing() as connection:
        stored = [
            uploads.store(connection, came_with, page_of(content, at), page, now + at * IN_ORDER, record=place.record)
            for at, page in enumerate(pages)
        ]
    return Attached(file=file, outcome=ATTACHED if any(stored) else THERE, pages=len(pages))


IN_ORDER: Final = timedelta(microseconds=1)
FILE_BY_FILE: Final = 2 * PAGES * IN_ORDER
"""A page is handed over before the next one, a file before the next one."""


def page_of(content: bytes, at: int) -> bytes:
    """What a page is known by when it comes again: its file, and behind the first page its place in it."""
    return content + at.to_bytes(2) if at else content
