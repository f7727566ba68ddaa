"""What every output of sounds does, whatever its line.

Another driver joins with a subclass of SoundContract that has its fixtures. What can be asked of a real loudspeaker is
in AnySpeaker.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod

import pytest

from devices import SoundOutput
from devices.errors import DeviceError
from devices.wav import Wav, tone

A_TONE = tone((660, 0.3))


class AnySpeaker(ABC):
    @pytest.fixture
    @abstractmethod
    def output(self) -> SoundOutput: ...

    def test_a_greeting_is_heard_by_nobody_and_takes_no_time(self, output: SoundOutput) -> None:
        started = time.monotonic()
        assert output.hello() is None
        assert time.monotonic() - started < 1.5

    def test_plays_one_sound_after_another(self, output: SoundOutput) -> None:
        output.play(A_TONE, 60)
        output.play(A_TONE, 60)

    def test_stopping_what_does_not_play_is_nothing(self, output: SoundOutput) -> None:
        output.stop()
        output.play(A_TONE, 60)
        output.stop()

    def test_cancelled_is_lost(self, output: SoundOutput) -> None:
        output.cancel()
        with pytest.raises(DeviceError):
            output.play(A_TONE, 60)
        output.close()


class SoundContract(AnySpeaker):
    @abstractmethod
    def heard(self) -> list[Wav]:
        """What came out of it, sound by sound."""

    def test_the_sound_comes_out_as_it_went_in(self, output: SoundOutput) -> None:
        output.play(A_TONE, 100)
        (heard,) = self.heard()
        assert heard.rate == A_TONE.rate
        assert heard.samples[: len(A_TONE.samples)] == A_TONE.samples

    def test_half_the_volume_is_softer_and_none_is_silence(self, output: SoundOutput) -> None:
        for volume in (100, 50, 0):
            output.play(A_TONE, volume)
        whole, half, none = self.heard()
        assert whole.loudest * 0.2 < half.loudest < whole.loudest * 0.3
        assert none.loudest == 0

    def test_what_is_not_wanted_any_more_is_not_begun(self, output: SoundOutput) -> None:
        output.play(A_TONE, 60, lambda: False)
        assert self.heard() == []

    def test_an_empty_sound_is_nothing(self, output: SoundOutput) -> None:
        output.play(tone(), 60)
        assert self.heard() == []
