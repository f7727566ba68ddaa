"""Another catalogue from central, without a restart: asked for in the background, tried between visits, given back when
the machine is not well with it.

What lies on the disk and what may be taken is the shelf's business (``shelf``). Reception waits for ``due`` where
nobody stands, and then serves from what ``next_offer`` returns.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from devices.worker import Worker
from kiosk.contract.errors import ContractError
from kiosk.errors import Declined, Unavailable
from kiosk.tables import CatalogError

if TYPE_CHECKING:
    from kiosk.contract.base import SigningKey
    from kiosk.contract.signed import Signed
    from kiosk.shelf import Offer, Shelf

ASKED_EVERY: Final = 60.0
"""Seconds; most answers are three lines that say that nothing is new."""
PROVEN_AFTER: Final = 600.0
"""Seconds that the machine is well with a catalogue until it counts as good."""

_log = logging.getLogger(__name__)


class Central(Protocol):
    """What is asked of ``central.CentralClient``. Blocking."""

    def catalog(self, kiosk: str, known: int) -> Signed | None: ...

    def close(self) -> None: ...


class Line(Protocol):
    """What the sync knows of central."""

    @property
    def online(self) -> bool: ...

    @property
    def settings_keys(self) -> Iterable[SigningKey]: ...


@dataclass
class Renewal:
    """The service that asks, and what reception asks of it. ``run`` never returns; ``keep`` may start it again."""

    shelf: Shelf
    central: Central
    line: Line
    kiosk: str
    every: float = ASKED_EVERY
    proven_after: float = PROVEN_AFTER
    jitter: Callable[[], float] = random.random
    _worker: Worker = field(default_factory=lambda: Worker("renewal"))
    _due: asyncio.Event = field(default_factory=asyncio.Event)
    _failed: bool = False
    _since: float = 0.0
    """When the trial began, on the loop's clock."""

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
        if self._failed:
            self._failed = False
            offer = await self._worker.do(self.shelf.give_back)
            _log.error("the catalogue is given back: the last good one serves again")
            return offer
        try:
            offer = await self._worker.do(self.shelf.begin)
        except OSError as error:
            _log.error("the new catalogue waits: %s", error.strerror)
            return None
        self._since = asyncio.get_running_loop().time()
        _log.info("serving from the catalogue of version %d", self.shelf.version)
        return offer

    def unhealthy(self, why: str) -> None:
        """The machine is not well. Where a catalogue is on trial, that is what changed last."""
        if self.shelf.on_trial and not self._failed:
            _log.error("%s while a catalogue is on trial", why)
            self._failed = True
            self._due.set()

    # -- the service ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Asks, and counts what has proved itself as good. For ever."""
        loop = asyncio.get_running_loop()
        self._since = self._since or loop.time()
        ask_at = loop.time()
        while True:
            if self.line.online and loop.time() >= ask_at:
                await self._ask()
                ask_at = loop.time() + self.every * (0.75 + self.jitter() / 4)
            if self.shelf.on_trial and not self._failed and loop.time() - self._since >= self.proven_after:
                await self._prove()
            await asyncio.sleep(self.every / 10)

    async def _ask(self) -> None:
        self.shelf.trust(self.line.settings_keys)
        try:
            signed = await self._worker.do(lambda: self.central.catalog(self.kiosk, self.shelf.version))
            if signed is not None and await self._worker.do(lambda: self.shelf.take(signed)):
                self._due.set()
        except (Unavailable, Declined) as error:
            _log.info("no word of the catalogue: %s", error)
        except (ContractError, CatalogError) as error:
            _log.error("the catalogue that central published is not taken: %s", error)
        except OSError as error:
            _log.error("the catalogue that central published is not kept: %s", error.strerror)

    async def _prove(self) -> None:
        try:
            await self._worker.do(self.shelf.keep)
        except OSError as error:
            _log.error("the new catalogue stays on trial: %s", error.strerror)
        else:
            _log.info("the catalogue of version %d is good", self.shelf.version)

    def close(self) -> None:
        """Cuts off the exchange under way."""
        self.central.close()
        self._worker.close()
