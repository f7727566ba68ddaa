"""How many forms with photographs a process takes in at a time: each holds a picture in memory while it comes.

One upload has one form at a time, so that nobody's keeps the others' from having their turn. The next one waits for it:
whoever presses twice has left the first behind, and that is known in a moment.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from central.phone_page import Told, Trouble
from kiosk.contract.papers import MOST_PICTURES

AT_ONCE: Final = 24
"""Uploads whose forms are under way in one process: so many pictures of 16 MiB fit into its memory."""

WAITS: Final = 30.0
"""Seconds that the second form of an upload waits for the first."""

TRIES: Final = 4 * MOST_PICTURES
"""Pictures of one upload, those that were refused among them: each takes seconds of a processor."""

REMEMBERED: Final = 10_000
"""Uploads whose tries are counted; then those that were silent longest are forgotten."""

BUSY: Final = Trouble(
    503, "现在传照片的人太多", ("传过的照片都还在。", "请等一会儿，回到上一页再传。"), {"Retry-After": "30"}
)
STILL_COMING: Final = Trouble(
    409, "前面的照片还没有传完", ("请等一会儿，回到上一页看一看。", "没有传上来的，请再传一次。")
)
TOO_OFTEN: Final = Trouble(429, "传的次数太多了", ("传过的照片都还在。", "请到服务台，工作人员会帮您。"))


@dataclass
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    forms: int = 0


class Forms:
    """The forms of this process. On its event loop alone."""

    def __init__(self) -> None:
        self._turns: dict[UUID, _Turn] = {}
        self._tries: OrderedDict[UUID, int] = OrderedDict()

    @asynccontextmanager
    async def turn(self, upload: UUID) -> AsyncIterator[None]:
        """The turn of one form of an upload. Raises Told: nothing of it is read."""
        if not self._left(upload):
            raise Told(TOO_OFTEN)
        if upload not in self._turns and len(self._turns) >= AT_ONCE:
            raise Told(BUSY)
        turn = self._turns.setdefault(upload, _Turn())
        if turn.forms > 1:
            raise Told(STILL_COMING)
        turn.forms += 1
        try:
            try:
                await asyncio.wait_for(turn.lock.acquire(), WAITS)
            except TimeoutError:
                raise Told(STILL_COMING) from None
            try:
                yield
            finally:
                turn.lock.release()
        finally:
            turn.forms -= 1
            if not turn.forms:
                del self._turns[upload]

    def tries(self, upload: UUID) -> bool:
        """Counts a picture of an upload; False: there were too many."""
        if not self._left(upload):
            return False
        self._tries[upload] = self._tries.pop(upload, 0) + 1
        while len(self._tries) > REMEMBERED:
            self._tries.popitem(last=False)
        return True

    def _left(self, upload: UUID) -> bool:
        return self._tries.get(upload, 0) < TRIES
