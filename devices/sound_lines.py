"""Lines that sounds go over: a whole WAV file is one `write`, which returns when it has been played or was cut short.

    alsa://default                        a sound card of this machine by its ALSA name (`aplay -L`), through aplay
    wav:///var/tmp/sounds                 a folder, which gets each sound as a file in their order: 0001.wav, 0002.wav …

Nothing ever comes back on them.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from devices.errors import Lost, NotFound, Silent
from devices.lines import Line

PROGRAM: Final = "aplay"
EVERY: Final = 0.2
"""Seconds between two looks whether a sound is still wanted."""


class SoundLine(Line, Protocol):
    """A line on which a sound can be cut short without ending the line."""

    def play(self, wav: bytes, within: float, wanted: Callable[[], bool]) -> None:
        """Play all of it, as long as it is ``wanted``. Silent when it takes longer than ``within`` seconds."""

    def cut(self) -> None:
        """Whatever is being played stops at once. From any thread."""


def open_sound_line(url: str) -> SoundLine:
    """The line of a URL that was checked (`devices.lines.check_line_url`)."""
    scheme, _, where = url.partition("://")
    return AlsaLine(where) if scheme == "alsa" else FolderLine(Path(where))


class AlsaLine:
    """aplay, one process for a sound: a card that is unplugged is lost with its sound, and found with the next."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._changing = threading.Lock()
        self._playing: subprocess.Popen[bytes] | None = None
        self._cancelled = False

    def write(self, data: bytes, within: float) -> None:
        self.play(data, within, lambda: True)

    def play(self, wav: bytes, within: float, wanted: Callable[[], bool]) -> None:
        with self._changing:
            if self._cancelled:
                raise Lost("line cancelled")
            if not wanted():
                return
            process = self._playing = self._start()
        with process:
            try:
                said = _heard_out(process, wav, within, wanted)
            finally:
                with self._changing:
                    was_cut, self._playing = self._playing is not process, None
                process.kill()
        if said is None:
            return
        if self._cancelled:
            raise Lost("line cancelled")
        if process.returncode and not was_cut:
            raise NotFound(f"{PROGRAM}: {said.decode(errors='replace').strip().rpartition(chr(10))[2]}")

    def cut(self) -> None:
        with self._changing:
            process, self._playing = self._playing, None
            if process is not None:
                process.kill()

    def read(self, size: int, within: float) -> bytes:
        if self._cancelled:
            raise Lost("line cancelled")
        return b""

    def cancel(self) -> None:
        self._cancelled = True
        self.cut()

    def close(self) -> None:
        self.cancel()

    def _start(self) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        command = [PROGRAM, "--quiet", "--file-type=wav", f"--device={self._device}", "-"]
        in_english = os.environ | {"LC_ALL": "C"}
        try:
            return subprocess.Popen(
                command, stdin=pipe, stdout=subprocess.DEVNULL, stderr=pipe, env=in_english, start_new_session=True
            )
        except OSError as error:
            raise NotFound(f"{PROGRAM} cannot be started: {error.strerror}") from error


def _heard_out(process: subprocess.Popen[bytes], wav: bytes, within: float, wanted: Callable[[], bool]) -> bytes | None:
    """What aplay says when it has played all of it; None when it is not wanted any more."""
    until, rest = time.monotonic() + within, wav
    while wanted():
        try:
            return process.communicate(rest, timeout=EVERY)[1]
        except subprocess.TimeoutExpired:
            rest = b""
        if time.monotonic() > until:
            raise Silent(f"the sound card does not take the sound within {within:g} s")
    return None


class FolderLine:
    """Sounds as files, played in no time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changing = threading.Lock()
        self._cancelled = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NotFound(f"folder cannot be made: {error}") from error

    def write(self, data: bytes, within: float) -> None:
        self.play(data, within, lambda: True)

    def play(self, wav: bytes, within: float, wanted: Callable[[], bool]) -> None:
        with self._changing:
            if self._cancelled:
                raise Lost("line cancelled")
            if wanted():
                number = 1 + max((int(file.stem) for file in self._folder.glob("[0-9]*.wav")), default=0)
                try:
                    (self._folder / f"{number:04}.wav").write_bytes(wav)
                except OSError as error:
                    raise Lost(f"folder cannot be written: {error}") from error

    def cut(self) -> None:
        """Nothing lasts that could be cut."""

    def read(self, size: int, within: float) -> bytes:
        if self._cancelled:
            raise Lost("line cancelled")
        return b""

    def cancel(self) -> None:
        self._cancelled = True

    def close(self) -> None:
        self.cancel()
