"""The doctor (体检): looks at all that the kiosk needs, and says of each what was tried, what was found and what to do.

Everything is looked at at once, each in a thread of its own with one deadline for all: whatever hangs is left behind,
and what fails in a look is that look's failure alone. What is looked at, and how, is in ``checkup``.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, Literal, get_args

from devices.glyphs import EXTRACTED
from kiosk import checkup
from kiosk.checkup import Finding, State
from kiosk.contract.errors import ContractError
from kiosk.files import read_if_there
from kiosk.keyring import sealing_key
from kiosk.pinning import read_pinned
from kiosk.settings import Settings
from kiosk.texts import _
from kiosk.timekeeper import Timekeeper

WITHIN: Final = 5.0
"""Seconds for everything together."""

Name = Literal[
    "kiosk", "id_card", "social_card", "printer", "scanner", "sound", "light", "office_printer",
    "central", "clock", "outbox", "disk", "fonts",
]  # fmt: skip
NAMES: Final[tuple[Name, ...]] = get_args(Name)
KINDS: Final[tuple[Name, ...]] = ("id_card", "social_card", "printer", "scanner", "sound", "light", "office_printer")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at. ``required``: without it the exit code is 1."""

    name: str
    required: bool
    tried: str
    finding: Finding

    @property
    def bad(self) -> bool:
        return self.required and self.finding.state == "failed"

    def as_json(self) -> dict[str, str | bool]:
        """For programs and technicians: with what drivers and system said."""
        found = self.finding
        return {
            "name": self.name,
            "required": self.required,
            "state": found.state,
            "tried": self.tried,
            "found": f"{found.found}: {found.detail}" if found.detail else found.found,
            "advice": found.advice,
        }


def examine(settings: Settings | None, data: Path, *, outbox: Path, keys: Path, kiosk_runs: bool) -> list[Check]:
    """All checks, in the order of NAMES, within WITHIN seconds.

    A kiosk that runs on ``data`` has the devices: they are left alone. Without settings it is the running
    demonstration, which alone knows where its devices and its central are.
    """
    ahead: list[timedelta] = []
    named = settings.devices.named() if settings else {}
    url = str(settings.central.url) if settings else ""
    now = datetime.now(UTC)
    tried: dict[Name, str] = {
        "kiosk": str(data),
        "central": url,
        "clock": f"{now:%Y-%m-%d %H:%M:%S} UTC",
        "outbox": str(outbox),
        "disk": str(data),
        "fonts": ", ".join(EXTRACTED.values()),
    }
    found: dict[Name, Finding] = {"kiosk": checkup.running(runs=kiosk_runs)}
    work: dict[Name, Callable[[], Finding]] = {
        "outbox": partial(checkup.outbox, outbox),
        "disk": partial(checkup.disk, data),
        "fonts": checkup.fonts,
    }
    if settings:
        work["central"] = partial(checkup.central, settings, data, keys, ahead.append)
    else:
        found["central"] = checkup.in_use()
    for kind in KINDS:
        device = named.get(kind)
        tried[kind] = f"{device.driver}, {device.line}" if device else ""
        if settings and not device:
            found[kind] = checkup.no_device()
        elif kiosk_runs or not device:
            found[kind] = checkup.in_use()
        else:
            work[kind] = partial(checkup.device, device)
    found |= _outcomes({name: _start(look) for name, look in work.items()})
    at = now - ahead[0] if ahead else Timekeeper(data / "clock.json").now()
    found["central"] = _with_key(found["central"], keys, settings.central.root if settings else None, at)
    found["clock"] = checkup.clock(now, ahead[0] if ahead else None, (outbox, keys))
    return [
        Check(
            name=name,
            required=name != "kiosk" and found[name].state != "absent",
            tried=tried[name],
            finding=found[name],
        )
        for name in NAMES
    ]


def _with_key(found: Finding, keys: Path, root: str | None, at: datetime) -> Finding:
    """What was found of central, and whether the key that records are sealed to has expired ``at`` its time."""
    try:
        content = read_if_there(keys)
        key = None if content is None else sealing_key(read_pinned(content, root))
    except (OSError, ContractError):
        return found  # central's own look says so
    if key is None or at <= key.not_after:
        return found
    advice = _("办事照常，记下来的事照样封得住。请告诉中心的管理员：该换封存密钥了。")
    if found.state == "ok":
        return Finding(state="warning", found=_("有回答，封存用的密钥过期了"), advice=advice, detail=key.id)
    return replace(found, advice=_("{advice}{meanwhile}").format(advice=found.advice, meanwhile=advice))


def _outcomes(started: dict[Name, Future[Finding]]) -> Iterator[tuple[Name, Finding]]:
    until = time.monotonic() + WITHIN
    for name, future in started.items():
        try:
            error = future.exception(max(0.0, until - time.monotonic()))
        except TimeoutError:
            yield name, checkup.too_late()
            continue
        if error is None:
            yield name, future.result()
        else:  # what a look did not expect is its own failure, an exit in a driver too
            where = traceback.extract_tb(error.__traceback__)[-1]
            detail = f"{type(error).__name__} in {where.filename}:{where.lineno}"
            _log.error("%s: the look failed: %s", name, detail)  # the words of an error may be personal
            yield name, checkup.crashed(detail)


def _start(look: Callable[[], Finding]) -> Future[Finding]:
    """A daemon thread: what hangs in a driver does not hold the end of the program, as an executor's would."""
    future: Future[Finding] = Future()

    def run() -> None:
        try:
            future.set_result(look())
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to the one who waits
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


# ---- For the console -------------------------------------------------------------------------------------------------


def in_words(checks: Sequence[Check], called: Mapping[str, str] | None = None) -> Iterator[str]:
    """The table, a line of advice under each that needs one, and how it stands altogether. ``called``: the names of
    other looks than the doctor's own."""
    states, names = _states(), called or _names()
    rows = [(states[check.finding.state], names[check.name], check.finding, check.tried) for check in checks]
    first, second = (max(map(_width, column)) for column in (states.values(), names.values()))
    third = max(_width(check.finding.found) for check in checks)
    for state, name, finding, tried in rows:
        cells = (_padded(state, first), _padded(name, second), _padded(finding.found, third), tried)
        yield "  ".join(cells).rstrip()
        if finding.advice:
            yield f"{' ' * (first + 2)}→ {finding.advice}"
    yield ""
    yield _altogether(checks)


def _altogether(checks: Sequence[Check]) -> str:
    bad = sum(check.bad for check in checks)
    warnings = sum(check.finding.state == "warning" for check in checks)
    if bad:
        return _("有 {n} 项要先处理，请照上面说的做。").format(n=bad)
    if warnings:
        return _("可以用。有 {n} 项请留意。").format(n=warnings)
    if skipped := sum(check.finding.state == "skipped" for check in checks):
        return _("查过的都好，还有 {n} 项没查。").format(n=skipped)
    return _("都好，可以用。")


def _states() -> dict[State, str]:
    return {
        "ok": _("正常"),
        "warning": _("留意"),
        "failed": _("不行"),
        "absent": _("没有"),
        "skipped": _("没查"),
    }


def _names() -> dict[str, str]:
    return {
        "kiosk": _("终端程序"),
        "id_card": _("身份证读卡器"),
        "social_card": _("社保卡读卡器"),
        "printer": _("凭条打印机"),
        "scanner": _("扫码器"),
        "sound": _("喇叭"),
        "light": _("指示灯"),
        "office_printer": _("A4打印机"),
        "central": _("中心"),
        "clock": _("时钟"),
        "outbox": _("登记数据"),
        "disk": _("硬盘"),
        "fonts": _("字体"),
    }


def _padded(text: str, columns: int) -> str:
    return text + " " * (columns - _width(text))


def _width(text: str) -> int:
    """Columns on a terminal: a Han character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
