"""Who may hear what, when it stops, and which sound a sentence has."""

from __future__ import annotations

import csv
import logging
import re
import shutil
import threading
from array import array
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from runpy import run_path

import pytest

from devices import speech
from devices.errors import NotFound
from devices.speech import VOICE
from devices.wav import Wav, tone
from kiosk.aloud import TONES, Aloud
from kiosk.catalog import load_catalog
from kiosk.sentences import LIST, SOUNDS, TEXT, Listed, Sentences, file_name, read_list
from kiosk.settings import check_settings
from kiosk.texts import LANGUAGES, Language, _, spoken
from kiosk.voice import Silent, make_voice
from tests.face.pages import PERSON, UNIT, real_pages
from tests.kiosk.people import CHEN

PROGRAM = run_path(str(Path(__file__).parents[2] / "packaging" / "voice.py"))
ON_THE_SCREEN = {"zh": "内容在屏幕上。", "en": "It is on the screen."}
HOTLINES = ("12333", "12393", "12345", "12348", "110", "119", "120")
RIDERS = "1037"
"""How many were here today."""


class Output:
    """A loudspeaker or an earphone that notes what it plays. A ``long`` one plays until it is stopped."""

    def __init__(self, words: dict[int, str]) -> None:
        self.words = words
        self.heard: list[str] = []
        self.volumes: list[int] = []
        self.broken = False
        self.long = False
        self.begun = threading.Event()
        self.ended = threading.Event()
        self.closed = False

    def hello(self) -> None: ...

    def play(self, sound: Wav, volume: int, wanted: object = None) -> None:
        assert callable(wanted) or wanted is None
        if self.broken:
            raise NotFound("no such card")
        if wanted is not None and not wanted():
            return
        self.heard.append(
            next((cue for cue, tone in TONES.items() if tone == sound), "") or self.words[len(sound.samples)]
        )
        self.volumes.append(volume)
        self.ended.clear()
        self.begun.set()
        if self.long:
            assert self.ended.wait(5)

    def stop(self) -> None:
        self.ended.set()

    def cancel(self) -> None: ...

    def close(self) -> None:
        self.closed = True


class Hall:
    """A voice between a loudspeaker and an earphone, and what either says."""

    def __init__(self, sentences: Sentences, *, has_earphone: bool = False) -> None:
        self.words: dict[int, str] = {}
        self.worn = has_earphone
        self.loudspeaker = Output(self.words)
        self.earphone = Output(self.words)
        self.voice = Aloud(
            sentences,
            self.loudspeaker,
            self.earphone if has_earphone else None,
            is_worn=lambda: self.worn,
            synthesize=self._synthesize,
            volume=60,
        )

    def _synthesize(self, text: str) -> Wav:
        """A sound whose length stands for its words."""
        self.words[len(self.words) + 1] = text
        return Wav(rate=8000, samples=array("h", [0] * len(self.words)))

    def done(self) -> None:
        """Waits until nothing is left to be said."""
        idle = threading.Event()
        self.voice._worker.post(idle.set)
        assert idle.wait(5)

    def say(self, *texts: str) -> list[str]:
        """What the loudspeaker says of these."""
        del self.loudspeaker.heard[:]
        self.voice.say(texts)
        self.done()
        return self.loudspeaker.heard


@pytest.fixture(scope="module")
def listed() -> list[Listed]:
    """The list as setup makes it, from the texts as they are."""
    return list(PROGRAM["listed"]())


@pytest.fixture
def sentences(listed: list[Listed], tmp_path: Path) -> Sentences:
    return Sentences(listed, sounds=tmp_path / "none", words=HOTLINES)


@pytest.fixture
def hall(sentences: Sentences) -> Iterator[Hall]:
    found = Hall(sentences)
    yield found
    found.voice.close()


# ---- Who may hear what


def strings(value: object) -> Iterator[str]:
    """All texts of a page."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for inner in value:
            yield from strings(inner)
    elif is_dataclass(value):
        for field in fields(value):
            yield from strings(value.__dict__[field.name])


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_nothing_of_a_person_reaches_the_loudspeaker(hall: Hall, tmp_path: Path, language: Language) -> None:
    """Of all texts on all pages of all journeys: no name, no number, no employer, no date, no way of being insured."""
    persons = [*PERSON.name.split("·"), PERSON.number, PERSON.number[-4:], CHEN.name, "陈", UNIT]
    with spoken(language):
        pages = await real_pages(tmp_path)
        texts = [[*strings(page)] for page, _head in pages.values()]
        everything = "\n".join(text for page in texts for text in page)
        assert len(pages) > 30
        assert sum(word in everything for word in persons) >= 3  # the pages do say such things
        said = [hall.say(*page)[:] for page in texts]
    for heard in said:
        assert heard.count(ON_THE_SCREEN[language]) <= 1
        for text in heard:
            assert not [word for word in persons if word in text], text
            assert not [digits for digits in re.findall(r"\d{4,}", text) if digits not in (*HOTLINES, RIDERS)], text
            assert not re.search("职工医保|暂停缴费|正常参保|＊", text), text
            assert not re.fullmatch(r"[\d,.]+ ?(元|yuan)", text), text
    assert sum(map(len, said)) > 100  # what is the same for everybody is said


def test_what_tells_of_an_illness_is_not_for_the_hall(sentences: Sentences) -> None:
    """Names and guides of discreet items, in each language; what other items say as well is said."""
    catalog = load_catalog()
    telling = [item for item in catalog.items if item.discreet]
    assert len(telling) >= 4
    for language in LANGUAGES:
        with spoken(language):
            for item in telling:
                assert not sentences.may_be_aloud(_(item.label)), item.label
                assert not sentences.may_be_aloud(_(item.official)), item.official
            assert sentences.may_be_aloud(_("身份证或社保卡"))
            assert sentences.may_be_aloud(_("低保"))


def test_an_earphone_hears_all_of_it_and_the_hall_nothing(sentences: Sentences) -> None:
    hall = Hall(sentences, has_earphone=True)
    assert hall.say("陈师傅，您好。", "请把身份证放到读卡区。") == []
    assert hall.earphone.heard == ["陈师傅，您好。", "请把身份证放到读卡区。"]
    hall.worn = False
    assert hall.say("陈师傅，您好。", "返回") == [ON_THE_SCREEN["zh"], "返回"]
    assert len(hall.earphone.heard) == 2


def test_an_earphone_that_is_pulled_out_leaves_the_rest_unsaid(sentences: Sentences) -> None:
    """Its card's loudspeaker would say it to the hall."""
    hall = Hall(sentences, has_earphone=True)
    hall.earphone.long = True
    hall.voice.say(["陈建国", "440524188001010014", "返回"])
    assert hall.earphone.begun.wait(5)
    hall.worn = False
    hall.earphone.stop()
    hall.done()
    assert (hall.earphone.heard, hall.loudspeaker.heard) == (["陈建国"], [])


def test_that_it_is_on_the_screen_is_said_once(hall: Hall) -> None:
    said = hall.say("请到服务台办，工作人员马上帮您。", "陈建国", "440524188001010014", "返回")
    assert said == ["请到服务台办，工作人员马上帮您。", ON_THE_SCREEN["zh"], "返回"]
    assert hall.say("1") == []  # a digit as it is typed
    with spoken("en"):
        assert hall.say("Chen Jianguo") == [ON_THE_SCREEN["en"]]


@pytest.mark.parametrize(
    ("text", "aloud"),
    [
        ("请到服务台办，工作人员马上帮您。", True),
        ("社保：要办哪一件？", True),
        ("您在宁德市的参保情况", True),
        ("今天来过 1037 位小哥", True),
        ("至少 6 个月，提前回来也不要紧。", True),
        ("第 2 页，共 3 页", True),
        ("这时候备案，看病还是不能直接报销。请先打 12393 问一下。", True),
        ("陈师傅", False),
        ("欧阳师傅", False),
        ("陈师傅，您好。要用点什么？", False),
        ("登记号 K001-26-000317，请拍照保存", False),
        ("用这个号码 138＊＊＊＊0000？", False),
        ("2027年3月15日", False),
        ("职工医保", False),
        ("高血压", False),
        ("", True),
    ],
)
def test_what_everybody_may_hear(sentences: Sentences, text: str, aloud: bool) -> None:
    """What is the same for everybody, and what is filled in with public words alone."""
    assert sentences.may_be_aloud(text) is aloud


def test_without_a_list_nothing_is_public(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert not Sentences(read_list(tmp_path)).may_be_aloud("返回")
    assert "make setup" in caplog.text


# ---- When it stops


def test_saying_something_else_stops_what_is_said_at_once(hall: Hall) -> None:
    hall.loudspeaker.long = True
    hall.voice.say(["返回", "首页"])
    assert hall.loudspeaker.begun.wait(5)
    hall.loudspeaker.long = False
    hall.voice.say(["确定"])
    hall.done()
    assert hall.loudspeaker.heard == ["返回", "确定"]


@pytest.mark.parametrize("way", ["hush", "forget"])
def test_nothing_follows(hall: Hall, way: str) -> None:
    hall.loudspeaker.long = True
    hall.voice.say(["返回", "首页"])
    assert hall.loudspeaker.begun.wait(5)
    {"hush": hall.voice.hush, "forget": hall.voice.forget}[way]()
    hall.done()
    assert hall.loudspeaker.heard == ["返回"]


def test_a_tone_takes_the_place_of_speech_and_is_heard_out(hall: Hall) -> None:
    """The 嘀 of a card is not lost to what the next page says."""
    hall.loudspeaker.long = True
    hall.voice.say(["返回", "首页"])
    assert hall.loudspeaker.begun.wait(5)
    hall.loudspeaker.begun.clear()
    hall.voice.cue("card-read")
    assert hall.loudspeaker.begun.wait(5)
    hall.voice.cue("card-read")
    hall.voice.say(["确定"])
    assert not hall.loudspeaker.ended.is_set()
    hall.loudspeaker.long = False
    hall.loudspeaker.stop()
    hall.done()
    assert hall.loudspeaker.heard == ["返回", "card-read", "确定"]


def test_the_volume_goes_in_steps_and_back_with_the_visit(hall: Hall) -> None:
    for _step in range(12):
        hall.voice.softer()
    assert hall.voice.volume == 10
    hall.say("返回")
    for _step in range(12):
        hall.voice.louder()
    assert hall.voice.volume == 100
    hall.say("返回")
    hall.voice.forget()
    assert hall.voice.volume == 60
    assert hall.loudspeaker.volumes == [10, 100]


def test_a_card_that_fails_is_told_once_and_holds_nothing_up(hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    hall.loudspeaker.broken = True
    hall.say("返回")
    hall.say("陈建国")
    hall.voice.cue("key")
    hall.done()
    hall.loudspeaker.broken = False
    assert hall.say("返回") == ["返回"]
    assert [record.getMessage() for record in caplog.records] == ["no sound: no such card", "sound is back"]


def test_tones_differ_and_are_short() -> None:
    assert len({tone.samples.tobytes() for tone in TONES.values()}) == len(TONES)
    assert all(tone.seconds < 0.5 and tone.loudest > 10000 for tone in TONES.values())


# ---- Which voice a machine has


def test_a_machine_without_sound_has_a_silent_voice(tmp_path: Path) -> None:
    threads = threading.active_count()
    voice = make_voice(None, tmp_path)
    assert isinstance(voice, Silent)
    voice.say(["返回"])
    voice.cue("done")
    voice.louder()
    assert voice.volume == 0
    assert threading.active_count() == threads


def test_the_settings_make_the_voice(tmp_path: Path) -> None:
    sound = {"line": f"wav://{tmp_path}/hall", "earphone": f"wav://{tmp_path}/ear", "volume": 30}
    tables: dict[str, object] = {"central": {"url": "http://h"}, "devices": {"sound": sound}}
    voice = make_voice(check_settings(tables, "").devices.sound, tmp_path)
    assert isinstance(voice, Aloud)
    assert voice.volume == 30
    voice.cue("done")
    idle = threading.Event()
    voice._worker.post(idle.set)
    assert idle.wait(5)
    voice.close()
    assert [file.name for file in (tmp_path / "hall").iterdir()] == ["0001.wav"]
    assert list((tmp_path / "ear").iterdir()) == []


# ---- The sound of a sentence


def test_a_recording_takes_the_place_of_the_file(tmp_path: Path) -> None:
    made, recordings = tmp_path / "made", tmp_path / "recordings"
    made.mkdir()
    recordings.mkdir()
    sentences = Sentences([Listed(text="返回", aloud=True)], sounds=made, recordings=recordings)
    assert sentences.sound_of("返回") is None
    ours, theirs = tone((500, 0.1)), tone((600, 0.1))
    (made / f"{file_name('返回')}-{VOICE}.wav").write_bytes(ours.write())
    assert sentences.sound_of("返回") == ours
    recording = recordings / f"{file_name('返回')}.wav"
    recording.write_bytes(theirs.write())
    assert sentences.sound_of("返回") == theirs
    recording.write_bytes(b"no sound")
    assert sentences.sound_of("返回") == ours
    assert sentences.sound_of("陈建国") is None


needs_espeak = pytest.mark.skipif(shutil.which(speech.PROGRAM) is None, reason="there is no espeak-ng")


@needs_espeak
def test_the_second_making_makes_nothing_anew(tmp_path: Path) -> None:
    def made() -> dict[str, int]:
        return {file.name: file.stat().st_mtime_ns for file in tmp_path.glob("*.wav")}

    few = [Listed(text=text, aloud=True) for text in ("请收好。", "Please wait.", "在{place}")]
    PROGRAM["make"](few, tmp_path)
    first = made()
    assert set(first) == {f"{file_name(text)}-{VOICE}.wav" for text in ("请收好。", "Please wait.")}
    assert all(Wav.read((tmp_path / name).read_bytes()).loudest > 8000 for name in first)
    (tmp_path / "zh-000000000000-old.wav").touch()
    PROGRAM["make"](few, tmp_path)
    assert made() == first
    PROGRAM["make"]([*few, Listed(text="首页", aloud=False)], tmp_path)
    assert {name for name, when in made().items() if first.get(name) != when} == {f"{file_name('首页')}-{VOICE}.wav"}
    assert [each for each in read_list(tmp_path) if not each.aloud] == [Listed(text="首页", aloud=False)]


@needs_espeak
def test_every_sentence_of_the_house_has_a_sound(listed: list[Listed]) -> None:
    """As setup made them. What only the doctor says on a console has none."""
    with (SOUNDS / LIST).open(encoding="utf-8-sig", newline="") as file:
        rows = {row[TEXT]: row for row in csv.DictReader(file)}
    assert {each.text for each in listed} == rows.keys(), "make setup"
    assert "终端程序" not in rows
    sentences = Sentences(listed)
    silent = [each.text for each in listed if not each.has_slots and not _sounds(sentences, each.text)]
    assert silent == []


def _sounds(sentences: Sentences, text: str) -> bool:
    sound = sentences.sound_of(text)
    return sound is not None and sound.seconds > 0.1
