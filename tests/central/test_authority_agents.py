"""Who acts for another (代办人), in the platform's names and the city's codes, and how many pictures there are."""

from __future__ import annotations

import pytest

from central.authorities.identity import AgentCodes
from central.authorities.medical import NationalMedicalInsurance
from central.authorities.service_forms import ServiceForm
from central.authorities.transactions import Transactions
from kiosk.contract.identity import Agent, PersonReference
from tests.central.authority_contracts import KIOSK, for_lin, new_number
from tests.central.kiosks import CHEN, LIN, filing, service
from tests.central.spoken import LINS, TAKEN, spoken

CITY = Transactions(file="2567", change="2569")
FORMS = {"chronic": ServiceForm(file="2503")}
AGENT = Agent(person=CHEN, relation="child", shown="id-card")
BLOCK = {
    "agnter_name": "陈建国",
    "agnter_cert_type": "01",
    "agnter_certno": CHEN.number,
    "agnter_tel": "13800000009",
    "agnter_rlts": "20",
}


def named(content: dict[str, object]) -> dict[str, object]:
    return {name: said for name, said in content.items() if name.startswith("agnter_")}


@pytest.mark.parametrize("infno", ["2567", "2569", "2503"])
def test_every_filing_tells_who_acts(infno: str) -> None:
    """Remote care, its change and an item alike; how many pictures there are as well."""
    envelopes = spoken({"1101": LINS, infno: TAKEN})
    medical = NationalMedicalInsurance(envelopes=envelopes, transactions=CITY, forms=FORMS)
    match infno:
        case "2567":
            medical.file(KIOSK, new_number(), for_lin(AGENT, pictures=2))
        case "2569":
            medical.change(KIOSK, new_number(), for_lin(AGENT, pictures=2), "YD0")
        case _:
            papers = for_lin(AGENT, pictures=2).papers
            act = service(LIN, agent=AGENT, telephone="13800000009", papers=papers, backing="upload")
            medical.file_service(KIOSK, new_number(), act)
    content = dict(envelopes.content_of(infno))
    assert named(content) == BLOCK
    assert content["att_cnt"] == "2"
    assert content["psn_name"] == LIN.name


def test_who_comes_for_themselves_names_nobody() -> None:
    """Of whichever version a filing is."""
    for act in (filing(LIN), for_lin(None)):
        envelopes = spoken({"1101": LINS, "90501": TAKEN})
        NationalMedicalInsurance(envelopes=envelopes).file(KIOSK, new_number(), act)
        content = dict(envelopes.content_of("90501"))
        assert named(content) == {}
        assert content["att_cnt"] == "0"


def test_the_city_s_codes_and_each_kind_of_document() -> None:
    """A small x is written as the authority writes it; where no telephone was typed there is none."""
    codes = AgentCodes(agents=dict.fromkeys(AgentCodes().agents, "9") | {"spouse": "1"})
    for number, kind in (("33990319680704059x", "01"), ("819901198402290022", "17"), ("XAA339988041710", "07")):
        agent = Agent(person=PersonReference(number=number, name="-"), relation="spouse", shown="id-card")
        content = codes.content(agent, None)
        assert (content["agnter_certno"], content["agnter_cert_type"]) == (number.upper(), kind)
        assert (content["agnter_rlts"], content["agnter_tel"]) == ("1", "")
