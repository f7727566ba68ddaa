"""How medical insurance is told who somebody is: the kind of a document, and who acts for another (代办人).

The names are the platform's (agnter_name and its like, with every filing). Codes of relations differ between provinces;
those here are the sandbox's, and a city's stand in its settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.contract.identity import Agent, Relation


@dataclass(frozen=True, kw_only=True)
class AgentCodes:
    """agnter_rlts for what whoever acts is to the person; two relations may have one code."""

    agents: Mapping[Relation, str] = field(
        default_factory=lambda: {
            "spouse": "10",
            "child": "20",
            "parent": "50",
            "relative": "97",
            "carer": "98",
            "worker": "99",
        }
    )

    def content(self, agent: Agent | None, telephone: str | None) -> dict[str, str]:
        """Who acts, beside what is filed; nothing where the person came. ``telephone``: the one that was typed then."""
        if agent is None:
            return {}
        return {
            "agnter_name": agent.person.name,
            "agnter_cert_type": certificate_type(agent.person.number),
            "agnter_certno": agent.person.number.upper(),
            "agnter_tel": telephone or "",
            "agnter_rlts": self.agents[agent.relation],
        }


def certificate_type(number: str) -> str:
    """psn_cert_type by the kind of number: 17 residence permit of 港澳台, 07 a foreigner's permanent one, else 01."""
    if number[:1].isalpha() or number[:1] == "9":
        return "07"
    return "17" if number[:2] in ("81", "82", "83") else "01"
