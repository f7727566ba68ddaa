"""What stands before every public page: how often one address may ask, and the headers that every answer carries.

A code is opened by whoever holds it, and a centre's visitors may share one address (the hall's Wi-Fi): the limit is far
above what they need and far below what guessing a secret would take. What is remembered is an address and a count, in
memory, for some minutes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.contract.messages import Problem

A_MINUTE: Final = 120
"""Requests of one address; as many may come at once."""

REMEMBERED: Final = 10_000
"""Addresses; then those that were silent longest are forgotten."""

Refuse = Callable[[Problem, dict[str, str]], ASGIApp]


@dataclass
class Allowance:
    """What is left to an address, and since when that is known."""

    left: float
    at: float


class Throttle:
    """ASGI middleware: an address that asks more than its allowance, which grows back steadily, is refused (429)."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        now: Callable[[], float],
        refuse: Refuse,
        a_minute: int = A_MINUTE,
        remembered: int = REMEMBERED,
    ) -> None:
        self.app = app
        self.now = now
        self.refuse = refuse
        self.a_minute = a_minute
        self.remembered = remembered
        self.allowances: OrderedDict[str, Allowance] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.grants(origin(scope)):
            await self.app(scope, receive, send)
            return
        problem = Problem(title="Too many requests", status=429, code="too-many")
        await self.refuse(problem, {"Retry-After": "60"})(scope, receive, send)

    def grants(self, address: str) -> bool:
        """Takes one of what is left to an address; False where nothing is left."""
        now = self.now()
        allowance = self.allowances.pop(address, None) or Allowance(self.a_minute, now)
        self.allowances[address] = allowance
        while len(self.allowances) > self.remembered:
            self.allowances.popitem(last=False)
        allowance.left = min(self.a_minute, allowance.left + (now - allowance.at) * self.a_minute / 60)
        allowance.at = now
        if allowance.left < 1:
            return False
        allowance.left -= 1
        return True


def origin(scope: Scope) -> str:
    """Who asks: an address, of IPv6 the network of one connection (/64)."""
    host: str = (scope.get("client") or ("", 0))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return host


class SecurityHeaders:
    """ASGI middleware: adds headers to every answer that does not set them itself."""

    def __init__(self, app: ASGIApp, *, headers: Mapping[str, str]) -> None:
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    present.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)
