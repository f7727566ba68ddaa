"""Asks what became of matters: for whoever waits, and later for itself, often at first and rarely once a matter is with
its authority.

An authority decides after days, and may want papers before. Of that it is asked some hours later and then once a day,
until it is decided or three months old. Nothing of this is kept: after a start it begins anew, spread over time. Where
central does not answer these questions, they wait, by a patience of their own: records go up all the same, and whoever
stands there is told that it is not known.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kiosk.contract.messages import Matter, MatterState, RecordStatus
from kiosk.errors import Declined, Unavailable
from kiosk.line import Pace, Person, in_words
from kiosk.outbox import Outbox
from kiosk.patience import Patience, asked_to_wait, spread
from kiosk.rows import Answered

AT_ONCE: Final = 20

OPEN: Final = frozenset({"kept", "unsure"})
"""States of a matter of which nothing is known yet."""

FOLLOWED: Final = frozenset({"sent", "papers wanted"})
"""States of a matter that is with its authority."""

FOLLOWED_FIRST, FOLLOWED_MOST = 4, 24
"""Between two questions for what is with its authority, in longest pauses between two for others: hours, then a day."""

FOLLOWED_FOR: Final = timedelta(days=90)
"""How old a matter is that is not asked for any more. The longest review and its papers take less."""

SPREAD_AFTER: Final = timedelta(days=1)
"""How old a matter is that can wait after a start: a county's machines start at the same time."""

STATUS_AT_MOST: Final = 10.0
"""Seconds that central waits at most before it answers a question for a matter."""

_ABOUT_THE_KIOSK: Final = {401, 403, 429}
"""Statuses that the next question would meet too; any other refusal is about the record that was asked for."""

_log = logging.getLogger(__name__)


@dataclass
class Asking:
    """Who waits, of which matters, and when. ``ask`` asks central, which waits for that many seconds at most; ``now``
    is central's time, as far as it is known."""

    outbox: Outbox
    ask: Callable[[UUID, float], Awaitable[RecordStatus]]
    pace: Pace
    jitter: Callable[[], float]
    now: Callable[[], datetime]
    people: list[Person] = field(default_factory=list)
    _matters: dict[UUID, Patience] = field(default_factory=dict)
    _rest: Patience = field(default_factory=Patience)
    """Of all questions that nobody stands there for."""

    # -- whoever stands there ------------------------------------------------------------------------------------------

    async def wait(self, id: UUID, within: float, begin: Callable[[], None], *, sent: bool) -> Matter | None:  # noqa: A002
        """What became of a record's matter within that many seconds; None: not known yet. ``begin`` has it asked."""
        loop = asyncio.get_running_loop()
        person = Person(id=id, until=loop.time() + within, answer=loop.create_future(), sent=sent)
        self.people.append(person)
        begin()
        try:
            async with asyncio.timeout(within):
                return await person.answer
        except TimeoutError:
            return None
        finally:
            self.people.remove(person)

    @property
    def somebody_waits(self) -> bool:
        """Whether somebody stands there who was not told yet."""
        return any(not person.answer.done() for person in self.people)

    def tell(self, id: UUID | None = None, matter: Matter | None = None) -> None:  # noqa: A002
        """Ends the waiting of who waits for this record, or of everybody."""
        for person in self.people:
            if id is None or person.id == id:
                person.tell(matter)

    async def ask_for_sent(self) -> None:
        """Asks what became of a record that went by itself: central may say so though it takes no batch. Where it does
        not know the record, that goes with others first. Raises NotKept."""
        for person in list(self.people):
            left = person.until - asyncio.get_running_loop().time()
            if person.sent and left > 0 and not person.answer.done():
                person.sent = False
                matter = await self._answer(person.id, min(left, STATUS_AT_MOST))
                if matter is not None and matter.state not in OPEN:
                    person.tell(matter)

    async def ask_for_people(self) -> None:
        """Asks what became of the records that a person waits for, as long as that person waits. Raises NotKept."""
        for person in list(self.people):
            left = person.until - asyncio.get_running_loop().time()
            if left > 0 and not person.answer.done() and await self.outbox.waiting(person.id) is None:
                person.tell(await self._answer(person.id, min(left, STATUS_AT_MOST)))

    # -- later ---------------------------------------------------------------------------------------------------------

    async def ask_for_matters(self) -> float:
        """Asks for matters that are not over, each less and less often; when the next is due. Raises NotKept."""
        for id_ in self._due(await self.outbox.kept(1000)):
            if self.people or self._rest.rests:
                break
            self._asked(id_)
            await self._answer(id_, 0.0)
        return max(self._rest.due, min((each.due for each in self._matters.values()), default=float("inf")))

    def answered(self, answered: Answered) -> None:
        """Central took these records just now, the first time perhaps: whatever it knew of their matters, it may have
        forgotten, but for what it says with its answers."""
        for waiting, item in answered:
            self._matters[waiting.id] = Patience.after(self.pace.matter_first)
            if item.matter is not None:
                self._heard(waiting.id, item.matter.state)
            if item.outcome in ("conflict", "unreadable"):
                self.tell(waiting.id)
            elif item.matter is not None and item.matter.state not in OPEN:
                self.tell(waiting.id, item.matter)

    # -- inside --------------------------------------------------------------------------------------------------------

    async def _answer(self, id: UUID, within: float) -> Matter | None:  # noqa: A002
        """Central's answer, noted; None where it does not say."""
        try:
            matter = (await self.ask(id, within)).matter
        except Unavailable as error:
            self._rests(error)
            return None
        except Declined as error:
            if error.status in _ABOUT_THE_KIOSK:
                self._rests(error)
            else:
                self._rest = Patience()
                _log.warning("central knows nothing of record %s: %s", id, error.code)
            return None
        self._rest = Patience()
        if matter is not None and matter.state != "kept":
            await self.outbox.matter(id, matter)
            self._heard(id, matter.state)
        return matter

    def _rests(self, error: Unavailable | Declined) -> None:
        """What is asked of one matter, central would not say of the next one either."""
        pause = self._rest.longer(self.pace.first, self.pace.rest_most)
        wait = max(spread(pause, self.jitter()), asked_to_wait(error, self.jitter()))
        if pause > self._rest.pause:
            _log.warning("central says nothing of matters now: %s; again in %.1f s", in_words(error), wait)
        self._rest = Patience(due=asyncio.get_running_loop().time() + wait, pause=pause)

    def _due(self, ids: Iterable[UUID]) -> list[UUID]:
        """Those of ``ids``, which are all that there are, that it is time to ask for; few at once."""
        now = asyncio.get_running_loop().time()
        self._matters = {id_: self._matters.get(id_) or self._first(id_) for id_ in ids}
        due = sorted((patience.due, id_) for id_, patience in self._matters.items() if patience.due <= now)
        return [id_ for _, id_ in due[:AT_ONCE]]

    def _asked(self, id: UUID) -> None:  # noqa: A002
        """It is asked for now: the next time is later."""
        patience = self._matters[id]
        patience.pause = max(patience.pause, min(patience.pause * 2, self.pace.matter_most))
        patience.due = asyncio.get_running_loop().time() + patience.pause

    def _heard(self, id: UUID, state: MatterState) -> None:  # noqa: A002
        if state in FOLLOWED:
            self._follow(id)
        elif state not in OPEN:
            self._matters.pop(id, None)

    def _first(self, id: UUID) -> Patience:  # noqa: A002
        if self._age(id) > SPREAD_AFTER:
            return Patience.after(spread(self.pace.matter_most, self.jitter()))
        return Patience.after(self.pace.matter_first)

    def _follow(self, id: UUID) -> None:  # noqa: A002
        first, most = FOLLOWED_FIRST * self.pace.matter_most, FOLLOWED_MOST * self.pace.matter_most
        known = self._matters.get(id)
        pause = first if known is None or known.pause < first else min(known.pause * 2, most)
        self._matters[id] = Patience.after(pause if self._age(id) < FOLLOWED_FOR else float("inf"))

    def _age(self, id: UUID) -> timedelta:  # noqa: A002
        """By the time with which an id begins (RFC 9562 §5.7)."""
        return timedelta(seconds=self.now().timestamp() - (id.int >> 80) / 1000)
