"""What every driver of a receipt printer does, whatever bytes it speaks.

Another driver joins with a subclass of ReceiptPrinterContract that has four fixtures: `printer`, `desk`, the simulated
printer's control, `job`, bytes that print a receipt of about twenty lines on it, and `short_job`, bytes that print one.
What can be asked of a real printer, where somebody opens and closes it, is in AnyReceiptPrinter.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod

import pytest

from devices import ReceiptPrinter
from devices.control import Changed, SimulatorControl, Watch
from devices.control import Printed as PaperCameOut
from devices.errors import Lost, Silent
from devices.printer import NotPrinted, Printed, Unknown
from tests.devices.hands import Deed, Hands, steering, when_done

LIMIT = 12.0
"""Seconds after which a job has an outcome, however the printer behaves."""


NO_STATUS = Unknown("no status on this line")
"""All that can be known of a printer that never answers."""


class AnyReceiptPrinter(ABC):
    @pytest.fixture
    @abstractmethod
    def hands(self) -> Hands: ...

    @pytest.fixture
    @abstractmethod
    def printer(self) -> ReceiptPrinter: ...

    @pytest.fixture
    @abstractmethod
    def job(self) -> bytes: ...

    def test_greets(self, printer: ReceiptPrinter) -> None:
        assert printer.hello() is None

    def test_prints_one_job_after_another(self, printer: ReceiptPrinter, hands: Hands, job: bytes) -> None:
        for _ in range(2):
            assert printer.print(job) in (Printed(), NO_STATUS)
            hands(Deed.TAKE_PAPER)

    def test_what_was_not_printed_can_be_printed_later(self, printer: ReceiptPrinter, hands: Hands, job: bytes) -> None:
        if printer.print(job) == NO_STATUS:
            pytest.skip("this printer never says how it is")
        hands(Deed.OPEN_PRINTER)
        when_done(printer.hello)
        assert isinstance(printer.print(job), NotPrinted)
        hands(Deed.CLOSE_PRINTER)
        when_done(lambda: printer.hello() is None or None)
        assert printer.print(job) == Printed()

    def test_cancelled_is_lost(self, printer: ReceiptPrinter, job: bytes) -> None:
        printer.cancel()
        assert printer.print(job) == NotPrinted("line lost")
        with pytest.raises(Lost):
            printer.hello()


class ReceiptPrinterContract(AnyReceiptPrinter):
    @pytest.fixture
    @abstractmethod
    def desk(self) -> SimulatorControl:
        """The control of a simulated printer that is in order and has paper."""

    @pytest.fixture
    @abstractmethod
    def short_job(self) -> bytes: ...

    @pytest.fixture
    def hands(self, desk: SimulatorControl) -> Hands:
        return steering(desk)

    def test_prints(self, printer: ReceiptPrinter, desk: SimulatorControl, job: bytes) -> None:
        with desk.watch() as watch:
            assert printer.print(job) == Printed()
            paper = paper_of(watch)
        assert "异地就医备案" in paper.text
        assert "热敏纸会褪色" in paper.text
        assert paper.png.startswith(b"\x89PNG")
        state = desk.state()["printer"]
        assert state is not None
        assert state["problems"] == []

    def test_prints_the_same_every_time(self, printer: ReceiptPrinter, desk: SimulatorControl, job: bytes) -> None:
        with desk.watch() as watch:
            texts = []
            for _ in range(3):
                assert printer.print(job) == Printed()
                texts.append(paper_of(watch).text)
        assert texts[0] == texts[1] == texts[2]

    def test_paper_that_is_nearly_used_up_is_no_hindrance(
        self, printer: ReceiptPrinter, desk: SimulatorControl, job: bytes
    ) -> None:
        desk.paper("near-end")
        assert printer.print(job) == Printed()

    @pytest.mark.parametrize(
        ("hindrance", "outcome"),
        [
            ("paper", NotPrinted("no paper")),
            ("cover", NotPrinted("cover open")),
            ("offline", NotPrinted("offline")),
            ("error", NotPrinted("printer error")),
            ("jam", NotPrinted("cutter jammed")),
            ("overheated", NotPrinted("overheated")),
            ("silence", NotPrinted("no answer")),
        ],
    )
    def test_what_cannot_print_is_sent_nothing(
        self, printer: ReceiptPrinter, desk: SimulatorControl, job: bytes, hindrance: str, outcome: NotPrinted
    ) -> None:
        printer.hello()
        hinder(desk, hindrance)
        with desk.watch() as watch:
            assert printer.print(job) == outcome
            in_order(desk)
            assert printer.print(job) == Printed()
            paper_of(watch)
            with pytest.raises(Silent):
                paper_of(watch, within=0.1)  # what was not printed is not printed later

    def test_paper_that_runs_out_meanwhile_leaves_the_outcome_unknown(
        self, printer: ReceiptPrinter, desk: SimulatorControl, job: bytes
    ) -> None:
        desk.fault("printer", "paper-out-after:7")
        with desk.watch() as watch:
            assert printer.print(job) == Unknown("paper ran out during the job")
            paper = paper_of(watch)
        assert "异地就医备案" in paper.text
        assert "热敏纸会褪色" not in paper.text

    @pytest.mark.parametrize("after", [40, 200, 600])
    def test_a_line_that_ends_meanwhile_leaves_the_outcome_unknown(
        self, printer: ReceiptPrinter, desk: SimulatorControl, job: bytes, after: int
    ) -> None:
        printer.hello()
        desk.fault("printer", f"disconnect:{after}", 1)
        started = time.monotonic()
        assert printer.print(job) == Unknown("line lost during the job")
        assert time.monotonic() - started < LIMIT
        with pytest.raises(Lost):
            printer.hello()

    def test_silence_after_the_job_leaves_the_outcome_unknown(
        self, printer: ReceiptPrinter, desk: SimulatorControl, short_job: bytes
    ) -> None:
        printer.hello()
        desk.fault("printer", "silence-after:3")
        started = time.monotonic()
        assert printer.print(short_job) == Unknown("no answer after the job")
        assert time.monotonic() - started < LIMIT

    def test_a_printer_that_is_off_is_silent_within_a_second(
        self, printer: ReceiptPrinter, desk: SimulatorControl
    ) -> None:
        desk.power(False)
        started = time.monotonic()
        with pytest.raises(Silent):
            printer.hello()
        assert time.monotonic() - started < 1.2
        desk.power(True)
        printer.hello()

    def test_a_printer_that_is_unplugged_is_lost(
        self, printer: ReceiptPrinter, desk: SimulatorControl, job: bytes
    ) -> None:
        printer.hello()
        desk.unplug("printer")
        assert printer.print(job) == NotPrinted("line lost")
        with pytest.raises(Lost):
            printer.hello()

    def test_noise_before_answers_does_no_harm(
        self, printer: ReceiptPrinter, desk: SimulatorControl, job: bytes
    ) -> None:
        desk.fault("printer", "noise")
        printer.hello()
        assert printer.print(job) == Printed()

    def test_a_slow_printer_is_waited_for(self, printer: ReceiptPrinter, desk: SimulatorControl, job: bytes) -> None:
        desk.fault("printer", "slow:0.05")
        assert printer.print(job) == Printed()


def hinder(desk: SimulatorControl, hindrance: str) -> None:
    match hindrance:
        case "paper":
            desk.paper("out")
        case "cover":
            desk.cover(True)
        case _:
            desk.fault("printer", hindrance)


def in_order(desk: SimulatorControl) -> None:
    """Everything as it was: plugged in, on, closed, with paper, without faults."""
    desk.plug("printer")
    desk.clear("printer")
    desk.power(True)
    desk.cover(False)
    desk.paper("ok")


def paper_of(watch: Watch, within: float = 20.0) -> PaperCameOut:
    """The next piece of paper; Silent when none comes in time."""
    while True:
        match watch.next(within):
            case PaperCameOut() as paper:
                return paper
            case Changed():
                continue
