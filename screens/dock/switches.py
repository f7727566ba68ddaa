"""The switches of the simulated devices: what each is called, which positions it has, and how it gets there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from devices.control import SimulatorControl, State


@dataclass(frozen=True, kw_only=True)
class Position:
    """One position of a switch. ``holds`` reads it off the state, ``put`` moves the switch there."""

    words: str
    usual: bool = False
    holds: Callable[[State], bool]
    put: Callable[[SimulatorControl], None]


@dataclass(frozen=True, kw_only=True)
class Switch:
    """A switch with two or three positions, of which exactly one holds while ``there`` does."""

    name: str
    icon: str
    there: Callable[[State], bool]
    positions: tuple[Position, ...]


@dataclass(frozen=True, kw_only=True)
class Stands:
    """Where a switch stands: the index of its position, None when it cannot be known."""

    switch: Switch
    at: int | None


def standing(state: State | None) -> tuple[Stands, ...]:
    """Every switch of a device that is simulated, and where it stands. All of them while nobody can be asked."""
    if state is None:
        return tuple(Stands(switch=switch, at=None) for switch in SWITCHES)
    return tuple(
        Stands(switch=switch, at=next((i for i, p in enumerate(switch.positions) if p.holds(state)), None))
        for switch in SWITCHES
        if switch.there(state)
    )


def _has_printer(state: State) -> bool:
    return state["printer"] is not None


def _paper(state: State) -> str | None:
    return state["printer"]["paper"] if state["printer"] else None


def _power(state: State) -> bool | None:
    return state["printer"]["power"] if state["printer"] else None


def _cover_open(state: State) -> bool | None:
    return state["printer"]["cover_open"] if state["printer"] else None


def _has_reader(state: State) -> bool:
    return state["id_card"] is not None


def _plugged(state: State) -> bool | None:
    return state["id_card"]["plugged"] if state["id_card"] else None


def _has_network(state: State) -> bool:
    return state["network"] is not None


def _up(state: State) -> bool | None:
    return state["network"]["up"] if state["network"] else None


SWITCHES: Final = (
    Switch(
        name="纸",
        icon="receipt-text-outline",
        there=_has_printer,
        positions=(
            Position(words="有纸", usual=True, holds=lambda s: _paper(s) == "ok", put=lambda c: c.paper("ok")),
            Position(words="快用完", holds=lambda s: _paper(s) == "near-end", put=lambda c: c.paper("near-end")),
            Position(words="用完了", holds=lambda s: _paper(s) == "out", put=lambda c: c.paper("out")),
        ),
    ),
    Switch(
        name="打印机",
        icon="printer-outline",
        there=_has_printer,
        positions=(
            Position(words="开", usual=True, holds=lambda s: _power(s) is True, put=lambda c: c.power(True)),
            Position(words="关", holds=lambda s: _power(s) is False, put=lambda c: c.power(False)),
        ),
    ),
    Switch(
        name="机盖",
        icon="tray-full",
        there=_has_printer,
        positions=(
            Position(words="合上", usual=True, holds=lambda s: _cover_open(s) is False, put=lambda c: c.cover(False)),
            Position(words="打开", holds=lambda s: _cover_open(s) is True, put=lambda c: c.cover(True)),
        ),
    ),
    Switch(
        name="读卡器",
        icon="card-account-details-outline",
        there=_has_reader,
        positions=(
            Position(words="插着", usual=True, holds=lambda s: _plugged(s) is True, put=lambda c: c.plug("id_card")),
            Position(words="拔掉", holds=lambda s: _plugged(s) is False, put=lambda c: c.unplug("id_card")),
        ),
    ),
    Switch(
        name="网络",
        icon="lan",
        there=_has_network,
        positions=(
            Position(words="通", usual=True, holds=lambda s: _up(s) is True, put=lambda c: c.network(True)),
            Position(words="断", holds=lambda s: _up(s) is False, put=lambda c: c.network(False)),
        ),
    ),
)
