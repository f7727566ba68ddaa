"""Who somebody is who has no card here: a worker types the number and the name, and vouches with a reason.

For children who have no card yet, and for those whose card is lost or cannot be read. A number that is typed has to be
right in itself, other than one on a card: a slip of the finger must not become somebody else.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Final

from kiosk.identity import NotANumber, Person, Sex, check_number
from kiosk.manner import Back
from kiosk.pages import Digits, Words
from kiosk.texts import _
from kiosk.witness import asked, word_of, worker_at

if TYPE_CHECKING:
    from kiosk.counter import Counter

LENGTH: Final = 18
"""Of the numbers that can be typed: residents', and those of 港澳台 residents."""
LONGEST_NAME: Final = 40


async def person_by_worker(counter: Counter, beside: Person | None = None) -> Person | None:
    """The person at level 2, as a worker says who it is; None: no worker does. Not ``beside``, who acts for them.

    Raises Left.
    """
    worker = await worker_at(counter)
    if worker is None:
        return None
    try:
        number = await _number(counter, beside)
        name = await asked(counter, ask_name)
    except Back:
        return None
    witness = await word_of(counter, worker, "identity", name, number)
    if witness is None:
        return None
    return Person(
        name=name,
        number=number,
        sex=_sex_of(number),
        birth=date(int(number[6:10]), int(number[10:12]), int(number[12:14])),
        card="none",
        valid_to=None,
        level=2,
        check="witness",
        witness=witness,
    )


async def _number(counter: Counter, beside: Person | None) -> str:
    """Raises Left and Back."""
    problem = ""
    while True:
        number = await asked(counter, partial(ask_number, problem))
        try:
            wrong = bool(check_number(number))
        except NotANumber:
            wrong = True
        if wrong:
            problem = _("这个号码不对，请对着户口本再看一遍。")
        elif beside is not None and beside.number == number:
            problem = _("这是代办人自己的号码，请输本人的。")
        else:
            return number


def ask_number(problem: str = "") -> Digits:
    page = Digits(
        name="number",
        question=_("请工作人员输入本人的身份证号"),
        hint=_("小孩的在户口本上。"),
        length=LENGTH,
        groups=(4, 4, 4, 6),
        action=_("确定"),
        may_end_in_x=True,
    )
    return replace(page, problem=problem)


def ask_name() -> Words:
    return Words(
        name="name",
        question=_("请输入本人的姓名"),
        hint=_("和证件、户口本上一样。"),
        longest=LONGEST_NAME,
        action=_("确定"),
    )


def _sex_of(number: str) -> Sex:
    return "male" if int(number[16]) % 2 else "female"
