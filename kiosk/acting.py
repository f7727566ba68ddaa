"""Acting for another (替家人办): two people in one visit, and which is which.

Whoever stands at the machine says first who they are, with something of their own, and what they are to the person.
The person is known by their own card or a worker's word; the code goes to the person's own telephone, so that nothing
is done for anybody behind their back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.contract.identity import Agent, Relation
from kiosk.identification import person_shown
from kiosk.identity import Person
from kiosk.pages import Choose, Option
from kiosk.texts import _
from kiosk.witness import asked

if TYPE_CHECKING:
    from kiosk.counter import Counter


async def person_acted_for(counter: Counter, agent: Person) -> Person:
    """For whom ``agent`` is here, at the level at which they were shown. Raises Left and Back."""
    relation = await asked(counter, choose_relation)
    person = await person_shown(counter, beside=agent)
    return replace(person, agent=Agent(person=agent.reference, relation=relation, shown=agent.shown))


def choose_relation() -> Choose[Relation]:
    words = relations()
    icons: dict[Relation, str] = {
        "child": "account-heart",
        "spouse": "account-multiple",
        "parent": "human-male-child",
        "relative": "account-group",
        "carer": "hand-heart",
        "worker": "account-tie",
    }
    return Choose(
        name="relation",
        question=_("您是他的什么人？"),
        hint=_("替谁办，就是谁的什么人。"),
        options=tuple(Option(value=relation, label=words[relation], icon=icon) for relation, icon in icons.items()),
    )


def relations() -> dict[Relation, str]:
    """What the agent is to the person, in words."""
    return {
        "child": _("儿子、女儿"),
        "spouse": _("丈夫、妻子"),
        "parent": _("爸爸、妈妈"),
        "relative": _("别的亲戚"),
        "carer": _("照料他的人"),
        "worker": _("工作人员"),
    }
