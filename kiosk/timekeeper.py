"""What time it is, as far as this machine can know: central's time carried on by a clock that nobody sets.

A kiosk's clock may stand in 1970 after a flat battery or in 2099 after a slip, and may be set while it runs. What is
measured is kept against the monotonic clock; the wall clock says only when a record happened, with the offset and what
is known to be wrong with it. The floor is a time that has certainly passed: this program's build, or the last that
central signed. It is kept over restarts and never goes back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from kiosk.contract.records import ClockFlags
from kiosk.files import read_if_there, write_durably
from kiosk.pen import Clock
from kiosk.release import BUILT

JUMP: Final = timedelta(seconds=2)
"""More than a clock is slewed between two exchanges."""

ASTRAY: Final = timedelta(days=1)
"""From here on the wall clock is no measure for a certificate's validity."""

NEVER: Final = 3000
"""A year; not much later ``datetime`` ends."""

WRITTEN_EVERY: Final = timedelta(hours=1)
"""How far the floor rises before it is written again: after a power cut it is at most so much lower."""

_log = logging.getLogger(__name__)


def wall_clock() -> datetime:
    """What the machine believes."""
    return datetime.now(UTC)


def since_boot() -> float:
    """Seconds that nobody sets, and that go on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, kw_only=True)
class _Anchor:
    """A moment at which central's time was known."""

    central: datetime
    wall: datetime
    boot: float


class _Kept(BaseModel):
    """The file's content."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    floor: AwareDatetime


@dataclass
class Timekeeper:
    """The machine's time, from any thread. Without a ``file`` the floor is the build, at each start."""

    file: Path | None = None
    wall: Callable[[], datetime] = wall_clock
    boot: Callable[[], float] = since_boot
    built: datetime = BUILT
    _anchor: _Anchor | None = field(default=None, init=False)
    _floor: datetime | None = field(default=None, init=False)
    _written: datetime | None = field(default=None, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    @property
    def measured(self) -> bool:
        """Whether central's time was heard since the start."""
        return self._anchor is not None

    def now(self) -> datetime:
        """Central's time as far as it is known; before the first exchange the wall clock's, but not below the floor."""
        anchor = self._anchor
        if anchor is not None:
            return anchor.central + timedelta(seconds=self.boot() - anchor.boot)
        return max(self.wall(), self.floor)

    def reading(self) -> Clock:
        """What a record says of the wall clock now."""
        anchor, wall, flags = self._anchor, self.wall(), ClockFlags(0)
        if wall < self.floor:
            flags |= ClockFlags.BELOW_FLOOR
        if anchor is None:
            return Clock(offset=None, flags=flags | ClockFlags.UNMEASURED)
        went = timedelta(seconds=self.boot() - anchor.boot)
        if abs(wall - anchor.wall - went) > JUMP:
            flags |= ClockFlags.JUMPED
        return Clock(offset=(anchor.wall - anchor.central) // timedelta(milliseconds=1), flags=flags)

    @property
    def astray(self) -> bool:
        """Whether the wall clock is so wrong that nothing can be judged by it."""
        return abs(self.wall() - self.now()) > ASTRAY

    def heard(self, central: datetime, asked_at: float) -> None:
        """Central's time, from an exchange that began at ``asked_at`` on the clock ``boot`` and has just ended: true to
        half of what the exchange took. One that no machine lives to see is not believed."""
        if central.year >= NEVER:
            _log.error("central says that it is the year %d", central.year)
            return
        boot = self.boot()
        halfway = timedelta(seconds=(boot - asked_at) / 2)
        self._anchor = _Anchor(central=central + halfway, wall=self.wall(), boot=boot)

    # -- the floor -----------------------------------------------------------------------------------------------------

    @property
    def floor(self) -> datetime:
        """A time that has certainly passed. Reads the file at its first use."""
        with self._lock:
            return self._floor_so_far()

    def passed(self, at: datetime) -> None:
        """``at`` has passed: central signed it. Blocking, when the floor is written."""
        with self._lock:
            if at <= self._floor_so_far():
                return
            self._floor = at
            if self.file is None or (self._written is not None and at - self._written < WRITTEN_EVERY):
                return
            try:
                write_durably(self.file, _Kept(floor=at).model_dump_json().encode())
            except OSError as error:
                _log.error("%s cannot be written: %s", self.file.name, error.strerror)
            else:
                self._written = at

    def _floor_so_far(self) -> datetime:
        if self._floor is None:
            self._written = self._read()
            self._floor = max(self.built, self._written or self.built)
        return self._floor

    def _read(self) -> datetime | None:
        try:
            content = None if self.file is None else read_if_there(self.file)
            return None if content is None else _Kept.model_validate_json(content).floor
        except (OSError, ValidationError):
            _log.error("the floor of the clock cannot be read: it begins at the build")
            return None
