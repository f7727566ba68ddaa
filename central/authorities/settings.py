"""Which authorities stand behind central, from a TOML file, and the adapters that speak to them (docs/upstreams.md).

Everything in which cities differ is a key here: addresses, transaction numbers, code values, the words that mean "not
now". Passwords do not stand in the file: it names the file of the signer's key.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator

from central.authorities.breaker import FAILURES, PAUSE, Breaker
from central.authorities.certificates import CertificateCodes
from central.authorities.service_forms import ServiceForm
from central.authorities.services import MedicalService, SocialService, built_in
from central.authorities.signing import HmacSigner, Signer
from central.authorities.transactions import Transactions
from central.keys import BadKeys, private_bytes
from central.toml_files import Part, read_toml
from central.upstream import FateState, MedicalInsurance, SocialSecurity
from kiosk.contract.acts import FilingKind, PlaceCode
from kiosk.contract.filings import ItemCode
from kiosk.contract.identity import Relation
from kiosk.contract.live import FamilyRelation
from kiosk.contract.lookups import Name

Url = Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]
Seconds = Annotated[float, Field(gt=0, le=20)]


class BadAuthorities(Exception):
    """The settings cannot be used: ``FILE: field: what is allowed``."""


class SigningSettings(Part):
    """How requests are signed. ``key``: the file of the shared key, readable by central alone."""

    signer: Literal["HS256"] = "HS256"
    key: Path


class BreakerSettings(Part):
    """When an authority that does not answer is left alone, and for how many seconds."""

    failures: int = Field(default=FAILURES, ge=1, le=1000)
    pause: float = Field(default=PAUSE, gt=0, le=3600)


class CodeSettings(Part):
    """What the authority writes in remote-care filings for what is meant, for a relation (家庭共济: code → spouse,
    child, parent, grandchild, grandparent, sibling), and for what whoever acts is to the person (代办人: child, spouse,
    parent, relative, carer, worker → code); a table that is left out is the sandbox's."""

    kinds: dict[str, FilingKind] | None = None
    reviews: dict[str, FateState] | None = None
    ends: dict[str, FateState] | None = None
    relations: dict[str, FamilyRelation] | None = None
    agents: dict[Relation, Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,6}$")]] | None = None

    @field_validator("agents")
    @classmethod
    def _everybody_may_act(cls, agents: dict[Relation, str] | None) -> dict[Relation, str] | None:
        if agents is not None and (missing := [each for each in get_args(Relation) if each not in agents]):
            raise ValueError(f"no code for {', '.join(missing)}")
        return agents


class MedicalSettings(Part):
    """``[medical]``: the gateway to medical insurance (医保)."""

    url: Url
    institution: str = Field(pattern=r"^[A-Z0-9]{12}$")
    institution_name: str = Field(min_length=1, max_length=200)
    area: PlaceCode
    receiver: str = Field(default="", max_length=10)
    version: str = Field(default="V1.0", max_length=6)
    within: Seconds = 3.0
    taken: tuple[str, ...] | None = None
    later: tuple[str, ...] | None = None
    unknown: tuple[str, ...] | None = None
    closed: tuple[str, ...] | None = None
    signing: SigningSettings
    breaker: BreakerSettings = BreakerSettings()
    transactions: Transactions = Transactions()
    codes: CodeSettings = CodeSettings()
    services: dict[Name, MedicalService] = Field(default_factory=dict)
    forms: dict[ItemCode, ServiceForm] = Field(default_factory=dict)
    certificates: CertificateCodes = CertificateCodes()


class SocialSettings(Part):
    """``[social]``: the gateway to social security (社保)."""

    url: Url
    within: Seconds = 3.0
    done: tuple[str, ...] | None = None
    unknown: tuple[str, ...] | None = None
    later: tuple[str, ...] | None = None
    taken: tuple[str, ...] | None = None
    states: dict[str, FateState] | None = None
    signing: SigningSettings
    breaker: BreakerSettings = BreakerSettings()
    services: dict[Name, SocialService] = Field(default_factory=dict)
    forms: dict[ItemCode, ServiceForm] = Field(default_factory=dict)
    certificates: CertificateCodes = CertificateCodes()


class AuthoritySettings(Part):
    """The whole file. ``places``: the file of the insured places' time limits, instead of the built-in one;
    ``datasets``: the folder of the lists that everybody may search, likewise."""

    places: Path | None = None
    datasets: Path | None = None
    medical: MedicalSettings
    social: SocialSettings


def load_authorities(file: Path) -> AuthoritySettings:
    """Reads the file. Raises BadAuthorities."""
    return read_toml(file, AuthoritySettings, BadAuthorities)


def connect(
    settings: AuthoritySettings,
    now: Callable[[], datetime],
    monotonic: Callable[[], float] = time.monotonic,
) -> tuple[MedicalInsurance, SocialSecurity]:
    """The adapters. Raises BadAuthorities: a signer's key cannot be read."""
    from central.authorities.at_once import FamilyCodes
    from central.authorities.envelope import Envelopes, Sender
    from central.authorities.identity import AgentCodes
    from central.authorities.medical import NationalMedicalInsurance
    from central.authorities.remote_care import RemoteCareCodes
    from central.authorities.social import Gateway, HttpSocialSecurity

    medical, social = settings.medical, settings.social
    sender = {"url", "institution", "institution_name", "area", "receiver", "version", "within"}
    words = {"taken", "later", "unknown", "closed"}
    gateway = {"url", "within", "done", "unknown", "later", "taken", "states"}
    return (
        NationalMedicalInsurance(
            envelopes=Envelopes(
                sender=Sender(**medical.model_dump(include=sender | words, exclude_none=True)),
                signer=signer_of(medical.signing),
                breaker=breaker_of("medical insurance", medical.breaker, monotonic),
                now=now,
            ),
            transactions=medical.transactions,
            services=built_in().medical | medical.services,
            forms=medical.forms,
            certificates=medical.certificates,
            codes=RemoteCareCodes(**medical.codes.model_dump(exclude_none=True, exclude={"relations", "agents"})),
            family_codes=FamilyCodes(**medical.codes.model_dump(exclude_none=True, include={"relations"})),
            agent_codes=AgentCodes(**medical.codes.model_dump(exclude_none=True, include={"agents"})),
        ),
        HttpSocialSecurity(
            gateway=Gateway(**social.model_dump(include=gateway, exclude_none=True)),
            signer=signer_of(social.signing),
            breaker=breaker_of("social security", social.breaker, monotonic),
            services=built_in().social | social.services,
            forms=social.forms,
            certificates=social.certificates,
        ),
    )


def signer_of(settings: SigningSettings) -> Signer:
    """Raises BadAuthorities. A city's own signer is one more case here."""
    try:
        return HmacSigner(key=private_bytes(settings.key))
    except BadKeys as error:
        raise BadAuthorities(str(error)) from None


def breaker_of(name: str, settings: BreakerSettings, monotonic: Callable[[], float]) -> Breaker:
    return Breaker(name, monotonic, failures=settings.failures, pause=settings.pause)
