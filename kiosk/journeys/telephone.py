"""The question for a mobile telephone, asked until a number that can be one is typed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.desk import Desk
from kiosk.identity import grouped_phone, is_mobile, masked_phone
from kiosk.pages import Choose, Digits, Option
from kiosk.texts import _, sentences


@dataclass(frozen=True, kw_only=True)
class Telephone:
    """A number to call: ``typed`` None is the one on record, which only central knows in full. ``shown`` is masked."""

    typed: str | None
    shown: str

    @property
    def to_check(self) -> str:
        """One that was typed, whole."""
        return self.shown if self.typed is None else grouped_phone(self.typed)


async def telephone_to_call(desk: Desk, on_record: str | None, *, hint: str) -> Telephone:
    """The number on record, or another. ``on_record`` is masked; None: nobody knows one. Raises Left."""
    if on_record is not None and await desk.ask(confirm_telephone(on_record, hint)) == "keep":
        return Telephone(typed=None, shown=on_record)
    typed = await a_telephone(desk, hint=sentences((hint, _("没有手机的，写家里人的号码。"))))
    return Telephone(typed=typed, shown=masked_phone(typed))


def confirm_telephone(on_record: str, hint: str) -> Choose[str]:
    return Choose(
        name="confirm-telephone",
        question=_("用这个号码 {telephone}？").format(telephone=on_record),
        hint=hint,
        options=(
            Option(value="keep", label=_("对，用这个"), icon="check", primary=True),
            Option(value="other", label=_("换一个"), icon="cellphone"),
        ),
    )


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
