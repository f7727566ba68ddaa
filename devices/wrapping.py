"""Lines of paper: how wide a text is in columns, where a line may end, and what the printer's own font can print.

A column is half as wide as a Han character. Widths are those of the printer's font ROM: what GBK writes in one byte
takes one column, what it writes in two takes two. Lines keep the rules of Chinese setting (GB/T 15834, 5.1): no closing
mark begins a line and no opening mark ends one; words and numbers stay whole where they fit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from devices import glyphs

Repertoire = Literal["gb2312", "gbk", "gb18030"]
"""What a printer's font ROM holds. Many sold as GB 18030 hold its two-byte part, which is GBK."""

CLOSING = frozenset("，。、：；？！”’）》〉】」』〕］｝…—～·％℃,.:;?!)]}%>")
OPENING = frozenset("“‘（《〈【「『〔［｛￥$([{<#")
QUOTED = 16
"""Columns up to which what stands in quotation marks stays whole where it fits: it names what somebody looks for."""
_AS = str.maketrans({"¥": "￥", "✓": "√", "✔": "√", "\u2028": "\n", "\u2029": "\n", "\x85": "\n"})


@dataclass(frozen=True)
class Cluster:
    """What stands in one place: a character with the combining marks on it. `columns` at normal size."""

    text: str
    columns: int
    boxed: bool = False
    """No font has it: a box with its code and sound, as large as any text, stands for it."""
    held: bool = False
    """It keeps the next one on its line."""


def printable(text: str) -> str:
    """`text` in the characters that receipts use: one kind of line end, of space, of yuan sign and of tick.

    Invisible format characters go. Control characters stay: they become boxes, never commands.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_AS).expandtabs(4)
    return "".join(
        " " if character != "\u3000" and unicodedata.category(character) == "Zs" else character
        for character in glyphs.visible(text)
    )


def clusters(text: str) -> list[Cluster]:
    """The places of a line of `printable` text, in order."""
    found: list[Cluster] = []
    for character in text:
        if unicodedata.combining(character) and found and not found[-1].boxed and glyphs.has_glyph(character):
            whole = unicodedata.normalize("NFC", found[-1].text + character)
            found[-1] = Cluster(whole, _columns(whole[0]))
        elif in_rom(character, "gbk") or glyphs.has_glyph(character):
            found.append(Cluster(character, _columns(character)))
        else:
            found.append(Cluster(character, len(" ".join(glyphs.in_box(character)).rstrip()) + 1, boxed=True))
    return found


def columns_of(text: str) -> int:
    """The width of a line of `printable` text at normal size."""
    return sum(cluster.columns for cluster in clusters(text))


def in_rom(text: str, repertoire: Repertoire) -> bool:
    """Whether a printer whose ROM holds `repertoire` prints all of `text` itself."""
    return all(_in_rom(character, repertoire) for character in text)


def encoded(text: str) -> bytes:
    """The bytes of text that is `in_rom`: GB 18030, of which GBK and GB 2312 are parts."""
    return text.encode("gb18030")


def wrap(text: str, columns: int) -> list[str]:
    """One line of `printable` text as lines of at most `columns`; an empty text is one empty line.

    Spaces at a break go, those at the start of the text stay. A box wider than `columns` stands alone.
    """
    return _wrap(_with_quotations_held(clusters(text)), columns, _may_break)


def balanced(text: str, columns: int) -> list[str]:
    """Like `wrap` for titles: as few lines, but even ones, ended by punctuation where that costs no further line."""
    places = _with_quotations_held(clusters(text))
    lines = _wrap(places, columns, _may_break)
    if len(lines) == 1:
        return lines
    best, rule = lines, _may_break
    if _widest_unit(places, _ends_phrase) <= columns:
        phrases = _wrap(places, columns, _ends_phrase)
        if len(phrases) == len(lines):
            best, rule = phrases, _ends_phrase
    for width in range(columns - 1, min(columns, _widest_unit(places, rule)) - 1, -1):
        narrower = _wrap(places, width, rule)
        if len(narrower) > len(best):
            break
        best = narrower
    return best


def _with_quotations_held(places: list[Cluster]) -> list[Cluster]:
    """The same places, of which those of a short quotation hold on to each other."""
    held = list(places)
    start = None
    for number, place in enumerate(places):
        if place.text == "“":
            start = number
        elif place.text == "”" and start is not None:
            if sum(inner.columns for inner in places[start : number + 1]) <= QUOTED:
                held[start:number] = [replace(inner, held=True) for inner in places[start:number]]
            start = None
    return held


Rule = Callable[[Cluster, Cluster], bool]


def _wrap(places: list[Cluster], columns: int, rule: Rule) -> list[str]:
    lines: list[str] = []
    start = 0
    while True:
        end = _end_of_line(places, start, columns, rule)
        line = "".join(place.text for place in places[start:end]).rstrip(" ")
        if line or end == len(places):  # spaces before a word that fills the line make no line of their own
            lines.append(line)
        start = end
        while start < len(places) and places[start].text == " ":
            start += 1
        if start >= len(places):
            return lines


def _end_of_line(places: list[Cluster], start: int, columns: int, rule: Rule) -> int:
    """Where the line that begins at `start` ends: the last fitting place that the rule allows, else after a hyphen,
    else that kinsoku allows, else that fits. At least one place, so that there is an end."""
    width, fits = 0, start
    for place in places[start:]:
        width += place.columns
        if width > columns and place.text != " ":
            break
        fits += 1
    fits = min(max(fits, start + 1), len(places))
    if fits == len(places):
        return fits
    for allowed in (rule, _may_break, _after_hyphen, _keeps_marks):
        for end in range(fits, start, -1):
            if allowed(places[end - 1], places[end]):
                return end
    return fits


def _widest_unit(places: list[Cluster], rule: Rule) -> int:
    """The columns of the widest piece that the rule does not break."""
    widest = width = 0
    for number, place in enumerate(places):
        if number and rule(places[number - 1], place):
            width = 0
        width += place.columns
        widest = max(widest, width)
    return widest


def _may_break(before: Cluster, after: Cluster) -> bool:
    if before.held:
        return False
    if before.text == " " or after.text == " ":
        return before.text == " " and _keeps_marks(before, after)
    return _keeps_marks(before, after) and not (_in_word(before) and _in_word(after))


def _after_hyphen(before: Cluster, after: Cluster) -> bool:
    """Where a number is broken that is longer than a line."""
    return before.text == "-" and _keeps_marks(before, after)


def _ends_phrase(before: Cluster, after: Cluster) -> bool:
    return _may_break(before, after) and (before.text == " " or before.text in CLOSING)


def _keeps_marks(before: Cluster, after: Cluster) -> bool:
    return after.text not in CLOSING and after.text != " " and before.text not in OPENING


def _in_word(place: Cluster) -> bool:
    return place.columns == 1


def _columns(character: str) -> int:
    if _in_rom(character, "gbk"):
        return len(character.encode("gbk"))
    if _is_marked_latin(character):
        return 1
    wide = unicodedata.east_asian_width(character) in "WFA" or "\U00020000" <= character <= "\U0003fffd"
    return 2 if wide else 1


def _in_rom(character: str, repertoire: Repertoire) -> bool:
    if (not character.isprintable() and character != "\u3000") or _is_marked_latin(character):
        return False
    try:
        code = character.encode("gbk")
    except UnicodeEncodeError:
        return repertoire == "gb18030" and _is_han_of_gb18030(character)
    if repertoire != "gb2312" or len(code) == 1:
        return True
    try:
        code.decode("gb2312")
    except UnicodeDecodeError:
        return False
    return True


def _is_marked_latin(character: str) -> bool:
    """é and its like: the ROM has them for pinyin, as wide as a Han character, which tears José apart."""
    return "\u00c0" <= character <= "\u024f" and character.isalpha()


def _is_han_of_gb18030(character: str) -> bool:
    """Extension A and the twenty-five thousand further Han characters; other signs of four bytes differ by model."""
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0002a6df"
