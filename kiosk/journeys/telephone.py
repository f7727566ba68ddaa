"""The question for a mobile telephone, asked until a number that can be one is typed."""

from __future__ import annotations

from dataclasses import replace

from kiosk.desk import Desk
from kiosk.identity import is_mobile
from kiosk.pages import Digits, Option
from kiosk.texts import _


async def a_telephone(
    desk: Desk, *, hint: str, name: str = "telephone", question: str = "", aside: Option[str] | None = None
) -> str:
    """Eleven digits, or the value of ``aside``. ``hint`` says what it is for."""
    page = Digits(
        name=name,
        question=question or _("请输入您的手机号"),
        hint=hint,
        length=11,
        groups=(3, 4, 4),
        action=_("确定"),
        aside=aside,
    )
    typed = await desk.ask(page)
    while not is_mobile(typed) and (aside is None or typed != aside.value):
        typed = await desk.ask(replace(page, problem=_("没有这样的手机号，请看一下，再输一次。")))
    return typed
