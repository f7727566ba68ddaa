"""Whether the machine keeps to itself what people tell it (``doctor --privacy``): what only its surroundings can spoil.

What the program does about it holds everywhere and is tested. A disk that memory is moved to, a printing service that
keeps its files, a card service that writes down what cards say: those are the keeper's, so they are looked at here.
Nothing is changed by looking.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, get_args

from kiosk.checkup import Finding
from kiosk.doctor import Check
from kiosk.files import file_system
from kiosk.private import IN_MEMORY, PLACES, place_in_memory
from kiosk.settings import Settings
from kiosk.texts import _

Name = Literal["swap", "temporary", "core", "crash_dump", "data", "keys", "printing", "card_service", "input"]
NAMES: Final[tuple[Name, ...]] = get_args(Name)

HISTORY: Final = 600
"""Seconds for which CUPS may know that there was a job."""
TELLS_ALL: Final = re.compile(r"--(apdu|debug)$|-[A-Za-z]*[ad][A-Za-z]*$")
"""Options of pcscd with which what cards say goes into the log."""
COMMUNICATION: Final = 0x0004
"""Of ifdLogLevel: libccid logs every byte."""
LEARNING: Final = {"ibus-daemon", "fcitx", "fcitx5"}
"""Input methods that keep what was typed, to offer it again."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """The machine under the kiosk: its files from ``root`` on, and the environment that the kiosk is started with."""

    root: Path = Path("/")
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    places: tuple[Path, ...] = PLACES

    def text(self, path: str) -> str:
        """What a file says, "" where there is none to be read."""
        try:
            return (self.root / path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def processes(self) -> Iterator[list[str]]:
        """The command line of each, as far as this user may see them."""
        for folder in (self.root / "proc").glob("[0-9]*"):
            if said := self.text(f"proc/{folder.name}/cmdline"):
                yield said.rstrip("\0").split("\0")


def examine_privacy(settings: Settings | None, file: Path | None, data: Path, ground: Ground) -> list[Check]:
    """All looks, in the order of NAMES. ``file`` is the settings' own."""
    looks: dict[Name, tuple[str, Finding]] = {
        "swap": ("/proc/swaps", swap(ground)),
        "temporary": (str(place_in_memory(ground.environ, ground.places) or "/run, /dev/shm"), temporary(ground)),
        "core": ("RLIMIT_CORE", core(ground, data)),
        "crash_dump": ("/sys/kernel/kexec_crash_loaded", crash_dump(ground)),
        "data": (str(data), folder_of_data(data)),
        "keys": (str(data / "*.key"), keys(settings, file, data)),
        "printing": ("/etc/cups", printing(settings, ground)),
        "card_service": ("pcscd", card_service(ground)),
        "input": (", ".join(sorted(LEARNING)), input_methods(ground)),
    }
    return [
        Check(name=name, required=looks[name][1].state != "absent", tried=looks[name][0], finding=looks[name][1])
        for name in NAMES
    ]


# ---- Memory that reaches a disk --------------------------------------------------------------------------------------


def swap(ground: Ground) -> Finding:
    """Memory that is swapped out lies on the disk as it was. Compressed memory (zram) stays in memory."""
    used = [line.split()[0] for line in ground.text("proc/swaps").splitlines()[1:] if line.strip()]
    on_disk = [name for name in used if not _stays_in_memory(ground, name)]
    if on_disk:
        return Finding(
            state="failed",
            found=_("开着，内存里的内容会写到硬盘"),
            advice=_("请运行 swapoff -a，再从 /etc/fstab 里删掉 swap 那一行。"),
            detail=", ".join(on_disk),
        )
    return Finding(state="ok", found=_("没有开"))


def _stays_in_memory(ground: Ground, name: str) -> bool:
    device = Path(name).name
    return device.startswith("zram") and ground.text(f"sys/block/{device}/backing_dev").strip() in ("", "none")


def temporary(ground: Ground) -> Finding:
    """Where temporary files of the kiosk go."""
    if place_in_memory(ground.environ, ground.places) is None:
        return Finding(
            state="failed",
            found=_("会写到硬盘"),
            advice=_("请在 /etc/fstab 里写上 tmpfs /dev/shm tmpfs nodev,nosuid 0 0，再重启。"),
        )
    return Finding(state="ok", found=_("只在内存里"))


def core(ground: Ground, data: Path) -> Finding:
    """Whether the running kiosk would leave a core. It says no itself when it is opened."""
    running = _holder(ground, data)
    if running is None:
        return Finding(state="ok", found=_("终端打开时自己会关掉"))
    limit = re.search(r"^Max core file size +(\S+) +(\S+)", ground.text(f"proc/{running}/limits"), re.MULTILINE)
    if limit is None:
        return Finding(state="skipped", found=_("看不到正在运行的终端"), advice=_("请用运行终端的那个用户来体检。"))
    if limit.groups() != ("0", "0"):
        return Finding(
            state="failed",
            found=_("开着，出错时内存会写到硬盘"),
            advice=_("请关掉终端，再用原来的命令打开。"),
            detail=" ".join(limit.groups()),
        )
    return Finding(state="ok", found=_("关着"))


def _holder(ground: Ground, data: Path) -> int | None:
    """The process that holds the data folder, as the kernel's table of locks says."""
    try:
        there = (data / "lock").stat()
    except OSError:
        return None
    name = f"{os.major(there.st_dev):02x}:{os.minor(there.st_dev):02x}:{there.st_ino}"
    for line in ground.text("proc/locks").splitlines():
        fields = line.split()
        if name in fields and "FLOCK" in fields:
            return int(fields[fields.index(name) - 1])
    return None


def crash_dump(ground: Ground) -> Finding:
    """A kernel that falls may write all memory to the disk (kdump)."""
    if ground.text("sys/kernel/kexec_crash_loaded").strip() == "1":
        return Finding(
            state="failed",
            found=_("开着，系统崩溃时内存会写到硬盘"),
            advice=_("请运行 systemctl disable --now kdump-tools，再重启。"),
        )
    return Finding(state="ok", found=_("没有开"))


# ---- Files -----------------------------------------------------------------------------------------------------------


def folder_of_data(data: Path) -> Finding:
    """Whether others of this machine can look into it."""
    if not data.exists():
        return Finding(state="ok", found=_("还没有，终端打开时会建"))
    if stat.S_IMODE(data.stat().st_mode) & 0o077:
        return Finding(
            state="failed",
            found=_("别的用户也能看"),
            advice=_("请运行 chmod 700 {folder}").format(folder=data),
            detail=f"{stat.S_IMODE(data.stat().st_mode):04o}",
        )
    return Finding(state="ok", found=_("只有终端能看"))


def keys(settings: Settings | None, file: Path | None, data: Path) -> Finding:
    """Keys, and settings in which the sealed PINs of workers stand: six digits are soon tried. Settings of root's, as
    those have to be that name a driver from outside, are read by the kiosk's group."""
    try:
        secret = sorted(data.glob("*.key"))
        if settings is not None and file is not None and settings.staff:
            secret.append(file)
        most = {path: 0o640 if path == file and path.stat().st_uid == 0 else 0o600 for path in secret}
        open_to_all = [path for path in secret if stat.S_IMODE(path.stat().st_mode) & 0o777 & ~most[path]]
    except OSError as error:
        return Finding(
            state="skipped",
            found=_("看不到"),
            advice=_("请用运行终端的那个用户来体检。"),
            detail=error.strerror or "",
        )
    if open_to_all:
        return Finding(
            state="failed",
            found=_("别的用户也能读"),
            advice=_("请运行 {commands}").format(
                commands="; ".join(f"chmod {most[path]:o} {path}" for path in open_to_all)
            ),
        )
    return Finding(state="ok", found=_("只有终端能读"))


# ---- Services --------------------------------------------------------------------------------------------------------


def printing(settings: Settings | None, ground: Ground) -> Finding:
    """Whether CUPS keeps what it printed: certificates hold names and numbers."""
    office = settings.devices.office_printer if settings else None
    if office is None or office.driver != "cups" or office.queue.startswith("/"):
        return Finding(state="absent", found=_("这台机器不用它"))
    if not re.match(r"tcp://(127\.|localhost|\[::1\])", office.line):
        advice = _("请在那台机器上，照手册“A4打印机”一节改好设置。")
        return Finding(state="skipped", found=_("它在另一台机器上"), advice=advice)
    said = _directives(ground.text("etc/cups/cupsd.conf"))
    spool = _directives(ground.text("etc/cups/cups-files.conf")).get("requestroot", "/var/spool/cups")
    wrong = [
        *([] if said.get("preservejobfiles", "").lower() in ("no", "off", "false", "0") else ["PreserveJobFiles No"]),
        *([] if _is_short(said.get("preservejobhistory", "yes")) else [f"PreserveJobHistory {HISTORY}"]),
        *(["LogLevel warn"] if said.get("loglevel", "").lower().startswith("debug") else []),
    ]
    if wrong:
        return Finding(
            state="failed",
            found=_("打过的东西会留在硬盘上"),
            advice=_("请在 /etc/cups/cupsd.conf 里写上：{lines}").format(lines=" · ".join(wrong)),
        )
    folder = ground.root / spool.lstrip("/")
    if not folder.is_dir() or file_system(folder) not in IN_MEMORY:
        return Finding(
            state="failed",
            found=_("要打的东西先写到硬盘"),
            advice=_("请照手册“A4打印机”一节，把 {folder} 放进内存。").format(folder=spool),
        )
    return Finding(state="ok", found=_("打完不留"))


def _directives(text: str) -> dict[str, str]:
    """Of a file of CUPS: the name in small letters → the rest of the line. The last one counts."""
    lines = [line.split(None, 1) for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return {words[0].lower(): words[1].strip() for words in lines if len(words) == 2}


def _is_short(history: str) -> bool:
    seconds = re.fullmatch(r"(\d+)s?", history)
    return history.lower() in ("no", "off", "false") or (seconds is not None and int(seconds[1]) <= HISTORY)


def card_service(ground: Ground) -> Finding:
    """Whether pcscd, or the driver of the readers in it, logs what cards say."""
    named = [words for words in ground.processes() if Path(words[0]).name == "pcscd"]
    telling = {option for words in named for option in words[1:] if TELLS_ALL.match(option)}
    level = re.search(r"<key>ifdLogLevel</key>\s*<string>(\w+)</string>", ground.text("etc/libccid_Info.plist"))
    if telling:
        return Finding(
            state="failed",
            found=_("会把卡上的内容写进日志"),
            advice=_("请从 pcscd 的启动命令里删掉 {options}，再重启它。").format(options=" ".join(sorted(telling))),
        )
    if level is not None and _number(level[1]) & COMMUNICATION:
        return Finding(
            state="failed",
            found=_("会把卡上的内容写进日志"),
            advice=_("请把 /etc/libccid_Info.plist 里的 ifdLogLevel 改成 0x0001，再重启 pcscd。"),
            detail=level[1],
        )
    if not named:
        return Finding(state="absent", found=_("没有在运行"))
    return Finding(state="ok", found=_("不记卡上的内容"))


def _number(text: str) -> int:
    try:
        return int(text, 0)
    except ValueError:
        return 0


def input_methods(ground: Ground) -> Finding:
    """The kiosk has a keyboard of its own, which learns nothing."""
    running = {Path(words[0]).name for words in ground.processes()} & LEARNING
    if running:
        return Finding(
            state="warning",
            found=_("系统的输入法开着，会记住打过的字"),
            advice=_("终端有自己的键盘，请关掉它：{names}").format(names=", ".join(sorted(running))),
        )
    return Finding(state="ok", found=_("只有终端自己的键盘，不记字"))


def names() -> dict[str, str]:
    """What each look is called."""
    return {
        "swap": _("交换区"),
        "temporary": _("临时文件"),
        "core": _("程序转储"),
        "crash_dump": _("系统转储"),
        "data": _("数据文件夹"),
        "keys": _("密钥文件"),
        "printing": _("打印服务"),
        "card_service": _("读卡服务"),
        "input": _("输入法"),
    }
