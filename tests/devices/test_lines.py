from __future__ import annotations

import os
import re
import select
import socket
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices import lines
from devices.errors import Lost, NotFound
from devices.lines import check_line_url, open_line
from tests.devices.line_contract import LineContract, descriptors


class TestTcpLine(LineContract):
    @pytest.fixture(autouse=True)
    def _both_ends(self) -> Iterator[None]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            before = descriptors()
            self.line = open_line(f"tcp://127.0.0.1:{server.getsockname()[1]}")
            self.opened = descriptors() - before
            self.far, _ = server.accept()
            with self.far:
                self.far.settimeout(5)
                yield
        self.line.close()

    def say(self, data: bytes) -> None:
        self.far.sendall(data)

    def hear(self) -> bytes:
        return self.far.recv(4096)

    def hang_up(self) -> None:
        self.far.close()

    def test_a_reset_is_a_loss(self) -> None:
        self.far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.far.close()
        with pytest.raises(Lost):
            self.line.read(1, 5.0)
        with pytest.raises(Lost):
            self.line.write(b"a", 5.0)


class TestSerialLine(LineContract):
    """Over a pty, which is a serial port in all that matters here."""

    @pytest.fixture(autouse=True)
    def _both_ends(self) -> Iterator[None]:
        self.far, near = os.openpty()
        tty.setraw(near)
        self.name = os.ttyname(near)
        before = descriptors()
        self.line = open_line(f"serial://{self.name}?baud=9600")
        self.opened = descriptors() - before
        os.close(near)
        self.open = True
        yield
        self.line.close()
        self.hang_up()

    def say(self, data: bytes) -> None:
        os.write(self.far, data)

    def hear(self) -> bytes:
        assert select.select([self.far], [], [], 5)[0]
        return os.read(self.far, 4096)

    def hang_up(self) -> None:
        if self.open:
            self.open = False
            os.close(self.far)

    def test_a_port_in_use_is_not_found(self) -> None:
        with pytest.raises(NotFound):
            open_line(f"serial://{self.name}?baud=9600")
        self.line.close()
        open_line(f"serial://{self.name}?baud=9600").close()


class TestFileLine:
    def test_appends_what_is_written(self, tmp_path: Path) -> None:
        for word in (b"one ", b"two"):
            line = open_line(f"file://{tmp_path}/job.bin")
            line.write(word, 1.0)
            line.close()
        assert (tmp_path / "job.bin").read_bytes() == b"one two"

    def test_its_silence_is_not_waited_for(self, tmp_path: Path) -> None:
        line = open_line(f"file://{tmp_path}/job.bin")
        started = time.monotonic()
        assert line.read(10, 10.0) == b""
        assert time.monotonic() - started < 1.0
        line.cancel()
        with pytest.raises(Lost):
            line.read(10, 10.0)
        with pytest.raises(Lost):
            line.write(b"a", 10.0)
        line.close()

    def test_a_missing_device_is_not_made(self) -> None:
        with pytest.raises(NotFound):
            open_line("file:///dev/there-is-no-such-device")
        assert not Path("/dev/there-is-no-such-device").exists()

    @pytest.mark.parametrize("path", ["", "missing/job.bin"])
    def test_a_folder_or_a_missing_folder_is_not_found(self, tmp_path: Path, path: str) -> None:
        with pytest.raises(NotFound):
            open_line(f"file://{tmp_path}/{path}")


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:1", "tcp://no-such-host.invalid:9100", "serial:///dev/no-such-port"])
def test_what_is_not_there_is_not_found(url: str) -> None:
    with pytest.raises(NotFound):
        open_line(url)


def test_a_connection_to_itself_is_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """On one machine a search for a port that nobody holds can be given that very port to call from."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    class FromThere(socket.socket):
        def connect(self, address: object) -> None:
            self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.bind(("127.0.0.1", port))
            super().connect(("127.0.0.1", port))

    monkeypatch.setattr(socket, "socket", FromThere)
    with pytest.raises(NotFound):
        open_line(f"tcp://127.0.0.1:{port}")


def test_opening_takes_no_longer_than_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backlog that is full answers nobody."""
    monkeypatch.setattr(lines, "OPEN_WITHIN", 0.3)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        address = server.getsockname()
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(address)
            waiting.append(client)
        started = time.monotonic()
        with pytest.raises(NotFound):
            open_line(f"tcp://127.0.0.1:{address[1]}")
        assert 0.3 <= time.monotonic() - started < 1.3
        for client in waiting:
            client.close()


def test_failing_to_open_leaks_no_descriptor() -> None:
    before = descriptors()
    for _ in range(3):
        with pytest.raises(NotFound):
            open_line("tcp://127.0.0.1:1")
    assert descriptors() == before


ALL = ("serial", "tcp", "file", "usb", "pcsc", "keyboard")


@pytest.mark.parametrize(
    "url",
    [
        "serial:///dev/ttyUSB0?baud=115200",
        "serial:///dev/ttyS1",
        "tcp://192.168.1.50:9100",
        "tcp://[::1]:9100",
        "file:///dev/usb/lp0",
        "usb://0416:5011",
        "usb://0400:C35A?serial=A%2F1&interface=2",
        "pcsc://",
        "pcsc://?reader=ACS%20ACR122U",
        "pcsc://?reader=OMNIKEY&service=/run/other/pcscd.comm",
        "keyboard://",
    ],
)
def test_line_urls_are_accepted_as_they_are(url: str) -> None:
    assert check_line_url(url, ALL) == url


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "allowed: serial:///dev/ttyUSB0?baud=115200"),
        ("/dev/ttyUSB0", "known kind"),
        ("http://127.0.0.1:80", "known kind"),
        ("tcp://192.168.1.50", "a port"),
        ("tcp://:9100", "a host"),
        ("tcp://192.168.1.50:0", "a port"),
        ("tcp://192.168.1.50:70000", "not a line URL"),
        ("tcp://192.168.1.50:9100/path", "nothing else"),
        ("tcp://me@192.168.1.50:9100", "nothing else"),
        ("tcp://[::1:9100", "not a line URL"),
        ("serial://dev/ttyUSB0", "three slashes"),
        ("serial:///dev/ttyUSB0?baud=12", "baud=9600|19200|38400|57600|115200"),
        ("serial:///dev/ttyUSB0?baud=9600&baud=9600", "baud="),
        ("serial:///dev/ttyUSB0?parity=even", "baud="),
        ("file://lp0", "three slashes"),
        ("file:///dev/lp0?x=1", "no options"),
        ("usb://printer", "hexadecimal"),
        ("usb://0416:50111", "hexadecimal"),
        ("usb://0416:5011/1", "hexadecimal"),
        ("usb://0416:5011?serial=a&serial=b", "serial="),
        ("usb://0416:5011?interface=first", "interface="),
        ("usb://0416:5011?port=2", "nothing else"),
        ("pcsc://reader", "differently"),
        ("pcsc://?reader=a&reader=b", "reader="),
        ("pcsc://?cards=2", "reader="),
    ],
)
def test_other_urls_say_what_is_allowed(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        check_line_url(url, ALL)


def test_only_the_schemes_asked_for_are_allowed() -> None:
    with pytest.raises(ValueError, match=r"allowed: tcp://192\.168\.1\.50:9100$"):
        check_line_url("serial:///dev/ttyUSB0", ["tcp"])
