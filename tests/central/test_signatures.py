"""Requests are signed by the kiosk that they speak for, or they are not read; refusals of a kiosk are signed back."""

from __future__ import annotations

import gzip
import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from central import signatures
from central.database import Database
from central.limits import BODY_LIMIT
from central.signatures import OPEN
from central.tables import ledgers, nonces
from kiosk.contract.base import SigningKey
from kiosk.contract.errors import BadSignature
from kiosk.contract.messages import HeartbeatAnswer, Keys, Problem
from kiosk.contract.refusals import Asked, demand_signed
from kiosk.contract.signed_requests import sign
from kiosk.contract.times import TimeAnswer
from tests.central.kiosks import CHEN, JSON, Clock, FakeKiosk, SignedBy, new_device, tap, wire

Change = Callable[[httpx.Request], None]


@pytest.fixture
def database(sqlite_only: Database) -> Database:
    """What a signature is worth does not depend on the database."""
    return sqlite_only


@pytest.fixture
def known(kiosk: FakeKiosk) -> FakeKiosk:
    kiosk.send()
    return kiosk


class Forged(SignedBy):
    """Signs, and then somebody on the way changes the request."""

    def __init__(self, kiosk: FakeKiosk, change: Change) -> None:
        super().__init__(kiosk.device, kiosk.now)
        self.change = change

    def auth_flow(self, request: httpx.Request):  # type: ignore[no-untyped-def]
        yield from super().auth_flow(request)

    def sync_auth_flow(self, request: httpx.Request):  # type: ignore[no-untyped-def]
        request.read()
        sign(request, self.device, body=request.content, created=self.now(), nonce=secrets.token_hex(16))
        self.change(request)
        yield request


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def voices(api: TestClient) -> tuple[SigningKey, ...]:
    return Keys.model_validate_json(api.get("/v1/keys").content).acknowledgement


# -- requests ----------------------------------------------------------------------------------------------------------


def test_nothing_is_open_but_what_is_listed(api: TestClient) -> None:
    """Each path of the kiosks' API, asked without a signature."""
    paths = api.get("/openapi.json").json()["paths"]
    assert len(paths) > 15
    for path, methods in paths.items():
        for method in methods:
            answer = api.request(method, path.replace("{", "").replace("}", ""), auth=lambda request: request)
            is_open = path in OPEN or path.startswith(signatures.DEMONSTRATION)
            assert (answer.status_code == 401) != is_open, path


def move(request: httpx.Request) -> None:
    request.url = request.url.copy_with(path="/v1/queries/last-check-in")


def rename(request: httpx.Request) -> None:
    request.headers["host"] = "elsewhere"


def rewrite(request: httpx.Request) -> None:
    request._content = request.content.replace(b"K001", b"K002")


def pack(request: httpx.Request) -> None:
    request.headers["content-encoding"] = "gzip"


def empty(request: httpx.Request) -> None:
    request._content = b""
    request.headers["content-length"] = "0"


def put(request: httpx.Request) -> None:
    request.method = "PUT"


def undigest(request: httpx.Request) -> None:
    del request.headers["content-digest"]


def later(request: httpx.Request) -> None:
    field = request.headers["signature-input"]
    created = field.split("created=")[1].split(";")[0]
    request.headers["signature-input"] = field.replace(created, str(int(created) + 1))


def twice(request: httpx.Request) -> None:
    for name in ("signature", "signature-input"):
        field = request.headers[name]
        request.headers[name] = f"{field}, again{field.removeprefix('kiosk')}"


@pytest.mark.parametrize("change", [move, rename, rewrite, pack, empty, put, undigest, later, twice])
def test_a_request_that_was_changed_is_refused(known: FakeKiosk, change: Change) -> None:
    """Whatever of it: method, name of the server, path, body, its encoding, the time, the signatures."""
    question, path = {"kiosk": "K001", "ledger": None}, "/v1/heartbeat"
    assert known.http.post(path, json=question, auth=Forged(known, lambda _request: None)).status_code == 200
    answer = known.http.post(path, json=question, auth=Forged(known, change))
    assert code(answer) == (401, "bad-signature")


@pytest.mark.parametrize(("seconds", "taken"), [(-301, False), (-299, True), (299, True), (301, False)])
def test_a_request_is_signed_just_now(known: FakeKiosk, clock: Clock, seconds: int, taken: bool) -> None:
    """Five minutes before or after central's time, by central's clock."""
    auth = SignedBy(known.device, lambda: clock() + timedelta(seconds=seconds))
    answer = known.http.post("/v1/heartbeat", json={"kiosk": "K001", "ledger": None}, auth=auth)
    assert answer.status_code == (200 if taken else 401)
    assert taken or answer.json()["code"] == "stale"


def test_a_kiosk_speaks_for_itself(known: FakeKiosk) -> None:
    """Another one's name in the question is noticed, and so is another one's record in the address."""
    other = FakeKiosk(known.http, name="K002")
    other.send()
    other.name = "K001"
    assert code(other.ask_code(CHEN)) == (403, "another-kiosk")
    answer = other.http.get(f"/v1/records/{known.records[0].header.id}")
    assert code(answer) == (404, "no-record")
    assert known.matter(known.records[0]) is None


WHOSE: dict[str, Any] = {"person": CHEN.model_dump()}
QUERIES: dict[str, dict[str, Any]] = {
    "bookings": WHOSE,
    "certificate": WHOSE | {"authority": "medical", "kind": "insured-proof", "place": "350900"},
    "certificate-fetched": {"token": "x" * 43},
    "certificate-file": {"token": "x" * 43},
    "due": WHOSE,
    "family": WHOSE,
    "filing-basis": WHOSE | {"item": "chronic", "authority": "medical", "place": "350900"},
    "filings": WHOSE,
    "free-slots": {"item": "chronic", "centre": "宁德"},
    "insurance-status": WHOSE | {"place": "350900"},
    "last-check-in": WHOSE,
    "lookup": WHOSE | {"authority": "medical", "services": ["resident-payments"]},
    "matters": WHOSE,
    "papers-wanted": WHOSE,
    "social-cards": WHOSE,
    "status": {"number": "K001-26-000001-0000"},
    "upload-open": {"wanted": [{"code": "id-card", "label": "身份证"}]},
    "upload-step": {"upload": str(uuid4()), "step": "drop"},
}
OF_A_VISIT: dict[str, dict[str, Any]] = {
    "/v1/codes": WHOSE,
    "/v1/codes/check": {"code": "123456"},
    "/v1/credentials": {"kind": "medical", "code": "x"},
}
BATCHES = {"/v1/records", "/v1/live"}
"""A batch is held to its kiosk by a signature of its own (``test_devices``)."""


def test_nobody_asks_in_another_kiosk_s_name(known: FakeKiosk) -> None:
    """Whatever it is that can be asked."""
    other = FakeKiosk(known.http, name="K002")
    other.send()
    visit = {"visit": str(known.visit), "kiosk": known.name}
    presented = visit | {"card": "resident"}
    asked: dict[str, dict[str, Any]] = {"/v1/heartbeat": {"kiosk": known.name, "ledger": None}}
    asked |= {path: visit | body for path, body in OF_A_VISIT.items()}
    asked |= {f"/v1/queries/{name}": {"presented": presented, "query": query} for name, query in QUERIES.items()}
    paths = known.http.get("/openapi.json").json()["paths"]
    posts = {path for path, methods in paths.items() if "post" in methods and not signatures.is_open(path)}
    assert posts == asked.keys() | BATCHES
    refused = {path: code(other.http.post(path, json=body)) for path, body in asked.items()}
    assert refused == dict.fromkeys(asked, (403, "another-kiosk"))


def test_what_comes_once_comes_once(known: FakeKiosk, database: Database) -> None:
    """A code that is sent again costs somebody a message, one that is checked again a try."""
    caught: list[httpx.Request] = []
    body = {"visit": str(known.visit), "kiosk": "K001", "person": CHEN.model_dump()}
    assert known.http.post("/v1/codes", json=body, auth=Forged(known, caught.append)).status_code == 200
    again = known.http.bare.send(caught[0], auth=lambda request: request)
    assert code(again) == (409, "replayed")
    assert len(known.telephone()) == 1
    with database.reading() as connection:
        kept = connection.execute(select(nonces.c.nonce)).scalars().all()
    assert any(f'nonce="{nonce}"' in caught[0].headers["signature-input"] for nonce in kept)


def test_a_first_contact_comes_once(kiosk: FakeKiosk) -> None:
    """Under a nonce, and by the key that it brings."""

    class Without(SignedBy):
        def auth_flow(self, request: httpx.Request):  # type: ignore[no-untyped-def]
            sign(request, self.device, body=request.content, created=self.now())
            yield request

    batch = kiosk.batch(wire(kiosk.records[0])).signed_by(kiosk.device).model_dump_json()
    without = kiosk.http.post("/v1/records", content=batch, headers=JSON, auth=Without(kiosk.device, kiosk.now))
    assert code(without) == (401, "no-nonce")
    stranger = kiosk.http.post("/v1/records", content=batch, headers=JSON, auth=SignedBy(new_device(), kiosk.now))
    assert code(stranger) == (401, "unknown-key")
    assert kiosk.http.post("/v1/records", content=batch, headers=JSON).status_code == 200


def test_a_kiosk_that_is_not_known_hears_that_nothing_is(kiosk: FakeKiosk) -> None:
    """So that it can tell that central was restored; of what is about people it hears nothing."""
    beat = kiosk.http.post("/v1/heartbeat", json={"kiosk": "K001", "ledger": kiosk.ledger.hex()})
    assert beat.status_code == 200
    assert code(kiosk.ask("insurance-status", CHEN)) == (401, "unknown-key")


def heard_of(kiosk: FakeKiosk, database: Database) -> datetime:
    """When central heard of the kiosk's ledger last."""
    with database.reading() as connection:
        at: datetime = connection.execute(select(ledgers.c.heard_at).where(ledgers.c.kiosk == kiosk.name)).scalar_one()
    return at


def test_a_heartbeat_is_of_the_kiosk_that_signs_it(known: FakeKiosk, clock: Clock, database: Database) -> None:
    """Another one neither hears of its ledger nor keeps it alive."""
    before = heard_of(known, database)
    other = FakeKiosk(known.http, name="K002")
    other.send()
    clock.move(timedelta(hours=1))
    beat = {"kiosk": known.name, "ledger": known.ledger.hex()}
    assert code(other.http.post("/v1/heartbeat", json=beat)) == (403, "another-kiosk")
    assert heard_of(known, database) == before


def test_whoever_has_no_known_key_hears_nothing_of_a_kiosk_that_has(
    known: FakeKiosk, clock: Clock, database: Database
) -> None:
    """It is told that nothing is known, and is not noted as that kiosk."""
    before = heard_of(known, database)
    clock.move(timedelta(hours=1))
    beat = {"kiosk": known.name, "ledger": known.ledger.hex()}
    answer = known.http.post("/v1/heartbeat", json=beat, auth=SignedBy(new_device(), clock))
    assert answer.status_code == 200
    said = HeartbeatAnswer.model_validate_json(answer.content).acknowledgement
    keys = Keys.model_validate_json(known.http.get("/v1/keys").content).acknowledgement
    assert said is not None
    assert said.verified(keys, kiosk=known.name, ledger=known.ledger).seq == 0
    assert heard_of(known, database) == before


@pytest.mark.parametrize("error", [OperationalError("SELECT", {}, Exception("away")), PoolTimeout()])
def test_a_database_that_fails_refuses_nobody(
    known: FakeKiosk, monkeypatch: pytest.MonkeyPatch, error: SQLAlchemyError
) -> None:
    """It is central that is away, not the kiosk that is a stranger."""

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(signatures, "known_key", fails)
    answer = known.http.post("/v1/heartbeat", json={"kiosk": "K001", "ledger": None})
    assert code(answer) == (503, "database")


@pytest.mark.parametrize("field", ["signature", "signature-input", "content-digest"])
@pytest.mark.parametrize("value", ["", "x", "kiosk=", "kiosk=?1", "kiosk=:AAAA:", "a" * 5000, 'kiosk=("@method")'])
def test_rubbish_in_a_field_is_a_refusal(known: FakeKiosk, field: str, value: str) -> None:
    """Never a failure of central's."""

    def spoil(request: httpx.Request) -> None:
        request.headers[field] = value

    answer = known.http.post("/v1/codes/check", json={}, auth=Forged(known, spoil))
    assert answer.status_code == 401


# -- packed bodies -----------------------------------------------------------------------------------------------------


def packed(kiosk: FakeKiosk, body: bytes, coding: str = "gzip") -> httpx.Response:
    return kiosk.http.post("/v1/records", content=body, headers=JSON | {"content-encoding": coding})


def batch_of(kiosk: FakeKiosk) -> bytes:
    batch = kiosk.batch(wire(kiosk.write(tap()))).signed_by(kiosk.device)
    return batch.model_dump_json().encode()


def test_a_batch_may_be_packed(known: FakeKiosk) -> None:
    """At the first contact too."""
    answer = packed(known, gzip.compress(batch_of(known)))
    assert [item["outcome"] for item in answer.json()["answers"]] == ["stored"]
    other = FakeKiosk(known.http, name="K002")
    first = other.batch(wire(other.records[0])).signed_by(other.device).model_dump_json().encode()
    assert packed(other, gzip.compress(first)).status_code == 200


def test_a_bomb_is_refused(known: FakeKiosk) -> None:
    """A few kilobytes that would be more than a body may be; the limit itself is not refused."""
    bomb = gzip.compress(b" " * (BODY_LIMIT + 1))
    assert len(bomb) < 10_000
    assert code(packed(known, bomb)) == (413, "too-large")
    assert code(packed(known, gzip.compress(b" " * BODY_LIMIT)))[0] == 422


def test_what_does_not_unpack_is_refused(known: FakeKiosk) -> None:
    """Rubbish, a half, something behind it, another packing."""
    whole = gzip.compress(batch_of(known))
    for body in (b"rubbish", whole[:-5], whole + b"x", whole + whole, b""):
        assert code(packed(known, body)) == (400, "bad-request")
    for coding in ("deflate", "br", "gzip, gzip", "identity"):
        assert code(packed(known, whole, coding)) == (415, "encoding")


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_a_refusal_of_a_kiosk_is_signed(kiosk: FakeKiosk, api: TestClient) -> None:
    """For this request and no other; a changed word is noticed."""
    keys = voices(api)
    answer = kiosk.ask("insurance-status", CHEN)
    problem = Problem.model_validate_json(answer.content)
    asked = Asked(method="POST", target="/v1/queries/insurance-status", signature=answer.request.headers["signature"])
    demand_signed(problem, asked, keys)
    others = kiosk.ask("insurance-status", CHEN).request.headers["signature"]
    lies = [
        (problem.model_copy(update={"code": "suspended"}), asked),
        (problem.model_copy(update={"status": 403}), asked),
        (problem.model_copy(update={"title": "x"}), asked),
        (problem.model_copy(update={"signature": None}), asked),
        (problem, Asked(method="POST", target="/v1/records", signature=asked.signature)),
        (problem, Asked(method="GET", target=asked.target, signature=asked.signature)),
        (problem, Asked(method="POST", target=asked.target, signature=others)),
    ]
    for lie, request in lies:
        with pytest.raises(BadSignature):
            demand_signed(lie, request, keys)
    stranger = SigningKey(id=keys[0].id, suite=1, public=new_device().public)
    for trusted in ((stranger,), ()):
        with pytest.raises(BadSignature):
            demand_signed(problem, asked, trusted)


def test_other_refusals_are_as_they_were(known: FakeKiosk) -> None:
    """What is wrong with one request says nothing of the kiosk; success is not touched."""
    answer = known.http.post("/v1/codes/check", json={})
    assert answer.status_code == 422
    assert "signature" not in answer.json()
    assert len(answer.content) == int(answer.headers["content-length"])


def test_the_length_of_a_signed_refusal_is_right(kiosk: FakeKiosk) -> None:
    answer = kiosk.ask("insurance-status", CHEN)
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert json.loads(answer.content)["signature"]["key"]


# -- the time ----------------------------------------------------------------------------------------------------------


def test_the_time_is_signed_for_who_asks(api: TestClient, clock: Clock) -> None:
    """For this nonce and no other; anybody may ask, also one whose own clock is wrong."""
    nonce = "a1" * 16
    answer = api.get("/v1/time", params={"nonce": nonce}, auth=lambda request: request)
    said = TimeAnswer.model_validate_json(answer.content)
    assert said.verified(voices(api), nonce) == clock()
    for wrong in ("b1" * 16, "A1" * 16):
        with pytest.raises(BadSignature):
            said.verified(voices(api), wrong)
    with pytest.raises(BadSignature):
        said.model_copy(update={"time": clock() + timedelta(seconds=1)}).verified(voices(api), nonce)
    for bad in ("", "a1", "g" * 32):
        assert api.get("/v1/time", params={"nonce": bad}).status_code == 422
