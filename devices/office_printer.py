"""An A4 printer, through CUPS or, where it speaks IPP itself, without. It takes PDF files as they are.

    absent paper, an open cover, a stopped queue ─▶ NotPrinted, before a byte of the file is sent
    refused, or withdrawn before it was begun ─▶ NotPrinted
    completed ─▶ Printed; anything else ─▶ Unknown

A job never stays: one that does not come to its end is withdrawn, and what may have come out is told as unknown. Where
the line ends or falls silent over it, that is done over another line: by its number, or while the printer has told none
by its name, which no other job has. What cannot be withdrawn yet, or may begin yet, is looked for at every greeting;
until that can be asked, the printer is off line.

The file goes from memory into the connection; what CUPS does with it is root's to say (the manual: a spool in memory,
no files of jobs that are over). Completed means what CUPS means by it: the printer took all and said so, where it can.

    line     tcp://127.0.0.1:631 for CUPS on this machine
    queue    the name of a queue of CUPS, or a path: /ipp/print is that of printers themselves
"""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass
from typing import Final, Literal

from devices.errors import DeviceError, Lost, Refused
from devices.ipp import NOT_FOUND, SERVER_ERROR, Answer, Ipp, Operation, Tag
from devices.lines import Line, opened_anew
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
WITHDRAWN_WITHIN: Final = 5.0
"""Seconds for which another line is tried at once over a job in doubt; after them its greetings go on with it."""
BEGINS_WITHIN: Final = 60.0
"""Seconds from its first answer for which a job that it does not know may still turn up, and one that it will not
withdraw is asked about."""
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


@dataclass(kw_only=True, eq=False)
class _Left:
    """A job that is to be withdrawn."""

    name: str
    number: int | None
    until: float | None = None

    def is_overdue(self) -> bool:
        """Whether the printer has been asked for so long that nothing more will come of it."""
        now = time.monotonic()
        self.until = self.until or now + BEGINS_WITHIN
        return now > self.until


class OfficePrinter:
    """The printer at ``queue``. ``hello`` may raise Lost, Silent, Garbled or Refused; ``print`` tells it as an outcome.

    Tried with CUPS 2.4 and its ippeveprinter; with no printer of paper.
    """

    def __init__(self, line: Line, *, queue: str) -> None:
        self._line = line
        self._path = queue if queue.startswith("/") else f"/printers/{queue}"
        self._ipp = Ipp(line, self._path)
        self._left: list[_Left] = []
        self._in_doubt = False
        """Whether the line may have ended, or an answer may come late on it."""
        self._changing = threading.Lock()
        self._cancelled = False

    def hello(self) -> Trouble | None:
        """Whether it is there; what hinders it. "offline" while a job of before is to be withdrawn and cannot be."""
        for left in list(self._left):
            try:
                self._withdraw_left(left)
            except DeviceError:
                if self._cancelled:
                    raise
                return "offline"
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
        name = f"document {secrets.token_hex(4)}"
        try:
            answer = self._ipp.ask(
                Operation.PRINT_JOB,
                [USER, (Tag.NAME, "job-name", name), (Tag.MIME_TYPE, "document-format", "application/pdf")],
                job=[(Tag.KEYWORD, "media", "iso_a4_210x297mm"), (Tag.KEYWORD, "sides", "one-sided")],
                document=document,
                within=SEND_WITHIN,
            )
        except Refused:
            return NotPrinted("refused")
        except DeviceError:
            return self._given_up_anew(_Left(name=name, number=None))
        if not answer.ok:
            return NotPrinted("refused")
        left = _Left(name=name, number=answer.number("job-id"))
        try:
            return self._given_up_anew(left) if left.number is None else self._outcome(left.number)
        except DeviceError:
            return self._given_up_anew(left)

    def cancel(self) -> None:
        """End the line from any thread."""
        with self._changing:
            self._cancelled = True
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
        return _came_to(self._job(number), hinders or "withdrawn", hinders or "not finished in time")

    def _given_up_anew(self, left: _Left) -> Printed | NotPrinted | Unknown:
        """The same over another line, where the one of the job ended or an answer may come late on it."""
        self._left.append(left)
        self._in_doubt = True
        until = time.monotonic() + WITHDRAWN_WITHIN
        while True:
            try:
                job = self._withdraw_left(left)
            except DeviceError:
                if self._cancelled or time.monotonic() > until:
                    return Unknown("line lost")
                time.sleep(LOOKS_EVERY)
            else:
                return Unknown("line lost") if job is None else _came_to(job, "withdrawn", "line lost")

    def _withdraw_left(self, left: _Left) -> Answer | None:
        """What is said of the job once it is withdrawn; None when there is none. May raise DeviceError: then it is left
        for another time."""
        try:
            if self._in_doubt:
                self._open_anew()
            if left.number is None:
                left.number = self._number_of(left.name)
            job = None
            if left.number is not None:
                self._withdraw(left.number)
                job = self._job(left.number)
        except DeviceError as error:
            self._in_doubt = True
            if isinstance(error, Refused) and left.is_overdue():
                self._left.remove(left)
            raise
        if left.number is not None or left.is_overdue():
            self._left.remove(left)
        return job

    def _open_anew(self) -> None:
        self._line.close()
        line = opened_anew(self._line)
        with self._changing:
            if self._cancelled:
                line.close()
                raise Lost("line cancelled")
            self._line = line
        self._ipp = Ipp(line, self._path)
        self._in_doubt = False

    def _number_of(self, name: str) -> int | None:
        """The number of our job of this name that is not over."""
        answer = self._ipp.ask(
            Operation.GET_JOBS,
            [
                USER,
                (Tag.KEYWORD, "which-jobs", "not-completed"),
                (Tag.BOOLEAN, "my-jobs", True),
                (Tag.KEYWORD, "requested-attributes", ("job-id", "job-name")),
            ],
            within=ANSWER_WITHIN,
        )
        _sound(answer)
        numbers, names = answer.attributes.get("job-id", ()), answer.words("job-name")
        return next((int(number) for number, each in zip(numbers, names, strict=False) if each == name), None)

    def _job(self, number: int) -> Answer:
        wanted = ("job-state", "time-at-processing")
        return self._ipp.ask(
            Operation.GET_JOB_ATTRIBUTES,
            [(Tag.INTEGER, "job-id", number), USER, (Tag.KEYWORD, "requested-attributes", wanted)],
            within=ANSWER_WITHIN,
        )

    def _withdraw(self, number: int) -> None:
        """A job that is over, or that nobody knows, is as good as withdrawn. May raise DeviceError."""
        _sound(self._ipp.ask(Operation.CANCEL_JOB, [(Tag.INTEGER, "job-id", number), USER], within=ANSWER_WITHIN))


def _sound(answer: Answer) -> None:
    """Refused where a server has an error of its own (RFC 8011, B.1.5): it may do later what it does not now."""
    if answer.status >= SERVER_ERROR:
        raise Refused(f"ipp {answer.status:#06x}")


def _came_to(
    job: Answer,
    not_begun: Trouble | Literal["withdrawn"],
    begun: Trouble | Literal["line lost", "not finished in time"],
) -> Printed | NotPrinted | Unknown:
    """What became of a job that was withdrawn."""
    state = job.number("job-state")
    if state == COMPLETED:
        return Printed()
    return NotPrinted(not_begun) if state in (CANCELLED, ABORTED) and not was_begun(job) else Unknown(begun)


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
