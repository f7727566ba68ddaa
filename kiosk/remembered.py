"""What the machine remembers of a person for half an hour, offline too: which record of theirs it made last.

No token of a person lies on the disk: all numbers of a county are tried in seconds. So it lies in memory (``private``),
by a keyed hash under a key that is drawn by lot each day: a program that was killed finds it again, a power cut or a
thief with the disk does not. Where there is no such folder the program's own memory has to do.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

from kiosk.contract.sealing import NEWEST, suite
from kiosk.files import file_system, read_if_there, write_durably
from kiosk.private import IN_MEMORY, KEPT

WITHIN: Final = 30 * 60.0
"""Seconds."""
_KEY: Final = 32

_log = logging.getLogger(__name__)


def since_boot() -> float:
    """Seconds that no clock change moves, the same for a program that is started anew; both end with the power."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def token_of(kind: str, number: str) -> bytes:
    """What is hashed."""
    return f"{kind}\0{number}".encode()


@dataclass(frozen=True)
class _Made:
    record: str
    at: float


@dataclass
class Remembered:
    """Kind of record and number → the record, for WITHIN seconds and for the day. Never raises: it is no promise."""

    private: Path | None = None
    """The kiosk's private folder; None: only as long as the program runs."""
    today: Callable[[], date] = date.today
    now: Callable[[], float] = since_boot
    _day: str = ""
    _key: bytes = b""
    _made: dict[str, _Made] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.private is not None and file_system(self.private) not in IN_MEMORY:
            self.private = None
        self._read()

    def note(self, kind: str, number: str, record: UUID) -> None:
        """This record was made for the person of that number."""
        self._forget()
        self._made[self._token(kind, number)] = _Made(str(record), self.now())
        self._write()

    def last(self, kind: str, number: str) -> UUID | None:
        """The record of that kind that was made for that person lately."""
        self._forget()
        made = self._made.get(self._token(kind, number))
        return UUID(made.record) if made is not None else None

    def _token(self, kind: str, number: str) -> str:
        return suite(NEWEST).mac(self._key, token_of(kind, number)).hex()

    def _forget(self) -> None:
        """What is too old, and with the day its key."""
        day = self.today().isoformat()
        if day != self._day:
            self._day, self._key = day, secrets.token_bytes(_KEY)
            self._made.clear()
            self._write()
        now = self.now()
        for token in [token for token, made in self._made.items() if not 0 <= now - made.at < WITHIN]:
            del self._made[token]

    def _read(self) -> None:
        if self.private is None:
            return
        try:
            kept = json.loads(read_if_there(self.private / KEPT) or b"{}")
            self._day, self._key = str(kept["day"]), bytes.fromhex(kept["key"])
            self._made = {str(token): _Made(str(UUID(record)), float(at)) for token, record, at in kept["made"]}
        except (OSError, ValueError, TypeError, KeyError):  # none yet, or not ours: the day begins anew
            self._day, self._made = "", {}

    def _write(self) -> None:
        if self.private is None:
            return
        made = [(token, each.record, each.at) for token, each in self._made.items()]
        try:
            kept = {"day": self._day, "key": self._key.hex(), "made": made}
            write_durably(self.private / KEPT, json.dumps(kept).encode())
        except OSError as error:
            _log.warning("nothing is remembered beyond the program: %s", error.strerror)
