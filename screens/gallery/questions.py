"""Pages that ask, with ordinary, long and rare content, of people who do not exist: made by the kiosk's own functions
where they can be, and in its words.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from kiosk.contract.messages import CodeSent
from kiosk.contract.queries import Filings
from kiosk.contract.uploads import Arrived, UploadOpened, UploadState, WantedPaper
from kiosk.journeys import remote_care_filing
from kiosk.journeys.by_number import ask_number
from kiosk.journeys.family_account import ask_name
from kiosk.journeys.papers import as_it_is, sending
from kiosk.journeys.rider_check_in import choose_category
from kiosk.pages import (
    Attract,
    Banner,
    ChooseDay,
    ChoosePlace,
    Confirm,
    Digits,
    Home,
    Option,
    PlaceCard,
    Province,
    Row,
    Search,
    Tick,
    Words,
)
from kiosk.rating import stars_page
from kiosk.second_check import ask_code
from kiosk.station import load_station
from screens.gallery.outcomes import DRAFT, RULES
from screens.gallery.people import CATALOG, SITE

CENTRE = SITE.name

HOME = Home(
    name="home",
    question="您好，今天想办什么？",
    hint="点一下要办的事，再把身份证放到读卡区。",
    large=(
        Option(value="social", label="社保", icon="shield-account", note="养老金、开证明、社保卡"),
        Option(value="medical", label="医保", icon="hospital-box", note="报销、外地就医、慢特病"),
    ),
    small=(
        Option(value="work", label="就业创业", icon="briefcase"),
        Option(value="aid", label="民政救助", icon="hand-heart"),
        Option(value="elderly", label="养老助残", icon="human-cane"),
        Option(value="health", label="卫生健康", icon="heart-pulse"),
        Option(value="housing", label="住房城建", icon="home-city"),
        Option(value="party", label="党员服务", icon="flag"),
        Option(value="daily", label="便民服务", icon="store"),
        Option(value="all", label="全部事项", icon="view-grid"),
    ),
    search=Option(value="search", label="找不到？写一写，例如：卡丢了", icon="magnify"),
    banner=Banner(
        value="rider",
        title="小哥驿站",
        lines=("十一项服务，都免费", "今天来过 37 位小哥"),
        action="小哥点这里",
        icon="motorbike",
    ),
    foot=(Option(value="mine", label="我的办件", icon="clipboard-check"),),
    care=(
        Option(value="social", label="养老金和社保", icon="shield-account"),
        Option(value="medical", label="医保看病", icon="hospital-box"),
        Option(value="proof", label="开参保证明", icon="file-certificate"),
        Option(value="mine", label="我的办件", icon="clipboard-check"),
        Option(value="canteen", label="老人食堂", icon="bowl-mix"),
    ),
)

ATTRACT = Attract(
    name="attract",
    question="碰一下屏幕，就开始",
    place=CENTRE,
    offers=(
        Row(label="社保", value="养老金、开证明、社保卡"),
        Row(label="医保", value="报销、外地就医、慢特病"),
    ),
    also=("Touch the screen to begin",),
)

KIND = remote_care_filing.choose_kind(DRAFT.person, RULES)

RIDERS = choose_category(load_station())

PROMISE = remote_care_filing.proof_or_promise(DRAFT.person, DRAFT.kind, RULES)

LONG_PROMISE = replace(
    PROMISE,
    name="long-proof",
    body=(
        *PROMISE.body,
        *("本人知道：" + "承诺不实的，备案取消，多报的费用退回，并按规定记入个人信用。" * 6 for _part in range(3)),
    ),
)

ID_CARD = Option(value="id-card", label="身份证", icon="card-account-details")

SOCIAL_CARD = Option(value="social-card", label="社保卡", icon="credit-card-chip")

MEDICAL_CODE = Option(value="code", label="手机医保码", icon="qrcode-scan")

CARD = PlaceCard(
    name="card",
    question="请把身份证放到读卡区",
    where="在屏幕下方，发蓝光的地方",
    instruction="放好别动，听到“嘀”一声就好了",
    others=(SOCIAL_CARD, MEDICAL_CODE),
)

SLOT = PlaceCard(
    name="card",
    question="请插入社保卡",
    where="芯片朝前，插到底",
    instruction="先别拔，看到下一页再拔",
    way="social-card",
    others=(ID_CARD, MEDICAL_CODE),
    problem="没有读到社保卡。请拔出来，芯片朝前再插到底。还是不行，请按“找人帮忙”。",
)

PHONE_CODE = PlaceCard(
    name="card",
    question="请打开医保码或电子社保卡",
    where="把手机屏幕对着扫码口",
    instruction="离一拳远，听到“嘀”一声就好了",
    way="code",
    others=(ID_CARD, SOCIAL_CARD),
)

CODE_OFFLINE = PlaceCard(
    name="card",
    question="请打开医保码或电子社保卡",
    where="把手机屏幕对着扫码口",
    instruction="离一拳远，听到“嘀”一声就好了",
    way="code",
    others=(ID_CARD, SOCIAL_CARD),
    problem="现在没有网络，扫码用不了。请用身份证或社保卡。",
)
CARD_AGAIN = PlaceCard(
    name="card",
    question="请把身份证放到读卡区",
    where="在屏幕下方，发蓝光的地方",
    instruction="放好别动，听到“嘀”一声就好了",
    others=(SOCIAL_CARD, MEDICAL_CODE),
    problem="没有读到身份证。请拿开，再平放一次，听到“嘀”一声就好了。还是不行，请按“找人帮忙”。",
)

BOARD = Tick(
    name="board",
    question="陈师傅，您好。要用点什么？",
    hint="已按上次选好，直接点“签到”。",
    options=(
        Option(value="water", label="饮水", icon="cup-water"),
        Option(value="charge", label="手机充电", icon="battery-charging"),
        Option(value="meal", label="热饭", icon="microwave"),
        Option(value="rest", label="歇脚", icon="seat"),
        Option(value="warm", label="取暖", icon="fire"),
        Option(value="rain", label="雨具", icon="umbrella"),
        Option(value="toilet", label="如厕", icon="human-male-female"),
        Option(value="medicine", label="应急药品", icon="medical-bag"),
        Option(value="wifi", label="免费 Wi-Fi", icon="wifi"),
        Option(value="read", label="看书", icon="book-open-page-variant"),
        Option(value="cool", label="纳凉", icon="snowflake", note="冬季停用", enabled=False),
    ),
    chosen=("water", "charge", "meal"),
    action="签到",
)

_SENT = CodeSent(telephone="138＊＊＊＊0000", seconds=300)
CODE = ask_code(_SENT, "", of=DRAFT.person, witnesses=False)
CODE_WRONG = ask_code(_SENT, "数字没有对上，请看一下短信，再输一次。还可以试 2 次。", of=DRAFT.person, witnesses=False)

PIN = Digits(
    name="worker-pin",
    question="林芳，请输入您的作证密码",
    hint="输的时候，请用手挡一下。",
    length=6,
    groups=(3, 3),
    action="确定",
    secret=True,
    awaits_staff=True,
)

NUMBER = Digits(
    name="number",
    question="请输入孩子的身份证号",
    hint="在户口本上孩子那一页。",
    length=18,
    groups=(4, 4, 4, 6),
    action="确定",
    may_end_in_x=True,
)

PHONE = Digits(
    name="phone",
    question="请输入您的手机号",
    hint="要补材料时，会打这个电话。没有手机的，写家里人的号码。",
    length=11,
    groups=(3, 4, 4),
    action="确定",
)

_PROVINCES = [
    "北京市",
    "天津市",
    "河北省",
    "山西省",
    "内蒙古自治区",
    "辽宁省",
    "吉林省",
    "黑龙江省",
    "上海市",
    "江苏省",
    "浙江省",
    "安徽省",
    "福建省",
    "江西省",
    "山东省",
    "河南省",
    "湖北省",
    "湖南省",
    "广东省",
    "广西壮族自治区",
    "海南省",
    "重庆市",
    "四川省",
    "贵州省",
    "云南省",
    "西藏自治区",
    "陕西省",
    "甘肃省",
    "青海省",
    "宁夏回族自治区",
    "新疆维吾尔自治区",
]

_CITIES = {
    "福建省": "福州市 厦门市 莆田市 三明市 泉州市 漳州市 南平市 龙岩市 宁德市",
    "海南省": "海口市 三沙市 儋州市 五指山市 琼海市 文昌市 万宁市 东方市 定安县 屯昌县 澄迈县 临高县 白沙黎族自治县",
}


def _province(name: str) -> Province:
    cities = _CITIES.get(name, name).split()
    return Province(name=name, cities=tuple(Option(value=f"{name}{c}", label=c) for c in cities))


PLACE = ChoosePlace(
    name="place",
    question="要去哪里看病？",
    hint="选到市就可以，不用选医院。",
    common=tuple(
        Option(value=f"福建省{city}", label=city)
        for city in ("厦门市", "福州市", "泉州市", "漳州市", "莆田市", "南平市")
    ),
    provinces=tuple(_province(name) for name in _PROVINCES),
)

DAY = ChooseDay(
    name="begin",
    question="从哪天开始？",
    hint="长期的只选开始那天，不用选结束。",
    first=date(2026, 3, 5),
    last=date(2026, 6, 3),
    likely=(Option(value=date(2026, 3, 5), label="今天"), Option(value=date(2026, 3, 6), label="明天")),
)

ANY_DAY = replace(DAY, name="any-day", last=date(2026, 9, 5), likely=())

CONFIRM = remote_care_filing.confirm(
    DRAFT, Filings(insured_place="350900", status="1", filings=(), telephone=DRAFT.telephone.shown), RULES
)

LONG_CONFIRM = Confirm(
    name="long-confirm",
    question="请看一遍，都对吗？",
    rows=(
        Row(label="申请人", value="阿依古丽·买买提江·吐尔逊"),
        Row(label="姓名", value="𠮷䶮\U0003134a㐂"),
        Row(
            label="住在哪里",
            value="新疆维吾尔自治区巴音郭楞蒙古自治州和静县巴音布鲁克镇幸福路一百二十三号院八号楼二单元",
        ),
        Row(label="身份证号", value="1101 0119 5503 0700 2X"),
        Row(label="单位", value="环城路社区卫生服务中心老年日间照料与康复护理站（筹）"),
        *(Row(label=f"第 {number} 项", value="一二三四五六七八九十" * 2) for number in range(1, 7)),
    ),
    notes=("看病时带社保卡或医保码。",),
    action="没错，提交",
)

SEARCH = Search(
    name="search",
    question="要办什么？写一写",
    hint="例如“卡丢了”，按 K D L，或写 kadiule。",
    options=tuple(
        replace(CATALOG.item(code).option, value=value)
        for value, code in (
            ("lost", "card-lost"),
            ("remote", "remote-care-filing"),
            ("status", "insurance-status"),
            ("pension", "pension-check"),
            ("proof", "insured-proof"),
            ("flexible", "self-paid"),
            ("chronic", "chronic"),
            ("canteen", "canteen"),
        )
    ),
    nothing="没有找到。请到服务台问一下，工作人员会帮您。",
)

ADDRESS = Words(name="address", question="请到哪里上门？", longest=40, action="确定", example="幸福里小区3号楼2单元501")
NAME = ask_name()

RECEIPT_NUMBER = ask_number("K001-26-")
RECEIPT_NUMBER_WRONG = ask_number("K001-26-", "这个号对不上，可能看错了一个字。请对着凭条再看一遍。")

_PAPERS = (
    WantedPaper(code="history", label="门诊病历或出院小结"),
    WantedPaper(code="examination", label="检查报告"),
)
_OPEN = UploadState(id=UUID(int=7), seconds=600, telephone=False, finished=False, closed=False, news=0, arrived=())
_CAME = tuple(Arrived(id=UUID(int=number), paper="history") for number in range(3))
SEND_PAPERS = sending(UploadOpened(url="https://zj.example.com/u/kN3vQxR7cW2mZ8tLpA5dYh4s", upload=_OPEN), _PAPERS)
SEND_PAPERS_CAME = as_it_is(
    SEND_PAPERS, _OPEN.model_copy(update={"seconds": 312, "telephone": True, "news": 4, "arrived": _CAME})
)
SEND_PAPERS_OVER = as_it_is(SEND_PAPERS, _OPEN.model_copy(update={"seconds": 0}))
SEND_PAPERS_AWAY = as_it_is(SEND_PAPERS, None)

RATING = stars_page()
