"""What can go wrong in central's rooms, and how it is told in a log: without a word that a person said."""

from __future__ import annotations

import traceback

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
