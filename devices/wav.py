"""A sound: samples of 16 bits, one channel; as a WAV file it is what staff record and what players take."""

from __future__ import annotations

import io
import math
import sys
import wave
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from devices.errors import Garbled


@dataclass(frozen=True, kw_only=True)
class Wav:
    """``samples`` at ``rate`` a second."""

    rate: int
    samples: array[int]

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    @property
    def loudest(self) -> int:
        """0 to 32768: silence to all that there is room for."""
        return max((abs(sample) for sample in self.samples), default=0)

    def at(self, volume: int) -> Wav:
        """The same at 0 to 100 per cent. An ear hears half of the way as half as loud: loudness goes by the square."""
        gain = (volume / 100) ** 2
        return Wav(rate=self.rate, samples=array("h", [int(sample * gain) for sample in self.samples]))

    def write(self) -> bytes:
        """As a WAV file."""
        file = io.BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(self.rate)
            out.writeframes(_little_endian(self.samples).tobytes())
        return file.getvalue()

    @classmethod
    def read(cls, content: bytes) -> Wav:
        """From a WAV file: PCM of 16 bits, of any rate; of two channels the first. Garbled for anything else.

        A program that writes to a pipe cannot know how long it will speak, and states a length that is none.
        """
        try:
            with wave.open(io.BytesIO(content)) as file:
                channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
                frames = file.readframes(len(content))
        except (wave.Error, EOFError, OverflowError, RuntimeError) as error:
            raise Garbled(f"not a WAV file: {error}") from error
        if width != 2 or not 4000 <= rate <= 192000:
            raise Garbled(f"not PCM of 16 bits: {8 * width} bits at {rate} Hz")
        samples = array("h", frames[: len(frames) // (2 * channels) * 2 * channels])
        return cls(rate=rate, samples=_little_endian(samples)[::channels])


def tone(*notes: tuple[float, float], rate: int = 22050) -> Wav:
    """(hertz, seconds) one after the other, each swelling and fading so that it does not click; 0 hertz is a rest."""
    samples = array("h")
    for hertz, seconds in notes:
        count = int(seconds * rate)
        samples.extend(
            int(0.6 * 32767 * math.sin(math.pi * at / count) ** 0.5 * math.sin(2 * math.pi * hertz * at / rate))
            for at in range(count)
        )
    return Wav(rate=rate, samples=samples)


def joined(sounds: Sequence[Wav]) -> Wav:
    """One after the other; they have one rate."""
    samples = array("h")
    for sound in sounds:
        samples.extend(sound.samples)
    return Wav(rate=sounds[0].rate, samples=samples)


def _little_endian(samples: array[int]) -> array[int]:
    if sys.byteorder == "big":
        samples = samples[:]
        samples.byteswap()
    return samples
