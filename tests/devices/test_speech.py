from __future__ import annotations

import math
import operator
import re
import shutil
import subprocess

import pytest

from devices import speech
from devices.errors import Garbled, NotFound
from devices.speech import ENGLISH, MANDARIN, is_chinese, pinyin_of, speak
from devices.wav import Wav

with_espeak = pytest.mark.skipif(shutil.which(speech.PROGRAM) is None, reason="there is no espeak-ng")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("银行", "yin2 hang2"),
        ("长期有效", "chang2 qi1 you3 xiao4"),
        ("参保地", "can1 bao3 di4"),
        ("重新连接", "chong2 xin1 lian2 jie1"),
        ("不对", "bu2 dui4"),
        ("好了。请收好", "hao3 le5 . qing3 shou1 hao3"),
        ("听到“嘀”一声", "ting1 dao4 di2 yi4 sheng1"),
        ("再试一次", "zai4 shi4 yi2 ci4"),
        ("换一个", "huan4 yi2 ge4"),
        ("离一拳远", "li2 yi4 quan2 yuan3"),
        ("第一次", "di4 yi1 ci4"),
        ("十一月一日", "shi2 yi1 yue4 yi1 ri4"),
        ("一二三", "yi1 er4 san1"),
        ("重填", "chong2 tian2"),
        ("朝阳市", "chao2 yang2 shi4"),
        ("漯河市", "luo4 he2 shi4"),
        ("六安市", "lu4 an1 shi4"),
    ],
)
def test_words_are_read_as_they_are_said(text: str, said: str) -> None:
    """Of characters with several readings the one of the word; 一 and 不 and two third tones as they meet."""
    assert pinyin_of(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("打 12393", "打 幺二三九三"),
        ("0593-0000000", "零五九三零零零零零零零"),
        ("138＊＊＊＊0000", "幺三八星星星星零零零零"),
        ("2025年3月1日", "二零二五年三月一日"),
        ("37 位", "三十七 位"),
        ("第 10 页，共 112 页", "第 十 页，共 一百一十二 页"),
        ("1010 件", "一千零一十 件"),
        ("2003 件", "二千零三 件"),
        ("0 件", "零 件"),
        ("5.50 元", "五点五零 元"),
        ("90%", "百分之九十"),
    ],
)
def test_numbers_are_written_out(text: str, said: str) -> None:
    """Telephone and card numbers digit by digit: 12393 is no amount."""
    assert speech._written_out(text) == said


def test_latin_words_among_han_are_read_in_english() -> None:
    found = list(speech._pieces("用国家医保服务平台 App 备案。"))
    assert [voice for voice, _words in found] == [MANDARIN, ENGLISH, MANDARIN]
    assert found[1] == (ENGLISH, "App")
    assert list(speech._pieces("Please place your card.")) == [(ENGLISH, "Please place your card.")]
    assert list(speech._pieces("Call 12393.")) == [(ENGLISH, "Call 1 2 3 9 3.")]
    assert list(speech._pieces("……")) == []


def test_rare_characters_are_chinese() -> None:
    assert is_chinese("𠮷")
    assert is_chinese("K D L finds 卡丢了")
    assert not is_chinese("Card 12, please")


@with_espeak
@pytest.mark.parametrize("text", ["请把身份证放到读卡区。", "Please place your ID card.", "按 K D L"])
def test_a_sentence_sounds(text: str) -> None:
    sound = speak(text)
    assert sound.rate == 22050
    assert 0.8 < sound.seconds < 10
    assert sound.loudest > 8000


def pitches(sound: Wav) -> list[float]:
    """Hertz at the beginning, the middle and the end of one syllable."""
    rate, samples = sound.rate // 4, sound.samples[::4]
    found = []
    for start in range(0, len(samples) - 220, 55):
        frame = samples[start : start + 220]
        if max(map(abs, frame)) < sound.loudest / 4:
            continue
        alike = {lag: sum(map(operator.mul, frame, frame[lag:])) for lag in range(rate // 260, rate // 110)}
        found.append(rate / max(alike, key=lambda lag: alike[lag] / (len(frame) - lag)))
    return [found[len(found) // 8], found[len(found) // 2], found[-len(found) // 8 - 1]]


def semitones(sound: Wav) -> float:
    """How far it rises."""
    begin, _middle, end = pitches(sound)
    return 12 * math.log2(end / begin)


@with_espeak
def test_tones_can_be_told_apart() -> None:
    """The first is level, the second rises, the fourth falls; the third is low."""
    level, rising, low, falling = (speak(syllable) for syllable in "妈麻马骂")
    assert abs(semitones(level)) < 3.5
    assert semitones(rising) > 4
    assert semitones(falling) < -4
    assert pitches(low)[1] < 0.8 * pitches(level)[1]


@with_espeak
def test_a_longer_text_takes_longer_and_nothing_takes_nothing() -> None:
    assert speak("请收好。请收好。请收好。").seconds > 2 * speak("请收好。").seconds
    assert speak("").seconds == speak("…").seconds == 0


@with_espeak
def test_han_characters_are_not_spelt_in_english() -> None:
    """As espeak-ng's own voice for them does in Debian 12: 银 becomes "yin two", said in English."""
    (piece,) = speech._pieces("请把身份证放到读卡区，银行也行。")
    done = subprocess.run(
        [speech.PROGRAM, "-v", piece[0], "-q", "-x", piece[1]], capture_output=True, text=True, check=True, timeout=10
    )
    assert len(re.findall(r"\d+", done.stdout)) == 14  # a tone for each syllable
    assert "(en)" not in done.stdout


def test_what_is_said_is_on_no_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every user of the machine can read command lines."""
    seen: list[list[str]] = []
    run = subprocess.run

    def watched(command: list[str], **rest: object) -> object:
        seen.append(command)
        return run(["true"], input=b"", capture_output=True, check=False)

    monkeypatch.setattr(subprocess, "run", watched)
    with pytest.raises(Garbled):
        speak("王小明")
    assert seen
    assert not any("wang" in part or "王" in part for command in seen for part in command)


def test_without_the_program_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "PROGRAM", "espeak-that-is-not-there")
    with pytest.raises(NotFound, match="not installed"):
        speak("您好")
