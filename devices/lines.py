"""Lines: bytes out, bytes in, whatever lies between. A driver talks to a line and never learns which kind it has.

A line is named by a URL, the form in which settings name it:

    serial:///dev/ttyUSB0?baud=115200     a serial port (RS-232, USB CDC, a pty of a simulator), 8N1, no flow control;
                                          without baud: 115200, or what the driver finds out (devices/baud.py)
    tcp://192.168.1.50:9100               a network device or a serial device server
    usb://0400:c35a                       a USB device by vendor and product (devices/usb.py); ?serial= tells two of a
                                          kind apart, ?interface= says which of its interfaces, by number
    file:///dev/usb/lp0                   a device file that is only written to; reading it is silence
    pcsc://?reader=NAME                   the readers of PC/SC with NAME in theirs, by a process of ours; without: all
    keyboard://                           what is typed in this program's window (devices/keyboard.py)
    alsa://default                        a sound card by its ALSA name, for sounds (devices/sound_lines.py)
    wav:///var/tmp/sounds                 a folder that sounds are written to

Every call is blocking and has a limit in seconds. `cancel` may be called from any thread: it wakes a call that waits,
and from then on every call raises Lost.
"""

from __future__ import annotations

import os
import re
import select
import socket
import threading
import time
from collections.abc import Collection
from typing import Final, Protocol
from urllib.parse import SplitResult, parse_qs, urlsplit

import serial

from devices.errors import Lost, NotFound, Silent
from devices.keyboard import KEYBOARD

BAUDS: Final = (9600, 19200, 38400, 57600, 115200)
OPEN_WITHIN = 2.0
"""Seconds that opening a line may take (the resolver's own time for a host name comes on top)."""


class Line(Protocol):
    """Bytes out and in. Any call may raise Lost."""

    def write(self, data: bytes, within: float) -> None:
        """Hand over all of `data`; Silent when the other end does not take it within so many seconds."""

    def read(self, size: int, within: float) -> bytes:
        """1 to `size` bytes, as soon as there are any; b"" after so many seconds of silence. 0 only looks."""

    def cancel(self) -> None:
        """End the line from any thread: whoever waits in it, or calls it later, gets Lost."""

    def close(self) -> None:
        """Give everything back. Closing twice is fine."""


def open_line(url: str) -> Line:
    """Open the line of this URL within OPEN_WITHIN seconds; NotFound when there is none, ValueError for a wrong URL."""
    check_line_url(url, SCHEMES)
    parts = urlsplit(url)
    match parts.scheme:
        case "serial":
            return _open_serial(parts.path, _baud(parts))
        case "tcp":
            return _open_tcp(parts.hostname or "", parts.port or 0)
        case "keyboard":
            return KEYBOARD.open_line()
        case "alsa" | "wav":
            from devices.sound_lines import open_sound_line

            return open_sound_line(url)
        case "usb":
            from devices.usb import open_usb

            serial_number, interface = _usb_options(parts)
            return open_usb(parts.netloc.lower(), serial=serial_number, interface=interface)
        case "pcsc":
            from devices.child import ChildLine

            return ChildLine("devices.social_card", *_pcsc_options(parts))
        case _:
            return _open_file(parts.path)


def answers(line: Line) -> bool:
    """Whether anything can ever come back on this line: a device file is only written to."""
    return not isinstance(line, WriteOnly)


def never_asks(line: Line) -> None:
    """For a driver that only listens: it is told by the first probe without an answer that the other end has gone, two
    seconds after the last sign of life. Who asks learns it from silence, and is not to lose a job over one packet."""
    if isinstance(line, _TcpLine):
        line.trust_one_probe()


def opened_anew(line: Line) -> Line:
    """Another line to where this one leads, which may have ended; for a driver that left something behind there.
    NotFound when there is none, and for a line that is not of the network."""
    if not isinstance(line, _TcpLine):
        raise NotFound("only a line of the network is opened anew")
    return line.anew()


class WriteOnly:
    """A line on which nothing ever comes back: reading it is silence, which is not waited for."""


SCHEMES: Final = ("serial", "tcp", "usb", "file", "pcsc", "keyboard", "alsa", "wav")
"""What open_line opens."""
_EXAMPLES: Final = {
    "serial": "serial:///dev/ttyUSB0?baud=115200",
    "tcp": "tcp://192.168.1.50:9100",
    "file": "file:///dev/usb/lp0",
    "usb": "usb://0400:c35a",
    "pcsc": "pcsc://",
    "keyboard": "keyboard://",
    "alsa": "alsa://default",
    "wav": "wav:///var/tmp/sounds",
}


def check_line_url(url: str, schemes: Collection[str]) -> str:
    """The URL itself when it names a line of one of these schemes; ValueError with a text that says what is allowed."""
    allowed = "allowed: " + ", ".join(_EXAMPLES[scheme] for scheme in schemes)
    try:
        parts = urlsplit(url)
        port = parts.port if parts.scheme == "tcp" else None
    except ValueError as error:
        raise ValueError(f"not a line URL ({error}); {allowed}") from None
    if parts.scheme not in schemes:
        raise ValueError(f"not a line URL of a known kind; {allowed}")
    match parts.scheme:
        case "tcp":
            extra = parts.path or parts.query or parts.fragment or parts.username is not None
            if not parts.hostname or not port or extra:
                raise ValueError(f"tcp needs a host and a port (1 to 65535), nothing else; {allowed}")
        case "serial" | "file" | "wav":
            if parts.netloc or len(parts.path) < 2 or "\0" in url:
                raise ValueError(f"{parts.scheme} needs an absolute path, after three slashes; {allowed}")
            if parts.scheme == "serial":
                _baud(parts)
            elif parts.query:
                raise ValueError(f"{parts.scheme} takes no options; {allowed}")
        case "alsa":
            if not _ALSA.fullmatch(url):
                raise ValueError(f"alsa needs the name of a sound card, as aplay -L says it; {allowed}")
        case "pcsc":
            if parts.netloc or parts.path or parts.fragment:
                raise ValueError(f"pcsc is written differently; {allowed}")
            _pcsc_options(parts)
        case "usb":
            if not re.fullmatch(r"[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}", parts.netloc) or parts.path or parts.fragment:
                raise ValueError(f"usb needs vendor and product, of four hexadecimal digits each; {allowed}")
            _usb_options(parts)
        case scheme:
            if url != "keyboard://":
                raise ValueError(f"{scheme} is written differently; {allowed}")
    return url


_ALSA: Final = re.compile(r"alsa://(?!file:|tee:)[\w:=,.-]+", re.ASCII)
"""Not ALSA's plugins that write files or, with a bar, start programs: settings choose among names."""


def _baud(parts: SplitResult) -> int:
    options = parse_qs(parts.query, keep_blank_values=True)
    values = options.pop("baud", ["115200"])
    if options or len(values) != 1 or values[0] not in map(str, BAUDS):
        raise ValueError(f"serial takes one option, baud={'|'.join(map(str, BAUDS))}")
    return int(values[0])


def _usb_options(parts: SplitResult) -> tuple[str | None, int | None]:
    options = parse_qs(parts.query, keep_blank_values=True)
    serials, numbers = options.pop("serial", []), options.pop("interface", [])
    if options or len(serials) > 1 or len(numbers) > 1 or not all(re.fullmatch("[0-9]{1,3}", each) for each in numbers):
        raise ValueError("usb takes serial= with its serial number, and interface= with a number; nothing else")
    return (serials[0] if serials else None), (int(numbers[0]) if numbers else None)


def _pcsc_options(parts: SplitResult) -> list[str]:
    """`service` is the socket of a PC/SC service that is not the machine's own."""
    options = parse_qs(parts.query, keep_blank_values=True)
    wrong = any(len(values) > 1 or "\0" in values[0] for values in options.values())
    if wrong or not options.keys() <= {"reader", "service"}:
        raise ValueError("pcsc takes reader= with a part of the reader's name, and service= with a path; nothing else")
    return [f"--{name}={value}" for name, (value,) in options.items()]


class DescriptorLine:
    """A line over a descriptor that does not block; a pipe beside it carries the cancellation."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._wake_out, self._wake_in = os.pipe()
        self._cancelled = False
        self._closed = False
        self._ending = threading.Lock()

    def write(self, data: bytes, within: float) -> None:
        until = time.monotonic() + within
        rest = memoryview(data)
        while rest:
            if not self._wait(select.POLLOUT, until):
                raise Silent(f"{len(rest)} of {len(data)} bytes not taken within {within:g} s")
            try:
                rest = rest[self._send(rest) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise Lost(f"line ended while writing: {error}") from error

    def read(self, size: int, within: float) -> bytes:
        until = time.monotonic() + within
        while self._wait(select.POLLIN, until):
            try:
                data = self._receive(size)
            except BlockingIOError:
                continue
            except OSError as error:
                raise Lost(f"line ended while reading: {error}") from error
            if not data:
                raise Lost("line ended")
            return data
        return b""

    def cancel(self) -> None:
        with self._ending:
            if not self._cancelled:
                self._cancelled = True
                os.write(self._wake_in, b"\0")

    def close(self) -> None:
        with self._ending:
            self._cancelled = True
            if self._closed:
                return
            self._closed = True
        self._release()
        os.close(self._wake_in)
        os.close(self._wake_out)

    def _wait(self, event: int, until: float) -> bool:
        """Whether the descriptor can be used (or has ended, which using it will show); False at the deadline."""
        if self._cancelled:
            raise Lost("line cancelled")
        poll = select.poll()
        poll.register(self._descriptor, event)
        poll.register(self._wake_out, select.POLLIN)
        ready = poll.poll(max(0.0, until - time.monotonic()) * 1000)
        if self._cancelled:
            raise Lost("line cancelled")
        return bool(ready)

    def _send(self, data: memoryview) -> int:
        return os.write(self._descriptor, data)

    def _receive(self, size: int) -> bytes:
        return os.read(self._descriptor, size)

    def _release(self) -> None:
        os.close(self._descriptor)


class _SerialLine(DescriptorLine):
    """pyserial opens, configures and locks the port; its read waits for all bytes, so they go by the descriptor."""

    def __init__(self, port: serial.Serial) -> None:
        super().__init__(port.fileno())
        self._port = port

    def _release(self) -> None:
        self._port.close()


class _TcpLine(DescriptorLine):
    """A socket of our own, so that an end of line is told from silence."""

    def __init__(self, connection: socket.socket, host: str, port: int) -> None:
        super().__init__(connection.fileno())
        self._connection = connection
        self._host, self._port = host, port

    def anew(self) -> Line:
        return _open_tcp(self._host, self._port)

    def trust_one_probe(self) -> None:
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 1)

    def _send(self, data: memoryview) -> int:
        return self._connection.send(data)

    def _receive(self, size: int) -> bytes:
        return self._connection.recv(size)

    def _release(self) -> None:
        self._connection.close()


class _FileLine(WriteOnly, DescriptorLine):
    def read(self, size: int, within: float) -> bytes:
        if self._cancelled:
            raise Lost("line cancelled")
        return b""


def _open_serial(path: str, baud: int) -> Line:
    try:
        port = serial.Serial(path, baudrate=baud, timeout=0, write_timeout=0, exclusive=True)
    except (serial.SerialException, OSError, ValueError) as error:
        raise NotFound(f"serial port cannot be opened: {error}") from error
    return _SerialLine(port)


def _open_tcp(host: str, port: int) -> Line:
    until = time.monotonic() + OPEN_WITHIN
    failure = NotFound("host has no address")
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotFound(f"host not known: {error}") from error
    for family, kind, protocol, _, address in addresses:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(max(0.05, until - time.monotonic()))
            connection.connect(address)
            if connection.getsockname() == connection.getpeername():  # a free local port can be met by itself
                raise ConnectionRefusedError("nobody listens there")
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _notice_dead_peers(connection)
            return _TcpLine(connection, host, port)
        except OSError as error:
            connection.close()
            failure = NotFound(f"cannot be connected: {error}")
    raise failure


def _notice_dead_peers(connection: socket.socket) -> None:
    """A device whose power fails sends no end: two probes, after a second of quiet, find it within three seconds."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 2)


def _open_file(path: str) -> Line:
    """Outside /dev a missing file is made, so that a job can be kept; in /dev it is a missing device."""
    make = 0 if path.startswith("/dev/") else os.O_CREAT
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | make, 0o600)
    except OSError as error:
        raise NotFound(f"file cannot be opened: {error}") from error
    return _FileLine(descriptor)
