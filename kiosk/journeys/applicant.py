"""给自己办，还是替家人办: the first question of what may be done for another, and how pages and paper name both."""

from __future__ import annotations

from typing import Literal

from kiosk.desk import Desk, Whom
from kiosk.identity import Person, masked_name, tail
from kiosk.pages import Choose, Option, Row
from kiosk.texts import _


async def applicant(desk: Desk, level: Literal[1, 2]) -> Person:
    """Whom it is for: whoever stands here, or another, whose ``agent`` they are then. Raises Left."""
    whom = await desk.ask(choose_whom())
    return await desk.identify(level=level, whom=whom)


def choose_whom() -> Choose[Whom]:
    myself: Option[Whom] = Option(value="self", label=_("给自己办"), icon="account", primary=True)
    another: Option[Whom] = Option(
        value="other", label=_("替家人办"), icon="account-multiple", note=_("带上两个人的证件，先放您的，再放家里人的")
    )
    return Choose(name="for-whom", question=_("给谁办？"), options=(myself, another))


def who(person: Person) -> tuple[Row, ...]:
    """Surname and last four, of the person and of whoever acts for them."""
    rows = (Row(label=_("申请人"), value=f"{masked_name(person.name)}  {tail(person.number)}"),)
    if person.agent is None:
        return rows
    agent = person.agent.person
    return (*rows, Row(label=_("代办人"), value=f"{masked_name(agent.name)}  {tail(agent.number)}"))
