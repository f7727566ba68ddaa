"""What the loudspeaker and the earphone say: the voice of a machine that has sound.

The rule about who may hear what stands here alone. The loudspeaker says what is the same for everybody: fixed sentences
and public words (``kiosk.sentences``). Whatever was composed with anything else may be a person's and is said in an
earphone; where nobody has one, the loudspeaker says once that it stands on the screen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from devices.errors import DeviceError
from devices.wav import Wav, tone
from devices.worker import Worker
from kiosk.sentences import Sentences
from kiosk.texts import _
from kiosk.voice import Cue

if TYPE_CHECKING:
    from devices import SoundOutput

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
        of the others, that there is more on the screen. For a single sign, as one is typed, it is not said."""
        said: list[str] = []
        for text in texts:
            if self._sentences.may_be_aloud(text):
                said += self._sentences.parts(text)
            elif on_the_screen not in said and len(text) > 1:
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
