"""What befell the machine and what its staff did, told in one place: a line in the log and a record in the ledger.

``note`` is for what happened: it is recorded as soon as the outbox takes it. ``record`` is for what a worker is about
to do here: it returns when the record is on the disk, and where it cannot be, the worker does not do it. Commands
beside a running kiosk, which alone writes the ledger, ``leave`` theirs durably in a folder that the kiosk takes up.

A device that comes and goes does not fill the ledger: of each event about one thing so many are recorded in an hour
(the catalogue says how many), the others are counted, and the count is an event of its own when the hour is over.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from devices.worker import Worker
from kiosk.contract.audit import EVENTS, AuditEvent, EventsLeftOut, catalogue
from kiosk.contract.records import new_id
from kiosk.errors import NotKept
from kiosk.files import give_to_owner_of, write_durably

if TYPE_CHECKING:
    from kiosk.outbox import Outbox

HOUR: Final = 3600.0
WAITING_AT_MOST: Final = 500
"""Events that wait for the outbox; of more than that the count is kept."""
EVERY: Final = 5.0
"""Seconds between two tries to record what waits, and between two looks for what commands left."""
LAST_WITHIN: Final = 1.0

_LEVELS: Final = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_KINDS: Final = {event.kind: event for event in EVENTS}

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Noted:
    event: AuditEvent
    id: UUID
    at: datetime
    file: Path | None = None
    """Where a command left it."""


@dataclass(kw_only=True)
class _Recent:
    """What was recorded about one thing within the hour, and how much was not."""

    at: deque[float] = field(default_factory=deque)
    left_out: int = 0
    since: float = 0.0
    """When the first of those was left out."""


class Audit:
    """The one place that tells. ``folder`` is where commands leave what they did."""

    def __init__(
        self,
        outbox: Outbox,
        folder: Path,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbox = outbox
        self._folder = folder
        self._now = now
        self._clock = clock
        self._waiting: deque[_Noted] = deque()
        self._recorded: set[Path] = set()
        """Files that commands left, that are recorded and could not be deleted."""
        self._amiss: set[Path] = set()
        """Files that commands left and that could not be read, of which the log has heard."""
        self._recent: dict[tuple[str, ...], _Recent] = {}
        self._noted = asyncio.Event()
        self._worker: Worker | None = None

    def note(self, event: AuditEvent) -> None:
        """It happened. Never fails, and never waits."""
        _say(event)
        if self._within_measure(event):
            self._put(event)

    async def record(self, event: AuditEvent) -> None:
        """It is about to happen: on the disk when this returns. Raises NotKept, and then it may not happen."""
        await self._outbox.commit(event)
        _say(event)

    async def run(self) -> None:
        """Records what waits, for ever."""
        while True:
            await self._take_up()
            self._count_what_was_left_out()
            self._noted.clear()
            await self._record_all()
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await self._noted.wait()

    async def close(self) -> None:
        """The machine ends: what waits is recorded within a second, or not at all."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WITHIN):
                await self._record_all()
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    # -- inside --------------------------------------------------------------------------------------------------------

    def _put(self, event: AuditEvent) -> None:
        if len(self._waiting) >= WAITING_AT_MOST:
            self._leave_out(event)
            return
        now = self._now()
        self._waiting.append(_Noted(event=event, id=new_id(now), at=now))
        self._noted.set()

    async def _record_all(self) -> None:
        while self._waiting:
            noted = self._waiting[0]
            try:
                await self._outbox.commit(noted.event, id=noted.id, happened_at=noted.at)
            except NotKept:  # the outbox tells; an id is kept once, however often it is tried
                return
            self._waiting.popleft()
            if noted.file is not None:
                await self._put_away(noted.file)

    async def _put_away(self, file: Path) -> None:
        """A file that is recorded. One that cannot be deleted is remembered, and not recorded once more."""
        try:
            await self._on_disk(partial(file.unlink, missing_ok=True))
        except OSError as error:
            if file not in self._recorded:
                _log.error("what a command left is recorded, and cannot be deleted: %s", error.strerror)
            self._recorded.add(file)
        else:
            self._recorded.discard(file)

    def _within_measure(self, event: AuditEvent) -> bool:
        recent, now = self._recent_of(event), self._clock()
        while recent.at and now - recent.at[0] >= HOUR:
            recent.at.popleft()
        if len(recent.at) >= catalogue()[event.code].per_hour:
            self._leave_out(event)
            return False
        recent.at.append(now)
        return True

    def _leave_out(self, event: AuditEvent) -> None:
        recent = self._recent_of(event)
        recent.since = recent.since if recent.left_out else self._clock()
        recent.left_out += 1

    def _recent_of(self, event: AuditEvent) -> _Recent:
        about = [value for value in event.details.values() if isinstance(value, str)]
        return self._recent.setdefault((event.code, *about), _Recent())

    def _count_what_was_left_out(self) -> None:
        for (code, *_about), recent in list(self._recent.items()):
            if recent.left_out and self._clock() - recent.since >= HOUR:
                left_out = EventsLeftOut(event=code, count=recent.left_out)
                recent.left_out = 0
                _say(left_out)
                self._put(left_out)

    async def _take_up(self) -> None:
        """What commands left, once: the file's name is the record's id, and it goes when that is on the disk."""
        for file in tuple(self._recorded):
            await self._put_away(file)
        known = {noted.file for noted in self._waiting} | self._recorded
        self._waiting += await self._on_disk(partial(_left_in, self._folder, known, self._amiss))

    async def _on_disk(self, work: Callable[[], T]) -> T:
        self._worker = self._worker or Worker("audit")
        return await self._worker.do(work)


def leave(folder: Path, event: AuditEvent, now: datetime) -> None:
    """A command's note for the kiosk that runs here, or will: on the disk when this returns. Raises OSError.

    Where root gives the command, it belongs to whoever owns the data folder: the kiosk has to read and delete it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    give_to_owner_of(folder.parent, folder)
    left = {"kind": event.kind, "at": now.isoformat(), "details": event.details}
    write_durably(folder / f"{new_id(now)}.json", json.dumps(left).encode())
    _say(event)


def _say(event: AuditEvent) -> None:
    _log.log(_LEVELS[catalogue()[event.code].level], "%s", event.said)


def _left_in(folder: Path, known: Collection[Path | None], amiss: set[Path]) -> list[_Noted]:
    """What commands left, the oldest first, without what is ``known``. Rubbish is put out of the way; what the disk
    does not give, or a permission, is tried again. ``amiss`` takes in what the log has heard of."""
    found: list[_Noted] = []
    for file in sorted(folder.glob("*.json")):
        if file in known:
            continue
        try:
            found.append(_read(file))
        except (OSError, ValueError, KeyError, TypeError) as error:
            if file not in amiss:
                _log.error("what a command left cannot be read: %s", type(error).__name__)
                amiss.add(file)
            if not isinstance(error, OSError):
                with suppress(OSError):
                    file.rename(file.with_suffix(".unreadable"))
    return found


def _read(file: Path) -> _Noted:
    """Raises OSError; ValueError, KeyError and TypeError for what no command of ours left."""
    left = json.loads(file.read_bytes())
    event = _KINDS[left["kind"]].model_validate(left["details"])
    noted = _Noted(event=event, id=UUID(file.stem), at=datetime.fromisoformat(left["at"]), file=file)
    if noted.id.version != 7 or noted.at < _EPOCH:
        raise ValueError("no record of ours")
    return noted
