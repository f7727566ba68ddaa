"""What this kiosk and central say to each other of themselves: is it central, what time is it, what does it have.

A greeting comes first, and again after each failure: the time, where it may be wrong here; whether central is there;
its keys, which have to be the pinned ones; what it has of each ledger. A heartbeat says less, where nothing else was
said. Each answer of theirs, and to a batch, measures the offset of this machine's clock.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from devices.worker import Worker
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import Batch, BatchAnswer, Health, Heartbeat
from kiosk.errors import NO_TRUST, Declined, NotCentral, Suspended, Unavailable
from kiosk.keyring import Keyring
from kiosk.line import Central, Pace, demand_signed
from kiosk.outbox import Outbox

TIMELY: Final = timedelta(days=1)
"""How far what central signs just now may be from the time that it says it is."""

T = TypeVar("T")
H = TypeVar("H", bound=Health)
_log = logging.getLogger(__name__)


@dataclass
class Greeting:
    """Belongs to the sync, whose ``worker`` speaks with central. Methods raise Unavailable, Declined and NotKept.

    ``told_of_changes`` goes around what may make another machine of this one.
    """

    outbox: Outbox
    central: Central
    ring: Keyring
    worker: Worker
    pace: Pace
    told_of_changes: Callable[[], AbstractContextManager[None]]
    spoke: float = field(default=0.0, init=False)
    """When central said last, on the loop's clock, that it is there."""
    suspended: bool = field(default=False, init=False)
    """Whether central said last that this kiosk waits for staff to resume it."""
    _astray: bool = field(default=True, init=False)
    """Whether what time it is has to be asked before anything else."""
    _untimely: bool = field(default=False, init=False)
    _keys_at: float = field(default=0.0, init=False)
    _met_again: bool = field(default=False, init=False)
    _above_gaps_due: float = field(default=0.0, init=False)

    @property
    def is_due(self) -> bool:
        """Whether the time or the keys have to be asked for again, though nothing failed."""
        return self._astray or asyncio.get_running_loop().time() - self._keys_at >= self.pace.keys

    async def greet(self, *, met_again: bool) -> None:
        """Whether it is central, and the one whose keys are pinned; pins them at the first contact. ``met_again``:
        an exchange failed since."""
        if self._astray:
            await self._ask_time()
        await self.health()
        await self._ask_keys()
        self._met_again |= met_again
        await self._meet_ledgers()

    async def health(self) -> Health:
        """Whether central answers, and its time."""
        return await self._timed(self.central.health)

    async def beat(self) -> None:
        """That this kiosk is there, and what central has of its ledger. One that fell may have fallen with others."""
        ledgers = await self.outbox.ledgers()
        if not ledgers:
            await self.health()
        elif await self._hear(ledgers[0]):
            for ledger in ledgers[1:]:
                await self._hear(ledger)

    async def send(self, batch: Batch) -> BatchAnswer:
        """Central's answer to a batch, which is central's where that signs it."""
        voices = self.ring.acknowledgement
        keeper = self.central.trust.time

        def work() -> BatchAnswer:
            asked_at = keeper.boot()
            answer = self.central.send(batch)
            if voices:
                demand_signed(batch, answer, voices)
            said = answer.acknowledgement
            if not voices or said is None:
                return answer
            if not self._is_timely(said.at):
                self._astray = True
                return answer.model_copy(update={"acknowledgement": None})
            keeper.heard(said.at, asked_at)
            keeper.passed(said.at)
            return answer

        return await self._exchange(work)

    def doubt_time(self, error: Unavailable | Declined) -> None:
        """Whether what failed may be the clock's fault: a certificate of another time, or a request of one."""
        refused = isinstance(error, Declined) and error.code == "stale"
        self._astray |= refused or (isinstance(error, NotCentral) and error.detail == NO_TRUST)

    # -- inside --------------------------------------------------------------------------------------------------------

    async def _ask_time(self) -> None:
        """What time it is. A key by which it is said, or an authority above the line, that is not known here may be one
        that the root named while this machine was away: then what it signed comes first, whoever brings it."""
        try:
            await self._exchange(self.central.time)
        except NotCentral:
            if not (self.ring.root and await self._ask_keys(from_anybody=True)):
                raise
            await self._exchange(self.central.time)
        self._astray = False

    async def _ask_keys(self, *, from_anybody: bool = False) -> bool:
        """The keys that central has now, pinned where they are to be believed; whether they are others than before."""
        before = self.ring.keys
        keys = await self._exchange(lambda: self.central.keys(from_anybody=from_anybody))
        with self.told_of_changes():
            await self.ring.offered(keys)
        self._keys_at = asyncio.get_running_loop().time()
        return self.ring.keys is not before

    async def _meet_ledgers(self) -> None:
        """Asks what central has of each ledger. What it took above a gap is sent once more after a failure, for it may
        have been restored meanwhile, but not each time: a line that comes and goes would carry the same records for
        ever, and never those behind them."""
        now = asyncio.get_running_loop().time()
        again = self._met_again and now >= self._above_gaps_due
        sent = [await self._hear(ledger, met_again=again) for ledger in await self.outbox.ledgers()]
        if again and not self.suspended:
            self._met_again = False
            self._above_gaps_due = now + self.pace.above_gaps if any(sent) else now

    async def _hear(self, ledger: bytes, *, met_again: bool = False) -> bool:
        """Asks what central has of a ledger; whether there is something to send now. A suspended kiosk hears nothing of
        it but with the answers to what it sends."""
        beat = Heartbeat(kiosk=self.outbox.kiosk, ledger=ledger.hex())
        with self.told_of_changes():
            try:
                said = (await self._timed(lambda: self.central.heartbeat(beat))).acknowledgement
            except Suspended:
                self.spoke = asyncio.get_running_loop().time()
                self._is_suspended(True)
                return False
            self._is_suspended(False)
        if said is None:
            return False
        try:
            at = said.verified(self.ring.acknowledgement, kiosk=self.outbox.kiosk, ledger=ledger).at
        except ContractError:  # the outbox says why; perhaps the key is one that the root signed meanwhile
            self._keys_at = float("-inf")
            return await self.outbox.acknowledged(ledger, said, met_again=met_again)
        if not self._is_timely(at):
            return False
        changed = await self.outbox.acknowledged(ledger, said, met_again=met_again)
        await self.worker.do(lambda: self.central.trust.time.passed(at))
        return changed

    def _is_suspended(self, suspended: bool) -> None:
        if suspended != self.suspended:
            self.suspended = suspended
            _log.warning("central has %s this kiosk", "suspended" if suspended else "resumed")

    async def _exchange(self, work: Callable[[], T]) -> T:
        """An exchange that says whether central is there and what it has; others put off no heartbeat."""
        answer = await self.worker.do(work)
        self.spoke = asyncio.get_running_loop().time()
        return answer

    async def _timed(self, ask: Callable[[], H]) -> H:
        """Central's answer, which says its time: the offset of this machine's clock is measured by it."""
        keeper = self.central.trust.time

        def work() -> H:
            asked_at = keeper.boot()
            answer = ask()
            keeper.heard(answer.time, asked_at)
            return answer

        return await self._exchange(work)

    def _is_timely(self, at: datetime) -> bool:
        """Whether central may have signed it just now, by the time that it says itself, whatever this machine's clock
        says. A word from far ahead would make all that follow old ones, and move the floor for ever."""
        timely = abs(at - self.central.trust.now()) <= TIMELY
        if not (timely or self._untimely):
            _log.error("an acknowledgement is not believed: it is dated %s", at.isoformat())
        self._untimely = not timely
        return timely
