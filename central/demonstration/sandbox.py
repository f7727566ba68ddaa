"""The sandbox: the demonstration's authorities as servers on 127.0.0.1, in the authorities' own forms, faults included.

``POST /medical`` takes the national envelope, ``POST /social/{what}`` the social security gateway's bodies. Both check
the signature. Beside them, for whoever shows or tests: ``POST /faults`` says what goes wrong with the next requests,
``POST /filings`` decides a filing. It runs inside the demonstration's central, or alone: ``python -m central demo``.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from central.authorities.signing import Signer
from central.demonstration.authority import DemonstrationMedicalInsurance, DemonstrationSocialSecurity
from central.demonstration.register import Register
from central.demonstration.sandbox_medical import MedicalSandbox
from central.demonstration.sandbox_social import SocialSandbox
from central.errors import where
from central.upstream import FateState, NotGranted

log = logging.getLogger("central.sandbox")

Fault = Literal["error", "slow", "rubbish", "half", "closed", "lost", "taken", "page", "status"]
"""error: says that it is out of order · slow: answers after ``seconds`` · rubbish: bytes that are no JSON · half: half
an answer · closed: hangs up before it has done anything · lost: does it and hangs up · taken: says that the number came
before · page: a page for people, as a captive portal gives · status: HTTP 502."""

FAULTS: Final = get_args(Fault)
BODY_LIMIT: Final = 8 * 1024 * 1024
"""A paper's picture, as text."""


class Steered(BaseModel):
    """Anything that whoever shows the demonstration says."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class FaultWanted(Steered):
    """``POST /faults``: the next ``times`` requests to one authority have this fault; ``times`` 0 ends all faults."""

    authority: Literal["medical", "social"]
    fault: Fault = "error"
    times: int = Field(default=1, ge=0, le=10_000)
    seconds: Annotated[float, Field(ge=0, le=60)] = 6.0


class Decision(Steered):
    """``POST /filings``: what the person at the authority's desk decides."""

    number: str = Field(max_length=64)
    state: FateState
    text: str = Field(default="", max_length=200)


class Sandbox:
    """Both authorities on one port. ``start`` and ``close`` from one thread, requests in threads of their own."""

    def __init__(
        self,
        register: Register,
        medical: DemonstrationMedicalInsurance,
        social: DemonstrationSocialSecurity,
        signer: Signer,
        port: int = 0,
    ) -> None:
        """Binds the port. Raises OSError."""
        self.authority = medical
        self._social = social
        self.parts: dict[str, Callable[[str, bytes, str, str], bytes]] = {
            "medical": MedicalSandbox(register, medical, signer).answer,
            "social": SocialSandbox(register, social, signer).answer,
        }
        self.closing = threading.Event()
        self._faults: dict[str, deque[FaultWanted]] = {"medical": deque(), "social": deque()}
        self._lock = threading.Lock()
        self._server = SandboxServer(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Answers from now on."""
        self._thread.start()

    def close(self) -> None:
        """Ends, and whoever is slow on purpose with it."""
        self.closing.set()
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()

    def decide(self, decision: Decision) -> None:
        """What the person at an authority's desk decides, of whichever filing. Raises NotGranted: there is none."""
        for desk in (self.authority.services, self._social.services):
            if desk.decide(decision.number, decision.state, decision.text) is not None:
                return
        self.authority.decide(decision.number, decision.state, decision.text)

    def want(self, wanted: FaultWanted) -> None:
        """Switches a fault."""
        with self._lock:
            queue = self._faults[wanted.authority]
            if wanted.times == 0:
                queue.clear()
            queue.extend([wanted] * wanted.times)

    def next_fault(self, authority: str) -> FaultWanted | None:
        """The fault of the request that came in."""
        with self._lock:
            queue = self._faults[authority]
            return queue.popleft() if queue else None


class SandboxServer(ThreadingHTTPServer):
    """A thread a connection; they end with the program."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        super().__init__(address, Answers)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is nobody's mistake."""


class Answers(BaseHTTPRequestHandler):
    """One request."""

    server: SandboxServer
    timeout = 20.0

    def do_POST(self) -> None:
        """Answers in the form of the path."""
        sandbox = self.server.sandbox
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), BODY_LIMIT))
        authority, _, what = self.path.strip("/").partition("/")
        try:
            if authority in sandbox.parts:
                self._authority(sandbox, authority, what, body)
            elif authority == "faults":
                sandbox.want(FaultWanted.model_validate_json(body))
                self._send(b"{}")
            elif authority == "filings":
                sandbox.decide(Decision.model_validate_json(body))
                self._send(b"{}")
            else:
                self._send(b"{}", 404)
        except (ValidationError, NotGranted) as error:
            self._send(json.dumps({"error": type(error).__name__}).encode(), 400)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Bodies and paths of an authority are nobody's business."""

    def _authority(self, sandbox: Sandbox, authority: str, what: str, body: bytes) -> None:
        fault = sandbox.next_fault(authority)
        kind = fault.fault if fault is not None else None
        if kind == "closed":
            return self._hang_up()
        if kind == "slow" and fault is not None:
            sandbox.closing.wait(fault.seconds)
        early = {"error": "error", "taken": "taken"}.get(kind or "")
        try:
            answer = sandbox.parts[authority](what, body, self.headers.get("X-Sign", ""), early or "")
        except Exception as error:  # noqa: BLE001 - an authority's mistakes are its own, and answered as such
            log.warning("the sandbox failed: %s", where(error))
            return self._send(b"{}", 500)
        if kind == "lost":
            return self._hang_up()
        if kind == "rubbish":
            answer = bytes(reversed(answer)) + b"\xff\x00"
        if kind == "page":
            answer = "<!DOCTYPE html><title>请先登录</title>".encode()
        if kind == "half":
            self._head(200, len(answer))
            self.wfile.write(answer[: len(answer) // 2])
            return self._hang_up()
        return self._send(answer, 502 if kind == "status" else 200)

    def _send(self, content: bytes, status: int = 200) -> None:
        self._head(status, len(content))
        self.wfile.write(content)

    def _head(self, status: int, length: int) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(length))
        self.send_header("Connection", "close")
        self.end_headers()

    def _hang_up(self) -> None:
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True
