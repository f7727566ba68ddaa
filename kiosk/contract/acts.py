"""What a person can decide at a kiosk: the payloads of records; ``registry`` lists their kinds and versions.

An act is encoded to canonical CBOR, sealed and committed (``records``, ``sealing``); central's opener reads it back
with the model that the record's header names. A released (kind, version) never changes: a new field is a new version.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kiosk.contract.identity import PersonReference as PersonReference  # noqa: PLC0414 - read with the acts by all
from kiosk.contract.privacy import Personal

Telephone = Annotated[str, Personal.BASIC, Field(pattern=r"^1[3-9]\d{9}$")]
PlaceCode = Annotated[str, Field(pattern=r"^\d{6}$")]


class Act(BaseModel):
    """The payload of a record. Subclasses name their kind and version."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    kind: ClassVar[str]
    version: ClassVar[int]
    has_matter: ClassVar[bool] = True
    """Whether it goes on to somebody: what becomes of it is then asked for."""
    live: ClassVar[bool] = False
    """Whether it is carried out at once or not at all: it never waits for a better time."""


class Genesis(Act):
    """The first record of a ledger: why it begins, and what is known of the one before."""

    kind = "ledger.genesis"
    version = 1
    has_matter = False
    why: Literal["enrolled", "database damaged", "behind central", "conflict"]
    previous_ledger: bytes | None = None
    previous_seq: int | None = None
    previous_hash: bytes | None = None
    acknowledged_seq: int | None = None


class RiderCategory(StrEnum):
    """The work of a rider (小哥), as on the category pictures."""

    FOOD = "food"
    PARCELS = "parcels"
    RIDE_HAILING = "ride-hailing"
    SANITATION = "sanitation"
    OTHER = "other"


class RiderCheckIn(Act):
    """One visit to a rider station (小哥驿站签到), counted without a name or with one."""

    kind = "rider.check-in"
    version = 1
    method: Literal["picture", "id-card", "social-card", "code"]
    category: RiderCategory | None = None
    person: PersonReference | None = None
    services: tuple[str, ...] = ()


class RiderCorrection(Act):
    """Says that an earlier check-in was entered wrongly, and what it should have been (不对，改一下)."""

    kind = "rider.correction"
    version = 1
    corrects: UUID
    check_in: RiderCheckIn


class Rating(Act):
    """What somebody thought of a service just used (好差评, GB/T 39735): 1 very dissatisfied to 5 very satisfied.

    It names nobody and no other record: whoever reads it cannot tell from whom it is.
    """

    kind = "service.rating"
    version = 1
    has_matter = False
    service: str = Field(pattern=r"^[a-z0-9-]{1,64}$")
    """Catalogue code."""
    stars: int = Field(ge=1, le=5)


class FilingKind(StrEnum):
    """The five kinds of remote-care filing (异地就医备案, 医保发〔2022〕22号)."""

    RETIRED = "retired"
    """异地安置退休: household register moved too."""
    LONG_STAY = "long-stay"
    """异地长期居住."""
    POSTED = "posted"
    """常驻异地工作."""
    REFERRED = "referred"
    """异地转诊."""
    TEMPORARY = "temporary"
    """其他临时外出就医."""


class Promise(BaseModel):
    """The official text that a person agreed to instead of papers (承诺制): which one, and its hash."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    version: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


Proof = Literal["promise", "desk", "none"]
"""What stands behind a filing: a promise, papers brought to the desk, or nothing because its kind asks for nothing."""


class RemoteCareMatter(Act):
    """What every version of a remote-care filing says. ``telephone`` None means: the one on record."""

    person: PersonReference
    filing: FilingKind
    place: PlaceCode
    begin: date
    end: date | None = None
    proof: Proof
    promise: Promise | None = None
    telephone: Telephone | None = None
    intent: str = Field(min_length=1, max_length=64)

    @model_validator(mode="after")
    def _proof_fits(self) -> Self:
        if (self.proof == "promise") != (self.promise is not None):
            raise ValueError("a promise needs its text, papers at the desk have none")
        if self.filing is FilingKind.REFERRED and self.proof == "promise":
            raise ValueError("a referral cannot be promised")
        if self.end is not None and self.end < self.begin:
            raise ValueError("the end lies before the begin")
        return self


class RemoteCareFiling(RemoteCareMatter):
    """A filing for treatment away from the insured place (异地就医备案), for oneself; version 2 is in ``remote_care``.

    ``check`` says how level 2 was reached: ``code`` (sent to the telephone on record and typed here), or ``owed``:
    central could not be asked, and asks the person by that telephone before it submits the filing.
    """

    kind = "medical.remote-care-filing"
    version = 1
    check: Literal["code", "owed"]


class FieldAnswer(BaseModel):
    """What a person answered to a field of the catalogue: a date (2026-12-01), months (2025-12/2026-11), a six-digit
    place, a telephone, a choice's code, whole yuan, yes or no, or a text, as ``field_kind`` says."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    field: Annotated[str, Field(min_length=1, max_length=64)]
    field_kind: Literal["date", "month-range", "region", "phone", "choice", "money", "text", "yes-no"]
    value: Annotated[str, Personal.SENSITIVE, Field(min_length=1, max_length=200)]


Wish = Literal["explain", "hand-in", "home-visit", "pass-on"]
"""What a worker is to do: say how it is done, hand the papers in, come to the person, or pass on what was said."""


class ProxyRequest(Act):
    """A matter handed to a worker of the centre (全程代办): which item of the catalogue, and how to reach the person.

    ``telephone`` None: the person has none and comes to the desk.
    """

    kind = "service.proxy-request"
    version = 1
    person: PersonReference
    item: Annotated[str, Personal.SENSITIVE, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]
    wish: Wish
    call: Literal["morning", "afternoon", "any"]
    telephone: Telephone | None = None
    answers: Annotated[tuple[FieldAnswer, ...], Field(max_length=20)] = ()
    intent: str = Field(min_length=1, max_length=64)
