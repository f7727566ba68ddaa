"""Refusals: problem documents (RFC 9457) that say what programs go by and never repeat what was sent."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from central.database import AWAY, cause
from central.errors import Refused, where
from central.upstream import NotGranted, Unanswered
from kiosk.contract import (
    acts,
    beforehand,
    certificates,
    credentials,
    live,
    lookups,
    messages,
    queries,
    uploads,
)
from kiosk.contract.messages import Problem

log = logging.getLogger("central")

MEDIA_TYPE = "application/problem+json"


def install(app: FastAPI) -> None:
    """Makes every refusal of ``app`` a problem document."""
    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, by_status)
    app.add_exception_handler(Unanswered, unanswered)
    app.add_exception_handler(NotGranted, not_granted)
    for kind in AWAY:
        app.add_exception_handler(kind, database_away)
    app.add_exception_handler(Exception, failed)


def document(problem: Problem, headers: dict[str, str] | None = None, **more: object) -> JSONResponse:
    """The answer that carries a problem."""
    shown = problem.model_dump(mode="json", exclude_none=True)
    return JSONResponse(shown | more, status_code=problem.status, headers=headers, media_type=MEDIA_TYPE)


async def refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return document(error.problem, error.headers)


async def invalid(_: Request, error: Exception) -> JSONResponse:
    """422 with field and code only: FastAPI's own answer repeats the input."""
    assert isinstance(error, RequestValidationError)
    problem = Problem(title="The request does not fit its schema", status=422, code="invalid")
    return document(problem, errors=[{"field": field(item["loc"]), "code": item["type"]} for item in error.errors()])


async def by_status(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = {400: "bad-request", 404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "refused")
    problem = Problem(title=code.replace("-", " ").capitalize(), status=error.status_code, code=code)
    return document(problem, dict(error.headers) if error.headers else None)


async def unanswered(_: Request, error: Exception) -> JSONResponse:
    """504 where the authority took too long, 503 where it does not work: to a kiosk both are unavailable."""
    assert isinstance(error, Unanswered)
    log.warning("an authority does not answer: %s", error)
    if error.reason == "slow":
        return document(Problem(title="The authority is slow", status=504, code="authority-slow"))
    return document(Problem(title="The authority does not answer", status=503, code="authority-away"))


async def not_granted(_: Request, error: Exception) -> JSONResponse:
    """What the authority says may name the person: it stays here."""
    assert isinstance(error, NotGranted)
    return document(Problem(title="The authority does not grant this", status=409, code="not-granted"))


async def database_away(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AWAY)
    log.error("database does not answer: %s", cause(error))
    problem = Problem(title="Central's database does not answer", status=503, code="database")
    return document(problem, {"Retry-After": "5"})


async def failed(_: Request, error: Exception) -> JSONResponse:
    log.error("request failed: %s", where(error))
    return document(Problem(title="Central failed", status=500, code="failed"))


def known_fields() -> frozenset[str]:
    """Every field name of the contract: the only words of a location that did not come from the sender."""
    models: list[Any] = [*vars(acts).values(), *vars(messages).values(), *vars(queries).values()]
    models += [*vars(credentials).values(), *vars(lookups).values(), *vars(uploads).values()]
    models += [*vars(certificates).values(), *vars(live).values(), *vars(beforehand).values()]
    named = (set(model.model_fields) for model in models if isinstance(model, type) and issubclass(model, BaseModel))
    return frozenset({"body", "query", "path", "header", "within", "after", "token", "record", "upload"}.union(*named))


FIELDS = known_fields()


def field(location: Sequence[int | str]) -> str:
    """A location without the sender's words: an unknown key is somebody's input too."""
    return ".".join(str(part) if isinstance(part, int) or part in FIELDS else "?" for part in location)
