"""A kiosk as central sees it: it writes real records, sends them, asks. It keeps all that it wrote."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx2 as httpx

from kiosk.contract.acts import (
    Act,
    FieldAnswer,
    FilingKind,
    Genesis,
    PersonReference,
    ProxyRequest,
    RemoteCareFiling,
    RiderCategory,
    RiderCheckIn,
)
from kiosk.contract.batches import Signer, key_id
from kiosk.contract.filings import ServiceFiling
from kiosk.contract.live import FamilyAccount, RemoteCareWithdrawal, SocialCardLoss
from kiosk.contract.messages import Batch, BatchAnswer, CodeChecked, Keys, LiveRequest, Matter, RecordStatus, WireRecord
from kiosk.contract.records import ClockFlags, Header, Mode, Record, new_id, seal
from kiosk.contract.sealing import NEWEST, suite
from kiosk.contract.signed_requests import sign
from kiosk.keystore import DeviceKey

CHEN = PersonReference(number="339902199203180011", name="陈建国")
LIN = PersonReference(number="339901195509260028", name="林秀英")
OUYANG = PersonReference(number="33990319680704059X", name="欧阳文澜")
RARE = PersonReference(number="339902198706110029", name="禤𠮷䶮")
INSURED_LONG_NAME = PersonReference(number="65990119880715028X", name="古丽巴哈尔罕·阿卜杜热合木提江")
LONG_NAME = PersonReference(number="659901199005210011", name="阿卜杜克热木江·阿卜杜热西提江")
PEOPLE = (CHEN, LIN, OUYANG, RARE, LONG_NAME)


class Clock:
    """A clock that stands until it is told to move."""

    def __init__(self) -> None:
        self.set_back()

    def set_back(self) -> None:
        self.time = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def move(self, by: timedelta) -> None:
        self.time += by


def tap(category: RiderCategory = RiderCategory.FOOD) -> RiderCheckIn:
    return RiderCheckIn(method="picture", category=category)


def filing(person: PersonReference = CHEN, *, owed: bool = False, place: str = "350200") -> RemoteCareFiling:
    return RemoteCareFiling(
        person=person,
        filing=FilingKind.TEMPORARY,
        place=place,
        begin=date(2026, 12, 1),
        proof="desk",
        check="owed" if owed else "code",
        intent=secrets.token_hex(8),
    )


def service(person: PersonReference = CHEN, item: str = "chronic", **more: Any) -> ServiceFiling:
    """A filing of an item of the catalogue; ``more``: other fields of it, ``answers`` as field → answer."""
    answers = more.pop("answers", {"chronic": {"disease": "hypertension"}}.get(item, {}))
    fields: dict[str, Any] = {
        "person": person,
        "item": item,
        "authority": "social" if item in ("self-paid", "rural-pension") else "medical",
        "insured_place": "350900",
        "shown": "id-card",
        "check": "code",
        "backing": "none",
        "answers": tuple(FieldAnswer(field=at, field_kind="choice", value=said) for at, said in answers.items()),
        "intent": secrets.token_hex(8),
    }
    return ServiceFiling(**fields | more)


def handed_over(person: PersonReference = CHEN, item: str = "minimum") -> ProxyRequest:
    return ProxyRequest(
        person=person,
        item=item,
        wish="explain",
        call="any",
        telephone="13800000000",
        answers=(FieldAnswer(field="what", field_kind="text", value="楼道灯不亮"),),
        intent=secrets.token_hex(8),
    )


def loss(person: PersonReference = CHEN, wish: Literal["report", "lift"] = "report") -> SocialCardLoss:
    return SocialCardLoss(person=person, wish=wish, shown="id-card", check="code", intent=secrets.token_hex(8))


def sharing(member: PersonReference = LIN, owner: PersonReference = CHEN) -> FamilyAccount:
    return FamilyAccount(
        person=owner,
        wish="add",
        member=member,
        relation="parent",
        shown="id-card",
        check="code",
        intent=secrets.token_hex(8),
    )


def ending(entry: str, owner: PersonReference = CHEN) -> FamilyAccount:
    return FamilyAccount(
        person=owner, wish="remove", entry=entry, shown="id-card", check="code", intent=secrets.token_hex(8)
    )


def withdrawal(entry: str = "YD350900202503010017", person: PersonReference = LIN) -> RemoteCareWithdrawal:
    return RemoteCareWithdrawal(
        person=person, entry=entry, why="不去了", shown="id-card", check="code", intent=secrets.token_hex(8)
    )


class SignedBy(httpx.Auth):
    """Signs what goes out by a machine's key, as ``kiosk.exchange`` does."""

    requires_request_body = True

    def __init__(self, device: Signer, now: Callable[[], datetime]) -> None:
        self.device = device
        self.now = now

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        body = request.content if request.method == "POST" else None
        sign(request, self.device, body=body, created=self.now(), nonce=secrets.token_hex(16))
        yield request


class SignedClient:
    """A client of central's for one kiosk: what it asks is signed by whatever key the kiosk has then."""

    def __init__(self, http: httpx.Client | SignedClient, kiosk: FakeKiosk) -> None:
        self.bare: httpx.Client = http.bare if isinstance(http, SignedClient) else http
        self.kiosk = kiosk

    def get(self, url: str, **more: Any) -> httpx.Response:
        return self.request("GET", url, **more)

    def post(self, url: str, **more: Any) -> httpx.Response:
        return self.request("POST", url, **more)

    def request(self, method: str, url: str, **more: Any) -> httpx.Response:
        return self.bare.request(method, url, **{"auth": SignedBy(self.kiosk.device, self.kiosk.now)} | more)


class FakeKiosk:
    """One machine and its ledger."""

    def __init__(
        self, http: httpx.Client | SignedClient, clock: Clock | None = None, name: str = "K001", mode: Mode = "demo"
    ) -> None:
        self._http = SignedClient(http, self)
        self.name = name
        self.mode: Mode = mode
        self.visit = uuid4()
        self._clock: Clock | None = http.kiosk._clock if clock is None and isinstance(http, SignedClient) else clock
        self.device = device_of(name)
        self.key = Keys.model_validate_json(http.get("/v1/keys").content).sealing[0]
        self.begin()

    @property
    def http(self) -> SignedClient:
        """Central, asked by this kiosk."""
        return self._http

    @http.setter
    def http(self, http: httpx.Client | SignedClient) -> None:
        self._http = SignedClient(http, self)

    def begin(self) -> None:
        """Begins a ledger with its genesis."""
        self.ledger = secrets.token_bytes(16)
        self.records: list[Record] = []
        self.write(Genesis(why="enrolled"))

    def now(self) -> datetime:
        return datetime.now(UTC) if self._clock is None else self._clock()

    def write(self, act: Act, **altered: Any) -> Record:
        """The ledger's next record; ``altered`` header fields tell a lie."""
        key = self.key
        previous = self.records[-1].hash if self.records else bytes(suite(NEWEST).hash_size)
        header = Header(
            suite=key.suite,
            kiosk=self.name,
            ledger=self.ledger,
            seq=len(self.records) + 1,
            id=new_id(self.now()),
            previous=previous,
            kind=act.kind,
            version=act.version,
            happened_at=self.now(),
            clock_offset=None,
            clock_flags=ClockFlags.UNMEASURED,
            sealing_key=key.id,
            mode=self.mode,
            sam=None,
            notice="1",
            payload_hash=bytes(suite(NEWEST).hash_size),
        )
        self.records.append(seal(replace(header, **altered), act, key.public))
        return self.records[-1]

    def at_once(
        self, record: Record, nonce: str | None = None, within: float = 0, signer: Signer | None = None
    ) -> httpx.Response:
        """Sends a live record by itself, signed by the kiosk or by somebody else."""
        request = LiveRequest(
            nonce=nonce or secrets.token_hex(16),
            kiosk=self.name,
            ledger=self.ledger.hex(),
            record=wire(record),
            within=within,
        )
        return self.http.post(
            "/v1/live", content=request.signed_by(signer or self.device).model_dump_json(), headers=JSON
        )

    def post(self, *wires: WireRecord, ledger: str | None = None) -> httpx.Response:
        return self.post_batch(self.batch(*wires, ledger=ledger).signed_by(self.device))

    def batch(self, *wires: WireRecord, ledger: str | None = None) -> Batch:
        """A batch that is not signed yet."""
        return Batch(kiosk=self.name, ledger=ledger or self.ledger.hex(), records=wires)

    def post_batch(self, batch: Batch) -> httpx.Response:
        return self.http.post("/v1/records", content=batch.model_dump_json(), headers=JSON)

    def send(self, *records: Record) -> BatchAnswer:
        """Sends these records, or all of them."""
        answer = self.post(*map(wire, records or self.records))
        assert answer.status_code == 200, answer.text
        return BatchAnswer.model_validate_json(answer.content)

    def matter(self, record: Record, within: float = 0) -> Matter | None:
        answer = self.http.get(f"/v1/records/{record.header.id}", params={"within": within})
        assert answer.status_code == 200, answer.text
        return RecordStatus.model_validate_json(answer.content).matter

    def ask(self, name: str, person: PersonReference, **more: str) -> httpx.Response:
        presented = {"visit": str(self.visit), "kiosk": self.name, "card": "resident"}
        question = {"presented": presented, "query": {"person": person.model_dump(), **more}}
        return self.http.post(f"/v1/queries/{name}", json=question)

    def ask_code(self, person: PersonReference, visit: UUID | None = None) -> httpx.Response:
        request = {"visit": str(visit or self.visit), "kiosk": self.name, "person": person.model_dump()}
        return self.http.post("/v1/codes", json=request)

    def check_code(self, code: str, visit: UUID | None = None) -> CodeChecked:
        answer = self.http.post(
            "/v1/codes/check", json={"visit": str(visit or self.visit), "kiosk": self.name, "code": code}
        )
        assert answer.status_code == 200, answer.text
        return CodeChecked.model_validate_json(answer.content)

    def telephone(self) -> list[dict[str, Any]]:
        """What the telephones received, oldest first."""
        messages: list[dict[str, Any]] = self.http.get("/v1/demonstration/messages").json()
        return messages

    def last_code(self) -> str:
        text: str = self.telephone()[-1]["text"]
        return text.partition("验证码 ")[2][:6]

    def prove(self, person: PersonReference) -> None:
        """Level 2: a code, sent and typed."""
        assert self.ask_code(person).status_code == 200
        assert self.check_code(self.last_code()).right


def new_device() -> DeviceKey:
    """The key of a machine that was never there before."""
    private, public = suite(NEWEST).generate_signing()
    return DeviceKey(
        id=key_id(NEWEST, public),
        suite=NEWEST,
        public=public,
        signs=lambda message: suite(NEWEST).sign(message, private),
    )


@cache
def device_of(name: str) -> DeviceKey:
    """The key of the kiosk of that name, so that a client without a kiosk can ask in its name."""
    return new_device()


JSON = {"content-type": "application/json"}


def wire(record: Record) -> WireRecord:
    return WireRecord(header=record.header_bytes, sealed=record.sealed)


def outcomes(answer: BatchAnswer) -> list[str]:
    return [item.outcome for item in answer.answers]
