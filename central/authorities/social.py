"""Social security (社保) by the field names of its catalogue of indicators (人社指标集, LD/T 92).

A person is looked up in two steps: first by identity number at the insured place (参保地), which gives the personal
numbers (AAC001) there, or the code for "no insurance here"; then the rows behind each. Which places hold rows at all
tells never insured from insured elsewhere. No national interface is published: paths and result codes are a city
gateway's, and settings.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar

from pydantic import ConfigDict, ValidationError

from central.authorities.asking import each
from central.authorities.at_once import CardDone, CardRow, card, of_card
from central.authorities.breaker import Breaker
from central.authorities.certificates import CertificateCodes, CertificateEntry
from central.authorities.exchange import post
from central.authorities.service_forms import NO_FORMS, Forms, backing_in_words, form_of
from central.authorities.services import SocialService, built_in
from central.authorities.signing import Signer
from central.authorities.wire import Area, Day, Number, Wire, Words
from central.upstream import (
    CertificateWanted,
    Document,
    Fate,
    FateState,
    Looked,
    NotGranted,
    NotInsured,
    NotOffered,
    NumberTaken,
    PaperSent,
    Row,
    Settled,
    Unanswered,
    Wanted,
)
from kiosk.contract.acts import PersonReference, PlaceCode
from kiosk.contract.beforehand import SocialCard
from kiosk.contract.filings import ServiceFiling
from kiosk.contract.live import SocialCardLoss
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

CODE: Final = re.compile(r"[0-9A-Z]{1,6}")
"""What can be shown as a code."""


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """Where a city's gateway is and what its result codes mean."""

    url: str
    done: tuple[str, ...] = ("0", "90000")
    unknown: tuple[str, ...] = ("106",)
    """身份信息不存在参保记录: not here."""
    later: tuple[str, ...] = ("90101", "90104")
    """Exception, timeout: asking again is right."""
    taken: tuple[str, ...] = ("90110",)
    """Something came under this number of ours before."""
    states: Mapping[str, FateState] = field(
        default_factory=lambda: {
            "0": "accepted", "1": "decided", "2": "declined", "3": "papers wanted", "4": "withdrawn", "5": "changed",
        }
    )  # fmt: skip
    """BAE003: what became of a filing."""
    within: float = 3.0


@dataclass(frozen=True, kw_only=True)
class HttpSocialSecurity:
    """The port ``SocialSecurity`` over HTTP."""

    gateway: Gateway
    signer: Signer
    breaker: Breaker
    services: Mapping[str, SocialService] = field(default_factory=lambda: built_in().social)
    forms: Forms = field(default_factory=lambda: NO_FORMS)
    certificates: CertificateCodes = field(default_factory=CertificateCodes)

    def status_of(self, terminal: str, person: PersonReference, place: PlaceCode) -> tuple[Insurance, ...]:
        def behind(number: str) -> list[InsuranceRow]:
            return self._ask("insurance", terminal, {"AAC001": number, "AAB301": place}, InsuranceRow)

        found = each(behind, self._numbers(terminal, person, place))
        return tuple(insurance(row) for rows in found for row in rows if place == row.AAB301)

    def places_of(self, terminal: str, person: PersonReference) -> tuple[PlaceCode, ...]:
        found = self._ask("insurance", terminal, {"AAC002": person.number.upper()}, InsuranceRow)
        return tuple(dict.fromkeys(row.AAB301 for row in found))

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

    def file_service(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate:
        form = form_of(self.forms, filing.item)
        asked = self._about(terminal, ours, filing) | form.content(filing)
        asked |= {"AAC003": filing.person.name, "AAE005": filing.telephone or "", "AAE013": backing_in_words(filing)}
        if filing.agent is not None:
            asked |= {"BAC002": filing.agent.person.number.upper(), "BAC003": filing.agent.person.name}
        path = form.transaction(filing)
        rows = self._page(f"file/{path}", asked, FiledRow, unknown_is_empty=False)
        if len(rows) != 1:
            raise Unanswered(f"{path}: {len(rows)} rows for one filing")
        return self._fate(rows[0])

    def service_fate(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate | None:
        form_of(self.forms, filing.item)
        rows = self._page("filings", self._about(terminal, ours, filing), FiledRow)
        return next((self._fate(row) for row in rows if ours == row.BAE001), None)

    def add_paper(self, terminal: str, sent: PaperSent) -> None:
        asked = {
            "BAE001": sent.ours,
            "BAE004": sent.filed,
            "AAC002": sent.person.number.upper(),
            "AAE170": terminal,
            "BAE005": sent.paper,
            "BAE006": b64encode(sent.content).decode(),
        }
        self._page("papers", asked, AnyRow, unknown_is_empty=False)

    def _about(self, terminal: str, ours: str, filing: ServiceFiling) -> dict[str, str]:
        person = filing.person.number.upper()
        return {"BAE001": ours, "AAC002": person, "AAB301": filing.insured_place, "AAE170": terminal}

    def _fate(self, row: FiledRow) -> Fate:
        """Raises Unanswered for codes that nobody told us of."""
        state = self.gateway.states.get(row.BAE003)
        if state is None:
            raise Unanswered(f"BAE003 {row.BAE003} is not known")
        return Fate(state=state, number=row.BAE002 or None, text=row.AAE013 or None, place=row.AAB301 or None)

    def certificate(self, terminal: str, person: PersonReference, wanted: CertificateWanted) -> Document:
        asked = {
            "AAC002": person.number.upper(),
            "AAC003": person.name,
            "AAB301": wanted.place,
            "AAE001": str(wanted.year or ""),
            "AAE170": terminal,
            "type": self.certificates.kind(wanted.kind),
            "months": str(wanted.months or ""),
            "requestNo": wanted.request.hex,
        }
        rows = self._page("certificate", asked, CertificateEntry, within=self.certificates.within)
        if not rows:
            raise NotInsured("没有查到您在这里的参保记录。")
        return rows[0].document()

    def cards_of(self, terminal: str, person: PersonReference) -> tuple[SocialCard, ...]:
        return tuple(card(row) for row in self._ask("card-use", terminal, _whom(person), CardRow))

    def card_loss(self, terminal: str, ours: str, act: SocialCardLoss) -> Settled:
        what = "card-loss" if act.wish == "report" else "card-lift"
        rows = self._page(what, _whom(act.person) | {"AAE170": terminal, "BAE001": ours}, CardDone)
        return _under(what, ours, rows)

    def settled(self, terminal: str, ours: str, act: SocialCardLoss) -> Settled | None:
        asked = _whom(act.person) | {"AAE170": terminal, "BAE001": ours}
        rows = self._page("card-settled", asked, CardDone)
        return _under("card-settled", ours, rows) if rows else None

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

    def _page(
        self,
        what: str,
        asked: dict[str, str],
        model: type[R],
        *,
        unknown_is_empty: bool = True,
        within: float | None = None,
    ) -> list[R]:
        """Raises Unanswered, NotGranted, NumberTaken. That a person is not known here is no rows, or a refusal."""
        body = json.dumps(asked, ensure_ascii=False).encode()
        headers = {"X-Sign-Type": self.signer.signtype, "X-Sign": self.signer.sign(body)}
        with self.breaker.call():
            url = f"{self.gateway.url}/{what}"
            content = post(url, body, within=within or self.gateway.within, headers=headers)
            try:
                result = Result.model_validate_json(content)
                rows = [model.model_validate(row) for row in result.rows]
            except ValidationError:
                raise Unanswered(f"{what}: not what the gateway gives") from None
            if result.code in self.gateway.done:
                return rows
            if result.code in self.gateway.unknown and unknown_is_empty:
                return []
            if result.code in self.gateway.taken:
                raise NumberTaken
            if result.code in self.gateway.later or not result.message:
                raise Unanswered(f"{what}: code {result.code}, not now")
            raise NotGranted(result.message[:200])


class Result(Wire):
    """Any answer of the gateway."""

    code: str
    message: Words = ""
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


class FiledRow(Wire):
    """What became of a filing: BAE001 our number, BAE002 theirs, BAE003 its state, AAE013 their words."""

    BAE001: str
    BAE002: Number = ""
    BAE003: str
    AAE013: Words = ""
    AAB301: Area | Literal[""] = ""


R = TypeVar("R", bound=Wire)


def _whom(person: PersonReference) -> dict[str, str]:
    return {"AAC002": person.number.upper(), "AAC003": person.name}


def _under(what: str, ours: str, rows: list[CardDone]) -> Settled:
    """What came under our number. Raises Unanswered where the answer is another's."""
    for row in rows:
        if row.ours == ours:
            return of_card(row)
    raise Unanswered(f"{what}: not what was asked for")


def insurance(row: InsuranceRow) -> Insurance:
    """The row in the national codes. A code that nobody told us of goes on as what it is, a status with the name of its
    table: the same figure means something else on the national platform. Raises Unanswered for what is no code."""
    residents = row.AAE140 == RESIDENTS_PENSION
    table, own = ("CBState", row.CBState) if residents else ("AAC008", row.AAC008)
    if not (CODE.fullmatch(own) and CODE.fullmatch(row.AAE140)):
        raise Unanswered(f"AAE140 or {table} is no code")
    return Insurance(
        scheme=SCHEMES.get(row.AAE140[:1], "other"),
        insutype=row.AAE140,
        status=(RESIDENTS_STATUS if residents else STATUS).get(own, f"{table}:{own}"),
        unit=row.AAB004 or None,
        begin=row.AAE030,
        end=row.AAE031,
    )
