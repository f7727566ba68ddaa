"""Small files that a kiosk may not lose, written by the kiosk's own code and told one after the other: what is told has
to stand there after any power cut."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

from kiosk.files import write_durably

FILES: Final = ("small-a", "small-b")
ROUNDS: Final = 400


class Say(Protocol):
    """Tells the ear."""

    def __call__(self, *, file: str, holds: int) -> None: ...


def small_files(folder: Path, say: Say, rounds: int) -> None:
    """Replaces each file again and again, telling the number that it holds once that is durable."""
    for number in range(first := max(held(folder, name) for name in FILES) + 1, first + rounds):
        for name in FILES:
            write_durably(folder / name, b"%d\n" % number * 50)
            say(file=name, holds=number)


def held(folder: Path, name: str) -> int:
    """The number that a file holds; 0: there is none; -1: it is torn."""
    try:
        lines = (folder / name).read_bytes().split(b"\n")
    except FileNotFoundError:
        return 0
    whole = len(lines) == 51 and len(set(lines[:50])) == 1 and lines[0].isdigit()
    return int(lines[0]) if whole else -1
