"""Where a text may be broken into lines, and where it reads best when it is.

Kivy breaks Chinese anywhere and at spaces first; here no line begins with a closing mark or ends with an opening one,
numbers and Latin words stay whole, texts break after punctuation and between words where they can and come out even,
and no character is left alone on the last line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import accumulate

from devices.wrapping import inside_words

NOT_FIRST = "，。、；：？！）》」』】”’％…·—～＊,.;:?!)]}%"
NOT_LAST = "（《「『【“‘([{￥"
_BLANK_AFTER, _BLANK_BEFORE = "，。、；：”’）》〉」』】", "“‘（《〈「『【"
_SQUEEZED = re.compile(f"[{_BLANK_AFTER}](?=[{_BLANK_AFTER}{_BLANK_BEFORE}！？])")
"""Marks whose square is half empty, before another one: ”， takes no more than ， alone (CLREQ, 3.1.6)."""
ENDS = "。；？！;?!"
PAUSES = "，、：）”》」』,:)"
SHORT_LINE, SHORT_CLAUSE = 5, 4
"""Characters. A last line with fewer looks forlorn; not so a clause of its own: 对不对？"""
TORN = 2.0
"""How ugly a line is that ends in the middle of a word, which costs no further line."""
LONG = 3.0
"""Lines. A longer text is read as a paragraph: full lines matter more than where they break."""

_WORDS = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|[A-Za-z\u00c0-\u024f\u0300-\u036f0-9@#&_+\-–./:%'＊]+|\s|.[\u0300-\u036f]*",
    re.DOTALL,
)
"""José is a word, however its é is written; a mark stays on its letter; 23,456.78 is one number."""
_LETTERS = re.compile(r".[\u0300-\u036f]*", re.DOTALL)
_PARTS = re.compile(r"[^\-–/]+[\-–/]*|[\-–/]+")
_IN_LETTERS = re.compile(r"\W*[^\W\d_]{2,}(?:[-–/'’][^\W\d_]+)*\W*")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")


def break_lines(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """``text`` in as few lines of at most ``width`` as it takes. ``measure`` gives the width of a piece of text.

    A line break in the text stays. A word that is wider than a line is cut, after a hyphen where that is enough.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_break(paragraph, width, measure) if paragraph else [""])
    return lines


def whole_words(text: str) -> list[str]:
    """The Latin words of letters only, with the marks that belong to them: what nobody reads when it is cut in two.

    Of a word with a hyphen its parts. Numbers, addresses and codes may be cut.
    """
    words = [piece for piece in _unparted(text) if _LATIN.search(piece) and _IN_LETTERS.fullmatch(piece)]
    return [part for word in words for part in _PARTS.findall(word)]


def squeezed(text: str) -> list[str]:
    """The text in parts, each of which but the last gives up half an em at its end."""
    parts, at = [], 0
    for mark in _SQUEEZED.finditer(text):
        parts.append(text[at : mark.end()])
        at = mark.end()
    return [*parts, text[at:]]


def _break(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    if measure(text) <= width:
        return [text]
    pieces = _pieces(text, width, measure)
    widths = [measure(piece) for piece in pieces]
    elsewhere = 2.0 if sum(widths) < LONG * width else 0.5
    within = inside_words("".join(pieces))
    tears = [end in within for end in accumulate(len(piece) for piece in pieces)]
    # best[i]: the fewest lines, then the least ugliness, with which pieces[i:] can be set; where its first line ends
    count = len(pieces)
    best: list[tuple[int, float, int]] = [(0, 0.0, count)] * (count + 1)
    for start in range(count - 1, -1, -1):
        filled = 0.0
        choice: tuple[int, float, int] | None = None
        for end in range(start + 1, count + 1):
            filled += widths[end - 1]
            if filled > width and end > start + 1 and pieces[end - 1] != " ":
                break
            rest_lines, rest_cost, _ = best[end]
            cost = rest_cost + _ugliness(pieces, start, end, max(0.0, 1 - filled / width), elsewhere)
            cost += TORN * tears[end - 1]
            if choice is None or (rest_lines + 1, cost) < choice[:2]:
                choice = (rest_lines + 1, cost, end)
        if choice is not None:
            best[start] = choice
    lines, at = [], 0
    while at < count:
        end = best[at][2]
        lines.append("".join(pieces[at:end]).strip(" "))
        at = end
    return lines


def _ugliness(pieces: list[str], start: int, end: int, empty: float, elsewhere: float) -> float:
    """How badly a line reads. ``empty`` is the unfilled share of it, ``elsewhere`` what a break between words costs."""
    last = "".join(pieces[start:end]).strip(" ")
    if end == len(pieces):
        whole = start > 0 and pieces[start - 1][-1] in ENDS + PAUSES and len(last) >= SHORT_CLAUSE
        return 4.0 if len(last) < SHORT_LINE and start > 0 and not whole else 0.0
    mark = last[-1:]
    at_break = 0.0 if mark in ENDS else 0.3 if mark in PAUSES else elsewhere
    return at_break + 3 * empty * empty


def _pieces(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """What must not be parted, but where it is wider than a line."""
    pieces: list[str] = []
    for piece in _unparted(text):
        for part in [piece] if measure(piece) <= width else _PARTS.findall(piece):
            pieces.extend([part] if len(part) == 1 or measure(part) <= width else _LETTERS.findall(part))
    return pieces


def _unparted(text: str) -> list[str]:
    """Words and numbers, and characters with the marks that belong to them."""
    pieces: list[str] = []
    for word in _WORDS.findall(text):
        if pieces and (word[0] in NOT_FIRST or pieces[-1][-1] in NOT_LAST):
            pieces[-1] += word
        else:
            pieces.append(word)
    return pieces
