"""The public web application: the few pages that people open with their own telephone, on a host name of its own.

What they open hangs on a secret in the address, which came from a code on a kiosk's glass or receipt; there is nothing
to sign in to, no script, and no cookie but the one that keeps an upload to one telephone (``phone_page``). Whatever
goes wrong is a page too, in people's words. A process that serves them keeps nothing but who asked how often.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from time import monotonic
from typing import Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from central import confirm_page, documents, status_page, upload_page
from central.database import AWAY
from central.errors import where
from central.house import House
from central.limits import AccessLog, Limits
from central.phone_page import HEADERS, NO_SUCH_PAGE, TEMPLATES, Told, Trouble, page
from central.throttle import SecurityHeaders, Throttle
from central.upstream import Unanswered
from kiosk.contract.messages import Problem

log = logging.getLogger("central.public")

BODY_LIMIT: Final = 16 * 1024
"""Bytes of what a form sends."""


def create_public(house: House, wake: Callable[[], None], now: Callable[[], float] = monotonic) -> FastAPI:
    """The application. ``wake`` tells the opener that there is work; ``now`` is the clock of who asked how often."""
    app = FastAPI(title="Central's public pages", openapi_url=None, docs_url=None, redoc_url=None)
    for kind, told in TOLD.items():
        app.add_exception_handler(kind, told)
    app.include_router(about_this_place(house))
    app.include_router(status_page.routes(house))
    app.include_router(upload_page.routes(house))
    app.include_router(confirm_page.routes(house, wake))
    app.add_middleware(Limits, limit=BODY_LIMIT, refuse=refuse, streams=upload_page.takes_in)
    app.include_router(documents.pages(house))
    app.add_middleware(Throttle, now=now, refuse=refuse)
    app.add_middleware(SecurityHeaders, headers=HEADERS | over_tls(house.public_url))
    app.add_middleware(AccessLog)
    return app


def about_this_place(house: House) -> APIRouter:
    router = APIRouter(tags=["public"])

    @router.get("/")
    def front() -> HTMLResponse:
        """What somebody sees who has only the address."""
        return page("front.html")

    @router.get("/style.css")
    def style() -> Response:
        """The one style sheet, which a phone may keep for a day."""
        return Response(style_sheet(), media_type="text/css", headers={"Cache-Control": "public, max-age=86400"})

    @router.get("/robots.txt")
    def robots() -> PlainTextResponse:
        """Nothing here is for search engines."""
        return PlainTextResponse("User-agent: *\nDisallow: /\n")

    return router


def over_tls(public_url: str) -> dict[str, str]:
    """Whoever came by https stays there."""
    return {"Strict-Transport-Security": "max-age=31536000"} if public_url.startswith("https:") else {}


@cache
def style_sheet() -> bytes:
    return (TEMPLATES / "style.css").read_bytes()


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def problem_page(trouble: Trouble) -> HTMLResponse:
    """The page of a trouble. It carries every header itself: after a failure no middleware adds them."""
    headers = {**HEADERS, **trouble.headers}
    return page("problem.html", status=trouble.status, headers=headers, question=trouble.question, lines=trouble.lines)


def refuse(problem: Problem, headers: dict[str, str]) -> ASGIApp:
    """What the limits refuse, in people's words."""
    words = {
        408: ("网络太慢，没有传完", "请换个信号好的地方，再试一次。"),
        413: ("传上来的东西太大了", "请换一个小一点的，再试一次。"),
        429: ("打开得太快了", "请等一分钟，再打开一次。"),
    }
    question, line = words.get(problem.status, ("现在打不开", "请等一会儿再试。"))
    return problem_page(Trouble(problem.status, question, (line,), headers))


async def told(_: Request, error: Exception) -> HTMLResponse:
    assert isinstance(error, Told)
    return problem_page(error.trouble)


async def not_understood(_: Request, error: Exception) -> HTMLResponse:
    """An address or a form that nobody here made."""
    return problem_page(NO_SUCH_PAGE)


async def by_status(_: Request, error: Exception) -> HTMLResponse:
    assert isinstance(error, HTTPException)
    if error.status_code in (404, 405):
        return problem_page(replace(NO_SUCH_PAGE, status=error.status_code))
    return problem_page(Trouble(error.status_code, "现在打不开", ("请等一会儿再试。",)))


async def away(_: Request, error: Exception) -> HTMLResponse:
    log.error("a public page fails: %s", where(error))
    lines = ("请等一会儿，再打开一次。还是不行，请问服务台。",)
    return problem_page(Trouble(503, "系统正忙", lines, {"Retry-After": "5"}))


async def failed(_: Request, error: Exception) -> HTMLResponse:
    log.error("a public page fails: %s", where(error))
    return problem_page(Trouble(500, "这个页面出了问题", ("请到服务台说一声，工作人员会帮您。",)))


TOLD: Final = {
    Told: told,
    RequestValidationError: not_understood,
    HTTPException: by_status,
    **dict.fromkeys(AWAY, away),
    Unanswered: away,
    Exception: failed,
}
"""Every error and the page that tells it."""
