"""A circuit breaker: an authority that is down is not asked for a while, so that nobody waits for it in vain.

closed ──failures in a row──▶ open ──pause over──▶ half-open: one call tries ──success──▶ closed, failure ──▶ open

Our own: pybreaker and circuitbreaker read the wall clock themselves, and the latter lets everybody try at once when the
pause is over.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Literal

from central.upstream import NotGranted, NumberTaken, Unanswered

log = logging.getLogger("central.authorities")

FAILURES: Final = 5
"""Calls without an answer in a row after which nobody asks any more."""

PAUSE: Final = 15.0
"""Seconds until one call tries again: shorter than a person waits at a counter to be told that it works again."""


class Breaker:
    """One per authority and process. Any thread."""

    def __init__(
        self, name: str, monotonic: Callable[[], float], *, failures: int = FAILURES, pause: float = PAUSE
    ) -> None:
        self._name = name
        self._monotonic = monotonic
        self._most = failures
        self._pause = pause
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until: float | None = None
        self._trying = False

    @property
    def state(self) -> Literal["closed", "open", "half-open"]:
        """``half-open``: the pause is over, or the one call that tries is under way."""
        with self._lock:
            return self._state()

    @contextmanager
    def call(self) -> Iterator[None]:
        """A call to the authority. Raises Unanswered at once while open; an Unanswered from within is a failure.

        NotGranted and NumberTaken are answers: an authority that declines is well. Any other exception (a mistake of
        ours, the end of the program) says nothing about it.
        """
        tries = self._admit()
        answered: bool | None = None
        try:
            yield
            answered = True
        except Unanswered:
            answered = False
            raise
        except (NotGranted, NumberTaken):
            answered = True
            raise
        finally:
            self._note(tries=tries, answered=answered)

    def _admit(self) -> bool:
        """Whether this is the call that tries. Raises Unanswered."""
        with self._lock:
            state = self._state()
            if state == "closed":
                return False
            if state == "open" or self._trying:
                raise Unanswered(f"{self._name} is not asked for a while")
            self._trying = True
            return True

    def _note(self, *, tries: bool, answered: bool | None) -> None:
        with self._lock:
            if tries:
                self._trying = False
            if answered is None or (self._open_until is not None and not tries):
                return  # a call from before it opened says nothing about how it stands since
            if answered:
                if self._open_until is not None:
                    log.info("%s answers again", self._name)
                self._failures = 0
                self._open_until = None
                return
            self._failures += 1
            if tries or self._failures >= self._most:
                if self._open_until is None:
                    log.warning("%s does not answer, is not asked for a while", self._name)
                self._open_until = self._monotonic() + self._pause

    def _state(self) -> Literal["closed", "open", "half-open"]:
        if self._open_until is None:
            return "closed"
        return "half-open" if self._monotonic() >= self._open_until else "open"
