"""Looks through the whole outbox each night, and at once after an error of the disk: in slices, between which others
commit. What was found is kept for the doctor; what befell the database is told of.

A night that the machine was off is made up for when it is on. A database in which something is amiss is set aside by
the ledger, as one that fails at work, and the next person's record begins another.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from kiosk.contract.audit import AcknowledgementRefused, AuditEvent, CentralFellBack, DatabaseSetAside, DiskFull
from kiosk.contract.base import Message
from kiosk.errors import NotKept
from kiosk.files import read_if_there, write_durably
from kiosk.soundness import Walk

INSPECTED: Final = "inspected.json"
"""The file beside the outbox."""

LOOKS_EVERY: Final = 5.0
"""Seconds between two looks whether it is due, or something befell the database."""
PAUSE: Final = 0.1
"""Seconds between two slices."""
NIGHT: Final = time(3, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Inspected(Message):
    """What the last look through the whole outbox found. ``damage``: "" where all is well."""

    at: datetime
    records: int
    damage: str


class Befallen(Protocol):
    """What befell a database since the start of the program, as counts that only grow."""

    @property
    def failures(self) -> int:
        """Errors of the disk."""

    @property
    def set_aside(self) -> tuple[str, ...]:
        """What was amiss with each database that was set aside."""

    @property
    def disbelieved(self) -> int:
        """Acknowledgements that were not believed."""

    @property
    def fallen(self) -> int:
        """How often central had less than before."""

    @property
    def filled(self) -> int:
        """How often the disk had no room left."""


class Outbox(Protocol):
    """What is asked of ``outbox.Outbox``."""

    @property
    def befallen(self) -> Befallen: ...

    async def inspect(self, walk: Walk) -> bool: ...

    async def in_turn(self, work: Callable[[], T]) -> T: ...


@dataclass
class Inspecting:
    """The service that looks. ``run`` never returns; ``keep`` may start it again."""

    outbox: Outbox
    file: Path
    note: Callable[[AuditEvent], None]
    now: Callable[[], datetime]
    _failures: int = field(default=0, init=False)
    _aside: int = field(default=0, init=False)
    _filled: int = field(default=0, init=False)
    _disbelieved: int = field(default=0, init=False)
    _fallen: int = field(default=0, init=False)
    _last: datetime | None = field(default=None, init=False)

    async def run(self) -> None:
        """For ever."""
        before = await self.outbox.in_turn(partial(last_inspection, self.file))
        self._last = None if before is None else before.at
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            self._tell()
            failures = self.outbox.befallen.failures
            if failures > self._failures or self._is_due():
                try:
                    await self._inspect()
                except (NotKept, OSError) as error:
                    _log.error("the outbox cannot be looked through now: %s", error)
                else:
                    self._failures = failures
                self._tell()

    def _is_due(self) -> bool:
        """A look that lies ahead was taken by a clock that was wrong, and is none."""
        now = self.now()
        return self._last is None or not last_night(now) <= self._last <= now

    async def _inspect(self) -> None:
        walk = Walk()
        while await self.outbox.inspect(walk):  # noqa: ASYNC110 - a pause, in which others commit
            await asyncio.sleep(PAUSE)
        found = Inspected(at=self.now(), records=walk.records, damage=walk.damage)
        self._last = found.at
        if found.damage:
            _log.error("the outbox is damaged: %s", found.damage)
        else:
            _log.info("the outbox is whole: %d records", found.records)
        await self.outbox.in_turn(partial(write_durably, self.file, found.model_dump_json().encode()))

    def _tell(self) -> None:
        """What befell the database since the last look."""
        befallen = self.outbox.befallen
        for what in befallen.set_aside[self._aside :]:
            self.note(DatabaseSetAside(why="chain" if what.startswith("seq ") else "file"))
        self._aside = len(befallen.set_aside)
        if befallen.filled > self._filled:
            self._filled = befallen.filled
            self.note(DiskFull())
        if befallen.disbelieved > self._disbelieved:
            self._disbelieved = befallen.disbelieved
            self.note(AcknowledgementRefused())
        if befallen.fallen > self._fallen:
            self._fallen = befallen.fallen
            self.note(CentralFellBack())


def last_night(now: datetime) -> datetime:
    """When it was three o'clock last."""
    here = now.astimezone(NIGHT.tzinfo)
    night = datetime.combine(here.date(), NIGHT)
    return night if night <= here else night - timedelta(days=1)


def last_inspection(file: Path) -> Inspected | None:
    """What was found last; None: nothing yet, or it cannot be read. Blocking."""
    try:
        content = read_if_there(file)
        return None if content is None else Inspected.model_validate_json(content)
    except (OSError, ValidationError):
        return None
