"""One HTTP exchange after the other with central, over a wire that can be cut off.

It takes as long to import requests as to draw a page, so ``central`` loads this with its first question.
"""

from __future__ import annotations

import gzip
import http.client
import logging
import secrets
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Final, Literal

import requests
import urllib3
import urllib3.exceptions
from urllib3.exceptions import InsecureRequestWarning

from kiosk.contract.connection import OneConnection
from kiosk.contract.refusals import Asked
from kiosk.contract.signed_requests import sign
from kiosk.errors import NO_TRUST, NotCentral, Unavailable
from kiosk.trust import Trust
from kiosk.wire import Wire

CONNECT_WITHIN: Final = 3.05
"""Seconds, a little more than the first retransmission of a lost packet (RFC 6298)."""

ANSWER_OCTETS: Final = 6 * 1024 * 1024
"""Bytes that no answer of central reaches: the longest is a certificate of several pages in base64."""

PACKED_FROM: Final = 2048
"""Bytes of a body that it is worth packing: a batch is, a question is not."""

PACKING: Final = 1
"""What is sealed does not get smaller, its base64 does, by a quarter and at the first try."""

Certificate = Literal["valid", "of any time", "anybody's"]
"""Of any time: for what is signed and good for one question. Anybody's: for what the root signed, whoever brings it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: status, media type in lower case, content, the seconds to wait before asking again; and what was
    asked."""

    status: int
    kind: str
    content: bytes
    after: float
    asked: Asked


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A request that can go, once: what it says of itself is signed, the time among it."""

    request: requests.PreparedRequest
    asked: Asked


class Exchanges:
    """One session with the server at ``url``, for one thread; ``wire`` ends the exchange under way. Requests are signed
    by the device of ``trust``."""

    def __init__(self, url: str, wire: Wire, trust: Trust) -> None:
        self._trust = trust
        self._url = url
        self._wire = wire
        self._authorities = trust.authorities
        self.session = self._session()
        self._sessions: dict[str, requests.Session] = {}
        self._used: requests.Session | None = None

    def _session(self, valid: Callable[[Mapping[str, object]], None] | None = None) -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # else REQUESTS_CA_BUNDLE and proxies of the environment win over settings
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers.update({"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "kiosk"})
        if (ca := self._trust.ca if self._authorities is None else self._authorities.path) is not None:
            session.verify = str(ca)
        for scheme in ("http://", "https://"):
            session.mount(scheme, OneConnection(self._wire.attach, valid))
        return session

    def _session_on(self, certificate: Certificate) -> requests.Session:
        """The session for this certificate. Where the wall clock is astray, it is judged by central's time; where the
        authorities changed, all begin anew. The wire holds one connection: whoever used it before lets go of it."""
        if self._authorities is not self._trust.authorities:
            self.close()
            self._authorities = self._trust.authorities
            self.session, self._sessions = self._session(), {}
        name = "by central's time" if certificate == "valid" and self._trust.time.astray else certificate
        if name not in self._sessions:
            self._sessions[name] = self._made(name)
        session = self._sessions[name]
        if self._used is not None and self._used is not session:
            self._used.close()
        self._used = session
        return session

    def _made(self, name: str) -> requests.Session:
        match name:
            case "of any time":
                return self._session(_always)
            case "by central's time":
                return self._session(partial(_valid_at, self._trust.now))
            case "anybody's":
                session = self._session()
                session.verify = False
                urllib3.disable_warnings(InsecureRequestWarning)  # of this session alone: all others verify
                return session
            case _:
                return self.session

    def close(self) -> None:
        """Lets go of the connections."""
        for session in (self.session, *self._sessions.values()):
            session.close()

    def exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        within: float,
        *,
        again: bool,
        known: str | None = None,
        on: Certificate = "valid",
        ready: Ready | None = None,
    ) -> Answer:
        """One request and its answer. A connection that central closed meanwhile is tried once more, if ``again``.
        ``known`` is the entity tag of what need not be sent: the answer may be a 304 then.
        ``on``: which certificate of central's will do. ``ready``: the same request, made beforehand.

        Raises Unavailable (NotCentral too).
        """
        until, session = time.monotonic() + within, self._session_on(on)
        with self._wire.exchange(within):
            try:
                answer = self._transfer(session, ready or self.ready(method, path, body, known), until)
            except requests.ConnectionError as error:
                if not again or self._wire.late or self._wire.closed or not _went_stale(error):
                    raise self._failure(error) from error
                try:
                    answer = self._transfer(session, self.ready(method, path, body, known), until)
                except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as second:
                    raise self._failure(second) from second
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                raise self._failure(error) from error
            if self._wire.late:  # a head that was cut off can look like a short answer
                raise Unavailable("slow")
        return answer

    def _transfer(self, session: requests.Session, ready: Ready, until: float) -> Answer:
        left = max(0.001, until - time.monotonic())
        timeout = (min(CONNECT_WITHIN, left), left)
        with session.send(ready.request, timeout=timeout, allow_redirects=False, stream=True) as response:
            content = bytearray()
            for part in response.iter_content(16 * 1024):
                content += part
                if len(content) > ANSWER_OCTETS:
                    raise NotCentral("the answer does not end")
                if time.monotonic() > until:
                    raise Unavailable("slow")
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return Answer(
                status=response.status_code,
                kind=kind,
                content=bytes(content),
                after=_seconds(response.headers.get("Retry-After", "")),
                asked=ready.asked,
            )

    def ready(self, method: str, path: str, body: bytes | None, known: str | None = None) -> Ready:
        """The request, packed where that is worth it, and signed. From any thread."""
        headers = {} if body is None else {"Content-Type": "application/json"}
        if known is not None:
            headers["If-None-Match"] = known
        if body is not None and len(body) > PACKED_FROM:
            body = gzip.compress(body, PACKING, mtime=0)
            headers["Content-Encoding"] = "gzip"
        request = self.session.prepare_request(requests.Request(method, self._url + path, data=body, headers=headers))
        trust, signature = self._trust, ""
        if trust.device is not None:
            nonce = None if body is None else secrets.token_hex(16)
            signature = sign(request, trust.device, body=body, created=trust.now(), nonce=nonce)
        return Ready(request=request, asked=Asked(method=method, target=request.path_url, signature=signature))

    def _failure(self, error: Exception) -> Unavailable:
        """What an exchange without an answer means to the caller."""
        _log.debug("no answer: %s", type(error).__name__)
        if self._wire.closed:
            return Unavailable("offline")
        if self._wire.late or isinstance(error, requests.ReadTimeout):
            return Unavailable("slow")
        if isinstance(error, requests.exceptions.SSLError):
            return NotCentral(NO_TRUST)
        if _garbled(error):
            return NotCentral("it does not speak HTTP")
        return Unavailable("offline")


def _always(_certificate: Mapping[str, object]) -> None:
    """A certificate of any time will do."""


def _valid_at(now: Callable[[], datetime], certificate: Mapping[str, object]) -> None:
    """Raises ssl.SSLError."""
    begins, ends = (ssl.cert_time_to_seconds(str(certificate.get(name))) for name in ("notBefore", "notAfter"))
    if not begins <= now().timestamp() <= ends:
        raise ssl.SSLError("the certificate is of another time")


def _seconds(retry_after: str) -> float:
    """Retry-After (RFC 9110 §10.2.3) in seconds; 0 where there is none, or one that is a date."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0.0


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
