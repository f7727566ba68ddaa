"""Writing by pinyin, as it stands on a page: a field, the candidates for the letters, the keys.

The three change with every touch, each in its place: the page is not laid out again. Where the candidates are more than
a row, 更多字 lays them over the keys, some thirty at a time: a rare character stands far behind the common ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle

from kiosk.composing import Composer
from kiosk.pinyin import Candidate, dictionary
from kiosk.texts import language
from screens import keyboard
from screens.candidates import BEFORE, LESS, MORE, NEXT, CandidateRow, Pages, line_height, one_line
from screens.keyboard import BLANK, DELETE, SWITCH, Layer
from screens.layout import Block
from screens.lines import break_lines
from screens.listening_characters import in_a_word
from screens.slot import Slot
from screens.surface import Surface
from screens.text import Text
from screens.theme import ColourName, StyleName, Theme
from screens.view import Setting
from screens.widgets import Key

LOADS_AFTER = 0.3
"""Seconds after the page came until the dictionary is loaded: not in its first frame, and before the first letter."""


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """What somebody has written so far."""

    written: str
    letters: str
    layer: Layer


class Writing:
    """What is being written on one page. ``changed`` is told after each touch."""

    def __init__(
        self, setting: Setting, *, longest: int, changed: Callable[[], None], written: str = "",
        layers: Sequence[Layer] = ("pinyin",), nothing: str = "",
    ) -> None:  # fmt: skip
        self.look, self.gate = setting.look, setting.gate
        self.composer = Composer(dictionary, longest, written)
        self.layers, self.layer = layers, layers[0]
        if language() == "en" and "latin" in layers:
            self.layer = "latin"
        self.nothing = nothing
        self._changed, self._refresh = changed, setting.refresh
        self._field: Field | None = None
        self._row: CandidateRow | None = None
        self._keys: Slot | None = None
        self._keyboard: Block | None = None
        self._presses: dict[str, Callable[[], None]] = {
            f"key:{BLANK}": self._press(BLANK),
            MORE: self._more, LESS: self._less, NEXT: partial(self._turn, 1), BEFORE: partial(self._turn, -1),
        }  # fmt: skip
        self._pages: Pages | None = None
        """The candidates over the keys, while they lie there."""
        Clock.schedule_once(lambda _dt: dictionary(), LOADS_AFTER)

    @property
    def text(self) -> str:
        """What has been written."""
        return self.composer.written

    @property
    def letters(self) -> str:
        """The letters after it that nothing was chosen for."""
        return self.composer.letters

    def unfinished(self) -> Unfinished:
        """What stands there now."""
        return Unfinished(written=self.composer.written, letters=self.composer.letters, layer=self.layer)

    def resume(self, unfinished: object) -> None:
        """Goes on with that; anything else is nothing."""
        if isinstance(unfinished, Unfinished):
            self.layer = unfinished.layer if unfinished.layer in self.layers else self.layer
            self.composer.written = unfinished.written[: self.composer.longest]
            for letter in unfinished.letters:
                self.composer.type(letter)

    def field(self, lines: int = 1) -> Block:
        """What is written, in a field of that many lines."""
        self._field = Field(self.look, lines, self.nothing)
        self._field.show(self.composer.written, self.composer.spaced)
        return self._field

    def candidates(self) -> Block:
        """The row of candidates."""
        self._row = CandidateRow(self.look, self._key, blank=self.layer != "pinyin")
        self._row.show(self.composer.candidates, self.composer.letters)
        return self._row

    def keys(self, width: float, room: float) -> Block:
        """The keys, as wide as that and at most ``room`` pixels high where that is possible."""
        self._pages = None
        self._keyboard = keyboard.keyboard(
            self.look, self.gate, self.layer, self._press, layers=self.layers, width=width, room=room
        )
        self._keys = Slot(self._keyboard)
        return self._keys

    def _press(self, what: str) -> Callable[[], None]:
        return partial(self._pressed, what)

    def _pressed(self, what: str) -> None:
        composer = self.composer
        if what == SWITCH:
            self.layer = keyboard.after(self.layer, self.layers)
            self._refresh()
            return
        if what == DELETE:
            composer.delete()
        elif what == BLANK:
            composer.put(" ")
        elif self.layer == "pinyin":
            composer.type(what)
        else:
            composer.put(what)
        self._show()

    def _key(self, means: str, label: str, candidate: Candidate | None = None) -> Key:
        key: Key
        if candidate is None:
            key = Key(self.look, self.gate, means, self._presses[means], label=label, style="body")
        else:
            key = CandidateKey(self, means, candidate)
        key.pad_x = self.look.mm(3 if candidate is not None else 2)
        key.least_height = keyboard.least_key(self.look)
        return key

    def chosen(self, candidate: Candidate) -> None:
        """The candidate takes the place of its letters."""
        self.composer.choose(candidate)
        self._less()
        self._show()

    def _more(self) -> None:
        """Lays the candidates over the keys."""
        if self._keys is not None and self._row is not None:
            self._pages = Pages(self.look, self._key, self.composer.candidates, self._row.height)
            self._keys.show(self._pages)
            self._row.control(self._pages)

    def _less(self) -> None:
        """Brings the keys back."""
        if self._keys is not None and self._keyboard is not None and self._pages is not None:
            self._pages = None
            self._keys.show(self._keyboard)
            if self._row is not None:
                self._row.show(self.composer.candidates, self.composer.letters)

    def _turn(self, by: int) -> None:
        if self._pages is not None and self._row is not None:
            self._pages.turn(by)
            self._row.control(self._pages)

    def _show(self) -> None:
        if self._field is not None:
            self._field.show(self.composer.written, self.composer.spaced)
        if self._row is not None:
            self._row.show(self.composer.candidates, self.composer.letters)
        self._changed()


class CandidateKey(Key):
    """The key of a candidate, which knows by what word its character is told from others that sound the same."""

    def __init__(self, writing: Writing, means: str, candidate: Candidate) -> None:
        press = partial(writing.chosen, candidate)
        super().__init__(writing.look, writing.gate, means, press, label=candidate.text, style="key")
        self._text = candidate.text
        self._letters = writing.letters[: candidate.letters]

    @property
    def in_a_word(self) -> str:
        """``紧张的张``; "" where no common word has it, and for a word."""
        return in_a_word(self._text, self._letters) if len(self._text) == 1 else ""


class Field(Surface):
    """The text, then the letters that are being composed, underlined, and a red bar where the next one comes.

    What is longer than its lines shows its end.
    """

    def __init__(self, look: Theme, lines: int, nothing: str) -> None:
        super().__init__(look)
        self.outline = "edge"
        self.pad_y = look.mm(1.5)
        self.lines, self.nothing = lines, nothing
        self.written = self.letters = ""
        self._make_room()
        self._placed = False

    def make_room_for(self, text: str, width: float) -> None:
        """Has as many lines as that text takes where the field is ``width`` wide, if they are more."""
        measure = Text(self.look, "", "body").measure
        self.lines = max(self.lines, len(break_lines(text, self._room(width), measure)))
        self._make_room()

    def _make_room(self) -> None:
        look = self.look
        self.least_height = max(self.lines * line_height(look, "body"), line_height(look, "key")) + 2 * self.pad_y

    def _room(self, width: float) -> float:
        """The width that words have, beside the bar."""
        return width - 2 * self.pad_x - self.look.mm(2)

    def show(self, written: str, letters: str) -> None:
        """Another text."""
        self.written, self.letters = written, letters
        if self._placed:
            self._draw()

    def arrange(self) -> None:
        super().arrange()
        self._placed = True
        self._draw()

    def _draw(self) -> None:
        look = self.look
        self.clear_widgets()
        self.canvas.clear()
        if not self.written and not self.letters and self.nothing:
            hint = one_line(look, self.nothing, self.width - 2 * self.pad_x)
            self._place(hint, self.x + self.pad_x, self.center_y + hint.height / 2)
            return
        width = self._room(self.width)
        style: StyleName = "key"
        whole = Text(look, self.written + self.letters, style)
        if whole.natural_width() > width:
            style = "body"
        lines, letters = self._broken(style, width)
        line = line_height(look, style)
        top = self.center_y + line * len(lines) / 2
        x = self.x + self.pad_x
        for number, words in enumerate(lines):
            last = number == len(lines) - 1
            text = self._word(words, style, "ink", x, top)
            if last:
                x += text.width if words else 0
                if letters:
                    composed = self._word(letters, style, "soft", x, top)
                    with self.canvas:
                        Color(*look.colour("soft"))
                        Rectangle(pos=(round(x), round(top - line)), size=(composed.width, look.mm(0.5)))
                    x += composed.width
                with self.canvas:
                    Color(*look.colour("red"))
                    Rectangle(pos=(round(x), round(top - line * 0.85)), size=(look.mm(0.8), round(line * 0.7)))
            top -= line

    def _broken(self, style: StyleName, width: float) -> tuple[list[str], str]:
        """The lines of the text that there is room for, and the letters that follow the last."""
        measure = Text(self.look, "", style).measure
        letters = self.letters
        while letters and measure(letters) > width:
            letters = letters[1:]
        lines = break_lines(self.written, width, measure) if self.written else [""]
        if letters and measure(lines[-1]) + measure(letters) > width:
            lines.append("")
        if len(lines) > self.lines:
            lines = lines[-self.lines :]
            while measure("…" + lines[0]) > width:
                lines[0] = lines[0][1:]
            lines[0] = "…" + lines[0]
        return lines, letters

    def _word(self, words: str, style: StyleName, ink: ColourName, x: float, top: float) -> Text:
        text = Text(self.look, words, style, ink)
        text.style = replace(text.style, line=line_height(self.look, style))
        text.fit(text.natural_width() if words else 1)
        if words:
            self._place(text, x, top)
        return text

    def _place(self, text: Text, x: float, top: float) -> None:
        self.add_widget(text)
        text.place(x, top)
