"""A loudspeaker, an earphone or a handset: it plays a sound at a volume, and stops at once when it is told to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from devices.lines import Line
from devices.sound_lines import AlsaLine, FolderLine, SoundLine
from devices.wav import Wav, tone

GRACE: Final = 3.0
"""Seconds that a sound may take beyond its own length: a card that sleeps takes most of one to wake."""
NOTHING: Final = tone((0, 0.05))
"""A sound that nobody hears."""


class Speaker:
    """One output. Tried over ALSA's own plugins and folders only, not with a sound card.

    Any call may raise NotFound (no such card, or it is in use), Lost or Silent.
    """

    def __init__(self, line: Line) -> None:
        if not isinstance(line, AlsaLine | FolderLine):
            raise TypeError("a sound goes over alsa:// or wav://")
        self._line: SoundLine = line

    def hello(self) -> None:
        """Return when the card takes a sound; nobody hears one."""
        self.play(NOTHING, 0)

    def play(self, sound: Wav, volume: int, wanted: Callable[[], bool] = lambda: True) -> None:
        """Play all of it at 0 to 100 per cent. Returns when it was played, or cut short.

        ``wanted`` is asked before it begins and five times a second; who makes it unwanted, and then stops, hears
        nothing from then on.
        """
        if sound.samples:
            self._line.play(sound.at(volume).write(), sound.seconds + GRACE, wanted)

    def stop(self) -> None:
        """Whatever is being played stops at once. From any thread."""
        self._line.cut()

    def cancel(self) -> None:
        """End the line from any thread."""
        self._line.cancel()

    def close(self) -> None:
        self._line.close()
