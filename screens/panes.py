"""What stands on the glass: head, question, answers and foot of one page, and the idle warning in the question's place.

Head and foot are drawn again only where they say something else; question and answers are laid out anew whenever the
view changes. ``dirty`` says that the next frame is another than the last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kivy.uix.widget import Widget

from screens.frame import FootButton, FootZone, HeadWords, HeadZone, IdleWarning
from screens.layout import Block
from screens.slide import Slide
from screens.surface import Ground, lift, opaque, plain_paint
from screens.theme import Rect, Theme
from screens.touch import Gate
from screens.zones import Zones


class Panes(Widget):
    """The panes of the window. ``monotonic`` is a clock in seconds, for the body's motion."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        super().__init__(size_hint=(None, None))
        self.body = Ground()
        self.question: Block | None = None
        self.warning: IdleWarning | None = None
        self.dirty = False
        self.slide = Slide(self.body, monotonic)
        self._head: HeadZone | None = None
        self._head_words: HeadWords | None = None
        self._foot: FootZone | None = None
        self._foot_drawn_as: object = None
        self._warning_zone: Rect | None = None
        self._fills = plain_paint()
        self._fills.add(self.slide.fills)
        self.canvas.before.add(opaque(self._fills))
        self.add_widget(self.body)

    def parts(self) -> tuple[Sequence[Widget], Sequence[Widget], Sequence[Widget]]:
        """Head, body and foot, as far as they stand there."""
        head, foot = self._head, self._foot
        return [head] if head is not None else [], [self.body], [foot] if foot is not None else []

    def draw_head(self, look: Theme, words: HeadWords) -> None:
        """The head, where it says something else than before."""
        if words == self._head_words:
            return
        self._take_away(self._head)
        self._head_words = words
        self._head = HeadZone(look, words)
        self._put_up(self._head, look.panel.width, look.size("head"), look.panel.x, look.panel.top)

    def draw_foot(self, look: Theme, gate: Gate, buttons: Sequence[FootButton]) -> None:
        """The foot, where its buttons are others than before."""
        drawn_as = [(button.means, button.label, button.icon, button.fill) for button in buttons]
        if self._foot is not None and drawn_as == self._foot_drawn_as:
            return
        self._take_away(self._foot)
        self._foot_drawn_as = drawn_as
        self._foot = FootZone(look, gate, buttons)
        foot = look.size("foot")
        self._put_up(self._foot, look.panel.width, foot, look.panel.x, look.panel.y + foot)

    def lay_out(self, places: Zones, question: Block, answer: Block) -> None:
        """Question and answers in their zones."""
        self.clear()
        self.question, self._warning_zone = question, places.warning
        self.body.add_widget(question)
        question.place(places.question.x, places.question.top)
        self._lay(answer, places.answer)

    def lay_out_whole(self, panel: Rect, block: Block) -> None:
        """A block that has the whole glass to itself."""
        self._take_away(self._head)
        self._take_away(self._foot)
        self._head = self._foot = None
        self.forget_looks()
        self.clear()
        self._lay(block, panel)

    def warn(self, look: Theme, gate: Gate, seconds: int, stay: Callable[[], None]) -> bool:
        """Shows the seconds that are left in the question's place; whether the warning came just now."""
        came, zone = self.warning is None, self._warning_zone
        if zone is None:
            return False
        if self.warning is None:
            if self.question is not None:
                self.question.opacity = 0
            self.warning = IdleWarning(look, gate, stay)
            self.body.add_widget(self.warning, len(self.body.children))  # read first, as the question is
            self.warning.fit(zone.width, zone.height)
            self.warning.place(zone.x, zone.top)
        self.warning.count(seconds)
        self.dirty = True
        return came

    def lift_warning(self) -> None:
        """The question stands in its place again."""
        if self.warning is not None:
            lift(self.warning)
            self.warning = None
            if self.question is not None:
                self.question.opacity = 1
            self.dirty = True

    def clear(self) -> None:
        """Takes away what is of one page, and holds nothing of it."""
        self.question = self.warning = self._warning_zone = None
        self.body.clear_widgets()
        self.body.fills.clear()

    def forget_looks(self) -> None:
        """Head and foot are drawn anew, whatever they say."""
        self._head_words = self._foot_drawn_as = None

    def _lay(self, block: Block, zone: Rect) -> None:
        block.fit(zone.width, zone.height)
        self.body.add_widget(block)
        block.place(zone.x, zone.top)
        self.dirty = True

    def _put_up(self, zone: Ground, width: float, height: float, x: float, top: float) -> None:
        self._fills.add(zone.fills)
        self.add_widget(zone)
        zone.fit(width, height)
        zone.place(x, top)
        self.dirty = True

    def _take_away(self, zone: Ground | None) -> None:
        if zone is not None:
            self.remove_widget(zone)
            self._fills.remove(zone.fills)
