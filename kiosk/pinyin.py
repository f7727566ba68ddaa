"""What the letters of pinyin may stand for: words and characters, the commonest first, from a dictionary that is here.

``Dictionary.candidates`` is what a keyboard offers, ``Dictionary.spell`` how a text is read (``kiosk.finding`` searches
by it). The dictionary is only read: nothing is learnt, no look-up is kept, so nothing that somebody typed stays here.

Letters are cut into tokens, each a syllable or the beginning of one: ``xian`` is ``xian`` (先) and ``xi an`` (西安),
``ydjy`` is four beginnings (异地就医). v stands for ü. An apostrophe ends a syllable.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from math import log
from pathlib import Path

from kiosk.regions import written_places
from kiosk.tables import CATALOG, Table, read_table

FILE = Path(__file__).parent.parent / "assets" / "pinyin" / "dictionary.txt"
"""Made at setup by ``packaging/pinyin.py``, which says what stands in it."""

LONGEST = 30
"""Letters that are composed at once."""
WAYS = 8
"""Ways to cut the same letters that are looked at."""
PER_SYLLABLE = 12
"""Characters that a beginning of a syllable offers, of each syllable."""
LENGTH_COUNTS = 6
"""How many times as common a word has to be as one with one syllable more, when both take the same letters."""
PLACE_WEIGHT, LOCAL_WEIGHT = 2000, 8000
"""How common the name of a place is, and a word of this counter; 社会 has 27,000, 西安 5,000."""
READINGS_OF_A_WORD = 8
SELDOM = 10
"""How many times as seldom a character of a local word is read in another way than mostly."""
NO_SYLLABLES = {"m", "n", "ng", "hm", "hng", "r", "fiao"}
"""Sounds of the dictionary that nobody begins a word with: they would cut every other syllable."""
_TWO_LETTERS = ("zh", "ch", "sh")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something to write, and how many of the typed letters it takes."""

    text: str
    letters: int


@dataclass(frozen=True, slots=True)
class Token:
    """A syllable, or the beginning of one, and where it ends among the letters."""

    letters: str
    end: int
    whole: bool


Way = tuple[Token, ...]
Spelled = tuple[tuple[str, ...], ...]
"""How each character of a text is read; a letter or figure is read as itself."""


class Dictionary:
    """Syllables with their characters, and words by their first letters.

    ``characters``: ``xian`` → ("先 84326 现 …", rare ones); ``words``: ``xa`` → "西安 xi'an 5095 …"; ``local``:
    words besides, and how common they are.
    """

    def __init__(
        self,
        characters: Mapping[str, tuple[str, str]],
        words: Mapping[str, str],
        local: Mapping[str, int] | None = None,
    ) -> None:
        self._characters = characters
        self._words = words
        self._syllables = frozenset(characters.keys() - NO_SYLLABLES)
        self._beginnings = frozenset(one[:length] for one in self._syllables for length in range(1, len(one)))
        self._first = frozenset(one[0] for one in self._syllables) | frozenset(_TWO_LETTERS)
        self._local: dict[str, list[tuple[str, str, int]]] = {}
        self._add(local or {})

    def candidates(self, typed: str) -> list[Candidate]:
        """What ``typed`` (a to z and ') may stand for: all of it first, then ever less; each text once."""
        ways = self.cut(typed)
        end = max((way[-1].end for way in ways), default=0)
        reaching = [way for way in ways if way[-1].end == end]
        spoken = [way for way in reaching if all(token.whole for token in way)]
        found: dict[str, Candidate] = {}

        def add(texts: Iterable[str], taken: int) -> None:
            for text in texts:
                found.setdefault(text, Candidate(text, taken))

        whole = _by_weight(
            (text, weight * LENGTH_COUNTS ** len(way)) for way in spoken for text, weight in self._all(way)
        )
        if spoken and len(spoken[0]) > 1 and not any(len(text) > 1 for text in whole):
            add(self._sentence(spoken[0]), end)
        add(whole, end)
        for way in spoken:
            if len(way) == 1:
                add(self._characters[way[0].letters][1], end)
        add(_by_weight(pair for way in reaching if way not in spoken for pair in self._all(way)), end)
        starts = {way[:count] for way in spoken or ways for count in range(1, len(way))}
        for taken in sorted({start[-1].end for start in starts}, reverse=True):
            these = [start for start in starts if start[-1].end == taken]
            these.sort(key=_effort)
            add(_by_weight((text, weight) for start in these for text, weight in self._all(start)), taken)
        return list(found.values())

    def cut(self, typed: str) -> list[Way]:
        """The likeliest ways to cut ``typed``, as far as it can be read: fewest beginnings, then fewest tokens."""
        letters = _as_read(typed)
        ways: dict[int, list[Way]] = {0: [()]}
        furthest = 0
        for at in range(min(len(letters), LONGEST)):
            for way in sorted(ways.get(at, ()), key=_effort)[:WAYS]:
                if way and letters[at] == "'":
                    moved = Token(way[-1].letters, at + 1, way[-1].whole)
                    ways.setdefault(at + 1, []).append((*way[:-1], moved))
                    furthest = max(furthest, at + 1)
                    continue
                for token in self._tokens(letters, at):
                    ways.setdefault(token.end, []).append((*way, token))
                    furthest = max(furthest, token.end)
        return sorted(ways[furthest], key=_effort)[:WAYS] if furthest else []

    def spell(self, texts: Iterable[str]) -> dict[str, Spelled]:
        """How each of the texts may be read, for all of them at once."""
        texts = list(texts)
        readings = self._readings({character for text in texts for character in text})
        return {text: tuple(readings.get(one) or (one.lower(),) for one in text) for text in texts}

    def _tokens(self, letters: str, at: int) -> Iterator[Token]:
        for end in range(at + 1, min(at + 6, len(letters)) + 1):
            piece = letters[at:end]
            if piece in self._syllables:
                yield Token(piece, end, whole=True)
            elif piece in self._first or (end == len(letters) and piece in self._beginnings):
                yield Token(piece, end, whole=False)

    def _all(self, way: Way) -> Iterator[tuple[str, int]]:
        """Texts with a syllable for each token, and their weights."""
        if len(way) == 1:
            yield from self._of_a_token(way[0])
            return
        initials = "".join(token.letters[0] for token in way)
        entries = iter(self._words.get(initials, "").split())
        for text, spelled, weight in zip(entries, entries, entries, strict=True):
            if _fits(spelled, way):
                yield text, int(weight)
        yield from ((text, common) for text, spelled, common in self._local.get(initials, ()) if _fits(spelled, way))

    def _of_a_token(self, token: Token) -> Iterator[tuple[str, int]]:
        syllables = [token.letters]
        if not token.whole:
            syllables = [one for one in self._syllables if one.startswith(token.letters)]
        for syllable in syllables:
            entries = iter(self._characters[syllable][0].split())
            pairs = zip(entries, entries, strict=True)
            for text, weight in pairs if token.whole else islice(pairs, PER_SYLLABLE):
                yield text, int(weight)

    def _sentence(self, way: Way) -> list[str]:
        """The likeliest words in a row for syllables that are no word together; nothing where one has no character."""
        best: list[tuple[float, str]] = [(0.0, "")]
        for end in range(1, len(way) + 1):
            tried = [
                (best[start][0] + log(weight + 1) - 16, best[start][1] + text)
                for start in range(max(0, end - 6), end)
                if best[start][1] or not start
                for text, weight in islice(_sorted(self._all(way[start:end])), 1)
            ]
            best.append(max(tried, default=(0.0, "")))
        return [best[-1][1]] if best[-1][1] else []

    def _readings(self, wanted: set[str]) -> dict[str, tuple[str, ...]]:
        """How characters are read, the commonest reading first."""
        readings: dict[str, list[tuple[int, str]]] = {}
        for syllable in self._syllables:
            common, rare = self._characters[syllable]
            entries = iter(common.split())
            for character, weight in zip(entries, entries, strict=True):
                if character in wanted:
                    readings.setdefault(character, []).append((-int(weight), syllable))
            for character in wanted.intersection(rare):
                readings.setdefault(character, []).append((0, syllable))
        return {one: tuple(syllable for _weight, syllable in sorted(found)) for one, found in readings.items()}

    def _add(self, local: Mapping[str, int]) -> None:
        for text, spelled in self.spell(local).items():
            for syllables in islice(product(*spelled), READINGS_OF_A_WORD):
                seldom = sum(one != readings[0] for one, readings in zip(syllables, spelled, strict=True))
                entry = (text, "'".join(syllables), local[text] // SELDOM**seldom)
                self._local.setdefault("".join(syllable[0] for syllable in syllables), []).append(entry)


@cache
def dictionary() -> Dictionary:
    """The dictionary of this machine with the words of this counter, loaded when first asked for.

    Empty where there is none, which is an error in the log: figures and Latin letters can be written all the same.
    """
    began = time.perf_counter()
    try:
        found = read_dictionary(FILE, _local())
    except OSError as error:
        _log.error("no pinyin dictionary, run make setup: %s", error)
        return Dictionary({}, {})
    _log.info("pinyin dictionary loaded in %.0f ms", (time.perf_counter() - began) * 1000)
    return found


def read_dictionary(file: Path, local: Mapping[str, int] | None = None) -> Dictionary:
    """The dictionary in ``file``. Raises OSError."""
    characters: dict[str, tuple[str, str]] = {}
    words: dict[str, str] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        key, first, *rare = line.split("\t")
        if rare:
            characters[key] = (first, rare[0])
        else:
            words[key] = first
    return Dictionary(characters, words, local)


@dataclass(frozen=True, kw_only=True)
class _Words(Table):
    words: tuple[str, ...]


def _local() -> dict[str, int]:
    words = read_table(CATALOG / "written_words.toml", _Words).words
    return dict.fromkeys(written_places(), PLACE_WEIGHT) | dict.fromkeys(words, LOCAL_WEIGHT)


def initials(spelled: Spelled) -> str:
    """The first letters of a text as it is mostly read."""
    return "".join(readings[0][:1] for readings in spelled)


def _as_read(typed: str) -> str:
    """What is typed in more than one way, as the dictionary has it; as many letters as before."""
    letters = typed.lower()
    for consonant in "jqxy":
        letters = letters.replace(f"{consonant}v", f"{consonant}u")
    return letters.replace("ve", "ue")


def _fits(spelled: str, way: Way) -> bool:
    """Whether each syllable is, or begins with, its token."""
    syllables = spelled.split("'")
    return len(syllables) == len(way) and all(
        syllable == token.letters if token.whole else syllable.startswith(token.letters)
        for syllable, token in zip(syllables, way, strict=True)
    )


def _effort(way: Way) -> tuple[int, int]:
    """Beginnings and tokens: the fewer, the likelier."""
    return sum(not token.whole for token in way), len(way)


def _by_weight(pairs: Iterable[tuple[str, int]]) -> list[str]:
    return [text for text, _weight in _sorted(pairs)]


def _sorted(pairs: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(pairs, key=lambda pair: -pair[1])
