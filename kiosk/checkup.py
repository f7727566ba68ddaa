"""What the doctor looks at, one function each: devices, central, clock, outbox, disk, fonts. Blocking, one thread each.

Nothing is changed by looking: no device is told to do anything that a person would notice, no file of the kiosk's is
made or written.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from devices.errors import DeviceError, Garbled, NoDriver, NotFound, Refused, Silent
from devices.glyphs import FALLBACKS, FontMissing, font_file, has_glyph
from devices.printer import EscposPrinter
from devices.supervisor import Device
from kiosk import settings, soundness
from kiosk.central import CentralClient
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import Heartbeat, Keys
from kiosk.errors import Declined, NotCentral, NotKept, Suspended, Unavailable
from kiosk.files import file_system, read_if_there
from kiosk.inspecting import INSPECTED, last_inspection
from kiosk.keystore import FileKeyStore
from kiosk.outbox import outbox_status
from kiosk.pinning import read_pinned, to_pin
from kiosk.private import IN_MEMORY
from kiosk.release import VERSION
from kiosk.texts import _
from kiosk.trust import Authorities, Trust

State = Literal["ok", "warning", "failed", "absent", "skipped"]
"""``absent``: the settings name none. ``skipped``: it was not looked at, and the finding says why."""

GREETINGS: Final = 2
"""How often a device is asked before its silence, or noise, is believed."""
FULL, NEARLY_FULL = 64, 500
"""Megabytes that are left."""
ASTRAY, FAR_ASTRAY = timedelta(seconds=30), timedelta(seconds=300)
"""How far the clock may be from central's; beyond the second, central trusts no signature of ours."""
FLOOR: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No kiosk ran before."""
RAREST: Final = "\U0002ebf0"
"""A character so rare that every font is asked for it, and so read."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found, and what to do, in words for who keeps the machine. ``detail`` is for technicians."""

    state: State
    found: str
    advice: str = ""
    detail: str = ""


def running(*, runs: bool) -> Finding:
    """Whether the kiosk itself runs. Either is well."""
    return Finding(state="ok", found=_("正在运行") if runs else _("没有在运行"))


# ---- Devices ---------------------------------------------------------------------------------------------------------


def no_device() -> Finding:
    return Finding(state="absent", found=_("设置里没有写"))


def in_use() -> Finding:
    """The kiosk has it, and must not be disturbed in the middle of a receipt."""
    return Finding(
        state="skipped",
        found=_("终端正在用它，没去打扰"),
        advice=_("要细查，请先关掉终端，再体检一次。"),
    )


def device(named: settings.Device) -> Finding:
    """Opens it and greets it."""
    if named.line == "keyboard://":
        return Finding(
            state="skipped",
            found=_("它像键盘一样打字，这里试不了"),
            advice=_("打开终端，扫一个码试一试。"),
        )
    try:
        with closing(named.open()) as opened:
            hindrance = _greet(opened)
            near_end = isinstance(opened, EscposPrinter) and hindrance is None and opened.status().paper == "near-end"
        if isinstance(named, settings.SoundDevice) and (earphone := named.open_earphone()) is not None:
            with closing(earphone):
                earphone.hello()
    except DeviceError as error:
        return _not_there(error)
    if hindrance is not None:
        return _hindered(hindrance)
    if near_end:
        return Finding(state="warning", found=_("纸快用完了"), advice=_("请备好一卷新纸。"))
    if named.driver in ("scanner", "speaker") or named.line.startswith("file:"):
        return Finding(state="ok", found=_("接上了，它自己不会回答"))
    return Finding(state="ok", found=_("接上了，有回答"))


def _greet(opened: Device) -> str | None:
    for _time in range(GREETINGS - 1):
        try:
            return opened.hello()
        except (Silent, Garbled):
            continue
    return opened.hello()


def _hindered(hindrance: str) -> Finding:
    """A device that is there, in the words of its driver: a person at the machine can often remove the cause."""
    match hindrance:
        case "no paper":
            return Finding(state="warning", found=_("没有纸了"), advice=_("请换一卷新纸，拉出纸头，再合上盖子。"))
        case "cover open":
            return Finding(state="warning", found=_("盖子开着"), advice=_("请把打印机的盖子按紧。"))
        case "no sheets":
            return Finding(state="warning", found=_("没有 A4 纸了"), advice=_("请往纸盒里放 A4 纸。"))
        case "jam":
            return Finding(state="failed", found=_("卡纸了"), advice=_("请打开打印机，把卡住的纸拉出来。"))
        case "no toner":
            return Finding(state="failed", found=_("墨粉用完了"), advice=_("请换一个新的墨盒或硒鼓。"))
        case "stopped" | "not accepting":
            return Finding(
                state="failed",
                found=_("打印队列停着"),
                advice=_("请打开它：cupsenable 队列名，cupsaccept 队列名"),
                detail=hindrance,
            )
        case "overheated":
            return Finding(state="warning", found=_("太热了"), advice=_("歇几分钟，凉下来自己会好。"))
        case "cutter jammed":
            return Finding(
                state="failed", found=_("切刀卡住了"), advice=_("请关掉打印机，打开盖子，取出卡住的纸，再开机。")
            )
        case "printer error" | "offline":
            return Finding(
                state="failed",
                found=_("它说自己打不了"),
                advice=_("请把打印机关掉再打开。还不行，请报修。"),
                detail=hindrance,
            )
        case "no card reader":
            return Finding(state="failed", found=_("没有找到读卡器"), advice=_("请看看读卡器的线插牢了没有。"))
        case "no PC/SC service":
            return Finding(
                state="failed",
                found=_("读卡服务没有开"),
                advice=_("请装好 pcscd，再打开它：systemctl enable --now pcscd.socket"),
            )
        case "PC/SC service refuses this user":
            return Finding(
                state="failed",
                found=_("读卡服务不让这个用户用"),
                advice=_("请用运行终端的那个用户来体检；还不行，请管理员看 pcscd 的权限。"),
            )
        case _other:
            return Finding(
                state="warning",
                found=_("它说：{words}").format(words=hindrance),
                advice=_("请照设备自己的提示处理。"),
            )


def _not_there(error: DeviceError) -> Finding:
    found, advice = _("接上就断了"), _("请看看电源和线，把设备关掉再打开。")
    match error, _number(error):
        case NoDriver(), _any:
            found, advice = _("驱动装不上"), _("请核对设置里的 driver，详情见 doctor --json。")
        case NotFound(), errno.EACCES | errno.EPERM:
            found = _("没有权限打开")
            advice = _("请让运行终端的用户能用它：串口要加入 dialout 组，USB 要有 udev 规则。")
        case NotFound(), errno.EAGAIN | errno.EBUSY:
            found, advice = _("被别的程序占着"), _("请关掉占着它的程序；也许是另一个终端。")
        case NotFound(), _any:
            found, advice = _("没有找到"), _("请看看电源开了没有、线插牢了没有，再核对设置里的 line。")
        case Silent(), _any:
            found, advice = _("接通了，但没有回答"), _("请看看设备开了没有，再核对设置里的 line 和波特率。")
        case Garbled(), _any:
            found, advice = _("有回答，但听不懂"), _("多半是另一种设备，或者波特率不对。请核对设置。")
        case Refused(), _any:
            found, advice = _("它说自己不能工作"), _("请把设备断电，再通电。还不行，请报修。")
    return Finding(state="failed", found=found, advice=advice, detail=str(error))


def _number(error: DeviceError) -> int | None:
    """The system's number of what kept a line from being opened."""
    return error.__cause__.errno if isinstance(error.__cause__, OSError) else None


# ---- Central and the clock -------------------------------------------------------------------------------------------


def central(
    all_settings: settings.Settings, data: Path, keys_file: Path, measured: Callable[[timedelta], None]
) -> Finding:
    """Whether central answers, is the one whose keys are pinned, and answers this kiosk; and how far its clock is from
    ours."""
    told = all_settings.central
    pinned, detail = _pinned(keys_file, told.root)
    authorities = None if pinned is None else Authorities.of(pinned.authorities)
    device, voices = FileKeyStore(data).made_before(), () if pinned is None else pinned.acknowledgement
    client = CentralClient(str(told.url), Trust(device=device, voices=voices, ca=told.ca, authorities=authorities))
    try:
        before = time.monotonic()
        health = client.health()
        measured(datetime.now(UTC) - timedelta(seconds=(time.monotonic() - before) / 2) - health.time)
        offered = client.keys()
        suspended = device is not None and _is_suspended(client, all_settings.site.kiosk)
    except (Unavailable, Declined) as error:
        found, advice = _away(error)
        meanwhile = _("这期间照常办，先存在机器上。") if pinned else _("这台终端还没有和它连过，连上以前不能办事。")
        advice = _("{advice}{meanwhile}").format(advice=advice, meanwhile=meanwhile)
        return Finding(state="failed", found=found, advice=advice, detail=_said(error))
    finally:
        client.close()
    try:
        to_pin(pinned, offered, told.root)
    except ContractError:
        return Finding(
            state="failed",
            found=_("不是这台终端认识的中心"),
            advice=_("请核对中心的地址。换过中心的，请联系管理员重新登记这台终端。"),
        )
    if pinned is not None and pinned.minimum > VERSION:
        return Finding(
            state="failed",
            found=_("中心说这台终端的程序太旧，先不让它接待人"),
            advice=_("请更新程序。记下来的事不会丢，照常送到中心。"),
        )
    if suspended:
        return Finding(
            state="failed",
            found=_("中心停用了这台终端，先不让它接待人"),
            advice=_("请联系中心的管理员，查清楚了再恢复。记下来的事不会丢，照常送到中心。"),
        )
    if health.opener == "silent":
        return Finding(
            state="warning",
            found=_("有回答，但暂时不处理登记"),
            advice=_("请告诉中心的管理员：开件程序（opener）没有在运行。"),
        )
    if detail:
        return Finding(
            state="warning",
            found=_("有回答，没能核对密钥"),
            advice=_("请用运行终端的那个用户来体检。存的密钥坏了也不要紧，终端打开时会重新取。"),
            detail=detail,
        )
    return Finding(state="ok", found=_("有回答，密钥对得上") if pinned else _("有回答，密钥等终端打开时取"))


def _is_suspended(client: CentralClient, kiosk: str) -> bool:
    """Whether central has suspended the kiosk, which it says to the kiosk's own key alone. What else it refuses, a
    clock that is wrong or a key that it does not know, is told elsewhere."""
    try:
        client.heartbeat(Heartbeat(kiosk=kiosk, ledger=None))
    except Suspended:
        return True
    except (Unavailable, Declined):
        return False
    return False


def _pinned(keys_file: Path, root: str | None) -> tuple[Keys | None, str]:
    """The keys that are pinned, and why they cannot be read. The kiosk pins them anew where they are damaged."""
    try:
        content = read_if_there(keys_file)
        return None if content is None else read_pinned(content, root), ""
    except OSError as error:
        return None, f"{keys_file}: {error.strerror}"
    except ContractError:
        return None, f"{keys_file}: damaged"


def _away(error: Unavailable | Declined) -> tuple[str, str]:
    if isinstance(error, NotCentral):
        return _("有回答，但不是我们的中心"), _("多半是上网要先登录，或者地址写错了。")
    if isinstance(error, Declined):
        return _("中心不接待这台终端"), _("请联系中心的管理员。")
    match error.reason:
        case "slow":
            return _("太慢，没有等到回答"), _("请看看网络；过一会儿再体检一次。")
        case "server":
            return _("中心自己出了问题"), _("请告诉中心的管理员。")
        case _offline:
            return _("连不上"), _("请看看网线和网络，再核对中心的地址。")


def _said(error: Unavailable | Declined) -> str:
    if isinstance(error, Declined):
        return error.code
    return error.detail if isinstance(error, NotCentral) else error.reason


def clock(now: datetime, ahead: timedelta | None, written: Collection[Path]) -> Finding:
    """Against central's clock where it is known; else whether it is later than all that this machine has written."""
    advice = _("请打开自动对时：timedatectl set-ntp true")
    last = max([FLOOR, *(datetime.fromtimestamp(file.stat().st_mtime, UTC) for file in written if file.is_file())])
    if ahead is not None:
        seconds = round(abs(ahead).total_seconds())
        if abs(ahead) <= ASTRAY:
            return Finding(state="ok", found=_("和中心对得上"))
        found = (_("比中心快 {n} 秒") if ahead > timedelta() else _("比中心慢 {n} 秒")).format(n=seconds)
        return Finding(state="failed" if abs(ahead) > FAR_ASTRAY else "warning", found=found, advice=advice)
    if now + ASTRAY < last:
        return Finding(state="failed", found=_("不对，比上次关机还早"), advice=advice)
    return Finding(state="ok", found=_("看着正常，没和中心对过"))


# ---- What is on this machine -----------------------------------------------------------------------------------------


def outbox(file: Path) -> Finding:
    """Whether what is kept can be read and is sound, beside a running kiosk too."""
    try:
        if file.exists() and not os.access(file.parent, os.W_OK, effective_ids=True):
            raise PermissionError(errno.EACCES, "Permission denied")  # else SQLite could not, and it would look damaged
        damage = soundness.examine(file) if file.exists() else None
        kept = None if damage else outbox_status(file)
    except (sqlite3.Error, NotKept, OSError) as error:
        return Finding(
            state="failed",
            found=_("读不出来"),
            advice=_("请用运行终端的那个用户来体检；还不行，多半是硬盘坏了，请报修。"),
            detail=f"{type(error).__name__}: {error}",
        )
    if kept is None:
        return Finding(
            state="failed",
            found=_("坏了"),
            advice=_("请别删它。终端打开时会把它放到一边，另起一本；坏的那本请交给管理员。"),
            detail=damage.what if damage else "",
        )
    if kept.quarantined:
        return Finding(
            state="warning",
            found=_("有 {n} 件中心没有收下").format(n=kept.quarantined),
            advice=_("都还存着。请告诉中心的管理员。"),
        )
    if aside := list(file.parent.glob(f"{file.stem}-damaged-*{file.suffix}")):
        return Finding(
            state="warning",
            found=_("完好；旁边有一本坏的"),
            advice=_("请别删 {name}，交给管理员。").format(name=aside[0].name),
        )
    if not kept.records:
        return Finding(state="ok", found=_("还没有登记过"))
    found = _("完好，{n} 件，{pending} 件等着交").format(n=kept.records, pending=kept.pending)
    looked = last_inspection(file.with_name(INSPECTED))
    detail = f"looked through {looked.at:%Y-%m-%d %H:%M} UTC: {looked.damage or 'whole'}" if looked else ""
    return Finding(state="ok", found=found, detail=detail)


def disk(data: Path) -> Finding:
    """Whether the data folder can be written durably, is on a disk, and has room."""
    if not data.exists():
        return _disk_to_come(data)
    try:
        with tempfile.NamedTemporaryFile(dir=data, prefix=".doctor-") as trial:
            trial.write(bytes(4096))
            trial.flush()
            os.fsync(trial.fileno())
        left = shutil.disk_usage(data).free // 1_000_000
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return Finding(
            state="failed",
            found=_("满了，写不进去") if full else _("写不进去"),
            advice=_tidy() if full else _("请看看这个文件夹归谁，运行终端的用户要能写。"),
            detail=error.strerror or "",
        )
    if left < FULL:
        found = _("快满了，只剩 {n} MB").format(n=left)
        return Finding(state="failed", found=found, advice=_tidy())
    if file_system(data) in IN_MEMORY:
        return Finding(
            state="warning",
            found=_("在内存里，断电就没有了"),
            advice=_("请用 --data 换一个在硬盘上的文件夹。"),
        )
    if left < NEARLY_FULL:
        return Finding(state="warning", found=_("不多了，还剩 {n} MB").format(n=left), advice=_tidy())
    return Finding(state="ok", found=_("能写，还剩 {n} GB").format(n=round(left / 1000, 1)))


def _disk_to_come(data: Path) -> Finding:
    """The kiosk makes the folder when it is opened; made here, it would belong to whoever calls the doctor."""
    nearest = next(folder for folder in data.absolute().parents if folder.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return Finding(state="ok", found=_("还没有，终端打开时会建"))
    return Finding(
        state="failed",
        found=_("没有这个文件夹，也建不了"),
        advice=_("请建好它，让运行终端的用户能写。"),
        detail=str(nearest),
    )


def _tidy() -> str:
    return _("请管理员清出一些地方。登记数据（outbox.db）不要动。")


def fonts() -> Finding:
    """Whether screen and paper can draw all characters that a name may hold."""
    try:
        font_file("regular"), font_file("bold")
        has_glyph(RAREST)
    except FontMissing as error:
        return Finding(
            state="failed",
            found=_("缺了字体，或者坏了"),
            advice=_("请在程序的文件夹里运行 make setup；还不行，重装那个字体包。"),
            detail=str(error),
        )
    missing = [font.name for font in FALLBACKS if not font.path.is_file()]
    if missing:
        return Finding(
            state="warning",
            found=_("少了生僻字的字体"),
            advice=_("名字里的生僻字会显示成方框。请运行 make setup。"),
            detail=", ".join(missing),
        )
    return Finding(state="ok", found=_("齐全，生僻字也有"))


# ---- A look that did not come to its end -----------------------------------------------------------------------------


def too_late() -> Finding:
    return Finding(state="failed", found=_("一直没有结果"), advice=_("它没有反应。请再体检一次；还不行，请报修。"))


def crashed(detail: str) -> Finding:
    return Finding(
        state="failed", found=_("体检它的时候出了错"), advice=_("请把 doctor --json 的结果发给管理员。"), detail=detail
    )
