"""The voice: what is said beside what stands on the screen, for who cannot read it.

Everything spoken stands on the page as well: the voice adds nothing, so that who does not hear misses nothing. Who may
hear what is the voice's own matter (``kiosk.aloud``): screens hand it texts as they stand there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal, Protocol

from devices.errors import DeviceError

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk.settings import SoundDevice

Cue = Literal["card-read", "key", "trouble", "done"]
"""A short tone. ``card-read`` is the 嘀 that the card page promises."""

_log = logging.getLogger(__name__)


class Voice(Protocol):
    """What screens ask of the voice. Every call returns at once."""

    def say(self, texts: Sequence[str]) -> None:
        """Says the texts one after the other; what is being said stops. Texts are as they stand on the page."""

    def hush(self) -> None:
        """Stops what is being said; nothing follows."""

    def cue(self, cue: Cue) -> None:
        """Sounds a short tone in place of what is being said; what is said next waits for its end."""

    @property
    def volume(self) -> int:
        """Per cent; 0: there is no sound here."""

    def louder(self) -> None:
        """A step louder, until the visit ends."""

    def softer(self) -> None:
        """A step softer, until the visit ends; never silent."""


class VoiceOfMachine(Voice, Protocol):
    """What the machine asks of its voice beside what screens do."""

    def forget(self) -> None:
        """The visit is over: nothing of it is said any more, and the volume is what it was."""

    def close(self) -> None:
        """Ends with the machine."""


class Silent:
    """The voice of a machine without sound: it costs nothing."""

    volume = 0

    def say(self, texts: Sequence[str]) -> None:
        pass

    def hush(self) -> None:
        pass

    def cue(self, cue: Cue) -> None:
        pass

    def louder(self) -> None:
        pass

    def softer(self) -> None:
        pass

    def forget(self) -> None:
        pass

    def close(self) -> None:
        pass


def make_voice(device: SoundDevice | None, recordings: Path, words: Iterable[str] = ()) -> VoiceOfMachine:
    """The voice of a machine with these settings. ``recordings`` is the folder of what staff recorded themselves;
    ``words`` may be said aloud beside the fixed sentences."""
    if device is None:
        return Silent()
    from devices.jack import card_is_there, card_of, is_plugged_in
    from devices.speech import speak
    from kiosk.aloud import Aloud
    from kiosk.sentences import Sentences, read_list

    try:
        loudspeaker, earphone = device.open(), device.open_earphone()
    except DeviceError as error:
        _log.error("no sound: %s", error)
        return Silent()
    card = card_of(device.earphone or "")
    asks = card_is_there if device.earphone_by == "card" else is_plugged_in
    return Aloud(
        Sentences(read_list(), recordings=recordings, words=words),
        loudspeaker,
        earphone,
        is_worn=partial(asks, card) if card is not None else lambda: True,
        synthesize=speak,
        volume=device.volume,
    )
