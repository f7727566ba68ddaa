"""The dock's window: the parts of it arranged for the window's size, and touches kept to what they are for.

Upright, telephone and paper stand below people or devices; in a broad window they stand beside them. Everything grows
and shrinks with the window, in steps, because each size of type keeps a font open.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import hypot

from kivy.clock import Clock
from kivy.input.motionevent import MotionEvent
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from screens.dock.life import Board
from screens.dock.panels import Head, Verbs, devices_panel, messages_panel, papers_panel
from screens.dock.people import people_panel, tabs_row
from screens.dock.ways import WAYS, Way, ways_of
from screens.layout import Block
from screens.surface import Surface
from screens.text import Text
from screens.theme import Rect, Theme
from screens.touch import Gate, Target

UPRIGHT, BROAD = (620, 960), (1180, 640)
"""The sizes of window, upright and broad, in which everything has its plain size."""
PX_PER_MM = 1.725
"""At the plain size: body text is 15 px high. The theme's millimetres are those of a panel seen from farther away."""
SCALES = (0.7, 1.8)


class DockFace(Widget):
    """The root widget: draws the board it was last shown."""

    def __init__(self, verbs: Verbs) -> None:
        super().__init__(size_hint=(None, None))
        self.verbs = verbs
        self.gate = Gate(time.monotonic)
        self.board = Board()
        self.chosen: Way | None = WAYS[0]
        self._finger: object = None
        self._drawn: object = None
        self._measured: object = None
        self._height = 0.0
        self._upper = Widget(size_hint=(None, None))
        self.messages = Roll()
        self.papers = Roll()
        for part in (self._upper, self.messages, self.papers):
            self.add_widget(part)
        self._redraw = Clock.create_trigger(lambda _dt: self._draw())

    def show(self, board: Board) -> None:
        """Draw this from the next frame on; while something is held down, when it is let go."""
        self.board = board
        self._redraw()

    def choose(self, way: Way | None) -> None:
        """Let a press on a person do this; None: show the devices in the people's place."""
        self.chosen = way
        self._redraw()

    def fill(self, width: float, height: float) -> None:
        """Take this much room, from the window's lower left corner."""
        self.pos, self.size = (0, 0), (width, height)
        self._redraw()

    @property
    def is_drawn(self) -> bool:
        """Whether anything stands there."""
        return self._drawn is not None

    def targets(self) -> dict[object, Rect]:
        """What can be pressed, and where in the window, by what it means."""
        found: dict[object, Rect] = {}
        for target in self.walk():
            if isinstance(target, Target) and target.enabled:
                x, y = target.to_window(target.x, target.y)
                found[target.means] = Rect(x=x, y=y, width=target.width, height=target.height)
        return found

    def words(self) -> list[str]:
        """Every text there is to read, whether or not it has to be scrolled to."""
        return [block.text for block in self.walk() if isinstance(block, Text)]

    def on_touch_down(self, touch: MotionEvent) -> bool:
        if touch.is_mouse_scrolling:
            rolls = (self.messages, self.papers)
            return any(roll.collide_point(*touch.pos) and roll.on_touch_down(touch) for roll in rolls)
        if "button" in touch.profile and touch.button != "left":
            return True
        self._finger = touch.uid
        return bool(super().on_touch_down(touch))

    def on_touch_up(self, touch: MotionEvent) -> bool:
        if touch.uid == self._finger:
            self._finger = None
            self._redraw()
        return bool(super().on_touch_up(touch))

    def _draw(self) -> None:
        if self._finger is not None or self.width < 2 or self.height < 2:
            return
        board = self.board
        seen = (_steering(board), self.chosen, tuple(self.size))
        look = look_for(self.width, self.height)
        if seen != self._drawn:
            self._drawn = seen
            self._arrange(look)
        inside = (tuple(self.size), board.telephone in ("none", "without"), board.messages, dict(board.replies))
        self.messages.show(look, inside, lambda: messages_panel(look, self.gate, board, self.verbs))
        self.papers.show(look, (tuple(self.size), board.papers), lambda: papers_panel(look, board))

    def _arrange(self, look: Theme) -> None:
        """Head, people or devices, and headings; the rolls get what is left."""
        self._upper.clear_widgets()
        margin, gap = look.size("margin"), look.size("gap")
        broad = is_broad(self.width, self.height)
        head = Head(look, self.board)
        head.fit(self.width)
        self._put(head, 0, self.height)
        top = head.y - look.mm(7)
        inner = self.width - 2 * margin
        if broad:
            left = round(inner * 0.5)
            self._steer(look, margin, top, left)
            x, inner = margin + left + look.mm(12), inner - left - look.mm(12)
            top -= (look.size("target") - look.style("strong").line) / 2  # on a line with the heading beside the button
        else:
            x, top = float(margin), self._steer(look, margin, top, inner) - look.mm(8)
        height = top - margin
        half = round((inner - gap) * 0.45)
        rest = inner - half - gap
        self._roll(look, self.messages, "手机短信", Rect(x=x, y=margin, width=half, height=height))
        self._roll(look, self.papers, "打印出来的纸", Rect(x=x + half + gap, y=margin, width=rest, height=height))

    def _steer(self, look: Theme, x: float, top: float, width: float) -> float:
        """The row of ways and what is chosen in it; where its lower edge is."""
        ways = ways_of(self.board.state)
        way = self.chosen if self.chosen is None or self.chosen in ways else next(iter(ways), None)
        tabs = tabs_row(look, self.gate, self.board, way, self.choose)
        tabs.fit(width)
        self._put(tabs, x, top)
        pane = self._pane(look, way)
        pane.fit(width, self._pane_height(look, width))
        self._put(pane, x, tabs.y - look.mm(4))
        return float(pane.y)

    def _pane_height(self, look: Theme, width: float) -> float:
        """That of the higher of people and devices, so that nothing below moves when the one follows the other."""
        state = self.board.state
        shape = (tuple(self.size), self.board.people, state and [device is not None for device in state.values()])
        if shape != self._measured:
            self._measured = shape
            self._height = max(self._pane(look, None).fit(width), self._pane(look, WAYS[0]).fit(width))
        return self._height

    def _pane(self, look: Theme, way: Way | None) -> Block:
        if way is None:
            return devices_panel(look, self.gate, self.board, self.verbs)
        return people_panel(look, self.gate, self.board, self.verbs, way, self.choose)

    def _roll(self, look: Theme, roll: Roll, heading: str, zone: Rect) -> None:
        words = Text(look, heading, "strong", "ink")
        words.fit(zone.width)
        self._put(words, zone.x, zone.top)
        height = max(1.0, zone.height - words.height - look.mm(2))
        ground = Surface(look)
        ground.fill, ground.outline = "sand", None
        ground.fit(zone.width, height)
        self._put(ground, zone.x, zone.y + height)
        roll.place(look, Rect(x=zone.x, y=zone.y, width=zone.width, height=height))

    def _put(self, block: Block, x: float, top: float) -> None:
        self._upper.add_widget(block)
        block.place(x, top)


class Roll(ScrollView):
    """A strip on sand that one looks through from the top; something new on it brings it back there."""

    def __init__(self) -> None:
        super().__init__(size_hint=(None, None), do_scroll_x=False, scroll_type=["bars", "content"])
        self._shown: object = None

    def place(self, look: Theme, zone: Rect) -> None:
        """Stand there."""
        self.pos = (round(zone.x), round(zone.y))
        self.size = (round(zone.width), round(zone.height))
        self.bar_width = look.mm(1.8)
        self.bar_margin = look.mm(1)
        self.bar_color = look.colour("edge")
        self.bar_inactive_color = look.colour("line")

    def show(self, look: Theme, what: object, make: Callable[[], Block]) -> None:
        """Show what `make` makes, unless it is what stands there."""
        if what == self._shown:
            return
        self._shown = what
        padded = _Padded(make(), look.mm(4))
        padded.fit(self.width)
        padded.place(0, padded.height)
        rolled = Widget(size_hint=(None, None), size=padded.size)
        rolled.add_widget(padded)
        self.clear_widgets()
        self.add_widget(rolled)
        self.scroll_y = 1


class _Padded(Block):
    """Air on all sides."""

    def __init__(self, content: Block, air: float) -> None:
        super().__init__()
        self.content, self.air = content, air
        self.add_widget(content)

    def height_for(self, width: float) -> float:
        return self.content.fit(width - 2 * self.air) + 2 * self.air

    def arrange(self) -> None:
        self.content.place(self.x + self.air, self.top - self.air)


def look_for(width: float, height: float) -> Theme:
    """The theme whose scale fits the window."""
    plain_width, plain_height = BROAD if is_broad(width, height) else UPRIGHT
    least, most = SCALES
    scale = min(most, max(least, int(10 * min(width / plain_width, height / plain_height)) / 10))
    diagonal = hypot(width, height) / (PX_PER_MM * scale * 25.4)
    return Theme(Rect(x=0, y=0, width=width, height=height), diagonal)


def is_broad(width: float, height: float) -> bool:
    """Whether telephone and paper stand beside the rest."""
    return width > 1.2 * height


def _steering(board: Board) -> object:
    """What the upper part shows of the board; how many cards were read and whether a line is connected it does not."""
    devices: list[object] = []
    if board.state is not None:
        reader, slot, scanner = board.state["id_card"], board.state["social_card"], board.state["scanner"]
        printer, network = board.state["printer"], board.state["network"]
        devices = [
            reader and (reader["plugged"], reader["person"], reader["faults"]),
            slot and (slot["plugged"], slot["person"], slot["faults"], slot["service"]),
            scanner and (scanner["plugged"], scanner["faults"]),
            printer and (printer["paper"], printer["power"], printer["cover_open"], printer["faults"]),
            network and network["up"],
        ]
    there = board.state is not None
    return (there, devices, board.people, board.scanned, board.notice, board.telephone, board.printed_code)
