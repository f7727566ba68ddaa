"""Pages that ask, with ordinary, long and rare content, of people who do not exist."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from kiosk.contract.uploads import Arrived, UploadOpened, UploadState, WantedPaper
from kiosk.journeys.papers import as_it_is, sending
from kiosk.pages import (
    Attract,
    Banner,
    Choose,
    ChooseDay,
    ChoosePlace,
    Confirm,
    Digits,
    EnterNumber,
    Home,
    Option,
    PlaceCard,
    Province,
    Rating,
    Row,
    Search,
    Tick,
    Words,
)

CENTRE = "环城路社区党群服务中心"

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

KIND = Choose(
    name="kind",
    question="您去外地看病，是哪一种情况？",
    hint="急诊抢救不用先备案。",
    options=(
        Option(value="retired", label="退休后定居外地，户口也迁了", icon="home-heart"),
        Option(value="resident", label="长期住在外地", icon="home-clock", note="如帮带孩子、投靠子女"),
        Option(value="posted", label="单位派到外地工作", icon="briefcase"),
        Option(value="referred", label="本地医院开了转诊", icon="hospital-building"),
        Option(value="temporary", label="临时去外地看病", icon="bag-suitcase"),
    ),
)

RIDERS = Choose(
    name="category",
    question="您是哪一行的小哥？",
    hint="点一下就算来过，不用身份证。",
    layout="grid",
    options=(
        Option(value="food", label="外卖", icon="moped"),
        Option(value="parcel", label="快递", icon="truck-delivery"),
        Option(value="ride", label="网约车", icon="taxi"),
        Option(value="clean", label="环卫", icon="broom"),
        Option(value="other", label="其他", icon="account-hard-hat"),
    ),
    aside=Option(value="card", label="放身份证签到，能积分、能借雨具", icon="card-account-details"),
)

PROMISE = Choose(
    name="proof",
    question="您有异地居住的证明吗？",
    body=(
        "没有证明也可以办：您承诺自己确实长期住在那里，就不用再交证明。",
        "本人承诺：所填内容真实，确在就医地长期居住；情况有变化时会及时变更或取消备案。如不属实，愿意退回多报的费用，"
        "并承担相应责任。",
    ),
    options=(
        Option(value="promise", label="没有证明，我承诺情况属实", icon="hand-back-right", primary=True),
        Option(value="proof", label="有证明，用手机扫码上传", icon="qrcode"),
    ),
)

LONG_PROMISE = Choose(
    name="long-proof",
    question="您有异地居住的证明吗？",
    body=(
        *PROMISE.body,
        *("本人知道：" + "承诺不实的，备案取消，多报的费用退回，并按规定记入个人信用。" * 6 for _part in range(3)),
    ),
    options=PROMISE.options,
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
    others=(ID_CARD,),
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
        Option(value="rain", label="雨具", icon="umbrella", note="剩 2 把"),
        Option(value="toilet", label="如厕", icon="human-male-female"),
        Option(value="medicine", label="应急药品", icon="medical-bag"),
        Option(value="wifi", label="免费 Wi-Fi", icon="wifi"),
        Option(value="read", label="看书", icon="book-open-page-variant"),
        Option(value="cool", label="纳凉", icon="snowflake", note="冬季停用", enabled=False),
    ),
    chosen=("water", "charge", "meal"),
    action="签到",
)

CODE = Digits(
    name="code",
    question="请输入短信里的六位数字",
    hint="发到了尾号 0000 的手机上。",
    length=6,
    action="好了",
    aside=Option(value="again", label="没收到，再发一次", icon="message-text-clock"),
)

CODE_WRONG = Digits(
    name="code",
    question="请输入短信里的六位数字",
    hint="发到了尾号 0000 的手机上。",
    length=6,
    action="好了",
    problem="数字不对，还能再试 2 次。请看清短信，再输入一次。",
    aside=CODE.aside,
)

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
    question="请输入他的身份证号",
    hint="户口本上也有。",
    length=18,
    groups=(4, 4, 4, 6),
    action="确定",
    may_end_in_x=True,
)

PHONE = Digits(
    name="phone",
    question="请输入您的手机号",
    hint="要补材料时，打这个电话。",
    length=11,
    groups=(3, 4, 4),
    action="就用这个号码",
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
    question="您去哪里看病？",
    hint="选到市就可以，不用选医院。",
    common=tuple(
        Option(value=f"福建省{city}", label=city)
        for city in ("厦门市", "福州市", "泉州市", "漳州市", "莆田市", "南平市")
    ),
    provinces=tuple(_province(name) for name in _PROVINCES),
)

DAY = ChooseDay(
    name="day",
    question="从哪一天开始？",
    hint="长期居住的备案，没有结束的日子。",
    first=date(2026, 3, 5),
    last=date(2026, 9, 5),
    likely=(
        Option(value=date(2026, 3, 5), label="今天", note="3月5日，星期四", icon="calendar-today"),
        Option(value=date(2026, 3, 6), label="明天", note="3月6日，星期五", icon="calendar-arrow-right"),
        Option(value=date(2026, 4, 1), label="下个月1日", note="4月1日，星期三", icon="calendar"),
    ),
)

ANY_DAY = ChooseDay(name="any-day", question="从哪一天开始？", first=date(2026, 3, 5), last=date(2026, 9, 5), likely=())

CONFIRM = Confirm(
    name="confirm",
    question="请看一看，对不对？",
    rows=(
        Row(label="申请人", value="欧阳＊＊　尾号 112X"),
        Row(label="类型", value="长期住在外地"),
        Row(label="就医地", value="福建省 厦门市"),
        Row(label="开始日期", value="提交当天起，长期有效"),
        Row(label="证明", value="没有证明，承诺情况属实"),
        Row(label="电话", value="138＊＊＊＊0000"),
    ),
    notes=("按“对，就这样办”，就登记了。看病时带社保卡或医保码。",),
    action="对，就这样办",
)

LONG_CONFIRM = Confirm(
    name="long-confirm",
    question="请看一看，对不对？",
    rows=(
        Row(label="申请人", value="阿依古丽·买买提江·吐尔逊"),
        Row(label="姓名里的生僻字", value="𠮷䶮\U0003134a㐂"),
        Row(
            label="现在居住的地方",
            value="新疆维吾尔自治区巴音郭楞蒙古自治州和静县巴音布鲁克镇幸福路一百二十三号院八号楼二单元",
        ),
        Row(label="证件号码", value="1101 0119 5503 0700 2X"),
        Row(label="单位", value="环城路社区卫生服务中心老年日间照料与康复护理站（筹）"),
        *(Row(label=f"第 {number} 项", value="一二三四五六七八九十" * 2) for number in range(1, 7)),
    ),
    notes=("看病时带社保卡或医保码。",),
    action="对，就这样办",
)

SEARCH = Search(
    name="search",
    question="您要办什么？",
    options=(
        Option(value="lost", label="社保卡丢了，先停用", icon="card-remove", words=("卡丢了", "挂失", "社保卡挂失")),
        Option(value="remote", label="异地就医备案", icon="hospital-box", words=("外地看病备案",)),
        Option(value="status", label="参保信息查询", icon="shield-search", words=("查社保",)),
        Option(value="pension", label="领养老金资格认证", icon="account-check", words=("认证",)),
        Option(value="proof", label="开参保证明", icon="file-certificate", words=("开证明",)),
        Option(value="flexible", label="灵活就业参保登记", icon="briefcase"),
        Option(value="chronic", label="门诊慢特病", icon="pill", words=("高血压", "糖尿病")),
        Option(value="canteen", label="老年食堂", icon="bowl-mix", words=("吃饭",)),
    ),
    nothing="没有找到。换个字母试试，或者按“找人帮忙”。",
)

ADDRESS = Words(
    name="address",
    question="您现在住在哪里？",
    hint="写到门牌号，不用写省和市。",
    longest=60,
    action="就是这里",
    example="环城路12号3单元501室",
)
NAME = Words(name="name", question="您家人叫什么名字？", longest=20, action="写好了", example="阿依古丽·买买提")

RECEIPT_NUMBER = EnterNumber(
    name="number",
    question="请输入登记号",
    hint="在凭条下面，像这样：K001-26-000317-7Q4X7",
    begins="K001-26-",
    by_scanner="也可以不输：把凭条上的码对着扫码口",
    action="查一查",
)
RECEIPT_NUMBER_WRONG = replace(RECEIPT_NUMBER, problem="这个号对不上，可能看错了一个字。请对着凭条再看一遍。")

_PAPERS = (
    WantedPaper(code="residence", label="居住证，或者房产证、租房合同"),
    WantedPaper(code="other", label="别的材料"),
)
_OPEN = UploadState(id=UUID(int=7), seconds=600, telephone=False, finished=False, closed=False, news=0, arrived=())
_CAME = tuple(Arrived(id=UUID(int=number), paper="residence") for number in range(3))
SEND_PAPERS = sending(UploadOpened(url="https://zj.example.com/u/kN3vQxR7cW2mZ8tLpA5dYh4s", upload=_OPEN), _PAPERS)
SEND_PAPERS_CAME = as_it_is(
    SEND_PAPERS, _OPEN.model_copy(update={"seconds": 312, "telephone": True, "news": 4, "arrived": _CAME})
)
SEND_PAPERS_OVER = as_it_is(SEND_PAPERS, _OPEN.model_copy(update={"seconds": 0}))
SEND_PAPERS_AWAY = as_it_is(SEND_PAPERS, None)

RATING = Rating(
    name="rating",
    question="请给这次服务打个分（可以不打）",
    hint="不记名，没有人知道是谁打的。",
    options=(
        Option(value=1, label="非常不满意", icon="emoticon-angry-outline"),
        Option(value=2, label="不满意", icon="emoticon-sad-outline"),
        Option(value=3, label="基本满意", icon="emoticon-neutral-outline"),
        Option(value=4, label="满意", icon="emoticon-happy-outline"),
        Option(value=5, label="非常满意", icon="emoticon-excited-outline"),
    ),
    skip=Option(value=0, label="不打了", icon="close"),
    closes_after=15,
)
