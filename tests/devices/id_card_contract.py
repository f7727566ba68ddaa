"""What every driver of an identity card reader does, whatever bytes it speaks.

Another driver joins with a subclass of IdCardReaderContract that has two fixtures: `reader` and `desk`, the simulated
reader's control. What can be asked of a real reader, where somebody lays and lifts cards, is in AnyIdCardReader.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from datetime import date

import pytest

from devices import IdCardReader
from devices.card_text import IdCard
from devices.control import SimulatorControl
from devices.errors import DeviceError, Garbled, Lost, Refused, Silent
from devices.samv import NoCard
from tests.devices.hands import Deed, Hands, steering, when_done

LIMIT = 8.0
"""Seconds after which an attempt has ended, however the reader behaves."""


class AnyIdCardReader(ABC):
    @pytest.fixture
    @abstractmethod
    def hands(self) -> Hands: ...

    @pytest.fixture
    @abstractmethod
    def reader(self) -> IdCardReader: ...

    def test_greets(self, reader: IdCardReader) -> None:
        reader.hello()

    def test_an_empty_reader_has_no_card(self, reader: IdCardReader, hands: Hands) -> None:
        hands(Deed.CLEAR_READER)
        when_done(lambda: isinstance(reader.read(), NoCard) or None)
        assert isinstance(reader.read(), NoCard)

    def test_a_card_presented_again_is_read_again(self, reader: IdCardReader, hands: Hands) -> None:
        """A card may be somebody's: its fields stand in no assertion, and so in no report."""
        for _ in range(2):
            hands(Deed.LAY_CARD)
            card = when_done(lambda: found if isinstance(found := reader.read(), IdCard) else None)
            complete = bool(card.name and card.number) and len(card.photo) == 1024
            assert complete

    def test_a_card_that_stays_may_or_may_not_be_found_again(self, reader: IdCardReader, hands: Hands) -> None:
        hands(Deed.LAY_CARD)
        when_done(lambda: isinstance(reader.read(), IdCard) or None)
        again = reader.read()
        assert isinstance(again, IdCard) or again == NoCard(after_read=True)

    def test_cancelled_is_lost(self, reader: IdCardReader) -> None:
        reader.cancel()
        with pytest.raises(DeviceError):
            reader.read()


class IdCardReaderContract(AnyIdCardReader):
    @pytest.fixture
    @abstractmethod
    def desk(self) -> SimulatorControl:
        """The control of a simulated reader that is in order, sticky, and empty."""

    @pytest.fixture
    def hands(self, desk: SimulatorControl) -> Hands:
        return steering(desk)

    def test_before_any_card_none_was_read(self, reader: IdCardReader) -> None:
        assert reader.read() == NoCard(after_read=False)

    def test_reads_what_the_card_says(self, reader: IdCardReader, desk: SimulatorControl) -> None:
        desk.present("chen-jianguo")
        card = reader.read()
        assert isinstance(card, IdCard)
        assert (card.kind, card.name, card.sex, card.ethnicity) == ("resident", "陈建国", "male", "汉")
        assert (card.birth, card.number) == (date(1992, 3, 18), "339902199203180011")
        assert (card.address, card.issuer) == ("东澜省临漪市望湖区青石桥路18号3幢502室", "临漪市公安局望湖分局")
        assert (card.valid_from, card.valid_to) == (date(2018, 5, 10), date(2038, 5, 10))
        assert len(card.photo) == 1024

    def test_a_long_term_card_has_no_last_day(self, reader: IdCardReader, desk: SimulatorControl) -> None:
        desk.present("ouyang")
        card = reader.read()
        assert isinstance(card, IdCard)
        assert card.valid_to is None

    def test_the_appended_address_replaces_the_printed_one(self, reader: IdCardReader, desk: SimulatorControl) -> None:
        desk.present("lin-xiuying")
        card = reader.read()
        assert isinstance(card, IdCard)
        assert card.address == "东澜省临漪市望湖区桂花弄27号1幢101室"

    def test_reads_any_character_that_unicode_knows(self, reader: IdCardReader, desk: SimulatorControl) -> None:
        desk.present("rare")
        card = reader.read()
        assert isinstance(card, IdCard)
        assert card.name == "禤𠮷䶮"
        assert card.address == "东澜省临漪市礐石镇𡋾头村 17 号"

    def test_reads_a_name_of_fifteen_characters(self, reader: IdCardReader, desk: SimulatorControl) -> None:
        desk.present("long-name")
        card = reader.read()
        assert isinstance(card, IdCard)
        assert card.name == "阿卜杜克热木江·阿卜杜热西提江"

    def test_reads_the_permit_of_a_resident_of_hong_kong(self, reader: IdCardReader, desk: SimulatorControl) -> None:
        desk.present("hong-kong")
        card = reader.read()
        assert isinstance(card, IdCard)
        assert (card.kind, card.name, card.sex, card.ethnicity) == ("hmt", "黄咏诗", "female", "")
        assert (card.birth, card.number) == (date(1984, 2, 29), "819901198402290022")
        assert (card.address, card.permit_number) == ("东澜省临漪市溪南区书院街33号2单元601室", "H00000000")
        assert card.valid_to == date(2028, 3, 20)

    def test_reads_a_foreigners_permit_of_2017(self, reader: IdCardReader, desk: SimulatorControl) -> None:
        desk.present("foreigner-2017")
        card = reader.read()
        assert isinstance(card, IdCard)
        assert (card.kind, card.number, card.nationality) == ("foreigner-2017", "XAA339988041710", "XAA")
        assert card.name == card.latin_name == "IVANOVA, ANNA SERGEYEVNA"
        assert (card.sex, card.birth, card.valid_to) == ("female", date(1988, 4, 17), date(2029, 6, 4))

    def test_reads_a_foreigners_permit_of_2023(self, reader: IdCardReader, desk: SimulatorControl) -> None:
        desk.present("foreigner-2023")
        card = reader.read()
        assert isinstance(card, IdCard)
        assert (card.kind, card.number, card.nationality) == ("foreigner-2023", "933999197908150011", "XAA")
        assert (card.name, card.latin_name) == ("何安德", "ALEXANDER MAXIMILIAN VON HOHENFELDEN-BERG")
        assert (card.sex, card.birth, card.valid_to) == ("male", date(1979, 8, 15), date(2034, 1, 14))

    @pytest.mark.parametrize("size", ["0000", "0200", "0400"])
    def test_fingerprints_that_nobody_asked_for_are_let_go(
        self, reader: IdCardReader, desk: SimulatorControl, size: str
    ) -> None:
        desk.sticky(False)
        desk.present("chen-jianguo")
        bare = reader.read()
        desk.fault("id_card", f"fingerprint:{size}", 1)
        assert reader.read() == bare

    def test_a_card_that_stays_may_or_may_not_be_there(self, reader: IdCardReader, desk: SimulatorControl) -> None:
        desk.present("ouyang")
        assert isinstance(reader.read(), IdCard)
        assert reader.read() == NoCard(after_read=True)
        desk.lift()
        assert reader.read() == NoCard(after_read=True)

    def test_a_reader_that_is_not_sticky_reads_a_card_twice(self, reader: IdCardReader, desk: SimulatorControl) -> None:
        desk.sticky(False)
        desk.present("ouyang")
        assert reader.read() == reader.read()

    @pytest.mark.parametrize(
        ("when", "reason"),
        [("select", "card not selected"), ("read", "card read failed"), ("address", "card read failed")],
    )
    def test_a_card_pulled_on_the_way_is_refused(
        self, reader: IdCardReader, desk: SimulatorControl, when: str, reason: str
    ) -> None:
        desk.present("ouyang")
        desk.fault("id_card", f"pulled@{when}", 1)
        with pytest.raises(Refused) as caught:
            reader.read()
        assert caught.value.reason == reason
        desk.present("ouyang")
        assert isinstance(reader.read(), IdCard)

    def test_a_reader_that_answers_nothing_is_silent(self, reader: IdCardReader, desk: SimulatorControl) -> None:
        desk.fault("id_card", "silence", 1)
        started = time.monotonic()
        with pytest.raises(Silent):
            reader.hello()
        assert time.monotonic() - started < 1.0
        reader.hello()

    @pytest.mark.parametrize(
        "fault",
        ["half@read", "truncated@read", "checksum@read", "oversized@read", "slow:0.1@select", "disconnect:20@read"],
    )
    def test_no_broken_answer_gives_a_card_or_hangs(
        self, reader: IdCardReader, desk: SimulatorControl, fault: str
    ) -> None:
        desk.present("chen-jianguo")
        desk.fault("id_card", fault, 1)
        started = time.monotonic()
        with pytest.raises(Lost if "disconnect" in fault else Garbled):
            reader.read()
        assert time.monotonic() - started < LIMIT

    def test_noise_before_an_answer_does_no_harm(self, reader: IdCardReader, desk: SimulatorControl) -> None:
        desk.present("chen-jianguo")
        desk.fault("id_card", "noise", 4)
        assert isinstance(reader.read(), IdCard)

    def test_a_broken_answer_does_not_spoil_the_next(self, reader: IdCardReader, desk: SimulatorControl) -> None:
        desk.present("chen-jianguo")
        desk.sticky(False)
        for fault in ("half", "oversized", "checksum", "truncated"):
            desk.fault("id_card", f"{fault}@read", 1)
            with pytest.raises(Garbled):
                reader.read()
            assert isinstance(reader.read(), IdCard)

    def test_a_reader_that_is_unplugged_is_lost(self, reader: IdCardReader, desk: SimulatorControl) -> None:
        reader.hello()
        desk.unplug("id_card")
        started = time.monotonic()
        with pytest.raises(Lost) as caught:
            reader.hello()
        assert not isinstance(caught.value, Silent)
        assert time.monotonic() - started < 1.0
