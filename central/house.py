"""Puts central together for the demonstration: one database, one key folder, one register behind every port."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastapi import APIRouter

from central.database import Database
from central.demonstration.authority import DemonstrationMedicalInsurance, DemonstrationSocialInsurance
from central.demonstration.register import Register
from central.demonstration.telephone import DemonstrationTelephones, screens
from central.keys import KeyFolder
from central.people import References
from central.upstream import Upstreams


@dataclass(frozen=True, kw_only=True)
class House:
    """What API and opener work with. ``extra`` are the routes that only these upstreams bring."""

    database: Database
    references: References
    upstreams: Upstreams
    extra: tuple[APIRouter, ...]
    now: Callable[[], datetime]


def demonstration(database: Database, folder: KeyFolder, register: Register) -> House:
    """Central with the demonstration's authorities and telephones. Raises BadKeys."""
    references = References(folder.reference_key())
    return House(
        database=database,
        references=references,
        upstreams=Upstreams(
            mode="demo",
            medical=DemonstrationMedicalInsurance(register, database, references, now),
            social=DemonstrationSocialInsurance(register, now),
            telephones=DemonstrationTelephones(register, database, now),
        ),
        extra=(screens(database),),
        now=now,
    )


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


def default_keys(database: Database) -> Path:
    """The key folder beside an SQLite file; on PostgreSQL it has to be named."""
    assert database.url.database is not None
    return Path(database.url.database).parent / "keys"
