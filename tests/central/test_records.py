"""Records arrive once, whatever arrives how often; what does not fit is kept and named, and stops nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from central.database import Database
from central.opening import Opening
from central.tables import quarantine, records
from kiosk.contract.acts import Genesis
from kiosk.contract.messages import WireRecord
from kiosk.contract.records import Record, new_id
from tests.central.kiosks import Clock, FakeKiosk, outcomes, tap, wire


def rows(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(records)).scalar_one()


def kept(database: Database) -> list[tuple[str, bytes]]:
    """What is in quarantine: outcome and payload."""
    with database.reading() as connection:
        found = connection.execute(select(quarantine.c.outcome, quarantine.c.sealed)).all()
    return [(row.outcome, row.sealed) for row in found]


def test_a_batch_is_stored(kiosk: FakeKiosk, database: Database) -> None:
    """Each record is answered with its id, in order, and stored as the bytes that came."""
    for _ in range(4):
        kiosk.write(tap())
    answer = kiosk.send()
    assert outcomes(answer) == ["stored"] * 5
    assert [item.id for item in answer.answers] == [record.header.id for record in kiosk.records]
    assert answer.contiguous == 5
    with database.reading() as connection:
        stored = connection.execute(select(records).order_by(records.c.seq)).all()
    assert [(row.header, row.sealed, row.hash) for row in stored] == [
        (record.header_bytes, record.sealed, record.hash) for record in kiosk.records
    ]


def test_the_same_batch_again_changes_nothing(kiosk: FakeKiosk, database: Database) -> None:
    """A lost answer is asked for again by sending again."""
    kiosk.write(tap())
    kiosk.send()
    again = kiosk.send()
    assert outcomes(again) == ["duplicate"] * 2
    assert again.contiguous == 2
    assert rows(database) == 2


def test_a_batch_that_overlaps_the_last(kiosk: FakeKiosk) -> None:
    """What is known is a duplicate, what is fresh is stored."""
    kiosk.send()
    kiosk.write(tap())
    answer = kiosk.send()
    assert outcomes(answer) == ["duplicate", "stored"]
    assert answer.contiguous == 2


def test_one_record_twice_in_one_batch(kiosk: FakeKiosk, database: Database) -> None:
    """The second is a duplicate of the first."""
    genesis = kiosk.records[0]
    assert outcomes(kiosk.send(genesis, genesis)) == ["stored", "duplicate"]
    assert rows(database) == 1


def test_a_duplicate_brings_its_matter(kiosk: FakeKiosk, opening: Opening) -> None:
    """A kiosk that was away learns what became of its matters by the same answer."""
    kiosk.write(tap())
    kiosk.send()
    opening.work_off()
    matter = kiosk.send().answers[1].matter
    assert matter is not None
    assert matter.state == "sent"


def test_an_altered_resend_is_a_conflict_and_kept(kiosk: FakeKiosk, database: Database) -> None:
    """The same id and place with another content never takes the place of the first."""
    first = kiosk.write(tap())
    kiosk.send()
    kiosk.records.pop()
    altered = kiosk.write(tap(), id=first.header.id)
    for _ in range(2):
        assert outcomes(kiosk.send(altered)) == ["conflict"]
    assert kept(database) == [("conflict", altered.sealed)]
    assert rows(database) == 2


def test_another_record_at_the_same_place_is_a_conflict(kiosk: FakeKiosk, database: Database) -> None:
    """A fork of the ledger is noticed at its first record and at each that follows."""
    kiosk.write(tap())
    kiosk.send()
    kiosk.records.pop()
    fork = [kiosk.write(tap()), kiosk.write(tap())]
    answer = kiosk.send(*fork)
    assert outcomes(answer) == ["conflict", "conflict"]
    assert answer.contiguous == 2
    assert len(kept(database)) == 2


def test_an_id_moved_to_another_place_is_a_conflict(kiosk: FakeKiosk) -> None:
    """A record cannot be stored a second time under another seq."""
    first = kiosk.write(tap())
    second = kiosk.write(tap(), id=first.header.id)
    assert outcomes(kiosk.send(*kiosk.records)) == ["stored", "stored", "conflict"]
    assert second.header.seq == 3


def test_the_late_arrival_that_its_successor_does_not_name(kiosk: FakeKiosk) -> None:
    """A gap is closed only by the record that the next one names."""
    kiosk.write(tap())
    kiosk.write(tap())
    genesis, right, last = kiosk.records
    kiosk.send(genesis, last)
    kiosk.records = [genesis]
    wrong = kiosk.write(tap())
    assert outcomes(kiosk.send(wrong)) == ["conflict"]
    answer = kiosk.send(right)
    assert outcomes(answer) == ["stored"]
    assert answer.contiguous == 3


def test_a_gap_blocks_nothing(kiosk: FakeKiosk) -> None:
    """What follows a gap is stored; contiguous stays below the gap until it closes."""
    for _ in range(9):
        kiosk.write(tap())
    answer = kiosk.send(*kiosk.records[:3], *kiosk.records[5:])
    assert outcomes(answer) == ["stored"] * 8
    assert answer.contiguous == 3
    assert kiosk.send(kiosk.records[4]).contiguous == 3
    assert kiosk.send(kiosk.records[3]).contiguous == 10


def test_a_poisoned_item_among_a_hundred(kiosk: FakeKiosk, database: Database) -> None:
    """One damaged payload is named unreadable and kept; the other ninety-nine are stored and the chain goes on."""
    for _ in range(99):
        kiosk.write(tap())
    wires = [wire(record) for record in kiosk.records]
    wires[41] = WireRecord(header=wires[41].header, sealed=b"poison")
    answer = kiosk.post(*wires).json()
    assert [index for index, item in enumerate(answer["answers"]) if item["outcome"] != "stored"] == [41]
    assert answer["answers"][41] == {"id": str(kiosk.records[41].header.id), "outcome": "unreadable", "matter": None}
    assert answer["contiguous"] == 100
    with database.reading() as connection:
        seq_42 = connection.execute(select(records).where(records.c.seq == 42)).one()
    assert (seq_42.sealed, seq_42.outcome) == (b"poison", "unreadable")


def test_the_right_payload_after_a_damaged_one(kiosk: FakeKiosk, opening: Opening) -> None:
    """The header's hash says that it is the right one, so it takes the damaged one's place."""
    record = kiosk.write(tap())
    kiosk.post(wire(kiosk.records[0]), WireRecord(header=record.header_bytes, sealed=b"damaged on the way"))
    assert outcomes(kiosk.send(record)) == ["stored"]
    assert outcomes(kiosk.send(record)) == ["duplicate"]
    opening.work_off()
    matter = kiosk.matter(record)
    assert matter is not None
    assert matter.state == "sent"


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
def test_an_unreadable_header_takes_the_place_that_its_successor_states(
    kiosk: FakeKiosk, database: Database, together: bool
) -> None:
    """A header of a format that central does not know has no id here, yet the chain goes on through its hash."""
    genesis = kiosk.records[0]
    lost = kiosk.write(tap())
    unknown = Record(header=lost.header, header_bytes=b"\x00" + lost.header_bytes, sealed=lost.sealed)
    kiosk.records[-1] = unknown
    after = kiosk.write(tap())
    if together:
        answer = kiosk.send(genesis, unknown, after)
        assert outcomes(answer) == ["stored", "unreadable", "stored"]
        assert answer.answers[1].id is None
    else:
        kiosk.send(genesis)
        assert kiosk.send(unknown).contiguous == 1
        answer = kiosk.send(after)
    assert answer.contiguous == 3
    assert kept(database) == [("unreadable", lost.sealed)]


def test_the_first_header_of_a_batch_may_be_unreadable(kiosk: FakeKiosk) -> None:
    """Rubbish in front does not keep a known kiosk's records out."""
    kiosk.send()
    record = kiosk.write(tap())
    answer = kiosk.post(WireRecord(header=b"rubbish", sealed=b""), wire(record)).json()
    assert [item["outcome"] for item in answer["answers"]] == ["unreadable", "stored"]


def test_another_kiosks_record_is_not_taken(kiosk: FakeKiosk, clock: Clock, database: Database) -> None:
    """A record that was moved into another kiosk's batch is kept aside, under neither."""
    other = FakeKiosk(kiosk.http, clock, name="K002")
    kiosk.send()
    answer = kiosk.send(other.records[0])
    assert outcomes(answer) == ["unreadable"]
    assert rows(database) == 1


def test_another_ledgers_record_is_not_taken(kiosk: FakeKiosk) -> None:
    """Each ledger is a chain of its own."""
    kiosk.send()
    old = kiosk.write(tap())
    kiosk.begin()
    kiosk.send()
    assert outcomes(kiosk.send(old)) == ["unreadable"]


def test_a_known_kiosk_begins_a_fresh_ledger(kiosk: FakeKiosk, database: Database) -> None:
    """The genesis of another ledger is welcome; both ledgers go on to exist."""
    kiosk.send()
    kiosk.begin()
    assert outcomes(kiosk.send()) == ["stored"]
    assert rows(database) == 2


def test_a_kiosk_is_known_from_its_genesis_on(api: TestClient, kiosk: FakeKiosk) -> None:
    """In the demonstration the first record registers the kiosk; records without it do not."""
    record = kiosk.write(tap())
    refused = kiosk.post(wire(record))
    assert (refused.status_code, refused.json()["code"]) == (403, "unknown-kiosk")
    assert refused.headers["content-type"] == "application/problem+json"
    assert outcomes(kiosk.send()) == ["stored", "stored"]


def test_a_live_kiosk_does_not_register_itself(api: TestClient, clock: Clock) -> None:
    """Enrolment is for the demonstration alone so easy."""
    live = FakeKiosk(api, clock, name="K900", mode="live")
    assert live.post(wire(live.records[0])).json()["code"] == "unknown-kiosk"


@pytest.mark.parametrize("name", ["", "k001", "K-1", "x" * 500, "站\x00"])
def test_a_kiosk_of_an_impossible_name_is_not_known(api: TestClient, kiosk: FakeKiosk, name: str) -> None:
    """Whatever stands there is refused without reaching the database."""
    kiosk.name = name
    answer = kiosk.post(wire(kiosk.records[0]))
    assert (answer.status_code, answer.json()["code"]) == (403, "unknown-kiosk")


def test_the_largest_seq(kiosk: FakeKiosk) -> None:
    """A seq at the end of what a header can hold is stored like any other."""
    record = kiosk.write(tap(), seq=2**63 - 1)
    answer = kiosk.send()
    assert outcomes(answer) == ["stored", "stored"]
    assert answer.contiguous == 1
    assert record.header.seq == 2**63 - 1


def test_two_batches_at_once(kiosk: FakeKiosk, database: Database) -> None:
    """The same batch eight times at the same moment: each record is stored once, and by one answer."""
    kiosk.send()
    records = [kiosk.write(tap()) for _ in range(30)]
    with ThreadPoolExecutor(8) as pool:
        answers = [future.result() for future in [pool.submit(kiosk.send, *records) for _ in range(8)]]
    assert [sum(outcomes(answer)[place] == "stored" for answer in answers) for place in range(30)] == [1] * 30
    assert sum(outcomes(answer).count("duplicate") for answer in answers) == 7 * 30
    assert {answer.contiguous for answer in answers} == {31}
    assert rows(database) == 31


def test_two_kiosks_with_one_id(kiosk: FakeKiosk, clock: Clock) -> None:
    """An id belongs to the kiosk that brought it first."""
    record = kiosk.write(tap())
    kiosk.send()
    other = FakeKiosk(kiosk.http, clock, name="K002")
    other.write(tap(), id=record.header.id)
    assert outcomes(other.send()) == ["stored", "conflict"]


def test_a_record_that_is_not_there(kiosk: FakeKiosk, api: TestClient) -> None:
    """Asking for an unknown id is answered at once, however long one would wait."""
    kiosk.send()
    answer = api.get(f"/v1/records/{new_id(kiosk.now())}", params={"within": 10})
    assert (answer.status_code, answer.json()["code"]) == (404, "no-record")


def test_a_genesis_has_no_matter(kiosk: FakeKiosk, opening: Opening) -> None:
    """Nobody decided anything by it."""
    kiosk.send()
    assert opening.work_off() == 1
    assert kiosk.matter(kiosk.records[0]) is None


def test_the_payload_of_another_record(kiosk: FakeKiosk) -> None:
    """Payloads that were swapped between records are unreadable in both."""
    first, second = kiosk.write(tap()), kiosk.write(tap())
    swapped = [replace(first, sealed=second.sealed), replace(second, sealed=first.sealed)]
    answer = kiosk.send(kiosk.records[0], *swapped)
    assert outcomes(answer) == ["stored", "unreadable", "unreadable"]
    assert answer.contiguous == 3


def test_a_genesis_in_the_middle_registers_nobody(api: TestClient, clock: Clock) -> None:
    """Only a batch that begins with its genesis introduces a kiosk."""
    stranger = FakeKiosk(api, clock, name="K003")
    record = stranger.write(tap())
    assert stranger.post(wire(record), wire(stranger.records[0])).json()["code"] == "unknown-kiosk"
    assert stranger.records[0].header.kind == Genesis.kind
