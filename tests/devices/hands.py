"""What is done by hand in the contract suites: by a person at real devices, by the control port at simulated ones.

The suites say what is to be done and look at the device until it was; nobody presses a key.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from devices.control import SimulatorControl
from devices.errors import Garbled, Refused, Silent

T = TypeVar("T")

WITHIN = 60.0
"""Seconds that a person may take."""


class Deed(StrEnum):
    """What is to be done, as a person is told."""

    CLEAR_READER = "请把身份证拿开 · Take every card off the reader of identity cards."
    LAY_CARD = "请放上身份证，已有的先拿开 · Lay an identity card on the reader, after lifting any other."
    EMPTY_SLOT = "请取出社保卡 · Take every card out of the reader of social security cards."
    INSERT_CARD = "请插入社保卡 · Put a social security card into the reader."
    SHOW_CODE = "请把二维码对准扫码器 · Hold a QR code before the scanner."
    TAKE_PAPER = "请取凭条，看字是否完整 · Take the paper: a whole receipt of 异地就医备案, cut off."
    OPEN_PRINTER = "请打开打印机盖，或取出纸卷 · Open the printer's cover, or take its paper out."
    CLOSE_PRINTER = "请装好纸，合上盖 · Put the paper back, and close the cover."


Hands = Callable[[Deed], None]


def steering(desk: SimulatorControl) -> Hands:
    """Hands that steer simulated devices."""

    def do(deed: Deed) -> None:
        match deed:
            case Deed.CLEAR_READER:
                desk.lift()
            case Deed.LAY_CARD:
                desk.present("ouyang")
            case Deed.EMPTY_SLOT:
                desk.remove()
            case Deed.INSERT_CARD:
                desk.insert("ouyang")
            case Deed.SHOW_CODE:
                desk.scan("K001-26-000317-7Q4XM")
            case Deed.TAKE_PAPER:
                pass
            case Deed.OPEN_PRINTER:
                desk.paper("out")
            case Deed.CLOSE_PRINTER:
                desk.paper("ok")

    return do


def when_done(look: Callable[[], T | None]) -> T:
    """The first thing that `look` finds. A card that is on its way, or a printer being opened, may fail meanwhile."""
    until = time.monotonic() + WITHIN
    while True:
        try:
            found = look()
        except (Refused, Garbled, Silent):
            found = None
        if found is not None:
            return found
        assert time.monotonic() < until, "nobody did it in time"
        time.sleep(0.1)
