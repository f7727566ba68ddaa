"""What every request passes through: a limit to its size and its slowness, and one line in the log.

The log has method, path, status and milliseconds. Nothing of a person stands in a path, and query strings stay out.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central.problems import document
from kiosk.contract.messages import Problem

log = logging.getLogger("central.access")

BODY_LIMIT = 4 * 1024 * 1024
"""Bytes of a request's body: 500 records of about 6 KB each."""

BODY_WITHIN = 20.0
"""Seconds that a body may take to arrive."""


class TooLarge(Exception):
    """The body is longer than the limit."""


class Limits:
    """ASGI middleware: refuses bodies that are too long (413) or take too long (408).

    ``streams`` says of which paths the route takes the body in as it comes, within bounds of its own.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit: int = BODY_LIMIT,
        within: float = BODY_WITHIN,
        refuse: Callable[[Problem, dict[str, str]], ASGIApp] = document,
        streams: Callable[[str], bool] = lambda _path: False,
    ) -> None:
        self.app = app
        self.streams = streams
        self.limit = limit
        self.within = within
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.streams(scope["path"]):
            await self.app(scope, receive, send)
            return
        try:
            body = await self.whole_body(receive)
        except TooLarge:
            problem = Problem(title="The body is too large", status=413, code="too-large")
        except TimeoutError:
            problem = Problem(title="The body took too long", status=408, code="too-slow")
        else:
            if body is not None:
                await self.app(scope, replay(body, receive), send)
            return
        await self.refuse(problem, {"Connection": "close"})(scope, receive, send)

    async def whole_body(self, receive: Receive) -> bytes | None:
        """The body, or None when the sender left. Raises TooLarge, TimeoutError."""
        parts = bytearray()
        async with asyncio.timeout(self.within):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                parts += message.get("body", b"")
                if len(parts) > self.limit:
                    raise TooLarge
                if not message.get("more_body", False):
                    return bytes(parts)


class AccessLog:
    """ASGI middleware: one line a request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.monotonic()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            took = round((time.monotonic() - began) * 1000)
            route = shown(scope)
            often = route.startswith("/v1/demonstration/")  # a telephone looks every second
            log.log(logging.DEBUG if often else logging.INFO, "%s %s %d %d ms", scope["method"], route, status, took)


def replay(body: bytes, receive: Receive) -> Receive:
    """Gives the body once, then whatever comes (the sender's leaving)."""
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


def shown(scope: Scope) -> str:
    """The route, never the path as asked: what somebody typed into a path is his own affair."""
    route = scope.get("route")
    return route.path if isinstance(route, Route) else "(no route)"
