"""The ports to the authorities: the same suite against the demonstration and, over HTTP, against the sandbox.

And what only the wire can do: every fault of the sandbox is told as what it is, within the deadline, without a word of
a person in a log.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import monotonic
from typing import Literal

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient

from central.api import create_app
from central.authorities.at_once import FamilyCodes
from central.authorities.envelope import Envelopes, Input, Output, Response
from central.authorities.medical import NationalMedicalInsurance
from central.authorities.settings import AuthoritySettings, connect
from central.authorities.signing import HmacSigner, signed_content
from central.authorities.social import HttpSocialSecurity
from central.authorities.transactions import Transactions
from central.database import Database
from central.demonstration.authority import DemonstrationMedicalInsurance, DemonstrationSocialSecurity
from central.demonstration.register import Register
from central.demonstration.sandbox import FAULTS, Fault, FaultWanted, Sandbox
from central.house import House, fictitious, settings_of
from central.keys import KeyFolder
from central.upstream import Insured, NotGranted, NumberTaken, Unanswered
from kiosk.contract.beforehand import Family
from kiosk.contract.messages import Problem
from kiosk.contract.queries import Insurance
from tests.central.authority_contracts import KIOSK, MedicalContract, SocialContract, changing, new_number
from tests.central.kiosks import CHEN, LIN, LONG_NAME, Clock, FakeKiosk, filing, loss, service, sharing

WITHIN = 0.6
"""Seconds for one exchange here: nobody waits for a slow sandbox longer than this."""


@dataclass
class Wired:
    """A sandbox and the adapters that speak to it."""

    sandbox: Sandbox
    settings: AuthoritySettings
    medical: NationalMedicalInsurance
    social: HttpSocialSecurity

    def fault(self, fault: Fault, times: int = 1, authority: str = "medical") -> None:
        wanted = FaultWanted.model_validate({"authority": authority, "fault": fault, "times": times, "seconds": 30})
        answer = httpx.post(f"{self.sandbox.url}/faults", content=wanted.model_dump_json())
        assert answer.status_code == 200, answer.text


Authorities = tuple[DemonstrationMedicalInsurance, DemonstrationSocialSecurity]


@pytest.fixture
def authorities(database: Database, key_folder: KeyFolder, register: Register, clock: Clock) -> Authorities:
    return fictitious(database, key_folder, register, clock)


@pytest.fixture
def authority(authorities: Authorities) -> DemonstrationMedicalInsurance:
    return authorities[0]


@pytest.fixture
def wired(authorities: Authorities, key_folder: KeyFolder, register: Register, clock: Clock) -> Iterator[Wired]:
    file, key = key_folder.sandbox_key()
    sandbox = Sandbox(register, *authorities, HmacSigner(key=key))
    sandbox.start()
    settings = settings_of(sandbox.url, file)
    short = {"within": WITHIN, "breaker": settings.medical.breaker.model_copy(update={"failures": 100})}
    settings = AuthoritySettings(
        medical=settings.medical.model_copy(update=short), social=settings.social.model_copy(update=short)
    )
    medical, social = connect(settings, clock)
    assert isinstance(medical, NationalMedicalInsurance)
    assert isinstance(social, HttpSocialSecurity)
    yield Wired(sandbox, settings, medical, social)
    sandbox.close()


class TestDemonstrationMedicalInsurance(MedicalContract):
    """In its own hands."""

    @pytest.fixture
    def medical(self, authority: DemonstrationMedicalInsurance) -> DemonstrationMedicalInsurance:
        return authority


class TestNationalEnvelope(MedicalContract):
    """Over the envelope."""

    @pytest.fixture
    def database(self, sqlite_only: Database) -> Database:
        """The database is the other authority's, as below."""
        return sqlite_only

    @pytest.fixture
    def medical(self, wired: Wired) -> NationalMedicalInsurance:
        return wired.medical


class TestDemonstrationSocialSecurity(SocialContract):
    """In its own hands."""

    @pytest.fixture
    def social(self, authorities: Authorities) -> DemonstrationSocialSecurity:
        return authorities[1]


class TestSocialGateway(SocialContract):
    """Over the gateway."""

    @pytest.fixture
    def database(self, sqlite_only: Database) -> Database:
        """The database is the other authority's."""
        return sqlite_only

    @pytest.fixture
    def social(self, wired: Wired) -> HttpSocialSecurity:
        return wired.social


class TestFaults:
    """What goes wrong on the wire. One kind of database will do: it is behind the wire."""

    @pytest.fixture
    def database(self, sqlite_only: Database) -> Database:
        return sqlite_only

    @pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "taken"])
    def test_a_question_has_no_answer_in_time(
        self, wired: Wired, fault: Fault, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Whatever is wrong: Unanswered within the deadline, and the next question is answered."""
        caplog.set_level(logging.DEBUG)
        for ask in (wired.medical.insured, wired.social.places_of):
            wired.fault(fault, authority="medical" if ask == wired.medical.insured else "social")
            began = monotonic()
            with pytest.raises(Unanswered) as unanswered:
                ask(KIOSK, CHEN)
            assert monotonic() - began < WITHIN + 1
            assert unanswered.value.reason == ("slow" if fault == "slow" else "server")
            assert ask(KIOSK, CHEN)
        assert CHEN.number not in caplog.text
        assert CHEN.name not in caplog.text

    @pytest.mark.parametrize("fault", ["lost", "half", "rubbish", "status", "page", "slow"])
    def test_taken_and_the_answer_lost(self, wired: Wired, fault: Fault) -> None:
        """The authority has it: asked by our number it says so, and a second one is not made."""
        ours = new_number()
        self._before_the_filing(wired, fault)
        with pytest.raises(Unanswered):
            wired.medical.file(KIOSK, ours, filing(CHEN))
        if fault == "slow":
            wired.sandbox.closing.set()  # the slow one comes to its end, after nobody waits any more
            self._until_it_arrived(wired, ours)
        fate = wired.medical.fate(KIOSK, ours, filing(CHEN))
        assert fate is not None
        assert fate.state == "accepted"
        with pytest.raises(NumberTaken):
            wired.medical.file(KIOSK, ours, filing(CHEN))
        assert len(wired.medical.filings_of(KIOSK, CHEN)) == 1

    def test_a_change_taken_and_the_answer_lost(self, wired: Wired) -> None:
        """It is found by the transaction under which it went out, and under no other."""
        number = wired.medical.file(KIOSK, new_number(), filing(CHEN)).number
        assert number is not None
        ours, act = new_number(), changing(number)
        self._before(wired, "lost", wired.medical.transactions.change)
        with pytest.raises(Unanswered):
            wired.medical.change(KIOSK, ours, act, number)
        fate = wired.medical.fate(KIOSK, ours, act)
        assert fate is not None
        assert fate.state == "accepted"
        assert wired.medical.fate(KIOSK, ours, filing(CHEN)) is None

    @pytest.mark.parametrize("fault", ["lost", "half", "rubbish", "status", "page"])
    def test_an_item_taken_and_the_answer_lost(self, wired: Wired, fault: Fault) -> None:
        """The same of what is filed for any item, whichever authority takes it: asked by our number, it has it once."""
        ours, act = new_number(), service(LONG_NAME, "rural-pension")
        wired.fault(fault, authority="social")
        with pytest.raises(Unanswered):
            wired.social.file_service(KIOSK, ours, act)
        fate = wired.social.service_fate(KIOSK, ours, act)
        assert fate is not None
        assert fate.state == "accepted"
        with pytest.raises(NumberTaken):
            wired.social.file_service(KIOSK, ours, act)

    @pytest.mark.parametrize("fault", ["closed", "error"])
    def test_an_item_not_taken(self, wired: Wired, fault: Fault) -> None:
        """The authority does not have it, and says so."""
        ours, act = new_number(), service(LONG_NAME, "rural-pension")
        wired.fault(fault, authority="social")
        with pytest.raises(Unanswered):
            wired.social.file_service(KIOSK, ours, act)
        assert wired.social.service_fate(KIOSK, ours, act) is None
        assert wired.social.file_service(KIOSK, ours, act).state == "accepted"

    @pytest.mark.parametrize("fault", ["closed", "error"])
    def test_not_taken(self, wired: Wired, fault: Fault) -> None:
        """The authority does not have it, and says so."""
        ours = new_number()
        self._before_the_filing(wired, fault)
        with pytest.raises(Unanswered):
            wired.medical.file(KIOSK, ours, filing(CHEN))
        assert wired.medical.fate(KIOSK, ours, filing(CHEN)) is None
        assert wired.medical.file(KIOSK, ours, filing(CHEN)).state == "accepted"

    def test_a_number_that_the_authority_calls_taken(self, wired: Wired) -> None:
        """A filing is told of it; a question goes out again under another number, once."""
        self._before_the_filing(wired, "taken")
        with pytest.raises(NumberTaken):
            wired.medical.file(KIOSK, new_number(), filing(CHEN))
        wired.fault("taken")
        assert wired.medical.insured(KIOSK, CHEN)
        wired.fault("taken", times=2)
        with pytest.raises(Unanswered):
            wired.medical.insured(KIOSK, CHEN)

    @pytest.mark.parametrize("fault", ["lost", "half", "rubbish", "status", "page"])
    def test_carried_out_and_the_answer_lost(self, wired: Wired, fault: Fault) -> None:
        """Asked by our number, either authority says what became of it, and does not do it again."""
        ours = new_number()
        wired.fault(fault, authority="social")
        with pytest.raises(Unanswered):
            wired.social.card_loss(KIOSK, ours, loss(CHEN))
        settled = wired.social.settled(KIOSK, ours, loss(CHEN))
        assert settled is not None
        assert settled.done
        with pytest.raises(NumberTaken):
            wired.social.card_loss(KIOSK, ours, loss(CHEN))
        ours = new_number()
        self._before(wired, fault, wired.medical.transactions.family_add)
        with pytest.raises(Unanswered):
            wired.medical.family(KIOSK, ours, sharing(LIN))
        settled = wired.medical.settled(KIOSK, ours, sharing(LIN))
        assert settled is not None
        assert settled.done
        assert len(wired.medical.family_of(KIOSK, CHEN).members) == 1

    @pytest.mark.parametrize("fault", ["closed", "error"])
    def test_not_carried_out(self, wired: Wired, fault: Fault) -> None:
        """The authority says that nothing came under our number; it may go out again."""
        ours = new_number()
        wired.fault(fault, authority="social")
        with pytest.raises(Unanswered):
            wired.social.card_loss(KIOSK, ours, loss(CHEN))
        assert wired.social.settled(KIOSK, ours, loss(CHEN)) is None
        assert wired.social.card_loss(KIOSK, ours, loss(CHEN)).done

    def test_a_request_that_the_gateway_calls_taken(self, wired: Wired) -> None:
        """It came before, whatever it was."""
        wired.fault("taken", authority="social")
        with pytest.raises(NumberTaken):
            wired.social.card_loss(KIOSK, new_number(), loss(CHEN))

    def test_a_relation_that_a_city_does_not_know(self, wired: Wired) -> None:
        """Nothing goes out, and the person is told whom to ask."""
        nobody = replace(wired.medical, family_codes=FamilyCodes(relations={"10": "spouse"}))
        with pytest.raises(NotGranted, match="declined"):
            nobody.family(KIOSK, new_number(), sharing(LIN))

    def test_a_city_that_names_no_transaction_for_it(self, wired: Wired) -> None:
        """Its people are shown its app, and it is not asked."""
        without = replace(wired.medical, transactions=Transactions(family=""))
        assert without.family_of(KIOSK, CHEN) == Family(by="app")

    def test_a_wrong_signature_is_refused(self, wired: Wired) -> None:
        """By both authorities: nothing is told."""
        forged = HmacSigner(key=b"another key, of thirty-two bytes")
        medical = replace(wired.medical, envelopes=replace(wired.medical.envelopes, signer=forged))
        for refused in (medical.insured, replace(wired.social, signer=forged).places_of):
            with pytest.raises(NotGranted) as refusal:
                refused(KIOSK, CHEN)
            assert "签名" in refusal.value.text

    def test_the_envelope(self, wired: Wired, clock: Clock) -> None:
        """Its fields as the specification has them: the sandbox takes nothing else."""
        sent = wired.medical.envelopes._envelope("1101", new_number(), KIOSK, {"data": {}}, "350900")
        assert (sent["opter_type"], sent["opter"], sent["infver"]) == ("2", KIOSK, "V1.0")
        assert (sent["mdtrtarea_admvs"], sent["insuplc_admdvs"]) == ("350900", "350900")
        assert sent["inf_time"] == "2026-11-23 10:00:00"
        msgid = str(sent["msgid"])
        assert (len(msgid), msgid[:12], msgid[12:26]) == (30, "P35090000001", "20261123100000")
        assert sent["cainfo"] == wired.medical.envelopes.signer.sign(signed_content(sent))
        wrong: list[dict[str, object]] = [
            {"opter_type": "1"}, {"msgid": "7"}, {"opter": ""}, {"mdtrtarea_admvs": ""}, {"more": "1"}, {"infno": "11"},
        ]  # fmt: skip
        for change in wrong:
            answer = httpx.post(wired.settings.medical.url, content=json.dumps(sent | change))
            response = Response.model_validate_json(answer.content)
            assert (response.infcode, response.err_msg) == ("-1", "报文格式不正确"), change

    def test_two_questions_have_two_numbers(self, wired: Wired) -> None:
        """And none that a filing may have."""
        numbers = {wired.medical.envelopes._number() for _ in range(100)}
        assert len(numbers) == 100
        assert all(int(number[-4:]) >= 5000 for number in numbers)

    def test_an_authority_that_is_down_is_left_alone(self, wired: Wired, clock: Clock) -> None:
        """After some failures nobody waits any more; when it is back, so are the answers."""
        time = 0.0
        breaker = wired.settings.medical.breaker.model_copy(update={"failures": 2, "pause": 15})
        medical, _ = connect(
            wired.settings.model_copy(
                update={"medical": wired.settings.medical.model_copy(update={"breaker": breaker})}
            ),
            clock,
            lambda: time,
        )
        wired.fault("slow", times=2)
        for _ in range(2):
            with pytest.raises(Unanswered):
                medical.insured(KIOSK, CHEN)
        began = monotonic()
        with pytest.raises(Unanswered, match="not asked"):
            medical.insured(KIOSK, CHEN)
        assert monotonic() - began < WITHIN / 2
        time = 15.0
        assert medical.insured(KIOSK, CHEN)

    def test_a_kiosk_is_told_which(self, wired: Wired, house: House, api: TestClient, clock: Clock) -> None:
        """504 for slow, 503 for out of order, 409 where it is refused: never a word of the authority's."""
        upstreams = replace(house.upstreams, medical=wired.medical, social=wired.social)
        app = create_app(replace(house, upstreams=upstreams), wake=lambda: None, closing=lambda: False)
        kiosk = FakeKiosk(TestClient(app, base_url="http://central", raise_server_exceptions=False), clock)
        kiosk.send()
        for fault, status, code in (("slow", 504, "authority-slow"), ("error", 503, "authority-away")):
            wired.fault(fault)  # type: ignore[arg-type] # two of them
            answer = kiosk.ask("insurance-status", CHEN, place="350900")
            assert (answer.status_code, Problem.model_validate_json(answer.content).code) == (status, code)
        assert kiosk.ask("insurance-status", CHEN, place="350900").status_code == 200
        forged = replace(wired.social, signer=HmacSigner(key=b"another key, of thirty-two bytes"))
        refusing = create_app(
            replace(house, upstreams=replace(upstreams, social=forged)), wake=lambda: None, closing=lambda: False
        )
        kiosk.http = TestClient(refusing, base_url="http://central", raise_server_exceptions=False)
        answer = kiosk.ask("insurance-status", LIN, place="350900")
        assert (answer.status_code, answer.json()["code"]) == (409, "not-granted")
        assert "签名" not in answer.text

    def _before_the_filing(self, wired: Wired, fault: Fault) -> None:
        self._before(wired, fault, wired.medical.transactions.file)

    def _before(self, wired: Wired, fault: Fault, file: str) -> None:
        """The fault is for the transaction itself: the question before it (1101) is answered."""
        inner = wired.medical.envelopes

        class AtTheFiling(Envelopes):
            """Envelopes that switch the fault on when the first of these leaves."""

            def send(
                self, infno: str, msgid: str, terminal: str, content: Input, *, place: str = "", part: str = "data"
            ) -> Output:
                if infno == file and switched == []:
                    switched.append(fault)
                    wired.fault(fault)
                return super().send(infno, msgid, terminal, content, place=place, part=part)

        switched: list[Fault] = []
        envelopes = AtTheFiling(sender=inner.sender, signer=inner.signer, breaker=inner.breaker, now=inner.now)
        wired.medical = replace(wired.medical, envelopes=envelopes)

    def _until_it_arrived(self, wired: Wired, ours: str) -> None:
        began = monotonic()
        while wired.sandbox.authority.fate(KIOSK, ours, filing(CHEN)) is None:
            assert monotonic() - began < 10


def test_a_person_without_a_number_is_asked_for_by_certificate(wired: Wired) -> None:
    """Whom nobody knows has no psn_no: the filing goes out all the same, and the authority says its reason."""
    with pytest.raises(NotGranted) as refused:
        wired.medical.file(KIOSK, new_number(), filing(LONG_NAME))
    assert "没有查到基本医疗保险" in refused.value.text


def held(insutype: str, status: str, place: str = "350900") -> Insured:
    """A row of medical insurance."""
    scheme: Literal["medical", "maternity"] = "maternity" if insutype == "510" else "medical"
    return Insured(place=place, row=Insurance(scheme=scheme, insutype=insutype, status=status))


class TestWhatAFilingRestsOn:
    """Whoever pays for treatment, and nothing that comes on top of it."""

    @pytest.fixture
    def database(self, sqlite_only: Database) -> Database:
        return sqlite_only

    def test_it_goes_out_under_the_basic_insurance_in_force(
        self, wired: Wired, authority: DemonstrationMedicalInsurance, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whichever row stands first: with its kind and its place."""
        rows = (held("410", "1"), held("310", "4"), held("390", "1", "350200"), held("310", "1"))
        monkeypatch.setattr(authority, "insured", lambda _terminal, _person: rows)
        sent: list[tuple[Input, str]] = []
        send = Envelopes.send

        def noted(
            self: Envelopes,
            infno: str,
            msgid: str,
            terminal: str,
            content: Input,
            *,
            place: str = "",
            part: str = "data",
        ) -> Output:
            if infno == wired.medical.transactions.file:
                sent.append((content, place))
            return send(self, infno, msgid, terminal, content, place=place, part=part)

        monkeypatch.setattr(Envelopes, "send", noted)
        fate = wired.medical.file(KIOSK, new_number(), filing(CHEN, place="310100"))
        assert fate.place == "350200"
        ((content, place),) = sent
        assert (content["insutype"], content["insu_admdvs"], place) == ("390", "350200", "350200")

    @pytest.mark.parametrize(
        ("rows", "words"),
        [
            ((held("310", "2"), held("510", "1"), held("410", "1")), "没有在正常缴费"),
            ((held("510", "1"), held("330", "1")), "没有查到基本医疗保险"),
        ],
        ids=["paused", "none"],
    )
    def test_what_comes_on_top_stands_for_nothing(
        self,
        wired: Wired,
        authority: DemonstrationMedicalInsurance,
        monkeypatch: pytest.MonkeyPatch,
        rows: tuple[Insured, ...],
        words: str,
    ) -> None:
        """The authority is reached all the same, at the place of any row, and says its reason."""
        monkeypatch.setattr(authority, "insured", lambda _terminal, _person: rows)
        with pytest.raises(NotGranted) as refused:
            wired.medical.file(KIOSK, new_number(), filing(CHEN))
        assert words in refused.value.text
        assert wired.medical.filings_of(KIOSK, CHEN) == ()
