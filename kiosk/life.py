"""What the machine remembers of its last time: how it ended, and which settings file it had; and whether its clock
keeps time while it runs.

One small file, written durably at the start and at the end. One that does not say that it was ended was cut off: by its
program where the system is still the same (its boot id), by whatever ended the system otherwise.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from pydantic import ValidationError

from devices.worker import Worker
from kiosk.contract.audit import AuditEvent, ClockJumped, MachineStarted, MachineStopped, SettingsChanged
from kiosk.contract.base import Message
from kiosk.files import read_if_there, write_durably

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
EVERY: Final = 60.0
"""Seconds between two looks at the settings file and the clock."""
JUMP: Final = 2.0
"""Seconds between two looks by which no clock is off that keeps time."""

_log = logging.getLogger(__name__)


class Remembered(Message):
    """The whole file. ``settings`` is the digest of the settings file; "": there was none."""

    boot: str
    ended: bool
    settings: str


@dataclass
class Life:
    """The service that remembers, and tells of it through ``note``. Without ``settings`` it is the demonstration."""

    file: Path
    settings: Path | None
    note: Callable[[AuditEvent], None]
    boot: Callable[[], str] = lambda: BOOT_ID.read_text("ascii").strip()
    clock: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic
    every: float = EVERY
    _now: Remembered | None = None
    _worker: Worker = field(default_factory=lambda: Worker("life"))

    async def run(self) -> None:
        """Begins, and watches the settings file and the clock, for ever."""
        if self._now is None:
            before, digest = await self._worker.do(self._begin)
            self.note(MachineStarted(before=before))
            if digest is not None:
                self.note(SettingsChanged(digest=digest))
        while True:
            clock, steady = self.clock(), self.steady()
            await asyncio.sleep(self.every)
            ahead = (self.clock() - clock) - (self.steady() - steady)
            if abs(ahead) >= JUMP:
                self.note(ClockJumped(way="forward" if ahead > 0 else "back", seconds=round(abs(ahead))))
            digest = await self._worker.do(self._another_file)
            if digest is not None:
                self.note(SettingsChanged(digest=digest))

    async def end(self) -> None:
        """The machine is ended in order; nothing where it never began."""
        self._worker.close()
        if self._now is not None:
            self.note(MachineStopped())
            self._remember(self._now.model_copy(update={"ended": True}))

    # -- in the thread -------------------------------------------------------------------------------------------------

    def _begin(self) -> tuple[Literal["first", "stopped", "crashed", "power-cut"], str | None]:
        """How it ended before, and the digest of the settings file if that is another one."""
        last, boot, digest = self._read(), self.boot(), self._digest()
        self._remember(Remembered(boot=boot, ended=False, settings=digest))
        if last is None:
            return "first", None
        changed = digest if digest and digest != last.settings else None
        if last.ended:
            return "stopped", changed
        return "crashed" if last.boot == boot else "power-cut", changed

    def _another_file(self) -> str | None:
        digest = self._digest()
        if self._now is None or not digest or digest == self._now.settings:
            return None
        self._remember(self._now.model_copy(update={"settings": digest}))
        return digest

    def _digest(self) -> str:
        try:
            content = None if self.settings is None else read_if_there(self.settings)
        except OSError:
            content = None
        return "" if content is None else hashlib.sha256(content).hexdigest()[:16]

    def _read(self) -> Remembered | None:
        try:
            content = read_if_there(self.file)
            return None if content is None else Remembered.model_validate_json(content)
        except (OSError, ValidationError) as error:
            _log.error("%s cannot be read: %s", self.file.name, type(error).__name__)
            return None

    def _remember(self, what: Remembered) -> None:
        self._now = what
        try:
            write_durably(self.file, what.model_dump_json().encode())
        except OSError as error:
            _log.error("%s: %s", self.file.name, error.strerror)
