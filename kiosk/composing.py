"""What somebody writes by pinyin: the text so far, and the letters that are still to become a text."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.pinyin import LONGEST, Candidate, Dictionary


class Composer:
    """``written`` and, after it, ``letters`` with the ``candidates`` for them, all of which are gone with it.

    ``longest`` is of the text, in characters. The dictionary is asked for with the first letter.
    """

    def __init__(self, dictionary: Callable[[], Dictionary], longest: int, written: str = "") -> None:
        self._dictionary = dictionary
        self.longest = longest
        self.written = written[:longest]
        self.letters = ""
        self.spaced = ""
        """The letters with a blank after each syllable."""
        self.candidates: list[Candidate] = []

    def type(self, letter: str) -> None:
        """One more letter (a to z, or ' between two syllables)."""
        if len(self.written) < self.longest and len(self.letters) < LONGEST:
            self._compose(self.letters + letter)

    def put(self, text: str) -> None:
        """A text that needs no composing: a figure, a sign. Letters before it become what they most likely are."""
        while self.letters and self.candidates:
            self.choose(self.candidates[0])
        self.written = (self.written + text)[: self.longest]
        self._compose("")

    def choose(self, candidate: Candidate) -> None:
        """The candidate takes the place of its letters."""
        self.written += candidate.text
        self._compose(self.letters[candidate.letters :])

    def delete(self) -> None:
        """Takes back the last letter, or the last character where there is none."""
        if self.letters:
            self._compose(self.letters[:-1])
        else:
            self.written = self.written[:-1]

    def _compose(self, letters: str) -> None:
        self.letters = letters
        self.spaced = spaced(letters, self._dictionary()) if letters else ""
        room = self.longest - len(self.written)
        found = self._dictionary().candidates(letters) if letters and room else []
        self.candidates = [candidate for candidate in found if len(candidate.text) <= room]


def spaced(letters: str, dictionary: Dictionary) -> str:
    """``fu jian sheng`` for ``fujiansheng``, as the likeliest way to read it; what cannot be read stands at the end."""
    parts: list[str] = []
    begin = 0
    for token in next(iter(dictionary.cut(letters)), ()):
        parts.append(letters[begin : token.end].strip("'"))
        begin = token.end
    return " ".join(part for part in (*parts, letters[begin:]) if part)
