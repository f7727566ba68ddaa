"""What central published of one kind and this machine keeps: the last good one, one that has to prove itself, and one
that waits.

All of a kind is one small file, replaced as a whole and durably, so that a power cut leaves the step before or the step
after. What is published goes through three steps: waiting (signed, for this kiosk, newer, and it can be used), on trial
(people are served by it), good. One that fails is given back: the last good one serves again, and its version is never
taken a second time. One that came meanwhile waits all the same: it may be the correction. Without a good one what came
with the machine serves.

Blocking; for one thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Generic, TypeVar

from pydantic import ConfigDict, ValidationError

from kiosk.contract.base import Message, SigningKey
from kiosk.contract.canonical import Plain
from kiosk.contract.errors import ContractError, OutOfDate
from kiosk.contract.signed import Signed, Statement
from kiosk.errors import Unusable
from kiosk.files import read_if_there, write_durably

T = TypeVar("T")

STARTS_ON_TRIAL: Final = 3
"""Starts of the machine during one trial: what the machine does not live with is given back by then."""

_log = logging.getLogger(__name__)


class Trial(Message):
    """What has yet to prove itself. A field more is another program's, and no reason to forget what serves."""

    model_config = ConfigDict(extra="ignore")

    signed: Signed
    starts: int = 1


class Kept(Message):
    """The whole file. ``refused`` is the highest version that was found wanting."""

    good: Signed | None = None
    trial: Trial | None = None
    waiting: Signed | None = None
    refused: int = 0

    @property
    def all(self) -> list[Signed]:
        """What it holds."""
        tried = None if self.trial is None else self.trial.signed
        return [each for each in (self.good, tried, self.waiting) if each is not None]


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
        self._tried: T | None = None
        self._next: T | None = None
        self._given_back: int | None = None
        self._keys: tuple[SigningKey, ...] = ()

    @property
    def current(self) -> T:
        """What serves."""
        return self._good if self._tried is None else self._tried

    @property
    def on_trial(self) -> bool:
        """Whether people are served by what has yet to prove itself."""
        return self._tried is not None

    @property
    def trial(self) -> int | None:
        """The version that people are served by and that has yet to prove itself; None: there is none."""
        tried = self._kept.trial
        return None if tried is None or self._tried is None else _version_of(tried.signed)

    @property
    def waits(self) -> bool:
        """Whether there is something whose trial could begin."""
        return self._next is not None

    @property
    def version(self) -> int:
        """The highest that was seen, good or not; 0: none. What is taken next has to be above it."""
        return max(self._kept.refused, *map(_version_of, self._kept.all), 0)

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
        waiting = self._kept.waiting
        if waiting is not None:
            if (made := self._made(waiting, "the one that waits")) is not None:
                return self._started(Trial(signed=waiting), made)
            self._give_back_at_start(waiting)
        trial = self._kept.trial
        if trial is None:
            return self._good
        made = self._made(trial.signed, "the one on trial")
        if made is None or trial.starts >= STARTS_ON_TRIAL:
            self._give_back_at_start(trial.signed)
            return self._good
        return self._started(trial.model_copy(update={"starts": trial.starts + 1}), made)

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
        self._write(self._kept.model_copy(update={"waiting": signed}))
        self._next = made
        return True

    def begin(self) -> T:
        """The trial of the one that waits begins; one that was on trial before it is over. Raises OSError."""
        waiting, made = self._kept.waiting, self._next
        if waiting is not None and made is not None:
            self._write(self._kept.model_copy(update={"trial": Trial(signed=waiting), "waiting": None}))
            self._tried, self._next = made, None
        return self.current

    def keep(self) -> None:
        """It has proved itself. Raises OSError."""
        trial, made = self._kept.trial, self._tried
        if trial is not None and made is not None:
            self._write(self._kept.model_copy(update={"good": trial.signed, "trial": None}))
            self._good, self._tried = made, None

    def give_back(self) -> T:
        """It has not: the last good one. What waits goes on waiting."""
        self._tried = None
        if self._kept.trial is not None:
            self._refuse(self._kept.trial.signed)
        return self._good

    # -- inside --------------------------------------------------------------------------------------------------------

    def _started(self, trial: Trial, made: T) -> T:
        """What serves after a start that is counted; without that, the last good one."""
        try:
            self._write(self._kept.model_copy(update={"trial": trial, "waiting": None}))
        except OSError as error:
            _log.error("%s: %s: the last good one serves", self._file.name, error.strerror)
            return self._good
        self._tried = made
        return made

    def _give_back_at_start(self, signed: Signed) -> None:
        self._given_back = _version_of(signed)
        _log.error("%s: version %d is given back at the start", self._kind, self._given_back)
        self._refuse(signed)

    def _refuse(self, signed: Signed) -> None:
        """It lies here no more, and is never taken again."""
        kept = Kept(
            good=self._kept.good,
            trial=None if self._kept.trial is not None and self._kept.trial.signed == signed else self._kept.trial,
            waiting=None if self._kept.waiting == signed else self._kept.waiting,
            refused=max(self._kept.refused, _version_of(signed)),
        )
        try:
            self._write(kept)
        except OSError as error:  # it serves no more; the next start may try it again, and give it back again
            _log.error("%s: %s", self._file.name, error.strerror)
            self._kept = kept

    def _made(self, signed: Signed, what: str) -> T | None:
        """What is made of one on the shelf; None, and a line in the log, where it cannot be."""
        try:
            statement = signed.verified(self._keys, kind=self._kind, kiosk=self._kiosk, above=0)
            return self._make(statement.content)
        except (ContractError, Unusable) as error:
            _log.error("%s: %s cannot be used: %s", self._kind, what, error)
            return None

    def _is_trusted(self, signed: Signed) -> bool:
        try:
            signed.verified(self._keys, kind=self._kind, kiosk=self._kiosk, above=0)
        except ContractError:
            return False
        return True

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
        if not all(map(self._is_trusted, kept.all)):
            _log.error("%s: signed by nobody who is trusted: what came with the machine serves", self._file.name)
            return Kept()
        return kept

    def _write(self, kept: Kept) -> None:
        write_durably(self._file, kept.model_dump_json().encode())
        self._kept = kept


def _version_of(signed: Signed) -> int:
    """Of what was believed when it came here, whoever's key it is signed by."""
    return Statement.decode(signed.statement).version
