"""A USB bus in memory, for pyusb: devices with descriptors of their own, each on a virtual cable.

The backend stands where libusb does, beneath the production line and pyusb, and is as strict: a transfer without a
claim, a claim while a driver holds the interface, a wait without an end and a use after closing are errors here too.
A cable is a socket; at its far end may be a simulator program. The end of the socket is the unplugging of the device.
"""

from __future__ import annotations

import array
import errno
import os
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

import usb.backend
import usb.core

BULK, INTERRUPT = 2, 3
PRINTER, VENDOR = 0x07, 0xFF


@dataclass(frozen=True)
class Endpoint:
    address: int
    kind: int = BULK
    packet: int = 64


@dataclass(frozen=True)
class Interface:
    number: int
    kind: int
    endpoints: tuple[Endpoint, ...]
    protocol: int = 0
    alternate: int = 0


SAMV = (Interface(0, VENDOR, (Endpoint(0x03), Endpoint(0x8A))),)
RECEIPTS = (Interface(0, PRINTER, (Endpoint(0x81, packet=512), Endpoint(0x02, packet=512)), protocol=2),)


@dataclass(eq=False)
class VirtualDevice:
    """Plugged in whenever its cable can be had. The sets and errors are what a test changes."""

    name: str
    interfaces: tuple[Interface, ...]
    cable: Callable[[], socket.socket]
    serial: str = ""
    drivers: dict[int, str] = field(default_factory=dict)
    """Interface → the system's driver that holds it."""
    taken: set[int] = field(default_factory=set)
    """Interfaces that another program holds."""
    opening: int = 0
    """The error of whoever opens it."""
    configured: bool = True
    halted: set[int] = field(default_factory=set)
    empty: int = 0
    """How many empty packets come before anything else."""
    handles: list[Handle] = field(default_factory=list)
    alternates: dict[int, int] = field(default_factory=dict)
    _line: socket.socket | None = None

    def plugged(self) -> bool:
        if self._line is None:
            try:
                self._line = self.cable()
            except OSError:
                return False
        return True

    def unplug(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
            for handle in self.handles:
                self.taken -= handle.claimed

    def line(self) -> socket.socket:
        if self._line is None:
            raise failure(errno.ENODEV)
        return self._line

    def end_of_line(self) -> usb.core.USBError:
        self.unplug()
        return failure(errno.ENODEV)


@dataclass(eq=False)
class Handle:
    device: VirtualDevice
    claimed: set[int] = field(default_factory=set)
    transfers: int = 0
    """How many are under way."""

    @contextmanager
    def under_way(self) -> Iterator[None]:
        self.transfers += 1
        try:
            yield
        finally:
            self.transfers -= 1


class VirtualBus(usb.backend.IBackend):  # type: ignore[misc] # pyusb has no types
    def __init__(self, *devices: VirtualDevice) -> None:
        self.devices = list(devices)

    def close(self) -> None:
        """Everything is unplugged, and nothing of it is held any more."""
        for device in self.devices:
            device.unplug()
            assert not device.handles, "left open"

    # ---- What there is

    def enumerate_devices(self) -> Iterator[VirtualDevice]:
        return iter([device for device in self.devices if device.plugged()])

    def get_device_descriptor(self, device: VirtualDevice) -> SimpleNamespace:
        vendor, product = (int(part, 16) for part in device.name.split(":"))
        return SimpleNamespace(
            bLength=18,
            bDescriptorType=1,
            bcdUSB=0x0200,
            bDeviceClass=0,
            bDeviceSubClass=0,
            bDeviceProtocol=0,
            bMaxPacketSize0=64,
            idVendor=vendor,
            idProduct=product,
            bcdDevice=0x0100,
            iManufacturer=0,
            iProduct=0,
            iSerialNumber=3 if device.serial else 0,
            bNumConfigurations=1,
            address=self.devices.index(device) + 1,
            bus=1,
            port_number=None,
            port_numbers=None,
            speed=None,
        )

    def get_configuration_descriptor(self, device: VirtualDevice, _configuration: int) -> SimpleNamespace:
        return SimpleNamespace(
            bLength=9,
            bDescriptorType=2,
            wTotalLength=0,
            bNumInterfaces=len(_numbers(device)),
            bConfigurationValue=1,
            iConfiguration=0,
            bmAttributes=0x80,
            bMaxPower=50,
            extra_descriptors=[],
        )

    def get_interface_descriptor(
        self, device: VirtualDevice, index: int, alternate: int, _configuration: int
    ) -> SimpleNamespace:
        interface = _interface(device, index, alternate)
        return SimpleNamespace(
            bLength=9,
            bDescriptorType=4,
            bInterfaceNumber=interface.number,
            bAlternateSetting=interface.alternate,
            bNumEndpoints=len(interface.endpoints),
            bInterfaceClass=interface.kind,
            bInterfaceSubClass=1,
            bInterfaceProtocol=interface.protocol,
            iInterface=0,
            extra_descriptors=[],
        )

    def get_endpoint_descriptor(
        self, device: VirtualDevice, number: int, index: int, alternate: int, _configuration: int
    ) -> SimpleNamespace:
        endpoint = _interface(device, index, alternate).endpoints[number]
        return SimpleNamespace(
            bLength=7,
            bDescriptorType=5,
            bEndpointAddress=endpoint.address,
            bmAttributes=endpoint.kind,
            wMaxPacketSize=endpoint.packet,
            bInterval=0,
            bRefresh=0,
            bSynchAddress=0,
            extra_descriptors=[],
        )

    # ---- Opening, claiming, giving back

    def open_device(self, device: VirtualDevice) -> Handle:
        device.line()
        if device.opening:
            raise failure(device.opening)
        handle = Handle(device)
        device.handles.append(handle)
        return handle

    def close_device(self, handle: Handle) -> None:
        assert handle.transfers == 0, "closed under a transfer: that crashes"
        handle.device.handles.remove(handle)

    def get_configuration(self, handle: Handle) -> int:
        return int(_open(handle).configured)

    def set_configuration(self, handle: Handle, value: int) -> None:
        assert not _open(handle).configured, "a reset, as far as a device can tell"
        handle.device.configured = value == 1

    def set_interface_altsetting(self, handle: Handle, number: int, alternate: int) -> None:
        assert number in handle.claimed
        _open(handle).alternates[number] = alternate

    def claim_interface(self, handle: Handle, number: int) -> None:
        device = _open(handle)
        if number in device.taken or number in device.drivers:
            raise failure(errno.EBUSY)
        device.taken.add(number)
        handle.claimed.add(number)
        device.alternates[number] = 0

    def release_interface(self, handle: Handle, number: int) -> None:
        _open(handle).line()
        handle.claimed.remove(number)
        handle.device.taken.remove(number)

    def is_kernel_driver_active(self, handle: Handle, number: int) -> bool:
        return number in _open(handle).drivers

    def detach_kernel_driver(self, handle: Handle, number: int) -> None:
        del _open(handle).drivers[number]

    def attach_kernel_driver(self, handle: Handle, number: int) -> None:
        device = _open(handle)
        if number in device.taken:
            raise failure(errno.EBUSY)
        device.drivers[number] = "usblp"

    def clear_halt(self, handle: Handle, address: int) -> None:
        _open(handle).halted.discard(address)

    # ---- Bytes

    def bulk_write(self, handle: Handle, address: int, number: int, data: array.array[int], limit: int) -> int:
        with handle.under_way():
            return self._write(BULK, handle, address, number, data, limit)

    def intr_write(self, handle: Handle, address: int, number: int, data: array.array[int], limit: int) -> int:
        with handle.under_way():
            return self._write(INTERRUPT, handle, address, number, data, limit)

    def bulk_read(self, handle: Handle, address: int, number: int, room: array.array[int], limit: int) -> int:
        with handle.under_way():
            return self._read(BULK, handle, address, number, room, limit)

    def intr_read(self, handle: Handle, address: int, number: int, room: array.array[int], limit: int) -> int:
        with handle.under_way():
            return self._read(INTERRUPT, handle, address, number, room, limit)

    def ctrl_transfer(
        self, handle: Handle, kind: int, request: int, value: int, _index: int, data: array.array[int], _limit: int
    ) -> int:
        """GET_DESCRIPTOR of strings, 0 being the list of languages."""
        assert (kind, request, value >> 8) == (0x80, 0x06, 0x03)
        text = b"\x09\x04" if value & 0xFF == 0 else _open(handle).serial.encode("utf-16-le")
        answer = bytes([2 + len(text), 3]) + text
        data[: len(answer)] = array.array("B", answer)
        return len(answer)

    def _write(self, kind: int, handle: Handle, address: int, number: int, data: array.array[int], limit: int) -> int:
        """Packet by packet; at the limit, so many bytes as were taken, if any."""
        line, packet = _pipe(handle, address, number, kind, limit)
        sent = 0
        while sent < len(data):
            if not select.select([], [line], [], 0 if sent else limit / 1000)[1]:
                break
            try:
                sent += line.send(data[sent : sent + packet])
            except OSError as error:
                raise handle.device.end_of_line() from error
        if not sent:
            raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
        return sent

    def _read(self, kind: int, handle: Handle, address: int, number: int, room: array.array[int], limit: int) -> int:
        """Packet by packet, until the room is full or a packet is short."""
        line, packet = _pipe(handle, address, number, kind, limit)
        if len(room) < packet:
            raise failure(errno.EOVERFLOW)
        if handle.device.empty:
            handle.device.empty -= 1
            return 0
        heard = b""
        while len(heard) < len(room) and len(heard) % packet == 0:
            if not select.select([line], [], [], limit / 1000)[0]:
                break
            try:
                came = line.recv(packet)
            except OSError as error:
                raise handle.device.end_of_line() from error
            if not came:
                raise handle.device.end_of_line()
            heard += came
        if not heard:
            raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
        room[: len(heard)] = array.array("B", heard)
        return len(heard)


def failure(number: int) -> usb.core.USBError:
    return usb.core.USBError(os.strerror(number), None, number)


def _open(handle: Handle) -> VirtualDevice:
    assert handle in handle.device.handles, "used after it was closed"
    return handle.device


def _pipe(handle: Handle, address: int, number: int, kind: int, limit: int) -> tuple[socket.socket, int]:
    """The line, and the length of a packet on this endpoint; what would be wrong with a transfer on it, is raised."""
    device = _open(handle)
    assert limit > 0, "waits for ever"
    assert number in handle.claimed
    line = device.line()
    if address in device.halted:
        raise failure(errno.EPIPE)
    alternate = device.alternates[number]
    (interface,) = (each for each in device.interfaces if (each.number, each.alternate) == (number, alternate))
    (endpoint,) = (each for each in interface.endpoints if each.address == address)
    assert endpoint.kind == kind
    return line, endpoint.packet


def _numbers(device: VirtualDevice) -> list[int]:
    return sorted({interface.number for interface in device.interfaces})


def _interface(device: VirtualDevice, index: int, alternate: int) -> Interface:
    """By its place among the interfaces, as a configuration lists them; IndexError where there is none."""
    number = _numbers(device)[index]
    return [interface for interface in device.interfaces if interface.number == number][alternate]
