"""Lines over USB: the bulk endpoints of a card reader or a printer, through libusb.

A device is named by its vendor and product, and by its serial number where there are two of a kind. Which of its
interfaces carries the bytes, and by which endpoints, its descriptors say:

    vendor class (FF)    card readers: the first bulk endpoint each way; interrupt endpoints only for want of bulk ones
    printer class (07)   protocol 2: both ways; protocol 1: only to the printer, whatever endpoints it shows
    any other            only when its number is asked for (`interface`), and with bulk endpoints both ways

Linux' own driver of printers (usblp) chooses so too; it is put aside as long as the line stands. Nothing is reset on
the way: a printer would forget what it holds, and be plugged in anew.

SAM_V readers (0400:C35A) take and send whole frames here, as in the makers' own code for Android, of which several
copies are public. Their Windows driver (sdtapi) is said to send a frame's head and body through two pairs of pipes,
which nothing outside it needs. Not for this line are readers of the HID class, which wrap the same frames in reports.

By default nobody but root may open USB devices: packaging/udev/60-kiosk-devices.rules.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

import usb.core
import usb.util
from usb.backend import IBackend, libusb1

from devices.errors import Lost, NotFound, Silent
from devices.lines import Line, WriteOnly

T = TypeVar("T")


def open_usb(name: str, *, serial: str | None = None, interface: int | None = None) -> Line:
    """The line to the device `vendor:product`, both as four hexadecimal digits. NotFound says why there is none."""
    with _LOADING:
        backend = libusb1.get_backend()
    if backend is None:
        raise NotFound("USB needs libusb-1.0, which is not there (Debian: libusb-1.0-0)")
    try:
        device = _find(backend, name, serial)
        try:
            channel = _choose(name, _configuration(device), interface)
            line = UsbLine(device, channel) if channel.into else _WriteOnlyUsbLine(device, channel)
        except BaseException:
            usb.util.dispose_resources(device)
            raise
        try:
            line.claim()
        except BaseException:
            line.close()
            raise
    except usb.core.USBError as error:
        why = _WHY_NOT.get(error.errno, f"cannot be opened: {error.strerror}")
        raise NotFound(f"USB device {name} {why}") from error
    return line


class UsbLine:
    """Bytes by single packets: a request for less than a packet is an error on USB, one for more waits until it is full
    or a packet is short. Nothing wakes a transfer, so each is short, and cancelling is seen between them."""

    def __init__(self, device: usb.core.Device, channel: _Channel) -> None:
        self._device = device
        self._channel = channel
        self._packet = b""
        """What has come and was not asked for yet."""
        self._cancelled = False
        self._closed = False
        self._driver_is_aside = False
        self._in_use = threading.Lock()
        """Held during each call: a device that is given back while somebody uses it is a crash in libusb."""

    def claim(self) -> None:
        """Put the system's driver aside and take the interface; USBError when that is not possible."""
        number = self._channel.interface
        with suppress(NotImplementedError):  # libusb knows of no such drivers on this system
            if self._device.is_kernel_driver_active(number):
                self._device.detach_kernel_driver(number)
                self._driver_is_aside = True
        usb.util.claim_interface(self._device, number)
        if self._channel.alternate:  # 0 is what the system sets whenever an interface changes hands
            self._device.set_interface_altsetting(number, self._channel.alternate)

    def write(self, data: bytes, within: float) -> None:
        until = time.monotonic() + within
        pipe, rest = self._channel.out, memoryview(data)
        with self._in_use:
            while rest:
                taken = self._transfer(partial(self._device.write, pipe.address, bytes(rest[: pipe.packet])), until)
                if not taken:
                    raise Silent(f"{len(rest)} of {len(data)} bytes not taken within {within:g} s")
                rest = rest[taken:]

    def read(self, size: int, within: float) -> bytes:
        until = time.monotonic() + within
        pipe = self._channel.into
        assert pipe is not None
        with self._in_use:
            self._check()
            if not self._packet:
                packet = self._transfer(partial(self._device.read, pipe.address, pipe.packet), until)
                self._packet = packet.tobytes() if packet else b""
            data, self._packet = self._packet[:size], self._packet[size:]
            return data

    def cancel(self) -> None:
        self._cancelled = True

    def close(self) -> None:
        self._cancelled = True
        with self._in_use:
            if self._closed:
                return
            self._closed = True
            with suppress(usb.core.USBError):  # gone, or another driver has it already
                usb.util.release_interface(self._device, self._channel.interface)
                if self._driver_is_aside:
                    self._device.attach_kernel_driver(self._channel.interface)
            usb.util.dispose_resources(self._device)

    def _check(self) -> None:
        if self._cancelled:
            raise Lost("line cancelled")

    def _transfer(self, work: Callable[[int], T], until: float) -> T | None:
        """What `work` moves when it is given a limit in milliseconds; None when that is nothing until the deadline."""
        while True:
            self._check()
            left = until - time.monotonic()
            try:
                moved = work(int(1000 * min(max(left, _LOOK), _SLICE)))
            except usb.core.USBTimeoutError:
                moved = None
            except usb.core.USBError as error:
                if error.errno == errno.EPIPE:
                    self._clear_halts()
                raise Lost(f"USB device lost: {error.strerror}") from error
            if moved:  # a packet may be empty
                return moved
            if time.monotonic() >= until:
                return None

    def _clear_halts(self) -> None:
        """An endpoint that was stopped stays so beyond this line: the next one would fail as this one did."""
        for pipe in (self._channel.out, self._channel.into):
            if pipe is not None:
                with suppress(usb.core.USBError):
                    self._device.clear_halt(pipe.address)


class _WriteOnlyUsbLine(WriteOnly, UsbLine):
    def read(self, size: int, within: float) -> bytes:
        self._check()
        return b""


_LOADING: Final = threading.Lock()
"""pyusb loads libusb without one: two devices that are opened at once would each have their own, and lose the first."""
_SLICE: Final = 0.05
"""Seconds that a transfer lasts at most; after a cancel nobody waits longer than that."""
_LOOK: Final = 0.005
"""Seconds in which a device says whether it has something: a few frames of USB. None at all would mean for ever."""
_WHY_NOT: Final = {
    errno.EACCES: "may not be opened by this user: install packaging/udev/60-kiosk-devices.rules, put the user into"
    " the groups lp and dialout, and plug the device in again",
    errno.EBUSY: "is in use by another program; CUPS takes printers, and a second kiosk takes all",
}


# ---- Which device, which interface, which endpoints


@dataclass(frozen=True)
class _Pipe:
    address: int
    packet: int
    """Bytes of the longest packet."""


@dataclass(frozen=True, kw_only=True)
class _Channel:
    interface: int
    alternate: int
    out: _Pipe
    into: _Pipe | None


def _find(backend: IBackend, name: str, serial: str | None) -> usb.core.Device:
    vendor, product = (int(part, 16) for part in name.split(":"))
    found = list(usb.core.find(find_all=True, backend=backend, idVendor=vendor, idProduct=product))
    if not found:
        raise NotFound(f"no USB device {name} is plugged in")
    if serial is None:
        if len(found) > 1:
            raise NotFound(f"{len(found)} USB devices {name} are plugged in: ?serial= in the line tells them apart")
        return found[0]
    serials = [_serial(device) for device in found]
    if serials.count(serial) != 1:
        raise NotFound(f"no single USB device {name} has this serial number; plugged in are: {', '.join(serials)}")
    return found[serials.index(serial)]


def _serial(device: usb.core.Device) -> str:
    """The serial number, "" for none; USBError when it cannot be asked for."""
    try:
        device.get_active_configuration()  # opens it; pyusb hides why a string cannot be read
        return device.serial_number or ""
    except (ValueError, IndexError):  # it has no strings, or none that are
        return ""
    finally:
        usb.util.dispose_resources(device)


def _configuration(device: usb.core.Device) -> usb.core.Configuration:
    """The one that is set, as the system does when a device is plugged in. Setting it again would reset the device."""
    try:
        return device.get_active_configuration()
    except usb.core.USBError as error:
        if error.errno is not None:
            raise
        device.set_configuration()
        return device.get_active_configuration()


def _choose(name: str, configuration: usb.core.Configuration, number: int | None) -> _Channel:
    """The best channel there is, the first of equals."""
    interfaces = [each for each in configuration if number is None or each.bInterfaceNumber == number]
    ranked = [found for each in interfaces if (found := _channel(each, named=number is not None))]
    if not ranked:
        shown = ", ".join(f"{each.bInterfaceNumber} of class {each.bInterfaceClass:02x}" for each in configuration)
        raise NotFound(f"USB device {name} has no interface that carries a line; it has: {shown or 'none'}")
    return min(ranked, key=lambda found: found[0])[1]


def _channel(interface: usb.core.Interface, *, named: bool) -> tuple[int, _Channel] | None:
    """The channel over this interface and its rank, 0 being best; None when it carries no line."""
    out, into = (_pipe(interface, way, usb.util.ENDPOINT_TYPE_BULK) for way in _BOTH_WAYS)
    rank = 0
    match interface.bInterfaceClass, interface.bInterfaceProtocol:
        case 0x07, 1:
            rank, into = 1, None
        case 0xFF, _:
            rank = (out is None) + (into is None)
            out, into = (
                pipe or _pipe(interface, way, usb.util.ENDPOINT_TYPE_INTR)
                for pipe, way in zip((out, into), _BOTH_WAYS, strict=True)
            )
            if into is None:
                return None
        case kind, protocol:
            if into is None or not (named or (kind, protocol) == (0x07, 2)):
                return None
    if out is None:
        return None
    number, alternate = interface.bInterfaceNumber, interface.bAlternateSetting
    return rank, _Channel(interface=number, alternate=alternate, out=out, into=into)


_BOTH_WAYS: Final = (usb.util.ENDPOINT_OUT, usb.util.ENDPOINT_IN)


def _pipe(interface: usb.core.Interface, direction: int, kind: int) -> _Pipe | None:
    for endpoint in interface:
        address, packet = endpoint.bEndpointAddress, endpoint.wMaxPacketSize & 0x7FF
        right = usb.util.endpoint_direction(address) == direction
        if right and usb.util.endpoint_type(endpoint.bmAttributes) == kind and packet:
            return _Pipe(address, packet)
    return None
