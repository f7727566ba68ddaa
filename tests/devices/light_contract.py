"""What every driver of a status light does, whatever its line.

Another driver joins with a subclass of LightContract that has its fixtures. What can be asked of a real light is in
AnyLight.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import get_args

import pytest

from devices import StatusLight
from devices.errors import DeviceError, Garbled, Refused, Silent
from devices.light import LAMPS, LightState
from devices.simulated.light import SimulatedLight


class AnyLight(ABC):
    @pytest.fixture
    @abstractmethod
    def light(self) -> StatusLight:
        """The driver, greeted."""

    @pytest.mark.parametrize("state", get_args(LightState))
    def test_shows_each_state_at_once(self, light: StatusLight, state: LightState) -> None:
        started = time.monotonic()
        light.show(state)
        assert light.hello() is None
        assert time.monotonic() - started < 1.0

    def test_cancelled_is_lost(self, light: StatusLight) -> None:
        light.cancel()
        with pytest.raises(DeviceError):
            light.show("free")


class LightContract(AnyLight):
    @pytest.fixture
    @abstractmethod
    def board(self) -> SimulatedLight:
        """The simulated board at the other end, in order."""

    @pytest.mark.parametrize("state", get_args(LightState))
    def test_lights_one_lamp_and_no_other(self, light: StatusLight, board: SimulatedLight, state: LightState) -> None:
        board.lamps = 0b111
        light.show(state)
        assert board.lamps == LAMPS[state]

    def test_a_board_that_lost_its_power_shows_again_what_it_was_told_to(
        self, light: StatusLight, board: SimulatedLight
    ) -> None:
        light.show("help")
        board.lose_power()
        light.hello()
        assert board.lamps == LAMPS["help"]

    def test_a_greeting_changes_nothing(self, light: StatusLight, board: SimulatedLight) -> None:
        board.lamps = 0b101
        light.hello()
        assert board.lamps == 0b101

    @pytest.mark.parametrize("fault", ["noise", "half", "other"])
    def test_a_spoilt_answer_is_garbled_and_spoils_no_other(
        self, light: StatusLight, board: SimulatedLight, fault: str
    ) -> None:
        board.faults.add(fault, 1)
        with pytest.raises(Garbled):
            light.show("busy")
        light.show("free")
        assert board.lamps == LAMPS["free"]

    def test_silence_is_told_within_a_second(self, light: StatusLight, board: SimulatedLight) -> None:
        board.faults.add("silence", 1)
        started = time.monotonic()
        with pytest.raises(Silent):
            light.hello()
        assert time.monotonic() - started < 1.0

    def test_an_answer_may_come_in_pieces(self, light: StatusLight, board: SimulatedLight) -> None:
        board.faults.add("slow:0.01", 1)
        light.show("busy")
        assert board.lamps == LAMPS["busy"]

    @pytest.mark.parametrize(("code", "reason"), [(1, "illegal function"), (4, "device failure"), (9, "code 9")])
    def test_a_refusal_is_told_in_words(
        self, light: StatusLight, board: SimulatedLight, code: int, reason: str
    ) -> None:
        board.faults.add(f"refuse:{code}", 1)
        with pytest.raises(Refused) as refused:
            light.show("busy")
        assert refused.value.reason == reason

    def test_a_line_that_ends_is_lost(self, light: StatusLight, board: SimulatedLight) -> None:
        board.faults.add("disconnect:2", 1)
        with pytest.raises(DeviceError):
            light.show("busy")
