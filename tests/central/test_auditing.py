"""What befell the machines, as central tells it: each event once, by kiosk."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from central import auditing
from central.__main__ import app
from central.database import Database
from central.opening import Opening
from kiosk.contract.audit import DeviceHindered, MachineStarted, WorkerVouched
from kiosk.contract.records import ClockFlags
from tests.central.kiosks import FakeKiosk

EVENTS = (MachineStarted(before="power-cut"), DeviceHindered(device="printer", by="no paper"))


def test_events_are_kept_once_and_listed_by_kiosk(kiosk: FakeKiosk, opening: Opening, database: Database) -> None:
    """With the beginning of the ledger before them; a batch that comes again and an opener that is cut off add none."""
    other = FakeKiosk(kiosk.http, kiosk._clock, name="K002")
    for event in EVENTS:
        kiosk.write(event)
    other.write(WorkerVouched(about="check"))
    for each in (kiosk, other, kiosk):
        each.send()
        opening.work_off()
    found = auditing.read(database, kiosk="K001", last=10)
    assert [(row["seq"], row["event"], row["details"]) for row in found] == [
        (1, "ledger-begun", {"why": "enrolled"}),
        (2, "machine-started", {"before": "power-cut"}),
        (3, "device-hindered", {"device": "printer", "by": "no paper"}),
    ]
    assert [row["event"] for row in auditing.read(database, kiosk="K002", last=1)] == ["worker-vouched"]
    assert len(auditing.read(database, kiosk=None, last=10)) == 5


def test_the_command_lists_them(kiosk: FakeKiosk, opening: Opening, url: str) -> None:
    """In Shanghai's time, with a question mark where the kiosk's clock was in doubt; JSON for programs."""
    kiosk.write(EVENTS[1], clock_flags=ClockFlags(0))
    kiosk.send()
    opening.work_off()
    shown = CliRunner().invoke(app, ["audit", "--db", url, "--kiosk", "K001"])
    assert shown.output.splitlines() == [
        "2026-11-23 10:00:00? K001       ledger-begun           why enrolled",
        "2026-11-23 10:00:00  K001       device-hindered        device printer  by no paper",
    ]
    (row,) = json.loads(CliRunner().invoke(app, ["audit", "--db", url, "--last", "1", "--json"]).output)
    assert (row["event"], row["happened_at"], row["clock"]) == ("device-hindered", "2026-11-23T02:00:00+00:00", "")
