from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devices import ReceiptPrinter
from devices.control import SimulatorControl
from devices.errors import DeviceError, Lost, Silent
from devices.lines import open_line
from devices.models import MODELS
from devices.paper import Barcode, Block, Pair, Qr, Text, to_escpos
from devices.printer import (
    RECOVERY_EVERY,
    EscposPrinter,
    Limits,
    NotPrinted,
    Printed,
    PrinterStatus,
    Unknown,
)
from devices.simulated.paper_roll import Ticket
from devices.simulated.printer import Kind, SimulatedPrinter
from devices.simulated.wire import HangUp
from tests.devices.printer_contract import ReceiptPrinterContract, in_order
from tests.devices.programs import Simulators, simulators
from tests.devices.receipts import FILING
from tests.virtual_time import Clock

JOB = to_escpos(FILING, 48)


class OverSimulatedLine(ReceiptPrinterContract):
    model = ""

    @pytest.fixture
    def running(self) -> Simulators:
        raise NotImplementedError

    @pytest.fixture
    def desk(self, running: Simulators) -> Iterator[SimulatorControl]:
        yield running.control
        in_order(running.control)

    @pytest.fixture
    def printer(self, running: Simulators, desk: SimulatorControl) -> Iterator[ReceiptPrinter]:
        driver = EscposPrinter(open_line(running.printer), 48, Limits(answer=0.2, last_byte=0.5), model=self.model)
        yield driver
        driver.close()

    @pytest.fixture
    def job(self) -> bytes:
        return JOB

    @pytest.fixture
    def short_job(self) -> bytes:
        return to_escpos([Text("完")], 48)


@pytest.fixture(scope="module")
def printer_over_pty() -> Iterator[Simulators]:
    with simulators("--printer", "pty://", "--printer-kind", "epson") as running:
        yield running


class TestEscposOverTcp(OverSimulatedLine):
    @pytest.fixture
    def running(self, printer_over_tcp: Simulators) -> Simulators:
        return printer_over_tcp


class TestEscposByProcessIdOverPty(OverSimulatedLine):
    model = "epson-tm"

    @pytest.fixture
    def running(self, printer_over_pty: Simulators) -> Simulators:
        return printer_over_pty


# ---- The driver's side alone

QUICK = Limits(answer=0.01, sending=0.05, last_byte=0.05, finishing=0.1, settling=0.05)
FINE = {1: b"\x12", 2: b"\x12", 4: b"\x12"}
CUT_OFF = b"\x1b@\x1bd\x06\x1dV\x01"


class ScriptedLine:
    """Answers each DLE EOT as it is told; keeps what is written after the paper was cut off."""

    def __init__(self, answers: dict[int, bytes], mark: bytes = b"\0") -> None:
        self.answers = answers
        self.mark = mark
        self.requests: list[bytes] = []
        self.written = b""
        self.on_job: Callable[[], None] = lambda: None
        self.clock = Clock()
        self._waiting = b""
        self._is_job = False

    def write(self, data: bytes, within: float) -> None:
        if data[:2] == b"\x10\x04":
            self._waiting += self.answers.get(data[2], b"")
        elif data[:2] in (b"\x10\x05", b"\x10\x14"):
            self.requests.append(data)
        elif data == b"\x1dr\x01":
            self._waiting += self.mark
        elif data[:7] == b"\x1d(H\x06\x0000":
            self._waiting += self.mark.replace(b"<", data[7:9]).replace(b">", data[9:])
        elif not self._is_job:
            self._is_job = data == CUT_OFF
        else:
            self.on_job()
            self.written += data

    def read(self, size: int, within: float) -> bytes:
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        self.clock.now += 0 if data else within
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
        (FINE, PrinterStatus(online=True, cover="closed", paper="ok", trouble="none")),
        ({1: b"\x1a", 2: b"\x16", 4: b"\x12"}, PrinterStatus(online=False, cover="open", paper="ok", trouble="none")),
        (
            {1: b"\x1a", 2: b"\x32", 4: b"\x7e"},
            PrinterStatus(online=False, cover="closed", paper="out", trouble="none"),
        ),
        (
            {1: b"\x12", 2: b"\x12", 4: b"\x1e"},
            PrinterStatus(online=True, cover="closed", paper="near-end", trouble="none"),
        ),
        ({1: b"\x12"}, PrinterStatus(online=True)),
        ({4: b"\x72"}, PrinterStatus(paper="out")),
        ({2: b"\x32"}, PrinterStatus(cover="closed", paper="out", trouble="none")),
    ],
)
def test_status_is_what_the_answers_say(answers: dict[int, bytes], status: PrinterStatus) -> None:
    assert EscposPrinter(ScriptedLine(answers), 48, QUICK).status() == status


@pytest.mark.parametrize(
    ("cause", "errors", "trouble"),
    [
        (b"\x52", b"\x52", "overheated"),
        (b"\x52", b"\x1a", "cutter jammed"),
        (b"\x52", b"\x16", "cutter jammed"),  # a mechanical error, of those that have no cutter
        (b"\x52", b"\x32", "printer error"),
        (b"\x52", b"\x7a", "printer error"),
        (b"\x52", b"\x12", "printer error"),
        (b"\x52", b"", "printer error"),
        (b"\x56", b"\x52", "printer error"),  # bit 6 says too that the cover was opened while it printed
        (b"\x12", b"\x52", "none"),
    ],
)
def test_what_is_wrong_is_asked_where_something_is(cause: bytes, errors: bytes, trouble: str) -> None:
    answers = {1: b"\x1a", 2: cause, 3: errors, 4: b"\x12"}
    assert EscposPrinter(ScriptedLine(answers), 48, QUICK).status().trouble == trouble


def test_a_byte_that_is_no_answer_is_thrown_away() -> None:
    """Flow control, automatic status and noise come unasked; bits 1 and 4 are set in an answer, 0 and 7 are not."""
    for byte in range(256):
        line = ScriptedLine({1: bytes([byte])})
        printer = EscposPrinter(line, 48)
        with mock.patch("devices.printer.time", line.clock):
            if byte & 0x02 and byte & 0x10 and not byte & 0x01 and not byte & 0x80:
                assert printer.status().online is not None
            else:
                with pytest.raises(Silent):
                    printer.status()


PACE = 960.0
"""Bytes a second, at 9,600 baud."""
FOR_EVER = 100_000
"""Readings and writings; a driver that comes to so many does not end."""


class UnrulyLine:
    """Answers so many questions as a printer that is well. From then on it does what it likes, whatever is asked: each
    step says what becomes of the next writing or reading; they come round for ever, or it falls silent after them."""

    def __init__(self, clock: Clock, manners: int, steps: list[Step], *, cycles: bool) -> None:
        self.written = b""
        self._clock = clock
        self._manners = manners
        self._steps = steps
        self._cycles = cycles
        self._place = 0
        self._waiting = b""

    def write(self, data: bytes, within: float) -> None:
        step = None if self._manners else self._next()
        if isinstance(step, DeviceError):
            self._clock.now += within if isinstance(step, Silent) else 0
            raise step
        if data[:2] == b"\x10\x04" and self._manners:
            self._manners -= 1
            step = b"\x12"
        self._waiting += step if isinstance(step, bytes) else b""
        self._clock.now += len(data) / PACE
        self.written += data

    def read(self, size: int, within: float) -> bytes:
        if not self._waiting and not self._manners:
            step = self._next()
            if isinstance(step, Lost) and not isinstance(step, Silent):
                raise step
            self._waiting = step if isinstance(step, bytes) else b""
            if isinstance(step, float) and step < within:
                self._clock.now += step
                return b""  # a driver may be woken without a byte
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        self._clock.now += len(data) / PACE if data else within
        return data

    def cancel(self) -> None:
        raise AssertionError

    def close(self) -> None:
        raise AssertionError

    def _next(self) -> Step | None:
        if self._place >= FOR_EVER:
            raise AssertionError("it does not end")
        self._place += 1
        if not self._cycles and self._place > len(self._steps):
            return None
        return self._steps[(self._place - 1) % len(self._steps)] if self._steps else None


Step = bytes | float | DeviceError
"""Bytes that come, a pause, or an error (a Silent: bytes that are not taken in time)."""
STEPS = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"\x12", b"\x1a", b"\x52", b"\x1e", b"\x7e", b"\x32"]),
    st.sampled_from([b"\0", b"\x12\0", b"7\x25\0", b"7\x22ABCD\0"]),
    st.floats(0.001, 30),
    st.sampled_from([b"\x12", Silent("not taken"), Lost("line ended")]),
)


@given(st.integers(0, 9), st.lists(STEPS, max_size=25), st.booleans(), st.sampled_from(list(MODELS)))
@example(0, [b"\x12"], True, "hprt-tp809")
@example(3, [b"\xff" * 40], True, "generic-80")
@example(3, [b"\x12", b"\x52"], True, "epson-tm")
@example(3, [Silent("not taken")], False, "generic-58")
def test_whatever_a_printer_says_and_when_a_job_has_an_outcome_in_time(
    manners: int, steps: list[Step], cycles: bool, model: str
) -> None:
    """And nothing of the job left when it says so: only what was not sent may be tried again."""
    clock = Clock()
    line = UnrulyLine(clock, manners, steps, cycles=cycles)
    printer = EscposPrinter(line, MODELS[model].columns, model=model)
    with mock.patch("devices.printer.time", clock):
        outcome = printer.print(b"<job>" * 200)
        printed_by = clock.now
        try:
            assert isinstance(printer.status(), PrinterStatus)
        except (Lost, Silent):
            pass
    assert isinstance(outcome, Printed | NotPrinted | Unknown)
    assert printed_by < 40
    if isinstance(outcome, NotPrinted):
        assert b"<" not in line.written
    if isinstance(outcome, Printed):
        assert b"<job>" * 200 in line.written


class LateLine(ScriptedLine):
    """Answers each question so many seconds after it was asked, in its turn; of several lags one after the other."""

    def __init__(self, answers: dict[int, bytes], *lags: float) -> None:
        super().__init__(answers)
        self.lags = itertools.cycle(lags)
        self._coming: list[tuple[float, bytes]] = []

    def write(self, data: bytes, within: float) -> None:
        super().write(data, within)
        before = self._coming[-1][0] if self._coming else 0.0
        self._coming.append((max(before, self.clock.now + next(self.lags)), self._waiting))
        self._waiting = b""

    def read(self, size: int, within: float) -> bytes:
        until = self.clock.now + within
        while self._coming:
            due, said = self._coming[0]
            if due > until:
                break
            self.clock.now = max(self.clock.now, due)
            del self._coming[0]
            if said:
                return said
        self.clock.now = until
        return b""


LAGS = st.one_of(st.floats(0, 2).map(lambda lag: [lag]), st.lists(st.floats(0, 2), min_size=1, max_size=20))


@given(LAGS, st.booleans())
@example([0.35], False)
@example([0.8], False)
def test_a_late_answer_is_not_taken_for_another_questions(lags: list[float], known: bool) -> None:
    """Paper near its end, in answer to another question, is an open cover or a printer that is off line."""
    line = LateLine({1: b"\x12", 2: b"\x12", 4: b"\x1e"}, 0)
    printer = EscposPrinter(line, 48)
    with mock.patch("devices.printer.time", line.clock):
        if known:
            printer.status()
        line.lags = itertools.cycle(lags)
        for _ in range(8):
            with suppress(Silent):
                assert printer.status().hindrance is None
        assert printer.print(b"job") in (Printed(), NotPrinted("no answer"), Unknown("no answer after the job"))


@given(LAGS, st.booleans())
@example([0.35], False)
@example([0.45], True)
@example([0.6], False)
def test_late_answers_hide_no_open_cover(lags: list[float], known: bool) -> None:
    """That it is off line, in answer to the next question, is a closed cover: nothing is sent that comes out when the
    cover is closed."""
    line = LateLine({1: b"\x1a", 2: b"\x16", 4: b"\x12"}, 0)
    printer = EscposPrinter(line, 48)
    with mock.patch("devices.printer.time", line.clock):
        if known:
            printer.status()
        line.lags = itertools.cycle(lags)
        for _ in range(5):
            assert isinstance(printer.print(b"job"), NotPrinted)
            assert line.written == b""
            line.clock.now += 0.3


@given(st.floats(0, 0.85))
@example(0.5)
def test_answers_that_are_late_every_time_are_understood(lag: float) -> None:
    """With its cover closed it prints, and an open one is said to be that."""
    line = LateLine(FINE, lag)
    printer = EscposPrinter(line, 48)
    with mock.patch("devices.printer.time", line.clock):
        assert printer.print(b"job") == Printed()
        line.answers = {1: b"\x1a", 2: b"\x16", 4: b"\x12"}
        for _ in range(2):
            assert printer.print(b"job") == NotPrinted("cover open")


@pytest.mark.parametrize("answers", [FINE, {1: b"\x12", 4: b"\x12"}, {1: b"\x12"}, {4: b"\x12"}])
def test_which_questions_it_never_answers_is_found_out_once(answers: dict[int, bytes]) -> None:
    """From then on each of them costs as long as an answer may take, and no more; a line that is well costs nothing."""
    line = ScriptedLine(answers)
    printer = EscposPrinter(line, 48)
    with mock.patch("devices.printer.time", line.clock):
        printer.hello()
        for _ in range(3):
            before = line.clock.now
            printer.status()
            assert line.clock.now - before == pytest.approx(0.3 * (3 - len(answers)))


def test_a_question_that_is_answered_after_all_counts_again() -> None:
    """A printer may have been busy when it was found."""
    line = ScriptedLine({1: b"\x12", 4: b"\x12"})
    printer = EscposPrinter(line, 48)
    with mock.patch("devices.printer.time", line.clock):
        assert printer.status().cover == "unknown"
        line.answers = {**FINE, 2: b"\x16"}
        assert printer.status().cover == "open"
        line.answers = {1: b"\x12", 4: b"\x12"}
        with pytest.raises(Silent):
            printer.status()


ANSWER = st.one_of(st.binary(max_size=40), st.sampled_from([b"", b"\x12", b"\x1a", b"\x52", b"\x1e", b"\x7e", b"\x32"]))
AT_THE_END = st.one_of(st.binary(max_size=10), st.sampled_from([b"\0", b"7\x22<>\0", b"\x127\x22<>\0\x12"]))


@given(st.fixed_dictionaries({1: ANSWER, 2: ANSWER, 3: ANSWER, 4: ANSWER}), AT_THE_END, st.sampled_from(list(MODELS)))
def test_whatever_a_printer_answers_a_job_has_an_outcome(answers: dict[int, bytes], mark: bytes, model: str) -> None:
    line = ScriptedLine(answers, mark)
    line._is_job = True
    printer = EscposPrinter(line, MODELS[model].columns, QUICK, model=model)
    printer._may_hang_out = printer._may_hold_more = False
    with mock.patch("devices.printer.time", line.clock):
        outcome = printer.print(b"job")
    assert isinstance(outcome, Printed | NotPrinted | Unknown)
    assert line.written == (b"" if isinstance(outcome, NotPrinted) else b"job")
    with mock.patch("devices.printer.time", line.clock):
        try:
            assert isinstance(printer.status(), PrinterStatus)
        except Silent:
            assert not any(map(any_answer, (answers[1], answers[2], answers[4])))


def any_answer(said: bytes) -> bool:
    return any(byte & 0x93 == 0x12 for byte in said)


def test_a_printer_that_is_silent_is_known_within_a_second() -> None:
    line = ScriptedLine({})
    with mock.patch("devices.printer.time", line.clock), pytest.raises(Silent):
        EscposPrinter(line).hello()
    assert line.clock.now < 1.0


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
        ({**FINE, 2: b"\x52", 3: b"\x32"}, "printer error during the job"),
        ({**FINE, 2: b"\x52", 3: b"\x1a"}, "cutter jammed during the job"),
        ({**FINE, 2: b"\x52", 3: b"\x52"}, "overheated during the job"),
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


def test_a_head_that_cools_down_in_time_prints_on() -> None:
    line = ScriptedLine(FINE, mark=b"")

    def heat() -> None:
        line.answers = {1: b"\x1a", 2: b"\x52", 3: b"\x52", 4: b"\x12"}

    class CoolsDown(EscposPrinter):
        def status(self) -> PrinterStatus:
            status = super().status()
            if status.trouble == "overheated":
                line.answers = FINE
            return status

    line.on_job = heat
    assert CoolsDown(line, 48, QUICK).print(b"job") == Printed()


def test_a_jammed_cutter_is_asked_to_go_on_every_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("devices.printer.time.monotonic", lambda: now)
    line = ScriptedLine({1: b"\x1a", 2: b"\x52", 3: b"\x1a", 4: b"\x12"})
    printer = EscposPrinter(line, 48, QUICK)
    for _ in range(5):
        assert printer.hello() == "cutter jammed"
    assert line.requests == [b"\x10\x05\x02"]
    now += RECOVERY_EVERY
    printer.hello()
    assert line.requests == [b"\x10\x05\x02"] * 2


# ---- The process id


@pytest.mark.parametrize("answer", [b"7\x22<>\0", b"\x12\x127\x22<>\0", b"7\x22\x12<\x16>\0\x12"])
def test_a_printer_that_knows_process_ids_says_when_it_is_done(answer: bytes) -> None:
    assert EscposPrinter(ScriptedLine(FINE, answer), 48, QUICK, model="epson-tm").print(b"job") == Printed()


@pytest.mark.parametrize("answer", [b"", b"\0", b"7\x22ABCD\0", b"7\x22<"])
def test_without_its_process_id_a_job_is_not_taken_for_printed(answer: bytes) -> None:
    line = ScriptedLine(FINE, answer.replace(b"ABCD", b"\x20\x20\x20\x20"))
    assert EscposPrinter(line, 48, QUICK, model="epson-tm").print(b"job") == Unknown("not finished in time")


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
    before = 9 + len(CUT_OFF)
    for after in range(1, before + len(job) + 20):
        tickets: list[Ticket] = []
        printer = SimulatedPrinter(48, tickets.append, lambda: None)
        driver = EscposPrinter(InMemory(printer), 48, QUICK)
        driver.hello()
        printer.faults.add(f"disconnect:{after}", 1)
        outcome = driver.print(job)
        if after <= before:
            assert outcome == NotPrinted("line lost")
        elif after <= before + len(job):
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


# ---- What an earlier job left in the printer

RARE: list[Block] = [Text("上一位的凭条"), Pair("姓名", "𠮷某"), Qr("K001"), Barcode("K001"), Text("完")]
MINE: list[Block] = [Text("这一位的凭条"), Text("完")]


@pytest.mark.parametrize(("model", "kind"), [("generic-80", "usual"), ("epson-tm", "epson"), ("generic-58", "simple")])
def test_a_job_half_sent_before_the_line_was_lost_never_comes_out_with_the_next(model: str, kind: Kind) -> None:
    """Cut everywhere, in a bitmap, a QR code and a bar code too; the printer keeps what it got."""
    row = MODELS[model]
    half, mine = (to_escpos(blocks, row.columns, model=row) for blocks in (RARE, MINE))
    for after in {*range(1, 120), *range(1, len(half), 13), *range(len(half) - 60, len(half))}:
        tickets: list[Ticket] = []
        printer = SimulatedPrinter(row.columns, tickets.append, lambda: None, kind=kind)
        list(printer.receive(half[:after]))
        printer.connected()
        driver = EscposPrinter(InMemory(printer), row.columns, replace(QUICK, settling=0.001), model=model)
        assert driver.print(mine) == Printed()
        assert tickets[-1].text == "这一位的凭条\n完", after
        assert not any("这一位" in ticket.text for ticket in tickets[:-1])


def test_what_waits_for_paper_is_dropped_where_the_printer_knows_how() -> None:
    tickets: list[Ticket] = []
    printer = SimulatedPrinter(48, tickets.append, lambda: None, kind="epson")
    driver = EscposPrinter(InMemory(printer), 48, QUICK, model="epson-tm")
    printer.faults.add("paper-out-after:3", None)
    assert driver.print(JOB) == Unknown("paper ran out during the job")
    printer.set_paper("ok")
    assert len(tickets) == 1, "the rest does not come out with the new roll"
    assert driver.print(to_escpos(MINE, 48)) == Printed()
    assert [ticket.text for ticket in tickets[1:]] == ["这一位的凭条\n完"]


def test_what_waits_is_dropped_as_soon_as_the_line_is_back() -> None:
    """With the cover still open: whoever closes it finds no paper of somebody else."""
    tickets: list[Ticket] = []
    printer = SimulatedPrinter(48, tickets.append, lambda: None, kind="epson")
    printer.set_cover(True)
    list(printer.receive(JOB))
    printer.connected()
    assert EscposPrinter(InMemory(printer), 48, QUICK, model="epson-tm").hello() == "cover open"
    printer.set_cover(False)
    assert tickets == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("cover-after:4", "cover was opened during the job"),
        ("overheats-after:4", "overheated during the job"),
        ("paper-out-after:4", "paper ran out during the job"),
        ("near-end-after:4", None),
    ],
)
@pytest.mark.parametrize(("model", "kind"), [("generic-80", "usual"), ("epson-tm", "epson")])
def test_what_changes_in_the_middle_of_a_job(model: str, kind: Kind, fault: str, reason: str | None) -> None:
    printer = SimulatedPrinter(48, lambda _ticket: None, lambda: None, kind=kind)
    driver = EscposPrinter(InMemory(printer), 48, QUICK, model=model)
    driver.hello()
    printer.faults.add(fault, None)
    outcome = driver.print(JOB)
    assert outcome == Printed() if reason is None else isinstance(outcome, Unknown) and outcome.reason == reason


def test_a_jam_that_was_removed_is_over_without_switching_off() -> None:
    tickets: list[Ticket] = []
    printer = SimulatedPrinter(48, tickets.append, lambda: None)
    driver = EscposPrinter(InMemory(printer), 48, QUICK)
    printer.faults.add("jam", 1)
    assert driver.hello() == "cutter jammed"
    assert driver.print(to_escpos(MINE, 48)) == Printed()
    assert [ticket.text for ticket in tickets] == ["这一位的凭条\n完"]


def test_without_a_cutter_nothing_is_cut() -> None:
    tickets: list[Ticket] = []
    printer = SimulatedPrinter(32, tickets.append, lambda: None, kind="simple")
    driver = EscposPrinter(InMemory(printer), 32, QUICK)
    assert driver.print(to_escpos(MINE, 32, model=MODELS["generic-58"])) == Printed()
    assert printer.state()["problems"] == []
    assert [ticket.text for ticket in tickets] == ["这一位的凭条\n完"]
