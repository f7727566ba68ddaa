"""Keeps a service of the machine running: logged, backed off, started again, never silently dead."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from devices.discreet import where_of

_log = logging.getLogger(__name__)

PAUSES = (0.1, 5.0)
"""Seconds before the next start: after the first failure, and at most."""
FAILURES = 5
WITHIN = 60.0
"""Five failures in a minute mean out of order."""


async def keep(name: str, make: Callable[[], Awaitable[None]], out_of_order: Callable[[str | None], None]) -> None:
    """Runs ``make()`` for ever. ``out_of_order`` hears its name when it keeps failing, and None at the next try."""
    loop = asyncio.get_running_loop()
    failures: deque[float] = deque(maxlen=FAILURES)
    pause = PAUSES[0]
    while True:
        began = loop.time()
        try:
            await make()
            _log.error("%s ended by itself", name)
        except Exception as error:  # noqa: BLE001 - a service may fail in any way, and is started again
            _log.error("%s failed: %s", name, where_of(error))
        now = loop.time()
        if now - began > WITHIN:
            pause = PAUSES[0]
            failures.clear()
        failures.append(now)
        hopeless = len(failures) == FAILURES and now - failures[0] < WITHIN
        if hopeless:
            out_of_order(name)
        await asyncio.sleep(pause)
        pause = min(pause * 2, PAUSES[1])
        if hopeless:
            out_of_order(None)
