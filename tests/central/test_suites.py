"""The whole contract over each suite: what one machine writes, signs and asks, and what central makes of it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from central import keys as central_keys
from central.api import create_app
from central.database import Database
from central.demonstration.register import Register
from central.house import House, demonstration
from central.keys import KeyFolder
from central.opening import Opening
from central.tables import records
from kiosk import keystore
from kiosk.contract.base import SigningKey
from kiosk.contract.errors import BadPayload, BadSignature
from kiosk.contract.messages import Keys, Problem
from kiosk.contract.records import check_chain, open_sealed
from kiosk.contract.refusals import Asked, demand_signed
from kiosk.contract.sealing import SUITES, Suite
from kiosk.contract.signed import Signed, Statement
from kiosk.contract.times import TimeAnswer
from kiosk.keystore import FileKeyStore
from tests.central.kiosks import CHEN, Clock, FakeKiosk, filing, new_device, outcomes, tap

NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture(params=sorted(SUITES), ids=lambda number: f"suite {number}")
def each(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """Every key that is made is of this suite."""
    for module in (central_keys, keystore):
        monkeypatch.setattr(module, "NEWEST", request.param)
    return SUITES[request.param]


@pytest.fixture
def database(sqlite_only: Database) -> Database:
    return sqlite_only


@pytest.fixture
def key_folder(each: Suite, tmp_path: Path) -> KeyFolder:
    return KeyFolder(tmp_path / "keys")


@pytest.fixture
def house(database: Database, key_folder: KeyFolder, register: Register, clock: Clock) -> House:
    return demonstration(database, key_folder, register, clock)


@pytest.fixture
def kiosk(each: Suite, house: House, opening: Opening, tmp_path: Path, clock: Clock) -> FakeKiosk:
    """A machine whose keys, and whose central's keys, are all of this suite."""
    api = TestClient(create_app(house, wake=lambda: None, closing=lambda: False), base_url="http://central")
    machine = FakeKiosk(api, clock)
    machine.device = FileKeyStore(tmp_path / "machine").device_key()
    assert (machine.key.suite, machine.device.suite) == (each.number, each.number)
    return machine


def test_a_matter_from_one_end_to_the_other(
    kiosk: FakeKiosk, each: Suite, opening: Opening, database: Database, tmp_path: Path
) -> None:
    """Sealed, chained, signed, sent, acknowledged, opened, handed on."""
    kiosk.write(tap())
    kiosk.send()
    kiosk.prove(CHEN)
    record = kiosk.write(filing(CHEN))
    answer = kiosk.send()
    assert outcomes(answer) == ["duplicate", "duplicate", "stored"]
    keys = Keys.model_validate_json(kiosk.http.get("/v1/keys").content)
    assert answer.acknowledgement is not None
    said = answer.acknowledgement.verified(keys.acknowledgement, kiosk=kiosk.name, ledger=kiosk.ledger)
    assert (said.suite, said.seq, said.hash) == (each.number, 3, record.hash)
    assert check_chain(kiosk.records) == 3
    with database.reading() as connection:
        stored = connection.execute(select(records).where(records.c.id == record.header.id)).one()
    assert stored.hash == each.hash(b"kiosk/record/1\0" + record.header_bytes)
    assert opening.work_off()
    matter = kiosk.matter(record)
    assert matter is not None
    assert matter.state == "sent"


def test_a_payload_opens_in_its_own_record_alone(kiosk: FakeKiosk, tmp_path: Path) -> None:
    (pair,) = KeyFolder(tmp_path / "keys").sealing_pairs(NOW)
    first, second = kiosk.write(tap()), kiosk.write(tap())
    assert open_sealed(first, pair.private) == tap()
    for lie in (type(first)(header=first.header, header_bytes=first.header_bytes, sealed=second.sealed),):
        with pytest.raises(BadPayload):
            open_sealed(lie, pair.private)


def test_a_refusal_and_the_time_are_signed(kiosk: FakeKiosk, clock: Clock) -> None:
    keys = Keys.model_validate_json(kiosk.http.get("/v1/keys").content).acknowledgement
    answer = kiosk.ask_code(CHEN)
    asked = Asked(method="POST", target="/v1/codes", signature=answer.request.headers["signature"])
    demand_signed(Problem.model_validate_json(answer.content), asked, keys)
    nonce = secrets.token_hex(16)
    said = TimeAnswer.model_validate_json(kiosk.http.get("/v1/time", params={"nonce": nonce}).content)
    assert said.verified(keys, nonce) == clock()


def test_what_steers_a_kiosk_is_signed(each: Suite) -> None:
    private, public = each.generate_signing()
    statement = Statement(suite=each.number, kind="settings", target="*", version=1, issued=NOW, content="x")
    signed = Signed.model_validate_json(statement.signed("s", private).model_dump_json())
    trusted = SigningKey(id="s", suite=each.number, public=public)
    assert signed.verified([trusted], kind="settings", kiosk="K-001", above=0) == statement
    for other in SUITES.values():
        wrong = SigningKey(id="s", suite=other.number, public=other.generate_signing()[1])
        with pytest.raises(BadSignature):
            signed.verified([wrong], kind="settings", kiosk="K-001", above=0)


def test_another_machine_s_key_of_this_suite_is_no_key(kiosk: FakeKiosk, each: Suite) -> None:
    kiosk.send()
    own, kiosk.device = kiosk.device, new_device()
    assert kiosk.ask_code(CHEN).json()["code"] == "unknown-key"
    kiosk.device = own
    assert kiosk.ask_code(CHEN).status_code == 200


def test_macs_are_of_the_key_and_the_data(each: Suite) -> None:
    made = {each.mac(key, data) for key in (b"a" * 32, b"b" * 32) for data in (b"", b"x", b"y")}
    assert len(made) == 6
    assert {len(mac) for mac in made} == {each.hash_size}


def test_a_register_of_persons_is_the_same_whatever_is_newest(
    each: Suite, house: House, database: Database, tmp_path: Path, register: Register, clock: Clock
) -> None:
    """References go on to meet when keys of another suite are made."""
    again = demonstration(database, KeyFolder(tmp_path / "keys"), register, clock)
    assert again.references.of(CHEN) == house.references.of(CHEN)
