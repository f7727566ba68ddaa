"""The client of the central API: blocking, one Session, for one thread.

Every call has a deadline for the whole exchange and a limit to what it takes in. Answers are checked by the contract's
models: a captive portal, another server, HTML or rubbish is NotCentral, whatever its status says.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, TypeVar, cast
from urllib.parse import quote
from uuid import UUID

from pydantic import ValidationError

from kiosk.contract.base import Message
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import (
    Batch,
    BatchAnswer,
    CodeCheck,
    CodeChecked,
    CodeRequest,
    CodeSent,
    Health,
    Heartbeat,
    HeartbeatAnswer,
    ItemAnswer,
    Keys,
    LiveRequest,
    Problem,
    RecordStatus,
)
from kiosk.errors import Declined, NotCentral, Suspended, Unavailable
from kiosk.trust import Authorities, Trust
from kiosk.wire import Wire

if TYPE_CHECKING:
    from kiosk.contract.credentials import CredentialCheck, CredentialHolder
    from kiosk.contract.queries import Inquiry, Presented
    from kiosk.contract.signed import Signed
    from kiosk.exchange import Answer, Certificate, Exchanges, Ready

HEALTH_WITHIN: Final = 3.0
TIME_WITHIN: Final = 3.0
KEYS_WITHIN: Final = 5.0
SEND_WITHIN: Final = 20.0
ASK_WITHIN: Final = 10.0
CODE_WITHIN: Final = 10.0
CREDENTIAL_WITHIN: Final = 10.0
DATASET_WITHIN: Final = 30.0
PUBLISHED_WITHIN: Final = 20.0
STATUS_SLACK: Final = 1.0
"""Seconds for the way there and back, beside those that central waits."""

READY_FOR: Final = 30.0
"""Seconds for which a request that was made beforehand is sent as it is: it says when it was signed."""
RECORDS: Final = "/v1/records"

_LATER: Final = {408, 425}
_TOO_MANY: Final = 429
"""Something before central limits the line; with a problem document it is central that limits what was asked."""
_NETWORK_AUTHENTICATION_REQUIRED: Final = 511
_NOT_MODIFIED: Final = 304

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, kw_only=True)
class _ReadyBatch:
    batch: Batch
    body: bytes
    request: Ready
    made: float


class CentralClient:
    """Talks to central. Methods raise Unavailable (NotCentral too) and Declined (Suspended too).

    What is sent is signed as ``trust`` says. All methods belong to one thread, but for ``close``, which ends a call
    under way, and ``ready``, which goes on beside one.
    """

    def __init__(self, url: str, trust: Trust | None = None) -> None:
        self._url = url.rstrip("/")
        self.trust = trust or Trust()
        self._wire = Wire()
        self._exchanges: Exchanges | None = None
        self._ready: _ReadyBatch | None = None

    def close(self) -> None:
        """Ends the call under way with Unavailable, and every later one."""
        self._wire.close()
        if self._exchanges is not None:
            self._exchanges.close()

    def health(self) -> Health:
        """Whether central answers, and its time."""
        return self._get("/v1/health", Health, HEALTH_WITHIN)

    def heartbeat(self, beat: Heartbeat) -> HeartbeatAnswer:
        """As ``health``, and what central has of a ledger."""
        return self._post("/v1/heartbeat", beat.model_dump_json().encode(), HeartbeatAnswer, HEALTH_WITHIN)

    def time(self) -> None:
        """Sets the machine's time by central's, whatever the wall clock says: what comes is signed for this question,
        once there are keys to know central by."""
        from kiosk.contract.times import TimeAnswer

        keeper, nonce = self.trust.time, secrets.token_hex(16)
        asked_at = keeper.boot()
        path = f"/v1/time?nonce={nonce}"
        answer = self.exchanges.exchange("GET", path, None, TIME_WITHIN, again=True, on="of any time")
        said = self._read(answer, TimeAnswer)
        if self.trust.voices:
            try:
                keeper.passed(said.verified(self.trust.voices, nonce))
            except ContractError as error:
                raise NotCentral(f"it says the time, but {error}") from None
        keeper.heard(said.time, asked_at)

    def keys(self, *, from_anybody: bool = False) -> Keys:
        """The keys that central publishes. ``from_anybody``: nobody's certificate is asked for, as nothing is believed
        but what the root signed."""
        on: Certificate = "anybody's" if from_anybody else "valid"
        return self._read(self.exchanges.exchange("GET", "/v1/keys", None, KEYS_WITHIN, again=True, on=on), Keys)

    def demand_under(self, authorities: Authorities | None) -> None:
        """Whether central's certificate, whatever its time, is from one of these authorities; None: of those that the
        machine was told. Raises NotCentral (NO_TRUST)."""
        from kiosk.exchange import Exchanges

        self.exchanges.close()  # the wire holds one connection at a time
        trial = Exchanges(self._url, self._wire, replace(self.trust, authorities=authorities))
        try:
            answer = trial.exchange("GET", "/v1/health", None, HEALTH_WITHIN, again=True, on="of any time")
            self._read(answer, Health)
        finally:
            trial.close()

    def ready(self, batch: Batch) -> Batch:
        """The same batch, for ``send``: signed, and its request made, which is kept until another is. From any thread,
        beside an exchange."""
        signed = self._signed(batch)
        body = signed.model_dump_json().encode()
        request = self.exchanges.ready("POST", RECORDS, body)
        self._ready = _ReadyBatch(batch=signed, body=body, request=request, made=time.monotonic())
        return signed

    def send(self, batch: Batch, within: float = SEND_WITHIN) -> BatchAnswer:
        """Central's answer to each record. Sending a batch again is harmless: its records are then duplicates."""
        ready, self._ready = self._ready, None
        if ready is None or ready.batch is not batch or time.monotonic() - ready.made > READY_FOR:
            return self._post(RECORDS, self._signed(batch).model_dump_json().encode(), BatchAnswer, within)
        answer = self.exchanges.exchange("POST", RECORDS, ready.body, within, again=True, ready=ready.request)
        return self._read(answer, BatchAnswer)

    def status(self, id: UUID, within: float = 0.0) -> RecordStatus:  # noqa: A002 - the header's name
        """What became of a record's matter; central waits at most ``within`` seconds for it to leave ``kept``."""
        return self._get(f"/v1/records/{id}?within={within:.2f}", RecordStatus, within + STATUS_SLACK)

    def carry_out(self, request: LiveRequest) -> ItemAnswer:
        """What becomes of a live record. Never sent twice by itself."""
        within = request.within + STATUS_SLACK
        device = self.trust.device
        signed = request if device is None else request.signed_by(device)
        return self._post("/v1/live", signed.model_dump_json().encode(), ItemAnswer, within, again=False)

    def ask(self, query: Inquiry[M], presented: Presented) -> M:
        """The answer to a question about the person who is presented."""
        question = {"presented": presented.model_dump(mode="json"), "query": query.model_dump(mode="json")}
        body = json.dumps(question, ensure_ascii=False).encode()
        return cast(M, self._post(f"/v1/queries/{query.name}", body, query.answer, ASK_WITHIN))

    def send_code(self, request: CodeRequest) -> CodeSent:
        """Has a code sent to the telephone on record. Never sent twice by itself."""
        return self._post("/v1/codes", request.model_dump_json().encode(), CodeSent, CODE_WITHIN, again=False)

    def check_code(self, check: CodeCheck) -> CodeChecked:
        """Whether the code was right. Never asked twice by itself: each time takes a try away."""
        return self._post("/v1/codes/check", check.model_dump_json().encode(), CodeChecked, CODE_WITHIN, again=False)

    def verify_credential(self, check: CredentialCheck) -> CredentialHolder:
        """Whose electronic credential it is. Never asked twice by itself: a code may be good for one question.

        Declined has the contract's NotVerifiedReason as its code: ``kiosk.credentials`` says it in words.
        """
        from kiosk.contract.credentials import CredentialHolder

        body = check.model_dump_json().encode()
        return self._post("/v1/credentials", body, CredentialHolder, CREDENTIAL_WITHIN, again=False)

    def published(self, kind: Literal["catalog", "settings"], kiosk: str, known: int) -> Signed | None:
        """The newest of that kind that is published for this kiosk; None where that is the one of version ``known``, or
        there is none."""
        from kiosk.contract.signed import Signed

        path = f"/v1/{kind}?kiosk={quote(kiosk, safe='')}"
        answer = self.exchanges.exchange("GET", path, None, PUBLISHED_WITHIN, again=True, known=f'"{known}"')
        if answer.status == _NOT_MODIFIED:
            return None
        try:
            return self._read(answer, Signed)
        except Declined as error:
            if error.code == f"no-{kind}":
                return None
            raise

    def dataset(self, name: str, known: str) -> bytes | None:
        """A list that is about nobody, as it came; None where it is the one whose content has the hash ``known``, or
        there is none."""
        from kiosk.contract.datasets import Dataset

        path = f"/v1/datasets/{quote(name, safe='')}"
        answer = self.exchanges.exchange("GET", path, None, DATASET_WITHIN, again=True, known=f'"{known}"')
        if answer.status == _NOT_MODIFIED:
            return None
        try:
            self._read(answer, Dataset)
        except Declined as error:
            if error.code == "no-dataset":
                return None
            raise
        return answer.content

    def _signed(self, batch: Batch) -> Batch:
        device = self.trust.device
        return batch if device is None or batch.signature is not None else batch.signed_by(device)

    # -- one exchange --------------------------------------------------------------------------------------------------

    def _get(self, path: str, model: type[M], within: float) -> M:
        return self._exchange("GET", path, None, model, within, again=True)

    def _post(self, path: str, body: bytes, model: type[M], within: float, *, again: bool = True) -> M:
        return self._exchange("POST", path, body, model, within, again=again)

    def _exchange(self, method: str, path: str, body: bytes | None, model: type[M], within: float, *, again: bool) -> M:
        return self._read(self.exchanges.exchange(method, path, body, within, again=again), model)

    @property
    def exchanges(self) -> Exchanges:
        """What carries questions and answers, loaded with the first one."""
        if self._exchanges is None:
            from kiosk.exchange import Exchanges

            self._exchanges = Exchanges(self._url, self._wire, self.trust)
        return self._exchanges

    def _read(self, answer: Answer, model: type[M]) -> M:
        """The answer as ``model``, or what its status says."""
        status, kind = answer.status, answer.kind
        if status == _NETWORK_AUTHENTICATION_REQUIRED or 300 <= status < 400:
            raise NotCentral(f"it answers {status}")
        limited = status == _TOO_MANY and kind != "application/problem+json"
        if status >= 500 or status in _LATER or limited:
            raise Unavailable("server", answer.after)
        try:
            if 200 <= status < 300 and kind == "application/json":
                return model.model_validate_json(answer.content)
            if status >= 400 and kind == "application/problem+json":
                raise self._refusal(Problem.model_validate_json(answer.content), answer)
        except ValidationError as error:
            raise NotCentral(f"it answers {status}, and not in our words: {_places(error)}") from None
        raise NotCentral(f"it answers {status} as {kind or 'nothing'}")

    def _refusal(self, problem: Problem, answer: Answer) -> Declined:
        """What a refusal means. Raises NotCentral where it says something of this machine and central did not sign it:
        whoever stands in the line could shut the machine down."""
        from kiosk.contract.refusals import SUSPENDED, demand_signed, is_personal

        if problem.status != answer.status:
            raise NotCentral(f"it answers {answer.status}, and says {problem.status}")
        if is_personal(answer.status, problem.code):
            try:
                demand_signed(problem, answer.asked, self.trust.voices)
            except ContractError as error:
                raise NotCentral(f"it answers {answer.status}: {error}") from None
        kind = Suspended if problem.code == SUSPENDED else Declined
        return kind(problem.code, problem.title, answer.status, answer.after)


def _places(error: ValidationError) -> str:
    return ", ".join(sorted({str(fault["loc"][0]) if fault["loc"] else "whole" for fault in error.errors()})[:3])
