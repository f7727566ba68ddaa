"""The voice of a machine that has a loudspeaker and an earphone, at no cost: what is to be heard is over at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from devices.sound import NOTHING
from devices.wav import Wav
from kiosk.aloud import Aloud
from kiosk.sentences import Sentences, read_list
from kiosk.settings import SoundDevice

VOLUME: Final = 60
"""Per cent, at which every visit begins."""


class Mute:
    """An output that nobody hears."""

    def hello(self) -> None:
        """It is there."""

    def play(self, sound: Wav, volume: int, wanted: Callable[[], bool] = lambda: True) -> None:
        """Has played it."""

    def stop(self) -> None:
        """It is still."""

    cancel = close = stop


def make_voice(_device: SoundDevice | None, recordings: Path, words: Iterable[str] = ()) -> Aloud:
    """In the place of ``kiosk.voice.make_voice``: the machine's own voice, whatever its settings name."""
    sentences = Sentences(read_list(), recordings=recordings, words=words)
    return Aloud(sentences, Mute(), Mute(), synthesize=lambda _text: NOTHING, volume=VOLUME)
