"""How authorities write what they carry out at once (挂失, 家庭共济, 备案撤销): names of fields, and code values.

Every such transaction goes out under a number of ours, and what became of it can be asked for by that number. Names
follow the catalogue of indicators (社保: AAZ500 the card's number, AAZ502 its state, AAE008 its bank) and the national
platform (医保: agnter_rlts for a relation); what both lack is a city's own, and a setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from central.authorities.wire import Day, Money, Number, Wire, Words
from central.people import masked_name
from central.upstream import NotGranted, Settled, Unanswered
from kiosk.contract.beforehand import Family, FamilyMember, SocialCard
from kiosk.contract.live import FamilyAccount, FamilyRelation, RemoteCareWithdrawal

CardState = Literal["in use", "stopped", "ended"]

CARD_STATES: Mapping[str, CardState] = {"1": "in use", "3": "stopped", "0": "ended", "2": "ended", "4": "ended"}
"""AAZ502. A card that was never activated, was lost for good or was given back is none to be stopped for some days."""


class CardRow(Wire):
    """A social security card; BAZ505 (its bank's telephone) and BAZ506 (days of a loss report) are the city's own."""

    AAZ500: str
    AAZ502: str
    AAE008: str = ""
    AAE031: Day = None
    BAZ505: str = ""
    BAZ506: int | Literal[""] = ""


class CardDone(Wire):
    """What became of a loss report or of its lifting; ``done`` 1 or 0."""

    ours: str = Field(alias="BAE001")
    done: Literal["1", "0"]
    number: Number = ""
    message: Words = ""
    AAE031: Day = None


def card(row: CardRow) -> SocialCard:
    """Raises Unanswered for a state that nobody told us of."""
    state = CARD_STATES.get(row.AAZ502)
    if state is None:
        raise Unanswered("AAZ502 is not known")
    return SocialCard(
        ends=row.AAZ500[-4:],
        state=state,
        until=row.AAE031 if state == "stopped" else None,
        days=row.BAZ506 or None,
        bank=row.AAE008 or None,
        bank_telephone=row.BAZ505 or None,
    )


def of_card(row: CardDone) -> Settled:
    """How it ended."""
    return Settled(done=row.done == "1", number=row.number or None, text=row.message or None, until=row.AAE031)


# -- medical insurance -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class FamilyCodes:
    """agnter_rlts for each relation; these are the sandbox's, after GB/T 4761."""

    relations: Mapping[str, FamilyRelation] = field(
        default_factory=lambda: {
            "10": "spouse",
            "20": "child",
            "50": "parent",
            "40": "grandchild",
            "60": "grandparent",
            "70": "sibling",
        }
    )

    def code(self, relation: FamilyRelation | None) -> str:
        """The code of a relation. Raises NotGranted where this authority has none for it."""
        for code, meant in self.relations.items():
            if meant == relation:
                return code
        raise NotGranted("这种关系在这里不能办，请打 12393 问一问。")

    def family(self, listed: FamilyList) -> Family:
        """Raises Unanswered for a relation that nobody told us of, or an entry without its day."""
        members = []
        for row in listed.authinfo:
            relation = self.relations.get(row.agnter_rlts)
            if relation is None or row.begndate is None:
                raise Unanswered("an entry without its relation or its begin")
            name, ends = masked_name(row.psn_name), row.certno[-4:].upper()
            members.append(FamilyMember(entry=row.auth_sn, name=name, ends=ends, relation=relation, since=row.begndate))
        return Family(by="here", why_not=listed.memo or None, balance=listed.balc, members=tuple(members))


class FamilyRow(Wire):
    """One who uses the account."""

    auth_sn: str
    psn_name: str
    certno: str
    agnter_rlts: str
    begndate: Day = None


class FamilyList(Wire):
    """Output of the query; ``memo`` says why there is nothing to share."""

    authinfo: tuple[FamilyRow, ...] = ()
    balc: Money = None
    memo: str = ""


class DoneRow(Wire):
    """What became of a transaction under a msgid of ours; ``done_flag`` 1 or 0."""

    omsgid: str
    done_flag: Literal["1", "0"]
    trt_dcla_detl_sn: Number = ""
    memo: Words = ""
    enddate: Day = None


class DoneResult(Wire):
    """Output of a transaction that is carried out at once."""

    result: DoneRow


class DoneList(Wire):
    """Output of the question what became of one."""

    outinfo: tuple[DoneRow, ...]


def of_row(row: DoneRow) -> Settled:
    """How it ended."""
    return Settled(
        done=row.done_flag == "1", number=row.trt_dcla_detl_sn or None, text=row.memo or None, until=row.enddate
    )


def content_of(act: FamilyAccount | RemoteCareWithdrawal, codes: FamilyCodes) -> dict[str, str]:
    """What is meant, beside whose it is."""
    if isinstance(act, RemoteCareWithdrawal):
        return {"trt_dcla_detl_sn": act.entry, "memo": act.why}
    if act.member is None:
        return {"auth_sn": act.entry or ""}
    return {
        "auth_certno": act.member.number.upper(),
        "auth_psn_name": act.member.name,
        "agnter_rlts": codes.code(act.relation),
    }
