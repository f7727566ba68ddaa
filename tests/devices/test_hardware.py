"""The contract suites over the real lines of a machine: `pytest --hardware kiosk.toml`.

What the suites ask of any device, without a simulator to steer: a person beside the devices is told on stderr what to
do, and has a minute for it. Nothing of a card gets into a report. A section that the settings lack is skipped.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices import IdCardReader, QrScanner, ReceiptPrinter, SocialCardReader, SoundOutput, StatusLight
from devices.control import SimulatorControl
from devices.models import model_named
from devices.paper import to_escpos
from devices.simulated.pcscd import Pcscd
from kiosk.settings import Devices, SettingsError, read_settings
from tests.devices.hands import Deed, Hands, steering
from tests.devices.id_card_contract import AnyIdCardReader
from tests.devices.light_contract import AnyLight
from tests.devices.printer_contract import AnyReceiptPrinter
from tests.devices.programs import Simulators
from tests.devices.receipts import FILING
from tests.devices.scanner_contract import AnyScanner
from tests.devices.social_card_contract import AnySocialCardReader
from tests.devices.sound_contract import AnySpeaker

PROMPT = "==> "
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def machine(pytestconfig: pytest.Config) -> Devices:
    return named_in(pytestconfig.getoption("hardware"))


def named_in(file: Path) -> Devices:
    try:
        return read_settings(file).devices
    except SettingsError as error:
        pytest.exit(str(error), returncode=2)


class InPerson:
    @pytest.fixture
    def hands(self, capsys: pytest.CaptureFixture[str]) -> Hands:
        def tell(deed: Deed) -> None:
            with capsys.disabled():
                sys.stderr.write(f"\n{PROMPT}{deed}\n")
                sys.stderr.flush()

        return tell


@pytest.mark.hardware
class TestIdCardReader(InPerson, AnyIdCardReader):
    @pytest.fixture
    def reader(self, machine: Devices) -> Iterator[IdCardReader]:
        if machine.id_card is None:
            pytest.skip("the settings name no [devices.id_card]")
        driver = machine.id_card.open()
        yield driver
        driver.close()


@pytest.mark.hardware
class TestSocialCardReader(InPerson, AnySocialCardReader):
    @pytest.fixture
    def reader(self, machine: Devices) -> Iterator[SocialCardReader]:
        if machine.social_card is None:
            pytest.skip("the settings name no [devices.social_card]")
        driver = machine.social_card.open()
        yield driver
        driver.close()


@pytest.mark.hardware
class TestScanner(InPerson, AnyScanner):
    @pytest.fixture
    def scanner(self, machine: Devices) -> Iterator[QrScanner]:
        if machine.scanner is None:
            pytest.skip("the settings name no [devices.scanner]")
        if machine.scanner.line == "keyboard://":
            pytest.skip("what a keyboard wedge types goes to the window in front")
        driver = machine.scanner.open()
        driver.hello()
        yield driver
        driver.close()


@pytest.mark.hardware
class TestReceiptPrinter(InPerson, AnyReceiptPrinter):
    @pytest.fixture
    def printer(self, machine: Devices) -> Iterator[ReceiptPrinter]:
        if machine.printer is None:
            pytest.skip("the settings name no [devices.printer]")
        driver = machine.printer.open()
        yield driver
        driver.close()

    @pytest.fixture
    def job(self, machine: Devices, printer: ReceiptPrinter) -> bytes:
        name = machine.printer.model if machine.printer is not None else ""
        return to_escpos(FILING, printer.columns, model=model_named(name, printer.columns))


@pytest.mark.hardware
class TestSpeaker(AnySpeaker):
    @pytest.fixture
    def output(self, machine: Devices) -> Iterator[SoundOutput]:
        if machine.sound is None:
            pytest.skip("the settings name no [devices.sound]")
        driver = machine.sound.open()
        yield driver
        driver.close()


@pytest.mark.hardware
class TestLight(AnyLight):
    @pytest.fixture
    def light(self, machine: Devices) -> Iterator[StatusLight]:
        if machine.light is None:
            pytest.skip("the settings name no [devices.light]")
        driver = machine.light.open()
        driver.hello()
        yield driver
        driver.close()


# ---- That it works, without any device


def test_the_suites_run_over_the_lines_in_a_settings_file(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    reader_over_tcp: Simulators,
    printer_over_tcp: Simulators,
    scanner_over_pty: Simulators,
) -> None:
    """With simulator programs for devices, and a control that does what a person would be told."""
    file = tmp_path / "kiosk.toml"
    file.write_text(
        f"""
        [central]
        url = "http://127.0.0.1:1"
        [devices.id_card]
        line = "{reader_over_tcp.id_card}"
        [devices.printer]
        line = "{printer_over_tcp.printer}"
        [devices.scanner]
        line = "{scanner_over_pty.scanner}"
        [devices.sound]
        line = "wav://{tmp_path}/sounds"
        """
    )
    desks = {
        Deed.CLEAR_READER: reader_over_tcp.control,
        Deed.LAY_CARD: reader_over_tcp.control,
        Deed.SHOW_CODE: scanner_over_pty.control,
        Deed.TAKE_PAPER: printer_over_tcp.control,
        Deed.OPEN_PRINTER: printer_over_tcp.control,
        Deed.CLOSE_PRINTER: printer_over_tcp.control,
    }
    if not Pcscd.why_not():
        slot: Simulators = request.getfixturevalue("social_cards")
        with file.open("a") as more:
            more.write(f'[devices.social_card]\nline = "{slot.social_card}"\n')
        desks |= {Deed.EMPTY_SLOT: slot.control, Deed.INSERT_CARD: slot.control}
    told, code, report = _run(file, desks)
    assert code == 0, report
    assert told == set(desks)


def test_settings_that_cannot_be_used_end_it(tmp_path: Path) -> None:
    with pytest.raises(pytest.exit.Exception, match="cannot be read") as caught:
        named_in(tmp_path / "kiosk.toml")
    assert caught.value.returncode == 2


def _run(file: Path, desks: dict[Deed, SimulatorControl]) -> tuple[set[Deed], int, str]:
    """`pytest --hardware`: what it told, which was done; its exit code and its report."""
    told = set()
    report = file.with_name("report")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__, "--hardware", str(file)]
    with (
        report.open("w") as out,
        subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.PIPE, text=True) as suites,
    ):
        watchdog = threading.Timer(60, suites.kill)
        watchdog.start()
        assert suites.stderr is not None
        for line in suites.stderr:
            if line.startswith(PROMPT):
                deed = Deed(line.removeprefix(PROMPT).strip())
                steering(desks[deed])(deed)
                told.add(deed)
        watchdog.cancel()
    return told, suites.returncode, report.read_text()
