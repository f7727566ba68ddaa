"""What ESC/POS bytes mean, read by the published command set; shares no code with what makes them.

Source: Epson ESC/POS Application Programming Guide. Chinese characters are on after FS &, as GB 18030 in one or two
bytes; the font ROM holds GBK, so that a sequence of four bytes prints as `?`, as it does on most printers. A command
that is not known is kept in `problems` instead of being swallowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from devices.simulated.paper_roll import Align, PaperRoll

_ALIGN: dict[int, Align] = {0: "left", 1: "center", 2: "right", 48: "left", 49: "center", 50: "right"}
_LEVELS = {48: "l", 49: "m", 50: "q", 51: "h"}
_KEPT = 20
_LONGEST_CODE = 1273
"""Bytes that a QR code holds at any level."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """What one step did, apart from setting something."""

    printed_line: bool = False
    cut: bool = False
    fed: int = 0
    """Lines that were asked for."""
    question: bool = False
    process_id: bytes = b""


class Interpreter:
    """Bytes in; one command or character a step, onto the roll."""

    def __init__(self, roll: PaperRoll, *, cutter: bool = True, process_id: bool = False) -> None:
        self.problems: list[str] = []
        self._has_cutter = cutter
        self._knows_process_ids = process_id
        self._roll = roll
        self._bytes = bytearray()
        self._reset()

    def hear(self, data: bytes) -> None:
        self._bytes += data

    def forget(self) -> None:
        """Forget what was heard and not obeyed, and all settings."""
        self._bytes.clear()
        self._reset()

    def step(self) -> Done | None:
        """Obey what comes first; None when it has not arrived whole."""
        if not self._bytes:
            return None
        first = self._bytes[0]
        if first == 0:  # nothing, however often
            del self._bytes[: len(self._bytes) - len(self._bytes.lstrip(b"\0"))]
            return Done()
        commands = {0x1B: _ESC, 0x1C: _FS, 0x1D: _GS, 0x10: _DLE}.get(first)
        if commands is None:
            return self._character(first)
        if len(self._bytes) < 2:
            return None
        command = commands.get(self._bytes[1])
        if command is None:
            self._report(f"unknown command {self._bytes[:2].hex(' ')}")
            del self._bytes[:2]
            return Done()
        length = command.length(self._bytes)
        if length is None or len(self._bytes) < length:
            return None
        whole = bytes(self._bytes[:length])
        del self._bytes[:length]
        return command.obey(self, whole)

    def _character(self, first: int) -> Done | None:
        if first == 0x0A:
            del self._bytes[:1]
            self._roll.line_feed()
            return Done(printed_line=True)
        if first < 0x20 or first == 0x7F:
            self._report(f"control character {first:02x}")
            del self._bytes[:1]
            return Done()
        if first < 0x80 or not self._chinese:
            del self._bytes[:1]
            if first >= 0x80:
                self._report(f"character {first:02x} without a code page")
            return Done(printed_line=self._roll.put(chr(first) if first < 0x80 else "?", 1))
        if len(self._bytes) < 2:
            return None
        pair = bytes(self._bytes[:2])
        if 0x30 <= pair[1] <= 0x39:
            if len(self._bytes) < 4:
                return None
            self._report(f"character {bytes(self._bytes[:4]).hex(' ')} is not in the font ROM")
            del self._bytes[:4]
            return Done(printed_line=self._roll.put("?", 2))
        del self._bytes[:2]
        try:
            character = pair.decode("gbk")
        except UnicodeDecodeError:
            self._report(f"character {pair.hex(' ')} is not in the font ROM")
            character = "?"
        return Done(printed_line=self._roll.put(character, 2))

    def _reset(self) -> None:
        self._chinese = False
        self._code_module, self._code_level, self._code_data = 3, "l", b""
        self._bar_width, self._bar_height, self._bar_text = 3, 162, False
        self._roll.reset()

    def _report(self, problem: str) -> None:
        if len(self.problems) < _KEPT:
            self.problems.append(problem)

    def _within(self, what: str, value: int, allowed: range, before: int) -> int:
        """The value if the printer knows it, else what was set before."""
        if value not in allowed:
            self._report(f"{what} {value}")
        return value if value in allowed else before

    # ---- Commands: each obeys its whole bytes

    def initialise(self, _whole: bytes) -> Done:
        self._reset()
        return Done()

    def nothing(self, _whole: bytes) -> Done:
        return Done()

    def chinese_on(self, _whole: bytes) -> Done:
        self._chinese = True
        return Done()

    def chinese_off(self, _whole: bytes) -> Done:
        self._chinese = False
        return Done()

    def bold(self, whole: bytes) -> Done:
        self._roll.bold = bool(whole[2] & 1)
        return Done()

    def align(self, whole: bytes) -> Done:
        if whole[2] in _ALIGN:
            self._roll.align = _ALIGN[whole[2]]
        else:
            self._report(f"alignment {whole[2]}")
        return Done()

    def size(self, whole: bytes) -> Done:
        self._roll.wide, self._roll.high = (whole[2] >> 4 & 7) + 1, (whole[2] & 7) + 1
        return Done()

    def spacing(self, whole: bytes) -> Done:
        self._roll.spacing = whole[2]
        return Done()

    def usual_spacing(self, _whole: bytes) -> Done:
        self._roll.spacing = 30
        return Done()

    def feed_dots(self, whole: bytes) -> Done:
        printed = self._roll.flush()
        self._roll.feed(whole[2])
        return Done(printed_line=printed)

    def feed_lines(self, whole: bytes) -> Done:
        printed = self._roll.flush()
        self._roll.feed(whole[2] * self._roll.spacing)
        return Done(printed_line=printed, fed=whole[2])

    def raster(self, whole: bytes) -> Done:
        width, height = int.from_bytes(whole[4:6], "little"), int.from_bytes(whole[6:8], "little")
        if whole[3] not in {0, 48}:
            self._report(f"raster mode {whole[3]}")
        if not width or not height:
            self._report("raster without a dot")
            return Done()
        self._roll.bitmap(width * 8, height, whole[8:])
        return Done(printed_line=True)

    def bar_width(self, whole: bytes) -> Done:
        self._bar_width = self._within("width of a bar", whole[2], range(1, 7), self._bar_width)
        return Done()

    def bar_height(self, whole: bytes) -> Done:
        self._bar_height = self._within("height of bars", whole[2], range(1, 256), self._bar_height)
        return Done()

    def bar_text(self, whole: bytes) -> Done:
        self._bar_text = bool(whole[2] & 3)
        return Done()

    def bars(self, whole: bytes) -> Done:
        """GS k 73: Code 128, of which {B is the only code set that is drawn, without characters."""
        data = whole[4:]
        if data[:2] != b"{B" or self._bar_text or re.search(rb"[^ -~]|(?<!\{)(?:\{\{)*\{(?!\{)", data[2:]):
            self._report(f"bar code {data.hex(' ')}")
            return Done()
        self._roll.bars(data[2:].replace(b"{{", b"{").decode("ascii"), self._bar_width, self._bar_height)
        return Done(printed_line=True)

    def code(self, whole: bytes) -> Done:
        """GS ( k with cn 49: QR code; GS ( H with fn 48: process id."""
        if whole[2:3] == b"H" and self._knows_process_ids and whole[3:7] == b"\x06\x0000":
            return Done(process_id=whole[7:])
        if whole[2:3] != b"k" or len(whole) < 8 - (whole[6:7] == b"\x51") or whole[5] != 49:
            self._report(f"unknown command {whole[:7].hex(' ')}")
            return Done()
        function, arguments = whole[6], whole[7:]
        match function:
            case 65:
                pass  # model 2 is the only one drawn
            case 67:
                self._code_module = self._within("module", arguments[0], range(1, 17), self._code_module)
            case 69:
                self._code_level = _LEVELS.get(arguments[0], "l")
            case 80:
                self._code_data = arguments[1:]
            case 81:
                text = self._code_data.decode("utf-8", "replace")
                if len(text.encode()) > _LONGEST_CODE:
                    self._report("QR code that is too long")
                    return Done()
                self._roll.qr(text, self._code_module, self._code_level)
                return Done(printed_line=True)
            case _:
                self._report(f"QR function {function}")
        return Done()

    def cut(self, whole: bytes) -> Done:
        if not self._has_cutter:
            self._report("cut without a cutter")
            return Done()
        printed = self._roll.flush()
        if len(whole) == 4:
            self._roll.feed(whole[3])
        return Done(printed_line=printed, cut=True)

    def question(self, whole: bytes) -> Done:
        return Done(question=whole[2] in {1, 49})


@dataclass(frozen=True)
class _Command:
    length: Callable[[bytearray], int | None]
    """Of the whole command, once enough of it is there to tell."""
    obey: Callable[[Interpreter, bytes], Done]


def _fixed(length: int, obey: Callable[[Interpreter, bytes], Done]) -> _Command:
    return _Command(lambda _heard: length, obey)


def _cut_length(heard: bytearray) -> int | None:
    return None if len(heard) < 3 else 4 if heard[2] in {65, 66} else 3


def _bars_length(heard: bytearray) -> int | None:
    return None if len(heard) < 4 else 4 + heard[3] if heard[2] >= 65 else 3


def _raster_length(heard: bytearray) -> int | None:
    if len(heard) < 8:
        return None
    return 8 + int.from_bytes(heard[4:6], "little") * int.from_bytes(heard[6:8], "little")


def _counted_length(heard: bytearray) -> int | None:
    return None if len(heard) < 5 else 5 + int.from_bytes(heard[3:5], "little")


_ESC = {
    ord("@"): _fixed(2, Interpreter.initialise),
    ord("E"): _fixed(3, Interpreter.bold),
    ord("a"): _fixed(3, Interpreter.align),
    ord("3"): _fixed(3, Interpreter.spacing),
    ord("2"): _fixed(2, Interpreter.usual_spacing),
    ord("J"): _fixed(3, Interpreter.feed_dots),
    ord("d"): _fixed(3, Interpreter.feed_lines),
    ord("t"): _fixed(3, Interpreter.nothing),
}
_FS = {
    ord("&"): _fixed(2, Interpreter.chinese_on),
    ord("."): _fixed(2, Interpreter.chinese_off),
}
_GS = {
    ord("!"): _fixed(3, Interpreter.size),
    ord("V"): _Command(_cut_length, Interpreter.cut),
    ord("v"): _Command(_raster_length, Interpreter.raster),
    ord("("): _Command(_counted_length, Interpreter.code),
    ord("r"): _fixed(3, Interpreter.question),
    ord("w"): _fixed(3, Interpreter.bar_width),
    ord("h"): _fixed(3, Interpreter.bar_height),
    ord("H"): _fixed(3, Interpreter.bar_text),
    ord("k"): _Command(_bars_length, Interpreter.bars),
}
_DLE = {
    0x04: _fixed(3, Interpreter.nothing),  # answered when it was heard
    0x05: _fixed(3, Interpreter.nothing),  # obeyed when it was heard
}
