"""What a person can show the machine, and one look after another at each reader: a person, a code, or what went wrong.

Readers are watched side by side for as long as the page that asks stands there, each by a task of its own: what one of
them finds never interrupts another in the middle of a card. What goes wrong is one cause and one instruction, in words.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, NoReturn

from pydantic import ValidationError

from devices import IdCardReader, QrScanner, SocialCardReader
from devices.card_text import UNKNOWN_TYPE, IdCard
from devices.errors import DeviceError, Lost, Refused, Silent
from devices.pcsc_reader import READER_REFUSALS
from devices.samv import NoCard
from devices.scanner import Scan
from devices.social_card import NOT_SOCIAL, SocialCard
from devices.supervisor import Supervisor
from kiosk.contract.acts import PersonReference
from kiosk.contract.identity import ShownBy
from kiosk.credentials import Credential, OwnReceipt, refusal_in_words, route
from kiosk.equipment import Equipment, Forgotten, Met
from kiosk.identity import NotANumber, Person, Shown, check_number, doubts_of
from kiosk.pages import NOT_A_RECEIPT
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
    only_beside: Shown | None = None
    """A hint, of use only where this is what the page asks for."""


NOTHING: Final = Problem(words="")


@dataclass(frozen=True, kw_only=True)
class Gone:
    """A reader went (``there`` False) or came back."""

    way: Shown
    there: bool


Seen = Met | Credential | Problem | Gone


async def look(gear: Equipment, tell: Callable[[Seen], None], left: ShownBy | None) -> NoReturn:
    """Watches all readers until it is cancelled. ``left`` is where somebody else's card lies, which the page says."""
    async with asyncio.TaskGroup() as group:
        if gear.id_card is not None:
            group.create_task(_IdCardLook(gear.id_card, gear.forgotten, tell, left=left).run())
        if gear.social_card is not None:
            group.create_task(_SocialCardLook(gear.social_card, gear.forgotten, tell, left=left).run())
        if gear.scanner is not None:
            group.create_task(_CodeLook(gear.scanner, tell).run())
    raise RuntimeError("a look at a reader never ends")


class _Look:
    """What is told of one reader: that it went or came back, and once of each card what is wrong with it."""

    def __init__(self, way: Shown, tell: Callable[[Seen], None]) -> None:
        self.way = way
        self.tell = tell
        self.problem = NOTHING
        self.there = True

    def is_there(self, there: bool) -> None:
        if there != self.there:
            self.there = there
            self.tell(Gone(way=self.way, there=there))

    def is_wrong(self, problem: Problem, why: object = "") -> None:
        """``why`` is for the log."""
        if problem != self.problem:
            if why:
                _log.info("%s not read: %s", self.way, why)
            self.problem = problem
            self.tell(problem)


class _CardLook(_Look):
    """A look at a reader in which a card may have been left (``left``): it says nothing until that one is gone."""

    def __init__(self, way: Shown, forgotten: Forgotten, tell: Callable[[Seen], None], left: ShownBy | None) -> None:
        super().__init__(way, tell)
        self.forgotten = forgotten
        self.left = left == way
        self.doubts: tuple[str, ...] = ()

    def doubt(self, *doubts: str) -> None:
        """What does not add up on a card, for the log: once of a card that is read again and again."""
        if doubts and doubts != self.doubts:
            _log.info("%s: %s", self.way, ", ".join(doubts))
        self.doubts = doubts

    def has_read(self, met: Met | None, nameless: Problem) -> None:
        """A card was read; None: nobody can be named by what it says."""
        if met is None:
            self.is_wrong(nameless, "nobody can be named by this number or name")
        elif not (self.left and met.perhaps_left):
            self.tell(met)

    def has_not_read(self, problem: Problem, why: object) -> None:
        if not self.left:  # a card that is being taken away is hard to read
            self.is_wrong(problem, why)

    def is_empty(self) -> None:
        """No card is there: the next one may have what is wrong with the last one told again."""
        self.forgotten.lifted(self.way)
        if self.problem != lift_first():
            self.problem = NOTHING
        if self.left:
            self.left = False
            self.tell(NOTHING)

    def met(self, person: Person) -> Met | None:
        try:
            PersonReference(number=person.number, name=person.name)  # what central is asked about
        except ValidationError:
            return None
        return self.forgotten.met(person)


class _IdCardLook(_CardLook):
    """A card on the reader of identity cards."""

    def __init__(
        self,
        reader: Supervisor[IdCardReader],
        forgotten: Forgotten,
        tell: Callable[[Seen], None],
        *,
        left: ShownBy | None,
    ) -> None:
        super().__init__("id-card", forgotten, tell, left)
        self.reader = reader

    async def run(self) -> NoReturn:
        loop = asyncio.get_running_loop()
        quiet_since = loop.time()
        while True:
            try:
                found = await self.reader.use(self._one_look)
            except Silent:
                continue  # the supervisor counts these, and says Lost when there were too many
            except Lost:
                self.is_there(False)
            except DeviceError as error:
                self.is_there(True)
                unknown = isinstance(error, Refused) and error.reason == UNKNOWN_TYPE
                self.has_not_read(not_an_id_card() if unknown else not_read(), error)
            else:
                self.is_there(True)
                if isinstance(found, NoCard):
                    self.is_empty()
                    if found.after_read and loop.time() - quiet_since > _LIFT_HINT_AFTER:
                        self.is_wrong(lift_first())
                else:
                    self.has_read(found, not_an_id_card())
            await asyncio.sleep(_POLL_EVERY)

    def _one_look(self, driver: IdCardReader) -> Met | NoCard | None:
        card = driver.read()
        if isinstance(card, NoCard):
            return card
        self.doubt(*doubts_of(card))
        return self.met(person_of_id_card(card))


class _SocialCardLook(_CardLook):
    """A card in the reader of social security cards."""

    def __init__(
        self,
        reader: Supervisor[SocialCardReader],
        forgotten: Forgotten,
        tell: Callable[[Seen], None],
        *,
        left: ShownBy | None,
    ) -> None:
        super().__init__("social-card", forgotten, tell, left)
        self.reader = reader
        self.again = left is None
        """Whether to look first for a card that was put in before the page came: by whom, has to be asked."""

    async def run(self) -> NoReturn:
        while True:
            try:
                found = await self.reader.use(self._one_look)
            except Silent:
                continue
            except Lost:
                self.is_there(False)
            except DeviceError as error:
                reason = error.reason if isinstance(error, Refused) else ""
                self.is_there(reason not in READER_REFUSALS)
                if self.there:
                    self.has_not_read(not_a_social_card() if reason == NOT_SOCIAL else social_card_not_read(), error)
            else:
                self.is_there(True)
                if not isinstance(found, NoCard):
                    self.has_read(found, social_card_tells_nothing())
                elif not found.after_read:
                    self.is_empty()
                continue
            await asyncio.sleep(_POLL_EVERY)  # what fails may fail at once

    def _one_look(self, driver: SocialCardReader) -> Met | NoCard | None:
        was_there, self.again = self.again, False
        card = driver.read(0.0 if was_there else _AT_A_TIME, again=was_there)
        if isinstance(card, NoCard):
            return card
        missing = [f"{what} {why}" for what, why in card.missing if what in ("name", "number")]
        self.doubt(*card.warnings, *missing, *doubts_of_number(card.number or ""))
        person = person_of_social_card(card)
        met = self.met(person) if person is not None else None
        return replace(met, perhaps_left=met.perhaps_left or was_there) if met is not None else None


class _CodeLook(_Look):
    """A code before the scanner. What was held there before the page came is not for it."""

    def __init__(self, reader: Supervisor[QrScanner], tell: Callable[[Seen], None]) -> None:
        super().__init__("code", tell)
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
                self._is_of_no_use(code_not_read(), error)
                await asyncio.sleep(_POLL_EVERY)
            else:
                self.is_there(True)
                if isinstance(found, Scan):
                    self._scanned(found.text)

    def _scanned(self, text: str) -> None:
        routed = route(text)
        if isinstance(routed, Credential):
            self.tell(routed)
        else:
            self._is_of_no_use(Problem(words=refusal_in_words(routed)), type(routed).__name__)

    def _is_of_no_use(self, problem: Problem, why: object) -> None:
        """Told each time, for the page may say something else by now; logged once."""
        if problem == self.problem:
            self.tell(problem)
        self.is_wrong(problem, why)


async def receipt_scanned(scanner: Supervisor[QrScanner]) -> str:
    """What is held to the scanner while a number is asked for: the number in the code of one of our receipts, or
    ``NOT_A_RECEIPT``. A code that cannot be read, and a scanner that goes and comes, are waited for."""
    fresh = False
    while True:
        try:
            if not fresh:
                await scanner.use(lambda driver: driver.forget())
                fresh = True
            found = await scanner.use(lambda driver: driver.read(_CODE_AT_A_TIME))
        except Silent:
            continue
        except DeviceError:
            fresh = False
            await asyncio.sleep(_POLL_EVERY)
        else:
            if isinstance(found, Scan):
                routed = route(found.text)
                return str(routed.number) if isinstance(routed, OwnReceipt) else NOT_A_RECEIPT


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


def person_of_social_card(card: SocialCard) -> Person | None:
    """The person that a social security card names, if it does."""
    if card.number is None or card.name is None:
        return None
    return Person(
        name=card.name,
        number=card.number,
        sex=card.sex or "unknown",
        birth=card.birth,
        card="social-card",
        valid_to=card.valid_to,
    )


def doubts_of_number(number: str) -> tuple[str, ...]:
    """What does not fit within 社会保障号码, for the log. Of a foreigner it may be one that no rule here knows."""
    try:
        return check_number(number) if number else ()
    except NotANumber:
        return ("no number of a known kind",)


def not_read() -> Problem:
    return Problem(words=_("没有读到身份证。请拿开，再平放一次，听到“嘀”一声就好了。还是不行，请按“找人帮忙”。"))


def lift_first() -> Problem:
    return Problem(
        words=_("读卡区里要是别人的身份证，请交给服务台；是您的，请拿开，再平放一次。"),
        lift_first=True,
        only_beside="id-card",
    )


def not_an_id_card() -> Problem:
    return Problem(words=_("这张卡读不出来。请放居民身份证，或者按“找人帮忙”。"))


def somebody_elses(where: ShownBy, *, mine: bool = True) -> Problem:
    """Whose card is asked for is ``mine``, or that of one of the family."""
    if where == "social-card":
        mend = (
            _("请把这张卡拔出来，交给服务台，再插您自己的。")
            if mine
            else _("请把这张卡拔出来，交给服务台，再插家里人的。")
        )
    else:
        mend = (
            _("请把这张卡拿开，交给服务台，再放您自己的。") if mine else _("请把这张卡拿开，交给服务台，再放家里人的。")
        )
    return Problem(words=mend, lift_first=True)


def social_card_not_read() -> Problem:
    return Problem(words=_("没有读到社保卡。请拔出来，芯片朝前再插到底。还是不行，请按“找人帮忙”。"))


def not_a_social_card() -> Problem:
    return Problem(words=_("这不是社保卡。请拔出来，换成社保卡或者身份证。"))


def social_card_tells_nothing() -> Problem:
    return Problem(words=_("这张社保卡读不出姓名和号码。请拔出来，换身份证再试。"))


def code_not_read() -> Problem:
    return Problem(words=_("没有看清这个码。请把手机调亮一点，离扫码口一拳远，再扫一次。"))
