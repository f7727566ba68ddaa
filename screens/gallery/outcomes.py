"""Pages that tell what became of something, of people who do not exist: made by the kiosk's own functions where they
can be, and in its words.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kiosk import printing, receipts, trouble_pages
from kiosk.catalog import at_desk_page
from kiosk.code_words import load_code_words
from kiosk.contract.acts import RiderCheckIn
from kiosk.contract.lookups import Found, FoundPart
from kiosk.contract.queries import Insurance, InsuranceStatus
from kiosk.contract.status import STATUS_PATH
from kiosk.equipment import PaperKind
from kiosk.insurance_words import load_insurance_words
from kiosk.items import Item
from kiosk.journeys import insurance_status, query, remote_care_filing, rider_check_in
from kiosk.journeys.remote_care_filing import Backing, Draft
from kiosk.journeys.telephone import Telephone
from kiosk.pages import Done, Notice, Option, ReceiptPreview, Result, Row, Sheet, Table, TableColumn, TableLine, Wait
from kiosk.remote_care import load_remote_care
from kiosk.station import load_station
from screens.gallery.people import (
    CATALOG,
    COPY,
    FIRST,
    NOON,
    NUMBER,
    ONCE_MORE,
    OUT_OF_PAPER,
    PERHAPS,
    PRINTED,
    SITE,
    TO_FAMILY,
    filed,
    somebody,
)

RULES = load_remote_care()
DRAFT = Draft(
    person=somebody("欧阳志远"),
    insured_place="350900",
    changes=None,
    kind=RULES.kind("long-stay"),
    place="350200",
    begin=date(2026, 3, 5),
    end=None,
    backing=Backing(proof="promise", witness=None),
    telephone=Telephone(typed=None, shown="138＊＊＊＊0000"),
)

KEPT = remote_care_filing.done(DRAFT, filed("kept", PRINTED), RULES, PRINTED, (COPY, TO_FAMILY))
KEPT_WITHOUT_PAPER = remote_care_filing.done(
    DRAFT,
    filed("kept", OUT_OF_PAPER, f"https://zj.example.com{STATUS_PATH}{NUMBER}"),
    RULES,
    OUT_OF_PAPER,
    (ONCE_MORE,),
)
PERHAPS_PRINTED = remote_care_filing.done(DRAFT, filed("kept", PERHAPS), RULES, PERHAPS, (COPY, TO_FAMILY))

GIVEN = Done(
    name="certificate",
    question="参保证明开好了",
    mood="done",
    rows=(
        Row(label="参保地", value="福建省 宁德市"),
        Row(label="时间范围", value="最近 2 年"),
        Row(label="核对码", value="3f2a 91c0"),
        Row(label="这个月开过", value="2 次"),
    ),
    next_steps=(
        "用手机扫码，点“存到手机”。",
        "手机上的核对码跟这里一样，就是同一份。",
        "过了时间就删掉了，还要的话得再开一次。",
    ),
    paper="用手机扫这个码",
    paper_is_there=False,
    qr="https://zj.example.com/d/Jm3Qx0b4VwS1rZk8PfT6uYc2NaLhE9dGoIiR7tXvB5M",
    qr_caption="请在 09:51 以前存好，不要给不认识的人扫。",
    actions=(
        Option(value="on-a4", label="打在 A4 纸上", icon="printer"),
        FIRST,
        Option(value="finish", label="存好了，清除我的信息", icon="check", primary=True),
    ),
)

STATUS_WORDS = load_insurance_words()
INSURED = InsuranceStatus(
    place="350900",
    as_of=NOON,
    rows=(
        Insurance(scheme="pension", insutype="110", status="1", unit="闽东快送服务部", begin=date(2021, 5, 1)),
        Insurance(
            scheme="unemployment",
            insutype="210",
            status="2",
            unit="环城路社区卫生服务中心老年日间照料与康复护理站（筹）",
            begin=date(2021, 5, 1),
            end=date(2025, 11, 30),
        ),
    ),
)
NOT_PRINTED = insurance_status.result(INSURED, STATUS_WORDS, OUT_OF_PAPER, (ONCE_MORE,))
NOTHING_FOUND = insurance_status.result(INSURED.model_copy(update={"rows": ()}), STATUS_WORDS, None, ())

_SLIP = receipts.plain(
    service="参保信息查询",
    rows=(
        Row(label="姓名", value="欧阳＊＊  尾号 112X"),
        Row(label="参保地", value="福建省 宁德市"),
        *(Row(label=STATUS_WORDS.scheme(row), value=STATUS_WORDS.status(row).label) for row in INSURED.rows),
    ),
    closing=("这是查询结果，不是证明", "社保的事可以打 12333 问"),
    at=NOON,
)
PREVIEW = ReceiptPreview(
    name="preview",
    question="要打这一张吗？",
    sheet=Sheet(blocks=tuple(printing.blocks(_SLIP, SITE, printing.Style(paper=PaperKind())))),
    actions=(
        Option(value="no", label="不用了", icon="close"),
        Option(value="print", label="打印", icon="printer-outline", primary=True),
    ),
)
_RARE = replace(DRAFT, person=somebody("\U00020bb7䶮\U0003134a㐂"), place="652800")
_NARROW = printing.Style(paper=PaperKind(columns=32))
COPY_PREVIEW = ReceiptPreview(
    name="preview",
    question="要补打这一张吗？",
    sheet=Sheet(
        blocks=tuple(
            printing.blocks(remote_care_filing.slip(_RARE, RULES, filed("kept", PRINTED)), SITE, _NARROW, copy=1)
        ),
        columns=32,
    ),
    actions=PREVIEW.actions,
)

_STATION = load_station()
_RIDER = RiderCheckIn(method="id-card", person=somebody("陈建国").reference, services=("meal-heating",))
CHECKED_IN = rider_check_in.checked_in(_STATION, _RIDER, None, (replace(FIRST, label="要张凭条"),))
RIDER_WITHOUT_PAPER = rider_check_in.checked_in(_STATION, _RIDER, OUT_OF_PAPER, (ONCE_MORE,))

_STATUS_ITEM = CATALOG.item("insurance-status")
OFFLINE = trouble_pages.unavailable(SITE, "offline", _STATUS_ITEM)
NO_ANSWER = trouble_pages.unavailable(SITE, "server", _STATUS_ITEM)
CANNOT_RECORD = trouble_pages.cannot_record(SITE, CATALOG.item("remote-care-filing"))
NOT_RECORDED = trouble_pages.not_recorded(SITE)
OUT_OF_ORDER = trouble_pages.out_of_order(SITE, "这台机器现在记不了东西，正在自动恢复。")
AT_DESK = at_desk_page(CATALOG.category("relief"), SITE.phone)
NO_READER = Notice(
    name="turned-away",
    question="这台机器不能读证件",
    hint="请到服务台办，工作人员马上帮您。",
    icon="information-outline",
    lines=("服务台电话：000-00000000",),
    actions=NOT_RECORDED.actions,
)
NO_LIST = Notice(
    name="no-list",
    question="这台机器还没有拿到这份目录",
    hint="连上网以后会自己去拿，请过一会儿再来。",
    icon="database-off-outline",
    mood="plain",
    lines=("着急的，打 12393 问。",),
    actions=(
        Option(value="other-list", label="找别的", icon="format-list-bulleted"),
        Option(value="finish", label="知道了", icon="check", primary=True),
    ),
)
HELP = Notice(
    name="help",
    question="要人帮忙，请到服务台",
    hint="也可以打电话：000-00000000",
    icon="face-agent",
    mood="plain",
    lines=("这一页替您留五分钟。",),
    awaits_staff=True,
    actions=(
        Option(value="leave", label="先不办了", icon="home"),
        Option(value="stay", label="我接着办", icon="arrow-left", primary=True),
    ),
)


def _looked_up(item: Item, *services: tuple[dict[str, str], ...]) -> Result | Table:
    """What a query of the catalogue shows where its services list these rows."""
    entry = item.query
    assert entry is not None
    parts = tuple(FoundPart(service=part.code, rows=rows) for part, rows in zip(entry.part, services, strict=True))
    found = Found(as_of=NOON, place="350900" if entry.place else None, parts=parts)
    reading = query.Reading(words=load_code_words(STATUS_WORDS), places=STATUS_WORDS.insured_places)
    return query.result(entry, reading, found, None, (FIRST,) if entry.on_paper else ())


RESULT = _looked_up(
    CATALOG.item("medical-account"),
    (
        {"kind": "310", "status": "1", "balance": "23456.78", "place": "350900"},
        {"kind": "390", "status": "2", "place": "350900"},
    ),
    (),
)
RECORDS = _looked_up(
    CATALOG.item("payments"),
    tuple(
        {
            "kind": kind,
            "first": f"2025{month:02d}",
            "last": f"2025{month:02d}",
            "own": f"{amount:.2f}",
            "employer": f"{2 * amount:.2f}",
            "paid-on": f"2025-{month:02d}-15",
        }
        for month in range(12, 0, -1)
        for kind, amount in (("110", 411.28 + 100 * month), ("210", 28.5))
    ),
)
MATTERS = Table(
    name="matters",
    question="您的办件",
    columns=(
        TableColumn(label="办的事"),
        TableColumn(label="办到哪了"),
        TableColumn(label="时间", number=True),
        TableColumn(label="登记号", number=True, rank=1),
        TableColumn(label="受理号", number=True, rank=2),
    ),
    lines=(
        TableLine(
            cells=("异地就医备案", "已提交，等审核", "2026-03-02", NUMBER, "YD20260302000123"),
            note="有了结果，这里看得到。",
        ),
        TableLine(
            cells=("异地就医备案", "需要补材料", "2026-02-11", "K001-26-000204-2MXRN", "YD20260211000045"),
            note="请带材料到服务台，工作人员帮您补上。",
        ),
        TableLine(cells=("异地就医备案", "已登记，还没有提交", "2026-03-05", "K001-26-000318-P0C9D", "")),
    ),
    nothing="刚登记的要过一会儿才看得到。",
    actions=(Option(value="finish", label="看好了", icon="check", primary=True),),
)
NO_MATTERS = Table(
    name="matters",
    question="没有找到您的办件",
    columns=MATTERS.columns,
    lines=(),
    nothing=MATTERS.nothing,
    actions=MATTERS.actions,
)

WAIT = Wait(name="wait", question="正在查，请稍等", slow="对方系统有点慢，请再等一下。")
PRINTING = Wait(name="wait", question="正在打印凭条，请稍等")
