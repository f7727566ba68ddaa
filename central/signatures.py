"""Who asks: every request of a kiosk is signed by its key (RFC 9421), and every refusal of a kiosk by central's.

What is open to all is a short list; anything else is refused before it is read. So is all that a suspended kiosk asks,
but for what goes on. A request speaks for the kiosk whose
key signed it, and ``demand_speaker`` holds what it says to that. A body may be packed (gzip): it is unpacked here, up
to the size that a body may have.
"""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central.database import AWAY, Database, insert
from central.errors import Refused
from central.house import House
from central.limits import BODY_LIMIT, replay
from central.problems import MEDIA_TYPE, database_away, document
from central.tables import kiosks, nonces
from kiosk.contract.base import SigningKey
from kiosk.contract.batches import key_id
from kiosk.contract.errors import BadSignature
from kiosk.contract.messages import Batch, Problem
from kiosk.contract.refusals import SUSPENDED, Asked, is_personal, signed
from kiosk.contract.signed_requests import Received, Stale, verify

log = logging.getLogger("central.signatures")

OPEN: Final = frozenset({"/v1/health", "/v1/keys", "/v1/time"})
"""What anybody may ask: nothing of it is about a person, or it comes with a secret of its own."""

DEMONSTRATION: Final = "/v1/demonstration/"
"""The dock and its telephone are no kiosk. A central that is no demonstration has nothing there."""

FIRST_CONTACT: Final = "/v1/records"
"""Where a kiosk whose key is not known yet brings it."""

BEFORE_FIRST_CONTACT: Final = "/v1/heartbeat"
"""What a kiosk may ask whose key is not known (any more): that nothing is known of it."""

ONCE: Final = frozenset({"/v1/codes", "/v1/codes/check", "/v1/credentials"})
"""What may come only once, beside the first contact: it takes something away, or costs somebody a message. A live
transaction (``at_once``) has a nonce in its body."""

GOES_ON: Final = ("/v1/records", "/v1/live", "/v1/heartbeat", "/v1/catalog", "/v1/settings", "/v1/datasets/")
"""How the paths begin that are answered to a suspended kiosk too: what it recorded comes and is carried through, and
what steers it goes out. The heartbeat says itself that the kiosk is suspended."""

PAPERS_ON_THEIR_WAY: Final = "/v1/queries/upload-step"
"""Goes on too: what a telephone sent for the visit under way is counted, or deleted."""

_speaker: ContextVar[str | None] = ContextVar("speaker", default=None)


def speaker() -> str | None:
    """The kiosk whose request is being answered; None outside of one."""
    return _speaker.get()


def is_stranger() -> bool:
    """Whether the request that is being answered is signed by a key that nobody has."""
    return speaker() == ""


def demand_speaker(kiosk: str) -> None:
    """What a request says in the name of ``kiosk`` is said by ``kiosk``, which is known here, for its key is. Raises
    Refused (another-kiosk)."""
    if (speaks := speaker()) is not None and speaks != kiosk:
        raise Refused(403, "another-kiosk", "This request is not signed by the kiosk that it names")


def suspended() -> Refused:
    """What a kiosk is told that waits for staff to resume it."""
    return Refused(403, SUSPENDED, "This kiosk is suspended until staff resume it")


class Signatures:
    """ASGI middleware, inside ``Limits``, which hands it whole bodies."""

    def __init__(self, app: ASGIApp, *, house: House) -> None:
        self.app = app
        self.house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        send = Refusals(self.house, asked(scope), send)
        if is_open(scope["path"]):
            await self.app(scope, receive, send)
            return
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body: bytes = message.get("body", b"")
        try:
            kiosk = await run_in_threadpool(self.speaker_of, scope, body)
            content = unpacked(scope, body)
        except Refused as error:
            await document(error.problem, error.headers)(scope, receive, send)
            return
        except AWAY as error:
            await (await database_away(Request(scope), error))(scope, receive, send)
            return
        if content is not body:
            packing = (b"content-encoding", b"content-length")
            bare = [field for field in scope["headers"] if field[0] not in packing]
            scope["headers"] = [*bare, (b"content-length", str(len(content)).encode())]
        with speaking(kiosk):
            await self.app(scope, replay(content, receive), send)

    def speaker_of(self, scope: Scope, body: bytes) -> str:
        """The kiosk that asks; none has the empty name. Raises Refused."""
        request, path, now = received(scope, body), scope["path"], self.house.now()
        if "signature" not in request.headers:
            raise Refused(401, "unsigned", "Requests are signed by the kiosk's key")
        finding = Finding(self.house.database, scope, body)
        try:
            verified = verify(request, finding.key_of, now)
        except Stale:
            raise Refused(401, "stale", "The request was not signed just now") from None
        except BadSignature as error:
            if finding.failure is not None:
                raise finding.failure from None
            if finding.kiosk:
                log.warning("kiosk %s: %s", finding.kiosk, error)
                raise Refused(401, "bad-signature", "The request's signature does not hold") from None
            if path == BEFORE_FIRST_CONTACT:
                return ""
            raise Refused(401, "unknown-key", "No kiosk has this key") from None
        if finding.suspended and not goes_on(path):
            raise suspended()
        if path in ONCE or finding.first_contact:
            take_once(self.house.database, verified.key.id, verified.nonce, now)
        return finding.kiosk


class Finding:
    """Whose key a request is signed by, found while its signature is verified."""

    def __init__(self, database: Database, scope: Scope, body: bytes) -> None:
        self.kiosk = ""
        self.first_contact = False
        self.suspended = False
        self.failure: SQLAlchemyError | None = None
        self._database = database
        self._scope = scope
        self._body = body

    def key_of(self, name: str) -> SigningKey | None:
        """The key of that name. A failing database is noted: to the library it would be a signature that fails."""
        try:
            found = known_key(self._database, name)
        except SQLAlchemyError as error:
            self.failure = error
            return None
        if found is not None:
            self.kiosk, self.suspended = found.kiosk, found.suspended
            return found.key
        if self._scope["path"] != FIRST_CONTACT:
            return None
        first = brought(name, self._body, self._scope)
        if first is None:
            return None
        self.first_contact = True
        self.kiosk, key = first
        return key


class Refusals:
    """What is sent, with central's signature on refusals of the kiosk itself."""

    def __init__(self, house: House, request: Asked, send: Send) -> None:
        self._house = house
        self._request = request
        self._send = send
        self._held: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and is_problem(message):
            self._held = message
        elif self._held is not None and message["type"] == "http.response.body":
            held, self._held = self._held, None
            body = self.with_signature(message.get("body", b""))
            headers = [(name, value) for name, value in held["headers"] if name != b"content-length"]
            await self._send({**held, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
            await self._send({**message, "body": body})
        else:
            await self._send(message)

    def with_signature(self, body: bytes) -> bytes:
        """The document as ``problems`` wrote it, in one piece, with the signature added."""
        problem = Problem.model_validate_json(body)
        if not is_personal(problem.status, problem.code):
            return body
        voice = self._house.voice
        added = signed(problem, self._request, voice.key, voice.sign).model_dump(mode="json", include={"signature"})
        return json.dumps(json.loads(body) | added, ensure_ascii=False).encode()


def is_problem(start: Message) -> bool:
    """Whether an answer begins that may be a refusal of the kiosk itself."""
    return 400 <= start["status"] < 500 and any(
        name == b"content-type" and value.startswith(MEDIA_TYPE.encode()) for name, value in start["headers"]
    )


def is_open(path: str) -> bool:
    """Whether anybody may ask for it."""
    return not path.startswith("/v1/") or path in OPEN or path.startswith(DEMONSTRATION)


def goes_on(path: str) -> bool:
    """Whether a suspended kiosk is answered."""
    return path.startswith(GOES_ON) or path == PAPERS_ON_THEIR_WAY


@contextmanager
def speaking(kiosk: str) -> Iterator[None]:
    """While it lasts, ``kiosk`` speaks."""
    token = _speaker.set(kiosk)
    try:
        yield
    finally:
        _speaker.reset(token)


@dataclass(frozen=True, kw_only=True)
class Known:
    """A kiosk that has a key, and whether it is suspended."""

    kiosk: str
    key: SigningKey
    suspended: bool


def known_key(database: Database, name: str) -> Known | None:
    """The kiosk that has the key of that name."""
    with database.reading() as connection:
        row = connection.execute(select(kiosks).where(kiosks.c.key_id == name)).one_or_none()
    if row is None:
        return None
    key = SigningKey(id=name, suite=row.key_suite, public=row.key_public)
    return Known(kiosk=row.kiosk, key=key, suspended=row.suspended_at is not None)


def brought(name: str, body: bytes, scope: Scope) -> tuple[str, SigningKey] | None:
    """The key of that name that a first batch brings with it. Whether it is taken is the intake's to say."""
    try:
        batch = Batch.model_validate_json(unpacked(scope, body))
    except (Refused, ValidationError):
        return None
    key = batch.device
    if key is None or key.id != name or key_id(key.suite, key.public) != name:
        return None
    return batch.kiosk, key


def take_once(database: Database, name: str, nonce: str | None, now: datetime) -> None:
    """Raises Refused (no-nonce, replayed)."""
    if nonce is None or len(nonce) != NONCE:
        raise Refused(401, "no-nonce", "This request comes once, under a nonce")
    with database.writing() as connection:
        fresh = connection.execute(
            insert(connection, nonces)
            .values(kiosk=name, nonce=nonce, at=now)
            .on_conflict_do_nothing()
            .returning(nonces.c.nonce)
        ).first()
    if fresh is None:
        raise Refused(409, "replayed", "This request came before")


NONCE: Final = 32
"""Characters: 128 bits in hexadecimal."""


def received(scope: Scope, body: bytes) -> Received:
    """The request as it was signed: its address is made of what the client said it was."""
    fields = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"])
    host = next((value for name, value in fields if name == "host"), "")
    return Received(
        method=scope["method"], url=f"{scope['scheme']}://{host}{target_of(scope)}", fields=fields, body=body
    )


def asked(scope: Scope) -> Asked:
    """The request, for a refusal of it."""
    signature = next((value for name, value in scope["headers"] if name.lower() == b"signature"), b"")
    return Asked(method=scope["method"], target=target_of(scope), signature=signature.decode("latin-1"))


def target_of(scope: Scope) -> str:
    """Path and query as they were sent."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return (path + (b"?" + query if query else b"")).decode("latin-1")


def unpacked(scope: Scope, body: bytes) -> bytes:
    """The body without its packing. Raises Refused (too-large, bad-request, encoding)."""
    codings = [value.strip().lower() for name, value in scope["headers"] if name == b"content-encoding"]
    if not codings:
        return body
    if codings != [b"gzip"]:
        raise Refused(415, "encoding", "Bodies come as they are, or packed with gzip")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        content = unpacker.decompress(body, BODY_LIMIT + 1)
    except zlib.error:
        raise Refused(400, "bad-request", "The body is not what its encoding says") from None
    if len(content) > BODY_LIMIT:
        raise Refused(413, "too-large", "The body is too large")
    if not unpacker.eof or unpacker.unused_data:
        raise Refused(400, "bad-request", "The body is not what its encoding says")
    return content
