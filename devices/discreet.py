"""A process that keeps to itself: whatever befalls it, no word of a person is left behind.

It leaves no core file and lets no other process of its user look into it. Where it ends with an error nobody handled,
or a log line fails, it says what kind of error and where: the error's own words may be somebody's name.
"""

from __future__ import annotations

import ctypes
import logging
import os
import resource
import sys
import threading
import traceback
from types import TracebackType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

SET_DUMPABLE: Final = 4
"""Of prctl(2): without it the kernel writes no core for any collector, and /proc/PID/mem is root's alone."""
TELLING: Final = ("SSLKEYLOGFILE", "PYTHONASYNCIODEBUG", "PYTHONDEVMODE")
"""Variables that make Python write keys of connections into a file, or quote what it carries in its log."""


def keep_to_itself() -> None:
    """Of this process, for all its life; a child inherits the limit and the variables, and calls this for the rest."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if ctypes.CDLL(None, use_errno=True).prctl(SET_DUMPABLE, 0, 0, 0, 0) != 0:
        logging.getLogger(__name__).error("the process can be looked into: %s", os.strerror(ctypes.get_errno()))
    for name in TELLING:
        os.environ.pop(name, None)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # what it warns of, it quotes with address and query
    logging.raiseExceptions = False  # a log line that fails would be quoted on stderr with what it was given
    sys.excepthook = _not_handled
    threading.excepthook = _not_handled_in_thread
    sys.unraisablehook = _cannot_be_raised


def where_of(error: BaseException) -> str:
    """Kind and place of an error, of what it came from, and of each in a group: its words may be personal."""
    places = "".join(traceback.format_tb(error.__traceback__))
    inner = [*error.exceptions] if isinstance(error, BaseExceptionGroup) else []
    if (before := error.__cause__ or error.__context__) is not None:
        inner.append(before)
    return f"{type(error).__name__}\n{places}" + "".join(f"from {where_of(each)}" for each in inner)


def _not_handled(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    _say(kind, error)


def _not_handled_in_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_type is not SystemExit:
        _say(failed.exc_type, failed.exc_value)


def _cannot_be_raised(failed: UnraisableHookArgs) -> None:
    _say(failed.exc_type, failed.exc_value)


def _say(kind: type[BaseException], error: BaseException | None) -> None:
    if sys.stderr is not None:
        print(f"not handled: {where_of(error) if error is not None else kind.__name__}", file=sys.stderr)  # noqa: T201
