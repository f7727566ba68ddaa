"""Carries the outbox to central, learns what became of matters, and knows whether central can be reached.

One loop does it all, one exchange after the other: greet (``greeting``: is it central, are its keys the pinned ones),
send what is pending (``carrier``), ask for those a person waits for and for older matters (``asking``), say hello when
nothing else was said. A commit or a person who waits wakes it at once. Central counts as away after three failures in a
row and as back after one greeting, so a flickering line does not flicker on the screen.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from devices.worker import Worker
from kiosk import held_off
from kiosk.asking import Asking
from kiosk.carrier import NOT_ITS_KIOSK, Carrier
from kiosk.contract.audit import AuditEvent
from kiosk.contract.base import SigningKey
from kiosk.contract.messages import Matter, RecordStatus
from kiosk.errors import Declined, NotKept, Unavailable
from kiosk.greeting import Greeting
from kiosk.keyring import Keyring
from kiosk.ledger import Waiting
from kiosk.line import Central, in_words
from kiosk.line import Pace as Pace  # noqa: PLC0414 - what a sync is told
from kiosk.outbox import Outbox
from kiosk.patience import WAIT_AT_MOST, Patience, asked_to_wait, spread
from kiosk.rows import Whose

BATCH: Final = 100
AWAY_AFTER: Final = 3
"""Failures in a row."""

_log = logging.getLogger(__name__)


@dataclass
class Sync:
    """The service between outbox and central. ``run`` never returns; ``keep`` may start it again."""

    outbox: Outbox
    central: Central
    keys_file: Path
    pace: Pace = field(default_factory=Pace)
    jitter: Callable[[], float] = random.random
    root: str | None = None
    """The hash of the root key, where the machine was told."""
    note: Callable[[AuditEvent], None] = lambda _event: None

    def __post_init__(self) -> None:
        self._worker = Worker("sync")
        self._packer = Worker("packer")
        self._ring = Keyring(self.keys_file, self.root, self.central, self.outbox, self._worker, self.note)
        self._online = False
        self._introduced = False
        self._greeted = False
        self._failures = 0
        self._refusal: str | None = None
        self._apart: set[UUID] = set()
        self._greeting = Greeting(
            self.outbox, self.central, self._ring, self._worker, self.pace, told_of_changes=self._told_of_changes
        )
        self._asking = Asking(self.outbox, self._status, self.pace, self.jitter, self.central.trust.now)
        self._carrier = Carrier(
            outbox=self.outbox,
            packer=self._packer,
            ready=self.central.ready,
            send=self._greeting.send,
            is_there=self._greeting.health,
            rest=self.pace.refused,
            rest_most=self.pace.matter_most,
        )
        self._rest = Patience()
        self._batch = BATCH
        """Records that go at once: half as many each time that they take too long, for a line may be that slow, or that
        central is gone after them, for one of them may have ended it."""
        self._held_off_file = self.keys_file.with_name("held-off.json")
        self._held_until = 0.0
        self.outbox.clock = self._ring.reading
        self._nudged = asyncio.Event()
        self._turned = asyncio.Event()
        self._told: list[Callable[[], None]] = []
        self.outbox.on_commit(self.nudge)

    # -- what others see -----------------------------------------------------------------------------------------------

    @property
    def online(self) -> bool:
        """Whether central can be reached."""
        return self._online

    @property
    def known(self) -> bool:
        """Whether anything was heard of central since the start, or in vain waited for."""
        return self._online or self._failures > 0

    @property
    def first_contact_done(self) -> bool:
        """Whether central's keys are pinned and central knows this kiosk. Before that the machine is out of order:
        nothing could be sealed, and central would answer no question about a person."""
        return self._ring.keys is not None and self._introduced

    @property
    def welcome(self) -> bool:
        """Whether central can be reached and knows this kiosk: who is not known is told nothing."""
        return self._online and self.first_contact_done

    @property
    def outdated(self) -> bool:
        """Whether the root key says that this program is too old to serve people."""
        return self._ring.outdated

    @property
    def suspended(self) -> bool:
        """Whether central answers no question of this kiosk until staff resume it; it takes records all the same."""
        return self._greeting.suspended

    @property
    def settings_keys(self) -> tuple[SigningKey, ...]:
        """The pinned keys by which what steers this kiosk is signed."""
        return self._ring.settings

    @property
    def refusal(self) -> str | None:
        """The code with which central refused this kiosk's records last, until it takes one."""
        return self._refusal

    def on_change(self, told: Callable[[], None]) -> None:
        """Calls ``told`` on the event loop when ``online``, ``known``, ``first_contact_done``, ``outdated``,
        ``suspended`` change."""
        self._told.append(told)

    def nudge(self) -> None:
        """There is something to do."""
        self._nudged.set()

    async def deliver(self, id: UUID, within: float, *, sent: bool = False) -> Matter | None:  # noqa: A002
        """What central makes of a record within that many seconds; None: not known yet, or central is away. ``sent``:
        central may have had it by itself."""
        return await self._asking.wait(id, within, self.nudge, sent=sent)

    @contextmanager
    def apart(self, id: UUID) -> Iterator[UUID]:  # noqa: A002
        """While it lasts, the record of that id is not sent with others: somebody sends it by itself."""
        self._apart.add(id)
        try:
            yield id
        finally:
            self._apart.discard(id)
            self.nudge()

    async def drain(self, within: float) -> bool:
        """Waits until nothing is pending. False when that takes longer than ``within`` seconds."""
        self.nudge()
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while True:
                    turned = self._turned
                    if not await self.outbox.count_pending():
                        return True
                    await turned.wait()
        return False

    # -- life ----------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Takes up the keys pinned earlier, if any, and until when central asked to be left alone."""
        with self._told_of_changes():
            await self._ring.take_up()
            self._introduced |= self._ring.keys is not None
        now = self.central.trust.now()
        left = await self._worker.do(lambda: held_off.left(self._held_off_file, now, at_most=WAIT_AT_MOST * 1.25))
        self._held_until = asyncio.get_running_loop().time() + left

    async def run(self) -> None:
        """Carries, for ever."""
        await self.start()
        while True:
            self._nudged.clear()
            pause = await self._turn()
            self._say_turned()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._nudged.wait()

    def close(self) -> None:
        """Cuts off the exchange under way."""
        self.central.close()
        self._worker.close()
        self._packer.close()

    # -- a turn --------------------------------------------------------------------------------------------------------

    async def _turn(self) -> float:
        """Does what there is to do; returns the seconds until there may be more."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._held_until and not self._asking.somebody_waits:
            return self._held_until - loop.time()
        try:
            if not self._greeted or self._greeting.is_due:
                await self._greeting.greet(met_again=not self._greeted)
                self._greeted = True
                self._set_online(True)
                self._failures = 0
            elif loop.time() - self._greeting.spoke >= self.pace.heartbeat:
                await self._greeting.beat()
                self._failures = 0
        except (Unavailable, Declined) as error:
            return self._failed(error)
        except NotKept as error:
            return self._outbox_failed(error)
        try:
            if not self._rest.rests or self._asking.somebody_waits:
                await self._asking.ask_for_sent()
                await self._send_all()
                self._say_turned()
                self._introduce()
                await self._asking.ask_for_people()
            due = await self._asking.ask_for_matters()
        except (Unavailable, Declined) as error:
            return self._rests(error)
        except NotKept as error:
            return self._outbox_failed(error)
        due = min(due, self._greeting.spoke + self.pace.heartbeat, self._rest.due if self._rest.rests else due)
        return max(0.05, due - loop.time())

    def _say_turned(self) -> None:
        """Whoever waits for the outbox to drain looks at it."""
        self._turned.set()
        self._turned = asyncio.Event()

    def _introduce(self) -> None:
        """Central has taken the ledger's genesis, by which it knows the kiosk."""
        if self._ring.keys is not None:
            with self._told_of_changes():
                self._introduced = True

    async def _send_all(self) -> None:
        """Sends what is pending, first what a person waits for; asks for that person before the rest of a backlog.
        While a batch is on its way, the next is read and made ready, and the answers to the one before are noted."""
        pending = await self._pending_beside(())
        while batch := [waiting for waiting in pending if waiting.id not in self._apart]:
            here = {waiting.id for waiting in batch}
            for person in list(self._asking.people):
                if person.id not in here and (alone := await self.outbox.waiting(person.id)) is not None:
                    await self._carry([alone])
            next_one = asyncio.ensure_future(self._ready_beside(batch))
            try:
                sent = await self._carry(batch)
                await self._asking.ask_for_people()
            except BaseException as error:
                next_one.cancel()
                if isinstance(error, Declined) and error.code == NOT_ITS_KIOSK:
                    await self._send_earlier_names()
                raise
            pending = [waiting for waiting in await next_one if waiting.n not in sent]
        await self._carrier.noted()

    async def _send_earlier_names(self) -> None:
        """Central does not know this machine by its present name yet: it may take what stands under an earlier one."""
        while not self._carrier.earlier_names.rests:
            batch = await self.outbox.pending(self._batch, self._carrier.not_now(), "others")
            if not batch or not await self._carry(batch):
                break
        await self._carrier.noted()

    async def _pending_beside(self, batch: Sequence[Waiting]) -> list[Waiting]:
        without = [*self._carrier.not_now(), *(waiting.n for waiting in batch)]
        whose: Whose = "ours" if self._carrier.earlier_names.rests else "all"
        return await self.outbox.pending(self._batch, without, whose)

    async def _ready_beside(self, batch: Sequence[Waiting]) -> list[Waiting]:
        pending = await self._pending_beside(batch)
        await self._carrier.make_ready([waiting for waiting in pending if waiting.id not in self._apart])
        return pending

    async def _one_behind(self, batch: Sequence[Waiting]) -> Waiting | None:
        behind = reversed(await self._pending_beside(batch))
        others = (each for each in behind if each.id not in self._apart and each.kiosk == batch[0].kiosk)
        return next(others, None)

    async def _carry(self, batch: Sequence[Waiting]) -> set[int]:
        """Carries it; the places of what central answered to, one from behind the batch perhaps among them."""
        failed_before = self._rest.pause > 0
        try:
            answered = await self._carrier.carry(
                batch, failed_before=failed_before, behind=lambda: self._one_behind(batch)
            )
        except Unavailable as error:
            if error.reason == "slow" or (error.reason == "offline" and failed_before):
                self._batch = max(1, len(batch) // 2)
                if len(batch) == 1 and await self.outbox.count_pending() > 1:
                    self._carrier.leave_for(batch[0], self.pace.rest_most)
            raise
        if not answered:
            return set()
        self._batch = min(BATCH, self._batch * 2)
        if self._asking.people:
            await self._carrier.noted()
        self._asking.answered(answered)
        self._rest = Patience()
        self._refusal = None
        return {waiting.n for waiting, _ in answered}

    # -- inside --------------------------------------------------------------------------------------------------------

    async def _status(self, id: UUID, within: float) -> RecordStatus:  # noqa: A002
        return await self._worker.do(lambda: self.central.status(id, within))

    def _failed(self, error: Unavailable | Declined) -> float:
        """The greeting failed: central is away, at the third time. Returns the seconds until the next try."""
        self._failures += 1
        self._greeted = False
        self._greeting.doubt_time(error)
        if self._failures >= AWAY_AFTER or not self._online:
            if self._online or self._failures == 1:
                _log.warning("central is away: %s", in_words(error))
            if not self._online and self._failures == 1:
                self._say_changed()  # it is known now
            self._set_online(False)
            self._asking.tell()
        pause: float = min(self.pace.most, self.pace.first * 2 ** min(self._failures - 1, 10))
        asked = self._holds_off(error)
        self._held_until = asyncio.get_running_loop().time() + asked
        return max(spread(pause, self.jitter()), asked)

    def _rests(self, error: Unavailable | Declined) -> float:
        """Central does not take records now, though it may be there: a greeting follows at once, a try later."""
        self._greeted = False
        self._greeting.doubt_time(error)
        self._refusal = error.code if isinstance(error, Declined) else None
        pause = self._rest.longer(self.pace.first, self.pace.rest_most)
        if pause > self._rest.pause:
            _log.warning("central takes nothing now: %s; again in %.1f s", in_words(error), pause)
        wait = max(spread(pause, self.jitter()), self._holds_off(error))
        self._rest = Patience(due=asyncio.get_running_loop().time() + wait, pause=pause)
        self._asking.tell()
        return 0.0

    def _holds_off(self, error: Unavailable | Declined) -> float:
        """Seconds that central asks to wait, kept over a restart."""
        wait = asked_to_wait(error, self.jitter())
        if wait >= held_off.WORTH:
            now = self.central.trust.now()
            self._worker.post(lambda: held_off.keep(self._held_off_file, wait, now))
        return wait

    def _outbox_failed(self, error: NotKept) -> float:
        _log.error("the outbox fails: %s %s", error.reason, error.detail)
        self._asking.tell()
        return self.pace.most

    def _set_online(self, online: bool) -> None:
        if online != self._online:
            self._online = online
            if online:
                _log.info("central is there")
            self._say_changed()

    @contextmanager
    def _told_of_changes(self) -> Iterator[None]:
        """Says it where the keys, or what central knows, make another machine of this one."""
        before = self._kind_of_machine
        yield
        if before != self._kind_of_machine:
            self._say_changed()

    @property
    def _kind_of_machine(self) -> tuple[bool, bool, bool]:
        return self.first_contact_done, self.outdated, self.suspended

    def _say_changed(self) -> None:
        for told in self._told:
            told()
