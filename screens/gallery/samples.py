"""A page of every kind and of each in its states: what the gallery hangs up, and the checks of the face look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kiosk.journeys.remote_care_filing import Chosen
from kiosk.pages import Head, Page
from screens.gallery.at_once import FAMILY, UNSURE
from screens.gallery.outcomes import (
    AT_DESK,
    CANNOT_RECORD,
    CHECKED_IN,
    COPY_PREVIEW,
    GIVEN,
    HELP,
    KEPT,
    KEPT_WITHOUT_PAPER,
    MATTERS,
    NO_ANSWER,
    NO_LIST,
    NO_MATTERS,
    NO_READER,
    NOT_PRINTED,
    NOT_RECORDED,
    NOTHING_FOUND,
    OFFLINE,
    OUT_OF_ORDER,
    PERHAPS_PRINTED,
    PREVIEW,
    PRINTING,
    RECORDS,
    RESULT,
    RIDER_WITHOUT_PAPER,
    WAIT,
)
from screens.gallery.questions import (
    ADDRESS,
    ANY_DAY,
    ATTRACT,
    BOARD,
    CARD,
    CARD_AGAIN,
    CENTRE,
    CODE,
    CODE_OFFLINE,
    CODE_WRONG,
    CONFIRM,
    DAY,
    HOME,
    KIND,
    LONG_CONFIRM,
    LONG_PROMISE,
    NAME,
    NUMBER,
    PHONE,
    PHONE_CODE,
    PIN,
    PLACE,
    PROMISE,
    RATING,
    RECEIPT_NUMBER,
    RECEIPT_NUMBER_WRONG,
    RIDERS,
    SEARCH,
    SEND_PAPERS,
    SEND_PAPERS_AWAY,
    SEND_PAPERS_CAME,
    SEND_PAPERS_OVER,
    SLOT,
)

if TYPE_CHECKING:
    from screens.frame import PrinterState

AnyPage = Page[str] | Page[int] | Page[None] | Page[date] | Page[tuple[str, ...]] | Page[Chosen]

SAMPLES: dict[str, tuple[AnyPage, Head]] = {
    "home": (HOME, Head(title=CENTRE, can_go_back=False)),
    "attract": (ATTRACT, Head(title=CENTRE, can_go_back=False)),
    "choose-list": (KIND, Head(title="异地就医备案", step="第 2 步", notice="读好了，请先把身份证收好")),
    "choose-grid": (RIDERS, Head(title="小哥驿站签到", step="第 1 步")),
    "choose-body": (PROMISE, Head(title="异地就医备案", step="第 5 步")),
    "choose-long-body": (LONG_PROMISE, Head(title="异地就医备案", step="第 5 步")),
    "card": (CARD, Head(title="异地就医备案", step="先认一下您是谁")),
    "card-social": (SLOT, Head(title="异地就医备案", step="先认一下您是谁")),
    "card-phone": (PHONE_CODE, Head(title="异地就医备案", step="先认一下您是谁")),
    "card-again": (CARD_AGAIN, Head(title="异地就医备案", step="先认一下您是谁")),
    "card-without-network": (CODE_OFFLINE, Head(title="参保信息查询", step="先认一下您是谁")),
    "done": (KEPT, Head(title="异地就医备案", can_go_back=False)),
    "done-without-paper": (KEPT_WITHOUT_PAPER, Head(title="异地就医备案", can_go_back=False)),
    "done-perhaps-printed": (PERHAPS_PRINTED, Head(title="异地就医备案", can_go_back=False)),
    "done-certificate": (GIVEN, Head(title="参保证明", can_go_back=False)),
    "done-rider-without-paper": (RIDER_WITHOUT_PAPER, Head(title="小哥驿站签到", can_go_back=False)),
    "done-unsure": (UNSURE, Head(title="社保卡临时挂失与解挂", can_go_back=False)),
    "done-rider": (CHECKED_IN, Head(title="小哥驿站签到", can_go_back=False)),
    "preview": (PREVIEW, Head(title="参保信息查询")),
    "preview-copy": (COPY_PREVIEW, Head(title="异地就医备案", can_go_back=False)),
    "rating": (RATING, Head(title="参保信息查询", can_go_back=False)),
    "notice": (OFFLINE, Head(title="参保信息查询")),
    "notice-no-answer": (NO_ANSWER, Head(title="参保信息查询")),
    "notice-cannot-record": (CANNOT_RECORD, Head(title="异地就医备案")),
    "notice-not-recorded": (NOT_RECORDED, Head(title="异地就医备案")),
    "notice-at-desk": (AT_DESK, Head(title=CENTRE)),
    "notice-no-reader": (NO_READER, Head(title="参保信息查询", can_go_back=False)),
    "notice-no-list": (NO_LIST, Head(title="定点机构与药品目录")),
    "notice-help": (HELP, Head(title="参保信息查询")),
    "notice-out": (OUT_OF_ORDER, Head(title=CENTRE, can_go_back=False, can_leave=False)),
    "tick": (BOARD, Head(title="小哥驿站签到", step="第 2 步", notice="读好了，请先把身份证收好")),
    "digits-code": (CODE, Head(title="异地就医备案")),
    "digits-wrong": (CODE_WRONG, Head(title="异地就医备案")),
    "digits-pin": (PIN, Head(title="异地就医备案")),
    "digits-number": (NUMBER, Head(title="居民医保参保登记", step="第 2 步")),
    "digits-phone": (PHONE, Head(title="异地就医备案", step="第 6 步")),
    "number": (RECEIPT_NUMBER, Head(title="办件进度查询")),
    "number-wrong": (RECEIPT_NUMBER_WRONG, Head(title="办件进度查询")),
    "send-papers": (SEND_PAPERS, Head(title="门诊慢特病", step="第 6 步")),
    "send-papers-came": (SEND_PAPERS_CAME, Head(title="门诊慢特病", step="第 6 步")),
    "send-papers-over": (SEND_PAPERS_OVER, Head(title="门诊慢特病", step="第 6 步")),
    "send-papers-away": (SEND_PAPERS_AWAY, Head(title="门诊慢特病", step="第 6 步")),
    "place": (PLACE, Head(title="异地就医备案", step="第 3 步")),
    "day": (DAY, Head(title="异地就医备案", step="第 4 步")),
    "day-calendar": (ANY_DAY, Head(title="异地就医备案", step="第 4 步")),
    "confirm": (CONFIRM, Head(title="异地就医备案", step="第 7 步")),
    "confirm-long": (LONG_CONFIRM, Head(title="灵活就业人员参保登记", step="第 7 步")),
    "result": (RESULT, Head(title="个人账户查询", notice="读好了，请先把身份证收好")),
    "result-not-printed": (NOT_PRINTED, Head(title="参保信息查询")),
    "result-family": (FAMILY, Head(title="家庭共济", notice="读好了，请先把身份证收好")),
    "result-nothing": (NOTHING_FOUND, Head(title="参保信息查询")),
    "table": (RECORDS, Head(title="缴费记录查询")),
    "table-matters": (MATTERS, Head(title="我的办件")),
    "table-empty": (NO_MATTERS, Head(title="我的办件")),
    "wait-printing": (PRINTING, Head(title="参保信息查询", can_go_back=False, can_leave=False)),
    "wait": (WAIT, Head(title="参保信息查询")),
    "search": (SEARCH, Head(title=CENTRE)),
    "words": (ADDRESS, Head(title="居家养老服务预约", step="第 1 步")),
    "words-name": (NAME, Head(title="家庭共济", step="第 4 步")),
}


@dataclass(frozen=True, kw_only=True)
class Doing:
    """What happens to a sample before it is looked at: what is pressed, how long it stands, how the machine is."""

    of: str = ""
    presses: tuple[object, ...] = ()
    seconds: float = 0.0
    network: bool = True
    printer: PrinterState = "ready"


_NO_NETWORK, _NO_PRINTER = Doing(network=False), Doing(printer="lost")
MACHINES: dict[str, Doing] = {
    "card-without-network": _NO_NETWORK,
    "done": _NO_NETWORK,
    "done-without-paper": Doing(network=False, printer="lost"),
    "done-perhaps-printed": _NO_NETWORK,
    "done-rider-without-paper": _NO_PRINTER,
    "notice": _NO_NETWORK,
    "result-not-printed": _NO_PRINTER,
    "send-papers-away": _NO_NETWORK,
}
"""How the machine is where a sample would not be seen on another."""

STATES: dict[str, Doing] = {
    "home-without-network-and-paper": Doing(of="home", network=False, printer="lost"),
    "attract-without-network": Doing(of="attract", network=False),
    "choose-list-warned": Doing(of="choose-list", seconds=62),
    "digits-entered": Doing(of="digits-code", presses=("key:1", "key:2", "key:3")),
    "place-provinces": Doing(of="place", presses=("place:other",)),
    "day-other": Doing(of="day", presses=("day:other",)),
    "search-letters": Doing(of="search", presses=("key:s",)),
    "search-nothing": Doing(of="search", presses=("key:q", "key:q")),
    "number-entered": Doing(of="number", presses=("key:0", "key:0", "key:3")),
    "words-composing": Doing(of="words", presses=("key:x", "key:i")),
    "words-more": Doing(of="words", presses=("key:x", "key:i", "candidates:more")),
    "words-figures": Doing(of="words", presses=("key:x", "key:i", "candidate:0", "key:switch")),
    "place-written": Doing(of="place", presses=("place:write", "key:x", "key:m")),
    "place-nothing": Doing(of="place", presses=("place:write", "key:q", "key:q", "key:q", "key:q")),
    "wait-slow": Doing(of="wait", seconds=3),
}
"""Samples in a state that somebody or time brings them to."""
