"""Pages that tell what became of something, with ordinary, long and rare content, of people who do not exist."""

from __future__ import annotations

from dataclasses import replace

from devices import paper
from kiosk.pages import (
    Done,
    Notice,
    Option,
    ReceiptPreview,
    Result,
    Row,
    Section,
    Sheet,
    Table,
    TableColumn,
    TableLine,
    Wait,
)
from screens.gallery.questions import CENTRE

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

GIVEN = Done(
    name="certificate",
    question="参保证明开好了",
    mood="done",
    rows=(
        Row(label="参保地", value="福建省 宁德市"),
        Row(label="时间范围", value="最近 2 年"),
        Row(label="文件校验码", value="3f2a 91c0"),
        Row(label="这个月开过", value="2 次"),
    ),
    next_steps=("扫开以后，点“存到手机”。", "过了时间就删掉了，还要的话得再开一次。"),
    paper="用手机扫这个码",
    paper_is_there=False,
    qr="https://zj.example.com/d/Jm3Qx0b4VwS1rZk8PfT6uYc2NaLhE9dGoIiR7tXvB5M",
    qr_caption="请在 09:51 以前存好。只给您自己扫。",
    actions=(
        Option(value="on-a4", label="打在 A4 纸上", icon="printer"),
        Option(value="print", label="打一张凭条", icon="printer-outline"),
        Option(value="end", label="存好了，清除我的信息", icon="check", primary=True),
    ),
)

PREVIEW = ReceiptPreview(
    name="preview",
    question="要打这一张吗？",
    sheet=Sheet(
        blocks=(
            paper.Text(CENTRE, align="center"),
            paper.Text("参保信息查询", size="large", bold=True, align="center"),
            paper.Text("凭条", align="center"),
            paper.Rule(),
            paper.Pair("姓名", "欧阳＊＊  尾号 112X"),
            paper.Pair("参保地", "福建省 宁德市"),
            paper.Pair("职工养老保险", "正在缴费"),
            paper.Pair("失业保险", "暂停缴费"),
            paper.Rule(),
            paper.Pair("时间", "2026-03-05 09:41"),
            paper.Rule(),
            paper.Text("服务台 000-00000000 · 终端 K-001", align="center"),
            paper.Text("这是查询结果，不是证明", align="center"),
            paper.Text("热敏纸会褪色，重要内容请拍照保存", align="center"),
        )
    ),
    actions=(
        Option(value="no", label="不用了", icon="close"),
        Option(value="print", label="打印", icon="printer-outline", primary=True),
    ),
)

COPY_PREVIEW = ReceiptPreview(
    name="preview",
    question="要补打这一张吗？",
    sheet=Sheet(
        blocks=(
            paper.Text(CENTRE, align="center"),
            paper.Text("异地就医备案", size="large", bold=True, align="center"),
            paper.Text("登记凭条（补打第 1 次）", align="center"),
            paper.Rule(),
            paper.Pair("申请人", "阿依＊＊  尾号 112X"),
            paper.Pair("姓名里的生僻字", "𠮷䶮\U0003134a㐂"),
            paper.Pair("类型", "长期住在外地"),
            paper.Pair("就医地", "新疆维吾尔自治区 巴音郭楞蒙古自治州"),
            paper.Pair("开始日期", "2026年3月5日起，长期"),
            paper.Rule(),
            paper.Text("已登记，还没有提交", size="large", bold=True),
            paper.Text("我们会替您提交，由医保部门审核。要补材料时，会打您留的电话。着急住院，现在就打 12393。"),
            paper.Rule(),
            paper.Pair("登记号", "K001-26-000317-7Q4X", bold=True),
            paper.Pair("时间", "2026-03-05 09:41"),
            paper.Qr("K001-26-000317-7Q4X", "登记号，工作人员扫一扫就能查"),
            paper.Rule(),
            paper.Text("服务台 000-00000000", align="center"),
            paper.Text("终端 K-001", align="center"),
            paper.Text("热敏纸会褪色，重要内容请拍照保存", align="center"),
        ),
        columns=32,
    ),
    actions=PREVIEW.actions,
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

PERHAPS_PRINTED = replace(
    KEPT,
    paper="凭条可能没有打全，请拍下登记号",
    paper_is_there=False,
    actions=(
        Option(value="copy", label="补打一张", icon="printer"),
        Option(value="end", label="办完了，清除我的信息", primary=True),
    ),
)
RIDER_WITHOUT_PAPER = replace(CHECKED_IN, paper="没有打出凭条，打印机没有纸了", paper_is_there=False, closes_after=6)

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

NO_ANSWER = Notice(
    name="unavailable",
    question="对方系统没有回应，现在查不了",
    hint="不是您的问题。等一会儿再试，或者打电话问。",
    icon="server-off",
    lines=("社保 12333，医保 12393", "服务台电话：000-00000000"),
    actions=OFFLINE.actions,
)
CANNOT_RECORD = Notice(
    name="cannot-record",
    question="现在登记不了",
    hint="这台机器暂时记不下来，您的事还没有办。等一会儿再试，或者到服务台办。",
    icon="alert-circle-outline",
    lines=("服务台电话：000-00000000",),
    actions=OFFLINE.actions,
)
NOT_RECORDED = Notice(
    name="not-recorded",
    question="刚才没有登记上",
    hint="这台机器记不下来了，您的事还没有办。请到服务台办。",
    icon="alert-circle-outline",
    lines=("服务台电话：000-00000000",),
    actions=(Option(value="home", label="知道了", icon="home", primary=True),),
)
AT_DESK = Notice(
    name="at-desk",
    question="民政救助的事，请到服务台办",
    hint="这台机器现在还不能办，工作人员会帮您。",
    icon="hand-heart",
    mood="plain",
    lines=("服务台电话：000-00000000",),
    actions=NOT_RECORDED.actions,
)
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
OUT_OF_ORDER = Notice(
    name="out-of-order",
    question="这台机器暂时不能用",
    icon="wrench-outline",
    lines=("请到旁边的机器或者窗口办。", "窗口电话 000-00000000"),
)

RESULT = Result(
    name="result",
    question="在宁德市查到 2 种保险",
    sections=(
        Section(
            title="职工养老保险",
            state="正在缴费",
            mood="done",
            rows=(
                Row(label="单位", value="闽东快送服务部"),
                Row(label="从", value="2021年5月"),
                Row(label="个人账户", value="23,456.78 元", private=True),
            ),
            meaning="交满年限、到了年龄，就能按月领养老金。",
        ),
        Section(
            title="失业保险",
            state="暂停缴费",
            mood="wait",
            rows=(Row(label="从", value="2021年5月"), Row(label="到", value="2025年11月")),
            meaning="换单位时常见。要自己接着交，请看“灵活就业参保登记”。",
        ),
    ),
    notes=("查询时间 2026年3月5日 09:41",),
    actions=(
        Option(value="print", label="打一张凭条", icon="printer"),
        Option(value="end", label="看完了，清除我的信息", primary=True),
    ),
)

NOTHING_FOUND = Result(
    name="nothing",
    question="没有查到参保记录",
    sections=(
        Section(
            title="宁德市",
            meaning="在宁德市没有查到您的参保记录。您可能在别的地方参保：请选参保地再查，或打 12333。",
        ),
    ),
    actions=(
        Option(value="other", label="换个地方再查", icon="map-search"),
        Option(value="end", label="看完了，清除我的信息", primary=True),
    ),
)

NOT_PRINTED = replace(RESULT, hint="没有打出凭条，打印机没有纸了")

WAIT = Wait(name="asking", question="正在查，请等一下", slow="正在等社保部门的系统回话，最多等十秒。")


RECORDS = Table(
    name="records",
    question="您的缴费记录",
    columns=(
        TableColumn(label="险种"),
        TableColumn(label="月份", number=True),
        TableColumn(label="个人交", number=True, private=True),
        TableColumn(label="单位交", number=True, private=True, rank=1),
        TableColumn(label="单位", rank=2),
    ),
    lines=tuple(
        TableLine(
            cells=(
                kind,
                f"2025年{month}月",
                f"{amount:,.2f}",
                f"{2 * amount:,.2f}",
                "环城路社区卫生服务中心老年日间照料与康复护理站（筹）" if month % 5 == 0 else "闽东快送服务部",
            )
        )
        for month in range(12, 0, -1)
        for kind, amount in (("职工养老保险", 411.28 + 100 * month), ("职工基本医疗保险", 98.5))
    ),
    nothing="这一年没有缴费记录。",
    actions=(
        Option(value="print", label="打一张凭条", icon="printer"),
        Option(value="end", label="看完了，清除我的信息", primary=True),
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
            cells=("异地就医备案", "已提交，等审核", "2026-03-02", "K001-26-000317-7Q4X", "YD20260302000123"),
            note="等医保部门审核",
        ),
        TableLine(
            cells=("异地就医备案", "需要补材料", "2026-02-11", "K001-26-000204-2MXR", "YD20260211000045"),
            note="请在十五天内把转诊单交到服务台",
        ),
        TableLine(cells=("异地就医备案", "已登记，还没有提交", "2026-03-05", "K001-26-000318-P0C9", "")),
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

PRINTING = Wait(name="wait", question="正在打印凭条，请稍等")
