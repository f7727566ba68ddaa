"""Takes batches of records to central so that no record ever stops the others.

A batch that central refuses or fails on is halved until the records are found that stop it. A record that is refused by
itself while others pass is quarantined; one that central fails on rests for a while and is tried again, less and less
often. Where nothing passes at all the fault is not the records', and all of them stay as they are.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from kiosk.contract.messages import Batch, BatchAnswer, WireRecord
from kiosk.errors import Declined, NotCentral, Unavailable
from kiosk.ledger import Waiting
from kiosk.outbox import Outbox
from kiosk.rows import Answered, paired

REFUSED_AT_MOST: Final = 5
"""Records refused one by one, and none taken: the fault is not theirs."""

_ABOUT_THE_BODY: Final = {400, 413, 422}
"""Statuses that may be the fault of one record; any other refusal is about this kiosk."""

_log = logging.getLogger(__name__)


@dataclass
class Patience:
    """When to try again, on the loop's clock, and how long to wait after that."""

    due: float
    pause: float


@dataclass
class Carrier:
    """Sends what it is given and notes the answers in the outbox. ``rest`` and ``rest_most`` are seconds."""

    outbox: Outbox
    send: Callable[[Batch], Awaitable[BatchAnswer]]
    rest: float
    rest_most: float
    _resting: dict[int, Patience] = field(default_factory=dict)
    _noting: asyncio.Future[None] | None = None
    _unnoted: tuple[int, ...] = ()

    def not_now(self) -> list[int]:
        """The places of records that are not to be sent now: they rest, or their answers are being noted."""
        now = asyncio.get_running_loop().time()
        return [*self._unnoted, *(n for n, patience in self._resting.items() if patience.due > now)]

    def leave_for(self, waiting: Waiting, seconds: float) -> None:
        """A record that took too long all by itself lets others go first, if they can."""
        due = asyncio.get_running_loop().time() + seconds
        self._resting[waiting.n] = Patience(due=due, pause=self.rest)

    async def noted(self) -> None:
        """Until the answers so far are in the outbox. Raises NotKept where they did not get there: they are asked for
        again then, as the records are still pending."""
        noting, self._noting = self._noting, None
        try:
            if noting is not None:
                await noting
        finally:
            self._unnoted = ()

    async def carry(self, batch: Sequence[Waiting], *, failed_before: bool) -> Answered:
        """Central's answers to ``batch``. Raises Unavailable or Declined where it takes none of it.

        ``failed_before``: central failed (5xx) just now. Once may be chance; at the second time the batch is halved.
        """
        answered: Answered = []
        refused: list[tuple[Waiting, Declined | Unavailable]] = []
        await self._halve(batch, answered, refused, failed_before)
        if not answered:
            raise refused[0][1]
        for waiting, error in refused:
            if isinstance(error, Declined):
                answered += await self._once_more(waiting)
            else:
                self._let_rest(waiting)
        return answered

    async def _halve(
        self,
        batch: Sequence[Waiting],
        answered: Answered,
        refused: list[tuple[Waiting, Declined | Unavailable]],
        failed_before: bool,
    ) -> None:
        try:
            answered += await self._deliver(batch)
            return
        except Declined as error:
            if error.status not in _ABOUT_THE_BODY:
                raise
            failure: Declined | Unavailable = error
        except Unavailable as error:
            if error.reason != "server" or not failed_before:
                raise
            failure = error
        if len(batch) == 1:
            refused.append((batch[0], failure))
            return
        middle = len(batch) // 2
        await self._halve(batch[:middle], answered, refused, failed_before)
        if not answered and len(refused) >= REFUSED_AT_MOST:
            raise failure
        await self._halve(batch[middle:], answered, refused, failed_before)

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
        answer = await self.send(_message(batch))
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
        known = self._resting.get(waiting.n)
        pause = self.rest if known is None else min(known.pause * 2, self.rest_most)
        _log.error("central fails on record %s: again in %.0f s", waiting.id, pause)
        self._resting[waiting.n] = Patience(due=asyncio.get_running_loop().time() + pause, pause=pause)


def _message(batch: Sequence[Waiting]) -> Batch:
    return Batch(
        kiosk=batch[0].kiosk,
        ledger=batch[0].ledger.hex(),
        records=tuple(WireRecord(header=waiting.header, sealed=waiting.sealed) for waiting in batch),
    )
