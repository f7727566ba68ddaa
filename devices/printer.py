"""Receipt printers that speak ESC/POS: ask how the printer is, send the job, ask what became of it.

A receipt is printed, or not printed (nothing was sent: it may be tried again), or nobody knows (then only a person can
tell, and nothing is printed again by itself). That the bytes were taken says nothing: they wait in buffers of the
system, the network and the printer. So the job ends with a question that the printer answers in its turn (GS r), and
meanwhile, and after it, questions that it answers at once (DLE EOT). Printers that know no GS r are given a few
seconds instead.

Source: Epson ESC/POS Application Programming Guide, DLE EOT and GS r; the clones answer with the same bytes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from devices.errors import Lost, Silent
from devices.lines import Line, answers

Hindrance = Literal["no paper", "cover open", "printer error", "offline"]
During = Literal[
    "paper ran out during the job",
    "cover was opened during the job",
    "printer error during the job",
    "offline during the job",
]


@dataclass(frozen=True)
class Printed:
    """The printer took the whole job and is well after it."""


@dataclass(frozen=True)
class NotPrinted:
    """Nothing of the job was sent."""

    reason: Hindrance | Literal["no answer", "line lost"]


@dataclass(frozen=True)
class Unknown:
    """The job, or a part of it, was sent; what is on the paper is not known."""

    reason: (
        During
        | Literal[
            "printer stopped reading",
            "line lost during the job",
            "no answer after the job",
            "not finished in time",
            "no status on this line",
        ]
    )


Outcome = Printed | NotPrinted | Unknown


@dataclass(frozen=True, kw_only=True)
class PrinterStatus:
    """What a printer says of itself; "unknown" and None where it does not answer the question."""

    online: bool | None = None
    cover: Literal["closed", "open", "unknown"] = "unknown"
    paper: Literal["ok", "near-end", "out", "unknown"] = "unknown"
    error: bool | None = None

    @property
    def hindrance(self) -> Hindrance | None:
        """Why it cannot print, the cause that a person can remove first."""
        if self.cover == "open":
            return "cover open"
        if self.paper == "out":
            return "no paper"
        if self.error:
            return "printer error"
        return "offline" if self.online is False else None

    def __str__(self) -> str:
        online = {True: "online", False: "offline", None: "online unknown"}[self.online]
        return f"{online}, cover {self.cover}, paper {self.paper}{', error' if self.error else ''}"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long to wait for a printer, in seconds."""

    answer: float = 0.3
    """For one answer while it has nothing else to do; three silent questions must stay under a second."""
    sending: float = 10.0
    """For it to take a job, beside a second for each 800 bytes (a line of 9600 baud)."""
    last_byte: float = 2.0
    """For the first sign of life after a job, beside the same: what was sent may still wait in the system's buffer."""
    finishing: float = 20.0
    """For a printer that answers GS r to finish printing."""
    settling: float = 3.0
    """For a printer that does not: the time in which paper that runs out is noticed."""


USUAL = Limits()


class EscposPrinter:
    """A printer on a line. Blocking; `cancel` from any thread ends what is under way as a lost line.

    `columns` is the paper's width for whoever lays out the job.
    """

    def __init__(self, line: Line, columns: int = 48, limits: Limits = USUAL) -> None:
        self.columns = columns
        self._line = line
        self._limits = limits
        self._answers = answers(line)
        self._knows_marks = False
        self._mark_seen = False

    def hello(self) -> Hindrance | None:
        """What keeps it from printing, None: nothing. Lost when the line ended, Silent when no question is answered."""
        return self.status().hindrance

    def status(self) -> PrinterStatus:
        """Ask DLE EOT 1, 2 and 4. Lost and Silent as `hello`; nothing is known on a line that is only written to."""
        if not self._answers:
            return PrinterStatus()
        general, cause, paper = (self._ask(question) for question in (1, 2, 4))
        if general is None and cause is None and paper is None:
            raise Silent("printer answers none of three questions")
        return PrinterStatus(
            online=None if general is None else not general & 0x08,
            cover="unknown" if cause is None else "open" if cause & 0x04 else "closed",
            paper=_paper(cause, paper),
            error=None if cause is None else bool(cause & 0x40),
        )

    def print(self, job: bytes) -> Outcome:
        """Print these bytes, as `devices.paper.to_escpos` makes them. Never raises for what a printer does."""
        if self._answers:
            try:
                hindrance = self.status().hindrance
            except Silent:
                return NotPrinted("no answer")
            except Lost:
                return NotPrinted("line lost")
            if hindrance is not None:
                return NotPrinted(hindrance)
        try:
            trouble = self._send(job)
            if trouble is not None:
                return trouble
            return self._finish(job) if self._answers else Unknown("no status on this line")
        except Lost:
            return Unknown("line lost during the job")

    def cancel(self) -> None:
        self._line.cancel()

    def close(self) -> None:
        self._line.close()

    def _send(self, job: bytes) -> NotPrinted | Unknown | None:
        """None when the line took all of it. The first byte goes alone: if it is not taken, nothing has left."""
        until = time.monotonic() + self._limits.sending + len(job) / _SLOWEST
        try:
            self._line.write(job[:1], self._limits.answer)
        except Silent:
            return NotPrinted("no answer")
        except Lost:
            return NotPrinted("line lost")
        for start in range(1, len(job), _CHUNK):
            try:
                self._line.write(job[start : start + _CHUNK], max(0.0, until - time.monotonic()))
            except Silent:
                return Unknown("printer stopped reading")
        return None

    def _finish(self, job: bytes) -> Printed | Unknown:
        """Wait for the mark at the end of the job, for trouble, or for the time that settles it."""
        began: float | None = None
        silent_until = time.monotonic() + self._limits.last_byte + len(job) / _SLOWEST
        self._mark_seen = False
        try:
            self._line.write(_MARK, self._limits.last_byte)
            while True:
                marked = self._mark_seen
                try:
                    status = self.status()
                except Silent:
                    if time.monotonic() > silent_until:
                        return Unknown("no answer after the job")
                    continue
                if status.hindrance is not None:
                    return Unknown(_DURING[status.hindrance])
                if marked:
                    self._knows_marks = True
                    return Printed()
                now = time.monotonic()
                began = began or now
                silent_until = max(silent_until, now + self._limits.last_byte)
                if now > began + (self._limits.finishing if self._knows_marks else self._limits.settling):
                    return Unknown("not finished in time") if self._knows_marks else Printed()
                if not self._mark_seen:
                    self._hear(_PAUSE)
        except Silent:
            return Unknown("printer stopped reading")

    def _ask(self, question: int) -> int | None:
        """The answer to DLE EOT `question`; None when there is none in time. Answers that come late are thrown away."""
        for _ in range(_LATE):
            if not self._hear(0):
                break
        self._line.write(b"\x10\x04" + bytes([question]), self._limits.answer)
        until = time.monotonic() + self._limits.answer
        while (rest := until - time.monotonic()) > 0:
            for byte in self._hear(rest):
                if byte & 0x93 == 0x12:  # bits 1 and 4 are set, 0 and 7 are not
                    return byte
        return None

    def _hear(self, within: float) -> bytes:
        """What has come, b"" for silence; notices the answer to GS r on the way: bits 4 and 7 are not set in it."""
        heard = self._line.read(64, within)
        if any(byte & 0x90 == 0 for byte in heard):
            self._mark_seen = True
        return heard


_MARK = b"\x1dr\x01"
_CHUNK = 1024
_LATE = 16
"""Reads that throw away what came unasked, at most: a line full of noise must not hold the driver."""
_SLOWEST = 800.0
_PAUSE = 0.2
_DURING: dict[Hindrance, During] = {
    "no paper": "paper ran out during the job",
    "cover open": "cover was opened during the job",
    "printer error": "printer error during the job",
    "offline": "offline during the job",
}


def _paper(cause: int | None, paper: int | None) -> Literal["ok", "near-end", "out", "unknown"]:
    if (paper is not None and paper & 0x60) or (cause is not None and cause & 0x20):
        return "out"
    if paper is None:
        return "unknown"
    return "near-end" if paper & 0x0C else "ok"
