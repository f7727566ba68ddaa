"""What befell the machine: each event once in the ledger, none that tells of a person, no more than the disk bears."""

from __future__ import annotations

import asyncio
import logging
import os
import string
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_origin

import pytest
import pytest_asyncio
from pydantic import ValidationError

import main
from devices.supervisor import State
from kiosk.audit import HOUR, Audit, leave
from kiosk.contract.audit import (
    EVENTS,
    PREFIX,
    AuditEvent,
    ClockJumped,
    DeviceBack,
    DeviceHindered,
    DeviceLost,
    DoctorRun,
    EventsLeftOut,
    MachineStarted,
    MachineStopped,
    ServiceFailing,
    SettingsChanged,
    WorkerVouched,
    catalogue,
)
from kiosk.contract.privacy import Personal
from kiosk.contract.records import Record, open_sealed
from kiosk.errors import NotKept
from kiosk.life import Life
from kiosk.outbox import Outbox
from kiosk.schema import open_to_read
from kiosk.settings import check_settings
from kiosk.watching import Watching
from tests.acceptance.whole import Glass
from tests.kiosk.outbox_writer import PRIVATE, keys
from tests.test_docs import MANUAL

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


# -- the catalogue -----------------------------------------------------------------------------------------------------


def test_catalogue_and_classes_name_the_same_events() -> None:
    assert list(catalogue()) == [event.kind.removeprefix(PREFIX) for event in EVENTS]
    assert all(event.kind.startswith(PREFIX) and not event.has_matter for event in EVENTS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_the_log_says_what_the_event_holds(event: type[AuditEvent]) -> None:
    """Each slot of the line is a field, and each field is said."""
    slots = {
        name for _, name, _, _ in string.Formatter().parse(catalogue()[event.kind.removeprefix(PREFIX)].log) if name
    }
    assert slots == set(event.model_fields)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_an_event_tells_of_no_person(event: type[AuditEvent]) -> None:
    """No field has a class of privacy, and none takes a free text, in which a person could hide: each is a number, a
    choice, or a word whose pattern knows no Han character and no number."""
    for name, field_ in event.model_fields.items():
        assert not any(isinstance(each, Personal) for each in field_.metadata)
        if field_.annotation is str:
            for personal in ("陈建国", "339902199203180011", "13800000000"):
                with pytest.raises(ValidationError) as refused:
                    event.model_validate({name: personal})
                assert ((name,), "string_pattern_mismatch") in {
                    (at["loc"], at["type"]) for at in refused.value.errors()
                }
        else:
            assert field_.annotation is int or get_origin(field_.annotation) is Literal


def test_the_manual_has_the_catalogue() -> None:
    """Every event, in its order, with its meaning."""
    rows = [f"| `{code}` | {entry.means} |" for code, entry in catalogue().items()]
    assert "\n".join(rows) in MANUAL


# -- recording ---------------------------------------------------------------------------------------------------------


@dataclass
class Clock:
    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@pytest_asyncio.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Outbox]:
    outbox = Outbox(tmp_path / "outbox.db", kiosk="K-001", mode="demo")
    yield outbox
    await outbox.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def audit(outbox: Outbox, tmp_path: Path, clock: Clock) -> Audit:
    return Audit(outbox, tmp_path / "notes", now=lambda: NOW, clock=clock)


def recorded(folder: Path) -> Sequence[object]:
    """The events in the ledger, without its genesis."""
    with open_to_read(folder / "outbox.db") as db:
        rows = db.execute("SELECT header, sealed FROM records ORDER BY n").fetchall()
    return [open_sealed(Record.read(*row), PRIVATE) for row in rows][1:]


async def turn(audit: Audit) -> None:
    """What the service does once."""
    await audit._take_up()
    audit._count_what_was_left_out()
    await audit._record_all()


async def test_what_happened_before_the_first_contact_is_recorded_with_its_time(
    audit: Audit, outbox: Outbox, tmp_path: Path
) -> None:
    """Nothing can be sealed yet: it waits."""
    await outbox.start()
    audit.note(MachineStarted(before="first"))
    await turn(audit)
    await outbox.use_keys(keys())
    await turn(audit)
    await turn(audit)
    await audit.close()
    assert recorded(tmp_path) == [MachineStarted(before="first")]


async def test_one_line_in_the_log(audit: Audit, outbox: Outbox, caplog: pytest.LogCaptureFixture) -> None:
    """In the catalogue's words and at its level."""
    await outbox.start(keys())
    with caplog.at_level(logging.INFO, "kiosk.audit"):
        audit.note(DeviceLost(device="printer"))
        await audit.record(WorkerVouched(about="check"))
    said = [(line.levelname, line.message) for line in caplog.records if line.name == "kiosk.audit"]
    assert said == [("WARNING", "printer: lost"), ("INFO", "a worker vouches, about: check")]


async def test_what_cannot_be_recorded_does_not_happen(audit: Audit, outbox: Outbox) -> None:
    """``record`` says so; ``note`` never fails."""
    await outbox.start()
    audit.note(DeviceLost(device="printer"))
    with pytest.raises(NotKept):
        await audit.record(WorkerVouched(about="check"))


async def test_a_flapping_device_does_not_fill_the_ledger(
    audit: Audit, outbox: Outbox, clock: Clock, tmp_path: Path
) -> None:
    """A hundred times in an hour: four records of it and, an hour later, how many more there were. Another device is
    told of all the same."""
    await outbox.start(keys())
    for _ in range(100):
        clock.at += 30
        audit.note(DeviceLost(device="printer"))
    audit.note(DeviceLost(device="scanner"))
    await turn(audit)
    assert recorded(tmp_path) == [DeviceLost(device="printer")] * 4 + [DeviceLost(device="scanner")]
    clock.at += HOUR
    await turn(audit)
    await turn(audit)
    await audit.close()
    assert recorded(tmp_path)[5:] == [EventsLeftOut(event="device-lost", count=96)]


async def test_a_disk_that_takes_nothing_does_not_fill_the_memory(
    audit: Audit, outbox: Outbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.audit.WAITING_AT_MOST", 5)
    await outbox.start()
    for _ in range(20):
        clock.at += HOUR
        audit.note(DeviceLost(device="printer"))
    assert len(audit._waiting) == 5


async def test_what_a_command_left_is_recorded_once_and_then_gone(audit: Audit, outbox: Outbox, tmp_path: Path) -> None:
    """Its record has the file's name as its id: a cut between the commit and the end of the file makes no second."""
    notes = tmp_path / "notes"
    leave(notes, DoctorRun(bad=2), NOW)
    (file,) = notes.iterdir()
    content = file.read_bytes()
    await outbox.start(keys())
    await turn(audit)
    assert list(notes.iterdir()) == []
    file.write_bytes(content)
    await turn(audit)
    await audit.close()
    assert recorded(tmp_path) == [DoctorRun(bad=2)]


async def test_what_cannot_be_read_now_is_read_later(
    audit: Audit, outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A permission, or the disk: it stays where it is, the log says so once, and the others are recorded meanwhile."""
    notes = tmp_path / "notes"
    leave(notes, DoctorRun(bad=1), NOW)
    (file,) = notes.iterdir()
    real = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if path == file:
            raise PermissionError
        return real(path)

    await outbox.start(keys())
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", read_bytes)
        await turn(audit)
        leave(notes, DoctorRun(bad=2), NOW)
        await turn(audit)
        assert recorded(tmp_path) == [DoctorRun(bad=2)]
    assert list(notes.iterdir()) == [file]
    assert [line.message for line in caplog.records if line.levelno == logging.ERROR] == [
        "what a command left cannot be read: PermissionError"
    ]
    await turn(audit)
    await audit.close()
    assert recorded(tmp_path) == [DoctorRun(bad=2), DoctorRun(bad=1)]
    assert list(notes.iterdir()) == []


async def test_what_is_recorded_and_cannot_be_deleted_is_not_recorded_again(
    audit: Audit, outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It ends no service; it goes as soon as it can."""
    notes = tmp_path / "notes"
    leave(notes, DoctorRun(bad=1), NOW)
    await outbox.start(keys())

    def unlink(_path: Path, *, missing_ok: bool = False) -> None:
        raise PermissionError

    commits: list[None] = []
    outbox.on_commit(lambda: commits.append(None))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", unlink)
        for _ in range(3):
            await turn(audit)
    assert len(list(notes.iterdir())) == len(commits) == 1
    assert len([line for line in caplog.records if line.levelno == logging.ERROR]) == 1
    await turn(audit)
    await audit.close()
    assert recorded(tmp_path) == [DoctorRun(bad=1)]
    assert list(notes.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: files are given away")
def test_what_root_leaves_belongs_to_the_owner_of_the_data(tmp_path: Path) -> None:
    """Whichever command made the folder, and whoever gave it."""
    data = tmp_path / "data"
    notes = data / "notes"
    notes.mkdir(parents=True)
    os.chown(data, 4711, 4712)
    leave(notes, DoctorRun(bad=1), NOW)
    (file,) = notes.iterdir()
    assert {(each.stat().st_uid, each.stat().st_gid) for each in (notes, file)} == {(4711, 4712)}


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"kind": "audit.other", "at": "2026-11-23T02:00:00+00:00", "details": {}}',
     b'{"kind": "audit.doctor-run", "at": "1969-01-01T00:00:00+00:00", "details": {"bad": 0}}'],
    ids=["empty", "other", "unknown", "before its time"],
)  # fmt: skip
async def test_rubbish_among_the_notes_is_put_out_of_the_way(
    audit: Audit, outbox: Outbox, tmp_path: Path, content: bytes
) -> None:
    """Once: it neither stops the others nor is looked at again."""
    leave(tmp_path / "notes", DoctorRun(bad=0), NOW)
    (tmp_path / "notes" / "019ab000-1234-7abc-8def-0123456789ab.json").write_bytes(content)
    await outbox.start(keys())
    await turn(audit)
    await audit.close()
    assert recorded(tmp_path) == [DoctorRun(bad=0)]
    assert [file.suffix for file in (tmp_path / "notes").iterdir()] == [".unreadable"]


def test_every_service_of_a_machine_can_be_told_of(tmp_path: Path) -> None:
    """Their names are words of the house: one that keeps failing is an event, not an error of its own."""
    lines = {"line": "tcp://127.0.0.1:1"}
    devices = dict.fromkeys(("id_card", "printer", "scanner", "light", "office_printer"), lines)
    tables = {"central": {"url": "http://127.0.0.1:1"}, "devices": devices | {"social_card": {}}}
    machine = main.put_together(check_settings(tables, ""), tmp_path, Glass())
    assert len(machine.services) > 10
    for name in machine.services:
        assert ServiceFailing(service=name).said == f"{name} keeps failing"
    asyncio.run(main.close(machine))


# -- the machine's life ------------------------------------------------------------------------------------------------


async def lived(folder: Path, boot: str, *, end: bool) -> list[AuditEvent]:
    """What is told of one life of the machine."""
    told: list[AuditEvent] = []
    life = Life(folder / "life.json", folder / "kiosk.toml", told.append, boot=lambda: boot)
    before, digest = life._begin()
    told += [MachineStarted(before=before), *([SettingsChanged(digest=digest)] if digest else [])]
    if end:
        await life.end()
    return told


async def test_how_it_ended_before(tmp_path: Path) -> None:
    """In order, by its program's end, by the whole machine's."""
    (tmp_path / "kiosk.toml").write_text("a = 1")
    assert await lived(tmp_path, "one", end=True) == [MachineStarted(before="first"), MachineStopped()]
    assert await lived(tmp_path, "one", end=False) == [MachineStarted(before="stopped")]
    assert await lived(tmp_path, "one", end=False) == [MachineStarted(before="crashed")]
    assert await lived(tmp_path, "two", end=False) == [MachineStarted(before="power-cut")]
    (tmp_path / "life.json").write_bytes(b"{")
    assert (await lived(tmp_path, "two", end=False))[0] == MachineStarted(before="first")


async def test_another_settings_file_is_told_of_once(tmp_path: Path) -> None:
    """Changed while it was off, or while it runs."""
    file = tmp_path / "kiosk.toml"
    file.write_text("a = 1")
    await lived(tmp_path, "one", end=True)
    file.write_text("a = 2")
    _started, changed = await lived(tmp_path, "one", end=False)
    assert isinstance(changed, SettingsChanged)
    assert await lived(tmp_path, "one", end=False) == [MachineStarted(before="crashed")]
    life = Life(tmp_path / "life.json", file, lambda _event: None, boot=lambda: "one")
    life._begin()
    assert life._another_file() is None
    file.write_text("a = 3")
    assert (life._another_file() or "") not in ("", changed.digest)
    assert life._another_file() is None
    await life.end()


async def test_a_clock_that_somebody_sets_is_told_of(tmp_path: Path) -> None:
    """Forward and back; one that keeps time is no event."""
    told: list[AuditEvent] = []
    wall = iter([0.0, 60.3, 60.3, 3720.3, 3720.3, 180.0])
    steady = iter([0.0, 60.0, 60.0, 120.0, 120.0, 180.0])
    life = Life(tmp_path / "life.json", None, told.append, boot=lambda: "one", every=0)
    life.clock, life.steady = lambda: next(wall), lambda: next(steady)
    with pytest.raises(RuntimeError, match="StopIteration"):
        await life.run()
    assert told[1:] == [ClockJumped(way="forward", seconds=3600), ClockJumped(way="back", seconds=3600)]
    await life.end()


@dataclass
class Device:
    """What a supervisor says."""

    state: State = "searching"
    health: State = "searching"
    hindrance: str | None = None


def test_a_device_is_told_of_once_when_lost_and_once_when_back() -> None:
    """One that is well from the start is no event; paper that runs out is one, and so is the new roll."""
    told: list[AuditEvent] = []
    printer = Device()
    watching = Watching({"printer": printer}, told.append)
    steps: list[tuple[State, str | None]] = [
        ("searching", None), ("ready", None), ("lost", "no paper"), ("lost", "no paper"), ("ready", None),
        ("lost", None), ("lost", None), ("searching", None), ("ready", None), ("lost", "a moth"),
    ]  # fmt: skip
    for health, hindrance in steps:
        printer.health, printer.hindrance = health, hindrance
        watching.look()
    assert told == [
        DeviceHindered(device="printer", by="no paper"),
        DeviceBack(device="printer"),
        DeviceLost(device="printer"),
        DeviceBack(device="printer"),
        DeviceHindered(device="printer", by="something else"),
    ]
