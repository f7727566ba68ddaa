"""``GET /v1/time?nonce=…``: the time, signed over the asker's nonce by the key that signs acknowledgements.

Whoever stands in the line can neither give another time nor an old answer. Signed is ``"kiosk/time/1" 00 ‖ statement``,
where the statement is one CBOR map with these integer keys, all of them present (deterministic CBOR, RFC 8949 §4.2).
It is not sent: both ends know it.

==  ======  =========================================================
 1  format  uint, 1
 2  suite   uint, number in ``sealing.SUITES``; says which signature
 3  nonce   text, of the question
 4  time    uint, microseconds since 1970-01-01 UTC
==  ======  =========================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, Field

from kiosk.contract import canonical
from kiosk.contract.base import Base64, Message, SigningKey
from kiosk.contract.canonical import Plain
from kiosk.contract.sealing import suite
from kiosk.contract.signatures import trusted

FORMAT: Final = 1
TIME_TAG: Final = b"kiosk/time/1\0"


class TimeAnswer(Message):
    """The time at which central answered, the key that signed it, and the signature."""

    time: AwareDatetime
    key: str = Field(min_length=1, max_length=64)
    signature: Base64

    def verified(self, keys: Iterable[SigningKey], nonce: str) -> datetime:
        """The time, if one of ``keys`` signed it for the question with this ``nonce``. Raises BadSignature."""
        key = trusted(keys, self.key)
        suite(key.suite).verify(self.signature, _message(nonce, self.time, key.suite), key.public)
        return self.time


def tell(nonce: str, now: datetime, key: SigningKey, sign: Callable[[bytes], bytes]) -> TimeAnswer:
    """The answer to the question with this ``nonce``; ``sign`` is by the private half of ``key``."""
    return TimeAnswer(time=now, key=key.id, signature=sign(_message(nonce, now, key.suite)))


def _message(nonce: str, at: datetime, number: int) -> bytes:
    micros = (at.astimezone(UTC) - _EPOCH) // _MICROSECOND
    fields: dict[int, Plain] = {1: FORMAT, 2: number, 3: nonce, 4: micros}
    return TIME_TAG + canonical.dumps(fields)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
