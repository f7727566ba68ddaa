"""A central that has telephones and nothing else, as a real HTTP server; it can be made to answer badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Telephones(ThreadingHTTPServer):
    """`answer` replaces what it would say by a status and a body; `hang` holds every answer back until it is set.

    Of one person it knows no telephone: `long-name`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.messages: list[dict[str, object]] = []
        self.confirmed: list[str] = []
        self.answer: tuple[int, bytes] | None = None
        self.hang = threading.Event()
        self.hang.set()

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked may have given up; that is no matter of the telephones'."""

    def receive(self, text: str, *, to: str = "13800000001", token: str | None = None) -> None:
        number = len(self.messages) + 1
        at = datetime(2026, 11, 22, 1, number % 60, tzinfo=UTC).isoformat()
        self.messages.append({"id": number, "to": to, "text": text, "at": at, "token": token})


@contextmanager
def telephones(port: int = 0) -> Iterator[Telephones]:
    """Such a server, until the context ends."""
    with Telephones(port) as server:
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.hang.set()
            server.shutdown()
            thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    server: Telephones

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        after = int(parse_qs(url.query)["after"][0])
        found = [message for message in self.server.messages if int(str(message["id"])) > after]
        self._say(200 if url.path == "/v1/demonstration/messages" else 404, found)

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v1/demonstration/credentials" and asked["person"] != "long-name":
            self._say(200, {"code": f"{asked['kind']} code of {asked['person']}", "expires_at": "2026-11-22T01:01:00Z"})
            return
        known = [message["token"] for message in self.server.messages]
        if self.path != "/v1/demonstration/confirmations" or asked["token"] not in known:
            self._say(404, {"code": "no-confirmation"})
            return
        self.server.confirmed.append(asked["token"])
        self._say(200, {"confirmed": True})

    def _say(self, status: int, what: object) -> None:
        self.server.hang.wait(10)
        body = json.dumps(what).encode()
        if self.server.answer is not None:
            status, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name for it
        pass
