"""The outbox: what a person decided, kept durably until central has it.

``commit`` returns when record and print intention are on the disk, in one commit; after that no power cut takes them
back. The sync asks for what is pending and says what central answered. One thread owns the database (``ledger``).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, TypeVar
from uuid import UUID

from devices.worker import Worker
from kiosk import acknowledging, schema
from kiosk.acknowledging import KEEP_DAYS
from kiosk.contract.acknowledgements import Acknowledgement, SignedAcknowledgement
from kiosk.contract.acts import Act
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import BatchAnswer, Keys, Matter, MatterState, Sort
from kiosk.contract.numbers import Number
from kiosk.contract.records import Mode, new_id
from kiosk.contract.sealing import SUITES
from kiosk.errors import CannotKeep, NotKept
from kiosk.ledger import Clock, Ledger, PrintState, Waiting
from kiosk.pen import Entry
from kiosk.reserve import Reserve
from kiosk.rows import Whose
from kiosk.soundness import Walk

BATCH_OCTETS: Final = 512 * 1024
"""Bytes of records in one batch: a third more on the wire."""

COMMIT_WITHIN: Final = 10.0
"""Seconds after which a disk that says nothing counts as broken; twice what another process may hold the database."""

CLOSE_WITHIN: Final = 1.0

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A record that is on the disk. ``number`` is the registration number (登记号)."""

    id: UUID
    number: str
    seq: int


class Outbox:
    """The durable queue of records. Every method but ``on_commit`` may raise NotKept."""

    def __init__(
        self,
        path: Path,
        *,
        kiosk: str,
        mode: Mode,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        reserve: Reserve | None = None,
    ) -> None:
        self.clock: Callable[[], Clock] = Clock
        """What is known of the wall clock, asked at each commit; the sync knows more."""
        self.kiosk = kiosk
        self._now = now
        self._ledger = Ledger(path, kiosk=kiosk, mode=mode, now=now, reserve=reserve)
        self._worker = Worker("outbox")
        self._told: list[Callable[[], None]] = []
        self._closed = False

    async def start(self, keys: Keys | None = None) -> None:
        """Opens the database; with ``keys`` a fresh one begins its ledger. Settles interrupted prints.

        The last records are looked at next, before the first commit: who starts the kiosk does not wait for that.
        """
        await self._do(self._ledger.open)
        await self._do(lambda: self._ledger.finish(self._ledger.settle_prints))
        if keys is not None:
            await self.use_keys(keys)
        self._worker.post(self._ledger.look_back)

    async def close(self) -> None:
        """Closes the database within a second; work that hangs on the disk is left behind."""
        if self._closed:
            return
        self._closed = True
        with suppress(TimeoutError, NotKept, sqlite3.Error):
            async with asyncio.timeout(CLOSE_WITHIN):
                await self._worker.do(self._ledger.close)
        self._worker.close()

    async def use_keys(self, keys: Keys) -> None:
        """Seals to the newest of ``keys`` whose suite is spoken here. An expired key refuses nobody."""
        key = next((key for key in keys.sealing if key.suite in SUITES), None)
        if key is None:
            raise NotKept("no keys", "no suite in common")
        await self._do(lambda: self._ledger.use_key(key, keys.acknowledgement))

    def on_commit(self, told: Callable[[], None]) -> None:
        """Calls ``told`` on the event loop after each commit."""
        self._told.append(told)

    # -- the night -----------------------------------------------------------------------------------------------------

    @property
    def befallen(self) -> Ledger:
        """What befell the database since the start: counts that only grow."""
        return self._ledger

    async def inspect(self, walk: Walk) -> bool:
        """Goes on with a look through everything, for some milliseconds; whether there is more."""
        return await self._do(lambda: self._ledger.inspect(walk))

    async def in_turn(self, work: Callable[[], T]) -> T:
        """Does a little else on the outbox's disk, in its turn."""
        return await self._do(work)

    # -- the visit -----------------------------------------------------------------------------------------------------

    async def demand_room(self) -> None:
        """Whether a record could be kept now, asked before somebody confirms one. Raises CannotKeep."""
        try:
            await self._soon(self._ledger.demand_room)
        except NotKept as error:
            raise CannotKeep(error.reason, error.detail) from error

    async def commit(
        self,
        act: Act,
        *,
        happened_at: datetime | None = None,
        printing: bool = False,
        sam: str | None = None,
        notice: str | None = None,
        id: UUID | None = None,  # noqa: A002 - the header's name
    ) -> Kept:
        """Keeps ``act`` and, with ``printing``, the intention to print its receipt, in one commit.

        ``id`` is made where it is not given; a second commit of one id keeps the first.
        """
        moment = (happened_at or self._now()).astimezone(UTC)
        entry = Entry(
            act=act,
            id=id or new_id(moment),
            happened_at=moment,
            clock=self.clock(),
            printing=printing,
            sam=sam,
            notice=notice,
        )
        record = await self._soon(lambda: self._ledger.append(entry), "unsure")
        for told in self._told:
            told()
        return Kept(id=entry.id, number=str(record.number), seq=record.header.seq)

    async def mark_print(self, id: UUID, state: PrintState) -> None:  # noqa: A002
        """Journals a print: ``sent`` is durable before this returns, so call it before the first byte.

        Raises LookupError for an unknown record.
        """
        await self._soon(lambda: self._ledger.finish(lambda: self._ledger.mark_print(id, state)), "unsure")

    async def count_since(self, kind: str, since: datetime) -> int:
        """How many records of ``kind`` were made on this machine since then."""
        return await self._soon(lambda: self._ledger.count_since(kind, since))

    async def state_of(self, number: Number) -> tuple[MatterState, Sort] | None:
        """The state of the matter of that number, and who has it; None: none was recorded under it on this machine."""
        return await self._soon(lambda: self._ledger.state_of(number))

    # -- the sync ------------------------------------------------------------------------------------------------------

    async def pending(self, limit: int, without: Collection[int] = (), whose: Whose = "all") -> list[Waiting]:
        """The oldest records that central does not have: one ledger, in order, at most BATCH_OCTETS together.

        ``without`` are the places (``Waiting.n``) of records that are not asked for now.
        """
        return await self._do(lambda: self._ledger.pending(limit, BATCH_OCTETS, without, whose))

    async def waiting(self, id: UUID) -> Waiting | None:  # noqa: A002
        """The record of that id, if central does not have it."""
        return await self._do(lambda: self._ledger.waiting(id))

    async def count_pending(self) -> int:
        """How many records central does not have."""
        return await self._do(self._ledger.count_pending)

    async def answered(self, batch: Sequence[Waiting], answer: BatchAnswer) -> None:
        """Central's answer to ``batch``, in one commit. Raises ValueError where the two do not fit."""
        await self._do(lambda: self._ledger.answered(batch, answer))

    async def acknowledged(self, ledger: bytes, signed: SignedAcknowledgement, *, met_again: bool = False) -> bool:
        """What central has of a ledger of this kiosk; whether there is something to send now. Where it is not signed by
        a pinned key, is about another ledger or another record, it is logged and changes nothing.

        ``met_again``: central may have been restored.
        """
        return await self._do(lambda: self._ledger.acknowledged(ledger, signed, met_again=met_again))

    async def ledgers(self) -> list[bytes]:
        """The ledgers of which central acknowledged something, the newest first."""
        return await self._do(self._ledger.ledgers)

    async def drop(self, keep: timedelta) -> int:
        """Drops some records that central has had for ``keep``; how many: 0, there are no more. Few milliseconds."""
        return await self._do(lambda: self._ledger.drop(keep))

    async def quarantine(self, batch: Sequence[Waiting]) -> None:
        """Takes records out of the way that central refuses by themselves."""
        await self._do(lambda: self._ledger.quarantine(batch))

    async def kept(self, limit: int) -> list[UUID]:
        """Records that central has and of whose matter it is not known what became (kept, unsure), oldest first."""
        return await self._do(lambda: self._ledger.kept(limit))

    async def matter(self, id: UUID, matter: Matter) -> None:  # noqa: A002
        """What became of a matter. Only its state is stored."""
        await self._do(lambda: self._ledger.matter(id, matter.state))

    async def _soon(self, work: Callable[[], T], late: Literal["broken", "unsure"] = "broken") -> T:
        """Somebody stands there: a disk that hangs is no reason to say nothing. ``late`` says what is known then."""
        try:
            async with asyncio.timeout(COMMIT_WITHIN):
                return await self._do(work)
        except TimeoutError:
            raise NotKept(late, "the disk does not answer") from None

    async def _do(self, work: Callable[[], T]) -> T:
        return await self._worker.do(work)


@dataclass(frozen=True, kw_only=True)
class OutboxStatus:
    """How full the outbox is, for the command line and the tour. ``ledger`` is the one that goes on, in hexadecimal."""

    records: int = 0
    stored: int = 0
    pending: int = 0
    quarantined: int = 0
    ledger: str | None = None
    last_seq: int = 0
    acknowledged: int | None = None
    """Up to which seq of it central has said that it has it; None: nothing was heard of it."""
    acknowledged_at: str | None = None
    """When, by central's clock (ISO 8601)."""
    keep_days: int = KEEP_DAYS
    to_be_dropped: int = 0
    matters: dict[str, int] = field(default_factory=dict)
    prints: dict[str, int] = field(default_factory=dict)


def outbox_status(path: Path, keep_days: int = KEEP_DAYS, now: datetime | None = None) -> OutboxStatus:
    """The status of the outbox in ``path``, read without changing it, beside a running kiosk too.

    Where there is no file, nothing is in it. Raises NotKept where the file cannot be read.
    """
    if not path.exists():
        return OutboxStatus(keep_days=keep_days)
    try:
        with schema.open_to_read(path) as db:
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'prints'").fetchone() is None:
                return OutboxStatus(keep_days=keep_days)
            states = dict(db.execute("SELECT state, count(*) FROM records GROUP BY state").fetchall())
            matters = dict(
                db.execute("SELECT matter, count(*) FROM records WHERE matter IS NOT NULL GROUP BY matter").fetchall()
            )
            prints = dict(db.execute("SELECT state, count(*) FROM prints GROUP BY state").fetchall())
            last = db.execute(
                """
                SELECT l.ledger, (SELECT max(seq) FROM records WHERE ledger = l.n), l.n FROM ledgers l
                ORDER BY l.n DESC LIMIT 1
                """
            ).fetchone()
            said: Acknowledgement | None = None
            to_be_dropped = 0
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'acknowledgements'").fetchone() is not None:
                said = None if last is None else acknowledging.believed(db, last[2])
                to_be_dropped = acknowledging.count_droppable(
                    db, keep=timedelta(days=keep_days), now=now or datetime.now(UTC)
                )
    except ContractError as error:
        raise NotKept("broken", str(error)) from error
    except sqlite3.Error as error:
        raise NotKept("broken", schema.code_of(error)[1]) from error
    return OutboxStatus(
        records=sum(states.values()),
        stored=states.get("stored", 0),
        pending=states.get("pending", 0),
        quarantined=states.get("quarantined", 0),
        ledger=None if last is None else last[0].hex(),
        last_seq=0 if last is None else last[1] or 0,
        acknowledged=None if said is None else said.seq,
        acknowledged_at=None if said is None else said.at.isoformat(),
        keep_days=keep_days,
        to_be_dropped=to_be_dropped,
        matters=matters,
        prints=prints,
    )
