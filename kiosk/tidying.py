"""Drops what central has had for long enough: in pieces of few milliseconds, where nobody stands at the machine.

Somebody who is there all day does not hold it up for ever: after a day the pieces go in between what they do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol

from kiosk.errors import NotKept

LOOKS_EVERY: Final = 600.0
AT_THE_LATEST: Final = 24 * 3600.0
PAUSE: Final = 0.1
"""Seconds between two pieces, in which others commit."""

_log = logging.getLogger(__name__)


class Outbox(Protocol):
    """What is asked of ``outbox.Outbox``."""

    async def drop(self, keep: timedelta) -> int: ...


@dataclass
class Tidying:
    """The service that drops. ``run`` never returns; ``keep`` may start it again."""

    outbox: Outbox
    keep: Callable[[], timedelta]
    hall_is_empty: Callable[[], bool]
    _tidied_at: float = field(default=0.0, init=False)

    async def run(self) -> None:
        """Looks now and then. For ever."""
        self._tidied_at = asyncio.get_running_loop().time()
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            try:
                await self._tidy()
            except NotKept as error:
                _log.error("nothing is dropped: %s %s", error.reason, error.detail)

    async def _tidy(self) -> None:
        loop = asyncio.get_running_loop()
        dropped = 0
        while self.hall_is_empty() or loop.time() - self._tidied_at >= AT_THE_LATEST:
            piece = await self.outbox.drop(self.keep())
            dropped += piece
            if not piece:
                self._tidied_at = loop.time()
                break
            await asyncio.sleep(PAUSE)
        if dropped:
            _log.info("%d records are dropped: central has had them for %d days", dropped, self.keep().days)
