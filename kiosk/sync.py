"""Carries the outbox to central, learns what became of matters, and knows whether central can be reached.

One loop does it all, one exchange after the other: greet (is it central, are its keys the pinned ones), send what is
pending, ask for those a person waits for, ask for older matters, say hello when nothing else was said. A commit or a
person who waits wakes it at once. Central counts as away after three failures in a row and as back after one greeting,
so a flickering line does not flicker on the screen.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID

from devices.worker import Worker
from kiosk import held_off
from kiosk.asking import OPEN, Asking
from kiosk.carrier import Carrier, Patience
from kiosk.contract.audit import AuditEvent
from kiosk.contract.base import SigningKey
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import (
    Batch,
    BatchAnswer,
    Health,
    Heartbeat,
    Matter,
    RecordStatus,
)
from kiosk.errors import NO_TRUST, Declined, NotCentral, NotKept, Unavailable
from kiosk.keyring import Keyring
from kiosk.ledger import Waiting
from kiosk.line import Central, Person, demand_signed, in_words
from kiosk.line import Pace as Pace  # noqa: PLC0414 - what a sync is told
from kiosk.outbox import Outbox

BATCH: Final = 100
AWAY_AFTER: Final = 3
"""Failures in a row."""

WAIT_AT_MOST: Final = 300.0
"""Seconds that central may ask a kiosk to wait before it tries again."""

TIMELY: Final = timedelta(days=1)
"""How far what central signs just now may be from the time that it says it is."""

STATUS_AT_MOST: Final = 10.0
"""Seconds that central waits at most before it answers a question for a matter."""

T = TypeVar("T")
H = TypeVar("H", bound=Health)
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
        self._ring = Keyring(self.keys_file, self.root, self.central, self.outbox, self._worker, self.note)
        self._online = False
        self._introduced = False
        self._greeted = False
        self._keys_at = 0.0
        self._met_again = False
        self._above_gaps_due = 0.0
        self._failures = 0
        self._refusal: str | None = None
        self._spoke = 0.0
        self._people: list[Person] = []
        self._apart: set[UUID] = set()
        self._untimely = False
        self._asking = Asking(self.pace, self.jitter, self.central.trust.now)
        self._carrier = Carrier(
            outbox=self.outbox, send=self._send, rest=self.pace.refused, rest_most=self.pace.matter_most
        )
        self._rest = Patience(due=0.0, pause=0.0)
        self._batch = BATCH
        """Records that go at once: half as many each time that they take too long, for a line may be that slow."""
        self._held_off_file = self.keys_file.with_name("held-off.json")
        self._held_until = 0.0
        self._astray = True
        """Whether what time it is has to be asked before anything else."""
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
    def settings_keys(self) -> tuple[SigningKey, ...]:
        """The pinned keys by which what steers this kiosk is signed."""
        return self._ring.settings

    @property
    def refusal(self) -> str | None:
        """The code with which central refused this kiosk's records last, until it takes one."""
        return self._refusal

    def on_change(self, told: Callable[[], None]) -> None:
        """Calls ``told`` on the event loop when ``online``, ``known``, ``first_contact_done``, ``outdated`` change."""
        self._told.append(told)

    def nudge(self) -> None:
        """There is something to do."""
        self._nudged.set()

    async def deliver(self, id: UUID, within: float) -> Matter | None:  # noqa: A002
        """What central makes of a record within that many seconds; None: not known yet, or central is away."""
        loop = asyncio.get_running_loop()
        person = Person(id=id, until=loop.time() + within, answer=loop.create_future())
        self._people.append(person)
        self.nudge()
        try:
            async with asyncio.timeout(within):
                return await person.answer
        except TimeoutError:
            return None
        finally:
            self._people.remove(person)

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
            self._turned.set()
            self._turned = asyncio.Event()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._nudged.wait()

    def close(self) -> None:
        """Cuts off the exchange under way."""
        self.central.close()
        self._worker.close()

    # -- a turn --------------------------------------------------------------------------------------------------------

    async def _turn(self) -> float:
        """Does what there is to do; returns the seconds until there may be more."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._held_until and not self._somebody_waits():
            return self._held_until - loop.time()
        try:
            if not self._greeted or loop.time() - self._keys_at >= self.pace.keys:
                await self._greet()
            elif loop.time() - self._spoke >= self.pace.heartbeat:
                await self._beat()
                self._failures = 0
        except (Unavailable, Declined) as error:
            return self._failed(error)
        except NotKept as error:
            return self._outbox_failed(error)
        try:
            if loop.time() >= self._rest.due or self._somebody_waits():
                await self._send_all()
                self._introduce()
                await self._ask_for_people()
            due = await self._ask_for_matters()
        except (Unavailable, Declined) as error:
            return self._rests(error)
        except NotKept as error:
            return self._outbox_failed(error)
        due = min(due, self._spoke + self.pace.heartbeat, self._rest.due if self._rest.due > loop.time() else due)
        return max(0.05, due - loop.time())

    def _somebody_waits(self) -> bool:
        return any(not person.answer.done() for person in self._people)

    def _introduce(self) -> None:
        """Central has taken the ledger's genesis, by which it knows the kiosk."""
        if self._ring.keys is not None:
            with self._told_of_changes():
                self._introduced = True

    async def _greet(self) -> None:
        """Whether it is central, and the one whose keys are pinned; pins them at the first contact."""
        if self._astray:
            await self._ask_time()
        await self._timed(self.central.health)
        await self._ask_keys()
        await self._meet_ledgers()
        self._greeted = True
        self._failures = 0
        self._set_online(True)

    async def _ask_time(self) -> None:
        """What time it is. A key by which it is said, or an authority above the line, that is not known here may be one
        that the root named while this machine was away: then what it signed comes first, whoever brings it."""
        try:
            await self._exchange(self.central.time)
        except NotCentral:
            if not (self._ring.root and await self._ask_keys(from_anybody=True)):
                raise
            await self._exchange(self.central.time)
        self._astray = False

    async def _ask_keys(self, *, from_anybody: bool = False) -> bool:
        """The keys that central has now, pinned where they are to be believed; whether they are others than before."""
        before = self._ring.keys
        keys = await self._exchange(lambda: self.central.keys(from_anybody=from_anybody))
        with self._told_of_changes():
            await self._ring.offered(keys)
        self._keys_at = asyncio.get_running_loop().time()
        return self._ring.keys is not before

    async def _beat(self) -> None:
        """That this kiosk is there, and what central has of its ledger. One that fell may have fallen with others."""
        ledgers = await self.outbox.ledgers()
        if not ledgers:
            await self._timed(self.central.health)
        elif await self._hear(ledgers[0]):
            for ledger in ledgers[1:]:
                await self._hear(ledger)

    async def _meet_ledgers(self) -> None:
        """Asks what central has of each ledger. What it took above a gap is sent once more when it was away, for it may
        have been restored, but not each time: a line that comes and goes would carry the same records for ever, and
        never those behind them."""
        now = asyncio.get_running_loop().time()
        self._met_again |= not self._online
        again = self._met_again and now >= self._above_gaps_due
        sent = [await self._hear(ledger, met_again=again) for ledger in await self.outbox.ledgers()]
        if again:
            self._met_again = False
            self._above_gaps_due = now + self.pace.above_gaps if any(sent) else now

    async def _hear(self, ledger: bytes, *, met_again: bool = False) -> bool:
        """Asks what central has of a ledger; whether there is something to send now."""
        beat = Heartbeat(kiosk=self.outbox.kiosk, ledger=ledger.hex())
        said = (await self._timed(lambda: self.central.heartbeat(beat))).acknowledgement
        if said is None:
            return False
        try:
            at = said.verified(self._ring.acknowledgement, kiosk=self.outbox.kiosk, ledger=ledger).at
        except ContractError:  # the outbox says why; perhaps the key is one that the root signed meanwhile
            self._keys_at = float("-inf")
            return await self.outbox.acknowledged(ledger, said, met_again=met_again)
        if not self._is_timely(at):
            return False
        changed = await self.outbox.acknowledged(ledger, said, met_again=met_again)
        await self._worker.do(lambda: self.central.trust.time.passed(at))
        return changed

    async def _send_all(self) -> None:
        """Sends what is pending, first what a person waits for; asks for that person before the rest of a backlog.
        While a batch is on its way, the next is read and the answers to the one before are noted."""
        pending = await self._pending_beside(())
        while batch := [waiting for waiting in pending if waiting.id not in self._apart]:
            here = {waiting.id for waiting in batch}
            for person in list(self._people):
                if person.id not in here and (alone := await self.outbox.waiting(person.id)) is not None:
                    await self._carry([alone])
            next_one = asyncio.ensure_future(self._pending_beside(batch))
            try:
                sent = await self._carry(batch)
                await self._ask_for_people()
            except BaseException:
                next_one.cancel()
                raise
            pending = [waiting for waiting in await next_one if waiting.n not in sent]
        await self._carrier.noted()

    async def _pending_beside(self, batch: Sequence[Waiting]) -> list[Waiting]:
        return await self.outbox.pending(self._batch, [*self._carrier.not_now(), *(waiting.n for waiting in batch)])

    async def _one_behind(self, batch: Sequence[Waiting]) -> Waiting | None:
        behind = await self._pending_beside(batch)
        return next((waiting for waiting in reversed(behind) if waiting.id not in self._apart), None)

    async def _carry(self, batch: Sequence[Waiting]) -> set[int]:
        """Carries it; the places of what central answered to, one from behind the batch perhaps among them."""
        try:
            answered = await self._carrier.carry(
                batch, failed_before=self._rest.pause > 0, behind=lambda: self._one_behind(batch)
            )
        except Unavailable as error:
            if error.reason == "slow":
                self._batch = max(1, len(batch) // 2)
                if len(batch) == 1 and await self.outbox.count_pending() > 1:
                    self._carrier.leave_for(batch[0], self.pace.rest_most)
            raise
        self._batch = min(BATCH, self._batch * 2)
        if self._people:
            await self._carrier.noted()
        for waiting, item in answered:
            self._asking.sent_anew(waiting.id)
            self._asking.heard(waiting.id, None if item.matter is None else item.matter.state)
            if item.outcome in ("conflict", "unreadable"):
                self._tell_people(waiting.id)
            elif item.matter is not None and item.matter.state not in OPEN:
                self._tell_people(waiting.id, item.matter)
        self._rest = Patience(due=0.0, pause=0.0)
        self._refusal = None
        return {waiting.n for waiting, _ in answered}

    async def _ask_for_people(self) -> None:
        """Asks what became of the records that a person waits for, as long as that person waits."""
        for person in list(self._people):
            left = person.until - asyncio.get_running_loop().time()
            if left <= 0 or person.answer.done() or await self.outbox.waiting(person.id) is not None:
                continue
            status = await self._status(person.id, min(left, STATUS_AT_MOST))
            if status.matter is not None:
                await self.outbox.matter(person.id, status.matter)
                self._asking.heard(person.id, status.matter.state)
            person.tell(status.matter)

    async def _ask_for_matters(self) -> float:
        """Asks for matters that are not over, each less and less often. Returns when the next is due."""
        for id_ in self._asking.due(await self.outbox.kept(1000)):
            if self._people:
                break
            self._asking.asked(id_)
            try:
                status = await self._status(id_)
            except Declined as error:
                _log.warning("central knows nothing of record %s: %s", id_, error.code)
                continue
            if status.matter is not None and status.matter.state != "kept":
                await self.outbox.matter(id_, status.matter)
                self._asking.heard(id_, status.matter.state)
        return self._asking.next_due

    # -- inside --------------------------------------------------------------------------------------------------------

    async def _exchange(self, work: Callable[[], T]) -> T:
        """An exchange that says whether central is there and what it has; others put off no heartbeat."""
        answer = await self._worker.do(work)
        self._spoke = asyncio.get_running_loop().time()
        return answer

    async def _send(self, batch: Batch) -> BatchAnswer:
        voices = self._ring.acknowledgement
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
                self._astray, self._greeted = True, False
                return answer.model_copy(update={"acknowledgement": None})
            keeper.heard(said.at, asked_at)
            keeper.passed(said.at)
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

    async def _status(self, id: UUID, within: float = 0.0) -> RecordStatus:  # noqa: A002
        return await self._worker.do(lambda: self.central.status(id, within))

    async def _timed(self, ask: Callable[[], H]) -> H:
        """Central's answer, which says its time: the offset of this machine's clock is measured by it."""
        keeper = self.central.trust.time

        def work() -> H:
            asked_at = keeper.boot()
            answer = ask()
            keeper.heard(answer.time, asked_at)
            return answer

        return await self._exchange(work)

    def _failed(self, error: Unavailable | Declined) -> float:
        """The greeting failed: central is away, at the third time. Returns the seconds until the next try."""
        self._failures += 1
        self._greeted = False
        self._doubt_time(error)
        if self._failures >= AWAY_AFTER or not self._online:
            if self._online or self._failures == 1:
                _log.warning("central is away: %s", in_words(error))
            if not self._online and self._failures == 1:
                self._say_changed()  # it is known now
            self._set_online(False)
            self._tell_people()
        pause: float = min(self.pace.most, self.pace.first * 2 ** min(self._failures - 1, 10))
        asked = self._holds_off(error)
        self._held_until = asyncio.get_running_loop().time() + asked
        return max(pause * (0.5 + self.jitter() / 2), asked)

    def _rests(self, error: Unavailable | Declined) -> float:
        """Central does not take records now, though it may be there: a greeting follows at once, a try later."""
        self._greeted = False
        self._doubt_time(error)
        self._refusal = error.code if isinstance(error, Declined) else None
        pause = min(self.pace.rest_most, self._rest.pause * 2) if self._rest.pause else self.pace.first
        if not self._rest.pause or pause < self.pace.rest_most:
            _log.warning("central takes nothing now: %s; again in %.1f s", in_words(error), pause)
        wait = max(pause * (0.5 + self.jitter() / 2), self._holds_off(error))
        self._rest = Patience(due=asyncio.get_running_loop().time() + wait, pause=pause)
        self._tell_people()
        return 0.0

    def _doubt_time(self, error: Unavailable | Declined) -> None:
        """Whether what failed may be the clock's fault: a certificate of another time, or a request of one."""
        refused = isinstance(error, Declined) and error.code == "stale"
        self._astray |= refused or (isinstance(error, NotCentral) and error.detail == NO_TRUST)

    def _holds_off(self, error: Unavailable | Declined) -> float:
        """Seconds that central asks to wait (Retry-After) and a little more: who was told the same does not come at
        once. Within reason: a slip of central's must not shut a hall for a day. Kept over a restart."""
        wait = min(error.after, WAIT_AT_MOST) * (1 + self.jitter() / 4)
        if wait >= held_off.WORTH:
            now = self.central.trust.now()
            self._worker.post(lambda: held_off.keep(self._held_off_file, wait, now))
        return wait

    def _outbox_failed(self, error: NotKept) -> float:
        _log.error("the outbox fails: %s %s", error.reason, error.detail)
        self._tell_people()
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
        before = self.first_contact_done, self.outdated
        yield
        if before != (self.first_contact_done, self.outdated):
            self._say_changed()

    def _say_changed(self) -> None:
        for told in self._told:
            told()

    def _tell_people(self, id: UUID | None = None, matter: Matter | None = None) -> None:  # noqa: A002
        """Ends the waiting of who waits for this record, or of everybody."""
        for person in self._people:
            if id is None or person.id == id:
                person.tell(matter)
