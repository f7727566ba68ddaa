"""A hand at the keyboard: keys as the window hands them over, one after the other."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from kivy.core.window import Window

from screens.keys import APART
from screens.touch import DOUBLE_KEY
from screens.tour import next_frame

CODES = {
    "tab": 9, "enter": 13, "escape": 27, "space": 32, "backspace": 8,
    "up": 273, "down": 274, "right": 275, "left": 276, "f1": 282, "f2": 283, "keypad enter": 271,
}  # fmt: skip


def key_down(name: str, *modifiers: str) -> None:
    """The key goes down, or repeats itself."""
    Window.dispatch("on_key_down", CODES[name], 0, "", list(modifiers))


def key_up(name: str) -> None:
    """The key comes up."""
    Window.dispatch("on_key_up", CODES[name], 0)


def press_at_once(name: str) -> None:
    """Presses the key, between two frames."""
    key_down(name)
    key_up(name)


async def press(*names: str, shift: bool = False) -> None:
    """Presses the keys, a frame each."""
    for name in names:
        key_down(name, *(["shift"] if shift else []))
        if name == "space":
            Window.dispatch("on_textinput", " ")
        key_up(name)
        await next_frame()
        if name == "space":
            await alone()


async def type_slowly(text: str) -> None:
    """Types characters as a hand does, which does not hit one key twice as fast as a panel bounces."""
    for before, character in pairwise(f" {text}"):
        if character == before:
            await asyncio.sleep(DOUBLE_KEY)
        Window.dispatch("on_textinput", character)
        await alone()


async def type_fast(code: str, *, end: str = "enter") -> None:
    """Types a code as a scanner does, a few characters in each frame, and the key at its end."""
    for start in range(0, len(code), 3):
        for character in code[start : start + 3]:
            Window.dispatch("on_textinput", character)
        await next_frame()
    key_down(end)
    key_up(end)
    await next_frame()


async def alone() -> None:
    """Until it is clear that no other character follows."""
    await asyncio.sleep(APART)
    for _frame in range(4):
        await next_frame()
