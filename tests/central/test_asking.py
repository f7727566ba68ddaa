"""What one question of a kiosk's costs: it is asked once who somebody is, and nothing waits that needs no other answer.

Calls that have to meet at a barrier never come through one after another: it breaks, and the test with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast

import pytest
from fastapi.testclient import TestClient

from central.api import create_app
from central.authorities.asking import each, one_request, one_task
from central.authorities.breaker import Breaker
from central.authorities.envelope import Output
from central.authorities.medical import NationalMedicalInsurance
from central.authorities.signing import HmacSigner
from central.authorities.social import Gateway, HttpSocialSecurity, R
from central.database import Database
from central.filing_basis import social_rows
from central.house import House
from central.insurance import filings_and_basis, status_at
from central.upstream import (
    Insured,
    MedicalInsurance,
    NotGranted,
    NotOffered,
    SocialSecurity,
    Telephones,
    Unanswered,
    Upstreams,
)
from kiosk.contract.acts import PersonReference
from kiosk.contract.filing_basis import FilingBasis, FilingBasisOf
from kiosk.contract.queries import Filing, Filings, Insurance
from tests.central.authority_contracts import KIOSK
from tests.central.kiosks import CHEN, LIN, Clock, FakeKiosk
from tests.central.spoken import LINS, spoken

HERE, THERE, FAR = "350900", "350200", "310000"
MEDICAL = Insurance(scheme="medical", insutype="390", status="1")
ERRORS = [Unanswered("no answer", "slow"), NotGranted("不给查"), NotOffered("-")]


@pytest.fixture
def database(sqlite_only: Database) -> Database:
    """The authorities are no database here."""
    return sqlite_only


def pension(status: str) -> Insurance:
    return Insurance(scheme="pension", insutype="110", status=status)


@dataclass(kw_only=True)
class Desk:
    """Every port at once. ``asked``: the calls in order; those that have to meet wait for each other."""

    medical: tuple[Insured, ...] = (Insured(place=HERE, row=MEDICAL),)
    telephone: str | None = "13800000002"
    places: tuple[str, ...] = (HERE,)
    social: dict[str, tuple[Insurance, ...]] = field(default_factory=dict)
    fails: dict[str, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    meetings: dict[str, threading.Barrier] = field(default_factory=dict)

    def meet(self, *calls: str) -> None:
        """These are under way together, or none of them ends."""
        self.meetings |= dict.fromkeys(calls, threading.Barrier(len(calls), timeout=10))

    def insured(self, terminal: str, person: PersonReference) -> tuple[Insured, ...]:
        self._called("insured")
        return self.medical

    def filings_of(self, terminal: str, person: PersonReference) -> tuple[Filing, ...]:
        self._called("filings")
        return ()

    def on_record(self, person: PersonReference) -> str | None:
        self._called("telephone")
        return self.telephone

    def places_of(self, terminal: str, person: PersonReference) -> tuple[str, ...]:
        self._called("places")
        return self.places

    def status_of(self, terminal: str, person: PersonReference, place: str) -> tuple[Insurance, ...]:
        self._called(place)
        return self.social.get(place, ())

    def _called(self, call: str) -> None:
        self.asked.append(call)
        if call in self.meetings:
            self.meetings[call].wait()
        if call in self.fails:
            raise self.fails[call]

    @property
    def upstreams(self) -> Upstreams:
        return Upstreams(
            mode="demo",
            institution="P35090000001",
            medical=cast(MedicalInsurance, self),
            social=cast(SocialSecurity, self),
            telephones=cast(Telephones, self),
        )


def basis_of(authority: str = "social", place: str = HERE) -> FilingBasisOf:
    return FilingBasisOf.model_validate({"person": LIN, "item": "self-paid", "authority": authority, "place": place})


# -- who somebody is ---------------------------------------------------------------------------------------------------


def test_who_somebody_is_is_asked_once_for_filings_and_what_they_rest_on() -> None:
    """Two exchanges instead of three."""
    envelopes = spoken({"1101": LINS, "90502": {"outinfo": []}})
    medical = NationalMedicalInsurance(envelopes=envelopes)
    found = filings_and_basis(replace(Desk().upstreams, medical=medical), KIOSK, LIN)
    assert found == Filings(insured_place=HERE, status="1", filings=(), telephone="138＊＊＊＊0002")
    assert envelopes.numbers == ["1101", "90502"]


def test_another_request_asks_again() -> None:
    """Nothing that was answered outlives a request, and nobody is taken for another in one."""
    envelopes = spoken({"1101": LINS})
    medical = NationalMedicalInsurance(envelopes=envelopes)
    for _ in range(2):
        with one_request(1):
            assert medical.insured(KIOSK, LIN) == medical.insured(KIOSK, LIN)
    assert len(envelopes.asked) == 2
    with one_request(1):
        medical.insured(KIOSK, LIN)
        medical.insured(KIOSK, CHEN)
        medical.insured("K-002", LIN)
    assert len(envelopes.asked) == 5
    medical.insured(KIOSK, LIN)
    medical.insured(KIOSK, LIN)
    assert len(envelopes.asked) == 7


def test_a_task_within_a_task_asks_for_itself() -> None:
    """Whoever goes first in the midst of another's papers is told what holds by then; the other one goes on."""
    envelopes = spoken({"1101": LINS})
    medical = NationalMedicalInsurance(envelopes=envelopes)
    with one_task():
        medical.insured(KIOSK, LIN)
        with one_task():
            assert medical.insured(KIOSK, LIN) == medical.insured(KIOSK, LIN)
        medical.insured(KIOSK, LIN)
    assert len(envelopes.asked) == 2


@pytest.mark.parametrize("error", [Unanswered("no answer", "slow"), NotGranted("不给查")])
def test_what_is_not_answered_is_not_waited_for_twice(error: Exception) -> None:
    """Whoever needs it hears the same."""
    envelopes = spoken({"1101": error})
    medical = NationalMedicalInsurance(envelopes=envelopes)
    with pytest.raises(type(error)) as raised:
        filings_and_basis(replace(Desk().upstreams, medical=medical), KIOSK, LIN)
    assert raised.value is error
    assert envelopes.numbers == ["1101"]


def test_who_is_not_known_has_no_rows_and_is_asked_for_filings_all_the_same() -> None:
    envelopes = spoken({"1101": NotGranted("未查询到人员信息"), "90502": {"outinfo": []}})
    medical = NationalMedicalInsurance(envelopes=envelopes)
    found = filings_and_basis(replace(Desk(telephone=None).upstreams, medical=medical), KIOSK, LIN)
    assert found == Filings(insured_place=None, status=None, filings=())
    assert envelopes.numbers == ["1101", "90502"]


# -- side by side ------------------------------------------------------------------------------------------------------


def test_both_authorities_are_asked_for_a_status_side_by_side(clock: Clock) -> None:
    """Once each; where else somebody is insured is asked where nothing was found, and only then."""
    desk = Desk(social={HERE: (pension("1"),)})
    desk.meet("insured", HERE)
    status = status_at(desk.upstreams, KIOSK, LIN, HERE, clock())
    assert (status.rows, status.elsewhere) == ((MEDICAL, pension("1")), ())
    assert sorted(desk.asked) == [HERE, "insured"]
    desk = Desk(places=(THERE,))
    desk.meet("insured", FAR)
    status = status_at(desk.upstreams, KIOSK, LIN, FAR, clock())
    assert (status.rows, status.elsewhere) == ((), (HERE, THERE))
    assert sorted(desk.asked) == [FAR, "insured", "places"]


def test_filings_and_what_they_rest_on_are_asked_side_by_side() -> None:
    desk = Desk()
    desk.meet("insured", "filings", "telephone")
    assert filings_and_basis(desk.upstreams, KIOSK, LIN).insured_place == HERE
    assert sorted(desk.asked) == ["filings", "insured", "telephone"]


def test_the_named_place_is_asked_while_the_others_are_looked_for() -> None:
    """Then those side by side; rows stay in the order of the places."""
    desk = Desk(places=(THERE, HERE, FAR), social={THERE: (pension("2"),), HERE: (pension("1"),), FAR: (pension("4"),)})
    desk.meet("places", HERE)
    desk.meet(THERE, FAR)
    rows = social_rows(desk.upstreams, KIOSK, basis_of())
    assert [(row.place, row.status) for row in rows] == [(THERE, "2"), (HERE, "1"), (FAR, "4")]
    assert sorted(desk.asked) == sorted(["places", HERE, THERE, FAR])


@pytest.mark.parametrize("error", ERRORS)
def test_a_place_that_knows_nobody_has_nothing_to_say(error: Exception) -> None:
    """Neither rows nor that it did not answer."""
    desk = Desk(places=(), social={HERE: (pension("1"),)})
    assert social_rows(desk.upstreams, KIOSK, basis_of()) == ()
    desk.fails[HERE] = error
    assert social_rows(desk.upstreams, KIOSK, basis_of()) == ()


@pytest.mark.usefixtures("opening")
@pytest.mark.parametrize("authority", ["medical", "social"])
def test_the_telephone_is_asked_for_beside_the_rows(house: House, clock: Clock, authority: str) -> None:
    """What is known before a filing, over the API: one call each for whoever is insured where they ask."""
    desk = Desk(social={HERE: (pension("1"),)})
    desk.meet("telephone", "insured" if authority == "medical" else "places")
    app = create_app(replace(house, upstreams=desk.upstreams), wake=lambda: None, closing=lambda: False)
    kiosk = FakeKiosk(TestClient(app, base_url="http://central"), clock)
    kiosk.send()
    answer = kiosk.ask("filing-basis", LIN, item="self-paid", authority=authority, place=HERE)
    assert answer.status_code == 200, answer.text
    found = FilingBasis.model_validate_json(answer.content)
    assert [(row.place, row.status) for row in found.rows] == [(HERE, "1")]
    assert found.telephone == "138＊＊＊＊0002"
    assert (
        sorted(desk.asked) == {"medical": ["insured", "telephone"], "social": [HERE, "places", "telephone"]}[authority]
    )


def test_numbers_at_one_place_are_asked_for_side_by_side() -> None:
    """One person may have several there; the rows stay in their order."""
    together = threading.Barrier(2, timeout=10)

    class Numbered(HttpSocialSecurity):
        """Two numbers, and a row behind each."""

        def _ask(self, what: str, terminal: str, asked: dict[str, str], model: type[R]) -> list[R]:
            if what == "person":
                return [model.model_validate({"AAC001": number}) for number in ("1", "2")]
            together.wait()
            row = {"AAB301": asked["AAB301"], "AAE140": "110", "AAC008": asked["AAC001"]}
            return [model.model_validate(row), model.model_validate(row | {"AAB301": THERE})]

    social = Numbered(
        gateway=Gateway(url="http://authority"),
        signer=HmacSigner(key=b"k" * 32),
        breaker=Breaker("social security", lambda: 0.0),
    )
    assert [row.status for row in social.status_of(KIOSK, LIN, HERE)] == ["1", "2"]


# -- what goes wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(
    ("asks", "calls"),
    [
        (lambda up: status_at(up, KIOSK, LIN, HERE, Clock()()), ("insured", HERE)),
        (lambda up: filings_and_basis(up, KIOSK, LIN), ("insured", "telephone", "filings")),
        (lambda up: social_rows(up, KIOSK, basis_of()), ("places", HERE)),
        (lambda up: social_rows(up, KIOSK, basis_of(place=FAR)), ("places", HERE)),
    ],
    ids=["status", "filings", "rows", "rows elsewhere"],
)
def test_what_fails_is_told_as_what_it_is(
    asks: Callable[[Upstreams], object], calls: tuple[str, ...], error: Exception
) -> None:
    """Whichever it is; of several, the one that would have been asked first."""
    for at, call in enumerate(calls):
        desk = Desk(fails={call: error} | dict.fromkeys(calls[at + 1 :], Unanswered("later")))
        with pytest.raises(type(error)) as raised:
            asks(desk.upstreams)
        assert raised.value is error


def test_the_first_of_several_answers_that_fails_is_told() -> None:
    """In the order of what was asked about, not of time."""

    def ask(about: int) -> Output:
        raise Unanswered(str(about))

    with pytest.raises(Unanswered, match="1"):
        each(ask, (1, 2, 3))
