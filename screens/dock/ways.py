"""What a person can hold out to the kiosk: a card on the reader, a card in the slot, a code on the phone.

Cards stay where they were put until they are taken away; a code is before the scanner for a moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from devices.control import Generation, SimulatorControl, State
from kiosk.contract.credentials import CredentialKind

CardDevice = Literal["id_card", "social_card"]


@dataclass(frozen=True, kw_only=True)
class CardWay:
    """A card: which it is, where it is put, and what is said of it there (``lies``, behind the person's name). ``sort``
    tells cards of one name apart."""

    name: str
    sort: str = ""
    device: CardDevice
    put: Callable[[SimulatorControl, str], None]
    take: Callable[[SimulatorControl], None]
    take_words: str
    invites: str
    lies: str
    unplugged: str


@dataclass(frozen=True, kw_only=True)
class CodeWay:
    """A code on the phone, which central's demonstration makes."""

    name: str
    kind: CredentialKind
    device: Literal["scanner"] = "scanner"
    invites: str
    unplugged: str = "扫码器拔掉了，现在扫不到"


Way = CardWay | CodeWay


def ways_of(state: State | None) -> tuple[Way, ...]:
    """Those whose device is simulated. All of them while nobody can be asked."""
    return tuple(way for way in WAYS if state is None or state[way.device] is not None)


def _social(sort: str, generation: Generation) -> CardWay:
    return CardWay(
        name="社保卡",
        sort=sort,
        device="social_card",
        put=lambda control, person: control.insert(person, generation),
        take=SimulatorControl.remove,
        take_words="拔出",
        invites="按一下，把社保卡插进卡槽",
        lies="的社保卡插着",
        unplugged="读卡器拔掉了，现在读不到卡",
    )


WAYS: Final[tuple[Way, ...]] = (
    CardWay(
        name="身份证",
        device="id_card",
        put=SimulatorControl.present,
        take=SimulatorControl.lift,
        take_words="拿开",
        invites="按一下，把身份证放到读卡器上",
        lies="的身份证在读卡器上",
        unplugged="读卡器拔掉了，现在读不到卡",
    ),
    _social("二代", 2),
    _social("三代", 3),
    CodeWay(name="医保码", kind="medical", invites="按一下，打开医保码给扫码器看"),
    CodeWay(name="电子社保卡", kind="social", invites="按一下，打开电子社保卡给扫码器看"),
)

PAYMENT_CODE: Final = "134512345678901234"
"""A fictitious payment code (付款码), as WeChat's look: nothing here takes money."""
