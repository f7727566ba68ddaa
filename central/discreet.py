"""A process of central that keeps to itself: no core, no other process of its user looks into it, and where it ends
with an error nobody handled it says kind and place, never the error's own words."""

from __future__ import annotations

import ctypes
import logging
import os
import resource
import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

SET_DUMPABLE: Final = 4
"""Of prctl(2): a core limit alone does not hold back a collector that the kernel pipes cores to."""
TELLING: Final = ("SSLKEYLOGFILE", "PYTHONASYNCIODEBUG", "PYTHONDEVMODE")
"""Variables that make Python write keys of connections into a file, or quote what it carries in its log."""


def keep_to_itself() -> None:
    """Of this process, for all its life. What it starts calls this itself."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if ctypes.CDLL(None, use_errno=True).prctl(SET_DUMPABLE, 0, 0, 0, 0) != 0:
        logging.getLogger("central").error("the process can be looked into: %s", os.strerror(ctypes.get_errno()))
    for name in TELLING:
        os.environ.pop(name, None)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # what it warns of, it quotes with address and query
    logging.raiseExceptions = False  # a log line that fails would be quoted on stderr with what it was given
    sys.excepthook = _not_handled
    threading.excepthook = _not_handled_in_thread
    sys.unraisablehook = _cannot_be_raised


def _not_handled(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    _say(kind, error)


def _not_handled_in_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_type is not SystemExit:
        _say(failed.exc_type, failed.exc_value)


def _cannot_be_raised(failed: UnraisableHookArgs) -> None:
    _say(failed.exc_type, failed.exc_value)


def _say(kind: type[BaseException], error: BaseException | None) -> None:
    from central.errors import where  # the process that redraws pictures starts without it

    if sys.stderr is not None:
        print(f"not handled: {where(error) if error is not None else kind.__name__}", file=sys.stderr)  # noqa: T201
