"""A small central over real HTTP for the tests of client and sync: keeps records, opens them, fails on demand."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Literal
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from kiosk.contract.acknowledgements import Acknowledgement, SignedAcknowledgement
from kiosk.contract.acts import Act, Genesis
from kiosk.contract.base import Message, SigningKey
from kiosk.contract.messages import (
    Batch,
    BatchAnswer,
    Health,
    Heartbeat,
    HeartbeatAnswer,
    ItemAnswer,
    Keys,
    LiveRequest,
    Matter,
    Problem,
    RecordStatus,
    SealingKey,
)
from kiosk.contract.records import Record, open_sealed
from kiosk.contract.refusals import Asked, is_personal, signed
from kiosk.contract.sealing import NEWEST, suite
from kiosk.contract.signed import Signed
from kiosk.contract.times import tell
from tests.kiosk.published import KEY

ACKNOWLEDGES, _public = suite(NEWEST).generate_signing()
"""The private half of the key by which the double speaks."""
ACKNOWLEDGEMENT_KEY = SigningKey(id="acknowledgements-1", suite=NEWEST, public=_public)


def speak(message: bytes) -> bytes:
    """The double's signature."""
    return suite(NEWEST).sign(message, ACKNOWLEDGES)


Poison = Literal["unreadable", "conflict", "422", "500"]


def new_pair(name: str = "key-1") -> tuple[bytes, SealingKey]:
    """A private key and the public half as central publishes it."""
    private, public = suite(NEWEST).generate()
    key = SealingKey(id=name, suite=NEWEST, public=public, not_after=datetime(2036, 1, 1, tzinfo=UTC))
    return private, key


class CentralDouble:
    """Central, on a port that stays the same over ``stop`` and ``start``."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.private, key = new_pair()
        self.keys = Keys(version=1, sealing=(key,), settings=(KEY,), acknowledgement=(ACKNOWLEDGEMENT_KEY,))
        self.catalog: tuple[int, Signed] | None = None
        """The version that is published, and it."""
        self.settings: tuple[int, Signed] | None = None
        self.records: dict[UUID, Record] = {}
        self.acts: list[Act] = []
        self.kept: list[UUID] = []
        self.poison: dict[UUID, Poison] = {}
        self.requests: Counter[str] = Counter()
        self.batches: list[int] = []
        self.nonces: list[str] = []
        self.lose_answers = 0
        self.hang_up = False
        """Whether each answer is the last of its connection."""
        self.refuse: Callable[[str], Problem | int | None] = lambda _path: None
        self.ahead = timedelta()
        self.opener: Literal["awake", "silent"] = "awake"
        self.matter: Callable[[Act], Matter | None] = lambda _act: Matter(state="sent", number="3509-1", at=_now())
        self.acknowledges = ACKNOWLEDGES
        self.said: Callable[[Acknowledgement], Acknowledgement] = lambda said: said
        self.now: Callable[[], datetime] = _now
        self.lock = threading.Lock()
        self._port = 0
        self._server: _Server | None = None
        self.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listens (again)."""
        self._server = _Server(self, self._port)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Refuses connections and cuts those that there are."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.cut()
            self._server = None

    def published(self, kind: str) -> tuple[int, Signed] | None:
        """What is published of a kind."""
        return {"catalog": self.catalog, "settings": self.settings}.get(kind)

    # -- what it does --------------------------------------------------------------------------------------------------

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, Message]:
        """The status and the answer to a request."""
        parts = urlsplit(target)
        refusal = self.refuse(parts.path)
        if isinstance(refusal, Problem):
            return refusal.status, refusal
        if isinstance(refusal, int):
            return refusal, Problem(title="failed", status=refusal, code="failed")
        match method, parts.path.strip("/").split("/"):
            case "GET", ["v1", "health"]:
                return 200, Health(service="kiosk-central", time=_now() + self.ahead, opener=self.opener)
            case "GET", ["v1", "time"]:
                nonce = parse_qs(parts.query)["nonce"][0]
                return 200, tell(nonce, _now() + self.ahead, ACKNOWLEDGEMENT_KEY, speak)
            case "POST", ["v1", "heartbeat"]:
                beat = Heartbeat.model_validate_json(body)
                said = None if beat.ledger is None else self.acknowledge(beat.kiosk, bytes.fromhex(beat.ledger))
                return 200, HeartbeatAnswer(
                    service="kiosk-central", time=_now() + self.ahead, opener=self.opener, acknowledgement=said
                )
            case "GET", ["v1", "keys"]:
                return 200, self.keys
            case "GET", ["v1", "catalog" | "settings" as kind]:
                published = self.published(kind)
                return (
                    (404, Problem(title="none", status=404, code=f"no-{kind}"))
                    if published is None
                    else (200, published[1])
                )
            case "POST", ["v1", "records"]:
                return self._take(Batch.model_validate_json(body))
            case "POST", ["v1", "live"]:
                return self._carry_out(LiveRequest.model_validate_json(body))
            case "GET", ["v1", "records", identifier]:
                within = float(parse_qs(parts.query).get("within", ["0"])[0])
                return self._status(UUID(identifier), within)
            case _:
                return 404, Problem(title="not found", status=404, code="not-found")

    def _take(self, batch: Batch) -> tuple[int, Message]:
        records = [Record.read(wire.header, wire.sealed) for wire in batch.records]
        for record in records:
            poison = self.poison.get(record.header.id)
            if poison in ("422", "500"):
                status = int(poison)
                return status, Problem(title="poison", status=status, code="invalid")
        self.batches.append(len(records))
        with self.lock:
            answers = tuple(self._keep(batch, record) for record in records)
            acknowledgement = self.acknowledge(batch.kiosk, bytes.fromhex(batch.ledger))
        return 200, BatchAnswer(answers=answers, contiguous=0, acknowledgement=acknowledgement)

    def acknowledge(self, kiosk: str, ledger: bytes) -> SignedAcknowledgement:
        """What it has of a ledger, signed; ``said`` alters it on the way."""
        there = {
            record.header.seq: record.hash
            for record in list(self.records.values())
            if (record.header.kiosk, record.header.ledger) == (kiosk, ledger)
        }
        seq = next(seq for seq in count() if seq + 1 not in there)
        at = self.now() + self.ahead
        said = Acknowledgement(suite=NEWEST, kiosk=kiosk, ledger=ledger, seq=seq, hash=there.get(seq, bytes(32)), at=at)
        return self.said(said).signed(ACKNOWLEDGEMENT_KEY.id, self.acknowledges)

    def _carry_out(self, request: LiveRequest) -> tuple[int, Message]:
        self.nonces.append(request.nonce)
        batch = Batch(kiosk=request.kiosk, ledger=request.ledger, records=(request.record,))
        record = Record.read(request.record.header, request.record.sealed)
        with self.lock:
            item = self._keep(batch, record)
        matter = self.matter(open_sealed(record, self.private))
        settled = matter is not None and matter.state not in ("kept", "unsure")
        return 200 if settled else 202, item.model_copy(update={"matter": matter})

    def _keep(self, batch: Batch, record: Record) -> ItemAnswer:
        header = record.header
        assert (header.kiosk, header.ledger.hex()) == (batch.kiosk, batch.ledger)
        poison = self.poison.get(header.id)
        if poison == "unreadable":
            return ItemAnswer(id=header.id, outcome="unreadable")
        known = self.records.get(header.id)
        if poison == "conflict" or (known is not None and known.hash != record.hash):
            return ItemAnswer(id=header.id, outcome="conflict")
        if known is not None:
            return ItemAnswer(id=header.id, outcome="duplicate")
        self.records[header.id] = record
        self.acts.append(open_sealed(record, self.private))
        return ItemAnswer(id=header.id, outcome="stored")

    def _status(self, identifier: UUID, within: float) -> tuple[int, Message]:
        until = time.monotonic() + within
        while True:
            record = self.records.get(identifier)
            if record is None:
                return 404, Problem(title="unknown", status=404, code="unknown-record")
            act = open_sealed(record, self.private)
            matter = None if isinstance(act, Genesis) else self.matter(act)
            if (matter is not None and matter.state not in ("kept", "unsure")) or time.monotonic() >= until:
                return 200, RecordStatus(id=identifier, matter=matter)
            time.sleep(0.02)  # the double's own waiting, as central waits for its opener


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, central: CentralDouble, port: int) -> None:
        self.central = central
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def get_request(self) -> tuple[socket.socket, object]:
        """The handshake is the connection's own thread's."""
        connection, address = super().get_request()
        if self.central.tls is not None:
            connection = self.central.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def cut(self) -> None:
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that the kiosk cuts off is no event; one that it does not trust, neither."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        central = self.server.central
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        central.requests[f"{self.command} {urlsplit(self.path).path}"] += 1
        published = central.published(urlsplit(self.path).path.removeprefix("/v1/"))
        if published is not None and self.headers.get("If-None-Match") == f'"{published[0]}"':
            self.send_response(304)
            self.end_headers()
            return
        status, message = central.answer(self.command, self.path, body)
        if self.path in ("/v1/records", "/v1/live") and central.lose_answers:
            central.lose_answers -= 1
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if isinstance(message, Problem) and is_personal(status, message.code):
            asked = Asked(method=self.command, target=self.path, signature=self.headers.get("Signature", ""))
            message = signed(message, asked, ACKNOWLEDGEMENT_KEY, speak)
        content = message.model_dump_json().encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status < 400 else "application/problem+json")
        self.send_header("Content-Length", str(len(content)))
        if central.hang_up:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Silent."""


@contextmanager
def raw_server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """The URL of a server that does ``serve`` with each connection, then closes it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connections: list[socket.socket] = []

        def one(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                serve(connection)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connections.append(connection)
                threading.Thread(target=one, args=[connection], daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for connection in connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            thread.join(2)


def read_request(connection: socket.socket) -> bytes:
    """One whole request: head and, by its Content-Length, body. Empty where the other side has left."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, _, rest = data.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(rest) < lengths[0]:
        part = connection.recv(65536)
        if not part:
            return b""
        rest += part
    return head + b"\r\n\r\n" + rest


def reply(status: str, content: bytes, kind: str = "application/json", *more: str) -> bytes:
    """The bytes of an answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(content)}", *more]
    return "\r\n".join([*lines, "", ""]).encode() + content


HEALTHY = json.dumps({"service": "kiosk-central", "time": "2026-11-22T01:46:00Z", "opener": "awake"}).encode()


def _now() -> datetime:
    return datetime.now(UTC)
