"""Requests that a machine signs (RFC 9421), for both ends of the line.

Covered are ``@method``, ``@authority`` and ``@target-uri``; of a request with a body also its ``content-digest``
(RFC 9530, over the body as it is sent) and, where there is one, its ``content-encoding``. The parameters are
``created``, by central's time, ``keyid``, the name of the machine's key, ``tag``, and ``nonce`` on what may come only
once. The algorithm is that of the key's suite.

It takes as long to import the library as to draw a page: ``kiosk.exchange`` loads this with its first question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from http_message_signatures import HTTPMessageSignaturesException as LibraryError
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureAlgorithm,
    HTTPSignatureKeyResolver,
    InvalidSignature,
)

from kiosk.contract.base import SigningKey
from kiosk.contract.batches import Signer
from kiosk.contract.errors import BadSignature
from kiosk.contract.sealing import suite

TAG: Final = "kiosk-request-1"
FRESH: Final = timedelta(seconds=300)
"""How far ``created`` may be from central's time, before and after."""

COVERED: Final = ("@method", "@authority", "@target-uri")
ENCODED: Final = "content-encoding"


class Stale(BadSignature):
    """Signed too long ago, or at a time that has not come: one of the clocks is wrong."""


class Fields(Protocol):
    """Header fields of a request, as requests and httpx have them."""

    def __contains__(self, name: object) -> bool: ...

    def __getitem__(self, name: str) -> str: ...


class Request(Protocol):
    """A request that is ready to go: ``requests.PreparedRequest``, or httpx's."""

    @property
    def headers(self) -> Fields: ...


def sign(request: Request, signer: Signer, *, body: bytes | None, created: datetime, nonce: str | None = None) -> str:
    """Signs ``request`` in place. Returns its signature field, by which an answer can name the request."""
    library = HTTPMessageSigner(signature_algorithm=_OfSuite)
    covered = (*COVERED, ENCODED) if ENCODED in request.headers else COVERED
    prepared = library.prepare(
        request,
        key_id=signer.id,
        created=created,
        nonce=nonce,
        label="kiosk",
        tag=TAG,
        include_alg=False,
        covered_component_ids=covered,
        body=body,
    )
    library.apply(request, prepared, signer.sign(prepared.signature_base))
    return request.headers["Signature"]


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a signature says beside that it holds."""

    key: SigningKey
    nonce: str | None


@dataclass(frozen=True, kw_only=True)
class Received:
    """A request as it arrived: absolute address, header fields in their order, the body before decoding."""

    method: str
    url: str
    fields: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def headers(self) -> ReceivedFields:
        """The fields, for the library."""
        return ReceivedFields(self.fields)


class ReceivedFields:
    """Header fields that may repeat, in their order."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._fields = tuple(fields)

    def items(self) -> tuple[tuple[str, str], ...]:
        """Every line."""
        return self._fields

    def __contains__(self, name: object) -> bool:
        return any(field == name for field, _ in self._fields)


def verify(request: Received, key_of: Callable[[str], SigningKey | None], now: datetime) -> Verified:
    """Whose request it is. ``key_of`` knows keys by their names; the names of ``request``'s fields are in lower case.

    Raises BadSignature (Stale too). A key that is not known is BadSignature as well.
    """
    found: list[SigningKey] = []

    class Known(HTTPSignatureKeyResolver):
        def resolve_public_key(self, key_id: str) -> SigningKey | None:
            key = key_of(key_id)
            found.extend([] if key is None else [key])
            return key

    demanded = (*COVERED, ENCODED) if ENCODED in request.headers else COVERED
    try:
        results = _Verifier(Known(), now).verify(
            request, max_age=timedelta(), expect_tag=TAG, require_components=demanded, body=request.body
        )
    except Stale:
        raise
    except InvalidSignature as error:
        raise BadSignature(f"the request's signature does not hold: {error}") from None
    except (LibraryError, ValueError) as error:
        raise BadSignature(f"no signature of a request: {type(error).__name__}") from None
    if len(results) != 1 or len(found) != 1:
        raise BadSignature("signed more than once")
    return Verified(key=found[0], nonce=results[0].nonce)


class _OfSuite(HTTPSignatureAlgorithm):
    """The library's port for an algorithm, over the suite of the key; signing is the key store's affair."""

    algorithm_id = "by-key"

    def __init__(self, public_key: SigningKey | None = None, private_key: None = None) -> None:
        assert public_key is not None
        assert private_key is None
        self._key = public_key

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raises BadSignature."""
        suite(self._key.suite).verify(signature, message, self._key.public)


class _Verifier(HTTPMessageVerifier):
    """The library's, by a clock that is given."""

    def __init__(self, keys: HTTPSignatureKeyResolver, now: datetime) -> None:
        super().__init__(signature_algorithm=_OfSuite, key_resolver=keys)
        self._now = now

    def validate_created_and_expires(self, sig_input: Parameters, max_age: timedelta | None = None) -> None:
        """Raises Stale, InvalidSignature."""
        created = sig_input.params.get("created")
        if not isinstance(created, int):
            raise InvalidSignature("it does not say when it was made")
        if abs(created - self._now.timestamp()) > FRESH.total_seconds():
            raise Stale("signed at another time than now")


class Parameters(Protocol):
    """The library's parsed parameters of a signature."""

    @property
    def params(self) -> dict[str, object]: ...
