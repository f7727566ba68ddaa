"""Pages of what is carried out at once, or is not known to be, of people who do not exist."""

from __future__ import annotations

from kiosk.pages import Done, Option, Result, Row, Section

UNSURE = Done(
    name="done",
    question="还不确定有没有办成",
    mood="wait",
    lines=("对方系统没有回音，还不知道办成没有。我们会一直问下去。", "社保那部分，现在就打 12333 停用。"),
    rows=(
        Row(label="持卡人", value="欧阳＊＊　尾号 112X"),
        Row(label="社保卡", value="尾号 0028"),
        Row(label="发卡银行", value="宁德示范银行"),
        Row(label="登记号", value="K001-26-000317-7Q4X7"),
    ),
    next_steps=(
        "先不要再办一次。",
        "银行那部分不在这里办，请打宁德示范银行 05930000000。",
        "结果在任何一台自助终端“我的办件”里看。",
    ),
    paper="请取走身份证和凭条",
    actions=(
        Option(value="again", label="再问一次", icon="refresh"),
        Option(value="copy", label="补打一张", icon="printer-outline"),
        Option(value="finish", label="办完了，清除我的信息", icon="check", primary=True),
    ),
)

FAMILY = Result(
    name="family",
    question="谁可以用您的医保钱？",
    hint="钱可以共济，卡不能共用。",
    sections=(
        Section(title="您的个人账户", rows=(Row(label="余额", value="1,286.40 元", private=True),)),
        Section(
            title="正在用的家人",
            rows=(
                Row(label="父母", value="林＊＊ 尾号 0028，2025年3月1日起"),
                Row(label="子女", value="欧阳＊＊ 尾号 0027，2026年9月1日起"),
            ),
        ),
    ),
    notes=("有医保个人账户、里面有钱的人，可以给家人用。", "家人要参加了基本医保。"),
    actions=(
        Option(value="add", label="加一位家人", icon="account-plus", primary=True),
        Option(value="remove", label="不让一位家人用了", icon="account-minus"),
        Option(value="finish", label="看好了", icon="check"),
    ),
)
