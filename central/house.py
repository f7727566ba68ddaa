"""Puts central together: one database, one key folder, and behind every port the demonstration or an adapter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from central import roots
from central.authorities.service_forms import ServiceForm
from central.authorities.settings import (
    AuthoritySettings,
    MedicalSettings,
    SigningSettings,
    SocialSettings,
    connect,
)
from central.authorities.signing import HmacSigner
from central.database import Database
from central.datasets import BUILT_IN as DATASETS
from central.datasets import DatasetFolder
from central.demonstration.authority import DemonstrationMedicalInsurance, DemonstrationSocialSecurity
from central.demonstration.credentials import DemonstrationCredentials
from central.demonstration.deeds import Deeds
from central.demonstration.register import Register
from central.demonstration.sandbox import Sandbox
from central.demonstration.services import built_in
from central.demonstration.telephone import DemonstrationTelephones
from central.insured_places import InsuredPlaces, load_places
from central.keys import KeyFolder
from central.people import References
from central.upstream import MedicalInsurance, SocialSecurity, Upstreams
from central.voice import Voice
from kiosk.contract.filings import Authority

INSTITUTION: Final = "P35090000001"
"""The twelve characters that the demonstration's authorities know central under."""

PERSONS_AN_HOUR: Final = 60
"""About whom a kiosk may ask within an hour (``suspending``), where nobody says otherwise."""


@dataclass(frozen=True, kw_only=True)
class House:
    """What API and opener work with."""

    database: Database
    references: References
    upstreams: Upstreams
    places: InsuredPlaces
    public_url: str
    """Where phones reach the public pages, without a slash at its end."""
    now: Callable[[], datetime]
    voice: Voice
    datasets: DatasetFolder = field(default_factory=DatasetFolder)
    persons_an_hour: int = PERSONS_AN_HOUR


def demonstration(
    database: Database,
    folder: KeyFolder,
    register: Register,
    now: Callable[[], datetime] | None = None,
    authorities: AuthoritySettings | None = None,
    public_url: str = "http://public",
    persons_an_hour: int = PERSONS_AN_HOUR,
) -> House:
    """Central with the demonstration's telephones and authorities, or with others. Raises BadKeys, BadAuthorities,
    BadPlaces."""
    references = References(folder.reference_key())
    now = now or utc_now
    medical: MedicalInsurance
    social: SocialSecurity
    if authorities is None:
        medical, social = fictitious(database, folder, register, now)
    else:
        medical, social = connect(authorities, now)
    rooted = roots.newest(database)
    return House(
        database=database,
        references=references,
        upstreams=Upstreams(
            mode="demo",
            institution=INSTITUTION if authorities is None else authorities.medical.institution,
            medical=medical,
            social=social,
            telephones=DemonstrationTelephones(register, database, now),
            credentials=DemonstrationCredentials(register, folder.reference_key(), now),
        ),
        places=load_places() if authorities is None or authorities.places is None else load_places(authorities.places),
        datasets=DatasetFolder(folder=(authorities.datasets if authorities is not None else None) or DATASETS),
        public_url=public_url,
        now=now,
        voice=Voice(folder.acknowledgement_pair(now(), None if rooted is None else rooted.acknowledgement)),
        persons_an_hour=persons_an_hour,
    )


def fictitious(
    database: Database, folder: KeyFolder, register: Register, now: Callable[[], datetime]
) -> tuple[DemonstrationMedicalInsurance, DemonstrationSocialSecurity]:
    """The demonstration's authorities, in their own hands. Raises BadKeys."""
    references = References(folder.reference_key())
    deeds = Deeds(database=database, references=references, now=now)
    known = (register, database, references, now, deeds)
    return DemonstrationMedicalInsurance(*known), DemonstrationSocialSecurity(*known)


def sandbox_of(database: Database, folder: KeyFolder, register: Register, key: bytes, port: int = 0) -> Sandbox:
    """The demonstration's authorities as servers, bound to a port and not started. Raises BadKeys, OSError."""
    medical, social = fictitious(database, folder, register, utc_now)
    return Sandbox(register, medical, social, HmacSigner(key=key), port)


def settings_of(sandbox_url: str, key: Path) -> AuthoritySettings:
    """How central reaches a sandbox, whose signing key stands in a file."""
    signing = SigningSettings(key=key)

    def forms(authority: Authority) -> dict[str, ServiceForm]:
        return {service.item: service.form for service in built_in().of(authority)}

    return AuthoritySettings(
        medical=MedicalSettings(
            url=f"{sandbox_url}/medical",
            institution=INSTITUTION,
            institution_name="环城路社区党群服务中心",
            area="350900",
            signing=signing,
            forms=forms("medical"),
        ),
        social=SocialSettings(url=f"{sandbox_url}/social", signing=signing, forms=forms("social")),
    )


def utc_now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)
