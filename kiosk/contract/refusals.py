"""Refusals that a kiosk takes to heart, signed by central: without that, whoever stands in the line could suspend it.

401, 403 and a suspension say that the kiosk itself is not welcome. They count only with a signature, by the key that
signs acknowledgements, over ``"kiosk/refused/1" 00 ‖ statement``, where the statement is one CBOR map with these
integer keys, all of them present (deterministic CBOR, RFC 8949 §4.2). It is not sent: both ends know it.

==  =======  ======================================================================================================
 1  format   uint, 1
 2  suite    uint, number in ``sealing.SUITES``; says which signature
 3  status   uint, of the answer
 4  code     text, of the problem document
 5  title    text, of the problem document
 6  method   text, of the request
 7  target   text, path and query of the request as they were sent
 8  request  text, the request's ``Signature`` field, empty where it had none: a refusal is of one request alone
==  =======  ======================================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from kiosk.contract import canonical
from kiosk.contract.base import SigningKey
from kiosk.contract.canonical import Plain
from kiosk.contract.errors import BadSignature
from kiosk.contract.messages import Problem, ProblemSignature
from kiosk.contract.sealing import suite
from kiosk.contract.signatures import trusted

FORMAT: Final = 1
REFUSED_TAG: Final = b"kiosk/refused/1\0"
SUSPENDED: Final = "suspended"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The request that is refused. ``signature`` is its field of that name, empty where it has none."""

    method: str
    target: str
    signature: str


def is_personal(status: int, code: str) -> bool:
    """Whether a refusal says of the kiosk itself that it is not welcome, so that it has to be signed."""
    return status in (401, 403) or code == SUSPENDED


def signed(problem: Problem, asked: Asked, key: SigningKey, sign: Callable[[bytes], bytes]) -> Problem:
    """The refusal with central's signature; ``sign`` is by the private half of ``key``."""
    signature = sign(_message(problem, asked, key.suite))
    return problem.model_copy(update={"signature": ProblemSignature(key=key.id, signature=signature)})


def demand_signed(problem: Problem, asked: Asked, keys: Iterable[SigningKey]) -> None:
    """Raises BadSignature where none of ``keys`` signed this refusal of this request."""
    if problem.signature is None:
        raise BadSignature("a refusal that nobody signed")
    key = trusted(keys, problem.signature.key)
    suite(key.suite).verify(problem.signature.signature, _message(problem, asked, key.suite), key.public)


def _message(problem: Problem, asked: Asked, number: int) -> bytes:
    fields: dict[int, Plain] = {
        1: FORMAT,
        2: number,
        3: problem.status,
        4: problem.code,
        5: problem.title,
        6: asked.method,
        7: asked.target,
        8: asked.signature,
    }
    return REFUSED_TAG + canonical.dumps(fields)
