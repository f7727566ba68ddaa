"""What central says of itself, signed by the key that kiosks pinned for it: what it has of a ledger.

The key is online, in the processes that answer kiosks: who steals it may say that central has what it has not, and can
neither open a payload nor steer a kiosk.
"""

from __future__ import annotations

from datetime import datetime

from central.keys import SigningPair
from kiosk.contract.acknowledgements import Acknowledgement, SignedAcknowledgement
from kiosk.contract.base import SigningKey
from kiosk.contract.sealing import suite


class Voice:
    """Signs by one pair."""

    def __init__(self, pair: SigningPair) -> None:
        self._pair = pair
        self.key = SigningKey(id=pair.id, suite=pair.suite, public=pair.public)
        """What kiosks know it by."""

    def sign(self, message: bytes) -> bytes:
        """The signature of ``message``, which begins with a tag that nothing else begins with."""
        return suite(self._pair.suite).sign(message, self._pair.private)

    def acknowledge(self, kiosk: str, ledger: str, last: Last, at: datetime) -> SignedAcknowledgement:
        """That central has all of a ledger (its name in hexadecimal) up to ``last``."""
        seq, there = last
        said = Acknowledgement(
            suite=self._pair.suite, kiosk=kiosk, ledger=bytes.fromhex(ledger), seq=seq, hash=there, at=at
        )
        return said.signed(self._pair.id, self._pair.private)


Last = tuple[int, bytes]
"""The last seq without a gap below it and the hash of the record there; 0 and zeroes where there is none."""
