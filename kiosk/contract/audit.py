"""Audit events: what befell a machine and what its staff did, as records of kind ``audit.*`` in the same ledger.

One catalogue says of each what the log says, what it means to the staff, and how many of a kind are recorded in an
hour: ``audit_events.toml``; a test holds it and the classes here together. An event is about a machine, never about a
person: its fields are numbers, choices and words of the house.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from kiosk.contract.acts import Act

PREFIX: Final = "audit."

Word = Annotated[str, Field(pattern=r"^[a-z][a-z .-]{0,31}$")]
"""A word of the house: the name of a service, the code of an event."""
Count = Annotated[int, Field(ge=0, lt=2**63)]

Device = Literal["id-card", "social-card", "scanner", "printer", "office-printer", "light"]
Published = Literal["catalog", "settings", "keys"]


class AuditEvent(Act):
    """What befell a machine. Each subclass is a kind of record of its own, named by its entry in the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)
    version = 1
    has_matter = False

    @property
    def code(self) -> str:
        """Its name in the catalogue."""
        return self.kind.removeprefix(PREFIX)

    @property
    def details(self) -> dict[str, str | int]:
        """What it says, by the names of its fields."""
        return self.model_dump()

    @property
    def said(self) -> str:
        """The log's line."""
        return catalogue()[self.code].log.format(**self.details)


class MachineStarted(AuditEvent):
    kind = "audit.machine-started"
    before: Literal["first", "stopped", "crashed", "power-cut"]
    """How it ended before: never ran here, was ended, its program died, or the whole machine did."""


class MachineStopped(AuditEvent):
    kind = "audit.machine-stopped"


class ServiceFailing(AuditEvent):
    kind = "audit.service-failing"
    service: Word


class ScreensFailed(AuditEvent):
    kind = "audit.screens-failed"


class DeviceLost(AuditEvent):
    kind = "audit.device-lost"
    device: Device


class DeviceBack(AuditEvent):
    kind = "audit.device-back"
    device: Device


class DeviceHindered(AuditEvent):
    kind = "audit.device-hindered"
    device: Device
    by: Literal["no paper", "cover open", "overheated", "cutter jammed", "printer error", "offline", "something else"]


class WorkerVouched(AuditEvent):
    """Who, for whom and why stands in the matter, with the classes of such fields."""

    kind = "audit.worker-vouched"
    about: Literal["check", "identity", "promise"]


class WrongPin(AuditEvent):
    kind = "audit.wrong-pin"
    in_a_row: Count


class PinLocked(AuditEvent):
    kind = "audit.pin-locked"
    in_a_row: Count
    seconds: Count


class Reprinted(AuditEvent):
    kind = "audit.reprinted"
    copy_number: Count


class PublishedTaken(AuditEvent):
    kind = "audit.published-taken"
    what: Published
    number: Count
    """Its version."""


class PublishedGivenBack(AuditEvent):
    kind = "audit.published-given-back"
    what: Published
    number: Count


class PublishedRefused(AuditEvent):
    kind = "audit.published-refused"
    what: Published
    why: Literal["signature", "not for here", "cannot be used"]


class SettingsChanged(AuditEvent):
    """Somebody changed the machine's own settings file."""

    kind = "audit.settings-changed"
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    """The first 64 bits of the file's SHA-256."""


class DatabaseSetAside(AuditEvent):
    """The outbox was damaged, and another one begins."""

    kind = "audit.database-set-aside"
    why: Literal["file", "chain"]
    """Whether SQLite could not read it, or a record was not what it should be."""


class DiskFull(AuditEvent):
    """What was kept back for this was given up, so that whoever stood there was served to the end."""

    kind = "audit.disk-full"


class ClockJumped(AuditEvent):
    """The clock moved against the monotonic one, as it does when somebody sets it."""

    kind = "audit.clock-jumped"
    way: Literal["forward", "back"]
    seconds: Count


class AcknowledgementRefused(AuditEvent):
    """Something that was said in central's name of what it has: not signed by central, or of a record that is not
    ours."""

    kind = "audit.acknowledgement-refused"


class CentralFellBack(AuditEvent):
    """Central was restored from a backup: what it lost is sent once more."""

    kind = "audit.central-fell-back"


class CarriedByHand(AuditEvent):
    """A command took records out of this machine, or brought central's answer back."""

    kind = "audit.carried-by-hand"
    what: Literal["export", "acknowledge", "salvage"]


class DoctorRun(AuditEvent):
    kind = "audit.doctor-run"
    bad: Count
    """How many looks found something that must be done."""


class EventsLeftOut(AuditEvent):
    """More of one kind than the catalogue has recorded in an hour."""

    kind = "audit.events-left-out"
    event: Word
    count: Count


EVENTS: Final[tuple[type[AuditEvent], ...]] = (
    MachineStarted,
    MachineStopped,
    ServiceFailing,
    ScreensFailed,
    DeviceLost,
    DeviceBack,
    DeviceHindered,
    WorkerVouched,
    WrongPin,
    PinLocked,
    Reprinted,
    PublishedTaken,
    PublishedGivenBack,
    PublishedRefused,
    SettingsChanged,
    DatabaseSetAside,
    DiskFull,
    ClockJumped,
    AcknowledgementRefused,
    CentralFellBack,
    CarriedByHand,
    DoctorRun,
    EventsLeftOut,
)


# -- the catalogue -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What the catalogue says of an event. ``log`` has a slot for each field that it names."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    level: Literal["info", "warning", "error"]
    log: Annotated[str, Field(min_length=1)]
    means: Annotated[str, Field(min_length=1)]
    """In the manual's table."""
    per_hour: Annotated[int, Field(ge=1, le=60)]
    """How many of a kind about one thing are recorded in an hour; those beyond are counted."""


@cache
def catalogue() -> dict[str, Entry]:
    """Code → what the catalogue says, in the manual's order."""
    tables = tomllib.loads(Path(__file__).with_name("audit_events.toml").read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, Entry]).validate_python(tables)
