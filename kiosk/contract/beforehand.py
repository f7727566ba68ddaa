"""What has to be known before a live act is offered: the state of a card, who shares an account (社保卡, 家庭共济).

Like the acts these questions need level 2: a code that came back in this visit, or the ``witness`` who vouches.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from kiosk.contract.base import Message
from kiosk.contract.identity import Witness
from kiosk.contract.live import FamilyRelation
from kiosk.contract.privacy import Personal
from kiosk.contract.queries import Presented, Query


class SocialCard(Message):
    """A social security card as its issuer knows it; ``ends`` digits are the last four of its number.

    ``until``: the last day of a loss report (临时挂失), after which it is in use again by itself; ``days``: how long
    one lasts there. The bank's part is stopped by the bank, under its own telephone number.
    """

    ends: Annotated[str, Personal.SENSITIVE]
    state: Literal["in use", "stopped", "ended"]
    until: date | None = None
    days: int | None = None
    bank: str | None = None
    bank_telephone: str | None = None


class SocialCards(Message):
    """The cards of a person, at most a few; none: nobody issued one, or not there."""

    cards: tuple[SocialCard, ...]


class SocialCardsOf(Query[SocialCards]):
    """The person's social security card and whether it is in use (社保卡状态)."""

    name = "social-cards"
    answer = SocialCards
    witness: Witness | None = None


class SocialCardsQuestion(Message):
    """The body of ``POST /v1/queries/social-cards``."""

    presented: Presented
    query: SocialCardsOf


class FamilyMember(Message):
    """Somebody who uses the account: the name masked by central (林＊＊), and how the number ``ends``. ``entry`` is the
    authority's number of it."""

    entry: Annotated[str, Personal.SENSITIVE]
    name: Annotated[str, Personal.BASIC]
    ends: Annotated[str, Personal.SENSITIVE]
    relation: Annotated[FamilyRelation, Personal.SENSITIVE]
    since: date


class Family(Message):
    """What an owner may do with the personal account (个人账户), and who uses it already.

    ``by``: where it is done: ``here``, or in the city's own ``app`` because there is no interface. ``why_not``: why
    this person has nothing to share, in the authority's words.
    """

    by: Literal["here", "app"]
    why_not: str | None = None
    balance: Annotated[Decimal | None, Personal.SENSITIVE] = None
    members: tuple[FamilyMember, ...] = ()


class FamilyOf(Query[Family]):
    """Who shares the person's personal account (家庭共济)."""

    name = "family"
    answer = Family
    witness: Witness | None = None


class FamilyQuestion(Message):
    """The body of ``POST /v1/queries/family``."""

    presented: Presented
    query: FamilyOf
