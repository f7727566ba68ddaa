"""What a person can show the machine, and one look after another at each reader: a person, a code, or what went wrong.

Readers are watched side by side for as long as the page that asks stands there, each by a task of its own: what one of
them finds never interrupts another in the middle of a card. What goes wrong is one cause and one instruction, in words.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NoReturn

from devices import IdCardReader, QrScanner, SocialCardReader
from devices.card_text import UNKNOWN_TYPE, IdCard
from devices.errors import DeviceError, Lost, Refused, Silent
from devices.pcsc_reader import READER_REFUSALS
from devices.samv import NoCard
from devices.scanner import Scan
from devices.social_card import NOT_SOCIAL, SocialCard
from devices.supervisor import Supervisor
from kiosk.credentials import Credential, refusal_in_words, route
from kiosk.equipment import Equipment, Forgotten
from kiosk.identity import Person, Shown, doubts_of
from kiosk.texts import _

_POLL_EVERY = 0.12
"""Seconds between two looks for an identity card."""
_AT_A_TIME = 0.4
"""Seconds that a reader which says by itself what comes is waited for at a time."""
_CODE_AT_A_TIME = 0.1
"""The same for the scanner: a page that begins to ask waits for the look of the one before, and what is scanned until
then is forgotten."""
_LIFT_HINT_AFTER = 4.0
"""Seconds without a card after which somebody may have left the last one on the reader."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why nobody is known yet. ``words`` in the language of the visit; "" for what has passed."""

    words: str
    lift_first: bool = False
    """Whether a card lies there that has to be taken away before another can be read."""


NOTHING: Final = Problem(words="")


@dataclass(frozen=True, kw_only=True)
class Gone:
    """A reader went (``there`` False) or came back."""

    way: Shown
    there: bool


Seen = Person | Credential | Problem | Gone


def ways(gear: Equipment) -> tuple[Shown, ...]:
    """What can be shown to this machine, the way that most people take first."""
    readers: dict[Shown, object] = {"id-card": gear.id_card, "social-card": gear.social_card, "code": gear.scanner}
    return tuple(way for way, reader in readers.items() if reader is not None)


async def look(gear: Equipment, tell: Callable[[Seen], None], problem: Problem) -> NoReturn:
    """Watches all readers until it is cancelled. ``problem`` is what the page says already."""
    async with asyncio.TaskGroup() as group:
        if gear.id_card is not None:
            group.create_task(_IdCardLook(gear.id_card, gear.forgotten, tell, problem=problem).run())
        if gear.social_card is not None:
            group.create_task(_SocialCardLook(gear.social_card, gear.forgotten, tell, problem=problem).run())
        if gear.scanner is not None:
            group.create_task(_CodeLook(gear.scanner, tell).run())
    raise RuntimeError("a look at a reader never ends")


@dataclass(kw_only=True)
class _Look:
    """What is told of one reader; the same thing is told once."""

    way: Shown
    tell: Callable[[Seen], None]
    problem: Problem = NOTHING
    there: bool = True

    def is_there(self, there: bool) -> None:
        if there != self.there:
            self.there = there
            self.tell(Gone(way=self.way, there=there))

    def is_wrong(self, problem: Problem) -> None:
        if problem != self.problem:
            self.problem = problem
            self.tell(problem)


class _IdCardLook(_Look):
    """A card on the reader of identity cards."""

    def __init__(
        self,
        reader: Supervisor[IdCardReader],
        forgotten: Forgotten,
        tell: Callable[[Seen], None],
        *,
        problem: Problem,
    ) -> None:
        super().__init__(way="id-card", tell=tell, problem=problem)
        self.reader = reader
        self.forgotten = forgotten

    async def run(self) -> NoReturn:
        loop = asyncio.get_running_loop()
        quiet_since = loop.time()
        while True:
            try:
                found = await self.reader.use(lambda driver: driver.read())
            except Silent:
                continue  # the supervisor counts these, and says Lost when there were too many
            except Lost:
                self.is_there(False)
            except DeviceError as error:
                self.is_there(True)
                self._not_read(error)
            else:
                self.is_there(True)
                if isinstance(found, IdCard):
                    self._read(found)
                else:
                    self.forgotten.lifted("id-card")
                    if self.problem == somebody_elses():
                        self.is_wrong(NOTHING)
                    if found.after_read and loop.time() - quiet_since > _LIFT_HINT_AFTER:
                        self.is_wrong(lift_first())
            await asyncio.sleep(_POLL_EVERY)

    def _read(self, card: IdCard) -> None:
        if self.problem == somebody_elses():
            return
        if doubts := doubts_of(card):
            _log.info("id card, %s: %s", card.kind, ", ".join(doubts))
        self.tell(person_of_id_card(card))

    def _not_read(self, error: DeviceError) -> None:
        _log.info("id card not read: %s", error)
        if self.problem == somebody_elses():
            return  # a card that is being taken away is hard to read
        unknown = isinstance(error, Refused) and error.reason == UNKNOWN_TYPE
        self.is_wrong(not_an_id_card() if unknown else not_read())


class _SocialCardLook(_Look):
    """A card in the reader of social security cards."""

    def __init__(
        self,
        reader: Supervisor[SocialCardReader],
        forgotten: Forgotten,
        tell: Callable[[Seen], None],
        *,
        problem: Problem,
    ) -> None:
        super().__init__(way="social-card", tell=tell, problem=problem)
        self.reader = reader
        self.forgotten = forgotten
        self.again = problem == NOTHING
        """A card that was put in before the page came is as good as one that comes now."""

    async def run(self) -> NoReturn:
        while True:
            try:
                found = await self.reader.use(self._one_look)
            except Silent:
                continue
            except Refused as error:
                self._refused(error.reason)
            except Lost:
                self.is_there(False)
                await asyncio.sleep(_POLL_EVERY)
            except DeviceError as error:
                _log.info("social card not read: %s", error)
                self.is_wrong(social_card_not_read())
            else:
                self.is_there(True)
                if isinstance(found, SocialCard):
                    self._read(found)
                elif not found.after_read:
                    self.forgotten.lifted("social-card")
                    if self.problem == somebody_elses():
                        self.is_wrong(NOTHING)

    def _one_look(self, driver: SocialCardReader) -> SocialCard | NoCard:
        again, self.again = self.again, False
        return driver.read(_AT_A_TIME, again=again)

    def _read(self, card: SocialCard) -> None:
        for doubt in card.warnings:
            _log.info("social card: %s", doubt)
        if self.problem == somebody_elses():
            return
        if card.number is None or card.name is None:
            _log.info("social card without a person: %s", ", ".join(f"{what} {why}" for what, why in card.missing))
            self.is_wrong(social_card_tells_nothing())
            return
        self.tell(
            Person(
                name=card.name,
                number=card.number,
                sex=card.sex or "unknown",
                birth=card.birth,
                card="social-card",
                valid_to=card.valid_to,
            )
        )

    def _refused(self, reason: str) -> None:
        if reason in READER_REFUSALS:
            self.is_there(False)
            return
        self.is_there(True)
        _log.info("social card refused: %s", reason)
        if self.problem != somebody_elses():
            self.is_wrong(not_a_social_card() if reason == NOT_SOCIAL else social_card_not_read())


class _CodeLook(_Look):
    """A code before the scanner. What was held there before the page came is not for it."""

    def __init__(self, reader: Supervisor[QrScanner], tell: Callable[[Seen], None]) -> None:
        super().__init__(way="code", tell=tell)
        self.reader = reader

    async def run(self) -> NoReturn:
        fresh = False
        while True:
            try:
                if not fresh:
                    await self.reader.use(lambda driver: driver.forget())
                    fresh = True
                found = await self.reader.use(lambda driver: driver.read(_CODE_AT_A_TIME))
            except Silent:
                continue
            except Lost:
                self.is_there(False)
                fresh = False
                await asyncio.sleep(_POLL_EVERY)
            except DeviceError as error:
                _log.info("code not read: %s", error)
                self.tell(code_not_read())
            else:
                self.is_there(True)
                if isinstance(found, Scan):
                    self._scanned(found.text)

    def _scanned(self, text: str) -> None:
        routed = route(text)
        if isinstance(routed, Credential):
            self.tell(routed)
        else:
            _log.info("scanned: %s", type(routed).__name__)
            self.tell(Problem(words=refusal_in_words(routed)))


def person_of_id_card(card: IdCard) -> Person:
    """The person that an identity card names."""
    return Person(
        name=card.name,
        number=card.number,
        sex=card.sex,
        birth=card.birth,
        card=card.kind,
        valid_to=card.valid_to,
        sam=card.sam or None,
    )


def not_read() -> Problem:
    return Problem(words=_("没有读到身份证。请拿开，再平放一次，听到“嘀”一声就好了。还是不行，请按“找人帮忙”。"))


def lift_first() -> Problem:
    return Problem(words=_("要是身份证已经在读卡区了，请拿开，再平放一次。"), lift_first=True)


def not_an_id_card() -> Problem:
    return Problem(words=_("这张卡读不出来。请放居民身份证，或者按“找人帮忙”。"))


def somebody_elses() -> Problem:
    return Problem(words=_("请把这张卡拿开，交给服务台，再放您自己的。"), lift_first=True)


def social_card_not_read() -> Problem:
    return Problem(words=_("没有读到社保卡。请拔出来，芯片朝前再插到底。还是不行，请按“找人帮忙”。"))


def not_a_social_card() -> Problem:
    return Problem(words=_("这不是社保卡。请拔出来，换成社保卡或者身份证。"))


def social_card_tells_nothing() -> Problem:
    return Problem(words=_("这张社保卡读不出姓名和号码。请拔出来，换身份证再试。"))


def code_not_read() -> Problem:
    return Problem(words=_("没有看清这个码。请把手机调亮一点，离扫码口一拳远，再扫一次。"))
