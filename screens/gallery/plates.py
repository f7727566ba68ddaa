"""A plate for each widget: how it looks in each of its states, with a word under each. Pages of the gallery alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from devices import paper
from kiosk.pages import Banner, Option, Page, Row, Table, TableColumn, TableLine
from screens.banner import BannerTile
from screens.countdown import Countdown
from screens.frame import IdleWarning
from screens.gallery.people import NUMBER
from screens.layout import Block, Column, Grid, Space
from screens.layout import Row as Beside
from screens.qr_code import QrCode
from screens.receipt_preview import Sheet, on_screen
from screens.stepper import Stepper
from screens.table import TableHead, TableRow, column_widths
from screens.text import Text
from screens.theme import Rect, Theme
from screens.touch import Gate, Target
from screens.view import Setting, View, in_reach
from screens.widgets import (
    Button,
    Card,
    FactRow,
    Field,
    Key,
    ListRow,
    Notes,
    Pager,
    Problem,
    Rule,
    Tile,
    numbered,
    ruled,
)

Shown = Sequence[tuple[str, Block]]


@dataclass(frozen=True, kw_only=True)
class Plate(Page[None]):
    """One widget in its states."""

    show: Callable[[Theme, Gate, float], Shown]


class PlateView(View):
    """The states below each other, each under its word; as many as there is room for."""

    def __init__(self, setting: Setting, page: Plate) -> None:
        super().__init__(setting, page)
        self.page = page

    def answer(self, zone: Rect) -> Block:
        look, blocks, used = self.look, list[Block](), 0.0
        for words, block in self.page.show(look, self.gate, zone.width):
            part = Column([Text(look, words, "body", "soft"), block], gap=look.mm(2))
            used += part.fit(zone.width) + look.size("gap")
            if used > zone.height and blocks:
                break
            blocks.append(part)
        plates = Column(blocks, gap=look.size("gap"))
        return in_reach(look, zone, plates, plates.fit(zone.width))


def _nothing() -> None:
    """What a press of an exhibit does."""


def _pressed(target: Target) -> Target:
    """As it looks under the finger."""
    arrange = target.arrange

    def pressed() -> None:
        arrange()
        target.dress(pressed=True)

    target.arrange = pressed  # type: ignore[method-assign]
    return target


def _option(label: str, *, note: str = "", enabled: bool = True, primary: bool = False) -> Option[str]:
    return Option(
        value=f"{label} {note}", label=label, note=note, icon="card-account-details", enabled=enabled, primary=primary
    )


def _buttons(look: Theme, gate: Gate, width: float) -> Shown:
    def button(number: int, label: str) -> Button:
        return Button(look, gate, f"{label} {number}", _nothing, label=label, icon="printer")

    red = Button(look, gate, "red", _nothing, label="没错，提交", fill="red", style="strong")
    white = Button(look, gate, "white", _nothing, label="换一个", fill="card")
    not_yet = Button(look, gate, "not yet", _nothing, label="确定", fill="red", style="strong", enabled=False)
    noted = Button(look, gate, "noted", _nothing, label="签到", note="饮水　热饭", fill="red", style="heading")
    return (
        ("平常的", button(1, "补打一张")),
        ("手指按着", _pressed(button(2, "补打一张"))),
        ("下一步，一页只有一个", red),
        ("别的办法", white),
        ("现在还不能按", not_yet),
        ("带说明", noted),
    )


def _tiles(look: Theme, gate: Gate, width: float) -> Shown:
    def tile(option: Option[str], *, chosen: bool = False, large: bool = False) -> Tile:
        made = Tile(look, gate, option, _nothing, chosen=chosen, large=large)
        made.least_height = look.size("tile")
        return made

    usual = [tile(_option("热饭")), tile(_option("社保", note="养老金、开证明、社保卡"))]
    marked = [tile(_option("饮水"), chosen=True), tile(_option("纳凉", note="冬季停用", enabled=False))]
    beside = Tile(look, gate, _option("手机充电"), _nothing, chosen=True, beside=True)
    beside.least_height = look.size("button")
    gap = look.size("gap")
    return (
        ("平常的，带说明的", Grid(usual, columns=2, gap=gap)),
        ("选了的，现在没有的", Grid(marked, columns=2, gap=gap)),
        (
            "手指按着，大字的",
            Grid([_pressed(tile(_option("医保"), large=True)), tile(_option("社保"), large=True)], columns=2, gap=gap),
        ),
        ("图在左边的", beside),
    )


def _list_rows(look: Theme, gate: Gate, width: float) -> Shown:
    rows = (
        ("平常的", ListRow(look, gate, _option("长期住在外地", note="比如帮带孩子、跟儿女住"), _nothing)),
        ("手指按着", _pressed(ListRow(look, gate, _option("单位派到外地工作"), _nothing))),
        ("上次选的", ListRow(look, gate, _option("临时去外地看病"), _nothing, chosen=True)),
        ("下一步", ListRow(look, gate, _option("没有，我承诺情况属实", primary=True), _nothing)),
        ("现在没有的", ListRow(look, gate, _option("本地医院开了转诊", enabled=False), _nothing)),
    )
    return rows[: look.list_limit]


def _keys(look: Theme, gate: Gate, width: float) -> Shown:
    def key(what: str, *, label: str = "", icon: str = "") -> Key:
        return Key(look, gate, what, _nothing, label=label or what, icon=icon)

    gap = look.size("key gap")
    return (
        ("平常的", Grid([key("1"), key("2"), key("3")], columns=3, gap=gap)),
        (
            "手指按着",
            Grid([_pressed(key("4")), key("5"), key("delete", label="删除", icon="backspace")], columns=3, gap=gap),
        ),
    )


def _cards(look: Theme, gate: Gate, width: float) -> Shown:
    rows = [
        FactRow(look, Row(label="就医地", value="福建省 厦门市")),
        FactRow(look, Row(label="个人账户", value="23,456.78 元", private=True), covered=True),
        FactRow(look, Row(label="单位", value="环城路社区卫生服务中心老年日间照料与康复护理站（筹）")),
    ]
    steps = Column(numbered(look, "接下来", ("看病时带社保卡或医保码。", "着急住院，现在就打 12393。")), gap=look.mm(1))
    return (
        ("一样一行，盖着的", Card(look, ruled(look, rows))),
        ("一步一步", Card(look, steps, fill="sand")),
        ("一段话", Card(look, Notes(look, ("没有也能办，看一遍下面的话再承诺。",)), fill="sand")),
        (
            "没成，怎么办",
            Problem(look, "没有读到身份证。请拿开，再平放一次，听到“嘀”一声就好了。还是不行，请按“找人帮忙”。"),
        ),
    )


def _pagers(look: Theme, gate: Gate, width: float) -> Shown:
    return tuple(
        (words, Pager(look, gate, page, pages, lambda _to: None))
        for words, page, pages in (("第一页", 0, 3), ("中间", 1, 3), ("很多页", 28, 30))
    )


def _tables(look: Theme, gate: Gate, width: float) -> Shown:
    columns = (TableColumn(label="险种"), TableColumn(label="月份", number=True), TableColumn(label="单位", rank=1))
    lines = (
        TableLine(cells=("养老保险", "2025年12月", "闽东快送服务部")),
        TableLine(cells=("医保", "2025年1月", "环城路社区卫生服务中心"), note="换单位时常见。"),
    )
    inner = width - 2 * look.size("pad")
    page = Table(name="table", question="", columns=columns, lines=lines, nothing="", actions=())

    def card(widths: dict[int, float]) -> Card:
        rows: list[Block] = [TableHead(look, columns, widths)]
        for line in lines:
            rows += [Rule(look), TableRow(look, columns, line, widths)]
        return Card(look, Column(rows))

    narrow = {0: inner / 2, 1: inner / 2 - look.mm(6)}
    return (("放得下的都在表里", card(column_widths(look, page, inner) or narrow)), ("窄的，写在下面", card(narrow)))


def _codes(look: Theme, gate: Gate, width: float) -> Shown:
    number = NUMBER
    slip: tuple[paper.Block, ...] = (
        paper.Text("登记凭条（补打第 1 次）", align="center"),
        paper.Rule(),
        paper.Pair("登记号", number, bold=True),
    )
    sheet = Sheet(look, Column(list(on_screen(look, slip, width - 2 * look.size("pad")))))
    code = Beside([QrCode(look, number, look.mm(44)), Space(grows=1)])
    return (("二维码", Card(look, code)), ("凭条", sheet))


def _fields(look: Theme, gate: Gate, width: float) -> Shown:
    return (
        ("还没有写", Field(look, Text(look, "例如：卡丢了，或按 K D L", "body", "soft"))),
        ("写了", Field(look, Text(look, "KDL", "key", "ink"))),
        ("多一点，少一点", Stepper(look, gate, 3, least=1, most=9, unit="份", turn=lambda _to: None)),
        ("到头了", Stepper(look, gate, 9, least=1, most=9, unit="份", turn=lambda _to: None)),
    )


def _countdowns(look: Theme, gate: Gate, width: float) -> Shown:
    def bar(left: int) -> Countdown:
        made = Countdown(look)
        made.of, made.left = 15, left
        return made

    warning = _Warning(look, gate, _nothing)
    warning.least_height = look.mm(46 if look.care else 30)
    warning.bar.of = 15
    return (("还有十五秒", bar(15)), ("还有四秒", bar(4)), ("在问题的位置上", warning))


class _Warning(IdleWarning):
    """With nine seconds left."""

    def arrange(self) -> None:
        super().arrange()
        self.count(9)


def _banners(look: Theme, gate: Gate, width: float) -> Shown:
    banner = Banner(
        value="rider",
        title="小哥驿站",
        lines=("十一项服务，都免费", "今天来过 37 位小哥"),
        action="小哥点这里",
        icon="motorbike",
    )
    again = replace(banner, value="again", lines=())
    return (
        ("平常的", BannerTile(look, gate, banner, _nothing)),
        ("手指按着", _pressed(BannerTile(look, gate, again, _nothing))),
    )


PLATES: dict[str, Plate] = {
    name: Plate(name=name, question=question, show=show)
    for name, question, show in (
        ("button", "按钮", _buttons),
        ("tile", "大按钮", _tiles),
        ("list-row", "列表的一行", _list_rows),
        ("key", "键", _keys),
        ("field", "填写的地方", _fields),
        ("card", "卡片", _cards),
        ("table", "表", _tables),
        ("banner", "横幅", _banners),
        ("countdown", "倒数", _countdowns),
        ("pager", "翻页", _pagers),
        ("code", "二维码和凭条", _codes),
    )
}
"""Every widget, by name."""
