"""工作人员作证: a worker of the centre shows who they are, looks at the person, and says why their word is needed.

The worker comes to the glass for three short pages and goes again. Nothing of it lasts, neither the PIN nor that a
worker was here; what remains is the witness with its reason, in the act.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeVar

from pydantic import Field

from kiosk.contract.audit import PinLocked, WorkerVouched, WrongPin
from kiosk.contract.identity import Witness
from kiosk.equipment import Equipment, Met
from kiosk.errors import NotKept
from kiosk.identity import grouped
from kiosk.items import Code, Text
from kiosk.manner import Anew, Back
from kiosk.pages import Choose, Digits, Notice, Option, Page
from kiosk.racing import first
from kiosk.readers import Seen, look
from kiosk.staff import PIN_DIGITS, StaffMember
from kiosk.tables import CATALOG, CatalogError, Table, read_table
from kiosk.texts import _

if TYPE_CHECKING:
    from kiosk.counter import Counter

A = TypeVar("A")

About = Literal["check", "identity", "promise"]
"""What a worker vouches for: that the person wants it, who the person is, that they promised."""
NOBODY: Final = "nobody"
"""The answer of a worker who does not vouch."""

_log = logging.getLogger(__name__)


async def vouched(counter: Counter, about: About, name: str, number: str) -> Witness | None:
    """A worker's word for this person; None: there is none after all. Raises Left."""
    worker = await worker_at(counter)
    return None if worker is None else await word_of(counter, worker, about, name, number)


async def worker_at(counter: Counter) -> StaffMember | None:
    """The worker who stands at the glass, known by a PIN or by the own identity card; None: nobody is. Raises Left."""
    gear = counter.equipment
    if not gear.staff.members:
        await asked(counter, _cannot, can_go_back=False)
        return None
    if not gear.staff.have_cards or (gear.id_card is None and gear.social_card is None):
        return await _by_name_and_pin(counter)
    return await first(_by_name_and_pin(counter), _by_card(gear))


async def _by_card(gear: Equipment) -> StaffMember:
    """Whoever lays a worker's own card down now. One that lies there since before proves nobody's presence."""
    seen: asyncio.Queue[Seen] = asyncio.Queue()
    return await first(_among(gear, seen), look(gear, seen.put_nowait, None))


async def _among(gear: Equipment, seen: asyncio.Queue[Seen]) -> StaffMember:
    others: set[str] = set()
    while True:
        match await seen.get():
            case Met(person=person, perhaps_left=False) if person.number not in others:
                member = await gear.pressing.do(partial(gear.staff.of_card, person.number))
                if member is not None:
                    gear.voice.cue("card-read")
                    return member
                others.add(person.number)


async def _by_name_and_pin(counter: Counter) -> StaffMember | None:
    """Raises Left."""
    members = counter.equipment.staff.members
    while True:
        try:
            several = len(members) > 1
            with_card = counter.equipment.staff.have_cards
            page = partial(choose_worker, members, with_card=with_card)
            code = await asked(counter, page) if several else members[0].code
        except Back:
            return None
        try:
            return await _by_pin(counter, {member.code: member for member in members}[code])
        except Back:
            if not several:
                return None


async def word_of(counter: Counter, worker: StaffMember, about: About, name: str, number: str) -> Witness | None:
    """Why this worker vouches for the person, whom the page names; None: they do not. Raises Left.

    A word that the machine cannot record is none.
    """
    try:
        reason = await asked(counter, partial(choose_reason, about, name, number))
    except Back:
        return None
    if reason == NOBODY:
        return None
    try:
        await counter.equipment.audit.record(WorkerVouched(about=about))
    except NotKept as error:
        _log.error("a worker's word is not recorded: %s", error)
        await asked(counter, _cannot)
        return None
    return Witness(worker=worker.code, reason=reason)


async def asked(counter: Counter, make: Callable[[], Page[A]], *, can_go_back: bool = True) -> A:
    """The answer to a page that comes again in another manner without anything else being asked anew. Raises Left and
    Back."""
    while True:
        try:
            return await counter.ask(make(), None, can_go_back=can_go_back)
        except Anew as anew:
            counter.change(anew)


async def _by_pin(counter: Counter, member: StaffMember) -> StaffMember | None:
    """Raises Left and Back."""
    gear, lock = counter.equipment, counter.equipment.staff.lock
    problem = ""
    while not lock.waits:
        pin = await asked(counter, partial(ask_pin, member, problem))
        try:
            known = await counter.while_waiting(
                gear.pressing.do(partial(gear.staff.recognise, member.code, pin)),
                lambda: _("正在核对，请稍等"),
                lambda: _("机器有点慢，请再等一下。"),
            )
        except OSError as error:
            _log.error("a wrong PIN could not be counted: %s", error.strerror)
            await asked(counter, _cannot)
            return None
        if known is not None:
            return known
        gear.audit.note(WrongPin(in_a_row=lock.in_a_row))
        problem = _("密码不对。还可以试 {n} 次。").format(n=lock.tries_left)
    if problem:
        gear.audit.note(PinLocked(in_a_row=lock.in_a_row, seconds=math.ceil(lock.waits)))
    await asked(counter, partial(_has_to_wait, lock.waits))
    return None


# -- the pages -----------------------------------------------------------------------------------------------------


def choose_worker(members: tuple[StaffMember, ...], *, with_card: bool = False) -> Choose[str]:
    return Choose(
        name="worker",
        question=_("请工作人员点自己的名字"),
        hint=_("也可以放上工作人员自己的身份证。") if with_card else _("请工作人员到屏幕前来。"),
        options=tuple(Option(value=member.code, label=member.name, icon="account-tie") for member in members),
        awaits_staff=True,
    )


def ask_pin(member: StaffMember, problem: str = "") -> Digits:
    return Digits(
        name="worker-pin",
        question=_("{name}，请输入您的作证密码").format(name=member.name),
        hint=_("输的时候，请用手挡一下。"),
        length=PIN_DIGITS,
        groups=(3, 3),
        action=_("确定"),
        problem=problem,
        secret=True,
        awaits_staff=True,
    )


def says(reason: str, about: About) -> bool:
    """Whether a worker who gave this reason vouched for that too."""
    return any(known.code == reason for known in load_reasons().of(about))


def choose_reason(about: About, name: str, number: str) -> Choose[str]:
    """The worker reads here for whom they vouch, in full: it is what they compare with papers and face."""
    question = {
        "check": _("是本人要办吗？"),
        "identity": _("是他本人吗？"),
        "promise": _("本人承诺了吗？"),
    }[about]
    return Choose(
        name="witness-reason",
        question=question,
        hint=_("点一个原因，就是您作证。"),
        body=(name, _("身份证号 {number}").format(number=grouped(number))),
        options=tuple(
            Option(value=reason.code, label=_(reason.label), note=_(reason.note)) for reason in load_reasons().of(about)
        ),
        aside=Option(value=NOBODY, label=_("不作证"), icon="close"),
    )


def _has_to_wait(seconds: float) -> Notice:
    return _not_now(
        _("密码错得太多，先停一停"),
        _("请过 {minutes} 分钟再试，或者到服务台办。").format(minutes=max(1, math.ceil(seconds / 60))),
    )


def _cannot() -> Notice:
    return _not_now(_("现在不能在这台机器上作证"), _("请到服务台办，工作人员马上帮您。"))


def _not_now(question: str, hint: str) -> Notice:
    return Notice(
        name="no-witness",
        icon="lock-clock",
        question=question,
        hint=hint,
        actions=(Option(value="back", label=_("知道了"), icon="arrow-left", primary=True),),
    )


# -- the reasons ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Reason(Table):
    """Why a worker's word stands for something else. Texts are the Chinese originals, for ``_()`` at use."""

    code: Code
    about: Annotated[tuple[About, ...], Field(min_length=1)]
    label: Text
    note: Text
    """What the worker has seen who gives this reason."""


@dataclass(frozen=True, kw_only=True)
class Reasons(Table):
    """The whole table."""

    reason: tuple[Reason, ...]

    def of(self, about: About) -> tuple[Reason, ...]:
        """The reasons for this, most usual first."""
        return tuple(reason for reason in self.reason if about in reason.about)


@cache
def load_reasons(file: Path = CATALOG / "witness.toml") -> Reasons:
    """The reasons in ``file``. Raises CatalogError, which names file, entry and field."""
    reasons = read_table(file, Reasons)
    codes = [reason.code for reason in reasons.reason]
    for place, code in enumerate(codes):
        if code in codes[:place] or code == NOBODY:
            raise CatalogError(f'{file.name}: reason "{code}", code: is taken already')
    abouts: tuple[About, ...] = ("check", "identity", "promise")
    for about in abouts:
        if not reasons.of(about):
            raise CatalogError(f"{file.name}: there is no reason about {about}")
    return reasons
