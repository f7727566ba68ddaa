"""Finds options by what people write: by first letters (kdl), by pinyin (kadiule) and by characters (卡丢了).

An option is found by its label, its note and its other words. Characters that were written come first, the letters that
are still being composed go on from there: 卡d finds 卡丢了. When nothing has it all, what shares most with it is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from kiosk.pages import Option
from kiosk.pinyin import Dictionary, Spelled

T = TypeVar("T")

WHOLE, BEGINS, WORD, CONTAINS, CONTAINED = range(5)
"""How a text is found, best first: whole, from its beginning, a part with a blank before it, any part; or it is a part
itself of what was written."""
_TWO_LETTERS = ("zh", "ch", "sh")


@dataclass(frozen=True, slots=True)
class Text:
    """A text to be found, how it may be read, and where one letter or two may begin in it."""

    text: str
    spelled: Spelled
    begins: dict[str, list[int]]


class Finder(Generic[T]):
    """Finds among ``options``. Between equals a name (the label, the first of the words) goes before other words, and
    then the order decides in which they come, most used first."""

    def __init__(self, options: Iterable[Option[T]], dictionary: Dictionary) -> None:
        options = list(options)
        spelled = dictionary.spell({text for option in options for text in _texts(option)})
        texts = {text: Text(text, readings, _begins(readings)) for text, readings in spelled.items()}
        self._options = [(option, [texts[text] for text in _texts(option)]) for option in options]

    def find(self, written: str, letters: str = "") -> list[Option[T]]:
        """The options that ``written``, and then ``letters``, could mean; all of them when there is neither."""
        letters = letters.lower().replace("'", "")
        found: list[tuple[tuple[int, bool], Option[T]]] = []
        for option, texts in self._options:
            names = (option.label, *option.words[:1])
            ranks = [
                (rank, text.text not in names) for text in texts if (rank := _rank(text, written, letters)) is not None
            ]
            if ranks:
                found.append((min(ranks), option))
        if not found and len(written) > 1:
            return self._alike(written)
        return [option for _rank_found, option in sorted(found, key=lambda pair: pair[0])]

    def _alike(self, written: str) -> list[Option[T]]:
        """Those that share two characters in a row with it, most of them first."""
        pairs = {written[at : at + 2] for at in range(len(written) - 1)}
        shared = [
            (max(sum(pair in text.text for pair in pairs) for text in texts), option) for option, texts in self._options
        ]
        return [option for count, option in sorted(shared, key=lambda pair: -pair[0]) if count]


def _texts(option: Option[T]) -> Sequence[str]:
    return [text for text in dict.fromkeys((option.label, option.note, *option.words)) if text]


def _begins(spelled: Spelled) -> dict[str, list[int]]:
    """One letter, and two → where they may be read: so that most places need not be read at all."""
    begins: dict[str, list[int]] = {}
    for at, readings in enumerate(spelled):
        after = next((other for other in spelled[at + 1 :] if " " not in other), ())
        first = {reading[0] for reading in readings}
        two = {reading[:2] for reading in readings if len(reading) > 1}
        two |= {letter + reading[0] for letter in first for reading in after}
        for letters in first | two:
            begins.setdefault(letters, []).append(at)
    return begins


def _rank(text: Text, written: str, letters: str) -> int | None:
    """How this text is found; None: it is not."""
    if not written and letters:
        places: Iterable[int] = text.begins.get(letters[:2], ())
    else:
        places = _places(text.text, written)
    best: int | None = None
    for at in places:
        end = at + 1 if len(letters) == 1 and not written else _read(text.spelled, at + len(written), letters, 0)
        if end is not None:
            if not at:
                return WHOLE if end == len(text.text) else BEGINS
            best = WORD if text.text[at - 1] == " " else best or CONTAINS
    if best is None and not letters and len(text.text) > 1 and text.text in written:
        return CONTAINED
    return best


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _read(spelled: Spelled, at: int, letters: str, read: int) -> int | None:
    """How far into the text ``letters[read:]`` reaches from ``at``, each character by a beginning of its reading."""
    if read == len(letters):
        return at
    if at == len(spelled):
        return None
    furthest: int | None = None
    for reading in spelled[at]:
        if reading == " ":
            return _read(spelled, at + 1, letters, read)
        if not letters.startswith(reading[0], read):
            continue
        lengths = {len(reading), 2 if reading[:2] in _TWO_LETTERS else 1, 1}
        rest = letters[read:]
        if reading.startswith(rest):
            lengths.add(len(rest))
        for length in lengths:
            if letters.startswith(reading[:length], read):
                end = _read(spelled, at + 1, letters, read + min(length, len(rest)))
                if end is not None:
                    furthest = end if furthest is None else max(furthest, end)
    return furthest
