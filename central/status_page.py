"""The public page that the code on a receipt opens: a matter's state in words, and no more.

Neither who it is about nor what it is: the slip may lie on a table, and its item may tell of an illness.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from central.house import House
from central.local_time import SHANGHAI
from central.phone_page import Told, Trouble, page
from central.status import status_of
from kiosk.contract.messages import DeclineCode, MatterState, Sort
from kiosk.contract.numbers import read_number
from kiosk.contract.status import STATUS_PATH, MatterStatus


def routes(house: House) -> APIRouter:
    """``GET /s/{number}``: what the code on a receipt opens."""
    router = APIRouter(tags=["public"])

    @router.get(f"{STATUS_PATH}{{number}}")
    def status(number: str) -> HTMLResponse:
        """The state in words, and the authority's number."""
        found = status_of(house.database, number, house.now())
        if found.outcome == "refused":
            raise Told(TOO_OFTEN)
        if found.outcome == "unknown" or found.recorded_at is None:
            raise Told(NOT_FOUND)
        recorded = found.recorded_at.astimezone(SHANGHAI)
        state, next_steps = in_words(found)
        return page(
            "status.html",
            state=state,
            tone=TONES.get(found.state, "waits"),
            number=str(read_number(number)),
            theirs=found.theirs,
            recorded=f"{recorded.year}年{recorded.month}月{recorded.day}日",
            next_steps=next_steps,
        )

    return router


def in_words(found: MatterStatus) -> tuple[str, tuple[str, ...]]:
    """The state, and what comes of it: of a filing that no authority ever had, that it has gone to none."""
    if found.code is not None and found.code in NEVER_SENT:
        return NEVER_SENT[found.code]
    state = WORDS[found.sort].get(found.state) or WORDS["filing"][found.state]
    return state, NEXT[found.sort].get(found.state) or NEXT["filing"][found.state]


TOO_OFTEN: Final = Trouble(429, "现在查不了", ("刚才查错的次数太多了。", "请过一个小时再扫一次，或者问服务台。"))
NOT_FOUND: Final = Trouble(
    404,
    "没有查到这个登记号",
    ("刚登记的，机器联网以后才查得到，请过一会儿再扫。", "还是查不到，请拿凭条问服务台。"),
)

TONES: Final[Mapping[MatterState, str]] = {"decided": "done", "declined": "trouble", "papers wanted": "trouble"}

WORDS: Final[Mapping[Sort, Mapping[MatterState, str]]] = {
    "filing": {
        "kept": "已登记，还没有提交",
        "sent": "已提交，等审核",
        "decided": "已办结",
        "declined": "没有通过",
        "papers wanted": "需要补材料",
        "unsure": "还不确定有没有办成",
    },
    "handed over": {"sent": "已转给工作人员"},
    "appointment": {
        "kept": "已登记，还没有约好",
        "sent": "已转给工作人员，等电话",
        "decided": "已约好",
        "declined": "没有约上",
    },
    "at once": {"declined": "没有办成"},
    "cancelled": {"kept": "已登记，还没有取消", "decided": "已取消", "declined": "没有取消成"},
}
"""A state as the kiosk's pages and paper say it; what a sort has no words of its own for is said as of a filing."""

NEXT: Final[Mapping[Sort, Mapping[MatterState, tuple[str, ...]]]] = {
    "filing": {
        "kept": ("我们会替您提交，过一会儿再看。",),
        "sent": ("有了结果，这里看得到。",),
        "decided": ("办成什么样，请带身份证在自助终端“我的办件”里看。",),
        "declined": ("为什么没有通过，请带身份证在自助终端“我的办件”里看，或者问服务台。",),
        "papers wanted": ("要补什么、补到哪天，请带身份证在自助终端“我的办件”里看，或者问服务台。",),
        "unsure": ("先不要再办一次，请问服务台。",),
    },
    "handed over": {"sent": ("工作人员会跟着办。着急的，请打凭条上的服务台电话。",)},
    "appointment": {
        "kept": ("工作人员会打电话定时间。",),
        "sent": ("工作人员会打电话定时间。",),
        "decided": ("哪天、几点、带什么，看凭条。要改时间或取消，在自助终端“我的办件”里办。",),
        "declined": ("请在自助终端再约一个时间，或者打凭条上的服务台电话。",),
    },
    "at once": {
        "declined": ("为什么没有办成，请带身份证在自助终端“我的办件”里看，或者问服务台。",),
    },
    "cancelled": {
        "kept": ("机器联网以后就取消，过一会儿再看。",),
        "decided": ("要再约，请到自助终端。改过时间的，看新的凭条。",),
        "declined": ("没有找到这个预约，请打凭条上的服务台电话问一下。",),
    },
}

_PAPERS_NOT_HANDED_IN: Final = (
    "材料没有交上去",
    ("为什么没有交上去、怎么再交，请带身份证在自助终端“我的办件”里看，或者问服务台。",),
)
NEVER_SENT: Final[Mapping[DeclineCode, tuple[str, tuple[str, ...]]]] = {
    "not-confirmed": ("没有提交", ("这件事没有提交到对方部门。", "还要办的，请带身份证再来一次，或者问服务台。")),
    "no-matter": _PAPERS_NOT_HANDED_IN,
    "papers-lost": _PAPERS_NOT_HANDED_IN,
}
"""Why central declined what was to go to an authority → the state and what comes of it."""
