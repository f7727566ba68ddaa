"""What every driver of a social security card reader does.

Another driver joins with a subclass of SocialCardReaderContract that has two fixtures: `reader` and `desk`, the
simulated reader's control. What can be asked of a real reader is in AnySocialCardReader.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from datetime import date

import pytest

from devices import SocialCardReader
from devices.control import SimulatorControl
from devices.errors import DeviceError, Garbled, Lost, Refused, Silent
from devices.samv import NoCard
from devices.social_card import SocialCard
from tests.devices.hands import Deed, Hands, steering, when_done

COMES = 5.0
"""Seconds within which a card that was put in is read."""


class AnySocialCardReader(ABC):
    @pytest.fixture
    @abstractmethod
    def hands(self) -> Hands: ...

    @pytest.fixture
    @abstractmethod
    def reader(self) -> SocialCardReader:
        """Has no more than two seconds of patience with a card."""

    def test_greets_and_has_no_card(self, reader: SocialCardReader, hands: Hands) -> None:
        hands(Deed.EMPTY_SLOT)
        assert reader.hello() is None
        when_done(lambda: isinstance(reader.read(), NoCard) or None)
        assert isinstance(reader.read(), NoCard)

    def test_a_card_is_read_once(self, reader: SocialCardReader, hands: Hands) -> None:
        hands(Deed.INSERT_CARD)
        when_done(lambda: isinstance(reader.read(COMES), SocialCard) or None)
        assert reader.read() == NoCard(after_read=True)

    def test_cancelled_is_lost(self, reader: SocialCardReader) -> None:
        reader.cancel()
        with pytest.raises(Lost) as caught:
            reader.read(COMES)
        assert not isinstance(caught.value, Silent)
        with pytest.raises(DeviceError):
            reader.hello()


class SocialCardReaderContract(AnySocialCardReader):
    @pytest.fixture
    @abstractmethod
    def desk(self) -> SimulatorControl:
        """The control of a simulated reader that is in order and empty."""

    @pytest.fixture
    def hands(self, desk: SimulatorControl) -> Hands:
        return steering(desk)

    def test_before_any_card_none_was_read(self, reader: SocialCardReader) -> None:
        assert reader.read() == NoCard(after_read=False)

    def test_a_card_that_comes_while_it_waits_is_read_once(
        self, reader: SocialCardReader, desk: SimulatorControl
    ) -> None:
        desk.insert("chen-jianguo")
        card = reader.read(COMES)
        assert isinstance(card, SocialCard)
        assert (card.name, card.number, card.sex, card.ethnicity) == ("陈建国", "339902199203180011", "male", "汉")
        assert (card.birth, card.birth_place) == (date(1992, 3, 18), "339902")
        assert (card.generation, card.issued, card.valid_to) == (2, date(2019, 4, 1), date(2029, 4, 1))
        assert (card.missing, card.warnings) == ((), ())
        assert reader.read() == NoCard(after_read=True)
        assert reader.read(again=True) == card
        desk.remove()
        assert reader.read(0.8) == NoCard(after_read=False)

    def test_a_card_put_in_the_place_of_another_without_a_gap_is_another(
        self, reader: SocialCardReader, desk: SimulatorControl
    ) -> None:
        names = []
        for person in ("ouyang", "rare"):
            desk.insert(person)
            card = reader.read(COMES)
            assert isinstance(card, SocialCard)
            names.append(card.name)
        assert names == ["欧阳文澜", "禤𠮷䶮"]

    def test_the_contactless_generation_says_what_is_free_and_has_a_number(
        self, reader: SocialCardReader, desk: SimulatorControl
    ) -> None:
        desk.insert("ouyang", 3)
        card = reader.read(COMES)
        assert isinstance(card, SocialCard)
        assert (card.generation, card.card_number, card.name) == (3, "Q0704059X", None)
        assert ("name", "locked") in card.missing
        assert reader.uid() == "08070405"

    def test_a_contact_card_has_no_number_and_an_empty_slot_neither(
        self, reader: SocialCardReader, desk: SimulatorControl
    ) -> None:
        assert reader.uid() == NoCard()
        desk.insert("ouyang")
        with pytest.raises(Refused, match="no number"):
            reader.uid(COMES)

    def test_another_kind_of_card_is_refused_by_name_once(
        self, reader: SocialCardReader, desk: SimulatorControl
    ) -> None:
        desk.fault("social_card", "sw:6a82@select")
        desk.insert("ouyang")
        with pytest.raises(Refused, match="not a social security card"):
            reader.read(COMES)
        assert isinstance(reader.read(), NoCard)

    @pytest.mark.parametrize("fault", ["silence@record", "empty@select"])
    def test_a_card_that_never_answers_costs_one_attempt(
        self, reader: SocialCardReader, desk: SimulatorControl, fault: str
    ) -> None:
        desk.fault("social_card", fault, 1)
        desk.insert("ouyang")
        started = time.monotonic()
        with pytest.raises(Refused, match="card does not answer"):
            reader.read(COMES)
        assert time.monotonic() - started < 4.0
        desk.insert("chen-jianguo")
        card = reader.read(COMES)
        assert isinstance(card, SocialCard)
        assert card.name == "陈建国"

    @pytest.mark.parametrize("fault", ["pulled@record", "disconnect:5@record"])
    def test_a_card_pulled_on_the_way_is_refused(
        self, reader: SocialCardReader, desk: SimulatorControl, fault: str
    ) -> None:
        desk.fault("social_card", fault, 1)
        desk.insert("ouyang")
        with pytest.raises(Refused, match="card pulled away"):
            reader.read(COMES)
        assert reader.read() == NoCard(after_read=False)

    @pytest.mark.parametrize("fault", ["half@select", "sw:6f00@select"])
    def test_a_broken_answer_is_garbled_and_the_next_attempt_is_a_new_one(
        self, reader: SocialCardReader, desk: SimulatorControl, fault: str
    ) -> None:
        desk.fault("social_card", fault, 1)
        desk.insert("ouyang")
        with pytest.raises(Garbled):
            reader.read(COMES)
        assert isinstance(reader.read(COMES), SocialCard)

    def test_what_hinders_is_said_and_when_it_is_over_nothing_has_to_be_started_again(
        self, reader: SocialCardReader, desk: SimulatorControl
    ) -> None:
        assert reader.hello() is None
        desk.unplug("social_card")
        assert reader.hello() == "no card reader"
        with pytest.raises(Refused, match="no card reader"):
            reader.read(COMES)
        desk.plug("social_card")
        desk.insert("ouyang")
        assert reader.hello() is None
        assert isinstance(reader.read(COMES), SocialCard)
