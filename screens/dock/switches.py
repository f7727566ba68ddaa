"""The switches of the simulated devices: what each is called, which positions it has, and how it gets there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from devices.control import DeviceName, SimulatorControl, State


@dataclass(frozen=True, kw_only=True)
class Position:
    """One position of a switch. ``holds`` reads it off the state, ``put`` moves the switch there."""

    words: str
    usual: bool = False
    holds: Callable[[State], bool]
    put: Callable[[SimulatorControl], None]


@dataclass(frozen=True, kw_only=True)
class Switch:
    """A switch, of whose positions at most one holds while ``there`` does."""

    name: str
    icon: str
    there: Callable[[State], bool]
    positions: tuple[Position, ...]


@dataclass(frozen=True, kw_only=True)
class Stands:
    """Where a switch stands: the index of its position, None when that is none of them or cannot be known."""

    switch: Switch
    at: int | None


def standing(switches: tuple[Switch, ...], state: State | None) -> tuple[Stands, ...]:
    """Those of a device that is simulated, and where they stand. All of them while nobody can be asked."""
    if state is None:
        return tuple(Stands(switch=switch, at=None) for switch in switches)
    return tuple(
        Stands(switch=switch, at=next((i for i, p in enumerate(switch.positions) if p.holds(state)), None))
        for switch in switches
        if switch.there(state)
    )


def anything_unusual(state: State | None) -> bool:
    """Whether a device is not as it should be."""
    return state is not None and any(
        stands.at is None or not stands.switch.positions[stands.at].usual
        for stands in standing((*SWITCHES, *TROUBLES), state)
    )


def _has(device: DeviceName) -> Callable[[State], bool]:
    return lambda state: state[device] is not None


def _plugged(device: DeviceName) -> Callable[[State], bool | None]:
    def plugged(state: State) -> bool | None:
        found = state[device]
        return found["plugged"] if found else None

    return plugged


def _plug(name: str, icon: str, device: DeviceName) -> Switch:
    plugged = _plugged(device)
    return Switch(
        name=name,
        icon=icon,
        there=_has(device),
        positions=(
            Position(words="插着", usual=True, holds=lambda s: plugged(s) is True, put=lambda c: c.plug(device)),
            Position(words="拔掉", holds=lambda s: plugged(s) is False, put=lambda c: c.unplug(device)),
        ),
    )


def _trouble(name: str, icon: str, device: DeviceName, faults: Mapping[str, str]) -> Switch:
    """In order, or failing in one of these ways whatever is done, until it is put in order again."""

    def standing_faults(state: State) -> list[str] | None:
        found = state[device]
        return found["faults"] if found else None

    def failing(fault: str, words: str) -> Position:
        def fail(control: SimulatorControl) -> None:
            control.clear(device)
            control.fault(device, fault)

        return Position(words=words, holds=lambda s: standing_faults(s) == [fault], put=fail)

    in_order = Position(
        words="正常", usual=True, holds=lambda s: standing_faults(s) == [], put=lambda c: c.clear(device)
    )
    positions = (in_order, *(failing(fault, words) for fault, words in faults.items()))
    return Switch(name=name, icon=icon, there=_has(device), positions=positions)


def _paper(state: State) -> str | None:
    return state["printer"]["paper"] if state["printer"] else None


def _power(state: State) -> bool | None:
    return state["printer"]["power"] if state["printer"] else None


def _cover_open(state: State) -> bool | None:
    return state["printer"]["cover_open"] if state["printer"] else None


def _service(state: State) -> bool | None:
    return state["social_card"]["service"] if state["social_card"] else None


def _up(state: State) -> bool | None:
    return state["network"]["up"] if state["network"] else None


SWITCHES: Final = (
    Switch(
        name="纸",
        icon="receipt-text-outline",
        there=_has("printer"),
        positions=(
            Position(words="有纸", usual=True, holds=lambda s: _paper(s) == "ok", put=lambda c: c.paper("ok")),
            Position(words="快用完", holds=lambda s: _paper(s) == "near-end", put=lambda c: c.paper("near-end")),
            Position(words="用完了", holds=lambda s: _paper(s) == "out", put=lambda c: c.paper("out")),
        ),
    ),
    Switch(
        name="打印机",
        icon="printer-outline",
        there=_has("printer"),
        positions=(
            Position(words="开", usual=True, holds=lambda s: _power(s) is True, put=lambda c: c.power(True)),
            Position(words="关", holds=lambda s: _power(s) is False, put=lambda c: c.power(False)),
        ),
    ),
    Switch(
        name="机盖",
        icon="tray-full",
        there=_has("printer"),
        positions=(
            Position(words="合上", usual=True, holds=lambda s: _cover_open(s) is False, put=lambda c: c.cover(False)),
            Position(words="打开", holds=lambda s: _cover_open(s) is True, put=lambda c: c.cover(True)),
        ),
    ),
    _plug("身份证读卡器", "card-account-details-outline", "id_card"),
    _plug("扫码器", "qrcode-scan", "scanner"),
    _plug("社保卡读卡器", "smart-card-outline", "social_card"),
    _plug("A4 打印机", "printer", "office_printer"),
    Switch(
        name="读卡服务",
        icon="cog-outline",
        there=_has("social_card"),
        positions=(
            Position(words="开", usual=True, holds=lambda s: _service(s) is True, put=lambda c: c.service(True)),
            Position(words="停", holds=lambda s: _service(s) is False, put=lambda c: c.service(False)),
        ),
    ),
    Switch(
        name="网络",
        icon="lan",
        there=lambda s: s["network"] is not None,
        positions=(
            Position(words="通", usual=True, holds=lambda s: _up(s) is True, put=lambda c: c.network(True)),
            Position(words="断", holds=lambda s: _up(s) is False, put=lambda c: c.network(False)),
        ),
    ),
)

_COMMON = {"silence": "不回答", "noise": "夹着乱码", "disconnect:5": "断线"}
TROUBLES: Final = (
    _trouble("身份证读卡器", "card-account-details-outline", "id_card", _COMMON),
    _trouble("扫码器", "qrcode-scan", "scanner", _COMMON),
    _trouble(
        "社保卡读卡器",
        "smart-card-outline",
        "social_card",
        {"silence": "不回答", "noise": "夹着乱码", "pulled": "半路拔出"},
    ),
    _trouble("打印机", "printer-outline", "printer", _COMMON),
    _trouble("A4 打印机", "printer", "office_printer", {"silence": "不回答", "out": "没有纸", "abort": "打到一半停下"}),
)
"""The commonest faults of each device."""
