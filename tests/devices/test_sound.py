"""Sounds over ALSA's own plugin that writes files, with the real aplay, and over folders: no sound card is needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices import SoundOutput, jack, open_driver
from devices.errors import Garbled, Lost, NotFound, Silent
from devices.jack import card_is_there, card_of, is_plugged_in
from devices.lines import check_line_url
from devices.sound import Speaker
from devices.sound_lines import AlsaLine, FolderLine
from devices.wav import Wav, joined, tone
from tests.devices.programs import devices
from tests.devices.sound_contract import A_TONE, SoundContract

LONG = tone((440, 6.0))
with_aplay = pytest.mark.skipif(shutil.which("aplay") is None, reason="there is no aplay (alsa-utils)")


class TestFolder(SoundContract):
    @pytest.fixture
    def output(self, tmp_path: Path) -> Iterator[SoundOutput]:
        self.folder = tmp_path / "sounds"
        driver = open_driver("sound", "speaker", f"wav://{self.folder}")
        yield driver
        driver.close()

    def heard(self) -> list[Wav]:
        return [Wav.read(file.read_bytes()) for file in sorted(self.folder.iterdir())]


class EachToAFile(AlsaLine):
    """aplay, whose ALSA device writes the next sound to the next file."""

    def __init__(self, folder: Path) -> None:
        super().__init__("")
        self.folder = folder
        self.sounds = 0

    def _start(self) -> subprocess.Popen[bytes]:
        self.sounds += 1
        self._device = f"file:'{self.folder}/{self.sounds:04}.wav',wav"
        return super()._start()


@with_aplay
class TestAlsa(SoundContract):
    @pytest.fixture
    def output(self, tmp_path: Path) -> Iterator[SoundOutput]:
        self.folder = tmp_path
        driver = Speaker(EachToAFile(tmp_path))
        yield driver
        driver.close()

    def heard(self) -> list[Wav]:
        """ALSA fills its last period with silence."""
        return [Wav.read(file.read_bytes()) for file in sorted(self.folder.iterdir())]


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Card]:
    """A card that takes the first second of a sound and no more: what it writes to is full then, and nobody reads."""
    pipe = tmp_path / "full"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    driver = Card(AlsaLine(f"file:'{pipe}',raw"))
    driver.reader = reader
    yield driver
    driver.close()
    os.close(reader)


class Card(Speaker):
    reader: int

    def drain(self) -> None:
        """It takes as much again."""
        while os.read(self.reader, 65536):
            pass


def playing(output: SoundOutput) -> tuple[threading.Thread, list[BaseException | None]]:
    """A long sound under way, and what became of it."""
    ended: list[BaseException | None] = []

    def play() -> None:
        try:
            output.play(LONG, 50)
            ended.append(None)
        except BaseException as error:  # noqa: BLE001 - the test asks what it was
            ended.append(error)

    thread = threading.Thread(target=play)
    thread.start()
    time.sleep(0.3)
    assert thread.is_alive()
    return thread, ended


@with_aplay
def test_a_sound_stops_at_once_and_the_next_one_plays(busy: Card) -> None:
    thread, ended = playing(busy)
    started = time.monotonic()
    busy.stop()
    thread.join(5)
    assert time.monotonic() - started < 0.2
    assert ended == [None]
    busy.drain()
    busy.hello()


@with_aplay
def test_a_sound_that_nobody_wants_any_more_stops_by_itself(busy: Card) -> None:
    """As when an earphone is pulled out: the card's loudspeaker would say the rest."""
    looks = iter([True, True, True])
    started = time.monotonic()
    busy.play(LONG, 50, lambda: next(looks, False))
    assert time.monotonic() - started < 1.5


@with_aplay
def test_a_line_that_is_cancelled_ends_its_sound(busy: Card) -> None:
    thread, ended = playing(busy)
    busy.cancel()
    thread.join(5)
    assert isinstance(ended[0], Lost)


@with_aplay
def test_a_card_that_takes_nothing_more_is_silent(busy: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.sound.GRACE", -5.5)
    with pytest.raises(Silent):
        busy.play(LONG, 50)


@with_aplay
def test_a_card_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound, match="No such file"):
        open_driver("sound", "speaker", "alsa://nosuchcard").hello()


def test_without_aplay_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.sound_lines.PROGRAM", "aplay-that-is-not-there")
    with pytest.raises(NotFound, match="cannot be started"):
        Speaker(AlsaLine("default")).hello()


@pytest.mark.parametrize("name", ["file:'|reboot',raw", "file:x,raw", "tee:default,x,raw", "", "a b", "{type hw}"])
def test_settings_name_a_card_and_no_plugin_that_writes_or_starts_programs(name: str) -> None:
    with pytest.raises(ValueError, match="alsa needs the name of a sound card"):
        check_line_url(f"alsa://{name}", ("alsa",))


@pytest.mark.parametrize("name", ["default", "plughw:CARD=PCH,DEV=0", "hdmi:CARD=HDMI,DEV=1", "hw:1,0", "dmix:0"])
def test_cards_as_aplay_names_them(name: str) -> None:
    assert check_line_url(f"alsa://{name}", ("alsa",)) == f"alsa://{name}"


# ---- Whether somebody has an earphone


@pytest.mark.parametrize(
    ("url", "card"),
    [
        ("alsa://plughw:CARD=PCH,DEV=0", "PCH"), ("alsa://hw:1,0", "1"), ("alsa://sysdefault:CARD=Device", "Device"),
        ("alsa://default", None), ("wav:///var/tmp/x", None),
    ],
)  # fmt: skip
def test_the_card_of_a_line(url: str, card: str | None) -> None:
    assert card_of(url) == card


def amixer(folder: Path, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program in amixer's place that says what amixer says on a machine with such a card."""
    program = folder / "amixer"
    program.write_text(f"#!/bin/sh\n[ \"$1\" = --card=PCH ] && cat <<'END'\n{says}END\n")
    program.chmod(0o755)
    monkeypatch.setattr(jack, "PROGRAM", str(program))


JACKS = """\
numid=21,iface=CARD,name='Front Headphone Jack'
  ; type=BOOLEAN,access=r-------,values=1
  : values={front}
numid=17,iface=MIXER,name='Headphone Playback Switch'
  ; type=BOOLEAN,access=rw------,values=2
  : values=on,on
numid=22,iface=CARD,name='Mic Jack'
  ; type=BOOLEAN,access=r-------,values=1
  : values=on
"""


@pytest.mark.parametrize(("state", "plugged"), [("on", True), ("off", False)])
def test_an_earphone_is_there_when_its_socket_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, plugged: bool
) -> None:
    amixer(tmp_path, JACKS.format(front=state), monkeypatch)
    assert is_plugged_in("PCH") is plugged
    assert not is_plugged_in("Other")


def test_a_socket_that_tells_nothing_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    amixer(tmp_path, "numid=1,iface=MIXER,name='Headphone Playback Volume'\n  : values=on\n", monkeypatch)
    assert not is_plugged_in("PCH")
    monkeypatch.setattr(jack, "PROGRAM", "amixer-that-is-not-there")
    assert not is_plugged_in("PCH")


def test_a_handset_is_there_when_its_card_is(tmp_path: Path) -> None:
    (tmp_path / "card1").mkdir()
    (tmp_path / "Device").symlink_to("card1")
    assert [card_is_there(card, tmp_path) for card in ("1", "Device", "2", "PCH")] == [True, True, False, False]


# ---- Sound files


def test_a_sound_survives_its_file() -> None:
    assert Wav.read(A_TONE.write()) == A_TONE
    assert joined([A_TONE, A_TONE]).seconds == pytest.approx(0.6, abs=0.01)


def test_of_two_channels_the_first_is_heard(tmp_path: Path) -> None:
    import wave

    with wave.open(str(tmp_path / "two.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(array("h", [1, -1, 2, -2]).tobytes())
    assert list(Wav.read((tmp_path / "two.wav").read_bytes()).samples) == [1, 2]


@pytest.mark.parametrize("content", [b"", b"RIFF", b"ID3" + bytes(100), A_TONE.write()[:20]])
def test_what_is_no_wav_file_is_garbled(content: bytes) -> None:
    with pytest.raises(Garbled):
        Wav.read(content)


def test_the_command_plays_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(A_TONE.write())
    out = tmp_path / "out"
    done = devices("play", str(tmp_path / "a.wav"), "--volume", "100", "--line", f"wav://{out}")
    assert (done.returncode, done.stderr) == (0, b"")
    assert (out / "0001.wav").read_bytes() == A_TONE.write()
    for file, why in ((tmp_path / "none.wav", b"No such file"), (Path(__file__), b"not a WAV file")):
        done = devices("play", str(file), "--line", f"wav://{out}")
        assert done.returncode == 2
        assert why in done.stderr


def test_a_folder_that_cannot_be_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotFound):
        FolderLine(tmp_path / "file" / "folder")
