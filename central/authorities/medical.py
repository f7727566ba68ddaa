"""Medical insurance (医保) by the national envelope: people (1101), totals (5206), diseases (5301), filings.

The interface of 1101 and its like is that of hospitals and pharmacies; a city lets its kiosks in through a gateway,
with numbers of its own for what the national list lacks (its 2503 is the filing of outpatient diseases, its 2501 that
of a hospital's referral): those are settings.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Final, Literal

from pydantic import Field

from central.authorities.asking import once
from central.authorities.at_once import DoneList, DoneResult, FamilyCodes, FamilyList, content_of, of_row
from central.authorities.certificates import CertificateCodes, CertificateEntry
from central.authorities.envelope import Envelopes, Output, read, says
from central.authorities.identity import AgentCodes, certificate_type
from central.authorities.remote_care import RemoteCareCodes, RemoteCareList, RemoteCareResult, agent_of, pictures_of
from central.authorities.service_forms import NO_FORMS, Forms, backing_in_words, form_of
from central.authorities.services import MedicalService, built_in
from central.authorities.transactions import Transactions
from central.authorities.wire import Area, Day, Money, Wire
from central.insurance import counting
from central.local_time import SHANGHAI
from central.upstream import (
    CertificateWanted,
    Document,
    Fate,
    Insured,
    Looked,
    NotGranted,
    NotInsured,
    NotOffered,
    PaperSent,
    Row,
    Settled,
    Unanswered,
    Wanted,
)
from kiosk.contract.acts import PersonReference, RemoteCareMatter
from kiosk.contract.beforehand import Family
from kiosk.contract.filings import ServiceFiling
from kiosk.contract.live import FamilyAccount, RemoteCareWithdrawal
from kiosk.contract.queries import Filing, Insurance
from kiosk.contract.remote_care import RemoteCareFiling2

BY_NUMBER: Final = "02"
"""mdtrt_cert_type: by identity number."""

MATERNITY: Final = "510"
"""insutype: 生育保险, which medical insurance collects; every other kind is a medical one."""

FULL_PAYMENT: Final = "1"
"""clct_flag: 足额缴费."""


@dataclass(frozen=True, kw_only=True)
class NationalMedicalInsurance:
    """The port ``MedicalInsurance`` over the envelope."""

    envelopes: Envelopes
    transactions: Transactions = field(default_factory=Transactions)
    codes: RemoteCareCodes = field(default_factory=RemoteCareCodes)
    services: Mapping[str, MedicalService] = field(default_factory=lambda: built_in().medical)
    forms: Forms = field(default_factory=lambda: NO_FORMS)
    certificates: CertificateCodes = field(default_factory=CertificateCodes)
    family_codes: FamilyCodes = field(default_factory=FamilyCodes)
    agent_codes: AgentCodes = field(default_factory=AgentCodes)

    def insured(self, terminal: str, person: PersonReference) -> tuple[Insured, ...]:
        return self._person(terminal, person).insured

    def filings_of(self, terminal: str, person: PersonReference) -> tuple[Filing, ...]:
        today = self.envelopes.now().astimezone(SHANGHAI).date()
        listed = self._filings(terminal, self._person(terminal, person))
        return tuple(self.codes.filing(entry, today) for entry in listed.outinfo)

    def file(self, terminal: str, ours: str, filing: RemoteCareMatter) -> Fate:
        return self._submit(self.transactions.file, terminal, ours, filing, {})

    def change(self, terminal: str, ours: str, filing: RemoteCareMatter, number: str) -> Fate:
        return self._submit(self.transactions.change, terminal, ours, filing, {"trt_dcla_detl_sn": number})

    def _submit(self, infno: str, terminal: str, ours: str, filing: RemoteCareMatter, changes: dict[str, str]) -> Fate:
        known = self._person(terminal, filing.person)
        held = counting(known.insured)
        content = (
            known.reference()
            | changes
            | {
                "insutype": held.row.insutype if held is not None else "",
                "psn_name": filing.person.name,
                "tel": filing.telephone or "",
                "insu_admdvs": held.place if held is not None else "",
                "rloc_admdvs": filing.place,
                "rloc_rea": self.codes.kind(filing.filing),
                "begndate": filing.begin.isoformat(),
                "enddate": filing.end.isoformat() if filing.end is not None else "",
                "att_cnt": str(pictures_of(filing)),
                "memo": "" if filing.promise is None else f"承诺书 {filing.promise.version} {filing.promise.sha256}",
            }
            | self.agent_codes.content(agent_of(filing), filing.telephone)
        )
        output = self.envelopes.send(infno, ours, terminal, content, place=known.place)
        return self.codes.fate(read(infno, output, RemoteCareResult).result)

    def fate(self, terminal: str, ours: str, filing: RemoteCareMatter) -> Fate | None:
        changes = isinstance(filing, RemoteCareFiling2) and filing.changes is not None
        sent = self.transactions.change if changes else self.transactions.file
        listed = self._filings(terminal, self._person(terminal, filing.person), {"omsgid": ours, "oinfno": sent})
        entry = next((entry for entry in listed.outinfo if entry.omsgid == ours), None)
        return None if entry is None else self.codes.fate(entry)

    def file_service(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate:
        form = form_of(self.forms, filing.item)
        content = self._person(terminal, filing.person).reference() | form.content(filing)
        content |= {
            "psn_name": filing.person.name,
            "tel": filing.telephone or "",
            "insu_admdvs": filing.insured_place,
            "att_cnt": str(len(filing.papers)),
            "memo": backing_in_words(filing),
        }
        content |= self.agent_codes.content(filing.agent, filing.telephone)
        infno = form.transaction(filing)
        output = self.envelopes.send(infno, ours, terminal, content, place=filing.insured_place)
        return self.codes.fate(read(infno, output, RemoteCareResult).result)

    def service_fate(self, terminal: str, ours: str, filing: ServiceFiling) -> Fate | None:
        file = form_of(self.forms, filing.item).transaction(filing)
        content = self._person(terminal, filing.person).reference() | {"omsgid": ours, "oinfno": file}
        infno = self.transactions.items
        output = self.envelopes.ask(infno, terminal, content, place=filing.insured_place)
        listed = read(infno, output, RemoteCareList).outinfo
        entry = next((entry for entry in listed if entry.omsgid == ours), None)
        return None if entry is None else self.codes.fate(entry)

    def withdraw(self, terminal: str, ours: str, act: RemoteCareWithdrawal) -> Settled:
        return self._at_once(self.transactions.withdraw, terminal, ours, act)

    def family(self, terminal: str, ours: str, act: FamilyAccount) -> Settled:
        adds = act.wish == "add"
        infno = self.transactions.family_add if adds else self.transactions.family_remove
        return self._at_once(infno, terminal, ours, act)

    def settled(self, terminal: str, ours: str, act: RemoteCareWithdrawal | FamilyAccount) -> Settled | None:
        known = self._person(terminal, act.person)
        output = self._ask(self.transactions.settled, terminal, known, known.reference() | {"omsgid": ours})
        rows = read(self.transactions.settled, output, DoneList).outinfo
        return next((of_row(row) for row in rows if row.omsgid == ours), None)

    def family_of(self, terminal: str, person: PersonReference) -> Family:
        elsewhere = Family(by="app")
        if not self.transactions.family:
            return elsewhere
        try:
            output = self._ask(self.transactions.family, terminal, self._person(terminal, person))
        except NotGranted as refusal:
            if says(refusal.text, self.envelopes.sender.closed):
                return elsewhere
            raise
        return self.family_codes.family(read(self.transactions.family, output, FamilyList))

    def _at_once(self, infno: str, terminal: str, ours: str, act: RemoteCareWithdrawal | FamilyAccount) -> Settled:
        known = self._person(terminal, act.person)
        content = known.reference() | content_of(act, self.family_codes)
        output = self.envelopes.send(infno, ours, terminal, content, place=known.place)
        return of_row(read(infno, output, DoneResult).result)

    def add_paper(self, terminal: str, sent: PaperSent) -> None:
        """Two exchanges: the file goes up (9101) and has a number there, and then belongs to the filing. A file whose
        number was lost on the way goes up again and stays without a filing, for which nobody asks."""
        name = f"{sent.paper}-{sent.ours[-10:]}.jpg"
        institution = self.envelopes.sender.institution
        file = {"in": b64encode(sent.content).decode(), "filename": name, "fixmedins_code": institution}
        infno = self.transactions.upload
        number = read(infno, self.envelopes.ask(infno, terminal, file, part="fsUploadIn"), UploadedFile).file_qury_no
        known = self._person(terminal, sent.person)
        content = known.reference() | {
            "omsgid": sent.filed,
            "file_qury_no": number,
            "filename": name,
            "file_type": sent.paper,
        }
        self.envelopes.send(self.transactions.papers, sent.ours, terminal, content, place=known.place)

    def level_of(self, service: str) -> Literal[1, 2]:
        return self._service(service).level

    def look_up(self, terminal: str, person: PersonReference, wanted: Wanted) -> Looked:
        services = {name: self._service(name) for name in wanted.services}
        said = self._says_of(terminal, person)
        known = read(self.transactions.person, said, Known)
        outputs = {self.transactions.person: said}
        rows: dict[str, tuple[Row, ...]] = {}
        for name, service in services.items():
            if not known.baseinfo.psn_no:
                rows[name] = ()
                continue
            asked = service.asked(wanted.answers)
            output = outputs.get(service.infno)
            if output is None:
                output = self._ask(service.infno, terminal, known, known.reference() | asked)
                if not asked:
                    outputs[service.infno] = output
            rows[name] = service.rows(listed(service, output))
        return Looked(rows=rows)

    def _service(self, name: str) -> MedicalService:
        try:
            return self.services[name]
        except KeyError:
            raise NotOffered(name) from None

    def certificate(self, terminal: str, person: PersonReference, wanted: CertificateWanted) -> Document:
        known, infno = self._person(terminal, person), self.transactions.certificate
        asked = known.reference() | {
            "cert_type": self.certificates.kind(wanted.kind),
            "insu_admdvs": wanted.place,
            "req_no": wanted.request.hex,
            "mons": str(wanted.months or ""),
            "year": str(wanted.year or ""),
            "psn_name": person.name,
        }
        sender = self.envelopes.sender
        patient = replace(self.envelopes, sender=replace(sender, within=self.certificates.within))
        try:
            output = patient.ask(infno, terminal, asked, place=wanted.place)
        except NotGranted as refusal:
            if says(refusal.text, sender.unknown):
                raise NotInsured(refusal.text) from None
            raise
        return read(infno, output, CertificateOutput).fileinfo.document()

    def _person(self, terminal: str, person: PersonReference) -> Known:
        return read(self.transactions.person, self._says_of(terminal, person), Known)

    def _says_of(self, terminal: str, person: PersonReference) -> Output:
        """1101, once for one request of a kiosk's."""
        return once((self.envelopes.sender, terminal, person), lambda: self._who(terminal, person))

    def _who(self, terminal: str, person: PersonReference) -> Output:
        """1101. A person whom nobody knows has no psn_no and no rows."""
        certificate = {"psn_cert_type": certificate_type(person.number), "certno": person.number.upper()}
        content = {
            "mdtrt_cert_type": BY_NUMBER,
            "mdtrt_cert_no": person.number.upper(),
            "card_sn": "",
            "begntime": "",
            **certificate,
            "psn_name": person.name,
        }
        try:
            return self.envelopes.ask(self.transactions.person, terminal, content)
        except NotGranted as refusal:
            if says(refusal.text, self.envelopes.sender.unknown):
                return {"baseinfo": {"psn_no": "", **certificate}}
            raise

    def _ask(self, infno: str, terminal: str, known: Known, content: dict[str, str] | None = None) -> Output:
        return self.envelopes.ask(infno, terminal, content or known.reference(), place=known.place)

    def _filings(self, terminal: str, known: Known, asked: dict[str, str] | None = None) -> RemoteCareList:
        """All of a person's, or what came under ``omsgid`` by ``oinfno``."""
        output = self._ask(self.transactions.filings, terminal, known, known.reference() | (asked or {}))
        return read(self.transactions.filings, output, RemoteCareList)


def listed(service: MedicalService, output: Output) -> list[Mapping[str, object]]:
    """The rows of a service's node. Raises Unanswered: a node that is not there is no empty list."""
    node = output.get(service.node)
    if not isinstance(node, list) or not all(isinstance(line, dict) for line in node):
        raise Unanswered(f"{service.infno}: not what the transaction gives")
    return node


class UploadedFile(Wire):
    """Output of 9101."""

    file_qury_no: Annotated[str, Field(min_length=1, max_length=64)]


class BaseInfo(Wire):
    """baseinfo of 1101, as far as it is used: who it is says the card, not the authority."""

    psn_no: str
    psn_cert_type: str
    certno: str


class InsuInfo(Wire):
    """One of insuinfo: several of one insutype are nothing unusual."""

    insutype: str
    psn_insu_stas: str
    insuplc_admdvs: Area
    balc: Money = None
    psn_insu_date: Day = None
    paus_insu_date: Day = None
    emp_name: str | None = None

    @property
    def insured(self) -> Insured:
        """In the domain's words."""
        return Insured(
            place=self.insuplc_admdvs,
            row=Insurance(
                scheme="maternity" if self.insutype == MATERNITY else "medical",
                insutype=self.insutype,
                status=self.psn_insu_stas,
                unit=self.emp_name or None,
                begin=self.psn_insu_date,
                end=self.paus_insu_date,
            ),
            balance=self.balc,
        )


class Known(Wire):
    """Output of 1101."""

    baseinfo: BaseInfo
    insuinfo: tuple[InsuInfo, ...] = ()

    @property
    def insured(self) -> tuple[Insured, ...]:
        """Every row."""
        return tuple(row.insured for row in self.insuinfo)

    @property
    def place(self) -> str:
        """Whose platform is spoken to: a psn_no is nothing without its insured place, whichever row it is of."""
        held = counting(self.insured) or next(iter(self.insured), None)
        return held.place if held is not None else ""

    def reference(self) -> dict[str, str]:
        """Who is meant, in every transaction after this one."""
        base = self.baseinfo
        return {"psn_no": base.psn_no, "psn_cert_type": base.psn_cert_type, "certno": base.certno}


class CertificateOutput(Wire):
    """Output of a certificate."""

    fileinfo: CertificateEntry
