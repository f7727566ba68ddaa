"""What the sandbox's authorities carry out at once, in their own forms: cards at the gateway, families by envelope.

What stands behind an act (who was checked, and how) is central's to judge: an authority is told nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from central.authorities.at_once import CARD_STATES, FamilyCodes
from central.demonstration.authority import DemonstrationMedicalInsurance, DemonstrationSocialSecurity
from central.upstream import NotGranted, Settled
from kiosk.contract.acts import PersonReference
from kiosk.contract.beforehand import FamilyMember, SocialCard
from kiosk.contract.live import FamilyAccount, RemoteCareWithdrawal, SocialCardLoss

CODES: Final = FamilyCodes()
STATE_CODES: Final = {state: code for code, state in CARD_STATES.items()}
CLOSED: Final = "本统筹区未开通此交易"
MASK: Final = "*" * 14

Node = dict[str, object]


def cards(authority: DemonstrationSocialSecurity, terminal: str, person: PersonReference) -> list[Node]:
    """``card-use``: the cards of a person."""
    return [card_row(card) for card in authority.cards_of(terminal, person)]


def card_deed(
    authority: DemonstrationSocialSecurity, what: str, ours: str, terminal: str, person: PersonReference
) -> list[Node]:
    """``card-loss``, ``card-lift`` and ``card-settled``. Raises NotGranted, NumberTaken."""
    act = SocialCardLoss(
        person=person, wish="lift" if what == "card-lift" else "report", shown="id-card", check="code", intent="-"
    )
    if what == "card-settled":
        settled = authority.settled(terminal, ours, act)
    else:
        settled = authority.card_loss(terminal, ours, act)
    if settled is None:
        return []
    until = "" if settled.until is None else f"{settled.until:%Y%m%d}"
    return [
        {
            "BAE001": ours,
            "done": "1" if settled.done else "0",
            "number": settled.number or "",
            "message": settled.text or "",
            "AAE031": until,
        }
    ]


def card_row(card: SocialCard) -> Node:
    return {
        "AAZ500": f"35X00000{card.ends}",
        "AAZ502": STATE_CODES[card.state],
        "AAE008": card.bank or "",
        "AAE031": "" if card.until is None else f"{card.until:%Y%m%d}",
        "BAZ505": card.bank_telephone or "",
        "BAZ506": "" if card.days is None else card.days,
    }


class FamilyEnvelopes:
    """Transactions 90503 and 9061x."""

    def __init__(self, authority: DemonstrationMedicalInsurance) -> None:
        self._authority = authority

    def listed(self, terminal: str, person: PersonReference) -> Node:
        """90611. Raises NotGranted: this city has no interface for it."""
        family = self._authority.family_of(terminal, person)
        if family.by == "app":
            raise NotGranted(CLOSED)
        return {
            "authinfo": [member_row(member) for member in family.members],
            "balc": "" if family.balance is None else str(family.balance),
            "memo": family.why_not or "",
        }

    def add(self, terminal: str, ours: str, person: PersonReference, content: Mapping[str, str]) -> Node:
        """90612. Raises NotGranted, NumberTaken."""
        member = PersonReference(number=content["auth_certno"], name=content["auth_psn_name"])
        relation = CODES.relations[content["agnter_rlts"]]
        act = FamilyAccount(
            person=person, wish="add", member=member, relation=relation, shown="id-card", check="code", intent="-"
        )
        return {"result": done(ours, self._authority.family(terminal, ours, act))}

    def remove(self, terminal: str, ours: str, person: PersonReference, content: Mapping[str, str]) -> Node:
        """90613. Raises NotGranted, NumberTaken."""
        act = FamilyAccount(
            person=person, wish="remove", entry=content["auth_sn"], shown="id-card", check="code", intent="-"
        )
        return {"result": done(ours, self._authority.family(terminal, ours, act))}

    def withdraw(self, terminal: str, ours: str, person: PersonReference, content: Mapping[str, str]) -> Node:
        """90503. Raises NotGranted, NumberTaken."""
        return {"result": done(ours, self._authority.withdraw(terminal, ours, withdrawal(person, content)))}

    def settled(self, terminal: str, person: PersonReference, content: Mapping[str, str]) -> Node:
        """90619: what came under a msgid, if anything."""
        ours = content["omsgid"]
        settled = self._authority.settled(terminal, ours, withdrawal(person, {"trt_dcla_detl_sn": "-"}))
        return {"outinfo": [] if settled is None else [done(ours, settled)]}


def withdrawal(person: PersonReference, content: Mapping[str, str]) -> RemoteCareWithdrawal:
    return RemoteCareWithdrawal(
        person=person,
        entry=content["trt_dcla_detl_sn"],
        why=content.get("memo", ""),
        shown="id-card",
        check="code",
        intent="-",
    )


def member_row(member: FamilyMember) -> Node:
    """The authority masks what it tells."""
    return {
        "auth_sn": member.entry,
        "psn_name": member.name,
        "certno": MASK + member.ends,
        "agnter_rlts": CODES.code(member.relation),
        "begndate": member.since.isoformat(),
    }


def done(ours: str, settled: Settled) -> Node:
    return {
        "omsgid": ours,
        "done_flag": "1" if settled.done else "0",
        "trt_dcla_detl_sn": settled.number or "",
        "memo": settled.text or "",
        "enddate": "" if settled.until is None else settled.until.isoformat(),
    }
