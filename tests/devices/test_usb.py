from __future__ import annotations

import errno
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from usb.backend import libusb1

from devices import IdCardReader, ReceiptPrinter, open_driver
from devices.control import SimulatorControl
from devices.errors import Lost, NotFound, Silent
from devices.lines import answers, open_line
from devices.paper import to_escpos
from devices.printer import Unknown
from devices.samv import frame
from devices.simulated.id_card import SAM_ID
from tests.devices.hands import Hands, steering
from tests.devices.id_card_contract import AnyIdCardReader, IdCardReaderContract
from tests.devices.line_contract import LineContract, descriptors
from tests.devices.printer_contract import AnyReceiptPrinter, ReceiptPrinterContract, in_order
from tests.devices.programs import Simulators, devices
from tests.devices.receipts import FILING
from tests.devices.virtual_usb import (
    INTERRUPT,
    PRINTER,
    RECEIPTS,
    SAMV,
    VENDOR,
    Endpoint,
    Interface,
    VirtualBus,
    VirtualDevice,
)

NAME = "0400:c35a"
LINE = f"usb://{NAME}"
MakeBus = Callable[..., VirtualBus]


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeBus]:
    """Puts these devices, and no others, on the bus that pyusb finds."""
    made: list[VirtualBus] = []

    def make(*plugged: VirtualDevice) -> VirtualBus:
        made.append(VirtualBus(*plugged))
        monkeypatch.setattr(libusb1, "get_backend", lambda: made[-1])
        return made[-1]

    yield make
    for each in made:
        each.close()


class Cable:
    """A cable whose far end the test holds."""

    def __init__(self) -> None:
        self._near, self.far = socket.socketpair()
        self.far.settimeout(5)

    def __call__(self) -> socket.socket:
        """OSError when it was pulled: there is no plugging in again."""
        return self._near.dup()

    def pull(self) -> None:
        self._near.close()
        self.far.close()


@pytest.fixture
def cable() -> Iterator[Cable]:
    made = Cable()
    yield made
    made.pull()


def to(program: str) -> Callable[[], socket.socket]:
    """A cable to the device that a simulator program shows as `tcp://HOST:PORT`."""
    host, _, port = program.removeprefix("tcp://").partition(":")

    def plug() -> socket.socket:
        line = socket.create_connection((host, int(port)))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line

    return plug


# ---- The line


class TestUsbLine(LineContract):
    @pytest.fixture(autouse=True)
    def _both_ends(self, bus: MakeBus, cable: Cable) -> Iterator[None]:
        self.device = VirtualDevice(NAME, SAMV, cable)
        bus(self.device)
        self.cable = cable
        before = descriptors()
        self.line = open_line(LINE)
        self.opened = descriptors() - before - 1  # the virtual cable's end is the bus's, not the line's
        yield
        self.line.close()

    def say(self, data: bytes) -> None:
        self.cable.far.sendall(data)

    def hear(self) -> bytes:
        return self.cable.far.recv(4096)

    def hang_up(self) -> None:
        self.cable.far.close()

    def test_what_a_packet_holds_beyond_the_question_is_kept(self) -> None:
        self.say(bytes(range(150)))
        assert [self.line.read(size, 1.0) for size in (10, 100, 4096, 1, 4096)] == [
            bytes(range(10)),
            bytes(range(10, 64)),  # as much as there is: the next packet is not waited for
            bytes(range(64, 128)),
            bytes([128]),
            bytes(range(129, 150)),
        ]

    def test_an_empty_packet_is_neither_an_answer_nor_silence(self) -> None:
        self.device.empty = 3
        self.say(b"answer")
        assert self.line.read(64, 1.0) == b"answer"

    def test_closing_waits_for_the_transfer_under_way(self) -> None:
        """Else libusb would go on with a device that is not there any more, and the kiosk would crash."""
        lost: list[Lost] = []

        def read() -> None:
            with pytest.raises(Lost) as caught:
                self.line.read(1, 10.0)
            lost.append(caught.value)

        reading = threading.Thread(target=read)
        reading.start()
        time.sleep(0.02)
        self.line.close()
        reading.join(5)
        assert lost


def test_an_endpoint_that_stops_is_a_loss_and_well_again_on_the_next_line(bus: MakeBus, cable: Cable) -> None:
    device = VirtualDevice(NAME, SAMV, cable)
    bus(device)
    for _ in range(2):
        with closing(open_line(LINE)) as line:
            line.write(b"question", 1.0)
            device.halted |= {0x03, 0x8A}
            with pytest.raises(Lost) as caught:
                line.write(b"question", 1.0)
            assert not isinstance(caught.value, Silent)


def test_a_device_that_is_pulled_while_it_takes_bytes_is_lost(bus: MakeBus, cable: Cable) -> None:
    bus(VirtualDevice(NAME, SAMV, cable))
    with closing(open_line(LINE)) as line:
        threading.Timer(0.05, cable.far.close).start()
        with pytest.raises(Lost) as caught:
            line.write(bytes(32 * 1024 * 1024), 10.0)
        assert not isinstance(caught.value, Silent)
    cable.pull()
    with pytest.raises(NotFound, match="no USB device 0400:c35a is plugged in"):
        open_line(LINE)


# ---- Which device


def test_an_absent_device_is_not_found(bus: MakeBus, cable: Cable) -> None:
    bus(VirtualDevice("0416:5011", RECEIPTS, cable))
    with pytest.raises(NotFound, match="no USB device 0400:c35a is plugged in"):
        open_line(LINE)
    open_line("usb://0416:5011").close()


def test_two_of_a_kind_are_told_apart_by_serial_number(bus: MakeBus, cable: Cable) -> None:
    other = Cable()
    twins = VirtualDevice(NAME, SAMV, other, serial="A1"), VirtualDevice(NAME, SAMV, cable, serial="A2")
    bus(*twins, VirtualDevice(NAME, SAMV, cable))
    with closing(open_line(f"{LINE}?serial=A2")) as line:
        line.write(b"to the second", 1.0)
        assert cable.far.recv(100) == b"to the second"
        assert not twins[0].handles
    with pytest.raises(NotFound, match=r"3 USB devices .*\?serial="):
        open_line(LINE)
    with pytest.raises(NotFound, match="plugged in are: A1, A2") as caught:
        open_line(f"{LINE}?serial=A3")
    assert caught.value.__traceback__, "held, as a log may hold it: what is open then would stay open"
    assert not twins[0].handles
    other.pull()


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (errno.EACCES, "may not be opened by this user: install packaging/udev/"),
        (errno.EIO, "cannot be opened: Input/output error"),
    ],
)
def test_a_device_that_cannot_be_opened_says_why(bus: MakeBus, cable: Cable, error: int, says: str) -> None:
    bus(VirtualDevice(NAME, SAMV, cable, serial="A1", opening=error))
    for line in (LINE, f"{LINE}?serial=A1"):
        with pytest.raises(NotFound, match=says):
            open_line(line)


def test_a_device_in_use_is_not_found_until_it_is_free(bus: MakeBus, cable: Cable) -> None:
    device = VirtualDevice(NAME, RECEIPTS, cable, taken={0})
    bus(device)
    with pytest.raises(NotFound, match="in use by another program") as caught:
        open_line(LINE)
    assert caught.value.__traceback__
    assert not device.handles
    device.taken.clear()
    with closing(open_line(LINE)), pytest.raises(NotFound, match="in use by another program"):
        open_line(LINE)


def test_the_systems_driver_is_put_aside_while_the_line_stands(bus: MakeBus, cable: Cable) -> None:
    device = VirtualDevice(NAME, RECEIPTS, cable, drivers={0: "usblp"})
    bus(device)
    line = open_line(LINE)
    assert not device.drivers
    line.close()
    assert device.drivers == {0: "usblp"}
    line = open_line(LINE)
    device.unplug()
    line.close()  # there is nothing to give back, and nobody to complain


def test_a_device_without_a_configuration_gets_one(bus: MakeBus, cable: Cable) -> None:
    """Setting it resets the device, so it is left alone where there is one: the virtual bus sees to that."""
    bus(VirtualDevice(NAME, SAMV, cable, configured=False))
    open_line(LINE).close()


# ---- Which interface, which endpoints

HID = Interface(0, 0x03, (Endpoint(0x81, INTERRUPT), Endpoint(0x01, INTERRUPT)))
STORAGE = Interface(1, 0x08, (Endpoint(0x85), Endpoint(0x05)))


@pytest.mark.parametrize(
    ("interfaces", "options", "out"),
    [
        ((HID, STORAGE, Interface(2, VENDOR, (Endpoint(0x8F), Endpoint(0x0E)))), "", 0x0E),
        ((HID, STORAGE, Interface(4, PRINTER, (Endpoint(0x04), Endpoint(0x83)), protocol=2)), "", 0x04),
        ((Interface(0, VENDOR, (Endpoint(0x81, INTERRUPT), Endpoint(0x02, INTERRUPT))),), "", 0x02),
        ((Interface(0, VENDOR, (Endpoint(0x01, INTERRUPT), Endpoint(0x02), Endpoint(0x83, INTERRUPT))),), "", 0x02),
        (
            (
                Interface(0, VENDOR, (Endpoint(0x81, INTERRUPT), Endpoint(0x01, INTERRUPT))),
                Interface(1, VENDOR, (Endpoint(0x82), Endpoint(0x02))),
            ),
            "",
            0x02,
        ),
        ((STORAGE, *SAMV), "?interface=1", 0x05),
        ((Interface(0, VENDOR, (Endpoint(0x81), Endpoint(0x01))), Interface(1, VENDOR, SAMV[0].endpoints)), "", 0x01),
        (
            (Interface(0, VENDOR, (Endpoint(0x81), Endpoint(0x01))), Interface(1, VENDOR, SAMV[0].endpoints)),
            "?interface=1",
            0x03,
        ),
        (
            (
                Interface(0, PRINTER, (Endpoint(0x01),), protocol=1),
                Interface(0, PRINTER, (Endpoint(0x02), Endpoint(0x82)), protocol=2, alternate=1),
                Interface(0, PRINTER, (Endpoint(0x03), Endpoint(0x83)), protocol=3, alternate=2),
            ),
            "",
            0x02,
        ),
    ],
    ids=[
        "vendor class",
        "printer class",
        "interrupt only",
        "what is bulk, and interrupt for the rest",
        "bulk before interrupt",
        "another class if asked for",
        "the first of equals",
        "not the first if asked for",
        "a printer's two-way alternate",
    ],
)
def test_the_descriptors_say_where_the_bytes_go(
    bus: MakeBus, cable: Cable, interfaces: tuple[Interface, ...], options: str, out: int
) -> None:
    device = VirtualDevice(NAME, interfaces, cable)
    bus(device)
    with closing(open_line(LINE + options)) as line:
        line.write(b"question", 1.0)
        cable.far.sendall(b"answer")
        assert line.read(64, 1.0) == b"answer"
        device.halted.add(out)  # it is by this endpoint that it writes
        with pytest.raises(Lost):
            line.write(b"question", 1.0)


@pytest.mark.parametrize(
    ("interfaces", "options", "says"),
    [
        ((HID, STORAGE), "", "it has: 0 of class 03, 1 of class 08"),
        ((HID, STORAGE), "?interface=0", "no interface"),
        (SAMV, "?interface=1", "it has: 0 of class ff"),
        ((Interface(0, PRINTER, (Endpoint(0x03), Endpoint(0x83)), protocol=4),), "", "it has: 0 of class 07"),
        ((Interface(0, VENDOR, (Endpoint(0x03),)),), "", "no interface"),
        ((Interface(0, VENDOR, (Endpoint(0x03, packet=0), Endpoint(0x83, packet=0))),), "", "no interface"),
        ((), "", "it has: none"),
    ],
)
def test_a_device_without_a_fitting_interface_says_what_it_has(
    bus: MakeBus, cable: Cable, interfaces: tuple[Interface, ...], options: str, says: str
) -> None:
    device = VirtualDevice(NAME, interfaces, cable)
    bus(device)
    with pytest.raises(NotFound, match=says) as caught:
        open_line(LINE + options)
    assert caught.value.__traceback__
    assert not device.handles


@pytest.mark.parametrize("endpoints", [(Endpoint(0x01),), (Endpoint(0x01), Endpoint(0x81))])
def test_a_printer_that_only_takes_is_like_a_device_file(
    bus: MakeBus, cable: Cable, endpoints: tuple[Endpoint, ...]
) -> None:
    """Protocol 1 means that, whatever endpoints it shows."""
    bus(VirtualDevice(NAME, (Interface(0, PRINTER, endpoints, protocol=1),), cable))
    line = open_line(LINE)
    assert not answers(line)
    assert line.read(1, 10.0) == b""
    line.close()
    with pytest.raises(Lost):
        line.read(1, 10.0)
    with closing(open_driver("printer", "escpos", LINE, columns=48)) as printer:
        assert printer.print(b"job") == Unknown("no status on this line")
    assert cable.far.recv(100) == b"job"


# ---- The library itself


def test_the_real_bus_has_no_such_device() -> None:
    """Through the real libusb: vendor FFFF is nobody's."""
    assert libusb1.get_backend() is not None, "libusb-1.0 is not installed: packaging/packages.run"
    with pytest.raises(NotFound, match="no USB device ffff:ffff is plugged in"):
        open_line("usb://FFFF:ffff")


def test_without_libusb_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libusb1, "_lib_object", None)
    monkeypatch.setattr("ctypes.util.find_library", lambda _name: None)
    with pytest.raises(NotFound, match=r"needs libusb-1.0, .*\(Debian: libusb-1.0-0\)"):
        open_line(LINE)


def test_devices_that_are_opened_at_once_share_one_libusb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each supervisor has a thread of its own, and all of them begin together."""
    loaded: list[object] = []

    class Loaded(libusb1._LibUSB):  # type: ignore[misc] # pyusb has no types
        def __init__(self, library: object) -> None:
            time.sleep(0.02)
            loaded.append(library)
            super().__init__(library)

    def search() -> None:
        with pytest.raises(NotFound):
            open_line("usb://ffff:ffff")

    monkeypatch.setattr(libusb1, "_lib_object", None)
    monkeypatch.setattr(libusb1, "_LibUSB", Loaded)
    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert len(loaded) == 1


DESCRIPTORS = bytes.fromhex(
    "12 01 1001 00 00 00 40 0004 5ac3 6300 00 00 00 01"
    "09 02 2000 01 01 00 80 32"
    "09 04 00 00 02 ff 00 00 00"
    "07 05 81 02 4000 00"
    "07 05 02 02 4000 00"
)
"""A reader at full speed, one interface of the vendor class, bulk endpoints 81 and 02."""


@pytest.mark.skipif(shutil.which("umockdev-run") is None, reason="needs umockdev")
@pytest.mark.parametrize(
    ("status", "said"),
    [
        (0, (0, "ready, SAM 05.01-20200101-0001234567-0987654321\n", "")),
        (-errno.ESHUTDOWN, (4, "", "samv failed: USB device lost: No such device (it may have been disconnected)\n")),
        (-errno.EPIPE, (4, "", "samv failed: USB device lost: Pipe error\n")),
    ],
    ids=["an answer", "pulled out", "stopped"],
)
def test_the_real_libusb_carries_whole_frames(tmp_path: Path, status: int, said: tuple[int, str, str]) -> None:
    """umockdev stands where the kernel does, beneath the real libusb: sysfs, and the device file's ioctls, in the order
    in which they must come. An empty packet before each question is its silence."""
    bulk = "USBDEVFS_REAPURBNDELAY 0 3"
    ioctls = ["USBDEVFS_CONNECTINFO 0 0200000000000000", "USBDEVFS_GET_CAPABILITIES 0 FD010000"]
    for question, answer in ((b"\x11\xff", b"\0\0\x90"), (b"\x12\xff", b"\0\0\x90" + SAM_ID)):
        asked, told = frame(question), frame(answer)
        ioctls.append(f"{bulk} 129 0 0 64 0 0 ")
        ioctls.append(f"{bulk} 2 0 0 {len(asked)} {len(asked)} 0 {asked.hex().upper()}")
        ioctls.append(f"{bulk} 129 {status} 0 64 {len(told)} 0 {told.hex().upper()}")
    (tmp_path / "ioctls").write_text("\n".join(["@DEV /dev/bus/usb/001/002", *ioctls, ""]))
    device = {
        "P: ": "/devices/pci0000:00/0000:00:14.0/usb1/1-1",
        "N: ": f"bus/usb/001/002={DESCRIPTORS.hex().upper()}",
        "E: DEVNAME=": "/dev/bus/usb/001/002",
        "E: DEVTYPE=": "usb_device",
        "E: SUBSYSTEM=": "usb",
        "A: bConfigurationValue=": "1",
        "A: busnum=": "1",
        "A: devnum=": "2",
        "A: speed=": "12",
        "H: descriptors=": DESCRIPTORS.hex().upper(),
    }
    (tmp_path / "device").write_text("".join(f"{key}{value}\n" for key, value in device.items()) + "\n")
    mock = ["umockdev-run", f"--device={tmp_path}/device", f"--ioctl=/dev/bus/usb/001/002={tmp_path}/ioctls"]
    ask = [sys.executable, "-m", "devices", "status", "--line", LINE, "--driver", "samv"]
    done = subprocess.run([*mock, "--", *ask], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == said


# ---- The drivers over it


class TestSamVOverUsb(AnyIdCardReader):
    """What any reader does, and where the line might make a difference."""

    test_reads_what_the_card_says = IdCardReaderContract.test_reads_what_the_card_says
    test_noise_before_an_answer_does_no_harm = IdCardReaderContract.test_noise_before_an_answer_does_no_harm
    test_a_broken_answer_does_not_spoil_the_next = IdCardReaderContract.test_a_broken_answer_does_not_spoil_the_next
    test_a_reader_that_answers_nothing_is_silent = IdCardReaderContract.test_a_reader_that_answers_nothing_is_silent
    test_a_reader_that_is_unplugged_is_lost = IdCardReaderContract.test_a_reader_that_is_unplugged_is_lost

    @pytest.fixture
    def desk(self, reader_over_tcp: Simulators) -> Iterator[SimulatorControl]:
        control = reader_over_tcp.control
        control.sticky(True)
        yield control
        control.clear("id_card")
        control.plug("id_card")
        control.lift()

    @pytest.fixture
    def hands(self, desk: SimulatorControl) -> Hands:
        return steering(desk)

    @pytest.fixture
    def reader(self, bus: MakeBus, reader_over_tcp: Simulators, desk: SimulatorControl) -> Iterator[IdCardReader]:
        bus(VirtualDevice(NAME, SAMV, to(reader_over_tcp.id_card)))
        driver = open_driver("id_card", "samv", LINE)
        yield driver
        driver.close()

    def test_a_reader_is_found_again_when_it_is_plugged_in_again(
        self, reader: IdCardReader, desk: SimulatorControl
    ) -> None:
        desk.unplug("id_card")
        with pytest.raises(Lost):
            reader.hello()
        reader.close()
        with pytest.raises(NotFound):
            open_line(LINE)
        desk.plug("id_card")
        with closing(open_driver("id_card", "samv", LINE)) as found:
            found.hello()


class TestEscposOverUsb(AnyReceiptPrinter):
    """What any printer does, and where the line might make a difference."""

    test_prints = ReceiptPrinterContract.test_prints
    test_noise_before_answers_does_no_harm = ReceiptPrinterContract.test_noise_before_answers_does_no_harm
    test_paper_that_runs_out = ReceiptPrinterContract.test_paper_that_runs_out_meanwhile_leaves_the_outcome_unknown
    test_a_line_that_ends = ReceiptPrinterContract.test_a_line_that_ends_meanwhile_leaves_the_outcome_unknown
    test_a_printer_that_is_unplugged_is_lost = ReceiptPrinterContract.test_a_printer_that_is_unplugged_is_lost

    @pytest.fixture
    def desk(self, printer_over_tcp: Simulators) -> Iterator[SimulatorControl]:
        yield printer_over_tcp.control
        in_order(printer_over_tcp.control)

    @pytest.fixture
    def hands(self, desk: SimulatorControl) -> Hands:
        return steering(desk)

    @pytest.fixture
    def printer(self, bus: MakeBus, printer_over_tcp: Simulators, desk: SimulatorControl) -> Iterator[ReceiptPrinter]:
        bus(VirtualDevice(NAME, RECEIPTS, to(printer_over_tcp.printer), drivers={0: "usblp"}))
        driver = open_driver("printer", "escpos", LINE, columns=48)
        yield driver
        driver.close()

    @pytest.fixture
    def job(self) -> bytes:
        return to_escpos(FILING, 48)


def test_the_commands_take_usb_lines(bus: MakeBus, reader_over_tcp: Simulators, printer_over_tcp: Simulators) -> None:
    bus(
        VirtualDevice(NAME, SAMV, to(reader_over_tcp.id_card)),
        VirtualDevice("0416:5011", RECEIPTS, to(printer_over_tcp.printer)),
    )
    reader_over_tcp.control.present("ouyang")
    assert "欧阳文澜".encode() in devices("read", "id-card", "--line", LINE).stdout
    reader_over_tcp.control.lift()
    assert devices("status", "--line", LINE, "--driver", "samv").stdout.startswith(b"ready, SAM")
    assert devices("print", "--line", "usb://0416:5011", "-", stdin="您好".encode()).returncode == 0
    assert devices("status", "--line", "usb://0416:5011", "--driver", "escpos").returncode == 0
    done = devices("status", "--line", "usb://0416:5012", "--driver", "escpos")
    assert (done.returncode, done.stderr) == (4, b"no USB device 0416:5012 is plugged in\n")
