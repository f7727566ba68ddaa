"""Puts central together for the demonstration: one database, one key folder, one register behind every port."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from central.database import Database
from central.demonstration.authority import DemonstrationMedicalInsurance, DemonstrationSocialSecurity
from central.demonstration.credentials import DemonstrationCredentials
from central.demonstration.register import Register
from central.demonstration.telephone import DemonstrationTelephones
from central.insured_places import InsuredPlaces, load_places
from central.keys import KeyFolder
from central.people import References
from central.upstream import Upstreams

INSTITUTION: Final = "P35090000001"
"""The twelve characters that the demonstration's authorities know central under."""


@dataclass(frozen=True, kw_only=True)
class House:
    """What API and opener work with."""

    database: Database
    references: References
    upstreams: Upstreams
    places: InsuredPlaces
    now: Callable[[], datetime]


def demonstration(
    database: Database, folder: KeyFolder, register: Register, now: Callable[[], datetime] | None = None
) -> House:
    """Central with the demonstration's authorities and telephones. Raises BadKeys."""
    references = References(folder.reference_key())
    now = now or utc_now
    return House(
        database=database,
        references=references,
        upstreams=Upstreams(
            mode="demo",
            institution=INSTITUTION,
            medical=DemonstrationMedicalInsurance(register, database, references, now),
            social=DemonstrationSocialSecurity(register),
            telephones=DemonstrationTelephones(register, database, now),
            credentials=DemonstrationCredentials(register, folder.reference_key(), now),
        ),
        places=load_places(),
        now=now,
    )


def utc_now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)
