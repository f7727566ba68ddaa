"""A page of every kind, with ordinary, long and rare content: for the checks of the screens and for the gallery."""

from __future__ import annotations

from datetime import date

from kiosk.pages import Banner, Choose, Done, Head, Home, Notice, Option, Page, PlaceCard, Row

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

CARD = PlaceCard(
    name="card",
    question="请把身份证放到读卡区",
    where="在屏幕下方，发蓝光的地方",
    instruction="放好别动，听到“嘀”一声就好了",
)
CARD_AGAIN = PlaceCard(
    name="card",
    question="请把身份证放到读卡区",
    where="在屏幕下方，发蓝光的地方",
    instruction="放好别动，听到“嘀”一声就好了",
    problem="没有读到身份证。请拿开，再平放一次，听到“嘀”一声就好了。还是不行，请按“找人帮忙”。",
)
CARD_READING = PlaceCard(
    name="card", question="请把身份证放到读卡区", where="在屏幕下方，发蓝光的地方", instruction="", reading=True
)

KEPT = Done(
    name="done",
    question="已登记，还没有提交",
    mood="wait",
    lines=("网络恢复后，我们替您提交。", "要补材料时，会打您留的电话。"),
    rows=(
        Row(label="申请人", value="欧阳＊＊　尾号 112X"),
        Row(label="类型", value="长期住在外地"),
        Row(label="就医地", value="福建省 厦门市"),
        Row(label="开始日期", value="提交当天起，长期有效"),
        Row(label="登记号", value="K001-26-000317"),
    ),
    next_steps=("提交后由医保部门审核", "结果在任何一台自助终端“我的办件”里看", "着急住院，现在就打 12393"),
    paper="请取走身份证和凭条",
    actions=(
        Option(value="again", label="补打一张", icon="printer"),
        Option(value="end", label="办完了，清除我的信息", primary=True),
    ),
)
KEPT_WITHOUT_PAPER = Done(
    name="done",
    question="已登记，还没有提交",
    mood="wait",
    lines=KEPT.lines,
    rows=KEPT.rows,
    next_steps=KEPT.next_steps,
    paper="没有纸了，请用手机拍下这一页",
    qr="https://example.com/r/K001-26-000317",
    qr_caption="扫这个码，看办到哪一步了",
    actions=(Option(value="end", label="办完了，清除我的信息", primary=True),),
)
CHECKED_IN = Done(
    name="checked-in",
    question="签到好了",
    mood="done",
    lines=("热饭在右手第二个柜子。", "今天来过 38 位小哥。"),
    actions=(
        Option(value="undo", label="不对，改一下", icon="pencil"),
        Option(value="receipt", label="要一张凭条", icon="printer"),
        Option(value="end", label="知道了", primary=True),
    ),
    closes_after=3,
)

OFFLINE = Notice(
    name="offline",
    question="没有网络，现在查不了",
    hint="这件事要问医保部门的系统。",
    icon="wifi-off",
    lines=("请过一会儿再来，或者打 12393。", "着急住院的，现在就打 12393。"),
    actions=(
        Option(value="again", label="再试一次", icon="refresh", primary=True),
        Option(value="home", label="回首页", icon="home"),
    ),
)
OUT_OF_ORDER = Notice(
    name="out-of-order",
    question="这台机器暂时不能用",
    icon="wrench-outline",
    lines=("请到旁边的机器或者窗口办。", "窗口电话 000-00000000"),
)

AnyPage = Page[str] | Page[None] | Page[date] | Page[tuple[str, ...]]

SAMPLES: dict[str, tuple[AnyPage, Head]] = {
    "home": (HOME, Head(title=CENTRE, can_go_back=False)),
    "choose-list": (KIND, Head(title="异地就医备案", step="第 2 步，共 7 步", notice="读好了，请先把身份证收好")),
    "choose-grid": (RIDERS, Head(title="小哥驿站")),
    "choose-body": (PROMISE, Head(title="异地就医备案", step="第 5 步，共 7 步")),
    "card": (CARD, Head(title="异地就医备案", step="先认一下您是谁")),
    "card-again": (CARD_AGAIN, Head(title="异地就医备案", step="先认一下您是谁")),
    "card-reading": (CARD_READING, Head(title="异地就医备案", step="先认一下您是谁")),
    "done": (KEPT, Head(title="异地就医备案", step="已登记", can_go_back=False)),
    "done-without-paper": (KEPT_WITHOUT_PAPER, Head(title="异地就医备案", step="已登记", can_go_back=False)),
    "done-rider": (CHECKED_IN, Head(title="小哥驿站", can_go_back=False)),
    "notice": (OFFLINE, Head(title="异地就医备案")),
    "notice-out": (OUT_OF_ORDER, Head(title=CENTRE, can_go_back=False)),
}
