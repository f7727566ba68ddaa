"""The fictitious people, and the row above them that says what a press on one of them does.

The last of the row, 设备, opens the devices in the people's place: both at once would leave no room for telephone and
paper.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from devices.control import SimulatedPerson
from screens.dock.life import Board
from screens.dock.panels import Empty, Ends, Verbs
from screens.dock.switches import anything_unusual
from screens.dock.ways import PAYMENT_CODE, WAYS, CardWay, CodeWay, Way, ways_of
from screens.layout import Block, Column, Grid, Row
from screens.text import Icon, Text
from screens.theme import ColourName, Theme
from screens.touch import Gate, Target
from screens.widgets import Button

DEVICES: Final = "设备"
COLUMNS: Final = 2


def tabs_row(look: Theme, gate: Gate, board: Board, chosen: Way | None, choose: Callable[[Way | None], None]) -> Block:
    """What a press on a person does, one way beside the other; and the devices (None)."""
    ways: dict[str, Way] = {}
    for way in ways_of(board.state):
        ways.setdefault(way.name, way)
    tabs = [
        Tab(
            look, gate, way.name, partial(choose, way),
            chosen=chosen is not None and way.name == chosen.name,
            sign=("check-circle", "red") if isinstance(way, CardWay) and board.card_in(way.device) else None,
        )
        for way in ways.values()
    ]  # fmt: skip
    sign: tuple[str, ColourName] = (
        ("alert-outline", "amber") if anything_unusual(board.state) else ("tune-variant", "soft")
    )
    devices = Tab(look, gate, DEVICES, lambda: choose(None), chosen=chosen is None, sign=sign)
    return Ends(Grid(tabs, columns=max(1, len(tabs)), gap=look.mm(2.5)), devices, gap=look.mm(7))


class Tab(Target):
    """One of several to choose from. ``sign`` is an icon before its name, and that icon's colour."""

    def __init__(
        self, look: Theme, gate: Gate, name: str, press: Callable[[], None], *,
        chosen: bool, sign: tuple[str, ColourName] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(look, gate, f"tab:{name}", press)
        self.pad_x, self.pad_y = look.mm(4), look.mm(1)
        self.least_height = look.size("target")
        self.fill = "card" if chosen else "sand"
        self.outline, self.thick = ("ink", True) if chosen else (None, False)
        parts: list[Block] = [Text(look, name, "body", "ink" if chosen else "soft")]
        if sign is not None:
            parts.insert(0, Icon(look, sign[0], "icon", sign[1]))
        self.hold(Row(parts, gap=look.mm(1.5), across="centre"))


def people_panel(look: Theme, gate: Gate, board: Board, verbs: Verbs, way: Way, choose: Callable[[Way], None]) -> Block:
    """A card for each person; the one whose card is in the device is marked, and takes it back when pressed again."""
    if not board.people:
        return Empty(look, "card-account-details-outline", "还没有人")
    cards = [PersonCard(look, gate, board, verbs, way, person) for person in board.people]
    rows = [
        Grid(cards[first : first + COLUMNS], columns=COLUMNS, gap=look.mm(4), row_limit=look.mm(HIGHEST), grows=1)
        for first in range(0, len(cards), COLUMNS)
    ]
    return Column([_line(look, gate, board, verbs, way, choose), Column(rows, gap=look.mm(4), grows=1)], gap=look.mm(3))


class PersonCard(Target):
    """A person: name, and what the person is good for."""

    def __init__(self, look: Theme, gate: Gate, board: Board, verbs: Verbs, way: Way, person: SimulatedPerson) -> None:
        lies = isinstance(way, CardWay) and board.card_in(way.device) == person["id"]
        does, press = _press(verbs, way, person, lies=lies)
        super().__init__(look, gate, f"person:{person['id']}:{does}", press)
        self.enabled = board.state is not None and (isinstance(way, CardWay) or board.telephone == "there")
        self.pad_x, self.pad_y = look.mm(5), look.mm(3)
        if lies:
            self.fill, self.outline, self.thick = "blush", "red", True
        elif not self.enabled:
            self.fill = "sand"
        name = Text(look, person["name"], "strong", "ink" if self.enabled else "soft")
        self.hold(Column([name, Text(look, person["about"], "body", "soft")]))
        self.mark = Icon(look, "check-circle", "icon", "red") if lies else None
        if self.mark is not None:
            self.add_widget(self.mark)

    def arrange(self) -> None:
        super().arrange()
        if self.mark is not None:  # on the corner: the longest name needs the whole width
            self.mark.fit(self.mark.side)
            out = self.look.mm(2)
            self.mark.place(self.right + out - self.mark.width, self.top + out)


def _press(verbs: Verbs, way: Way, person: SimulatedPerson, *, lies: bool) -> tuple[str, Callable[[], None]]:
    """What a press does, in a word."""
    match way:
        case CardWay() if lies:
            return "take", lambda: verbs.put(way.take)
        case CardWay():
            return "put", lambda: verbs.put(lambda control: way.put(control, person["id"]))
        case CodeWay():
            return "open", lambda: verbs.open_code(person, way)


def _line(look: Theme, gate: Gate, board: Board, verbs: Verbs, way: Way, choose: Callable[[Way], None]) -> Block:
    """What a press on a person does or has done, and what else can be done with the device."""

    def button(means: str, press: Callable[[], None], label: str, icon: str, *, enabled: bool) -> Button:
        made = Button(look, gate, means, press, label=label, icon=icon, least=look.size("target"), enabled=enabled)
        made.pad_y = look.mm(1)
        return made

    buttons: list[Block]
    if isinstance(way, CardWay):
        lies = board.card_in(way.device) is not None
        buttons = [
            Tab(look, gate, other.sort, partial(choose, other), chosen=other == way)
            for other in WAYS
            if isinstance(other, CardWay) and other.sort and other.name == way.name
        ]
        buttons.append(button("take", lambda: verbs.put(way.take), way.take_words, "eject-outline", enabled=lies))
    else:
        there, printed = board.state is not None, board.printed_code
        buttons = [
            button(
                "scan:payment", lambda: verbs.hold_up(PAYMENT_CODE, "付款码"), "付款码", "wallet-outline",
                enabled=there,
            ),
            button(
                "scan:receipt", lambda: verbs.hold_up(printed or "", "凭条上的码"), "凭条上的码",
                "receipt-text-outline", enabled=there and printed is not None,
            ),
        ]  # fmt: skip
    words, colour = _words(board, way)
    return Ends(Text(look, words, "body", colour), Row(buttons, gap=look.mm(2.5)), gap=look.size("gap"))


def _words(board: Board, way: Way) -> tuple[str, ColourName]:
    device = board.state[way.device] if board.state is not None else None
    if device is None:
        return "模拟设备不在", "soft"
    if not device["plugged"]:
        return way.unplugged, "amber"
    match way:
        case CardWay():
            holder = board.card_in(way.device)
            name = next((person["name"] for person in board.people if person["id"] == holder), None)
            return (f"{name} {way.lies}", "ink") if name else (way.invites, "soft")
        case CodeWay():
            if board.scanned:
                return f"{board.scanned} 扫过了", "ink"
            return (way.invites, "soft") if board.telephone == "there" else (_NO_TELEPHONE[board.telephone], "amber")


HIGHEST: Final = 52.0
"""Millimetres that a person's card grows to where there is room."""
_NO_TELEPHONE: Final = {
    "none": "没有接上中心，手机上没有码",
    "away": "中心不在，手机上没有码",
    "without": "中心没有演示手机，没有码可扫",
}
