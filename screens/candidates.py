"""What letters may stand for, to be pressed: a row of candidates above the keys, and pages of all of them over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from kiosk.pinyin import Candidate
from kiosk.texts import _
from screens.keyboard import BLANK
from screens.layout import Block
from screens.surface import lift
from screens.text import Text
from screens.theme import StyleName, Theme
from screens.widgets import Key

MORE, LESS = "candidates:more", "candidates:less"
NEXT, BEFORE = "candidates:next", "candidates:before"
LINE = 1.25
"""Height of a line that stands alone, of the em."""


class MakeKey(Protocol):
    """Makes the key of a candidate, or one that means MORE, LESS, NEXT or BEFORE."""

    def __call__(self, means: str, label: str, candidate: Candidate | None = None) -> Key: ...


class CandidateRow(Block):
    """What the letters may stand for, as many as fit; or how to go about it; or the keys that turn the pages.

    Where there is nothing to choose, as with figures, the key of the ``blank`` has the place.
    """

    def __init__(self, look: Theme, make: MakeKey, *, blank: bool) -> None:
        super().__init__()
        self.look, self._make, self._blank = look, make, blank
        self._candidates: Sequence[Candidate] = ()
        self._letters = ""
        self._pages: Pages | None = None
        self._placed = False

    def height_for(self, width: float) -> float:
        return max(self._make(MORE, _("更多字")).fit(width), self._make("", "x", Candidate("x", 1)).fit(width))

    def arrange(self) -> None:
        self._placed = True
        self._draw()

    def show(self, candidates: Sequence[Candidate], letters: str) -> None:
        """Other candidates."""
        self._candidates, self._letters, self._pages = candidates, letters, None
        if self._placed:
            self._draw()

    def control(self, pages: Pages) -> None:
        """Turns the pages of all candidates."""
        self._pages = pages
        self._draw()

    def _draw(self) -> None:
        for child in list(self.children):
            lift(child)
        if self._pages is not None:
            self._draw_controls(self._pages)
        elif self._candidates:
            self._draw_candidates()
        elif self._blank:
            self._put(self._make(f"key:{BLANK}", _("空格")), self.x, self.width / 3)
        else:
            self._say(_("没有这样的字，请看看拼音。") if self._letters else _("按拼音，字就出现在这里。"))

    def _draw_candidates(self) -> None:
        more = self._make(MORE, _("更多字"))
        room = self.width - more.natural_width() - self.look.size("key gap")
        keys = flow(self.look, self._make, self._candidates, self.width, self.height)
        beyond = len(keys) < len(self._candidates)
        if beyond:
            keys = flow(self.look, self._make, self._candidates, room, self.height)
        x = self.x
        for key in keys:
            x = self._put(key, x, key.width) + self.look.size("key gap")
        if beyond:
            self._put(more, self.right - more.natural_width())

    def _draw_controls(self, pages: Pages) -> None:
        gap = self.look.size("key gap")
        x = self._put(self._make(LESS, _("接着写")), self.x) + gap
        if pages.before:
            self._put(self._make(BEFORE, _("上一页")), x)
        after = self._make(NEXT, _("下一页"))
        if pages.after:
            self._put(after, self.right - after.natural_width())

    def _put(self, key: Key, x: float, width: float = 0) -> float:
        key.fit(width or key.natural_width(), self.height)
        self.add_widget(key)
        key.place(x, self.top)
        return float(key.right)

    def _say(self, words: str) -> None:
        text = one_line(self.look, words, self.width)
        self.add_widget(text)
        text.place(self.x, self.center_y + text.height / 2)


class Pages(Block):
    """All candidates, a page at a time, in rows as high as the row of candidates."""

    def __init__(self, look: Theme, make: MakeKey, candidates: Sequence[Candidate], row: float) -> None:
        super().__init__()
        self.look, self._make, self._candidates, self._row = look, make, candidates, row
        self._starts = [0]
        self._ends_at = 0

    @property
    def before(self) -> bool:
        """Whether there is a page before."""
        return len(self._starts) > 1

    @property
    def after(self) -> bool:
        """Whether there is another page."""
        return self._ends_at < len(self._candidates)

    def turn(self, by: int) -> None:
        """The next page, or the one before."""
        if by > 0 and self.after:
            self._starts.append(self._ends_at)
        elif by < 0 and self.before:
            self._starts.pop()
        self.arrange()

    def arrange(self) -> None:
        for child in list(self.children):
            lift(child)
        gap, at, top = self.look.size("key gap"), self._starts[-1], self.top
        while top - self._row >= self.y - 1 and at < len(self._candidates):
            keys = flow(self.look, self._make, self._candidates[at:], self.width, self._row, first=at)
            if not keys:
                at += 1
                continue
            x = self.x
            for key in keys:
                self.add_widget(key)
                key.place(x, top)
                x += key.width + gap
            at += len(keys)
            top -= self._row + gap
        self._ends_at = at


def flow(
    look: Theme, make: MakeKey, candidates: Sequence[Candidate], width: float, height: float, *, first: int = 0
) -> list[Key]:
    """The keys of the first candidates, as many as fit into a row; none, where the first alone is too wide."""
    keys: list[Key] = []
    used = 0.0
    for number, candidate in enumerate(candidates, first):
        key = make(f"candidate:{number}", candidate.text, candidate)
        own = max(key.natural_width(), height)
        if used + own > width:
            break
        key.fit(own, height)
        keys.append(key)
        used += own + look.size("key gap")
    return keys


def one_line(look: Theme, words: str, width: float) -> Text:
    """Quiet words in one line; what has no room is left off at their end."""
    text = Text(look, words, "body", "soft")
    while text.natural_width() > width and len(words) > 1:
        words = words[:-1].rstrip()
        text = Text(look, f"{words}…", "body", "soft")
    text.style = replace(text.style, line=line_height(look, "body"))
    text.fit(width)
    return text


def line_height(look: Theme, style: StyleName) -> int:
    """The height of a line that stands alone, in pixels."""
    return round(look.style(style).em * LINE)
