"""What can go wrong in central's rooms, and how it is told in a log: without a word that a person said."""

from __future__ import annotations

import logging
import traceback
from typing import Final

from kiosk.contract.messages import Problem


class Refused(Exception):
    """A request that cannot be granted. ``code`` is what programs go by, ``title`` what a person reads in a log."""

    def __init__(self, status: int, code: str, title: str, *, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.problem = Problem(title=title, status=status, code=code)
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}


def where(error: BaseException) -> str:
    """The type of an error and where it arose; its message may hold what a person said, so it stays out."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return " < ".join([type(error).__name__, *(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))])


LIBRARIES: Final = ("uvicorn.error", "asyncio", "concurrent.futures")
"""Loggers that tell of an error with its traceback, whose last line is the error's own words."""


class WithoutWords(logging.Filter):
    """Puts where an error arose in the place of its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """What the library says goes on, as far as its first line: asyncio's others quote the error too."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            record.msg, record.args = f"{record.getMessage().partition(chr(10))[0]}: {where(error)}", ()
            record.exc_info = record.exc_text = None
        return True


def keep_words_out() -> None:
    """Of the log, for all the life of this process."""
    for library in LIBRARIES:
        logging.getLogger(library).addFilter(WITHOUT_WORDS)


WITHOUT_WORDS: Final = WithoutWords()
