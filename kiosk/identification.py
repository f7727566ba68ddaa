"""Who the person is: a card on the reader, and for level 2 a code to the telephone on record.

What goes wrong on the way is one cause and one instruction on the page that asks.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal, cast

from devices import IdCardReader
from devices.card_text import IdCard
from devices.errors import DeviceError, Lost, Refused, Silent
from devices.supervisor import Supervisor
from kiosk.contract.messages import CodeCheck, CodeRequest
from kiosk.errors import Declined, Unavailable
from kiosk.identity import Person, masked_name, tail
from kiosk.pages import Choose, Digits, Notice, Option, Page, PlaceCard
from kiosk.racing import first
from kiosk.texts import _

if TYPE_CHECKING:
    from kiosk.counter import Counter

_POLL_EVERY = 0.12
"""Seconds between two looks for a card."""
_LIFT_HINT_AFTER = 4.0
"""Seconds without a card after which somebody may have left the last one on the reader."""

_log = logging.getLogger(__name__)


class Forgotten:
    """Whether the card on the reader may be the last visitor's. Holds a keyed hash in memory, never the number."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._last: bytes | None = None

    def read(self, number: str) -> None:
        """This card was read, and may be left there."""
        self._last = self._hash(number)

    def lifted(self) -> None:
        """The reader found no card: whatever comes now was laid there anew."""
        self._last = None

    def may_be(self, number: str) -> bool:
        """Whether this is the card of before, never lifted since."""
        return self._last is not None and hmac.compare_digest(self._last, self._hash(number))

    def _hash(self, number: str) -> bytes:
        return hmac.digest(self._key, number.encode(), "sha256")


async def person_by_card(counter: Counter) -> Person:
    """Asks for a card until one is read. Raises Left."""
    reader = counter.equipment.id_card
    if reader is None:
        await counter.turn_away(_("这台机器不能读身份证"), _("请到服务台办，工作人员马上帮您。"))
    problem: Problem = None
    while True:
        asking = first(_shown_until_read(counter, _page(problem)), _card_or_problem(counter, reader, problem))
        outcome = await asking
        if isinstance(outcome, Person):
            if await _is_still(counter, outcome):
                counter.equipment.forgotten.read(outcome.number)
                return outcome
            outcome = "somebody else's"
        problem = outcome


async def _is_still(counter: Counter, person: Person) -> bool:
    """A card that lay there since the visit before may have been forgotten: whoever stands there is asked."""
    if not counter.equipment.forgotten.may_be(person.number):
        return True
    page = Choose(
        name="still-you",
        question=_("这是您的身份证吗？"),
        hint=_("{name}，{tail}").format(name=masked_name(person.name), tail=tail(person.number)),
        options=(
            Option(value=True, label=_("是我的，接着办"), icon="check", primary=True),
            Option(value=False, label=_("不是我的"), icon="close"),
        ),
    )
    return await counter.ask(page, None)


async def _shown_until_read(counter: Counter, page: PlaceCard | Notice) -> Problem:
    """The page for a card has no answer by touch: the person can only leave it."""
    await counter.ask(cast("Page[object]", page), None)
    return None


def _page(problem: Problem) -> PlaceCard | Notice:
    """What stands on the glass while a card is awaited. Without a reader it asks for nothing that cannot be done."""
    if problem == "no reader":
        return Notice(
            name="no-reader",
            icon="card-off-outline",
            question=_("读卡器没有连上"),
            hint=_("正在重新连接，请稍等一下，或者到服务台办。"),
        )
    return PlaceCard(
        name="card",
        question=_("请把身份证放到读卡区"),
        where=_("在屏幕下方，发蓝光的地方"),
        instruction=_("放好别动，听到“嘀”一声就好了"),
        problem=_PROBLEMS[problem]() if problem else "",
        lift_first=problem in ("lift first", "somebody else's"),
    )


async def _card_or_problem(counter: Counter, reader: Supervisor[IdCardReader], shown: Problem) -> Person | Problem:
    """The person on the next card, or a problem other than the one on the screen."""
    loop = asyncio.get_running_loop()
    quiet_since = loop.time()
    while True:
        problem = shown
        try:
            found = await reader.use(lambda driver: driver.read())
        except Refused as error:
            _log.info("card refused: %s", error.reason)
            problem = "not an ID card" if error.reason == "unknown card type" else "not read"
        except Silent:
            continue  # the supervisor counts these, and says Lost when there were too many
        except Lost:
            problem = "no reader"
        except DeviceError as error:
            _log.info("card not read: %s", error)
            problem = "not read"
        else:
            if isinstance(found, IdCard):
                if shown != "somebody else's":
                    return _person_of(found)
            else:
                counter.equipment.forgotten.lifted()
                if problem in ("no reader", "somebody else's"):
                    problem = None
                if found.after_read and loop.time() - quiet_since > _LIFT_HINT_AFTER:
                    problem = "lift first"
        if problem != shown and (shown, problem) != ("somebody else's", "not read"):
            return problem  # a card that is being taken away is hard to read
        await asyncio.sleep(_POLL_EVERY)


async def check_by_code(counter: Counter, person: Person) -> Person:
    """Level 2: a code to the telephone on record, or owed where central cannot be asked."""
    gear = counter.equipment
    reference = person.reference
    if not gear.sync.online:
        return replace(person, check="owed")
    problem = ""
    while True:
        try:
            sent = counter.guest.code
            if sent is None:
                request = CodeRequest(visit=counter.guest.visit, kiosk=gear.site.kiosk, person=reference)
                sending = gear.asking.do(partial(gear.central.send_code, request))
                sent = await counter.while_waiting(sending, _("正在发验证码，请稍等"), "")
                counter.guest.code = sent
            typed = await counter.ask(
                Digits(
                    name="code",
                    question=_("请输入短信里的 {n} 位数字").format(n=sent.digits),
                    hint=_("已发到您在医保留的手机 {telephone}").format(telephone=sent.telephone),
                    length=sent.digits,
                    groups=(3, 3),
                    action=_("确定"),
                    problem=problem,
                    aside=Option(value="again", label=_("没收到，再发一次")),
                ),
                None,
            )
            if typed == "again":
                counter.guest.code, problem = None, ""
                continue
            check = CodeCheck(visit=counter.guest.visit, kiosk=gear.site.kiosk, code=typed)
            checked = await counter.while_waiting(
                gear.asking.do(partial(gear.central.check_code, check)), _("正在核对，请稍等"), ""
            )
        except Unavailable as error:
            _log.info("the second check is owed: %s", error.reason)
            return replace(person, check="owed")
        except Declined as error:
            _log.info("no code: %s", error.code)
            await counter.turn_away(*_why_no_code().get(error.code, _no_code()))
        if checked.right:
            return replace(person, level=2, check="code")
        if checked.tries_left == 0:
            await counter.turn_away(_("数字没有对上"), _("请稍后再来，或者带身份证到服务台办。"))
        problem = _("数字没有对上，请看一下短信，再输一次。还可以试 {n} 次。").format(n=checked.tries_left)


def _person_of(card: IdCard) -> Person:
    return Person(
        name=card.name,
        number=card.number,
        sex=card.sex,
        birth=card.birth,
        card=card.kind,
        valid_to=card.valid_to,
        level=1,
        sam=card.sam or None,
    )


def _not_read() -> str:
    return _("没有读到身份证。请拿开，再平放一次，听到“嘀”一声就好了。还是不行，请按“找人帮忙”。")


def _lift_first() -> str:
    return _("要是身份证已经在读卡区了，请拿开，再平放一次。")


def _not_an_id_card() -> str:
    return _("这张卡读不出来。请放居民身份证，或者按“找人帮忙”。")


def _somebody_elses() -> str:
    return _("请把这张身份证拿开，交给服务台，再放您自己的。")


Problem = Literal["not read", "not an ID card", "lift first", "somebody else's", "no reader"] | None
"""Why there is no card yet."""
_PROBLEMS: dict[str, Callable[[], str]] = {
    "not read": _not_read,
    "not an ID card": _not_an_id_card,
    "lift first": _lift_first,
    "somebody else's": _somebody_elses,
}


def _no_code() -> tuple[str, str]:
    return _("现在发不了验证码"), _("请过一会儿再来，或者带身份证到服务台办。")


def _why_no_code() -> dict[str, tuple[str, str]]:
    return {
        "no-telephone": (_("您在医保没有留过手机号"), _("这件事要先核对是您本人。请带身份证到服务台办。")),
        "too-many-codes": (_("刚才发的验证码太多了"), _("请过一个小时再来，或者带身份证到服务台办。")),
        "unknown-person": (_("没有查到您的医保登记"), _("您可能在别的地方参保。请到服务台问一下，或打 12393。")),
    }
