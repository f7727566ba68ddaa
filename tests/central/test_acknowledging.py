"""What central says of a ledger: signed, up to the first gap, with each batch and each heartbeat."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from central import contiguity
from central.database import Database
from central.keys import KeyFolder
from central.tables import ledgers, records
from kiosk.contract.acknowledgements import Acknowledgement
from kiosk.contract.base import SigningKey
from kiosk.contract.errors import BadSignature
from kiosk.contract.messages import BatchAnswer, HeartbeatAnswer, Keys
from tests.central.kiosks import Clock, FakeKiosk, outcomes, tap


def acknowledgement_keys(api: TestClient) -> tuple[SigningKey, ...]:
    return Keys.model_validate_json(api.get("/v1/keys").content).acknowledgement


def beat(kiosk: FakeKiosk, ledger: str | None = None) -> HeartbeatAnswer:
    body = {"kiosk": kiosk.name, "ledger": ledger or kiosk.ledger.hex()}
    answer = kiosk.http.post("/v1/heartbeat", json=body)
    assert answer.status_code == 200, answer.text
    return HeartbeatAnswer.model_validate_json(answer.content)


def said(kiosk: FakeKiosk, answer: BatchAnswer | HeartbeatAnswer) -> Acknowledgement:
    assert answer.acknowledgement is not None
    keys = Keys.model_validate_json(kiosk.http.get("/v1/keys").content).acknowledgement
    return answer.acknowledgement.verified(keys, kiosk=kiosk.name, ledger=kiosk.ledger)


def test_a_batch_is_acknowledged(kiosk: FakeKiosk, clock: Clock) -> None:
    """Up to its last record, with that record's hash and central's time; and the next heartbeat says the same."""
    for _ in range(4):
        kiosk.write(tap())
    told = said(kiosk, kiosk.send())
    assert (told.seq, told.hash, told.at) == (5, kiosk.records[4].hash, clock.time)
    clock.move(timedelta(minutes=5))
    told = said(kiosk, beat(kiosk))
    assert (told.seq, told.hash, told.at) == (5, kiosk.records[4].hash, clock.time)


def test_it_ends_below_a_gap_and_rises_when_the_gap_closes(kiosk: FakeKiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over however many records lie above it."""
    monkeypatch.setattr(contiguity, "AT_ONCE", 3)
    for _ in range(12):
        kiosk.write(tap())
    told = said(kiosk, kiosk.send(*kiosk.records[:3], *kiosk.records[4:]))
    assert (told.seq, told.hash) == (3, kiosk.records[2].hash)
    assert said(kiosk, kiosk.send(kiosk.records[3])).seq == 13


def test_nothing_is_said_to_be_nothing(kiosk: FakeKiosk) -> None:
    """Of a ledger that central does not know, or of which the beginning is missing."""
    told = said(kiosk, beat(kiosk))
    assert (told.seq, told.hash) == (0, bytes(32))
    kiosk.send()
    kiosk.begin()
    record = kiosk.write(tap())
    answer = kiosk.send(record)
    assert outcomes(answer) == ["stored"]
    assert said(kiosk, answer).seq == 0


def test_a_conflict_raises_nothing(kiosk: FakeKiosk) -> None:
    """The hash is that of the record that is stored, whoever asks."""
    first = kiosk.write(tap())
    kiosk.send()
    kiosk.records.pop()
    kiosk.write(tap())
    kiosk.write(tap())
    told = said(kiosk, kiosk.send(*kiosk.records[1:]))
    assert (told.seq, told.hash) == (2, first.hash)


def test_a_kiosk_without_a_ledger_only_says_that_it_is_there(api: TestClient) -> None:
    answer = api.post("/v1/heartbeat", json={"kiosk": "K001", "ledger": None}).json()
    assert (answer["service"], answer["opener"], answer["acknowledgement"]) == ("kiosk-central", "silent", None)


def test_the_key_is_no_key_of_settings(api: TestClient, tmp_path: Path, clock: Clock) -> None:
    """What is online steers no kiosk; and it is the same at every start."""
    (key,) = acknowledgement_keys(api)
    assert key.id == KeyFolder(tmp_path / "keys").acknowledgement_pair(clock()).id
    assert key.public != KeyFolder(tmp_path / "keys").settings_pair(clock()).public


def test_another_central_s_word_does_not_hold(kiosk: FakeKiosk, tmp_path: Path, clock: Clock) -> None:
    """Its signature is not by the published key."""
    answer = kiosk.send()
    assert answer.acknowledgement is not None
    other = KeyFolder(tmp_path / "others").acknowledgement_pair(clock())
    stranger = SigningKey(id=answer.acknowledgement.key, suite=other.suite, public=other.public)
    with pytest.raises(BadSignature):
        answer.acknowledgement.verified([stranger], kiosk=kiosk.name, ledger=kiosk.ledger)


def test_when_a_kiosk_was_heard_is_noted_now_and_then(kiosk: FakeKiosk, database: Database, clock: Clock) -> None:
    """Not at each heartbeat: ten thousand kiosks would write all the time."""
    kiosk.send()
    began = clock.time

    def heard() -> timedelta:
        with database.reading() as connection:
            found: datetime = connection.execute(select(ledgers.c.heard_at)).scalar_one()
        return found - began

    clock.move(timedelta(seconds=59))
    beat(kiosk)
    assert heard() == timedelta()
    clock.move(timedelta(seconds=1))
    beat(kiosk)
    assert heard() == timedelta(minutes=1)
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(records)).scalar_one() == 1
