"""The staff of a centre who may vouch for somebody at the machine: who they are, and how they show that it is them.

A PIN of six digits is kept as scrypt makes it, for whoever reads the settings could try a million of them in no time
otherwise. At the machine the tries are few instead: wrong ones are counted on disk before anybody learns that they are
wrong, and each one after the third takes longer than the one before. Waiting is measured by the monotonic clock, so
that setting the time forward ends nothing, and begins anew when the machine starts.
"""

from __future__ import annotations

import hmac
import json
import logging
import secrets
import time
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import scrypt
from itertools import pairwise
from pathlib import Path
from typing import Final

from kiosk.files import read_if_there, write_durably

PIN_DIGITS: Final = 6
FREE_TRIES: Final = 3
FIRST_WAIT, LONGEST_WAIT = 30.0, 3600.0
"""Seconds after the last free try, and the most that doubling makes of them."""
_N, _R, _P, _OCTETS = 2**15, 8, 1, 32
"""32 MiB and a tenth of a second a try."""

_log = logging.getLogger(__name__)


class BadPin(ValueError):
    """No PIN, or none that a worker should have; says which in a sentence, and nothing of the PIN itself."""


@dataclass(frozen=True, kw_only=True)
class StaffMember:
    """A worker of the centre. ``code`` goes into records, ``name`` stands on the glass; ``pin`` is ``sealed_pin``'s."""

    code: str
    name: str
    pin: str = field(repr=False)
    card: str | None = field(default=None, repr=False)
    """``sealed_card``'s, of the worker's own identity card, where that may stand for the PIN."""

    def has_card(self, number: str) -> bool:
        """Whether this is the number of the worker's own card. Takes a while too."""
        if self.card is None:
            return False
        salt, expected = _parts(self.card)
        return hmac.compare_digest(_stretched(number.upper(), salt), expected)

    def has(self, pin: str) -> bool:
        """Whether this is the PIN. Takes a while, and belongs into a thread."""
        salt, expected = _parts(self.pin)
        return hmac.compare_digest(_stretched(pin, salt), expected)


def sealed_pin(pin: str) -> str:
    """What the settings keep of a PIN. Raises BadPin for one that is guessed first."""
    if len(pin) != PIN_DIGITS or not pin.isascii() or not pin.isdigit():
        raise BadPin(f"a PIN has {PIN_DIGITS} digits")
    steps = {(int(later) - int(earlier)) % 10 for earlier, later in pairwise(pin)}
    if len(set(pin)) < 3 or steps in ({1}, {9}):
        raise BadPin("such a PIN is guessed first: no rows like 123456, and at least three different digits")
    salt = secrets.token_bytes(16)
    return f"scrypt:{_text(salt)}:{_text(_stretched(pin, salt))}"


def sealed_card(number: str) -> str:
    """What the settings keep of the number of a worker's identity card."""
    salt = secrets.token_bytes(16)
    return f"scrypt:{_text(salt)}:{_text(_stretched(number.upper(), salt))}"


def is_sealed(text: str) -> bool:
    """Whether ``sealed_pin`` or ``sealed_card`` may have made this."""
    try:
        salt, expected = _parts(text)
    except ValueError:
        return False
    return len(salt) >= 16 and len(expected) == _OCTETS


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Who may vouch here; nobody: no page speaks of it."""

    members: tuple[StaffMember, ...]
    lock: PinLock

    @property
    def have_cards(self) -> bool:
        """Whether any of them may show a card."""
        return any(member.card is not None for member in self.members)

    def of_card(self, number: str) -> StaffMember | None:
        """Whose identity card it is. Takes a while, and belongs into a thread."""
        return next((member for member in self.members if member.has_card(number)), None)

    def recognise(self, code: str, pin: str) -> StaffMember | None:
        """Who it is, if the PIN is theirs and none has to wait. Takes a while, and belongs into a thread.

        Raises OSError where the try cannot be counted.
        """
        member = {member.code: member for member in self.members}[code]
        if self.lock.waits:
            return None
        self.lock.begin()
        if not member.has(pin):
            return None
        self.lock.right()
        return member


class PinLock:
    """Counts wrong PINs in a row, whosever they are, in ``file``."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = file
        self._clock = clock
        self._wrong = self._read()
        self._until = self._clock() + _wait(self._wrong)

    @property
    def waits(self) -> float:
        """Seconds until a PIN is looked at again; 0: at once."""
        return max(0.0, self._until - self._clock())

    @property
    def in_a_row(self) -> int:
        """How many were wrong, one after the other."""
        return self._wrong

    @property
    def tries_left(self) -> int:
        """How many may be wrong before the first wait."""
        return max(0, FREE_TRIES - self._wrong)

    def begin(self) -> None:
        """To be called before a PIN is looked at: it counts as wrong until ``right`` says otherwise, whatever happens
        in between. Raises OSError where it cannot be kept, and then no PIN may be looked at."""
        self._write(self._wrong + 1)
        self._until = self._clock() + _wait(self._wrong)

    def right(self) -> None:
        """The PIN was right: earlier mistakes are forgotten. Raises OSError."""
        self._write(0)
        self._until = self._clock()

    def _read(self) -> int:
        try:
            content = read_if_there(self._file)
            wrong = 0 if content is None else json.loads(content)["wrong"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.error("the count of wrong PINs cannot be read: %s", type(error).__name__)
            return FREE_TRIES
        return wrong if isinstance(wrong, int) and wrong >= 0 else FREE_TRIES

    def _write(self, wrong: int) -> None:
        write_durably(self._file, json.dumps({"wrong": wrong}).encode())
        self._wrong = wrong


def _wait(wrong: int) -> float:
    return 0.0 if wrong < FREE_TRIES else min(FIRST_WAIT * 2.0 ** min(wrong - FREE_TRIES, 16), LONGEST_WAIT)


def _stretched(pin: str, salt: bytes) -> bytes:
    return scrypt(pin.encode(), salt=salt, n=_N, r=_R, p=_P, maxmem=64 * 1024 * 1024, dklen=_OCTETS)


def _text(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")


def _parts(text: str) -> tuple[bytes, bytes]:
    """Salt and hash. Raises ValueError."""
    name, salt, expected = text.split(":")
    if name != "scrypt":
        raise ValueError("not scrypt")
    try:
        return b64decode(salt, validate=True), b64decode(expected, validate=True)
    except NotBase64 as error:
        raise ValueError("not base64") from error
