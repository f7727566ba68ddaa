"""A child of whoever stands at the kiosk, who has no card yet: number and name are typed, and papers prove them that a
worker has seen."""

from __future__ import annotations

from dataclasses import replace

from kiosk.contract.identity import PersonReference
from kiosk.desk import Desk
from kiosk.filing_rules import ForAnother
from kiosk.identity import NotANumber, Person, check_number
from kiosk.pages import Digits, Words
from kiosk.texts import _

NUMBER_LENGTH = 18
LONGEST_NAME = 30


async def ask_child(desk: Desk, words: ForAnother, parent: Person) -> PersonReference:
    """Asked until the number can be one, and is not that of whoever types it. Raises Left."""
    page = Digits(
        name="child-number",
        question=_(words.ask_number),
        hint=_(words.help_number),
        length=NUMBER_LENGTH,
        groups=(4, 4, 4, 6),
        action=_("确定"),
        may_end_in_x=True,
    )
    number = await desk.ask(page)
    while (own := number == parent.number) or not can_be(number):
        problem = _("这是您自己的号码，请输孩子的。") if own else _("这个号码不对，请对着户口本看一下，再输一次。")
        number = await desk.ask(replace(page, problem=problem))
    name = await desk.ask(
        Words(
            name="child-name",
            question=_(words.ask_name),
            hint=_("跟户口本上写的一样。写不出来的字，用拼音也行。"),
            longest=LONGEST_NAME,
            action=_("确定"),
        )
    )
    return PersonReference(number=number, name=name)


def can_be(number: str) -> bool:
    """Whether nothing in a number that was typed is amiss."""
    try:
        return not check_number(number)
    except NotANumber:
        return False
