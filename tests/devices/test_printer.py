from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices import ReceiptPrinter, open_driver
from devices.control import SimulatorControl
from devices.errors import Lost, Silent
from devices.lines import open_line
from devices.paper import to_escpos
from devices.printer import EscposPrinter, Limits, NotPrinted, Printed, PrinterStatus, Unknown
from devices.simulated.paper_roll import Ticket
from devices.simulated.printer import SimulatedPrinter
from devices.simulated.wire import HangUp
from tests.devices.printer_contract import ReceiptPrinterContract, in_order
from tests.devices.programs import Simulators, simulators
from tests.devices.receipts import FILING

JOB = to_escpos(FILING, 48)


class OverSimulatedLine(ReceiptPrinterContract):
    @pytest.fixture
    def running(self) -> Simulators:
        raise NotImplementedError

    @pytest.fixture
    def desk(self, running: Simulators) -> Iterator[SimulatorControl]:
        yield running.control
        in_order(running.control)

    @pytest.fixture
    def printer(self, running: Simulators, desk: SimulatorControl) -> Iterator[ReceiptPrinter]:
        driver = open_driver("printer", "escpos", running.printer, columns=48)
        yield driver
        driver.close()

    @pytest.fixture
    def job(self) -> bytes:
        return JOB


@pytest.fixture(scope="module")
def printer_over_tcp() -> Iterator[Simulators]:
    with simulators("--printer", "tcp://127.0.0.1:0") as running:
        yield running


@pytest.fixture(scope="module")
def printer_over_pty() -> Iterator[Simulators]:
    with simulators("--printer", "pty://") as running:
        yield running


class TestEscposOverTcp(OverSimulatedLine):
    @pytest.fixture
    def running(self, printer_over_tcp: Simulators) -> Simulators:
        return printer_over_tcp


class TestEscposOverPty(OverSimulatedLine):
    @pytest.fixture
    def running(self, printer_over_pty: Simulators) -> Simulators:
        return printer_over_pty


# ---- The driver's side alone

QUICK = Limits(answer=0.01, sending=0.05, last_byte=0.05, finishing=0.1, settling=0.05)
FINE = {1: b"\x12", 2: b"\x12", 4: b"\x12"}


class ScriptedLine:
    """Answers each DLE EOT as it is told; keeps all else that is written."""

    def __init__(self, answers: dict[int, bytes], mark: bytes = b"\0") -> None:
        self.answers = answers
        self.mark = mark
        self.written = b""
        self.on_job: Callable[[], None] = lambda: None
        self._waiting = b""

    def write(self, data: bytes, within: float) -> None:
        if data[:2] == b"\x10\x04":
            self._waiting += self.answers.get(data[2], b"")
        elif data == b"\x1dr\x01":
            self._waiting += self.mark
        else:
            self.on_job()
            self.written += data

    def read(self, size: int, within: float) -> bytes:
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        return data

    def cancel(self) -> None:
        raise AssertionError

    def close(self) -> None:
        raise AssertionError


def raising(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        (FINE, PrinterStatus(online=True, cover="closed", paper="ok", error=False)),
        ({1: b"\x1a", 2: b"\x16", 4: b"\x12"}, PrinterStatus(online=False, cover="open", paper="ok", error=False)),
        ({1: b"\x1a", 2: b"\x32", 4: b"\x7e"}, PrinterStatus(online=False, cover="closed", paper="out", error=False)),
        (
            {1: b"\x12", 2: b"\x12", 4: b"\x1e"},
            PrinterStatus(online=True, cover="closed", paper="near-end", error=False),
        ),
        ({1: b"\x1a", 2: b"\x52", 4: b"\x12"}, PrinterStatus(online=False, cover="closed", paper="ok", error=True)),
        ({1: b"\x12"}, PrinterStatus(online=True)),
        ({4: b"\x72"}, PrinterStatus(paper="out")),
        ({2: b"\x32"}, PrinterStatus(cover="closed", paper="out", error=False)),
    ],
)
def test_status_is_what_the_answers_say(answers: dict[int, bytes], status: PrinterStatus) -> None:
    assert EscposPrinter(ScriptedLine(answers), 48, QUICK).status() == status


def test_a_byte_that_is_no_answer_is_thrown_away() -> None:
    """Flow control, automatic status and noise come unasked; bits 1 and 4 are set in an answer, 0 and 7 are not."""
    quickest = Limits(answer=0.001)
    for byte in range(256):
        printer = EscposPrinter(ScriptedLine({1: bytes([byte])}), 48, quickest)
        if byte & 0x02 and byte & 0x10 and not byte & 0x01 and not byte & 0x80:
            assert printer.status().online is not None
        else:
            with pytest.raises(Silent):
                printer.status()


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=10))
@settings(max_examples=50, deadline=None)
def test_whatever_a_printer_answers_a_job_has_an_outcome(one: bytes, two: bytes, four: bytes, mark: bytes) -> None:
    line = ScriptedLine({1: one, 2: two, 4: four}, mark)
    outcome = EscposPrinter(line, 48, QUICK).print(b"job")
    assert isinstance(outcome, Printed | NotPrinted | Unknown)
    assert line.written == (b"" if isinstance(outcome, NotPrinted) else b"job")


def test_a_job_is_sent_as_it_is() -> None:
    line = ScriptedLine(FINE)
    assert EscposPrinter(line, 48, QUICK).print(JOB * 5) == Printed()
    assert line.written == JOB * 5


def test_a_printer_that_answers_some_questions_is_alive() -> None:
    line = ScriptedLine({4: b"\x12"})
    printer = EscposPrinter(line, 48, QUICK)
    printer.hello()
    assert printer.print(b"job") == Printed()


def test_a_printer_without_the_mark_is_given_time_to_run_out_of_paper() -> None:
    line = ScriptedLine(FINE, mark=b"")
    assert EscposPrinter(line, 48, QUICK).print(b"job") == Printed()
    asked = 0

    class RunsOut(ScriptedLine):
        def write(self, data: bytes, within: float) -> None:
            nonlocal asked
            asked += data == b"\x10\x04\x04"
            if asked == 3:
                self.answers = {**FINE, 4: b"\x7e"}
            super().write(data, within)

    assert EscposPrinter(RunsOut(FINE, mark=b""), 48, QUICK).print(b"job") == Unknown("paper ran out during the job")


def test_a_printer_that_knows_the_mark_and_does_not_come_to_it_has_not_finished() -> None:
    line = ScriptedLine(FINE)
    printer = EscposPrinter(line, 48, QUICK)
    assert printer.print(b"job") == Printed()
    line.mark = b""
    assert printer.print(b"job") == Unknown("not finished in time")


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({**FINE, 2: b"\x16"}, "cover was opened during the job"),
        ({**FINE, 2: b"\x52"}, "printer error during the job"),
        ({**FINE, 1: b"\x1a"}, "offline during the job"),
        ({**FINE, 4: b"\x72"}, "paper ran out during the job"),
        ({}, "no answer after the job"),
    ],
)
def test_trouble_after_the_job_leaves_the_outcome_unknown(answers: dict[int, bytes], reason: str) -> None:
    line = ScriptedLine(FINE)

    def change() -> None:
        line.answers = answers

    line.on_job = change
    outcome = EscposPrinter(line, 48, QUICK).print(b"job")
    assert isinstance(outcome, Unknown)
    assert outcome.reason == reason


@pytest.mark.parametrize(
    ("error", "first", "later"),
    [
        (Lost("line ended"), NotPrinted("line lost"), Unknown("line lost during the job")),
        (Silent("not taken"), NotPrinted("no answer"), Unknown("printer stopped reading")),
    ],
)
def test_only_what_has_not_left_may_be_tried_again(error: Lost, first: NotPrinted, later: Unknown) -> None:
    line = ScriptedLine(FINE)
    line.on_job = raising(error)
    assert EscposPrinter(line, 48, QUICK).print(b"job") == first
    assert line.written == b""

    line = ScriptedLine(FINE)
    line.on_job = lambda: raising(error)() if line.written else None
    assert EscposPrinter(line, 48, QUICK).print(b"job") == later
    assert len(line.written) == 1


def test_a_device_file_says_nothing(tmp_path: Path) -> None:
    printer = EscposPrinter(open_line(f"file://{tmp_path}/paper"), 48)
    printer.hello()
    assert printer.status() == PrinterStatus()
    assert printer.print(JOB) == Unknown("no status on this line")
    assert (tmp_path / "paper").read_bytes() == JOB
    printer.close()


# ---- The line cut at every byte


class InMemory:
    """A line straight into a simulated printer."""

    def __init__(self, printer: SimulatedPrinter) -> None:
        self._printer = printer
        self._waiting = b""
        self._ended = False

    def write(self, data: bytes, within: float) -> None:
        if self._ended:
            raise Lost("line ended")
        for move in self._printer.receive(data):
            match move:
                case bytes():
                    self._waiting += move
                case HangUp():
                    self._ended = True

    def read(self, size: int, within: float) -> bytes:
        if self._ended and not self._waiting:
            raise Lost("line ended")
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        return data

    def cancel(self) -> None:
        raise AssertionError

    def close(self) -> None:
        raise AssertionError


def test_wherever_the_line_ends_no_receipt_is_taken_for_printed_or_not() -> None:
    job = to_escpos(FILING[:1], 48)
    asked = 9
    for after in range(1, asked + len(job) + 20):
        tickets: list[Ticket] = []
        printer = SimulatedPrinter(48, tickets.append, lambda: None)
        printer.faults.add(f"disconnect:{after}", 1)
        outcome = EscposPrinter(InMemory(printer), 48, QUICK).print(job)
        if after <= asked:
            assert outcome == NotPrinted("line lost")
        elif after <= asked + len(job):
            assert outcome == Unknown("line lost during the job")
        else:
            assert outcome in (Unknown("line lost during the job"), Printed())
            assert len(tickets) == 1


def test_whenever_the_paper_ends_the_outcome_is_unknown() -> None:
    for lines in range(1, 22):
        printer = SimulatedPrinter(48, lambda _ticket: None, lambda: None)
        printer.faults.add(f"paper-out-after:{lines}", None)
        outcome = EscposPrinter(InMemory(printer), 48, QUICK).print(JOB)
        assert outcome == Unknown("paper ran out during the job")
