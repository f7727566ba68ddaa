"""An A4 printer, through CUPS or, where it speaks IPP itself, without. It takes PDF files as they are.

    absent paper, an open cover, a stopped queue ─▶ NotPrinted, before a byte of the file is sent
    refused, or withdrawn before it was begun ─▶ NotPrinted
    completed ─▶ Printed; anything else ─▶ Unknown

A job never stays: one that does not come to its end is withdrawn, and what may have come out is told as unknown. The
file goes from memory into the connection; what CUPS does with it is root's to say (the manual: a spool in memory, no
files of jobs that are over). Completed means what CUPS means by it: the printer took all and said so, where it can.

    line     tcp://127.0.0.1:631 for CUPS on this machine
    queue    the name of a queue of CUPS, or a path: /ipp/print is that of printers themselves
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from devices.errors import DeviceError, Lost, Refused
from devices.ipp import NOT_FOUND, Answer, Ipp, Operation, Tag
from devices.lines import Line
from devices.printer import Printed

Trouble = Literal["no sheets", "cover open", "jam", "no toner", "offline", "stopped", "not accepting"]

REASONS: Final[dict[str, Trouble]] = {
    "media-empty": "no sheets",
    "media-needed": "no sheets",
    "media-jam": "jam",
    "cover-open": "cover open",
    "door-open": "cover open",
    "interlock-open": "cover open",
    "input-tray-missing": "no sheets",
    "toner-empty": "no toner",
    "marker-supply-empty": "no toner",
    "offline": "offline",
    "offline-report": "offline",
    "shutdown": "offline",
    "paused": "stopped",
}
"""printer-state-reasons (RFC 8011, 5.4.12; PWG 5100.9) that keep a printer from its work. A reason may end in -error;
in -warning or -report it does not hinder, but for CUPS' own offline-report."""

STOPPED: Final = 5
"""printer-state."""
CANCELLED, ABORTED, COMPLETED = 7, 8, 9
"""job-state."""

ANSWER_WITHIN: Final = 2.0
SEND_WITHIN: Final = 20.0
FINISHED_WITHIN: Final = 60.0
"""Seconds from the last byte to the last sheet: a person stands there."""
STUCK_FOR: Final = 10.0
"""Seconds that something hinders the job before it is withdrawn."""
LOOKS_EVERY: Final = 0.25

USER: Final = (Tag.NAME, "requesting-user-name", "kiosk")


@dataclass(frozen=True)
class NotPrinted:
    """No sheet came out, and none will."""

    reason: Trouble | Literal["no answer", "refused", "withdrawn"]


@dataclass(frozen=True)
class Unknown:
    """The file, or a part of it, was sent; what is on paper is not known."""

    reason: Trouble | Literal["line lost", "withdrawn", "not finished in time", "job forgotten"]


class OfficePrinter:
    """The printer at ``queue``. ``hello`` may raise Lost, Silent, Garbled or Refused; ``print`` tells it as an outcome.

    Tried with CUPS 2.4 and its ippeveprinter; with no printer of paper.
    """

    def __init__(self, line: Line, *, queue: str) -> None:
        self._line = line
        self._ipp = Ipp(line, queue if queue.startswith("/") else f"/printers/{queue}")

    def hello(self) -> Trouble | None:
        """Whether it is there; what hinders it."""
        wanted = ("printer-state", "printer-state-reasons", "printer-is-accepting-jobs")
        answer = self._ipp.ask(
            Operation.GET_PRINTER_ATTRIBUTES,
            [USER, (Tag.KEYWORD, "requested-attributes", wanted)],
            within=ANSWER_WITHIN,
        )
        if not answer.ok:
            raise Refused(f"ipp {answer.status:#06x}")
        return hindrance(answer)

    def print(self, document: bytes) -> Printed | NotPrinted | Unknown:
        """Puts a PDF file on A4, one-sided, and says what became of it. Raises nothing."""
        try:
            hinders = self.hello()
        except DeviceError:
            return NotPrinted("no answer")
        if hinders is not None:
            return NotPrinted(hinders)
        try:
            answer = self._ipp.ask(
                Operation.PRINT_JOB,
                [USER, (Tag.NAME, "job-name", "document"), (Tag.MIME_TYPE, "document-format", "application/pdf")],
                job=[(Tag.KEYWORD, "media", "iso_a4_210x297mm"), (Tag.KEYWORD, "sides", "one-sided")],
                document=document,
                within=SEND_WITHIN,
            )
        except Refused:
            return NotPrinted("refused")
        except DeviceError:
            return Unknown("line lost")
        number = answer.number("job-id")
        if not answer.ok or number is None:
            return NotPrinted("refused") if not answer.ok else Unknown("job forgotten")
        try:
            return self._outcome(number)
        except Lost:
            return Unknown("line lost")
        except DeviceError:
            self._withdraw(number)
            return Unknown("line lost")

    def cancel(self) -> None:
        """End the line from any thread."""
        self._line.cancel()

    def close(self) -> None:
        self._line.close()

    def _outcome(self, number: int) -> Printed | NotPrinted | Unknown:
        """What becomes of a job. May raise DeviceError."""
        until = time.monotonic() + FINISHED_WITHIN
        hindered_since: float | None = None
        while True:
            job = self._job(number)
            if job.status == NOT_FOUND:
                return Unknown("job forgotten")
            match job.number("job-state"):
                case 9:  # COMPLETED
                    return Printed()
                case 7 | 8:  # CANCELLED, ABORTED
                    return Unknown("withdrawn") if was_begun(job) else NotPrinted("withdrawn")
            now = time.monotonic()
            hinders = self.hello()
            hindered_since = None if hinders is None else hindered_since or now
            stuck = hindered_since is not None and now - hindered_since > STUCK_FOR
            if stuck or now > until:
                return self._given_up(number, hinders)
            time.sleep(LOOKS_EVERY)

    def _given_up(self, number: int, hinders: Trouble | None) -> Printed | NotPrinted | Unknown:
        """Withdraws a job that does not come to its end; it may have come to it in this moment."""
        self._withdraw(number)
        job = self._job(number)
        state = job.number("job-state")
        if state == COMPLETED:
            return Printed()
        if state in (CANCELLED, ABORTED) and not was_begun(job):
            return NotPrinted(hinders or "withdrawn")
        return Unknown(hinders or "not finished in time")

    def _job(self, number: int) -> Answer:
        wanted = ("job-state", "time-at-processing")
        return self._ipp.ask(
            Operation.GET_JOB_ATTRIBUTES,
            [(Tag.INTEGER, "job-id", number), USER, (Tag.KEYWORD, "requested-attributes", wanted)],
            within=ANSWER_WITHIN,
        )

    def _withdraw(self, number: int) -> None:
        with suppress(DeviceError):
            self._ipp.ask(Operation.CANCEL_JOB, [(Tag.INTEGER, "job-id", number), USER], within=ANSWER_WITHIN)


def hindrance(answer: Answer) -> Trouble | None:
    """What keeps a printer from its work."""
    for reason in answer.words("printer-state-reasons"):
        trouble = REASONS.get(
            reason.removesuffix("-error").removesuffix("-report" if reason == "offline-report" else "")
        )
        if trouble is not None:
            return trouble
    if answer.number("printer-state") == STOPPED:
        return "stopped"
    return "not accepting" if answer.number("printer-is-accepting-jobs") == 0 else None


def was_begun(job: Answer) -> bool:
    """Whether a job was ever in the printer's hands. How many sheets came out is not asked: a printer that does not
    count them says none."""
    return job.number("time-at-processing") is not None
