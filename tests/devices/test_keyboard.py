from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import open_driver
from devices.errors import Lost
from devices.keyboard import KEYBOARD, MOST, PAUSE, Keyboard
from devices.scanner import NoScan, Scan, Scanner
from tests.virtual_time import Clock

CODE = "4243669509084040896099330000"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keyboard(clock: Clock) -> Keyboard:
    return Keyboard(clock.monotonic)


def type_in(keyboard: Keyboard, clock: Clock, text: str, apart: float = 0.004) -> None:
    for character in text:
        keyboard.typed(character)
        clock.now += apart


def test_what_a_wedge_types_is_a_code(keyboard: Keyboard, clock: Clock) -> None:
    scanner = Scanner(keyboard.open_line())
    type_in(keyboard, clock, CODE + "\r")
    assert scanner.read(0) == Scan(text=CODE)
    type_in(keyboard, clock, "aB+/= ~é\n")
    assert scanner.read(0) == Scan(text="aB+/= ~é")


def test_a_code_is_heard_only_when_enter_has_come(keyboard: Keyboard, clock: Clock) -> None:
    """However slowly the window hands the keys over: no pause of the line makes half of them a code."""
    scanner = Scanner(keyboard.open_line())
    type_in(keyboard, clock, CODE[:10], apart=PAUSE * 0.9)
    assert scanner.read(0) == NoScan()
    type_in(keyboard, clock, CODE[10:] + "\r", apart=PAUSE * 0.9)
    assert scanner.read(0) == Scan(text=CODE)


def test_a_pause_begins_anew(keyboard: Keyboard, clock: Clock) -> None:
    scanner = Scanner(keyboard.open_line())
    type_in(keyboard, clock, "left over")
    clock.now += PAUSE * 1.1
    type_in(keyboard, clock, CODE + "\r")
    assert scanner.read(0) == Scan(text=CODE)


def test_a_hand_at_a_keyboard_says_nothing(keyboard: Keyboard, clock: Clock) -> None:
    scanner = Scanner(keyboard.open_line())
    type_in(keyboard, clock, CODE + "\r", apart=PAUSE * 1.1)
    assert scanner.read(0) == NoScan()


def test_only_printable_characters_are_taken(keyboard: Keyboard, clock: Clock) -> None:
    scanner = Scanner(keyboard.open_line())
    type_in(keyboard, clock, "\x1b4\t2\x004\x08\x7f\r")
    assert scanner.read(0) == Scan(text="424")
    type_in(keyboard, clock, "\x00\r\r\r")
    assert scanner.read(0) == NoScan()


def test_what_never_ends_takes_no_memory_and_is_no_code(keyboard: Keyboard) -> None:
    line = keyboard.open_line()
    for _ in range(50):
        keyboard.typed("7" * 1000)
    assert len(line._begun) <= MOST + 1
    keyboard.typed("\r")
    assert line.read(100, 0) == b""
    for _ in range(1000):
        keyboard.typed("7" * 1000 + "\r")
    assert len(line._waiting) <= 4 * MOST + 1


def test_while_nobody_listens_what_is_typed_is_lost(keyboard: Keyboard, clock: Clock) -> None:
    type_in(keyboard, clock, CODE + "\r")
    assert Scanner(keyboard.open_line()).read(0) == NoScan()


def test_a_second_line_ends_the_first(keyboard: Keyboard, clock: Clock) -> None:
    first, second = Scanner(keyboard.open_line()), Scanner(keyboard.open_line())
    type_in(keyboard, clock, CODE + "\r")
    with pytest.raises(Lost):
        first.read(0)
    assert second.read(0) == Scan(text=CODE)


def test_a_reader_is_woken_by_a_code_and_by_a_cancel() -> None:
    scanner = open_driver("scanner", "scanner", "keyboard://")
    scanner.hello()
    threading.Timer(0.1, KEYBOARD.typed, [CODE + "\r"]).start()
    started = time.monotonic()
    assert scanner.read(10) == Scan(text=CODE)
    threading.Timer(0.1, scanner.cancel).start()
    with pytest.raises(Lost):
        scanner.read(10)
    with pytest.raises(Lost):
        scanner.hello()
    assert time.monotonic() - started < 3
    scanner.close()


@given(st.lists(st.text(max_size=20), max_size=20))
def test_whatever_is_typed_only_printable_codes_come_out(typed: list[str]) -> None:
    keyboard = Keyboard(Clock().monotonic)
    line = keyboard.open_line()
    for text in typed:
        keyboard.typed(text)
    for code in line.read(10_000, 0).decode("utf-8").split("\r"):
        assert code.isprintable()
