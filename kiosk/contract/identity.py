"""Whom an act concerns and what stands behind it: how the person was checked, who vouched, who acts for another.

``Vouched`` is what every act inherits that needs level 2 or may be done for somebody else. A worker's word is never a
silent flag: it carries the worker and the reason, and central counts it by both.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kiosk.contract.privacy import Personal

IdentityNumber = Annotated[str, Personal.SENSITIVE, Field(min_length=8, max_length=18)]
Name = Annotated[str, Personal.BASIC, Field(min_length=1, max_length=120)]

Check = Literal["code", "witness", "owed"]
"""How level 2 was reached: a code that central sent to the telephone on record, a named worker's word, or not yet:
central could not be asked, and asks the person by that telephone before it goes on."""

Relation = Literal["child", "spouse", "parent", "relative", "carer", "worker"]
"""What whoever acts is to the person: son or daughter (子女), 配偶, father or mother (父母), another relative, somebody
who looks after them (照料人), a worker of the centre or the village (工作人员)."""

ShownBy = Literal["id-card", "social-card", "code", "worker", "papers"]
"""How it is known who somebody is: by a card, by an electronic credential, because a worker says so, who saw them
and typed the number, or by papers that come with the matter (户口本): whoever acts typed the number."""


class PersonReference(BaseModel):
    """The person whom an act or a query concerns: matched by number, never by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    number: IdentityNumber
    name: Name


class Witness(BaseModel):
    """A worker who saw the person and says so (工作人员作证): who, and why it is needed; codes of the centre."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    worker: Annotated[str, Personal.BASIC, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,31}$")]
    reason: Annotated[str, Personal.SENSITIVE, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]


class Agent(BaseModel):
    """Who stood at the kiosk for the person (代办人): who they are, what they are to the person, how that is known."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    person: PersonReference
    relation: Annotated[Relation, Personal.BASIC]
    shown: ShownBy


class Vouched(BaseModel):
    """What stands behind an act. ``shown``: how it is known who its person is; ``agent`` None: they did it themselves.

    A witness stands for whatever has no other proof: the check, the person's identity, or both.
    """

    model_config = ConfigDict(hide_input_in_errors=True)
    shown: ShownBy
    check: Check
    witness: Witness | None = None
    agent: Agent | None = None

    @model_validator(mode="after")
    def _somebody_vouches(self) -> Self:
        if (self.check == "witness" or self.shown == "worker") and self.witness is None:
            raise ValueError("a worker's word needs the worker and the reason")
        return self
