"""A person's keys, told from what a scanner types.

A keyboard wedge types a code into the window, a character every few milliseconds, and Enter after it; a person presses
one key at a time. What comes in such a burst is the scanner's (``devices.keyboard`` has it) and presses nothing. So a
character is held back until it is clear that it stands alone, and a key that is pressed by itself acts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from kivy.clock import Clock
from kivy.core.window import Window

from devices.keyboard import PAUSE

Command = Literal[
    "next", "previous", "right", "left", "down", "up", "back", "delete", "again", "listen", "louder", "softer"
]

APART = 0.06
"""Seconds: the characters of a scanner come closer than that, those of a hand hardly ever."""
SHORTEST = 4
"""Characters: no code has fewer, and no hand types as many so fast."""
STUCK = 1.0
"""Seconds. A key that goes down without having come up is held and repeats itself, every few hundredths of a second
after at most 0.7 s; after longer than this the window has missed that it came up."""

TAB, SPACE, ENTERS = 9, 32, (13, 271)
COMMANDS: dict[int, Command] = {
    TAB: "next",
    275: "right",
    276: "left",
    274: "down",
    273: "up",
    27: "back",
    8: "delete",
    282: "again",
    283: "listen",
}
"""Kivy's codes: Tab, the arrows, Escape, Backspace, F1, F2."""
CHARACTERS: dict[str, Command] = {"+": "louder", "=": "louder", "-": "softer"}


class Person(Protocol):
    """Who is told what was pressed."""

    def command(self, command: Command) -> None: ...

    def character(self, character: str) -> bool:
        """Whether something on the page bears it."""

    def choose(self, *, down: bool) -> None:
        """Enter or the space bar goes down, or comes up."""


class Keys:
    """Listens to the window. ``now`` is a monotonic clock in seconds."""

    def __init__(self, person: Person, now: Callable[[], float]) -> None:
        self._person = person
        self._now = now
        self._held_back = ""
        self._last = float("-inf")
        self._scanner = False
        self._down: dict[int, float] = {}
        self._repeats = False
        self._choosing: int | None = None
        self._quiet = Clock.create_trigger(self._be_sure, APART)
        self._sure = Clock.create_trigger(self._let_go, 0)
        Window.bind(on_key_down=self._key_down, on_key_up=self._key_up, on_textinput=self._typed)

    def close(self) -> None:
        """Listens no more."""
        Window.unbind(on_key_down=self._key_down, on_key_up=self._key_up, on_textinput=self._typed)
        self._wait_no_more()

    def forget(self) -> None:
        """Whatever was typed or is held is nobody's."""
        self._wait_no_more()
        self._held_back = ""
        self._choosing = None

    # None of these returns True: the scanner's line listens at the same window.

    def _typed(self, _window: object, text: str) -> None:
        if self._repeats:
            return
        now = self._now()
        self._scanner = self._scanner and now - self._last <= PAUSE
        self._last = now
        self._held_back += text
        self._scanner = self._scanner or len(self._held_back) >= SHORTEST
        self._wait_no_more()
        if self._scanner:
            self._held_back = ""
        else:
            self._quiet()

    def _key_down(self, _window: object, key: int, _code: int, _text: str, modifiers: Sequence[str]) -> None:
        now = self._now()
        self._repeats = now - self._down.get(key, float("-inf")) < STUCK
        self._down[key] = now
        chooses = key in ENTERS
        if self._repeats or not (chooses or key in COMMANDS) or {"ctrl", "alt", "meta"} & set(modifiers):
            return
        if self._scanner and now - self._last <= PAUSE:
            return
        self._let_go()
        if chooses:
            self._choose(key)
        elif key == TAB and "shift" in modifiers:
            self._person.command("previous")
        else:
            self._person.command(COMMANDS[key])

    def _key_up(self, _window: object, key: int, *_more: object) -> None:
        self._down.pop(key, None)
        if key == self._choosing:
            self._choosing = None
            self._person.choose(down=False)

    def _be_sure(self, _passed: float) -> None:
        """Nothing has come for a while. But what was typed while a frame was being drawn is only handed over after it:
        what is still to come comes before the next turn."""
        self._sure()

    def _let_go(self, _passed: float = 0) -> None:
        """What was held back is a person's."""
        self._wait_no_more()
        characters, self._held_back = self._held_back, ""
        for character in characters:
            if character == " ":
                self._choose(SPACE)
                if SPACE not in self._down:
                    self._key_up(None, SPACE)
            elif not self._person.character(character) and character in CHARACTERS:
                self._person.command(CHARACTERS[character])

    def _choose(self, key: int) -> None:
        if self._choosing is not None:
            self._person.choose(down=False)
        self._choosing = key
        self._person.choose(down=True)

    def _wait_no_more(self) -> None:
        self._quiet.cancel()
        self._sure.cancel()
