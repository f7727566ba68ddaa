"""The second check (level 2): a code to the telephone on record, a worker's word where none can be sent or none comes,
or owed where central cannot be asked.

What stands on the card itself is never asked for: whoever holds the card can read it.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from kiosk.contract.messages import CodeCheck, CodeRequest, CodeSent
from kiosk.desk import Left
from kiosk.errors import Declined, Unavailable
from kiosk.identity import Person, masked_name
from kiosk.manner import Back
from kiosk.pages import Choose, Digits, Notice, Option
from kiosk.texts import _
from kiosk.witness import asked, vouched

if TYPE_CHECKING:
    from kiosk.counter import Counter

_log = logging.getLogger(__name__)

AGAIN, NO_CODE, WITNESS, LATER = "again", "no-code", "witness", "later"


async def check_by_code(counter: Counter, person: Person, *, may_owe: bool = True) -> Person:
    """The person at level 2, or with the check owed where that may be. Raises Left where no code can be sent, or none
    was right, and no worker vouches; Unavailable."""
    gear = counter.equipment
    reference = person.reference
    visit = counter.visit_about(reference)
    if may_owe and not gear.sync.online:
        return await _without_central(counter, person)
    problem = ""
    while True:
        try:
            sent = counter.guest.code if counter.guest.code_of == person.number else None
            if sent is None:
                request = CodeRequest(
                    visit=visit,
                    kiosk=gear.site.kiosk,
                    person=reference,
                    by_another=person.agent is not None,
                )
                sending = gear.asking.do(partial(gear.central.send_code, request))
                sent = await counter.while_waiting(sending, lambda: _("正在发验证码，请稍等"))
                counter.guest.code, counter.guest.code_of = sent, person.number
            page = ask_code(sent, problem, of=person, witnesses=bool(gear.staff.members))
            typed = await counter.ask(page, None)
            if typed == NO_CODE:
                typed = await _no_code_came(counter)
            if typed == AGAIN:
                counter.guest.code, problem = None, ""
                continue
            if typed == WITNESS:
                if (witnessed := await _by_witness(counter, person)) is not None:
                    return witnessed
                continue
            if typed == NO_CODE:
                continue
            check = CodeCheck(visit=visit, kiosk=gear.site.kiosk, code=typed)
            checked = await counter.while_waiting(
                gear.asking.do(partial(gear.central.check_code, check)), lambda: _("正在核对，请稍等")
            )
        except Unavailable as error:
            _log.info("no second check: %s", error.reason)
            if not may_owe:
                raise
            return await _without_central(counter, person)
        except Declined as error:
            _log.info("no code: %s", error.code)
            return await _without_code(counter, person, *_why_no_code(person).get(error.code, _cannot_send()))
        if checked.right:
            return replace(person, level=2, check="code")
        if checked.tries_left == 0:
            witnessed = await _code_is_over(counter, person)
            if witnessed is not None:
                return witnessed
            counter.guest.code, problem = None, ""
            continue
        problem = _("数字没有对上，请看一下短信，再输一次。还可以试 {n} 次。").format(n=checked.tries_left)


async def _without_central(counter: Counter, person: Person) -> Person:
    """The check is owed; or a worker vouches at once, where one is here: not everybody has a telephone. Raises Left and
    Back."""
    if counter.equipment.staff.members:
        while await asked(counter, partial(code_later, person)) == WITNESS:
            if (witnessed := await _by_witness(counter, person)) is not None:
                return witnessed
    return replace(person, check="owed")


async def _no_code_came(counter: Counter) -> str:
    """What to do about it; NO_CODE: wait for it after all."""
    try:
        return await asked(counter, no_code_came)
    except Back:
        return NO_CODE


async def _by_witness(counter: Counter, person: Person) -> Person | None:
    witness = await vouched(counter, "check", person.name, person.number)
    return None if witness is None else replace(person, level=2, check="witness", witness=witness)


async def _code_is_over(counter: Counter, person: Person) -> Person | None:
    """A code that came too late, or was wrong too often: None: another one is to be sent. Raises Left."""
    page = partial(code_is_over, counter.equipment.site.phone, witnesses=bool(counter.equipment.staff.members))
    while (answer := await asked(counter, page, can_go_back=False)) == WITNESS:
        if (witnessed := await _by_witness(counter, person)) is not None:
            return witnessed
    if answer == AGAIN:
        return None
    raise Left("card")


async def _without_code(counter: Counter, person: Person, question: str, hint: str) -> Person:
    """The person at level 2 by a worker's word. Raises Left where there is none."""
    if not counter.equipment.staff.members:
        await counter.turn_away(question, hint)
    page = partial(no_code, person, question, counter.equipment.site.phone)
    while await asked(counter, page, can_go_back=False) == WITNESS:
        if (witnessed := await _by_witness(counter, person)) is not None:
            return witnessed
    raise Left("card")


# -- the pages -----------------------------------------------------------------------------------------------------


def ask_code(sent: CodeSent, problem: str, *, of: Person, witnesses: bool) -> Digits:
    went = _("已发到您在医保留的手机 {telephone}").format(telephone=sent.telephone)
    if of.agent is not None:
        went = _("已发到{name}的手机 {telephone}。请问问本人，同意了再输。").format(
            name=masked_name(of.name), telephone=sent.telephone
        )
    again = Option(value=AGAIN, label=_("没收到，再发一次"))
    return Digits(
        name="code",
        question=_("请输入短信里的 {n} 位数字").format(n=sent.digits),
        hint=went,
        length=sent.digits,
        groups=(3, 3),
        action=_("确定"),
        problem=problem,
        aside=Option(value=NO_CODE, label=_("没收到短信")) if witnesses else again,
    )


def no_code_came() -> Choose[str]:
    return Choose(
        name="no-code-came",
        question=_("没收到短信，怎么办？"),
        hint=_("短信有时要等一两分钟。"),
        options=(
            Option(value=AGAIN, label=_("再发一次"), icon="message-text-outline"),
            Option(
                value=WITNESS,
                label=_("请工作人员作证"),
                icon="account-tie",
                note=_("手机不在身边、号码换了，看过本人和证件也行"),
            ),
        ),
    )


def code_later(person: Person) -> Choose[str]:
    own = _("先登记下来。联网以后给您在医保留的手机发短信，您点开确认了才提交。")
    other = _("先登记下来。联网以后给{name}在医保留的手机发短信，本人点开确认了才提交。")
    return Choose(
        name="code-later",
        question=_("现在发不了验证码"),
        hint=own if person.agent is None else other.format(name=masked_name(person.name)),
        options=(
            Option(value=LATER, label=_("好，先登记"), icon="message-text-outline", primary=True),
            Option(
                value=WITNESS,
                label=_("请工作人员作证"),
                icon="account-tie",
                note=_("没有手机、收不了短信，看过本人和证件也行"),
            ),
        ),
    )


def code_is_over(phone: str, *, witnesses: bool) -> Notice:
    witness = Option(value=WITNESS, label=_("请工作人员作证"), icon="account-tie")
    return Notice(
        name="code-is-over",
        icon="message-text-outline",
        mood="plain",
        question=_("这个验证码用不了了"),
        hint=_("可能时间过了，也可能输错了几次。可以再发一次。"),
        lines=(_("服务台电话：{phone}").format(phone=phone),),
        actions=(
            Option(value="home", label=_("先不办了"), icon="home"),
            *((witness,) if witnesses else ()),
            Option(value=AGAIN, label=_("再发一次"), icon="message-text-outline", primary=True),
        ),
    )


def no_code(person: Person, question: str, phone: str) -> Notice:
    own = _("这件事要先核对是您本人。请工作人员来看过您和证件，替您作证，就能接着办。")
    other = _("这件事要先问过{name}本人。请工作人员来核对，替他作证，就能接着办。")
    return Notice(
        name="no-code",
        icon="information-outline",
        question=question,
        hint=own if person.agent is None else other.format(name=masked_name(person.name)),
        lines=(_("服务台电话：{phone}").format(phone=phone),),
        actions=(
            Option(value="home", label=_("先不办了"), icon="home"),
            Option(value=WITNESS, label=_("请工作人员作证"), icon="account-tie", primary=True),
        ),
    )


def _cannot_send() -> tuple[str, str]:
    return _("现在发不了验证码"), _("请过一会儿再来，或者带身份证到服务台办。")


def _why_no_code(person: Person) -> dict[str, tuple[str, str]]:
    if person.agent is None:
        no_telephone = _("您在医保没有留过手机号")
        not_known = _("没有查到您的医保登记")
    else:
        no_telephone = _("{name}在医保没有留过手机号").format(name=masked_name(person.name))
        not_known = _("没有查到{name}的医保登记").format(name=masked_name(person.name))
    return {
        "no-telephone": (no_telephone, _("这件事要先核对是本人。请带身份证到服务台办。")),
        "too-many-codes": (_("刚才发的验证码太多了"), _("请过一个小时再来，或者带身份证到服务台办。")),
        "unknown-person": (not_known, _("可能在别的地方参保。请到服务台问一下，或打 12393。")),
    }
