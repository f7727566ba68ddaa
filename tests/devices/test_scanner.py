from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from devices import QrScanner, open_driver
from devices.__main__ import app
from devices.control import Changed, SimulatorControl
from devices.errors import DeviceError, Garbled, Lost
from devices.scanner import LONGEST, NoScan, Scan, Scanner
from devices.supervisor import Supervisor
from tests.devices.programs import Simulators
from tests.devices.scanner_contract import ScannerContract
from tests.virtual_time import Clock

CODE = b"4243669509084040896099330000"
"""The one published example of a medical insurance code."""


class Pieces:
    """Gives each piece at one reading, and silence at an empty one and after the last. Silence takes no time."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)

    def write(self, data: bytes, within: float) -> None:
        raise AssertionError("nothing is said to a scanner")

    def read(self, size: int, within: float) -> bytes:
        if not self._pieces:
            return b""
        piece = self._pieces.pop(0)
        if len(piece) > size:
            self._pieces.insert(0, piece[size:])
        return piece[:size]

    def cancel(self) -> None:
        raise AssertionError

    def close(self) -> None:
        raise AssertionError


class Endless(Pieces):
    """The same bytes for ever, as fast as a wire brings them."""

    def __init__(self, piece: bytes) -> None:
        super().__init__(piece)
        self.clock = Clock()

    def read(self, size: int, within: float) -> bytes:
        self.clock.now += size / 11_520
        return (self._pieces[0] * size)[:size]


def codes(scanner: Scanner) -> list[str]:
    """Everything that is scanned until nothing more comes; a code that is none counts as "?"."""
    found = []
    while True:
        try:
            scan = scanner.read(1)
        except Garbled:
            found.append("?")
            continue
        if isinstance(scan, NoScan):
            return found
        found.append(scan.text)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"", b"\r\r\n"])
def test_a_code_is_whole_at_its_end_or_after_a_pause(end: bytes) -> None:
    assert codes(Scanner(Pieces(CODE + end))) == [CODE.decode()]


def test_a_code_comes_in_pieces_and_its_end_too() -> None:
    assert codes(Scanner(Pieces(CODE[:3], CODE[3:], b"\r", b"\n", b"ABC\r"))) == [CODE.decode(), "ABC"]


def test_two_codes_at_once_are_two() -> None:
    scanner = Scanner(Pieces(b"one\rtwo\rthree"))
    assert codes(scanner)[:2] == ["one", "two"]


def test_half_a_code_is_not_taken_for_a_whole_one() -> None:
    """Where the scanner was seen to set an end; one that sets none can only be believed."""
    assert codes(Scanner(Pieces(CODE + b"\r", CODE[:14], b"", CODE + b"\r"))) == [CODE.decode(), "?", CODE.decode()]


def test_a_scanner_without_ends_recovers_from_a_noise_that_looked_like_one() -> None:
    assert codes(Scanner(Pieces(b"noise\r", CODE, b"", CODE))) == ["noise", "?", CODE.decode()]


def test_text_in_any_script_is_text() -> None:
    assert codes(Scanner(Pieces("环城路 1 号\r".encode()))) == ["环城路 1 号"]


@pytest.mark.parametrize("rubbish", [b"\xff\xfe\r", b"a\x00b\r", b"\x1b[2J\r", "环".encode("gb18030") + b"\r"])
def test_what_is_no_text_is_garbled(rubbish: bytes) -> None:
    assert codes(Scanner(Pieces(rubbish, CODE + b"\r"))) == ["?", CODE.decode()]


def test_the_longest_code_there_is() -> None:
    digits = b"7" * LONGEST
    assert codes(Scanner(Pieces(digits + b"\r"))) == [digits.decode()]
    assert codes(Scanner(Pieces(digits + b"7\r", CODE + b"\r"))) == ["?", CODE.decode()]


def test_the_rest_of_a_code_that_is_too_long_is_no_code() -> None:
    line = Pieces(b"7" * 100_000, CODE + b"\r", CODE + b"\r")
    scanner = Scanner(line)
    with pytest.raises(Garbled):
        scanner.read(0)
    assert codes(scanner) == [CODE.decode()]


def test_bytes_without_an_end_are_an_error_in_time_and_little_memory() -> None:
    line = Endless(b"7")
    scanner = Scanner(line)
    with mock.patch("devices.scanner.time", line.clock):
        for _ in range(2):
            with pytest.raises(Garbled):
                scanner.read(0.1)
        assert line.clock.now < 4
        with pytest.raises(Garbled):
            scanner.hello()
    assert len(scanner._heard) <= LONGEST + 4096


def test_ends_without_an_end_are_nothing() -> None:
    line = Endless(b"\r")
    with mock.patch("devices.scanner.time", line.clock):
        assert Scanner(line).read(0.05) == NoScan()


def test_what_nobody_asked_for_is_forgotten() -> None:
    """A code that somebody held there before is not the next visitor's."""
    scanner = Scanner(Pieces(CODE + b"\r", CODE[:5], b"", b"ABC\r"))
    scanner.forget()
    assert codes(scanner) == ["ABC"]


def test_a_scan_does_not_show_what_it_holds() -> None:
    scan = Scanner(Pieces(CODE + b"\r")).read(0)
    assert isinstance(scan, Scan)
    assert CODE.decode() not in f"{scan} {scan!r}"


def test_no_error_repeats_what_was_scanned() -> None:
    for rubbish in (b"secret\x00\r", b"secret\xff\r", b"secret" * 2000):
        with pytest.raises(Garbled) as caught:
            Scanner(Pieces(rubbish)).read(0)
        assert "secret" not in str(caught.value)


@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"", b"\r", b"\n", CODE, b"7" * 5000])))
@example([b"7" * 5000, b"7" * 5000, b"\r", b"\xff", b"", b"\r\n"])
def test_any_bytes_give_a_scan_nothing_or_a_typed_error(pieces: list[bytes]) -> None:
    scanner = Scanner(Pieces(*pieces))
    for _ in range(len(pieces) + 2):
        try:
            found = scanner.read(1)
        except DeviceError:
            continue
        if isinstance(found, Scan):
            assert found.text
            assert found.text.isprintable()
            assert len(found.text) <= LONGEST
        else:
            assert found == NoScan()


class OverSimulatedLine(ScannerContract):
    """The driver over a simulated scanner, in order for each test."""

    @pytest.fixture
    def running(self) -> Simulators:
        raise NotImplementedError

    @pytest.fixture
    def desk(self, running: Simulators) -> Iterator[SimulatorControl]:
        yield running.control
        running.control.clear("scanner")
        running.control.plug("scanner")

    @pytest.fixture
    def scanner(self, running: Simulators, desk: SimulatorControl) -> Iterator[QrScanner]:
        driver = open_driver("scanner", "scanner", running.scanner)
        heard_by(desk)
        driver.hello()
        yield driver
        driver.close()


def heard_by(desk: SimulatorControl) -> None:
    """The simulated scanner has seen that somebody listens."""
    with desk.watch() as events:
        for event in events:
            if isinstance(event, Changed) and (state := event.state["scanner"]) is not None and state["connected"]:
                return


class TestScannerOverTcp(OverSimulatedLine):
    @pytest.fixture
    def running(self, scanner_over_tcp: Simulators) -> Simulators:
        return scanner_over_tcp


class TestScannerOverPty(OverSimulatedLine):
    @pytest.fixture
    def running(self, scanner_over_pty: Simulators) -> Simulators:
        return scanner_over_pty


@pytest.mark.asyncio
async def test_a_supervised_scanner_is_lost_and_back_with_the_plug(scanner_over_pty: Simulators) -> None:
    """Though its port has another name then."""
    desk, states = scanner_over_pty.control, asyncio.Queue[str]()
    scanner = Supervisor(
        "scanner", lambda: open_driver("scanner", "scanner", scanner_over_pty.scanner), states.put_nowait
    )
    running = asyncio.create_task(scanner.run())
    try:
        async with asyncio.timeout(30):
            assert await states.get() == "ready"
            await asyncio.to_thread(desk.unplug, "scanner")
            assert await states.get() == "lost"
            await asyncio.to_thread(desk.plug, "scanner")
            assert await states.get() == "ready"
            await asyncio.to_thread(desk.scan, CODE.decode())
            assert await scanner.use(lambda driver: driver.read(5)) == Scan(text=CODE.decode())
    finally:
        running.cancel()
        await asyncio.wait([running])
        desk.plug("scanner")


# -- over a line that takes its time -----------------------------------------------------------------------------------


@pytest.fixture
def far() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_a_code_that_comes_later_is_waited_for_and_a_lost_line_is_lost(far: socket.socket) -> None:
    scanner = open_driver("scanner", "scanner", f"tcp://127.0.0.1:{far.getsockname()[1]}")
    there, _ = far.accept()
    scanner.hello()
    threading.Timer(0.1, there.sendall, [CODE + b"\r\n"]).start()
    started = time.monotonic()
    assert scanner.read(10) == Scan(text=CODE.decode())
    assert time.monotonic() - started < 2
    assert scanner.read(0.01) == NoScan()
    there.close()
    with pytest.raises(Lost):
        scanner.read(1)
    scanner.close()


def test_a_code_without_an_end_is_whole_within_a_tenth_of_a_second(far: socket.socket) -> None:
    scanner = open_driver("scanner", "scanner", f"tcp://127.0.0.1:{far.getsockname()[1]}")
    there, _ = far.accept()
    there.sendall(CODE)
    started = time.monotonic()
    assert scanner.read(5) == Scan(text=CODE.decode())
    assert 0.04 < time.monotonic() - started < 1
    there.close()
    scanner.close()


# -- from the command line ---------------------------------------------------------------------------------------------


def read_qr(far: socket.socket, said: bytes, *options: str) -> tuple[int, str, str]:
    """`python -m devices read qr` while the scanner says this: exit code, stdout, stderr."""

    def say() -> None:
        with suppress(OSError):
            there, _ = far.accept()
            there.sendall(said)
            there.recv(1)  # until the other end leaves
            there.close()

    scanner = threading.Thread(target=say)
    scanner.start()
    line = f"tcp://127.0.0.1:{far.getsockname()[1]}"
    done = CliRunner().invoke(app, ["read", "qr", "--line", line, *options])
    scanner.join(5)
    return done.exit_code, done.stdout, done.stderr


def test_the_command_prints_what_was_scanned(far: socket.socket) -> None:
    assert read_qr(far, b"\xff\r" + CODE + b"\r") == (0, CODE.decode() + "\n", "")


def test_the_command_says_when_nothing_came_or_nothing_but_rubbish(far: socket.socket) -> None:
    assert read_qr(far, b"", "--timeout", "0.1") == (3, "", "no code came in time\n")
    assert read_qr(far, b"\xff\r" * 3) == (4, "", "code not read: a code that is no text\n")


def test_the_command_has_no_window_to_listen_in() -> None:
    done = CliRunner().invoke(app, ["read", "qr", "--line", "keyboard://"])
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)


def test_a_scanner_that_stands_is_ready(far: socket.socket) -> None:
    line = f"tcp://127.0.0.1:{far.getsockname()[1]}"
    done = CliRunner().invoke(app, ["status", "--driver", "scanner", "--line", line])
    assert (done.exit_code, done.stdout.startswith("ready")) == (0, True)
