"""The page that the link of a message opens: whether a matter is one's own, and the yes to it.

The matter waits at central, recorded with a card alone. Nothing is told of it but when it was recorded and under which
number: the link may be opened by others, and an item can tell of an illness. A press says yes: what merely looks at
addresses (a messenger's preview) confirms nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from central import confirming
from central.house import House
from central.local_time import SHANGHAI
from central.phone_page import Told, Trouble, page

UNKNOWN: Final = Trouble(
    404, "这个链接打不开", ("可能没有复制全，也可能太久了。", "请重新点开短信里的链接，或者问服务台。")
)
OVER: Final = Trouble(
    410,
    "时间过了，不能再确认了",
    ("这件事没有提交。", "还要办的，请带身份证在自助终端再办一次，或者问服务台。"),
)


def routes(house: House, wake: Callable[[], None]) -> APIRouter:
    """``/c/{token}``. Raises Told."""
    router = APIRouter(prefix=f"{confirming.PATH}{{token}}", tags=["public"])

    @router.get("")
    def question(token: str) -> HTMLResponse:
        """What waits, and the question."""
        with house.database.reading() as connection:
            asked = confirming.found(connection, token)
        if asked is None:
            raise Told(UNKNOWN)
        if asked.confirmed:
            return page("confirm_done.html")
        if asked.expires_at <= house.now():
            raise Told(OVER)
        recorded, until = asked.recorded_at.astimezone(SHANGHAI), asked.expires_at.astimezone(SHANGHAI)
        return page(
            "confirm.html",
            token=token,
            number=asked.number,
            recorded=f"{recorded.year}年{recorded.month}月{recorded.day}日 {recorded:%H:%M}",
            until=f"{until.month}月{until.day}日",
        )

    @router.post("")
    def yes(token: str) -> HTMLResponse:
        """The person's yes; saying it twice does no harm."""
        match confirming.confirm(house.database, token, house.now()):
            case "unknown":
                raise Told(UNKNOWN)
            case "over":
                raise Told(OVER)
            case "confirmed":
                wake()
                return page("confirm_done.html")

    return router
