"""Whose an electronic credential is: answered for a minute, refused honestly otherwise, and never written down."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from central.api import create_app
from central.credentials import NotAuthorised
from central.database import Database
from central.demonstration.credentials import LIFE
from central.house import House
from central.tables import metadata
from kiosk.contract.credentials import MEDICAL_CODE, CredentialHolder
from tests.central.kiosks import CHEN, LIN, OUYANG, Clock, FakeKiosk

EXAMPLE = "4243669509084040896099330000"
"""The one published example of a medical insurance code: nobody here has issued it."""


@pytest.fixture
def known(kiosk: FakeKiosk) -> FakeKiosk:
    kiosk.send()
    return kiosk


def show(kiosk: FakeKiosk, person: str, kind: str) -> str:
    """The code on a fictitious person's phone."""
    answer = kiosk.http.post("/v1/demonstration/credentials", json={"person": person, "kind": kind})
    assert answer.status_code == 200, answer.text
    code: str = answer.json()["code"]
    return code


def present(kiosk: FakeKiosk, kind: str, code: str) -> httpx.Response:
    check = {"visit": str(kiosk.visit), "kiosk": kiosk.name, "kind": kind, "code": code}
    return kiosk.http.post("/v1/credentials", json=check)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    problem: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, problem["code"]


@pytest.mark.parametrize("kind", ["medical", "social"])
def test_a_code_says_whose_it_is(known: FakeKiosk, kind: str) -> None:
    """The person, and the masked form for the screen."""
    answer = present(known, kind, show(known, "lin-xiuying", kind))
    holder = CredentialHolder.model_validate_json(answer.content)
    assert holder == CredentialHolder(person=LIN, shown="林＊＊ 尾号 0028", sex="female", birth=date(1955, 9, 26))


def test_a_foreigners_number_of_2017_tells_neither_sex_nor_century(known: FakeKiosk) -> None:
    """What is not known is left out."""
    answer = present(known, "medical", show(known, "foreigner-2017", "medical"))
    holder = CredentialHolder.model_validate_json(answer.content)
    assert (holder.person.number, holder.shown) == ("XAA339988041710", "I＊＊ 尾号 1710")
    assert (holder.sex, holder.birth) == (None, None)


def test_each_person_has_codes_of_their_own(known: FakeKiosk) -> None:
    """At the same second too."""
    codes = {show(known, person, kind) for person in ("chen-jianguo", "ouyang") for kind in ("medical", "social")}
    assert len(codes) == 4
    assert len([code for code in codes if re.fullmatch(MEDICAL_CODE, code)]) == 2
    for person, reference in (("chen-jianguo", CHEN), ("ouyang", OUYANG)):
        answer = present(known, "medical", show(known, person, "medical"))
        assert CredentialHolder.model_validate_json(answer.content).person == reference


@pytest.mark.parametrize("kind", ["medical", "social"])
def test_a_code_lives_for_a_minute(known: FakeKiosk, clock: Clock, kind: str) -> None:
    """A picture of somebody's code is worth nothing after that."""
    code = show(known, "chen-jianguo", kind)
    clock.move(LIFE - timedelta(seconds=2))
    assert present(known, kind, code).status_code == 200
    clock.move(timedelta(seconds=2))
    assert refusal(present(known, kind, code)) == (410, "expired")


@pytest.mark.parametrize(
    ("kind", "code"),
    [("medical", EXAMPLE), ("social", "A" * 24), ("social", "anything at all"), ("social", "环城路"), ("social", "x")],
)
def test_a_code_that_nobody_issued_is_unknown(known: FakeKiosk, kind: str, code: str) -> None:
    assert refusal(present(known, kind, code)) == (404, "unknown")


@pytest.mark.parametrize("place", [3, 12, 13, 21])
def test_a_code_with_another_digit_is_unknown(known: FakeKiosk, place: int) -> None:
    """Neither its time nor its owner can be written anew."""
    code = show(known, "chen-jianguo", "medical")
    other = code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]
    assert refusal(present(known, "medical", other)) == (404, "unknown")


@pytest.mark.parametrize(("kind", "other"), [("medical", "social"), ("social", "medical")])
def test_a_code_of_the_other_kind_is_refused(known: FakeKiosk, kind: str, other: str) -> None:
    assert refusal(present(known, kind, show(known, "chen-jianguo", other))) == (409, "wrong-kind")


def test_an_unknown_kiosk_may_not_ask(kiosk: FakeKiosk) -> None:
    """Before its genesis a kiosk is nobody."""
    assert refusal(present(kiosk, "medical", show(kiosk, "chen-jianguo", "medical"))) == (401, "unknown-key")


def test_nobody_outside_the_register_has_a_phone(known: FakeKiosk) -> None:
    answer = known.http.post("/v1/demonstration/credentials", json={"person": "nobody", "kind": "medical"})
    assert refusal(answer) == (404, "unknown-person")


@pytest.fixture
def without_rights(house: House) -> Iterator[TestClient]:
    """Central as it is where no platform has authorised it."""
    bare = replace(house, upstreams=replace(house.upstreams, credentials=NotAuthorised()))
    app = create_app(bare, wake=lambda: None, closing=lambda: False)
    with TestClient(app, base_url="http://central", raise_server_exceptions=False) as client:
        yield client


def test_without_an_authorisation_central_says_so(known: FakeKiosk, without_rights: TestClient) -> None:
    """Whatever the code is, and no phone of the demonstration is to be seen."""
    code = show(known, "chen-jianguo", "medical")
    known.http = without_rights
    assert refusal(present(known, "medical", code)) == (403, "not-authorised")
    assert without_rights.post("/v1/demonstration/credentials", json={}).status_code == 404


def test_a_code_is_neither_logged_nor_kept_nor_repeated(
    known: FakeKiosk, database: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Answered, refused or not understood: no row, no line and no refusal holds it."""
    caplog.set_level(logging.DEBUG)
    code = show(known, "chen-jianguo", "medical")
    answers = [present(known, "medical", code)]
    answers += [present(known, "social", code), present(known, code, code)]
    clock.move(LIFE)
    answers += [present(known, "medical", code)]
    assert [answer.status_code for answer in answers] == [200, 409, 422, 410]
    assert all(code not in answer.text for answer in answers)
    assert code not in caplog.text
    with database.reading() as connection:
        rows = [str(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    assert all(code not in row for row in rows)
