"""The second check (level 2): a code to the telephone on record, or owed where central cannot be asked."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from kiosk.contract.messages import CodeCheck, CodeRequest
from kiosk.errors import Declined, Unavailable
from kiosk.identity import Person
from kiosk.pages import Digits, Option
from kiosk.texts import _

if TYPE_CHECKING:
    from kiosk.counter import Counter

_log = logging.getLogger(__name__)


async def check_by_code(counter: Counter, person: Person) -> Person:
    """The person at level 2, or with the check owed. Raises Left where no code can be sent, or none was right."""
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
                sent = await counter.while_waiting(sending, lambda: _("正在发验证码，请稍等"))
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
                gear.asking.do(partial(gear.central.check_code, check)), lambda: _("正在核对，请稍等")
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


def _no_code() -> tuple[str, str]:
    return _("现在发不了验证码"), _("请过一会儿再来，或者带身份证到服务台办。")


def _why_no_code() -> dict[str, tuple[str, str]]:
    return {
        "no-telephone": (_("您在医保没有留过手机号"), _("这件事要先核对是您本人。请带身份证到服务台办。")),
        "too-many-codes": (_("刚才发的验证码太多了"), _("请过一个小时再来，或者带身份证到服务台办。")),
        "unknown-person": (_("没有查到您的医保登记"), _("您可能在别的地方参保。请到服务台问一下，或打 12393。")),
    }
