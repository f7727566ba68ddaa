"""What this machine speaks by when it asks central, and what it believes of the answers. One for all its clients."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from kiosk.contract.base import SigningKey
from kiosk.contract.batches import Signer
from kiosk.timekeeper import Timekeeper


@dataclass(kw_only=True)
class Trust:
    """``device`` signs requests and records; None: somebody who only looks whether central is there.

    ``voices`` are the keys by which central speaks of itself, as they are pinned: by them it refuses this machine.
    ``ca`` is the file of the certificate authorities of which central's certificate has to be from one; None: any that
    the system knows. ``time`` is central's time, as far as it is known here.
    """

    device: Signer | None = None
    voices: tuple[SigningKey, ...] = ()
    ca: Path | None = None
    time: Timekeeper = field(default_factory=Timekeeper)

    def now(self) -> datetime:
        """Central's time, as far as it is known here."""
        return self.time.now()
