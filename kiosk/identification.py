"""Who the person is: a card or a code that is shown to the machine. What goes wrong on the way stands on the page that
asks; a card that lay there since the visit before is asked about.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from kiosk.contract.credentials import CredentialCheck
from kiosk.credentials import Credential, declined_in_words
from kiosk.errors import Declined, Unavailable
from kiosk.identity import Person, Shown, masked_name, tail
from kiosk.pages import Choose, Notice, Option, PlaceCard
from kiosk.racing import first
from kiosk.readers import NOTHING, Gone, Problem, Seen, look, somebody_elses, ways
from kiosk.texts import _

if TYPE_CHECKING:
    from kiosk.counter import Counter

_log = logging.getLogger(__name__)


async def person_shown(counter: Counter) -> Person:
    """Asks for a card or a code until it is known whose it is. Raises Left."""
    gear = counter.equipment
    if not ways(gear):
        await counter.turn_away(_("这台机器不能读证件"), _("请到服务台办，工作人员马上帮您。"))
    problem = NOTHING
    while True:
        seen: asyncio.Queue[Seen] = asyncio.Queue()
        person = await first(_asked_for(counter, seen, problem), look(gear, seen.put_nowait, problem))
        if await _is_still(counter, person):
            gear.forgotten.read(person)
            return person
        problem = somebody_elses()


async def _asked_for(counter: Counter, seen: asyncio.Queue[Seen], problem: Problem) -> Person:
    """The page that asks, anew for whatever it has to say, until a person is known."""
    there = dict.fromkeys(ways(counter.equipment), True)
    wanted: str = next(iter(there))
    while True:
        page = _page([way for way, is_there in there.items() if is_there], wanted, problem)
        match await first(counter.ask(page, None), seen.get()):
            case str() as wanted:
                problem = NOTHING
            case Person() as person:
                return person
            case Credential() as credential:
                holder = await _holder_of(counter, credential)
                if isinstance(holder, Person):
                    return holder
                problem = holder
            case Gone(way=way, there=is_there):
                there[way] = is_there
            case Problem() as problem:
                pass


async def _holder_of(counter: Counter, credential: Credential) -> Person | Problem:
    """Whose code it is, as central says it."""
    gear = counter.equipment
    check = CredentialCheck(
        visit=counter.guest.visit, kiosk=gear.site.kiosk, kind=credential.kind, code=credential.code
    )
    asking = gear.asking.do(partial(gear.central.verify_credential, check))
    try:
        holder = await counter.while_waiting(asking, _("正在核对，请稍等"), _("对方系统有点慢，请再等一下。"))
    except Declined as error:
        _log.info("%s code declined: %s", credential.kind, error.code)
        return Problem(words=declined_in_words(error.code, credential.kind))
    except Unavailable as error:
        _log.info("%s code cannot be asked about: %s", credential.kind, error.reason)
        return Problem(words=_("现在没有网络，扫码用不了。请用身份证或社保卡。"))
    return Person(
        name=holder.person.name,
        number=holder.person.number,
        sex=holder.sex or "unknown",
        birth=holder.birth,
        card="medical-code" if credential.kind == "medical" else "social-code",
        valid_to=None,
    )


async def _is_still(counter: Counter, person: Person) -> bool:
    """A card that was there since the visit before may have been forgotten: whoever stands there is asked."""
    if not counter.equipment.forgotten.may_be(person):
        return True
    page = Choose(
        name="still-you",
        question=_("这是您的社保卡吗？") if person.shown == "social-card" else _("这是您的身份证吗？"),
        hint=_("{name}，{tail}").format(name=masked_name(person.name), tail=tail(person.number)),
        options=(
            Option(value=True, label=_("是我的，接着办"), icon="check", primary=True),
            Option(value=False, label=_("不是我的"), icon="close"),
        ),
    )
    return await counter.ask(page, None)


def _page(readable: list[Shown], wanted: str, problem: Problem) -> PlaceCard | Notice:
    """What stands on the glass while something is awaited. It asks for nothing that cannot be read."""
    if not readable:
        return Notice(
            name="no-reader",
            icon="card-off-outline",
            question=_("读卡器没有连上"),
            hint=_("正在重新连接，请稍等一下，或者到服务台办。"),
        )
    way = next((way for way in readable if way == wanted), readable[0])
    if way != wanted and problem == NOTHING:
        away = _OTHERS[wanted]().label
        problem = Problem(words=_("现在读不了{what}，正在重新连接。可以先用别的。").format(what=away))
    question, where, instruction = _ASKING[way]()
    return PlaceCard(
        name="card",
        question=question,
        where=where,
        instruction=instruction,
        way=way,
        others=tuple(_OTHERS[other]() for other in readable if other != way),
        problem=problem.words,
        lift_first=problem.lift_first,
    )


_ASKING = {
    "id-card": lambda: (
        _("请把身份证放到读卡区"),
        _("在屏幕下方，发蓝光的地方"),
        _("放好别动，听到“嘀”一声就好了"),
    ),
    "social-card": lambda: (_("请插入社保卡"), _("芯片朝前，插到底"), _("先别拔，看到下一页再拔")),
    "code": lambda: (
        _("请打开医保码或电子社保卡"),
        _("把手机屏幕对着扫码口"),
        _("离一拳远，听到“嘀”一声就好了"),
    ),
}
"""Question, where, and how."""
_OTHERS: dict[str, Callable[[], Option[str]]] = {
    "id-card": lambda: Option(value="id-card", label=_("身份证"), icon="card-account-details"),
    "social-card": lambda: Option(value="social-card", label=_("社保卡"), icon="credit-card-chip"),
    "code": lambda: Option(value="code", label=_("手机医保码"), icon="qrcode-scan"),
}
