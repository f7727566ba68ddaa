"""The medical insurance authority of the sandbox: envelopes in and out, as the national specification writes them.

It is as strict as a platform is: signature, terminal type, lengths, psn_no with its insured place; what it says of
people is the demonstration authority's.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from central.authorities.identity import AgentCodes
from central.authorities.remote_care import RemoteCareCodes
from central.authorities.signing import Signer, signed_content
from central.demonstration.authority import OF_REGISTER, DemonstrationMedicalInsurance, as_fate
from central.demonstration.certificates import handed_out
from central.demonstration.register import Register, Resident
from central.demonstration.sandbox_at_once import FamilyEnvelopes
from central.demonstration.services import HandedIn, Service, built_in
from central.local_time import SHANGHAI
from central.upstream import CertificateWanted, Fate, NotGranted, NumberTaken, PaperSent, Row, Wanted
from kiosk.contract.acts import PersonReference
from kiosk.contract.identity import Agent
from kiosk.contract.queries import Filing
from kiosk.contract.remote_care import RemoteCareFiling3

CODES: Final = RemoteCareCodes()
REVIEWS: Final = {state: code for code, state in CODES.reviews.items()}
ENDS: Final = {state: code for code, state in CODES.ends.items()}
RELATIONS: Final = {code: relation for relation, code in AgentCodes().agents.items()}
OUT_OF_ORDER: Final = "系统异常，请稍后再试"
TAKEN: Final = "报文ID重复"

Node = Mapping[str, object]


class Envelope(BaseModel):
    """A request; lengths as in the specification."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    infno: str = Field(pattern=r"^\d{4,5}$")
    msgid: str = Field(pattern=r"^[A-Z0-9]{12}\d{18}$")
    mdtrtarea_admvs: str = Field(pattern=r"^\d{6}$")
    insuplc_admdvs: str = Field(pattern=r"^(\d{6})?$")
    recer_sys_code: str = Field(max_length=10)
    dev_no: str = Field(max_length=100)
    dev_safe_info: str = Field(max_length=2000)
    cainfo: str = Field(min_length=1, max_length=1024)
    signtype: str = Field(min_length=1, max_length=10)
    infver: str = Field(max_length=6)
    opter_type: Literal["2"]
    opter: str = Field(min_length=1, max_length=30)
    opter_name: str = Field(min_length=1, max_length=50)
    inf_time: str = Field(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
    fixmedins_code: str = Field(pattern=r"^[A-Z0-9]{12}$")
    fixmedins_name: str = Field(max_length=200)
    sign_no: str = Field(max_length=30)
    input: dict[str, dict[str, str]]


class Certificate(BaseModel):
    """Who is meant: in every transaction."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    psn_no: str = Field(default="", max_length=30)
    psn_cert_type: Literal["01", "07", "17"]
    certno: Annotated[str, Field(min_length=8, max_length=50)]
    psn_name: str = Field(default="", max_length=50)

    @property
    def person(self) -> PersonReference:
        return PersonReference(number=self.certno, name=self.psn_name or "-")


class Acting(BaseModel):
    """Who acts for whoever is meant (代办人), where somebody does; lengths as in the specification."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    agnter_name: Annotated[str, Field(min_length=1, max_length=50)]
    agnter_cert_type: Literal["01", "07", "17"]
    agnter_certno: Annotated[str, Field(min_length=8, max_length=50)]
    agnter_tel: Annotated[str, Field(max_length=30)]
    agnter_rlts: Annotated[str, Field(pattern=f"^({'|'.join(RELATIONS)})$")]

    @property
    def agent(self) -> Agent:
        person = PersonReference(number=self.agnter_certno, name=self.agnter_name)
        return Agent(person=person, relation=RELATIONS[self.agnter_rlts], shown="id-card")


class MedicalSandbox:
    """Answers envelopes. Any thread."""

    def __init__(self, register: Register, authority: DemonstrationMedicalInsurance, signer: Signer) -> None:
        self._register = register
        self._authority = authority
        self._signer = signer
        self._lock = threading.Lock()
        self._serial = 0
        at_once = FamilyEnvelopes(authority)
        self._files: dict[str, str] = {}
        self._came: dict[str, str] = {}
        """msgid → infno of what came since the sandbox began: it is found again by both."""
        self._transactions: dict[str, Callable[[Envelope, Certificate, Mapping[str, str]], Node]] = {
            "1101": self._person,
            "5206": self._totals,
            "5301": self._chronic,
            "90100": self._contributions,
            "90501": self._file,
            "90502": self._filings,
            "90504": self._change,
            "90600": self._reimbursements,
            "90601": self._payments,
            "90511": self._services,
            "90505": self._certificate,
            "90503": lambda asks, who, content: at_once.withdraw(asks.opter, asks.msgid, who.person, content),
            "90611": lambda asks, who, content: at_once.listed(asks.opter, who.person),
            "90612": lambda asks, who, content: at_once.add(asks.opter, asks.msgid, who.person, content),
            "90613": lambda asks, who, content: at_once.remove(asks.opter, asks.msgid, who.person, content),
            "90619": lambda asks, who, content: at_once.settled(asks.opter, who.person, content),
            "90506": self._paper,
        }
        for service in built_in().of("medical"):
            self._transactions |= dict.fromkeys(service.transactions, partial(self._service, service))

    def answer(self, what: str, body: bytes, signature: str, fault: str) -> bytes:
        """The answer to an envelope, which holds its signature; ``fault``: error or taken, where it is to say so."""
        if fault:
            return self._envelope(error=OUT_OF_ORDER if fault == "error" else TAKEN)
        try:
            envelope = Envelope.model_validate_json(body)
        except ValidationError:
            return self._envelope(error="报文格式不正确")
        expected = self._signer.sign(signed_content(json.loads(body)))
        if not hmac.compare_digest(expected, envelope.cainfo):
            return self._envelope(error="签名验证失败")
        try:
            if envelope.infno == "9101":
                return self._envelope(output=self._take_file(envelope.input["fsUploadIn"]))
            content = envelope.input["data"]
            certificate = Certificate.model_validate(content)
        except (ValidationError, KeyError, ValueError):
            return self._envelope(error="报文格式不正确")
        if certificate.psn_no and envelope.insuplc_admdvs == "" and self._register_rows(certificate):
            return self._envelope(error="传入人员编号时，参保地医保区划不能为空")
        transaction = self._transactions.get(envelope.infno)
        if transaction is None:
            return self._envelope(error="没有这个交易")
        try:
            return self._envelope(output=transaction(envelope, certificate, content))
        except NotGranted as refusal:
            return self._envelope(error=refusal.text)
        except NumberTaken:
            return self._envelope(error=TAKEN)

    def _envelope(self, *, output: Node | None = None, error: str = "") -> bytes:
        now = datetime.now(SHANGHAI)
        with self._lock:
            self._serial += 1
        envelope = {
            "infcode": "-1" if error else "0",
            "inf_refmsgid": f"350900{now:%Y%m%d%H%M%S}{self._serial % 10**10:010d}",
            "refmsg_time": f"{now:%Y%m%d%H%M%S}000",
            "respond_time": f"{now:%Y%m%d%H%M%S}000",
            "err_msg": error[:200],
            "warn_msg": "",
            "signtype": "",
            "cainfo": "",
            "output": None if error else output,
        }
        return json.dumps(envelope, ensure_ascii=False).encode()

    def _register_rows(self, certificate: Certificate) -> bool:
        return bool(self._authority.insured("", certificate.person))

    def _person(self, envelope: Envelope, certificate: Certificate, content: Mapping[str, str]) -> Node:
        resident = self._register.find(certificate.certno)
        if resident is None:
            raise NotGranted("未查询到人员信息")
        return {
            "baseinfo": {
                "psn_no": person_number(resident),
                "psn_cert_type": certificate.psn_cert_type,
                "certno": resident.number,
                "psn_name": resident.name,
                "gend": resident.sex,
                "naty": resident.ethnicity or "",
                "brdy": day(resident.birth),
                "age": None,
                "exp_content": "",
            },
            "insuinfo": [
                {
                    "balc": None if held.balance is None else str(held.balance),
                    "insutype": held.row.insutype,
                    "psn_type": "11" if held.row.unit else "15",
                    "psn_insu_stas": held.row.status,
                    "psn_insu_date": day(held.row.begin),
                    "paus_insu_date": day(held.row.end),
                    "cvlserv_flag": "0",
                    "insuplc_admdvs": held.place,
                    "emp_name": held.row.unit or "",
                }
                for held in self._authority.insured(envelope.opter, certificate.person)
            ],
            "idetinfo": [
                {
                    "psn_idet_type": held.kind,
                    "psn_type_lv": held.grade,
                    "memo": held.words,
                    "begntime": f"{held.begin} 00:00:00",
                    "endtime": f"{held.end} 00:00:00" if held.end else "",
                }
                for held in resident.standings
            ],
        }

    def _totals(self, envelope: Envelope, certificate: Certificate, content: Mapping[str, str]) -> Node:
        year = content.get("cum_ym", "")[:4]
        return {
            "cuminfo": [
                {
                    "insutype": row["kind"],
                    "year": row["year"],
                    "cum_ym": f"{year}12",
                    "cum_type_code": row["what"],
                    "cum": row["amount"],
                }
                for row in self._rows("totals", envelope, certificate, year=year)
            ]
        }

    def _chronic(self, envelope: Envelope, certificate: Certificate, content: Mapping[str, str]) -> Node:
        return {
            "feedetail": [
                {
                    "opsp_dise_code": row["code"],
                    "opsp_dise_name": row["disease"],
                    "begndate": row["begin"],
                    "enddate": row.get("end", ""),
                }
                for row in self._rows("chronic", envelope, certificate)
            ]
        }

    def _contributions(self, envelope: Envelope, certificate: Certificate, content: Mapping[str, str]) -> Node:
        return {
            "output": [
                {
                    "insutype": row["kind"],
                    "clct_type": row["type"],
                    "clct_flag": row["arrived"],
                    "accrym_begn": row["first"],
                    "accrym_end": row["last"],
                    "clct_time": row.get("paid-on", ""),
                }
                for row in reversed(self._rows("contributions", envelope, certificate))
            ]
        }

    def _reimbursements(self, envelope: Envelope, certificate: Certificate, content: Mapping[str, str]) -> Node:
        return {
            "output": [
                {
                    "acp_no": row["number"],
                    "acp_date": row["received"],
                    "rchk_flag": row["state"],
                    "memo": row.get("words", ""),
                    "fund_pay_sumamt": row.get("amount", ""),
                    "pay_date": row.get("paid-on", ""),
                }
                for row in self._rows("reimbursements", envelope, certificate)
            ]
        }

    def _payments(self, envelope: Envelope, certificate: Certificate, content: Mapping[str, str]) -> Node:
        return {
            "output": [
                {
                    "psn_name": row["name"],
                    "certno": row["number"],
                    "self_flag": row["own"],
                    "clct_year": row["year"],
                    "clct_flag": row["state"],
                    "clct_sumamt": row["amount"],
                    "clct_time": row.get("paid-on", ""),
                }
                for row in self._rows("resident-payments", envelope, certificate)
            ]
        }

    def _rows(self, service: str, envelope: Envelope, certificate: Certificate, **answers: str) -> tuple[Row, ...]:
        wanted = Wanted(services=(service,), answers=answers)
        return self._authority.look_up(envelope.opter, certificate.person, wanted).rows[service]

    def _file(self, envelope: Envelope, certificate: Certificate, content: Mapping[str, str]) -> Node:
        filing = self._filing(certificate, content)
        return self._taken(envelope, self._authority.file(envelope.opter, envelope.msgid, filing))

    def _change(self, envelope: Envelope, certificate: Certificate, content: Mapping[str, str]) -> Node:
        filing, number = self._filing(certificate, content), content["trt_dcla_detl_sn"]
        return self._taken(envelope, self._authority.change(envelope.opter, envelope.msgid, filing, number))

    def _taken(self, envelope: Envelope, fate: Fate) -> Node:
        with self._lock:
            self._came[envelope.msgid] = envelope.infno
        return {"result": result(fate)}

    def _came_by(self, content: Mapping[str, str]) -> bool:
        """Whether what has this msgid (omsgid) came by this transaction (oinfno), as 2601 wants it."""
        asked = content["oinfno"]
        return self._came.get(content["omsgid"], asked) == asked

    def _filing(self, certificate: Certificate, content: Mapping[str, str]) -> RemoteCareFiling3:
        """As it would have come; its pictures are only counted, and whatever stands for them will do."""
        pictures = tuple(UUID(int=at) for at in range(int(content["att_cnt"])))
        return RemoteCareFiling3(
            person=certificate.person,
            filing=CODES.kinds[content["rloc_rea"]],
            place=content["rloc_admdvs"],
            begin=date.fromisoformat(content["begndate"]),
            end=date.fromisoformat(content["enddate"]) if content["enddate"] else None,
            proof="desk" if pictures else "none",
            papers=pictures,
            agent=agent_in(content),
            shown="id-card",
            check="code",
            intent="-",
        )

    def _service(
        self, service: Service, envelope: Envelope, certificate: Certificate, content: Mapping[str, str]
    ) -> Node:
        """One of the catalogue's items. Its place is the envelope's (insuplc_admdvs)."""
        agent_in(content)  # is read, and refused where it is not whole
        filing = HandedIn(
            item=service.item,
            person=certificate.person,
            place=envelope.insuplc_admdvs,
            answers=service.form.answers(content),
        )
        return self._taken(envelope, self._authority.services.take(envelope.msgid, filing))

    def _take_file(self, content: Mapping[str, str]) -> Node:
        """9101: a file goes up. Its hash is kept, until the sandbox ends."""
        sha256 = hashlib.sha256(b64decode(content["in"], validate=True)).hexdigest()
        with self._lock:
            number = f"F{len(self._files):08d}"
            self._files[number] = sha256
        return {"file_qury_no": number, "filename": content["filename"], "fixmedins_code": content["fixmedins_code"]}

    def _paper(self, envelope: Envelope, certificate: Certificate, content: Mapping[str, str]) -> Node:
        """A file that went up belongs to a filing."""
        sha256 = self._files.get(content["file_qury_no"])
        if sha256 is None:
            raise NotGranted("没有这个文件")
        sent = PaperSent(
            ours=envelope.msgid,
            filed=content["omsgid"],
            person=certificate.person,
            paper=content["file_type"],
            content=b"",
        )
        self._authority.papers.note(sent, sha256)
        return {"result": {}}

    def _services(self, envelope: Envelope, certificate: Certificate, content: Mapping[str, str]) -> Node:
        """What came under one msgid by one transaction."""
        ours = content["omsgid"]
        fate = self._authority.services.fate(ours, certificate.person) if self._came_by(content) else None
        return {"outinfo": [] if fate is None else [result(fate) | {"omsgid": ours}]}

    def _certificate(self, envelope: Envelope, certificate: Certificate, content: Mapping[str, str]) -> Node:
        wanted = CertificateWanted(
            request=UUID(content["req_no"]),
            kind=content["cert_type"],
            place=content["insu_admdvs"],
            months=int(content["mons"] or 0) or None,
            year=int(content["year"] or 0) or None,
        )
        return {"fileinfo": handed_out(self._authority.certificate(envelope.opter, certificate.person, wanted))}

    def _filings(self, envelope: Envelope, certificate: Certificate, content: Mapping[str, str]) -> Node:
        """All of a person, or what came under one msgid by one transaction."""
        ours = content.get("omsgid", "")
        if ours and not self._came_by(content):
            return {"outinfo": []}
        person = certificate.person
        here = {row.number: row for row in self._authority.filed_here(person)}
        entries = []
        for filing in self._authority.filings_of(envelope.opter, person):
            row = here.get(filing.number)
            if ours and (row is None or row.ours != ours):
                continue
            entries.append(line(filing) | (result(as_fate(row)) if row is not None else {}))
            if row is not None and not row.ours.startswith(OF_REGISTER):
                entries[-1]["omsgid"] = row.ours
        return {"outinfo": entries}


def agent_in(content: Mapping[str, str]) -> Agent | None:
    """Raises NotGranted: what is said of whoever acts is not whole, or in another's codes."""
    if not any(name.startswith("agnter_") for name in content):
        return None
    try:
        return Acting.model_validate(content).agent
    except ValidationError:
        raise NotGranted("代办人信息不正确") from None


def line(filing: Filing) -> dict[str, object]:
    """A filing in the platform's names."""
    return {
        "trt_dcla_detl_sn": filing.number,
        "rloc_admdvs": filing.place,
        "rloc_rea": CODES.kind(filing.filing),
        "begndate": day(filing.begin),
        "enddate": day(filing.end),
        "rchk_flag": "0" if filing.state == "under review" else "1",
        "vali_flag": "0" if filing.state == "ended" else "1",
        "memo": "",
    }


def result(fate: Fate) -> dict[str, object]:
    """What became of a filing, in the platform's names."""
    return {
        "trt_dcla_detl_sn": fate.number or "",
        "insu_admdvs": fate.place or "",
        "rchk_flag": REVIEWS.get(fate.state, "1"),
        "vali_flag": ENDS.get(fate.state, "1"),
        "memo": fate.text or "",
    }


def person_number(resident: Resident) -> str:
    """A psn_no that says nothing."""
    return f"35{int.from_bytes(hashlib.sha256(resident.number.encode()).digest()[:8]) % 10**18:018d}"


def day(value: date | None) -> str:
    return "" if value is None else value.isoformat()
