"""Makes the dictionary of the pinyin keyboard, ``assets/pinyin/dictionary.txt``, from what Debian has installed.

    python packaging/pinyin.py [FILE]

Words, readings and how common they are come from rime-data-pinyin-simp (Apache-2.0: 48,000 words and 16,000 characters
of the Android open source project), all other characters that have a reading from unicode-data (Unihan): those of
names, up to the newest extensions. A character without a reading has that of the character whose form it is.

The file is UTF-8, a line each, fields apart by a tab:
    a syllable      ``xian``, its characters with their weights, the commonest first, and the rare ones, fewest strokes
                    first
    first letters   ``xa``, the words of two or more syllables that begin so: word, syllables, weight; the commonest
                    first
"""

from __future__ import annotations

import bz2
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).parent.parent
FILE = HOUSE / "assets" / "pinyin" / "dictionary.txt"
WORDS = Path("/usr/share/rime-data/pinyin_simp.dict.yaml")
UNIHAN = Path("/usr/share/unicode")
OLD = 2
READINGS = {"kTGHZ2013": 0, "kMandarin": 1, "kXHC1983": 1, "kHanyuPinlu": 1, "kHanyuPinyin": OLD}
"""Fields of readings: 0 for the characters of today's standard (通用规范汉字表), OLD where old readings stand too."""
FORMS = {"kSemanticVariant", "kSpecializedSemanticVariant", "kZVariant", "kSimplifiedVariant", "kTraditionalVariant",
         "kSpoofingVariant"}  # fmt: skip
UNOFFERED = re.compile(
    "[淫奸嫖妓娼婊屄肏屌屁]|性[爱交感虐]|做爱|裸体|色情|乳房|强暴|阴[道茎]|风骚|骚货|鸡巴|奶子|傻[逼比]|[他妈]妈的|王八|混蛋|法轮|台独|六四"
)
"""Words that a counter does not offer by itself. Their characters are there."""
LETTERS = re.compile("[a-zü]+")
CODE = re.compile(r"U\+([0-9A-F]{4,6})")


def main(arguments: list[str]) -> int:
    """0 done, 1 a source is not there, 2 usage."""
    if len(arguments) > 1 or arguments[:1] == ["--help"]:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    file = Path(arguments[0]) if arguments else FILE
    try:
        lines = list(_lines())
    except OSError as error:
        sys.stderr.write(f"the pinyin dictionary was not made: {error}\n")
        return 1
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    part.replace(file)
    return 0


def _lines() -> Iterator[str]:
    characters, words = _words()
    rare = _rare(characters, {character for entries in characters.values() for character in entries})
    for syllable in sorted(characters.keys() | rare.keys()):
        common = sorted(characters.get(syllable, {}).items(), key=lambda entry: -entry[1])
        yield f"{syllable}\t{' '.join(f'{one} {weight}' for one, weight in common)}\t{rare.get(syllable, '')}"
    for initials, entries in sorted(words.items()):
        entries.sort(key=lambda entry: -entry[2])
        yield f"{initials}\t{' '.join(f'{word} {spelled} {weight}' for word, spelled, weight in entries)}"


def _words() -> tuple[dict[str, dict[str, int]], dict[str, list[tuple[str, str, int]]]]:
    """Syllable → character → weight, and first letters → (word, syllables, weight)."""
    characters: dict[str, dict[str, int]] = defaultdict(dict)
    words: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    _header, _end, entries = WORDS.read_text(encoding="utf-8").partition("\n...\n")
    for line in entries.splitlines():
        word, _tab, rest = line.partition("\t")
        spelled, _tab, weight = rest.partition("\t")
        if not weight.isdigit() or (len(word) > 1 and UNOFFERED.search(word)):
            continue
        syllables = spelled.split(" ")
        if len(syllables) == 1:
            characters[spelled][word] = int(weight)
        else:
            words["".join(syllable[0] for syllable in syllables)].append((word, "'".join(syllables), int(weight)))
    return characters, words


def _rare(characters: dict[str, dict[str, int]], common: set[str]) -> dict[str, str]:
    """Syllable → the characters that the words do not have under it: today's first, old readings last, by strokes.

    Old readings of common characters are left out: nobody looks for them there.
    """
    readings: dict[str, dict[str, int]] = defaultdict(dict)
    forms: dict[str, set[str]] = defaultdict(set)
    for character, field, value in (*_unihan("Readings"), *_unihan("Variants")):
        if field in READINGS:
            for syllable in LETTERS.findall(_plain(value)):
                readings[character][syllable] = min(READINGS[field], readings[character].get(syllable, OLD))
        elif field in FORMS or (field == "kDefinition" and " form of U+" in value):
            for other in (chr(int(code, 16)) for code in CODE.findall(value)):
                forms[character].add(other)
                forms[other].add(character)
    lent = {
        character: {syllable: 1 for other in others for syllable, age in readings[other].items() if age < OLD}
        for character, others in forms.items()
        if not readings[character]
    }
    strokes = {character: int(value.split()[0]) for character, field, value in _unihan("IRGSources")
               if field == "kTotalStrokes"}  # fmt: skip
    under: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for character, syllables in (readings | lent).items():
        for syllable, age in syllables.items():
            if character not in characters.get(syllable, {}) and not (age == OLD and character in common):
                under[syllable].append((age, strokes.get(character, 99), character))
    return {syllable: "".join(character for *_order, character in sorted(found)) for syllable, found in under.items()}


def _plain(reading: str) -> str:
    """``lüè`` as it is typed: ``lue``, ``lǜ``: ``lv``."""
    apart = unicodedata.normalize("NFD", reading.lower())
    toneless = "".join(one for one in apart if one == "\u0308" or not unicodedata.combining(one))
    bare = unicodedata.normalize("NFC", toneless)
    return bare.replace("üe", "ue").replace("ü", "v").replace("ê", "e")


def _unihan(name: str) -> Iterator[tuple[str, str, str]]:
    """Character, field and value of one of Unihan's files."""
    with bz2.open(UNIHAN / f"Unihan_{name}.txt.bz2", "rt", encoding="utf-8") as file:
        for line in file:
            if line.startswith("U+"):
                code, field, value = line.rstrip("\n").split("\t")
                yield chr(int(code.removeprefix("U+"), 16)), field, value


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
