"""Who the person is: a card or a code that is shown to the machine. What goes wrong on the way stands on the page that
asks; a card that lay there since the visit before is asked about.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from kiosk.contract.credentials import CredentialCheck
from kiosk.contract.identity import ShownBy
from kiosk.credentials import Credential, declined_in_words
from kiosk.equipment import Met
from kiosk.errors import Declined, Unavailable
from kiosk.identity import Person, Shown, masked_name, tail
from kiosk.manner import Anew
from kiosk.pages import Choose, Notice, Option, PlaceCard
from kiosk.racing import first
from kiosk.readers import NOTHING, Gone, Problem, Seen, look, somebody_elses
from kiosk.texts import _
from kiosk.without_card import person_by_worker

if TYPE_CHECKING:
    from kiosk.counter import Counter

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How somebody else's card or code is asked for: final texts at use."""

    questions: Mapping[str, Callable[[], str]]
    where: Callable[[], str]
    ones_own: Callable[[], str] = str
    """Said to whoever shows their own once more."""
    is_it: Callable[[], str] = str


async def person_shown(counter: Counter, beside: Person | None = None, wording: Wording | None = None) -> Person:
    """Asks for a card or a code until it is known whose it is. Raises Left.

    ``beside`` is who stands here, and is not taken for the person; ``wording`` says whose is asked for, without it
    that of the person for whom they act. Where two are going to be asked for, the first is ``HELPER``'s.
    """
    wording = wording or (None if beside is None else PRINCIPAL)
    gear = counter.equipment
    if not gear.readers:
        await counter.turn_away(_("这台机器不能读证件"), _("请到服务台办，工作人员马上帮您。"))
    left: ShownBy | None = None
    while True:
        met = counter.guest.met
        if met is None:
            asking = _Asking(counter, left, beside, wording)
            met = await first(asking.run(), look(gear, asking.seen.put_nowait, left))
            if met is None:
                person = await person_by_worker(counter, beside)
                if person is None:
                    continue
                return person
            gear.voice.cue("card-read")
        counter.guest.met = None
        if not met.perhaps_left or await _is_still(counter, met, wording if beside is not None else None):
            return met.person
        left = met.person.shown


class _Asking:
    """The page that asks, shown anew whenever it has something else to say, until a person is known."""

    def __init__(self, counter: Counter, left: ShownBy | None, beside: Person | None, wording: Wording | None) -> None:
        """``left`` is where somebody else's card lies, ``beside`` who stands here when another is asked for."""
        self._beside = beside
        self._wording = wording
        self.seen: asyncio.Queue[Seen] = asyncio.Queue()
        self._counter = counter
        self._problem = somebody_elses(left, mine=beside is None) if left is not None else NOTHING
        self._there = dict.fromkeys(counter.equipment.readers, True)
        self._losses = dict.fromkeys(self._there, 0)
        self._wanted: str = left or next(iter(self._there))
        self._declined: tuple[Credential, Problem] | None = None

    async def run(self) -> Met | None:
        """None: a worker is to say who it is. No reader is looked at meanwhile, for the worker may show a card too."""
        while True:
            page = self._page()
            match await first(self._news(page), self._counter.ask(page, None)):  # a touch in the same moment is less
                case Met() as met:
                    return met
                case Credential() as credential:
                    match await first(self._card(), self._holder_of(credential)):
                        case Met() as met:
                            return met
                        case Problem() as problem:
                            self._problem = problem
                case "worker":
                    return None
                case str() as wanted:
                    self._wanted, self._problem = wanted, NOTHING

    def _page(self) -> PlaceCard | Notice:
        page = _page([way for way, is_there in self._there.items() if is_there], self._wanted, self._problem)
        if not isinstance(page, PlaceCard):
            return page
        if self._wording is not None:
            page = of_another(page, self._wording)
        vouch = self._counter.service.without_card and self._counter.equipment.staff.members
        if vouch and self._wording is not HELPER:  # who acts for another shows something of their own
            page = replace(page, others=(*page.others, without_card()))
        return page

    async def _news(self, shown: PlaceCard | Notice) -> Met | Credential | None:
        """Who or what was shown to the machine; None as soon as the page has something else to say than it does."""
        while self._page() == shown:
            match await self.seen.get():
                case Met() as met if self._is_beside(met.person):
                    self._problem = self._ones_own()
                case Met() as met:
                    return met
                case Credential() as credential if self._declined is None or credential != self._declined[0]:
                    return credential
                case Credential():  # central would say the same again
                    assert self._declined is not None
                    self._problem = self._declined[1]
                case Gone() | Problem() as news:
                    self._heed(news)
        return None

    async def _card(self) -> Met:
        """A card that comes while central is asked about a code: its person need not wait. More codes are nothing."""
        while True:
            match await self.seen.get():
                case Met() as met if not self._is_beside(met.person):
                    return met
                case Gone() | Problem() as news:
                    self._heed(news)

    def _ones_own(self) -> Problem:
        return Problem(words="" if self._wording is None else self._wording.ones_own())

    def _is_beside(self, person: Person) -> bool:
        return self._beside is not None and self._beside.number == person.number

    def _heed(self, news: Gone | Problem) -> None:
        """A reader that went too often is offered no more, for each time the page changes under a finger, and the
        patience with whoever left begins anew. What is shown to it is read all the same."""
        if isinstance(news, Problem):
            page = self._page()
            if news.only_beside is None or (isinstance(page, PlaceCard) and page.way == news.only_beside):
                self._problem = news
        else:
            self._losses[news.way] += not news.there
            self._there[news.way] = news.there and self._losses[news.way] < _TOO_OFTEN

    async def _holder_of(self, credential: Credential) -> Met | Problem:
        """Whose code it is, as central says it."""
        gear, counter = self._counter.equipment, self._counter
        check = CredentialCheck(
            visit=counter.guest.visit, kiosk=gear.site.kiosk, kind=credential.kind, code=credential.code
        )
        asking = gear.asking.do(partial(gear.central.verify_credential, check))
        try:
            holder = await counter.while_waiting(asking, lambda: _("正在核对，请稍等"))
        except Declined as error:
            _log.info("%s code declined: %s", credential.kind, error.code)
            problem = Problem(words=declined_in_words(error.code, credential.kind))
            self._declined = credential, problem
            return problem
        except Unavailable as error:
            _log.info("%s code cannot be asked about: %s", credential.kind, error.reason)
            return Problem(words=_("现在没有网络，扫码用不了。请用身份证或社保卡。"))
        person = Person(
            name=holder.person.name,
            number=holder.person.number,
            sex=holder.sex or "unknown",
            birth=holder.birth,
            card="medical-code" if credential.kind == "medical" else "social-code",
            valid_to=None,
        )
        if self._is_beside(person):
            return self._ones_own()
        return Met(person=person)


async def _is_still(counter: Counter, met: Met, of_another: Wording | None = None) -> bool:
    """A card that was there since the visit before may have been forgotten: whoever stands there is asked."""
    person = met.person
    question = _("这是您的社保卡吗？") if person.shown == "social-card" else _("这是您的身份证吗？")
    yes, no = (_("是我的，接着办"), _("不是我的")) if of_another is None else (_("是，接着办"), _("不是"))
    page = Choose(
        name="still-you",
        question=of_another.is_it() if of_another is not None else question,
        hint=_("{name}，{tail}").format(name=masked_name(person.name), tail=tail(person.number)),
        options=(
            Option(value=True, label=yes, icon="check", primary=True),
            Option(value=False, label=no, icon="close"),
        ),
    )
    try:
        return await counter.ask(page, None)
    except Anew:
        counter.guest.met = met  # the question comes again in another manner, the card perhaps not
        raise


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
    if problem.only_beside not in (None, way):
        problem = NOTHING
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


HELPER = Wording(
    questions={
        "id-card": lambda: _("请先放您自己的身份证"),
        "social-card": lambda: _("请先插您自己的社保卡"),
        "code": lambda: _("请先扫您自己的医保码"),
    },
    where=lambda: _("等一下再看家里人的。"),
)
"""Of whoever stands here, before another's is asked for: which of two cards comes first decides whose matter it is."""

PRINCIPAL = Wording(
    questions={
        "id-card": lambda: _("再放家里人的身份证"),
        "social-card": lambda: _("再插家里人的社保卡"),
        "code": lambda: _("再扫家里人的医保码"),
    },
    where=lambda: _("替谁办，就放谁的。"),
    ones_own=lambda: _("这是您自己的，已经看过了。请收好，换成家里人的。"),
    is_it=lambda: _("是替这个人办吗？"),
)
"""Of the person for whom somebody is here."""

RELATIVE = replace(PRINCIPAL, where=lambda: _("谁来用，就放谁的。"), is_it=lambda: _("是这位家人吗？"))
"""Of one of the family whom the matter names."""


def of_another(page: PlaceCard, wording: Wording = PRINCIPAL) -> PlaceCard:
    """The same for somebody else than whoever stands here."""
    return replace(page, question=wording.questions[page.way](), where=wording.where())


def without_card() -> Option[str]:
    return Option(value="worker", label=_("没带证件"), icon="account-tie")


_TOO_OFTEN = 3
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
