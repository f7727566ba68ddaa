"""The doctor sees what could write down what people say, on machines where it does, and says what to do about it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import main
from kiosk.alone import alone_in
from kiosk.companions import _SEALED_PIN
from kiosk.doctor import Check
from kiosk.privacy import NAMES, Ground, Name, examine_privacy, names
from kiosk.private import place_in_memory
from kiosk.settings import Settings, check_settings

MEMORY = place_in_memory({})
CUPSD = "# CUPS\nLogLevel warn\nPreserveJobFiles No\nPreserveJobHistory 600\n"
SETTINGS = {
    "central": {"url": "http://127.0.0.1:8080"},
    "site": {"name": "环城路社区党群服务中心", "kiosk": "K-001", "phone": "000-00000000"},
    "devices": {"office_printer": {"driver": "cups", "line": "tcp://127.0.0.1:631", "queue": "office"}},
    "staff": [{"code": "w01", "name": "林芳", "pin": _SEALED_PIN}],
}  # fmt: skip


@dataclass(frozen=True)
class House:
    """A machine: the files of the system under ``ground.root``, the settings' file and the data folder."""

    ground: Ground
    file: Path
    data: Path
    settings: Settings

    def write(self, path: str, text: str) -> None:
        file = self.ground.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def looks(self) -> dict[str, Check]:
        checks = examine_privacy(self.settings, self.file, self.data, self.ground)
        assert [check.name for check in checks] == list(NAMES)
        return {check.name: check for check in checks}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A machine that keeps everything to itself."""
    if MEMORY is None:
        pytest.skip("needs a tmpfs: /run or /dev/shm")
    file, data = tmp_path / "kiosk.toml", tmp_path / "data"
    file.touch(0o600)
    data.mkdir(mode=0o700)
    (data / "device.key").touch(0o600)
    made = House(Ground(root=tmp_path / "root", environ={}), file, data, check_settings(SETTINGS, "the test"))
    made.write("proc/swaps", "Filename Type Size Used Priority\n")
    made.write("proc/locks", "")
    made.write("proc/70/cmdline", "/usr/sbin/pcscd\0--foreground\0--auto-exit\0")
    made.write("sys/kernel/kexec_crash_loaded", "0\n")
    made.write("etc/cups/cupsd.conf", CUPSD)
    made.write("etc/libccid_Info.plist", "<key>ifdLogLevel</key>\n\t<string>0x0003</string>")
    spool = made.ground.root / "var/spool/cups"
    spool.parent.mkdir(parents=True)
    spool.symlink_to(MEMORY)
    return made


def test_a_machine_that_keeps_everything_to_itself(house: House) -> None:
    assert {name: check.finding.state for name, check in house.looks().items()} == dict.fromkeys(NAMES, "ok")


def runs_with_a_core_limit(house: House) -> None:
    """The kernel's table of locks names who holds the data folder."""
    house.write(
        "proc/4711/limits", "Limit  Soft Limit  Hard Limit  Units\nMax core file size  unlimited  unlimited  bytes\n"
    )
    (house.data / "lock").touch()
    there = (house.data / "lock").stat()
    device = f"{os.major(there.st_dev):02x}:{os.minor(there.st_dev):02x}:{there.st_ino}"
    house.write(
        "proc/locks", f"1: POSIX  ADVISORY  WRITE 12 00:2e:1 0 EOF\n2: FLOCK  ADVISORY  WRITE 4711 {device} 0 EOF\n"
    )


def swaps_through_to_a_disk(house: House) -> None:
    house.write("proc/swaps", "Filename Type Size\n/dev/zram0 partition 8388604\n")
    house.write("sys/block/zram0/backing_dev", "/dev/sda3\n")


VIOLATIONS: dict[str, tuple[Name, Callable[[House], None], str]] = {
    "a swap partition": (
        "swap",
        lambda house: house.write("proc/swaps", "Filename Type Size\n/dev/sda2 partition 8388604\n"),
        "swapoff",
    ),
    "compressed memory that spills to a disk": (
        "swap",
        swaps_through_to_a_disk,
        "swapoff",
    ),
    "a core limit": ("core", runs_with_a_core_limit, "关掉终端"),
    "a kernel that dumps": ("crash_dump", lambda house: house.write("sys/kernel/kexec_crash_loaded", "1\n"), "kdump"),
    "a data folder for all": ("data", lambda house: house.data.chmod(0o755), "chmod 700"),
    "a key for all": ("keys", lambda house: (house.data / "device.key").chmod(0o644), "device.key"),
    "PINs for all": ("keys", lambda house: house.file.chmod(0o644), "kiosk.toml"),
    "CUPS as it comes": (
        "printing",
        lambda house: house.write("etc/cups/cupsd.conf", "LogLevel warn\n"),
        "PreserveJobFiles No",
    ),
    "CUPS that keeps files": (
        "printing",
        lambda house: house.write("etc/cups/cupsd.conf", CUPSD + "preservejobfiles Yes\n"),
        "PreserveJobFiles No",
    ),
    "CUPS that remembers for a day": (
        "printing",
        lambda house: house.write("etc/cups/cupsd.conf", CUPSD + "PreserveJobHistory 86400\n"),
        "PreserveJobHistory 600",
    ),
    "CUPS that tells all": (
        "printing",
        lambda house: house.write("etc/cups/cupsd.conf", CUPSD + "LogLevel debug2\n"),
        "LogLevel warn",
    ),
    "a spool on the disk": (
        "printing",
        lambda house: house.write("etc/cups/cups-files.conf", "RequestRoot /etc\n"),
        "/etc",
    ),
    "pcscd -a": ("card_service", lambda house: house.write("proc/71/cmdline", "pcscd\0-f\0-a\0"), "-a"),
    "pcscd -fd": ("card_service", lambda house: house.write("proc/71/cmdline", "/sbin/pcscd\0-fd\0"), "-fd"),
    "pcscd --debug": ("card_service", lambda house: house.write("proc/71/cmdline", "pcscd\0--debug\0"), "--debug"),
    "a driver that logs every byte": (
        "card_service",
        lambda house: house.write("etc/libccid_Info.plist", "<key>ifdLogLevel</key>\n<string>0x0007</string>"),
        "0x0001",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", VIOLATIONS)
def test_what_could_tell_is_found_alone_and_has_an_advice(house: House, what: str) -> None:
    name, spoil, advice = VIOLATIONS[what]
    spoil(house)
    found = house.looks()
    assert [each for each, check in found.items() if check.finding.state != "ok"] == [name]
    assert found[name].bad
    assert advice in found[name].finding.advice


def test_temporary_files_on_a_disk(house: House, tmp_path: Path) -> None:
    """Neither what the environment names nor any place of the machine is in memory."""
    on_disk = replace(house, ground=replace(house.ground, environ={"XDG_RUNTIME_DIR": "/etc"}, places=(Path("/etc"),)))
    looked = on_disk.looks()["temporary"]
    assert looked.bad
    assert "tmpfs" in looked.finding.advice


def test_compressed_memory_is_memory(house: House) -> None:
    house.write("proc/swaps", "Filename Type Size\n/dev/zram0 partition 8388604\n")
    house.write("sys/block/zram0/backing_dev", "none\n")
    assert house.looks()["swap"].finding.state == "ok"


def test_an_input_method_that_learns_is_a_warning(house: House) -> None:
    house.write("proc/72/cmdline", "/usr/bin/ibus-daemon\0--xim\0")
    assert house.looks()["input"].finding.state == "warning"


def test_what_a_machine_has_not_is_no_fault(house: House) -> None:
    (house.ground.root / "proc/70/cmdline").unlink()
    settings = check_settings({**SETTINGS, "devices": {}}, "the test")
    found = replace(house, settings=settings).looks()
    assert {name for name, check in found.items() if check.finding.state == "absent"} == {"printing", "card_service"}
    assert not any(check.bad for check in found.values())


def test_this_machine_finds_the_kiosk_that_runs_on_a_folder(house: House) -> None:
    """By the real table of locks: it is this process, whose limit is the test run's."""
    with alone_in(house.data):
        real = replace(house, ground=Ground(environ={}))
        assert real.looks()["core"].finding.state in ("ok", "failed")
        assert real.looks()["core"].finding.found != "终端打开时自己会关掉"


def test_the_command_says_it_in_chinese_and_to_programs_in_english(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    asked = ["--data", str(data), "doctor", "--privacy"]
    said = CliRunner().invoke(main.app, asked)
    assert said.exit_code == 1
    assert "数据文件夹" in said.stdout
    assert f"→ 请运行 chmod 700 {data}" in said.stdout
    report = json.loads(CliRunner().invoke(main.app, [*asked, "--json"]).stdout)
    assert [check["name"] for check in report["checks"]] == list(NAMES)
    assert not report["ok"]
    (folder,) = [check for check in report["checks"] if check["name"] == "data"]
    assert folder["found"].isascii()
    assert folder["advice"] == f"Run chmod 700 {data}"


@pytest.mark.skipif(os.geteuid() != 0, reason="the settings have to be root's")
def test_settings_of_root_are_read_by_the_kiosks_group(house: House) -> None:
    """Where they name a driver from outside they are root's; nobody else may read the PINs."""
    house.file.chmod(0o640)
    assert house.looks()["keys"].finding.state == "ok"
    for mode in (0o644, 0o660):
        house.file.chmod(mode)
        assert f"chmod 640 {house.file}" in house.looks()["keys"].finding.advice


def test_each_look_has_a_name() -> None:
    assert names().keys() == {*NAMES}
