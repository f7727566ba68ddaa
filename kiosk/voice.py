"""The voice: what is said beside what stands on the screen, for who cannot read it.

Everything spoken stands on the page as well: the voice adds nothing, so that who does not hear misses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

Cue = Literal["card-read", "key", "trouble", "done"]
"""A short tone. ``card-read`` is the 嘀 that the card page promises."""


class Voice(Protocol):
    """What screens ask of the voice. Every call returns at once."""

    def say(self, texts: Sequence[str]) -> None:
        """Says the texts one after the other, in the language of the visit; what is being said stops."""

    def hush(self) -> None:
        """Stops what is being said; nothing follows."""

    def cue(self, cue: Cue) -> None:
        """Sounds a short tone, beside what is being said."""

    @property
    def volume(self) -> int:
        """0 to 100."""

    def louder(self) -> None:
        """A step louder, until the next wipe."""

    def softer(self) -> None:
        """A step softer, until the next wipe; never silent."""


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
