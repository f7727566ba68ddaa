"""A record whose place another has may be taken beside it, by somebody who looks; an altered resend never."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from central import conflicts, ledgers, status
from central.__main__ import app
from central.conflicts import NotTaken
from central.database import Database
from central.opening import Opening
from central.tables import records
from kiosk.contract.records import Record
from tests.central.kiosks import Clock, FakeKiosk, outcomes, tap


def forked(kiosk: FakeKiosk) -> tuple[Record, Record]:
    """Two records of one place; the first is stored."""
    first = kiosk.write(tap())
    kiosk.send()
    kiosk.records.pop()
    second = kiosk.write(tap())
    assert outcomes(kiosk.send(second)) == ["conflict"]
    return first, second


def test_a_record_is_taken_beside_the_one_that_has_its_place(
    kiosk: FakeKiosk, opening: Opening, database: Database, url: str
) -> None:
    """Both matters go their way; the chain stays as it is; taking it again takes nothing."""
    first, second = forked(kiosk)
    done = CliRunner().invoke(app, ["conflicts", "--db", url, "--json"])
    (found,) = json.loads(done.output)
    assert (found["kiosk"], found["seq"], found["id"]) == ("K001", 2, str(second.header.id))
    for _ in range(2):
        done = CliRunner().invoke(app, ["conflicts", "--db", url, "--take", found["digest"][:12]])
        assert (done.exit_code, done.output) == (0, f"taken: {second.number}\n")
    opening.work_off()
    for record in (first, second):
        matter = kiosk.matter(record)
        assert matter is not None
        assert matter.state == "sent"
    assert opening.work_off() == 0
    assert conflicts.read(database) == []
    with database.reading() as connection:
        found = [status.find(connection, record.number, ["K001"]) for record in (first, second)]
    assert [None if each is None else each.id for each in found] == [first.header.id, second.header.id]
    (ledger,) = ledgers.read(database)
    assert (ledger.contiguous, ledger.last, ledger.is_well) == (2, 2, True)
    assert outcomes(kiosk.send(second)) == ["conflict"]
    with database.reading() as connection:
        assert len(connection.execute(select(records.c.id)).all()) == 3


def test_an_altered_resend_is_never_taken(kiosk: FakeKiosk, database: Database, clock: Clock) -> None:
    """Its id is another record's: nobody was promised it twice."""
    first = kiosk.write(tap())
    kiosk.send()
    kiosk.records.pop()
    altered = kiosk.write(tap(), id=first.header.id)
    assert outcomes(kiosk.send(altered)) == ["conflict"]
    (row,) = conflicts.read(database, "K001")
    with pytest.raises(NotTaken, match="altered resend"):
        conflicts.take(database, str(row["digest"]), clock())


def test_one_id_is_never_two_kiosks(kiosk: FakeKiosk, database: Database, clock: Clock) -> None:
    """A clone or a liar: what leads to a record by its id leads to one."""
    first = kiosk.write(tap())
    kiosk.send()
    other = FakeKiosk(kiosk.http, name="K002")
    other.write(tap(), id=first.header.id)
    assert outcomes(other.send()) == ["stored", "conflict"]
    (row,) = conflicts.read(database, "K002")
    with pytest.raises(NotTaken, match="another kiosk's"):
        conflicts.take(database, str(row["digest"]), clock())


def test_what_is_not_clear_is_not_taken(kiosk: FakeKiosk, database: Database, url: str, clock: Clock) -> None:
    """No such one, or more than one."""
    forked(kiosk)
    kiosk.records.pop()
    kiosk.send(kiosk.write(tap()))
    with pytest.raises(NotTaken, match="more than one"):
        conflicts.take(database, "", clock())
    done = CliRunner().invoke(app, ["conflicts", "--db", url, "--take", "nothing"])
    assert done.exit_code == 2
    assert "there is no such conflict" in done.output
    assert len(CliRunner().invoke(app, ["conflicts", "--db", url, "--kiosk", "K001"]).output.splitlines()) == 2
