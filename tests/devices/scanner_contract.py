"""What every driver of a QR scanner does, whatever its line.

Another driver joins with a subclass of ScannerContract that has two fixtures: `scanner` and `desk`, the simulated
scanner's control. What can be asked of a real scanner is in AnyScanner.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod

import pytest

from devices import QrScanner
from devices.control import SimulatorControl
from devices.errors import DeviceError, Garbled, Lost, Silent
from devices.scanner import NoScan, Scan
from tests.devices.hands import WITHIN as BY_HAND
from tests.devices.hands import Deed, Hands, steering

CODE = "4243669509084040896099330000"
WITHIN = 5.0


class AnyScanner(ABC):
    @pytest.fixture
    @abstractmethod
    def hands(self) -> Hands: ...

    @pytest.fixture
    @abstractmethod
    def scanner(self) -> QrScanner:
        """The driver, greeted."""

    def test_without_a_code_there_is_none_in_time(self, scanner: QrScanner) -> None:
        started = time.monotonic()
        assert scanner.read(0.1) == NoScan()
        assert 0.09 < time.monotonic() - started < 1.0

    def test_reads_a_code(self, scanner: QrScanner, hands: Hands) -> None:
        hands(Deed.SHOW_CODE)
        assert isinstance(scanner.read(BY_HAND), Scan)

    def test_cancelled_is_lost(self, scanner: QrScanner) -> None:
        scanner.cancel()
        with pytest.raises(DeviceError):
            scanner.read(WITHIN)


class ScannerContract(AnyScanner):
    @pytest.fixture
    @abstractmethod
    def desk(self) -> SimulatorControl:
        """The control of a simulated scanner that is in order."""

    @pytest.fixture
    def hands(self, desk: SimulatorControl) -> Hands:
        return steering(desk)

    @pytest.mark.parametrize("code", [CODE, "x", "K001-26-000317-7Q4XM", "环城路", "7" * 3000])
    def test_reads_what_was_scanned(self, scanner: QrScanner, desk: SimulatorControl, code: str) -> None:
        desk.scan(code)
        assert scanner.read(WITHIN) == Scan(text=code)
        assert scanner.read(0) == NoScan()

    def test_codes_come_in_their_order(self, scanner: QrScanner, desk: SimulatorControl) -> None:
        for code in ("one", "two"):
            desk.scan(code)
        assert [scanner.read(WITHIN), scanner.read(WITHIN)] == [Scan(text="one"), Scan(text="two")]

    def test_a_greeting_forgets_what_nobody_asked_for(self, scanner: QrScanner, desk: SimulatorControl) -> None:
        desk.scan(CODE)
        scanner.forget()
        desk.scan("later")
        assert scanner.read(WITHIN) == Scan(text="later")

    def test_a_code_is_whole_without_an_end(self, scanner: QrScanner, desk: SimulatorControl) -> None:
        desk.fault("scanner", "no-end", 1)
        desk.scan(CODE)
        assert scanner.read(WITHIN) == Scan(text=CODE)

    @pytest.mark.parametrize("fault", ["half", "noise", "flood"])
    def test_a_spoilt_code_is_garbled_and_spoils_no_other(
        self, scanner: QrScanner, desk: SimulatorControl, fault: str
    ) -> None:
        desk.scan(CODE)
        assert scanner.read(WITHIN) == Scan(text=CODE)
        desk.fault("scanner", fault, 1)
        saying = threading.Thread(target=desk.scan, args=[CODE])
        saying.start()  # a serial port takes a flood only as it is read
        with pytest.raises(Garbled):
            scanner.read(WITHIN)
        assert scanner.read(0.2) == NoScan()
        saying.join()
        desk.scan(CODE)
        assert scanner.read(WITHIN) == Scan(text=CODE)

    def test_a_slow_code_is_one_code(self, scanner: QrScanner, desk: SimulatorControl) -> None:
        desk.fault("scanner", "slow:0.01", 1)
        desk.scan(CODE)
        assert scanner.read(WITHIN) == Scan(text=CODE)

    def test_a_line_that_ends_within_a_code_gives_no_code(self, scanner: QrScanner, desk: SimulatorControl) -> None:
        desk.scan(CODE)
        assert scanner.read(WITHIN) == Scan(text=CODE)
        desk.fault("scanner", "disconnect:9", 1)
        desk.scan(CODE)
        with pytest.raises(Lost):
            scanner.read(WITHIN)

    def test_a_scanner_that_is_unplugged_is_lost(self, scanner: QrScanner, desk: SimulatorControl) -> None:
        desk.unplug("scanner")
        started = time.monotonic()
        with pytest.raises(Lost) as caught:
            scanner.read(WITHIN)
        assert not isinstance(caught.value, Silent)
        with pytest.raises(Lost):
            scanner.hello()
        assert time.monotonic() - started < 1.0
