"""The numbers under which central sends (msgid, 报文ID): institution 12, time 14, serial 4. Each is given once.

Whatever is sent again goes out under the number that it had, so that the authority can tell; a filing's number is kept
before its first byte leaves (``central.filings``). The serials are shared out between filings and queries, which are
numbered by different processes.
"""

from __future__ import annotations

import itertools
import random
import threading
from datetime import datetime
from typing import Final

from central.local_time import SHANGHAI

FILINGS: Final = range(5000)
QUERIES: Final = range(5000, 10_000)


def message_number(institution: str, at: datetime, serial: int) -> str:
    """A number; its time is what the wall clock in Shanghai shows."""
    return f"{institution}{at.astimezone(SHANGHAI):%Y%m%d%H%M%S}{serial:04d}"


class Serials:
    """The last four digits of queries' numbers: one after the other from a random beginning. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = itertools.count(random.randrange(len(QUERIES)))

    def next(self) -> int:
        """The next one."""
        with self._lock:
            return QUERIES[next(self._count) % len(QUERIES)]
