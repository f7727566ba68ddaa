"""Speech: a text becomes a sound, by espeak-ng, without a network.

espeak-ng's own reading of Han characters (voice ``cmn``) is broken in the version that Debian 12 has: it spells them as
English letters (espeak-ng issues 1028, 1044, 1236). Its Mandarin sounds are well, so it is given pinyin with tones, by
pypinyin, which knows most words with more than one reading (银行, 长期). Latin letters among them are read in English.

A text may be of a person: it goes to the program by its stdin, and never to a file or a command line.
"""

from __future__ import annotations

import re
import subprocess
from array import array
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from types import ModuleType
from typing import Final
from xml.sax.saxutils import escape

from devices.errors import Garbled, NotFound, Silent
from devices.wav import Wav

VOICE: Final = "espeak-f2"
"""Names how this module speaks. It changes with whatever makes the same text sound otherwise."""
PROGRAM: Final = "espeak-ng"
WITHIN: Final = 10.0
"""Seconds that a text may take; a sentence takes a fiftieth of one."""
PACE: Final = 165
"""Words a minute. At this pace four syllables a second, as one speaks to somebody who listens for the first time."""
MANDARIN, ENGLISH = "cmn-latn-pinyin+f2", "en-gb+f2"
RANGE: Final = 100
"""How far the pitch goes up and down, at its most. Tones are told by it: as it is without, a falling tone falls by one
semitone; with it and this voice (f2), by seven, as people speak."""
PAUSE: Final = 0.12
"""Seconds between two pieces in different languages."""
HAN: Final = re.compile("[〇㐀-鿿豈-﫿\U00020000-\U0003ffff]")


def is_chinese(text: str) -> bool:
    """Whether there is anything in it that only a Chinese voice can read."""
    return HAN.search(text) is not None


def speak(text: str) -> Wav:
    """The text as sound, 22,050 Hz. Nothing to be said is an empty sound.

    NotFound where espeak-ng is not installed; Silent when it takes too long; Garbled when it gives no sound.
    """
    rate, samples = 22050, array("h")
    for voice, words in _pieces(text):
        spoken = _spoken(voice, words)
        rate = spoken.rate
        if samples:
            samples.extend([0] * int(PAUSE * rate))
        samples.extend(spoken.samples)
    return Wav(rate=rate, samples=samples)


def _spoken(voice: str, words: str) -> Wav:
    """``words`` as SSML: without < and &."""
    command = [PROGRAM, "-v", voice, "-s", str(PACE), "-b", "1", "-m", "--stdin", "--stdout"]
    if voice == MANDARIN:
        words = f'<prosody range="{RANGE}">{words}</prosody>'
    try:
        done = subprocess.run(
            command, input=f"<speak>{words}</speak>".encode(), capture_output=True, timeout=WITHIN, check=False
        )
    except FileNotFoundError as error:
        raise NotFound(f"{PROGRAM} is not installed") from error
    except subprocess.TimeoutExpired:
        raise Silent(f"{PROGRAM} takes longer than {WITHIN:g} s") from None
    if done.returncode:
        raise Garbled(f"{PROGRAM} ended with {done.returncode}")
    return Wav.read(done.stdout)


# ---- How it is read --------------------------------------------------------------------------------------------------


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """(voice, what it is given), piece after piece."""
    if not is_chinese(text):
        if re.search(r"\w", text):
            yield ENGLISH, escape(re.sub(r"\d{5,}", lambda number: " ".join(number[0]), text))
        return
    for latin, found in groupby(_RUN.findall(_written_out(text)), lambda run: run[0].isascii() and run[0].isalpha()):
        run = "".join(found)
        words = run if latin else pinyin_of(run)
        if re.search(r"\w", words):
            yield (ENGLISH if latin else MANDARIN), words


_RUN: Final = re.compile(r"[A-Za-z](?:[A-Za-z' ]*[A-Za-z])?|[^A-Za-z]+")


READINGS: Final = {
    "重填": "chóng tián",
    "登记重了": "dēng jì chóng le",
    "哪一行": "nǎ yì háng",
    "看得到": "kàn de dào",
    "调亮": "tiáo liàng",
    "朝阳市": "cháo yáng shì",
    "长治市": "cháng zhì shì",
    "漯河市": "luò hé shì",
    "克孜勒苏": "kè zī lè sū",
}
"""What pypinyin reads otherwise, of what this house says."""


def pinyin_of(text: str) -> str:
    """Syllables with the number of their tone, as they are said together, and the pauses between them."""
    pypinyin = _reader()
    syllables = pypinyin.lazy_pinyin(
        text, style=pypinyin.Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True, errors=_pauses
    )
    signs = re.findall(rf"{HAN.pattern}|(?:(?!{HAN.pattern}).)+", text, re.DOTALL)
    if len(signs) == len(syllables):
        for at, sign in enumerate(signs):
            if sign == "一":
                syllables[at] = _one(signs[at - 1 : at], signs[at + 1 : at + 2], syllables[at + 1 : at + 2])
    return " ".join(syllable for syllable in syllables if syllable.strip())


@cache
def _reader() -> ModuleType:
    """pypinyin, which takes a fifth of a second to load, with our readings."""
    import pypinyin

    pypinyin.load_phrases_dict({word: [[part] for part in said.split()] for word, said in READINGS.items()})
    return pypinyin


def _one(before: list[str], after: list[str], said_after: list[str]) -> str:
    """How 一 is said: as itself in numbers, dates and at the end of a word, else by the tone that follows."""
    alone = not after or not is_chinese(after[0])
    if alone or after[0] in "零一二三四五六七八九月日号" or (before and before[0] in _BEFORE_ONE):
        return "yi1"
    return "yi2" if said_after[0][-1] in "45" else "yi4"


_BEFORE_ONE: Final = frozenset("第初零一二三四五六七八九十百千周期之统唯万")


def _pauses(rest: str) -> str:
    """What stands between Han characters, as pauses; of nothing pypinyin would lose the place."""
    marks = ("." if mark in "。？！；.?!;\n" else "," for mark in rest if mark in "。？！；.?!;\n，、：,:（）()")
    return " ".join(marks) or " "


def _written_out(text: str) -> str:
    """Numbers as they are said: years, telephone and card numbers digit by digit, small ones as amounts."""
    text = text.translate(_ASTERISKS)
    text = re.sub(r"\d{4}(?=年)", lambda year: _digits(year[0], "一"), text)
    text = _NUMBER.sub(lambda number: _digits(number[0], "幺"), text)
    text = re.sub(r"(\d+)%", r"百分之\1", text)
    text = re.sub(r"(\d{1,4})\.(\d+)", lambda parts: f"{_amount(int(parts[1]))}点{_digits(parts[2], '一')}", text)
    return re.sub(r"\d{1,4}", lambda number: _amount(int(number[0])), text)


_NUMBER: Final = re.compile(r"(?:[\d星]+-)+[\d星]+|\d*星[\d星]*|\d{5,}|(?<!\d)0\d+")
"""Telephone, card and other numbers that are no amounts."""
_ASTERISKS: Final = str.maketrans("＊*０１２３４５６７８９", "星星0123456789")


def _digits(number: str, one: str) -> str:
    """幺 is how one is said in numbers that are no amounts, so that it is not taken for seven."""
    return number.translate(str.maketrans("0123456789", f"零{one}二三四五六七八九", "-"))


def _amount(number: int) -> str:
    """0 to 9999 as it is said."""
    if number == 0:
        return "零"
    digits, said, skipped = str(number), "", False
    for place, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True):
        if digit == "0":
            skipped = True
            continue
        said += ("零" if skipped and said else "") + "零一二三四五六七八九"[int(digit)] + ("", "十", "百", "千")[place]
        skipped = False
    return said.removeprefix("一") if said.startswith("一十") else said
