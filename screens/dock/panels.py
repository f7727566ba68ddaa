"""The parts of the dock's window beside the people: head, devices, telephone and paper, made anew from the board."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Protocol

from kivy.graphics import Color, Rectangle, Triangle
from kivy.graphics.texture import Texture
from PIL import Image

from devices.control import Printed, SimulatedPerson, SimulatorControl
from screens.dock.life import Board, Reply
from screens.dock.switches import SWITCHES, TROUBLES, Stands, standing
from screens.dock.telephone import TextMessage
from screens.dock.ways import CodeWay
from screens.layout import Block, Column, Grid, Row, Space
from screens.surface import Strip, Surface
from screens.text import Icon, Text
from screens.theme import ColourName, Theme
from screens.touch import Gate, Target
from screens.widgets import Button


class Verbs(Protocol):
    """What can be done in the dock."""

    def put(self, what: Callable[[SimulatorControl], None]) -> None: ...
    def hold_up(self, text: str, called: str) -> None: ...
    def open_code(self, person: SimulatedPerson, way: CodeWay) -> None: ...
    def confirm(self, token: str) -> None: ...


class Head(Block):
    """What this window is, and whether the programs it is for are there."""

    def __init__(self, look: Theme, board: Board) -> None:
        super().__init__()
        self.look = look
        self.strip = Strip(look, "card", "gold", line_at="bottom", thickness=look.mm(1))
        below = Text(look, board.notice, "body", "amber") if board.notice else None
        self.left = Column(
            [Text(look, "演示台", "strong"), below or Text(look, "这里的人、号码和单位都是虚构的", "body", "soft")]
        )
        states: list[Block] = [
            _state(look, "模拟设备在", "模拟设备不在，正在找", good=board.state is not None),
        ]
        if board.telephone == "without":
            states.append(_state(look, "", "中心没有演示手机", good=False))
        elif board.telephone != "none":
            states.append(_state(look, "中心在", "中心不在，正在找", good=board.telephone == "there"))
        self.states = Column(states)
        for block in (self.strip, self.left, self.states):
            self.add_widget(block)

    def height_for(self, width: float) -> float:
        inner = width - 2 * self.look.size("margin")
        right = self.states.natural_width()
        self.states.fit(right)
        self.left.fit(inner - right)
        return max(float(self.left.height), float(self.states.height)) + 2 * self.look.mm(5) + self.strip.thickness

    def arrange(self) -> None:
        self.strip.fit(self.width, self.height)
        self.strip.place(self.x, self.top)
        margin, middle = self.look.size("margin"), self.center_y + self.strip.thickness / 2
        self.left.place(self.x + margin, middle + self.left.height / 2)
        self.states.place(self.right - margin - self.states.width, middle + self.states.height / 2)


def devices_panel(look: Theme, gate: Gate, board: Board, verbs: Verbs) -> Block:
    """Every switch and every trouble, its positions side by side; where it stands is said in words, and ticked."""
    known = board.state is not None
    switches = [SwitchRow(look, gate, one, verbs, enabled=known) for one in standing(SWITCHES, board.state)]
    troubles = [SwitchRow(look, gate, one, verbs, enabled=known) for one in standing(TROUBLES, board.state)]
    names = max((row.name.natural_width() for row in (*switches, *troubles)), default=0.0) + look.mm(4)
    for row in (*switches, *troubles):
        row.name_width = names
    wide = [row for row in switches if row.of > 2]
    narrow = [row for row in switches if row.of <= 2]
    lines = [Grid(narrow[first : first + 2], columns=2, gap=look.mm(8)) for first in range(0, len(narrow), 2)]
    parts: list[Block] = [Column([heading(look, "开关"), *wide, *lines], gap=look.mm(3.5))]
    if troubles:
        until = Text(look, "要按“正常”才恢复", "body", "soft")
        line = Ends(heading(look, "出点毛病"), until, gap=look.size("gap"))
        parts.append(Column([line, *troubles], gap=look.mm(3.5)))
    return Column(parts, gap=look.mm(6))


class SwitchRow(Block):
    """The switch's name on the left, as broad as ``name_width`` says, its positions on the right."""

    def __init__(self, look: Theme, gate: Gate, stands: Stands, verbs: Verbs, *, enabled: bool) -> None:
        super().__init__()
        self.name = Row([Icon(look, stands.switch.icon), Text(look, stands.switch.name)], gap=look.mm(2))
        self.name_width = 0.0
        self.of = len(stands.switch.positions)
        self.positions = Grid(
            [
                Segment(
                    look, gate, f"switch:{stands.switch.name}:{position.words}", _putting(verbs, position.put),
                    words=position.words, chosen=stands.at == index, usual=position.usual, enabled=enabled,
                )
                for index, position in enumerate(stands.switch.positions)
            ],
            columns=self.of,
            gap=look.mm(2.5),
        )  # fmt: skip
        self.add_widget(self.name)
        self.add_widget(self.positions)

    def height_for(self, width: float) -> float:
        self.name.fit(self.name_width)
        return max(float(self.name.height), self.positions.fit(width - self.name_width))

    def arrange(self) -> None:
        self.name.place(self.x, self.center_y + self.name.height / 2)
        self.positions.place(self.x + self.name_width, self.center_y + self.positions.height / 2)


class Segment(Target):
    """One position of a switch. Amber where the switch stands as it should not."""

    def __init__(
        self, look: Theme, gate: Gate, means: object, press: Callable[[], None], *,
        words: str, chosen: bool, usual: bool, enabled: bool,
    ) -> None:  # fmt: skip
        super().__init__(look, gate, means, press)
        self.enabled = enabled
        self.pad_x, self.pad_y = look.mm(2), look.mm(1)
        self.least_height = look.size("target")
        colour: ColourName = "green" if usual else "amber"
        if chosen:
            self.outline, self.thick = colour, True
        elif not enabled:
            self.fill = "sand"
        parts: list[Block] = [Text(look, words, "body", colour if chosen else "soft")]
        if chosen:
            parts.insert(0, Icon(look, "check" if usual else "alert-outline", "icon", colour))
        self.hold(Row(parts, gap=look.mm(1.5), across="centre"))


def messages_panel(look: Theme, gate: Gate, board: Board, verbs: Verbs) -> Block:
    """What the telephone received, newest first."""
    if board.telephone == "none":
        return Empty(look, "cellphone-off", "没有接上中心，这里收不到短信")
    if board.telephone == "without":
        return Empty(look, "cellphone-off", "中心没有演示手机，这里收不到短信")
    if not board.messages:
        return Empty(look, "cellphone-message", "还没有短信。验证码会发到这里")
    replies = board.replies
    cards = [MessageCard(look, gate, one, verbs, reply=replies.get(one.token or "")) for one in board.messages]
    return Column(cards, gap=look.mm(4))


class MessageCard(Surface):
    """One message: to whom and when, its code in large figures, its text, and 确认 where it asks for a yes."""

    def __init__(self, look: Theme, gate: Gate, message: TextMessage, verbs: Verbs, *, reply: Reply | None) -> None:
        super().__init__(look)
        self.pad_x, self.pad_y = look.mm(6), look.mm(4)
        parts: list[Block] = [Text(look, message.heading, "body", "soft")]
        if message.code is not None:
            parts.append(Text(look, message.code, "title", "ink"))
        parts.append(Text(look, message.text, "body", "ink"))
        if message.token is not None:
            parts.append(Space(look.mm(2)))
            parts.append(self._answer(look, gate, message.token, verbs, reply))
        self.hold(Column(parts, gap=look.mm(1)))

    def _answer(self, look: Theme, gate: Gate, token: str, verbs: Verbs, reply: Reply | None) -> Block:
        match reply:
            case "said":
                return _state(look, "已确认", "", good=True)
            case "expired":
                return _state(look, "", "链接已失效，没有等着确认的事", good=False)
            case _:
                least = look.size("target")
                return Button(
                    look, gate, f"confirm:{token}", lambda: verbs.confirm(token),
                    label="确认", fill="red", least=least, enabled=reply is None,
                )  # fmt: skip


def papers_panel(look: Theme, board: Board) -> Block:
    """What came out of the printer, newest on top."""
    if not board.papers:
        return Empty(look, "receipt-text-outline", "还没有打印")
    return Column([Paper(look, printed) for printed in board.papers], gap=look.mm(4))


class Paper(Block):
    """A piece of paper as it was printed, as broad as there is room, torn off below."""

    def __init__(self, look: Theme, printed: Printed) -> None:
        super().__init__()
        self.look = look
        self.printed = printed
        with Image.open(BytesIO(printed.png)) as picture:
            self._picture = picture.convert("L")
        self.edge = look.mm(4)
        self.teeth = look.mm(2)

    def height_for(self, width: float) -> float:
        return self._drawn_height(width) + 2 * self.edge + self.teeth

    def arrange(self) -> None:
        width, height = round(self.width - 2 * self.edge), self._drawn_height(self.width)
        texture = _texture(self._picture.resize((width, height), Image.Resampling.LANCZOS))
        self.canvas.clear()
        with self.canvas:
            Color(*self.look.colour("white"))
            Rectangle(pos=(self.x, self.y + self.teeth), size=(self.width, self.height - self.teeth))
            self._tear()
            Color(*self.look.colour("white"))
            Rectangle(texture=texture, pos=(self.x + self.edge, self.top - self.edge - height), size=(width, height))

    def _drawn_height(self, width: float) -> int:
        across, up = self._picture.size
        return max(1, round(up * (width - 2 * self.edge) / across))

    def _tear(self) -> None:
        count = max(1, round(self.width / (2 * self.teeth)))
        step = self.width / count
        bottom, top = self.y, self.y + self.teeth
        for number in range(count):
            left = self.x + number * step
            Triangle(points=(left, top, left + step, top, left + step / 2, bottom))


class Empty(Block):
    """A picture and a sentence where nothing is yet."""

    def __init__(self, look: Theme, icon: str, words: str) -> None:
        super().__init__()
        self.column = Column(
            [
                Row([Icon(look, icon, "large icon", "soft")], across="centre"),
                Text(look, words, "body", "soft", across="centre"),
            ],
            gap=look.mm(3),
        )
        self.air = look.mm(14)
        self.add_widget(self.column)

    def height_for(self, width: float) -> float:
        return self.column.fit(width) + 2 * self.air

    def arrange(self) -> None:
        self.column.place(self.x, self.top - self.air)


class Ends(Block):
    """One thing at the left end, one at the right, which takes what it needs."""

    def __init__(self, left: Block, right: Block, *, gap: float) -> None:
        super().__init__()
        self.left_end, self.right_end, self.gap = left, right, gap
        self.add_widget(left)
        self.add_widget(right)

    def natural_width(self) -> float:
        return self.left_end.natural_width() + self.gap + self.right_end.natural_width()

    def height_for(self, width: float) -> float:
        right = min(self.right_end.natural_width(), width - self.left_end.natural_width() - self.gap)
        self.right_end.fit(right)
        self.left_end.fit(width - right - self.gap)
        return max(float(self.left_end.height), float(self.right_end.height))

    def arrange(self) -> None:
        self.left_end.place(self.x, self.center_y + self.left_end.height / 2)
        self.right_end.place(self.right - self.right_end.width, self.center_y + self.right_end.height / 2)


def heading(look: Theme, words: str) -> Text:
    """Over a part."""
    return Text(look, words, "strong", "ink")


def _state(look: Theme, good_words: str, bad_words: str, *, good: bool) -> Row:
    colour: ColourName = "green" if good else "amber"
    icon = Icon(look, "check-circle-outline" if good else "alert-circle-outline", "icon", colour)
    return Row([icon, Text(look, good_words if good else bad_words, "body", colour)], gap=look.mm(2))


def _putting(verbs: Verbs, what: Callable[[SimulatorControl], None]) -> Callable[[], None]:
    return lambda: verbs.put(what)


def _texture(picture: Image.Image) -> Texture:
    texture = Texture.create(size=picture.size, colorfmt="rgba")
    texture.blit_buffer(picture.convert("RGBA").tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture
