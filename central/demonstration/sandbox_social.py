"""The social security authority of the sandbox: a gateway with the field names of the catalogue of indicators.

``person`` gives the personal numbers at one place, or code 106; ``insurance`` the rows behind a number, or those of a
person anywhere; ``contributions`` the months behind a number. Status codes are the social security ones, where 3 is
ended, and the residents' pension has its own.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from central.authorities.signing import Signer
from central.demonstration.authority import DemonstrationSocialSecurity
from central.demonstration.register import Register, Resident
from kiosk.contract.acts import PersonReference
from kiosk.contract.queries import Insurance

RESIDENTS_PENSION: Final = "170"
STATUS: Final = {"0": "3", "1": "1", "2": "2", "3": "3", "4": "3"}
"""psn_insu_stas to AAC008, which knows fewer."""

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
    AAE170: str = Field(min_length=1, max_length=64)
    page: int = Field(alias="pageNo", ge=1)
    size: int = Field(alias="pageSize", ge=1, le=500)


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
            return said("90101", "系统异常，请稍后再试")
        try:
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
        elif what == "contributions":
            rows = self._contributions(asked)
        else:
            return said("90005", "没有这个接口")
        first = (asked.page - 1) * asked.size
        return said("0", "", rows[first : first + asked.size])

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

    def _contributions(self, asked: Asked) -> Rows:
        resident = self._behind(asked.AAC001, asked.AAB301)
        if resident is None:
            return []
        first, last = int(asked.AAE041), int(asked.AAE042)
        found = self._authority.contributions_of(asked.AAE170, reference(resident), asked.AAB301, first, last)
        return [
            {
                "AAE140": months.insutype,
                "AAE041": months.first,
                "AAE042": months.last,
                "AAB191": f"{months.last}25" if months.arrived else "",
            }
            for months in found
        ]

    def _at(self, resident: Resident, place: str) -> bool:
        return place in self._authority.places_of("", reference(resident))

    def _behind(self, number: str, place: str) -> Resident | None:
        return next((person for person in self._register.people if personal_number(person, place) == number), None)


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
