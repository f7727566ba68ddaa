"""What this machine speaks by when it asks central, and what it believes of the answers. One for all its clients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from kiosk.contract.base import SigningKey
from kiosk.contract.batches import Signer


@dataclass(kw_only=True)
class Trust:
    """``device`` signs requests and records; None: somebody who only looks whether central is there.

    ``voices`` are the keys by which central speaks of itself, as they are pinned: by them it refuses this machine.
    ``now`` is central's time, as far as it is known here.
    """

    device: Signer | None = None
    voices: tuple[SigningKey, ...] = ()
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
