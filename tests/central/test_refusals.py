"""Every refusal is a problem document that repeats nothing, and the log knows nobody."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.types import Message

from central import intake
from central.api import create_app
from central.database import Database
from central.house import House
from central.limits import BODY_LIMIT, Limits
from central.opening import Opening
from tests.central.kiosks import CHEN, JSON, PEOPLE, FakeKiosk, filing

POSTS = (
    "/v1/records",
    "/v1/queries/insurance-status",
    "/v1/queries/filings",
    "/v1/queries/last-check-in",
    "/v1/queries/matters",
    "/v1/codes",
    "/v1/codes/check",
    "/v1/demonstration/confirmations",
)

RUBBISH = {
    "nothing": b"",
    "not JSON": b"{",
    "no object": b"[]",
    "null": b"null",
    "a number": b"17",
    "not UTF-8": b'{"kiosk": "\xff\xfe"}',
    "a lone surrogate": b'{"kiosk": "\\ud800", "ledger": "\\u0000"}',
    "deep": b"[" * 100_000,
    "deep and closed": b"[" * 50_000 + b"]" * 50_000,
    "a huge number": b'{"kiosk": ' + b"9" * 5000 + b"}",
    "NaN": b'{"records": NaN, "visit": Infinity}',
    "CBOR": bytes.fromhex("a1616b6176"),
}


@pytest.fixture
def database(sqlite_only: Database) -> Database:
    """One kind of database will do for what never reaches it."""
    return sqlite_only


@pytest.fixture(autouse=True)
def known(kiosk: FakeKiosk) -> None:
    """Who asks is known here."""
    kiosk.send()


@pytest.mark.parametrize("path", POSTS)
def test_rubbish_is_a_problem_document(api: TestClient, path: str) -> None:
    """Whatever the body is: 4xx, a code, never a 500."""
    for what, body in RUBBISH.items():
        answer = api.post(path, content=body, headers=JSON)
        assert answer.headers["content-type"] == "application/problem+json", what
        assert answer.status_code in {400, 422}, what
        assert answer.json()["code"] in {"invalid", "bad-request"}, what


def test_422_repeats_nothing(api: TestClient) -> None:
    """Neither values nor unknown keys come back: a name typed into the wrong field stays where it was typed."""
    body = {
        "kiosk": 339902199203180011,
        "陈建国": "13800000001",
        "visit": "339902199203180011",
        "ledger": "陈建国",
        "records": [{"header": "陈建国", "陈建国": 1}],
        "person": {"number": 5, "name": "", "陈建国": "x"},
        "presented": {"visit": "陈建国"},
        "query": {"person": {"陈建国": "13800000001"}},
        "token": {"陈建国": 1},
        "code": "陈建国",
    }
    for path in POSTS:
        answer = api.post(path, json=body)
        assert answer.status_code == 422
        for secret in ("陈建国", "339902199203180011", "13800000001"):
            assert secret not in answer.text
        assert set(answer.json()) == {"type", "title", "status", "code", "errors"}
        assert all(set(error) == {"field", "code"} for error in answer.json()["errors"])


def test_422_names_field_and_code(api: TestClient) -> None:
    """Enough to find the mistake."""
    answer = api.post("/v1/codes/check", json={"visit": "x", "kiosk": "K001", "code": "abc", "more": 1})
    assert answer.json()["errors"] == [
        {"field": "body.visit", "code": "uuid_parsing"},
        {"field": "body.code", "code": "string_pattern_mismatch"},
        {"field": "body.?", "code": "extra_forbidden"},
    ]


def test_waiting_has_bounds(api: TestClient) -> None:
    """At most ten seconds."""
    for within in ("-1", "11", "nan", "inf", "soon"):
        answer = api.get("/v1/records/0197a5d2-0000-7000-8000-000000000000", params={"within": within})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query.within")


def test_an_id_that_is_none(api: TestClient) -> None:
    """A path that holds something else is not repeated."""
    answer = api.get("/v1/records/339902199203180011")
    assert answer.status_code == 422
    assert "339902" not in answer.text


def test_unknown_paths_and_methods(api: TestClient) -> None:
    """404 and 405 are problem documents too."""
    missing, wrong = api.get("/v1/陈建国"), api.put("/v1/records")
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method-not-allowed")
    assert "陈" not in missing.text


def test_a_body_that_is_too_large(api: TestClient) -> None:
    """One byte above the limit is refused before anything reads it; the limit itself is not."""
    too_large = api.post("/v1/records", content=b" " * (BODY_LIMIT + 1), headers=JSON)
    assert (too_large.status_code, too_large.json()["code"]) == (413, "too-large")
    assert api.post("/v1/records", content=b" " * BODY_LIMIT, headers=JSON).status_code == 422


async def test_a_body_that_never_ends() -> None:
    """Whoever sends slower than the limit allows is told so and let go."""
    sent: list[Message] = []

    async def app(*_: object) -> None:
        raise AssertionError("the body never arrived")

    async def receive() -> Message:
        await asyncio.sleep(0.001)
        return {"type": "http.request", "body": b"", "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/records", "headers": []}
    await Limits(app, within=0.05)(scope, receive, send)
    assert sent[0]["status"] == 408


def test_more_than_500_records(api: TestClient, kiosk: FakeKiosk) -> None:
    """A batch has its bounds."""
    record = {"header": "", "sealed": ""}
    answer = api.post("/v1/records", json={"kiosk": "K001", "ledger": "0" * 32, "records": [record] * 501})
    assert answer.json()["errors"] == [{"field": "body.records", "code": "too_long"}]


def test_a_failure_of_centrals_own(
    kiosk: FakeKiosk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """500 says nothing but that; the log says where, without the words of the error."""

    def fail(*_: object) -> None:
        raise ValueError(CHEN.number)

    monkeypatch.setattr(intake, "know", fail)
    answer = kiosk.http.post("/v1/records", json={"kiosk": "K001", "ledger": "0" * 32, "records": [ONE]})
    assert (answer.status_code, answer.json()["code"]) == (500, "failed")
    assert CHEN.number not in answer.text
    assert "ValueError < fail" in caplog.text
    assert CHEN.number not in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT", {"number": CHEN.number}, OSError("gone"), hide_parameters=True),
        PoolTimeout("every connection waits"),
    ],
)
def test_a_database_that_does_not_answer(
    kiosk: FakeKiosk, monkeypatch: pytest.MonkeyPatch, error: SQLAlchemyError
) -> None:
    """503 and when to come again, so that the kiosk keeps its records and waits."""

    def away(*_: object) -> None:
        raise error

    monkeypatch.setattr(intake, "know", away)
    answer = kiosk.http.post("/v1/records", json={"kiosk": "K001", "ledger": "0" * 32, "records": [ONE]})
    assert (answer.status_code, answer.json()["code"]) == (503, "database")
    assert answer.headers["retry-after"] == "5"


ONE = {"header": "AA==", "sealed": "AA=="}


def test_the_log_knows_nobody(
    kiosk: FakeKiosk, opening: Opening, caplog: pytest.LogCaptureFixture, house: House
) -> None:
    """A day with everything in it, at the lowest level: no name, number, telephone, code, token or query string."""
    caplog.set_level(logging.DEBUG)
    for library in ("httpx2", "httpcore2", "asyncio", "faker"):
        logging.getLogger(library).setLevel(logging.WARNING)
    kiosk.send()
    kiosk.prove(CHEN)
    records = [kiosk.write(filing(person, owed=person is CHEN)) for person in PEOPLE]
    kiosk.send(*records)
    opening.work_off()
    for person in PEOPLE:
        for name in ("filings", "matters", "last-check-in"):
            kiosk.ask(name, person)
        kiosk.http.get(f"/v1/{person.number}?name={person.name}")
        kiosk.matter(records[0], within=0.01)
    kiosk.http.post("/v1/codes", json={"visit": str(kiosk.visit), "kiosk": "K001", "person": {"name": CHEN.name}})
    secrets = [word for person in PEOPLE for word in (person.number, person.name)]
    secrets += [message["to"] for message in kiosk.telephone()]
    secrets += [message["token"] for message in kiosk.telephone() if message["token"]]
    secrets += ["验证码", "within=", "name="]
    assert "central.access" in caplog.text
    assert len(caplog.records) > 20
    assert [secret for secret in secrets if secret in caplog.text] == []


def test_the_description_is_complete_and_stays_at_home(api: TestClient, house: House) -> None:
    """/docs loads nothing from elsewhere; the description names every path and the problem document."""
    page = api.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert api.get(f"/static-offline-docs/{asset}").status_code == 200
    description = api.get("/openapi.json").json()
    assert set(POSTS) < set(description["paths"])
    refusal = description["paths"]["/v1/records"]["post"]["responses"]["4XX"]
    assert refusal["content"]["application/json"]["schema"]["$ref"].endswith("/Problem")
    assert "HTTPValidationError" not in description["components"]["schemas"]


def test_only_the_demonstration_shows_telephones(house: House) -> None:
    """Beside real authorities nobody reads messages over HTTP."""
    real = replace(house, upstreams=replace(house.upstreams, mode="live"))
    client = TestClient(create_app(real, wake=lambda: None, closing=lambda: False), base_url="http://central")
    assert client.get("/v1/demonstration/messages").status_code == 404
