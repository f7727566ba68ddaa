"""The voice: what is said beside what stands on the screen, for who cannot read it.

Everything spoken stands on the page as well: the voice adds nothing, so that who does not hear misses nothing.

The rule about who may hear what stands here alone. The loudspeaker says what is the same for everybody: fixed sentences
and public words (``kiosk.sentences``). Whatever was composed with anything else may be a person's and is said in an
earphone; where nobody has one, the loudspeaker says once that it stands on the screen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, Protocol

from devices.errors import DeviceError
from devices.wav import Wav, tone
from devices.worker import Worker
from kiosk.sentences import Sentences, read_list
from kiosk.texts import _

if TYPE_CHECKING:
    from pathlib import Path

    from devices import SoundOutput
    from kiosk.settings import SoundDevice

Cue = Literal["card-read", "key", "trouble", "done"]
"""A short tone. ``card-read`` is the 嘀 that the card page promises."""
TONES: Final[dict[Cue, Wav]] = {
    "card-read": tone((1976, 0.14)),
    "key": tone((988, 0.04)),
    "trouble": tone((392, 0.14), (0, 0.05), (330, 0.22)),
    "done": tone((659, 0.12), (0, 0.03), (880, 0.2)),
}
STEP: Final = 10
LEAST, MOST = 10, 100
"""Per cent."""

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
        """Per cent, LEAST to MOST; 0: there is no sound here."""

    def louder(self) -> None:
        """A step louder, until the visit ends."""

    def softer(self) -> None:
        """A step softer, until the visit ends; never silent."""

    def forget(self) -> None:
        """The visit is over: nothing of it is said any more, and the volume is what it was."""


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


class Aloud:
    """The voice of a machine with a loudspeaker, and perhaps an ``earphone`` that somebody may have in (``is_worn``).

    All that blocks runs in one thread. Synthesized words are kept nowhere: they may be a person's.
    """

    def __init__(
        self,
        sentences: Sentences,
        loudspeaker: SoundOutput,
        earphone: SoundOutput | None = None,
        *,
        is_worn: Callable[[], bool] = lambda: True,
        synthesize: Callable[[str], Wav],
        volume: int,
    ) -> None:
        self._sentences = sentences
        self._loudspeaker, self._earphone, self._is_worn = loudspeaker, earphone, is_worn
        self._synthesize = synthesize
        self._usual = self._volume = volume
        self._worker = Worker("voice")
        self._turn = 0
        """Counts what was asked to be said: what belongs to an earlier turn is not begun any more."""
        self._sounding: set[Cue] = set()
        """Tones that wait or sound: they are not cut short, and not asked for twice."""
        self._failing = ""

    def say(self, texts: Sequence[str]) -> None:
        self._stop()
        self._worker.post(partial(self._say, tuple(texts), _("内容在屏幕上。"), self._turn))

    def hush(self) -> None:
        self._stop()

    def cue(self, cue: Cue) -> None:
        if cue not in self._sounding:
            self._stop()
            self._sounding.add(cue)
            self._worker.post(partial(self._sound, cue))

    @property
    def volume(self) -> int:
        return self._volume

    def louder(self) -> None:
        self._volume = min(MOST, self._volume + STEP)

    def softer(self) -> None:
        self._volume = max(LEAST, self._volume - STEP)

    def forget(self) -> None:
        self._stop()
        self._volume = self._usual

    def close(self) -> None:
        """Ends with the machine."""
        self._stop()
        self._worker.close()
        for output in (self._loudspeaker, self._earphone):
            if output is not None:
                output.close()

    def _stop(self) -> None:
        self._turn += 1
        if not self._sounding:
            self._loudspeaker.stop()
        if self._earphone is not None:
            self._earphone.stop()

    # ---- In the thread

    def _say(self, texts: tuple[str, ...], on_the_screen: str, turn: int) -> None:
        in_an_ear = self._earphone is not None

        def wanted() -> bool:
            """An earphone that is pulled out ends it: the loudspeaker of the same card would say the rest."""
            return self._turn == turn and (not in_an_ear or self._is_worn())

        if self._turn != turn:
            return
        try:
            if self._earphone is not None and self._is_worn():
                output, said = self._earphone, [part for text in texts for part in self._sentences.parts(text)]
            else:
                in_an_ear = False
                output, said = self._loudspeaker, self.for_the_hall(texts, on_the_screen)
            for part in said:
                if wanted():
                    sound = self._sentences.sound_of(part) or self._synthesize(part)
                    output.play(sound, self._volume, wanted)
        except DeviceError as error:
            self._tell(str(error))
        else:
            self._tell("")

    def for_the_hall(self, texts: Sequence[str], on_the_screen: str) -> list[str]:
        """What the loudspeaker says of these texts: those that everybody may hear, and once, in the place of the first
        of the others, that there is more on the screen."""
        said: list[str] = []
        for text in texts:
            if self._sentences.may_be_aloud(text):
                said += self._sentences.parts(text)
            elif on_the_screen not in said:
                said.append(on_the_screen)
        return said

    def _sound(self, cue: Cue) -> None:
        try:
            self._loudspeaker.play(TONES[cue], self._volume)
        except DeviceError as error:
            self._tell(str(error))
        finally:
            self._sounding.discard(cue)

    def _tell(self, failing: str) -> None:
        """The log hears once that there is no sound, and once that there is again."""
        if failing != self._failing:
            self._failing = failing
            if failing:
                _log.warning("no sound: %s", failing)
            else:
                _log.info("sound is back")


def make_voice(device: SoundDevice | None, recordings: Path, words: Iterable[str] = ()) -> Aloud | Silent:
    """The voice of a machine with these settings. ``recordings`` is the folder of what staff recorded themselves;
    ``words`` may be said aloud beside the fixed sentences."""
    if device is None:
        return Silent()
    from devices.jack import card_is_there, card_of, is_plugged_in
    from devices.speech import speak

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
