"""Takes batches of records to central so that no record ever stops the others.

A batch that central refuses or fails on is halved until the records are found that stop it. A record that is refused by
itself while others pass is quarantined; one that central fails on, or that ends it or the line without an answer, rests
for a while and is tried again, less and less often. Where nothing passes, tried here and there, the fault is not the
records', and all of them stay as they are.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from devices.worker import Worker
from kiosk.contract.messages import Batch, BatchAnswer, WireRecord
from kiosk.errors import Declined, NotCentral, Unavailable
from kiosk.ledger import Waiting
from kiosk.outbox import Outbox
from kiosk.patience import Patience
from kiosk.rows import Answered, paired

REFUSED_AT_MOST: Final = 5
"""Records refused one by one, and none taken: before more are tried, others have to pass."""

_ABOUT_THE_BODY: Final = {400, 413, 422}
"""Statuses that may be the fault of one record; any other refusal is about this kiosk."""

NOT_ITS_KIOSK: Final = "another-kiosk"
"""The code with which central refuses what this machine says in another name than the one that it knows it by."""

_log = logging.getLogger(__name__)


@dataclass
class _Sorting:
    """Which records of a batch central takes, while that is being found out."""

    batch: Sequence[Waiting]
    failed_before: bool
    behind: Callable[[], Awaitable[Waiting | None]]
    answered: Answered = field(default_factory=list)
    refused: list[tuple[Waiting, Declined | Unavailable]] = field(default_factory=list)
    alone: set[int] = field(default_factory=set)
    """The places of records that went by themselves: not again with others."""


@dataclass
class Carrier:
    """Sends what it is given and notes the answers in the outbox. ``rest`` and ``rest_most`` are seconds.

    ``ready`` does what can be done of ``send`` beforehand, in the thread of ``packer``. ``is_there`` raises Unavailable
    where central is not."""

    outbox: Outbox
    packer: Worker
    ready: Callable[[Batch], Batch]
    send: Callable[[Batch], Awaitable[BatchAnswer]]
    is_there: Callable[[], Awaitable[object]]
    rest: float
    rest_most: float
    earlier_names: Patience = field(default_factory=Patience)
    """Of records under an earlier name of this kiosk, since central let it say nothing in that name."""
    _ready: tuple[list[UUID], Batch] | None = None
    """The records of one batch, and the message that is made of them."""
    _resting: dict[int, Patience] = field(default_factory=dict)
    _noting: asyncio.Future[None] | None = None
    _unnoted: tuple[int, ...] = ()
    _in_vain: int = 0

    def not_now(self) -> list[int]:
        """The places of records that are not to be sent now: they rest, or their answers are being noted."""
        return [*self._unnoted, *(n for n, patience in self._resting.items() if patience.rests)]

    def leave_for(self, waiting: Waiting, seconds: float) -> None:
        """A record that cannot go now lets others go first, if they can."""
        due = asyncio.get_running_loop().time() + seconds
        self._resting[waiting.n] = Patience(due=due, pause=self.rest)

    async def make_ready(self, batch: Sequence[Waiting]) -> None:
        """Makes ready what may go next, while another is on its way."""
        if batch:
            self._ready = _ids(batch), await self.packer.do(lambda: self.ready(_message(batch)))

    async def noted(self) -> None:
        """Until the answers so far are in the outbox. Raises NotKept where they did not get there: they are asked for
        again then, as the records are still pending."""
        noting, self._noting = self._noting, None
        try:
            if noting is not None:
                await noting
        finally:
            self._unnoted = ()

    async def carry(
        self, batch: Sequence[Waiting], *, failed_before: bool, behind: Callable[[], Awaitable[Waiting | None]]
    ) -> Answered:
        """Central's answers to ``batch``. Raises Unavailable or Declined where it takes none of it. No answers: it
        is of an earlier name of this kiosk, in which central lets it say nothing; it goes by hand (``takeaway``).

        ``failed_before``: central failed just now. Once may be chance; at the second time the batch is halved.
        ``behind``: a record that is not of the batch, with which central is tried where it takes none of the batch.
        """
        sorting = _Sorting(batch=batch, failed_before=failed_before, behind=behind)
        try:
            await self._halve(batch, sorting)
        except Declined as refusal:
            if refusal.code != NOT_ITS_KIOSK or batch[0].kiosk == self.outbox.kiosk:
                raise
            _log.warning("records of kiosk %s do not go from here under another name", batch[0].kiosk)
            self.earlier_names = Patience.after(self.rest_most)
            return []
        if not sorting.answered:
            await self._try_others(sorting)
        for waiting, error in sorting.refused:
            if isinstance(error, Declined):
                sorting.answered += await self._once_more(waiting)
            else:
                self._let_rest(waiting)
        return sorting.answered

    async def _halve(self, batch: Sequence[Waiting], sorting: _Sorting) -> None:
        batch = [waiting for waiting in batch if waiting.n not in sorting.alone]
        if not batch or await self._passes(batch, sorting) or len(batch) == 1:
            return
        middle = len(batch) // 2
        await self._halve(batch[:middle], sorting)
        if not sorting.answered and len(sorting.refused) >= REFUSED_AT_MOST:
            await self._try_others(sorting)
        await self._halve(batch[middle:], sorting)

    async def _try_others(self, sorting: _Sorting) -> None:
        """Records that are poisoned often stand together: tries the last of the batch, one from behind it, and one in
        between, each time another. Raises as ``carry`` where none of them passes either."""
        last = sorting.batch[-1]
        if last.n not in sorting.alone and await self._passes([last], sorting):
            return
        other = await sorting.behind()
        if other is not None and await self._passes([other], sorting):
            return
        between = [waiting for waiting in sorting.batch if waiting.n not in sorting.alone]
        self._in_vain += 1
        if not between or not await self._passes([between[self._in_vain % len(between)]], sorting):
            raise sorting.refused[0][1]

    async def _passes(self, batch: Sequence[Waiting], sorting: _Sorting) -> bool:
        """Whether central takes it; a record that it refuses alone is noted. Raises what is no record's fault."""
        if len(batch) == 1:
            sorting.alone.add(batch[0].n)
        try:
            sorting.answered += await self._deliver(batch)
        except Declined as error:
            if error.status not in _ABOUT_THE_BODY:
                raise
            failure: Declined | Unavailable = error
        except Unavailable as error:
            if error.reason == "slow" or not sorting.failed_before:
                raise
            if error.reason == "offline":
                await self.is_there()
            failure = error
        else:
            return True
        if len(batch) == 1:
            sorting.refused.append((batch[0], failure))
        return False

    async def _once_more(self, waiting: Waiting) -> Answered:
        """Others passed after it was refused: if it passes too, what central took amiss was not the record."""
        try:
            return await self._deliver([waiting])
        except Declined as error:
            if error.status not in _ABOUT_THE_BODY:
                raise
            _log.error("record %s is refused by itself (%s): quarantined", waiting.id, error.code)
            await self.outbox.quarantine([waiting])
            return []

    async def _deliver(self, batch: Sequence[Waiting]) -> Answered:
        ready, self._ready = self._ready, None
        message = ready[1] if ready is not None and ready[0] == _ids(batch) else _message(batch)
        answer = await self.send(message)
        try:
            answered = paired(batch, answer)
        except ValueError as error:
            raise NotCentral(f"it sends {error}") from None
        await self.noted()
        self._unnoted = tuple(waiting.n for waiting in batch)
        self._noting = asyncio.ensure_future(self.outbox.answered(batch, answer))
        for waiting, item in answered:
            self._resting.pop(waiting.n, None)
            if item.outcome in ("conflict", "unreadable"):
                _log.error("central answers %s to record %s: quarantined", item.outcome, waiting.id)
        return answered

    def _let_rest(self, waiting: Waiting) -> None:
        pause = self._resting.get(waiting.n, Patience()).longer(self.rest, self.rest_most)
        _log.error("central fails on record %s: again in %.0f s", waiting.id, pause)
        self._resting[waiting.n] = Patience.after(pause)


def _message(batch: Sequence[Waiting]) -> Batch:
    return Batch(
        kiosk=batch[0].kiosk,
        ledger=batch[0].ledger.hex(),
        records=tuple(WireRecord(header=waiting.header, sealed=waiting.sealed) for waiting in batch),
    )


def _ids(batch: Sequence[Waiting]) -> list[UUID]:
    return [waiting.id for waiting in batch]
