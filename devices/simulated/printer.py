"""The simulated receipt printer: ESC/POS in, paper and answers out, as the real one would, faults included.

Questions (DLE EOT) are answered at once, wherever in the bytes they stand; all else is obeyed in its turn. Without
paper, with an open cover or off line nothing is printed: what was sent waits, and is printed when that is over.

Faults are those of devices/simulated/faults.py, but that `disconnect:N` counts the bytes that come, and `slow[:S]`
waits S seconds (0.05) before each piece it reads; and

    offline              taken off line                     error            the cutter is stuck
    stops-reading        takes no more bytes                silence-after:N  the last N answers it gives
    paper-out-after:N    the roll ends after N more lines
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal, TypedDict

from devices.simulated.escpos import Interpreter
from devices.simulated.faults import COMMON, FaultKind, Faults, spoil
from devices.simulated.paper_roll import PaperRoll, Ticket
from devices.simulated.wire import HangUp, Move, Pause

PaperState = Literal["ok", "near-end", "out"]
ANSWERING = ("silence", "noise", "half")
"""The faults of an answer."""
FAULTS = (
    *COMMON,
    FaultKind(name="offline", words="脱机"),
    FaultKind(name="error", words="切刀卡住"),
    FaultKind(name="stops-reading", words="不收数据"),
    FaultKind(
        name="paper-out-after",
        words="打到一半没纸",
        form="[0-9]+",
        takes="lines, such as paper-out-after:5",
        example="5",
    ),
    FaultKind(
        name="silence-after", words="打完不回答", form="[0-9]+", takes="answers, such as silence-after:3", example="3"
    ),
)


class State(TypedDict):
    paper: PaperState
    cover_open: bool
    power: bool
    tickets: int
    problems: list[str]


class SimulatedPrinter:
    """A printer with paper of so many columns. `on_printed` is called for each piece of paper that comes out: at a cut,
    and torn off when the roll ends or another line begins. `on_change` is called whenever `state()` differs."""

    def __init__(self, columns: int, on_printed: Callable[[Ticket], None], on_change: Callable[[], None]) -> None:
        self._on_printed = on_printed
        self._on_change = on_change
        self._paper: PaperState = "ok"
        self._cover_open = False
        self._power = True
        self.faults = Faults(FAULTS, on_change, steered=self._obey)
        self._tickets = 0
        self._half_heard = b""
        self._roll = PaperRoll(columns)
        self._interpreter = Interpreter(self._roll)

    def connected(self) -> None:
        """A line begins: what waits unprinted is forgotten, what hangs out uncut is torn off."""
        self._half_heard = b""
        self._interpreter.forget()
        self._tear_off()

    def receive(self, data: bytes) -> Iterator[Move]:
        """What the printer does on hearing these bytes: answers, pauses, or hanging up."""
        if not self._power:
            return
        while self.faults.find("stops-reading"):
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
        """Off: it hears and says nothing, and forgets."""
        self._power = on
        self.connected()
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
        """The answers to these bytes: first to the questions in them, then to what is answered in its turn."""
        heard = self._half_heard + data
        answers: list[Move] = []
        end = 0
        for question in re.finditer(rb"\x10\x04([\x01-\x04])", heard):
            answers += self._say(self._status(question[1][0]))
            end = question.end()
        self._half_heard = heard[max(end, len(heard) - 2) :]
        self._interpreter.hear(data)
        return answers + self._obey()

    def _obey(self) -> list[Move]:
        """Print what has come, as long as there is paper, line by line."""
        answers: list[Move] = []
        while self._can_print() and (done := self._interpreter.step()):
            if done.question:
                answers += self._say(self._paper_status())
            if done.printed_line:
                self._use_paper()
            if done.cut and not self.faults.find("error"):
                self._tear_off()
        return answers

    def _go_on(self) -> None:
        self._obey()
        self._on_change()

    def _can_print(self) -> bool:
        standing = self.faults.find("offline") or self.faults.find("error")
        return self._power and self._paper != "out" and not self._cover_open and not standing

    def _use_paper(self) -> None:
        end = self.faults.find("paper-out-after")
        if end is None:
            return
        end.left -= 1
        if end.left <= 0:
            self.faults.remove(end)
            self._paper = "out"
            self._tear_off()
            self._on_change()

    def _tear_off(self) -> None:
        ticket = self._roll.tear_off()
        if ticket is not None:
            self._tickets += 1
            self._on_printed(ticket)
            self._on_change()

    def _status(self, question: int) -> int:
        """DLE EOT: bits 1 and 4 are always set, 0 and 7 never."""
        out, error = self._paper == "out", self.faults.find("error") is not None
        match question:
            case 1:
                return 0x12 | (0x08 if not self._can_print() else 0)
            case 2:
                return 0x12 | (0x04 if self._cover_open else 0) | (0x20 if out else 0) | (0x40 if error else 0)
            case 3:
                return 0x12 | (0x08 if error else 0)
            case _:
                return 0x12 | (0x60 if out else 0) | (0x0C if self._paper != "ok" else 0)

    def _paper_status(self) -> int:
        """GS r 1: bits 4 and 7 are never set."""
        return {"ok": 0x00, "near-end": 0x03, "out": 0x0F}[self._paper]

    def _say(self, answer: int) -> list[Move]:
        if last := self.faults.find("silence-after"):
            last.left -= 1
            if last.left < 0:
                return []
        fault = self.faults.strike(among=ANSWERING)
        said = bytes([answer])
        return [said] if fault is None else spoil(said, fault, noise=_NOISE)


_NOISE = bytes.fromhex("FF1113E08510")
