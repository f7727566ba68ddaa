"""What central published of one kind and this machine keeps: the last good one, and one that has to prove itself.

All of a kind is one small file, replaced as a whole and durably, so that a power cut leaves the step before or the step
after. What is published goes through three steps: ``waiting`` (signed, for this kiosk, newer, and it can be used), ``on
trial`` (people are served by it), good. One that fails is given back: the last good one serves again, and its version
is never taken a second time. Without a good one what came with the machine serves.

Blocking; for one thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Generic, Literal, TypeVar

from pydantic import ValidationError

from kiosk.contract.base import Message, SigningKey
from kiosk.contract.canonical import Plain
from kiosk.contract.errors import ContractError, OutOfDate
from kiosk.contract.signed import Signed
from kiosk.errors import Unusable
from kiosk.files import read_if_there, write_durably

T = TypeVar("T")

STARTS_ON_TRIAL: Final = 3
"""Starts of the machine during one trial: what the machine does not live with is given back by then."""

_log = logging.getLogger(__name__)


class Trial(Message):
    """What has yet to prove itself."""

    signed: Signed
    stage: Literal["waiting", "on trial"] = "waiting"
    starts: int = 0


class Kept(Message):
    """The whole file. ``refused`` is the highest version that was found wanting."""

    good: Signed | None = None
    trial: Trial | None = None
    refused: int = 0

    @property
    def all(self) -> list[Signed]:
        """What it holds."""
        return [each for each in (self.good, None if self.trial is None else self.trial.signed) if each is not None]


class Shelf(Generic[T]):
    """The file, and what is made of what it keeps. ``make`` raises Unusable and ContractError; ``own`` came with the
    machine."""

    def __init__(self, file: Path, *, kind: str, kiosk: str, own: T, make: Callable[[Plain], T]) -> None:
        self._file = file
        self._kind = kind
        self._kiosk = kiosk
        self._own = own
        self._make = make
        self._kept = Kept()
        self._good = own
        self._next: T | None = None
        self._given_back: int | None = None
        self._keys: tuple[SigningKey, ...] = ()

    @property
    def current(self) -> T:
        """What serves."""
        return self._next if self._next is not None and self.on_trial else self._good

    @property
    def on_trial(self) -> bool:
        """Whether people are served by what has yet to prove itself."""
        trial = self._kept.trial
        return self._next is not None and trial is not None and trial.stage == "on trial"

    @property
    def waits(self) -> bool:
        """Whether there is something whose trial could begin."""
        return self._kept.trial is not None and self._kept.trial.stage == "waiting" and self._next is not None

    @property
    def version(self) -> int:
        """The highest that was seen, good or not; 0: none. What is taken next has to be above it."""
        return max(self._kept.refused, *(self._version_of(each) for each in self._kept.all), 0)

    def trust(self, keys: Iterable[SigningKey]) -> None:
        """The keys by which it may be signed."""
        self._keys = tuple(keys)

    def open(self) -> T:
        """What to serve from after a start of the machine. Whatever is wrong with the file, there is something.

        A start that cannot be counted is none of the trial: where the machine dies by it, nothing would end it.
        """
        self._kept = self._read()
        if self._kept.good is not None:
            self._good = self._made(self._kept.good, "the last good one") or self._own
        trial = self._kept.trial
        if trial is None:
            return self._good
        offer = self._made(trial.signed, "the one on trial")
        if offer is None or trial.starts >= STARTS_ON_TRIAL:
            self._given_back = self._version_of(trial.signed)
            _log.error("%s: version %d is given back at the start", self._kind, self._given_back)
            return self.give_back()
        self._next = offer
        try:
            return self.begin()
        except OSError as error:
            _log.error("%s: %s: the last good one serves", self._file.name, error.strerror)
            self._next = None
            return self._good

    def given_back_at_start(self) -> int | None:
        """The version that the start gave back, told once; None: none."""
        version, self._given_back = self._given_back, None
        return version

    def take(self, signed: Signed) -> bool:
        """Puts what was published into waiting; False where it is no newer than what was seen.

        Raises ContractError, Unusable (its version is never asked about again) and OSError.
        """
        try:
            statement = signed.verified(self._keys, kind=self._kind, kiosk=self._kiosk, above=self.version)
        except OutOfDate:
            return False
        try:
            made = self._make(statement.content)
        except (Unusable, ContractError):
            self._write(self._kept.model_copy(update={"refused": statement.version}))
            raise
        self._write(self._kept.model_copy(update={"trial": Trial(signed=signed)}))
        self._next = made
        return True

    def begin(self) -> T:
        """The trial of the one that waits begins, or goes on after a start. Raises OSError."""
        trial, offer = self._kept.trial, self._next
        if trial is None or offer is None:
            return self._good
        on_trial = trial.model_copy(update={"stage": "on trial", "starts": trial.starts + 1})
        self._write(self._kept.model_copy(update={"trial": on_trial}))
        return offer

    def keep(self) -> None:
        """It has proved itself. Raises OSError."""
        trial, offer = self._kept.trial, self._next
        if trial is not None and offer is not None:
            self._write(self._kept.model_copy(update={"good": trial.signed, "trial": None}))
            self._good, self._next = offer, None

    def give_back(self) -> T:
        """It has not: the last good one."""
        self._next = None
        return self._without_trial()

    # -- inside --------------------------------------------------------------------------------------------------------

    def _without_trial(self) -> T:
        trial = self._kept.trial
        if trial is not None:
            kept = self._kept.model_copy(update={"trial": None, "refused": self._version_of(trial.signed)})
            try:
                self._write(kept)
            except OSError as error:  # it serves no more; the next start may try it again, and give it back again
                _log.error("%s: %s", self._file.name, error.strerror)
                self._kept = kept
        return self._good

    def _made(self, signed: Signed, what: str) -> T | None:
        """What is made of one on the shelf; None, and a line in the log, where it cannot be."""
        try:
            statement = signed.verified(self._keys, kind=self._kind, kiosk=self._kiosk, above=0)
            return self._make(statement.content)
        except (ContractError, Unusable) as error:
            _log.error("%s: %s cannot be used: %s", self._kind, what, error)
            return None

    def _version_of(self, signed: Signed) -> int:
        try:
            return signed.verified(self._keys, kind=self._kind, kiosk=self._kiosk, above=0).version
        except ContractError:
            return 0

    def _read(self) -> Kept:
        """What the file keeps, as far as it is signed by who is trusted."""
        try:
            content = read_if_there(self._file)
            kept = Kept() if content is None else Kept.model_validate_json(content)
        except OSError as error:
            _log.error("%s cannot be read: %s", self._file.name, error.strerror)
            return Kept()
        except ValidationError:
            _log.error("%s is damaged: what came with the machine serves", self._file.name)
            return Kept()
        if not all(self._version_of(each) for each in kept.all):
            _log.error("%s: signed by nobody who is trusted: what came with the machine serves", self._file.name)
            return Kept()
        return kept

    def _write(self, kept: Kept) -> None:
        write_durably(self._file, kept.model_dump_json().encode())
        self._kept = kept
