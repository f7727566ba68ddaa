"""What an act rests on besides a code: a worker's word, somebody who acted for the person.

Both are kept where whoever looks after the centre can count them, by worker and reason. And the person is told by the
telephone on record, wherever there is one: a word that nobody should have given comes to light that way. A child whom
papers prove has none as a rule: their guardian is told of the word too.
"""

from __future__ import annotations

import logging
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from central.database import insert
from central.people import References, masked_name
from central.submitting import OFFICES, Submitted, authority_of, in_words
from central.tables import vouchers
from central.upstream import Telephones, Unanswered
from kiosk.contract.filings import Authority
from kiosk.contract.identity import PersonReference, Vouched
from kiosk.contract.live import FamilyAccount, LiveAct, RemoteCareWithdrawal, SocialCardLoss

log = logging.getLogger("central.opener")


def note(connection: Connection, *, kiosk: str, record: UUID, act: Submitted | LiveAct, references: References) -> None:
    """Keeps it, once; nothing where the person came alone, with a card of their own and a code."""
    if not isinstance(act, Vouched) or (act.witness is None and act.agent is None):
        return
    connection.execute(
        insert(connection, vouchers)
        .values(
            kiosk=kiosk,
            id=record,
            shown=act.shown,
            proof=act.check,
            worker=act.witness.worker if act.witness is not None else None,
            reason=act.witness.reason if act.witness is not None else None,
            agent=references.of(act.agent.person) if act.agent is not None else None,
            relation=act.agent.relation if act.agent is not None else None,
        )
        .on_conflict_do_nothing()
    )


def tell_the_person(telephones: Telephones, record: UUID, act: Submitted | LiveAct) -> None:
    """A message to each telephone on record, once a record. It keeps nothing waiting: where no message can be sent, the
    matter goes on without it."""
    if not isinstance(act, Vouched) or (act.witness is None and act.agent is None):
        return
    how = "，".join(words for words in (_BY_AGENT if act.agent else "", _BY_WITNESS if act.witness else "") if words)
    authority, what = AT_ONCE[act.kind] if isinstance(act, LiveAct) else (authority_of(act), in_words(act))
    office, hotline = OFFICES[authority], HOTLINES[authority]
    whom = masked_name(act.person.name) if act.shown == "papers" else "您"
    text = f"【{office}】自助终端上刚为{whom}登记了{what}（{how}）。不是您的意思，请打 {hotline}。"
    told: set[str] = set()
    for key, person in _who_is_told(record, act.person, act).items():
        try:
            telephone = telephones.on_record(person)
            if telephone is not None and telephone not in told:
                telephones.send(key, telephone, text)
                told.add(telephone)
        except Unanswered as reason:
            log.warning("nobody was told of %s: %s", key, reason)


def _who_is_told(record: UUID, person: PersonReference, act: Vouched) -> dict[str, PersonReference]:
    """Each by the key of the message."""
    key = f"vouched:{record}"
    if act.shown == "papers" and act.agent is not None and act.witness is not None:
        return {key: person, f"{key}:guardian": act.agent.person}
    return {key: person}


AT_ONCE: Final[dict[str, tuple[Authority, str]]] = {
    SocialCardLoss.kind: ("social", "社保卡的停用或恢复"),
    FamilyAccount.kind: ("medical", "家庭共济"),
    RemoteCareWithdrawal.kind: ("medical", "异地就医备案的撤销"),
}
"""Kind → who carries it out, and what a message calls it."""
HOTLINES: Final[dict[Authority, str]] = {"medical": "12393", "social": "12333"}
_BY_AGENT: Final = "由家人代办"
_BY_WITNESS: Final = "由工作人员作证"
