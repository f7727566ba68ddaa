"""One kiosk to a data folder: two on one outbox would be two writers. Whoever runs on it holds a lock in it."""

from __future__ import annotations

import fcntl
import os
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
    with _opened(data, os.O_RDWR | os.O_CREAT) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InUse(f"{data}: another kiosk runs on this data folder; --data names another") from error
        yield


def is_held(data: Path) -> bool:
    """Whether a kiosk runs on it, or this user may not know. Makes nothing there, and holds it only to ask."""
    try:
        with _opened(data, os.O_RDONLY) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return False


@contextmanager
def _opened(data: Path, how: int) -> Iterator[int]:
    """The lock's descriptor. What is no file, such as a pipe, is not waited for."""
    descriptor = os.open(data / _LOCK, how | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
