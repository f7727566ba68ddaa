"""The gallery: every kind of page and every widget, in every manner, as pictures or to page through.

    python main.py gallery --out DIR     saves them all, with an index to look at in a browser
    python main.py gallery               hangs them up in a window

The people in it do not exist, and there is no machine behind it: nothing is read, recorded or printed.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from screens.environment import NoDisplay, prepare_environment

_log = logging.getLogger(__name__)


def run_gallery(out: Path | None, only: str, data: Path) -> int:
    """Saves the pictures in ``out``, or opens the window; ``only`` what has this in its name. The exit code: 2 without
    a screen, without such a name, or where ``out`` cannot be written."""
    try:
        prepare_environment(data)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
    except (NoDisplay, OSError) as error:
        _log.error("gallery: %s", error)
        return 2
    from screens.gallery.hall import hang, keep

    try:
        return asyncio.run(hang(only) if out is None else keep(out, only))
    except (LookupError, OSError) as error:
        _log.error("gallery: %s", error)
        return 2
