"""One kiosk to a data folder: two on one outbox would be two writers. Whoever runs on it holds a lock in it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_LOCK: Final = "lock"


class InUse(Exception):
    """Another kiosk runs on this data folder."""


@contextmanager
def alone_in(data: Path) -> Iterator[None]:
    """Holds the data folder. Raises InUse."""
    with (data / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InUse(f"{data}: another kiosk runs on this data folder") from error
        yield


def is_held(data: Path) -> bool:
    """Whether a kiosk runs on it, or this user may not know. Makes nothing there, and holds it only to ask."""
    try:
        with (data / _LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return False
