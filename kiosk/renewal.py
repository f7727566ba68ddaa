"""Another catalogue and other settings from central, without a restart: asked for in the background, tried between
visits, given back when the machine is not well with them.

What lies on the disk and what may be taken is the shelves' business (``shelf``), a shelf a kind. Reception waits for
``due`` where nobody stands, and then serves from what ``next_offer`` returns.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Protocol

from devices.worker import Worker
from kiosk.contract.audit import AuditEvent, PublishedGivenBack, PublishedRefused, PublishedTaken
from kiosk.contract.errors import BadSignature, ContractError, NotForHere
from kiosk.errors import Declined, Unavailable, Unusable

if TYPE_CHECKING:
    from kiosk.contract.base import SigningKey
    from kiosk.contract.signed import Signed
    from kiosk.in_force import Offer

ASKED_EVERY: Final = 60.0
"""Seconds; most answers are three lines that say that nothing is new."""
PROVEN_AFTER: Final = 600.0
"""Seconds that the machine is well with what is on trial until it counts as good."""

Kind = Literal["catalog", "settings"]

_log = logging.getLogger(__name__)


class Central(Protocol):
    """What is asked of ``central.CentralClient``. Blocking."""

    def published(self, kind: Kind, kiosk: str, known: int) -> Signed | None: ...

    def close(self) -> None: ...


class Line(Protocol):
    """What the sync knows of central."""

    @property
    def welcome(self) -> bool: ...

    @property
    def settings_keys(self) -> Iterable[SigningKey]: ...


class Shelf(Protocol):
    """What is asked of ``shelf.Shelf``, of whatever kind. Blocking but for the properties."""

    @property
    def trial(self) -> int | None: ...

    @property
    def waits(self) -> bool: ...

    @property
    def version(self) -> int: ...

    def trust(self, keys: Iterable[SigningKey]) -> None: ...

    def given_back_at_start(self) -> int | None: ...

    def take(self, signed: Signed) -> bool: ...

    def begin(self) -> object: ...

    def keep(self) -> None: ...

    def give_back(self) -> object: ...


@dataclass
class Renewal:
    """The service that asks, and what reception asks of it. ``run`` never returns; ``keep`` may start it again.

    ``offer`` is made of what serves from all shelves; it raises Unusable.
    """

    shelves: Mapping[Kind, Shelf]
    offer: Callable[[], Offer]
    central: Central
    line: Line
    kiosk: str
    note: Callable[[AuditEvent], None] = lambda _event: None
    every: float = ASKED_EVERY
    proven_after: float = PROVEN_AFTER
    jitter: Callable[[], float] = random.random
    _worker: Worker = field(default_factory=lambda: Worker("renewal"))
    _due: asyncio.Event = field(default_factory=asyncio.Event)
    _failed: dict[Kind, int] = field(default_factory=dict)
    """The versions that the machine was not well with."""
    _since: float = 0.0
    """When the last trial began, on the loop's clock."""

    # -- reception's side ----------------------------------------------------------------------------------------------

    @property
    def is_due(self) -> bool:
        """Whether reception should serve from something else."""
        return self._due.is_set()

    async def due(self) -> None:
        """Returns when reception should serve from something else."""
        await self._due.wait()

    async def next_offer(self) -> Offer | None:
        """What to serve from now on; None: nothing else after all."""
        self._due.clear()
        changed = [await self._give_back(kind, version) for kind, version in sorted(self._failed.items())]
        self._failed.clear()
        changed += [await self._begin(kind) for kind, shelf in self.shelves.items() if shelf.waits]
        if not any(changed):
            return None
        try:
            return await self._worker.do(self.offer)
        except Unusable as error:
            _log.error("what is on trial does not go together: %s", error)
            for kind, shelf in self.shelves.items():
                if (version := shelf.trial) is not None:
                    await self._give_back(kind, version)
            return await self._worker.do(self.offer)

    def unhealthy(self, why: str) -> None:
        """The machine is not well. Where something is on trial, that is what changed last."""
        for kind, shelf in self.shelves.items():
            if kind not in self._failed and (version := shelf.trial) is not None:
                _log.error("%s while version %d of the %s is on trial", why, version, kind)
                self._failed[kind] = version
                self._due.set()

    # -- the service ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Tells what the start gave back; asks, and counts what has proved itself as good. For ever."""
        for kind, shelf in self.shelves.items():
            if (version := shelf.given_back_at_start()) is not None:
                self.note(PublishedGivenBack(what=kind, number=version))
        loop = asyncio.get_running_loop()
        self._since = self._since or loop.time()
        ask_at = loop.time()
        while True:
            if self.line.welcome and loop.time() >= ask_at:
                for kind, shelf in self.shelves.items():
                    await self._ask(kind, shelf)
                ask_at = loop.time() + self.every * (0.75 + self.jitter() / 4)
            if loop.time() - self._since >= self.proven_after:
                for kind, shelf in self.shelves.items():
                    if kind not in self._failed and (version := shelf.trial) is not None:
                        await self._prove(kind, shelf, version)
            await asyncio.sleep(self.every / 10)

    async def _ask(self, kind: Kind, shelf: Shelf) -> None:
        shelf.trust(self.line.settings_keys)
        try:
            signed = await self._worker.do(lambda: self.central.published(kind, self.kiosk, shelf.version))
            if signed is not None and await self._worker.do(lambda: shelf.take(signed)):
                self._due.set()
        except (Unavailable, Declined) as error:
            _log.info("no word of the %s: %s", kind, error)
        except (ContractError, Unusable) as error:
            _log.error("the %s that central published is not taken: %s", kind, error)
            self.note(PublishedRefused(what=kind, why=_why(error)))
        except OSError as error:
            _log.error("the %s that central published is not kept: %s", kind, error.strerror)

    async def _begin(self, kind: Kind) -> bool:
        shelf = self.shelves[kind]
        try:
            await self._worker.do(shelf.begin)
        except OSError as error:
            _log.error("the new %s waits: %s", kind, error.strerror)
            return False
        self._since = asyncio.get_running_loop().time()
        self.note(PublishedTaken(what=kind, number=shelf.trial or shelf.version))
        return True

    async def _give_back(self, kind: Kind, version: int) -> bool:
        shelf = self.shelves[kind]
        if not await self._end_trial(shelf, version, shelf.give_back):
            return False
        self.note(PublishedGivenBack(what=kind, number=version))
        return True

    async def _prove(self, kind: Kind, shelf: Shelf, version: int) -> None:
        try:
            proved = await self._end_trial(shelf, version, shelf.keep)
        except OSError as error:
            _log.error("the new %s stays on trial: %s", kind, error.strerror)
        else:
            if proved:
                _log.info("the %s of version %d is good", kind, version)

    async def _end_trial(self, shelf: Shelf, version: int, end: Callable[[], object]) -> bool:
        """Whether it was that version's trial: another one may have begun meanwhile, or this one have ended."""

        def work() -> bool:
            if shelf.trial != version:
                return False
            end()
            return True

        return await self._worker.do(work)

    def close(self) -> None:
        """Cuts off the exchange under way."""
        self.central.close()
        self._worker.close()


def _why(error: ContractError | Unusable) -> Literal["signature", "not for here", "cannot be used"]:
    if isinstance(error, BadSignature):
        return "signature"
    return "not for here" if isinstance(error, NotForHere) else "cannot be used"
