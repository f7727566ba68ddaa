"""Who works the screens by keys, or listens to them: what is focused, the ring around it, and what the keys do.

Tab and the arrows go from target to target in reading order, Enter and the space bar press, Escape goes back, digits
and letters press the keys of a pad. The ring is shown from the first such key on, until somebody touches the glass. A
press by key goes the way of a touch: through the same gate, down and up, on the page on which it began.

In 听读 (``Manner.listen``) the page is read aloud, the first touch on a target speaks and lights it, the second one
chooses; the arrows up and down go through all that can be read, and what is lit is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from kivy.clock import Clock
from kivy.input.motionevent import MotionEvent
from kivy.uix.widget import Widget

from kiosk.manner import Anew, Manner
from kiosk.voice import Voice
from screens import digits
from screens.aids import DONE, AidsView
from screens.attract import WAKE, AttractView
from screens.keys import Command, Keys
from screens.layout import Block
from screens.listening import Reader
from screens.reading import Passage, passages, targets
from screens.ring import Ring
from screens.theme import Theme
from screens.touch import DOUBLE_TOUCH, Gate, Target
from screens.view import View
from screens.widgets import Key


@dataclass(frozen=True, kw_only=True)
class Around:
    """What the focus asks of the stage: the parts of the glass (head, body, foot), that somebody is there (True: an
    idle warning was lifted by it), and another way out of the page."""

    parts: Callable[[], tuple[Sequence[Widget], Sequence[Widget], Sequence[Widget]]]
    present: Callable[[], bool]
    leave: Callable[[Callable[[], Exception]], None]


class Focus:
    """What is focused on the page that stands there."""

    def __init__(self, gate: Gate, voice: Voice, around: Around) -> None:
        self._ring = Ring()
        self.drawing = self._ring.drawing
        self.lit: Widget | None = None
        self.listens = False
        self._gate = gate
        self._voice = voice
        self._around = around
        self._reader = Reader(voice, lambda: around.parts()[1], gate.now)
        self._manner = Manner()
        self._look: Theme | None = None
        self._by_keys = False
        self._view: View | None = None
        self._means: list[object] = []
        self._ticked = False
        self._lit_at = float("-inf")
        self._pressed: Target | None = None
        self._keys = Keys(self, gate.now)

    # What the stage tells

    def dress(self, look: Theme) -> None:
        """The pages that follow look like this."""
        self._look, self._manner = look, look.manner
        if look.manner.listen != self.listens:
            self.listens = look.manner.listen
            self._light(None)
            self._reader.forget()
            if self.listens:
                self._reader.begin()

    def captioned(self, view: View, question: Block) -> Block:
        """The question zone of a page, with a line for what is only said where somebody listens."""
        return self._reader.captioned(view, question) if self.listens else question

    def without_caption(self, question: Block) -> Block:
        """The same where that line leaves no room for the answers: then it is not said either."""
        self._reader.drop_caption()
        return question

    def settle(self, view: View) -> None:
        """The page has been laid out: one that came, or the same one again."""
        if view is self._view:
            self._stay()
            return
        if view.whole or (not self.listens and not self._by_keys):
            self._view = view
            self._light(None)
            return
        aids_again = isinstance(view, AidsView) and isinstance(self._view, AidsView)
        again = self._found_again() if aids_again and not self.listens else None
        self._view, self._means = view, self._answers()
        self._light(None)
        if self.listens:
            self._reader.page(view.head)
        elif self._by_keys:
            self._light(again or next(iter(self.stops()), None))

    def warned(self) -> None:
        """The idle warning stands where the question stood."""
        if self.listens:
            self._reader.warned()

    def takes(self, touch: MotionEvent) -> bool:
        """A finger is put down. True: it only asks what is there, and goes no further."""
        self._by_keys = False
        if not self.listens:
            self._light(None)
            return False
        if self._around.present() or not self._gate.open:
            return True
        passage = next((p for p in self._all(head=True) if p.widget.collide_point(*touch.pos)), None)
        if passage is None:
            return True
        if passage.widget is self.lit and isinstance(self.lit, Target) and self.lit.enabled:
            return not self.chooses(self.lit.means)
        self._light_and_say(passage)
        return True

    def chooses(self, means: object) -> bool:
        """Whether a touch on what means this chooses it, and does not only ask."""
        if not self.listens:
            return True
        lit = isinstance(self.lit, Target) and self.lit.means == means
        # A finger that bounces as it lights the target has not chosen it.
        return lit and self._gate.now() - self._lit_at >= DOUBLE_TOUCH

    def lifted(self) -> None:
        """A finger was taken up; what it pressed is done before the next frame."""
        if self.listens:
            Clock.schedule_once(lambda _dt: self._after_press(), -1)

    def forget(self) -> None:
        """The next person has used no keys yet."""
        self._by_keys, self._pressed, self._view, self._means = False, None, None, []
        self._keys.forget()
        self._light(None)
        if self.listens:
            self._reader.forget()

    def close(self) -> None:
        """Hears no more keys."""
        self._keys.close()

    def unasked(self) -> AbstractContextManager[None]:
        """What is said within, nobody asked for: it keeps nobody's time."""
        return self._reader.unasked()

    @property
    def speaks_until(self) -> float:
        """When what a person asked for has been said, about: until then they listen, and are not idle."""
        return self._reader.until

    def stops(self) -> list[Target]:
        """What can be focused, in the order in which it is."""
        return targets(self._all())

    def words_of(self, target: Target) -> tuple[str, ...]:
        """What stands on it to be read."""
        return next(passages([target])).texts

    # What the keys do

    def command(self, command: Command) -> None:
        """A key that is no character."""
        if self._around.present() or (command != "listen" and self._wakes()):
            return
        match command:
            case "next" | "right":
                self._move(1)
            case "previous" | "left":
                self._move(-1)
            case "down" | "up":
                step = 1 if command == "down" else -1
                if self.listens:
                    self._read_on(step)
                else:
                    self._across(step)
            case "back":
                self._tap("foot:back", DONE)
            case "delete":
                self._tap("key:delete")
            case "again":
                if self.listens:
                    self._reader.again()
            case "listen":
                manner = replace(self._manner, listen=not self.listens)
                self._around.leave(lambda: Anew(manner))
            case "louder":
                self._voice.louder()
            case "softer":
                self._voice.softer()

    def character(self, character: str) -> bool:
        """A digit or a letter: the key of the pad that bears it, in whatever case. False: there is none."""
        self._around.present()
        signs = (character, character.lower(), character.upper())
        return self._wakes() or self._tap(*(f"key:{sign}" for sign in signs))

    def choose(self, *, down: bool) -> None:
        """Enter or the space bar: as a finger on what is focused."""
        if not down:
            if self._pressed is not None:
                pressed, self._pressed = self._pressed, None
                pressed.key_up()
                self._after_press()
        elif self._around.present() or self._wakes():
            return
        elif isinstance(self.lit, Target):
            if self.listens:
                self._reader.hush()
            self._pressed = self.lit
            self._pressed.key_down()
        elif self.listens:
            self._reader.again()

    def _wakes(self) -> bool:
        """Whether the still page stands there, which any key answers as any touch does: whoever uses keys has come."""
        if not isinstance(self._view, AttractView):
            return False
        self._by_keys = True
        self._tap(WAKE)
        return True

    def _tap(self, *means: object) -> bool:
        target = next((target for target in self.stops() if target.means in means), None)
        if target is None:
            return False
        target.key_down()
        target.key_up()
        self._after_press()
        return True

    def _after_press(self) -> None:
        """Says what the press changed in place, where the page was not laid out again."""
        if self._view is None or self._view.whole:
            return
        if isinstance(self.lit, Target) and self.lit not in (stops := self.stops()):
            # Another character may have its place: who listens has not heard it yet.
            self._light(None if self.listens else self._found_again() or next(iter(stops), None))
        if not self.listens:
            return
        if self._reader.typed():
            action = next((target for target in self.stops() if target.means == digits.ACTION), None)
            self._light(action)
        before, self._means = self._means, self._answers()
        self._reader.wrote(turned=before != self._means)

    # Where it goes

    def _move(self, step: int) -> None:
        """To the next target. Whoever listens comes by the question on the way round."""
        stops: list[Widget | None] = [*self.stops()]
        if self.listens:
            stops.insert(0, None)
        self._by_keys = True
        self._go_to(stops, step)

    def _read_on(self, step: int) -> None:
        """To the next of all that can be read."""
        self._by_keys = True
        self._go_to([None, *(passage.widget for passage in self._all())], step)

    def _go_to(self, stops: list[Widget | None], step: int) -> None:
        if not stops:
            return
        if self.lit in stops:
            at = (stops.index(self.lit) + step) % len(stops)
        else:
            at = 0 if step > 0 else len(stops) - 1
        widget = stops[at]
        passage = next((p for p in self._all() if p.widget is widget), None)
        if not self.listens:
            self._light(widget)
        elif passage is not None:
            self._light_and_say(passage)
        else:
            self._light(None)
            self._reader.again()

    def _across(self, step: int) -> None:
        """To the nearest target below or above, as the eye sees it."""
        if not isinstance(self.lit, Target):
            self._move(step)
            return
        lit, stops = self.lit, self.stops()
        self._by_keys = True
        beyond = [t for t in stops if (t.top <= lit.y if step > 0 else t.y >= lit.top)]
        if beyond:
            self._light(min(beyond, key=lambda t: (abs(t.center_y - lit.center_y), abs(t.center_x - lit.center_x))))

    def _stay(self) -> None:
        """The same page was laid out again: what was focused is found again, by what it means."""
        if self._view is None or self._view.whole or (not self.listens and not self._by_keys):
            return
        before, lit = self._means, self.lit
        self._means = self._answers()
        turned = before != self._means
        again = None if self.listens and turned and not isinstance(lit, Key) else self._found_again()
        if again is None and self._by_keys and not self.listens:
            again = next(iter(self.stops()), None)
        ticked = self._ticked
        self._light(again)
        if self.listens:
            changed = again is not None and again.ticked != ticked
            focused = next((p for p in self._all() if p.widget is again), None) if changed else None
            self._reader.changed(focused, recount=turned)

    def _found_again(self) -> Target | None:
        """What means the same as what was focused."""
        lit = self.lit
        return next((t for t in self.stops() if isinstance(lit, Target) and t.means == lit.means), None)

    def _all(self, *, head: bool = False) -> list[Passage]:
        above, body, foot = self._around.parts()
        return list(passages([*(above if head else ()), *body, *foot]))

    def _answers(self) -> list[object]:
        return [target.means for target in targets(passages(self._around.parts()[1]))]

    def _light_and_say(self, passage: Passage) -> None:
        self._light(passage.widget)
        self._reader.passage(passage)

    def _light(self, widget: Widget | None) -> None:
        if widget is None and self.lit is None:
            return
        self.lit, self._lit_at = widget, self._gate.now()
        self._ticked = isinstance(widget, Target) and widget.ticked
        if self._look is not None:
            self._ring.draw(widget, self._look)
