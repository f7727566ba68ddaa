"""The client of the central API: blocking, one Session, for one thread.

Every call has a deadline for the whole exchange and a limit to what it takes in. Answers are checked by the contract's
models: a captive portal, another server, HTML or rubbish is NotCentral, whatever its status says.
"""

from __future__ import annotations

import http.client
import json
import logging
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Final, TypeVar, cast
from uuid import UUID

import requests
import urllib3.exceptions
from pydantic import ValidationError

from kiosk.contract.messages import (
    Batch,
    BatchAnswer,
    CodeCheck,
    CodeChecked,
    CodeRequest,
    CodeSent,
    Health,
    Keys,
    Message,
    Problem,
    RecordStatus,
)
from kiosk.contract.queries import Presented, Query
from kiosk.errors import Declined, NotCentral, Suspended, Unavailable
from kiosk.wire import Wire, WireAdapter

CONNECT_WITHIN: Final = 3.05
"""Seconds, a little more than the first retransmission of a lost packet (RFC 6298)."""

HEALTH_WITHIN: Final = 3.0
KEYS_WITHIN: Final = 5.0
SEND_WITHIN: Final = 20.0
ASK_WITHIN: Final = 10.0
CODE_WITHIN: Final = 10.0
STATUS_SLACK: Final = 1.0
"""Seconds for the way there and back, beside those that central waits."""

ANSWER_OCTETS: Final = 1024 * 1024
"""Bytes that no answer of central reaches."""

_LATER: Final = {408, 425, 429}
_NETWORK_AUTHENTICATION_REQUIRED: Final = 511

M = TypeVar("M", bound=Message)

_log = logging.getLogger(__name__)


class CentralClient:
    """Talks to central. Methods raise Unavailable (NotCentral too) and Declined (Suspended too).

    All methods belong to one thread, but for ``close``, which ends a call under way from any.
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._wire = Wire()
        self._session = requests.Session()
        self._session.trust_env = False  # else REQUESTS_CA_BUNDLE and proxies of the environment win over settings
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update(
            {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "kiosk"}
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, WireAdapter(self._wire))

    def close(self) -> None:
        """Ends the call under way with Unavailable, and every later one."""
        self._wire.close()
        self._session.close()

    def health(self) -> Health:
        """Whether central answers, and its time."""
        return self._get("/v1/health", Health, HEALTH_WITHIN)

    def keys(self) -> Keys:
        """The sealing keys that central publishes."""
        return self._get("/v1/keys", Keys, KEYS_WITHIN)

    def send(self, batch: Batch, within: float = SEND_WITHIN) -> BatchAnswer:
        """Central's answer to each record. Sending a batch again is harmless: its records are then duplicates."""
        return self._post("/v1/records", batch.model_dump_json().encode(), BatchAnswer, within)

    def status(self, id: UUID, within: float = 0.0) -> RecordStatus:  # noqa: A002 - the header's name
        """What became of a record's matter; central waits at most ``within`` seconds for it to leave ``kept``."""
        return self._get(f"/v1/records/{id}?within={within:.2f}", RecordStatus, within + STATUS_SLACK)

    def ask(self, query: Query[M], presented: Presented) -> M:
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

    # -- one exchange --------------------------------------------------------------------------------------------------

    def _get(self, path: str, model: type[M], within: float) -> M:
        return self._exchange("GET", path, None, model, within, again=True)

    def _post(self, path: str, body: bytes, model: type[M], within: float, *, again: bool = True) -> M:
        return self._exchange("POST", path, body, model, within, again=again)

    def _exchange(self, method: str, path: str, body: bytes | None, model: type[M], within: float, *, again: bool) -> M:
        """One request and its answer. A connection that central closed meanwhile is tried once more, if ``again``."""
        until = time.monotonic() + within
        with self._wire.exchange(within):
            try:
                response, content = self._transfer(method, path, body, until)
            except requests.ConnectionError as error:
                if not again or self._wire.late or self._wire.closed or not _went_stale(error):
                    raise self._failure(error) from error
                try:
                    response, content = self._transfer(method, path, body, until)
                except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as second:
                    raise self._failure(second) from second
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                raise self._failure(error) from error
            if self._wire.late:  # a head that was cut off can look like a short answer
                raise Unavailable("slow")
        return _read(response, content, model)

    def _transfer(self, method: str, path: str, body: bytes | None, until: float) -> tuple[requests.Response, bytes]:
        left = max(0.001, until - time.monotonic())
        response = self._session.request(
            method,
            self._url + path,
            data=body,
            headers=None if body is None else {"Content-Type": "application/json"},
            timeout=(min(CONNECT_WITHIN, left), left),
            allow_redirects=False,
            stream=True,
        )
        with response:
            content = bytearray()
            for part in response.iter_content(16 * 1024):
                content += part
                if len(content) > ANSWER_OCTETS:
                    raise NotCentral("the answer does not end")
            return response, bytes(content)

    def _failure(self, error: Exception) -> Unavailable:
        """What an exchange without an answer means to the caller."""
        _log.debug("no answer: %s", type(error).__name__)
        if self._wire.closed:
            return Unavailable("offline")
        if self._wire.late or isinstance(error, requests.ReadTimeout):
            return Unavailable("slow")
        if isinstance(error, requests.exceptions.SSLError):
            return NotCentral("no trust in its certificate")
        if _garbled(error):
            return NotCentral("it does not speak HTTP")
        return Unavailable("offline")


def _read(response: requests.Response, content: bytes, model: type[M]) -> M:
    """The answer as ``model``, or what its status says."""
    status = response.status_code
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if status == _NETWORK_AUTHENTICATION_REQUIRED or 300 <= status < 400:
        raise NotCentral(f"it answers {status}")
    if status >= 500 or status in _LATER:
        raise Unavailable("server")
    try:
        if 200 <= status < 300 and kind == "application/json":
            return model.model_validate_json(content)
        if status >= 400 and kind == "application/problem+json":
            problem = Problem.model_validate_json(content)
            refusal = Suspended if problem.code == "suspended" else Declined
            raise refusal(problem.code, problem.title, status)
    except ValidationError as error:
        raise NotCentral(f"it answers {status}, and not in our words: {_places(error)}") from None
    raise NotCentral(f"it answers {status} as {kind or 'nothing'}")


def _places(error: ValidationError) -> str:
    return ", ".join(sorted({str(fault["loc"][0]) if fault["loc"] else "whole" for fault in error.errors()})[:3])


def _went_stale(error: requests.ConnectionError) -> bool:
    """Whether a kept connection was closed under the request: central had not read it, or not all of it."""
    return isinstance(_inner(error), http.client.RemoteDisconnected | ConnectionResetError | BrokenPipeError)


def _garbled(error: Exception) -> bool:
    inner = _inner(error)
    return isinstance(inner, http.client.HTTPException) and not isinstance(inner, http.client.RemoteDisconnected)


def _inner(error: Exception) -> object:
    """The socket's or the protocol's own error inside requests' inside urllib3's."""
    outer = error.args[0] if error.args else None
    if isinstance(outer, urllib3.exceptions.ProtocolError) and len(outer.args) > 1:
        return outer.args[1]
    return outer
