"""What is wrong with a settings file is one line with file, key and what is allowed."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from devices import DRIVERS, LINES, lines
from kiosk.settings import SettingsError, check_settings, read_settings

LEAST = '[central]\nurl = "http://127.0.0.1:8080"\n'
WHOLE = """
[site]
name = "环城路社区党群服务中心"
kiosk = "K-007"
phone = "0593-0000000"

[panel]
diagonal_inches = 32
fullscreen = true

[central]
url = "https://central.example:8443"
answer_within = 1.5

[devices.id_card]
driver = "samv"
line = "serial:///dev/ttyUSB0?baud=115200"

[devices.social_card]
[devices.printer]
driver = "escpos"
line = "tcp://192.168.1.50:9100"
columns = 32

[devices.scanner]
line = "keyboard://"

[devices.sound]
line = "alsa://plughw:CARD=PCH,DEV=0"
earphone = "alsa://plughw:CARD=Device,DEV=0"
earphone_by = "card"
volume = 80

[devices.light]
line = "serial:///dev/ttyUSB1"
unit = 3

[devices.office_printer]
queue = "/ipp/print"
line = "tcp://192.168.1.60:631"

[idle]
warn_after = 90
"""


def settings_file(folder: Path, text: str) -> Path:
    file = folder / "kiosk.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_key(tmp_path: Path) -> None:
    settings = read_settings(settings_file(tmp_path, WHOLE))
    assert settings.site.kiosk == "K-007"
    assert settings.devices.id_card is not None
    assert settings.devices.printer is not None
    assert settings.devices.printer.columns == 32
    assert settings.devices.sound is not None
    assert (settings.devices.sound.earphone_by, settings.devices.sound.volume) == ("card", 80)
    assert settings.devices.light is not None
    assert settings.devices.light.unit == 3
    assert settings.devices.office_printer is not None
    assert settings.devices.office_printer.queue == "/ipp/print"
    assert (settings.idle.warn_after, settings.idle.wipe_after) == (90, 15)


def test_an_absent_section_is_no_device(tmp_path: Path) -> None:
    devices = read_settings(settings_file(tmp_path, LEAST)).devices
    assert (devices.id_card, devices.printer, devices.scanner, devices.social_card) == (None, None, None, None)
    assert (devices.sound, devices.light, devices.office_printer) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["central", "is missing"]),
        ("[central]\nurl = 5", ["central.url", "URL"]),
        (LEAST + 'public_url = "https://zj.example.com/kiosk"', ["central.public_url", "without a path"]),
        ("[central\n", ["is not TOML", "line 1"]),
        (LEAST + "[panel]\ndiagonal = 32", ["panel.diagonal", "diagonal_inches, fullscreen"]),
        (LEAST + "[panel]\ndiagonal_inches = 'big'", ["panel.diagonal_inches", "number"]),
        (LEAST + "[panel]\ndiagonal_inches = '21.5'", ["panel.diagonal_inches", "number"]),
        (LEAST + "[panel]\nfullscreen = 'yes'", ["panel.fullscreen", "boolean"]),
        (LEAST + "[devices.printer]\nline = 'tcp://h:1'\ncolumns = 40", ["devices.printer.columns", "32 or 48"]),
        (LEAST + "[devices.id_card]\nline = 'usb://1:2'", ["devices.id_card.line", "serial", "tcp"]),
        (LEAST + "[devices.id_card]\nline = 'tcp://nowhere'", ["devices.id_card.line", "port"]),
        (LEAST + "[devices.id_card]\ndriver = 'other'\nline = 'tcp://h:1'", ["devices.id_card.driver", "samv"]),
        (LEAST + "[devices.reader]\nline = 'tcp://h:1'", ["devices.reader", "id_card", "printer"]),
        (LEAST + "[devices.sound]\nline = \"alsa://file:'|reboot',raw\"", ["devices.sound.line", "aplay -L"]),
        (LEAST + "[devices.sound]\nearphone = 'alsa://default'", ["devices.sound", "names its card"]),
        (LEAST + "[devices.sound]\nvolume = 5", ["devices.sound.volume", "10"]),
        (LEAST + "[devices.office_printer]\nqueue = 'a queue'", ["devices.office_printer.queue"]),
        (LEAST + "[devices.light]\nline = 'usb://0400:c35a'", ["devices.light.line", "serial", "tcp"]),
        (LEAST + "[site]\nkiosk = 'K 1'", ["site.kiosk", "pattern"]),
        (LEAST + '"a\\nb" = 1', ["central.'a\\nb'", "no such key"]),
        (LEAST + "a = " + "[" * 5000 + "]" * 5000, ["too deep"]),
        (LEAST + "a = " + "9" * 5000, ["4300 digits"]),
        (LEAST + "[devices]\nid_card = 'samv'", ["devices.id_card", "[devices.id_card]", "driver, line"]),
        (LEAST + "[[devices.printer]]\nline = 'tcp://h:1'", ["devices.printer", "driver, line, columns, model"]),
    ],
)
def test_one_line_names_file_key_and_what_is_allowed(tmp_path: Path, text: str, words: list[str]) -> None:
    file = settings_file(tmp_path, text)
    with pytest.raises(SettingsError) as refused:
        read_settings(file)
    line = str(refused.value)
    assert line.startswith(f"{file}: ")
    assert "\n" not in line
    for word in words:
        assert word in line


@pytest.mark.parametrize("kind", DRIVERS)
def test_a_device_may_have_every_line_that_its_driver_can_talk_over(kind: str) -> None:
    (driver,) = DRIVERS[kind]
    taken = []
    for scheme, line in lines._EXAMPLES.items():
        tables: dict[str, object] = {"central": {"url": "http://h"}, "devices": {kind: {"line": line}}}
        with suppress(SettingsError):
            check_settings(tables, "")
            taken.append(scheme)
    assert set(taken) == set(LINES[driver])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        read_settings(tmp_path / "kiosk.toml")


def test_a_mark_of_utf_8_before_the_text_is_no_part_of_it(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(WHOLE, encoding="utf-8-sig")
    assert read_settings(file).site.kiosk == "K-007"


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_bytes('[site]\nname = "社区"'.encode("gb18030"))
    with pytest.raises(SettingsError, match="UTF-8"):
        read_settings(file)
