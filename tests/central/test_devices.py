"""Machines' keys: a kiosk's batches are its own, or they are not taken; a key that is known stays."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from central.__main__ import app
from central.database import Database
from central.devices import NoSuchKiosk, forget_key
from central.tables import kiosks, records
from kiosk.contract.messages import Batch
from tests.central.kiosks import Clock, FakeKiosk, loss, new_device, outcomes, tap, wire


def count(database: Database) -> int:
    with database.reading() as connection:
        return len(connection.execute(select(records.c.seq)).all())


def test_the_key_comes_with_the_first_batch(kiosk: FakeKiosk, database: Database) -> None:
    """From then on the kiosk is known by it."""
    kiosk.send()
    with database.reading() as connection:
        row = connection.execute(select(kiosks)).one()
    assert (row.key_id, row.key_suite, row.key_public) == (kiosk.device.id, 1, kiosk.device.public)
    kiosk.write(tap())
    assert outcomes(kiosk.send()) == ["duplicate", "stored"]


def test_a_known_kiosk_signs(kiosk: FakeKiosk, database: Database) -> None:
    """What comes unsigned under its name is not taken, and nothing of it is kept."""
    kiosk.send()
    answer = kiosk.post_batch(kiosk.batch(wire(kiosk.write(tap()))))
    assert (answer.status_code, answer.json()["code"]) == (401, "unsigned")
    assert count(database) == 1


def test_another_key_is_never_taken_in_its_place(kiosk: FakeKiosk, database: Database) -> None:
    """Neither with a genesis of its own nor without bringing it, nor under the name of the first."""
    kiosk.send()
    own = kiosk.device
    for stranger in (new_device(), replace(new_device(), id=own.id)):
        kiosk.device = stranger
        kiosk.begin()
        batch = kiosk.batch(wire(kiosk.records[0])).signed_by(stranger)
        for tried in (batch, batch.model_copy(update={"device": None})):
            answer = kiosk.post_batch(tried)
            assert answer.status_code in (401, 403)
            assert answer.json()["code"] in ("another-key", "bad-signature", "unknown-key")
    with database.reading() as connection:
        assert connection.execute(select(kiosks.c.key_id)).scalars().all() == [own.id]
    assert count(database) == 1


def altered(kiosk: FakeKiosk, how: str) -> Batch:
    """A batch that was changed after it was signed."""
    first, second = kiosk.write(tap()), kiosk.write(tap())
    batch = kiosk.batch(wire(first), wire(second)).signed_by(kiosk.device)
    one, two = batch.records
    changed: dict[str, object] = {
        "shortened": {"records": (one,)},
        "swapped": {"records": (two, one)},
        "repeated": {"records": (one, two, two)},
        "another payload": {"records": (one, two.model_copy(update={"sealed": one.sealed}))},
        "another ledger": {"ledger": "0" * 32},
        "another kiosk": {"kiosk": "K002"},
    }
    update = changed[how]
    assert isinstance(update, dict)
    return batch.model_copy(update=update)


@pytest.mark.parametrize("how", ["shortened", "swapped", "repeated", "another payload", "another ledger"])
def test_a_batch_that_was_changed_is_refused(kiosk: FakeKiosk, database: Database, how: str) -> None:
    """Nothing of it is kept; the batch as it was signed is taken afterwards."""
    kiosk.send()
    answer = kiosk.post_batch(altered(kiosk, how))
    assert (answer.status_code, answer.json()["code"]) == (401, "bad-signature")
    assert count(database) == 1
    assert outcomes(kiosk.send()) == ["duplicate", "stored", "stored"]


def test_one_kiosk_s_batch_is_not_another_s(kiosk: FakeKiosk, api: TestClient, clock: Clock) -> None:
    """A batch that one machine signed is refused under the name of the other."""
    kiosk.send()
    FakeKiosk(api, clock, "K002").send()
    answer = kiosk.post_batch(altered(kiosk, "another kiosk"))
    assert (answer.status_code, answer.json()["code"]) == (403, "another-kiosk")


def test_two_kiosks_have_two_keys(kiosk: FakeKiosk, api: TestClient, clock: Clock) -> None:
    """A machine that was copied and given another name is no second machine."""
    kiosk.send()
    copy = FakeKiosk(api, clock, "K002")
    copy.device = kiosk.device
    answer = copy.post(wire(copy.records[0]))
    assert (answer.status_code, answer.json()["code"]) == (403, "another-kiosk")


def test_a_key_is_called_by_what_it_is(kiosk: FakeKiosk) -> None:
    """A name that is another key's hash is not taken."""
    kiosk.device = replace(kiosk.device, id=new_device().id)
    answer = kiosk.post(wire(kiosk.records[0]))
    assert answer.json()["code"] == "unknown-key"


def test_a_live_record_is_signed_too(kiosk: FakeKiosk) -> None:
    """It is a batch of one: by another key it is not carried out."""
    kiosk.send()
    record = kiosk.write(loss())
    assert kiosk.at_once(record, signer=new_device()).json()["code"] == "bad-signature"
    assert kiosk.at_once(record).status_code == 202


def test_a_header_that_nobody_can_read_stops_nothing(kiosk: FakeKiosk) -> None:
    """The signature covers it as the bytes that it is."""
    kiosk.send()
    torn = wire(kiosk.write(tap()))
    torn = torn.model_copy(update={"header": torn.header[:-3]})
    answer = kiosk.post(torn)
    assert [item["outcome"] for item in answer.json()["answers"]] == ["unreadable"]
    answer = kiosk.post(torn, wire(kiosk.write(tap())), torn)
    assert [item["outcome"] for item in answer.json()["answers"]] == ["unreadable", "stored", "unreadable"]


def test_a_forgotten_key_makes_room_for_another(
    kiosk: FakeKiosk, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """The disk was replaced: who runs central has the key forgotten, and the kiosk comes with another one."""
    kiosk.send()
    old, kiosk.device = kiosk.device, new_device()
    kiosk.begin()
    refused = kiosk.post_batch(kiosk.batch(wire(kiosk.records[0])).signed_by(kiosk.device))
    assert refused.json()["code"] == "another-key"
    url = database.url.render_as_string(hide_password=False)
    assert central_says(["kiosks", "--db", url, "--forget-key", "K001"], capsys) == (0, f"forgotten: {old.id}")
    assert outcomes(kiosk.send()) == ["stored"]
    code, said = central_says(["kiosks", "--db", url, "--json"], capsys)
    assert (code, [(row["kiosk"], row["key"]) for row in json.loads(said)]) == (0, [("K001", kiosk.device.id)])
    assert kiosk.device.id in central_says(["kiosks", "--db", url], capsys)[1]
    assert count(database) == 2


@pytest.mark.parametrize(("name", "why"), [("K009", "there is no kiosk K009"), ("K001", "kiosk K001 has no key")])
def test_a_key_that_is_not_there_is_not_forgotten(
    kiosk: FakeKiosk, database: Database, capsys: pytest.CaptureFixture[str], name: str, why: str
) -> None:
    """Said in one line."""
    kiosk.send()
    forget_key(database, "K001")
    with pytest.raises(NoSuchKiosk, match=why):
        forget_key(database, name)
    url = database.url.render_as_string(hide_password=False)
    assert central_says(["kiosks", "--db", url, "--forget-key", name], capsys)[0] == 2


def central_says(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        app(arguments)
    return int(str(ended.value.code)), capsys.readouterr().out.strip()
