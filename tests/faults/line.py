"""The line between kiosk and central: an HTTP proxy that passes on, drops, delays, cuts in the middle, repeats, and
answers in central's place as strangers do."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

from tests.faults.impostor import Impostor

Fault = Literal[
    "none",
    "dropped",
    "unanswered",
    "request cut",
    "answer cut",
    "slow",
    "repeated",
    "stranger",
    "unauthorized",
    "too many",
    "error",
    "portal",
    "page",
    "garbage",
    "another server",
]
"""dropped: hangs up before central hears · unanswered: central hears, the answer is lost · request cut, answer cut:
half of it · slow: half a second · repeated: central hears it twice · stranger: 403 of somebody else, in central's
form · unauthorized: 401 of one · too many: 429 with Retry-After · error: 500 · portal: a redirect · page: HTML with
200 · garbage: no HTTP · another server: takes records, and signs for them."""

FAULTS: Final[tuple[Fault, ...]] = get_args(Fault)[1:]
"""Without none."""
_OF_RECORDS: Final = frozenset({"/v1/records", "/v1/heartbeat"})


@dataclass(frozen=True, kw_only=True)
class Said:
    """A request or an answer: first line and headers, and the body."""

    head: bytes
    body: bytes

    @property
    def whole(self) -> bytes:
        return self.head + self.body


class Line:
    """The proxy, in a thread of its own. ``set`` takes words; ``script`` gives the fault of each exchange."""

    def __init__(self, central: str) -> None:
        parts = urlsplit(central)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self.counts: dict[str, int] = {}
        self._impostor = Impostor(central)
        self.script: Callable[[str], Fault] = lambda _path: "none"
        self.down = False
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), name="line", daemon=True)
        self._thread.start()
        started.wait()

    @property
    def url(self) -> str:
        """Where kiosks find central."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def set(self, word: str) -> None:
        """``down``, ``up``, ``bad SEED`` (a fault in every second exchange) or the name of a fault for all of them."""
        kind, _, rest = word.partition(" ")
        match kind:
            case "down":
                self.down = True
                self._loop.call_soon_threadsafe(self._hang_up)
            case "up":
                self.down = False
                self.script = lambda _path: "none"
            case "bad":
                rng = random.Random(rest)
                self.down = False
                self.script = lambda _path: rng.choice(FAULTS) if rng.random() < 0.5 else "none"
            case _:
                fault = next(each for each in FAULTS if each == word)
                self.down = False
                self.script = lambda path: fault if path in _OF_RECORDS else "none"

    def close(self) -> None:
        """Ends the proxy and what goes through it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        started.set()
        self._loop.run_forever()
        self._server.close()
        self._hang_up()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def _hang_up(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while not self.down and (asked := await hear(reader)) is not None:
                if not await self._exchange(asked, writer):
                    return
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _exchange(self, asked: Said, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection goes on."""
        path = asked.head.split(b" ", 2)[1].decode().partition("?")[0]
        fault = self.script(path)
        if fault != "none":
            self.counts[fault] = self.counts.get(fault, 0) + 1
        if fault == "dropped":
            return False
        instead = INSTEAD.get(fault)
        if fault == "another server":
            said = await asyncio.to_thread(self._impostor.answer, path, asked.body)
            instead = None if said is None else _answer("200 OK", "application/json", said.decode())
        if instead is not None:
            writer.write(instead)
            await writer.drain()
            writer.close()
            return False
        if fault == "slow":
            await asyncio.sleep(0.5)
        if fault == "request cut":
            await self._at_central(Said(head=asked.head, body=asked.body[: len(asked.body) // 2]), whole=False)
            return False
        if fault == "repeated":
            await self._at_central(asked)
        answer = await self._at_central(asked)
        if answer is None or fault == "unanswered":
            return False
        if fault == "answer cut":
            writer.write(answer.whole[: len(answer.head) + len(answer.body) // 2])
            with suppress(OSError):
                await writer.drain()
                writer.close()
            return False
        writer.write(answer.whole)
        await writer.drain()
        return True

    async def _at_central(self, asked: Said, *, whole: bool = True) -> Said | None:
        """Central's answer over a connection of its own; None: none came."""
        try:
            reader, writer = await asyncio.open_connection(self._host, self._port)
        except OSError:
            return None
        try:
            writer.write(asked.whole)
            await writer.drain()
            return await hear(reader) if whole else None
        except (OSError, asyncio.IncompleteReadError, ValueError):
            return None
        finally:
            writer.close()


async def hear(reader: asyncio.StreamReader) -> Said | None:
    """A request or an answer with its body; None: the line ended before one began."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as end:
        if end.partial:
            raise
        return None
    lines = (line.partition(b":") for line in head.split(b"\r\n")[1:-2])
    fields = {name.strip().lower(): value.strip() for name, _, value in lines}
    if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
        raise ValueError("central sends in chunks")
    return Said(head=head, body=await reader.readexactly(int(fields.get(b"content-length", b"0"))))


def _answer(status: str, kind: str, body: str, *more: str) -> bytes:
    content = body.encode()
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(content)}", *more, "", "")
    return "\r\n".join(lines).encode() + content


def _problem(status: int, title: str, code: str, *more: str) -> bytes:
    body = json.dumps({"type": "about:blank", "title": title, "status": status, "code": code})
    return _answer(f"{status} {title}", "application/problem+json", body, *more)


INSTEAD: Final[dict[str, bytes]] = {
    "stranger": _problem(403, "Forbidden", "unknown-kiosk"),
    "unauthorized": _problem(401, "Unauthorized", "unknown-key"),
    "too many": _answer("429 Too Many Requests", "text/plain", "slow down", "Retry-After: 1"),
    "error": _answer("500 Internal Server Error", "text/plain", "sorry"),
    "portal": _answer("302 Found", "text/html", "", "Location: http://portal.example/login"),
    "page": _answer("200 OK", "text/html", "<!DOCTYPE html><title>请先登录</title>"),
    "garbage": b"\x16\x03\x01 this is no HTTP\r\n\r\n",
}
"""Answers in central's place."""
