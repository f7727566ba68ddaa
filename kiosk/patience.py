"""When to try again what failed, and how long central asks to wait before that."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from kiosk.errors import Declined, Unavailable

WAIT_AT_MOST: Final = 300.0
"""Seconds that central may ask a kiosk to wait before it tries again."""


@dataclass
class Patience:
    """When to try again, on the loop's clock, and how long to wait after that."""

    due: float = 0.0
    pause: float = 0.0

    @classmethod
    def after(cls, pause: float) -> Patience:
        """From now on."""
        return cls(due=asyncio.get_running_loop().time() + pause, pause=pause)

    @property
    def rests(self) -> bool:
        """Whether it is too early."""
        return self.due > asyncio.get_running_loop().time()

    def longer(self, first: float, most: float) -> float:
        """The pause after one more failure: ``first``, and then twice as long each time."""
        return min(self.pause * 2, most) if self.pause else first


def spread(pause: float, jitter: float) -> float:
    """Somewhere between half of a pause and all of it: those that failed together do not come back together."""
    return pause * (0.5 + jitter / 2)


def asked_to_wait(error: Unavailable | Declined, jitter: float) -> float:
    """Seconds that central asks to wait (Retry-After) and a little more: who was told the same does not come at once.
    Within reason: a slip of central's must not shut a hall for a day."""
    return min(error.after, WAIT_AT_MOST) * (1 + jitter / 4)
