"""Until when central asked to be left alone, kept over a restart: a machine that starts anew, or a town of them in the
morning, does not come back sooner for it.

Only what central asked for is kept, and only from a minute on: shorter pauses are over before a machine has started,
and are not worth a write.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from kiosk.files import read_if_there, write_durably

WORTH: Final = 60.0
"""Seconds from which a pause is kept."""

_log = logging.getLogger(__name__)


class _Kept(BaseModel):
    """The file's content, by central's time."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    until: AwareDatetime


def keep(file: Path, seconds: float, now: datetime) -> None:
    """Keeps a pause that begins now. Blocking; a disk that takes nothing is no reason not to wait."""
    if seconds < WORTH:
        return
    try:
        write_durably(file, _Kept(until=now + timedelta(seconds=seconds)).model_dump_json().encode())
    except OSError as error:
        _log.error("%s cannot be written: %s", file.name, error.strerror)


def left(file: Path, now: datetime, at_most: float) -> float:
    """The seconds that are left of it; a clock that was set makes no more of it than ``at_most``. Blocking."""
    try:
        content = read_if_there(file)
        until = None if content is None else _Kept.model_validate_json(content).until
    except (OSError, ValidationError):
        return 0.0
    return 0.0 if until is None else min(at_most, max(0.0, (until - now).total_seconds()))
