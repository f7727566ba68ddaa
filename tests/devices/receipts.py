"""Receipts to print, of people who do not exist."""

from __future__ import annotations

from devices.paper import Block, Pair, Qr, Rule, Text

FILING: list[Block] = [
    Text("环城路社区党群服务中心", align="center"),
    Text("异地就医备案", size="large", bold=True, align="center"),
    Text("登记凭条（还没有提交）", align="center"),
    Rule(),
    Pair("申请人", "欧阳＊＊（尾号 112X）"),
    Pair("类型", "长期住在外地"),
    Pair("就医地", "福建省 厦门市"),
    Pair("开始日期", "提交当天起，长期"),
    Pair("联系电话", "138＊＊＊＊0000"),
    Rule(),
    Text("已登记，还没有提交", size="large", bold=True),
    Text("网络恢复后我们替您提交，由医保部门审核。结果在任何一台自助终端“我的办件”里看。着急住院，请打12393。"),
    Rule(),
    Pair("登记号", "K001-26-000317", bold=True),
    Pair("时间", "2026-11-22 09:46"),
    Qr("https://kiosk.example.cn/q/K001-26-000317", caption="扫码查进度"),
    Rule(),
    Text("服务台 000-00000000 · 终端 K-001", align="center"),
    Text("看病时带社保卡或医保码", align="center"),
    Text("热敏纸会褪色，重要内容请拍照保存", align="center"),
]

RARE_NAME = "𠮷䶮㐂𪚥𫍽𬀩𡃁𤭢𠀋𠂆𫞩𰻝𱁬𮭡龘"
"""Fifteen characters from six extensions."""
