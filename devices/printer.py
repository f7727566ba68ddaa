"""Receipt printers that speak ESC/POS: ask how the printer is, send the job, ask what became of it.

A receipt is printed, or not printed (nothing was sent: it may be tried again), or nobody knows (then only a person can
tell, and nothing is printed again by itself). That the bytes were taken says nothing: they wait in buffers of the
system, the network and the printer. So the job ends with a question that the printer answers in its turn; meanwhile,
and after it, there are questions that it answers at once (DLE EOT). In its turn comes the process id (GS ( H), "when
the printing is completed", where the model knows it, else GS r; one that may not know GS r is given a few seconds.

A line that ends in the middle of a job leaves the rest of it in the printer: somebody's name, perhaps, on the next
person's paper. So what may still be in it is dropped before anything else is printed (DLE DC4 where the model knows it;
else so many bytes of nothing that a command which was cut short is over, and ESC @), and what hangs out is cut off.

Sources: Epson ESC/POS Command Reference, DLE EOT, DLE ENQ, DLE DC4 (fn 8), ESC @, GS r, GS ( H (fn 48); TM-T88III
specification, pages 73 and 74, on errors; the clones answer with the same bytes.
"""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from devices.errors import Lost, Silent
from devices.lines import Line, answers
from devices.models import model_named

Hindrance = Literal["no paper", "cover open", "overheated", "cutter jammed", "printer error", "offline"]
During = Literal[
    "paper ran out during the job",
    "cover was opened during the job",
    "overheated during the job",
    "cutter jammed during the job",
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
Trouble = Literal["none", "overheated", "cutter jammed", "printer error", "unknown"]
"""Overheated goes by itself, a jammed cutter once the jam is removed (and DLE ENQ says so), an error not at all."""


@dataclass(frozen=True, kw_only=True)
class PrinterStatus:
    """What a printer says of itself; "unknown" and None where it does not answer the question."""

    online: bool | None = None
    cover: Literal["closed", "open", "unknown"] = "unknown"
    paper: Literal["ok", "near-end", "out", "unknown"] = "unknown"
    trouble: Trouble = "unknown"

    @property
    def hindrance(self) -> Hindrance | None:
        """Why it cannot print, the cause that a person can remove first."""
        if self.cover == "open":
            return "cover open"
        if self.paper == "out":
            return "no paper"
        match self.trouble:
            case ("overheated" | "cutter jammed" | "printer error") as trouble:
                return trouble
        return "offline" if self.online is False else None

    def __str__(self) -> str:
        online = {True: "online", False: "offline", None: "online unknown"}[self.online]
        trouble = "" if self.trouble in ("none", "unknown") else f", {self.trouble}"
        return f"{online}, cover {self.cover}, paper {self.paper}{trouble}"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long to wait for a printer, in seconds."""

    answer: float = 0.3
    """For one answer while it has nothing else to do; three silent questions must stay under a second."""
    sending: float = 10.0
    """For it to take a job, beside a second for each 800 bytes (a line of 9600 baud)."""
    last_byte: float = 2.0
    """For the first sign of life after a job, beside the same: what was sent may still wait in the system's buffer. And
    for an answer that is late: after it none comes."""
    finishing: float = 20.0
    """For a printer that answers in its turn to finish printing; an overheated one cools down in that time or not."""
    settling: float = 3.0
    """For a printer that does not: the time in which paper that runs out is noticed."""


USUAL = Limits()


class EscposPrinter:
    """A printer on a line. Blocking; `cancel` from any thread ends what is under way as a lost line.

    `columns` is the paper's width for whoever lays out the job; `model` a name in devices/models.py ("": the usual).
    """

    def __init__(self, line: Line, columns: int = 48, limits: Limits = USUAL, *, model: str = "") -> None:
        self.columns = columns
        self._line = line
        self._limits = limits
        self._model = model_named(model, columns)
        self._answers = answers(line)
        self._knows_mark = self._model.finish == "GS r"
        self._heard = b""
        self._may_hold_more = True
        """Whether bytes of an earlier job may wait in it."""
        self._may_hang_out = True
        """Whether lines of an earlier job may stand on the paper that is not cut off."""
        self._next_recovery = 0.0
        self._unanswered: list[int] = []
        """Questions whose answers may still come, in their order."""
        self._asked = 0.0
        """When the last of them was asked."""
        self._mute: set[int] | None = None
        """Questions that it leaves unanswered in quiet; None: it is not known yet."""

    def hello(self) -> Hindrance | None:
        """What keeps it from printing, None: nothing. Lost when the line ended, Silent when no question is answered.

        Drops what waits in it since an earlier job, and lets it try again after a jam, every now and then.
        """
        if self._may_hold_more and self._answers:
            self._drop_backlog()
        status = self.status()
        if status.trouble == "cutter jammed" and time.monotonic() >= self._next_recovery:
            self._next_recovery = time.monotonic() + RECOVERY_EVERY
            self._line.write(_RECOVER, self._limits.answer)
        return status.hindrance

    def status(self) -> PrinterStatus:
        """Ask DLE EOT 1, 2 and 4, and 3 where there is an error. Lost and Silent as `hello`; nothing is known on a line
        that is only written to.

        No answer says which question it is to: one that comes late would be taken for the next one's, and an open cover
        for a closed one. So after a question without an answer no other one is asked before quiet. Which questions it
        never answers is found out once; where one of the others stays open, and nothing is known to hinder, it is
        Silent.
        """
        if not self._answers:
            return PrinterStatus()
        said = self._first_said() if self._mute is None else self._said(self._mute)
        status = self._meant(said.get(1), said.get(2), said.get(4))
        if status.hindrance is None and not said.keys() | (self._mute or set()) >= set(_QUESTIONS):
            raise Silent("printer leaves a question unanswered")
        return status

    def _meant(self, general: int | None, cause: int | None, paper: int | None) -> PrinterStatus:
        cover: Literal["closed", "open", "unknown"] = "unknown"
        if cause is not None:
            cover = "open" if cause & 0x04 else "closed"
        return PrinterStatus(
            online=None if general is None else not general & 0x08,
            cover=cover,
            paper=_paper(cause, paper),
            trouble="unknown" if cause is None else "none" if not cause & 0x40 else self._ask_for_trouble(cover),
        )

    def print(self, job: bytes) -> Outcome:
        """Print these bytes, as `devices.paper.to_escpos` makes them. Never raises for what a printer does."""
        try:
            hindrance = self.hello()
            if hindrance is not None:
                return NotPrinted(hindrance)
            if self._answers and self._may_hang_out:
                self._write(self._cut_off())
                self._may_hang_out = False
        except Silent:
            return NotPrinted("no answer")
        except Lost:
            return NotPrinted("line lost")
        outcome = self._send_and_finish(job)
        if isinstance(outcome, Unknown):
            self._may_hold_more = self._may_hang_out = True
            self._drop_what_is_left()
        return outcome

    def cancel(self) -> None:
        self._line.cancel()

    def close(self) -> None:
        self._line.close()

    # ---- The job

    def _send_and_finish(self, job: bytes) -> Outcome:
        try:
            trouble = self._send(job)
            if trouble is not None:
                return trouble
            return self._finish(job) if self._answers else Unknown("no status on this line")
        except Lost:
            return Unknown("line lost during the job")

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
        """Wait for the answer at the end of the job, for trouble, or for the time that settles it."""
        began: float | None = None
        silent_until = time.monotonic() + self._limits.last_byte + len(job) / _SLOWEST
        name = bytes(secrets.choice(_NAME_BYTES) for _ in range(4))
        by_id = self._model.finish == "process id"
        self._heard = b""
        try:
            self._line.write(b"\x1d(H\x06\x0000" + name if by_id else _MARK, self._limits.last_byte)
            while True:
                finished = self._has_heard(name)
                try:
                    hindrance = self.status().hindrance
                except Silent:
                    if time.monotonic() > silent_until:
                        return Unknown("no answer after the job")
                    continue
                if hindrance is not None and hindrance != "overheated":
                    return Unknown(_DURING[hindrance])
                if finished:
                    self._knows_mark = True
                    if by_id or hindrance is None:
                        return Printed()
                now = time.monotonic()
                began = began or now
                silent_until = max(silent_until, now + self._limits.last_byte)
                answers_in_turn = by_id or self._knows_mark or hindrance is not None
                if now > began + (self._limits.finishing if answers_in_turn else self._limits.settling):
                    if hindrance is not None:
                        return Unknown(_DURING[hindrance])
                    return Unknown("not finished in time") if answers_in_turn else Printed()
                if not self._has_heard(name) or hindrance is not None:
                    self._hear(_PAUSE)
        except Silent:
            return Unknown("printer stopped reading")

    def _has_heard(self, name: bytes) -> bool:
        """Whether the answer at the end of the job has come: its process id, or GS r's, without the bits 4 and 7."""
        if self._model.finish == "process id":
            return b"7\x22" + name + b"\0" in self._heard
        return any(byte & 0x90 == 0 for byte in self._heard)

    # ---- What an earlier job left

    def _drop_backlog(self) -> None:
        """Before anything is asked: a question would be taken for more of a command that was cut short. Where the model
        cannot clear, only whole lines that wait for paper are printed after this."""
        cleared = self._model.clears and self._clear()
        self._write(_INITIALISE if cleared else _NOTHING + _INITIALISE)
        self._may_hold_more = False

    def _drop_what_is_left(self) -> None:
        """At once after a job that failed, while it waits for paper: the rest of it must not come out with the roll."""
        if self._answers and self._model.clears:
            with suppress(Lost):
                self._clear()

    def _clear(self) -> bool:
        """DLE DC4, fn 8: whether it says at once that receive and print buffer are empty."""
        self._heard = b""
        self._line.write(_CLEAR, self._limits.answer)
        until = time.monotonic() + self._limits.answer / 2
        while _CLEARED not in self._heard and (rest := until - time.monotonic()) > 0:
            self._hear(rest)
        return _CLEARED in self._heard

    def _cut_off(self) -> bytes:
        """What hangs out of it is past the cutter, and a piece of its own."""
        feed = _INITIALISE + b"\x1bd" + bytes([self._model.feed])
        return feed if self._model.cut == "none" else feed + b"\x1dV\x01"

    def _write(self, data: bytes) -> None:
        until = time.monotonic() + self._limits.answer + len(data) / _SLOWEST
        for start in range(0, len(data), _CHUNK):
            self._line.write(data[start : start + _CHUNK], max(0.0, until - time.monotonic()))

    # ---- Questions

    def _said(self, mute: set[int]) -> dict[int, int]:
        """The answers up to the first question without one, those that it never answers last. Silent without any."""
        said: dict[int, int] = {}
        for question in sorted(_QUESTIONS, key=lambda each: each in mute):
            if (answer := self._ask(question)) is not None:
                said[question] = answer
            elif question not in mute:
                break
        if not said:
            raise Silent("printer does not answer")
        return said

    def _first_said(self) -> dict[int, int]:
        """The same of a printer of which nothing is known. An answer that comes after a question without one may be
        late: then all are asked once more, in quiet."""
        self._wait_for_quiet()
        said = self._each(self._limits.answer)
        if said and _QUESTIONS[0] not in said:
            self._wait_for_quiet()
            said = self._each(self._limits.last_byte)
        if not said:
            raise Silent("printer answers none of three questions")
        self._unanswered.clear()
        self._mute = set(_QUESTIONS) - said.keys()
        return said

    def _each(self, within: float) -> dict[int, int]:
        """All answers; once there is one, the others are waited for as long as the latest may take."""
        said: dict[int, int] = {}
        for question in _QUESTIONS:
            if (answer := self._ask_once(question, self._limits.last_byte if said else within)) is not None:
                said[question] = answer
        return said

    def _ask_for_trouble(self, cover: str) -> Trouble:
        errors = self._ask(3)
        if errors is None and self._mute is not None:
            self._mute.add(3)
        if errors is None or errors & 0x20:
            return "printer error"
        if errors & 0x0C:
            return "cutter jammed"
        return "overheated" if errors & 0x40 and cover == "closed" else "printer error"

    def _ask(self, question: int) -> int | None:
        """The answer to DLE EOT `question`, asked in quiet and up to three times; None when there is none."""
        if any(each != question for each in self._unanswered):
            self._wait_for_quiet()
        is_mute = self._mute is not None and question in self._mute
        for _ in range(1 if is_mute else _TIMES):
            if (said := self._ask_once(question, self._limits.answer)) is not None:
                if self._mute is not None:
                    self._mute.discard(question)
                return said
        if is_mute:
            self._unanswered.clear()
        return None

    def _ask_once(self, question: int, within: float) -> int | None:
        for _ in range(_LATE):
            if not self._hear(0):
                break
        self._line.write(b"\x10\x04" + bytes([question]), self._limits.answer)
        self._asked = time.monotonic()
        self._unanswered.append(question)
        while (rest := self._asked + within - time.monotonic()) > 0:
            for byte in self._hear(rest):
                if _answers_at_once(byte):
                    return byte
        return None

    def _wait_for_quiet(self) -> None:
        """Throw away what is late, until all is answered, or was asked so long ago that no answer will come."""
        while self._unanswered and (rest := self._asked + self._limits.last_byte - time.monotonic()) > 0:
            self._hear(rest)
        self._unanswered.clear()

    def _hear(self, within: float) -> bytes:
        """What has come, b"" for silence; keeps on the way what is no answer to DLE EOT."""
        heard = self._line.read(64, within)
        del self._unanswered[: sum(map(_answers_at_once, heard))]
        self._heard = (self._heard + bytes(byte for byte in heard if not _answers_at_once(byte)))[-_KEPT:]
        return heard


RECOVERY_EVERY = 30.0
"""Seconds between two attempts to go on after a jam: nobody should have a finger in the cutter."""
_MARK = b"\x1dr\x01"
_NAME_BYTES = bytes(range(0x41, 0x50))
"""Of a process id: no byte that could be an answer to DLE EOT."""
_CLEAR, _CLEARED = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", b"7\x25\x00"
_RECOVER = b"\x10\x05\x02"
_INITIALISE = b"\x1b@"
_NOTHING = bytes(2400)
"""As many bytes as the longest command of a job may have (devices.paper.LONGEST)."""
_CHUNK = 1024
_KEPT = 256
_QUESTIONS = (1, 2, 4)
_TIMES = 3
"""How often a question is asked: three silent ones are a printer that is not there."""
_LATE = 16
"""Reads that throw away what came unasked, at most: a line full of noise must not hold the driver."""
_SLOWEST = 800.0
_PAUSE = 0.2
_DURING: dict[Hindrance, During] = {
    "no paper": "paper ran out during the job",
    "cover open": "cover was opened during the job",
    "overheated": "overheated during the job",
    "cutter jammed": "cutter jammed during the job",
    "printer error": "printer error during the job",
    "offline": "offline during the job",
}


def _answers_at_once(byte: int) -> bool:
    """DLE EOT's answers: bits 1 and 4 are set, 0 and 7 are not."""
    return byte & 0x93 == 0x12


def _paper(cause: int | None, paper: int | None) -> Literal["ok", "near-end", "out", "unknown"]:
    if (paper is not None and paper & 0x60) or (cause is not None and cause & 0x20):
        return "out"
    if paper is None:
        return "unknown"
    return "near-end" if paper & 0x0C else "ok"
