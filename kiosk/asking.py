"""When to ask what became of which matter: often at first, and rarely once it is with its authority.

An authority decides after days, and may want papers before. Of that it is asked some hours later and then once a day,
until it is decided or three months old. Nothing of this is kept: after a start it begins anew, spread over time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kiosk.carrier import Patience
from kiosk.contract.messages import MatterState
from kiosk.line import Pace

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


@dataclass
class Asking:
    """Of which matters, and when. ``now`` is central's time, as far as it is known."""

    pace: Pace
    jitter: Callable[[], float]
    now: Callable[[], datetime]
    _matters: dict[UUID, Patience] = field(default_factory=dict)

    def due(self, ids: Iterable[UUID]) -> list[UUID]:
        """Those of ``ids``, which are all that there are, that it is time to ask for; few at once."""
        now = asyncio.get_running_loop().time()
        self._matters = {id_: self._matters.get(id_) or self._first(id_) for id_ in ids}
        due = sorted((patience.due, id_) for id_, patience in self._matters.items() if patience.due <= now)
        return [id_ for _, id_ in due[:AT_ONCE]]

    @property
    def next_due(self) -> float:
        """When it is time again, on the loop's clock."""
        return min((patience.due for patience in self._matters.values()), default=float("inf"))

    def asked(self, id: UUID) -> None:  # noqa: A002 - the header's name
        """It is asked for now: the next time is later."""
        patience = self._matters[id]
        patience.pause = max(patience.pause, min(patience.pause * 2, self.pace.matter_most))
        patience.due = asyncio.get_running_loop().time() + patience.pause

    def heard(self, id: UUID, state: MatterState | None) -> None:  # noqa: A002
        """What it is now; None: central does not say."""
        if state in FOLLOWED:
            self._follow(id)
        elif state is not None and state not in OPEN:
            self._matters.pop(id, None)

    def sent_anew(self, id: UUID) -> None:  # noqa: A002
        """Central took it just now, the first time perhaps: whatever it knew of it, it may have forgotten."""
        self._matters[id] = _after(self.pace.matter_first)

    def _first(self, id: UUID) -> Patience:  # noqa: A002
        if self._age(id) > SPREAD_AFTER:
            return _after(self.pace.matter_most * (0.5 + self.jitter() / 2))
        return _after(self.pace.matter_first)

    def _follow(self, id: UUID) -> None:  # noqa: A002
        first, most = FOLLOWED_FIRST * self.pace.matter_most, FOLLOWED_MOST * self.pace.matter_most
        known = self._matters.get(id)
        pause = first if known is None or known.pause < first else min(known.pause * 2, most)
        self._matters[id] = _after(pause if self._age(id) < FOLLOWED_FOR else float("inf"))

    def _age(self, id: UUID) -> timedelta:  # noqa: A002
        """By the time with which an id begins (RFC 9562 §5.7)."""
        return timedelta(seconds=self.now().timestamp() - (id.int >> 80) / 1000)


def _after(pause: float) -> Patience:
    return Patience(due=asyncio.get_running_loop().time() + pause, pause=pause)
