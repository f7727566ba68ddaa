"""Live acts: what is carried out while the person stands there, or not at all (挂失 and its like)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kiosk.contract.acts import Act
from kiosk.contract.identity import PersonReference, Vouched
from kiosk.contract.privacy import Personal

Entry = Annotated[str, Personal.SENSITIVE, Field(min_length=1, max_length=64)]
"""An authority's own number of something that it holds."""


FamilyRelation = Literal["spouse", "child", "parent", "grandchild", "grandparent", "sibling"]
"""What somebody of the family is to the owner of the account (近亲属)."""


class LiveAct(Act, Vouched):
    """The check of a live act is never owed: what has to happen at once cannot be asked about tomorrow."""

    live = True
    person: PersonReference
    intent: str = Field(min_length=1, max_length=64)

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if self.check == "owed":
            raise ValueError("the check of a live act is not owed")
        return self


class SocialCardLoss(LiveAct):
    """A social security card is stopped for some days (社保卡临时挂失), or used again before they are over (解挂)."""

    kind = "social.card-loss"
    version = 1
    wish: Literal["report", "lift"]


class FamilyAccount(LiveAct):
    """Lets somebody of the family use the personal account (家庭共济), or not any more (解绑).

    ``member`` and ``relation`` belong to ``add``; ``entry``, the authority's number of what there is, to ``remove``.
    """

    kind = "medical.family-account"
    version = 1
    wish: Literal["add", "remove"]
    member: PersonReference | None = None
    relation: Annotated[FamilyRelation | None, Personal.SENSITIVE] = None
    entry: Entry | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        adds = (self.member is not None, self.relation is not None, self.entry is None)
        if adds != (self.wish == "add",) * 3:
            raise ValueError("adding takes a member and a relation, removing an entry")
        return self


class RemoteCareWithdrawal(LiveAct):
    """Withdraws a remote-care filing (异地就医备案撤销) by the authority's number."""

    kind = "medical.remote-care-withdrawal"
    version = 1
    entry: Entry
    why: Annotated[str, Personal.SENSITIVE, Field(max_length=50)] = ""
