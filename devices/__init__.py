"""Drivers for the kiosk's devices: plain blocking code over lines. Usable alone: `python -m devices`.

The table below names every driver; one is loaded when it is first opened, so that a machine without a printer never
loads what prints. To add a driver: a class over a Line, a row here, and a subclass of its kind's suite in
tests/devices/.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal, Protocol, overload

from devices.baud import open_at_its_rate
from devices.lines import Line, check_line_url, open_line
from devices.outside import is_outside, open_outside

if TYPE_CHECKING:
    from devices.card_text import IdCard
    from devices.light import LightState
    from devices.office_printer import NotPrinted as DocumentNotPrinted
    from devices.office_printer import Unknown as DocumentUnknown
    from devices.printer import NotPrinted, Printed, Unknown
    from devices.samv import NoCard
    from devices.scanner import NoScan, Scan
    from devices.social_card import SocialCard
    from devices.wav import Wav

DRIVERS: Final[dict[str, dict[str, str]]] = {
    "id_card": {"samv": "devices.samv:SamV"},
    "printer": {"escpos": "devices.printer:EscposPrinter"},
    "social_card": {"pcsc": "devices.pcsc_reader:PcscReader"},
    "scanner": {"scanner": "devices.scanner:Scanner"},
    "sound": {"speaker": "devices.sound:Speaker"},
    "light": {"modbus": "devices.light:ModbusLight"},
    "office_printer": {"cups": "devices.office_printer:OfficePrinter"},
}
"""Kind of device → driver → where its class is."""

LINES: Final[dict[str, tuple[str, ...]]] = {
    "samv": ("serial", "tcp", "usb"),
    "escpos": ("tcp", "serial", "usb", "file"),
    "pcsc": ("pcsc",),
    "scanner": ("serial", "tcp", "keyboard"),
    "speaker": ("alsa", "wav"),
    "modbus": ("serial", "tcp"),
    "cups": ("tcp",),
}
"""Driver → the lines it can talk over."""

QUEUE: Final = "office"
"""The A4 printer's queue, for whoever names none."""

PROBES: Final[dict[str, str]] = {"samv": "devices.samv:is_there", "modbus": "devices.light:is_there"}
"""Driver → what finds out whether its device answers: for a serial line whose URL does not name the rate."""


class IdCardReader(Protocol):
    """Reads identity cards; see devices.samv.SamV."""

    def hello(self) -> str | None: ...

    def read(self) -> IdCard | NoCard: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class SocialCardReader(Protocol):
    """Reads social security cards; see devices.pcsc_reader.PcscReader."""

    def hello(self) -> str | None: ...

    def read(self, within: float = 0.0, *, again: bool = False) -> SocialCard | NoCard: ...

    def uid(self, within: float = 0.0) -> str | NoCard: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class ReceiptPrinter(Protocol):
    """Prints receipts; see devices.printer.EscposPrinter."""

    @property
    def columns(self) -> int: ...

    def hello(self) -> str | None: ...

    def print(self, job: bytes) -> Printed | NotPrinted | Unknown: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class QrScanner(Protocol):
    """Reads QR codes; see devices.scanner.Scanner."""

    def hello(self) -> str | None: ...

    def forget(self) -> None: ...

    def read(self, within: float) -> Scan | NoScan: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class SoundOutput(Protocol):
    """Plays sounds; see devices.sound.Speaker."""

    def hello(self) -> str | None: ...

    def play(self, sound: Wav, volume: int, wanted: Callable[[], bool] = ...) -> None: ...

    def stop(self) -> None: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class StatusLight(Protocol):
    """Shows from afar how the machine stands; see devices.light.ModbusLight."""

    def hello(self) -> str | None: ...

    def show(self, state: LightState) -> None: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class DocumentPrinter(Protocol):
    """Prints PDF files on A4; see devices.office_printer.OfficePrinter."""

    def hello(self) -> str | None: ...

    def print(self, document: bytes) -> Printed | DocumentNotPrinted | DocumentUnknown: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


KINDS: Final[dict[str, type]] = {
    "id_card": IdCardReader,
    "printer": ReceiptPrinter,
    "social_card": SocialCardReader,
    "scanner": QrScanner,
    "sound": SoundOutput,
    "light": StatusLight,
    "office_printer": DocumentPrinter,
}
"""Kind of device → what a driver of it must have."""


@overload
def open_driver(kind: Literal["id_card"], driver: str, line_url: str) -> IdCardReader: ...
@overload
def open_driver(kind: Literal["social_card"], driver: str, line_url: str) -> SocialCardReader: ...
@overload
def open_driver(
    kind: Literal["printer"], driver: str, line_url: str, *, columns: int, model: str = ""
) -> ReceiptPrinter: ...
@overload
def open_driver(kind: Literal["scanner"], driver: str, line_url: str) -> QrScanner: ...
@overload
def open_driver(kind: Literal["sound"], driver: str, line_url: str) -> SoundOutput: ...
@overload
def open_driver(kind: Literal["light"], driver: str, line_url: str, *, unit: int = 1) -> StatusLight: ...
@overload
def open_driver(kind: Literal["office_printer"], driver: str, line_url: str, *, queue: str) -> DocumentPrinter: ...
def open_driver(kind: str, driver: str, line_url: str, **options: int | str) -> object:
    """Open the line and put the driver on it; nothing is asked of the device yet, unless for its rate.

    NotFound when there is no such line, NoDriver when there is none outside; Silent when a rate was to be found and
    nobody answers at any; ValueError for what is not in the tables.
    """
    if is_outside(driver):
        return open_outside(driver, KINDS[kind], line_url, options)
    place = DRIVERS.get(kind, {}).get(driver)
    if place is None:
        raise ValueError(f"no driver {driver!r} for {kind}; there are: {', '.join(DRIVERS.get(kind, {}))}")
    module, _, name = place.partition(":")
    make = importlib.import_module(module).__dict__[name]
    line = open_line_of(driver, line_url)
    try:
        return make(line, **options)
    except BaseException:
        line.close()
        raise


def open_line_of(driver: str, line_url: str) -> Line:
    """The line alone, as `open_driver` opens it."""
    check_line_url(line_url, LINES[driver])
    if driver not in PROBES:
        return open_line(line_url)
    module, _, name = PROBES[driver].partition(":")
    is_there: Callable[[Line], bool] = importlib.import_module(module).__dict__[name]
    return open_at_its_rate(line_url, is_there)
