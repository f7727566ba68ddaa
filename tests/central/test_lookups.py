"""The typed query: what a kiosk may look up, for whom, and how a city adds a service without code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Literal
from uuid import uuid4

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient

from central.api import create_app
from central.authorities.exchange import post
from central.authorities.services import SLOT, Service, SocialService, built_in, in_our_form
from central.authorities.settings import AuthoritySettings, BadAuthorities, connect, load_authorities
from central.authorities.signing import HmacSigner
from central.database import Database
from central.demonstration.register import Register
from central.demonstration.sandbox import Fault, FaultWanted, Sandbox
from central.house import House, fictitious, settings_of
from central.keys import KeyFolder
from central.upstream import Listing, Unanswered, Wanted
from kiosk.catalog import load_catalog
from kiosk.contract.acts import PersonReference
from kiosk.contract.identity import Witness
from kiosk.contract.lookups import Authority, Found, Lookup
from kiosk.contract.queries import Presented
from kiosk.items import Item
from tests.central.authority_contracts import KIOSK
from tests.central.kiosks import CHEN, JSON, LIN, OUYANG, RARE, Clock, FakeKiosk


def ask(
    kiosk: FakeKiosk,
    person: PersonReference,
    authority: Authority,
    *services: str,
    place: str | None = None,
    witness: Witness | None = None,
    **answers: str,
) -> httpx.Response:
    query = Lookup(person=person, authority=authority, services=services, place=place, answers=answers, witness=witness)
    presented = Presented(visit=kiosk.visit, kiosk=kiosk.name, card="resident")
    body = {"presented": presented.model_dump(mode="json"), "query": query.model_dump(mode="json")}
    return kiosk.http.post(f"/v1/queries/{Lookup.name}", json=body, headers=JSON)


def found(answer: httpx.Response) -> Found:
    assert answer.status_code == 200, answer.text
    return Found.model_validate_json(answer.content)


@pytest.fixture
def known(kiosk: FakeKiosk) -> FakeKiosk:
    kiosk.send()
    return kiosk


def test_every_row_of_every_service(known: FakeKiosk, clock: Clock) -> None:
    """In the order in which they were asked for, as of now."""
    answer = found(ask(known, CHEN, "medical", "contributions", "insured"))
    assert [part.service for part in answer.parts] == ["contributions", "insured"]
    assert [row["status"] for row in answer.parts[1].rows] == ["4", "1"]
    assert (answer.as_of, answer.place, answer.elsewhere) == (clock(), None, ())


def test_not_here_but_elsewhere(known: FakeKiosk) -> None:
    """The kiosk is told where; nobody is called uninsured."""
    answer = found(ask(known, RARE, "social", "contributions", place="350900", months="2026-01/2026-11"))
    assert answer.nothing
    assert (answer.place, answer.elsewhere) == ("350900", ("350200",))


def test_money_needs_a_second_factor_of_this_visit(known: FakeKiosk, clock: Clock) -> None:
    """A code that came back; another person's, or another visit's, is none."""
    refused = ask(known, LIN, "social", "pension", place="350900", year="2026")
    assert (refused.status_code, refused.json()["code"]) == (403, "second-factor")
    known.prove(OUYANG)
    assert ask(known, LIN, "social", "pension", place="350900", year="2026").status_code == 403
    clock.move(timedelta(seconds=1))
    known.prove(LIN)
    answer = found(ask(known, LIN, "social", "pension", place="350900", year="2026"))
    assert len(answer.parts[0].rows) == 11
    known.visit = uuid4()
    assert ask(known, LIN, "social", "pension", place="350900", year="2026").status_code == 403


def test_a_service_beside_one_with_money_needs_it_too(known: FakeKiosk) -> None:
    """Asked together they are refused together."""
    assert ask(known, CHEN, "medical", "insured", "account").status_code == 403


def test_a_workers_word_is_a_second_factor(known: FakeKiosk) -> None:
    """With the worker and the reason, as for acts."""
    witness = Witness(worker="W-07", reason="no-telephone")
    assert found(ask(known, RARE, "medical", "account", witness=witness)).parts


@pytest.mark.parametrize(
    ("authority", "service", "place"),
    [("social", "horoscope", "350900"), ("medical", "pension", None), ("social", "contributions", None)],
    ids=["unheard of", "the other authority's", "without the place that it needs"],
)
def test_what_an_authority_does_not_offer(
    known: FakeKiosk, authority: Authority, service: str, place: str | None
) -> None:
    answer = ask(known, CHEN, authority, service, place=place)
    assert (answer.status_code, answer.json()["code"]) == (404, "no-service")


def test_an_unknown_kiosk_may_look_up_nothing(kiosk: FakeKiosk) -> None:
    answer = ask(kiosk, CHEN, "medical", "insured")
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown-key")


# ---- The authorities' settings ---------------------------------------------------------------------------------------

ONE_MORE = """
[medical]
url = "{url}/medical"
institution = "P35090000001"
institution_name = "x"
area = "350900"
[medical.signing]
key = "{key}"
[social]
url = "{url}/social"
[social.signing]
key = "{key}"
[social.services.provident-fund]
path = "contributions"
asks = {{ AAE041 = "{{months.first}}", AAE042 = "{{months.last}}", AAE140 = "210" }}
newest = "month"
[social.services.provident-fund.columns]
month = {{ field = "AAE042", kind = "month" }}
amount = {{ field = "BAE022", kind = "money", needed = true }}
"""


@pytest.fixture
def sandbox(
    sqlite_only: Database, key_folder: KeyFolder, register: Register, clock: Clock
) -> Iterator[tuple[Sandbox, Path]]:
    file, key = key_folder.sandbox_key()
    running = Sandbox(register, *fictitious(sqlite_only, key_folder, register, clock), HmacSigner(key=key))
    running.start()
    yield running, file
    running.close()


def test_adding_a_service_is_adding_a_row_of_the_settings(
    sandbox: tuple[Sandbox, Path], tmp_path: Path, house: House, api: TestClient, clock: Clock
) -> None:
    """A city's gateway has one more: its path, its fields, our columns. The others stay."""
    running, key = sandbox
    file = tmp_path / "authorities.toml"
    file.write_text(ONE_MORE.format(url=running.url, key=key), encoding="utf-8")
    medical, social = connect(load_authorities(file), clock)
    upstreams = replace(house.upstreams, medical=medical, social=social)
    app = create_app(replace(house, upstreams=upstreams), wake=lambda: None, closing=lambda: False)
    kiosk = FakeKiosk(TestClient(app, base_url="http://central"), clock)
    kiosk.send()
    answer = found(ask(kiosk, CHEN, "social", "provident-fund", place="350900", months="2026-01/2026-11"))
    assert answer.parts[0].rows == ({"month": "202610", "amount": "21.50"},)
    assert found(ask(kiosk, CHEN, "social", "card")).parts[0].rows[0]["number"] == "0011"


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('kind = "month"', 'kind = "moon"', "social.services.provident-fund.columns.month.kind"),
        ('path = "contributions"', 'path = "../etc"', "social.services.provident-fund.path"),
        ("newest =", "latest =", "social.services.provident-fund.latest"),
    ],
)
def test_a_mistake_in_a_service_is_one_line(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    file = tmp_path / "authorities.toml"
    text = ONE_MORE.format(url="http://127.0.0.1:9", key="k")
    assert right in text
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(BadAuthorities, match=says):
        load_authorities(file)


@pytest.mark.parametrize(
    ("value", "kind", "ours"),
    [
        ("20261025", "day", "2026-10-25"), ("2026-10-25 00:00:00", "day", "2026-10-25"), (202610, "month", "202610"),
        ("2026-10", "month", "202610"), (1286.4, "money", "1286.40"), ("1286.4", "money", "1286.40"),
        ("6200000000000002802", "tail", "2802"), ("  ", "text", ""), (None, "money", ""), ([1], "text", ""),
    ],
)  # fmt: skip
def test_one_form_of_each_value(value: object, kind: str, ours: str) -> None:
    assert in_our_form(value, kind) == ours  # type: ignore[arg-type] # parametrised


@pytest.mark.parametrize(
    ("value", "kind"),
    [("soon", "day"), ("2026-19-45", "day"), ("13", "month"), ("a lot", "money"), ("NaN", "money"), ("1e9", "day")],
)
def test_what_is_not_of_its_kind_is_no_answer(value: str, kind: str) -> None:
    """It is not guessed, and not shown as if it were."""
    with pytest.raises(Unanswered):
        in_our_form(value, kind)  # type: ignore[arg-type] # parametrised


@pytest.mark.parametrize("step", [1, 2], ids=["who it is", "what is listed"])
@pytest.mark.parametrize("fault", ["error", "rubbish", "half", "closed", "page", "status"])
def test_a_fault_is_no_empty_answer(
    sandbox: tuple[Sandbox, Path], clock: Clock, monkeypatch: pytest.MonkeyPatch, fault: Fault, step: int
) -> None:
    """In the first exchange or the second: nobody is told that nothing was found."""
    running, key = sandbox
    medical, social = connect(short(settings_of(running.url, key)), clock)
    wanted = Wanted(services=("contributions",), place="350900", answers={"months": "2026-01/2026-11", "kind": ""})
    ports: dict[Literal["medical", "social"], Listing] = {"medical": medical, "social": social}
    for authority, port in ports.items():
        assert port.look_up(KIOSK, CHEN, wanted).rows["contributions"]
        exchanges = count(1)

        def exchange(url: str, body: bytes, *, within: float, headers: Mapping[str, str] | None = None) -> bytes:
            if next(exchanges) == step:  # noqa: B023 - called before the loop goes on
                running.want(FaultWanted(authority=authority, fault=fault))  # noqa: B023
            return post(url, body, within=within, headers=headers)

        with monkeypatch.context() as patched:
            for module in ("envelope", "social"):
                patched.setattr(f"central.authorities.{module}.post", exchange)
            with pytest.raises(Unanswered):
                port.look_up(KIOSK, CHEN, wanted)


def short(settings: AuthoritySettings) -> AuthoritySettings:
    patient = {"breaker": settings.medical.breaker.model_copy(update={"failures": 1000})}
    return AuthoritySettings(
        medical=settings.medical.model_copy(update=patient), social=settings.social.model_copy(update=patient)
    )


# ---- The kiosk's catalogue against central's services ----------------------------------------------------------------

SAID_AS = {"money": "money", "month": "month", "day": "day", "tail": "tail"}
"""Kinds of a column that both sides have to mean; the others read texts and codes."""


@pytest.mark.parametrize(
    "item", [item for item in load_catalog().items if item.query is not None], ids=lambda item: item.code
)
def test_every_query_of_the_catalogue_is_answered(item: Item) -> None:
    """By services that there are, with the columns that it shows, what it has to ask for, and no lower level."""
    entry = item.query
    assert entry is not None
    services: Mapping[str, Service] = built_in().social if entry.authority == "social" else built_in().medical
    asked = {name for ask in entry.ask for name in (ask.code, f"{ask.code}.first", f"{ask.code}.last")}
    for part in entry.part:
        service = services[part.code]
        assert entry.level >= service.level
        assert {slot for template in service.asks.values() for slot in SLOT.findall(template)} <= asked
        if isinstance(service, SocialService) and service.by == "personal-number":
            assert entry.place
        for column in part.column:
            for name in filter(None, (column.code, column.to)):
                assert name in service.columns, f"{part.code}: {name}"
            if column.kind in SAID_AS:
                assert service.columns[column.code].kind == SAID_AS[column.kind], f"{part.code}: {column.code}"
