"""Social security (社保) by the field names of its catalogue of indicators (人社指标集, LD/T 92).

A person is looked up in two steps: first by identity number at the insured place (参保地), which gives the personal
numbers (AAC001) there, or the code for "no insurance here"; then the rows behind each. Which places hold rows at all
tells never insured from insured elsewhere. No national interface is published: paths and result codes are a city
gateway's, and settings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar

from pydantic import ConfigDict, ValidationError

from central.authorities.breaker import Breaker
from central.authorities.exchange import post
from central.authorities.services import SocialService, built_in
from central.authorities.signing import Signer
from central.authorities.wire import Area, Day, Wire
from central.upstream import Contributions, Looked, NotGranted, NotOffered, Row, Unanswered, Wanted
from kiosk.contract.acts import PersonReference, PlaceCode
from kiosk.contract.queries import Insurance

RESIDENTS_PENSION: Final = "170"
PAGE: Final = 100
PAGES: Final = 10
"""Pages that no person's rows fill: sixty years of months are eight."""

STATUS: Final = {"1": "1", "2": "2", "3": "4"}
"""AAC008 to psn_insu_stas: 3 means ended here and void there."""

RESIDENTS_STATUS: Final = {"0": "0", "1": "1", "2": "2", "4": "4"}
"""CBState of the residents' pension (居保), which counts like psn_insu_stas."""

SCHEMES: Final[dict[str, Literal["pension", "unemployment", "medical", "injury", "maternity"]]] = {
    "1": "pension",
    "2": "unemployment",
    "3": "medical",
    "4": "injury",
    "5": "maternity",
}
"""The first digit of AAE140."""


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """Where a city's gateway is and what its result codes mean."""

    url: str
    done: tuple[str, ...] = ("0", "90000")
    unknown: tuple[str, ...] = ("106",)
    """身份信息不存在参保记录: not here."""
    later: tuple[str, ...] = ("90101", "90104")
    """Exception, timeout: asking again is right."""
    within: float = 3.0


@dataclass(frozen=True, kw_only=True)
class HttpSocialSecurity:
    """The port ``SocialSecurity`` over HTTP."""

    gateway: Gateway
    signer: Signer
    breaker: Breaker
    services: Mapping[str, SocialService] = field(default_factory=lambda: built_in().social)

    def status_of(self, terminal: str, person: PersonReference, place: PlaceCode) -> tuple[Insurance, ...]:
        rows: list[Insurance] = []
        for number in self._numbers(terminal, person, place):
            found = self._ask("insurance", terminal, {"AAC001": number, "AAB301": place}, InsuranceRow)
            rows += [insurance(row) for row in found if place == row.AAB301]
        return tuple(rows)

    def places_of(self, terminal: str, person: PersonReference) -> tuple[PlaceCode, ...]:
        found = self._ask("insurance", terminal, {"AAC002": person.number.upper()}, InsuranceRow)
        return tuple(dict.fromkeys(row.AAB301 for row in found))

    def contributions_of(
        self, terminal: str, person: PersonReference, place: PlaceCode, first: int, last: int
    ) -> tuple[Contributions, ...]:
        found: list[Contributions] = []
        for number in self._numbers(terminal, person, place):
            asked = {"AAC001": number, "AAB301": place, "AAE041": str(first), "AAE042": str(last)}
            for row in self._ask("contributions", terminal, asked, ContributionRow):
                arrived = row.AAB191 is not None
                found.append(Contributions(insutype=row.AAE140, first=row.AAE041, last=row.AAE042, arrived=arrived))
        return tuple(found)

    def level_of(self, service: str) -> Literal[1, 2]:
        return self._service(service).level

    def look_up(self, terminal: str, person: PersonReference, wanted: Wanted) -> Looked:
        services = {name: self._service(name) for name in wanted.services}
        place = {"AAB301": wanted.place} if wanted.place is not None else {}
        numbers: list[str] = []
        elsewhere: tuple[PlaceCode, ...] = ()
        if any(service.by == "personal-number" for service in services.values()):
            if wanted.place is None:
                raise NotOffered("without a place")
            numbers = self._numbers(terminal, person, wanted.place)
            if not numbers:
                elsewhere = tuple(other for other in self.places_of(terminal, person) if other != wanted.place)
        rows: dict[str, tuple[Row, ...]] = {}
        for name, service in services.items():
            whom = [{"AAC001": number} for number in numbers]
            if service.by == "identity-number":
                whom = [{"AAC002": person.number.upper()}]
            asked = place | service.asked(wanted.answers)
            lines = [line for who in whom for line in self._ask(service.path, terminal, who | asked, AnyRow)]
            rows[name] = service.rows(line.said for line in lines)
        return Looked(rows=rows, elsewhere=elsewhere)

    def _service(self, name: str) -> SocialService:
        try:
            return self.services[name]
        except KeyError:
            raise NotOffered(name) from None

    def _numbers(self, terminal: str, person: PersonReference, place: PlaceCode) -> list[str]:
        """The first step: the personal numbers (个人编号) at a place; none where it does not know the person."""
        asked = {"AAC002": person.number.upper(), "AAC003": person.name, "AAB301": place}
        return [row.AAC001 for row in self._ask("person", terminal, asked, PersonRow)]

    def _ask(self, what: str, terminal: str, asked: dict[str, str], model: type[R]) -> list[R]:
        """The rows of all pages. Raises Unanswered, NotGranted."""
        rows: list[R] = []
        for number in range(1, PAGES + 1):
            body = asked | {"AAE170": terminal, "pageNo": str(number), "pageSize": str(PAGE)}
            page = self._page(what, body, model)
            rows += page
            if len(page) < PAGE:
                return rows
        raise Unanswered(f"{what}: the pages do not end")

    def _page(self, what: str, asked: dict[str, str], model: type[R]) -> list[R]:
        body = json.dumps(asked, ensure_ascii=False).encode()
        headers = {"X-Sign-Type": self.signer.signtype, "X-Sign": self.signer.sign(body)}
        with self.breaker.call():
            url = f"{self.gateway.url}/{what}"
            content = post(url, body, within=self.gateway.within, headers=headers)
            try:
                result = Result.model_validate_json(content)
                rows = [model.model_validate(row) for row in result.rows]
            except ValidationError:
                raise Unanswered(f"{what}: not what the gateway gives") from None
            if result.code in self.gateway.done:
                return rows
            if result.code in self.gateway.unknown:
                return []
            if result.code in self.gateway.later or not result.message.strip():
                raise Unanswered(f"{what}: code {result.code}, not now")
            raise NotGranted(result.message.strip()[:200])


class Result(Wire):
    """Any answer of the gateway."""

    code: str
    message: str = ""
    rows: tuple[dict[str, object], ...] = ()


class AnyRow(Wire):
    """A row whose fields only the settings know."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    @property
    def said(self) -> Mapping[str, object]:
        return self.model_extra or {}


class PersonRow(Wire):
    """A person at a place; one person may have several numbers there."""

    AAC001: str


class InsuranceRow(Wire):
    """One row of insurance."""

    AAB301: Area
    AAE140: str
    AAC008: str = ""
    CBState: str = ""
    AAB004: str | None = None
    AAE030: Day = None
    AAE031: Day = None


class ContributionRow(Wire):
    """Months of one kind of insurance; AAB191 is the day on which the money came."""

    AAE140: str
    AAE041: int
    AAE042: int
    AAB191: Day = None


R = TypeVar("R", bound=Wire)


def insurance(row: InsuranceRow) -> Insurance:
    """The row in the national codes. Raises Unanswered for codes that nobody told us of."""
    residents = row.AAE140 == RESIDENTS_PENSION
    status = RESIDENTS_STATUS.get(row.CBState) if residents else STATUS.get(row.AAC008)
    scheme = SCHEMES.get(row.AAE140[:1])
    if status is None or scheme is None:
        raise Unanswered("AAE140 or its status is not known")
    return Insurance(
        scheme=scheme,
        insutype=row.AAE140,
        status=status,
        unit=row.AAB004 or None,
        begin=row.AAE030,
        end=row.AAE031,
    )
