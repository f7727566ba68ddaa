"""What central says of the ledgers: up to where, what is missing, what is aside, what was closed and heard last."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Literal

import pytest
from typer.testing import CliRunner

from central import ledgers
from central.__main__ import app
from central.database import Database
from central.ledgers import Ledger
from central.opening import Opening
from kiosk.contract.acts import Genesis
from kiosk.contract.messages import WireRecord
from kiosk.contract.records import Record
from tests.central.kiosks import Clock, FakeKiosk, tap, wire


def of(database: Database, kiosk: FakeKiosk) -> Ledger:
    (found,) = [each for each in ledgers.read(database) if each.ledger == kiosk.ledger.hex()]
    return found


def told(url: str, *more: str, well: bool = True) -> str:
    done = CliRunner().invoke(app, ["ledgers", "--db", url, *more])
    assert done.exit_code == (0 if well else 1), done.output
    return done.output


def test_a_ledger_that_is_well(kiosk: FakeKiosk, opening: Opening, database: Database, url: str, clock: Clock) -> None:
    """Why it began, up to where it is here, when its kiosk was heard last."""
    for _ in range(3):
        kiosk.write(tap())
    kiosk.send()
    opening.work_off()
    assert of(database, kiosk) == Ledger(
        kiosk="K001",
        ledger=kiosk.ledger.hex(),
        why="enrolled",
        contiguous=4,
        last=4,
        since=clock.time,
        heard_at=clock.time,
    )
    assert "up to 4  heard 2026-11-23 10:00  begun: enrolled" in told(url)
    (found,) = json.loads(told(url, "--json"))
    assert (found["contiguous"], found["gaps"], found["heard_at"]) == (4, [], "2026-11-23T02:00:00+00:00")


def test_what_is_missing_is_named(kiosk: FakeKiosk, database: Database, url: str) -> None:
    """Each gap, and none that has closed."""
    for _ in range(14):
        kiosk.write(tap())
    there = [record for record in kiosk.records if record.header.seq not in (4, 7, 8, 9, 13)]
    kiosk.send(*there)
    assert of(database, kiosk).gaps == ((4, 4), (7, 9), (13, 13))
    words = told(url, well=False)
    assert "missing: 4, to be salvaged" in words
    assert "missing: 7 to 9, to be salvaged" in words
    kiosk.send(kiosk.records[3], kiosk.records[12])
    assert of(database, kiosk).gaps == ((7, 9),)


def test_a_ledger_whose_beginning_is_missing(kiosk: FakeKiosk, database: Database) -> None:
    kiosk.send()
    kiosk.begin()
    record = kiosk.write(tap())
    kiosk.send(record)
    found = of(database, kiosk)
    assert (found.contiguous, found.last, found.gaps, found.why) == (0, 2, ((1, 1),), None)


def test_what_is_aside_is_counted(kiosk: FakeKiosk, database: Database, url: str) -> None:
    """In conflict; unreadable in its place; unreadable at all. Each once, however often it came."""
    first, second = kiosk.write(tap()), kiosk.write(tap())
    wires = [wire(kiosk.records[0]), wire(first), WireRecord(header=second.header_bytes, sealed=b"damaged")]
    kiosk.post(*wires)
    kiosk.post(WireRecord(header=b"rubbish", sealed=b""))
    kiosk.records.pop()
    kiosk.records.pop()
    fork = kiosk.write(tap())
    for _ in range(2):
        kiosk.send(fork)
    found = of(database, kiosk)
    assert (found.contiguous, found.conflicts, found.unreadable) == (3, 1, 2)
    words = told(url, well=False)
    assert "in conflict: 1" in words
    assert "not to be read: 2" in words


def test_a_header_that_its_successor_stated_is_counted_once(kiosk: FakeKiosk, database: Database) -> None:
    """It has its place in the chain, and lies in quarantine as it came."""
    lost = kiosk.write(tap())
    kiosk.records[-1] = Record(header=lost.header, header_bytes=b"\x00" + lost.header_bytes, sealed=lost.sealed)
    kiosk.write(tap())
    kiosk.send()
    found = of(database, kiosk)
    assert (found.contiguous, found.unreadable) == (3, 1)


@pytest.mark.parametrize(
    ("known_there", "missing"),
    [(3, ()), (5, ((4, 5),)), (2, ())],
    ids=["all of it is here", "its end is on the old disk", "its disk went back"],
)
def test_a_closed_ledger(
    kiosk: FakeKiosk, opening: Opening, database: Database, url: str, known_there: int, missing: tuple[object, ...]
) -> None:
    """The genesis after it says how far it went; what is not here is to be salvaged."""
    kiosk.write(tap())
    kiosk.write(tap())
    kiosk.send()
    old = kiosk.ledger
    kiosk.begin()
    kiosk.records.clear()
    why: Literal["behind central", "database damaged"] = "behind central" if known_there < 3 else "database damaged"
    kiosk.write(Genesis(why=why, previous_ledger=old, previous_seq=known_there, acknowledged_seq=3))
    kiosk.send()
    opening.work_off()
    closed, goes_on = sorted(ledgers.read(database, "K001"), key=lambda each: each.ledger != old.hex())
    assert (closed.closed, closed.last_there, closed.contiguous, closed.gaps) == (why, known_there, 3, missing)
    assert (goes_on.why, goes_on.closed, goes_on.is_well) == (why, None, True)
    assert f"closed: {why}; its machine knew of it up to {known_there}" in told(url, well=not missing)


def test_a_closed_ledger_of_which_nothing_came(kiosk: FakeKiosk, opening: Opening, database: Database) -> None:
    """It is known by the genesis after it alone, and all of it is missing."""
    kiosk.records.clear()
    kiosk.write(Genesis(why="database damaged", previous_ledger=bytes(16), previous_seq=7))
    kiosk.send()
    opening.work_off()
    lost = ledgers.read(database)[-1]
    assert (lost.ledger, lost.contiguous, lost.gaps, lost.heard_at) == ("00" * 16, 0, ((1, 7),), None)


def test_one_kiosk_s_ledgers(kiosk: FakeKiosk, database: Database, clock: Clock) -> None:
    """And each one's own silence."""
    kiosk.send()
    clock.move(timedelta(days=2))
    other = FakeKiosk(kiosk.http, clock, name="K002")
    other.send()
    assert [each.kiosk for each in ledgers.read(database)] == ["K001", "K002"]
    (one,) = ledgers.read(database, "K001")
    assert one.heard_at == clock.time - timedelta(days=2)
    assert ledgers.read(database, "K003") == []


def test_a_database_that_is_not_there(tmp_path: object) -> None:
    done = CliRunner().invoke(app, ["ledgers", "--db", f"sqlite:///{tmp_path}/central.db"])
    assert done.exit_code == 2
    assert "there is no database" in done.output
