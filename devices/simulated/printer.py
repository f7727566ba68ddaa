"""The simulated receipt printer: ESC/POS in, paper and answers out, as the real one would, faults included.

Questions (DLE EOT) are answered at once, wherever in the bytes they stand; all else is obeyed in its turn. Without
paper, with an open cover or off line nothing is printed: what was sent waits, and is printed when that is over, on the
same line or after another has begun. Only switching it off makes it forget, and DLE DC4 where its kind knows that.

Faults are those of devices/simulated/faults.py, but that `disconnect:N` counts the bytes that come, and `slow[:S]`
waits S seconds (0.05) before each piece it reads; and

    offline              taken off line                     error            broken, for good
    jam                  the cutter is stuck, until so many DLE ENQ (the times of the fault) have come
    overheated           the head is too hot                overheats-after:N  after N more lines
    stops-reading[:N]    takes N more bytes, and no more    silence-after:N  the last N answers it gives
    paper-out-after:N    the roll ends after N more lines   near-end-after:N   it is nearly used up after as many
    cover-after:N        somebody opens the cover after N more lines
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypedDict

from devices.control import PaperState
from devices.simulated.escpos import Interpreter
from devices.simulated.faults import COMMON, FaultKind, Faults, spoil
from devices.simulated.paper_roll import PaperRoll, Ticket
from devices.simulated.wire import HangUp, Move, Pause

ANSWERING = ("silence", "noise", "half")
"""The faults of an answer."""
FAULTS = (
    *COMMON,
    FaultKind(name="offline"),
    FaultKind(name="error"),
    FaultKind(name="jam"),
    FaultKind(name="overheated"),
    FaultKind(name="stops-reading", form="[0-9]*", takes="bytes, such as stops-reading:200"),
    FaultKind(name="paper-out-after", form="[0-9]+", takes="lines, such as paper-out-after:5"),
    FaultKind(name="near-end-after", form="[0-9]+", takes="lines, such as near-end-after:5"),
    FaultKind(name="cover-after", form="[0-9]+", takes="lines, such as cover-after:5"),
    FaultKind(name="overheats-after", form="[0-9]+", takes="lines, such as overheats-after:5"),
    FaultKind(name="silence-after", form="[0-9]+", takes="answers, such as silence-after:3"),
)


Kind = Literal["usual", "epson", "simple"]


@dataclass(frozen=True, kw_only=True)
class Abilities:
    """What one kind of printer knows and another does not."""

    cutter: bool = True
    marks: bool = True
    """GS r."""
    process_id: bool = False
    """GS ( H, fn 48."""
    clears: bool = False
    """DLE DC4, fn 8."""


KINDS: dict[Kind, Abilities] = {
    "usual": Abilities(),
    "epson": Abilities(process_id=True, clears=True),
    "simple": Abilities(cutter=False, marks=False),
}


class State(TypedDict):
    paper: PaperState
    cover_open: bool
    power: bool
    tickets: int
    problems: list[str]


class SimulatedPrinter:
    """A printer with paper of so many columns. `on_printed` is called for each piece of paper that comes out: at a cut,
    and torn off when the roll ends, or when enough is fed where there is no cutter. `on_change` is called whenever
    `state()` differs."""

    def __init__(
        self,
        columns: int,
        on_printed: Callable[[Ticket], None],
        on_change: Callable[[], None],
        *,
        kind: Kind = "usual",
    ) -> None:
        self._abilities = KINDS[kind]
        self._on_printed = on_printed
        self._on_change = on_change
        self._paper: PaperState = "ok"
        self._cover_open = False
        self._power = True
        self.faults = Faults(FAULTS, on_change, steered=self._obey)
        self._tickets = 0
        self._half_heard = b""
        self._roll = PaperRoll(columns)
        self._interpreter = Interpreter(
            self._roll, cutter=self._abilities.cutter, process_id=self._abilities.process_id
        )

    def connected(self) -> None:
        """A line begins; what came on the one before waits on."""
        self._half_heard = b""

    def receive(self, data: bytes) -> Iterator[Move]:
        """What the printer does on hearing these bytes: answers, pauses, or hanging up."""
        if not self._power:
            return
        if stop := self.faults.find("stops-reading"):
            taken, data = data[: stop.left], data[stop.left :]
            stop.left -= len(taken)
            yield from self._hear(taken)
            while data and self.faults.find("stops-reading"):
                yield Pause(0.05)
        if slow := self.faults.find("slow"):
            self.faults.used(slow)
            yield Pause(slow.seconds(0.05))
        drop = self.faults.find("disconnect")
        if drop is not None:
            data = data[: drop.left]
            drop.left -= len(data)
        yield from self._hear(data)
        if drop is not None and drop.left <= 0:
            drop.left = int(drop.value)
            self.faults.used(drop)
            yield HangUp()

    def set_paper(self, state: PaperState) -> None:
        """Put paper in, or take it out."""
        self._paper = state
        self._go_on()

    def set_cover(self, is_open: bool) -> None:
        self._cover_open = is_open
        self._go_on()

    def set_power(self, on: bool) -> None:
        """Off: it hears and says nothing, and forgets; what hangs out uncut is torn off."""
        self._power = on
        self._half_heard = b""
        self._interpreter.forget()
        self._tear_off()
        self._go_on()

    def state(self) -> State:
        return {
            "paper": self._paper,
            "cover_open": self._cover_open,
            "power": self._power,
            "tickets": self._tickets,
            "problems": list(self._interpreter.problems),
        }

    def _hear(self, data: bytes) -> list[Move]:
        """The answers to these bytes: first to what is obeyed at once, then to what is answered in its turn."""
        heard = self._half_heard + data
        answers: list[Move] = []
        end = 0
        for command in _AT_ONCE.finditer(heard):
            end = command.end()
            if command["question"]:
                answers += self._say(bytes([self._status(command["question"][0])]))
            elif command["request"]:
                if self._recover() and command["request"] == b"\x02":
                    self._interpreter.forget()
                    data = heard[end:]
            elif self._abilities.clears:
                self._interpreter.forget()
                data = heard[end:]
                answers += self._say(b"7\x25\x00")
        self._half_heard = heard[max(end, len(heard) - 9) :]
        self._interpreter.hear(data)
        return answers + self._obey()

    def _recover(self) -> bool:
        """DLE ENQ: goes on after an error that can be removed; whether there was one."""
        jam = self.faults.find("jam")
        if jam is not None:
            self.faults.used(jam)
        return jam is not None

    def _obey(self) -> list[Move]:
        """Print what has come, as long as there is paper, line by line."""
        answers: list[Move] = []
        while self._can_print() and (done := self._interpreter.step()):
            if done.question and self._abilities.marks:
                answers += self._say(bytes([self._paper_status()]))
            if done.process_id:
                answers += self._say(b"7\x22" + done.process_id + b"\x00")
            if done.printed_line:
                self._use_paper()
            if done.cut or (done.fed >= _ENOUGH_TO_TEAR and not self._abilities.cutter):
                self._tear_off()
        return answers

    def _go_on(self) -> None:
        self._obey()
        self._on_change()

    def _can_print(self) -> bool:
        standing = any(self.faults.find(kind) for kind in ("offline", *ERRORS))
        return self._power and self._paper != "out" and not self._cover_open and not standing

    def _use_paper(self) -> None:
        """A line was printed: what was to happen after so many of them may happen now."""
        for kind in _AFTER_LINES:
            after = self.faults.find(kind)
            if after is None:
                continue
            after.left -= 1
            if after.left <= 0:
                self.faults.remove(after)
                self._happen(kind)
                self._on_change()

    def _happen(self, kind: str) -> None:
        match kind:
            case "paper-out-after":
                self._paper = "out"
                self._tear_off()
            case "near-end-after":
                self._paper = "near-end"
            case "cover-after":
                self._cover_open = True
            case _:
                self.faults.add("overheated", None)

    def _tear_off(self) -> None:
        ticket = self._roll.tear_off()
        if ticket is not None:
            self._tickets += 1
            self._on_printed(ticket)
            self._on_change()

    def _status(self, question: int) -> int:
        """DLE EOT: bits 1 and 4 are always set, 0 and 7 never."""
        out = self._paper == "out"
        errors = sum(bit for kind, bit in ERRORS.items() if self.faults.find(kind))
        match question:
            case 1:
                return 0x12 | (0x08 if not self._can_print() else 0)
            case 2:
                return 0x12 | (0x04 if self._cover_open else 0) | (0x20 if out else 0) | (0x40 if errors else 0)
            case 3:
                return 0x12 | errors
            case _:
                return 0x12 | (0x60 if out else 0) | (0x0C if self._paper != "ok" else 0)

    def _paper_status(self) -> int:
        """GS r 1: bits 4 and 7 are never set."""
        return {"ok": 0x00, "near-end": 0x03, "out": 0x0F}[self._paper]

    def _say(self, said: bytes) -> list[Move]:
        if last := self.faults.find("silence-after"):
            last.left -= 1
            if last.left < 0:
                return []
        fault = self.faults.strike(among=ANSWERING)
        return [said] if fault is None else spoil(said, fault, noise=_NOISE)


ERRORS = {"jam": 0x08, "error": 0x20, "overheated": 0x40}
"""The faults that are errors: the bit of each in the answer to DLE EOT 3."""
_AFTER_LINES = ("paper-out-after", "near-end-after", "cover-after", "overheats-after")
_ENOUGH_TO_TEAR = 4
_AT_ONCE = re.compile(
    rb"\x10\x04(?P<question>[\x01-\x04])|\x10\x05(?P<request>[\x01\x02])|\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
)
_NOISE = bytes.fromhex("FF1113E08510")
