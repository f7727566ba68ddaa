"""Several readers at once, and whatever people do with them: on a machine of real parts but for the readers themselves,
which are as quick as their test."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest

import main
from devices.card_text import IdCard
from devices.errors import DeviceError, Refused
from devices.samv import NoCard
from devices.scanner import NoScan, Scan
from devices.social_card import NOT_SOCIAL, SocialCard, parse_records
from devices.supervisor import Device, Supervisor
from kiosk import readers, texts
from kiosk.contract.acts import PersonReference
from kiosk.contract.credentials import CredentialCheck, CredentialHolder
from kiosk.counter import Counter
from kiosk.equipment import Guest
from kiosk.errors import Declined
from kiosk.identity import Person
from kiosk.manner import Anew, Manner
from kiosk.pages import Page, PlaceCard, Wait
from kiosk.settings import check_settings
from kiosk.voice import Cue, Silent
from tests.acceptance.whole import Glass
from tests.kiosk.people import CHEN, LIN

MEDICAL = "4240000000000000000000000001"


class Thing:
    """What every reader is: there, and never in the way."""

    def hello(self) -> str | None:
        return None

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class Reader(Thing):
    """A reader that finds the card that lies there again and again."""

    def __init__(self) -> None:
        self.lies: IdCard | DeviceError | None = None
        self.looks = 0

    def read(self) -> IdCard | NoCard:
        self.looks += 1
        if isinstance(self.lies, DeviceError):
            raise self.lies
        return self.lies or NoCard()


class Slot(Thing):
    """A slot that reads a card once, and says Refused as often as it is asked."""

    def __init__(self) -> None:
        self.holds: SocialCard | DeviceError | None = None
        self.done: SocialCard | DeviceError | None = None
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.may_end.set()
        self.looks = 0

    def read(self, within: float = 0.0, *, again: bool = False) -> SocialCard | NoCard:
        self.looks += 1
        if isinstance(self.holds, DeviceError):
            raise self.holds
        if self.holds is not None and (again or self.holds is not self.done):
            self.done = self.holds
            self.begun.set()
            self.may_end.wait(5)
            return self.holds
        time.sleep(within)
        return NoCard(after_read=self.holds is not None)

    def uid(self, within: float = 0.0) -> str | NoCard:
        return NoCard()


class Window(Thing):
    """A scanner before which something is held until it is taken away."""

    def __init__(self) -> None:
        self.sees: list[str] = []

    def forget(self) -> None: ...

    def read(self, within: float) -> Scan | NoScan:
        if not self.sees:
            time.sleep(within)
            return NoScan()
        return Scan(text=self.sees.pop(0))


@dataclass
class Stand:
    """The readers, the glass before them, and who was asked for."""

    glass: Glass
    counter: Counter
    reader: Reader = field(default_factory=Reader)
    slot: Slot = field(default_factory=Slot)
    window: Window = field(default_factory=Window)
    found: asyncio.Task[Person] | None = None

    def ask(self) -> None:
        """Asks for the person of another visit."""
        self.counter.guest = Guest()
        self.found = asyncio.create_task(self.counter.identify(1))

    async def person(self) -> Person:
        """Who was found."""
        assert self.found is not None
        async with asyncio.timeout(30):
            return await self.found

    async def problem(self, words: str) -> PlaceCard:
        page = await self.glass.see("card", lambda page: isinstance(page, PlaceCard) and words in page.problem)
        assert isinstance(page, PlaceCard)
        return page

    def cards(self) -> int:
        """How often the page that asks was put on the glass."""
        return sum(page.name == "card" for page in self.glass.shown)


@asynccontextmanager
async def standing(data: Path) -> AsyncIterator[Stand]:
    """A machine that is not connected to anything."""
    glass = Glass()
    machine = main.put_together(check_settings({"central": {"url": "http://127.0.0.1:1"}}, ""), data, glass)
    reception = machine.reception
    stand = Stand(glass, Counter(machine.equipment, reception.catalog.items[0], Guest(), Manner, reception._change))
    gear = replace(
        machine.equipment,
        id_card=Supervisor("reader", lambda: stand.reader),
        social_card=Supervisor("slot", lambda: stand.slot),
        scanner=Supervisor("scanner", lambda: stand.window),
    )
    stand.counter.equipment = gear
    supervisors: list[Supervisor[Device]] = [gear.id_card, gear.social_card, gear.scanner]  # type: ignore[list-item]
    tasks = [asyncio.create_task(supervisor.run()) for supervisor in supervisors]
    try:
        async with asyncio.timeout(30):
            while any(supervisor.state != "ready" for supervisor in supervisors):  # noqa: ASYNC110 - of other threads
                await asyncio.sleep(0.002)
        yield stand
    finally:
        for task in (*tasks, *([stand.found] if stand.found else [])):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await main.close(machine)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "_POLL_EVERY", 0.01)
    monkeypatch.setattr(readers, "_AT_A_TIME", 0.01)


def id_card(person: Person) -> IdCard:
    assert person.birth is not None
    return IdCard(
        kind="resident",
        name=person.name,
        sex="female",
        birth=person.birth,
        number=person.number,
        valid_from=date(2016, 1, 1),
        valid_to=None,
    )


def social_card(person: Person) -> SocialCard:
    return parse_records({0x08: person.number.encode(), 0x09: person.name.encode("gb18030")})


async def test_a_card_that_was_read_sounds_once(tmp_path: Path) -> None:
    """It is the sign to take it away, which the page promised; the question whether it is theirs has no sound."""

    class Tones(Silent):
        heard: ClassVar[list[Cue]] = []

        def cue(self, cue: Cue) -> None:
            self.heard.append(cue)

    async with standing(tmp_path) as stand:
        stand.counter.equipment.voice = Tones()
        stand.ask()
        await stand.problem("")
        assert Tones.heard == []
        stand.reader.lies = id_card(CHEN)
        await stand.person()
        assert Tones.heard == ["card-read"]
        await stand.counter.identify(1)
        assert Tones.heard == ["card-read"]


async def test_a_card_that_was_left_is_told_until_it_is_taken_away(tmp_path: Path) -> None:
    """A slot without a card says nothing of the card that lies on the other reader."""
    async with standing(tmp_path) as stand:
        stand.reader.lies = id_card(CHEN)
        stand.ask()
        await stand.person()
        stand.ask()
        await stand.glass.answer("still-you", False)
        page = await stand.problem("交给服务台")
        await asyncio.sleep(0.1)
        assert stand.glass.page == page
        stand.reader.lies = None
        await stand.problem("")


async def test_beside_a_card_that_was_left_the_other_reader_reads(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        stand.reader.lies = id_card(CHEN)
        stand.ask()
        await stand.person()
        stand.ask()
        await stand.glass.answer("still-you", False)
        stand.slot.holds = social_card(LIN)
        assert (await stand.person()).number == LIN.number


async def test_whoever_lays_down_the_own_card_before_saying_not_mine_is_read(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        stand.reader.lies = id_card(CHEN)
        stand.ask()
        await stand.person()
        stand.ask()
        await stand.glass.see("still-you")
        stand.reader.lies = id_card(LIN)
        await stand.glass.answer("still-you", False)
        assert (await stand.person()).number == LIN.number


async def test_of_two_cards_that_are_read_at_once_the_other_is_no_fresh_card_for_the_next_visitor(
    tmp_path: Path,
) -> None:
    """It was read as well, though later, and is left in the slot: the next visitor is asked whose it is."""
    async with standing(tmp_path) as stand:
        stand.slot.may_end.clear()
        stand.ask()
        stand.slot.holds = social_card(CHEN)
        assert await asyncio.to_thread(stand.slot.begun.wait, 5)
        stand.reader.lies = id_card(CHEN)
        assert (await stand.person()).shown == "id-card"
        stand.slot.may_end.set()
        assert stand.counter.equipment.social_card is not None
        await stand.counter.equipment.social_card.use(lambda _: None)  # after what was begun
        stand.reader.lies = None
        stand.ask()
        asked = await stand.glass.answer("still-you", True)
        assert "社保卡" in asked.question
        await stand.person()


async def test_another_language_asks_again_whose_card_it_is(tmp_path: Path) -> None:
    """The card may not be found a second time, so what it said is kept for as long as the question stands."""
    async with standing(tmp_path) as stand:
        stand.reader.lies = id_card(CHEN)
        stand.ask()
        await stand.person()
        stand.ask()
        await stand.glass.see("still-you")
        stand.reader.lies = None
        await stand.glass.answer("still-you", Anew(Manner(language="en")))
        with pytest.raises(Anew):
            await stand.person()
        again = asyncio.create_task(stand.counter.identify(1))
        await stand.glass.answer("still-you", True)
        assert (await again).number == CHEN.number
        assert stand.counter.guest.met is None


@pytest.mark.parametrize("number", ["1234567", "A", "123456789012345678901"])
async def test_a_number_that_nobody_can_have_is_told(tmp_path: Path, number: str) -> None:
    """The visit goes on at the same page: with such a number central could not be asked."""
    async with standing(tmp_path) as stand:
        stand.ask()
        stand.slot.holds = social_card(replace(CHEN, number=number))
        await stand.problem("读不出姓名和号码")
        stand.reader.lies = id_card(replace(CHEN, number=number))
        await stand.problem("这张卡读不出来")
        stand.reader.lies = id_card(LIN)
        assert (await stand.person()).number == LIN.number


async def test_what_is_wrong_with_a_card_is_told_again_of_the_next_one(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        stand.ask()
        stand.reader.lies = Refused("card read failed")
        await stand.problem("没有读到身份证")
        stand.reader.lies = None
        stand.window.sees.append("134567890123456789")
        await stand.problem("付款码")
        await asyncio.sleep(0.05)
        stand.reader.lies = Refused("card read failed")
        await stand.problem("没有读到身份证")


async def test_a_page_that_has_nothing_new_to_say_stays_as_it_is(tmp_path: Path) -> None:
    """A poster before the scanner and a card that cannot be read: nobody could press a page that is drawn anew all the
    time, and it would never fall idle."""
    async with standing(tmp_path) as stand:
        stand.ask()
        await stand.glass.see("card")
        stand.window.sees += ["https://example.org/"] * 50
        await stand.problem("用不上")
        drawn = stand.cards()
        await asyncio.sleep(0.1)
        assert not stand.window.sees
        assert stand.cards() == drawn


async def test_a_slot_that_refuses_at_once_is_not_asked_without_a_pause(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        stand.slot.holds = Refused("no card reader")
        stand.ask()
        await asyncio.sleep(0.2)
        assert stand.slot.looks <= 25


async def test_a_reader_that_comes_and_goes_is_offered_no_more_and_read_all_the_same(tmp_path: Path) -> None:
    async with standing(tmp_path) as stand:
        stand.ask()
        await stand.glass.see("card")
        for _turn in range(3):
            stand.slot.holds = Refused("no card reader")
            await stand.glass.see("card", lambda page: _offers(page) == ["code"])
            stand.slot.holds = None
            if _turn < 2:
                await stand.glass.see("card", lambda page: _offers(page) == ["social-card", "code"])
        drawn = stand.cards()
        await asyncio.sleep(0.1)
        assert stand.cards() == drawn
        stand.slot.holds = social_card(LIN)
        assert (await stand.person()).number == LIN.number


def _offers(page: Page[object]) -> list[str]:
    return [other.value for other in page.others] if isinstance(page, PlaceCard) else []


async def test_a_card_does_not_wait_until_central_has_judged_a_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with standing(tmp_path) as stand:
        answered = threading.Event()

        def slow(_check: CredentialCheck) -> CredentialHolder:
            answered.wait(5)
            return CredentialHolder(person=PersonReference(number=LIN.number, name=LIN.name), shown="")

        monkeypatch.setattr(stand.counter.equipment.central, "verify_credential", slow)
        stand.ask()
        await stand.glass.see("card")
        stand.window.sees.append(MEDICAL)
        await stand.glass.see("wait")
        stand.reader.lies = id_card(CHEN)
        assert (await stand.person()).number == CHEN.number
        answered.set()


async def test_another_language_while_central_judges_a_code_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code is off the telephone's screen by then: central is asked once, and its answer counts."""
    async with standing(tmp_path) as stand:
        asked: list[str] = []
        answered = threading.Event()

        def slow(check: CredentialCheck) -> CredentialHolder:
            asked.append(check.code)
            answered.wait(5)
            return CredentialHolder(person=PersonReference(number=LIN.number, name=LIN.name), shown="")

        monkeypatch.setattr(stand.counter.equipment.central, "verify_credential", slow)
        stand.ask()
        await stand.glass.see("card")
        stand.window.sees.append(MEDICAL)
        with texts.spoken("zh"):
            assert (await stand.glass.see("wait")).question == "正在核对，请稍等"
            await stand.glass.answer("wait", Anew(Manner(language="en")))
            english = await stand.glass.see("wait", lambda page: page.question.isascii())
            assert isinstance(english, Wait)
            assert english.slow.isascii()
            answered.set()
            assert (await stand.person()).number == LIN.number
        assert asked == [MEDICAL]


async def test_a_code_that_central_declined_is_not_asked_about_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poster that might be a code, before a scanner that never rests."""
    async with standing(tmp_path) as stand:
        asked: list[str] = []

        def declines(check: CredentialCheck) -> CredentialHolder:
            asked.append(check.code)
            raise Declined("unknown", "", 404)

        monkeypatch.setattr(stand.counter.equipment.central, "verify_credential", declines)
        stand.ask()
        await stand.glass.see("card")
        stand.window.sees += [MEDICAL] * 50
        await stand.problem("没有查到这个医保码")
        await asyncio.sleep(0.1)
        stand.window.sees += ["https://example.org/"]
        await stand.problem("用不上")
        stand.window.sees += [MEDICAL]
        await stand.problem("没有查到这个医保码")
        assert asked == [MEDICAL]


async def test_a_card_of_another_kind_is_told_and_the_log_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with standing(tmp_path) as stand:
        caplog.set_level("INFO")
        stand.ask()
        stand.slot.holds = Refused(NOT_SOCIAL)
        await stand.problem("这不是社保卡")
        await asyncio.sleep(0.1)
        assert caplog.text.count("social-card not read") == 1


async def test_what_does_not_add_up_on_a_card_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A card that lies on the reader is read again and again."""
    async with standing(tmp_path) as stand:
        caplog.set_level("INFO")
        stand.ask()
        stand.reader.lies = id_card(replace(CHEN, number="1234567"))
        await stand.problem("这张卡读不出来")
        looks = stand.reader.looks
        await asyncio.sleep(0.1)
        assert stand.reader.looks > looks + 2
        assert caplog.text.count("id-card: no number") == 1
