"""How a character is told from others that sound the same: by a common word in which it stands, 紧张的张.

The words are those of the pinyin dictionary that have two characters. Nothing is kept of what was asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache

from kiosk.pinyin import FILE
from kiosk.texts import _

TELL_NOTHING = frozenset("一的了个是不这那")
"""Characters that are joined to every other: such a word tells less than a rarer one."""

_log = logging.getLogger(__name__)


def in_a_word(character: str, letters: str = "") -> str:
    """The character in the commonest word that has it, read as the letters say where there is one; "" without any."""
    best, found = (False, False, -1), ""
    for words in _of_two().values():
        if character not in words:
            continue
        for word, spelled, weight in _having(character, words):
            read = spelled.split("'")[word.index(character)].startswith(letters.strip("'"))
            rank = (read, TELL_NOTHING.isdisjoint(word.replace(character, "", 1)), weight)
            if rank > best:
                best, found = rank, word
    return _("{word}的{character}").format(word=found, character=character) if found else ""


def _having(character: str, words: str) -> Iterator[tuple[str, str, int]]:
    """The words that have it, how each is read and how common it is."""
    entries = iter(words.split())
    for word, spelled, weight in zip(entries, entries, entries, strict=True):
        if character in word:
            yield word, spelled, int(weight)


@cache
def _of_two() -> dict[str, str]:
    """The words by their first letters, as they stand in the dictionary; none where there is no dictionary."""
    try:
        lines = FILE.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        _log.error("no words to tell characters by, run make setup: %s", error)
        return {}
    entries = (line.split("\t") for line in lines)
    return {entry[0]: entry[1] for entry in entries if len(entry) == 2 and len(entry[0]) == 2}
