"""The social security authority of the sandbox: a gateway with the field names of the catalogue of indicators.

``person`` gives the personal numbers at one place, or code 106; ``insurance`` the rows behind a number, or those of a
person anywhere; every other path what can be looked up behind a number or of a person. Status codes are the social
security ones, where 3 is ended, and the residents' pension has its own.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from central.authorities.signing import Signer
from central.authorities.social import Gateway
from central.demonstration.authority import DemonstrationSocialSecurity
from central.demonstration.certificates import handed_out
from central.demonstration.register import Register, Resident
from central.demonstration.sandbox_at_once import card_deed, cards
from central.demonstration.services import HandedIn, built_in
from central.upstream import CertificateWanted, Fate, NotGranted, NotInsured, NumberTaken, PaperSent, Wanted
from kiosk.contract.acts import PersonReference
from kiosk.contract.queries import Insurance

RESIDENTS_PENSION: Final = "170"
STATUS: Final = {"0": "3", "1": "1", "2": "2", "3": "3", "4": "3"}
"""psn_insu_stas to AAC008, which knows fewer."""

LISTED: Final[dict[str, dict[str, str]]] = {
    "contributions": {
        "kind": "AAE140", "type": "JFType", "first": "AAE041", "last": "AAE042", "own": "BAE022",
        "employer": "BAE020", "paid-on": "AAB191",
    },
    "pension": {
        "month": "AAE003", "amount": "BAE019", "state": "BAE117", "paid-on": "BAE116", "bank": "AAE008",
        "account": "AAE010",
    },
    "certification": {
        "state": "BAC150", "until": "BAC151", "paused": "BAC152", "resumes": "BAC153", "words": "AAE013",
    },
    "card": {"number": "AAZ500", "state": "AAZ502", "bank": "AAE008", "issued": "AAE030", "until": "AAE031"},
    "card-making": {"stage": "BAZ503", "since": "AAE036", "where": "BAZ504"},
}  # fmt: skip
"""What can be looked up, and the names of its columns here; those that begin with B are this gateway's own."""

DAY: Final = re.compile(r"^(\d{4})-(\d\d)-(\d\d)$")
STATES: Final = {state: code for code, state in Gateway(url="").states.items()}

Rows = list[dict[str, object]]


class Asked(BaseModel):
    """Any question."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    AAC001: str = Field(default="", max_length=30)
    AAC002: str = Field(default="", max_length=18)
    AAC003: str = Field(default="", max_length=120)
    AAB301: str = Field(default="", pattern=r"^(\d{6})?$")
    AAE041: str = Field(default="", pattern=r"^(\d{6})?$")
    AAE042: str = Field(default="", pattern=r"^(\d{6})?$")
    AAE001: str = Field(default="", pattern=r"^(\d{4})?$")
    AAE140: str = Field(default="", pattern=r"^(\d{3})?$")
    AAE170: str = Field(min_length=1, max_length=64)
    ours: str = Field(default="", alias="BAE001", max_length=40)
    page: int = Field(default=1, alias="pageNo", ge=1)
    size: int = Field(default=100, alias="pageSize", ge=1, le=500)

    @property
    def person(self) -> PersonReference:
        return PersonReference(number=self.AAC002, name=self.AAC003 or "-")


class Filed(BaseModel):
    """A filing of one of the catalogue's items, or the question what became of it; answers stand beside these."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)
    BAE001: str = Field(pattern=r"^[A-Z0-9]{12}\d{18}$")
    AAC002: str = Field(min_length=8, max_length=18)
    AAC003: str = Field(default="", max_length=120)
    AAB301: str = Field(pattern=r"^\d{6}$")
    AAE170: str = Field(min_length=1, max_length=64)

    @property
    def person(self) -> PersonReference:
        return PersonReference(number=self.AAC002, name=self.AAC003 or "-")

    @property
    def others(self) -> Mapping[str, str]:
        """What was answered."""
        return {name: str(value) for name, value in (self.model_extra or {}).items()}


class CertificateAsked(BaseModel):
    """A certificate asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    AAC002: str = Field(max_length=18)
    AAC003: str = Field(min_length=1, max_length=120)
    AAB301: str = Field(pattern=r"^\d{6}$")
    AAE001: str = Field(pattern=r"^(\d{4})?$")
    AAE170: str = Field(min_length=1, max_length=64)
    type: str = Field(min_length=1, max_length=40)
    months: str = Field(pattern=r"^\d{0,3}$")
    request: UUID = Field(alias="requestNo")

    @property
    def wanted(self) -> CertificateWanted:
        """The same as the authority takes it."""
        return CertificateWanted(
            request=self.request,
            kind=self.type,
            place=self.AAB301,
            months=int(self.months or 0) or None,
            year=int(self.AAE001 or 0) or None,
        )


class Added(BaseModel):
    """A paper for a filing: BAE001 its number, BAE004 the filing's, BAE005 which paper, BAE006 the picture."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    BAE001: str = Field(pattern=r"^[A-Z0-9]{12}\d{18}$")
    BAE004: str = Field(pattern=r"^[A-Z0-9]{12}\d{18}$")
    AAC002: str = Field(min_length=8, max_length=18)
    AAE170: str = Field(min_length=1, max_length=64)
    BAE005: str = Field(min_length=1, max_length=64)
    BAE006: str = Field(min_length=1)


class SocialSandbox:
    """Answers the gateway's questions. Any thread."""

    def __init__(self, register: Register, authority: DemonstrationSocialSecurity, signer: Signer) -> None:
        self._register = register
        self._authority = authority
        self._signer = signer

    def answer(self, what: str, body: bytes, signature: str, fault: str) -> bytes:
        """The answer to one question; ``fault``: where it is to say that it is out of order."""
        if not hmac.compare_digest(signature, self._signer.sign(body)):
            return said("90002", "签名验证失败")
        if fault:
            return said("90110", "重复的请求") if fault == "taken" else said("90101", "系统异常，请稍后再试")
        if what == "filings" or what.startswith("file/"):
            return self._filed(what.removeprefix("file/"), body)
        if what == "papers":
            return self._paper(body)
        try:
            if what == "certificate":
                return self._certificate(CertificateAsked.model_validate_json(body))
            asked = Asked.model_validate_json(body)
        except ValidationError:
            return said("90005", "请求格式不正确")
        if what == "person":
            resident = self._register.find(asked.AAC002)
            if resident is None or not self._at(resident, asked.AAB301):
                return said("106", "身份信息不存在参保记录")
            rows: Rows = [{"AAC001": personal_number(resident, asked.AAB301), "AAC003": resident.name}]
        elif what == "insurance":
            rows = self._insurance(asked)
        elif what in LISTED:
            rows = self._listed(what, asked)
        elif what == "card-use":
            rows = cards(self._authority, asked.AAE170, asked.person)
        elif what in ("card-loss", "card-lift", "card-settled"):
            try:
                rows = card_deed(self._authority, what, asked.ours, asked.AAE170, asked.person)
            except NumberTaken:
                return said("90110", "重复的请求")
            except NotGranted as refusal:
                return said("90005", refusal.text)
        else:
            return said("90005", "没有这个接口")
        first = (asked.page - 1) * asked.size
        return said("0", "", rows[first : first + asked.size])

    def _filed(self, what: str, body: bytes) -> bytes:
        """Takes a filing, or says what became of one."""
        try:
            filed = Filed.model_validate_json(body)
        except ValidationError:
            return said("90005", "请求格式不正确")
        desk = self._authority.services
        if what == "filings":
            known = desk.fate(filed.BAE001, filed.person)
            return said("0", "", [] if known is None else [fate_fields(filed.BAE001, known)])
        service = next((service for service in built_in().of("social") if what in service.transactions), None)
        if service is None:
            return said("90005", "没有这个接口")
        answers = service.form.answers(filed.others)
        filing = HandedIn(item=service.item, person=filed.person, place=filed.AAB301, answers=answers)
        try:
            return said("0", "", [fate_fields(filed.BAE001, desk.take(filed.BAE001, filing))])
        except NotGranted as refusal:
            return said("90005", refusal.text)
        except NumberTaken:
            return said("90110", "这个号码用过了")

    def _paper(self, body: bytes) -> bytes:
        """Takes a paper for a filing."""
        try:
            added = Added.model_validate_json(body)
            content = b64decode(added.BAE006, validate=True)
        except ValueError:  # pydantic's too
            return said("90005", "请求格式不正确")
        person = PersonReference(number=added.AAC002, name="-")
        sent = PaperSent(ours=added.BAE001, filed=added.BAE004, person=person, paper=added.BAE005, content=content)
        try:
            self._authority.papers.take(sent)
        except NotGranted as refusal:
            return said("90005", refusal.text)
        except NumberTaken:
            return said("90110", "这个号码用过了")
        return said("0", "")

    def _insurance(self, asked: Asked) -> Rows:
        if asked.AAC001:
            resident = self._behind(asked.AAC001, asked.AAB301)
            places: tuple[str, ...] = (asked.AAB301,)
        else:
            resident = self._register.find(asked.AAC002)
            places = () if resident is None else self._authority.places_of(asked.AAE170, reference(resident))
        if resident is None:
            return []
        return [
            {"AAB301": place, **fields(row)}
            for place in places
            for row in self._authority.status_of(asked.AAE170, reference(resident), place)
        ]

    def _listed(self, what: str, asked: Asked) -> Rows:
        """What is looked up, in the gateway's names: days without hyphens, as it writes them elsewhere."""
        by_number = asked.AAC001 != ""
        resident = self._behind(asked.AAC001, asked.AAB301) if by_number else self._register.find(asked.AAC002)
        if resident is None:
            return []
        answers = {"months": f"{asked.AAE041}/{asked.AAE042}", "year": asked.AAE001, "kind": asked.AAE140}
        wanted = Wanted(services=(what,), place=asked.AAB301 or None, answers=answers)
        found = self._authority.look_up(asked.AAE170, reference(resident), wanted)
        return [
            {field: DAY.sub(r"\1\2\3", row.get(name, "")) for name, field in LISTED[what].items()}
            for row in found.rows[what]
        ]

    def _certificate(self, asked: CertificateAsked) -> bytes:
        person = PersonReference(number=asked.AAC002, name=asked.AAC003)
        try:
            return said("0", "", [handed_out(self._authority.certificate(asked.AAE170, person, asked.wanted))])
        except NotInsured as refusal:
            return said("106", refusal.text)
        except NotGranted as refusal:
            return said("90005", refusal.text)

    def _at(self, resident: Resident, place: str) -> bool:
        return place in self._authority.places_of("", reference(resident))

    def _behind(self, number: str, place: str) -> Resident | None:
        return next((person for person in self._register.people if personal_number(person, place) == number), None)


def fate_fields(ours: str, fate: Fate) -> dict[str, object]:
    """What became of a filing, in the gateway's names."""
    return {
        "BAE001": ours,
        "BAE002": fate.number or "",
        "BAE003": STATES[fate.state],
        "AAE013": fate.text or "",
        "AAB301": fate.place or "",
    }


def fields(row: Insurance) -> dict[str, object]:
    """A row in the names and codes of social security."""
    residents = row.insutype == RESIDENTS_PENSION
    return {
        "AAE140": row.insutype,
        "AAC008": "" if residents else STATUS[row.status],
        "CBState": row.status if residents else "",
        "AAB004": row.unit or "",
        "AAE030": "" if row.begin is None else f"{row.begin:%Y%m%d}",
        "AAE031": "" if row.end is None else f"{row.end:%Y%m%d}",
    }


def personal_number(resident: Resident, place: str) -> str:
    """A person's number at a place (AAC001), which says nothing."""
    digest = hashlib.sha256(f"{place} {resident.number}".encode()).digest()
    return f"{int.from_bytes(digest[:5]) % 10**10:010d}"


def reference(resident: Resident) -> PersonReference:
    return PersonReference(number=resident.number, name=resident.name)


def said(code: str, message: str, rows: Rows | None = None) -> bytes:
    return json.dumps({"code": code, "message": message, "rows": rows or []}, ensure_ascii=False).encode()
