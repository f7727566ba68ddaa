"""What stands around every page, always in the same places: the head, the question and the foot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from kiosk.identity import Unreadable
from kiosk.texts import _
from screens.countdown import Countdown
from screens.layout import Block, Column, Row, Space
from screens.surface import Ground, Strip, Surface
from screens.text import Icon, Text
from screens.theme import ColourName, Theme
from screens.touch import Gate
from screens.widgets import CLOSE, Button

PrinterState = Literal["absent", "searching", "ready", "lost"]
FootIcons = Literal["beside", "list icon", "icon", "none"]
ICONS_IN_FOOT: tuple[FootIcons, ...] = get_args(FootIcons)
"""Where the icons of the foot stand, the first way that has room: beside their words, above them as large as that or
as that, or nowhere. Whoever cannot read goes by them."""


STEP_SHARE = 0.5
"""Of the width beside it, that a step has at most."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """What the head tells of the machine. None: not known yet, nothing is said."""

    network: bool | None = None
    printer: PrinterState = "searching"
    unreadable: Unreadable | None = None
    """What cannot be read at the moment, the first of several; nothing is said of readers that work."""


@dataclass(frozen=True, kw_only=True)
class HeadWords:
    """The words of the head as they stand there; the head is drawn again only when they change."""

    title: str
    clock: str
    below_clock: str
    status: Status


@dataclass(frozen=True, kw_only=True)
class FootButton:
    """One button of the foot."""

    means: object
    label: str
    icon: str = ""
    fill: ColourName = "sand"
    press: Callable[[], None]


class HeadZone(Ground):
    """Name and state on the left, time and step on the right, a gold line below."""

    def __init__(self, look: Theme, words: HeadWords) -> None:
        super().__init__()
        self.look = look
        strip = Strip(look, "card", "gold", line_at="bottom", thickness=look.mm(1))
        clock = Text(look, words.clock, "heading" if not look.care else "strong", "ink", across="right")
        inner = look.panel.width - 2 * look.size("margin")
        between = look.mm(6)
        below = Text(look, words.below_clock, "body", "soft", across="right")
        step = below.natural_width() if words.below_clock else 0.0
        if look.landscape:
            inner -= clock.natural_width() + between
            title = _first_that_fits(look, words.title, inner * 0.45)
            room = inner - title.natural_width() - between
            state = _state_beside(look, words.status, room, step + between)
            room -= state.natural_width() + between
        else:
            title = _first_that_fits(look, words.title, inner - clock.natural_width() - between)
            state = _state_beside(look, words.status, inner, step + look.mm(5))
            room = inner - state.natural_width() - look.mm(5)
        self.strip, self.left, self.right_side = strip, [title, state], [clock]
        if words.below_clock and step <= room:
            self.right_side.append(below)
        for block in (strip, *self.left, *self.right_side):
            self.add_widget(block)

    def arrange(self) -> None:
        look = self.look
        self.strip.fit(self.width, self.height)
        self.strip.place(self.x, self.top)
        for block in (*self.left, *self.right_side):
            block.fit(block.natural_width())
        if look.landscape:
            self._in_one_row()
        else:
            self._in_two_rows()

    def _in_two_rows(self) -> None:
        """The title with the time beside it, and below it the state with the step."""
        look, margin = self.look, self.look.size("margin")
        beside = [*(block.height for block in self.right_side), 0]
        rows = [max(one.height, other) for one, other in zip(self.left, beside, strict=False)]
        top = self.top - (self.height - look.mm(1) - sum(rows)) / 2
        middles = (top - rows[0] / 2, top - rows[0] - rows[1] / 2)
        for block, middle in zip(self.left, middles, strict=True):
            block.place(self.x + margin, middle + block.height / 2)
        for block, middle in zip(self.right_side, middles, strict=False):
            block.place(self.right - margin - block.width, middle + block.height / 2)

    def _in_one_row(self) -> None:
        """Title and state from the left; time and step from the right."""
        look = self.look
        middle, between = self.center_y + look.mm(1) / 2, look.mm(6)
        left, right = self.x + look.size("margin"), self.right - look.size("margin")
        for block in self.left:
            block.place(left, middle + block.height / 2)
            left += block.width + between
        for block in self.right_side:
            block.place(right - block.width, middle + block.height / 2)
            right -= block.width + between


def _first_that_fits(look: Theme, title: str, width: float) -> Text:
    """The title, or as much of it as there is room for: whole words, unless the first is too long by itself."""
    text = Text(look, title, "strong", "ink")
    ends = [at for at in range(len(title) - 1, 0, -1) if not _in_word(title, at)]
    for at in [*ends, *range(len(title) - 1, 0, -1)]:
        if text.natural_width() <= width:
            break
        text = Text(look, title[:at].rstrip() + "…", "strong", "ink")
    return text


def _in_word(text: str, at: int) -> bool:
    """Whether a Latin word or a number would be cut there."""
    return text[at - 1 : at + 1].isascii() and text[at - 1].isalnum() and text[at].isalnum()


def _state_beside(look: Theme, status: Status, width: float, step: float) -> Row:
    """The state, beside the step of that width: before that is left out, icons alone say what works.

    Not so for the centre's name, which stands in the step's place on pages without one, and is longer.
    """
    for brief in (False, True) if step <= width * STEP_SHARE else (False,):
        row = _state_row(look, _states(status), brief=brief)
        if row.natural_width() <= width - step:
            return row
    return state_that_fits(look, status, width)


def state_that_fits(look: Theme, status: Status, width: float) -> Row:
    """All that there is to say of the machine. Where words are long, what works is left out first; then all that does
    not is said in one word."""
    states = _states(status)
    while True:
        row = _state_row(look, states)
        if row.natural_width() <= width or len(states) < 2:
            return row
        working = next((state for state in states if state[2]), None)
        if working is None:
            break
        states.remove(working)
    icons = [Icon(look, icon, "icon", "amber") for icon, _words, _good in states]
    return Row([*icons, Text(look, several_faults(), "body", "ink")], gap=look.mm(2))


def _state_row(look: Theme, states: Sequence[tuple[str, str, bool]], *, brief: bool = False) -> Row:
    blocks: list[Block] = []
    for icon, words, good in states:
        between = [Space(across=look.mm(2))] if blocks else []
        blocks += [*between, *_state(look, icon, "" if brief and good else words, good=good)]
    return Row(blocks, gap=look.mm(2))


def _states(status: Status) -> list[tuple[str, str, bool]]:
    """Icon and words of each state, and whether it is well."""
    states: list[tuple[str, str, bool]] = []
    if status.network is not None:
        good = status.network
        states.append(("wifi" if good else "wifi-off", _("网络正常") if good else _("没有网络"), good))
    if status.printer != "searching":
        good = status.printer == "ready"
        icon = "printer-check" if good else "printer-off"
        states.append((icon, _("可以打印") if good else _("不能打印"), good))
    if status.unreadable is not None:
        states.append((*_unreadable(status.unreadable), False))
    return states


def several_faults() -> str:
    """What is said of them where each has no room."""
    return _("有几样用不了")


def faults(status: Status) -> list[str]:
    """What does not work, in words."""
    return [words for _icon, words, good in _states(status) if not good]


def _unreadable(way: Unreadable) -> tuple[str, str]:
    match way:
        case "id-card":
            return "card-off-outline", _("不能读身份证")
        case "social-card":
            return "credit-card-off-outline", _("不能读社保卡")
        case "code":
            return "qrcode-remove", _("不能扫码")
        case "several":
            return "card-off-outline", _("不能读证件")


def _state(look: Theme, icon: str, words: str, *, good: bool) -> list[Block]:
    said: list[Block] = [Text(look, words, "body", "green" if good else "ink")] if words else []
    return [Icon(look, icon, "icon", "green" if good else "amber"), *said]


class FootZone(Ground):
    """Three or four buttons: 返回 · 找人帮忙 · 首页, or what the home page and the end of a matter put there."""

    def __init__(self, look: Theme, gate: Gate, buttons: Sequence[FootButton]) -> None:
        super().__init__()
        self.look = look
        self.strip = Strip(look, "card", "line", line_at="top", thickness=look.size("border"))
        self.add_widget(self.strip)
        for icons in ICONS_IN_FOOT:
            self.buttons = _foot_buttons(look, gate, buttons, icons)
            if _fit_in_foot(look, self.buttons):
                break
        if not _fit_in_foot(look, self.buttons):
            for button in self.buttons:
                button.pad_x = look.mm(2)
        if not _fit_in_foot(look, self.buttons):
            for button in sorted(self.buttons, key=lambda button: -button.natural_width()):
                if not _fit_in_foot(look, self.buttons):
                    button.break_words()
        for button in self.buttons:
            self.add_widget(button)

    def arrange(self) -> None:
        look = self.look
        self.strip.fit(self.width, self.height)
        self.strip.place(self.x, self.top)
        if not self.buttons:
            return
        margin, gap = float(look.size("margin")), look.size("gap")
        natural = [button.natural_width() for button in self.buttons]
        lacking = sum(natural) + gap * (len(natural) - 1) + 2 * margin - self.width
        margin = max(gap, margin - max(0.0, lacking) / 2)
        inner = self.width - 2 * margin - gap * (len(natural) - 1)
        spare = inner - sum(natural)
        words = max(button.words_height() for button in self.buttons)  # more where they are broken
        room = self.height - 2 * _least_air(look)
        height = max(look.size("target"), self.height - 2 * look.mm(5.5), min(words, room))
        x = self.x + margin
        for button, own in zip(self.buttons, natural, strict=True):
            width = inner // len(natural) if max(natural) <= inner / len(natural) else own + spare // len(natural)
            button.fit(width, height)
            button.place(x, self.y + (self.height + height) / 2)
            x += width + gap


def foot_holds(look: Theme, gate: Gate, buttons: Sequence[FootButton]) -> bool:
    """Whether these have room in the foot side by side, without their icons."""
    return _fit_in_foot(look, _foot_buttons(look, gate, buttons, "none"))


def _foot_buttons(look: Theme, gate: Gate, buttons: Sequence[FootButton], icons: FootIcons) -> list[Button]:
    above = icons if icons in {"list icon", "icon"} else None
    return [
        Button(
            look, gate, b.means, b.press, label=b.label, icon="" if icons == "none" else b.icon, fill=b.fill,
            stacked=above,
        )
        for b in buttons
    ]  # fmt: skip


def _fit_in_foot(look: Theme, buttons: Sequence[Button]) -> bool:
    room = look.panel.width - 2 * look.size("margin") - look.size("gap") * (len(buttons) - 1)
    high = max((button.words_height() for button in buttons), default=0.0)
    wide = sum(button.natural_width() for button in buttons)
    return wide <= room and high <= look.size("foot") - 2 * _least_air(look)


def _least_air(look: Theme) -> int:
    """Above and below the buttons of the foot, pixels."""
    return look.mm(3)


class QuestionZone(Column):
    """The line in green when something was just done, the question, and the hint."""

    def __init__(self, look: Theme, *, question: str, hint: str, notice: str, centred: bool = False) -> None:
        blocks: list[Block] = []
        across: Literal["centre", "left"] = "centre" if centred else "left"
        if notice:
            words = Text(look, notice, "body", "green", grows=0 if centred else 1)
            line = [Icon(look, "check-circle", "icon", "green"), words]
            blocks.append(Row(line, gap=look.mm(2), across=across))
        blocks.append(Text(look, question, "title", "ink", across=across))
        if hint:
            blocks.append(Text(look, hint, "body", "soft", across=across))
        super().__init__(blocks, gap=look.mm(1))


class IdleWarning(Surface):
    """还在看吗: the seconds that are left, and 再看一会儿."""

    def __init__(self, look: Theme, gate: Gate, stay: Callable[[], None]) -> None:
        super().__init__(look)
        self.fill, self.outline, self.thick = "card", "red", True
        self.pad_x, self.pad_y = look.mm(6), look.mm(2)
        self.words = Text(look, "", "strong", "ink")
        self.words.style = replace(self.words.style, line=round(self.words.style.em * CLOSE))  # two lines stand in it
        self.words_in = (0.0, 0.0)  # width and middle, pixels
        self.button = Button(
            look, gate, "stay", stay, label=_("再看一会儿"), fill="red", style="strong", least=look.size("target")
        )
        self.bar = Countdown(look)
        for block in (self.words, self.button, self.bar):
            self.add_widget(block)

    def arrange(self) -> None:
        super().arrange()
        look = self.look
        self.bar.fit(self.width - 2 * look.size("corner"))
        self.bar.place(self.x + look.size("corner"), self.y + look.mm(2) + self.bar.height)
        inner, width = self.width - 2 * self.pad_x, self.button.natural_width()
        high = min(self.height - 2 * self.pad_y, look.size("button"))
        if self.height < self.width / 2:
            self.button.fit(width, high)
            self.button.place(self.right - self.pad_x - width, self.center_y + high / 2)
            self.words_in = (inner - width - look.mm(4), self.center_y)
        else:
            self.button.fit(inner, high)
            self.button.place(self.x + self.pad_x, self.y + look.mm(5) + high)
            self.words_in = (inner, self.button.top + (self.top - self.button.top) / 2)

    def count(self, seconds: int) -> None:
        """Shows how many seconds are left."""
        self.bar.count(seconds)
        left = _("{seconds} 秒后清除您的信息").format(seconds=seconds)
        if not self.words.text.endswith(f"\n{left}") and self.words.text != left:
            width, middle = self.words_in
            self.words.fit(width)
            room = 2 * min(self.top - middle, middle - self.bar.top)
            # In large type and with long words less is said; that a touch is enough before that it is asked.
            for asked in (_("还在看吗？碰一下屏幕就好。"), _("碰一下，接着看"), ""):
                self.words.say(f"{asked}\n{left}" if asked else left)
                if self.words.height <= room:
                    break
            self.words.place(self.x + self.pad_x, middle + self.words.height / 2)
